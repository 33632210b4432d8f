"""A forecast of demand as plain numbers: how many incidents to expect, when and where.

``rate(place, hour) = level of the day x factor of the weekday x share of the hour x share of the
place``. Hours are local civil hours; hour of week 0 begins on Monday at midnight.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.ids import TrustCode

Floats = npt.NDArray[np.float64]

HOURS_OF_DAY: Final = 24
HOURS_OF_WEEK: Final = 168
DAYS_OF_WEEK: Final = 7


class DemandModel(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted forecast: plain numbers, to and from JSON, with a version that names its content.

    Attributes
    ----------
    version
        ``demand-`` and a digest of everything else.
    level_per_day
        Incidents on a day of average weekday factor, at the end of the log.
    smoothing
        Weight of the newest day in the level.
    weekday_factor
        Monday first; the mean is 1.
    hour_share
        168 shares of the hour in its day; each day's sum to 1.
    day_cv
        Coefficient of variation of a day's rate around its forecast, beyond Poisson.
    block_of_hour
        For each hour of the day the row of ``place_share``.
    places
        Names of the places.
    place_share
        One row a block, each summing to 1; empty without places.
    """

    version: str
    level_per_day: float
    smoothing: float
    weekday_factor: tuple[float, ...]
    hour_share: tuple[float, ...]
    day_cv: float
    block_of_hour: tuple[int, ...]
    places: tuple[str, ...] = ()
    place_share: tuple[tuple[float, ...], ...] = ()

    def per_hour(self, hour_of_week: int) -> float:
        """Return the incidents expected in one hour of the week."""
        hour = hour_of_week % HOURS_OF_WEEK
        factor = self.weekday_factor[hour // HOURS_OF_DAY]
        return self.level_per_day * factor * self.hour_share[hour]

    def interval(self, hour_of_week: int, deviations: float = 1.96) -> tuple[float, float]:
        """Return the range of one hour's count: Poisson and the day's own variation, normal."""
        mean = self.per_hour(hour_of_week)
        half = deviations * (mean + (self.day_cv * mean) ** 2) ** 0.5
        return max(mean - half, 0.0), mean + half

    def shares(self, hour_of_week: int) -> Floats:
        """Return the share of each place in the incidents of an hour."""
        if not self.place_share:
            return np.zeros(0)
        return np.array(self.place_share[self.block_of_hour[hour_of_week % HOURS_OF_DAY]])


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected in each trust, fitted from one log.

    Attributes
    ----------
    version
        ``forecast-`` and a digest of the models.
    region
        Name of the region whose places the models know.
    from_day, until_day
        ISO dates of the first and the last day of the log.
    trusts
        A model for each trust that had enough incidents.
    valid_days
        How long after it was given it is believed.
    """

    version: str
    region: str
    from_day: str
    until_day: str
    trusts: dict[TrustCode, DemandModel]
    valid_days: int = 56
