"""How far a figure of one run may be trusted: 95 % intervals from its days.

Incidents of one day share crews, queues and weather; days are nearly strangers to each other. So
days are what is sampled, and an interval widens with how much they differ.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.metrics_ambsys import handover_ms, was_handed_over
from benchmarks.metrics_sample import centile, whole_seconds
from benchmarks.metrics_table import RecordTable
from dispatch.domain.category import Category

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

DAYS_MIN: Final = 5
"""From fewer days no interval is given: it would say more of the formula than of the run."""

CONFIDENCE: Final = 0.95


class Interval(NamedTuple):
    """Ends of a 95 % interval, in the unit of the figure."""

    lower: float
    upper: float


def mean_interval(durations_ms: Int64s, day: Int64s) -> Interval | None:
    """Return the interval of a mean in seconds; None from fewer than `DAYS_MIN` days.

    The mean is the days' totals over the days' counts; its error is that of a ratio of means of
    days (linearised), with Student's t.

    Parameters
    ----------
    durations_ms
        Durations; negative ones are absent and left out.
    day
        The day of each, any whole number.
    """
    seconds, day = _known(durations_ms, day)
    error = _ratio_error(seconds.astype(np.float64), day)
    if error is None:
        return None
    mean = float(seconds.mean())
    return Interval(max(0.0, mean - error), mean + error)


def p90_interval(durations_ms: Int64s, day: Int64s) -> Interval | None:
    """Return the interval of a 90th centile in seconds; None from fewer than `DAYS_MIN` days.

    The share of durations up to the centile is a ratio too, and has an interval over the days; the
    centiles of its ends are the ends of this one.

    References
    ----------
    .. [1] Woodruff, R.S. (1952). Confidence intervals for medians and other position measures.
           *Journal of the American Statistical Association*, 47, 635-646.
    """
    seconds, day = _known(durations_ms, day)
    if not len(seconds):
        return None
    error = _ratio_error((seconds <= centile(seconds, 90)).astype(np.float64), day)
    if error is None:
        return None
    ordered = np.sort(seconds)
    shares = np.clip([0.9 - error, 0.9 + error], 0.0, 1.0)
    lower, upper = np.quantile(ordered, shares).tolist()
    return Interval(lower, upper)


def intervals_of(table: RecordTable, timezone: str) -> dict[tuple[str, str], Interval]:
    """Return the intervals of a run's figures by subject and measure, where there are any.

    Subjects are C1 to C4 with ``mean`` and ``90th``, and ``handover`` with ``max``, the mean: the
    words of `benchmarks.published.standard`.
    """
    day = local_days(table.clock_ms, timezone)
    found: dict[tuple[str, str], Interval | None] = {}
    for category in (Category.C1, Category.C2, Category.C3, Category.C4):
        rows = table.is_category(category)
        durations, days = table.response_ms[rows], day[rows]
        found[category.value, "mean"] = mean_interval(durations, days)
        found[category.value, "90th"] = p90_interval(durations, days)
    found["handover", "max"] = mean_interval(handover_ms(table), day[was_handed_over(table)])
    return {subject: ends for subject, ends in found.items() if ends is not None}


def local_days(instants_ms: Int64s, timezone: str) -> Int64s:
    """Return the number of the local day of each instant, as `datetime.date.toordinal` counts."""
    zone = ZoneInfo(timezone)
    hours, index = np.unique(instants_ms // 3_600_000, return_inverse=True)
    days = [
        datetime.fromtimestamp(h * 3600, UTC).astimezone(zone).date().toordinal()
        for h in hours.tolist()
    ]
    return np.array(days, np.int64)[index]


def _known(durations_ms: Int64s, day: Int64s) -> tuple[Int64s, Int64s]:
    rows = durations_ms >= 0
    return whole_seconds(durations_ms[rows]), day[rows]


def _ratio_error(values: Float64s, day: Int64s) -> float | None:
    """Return the half width of the interval of a mean whose sampling units are days."""
    from scipy.stats import t as student

    if not len(values):
        return None
    _, row = np.unique(day, return_inverse=True)
    counts = np.bincount(row)
    days = len(counts)
    if days < DAYS_MIN:
        return None
    residual = np.bincount(row, weights=values - values.mean())
    variance = days / (days - 1) * float((residual**2).sum()) / float(counts.sum()) ** 2
    return float(student.ppf((1 + CONFIDENCE) / 2, days - 1)) * math.sqrt(variance)
