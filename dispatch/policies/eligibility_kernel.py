"""The compiled part of `dispatch.policies.eligibility` and its tables: passes over columns.

Array conventions: one row a slot; codes index `eligibility.VERDICTS`, 0 fits.
"""

# ruff: noqa: PLR0913, PLR0917 -- a compiled kernel: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def fitness(
    by_kind: Bytes,
    kind: Bytes,
    skill: Bytes,
    skill_min: int,
    trust: npt.NDArray[np.int16],
    helps: npt.NDArray[np.bool_],
    end_ms: Int64s,
    now_ms: int,
    status: Bytes,
    on_station: int,
    position_at_ms: Int64s,
    oldest_ms: int,
    unskilled: int,
    other_trust: int,
    shift_ended: int,
    stale: int,
) -> Bytes:
    """Return the first reason against each unit, in a fixed order; 0 where there is none."""
    code = np.empty(kind.size, np.uint8)
    for slot in range(kind.size):
        found = by_kind[kind[slot]]
        if found == 0:
            if skill[slot] < skill_min:
                found = np.uint8(unskilled)
            elif not helps[trust[slot]]:
                found = np.uint8(other_trust)
            elif end_ms[slot] <= now_ms:
                found = np.uint8(shift_ended)
            elif status[slot] != on_station and position_at_ms[slot] < oldest_ms:
                found = np.uint8(stale)
        code[slot] = found
    return code


@numba.njit(cache=True, nogil=True)
def at_work(
    status: Bytes, code_of: Bytes, en_route: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return of each unit, by its status, whether it is free, and whether it is on its way."""
    is_free = np.empty(status.size, np.bool_)
    is_en_route = np.empty(status.size, np.bool_)
    for slot in range(status.size):
        is_free[slot] = code_of[status[slot]] == 0
        is_en_route[slot] = en_route[status[slot]]
    return is_free, is_en_route


@numba.njit(cache=True, nogil=True)
def number_kinds(
    incidents: Int64s,
    asked: npt.NDArray[np.int16],
    trust: npt.NDArray[np.int16],
    is_first: npt.NDArray[np.bool_],
    asked_count: int,
    trust_count: int,
) -> tuple[Int64s, Int64s]:
    """Return a number for each kind of incident, as they come: asked, trust, first or not.

    Returns
    -------
    kind, first
        Number of each incident, and the first incident of each number.
    """
    known = np.full(asked_count * trust_count * 2, -1, np.int64)
    kind = np.empty(incidents.size, np.int64)
    first = np.empty(incidents.size, np.int64)
    found = 0
    for k in range(incidents.size):
        slot = incidents[k]
        key = (asked[slot] * trust_count + trust[slot]) * 2 + is_first[slot]
        if known[key] < 0:
            known[key] = found
            first[found] = k
            found += 1
        kind[k] = known[key]
    return kind, first[:found].copy()
