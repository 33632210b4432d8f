"""Labels: the time between a position and every ancestor of it in the elimination tree.

A label is a row indexed by depth. The shortest way between two positions passes a common ancestor,
and the common ancestors are the first so many of both rows: so a journey's time is the least sum
of two rows, entry by entry, over their common beginning. Labels are kept by position, because the
vehicle that stands still is asked about again and again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from routing.position import FRACTION_BITS, FULL, behind_ms
from routing.weights import UNREACHABLE_MS

INFINITE: Final = np.int32(UNREACHABLE_MS)


@njit(nogil=True, cache=True)
def _add_seed(seeds, count, rank, time_ms, edge):  # type: ignore[no-untyped-def]
    if time_ms < INFINITE:
        seeds[count, 0] = rank
        seeds[count, 1] = time_ms
        seeds[count, 2] = edge
        return count + 1
    return count


@njit(nogil=True, cache=True)
def seeds_leaving(position, seeds, graph, rank, drive_ms):  # type: ignore[no-untyped-def]
    """List the nodes that a vehicle can reach first: rows of rank, time, edge driven (-1: none).

    Along its edge, back along the opposite edge, and freely where it stands on a junction.
    """
    tail, head, junction, opposite = graph[0], graph[1], graph[2], graph[3]
    edge, fraction = position >> FRACTION_BITS, position & FULL
    back = opposite[edge]
    count = 0
    if fraction == 0:
        count = _add_seed(seeds, count, rank[tail[edge]], 0, -1)
    if fraction == FULL:
        count = _add_seed(seeds, count, rank[junction[edge]], 0, -1)
    whole = drive_ms[edge]
    if whole < INFINITE:
        ahead = whole - behind_ms(whole, fraction)
        count = _add_seed(seeds, count, rank[head[edge]], ahead, edge)
    if back >= 0 and drive_ms[back] < INFINITE:
        ahead = drive_ms[back] - behind_ms(drive_ms[back], FULL - fraction)
        count = _add_seed(seeds, count, rank[head[back]], ahead, back)
    return count


@njit(nogil=True, cache=True)
def _seed_states(seeds, count, node, graph, rank):  # type: ignore[no-untyped-def]
    """Reach a junction in whichever state."""
    state_first, state_node = graph[6], graph[7]
    count = _add_seed(seeds, count, rank[node], 0, -1)
    for at in range(state_first[node], state_first[node + 1]):
        count = _add_seed(seeds, count, rank[state_node[at]], 0, -1)
    return count


@njit(nogil=True, cache=True)
def _seed_entries(seeds, count, edge, time_ms, graph, rank):  # type: ignore[no-untyped-def]
    """Reach an edge from its tail, and from each state of it that may turn into the edge."""
    tail, junction, is_split, copied_edge = graph[0], graph[2], graph[4], graph[5]
    count = _add_seed(seeds, count, rank[tail[edge]], time_ms, edge)
    if is_split[edge]:
        at = np.searchsorted(copied_edge, edge)
        while at < len(copied_edge) and copied_edge[at] == edge:
            count = _add_seed(seeds, count, rank[tail[len(junction) + at]], time_ms, edge)
            at += 1
    return count


@njit(nogil=True, cache=True)
def seeds_arriving(position, seeds, graph, rank, drive_ms):  # type: ignore[no-untyped-def]
    """List the nodes from which a vehicle arrives last: rows of rank, time, edge driven (-1)."""
    tail, junction, opposite = graph[0], graph[2], graph[3]
    edge, fraction = position >> FRACTION_BITS, position & FULL
    back = opposite[edge]
    count = 0
    if fraction == 0:
        count = _seed_states(seeds, count, tail[edge], graph, rank)
    if fraction == FULL:
        count = _seed_states(seeds, count, junction[edge], graph, rank)
    if drive_ms[edge] < INFINITE:
        last = behind_ms(drive_ms[edge], fraction)
        count = _seed_entries(seeds, count, edge, last, graph, rank)
    if back >= 0 and drive_ms[back] < INFINITE:
        last = behind_ms(drive_ms[back], FULL - fraction)
        count = _seed_entries(seeds, count, back, last, graph, rank)
    return count


@njit(nogil=True, cache=True)
def sow(row, seeds, count, depth):  # type: ignore[no-untyped-def]
    """Start a label from its seeds; return the deepest rank of them, -1 if there are none.

    All seeds of a position lie on one branch of the tree, so the deepest has the rest above it.
    """
    deepest = np.int32(-1)
    for at in range(count):
        node = seeds[at, 0]
        if deepest < 0 or depth[node] > depth[deepest]:
            deepest = np.int32(node)
    if deepest >= 0:
        row[: depth[deepest] + 1] = INFINITE
        for at in range(count):
            place = depth[seeds[at, 0]]
            row[place] = min(row[place], np.int32(seeds[at, 1]))
    return deepest


@njit(nogil=True, cache=True)
def grow(row, deepest, parent, depth, up_first, up_depth, weight):  # type: ignore[no-untyped-def]
    """Complete a label upward from its deepest node, one ancestor after the other."""
    node = deepest
    for place in range(depth[deepest], 0, -1):
        so_far = row[place]
        if so_far < INFINITE:
            for arc in range(up_first[node], up_first[node + 1]):
                above = up_depth[arc]
                row[above] = min(row[above], so_far + weight[arc])
        node = parent[node]


@njit(nogil=True, cache=True)
def _home(position, mask):  # type: ignore[no-untyped-def]
    mixed = np.uint64(position) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(32)) & mask


@njit(nogil=True, cache=True)
def _forget(row, key, table):  # type: ignore[no-untyped-def]
    """Take a row's entry out of the hash table and close the gap behind it."""
    mask = len(table) - 1
    gap = _home(key[row], mask)
    while table[gap] != row:
        gap = (gap + 1) & mask
    at = gap
    while True:
        at = (at + 1) & mask
        if table[at] < 0:
            break
        home = _home(key[table[at]], mask)
        # An entry may move back into the gap unless its home lies after the gap.
        if ((at - home) & mask) >= ((at - gap) & mask):
            table[gap] = table[at]
            gap = at
    table[gap] = -1


