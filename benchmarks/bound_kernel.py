"""The compiled part of `benchmarks.bound`: costs of predecessor pairs, and prices of a flow.

An *exit* is one way in which a predecessor becomes free: its row (crew start or job), when at the
earliest, and where (the rows of the travel matrix). ``NONE`` (-1) means "no row".
"""

# ruff: noqa: PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1
_UNREACHABLE_MS = 2**30 - 1
_NEVER_MS = 2**62

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
    mobilise_ms: int,
    reaches_ms: Int32s,
    near: Int32s,
    onward_ms: Int32s,
) -> int:
    """Return the least response of a unit that is free ``slack_ms`` before the incident.

    Without standing places the unit may already be on its way: what it cannot drive in the slack
    is left. With them it is sent from where it became free, or from one that it could reach.
    """
    if near.size == 0:
        return mobilise_ms + max(0, direct_ms - slack_ms)
    if slack_ms < 0:
        return mobilise_ms + direct_ms - slack_ms
    for p in near:
        if onward_ms[p] >= direct_ms:
            break
        if reaches_ms[p] <= slack_ms:
            return mobilise_ms + int(onward_ms[p])
    return mobilise_ms + direct_ms


@numba.njit(cache=True, nogil=True)
def best_predecessors(
    travel_ms: Int32s,
    exit_row: Int32s,
    exit_at_ms: Int64s,
    pooled_ms: Int64s,
    row_price: Int64s,
    own_row: Int32s,
    job_at_ms: Int64s,
    mobilise_ms: Int64s,
    weight_milli: Int64s,
    growth_ms: int,
    unserved: int,
    reaches_ms: Int32s,
    near: Int32s,
    onward_ms: Int32s,
    rows_out: Int32s,
    costs_out: Int64s,
    keys_out: Int64s,
) -> tuple[Int64s, Int64s, int]:
    """Return of each column the least ``cost - price`` and the least response over its exits.

    Exits that do no better than the pool of rows free long ago are left to the caller. The best
    rows, their costs and keys are left in the last three arguments, best first, NONE beyond the
    last; the number of pairs that did not fit is returned. Exits come in falling order of time, so
    that among equals the latest stand first: they are the hardest to use elsewhere.
    """
    columns, most = rows_out.shape
    least_key = np.full(columns, unserved, np.int64)
    least_response = np.full(columns, _NEVER_MS, np.int64)
    rows_out[:] = NONE
    dropped = 0
    for c in range(columns):
        size = 0
        keys, rows, costs = keys_out[c], rows_out[c], costs_out[c]
        # What a pooled row needs; one that waits where it became free may be nearer.
        at_once = onward_ms[c, near[c, 0]] if near.shape[1] > 0 else 0
        for x in range(exit_row.size):
            r = exit_row[x]
            slack = job_at_ms[c] - exit_at_ms[x]
            direct = int(travel_ms[x, c])
            if r == own_row[c] or direct >= _UNREACHABLE_MS:
                continue
            if slack >= pooled_ms[x] and direct >= at_once:
                continue
            response = _response(
                slack, direct, mobilise_ms[c], reaches_ms[x], near[c], onward_ms[c]
            )
            least_response[c] = min(least_response[c], response)
            cost = cost_of(response, weight_milli[c], growth_ms)
            if cost >= unserved:
                continue
            key = cost - row_price[r]
            least_key[c] = min(least_key[c], key)
            if size == most:
                dropped += 1
                if key >= keys[most - 1]:
                    continue
            i = size if size < most else most - 1
            while i > 0 and keys[i - 1] > key:
                keys[i], rows[i], costs[i] = keys[i - 1], rows[i - 1], costs[i - 1]
                i -= 1
            keys[i], rows[i], costs[i] = key, r, cost
            if size < most:
                size += 1
    return least_key, least_response, dropped


@numba.njit(cache=True, nogil=True)
def node_prices(
    tail: Int32s, head: Int32s, cost: Int64s, capacity: Int64s, flow: Int64s, nodes: int
) -> Int64s:
    """Return prices that prove a flow cheapest: shortest ways in what it leaves open.

    Sweeps over all arcs, to and fro, until nothing changes; ends because a cheapest flow leaves no
    negative circle.
    """
    price = np.zeros(nodes, np.int64)
    changes = True
    while changes:
        changes = False
        for turn in range(2):
            for i in range(tail.size):
                a = i if turn == 0 else tail.size - 1 - i
                t, h = tail[a], head[a]
                if flow[a] < capacity[a] and price[t] + cost[a] < price[h]:
                    price[h] = price[t] + cost[a]
                    changes = True
                if flow[a] > 0 and price[h] - cost[a] < price[t]:
                    price[t] = price[h] - cost[a]
                    changes = True
    return price
