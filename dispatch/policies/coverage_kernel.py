"""The compiled part of `dispatch.policies.coverage`; reach is a boolean matrix, demand a vector."""

# ruff: noqa: PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]


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
def gains(demand: Floats, counts: Counts, reach: Bools, busy_fraction: float) -> Floats:
    """Return the expected cover that one more unit adds at each place."""
    return _sum_reached(_needed(demand, counts, busy_fraction, 0), reach)


@numba.njit(cache=True, nogil=True)
def points_of(reach: Bools) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
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
def best_move(
    demand: Floats,
    counts: Counts,
    unit_reach: Bools,
    post_start: npt.NDArray[np.int64],
    post_points: npt.NDArray[np.int32],
    drive_min: Floats,
    is_movable: Bools,
    busy_fraction: float,
    price_per_min: float,
    drive_min_max: float,
) -> tuple[int, int, float]:
    """Return the unit, the post and the net gain of the best single move; -1, -1, 0 if none."""
    stays = losses(demand, counts, unit_reach, busy_fraction)
    unit, post, best = -1, -1, 0.0
    without = np.empty(counts.size, np.int32)
    for v in range(unit_reach.shape[0]):
        if not is_movable[v]:
            continue
        for j in range(counts.size):
            without[j] = counts[j] - (1 if unit_reach[v, j] else 0)
        value = _needed(demand, without, busy_fraction, 0)
        for p in range(post_start.size - 1):
            if not drive_min[v, p] <= drive_min_max:
                continue
            gain = -stays[v] - price_per_min * drive_min[v, p]
            for i in range(post_start[p], post_start[p + 1]):
                gain += value[post_points[i]]
            if gain > best:
                unit, post, best = v, p, gain
    return unit, post, best
