"""The compiled part of `dispatch.policies.wait_at_hospital`; ``NONE`` (-1) means "no hospital"."""

# ruff: noqa: C901, PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1
_UNREACHABLE_MS = 2**30 - 1
_NEVER_MS = 2**62

OK, NOT_SUITABLE, NO_WAY, DEFLECTS, CAP_REACHED, TOO_FAR = range(6)

Bools = npt.NDArray[np.bool_]
Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def scores(
    travel_ms: Int32s,
    is_suitable: Bools,
    bay_ms: Int64s,
    ahead: Int32s,
    bays: Int32s,
    extra_ms: Int64s,
    is_deflecting: Bools,
    sent_last_hour: Int32s,
    cap_per_hour: Int32s,
    incumbent: int,
    detour_max_ms: int,
) -> tuple[Int64s, Int64s, Int8s, int, int]:
    """Return wait, total, refusal of each hospital, the best one, and the nearest suitable one."""
    n = travel_ms.size
    wait_ms = np.empty(n, np.int64)
    total_ms = np.empty(n, np.int64)
    refusal = np.zeros(n, np.int8)
    nearest_ms, fallback_ms = _NEVER_MS, _NEVER_MS
    fallback = NONE
    for h in range(n):
        before_us = ahead[h] - (1 if h == incumbent else 0)
        wait_ms[h] = bay_ms[h] + bay_ms[h] * max(0, before_us + 1 - bays[h]) // max(bays[h], 1)
        total_ms[h] = travel_ms[h] + wait_ms[h] + extra_ms[h]
        if not is_suitable[h]:
            refusal[h] = NOT_SUITABLE
            continue
        if travel_ms[h] >= _UNREACHABLE_MS:
            refusal[h] = NO_WAY
            continue
        if travel_ms[h] < fallback_ms:
            fallback, fallback_ms = h, travel_ms[h]
        if is_deflecting[h]:
            refusal[h] = DEFLECTS
        elif h != incumbent and cap_per_hour[h] > 0 and sent_last_hour[h] >= cap_per_hour[h]:
            refusal[h] = CAP_REACHED
        else:
            nearest_ms = min(nearest_ms, travel_ms[h])
    best = NONE
    for h in range(n):
        if refusal[h] != OK:
            continue
        if travel_ms[h] > nearest_ms + detour_max_ms:
            refusal[h] = TOO_FAR
        elif (
            best == NONE
            or total_ms[h] < total_ms[best]
            or (total_ms[h] == total_ms[best] and travel_ms[h] < travel_ms[best])
        ):
            best = h
    return wait_ms, total_ms, refusal, best, fallback
