"""What the forecast in force says to the policies that read it; without one, nothing changes."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.demand_model import DemandModel
from dispatch.domain.ids import TrustCode
from dispatch.domain.local_time import LONDON, hour_of_week
from dispatch.ports import Area, Picture

Floats = npt.NDArray[np.float64]

NO_FORECAST: Final = "no forecast in force"


def model_of(picture: Picture, trust: TrustCode) -> DemandModel | None:
    """Return a trust's model in the forecast that is believed now; None where there is none."""
    forecast = picture.state.feeds.forecast_at(picture.now_ms)
    return None if forecast is None else forecast.trusts.get(trust)


def demand_of(picture: Picture, trust: TrustCode, area: Area) -> tuple[Floats, tuple[str, ...]]:
    """Return the share of each place in a trust's demand now, and what could not be used.

    The forecast's share of the hour where the configuration uses it and it knows the places; else
    the residents' share, and where a forecast was asked for, words that say so.
    """
    if not picture.settings.forecast.cover:
        return area.demand, ()
    model = model_of(picture, trust)
    shares = None if model is None else _shares(picture, trust, area, model)
    if shares is None:
        return area.demand, (f"demand by the hour ({NO_FORECAST}: by residents)",)
    return shares, ()


def _shares(picture: Picture, trust: TrustCode, area: Area, model: DemandModel) -> Floats | None:
    """Return the shares of an area's places in its order; None where the model knows none."""
    hour = hour_of_week(LONDON, picture.now_ms)
    block = model.block_of_hour[hour % 24]
    kept = picture.memo.setdefault("forecast shares", {})
    key = model.version, trust, block
    if key not in kept:
        known = dict(zip(model.places, model.shares(hour).tolist(), strict=True))
        found = np.array([known.get(place, 0.0) for place in area.places])
        kept[key] = found / found.sum() if found.sum() > 0.0 else None
    shares: Floats | None = kept[key]
    return shares


def rates_per_min(
    picture: Picture, trust: TrustCode, periods: int, period_min: float
) -> tuple[float, ...] | None:
    """Return the incidents a minute that are expected in each coming period.

    None where the configuration does not use a forecast for prices, or none is in force.
    """
    if not picture.settings.forecast.prices:
        return None
    model = model_of(picture, trust)
    if model is None:
        return None
    middle_ms = picture.now_ms + round(period_min * 30_000)
    step_ms = round(period_min * 60_000)
    # To the hour, so that the same prices serve all of it.
    hours = [hour_of_week(LONDON, middle_ms + i * step_ms) for i in range(periods)]
    return tuple(model.per_hour(hour) / 60.0 for hour in hours)
