"""Fit a forecast of demand to a call log, and say how it does on days that it has not seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.call_log.log import CallLog
from benchmarks.simulator.home_trust import home_trusts
from dispatch.domain.demand_model import DAYS_OF_WEEK, HOURS_OF_DAY, DemandModel, Forecast
from dispatch.domain.ids import TrustCode
from dispatch.domain.local_time import HOUR_MS, offset_ms
from dispatch.policies.forecast import (
    ForecastRules,
    ForecastScore,
    PlaceHistory,
    block_of_hours,
    fit_demand,
    score,
)
from dispatch.policies.forecast_file import forecast_from_json, named
from maps.facilities import Demand
from maps.region import Region

Int64s = npt.NDArray[np.int64]

DAYS_MIN: Final = 2 * DAYS_OF_WEEK
"""Whole days of a log below which nothing is fitted."""

_M_PER_DEGREE: Final = 111_195.0
_MONDAY_SHIFT_H: Final = 72
"""Hours from a Monday to 1 January 1970, a Thursday."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_QUARTER_MS: Final = 15 * 60_000


class TrustFit(msgspec.Struct, frozen=True, kw_only=True):
    """One trust's fit: how much it was fitted to, and its errors on held-out days.

    ``naive_mae_hour`` and ``naive_mae_day`` are those of saying what the same hour, or day, of the
    week before had, on the same held-out days. Scores are None where the log is too short to hold
    days out.
    """

    trust: str
    incidents: int
    days: int
    per_day: float
    score: ForecastScore | None
    naive_mae_hour: float | None = None
    naive_mae_day: float | None = None


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast, how each trust's fit did, and the trusts that could not be fitted, with why."""

    forecast: Forecast
    fits: tuple[TrustFit, ...]
    left_out: dict[str, str]


def fit(
    log: CallLog,
    region: Region,
    *,
    days_held_out: int = 28,
    rules: ForecastRules | None = None,
) -> Fitted:
    """Return the forecast of a log, trust by trust, in the region's local hours.

    Parameters
    ----------
    days_held_out
        Last days of the log on which the forecast of one day ahead is scored; fewer where the log
        leaves less than two weeks before them.

    Raises
    ------
    ValueError
        When no trust of the region has two whole weeks with incidents.
    """
    if not len(log):
        raise ValueError("Expected a log with at least one usable incident, was none.")
    rules = rules or ForecastRules()
    hour = _local_hours(log.received_at_ms, region.timezone)
    trusts = np.array(home_trusts(log, region))
    models: dict[TrustCode, DemandModel] = {}
    fits: list[TrustFit] = []
    left_out: dict[str, str] = {}
    first, last = int(hour.min()), int(hour.max())
    for code in sorted({trust.code for trust in region.trusts}):
        rows = np.flatnonzero(trusts == code)
        hourly = np.bincount(hour[rows] - first, minlength=last - first + 1).astype(np.float64)
        start = (first + _MONDAY_SHIFT_H) % 168
        places = _places(log, region.demand, code, rows, hour[rows], rules)
        try:
            models[TrustCode(code)] = fit_demand(hourly, start, rules, places)
        except ValueError as error:
            left_out[code] = str(error)
            continue
        fits.append(_scored(code, hourly, start, min(days_held_out, _spare_days(hourly, start))))
    if not models:
        why = next(iter(left_out.values()), "no trust")
        raise ValueError(f"Expected a log of two weeks or more for a forecast: {why}")
    forecast = named(
        Forecast(
            version="",
            region=region.name,
            from_day=_day(first),
            until_day=_day(last),
            trusts=models,
        )
    )
    return Fitted(forecast=forecast, fits=tuple(fits), left_out=left_out)


def load_forecast(path: Path, region_name: str) -> Forecast:
    """Return the forecast of a file.

    Raises
    ------
    ValueError
        When the file is not a forecast, was altered, or belongs to another region.
    """
    try:
        return forecast_from_json(path.read_bytes(), region_name)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def save_forecast(forecast: Forecast, path: Path) -> None:
    """Write a forecast to a file of JSON."""
    path.write_bytes(msgspec.json.encode(forecast) + b"\n")


def _local_hours(at_ms: Int64s, zone: str) -> Int64s:
    """Return the local hour of each instant, counted from 1970; the clocks' hour counts twice."""
    # Zones change on a quarter of an hour: one look for each that occurs.
    quarters, where = np.unique(at_ms // _QUARTER_MS, return_inverse=True)
    offsets = np.array([offset_ms(zone, q * _QUARTER_MS) for q in quarters.tolist()], np.int64)
    hours: Int64s = (at_ms + offsets[where]) // HOUR_MS
    return hours


def _places(
    log: CallLog,
    demand: Demand,
    trust: str,
    rows: Int64s,
    hour: Int64s,
    rules: ForecastRules,
) -> PlaceHistory | None:
    """Return where a trust's incidents were, at the nearest of its places; None without places."""
    from scipy.spatial import cKDTree

    own = np.flatnonzero(np.array(demand.trust) == trust)
    if not own.size or not demand.aged_65_plus[own].sum():
        return None
    scale = float(np.cos(np.radians(demand.lat[own].mean())))
    x_m = demand.lon[own] * scale * _M_PER_DEGREE
    y_m = demand.lat[own] * _M_PER_DEGREE
    tree = cKDTree(np.column_stack((x_m, y_m)))
    scenes = np.column_stack((log.lon[rows] * scale, log.lat[rows])) * _M_PER_DEGREE
    place = np.asarray(tree.query(scenes)[1], np.int64) if rows.size else rows
    block = np.array(block_of_hours(rules.block_starts_h), np.int64)[hour % HOURS_OF_DAY]
    counts = np.zeros((len(rules.block_starts_h), own.size))
    np.add.at(counts, (block, place), 1.0)
    return PlaceHistory(
        names=tuple(demand.id[i] for i in own.tolist()),
        x_m=x_m,
        y_m=y_m,
        counts=counts,
        population_65=demand.aged_65_plus[own].astype(np.float64),
    )


def _whole_days(hourly: npt.NDArray[np.float64], start: int) -> npt.NDArray[np.float64]:
    skip = -start % HOURS_OF_DAY
    count = max(hourly.size - skip, 0) // HOURS_OF_DAY
    return hourly[skip : skip + count * HOURS_OF_DAY].reshape(count, HOURS_OF_DAY)


def _spare_days(hourly: npt.NDArray[np.float64], start: int) -> int:
    return max(0, len(_whole_days(hourly, start)) - DAYS_MIN)


def _scored(code: str, hourly: npt.NDArray[np.float64], start: int, held_out: int) -> TrustFit:
    days = _whole_days(hourly, start)
    plain = TrustFit(
        trust=code,
        incidents=int(hourly.sum()),
        days=len(days),
        per_day=float(days.sum(axis=1).mean()),
        score=None,
    )
    if not held_out:
        return plain
    naive = np.abs(days[-held_out:] - days[-held_out - DAYS_OF_WEEK : -DAYS_OF_WEEK])
    totals = days.sum(axis=1)
    gaps = np.abs(totals[-held_out:] - totals[-held_out - DAYS_OF_WEEK : -DAYS_OF_WEEK])
    return msgspec.structs.replace(
        plain,
        score=score(hourly, start, held_out, ForecastRules()),
        naive_mae_hour=float(naive.mean()),
        naive_mae_day=float(gaps.mean()),
    )


def _day(hour: int) -> str:
    return date.fromordinal(hour // HOURS_OF_DAY + _EPOCH).isoformat()
