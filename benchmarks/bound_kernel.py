"""The compiled part of `benchmarks.bound`: costs of predecessor pairs, many columns at a time.

An *exit* is one way in which a predecessor becomes free: its row (crew start or job), when at the
earliest, and where (the rows of the travel matrix). ``NONE`` (-1) means "no row".
"""

# ruff: noqa: C901, PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1
_UNREACHABLE_MS = 2**30 - 1

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def cost_of(response_ms: int, weight_milli: int, growth_ms: int) -> int:
    """Return the cost of a response in whole weighted milliseconds, rounded down."""
    if growth_ms > 0:
        response_ms += response_ms * response_ms // growth_ms
    return weight_milli * response_ms // 1000


@numba.njit(cache=True, nogil=True)
def _response(
    slack_ms: int,
    direct_ms: int,
    floor_ms: int,
    to_posts_ms: Int32s,
    posts_near: Int32s,
    from_posts_ms: Int32s,
) -> int:
    """Return the least response of a unit that is free ``slack_ms`` before the incident.

    Without posts the unit may already be on its way: whatever it cannot drive in the slack is
    left. With posts it stands where it became free or at a post that it could reach.
    """
    if posts_near.size == 0:
        return max(floor_ms, direct_ms - slack_ms)
    if slack_ms < 0:
        return floor_ms + direct_ms - slack_ms
    least = direct_ms
    for p in posts_near:
        if from_posts_ms[p] >= least:
            break
        if to_posts_ms[p] <= slack_ms:
            least = from_posts_ms[p]
            break
    return floor_ms + least


@numba.njit(cache=True, nogil=True)
def best_predecessors(
    travel_ms: Int32s,
    exit_row: Int32s,
    exit_at_ms: Int64s,
    row_price: Int64s,
    job_at_ms: Int64s,
    floor_ms: Int64s,
    weight_milli: Int64s,
    growth_ms: int,
    unserved: int,
    to_posts_ms: Int32s,
    posts_near: Int32s,
    from_posts_ms: Int32s,
    self_row: Int32s,
    rows_out: Int32s,
    costs_out: Int64s,
    keys: Int64s,
) -> tuple[Int64s, Int64s]:
    """Return, of each column, the least ``cost - price`` over all exits, and the least response.

    The best rows and their costs are left in ``rows_out`` and ``costs_out`` (one row a column,
    NONE beyond the last). Exits come in falling order of time, so that among equals the latest
    stand first: they are the hardest to use elsewhere.
    """
    columns, most = rows_out.shape
    least_key = np.full(columns, unserved, np.int64)
    least_response = np.full(columns, np.int64(2**62), np.int64)
    rows_out[:] = NONE
    for c in range(columns):
        size = 0
        bar = np.int64(2**62)
        for x in range(exit_row.size):
            r = exit_row[x]
            slack = job_at_ms[c] - exit_at_ms[x]
            if r == self_row[c] or travel_ms[x, c] >= _UNREACHABLE_MS:
                continue
            response = _response(
                slack,
                np.int64(travel_ms[x, c]),
                floor_ms[c],
                to_posts_ms[x],
                posts_near[c],
                from_posts_ms[c],
            )
            least_response[c] = min(least_response[c], response)
            cost = cost_of(response, weight_milli[c], growth_ms)
            key = cost - row_price[r]
            if key >= bar or cost >= unserved:
                continue
            least_key[c] = min(least_key[c], key)
            i = size if size < most else most - 1
            while i > 0 and keys[i - 1] > key:
                keys[i] = keys[i - 1]
                rows_out[c, i], costs_out[c, i] = rows_out[c, i - 1], costs_out[c, i - 1]
                i -= 1
            keys[i], rows_out[c, i], costs_out[c, i] = key, r, cost
            if size < most:
                size += 1
            if size == most:
                bar = keys[most - 1]
    return least_key, least_response
