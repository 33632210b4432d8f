"""What feeds send: forecasts of demand."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from api.inputs import Id, Input, Instant, ms_or_none
from dispatch.domain.demand_model import HOURS_OF_WEEK, Forecast
from dispatch.domain.event_feed import STALE_AFTER_S, ForecastGiven
from dispatch.domain.ids import TrustCode
from dispatch.policies.forecast import model_of_week
from dispatch.policies.forecast_file import named

Rate = Annotated[float, Field(strict=True, ge=0.01, le=100_000.0, allow_inf_nan=False)]
Week = Annotated[list[Rate], Field(min_length=HOURS_OF_WEEK, max_length=HOURS_OF_WEEK)]

WEEK_S = 7 * 86_400


class ForecastReport(Input):
    """A forecast of demand, to be renewed before it is stale."""

    trusts: dict[Id, Week] = Field(
        min_length=1,
        max_length=64,
        description="Incidents expected in each local hour of the week, Monday at midnight first.",
    )
    issued_at: Instant | None = Field(default=None, description="Now when missing.")
    stale_after_s: int = Field(
        default=STALE_AFTER_S,
        ge=60,
        le=WEEK_S,
        description="How long it is believed; a feed renews it more often than that.",
    )


def forecast_given(report: ForecastReport, region: str, day: str, now_ms: int) -> ForecastGiven:
    """Return the event of a report; ``day`` is the local date, from which the rates are."""
    forecast = Forecast(
        version="",
        region=region,
        from_day=day,
        until_day=day,
        trusts={
            TrustCode(code): model_of_week(np.array(week)) for code, week in report.trusts.items()
        },
    )
    issued_ms = ms_or_none(report.issued_at)
    return ForecastGiven(
        forecast=named(forecast),
        issued_at_ms=now_ms if issued_ms is None else issued_ms,
        stale_after_s=report.stale_after_s,
    )
