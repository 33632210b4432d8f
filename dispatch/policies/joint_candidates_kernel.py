"""The compiled part of `dispatch.policies.joint_candidates`.

Array conventions: ``NONE`` (-1) means "no incident" or "no unit"; pairs stand in compressed rows,
``start[k]`` to ``start[k + 1]`` being those of incident ``k``.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def visible(
    fits: Bools,
    kind: Int64s,
    going_to: Int32s,
    rank: Bytes,
    may_divert: Bools,
    is_held: Bools,
    relieves: Bools,
) -> tuple[Bools, Int32s]:
    """Return which units each incident may have, its holder left out, and who that is.

    A unit on its way to somebody is for who may divert and is more ill; a unit that relieves for
    who has one on its way. One whose unit has no row can have no other: nothing could be exchanged
    for it.

    Returns
    -------
    may, holder
        bool[incidents, units]; of each incident the unit that is on its way, or `NONE`.
    """
    holder = np.full(kind.size, NONE, np.int32)
    # Beyond every rank: whoever is on its way to nobody.
    rank_left = np.full(going_to.size, 255, np.uint8)
    for v in range(going_to.size):
        if going_to[v] != NONE:
            holder[going_to[v]] = v
            rank_left[v] = rank[going_to[v]]
    may = np.zeros((kind.size, going_to.size), np.bool_)
    is_idle = going_to == NONE
    for k in range(kind.size):
        if is_held[k] and holder[k] == NONE:
            continue
        of_kind, row = fits[kind[k]], may[k]
        for v in range(going_to.size):
            # Bit by bit, not with `and`: without a branch the loop takes many units at once.
            takes = is_idle[v] | (may_divert[k] & (rank_left[v] > rank[k]))
            row[v] = of_kind[v] & takes & (relieves[v] | (not is_held[k]))
    return may, holder


@numba.njit(cache=True, nogil=True)
def all_pairs(may: Bools, holder: Int32s) -> tuple[Int32s, Int32s]:
    """Return every visible unit of each incident, its holder among them, in the order of rows."""
    start = np.zeros(may.shape[0] + 1, np.int32)
    units = np.empty(may.size, np.int32)
    at = 0
    for k in range(may.shape[0]):
        for v in range(may.shape[1]):
            if may[k, v] or v == holder[k]:
                units[at] = v
                at += 1
        start[k + 1] = at
    return start, units[:at].copy()


@numba.njit(cache=True, nogil=True)
def nearest_pairs(
    unit_x_m: Floats,
    unit_y_m: Floats,
    incident_x_m: Floats,
    incident_y_m: Floats,
    may: Bools,
    holder: Int32s,
    goes_now: Bools,
    pairs_max: int,
) -> tuple[Int32s, Int32s]:
    """Return the nearest visible units of each incident by crow, its holder always among them.

    Nothing is returned of an incident of which none of these goes now.
    """
    n = incident_x_m.size
    start = np.zeros(n + 1, np.int32)
    units = np.empty(n * (pairs_max + 1), np.int32)
    gap = np.empty(pairs_max, np.float64)
    row = np.empty(pairs_max, np.int32)
    at = 0
    for k in range(n):
        apart = (unit_x_m - incident_x_m[k]) ** 2 + (unit_y_m - incident_y_m[k]) ** 2
        has_holder = holder[k] != NONE
        can_go = has_holder and goes_now[holder[k]]
        if can_go or _is_near_enough(apart, may[k], goes_now, pairs_max):
            size = _nearest(apart, may[k], gap, row)
            missing = has_holder
            for i in range(size):
                units[at] = row[i]
                missing = missing and row[i] != holder[k]
                at += 1
            if missing:
                units[at] = holder[k]
                at += 1
        start[k + 1] = at
    return start, units[:at].copy()


@numba.njit(cache=True, nogil=True)
def _is_near_enough(apart: Floats, may: Bools, goes_now: Bools, most: int) -> bool:
    """Test whether a unit that goes now is among so many nearest visible ones.

    Counting takes a tenth of the time of sorting, and in busy hours spares most of it.
    """
    nearest = np.inf
    for v in range(apart.size):
        if may[v] and goes_now[v]:
            nearest = min(nearest, apart[v])
    nearer = 0
    for v in range(apart.size):
        nearer += may[v] & (apart[v] < nearest)
    return nearest < np.inf and nearer < most


@numba.njit(cache=True, nogil=True)
def _nearest(apart: Floats, may: Bools, gap: Floats, row: Int32s) -> int:
    """Write the nearest visible units; return how many they are."""
    size = 0
    for v in range(apart.size):
        if may[v] and (size < gap.size or apart[v] < gap[size - 1]):
            size = _insert(gap, row, size, apart[v], v)
    return size


@numba.njit(cache=True, nogil=True)
def _insert(gap: Floats, row: Int32s, size: int, d: float, v: int) -> int:
    """Insert a unit into the rising list of the nearest, after its equals; return the new size."""
    i = size = min(size, gap.size - 1)
    while i > 0 and gap[i - 1] > d:
        gap[i], row[i] = gap[i - 1], row[i - 1]
        i -= 1
    gap[i], row[i] = d, v
    return size + 1


@numba.njit(cache=True, nogil=True)
def reached(
    start: Int32s, units: Int32s, goes_now: Bools, going_to: Int32s
) -> tuple[Int64s, Int32s, Int32s, Int32s]:
    """Return the incidents of which some candidate goes now, and the pairs of these alone.

    Returns
    -------
    rows, start, units, going_to
        Old row of each incident that is left; its pairs; the new row to which each unit is on its
        way.
    """
    n = start.size - 1
    rows = np.empty(n, np.int64)
    new_row = np.full(n, NONE, np.int32)
    new_start = np.zeros(n + 1, np.int32)
    new_units = np.empty(units.size, np.int32)
    size = at = 0
    for k in range(n):
        if not goes_now[units[start[k] : start[k + 1]]].any():
            continue
        rows[size] = k
        new_row[k] = size
        size += 1
        for p in range(start[k], start[k + 1]):
            new_units[at] = units[p]
            at += 1
        new_start[size] = at
    bound = np.full(going_to.size, NONE, np.int32)
    for v in range(going_to.size):
        if going_to[v] != NONE:
            bound[v] = new_row[going_to[v]]
    return rows[:size], new_start[: size + 1], new_units[:at], bound


@numba.njit(cache=True, nogil=True)
def ways_to_ask(
    start: Int32s,
    units: Int32s,
    going_to: Int32s,
    arrives_in_ms: Int64s,
    is_blue: Bools,
    unreachable_ms: int,
) -> tuple[Int32s, Int32s, Int64s, Int64s]:
    """Return the incident of each pair, what is left of ways begun, and the pairs to ask for.

    Returns
    -------
    incident, travel_ms
        Of each pair; the way only where it is begun, else nought.
    blue, ordinary
        Pairs whose way has to be asked, by the mode in which they are driven.
    """
    incident = np.empty(units.size, np.int32)
    travel_ms = np.zeros(units.size, np.int32)
    blue = np.empty(units.size, np.int64)
    ordinary = np.empty(units.size, np.int64)
    blues = ordinaries = 0
    for k in range(start.size - 1):
        for p in range(start[k], start[k + 1]):
            incident[p] = k
            if going_to[units[p]] == k:
                travel_ms[p] = min(arrives_in_ms[units[p]], unreachable_ms)
            elif is_blue[k]:
                blue[blues] = p
                blues += 1
            else:
                ordinary[ordinaries] = p
                ordinaries += 1
    return incident, travel_ms, blue[:blues].copy(), ordinary[:ordinaries].copy()
