"""The compiled part of `dispatch.policies.crew_cost`."""

# ruff: noqa: PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

_ADVANCED = 4
_UNREACHABLE_MS = 2**30 - 1

Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def crew_costs(
    start: Int32s,
    units: Int32s,
    travel_ms: Int32s,
    wanted: Int8s,
    rank: Int64s,
    clear_ms: Int64s,
    mobilise_ms: Int64s,
    skill: npt.NDArray[np.uint8],
    end_ms: Int64s,
    break_ms: Int64s,
    now_ms: int,
    after_ms: int,
    overrun_milli: int,
    break_milli: int,
    shortfall_us: int,
    surplus_us: int,
) -> Int64s:
    """Return the crew's cost of each pair; ``start`` and ``units`` as in the joint problem."""
    cost_us = np.zeros(units.size, np.int64)
    for k in range(start.size - 1):
        for p in range(start[k], start[k + 1]):
            if travel_ms[p] >= _UNREACHABLE_MS:
                continue
            v = units[p]
            done_ms = now_ms + clear_ms[v] + mobilise_ms[v] + travel_ms[p] + after_ms
            cost = max(0, done_ms - max(end_ms[v], now_ms)) * overrun_milli
            cost += max(0, done_ms - max(break_ms[v], now_ms)) * break_milli
            if skill[v] < wanted[k]:
                cost += (wanted[k] - skill[v]) * shortfall_us
            elif rank[k] > 2 and skill[v] >= _ADVANCED:
                cost += surplus_us
            cost_us[p] = cost
    return cost_us
