"""The compiled part of `dispatch.policies.joint_cost`.

Array conventions: ``NONE`` (-1) means "no incident" or "no unit"; pairs stand in compressed rows,
``start[k]`` to ``start[k + 1]`` being those of incident ``k``.
"""

# ruff: noqa: C901, PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1
_UNREACHABLE_MS = 2**30 - 1
_WAITED_MS_MAX = 3_000_000_000
_NEVER_MS = 2**62

(
    OK,
    NO_WAY,
    NEAR_ITS_PATIENT,
    DIVERTED_BEFORE,
    GAIN_TOO_SMALL,
    NOT_NEAREST,
    DEARER_THAN_WAITING,
    NOT_GRAVER,
) = range(8)

Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def _harm_us(waited_ms: int, weight_milli: int, growth_ms: int) -> int:
    waited = min(max(waited_ms, 0), _WAITED_MS_MAX)
    return weight_milli * (waited + waited * waited // growth_ms)


@numba.njit(cache=True, nogil=True)
def waiting_columns(
    slots: Int64s,
    rank: npt.NDArray[np.uint8],
    began_ms: Int64s,
    diversions: Int32s,
    going_to: Int32s,
    weights_milli: Int64s,
    now_ms: int,
    growth_max_ms: int,
) -> tuple[Int64s, Int64s, Int64s, Int32s, Int32s]:
    """Return rank, time waited, weight, diversions and holder of incidents, given by slot.

    ``going_to`` says of each unit of the round the row of the incident that it is on its way to.
    """
    n = slots.size
    ranks, waited_ms, weight_milli = np.empty((3, n), np.int64)
    lost = np.empty(n, np.int32)
    holder = np.full(n, NONE, np.int32)
    for k in range(n):
        slot = slots[k]
        ranks[k] = rank[slot]
        waited_ms[k] = max(0, now_ms - began_ms[slot])
        if ranks[k] > 2:
            waited_ms[k] = min(waited_ms[k], growth_max_ms)
        weight_milli[k] = weights_milli[ranks[k] - 1]
        lost[k] = diversions[slot]
    for v in range(going_to.size):
        if going_to[v] != NONE:
            holder[going_to[v]] = v
    return ranks, waited_ms, weight_milli, lost, holder


@numba.njit(cache=True, nogil=True)
def in_order(start: Int32s, chosen: Int64s, eta_ms: Int64s, most: int) -> tuple[Int32s, Int64s]:
    """Return the pairs to be named of each incident that has a chosen one: it, then by arrival.

    Compressed rows again; at most so many of each incident, equal arrivals in the order of pairs.
    """
    n = chosen.size
    begin = np.zeros(n + 1, np.int32)
    pairs = np.empty(n * most, np.int64)
    at = 0
    for k in range(n):
        if chosen[k] != NONE:
            pairs[at] = chosen[k]
            size = 1
            for p in range(start[k], start[k + 1]):
                if p == chosen[k]:
                    continue
                if size == most:
                    if most == 1 or eta_ms[p] >= eta_ms[pairs[at + size - 1]]:
                        continue
                    size -= 1
                i = size
                while i > 1 and eta_ms[pairs[at + i - 1]] > eta_ms[p]:
                    pairs[at + i] = pairs[at + i - 1]
                    i -= 1
                pairs[at + i] = p
                size += 1
            at += size
        begin[k + 1] = at
    return begin, pairs[:at].copy()


@numba.njit(cache=True, nogil=True)
def pairs_named(
    start: Int32s,
    units: Int32s,
    eta_ms: Int64s,
    refusal: Int8s,
    unit_of: Int32s,
    holder: Int32s,
    changed: Int64s,
) -> tuple[Int64s, Int64s, Int64s]:
    """Return the pairs of which something is said, of the incidents in ``changed``; else `NONE`.

    Returns
    -------
    chosen, held, nearest
        The pair of each incident with its unit, with the unit that is on its way, and the one that
        would arrive first of those not refused.
    """
    chosen, held, nearest = np.full((3, start.size - 1), NONE, np.int64)
    for k in changed:
        best = np.int64(NONE)
        for p in range(start[k], start[k + 1]):
            if units[p] == unit_of[k]:
                chosen[k] = p
            if units[p] == holder[k]:
                held[k] = p
            if refusal[p] == OK and (
                best == NONE
                or eta_ms[p] < eta_ms[best]
                or (eta_ms[p] == eta_ms[best] and units[p] < units[best])
            ):
                best = np.int64(p)
        nearest[k] = best
    return chosen, held, nearest


@numba.njit(cache=True, nogil=True)
def pair_costs(
    start: Int32s,
    units: Int32s,
    travel_ms: Int32s,
    lend_us: Int64s,
    crew_us: Int64s,
    waited_ms: Int64s,
    weight_milli: Int64s,
    diversions: Int32s,
    may_divert: Bools,
    clear_ms: Int64s,
    mobilise_ms: Int64s,
    coverage_us: Int64s,
    going_to: Int32s,
    arrives_in_ms: Int64s,
    growth_ms: int,
    wait_ms: int,
    switch_ms: int,
    gain_min_ms: int,
    spare_ms: int,
    diversions_max: int,
    nearest_max: int,
) -> tuple[Int32s, Int64s, Int64s, Int64s, Int64s, Int64s, Int8s]:
    """Return incident, ETA, harm, switch and net cost of pairs, cost of waiting, refusals."""
    n = waited_ms.size
    incident = np.empty(units.size, np.int32)
    eta_ms = np.empty(units.size, np.int64)
    harm_us = np.zeros(units.size, np.int64)
    switch_us = np.zeros(units.size, np.int64)
    net_us = np.zeros(units.size, np.int64)
    refusal = np.zeros(units.size, np.int8)
    wait_us = np.empty(n, np.int64)
    nearest = np.empty(nearest_max, np.int64)
    for k in range(n):
        before = _harm_us(waited_ms[k], weight_milli[k], growth_ms)
        wait_us[k] = _harm_us(waited_ms[k] + wait_ms, weight_milli[k], growth_ms) - before
        for p in range(start[k], start[k + 1]):
            incident[p] = k
            eta_ms[p] = clear_ms[units[p]] + mobilise_ms[units[p]] + travel_ms[p]
        best_free, enough_ms = _bars(k, start, units, travel_ms, eta_ms, going_to, nearest)
        for p in range(start[k], start[k + 1]):
            v = units[p]
            left = going_to[v]
            if travel_ms[p] >= _UNREACHABLE_MS:
                refusal[p] = NO_WAY
            elif left != k and eta_ms[p] > enough_ms:
                refusal[p] = NOT_NEAREST
            elif left not in (NONE, k):
                if not may_divert[k]:
                    refusal[p] = NOT_GRAVER
                elif arrives_in_ms[v] < spare_ms:
                    refusal[p] = NEAR_ITS_PATIENT
                elif diversions[left] >= diversions_max:
                    refusal[p] = DIVERTED_BEFORE
                elif best_free - eta_ms[p] < gain_min_ms:
                    refusal[p] = GAIN_TOO_SMALL
                switch_us[p] = weight_milli[k] * switch_ms
            if refusal[p] != OK:
                continue
            after = _harm_us(waited_ms[k] + eta_ms[p], weight_milli[k], growth_ms)
            harm_us[p] = after - before
            cost = harm_us[p] + coverage_us[v] + switch_us[p] + lend_us[p] + crew_us[p]
            net_us[p] = cost - wait_us[k]
            if net_us[p] >= 0:
                refusal[p] = DEARER_THAN_WAITING
    return incident, eta_ms, harm_us, switch_us, net_us, wait_us, refusal


@numba.njit(cache=True, nogil=True)
def _bars(
    k: int,
    start: Int32s,
    units: Int32s,
    travel_ms: Int32s,
    eta_ms: Int64s,
    going_to: Int32s,
    nearest: Int64s,
) -> tuple[int, int]:
    """Return the earliest arrival of a unit that is free or coming, and the last that enters."""
    best_free = _UNREACHABLE_MS
    size = 0
    for p in range(start[k], start[k + 1]):
        if travel_ms[p] >= _UNREACHABLE_MS:
            continue
        if going_to[units[p]] in (NONE, k):
            best_free = min(best_free, eta_ms[p])
        size = _keep_least(nearest, size, eta_ms[p])
    return best_free, nearest[size - 1] if size == nearest.size else _NEVER_MS


@numba.njit(cache=True, nogil=True)
def _keep_least(least: Int64s, size: int, value: int) -> int:
    """Insert a value into the rising list of the least ones; return the new size."""
    if size == least.size:
        if value >= least[size - 1]:
            return size
        size -= 1
    i = size
    while i > 0 and least[i - 1] > value:
        least[i] = least[i - 1]
        i -= 1
    least[i] = value
    return size + 1
