"""How many incidents to expect, when and where: fitted from a log, small enough to read.

``rate(place, hour) = level of the day x factor of the weekday x share of the hour x share of the
place``. The hour-of-week mean with three-point smoothing was the most accurate of the methods that
Tandberg and others compared (1998); exponential smoothing follows the level; places are smoothed
by a kernel and shrunk to the population aged 65 and over, as few places see enough incidents to
speak for themselves. Hours are local civil hours; hour of week 0 begins on Monday at midnight.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.demand_model import (
    DAYS_OF_WEEK,
    HOURS_OF_DAY,
    HOURS_OF_WEEK,
    DemandModel,
)

__all__ = [
    "DAYS_OF_WEEK",
    "HOURS_OF_DAY",
    "HOURS_OF_WEEK",
    "DemandModel",
    "ForecastRules",
    "ForecastScore",
    "PlaceHistory",
    "after_day",
    "block_of_hours",
    "fit_demand",
    "model_of_week",
    "score",
]

Floats = npt.NDArray[np.float64]

_STRENGTHS: Final = np.logspace(1, 7, 61)
_KERNEL_REACH: Final = 2.5
"""Bandwidths beyond which the kernel is nought."""


class ForecastRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers of the fit.

    Attributes
    ----------
    profile_weeks
        Weeks from which the profile of the week is taken, the latest ones.
    smoothings
        Weights of the newest day among which the best on the log's own past is taken.
    block_starts_h
        Hours of the day at which the blocks of place shares begin. Two blocks are assumed: by day
        people are where they work, by night where they live.
    bandwidth_m
        Width of the Gaussian kernel over places. Assumed.
    """

    profile_weeks: int = 8
    smoothings: tuple[float, ...] = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
    block_starts_h: tuple[int, ...] = (8, 20)
    bandwidth_m: float = 2_000.0


@dataclass(frozen=True, slots=True, eq=False)
class PlaceHistory:
    """Where incidents were, by place and block of the day.

    Attributes
    ----------
    names
        Of the n places.
    x_m, y_m
        Their points on a plane.
    counts
        One row a block (`block_of_hours`), n columns; weighted counts are allowed.
    population_65
        Residents aged 65 and over, the prior; not negative, not all nought.
    """

    names: tuple[str, ...]
    x_m: Floats
    y_m: Floats
    counts: Floats
    population_65: Floats


