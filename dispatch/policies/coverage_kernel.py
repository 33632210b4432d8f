"""The compiled part of `dispatch.policies.coverage`: what places reach, as matrix or in rows."""

# ruff: noqa: PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]
Points = npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def _needed(demand: Floats, counts: Counts, busy_fraction: float, fewer: int) -> Floats:
    """Return what one unit is worth at each point that ``counts - fewer`` others cover."""
    most = 0
    for j in range(counts.size):
        most = max(most, counts[j])
    worth = np.empty(most + 1, np.float64)
    worth[0] = 1.0 - busy_fraction
    for n in range(1, most + 1):
        worth[n] = worth[n - 1] * busy_fraction
    value = np.empty(demand.size, np.float64)
    for j in range(demand.size):
        value[j] = demand[j] * worth[max(counts[j] - fewer, 0)]
    return value


@numba.njit(cache=True, nogil=True)
def _sum_reached(value: Floats, reach: Bools) -> Floats:
    total = np.zeros(reach.shape[0], np.float64)
    for r in range(reach.shape[0]):
        for j in range(value.size):
            if reach[r, j]:
                total[r] += value[j]
    return total


@numba.njit(cache=True, nogil=True)
def losses(demand: Floats, counts: Counts, reach: Bools, busy_fraction: float) -> Floats:
    """Return the expected cover that goes with each unit, which the counts include."""
    return _sum_reached(_needed(demand, counts, busy_fraction, 1), reach)


@numba.njit(cache=True, nogil=True)
def points_of(reach: Bools) -> tuple[Rows, Points]:
    """Return the points that each place reaches, in compressed rows: few of all there are."""
    start = np.zeros(reach.shape[0] + 1, np.int64)
    for p in range(reach.shape[0]):
        start[p + 1] = start[p] + reach[p].sum()
    points = np.empty(start[-1], np.int32)
    for p in range(reach.shape[0]):
        at = start[p]
        for j in range(reach.shape[1]):
            if reach[p, j]:
                points[at] = j
                at += 1
    return start, points


@numba.njit(cache=True, nogil=True)
def counts_at(places: Rows, start: Rows, points: Points, size: int) -> Counts:
    """Return how many units cover each of some points, a unit standing at each of the places."""
    counts = np.zeros(size, np.int32)
    for p in places:
        for at in range(start[p], start[p + 1]):
            counts[points[at]] += 1
    return counts


@numba.njit(cache=True, nogil=True)
def sums_at(
    demand: Floats, counts: Counts, start: Rows, points: Points, busy_fraction: float, fewer: int
) -> Floats:
    """Return by place what one unit is worth at the points that ``counts - fewer`` others cover.

    Points are added up in their order, so that the sums are those over a boolean matrix.
    """
    value = _needed(demand, counts, busy_fraction, fewer)
    total = np.zeros(start.size - 1, np.float64)
    for p in range(total.size):
        for at in range(start[p], start[p + 1]):
            total[p] += value[points[at]]
    return total


@numba.njit(cache=True, nogil=True)
def best_move(
    demand: Floats,
    counts: Counts,
    unit_places: Rows,
    posts: Rows,
    start: Rows,
    points: Points,
    drive_min: Floats,
    stays: Floats,
    busy_fraction: float,
    price_per_min: float,
    drive_min_max: float,
) -> tuple[int, int, float]:
    """Return the unit, the post and the net gain of the best single move; -1, -1, 0 if none.

    Units and posts are numbered as in the rows and columns of ``drive_min``; ``stays`` is what
    each unit is worth where it is.
    """
    unit, post, best = -1, -1, 0.0
    with_all = _needed(demand, counts, busy_fraction, 0)
    without = _needed(demand, counts, busy_fraction, 1)
    value = with_all.copy()
    for v in range(unit_places.size):
        own = points[start[unit_places[v]] : start[unit_places[v] + 1]]
        for j in own:
            value[j] = without[j]
        for p in range(posts.size):
            if not drive_min[v, p] <= drive_min_max:
                continue
            gain = -stays[v] - price_per_min * drive_min[v, p]
            for at in range(start[posts[p]], start[posts[p] + 1]):
                gain += value[points[at]]
            if gain > best:
                unit, post, best = v, p, gain
        for j in own:
            value[j] = with_all[j]
    return unit, post, best