@njit(nogil=True, cache=True)
def kept_row(position, leaving, store, seeds, graph, tree, weight, drive_ms):  # type: ignore[no-untyped-def]
    """Return the row that keeps a position's label, after computing it if it is not there.

    The oldest row gives way when all are taken.
    """
    rows, key, deepest, table, cursor = store
    rank, parent, depth, _, up_first, up_depth = tree
    mask = len(table) - 1
    at = _home(position, mask)
    while table[at] >= 0:
        if key[table[at]] == position:
            return table[at]
        at = (at + 1) & mask
    row = np.int32(cursor[0])
    cursor[0] = (cursor[0] + 1) % len(key)
    if key[row] >= 0:
        _forget(row, key, table)
        at = _home(position, mask)
        while table[at] >= 0:
            at = (at + 1) & mask
    key[row] = position
    table[at] = row
    if leaving:
        count = seeds_leaving(position, seeds, graph, rank, drive_ms)
    else:
        count = seeds_arriving(position, seeds, graph, rank, drive_ms)
    deepest[row] = sow(rows[row], seeds, count, depth)
    if deepest[row] >= 0:
        grow(rows[row], deepest[row], parent, depth, up_first, up_depth, weight)
    return row


@njit(nogil=True, cache=True)
def _climb(deepest, branch, parent, depth, lowest):  # type: ignore[no-untyped-def]
    """Write the ranks, and the lowest ranks below them, of a node and its ancestors by depth."""
    node = deepest
    for place in range(depth[deepest], -1, -1):
        branch[place, 0] = lowest[node]
        branch[place, 1] = node
        node = parent[node]
    return depth[deepest] + 1


@njit(nogil=True, cache=True)
def _common(branch, size, node):  # type: ignore[no-untyped-def]
    """Return how many nodes of a branch, from the root, have a node below or at them."""
    begin = 0
    while size > 0:
        half = (size + 1) >> 1
        at = begin + half - 1
        inside = branch[at, 0] <= node <= branch[at, 1]
        begin = begin + half if inside else begin
        size = size - half if inside else half - 1
    return begin


@njit(nogil=True, cache=True)
def least_sum(a, b, size):  # type: ignore[no-untyped-def]
    """Return the least of a[i] + b[i] over the first entries, at most `UNREACHABLE_MS`."""
    best = INFINITE
    a, b = a[:size], b[:size]
    for at in range(size):
        best = min(best, np.int32(a[at] + b[at]))
    return best


@njit(nogil=True, cache=True)
def along_segment_ms(origin, destination, opposite, drive_ms):  # type: ignore[no-untyped-def]
    """Return the time straight along a street on which both positions lie; infinite if they do not.

    ``opposite`` is that of the destination's edge, -1 on a one-way street.
    """
    from_edge, to_edge = origin >> FRACTION_BITS, destination >> FRACTION_BITS
    start, end = origin & FULL, destination & FULL
    if from_edge == opposite:
        end = FULL - end
        opposite, to_edge = to_edge, from_edge
    elif from_edge != to_edge:
        return INFINITE
    best = INFINITE
    if start == end:
        return np.int32(0)
    if start < end and drive_ms[from_edge] < INFINITE:
        whole = drive_ms[from_edge]
        best = np.int32(behind_ms(whole, end) - behind_ms(whole, start))
    if end < start and opposite >= 0 and drive_ms[opposite] < INFINITE:
        whole = drive_ms[opposite]
        best = np.int32(behind_ms(whole, FULL - end) - behind_ms(whole, FULL - start))
    return best


@njit(nogil=True, cache=True)
def one_and_many(  # type: ignore[no-untyped-def]
    one,
    many,
    out,
    many_leave,
    many_store,
    one_store,
    scratch,
    graph,
    tree,
    many_weight,
    one_weight,
    drive_ms,
):
    """Write the times between one position and many; the many leave, or else arrive."""
    seeds, branch = scratch
    _, parent, depth, lowest, _, _ = tree
    opposite = graph[3]
    row = kept_row(one, not many_leave, one_store, seeds, graph, tree, one_weight, drive_ms)
    label, deepest = one_store[0][row], one_store[2][row]
    size = _climb(deepest, branch, parent, depth, lowest) if deepest >= 0 else 0
    edge = one >> FRACTION_BITS
    back = opposite[edge]
    rows, many_deepest = many_store[0], many_store[2]
    for at in range(len(many)):
        other = many[at]
        row = kept_row(other, many_leave, many_store, seeds, graph, tree, many_weight, drive_ms)
        shared = _common(branch, size, many_deepest[row])
        best = least_sum(rows[row], label, shared)
        its_edge = other >> FRACTION_BITS
        if its_edge == edge or its_edge == back:
            if many_leave:
                best = min(best, along_segment_ms(other, one, back, drive_ms))
            else:
                best = min(best, along_segment_ms(one, other, opposite[its_edge], drive_ms))
        out[at] = best