class ForecastScore(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a forecast of one day ahead did on days it had not seen.

    ``mase`` is the mean absolute error over that of the seasonal naive forecast (the same hour or
    day a week before) on the days before: below 1 is better than naive.
    """

    days: int
    mase_hour: float
    mase_day: float
    mae_hour: float
    mae_day: float


def block_of_hours(block_starts_h: tuple[int, ...]) -> tuple[int, ...]:
    """Return the block of each hour of the day; hours before the first start belong to the last.

    Examples
    --------
    >>> block_of_hours((8, 20))[7:9]
    (1, 0)
    """
    starts = sorted(block_starts_h)
    if not starts or starts[0] < 0 or starts[-1] >= HOURS_OF_DAY:
        raise ValueError(f"Expected hours of the day, at least one, was {block_starts_h}.")
    return tuple(
        (sum(start <= hour for start in starts) - 1) % len(starts) for hour in range(HOURS_OF_DAY)
    )


def fit_demand(
    hourly: Floats,
    first_hour_of_week: int,
    rules: ForecastRules,
    places: PlaceHistory | None = None,
) -> DemandModel:
    """Return the model of a log.

    Parameters
    ----------
    hourly
        Incidents in each hour, without gaps. Hours before the first midnight and after the last
        are left out.
    first_hour_of_week
        Hour of week of ``hourly[0]``.
    places
        None for a forecast of the whole only.

    Raises
    ------
    ValueError
        When the log has less than two whole weeks, or no incident.
    """
    days, weekday = _whole_days(hourly, first_hour_of_week)
    if len(days) < 2 * DAYS_OF_WEEK or not days.sum():
        raise ValueError(
            f"Expected two whole weeks with incidents, was {len(days)} days with {days.sum():.0f}."
        )
    recent = min(rules.profile_weeks, len(days) // DAYS_OF_WEEK) * DAYS_OF_WEEK
    factor = _weekday_factors(days[-recent:], weekday[-recent:])
    hour_share = _hour_shares(days[-recent:], weekday[-recent:])
    totals = days.sum(axis=1)
    smoothing = min(rules.smoothings, key=lambda s: _level_errors(totals / factor[weekday], s))
    levels = _levels(totals / factor[weekday], smoothing)
    expected = levels[:-1] * factor[weekday]
    seen = slice(DAYS_OF_WEEK, None)  # the level needs a week to settle
    beyond = np.mean((totals - expected)[seen] ** 2) - np.mean(expected[seen])
    draft = DemandModel(
        version="",
        level_per_day=float(levels[-1]),
        smoothing=smoothing,
        weekday_factor=tuple(factor.tolist()),
        hour_share=tuple(hour_share.ravel().tolist()),
        day_cv=float(np.sqrt(max(beyond, 0.0)) / np.mean(expected[seen])),
        block_of_hour=block_of_hours(rules.block_starts_h),
        places=() if places is None else places.names,
        place_share=() if places is None else _place_shares(places, rules),
    )
    return _named(draft)


def model_of_week(per_hour: Floats) -> DemandModel:
    """Return the model that expects so many incidents in each of the 168 hours of a week.

    It knows no places, and nothing of how days differ beyond chance.

    Raises
    ------
    ValueError
        When there are not 168 numbers, one is not finite or negative, or all are nought.
    """
    rates = np.asarray(per_hour, np.float64)
    if rates.shape != (HOURS_OF_WEEK,) or not np.isfinite(rates).all() or rates.min() < 0:
        raise ValueError(f"Expected {HOURS_OF_WEEK} rates of at least 0, was {rates.size}.")
    if not rates.any():
        raise ValueError("Expected a rate above 0, was none.")
    days = rates.reshape(DAYS_OF_WEEK, HOURS_OF_DAY)
    totals = days.sum(axis=1)
    share = np.full_like(days, 1.0 / HOURS_OF_DAY)
    np.divide(days, totals[:, np.newaxis], out=share, where=totals[:, np.newaxis] > 0)
    return _named(
        DemandModel(
            version="",
            level_per_day=float(totals.mean()),
            smoothing=0.0,
            weekday_factor=tuple((totals / totals.mean()).tolist()),
            hour_share=tuple(share.ravel().tolist()),
            day_cv=0.0,
            block_of_hour=(0,) * HOURS_OF_DAY,
        )
    )


def after_day(model: DemandModel, weekday: int, total: float) -> DemandModel:
    """Return the model after one more whole day (Monday is 0): its level follows, and its name."""
    target = total / model.weekday_factor[weekday]
    level = model.level_per_day + model.smoothing * (target - model.level_per_day)
    return _named(msgspec.structs.replace(model, level_per_day=level, version=""))


def score(
    hourly: Floats, first_hour_of_week: int, days_held_out: int, rules: ForecastRules
) -> ForecastScore:
    """Return how well each of the last days is forecast from the days before it.

    Profile, factors and smoothing are fitted once, before the held-out days; the level follows day
    by day, as it would in use.
    """
    days, weekday = _whole_days(hourly, first_hour_of_week)
    if not 0 < days_held_out <= len(days) - 2 * DAYS_OF_WEEK:
        raise ValueError(
            f"Expected 1 to {len(days) - 2 * DAYS_OF_WEEK} days held out, was {days_held_out}."
        )
    start = len(days) - days_held_out
    known = days[:start]
    model = fit_demand(known.ravel(), int(weekday[0]) * HOURS_OF_DAY, rules)
    error_hour, error_day = 0.0, 0.0
    for day, of_week in zip(days[start:], weekday[start:].tolist(), strict=True):
        first = of_week * HOURS_OF_DAY
        expected = np.array([model.per_hour(first + hour) for hour in range(HOURS_OF_DAY)])
        error_hour += float(np.abs(day - expected).mean())
        error_day += abs(float(day.sum() - expected.sum()))
        model = after_day(model, of_week, float(day.sum()))
    naive = known[DAYS_OF_WEEK:] - known[:-DAYS_OF_WEEK]
    return ForecastScore(
        days=days_held_out,
        mase_hour=error_hour / days_held_out / float(np.abs(naive).mean()),
        mase_day=error_day / days_held_out / float(np.abs(naive.sum(axis=1)).mean()),
        mae_hour=error_hour / days_held_out,
        mae_day=error_day / days_held_out,
    )


def _whole_days(hourly: Floats, first_hour_of_week: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return counts as days by hours, and the weekday of each day."""
    skip = -first_hour_of_week % HOURS_OF_DAY
    n = max(hourly.size - skip, 0) // HOURS_OF_DAY
    days = np.asarray(hourly[skip : skip + n * HOURS_OF_DAY], np.float64)
    first = (first_hour_of_week + skip) // HOURS_OF_DAY
    return days.reshape(n, HOURS_OF_DAY), (first + np.arange(n)) % DAYS_OF_WEEK


def _weekday_factors(days: Floats, weekday: npt.NDArray[np.int64]) -> Floats:
    totals = days.sum(axis=1)
    mean = np.array([totals[weekday == d].mean() for d in range(DAYS_OF_WEEK)])
    # A weekday without incidents must not divide by nought later.
    mean = np.maximum(mean, 1e-3 * mean.mean())
    factor: Floats = mean / mean.mean()
    return factor


def _hour_shares(days: Floats, weekday: npt.NDArray[np.int64]) -> Floats:
    """Return the smoothed hour-of-week mean, as shares of each day."""
    week = np.array([days[weekday == d].mean(axis=0) for d in range(DAYS_OF_WEEK)]).ravel()
    smooth = (np.roll(week, 1) + 2.0 * week + np.roll(week, -1)) / 4.0
    shares = smooth.reshape(DAYS_OF_WEEK, HOURS_OF_DAY)
    total = shares.sum(axis=1, keepdims=True)
    even = np.full_like(shares, 1.0 / HOURS_OF_DAY)
    normal: Floats = np.divide(shares, total, out=even, where=total > 0)
    return normal


def _levels(adjusted: Floats, smoothing: float) -> Floats:
    """Return the level before each day and after the last; the first is the first week's mean."""
    levels = np.empty(adjusted.size + 1)
    levels[0] = adjusted[:DAYS_OF_WEEK].mean()
    for day, value in enumerate(adjusted):
        levels[day + 1] = levels[day] + smoothing * (value - levels[day])
    return levels


def _level_errors(adjusted: Floats, smoothing: float) -> float:
    errors = adjusted - _levels(adjusted, smoothing)[:-1]
    return float((errors[DAYS_OF_WEEK:] ** 2).sum())


def _place_shares(places: PlaceHistory, rules: ForecastRules) -> tuple[tuple[float, ...], ...]:
    n = len(places.names)
    blocks = len(rules.block_starts_h)
    if places.counts.shape != (blocks, n) or places.population_65.size != n:
        raise ValueError(
            f"Expected {blocks} x {n} counts and {n} populations, was"
            f" {' x '.join(map(str, places.counts.shape))} and {places.population_65.size}."
        )
    if places.population_65.min() < 0 or not places.population_65.sum():
        raise ValueError("Expected populations of at least 0 that are not all 0.")
    prior = (places.population_65 + 0.5) / (places.population_65 + 0.5).sum()
    rows = []
    for counts in places.counts:
        smooth = _smoothed(places.x_m, places.y_m, counts, rules.bandwidth_m)
        strength = _prior_strength(counts, prior)
        share = (smooth + strength * prior) / (counts.sum() + strength)
        rows.append(tuple((share / share.sum()).tolist()))
    return tuple(rows)


def _smoothed(x_m: Floats, y_m: Floats, counts: Floats, bandwidth_m: float) -> Floats:
    """Return counts spread by a Gaussian kernel over places; each count keeps its weight of 1."""
    from scipy.spatial import KDTree

    tree = KDTree(np.column_stack([x_m, y_m]))
    near = tree.sparse_distance_matrix(tree, _KERNEL_REACH * bandwidth_m, output_type="coo_matrix")
    rows = np.concatenate([near.row, np.arange(counts.size)])
    columns = np.concatenate([near.col, np.arange(counts.size)])
    gap = np.concatenate([near.data, np.zeros(counts.size)])
    # Places with equal points stand in the matrix or not; the diagonal exactly once.
    kept = np.ones(rows.size, np.bool_)
    kept[: near.data.size] = near.row != near.col
    rows, columns, gap = rows[kept], columns[kept], gap[kept]
    weight = np.exp(-0.5 * (gap / bandwidth_m) ** 2)
    spread = np.bincount(columns, weight, counts.size)
    smooth = np.bincount(rows, weight * (counts / spread)[columns], counts.size)
    return smooth.astype(np.float64)


def _prior_strength(counts: Floats, prior: Floats) -> float:
    """Return the weight of the prior, in incidents, that makes the counts most likely.

    Dirichlet-multinomial likelihood on a grid of ten a decade, the lowest of equals: places that
    scatter like the population get a strong prior, places that do not a weak one.
    """
    from scipy.special import gammaln

    total = counts.sum()
    fits = [
        gammaln(s) - gammaln(s + total) + (gammaln(counts + s * prior) - gammaln(s * prior)).sum()
        for s in _STRENGTHS
    ]
    return float(_STRENGTHS[int(np.argmax(fits))])


def _named(model: DemandModel) -> DemandModel:
    digest = hashlib.sha256(msgspec.json.encode(model)).hexdigest()[:12]
    return msgspec.structs.replace(model, version=f"demand-{digest}")
