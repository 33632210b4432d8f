"""The compiled part of `dispatch.policies.joint_scope`."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def by_rank_and_clock(
    slots: Int64s, rank: npt.NDArray[np.uint8], began_ms: Int64s
) -> tuple[Int64s, bool]:
    """Return the order of incidents, given by slot, and whether any two are equal in it."""
    key = np.empty(slots.size, np.int64)
    for k in range(slots.size):
        # Milliseconds since 1970 need 41 bits until the year 2039, 43 until 2248.
        key[k] = (np.int64(rank[slots[k]]) << 48) + began_ms[slots[k]]
    order = np.argsort(key, kind="mergesort")
    for i in range(1, slots.size):
        if key[order[i]] == key[order[i - 1]]:
            return order, True
    return order, False
