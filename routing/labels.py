# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""Labels: the time between a position and every ancestor of it in the elimination tree.

A label is a row indexed by depth. The shortest way between two positions passes a common ancestor,
and the common ancestors are the first so many of both rows: so a journey's time is the least sum
of two rows, entry by entry, over their common beginning. Labels are kept by position, because the
vehicle that stands still is asked about again and again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s
from routing.kernel import Arrays, Whole, first_at_least, kernel
from routing.position import FRACTION_BITS, FULL, Positions
from routing.seeds import INFINITE, Seeds, along_street_ms, seeds_arriving, seeds_leaving

Rows = npt.NDArray[np.int32]

LONG_MS: Final = np.int32(20_000)
"""An edge that takes this long is in a network of towns, not of streets."""

_ANY: Final = np.int64(2**32 - 1)

ALL_FINE: Final = np.int64(-(2**63))
"""No position at all, as positions are not negative; -1 could be a caller's mistake."""


@kernel
def sow(row: Int32s, seeds: Seeds, count: Whole, depth: npt.NDArray[np.int16]) -> Whole:
    """Start a label from its seeds; return the deepest rank of them, -1 if there are none.

    All seeds of a position lie on one branch of the tree, so the deepest has the rest above it.
    """
    deepest = np.int32(-1)
    for at in range(count):
        node = seeds[at, 0]
        if deepest < 0 or depth[node] > depth[deepest]:
            deepest = np.int32(node)
    if deepest >= 0:
        for place in range(depth[deepest] + 1):
            row[place] = INFINITE
        for at in range(count):
            place = depth[seeds[at, 0]]
            row[place] = min(row[place], np.int32(seeds[at, 1]))
    return deepest


@kernel
def write_leaving(
    row: Int32s,
    position: Whole,
    seeds: Seeds,
    graph: Arrays,
    tree: Arrays,
    up: Int32s,
    drive: Arrays,
) -> Whole:
    """Write the times from a position up; return its deepest rank, -1 if it reaches nothing."""
    count = seeds_leaving(position, seeds, graph, tree[0], drive)
    return _grown(row, seeds, count, tree, up)


@kernel
def write_arriving(
    row: Int32s,
    position: Whole,
    seeds: Seeds,
    graph: Arrays,
    tree: Arrays,
    down: Int32s,
    drive: Arrays,
) -> Whole:
    """Write the times down to a position; return its deepest rank, -1 if nothing reaches it."""
    count = seeds_arriving(position, seeds, graph, tree[0], drive)
    return _grown(row, seeds, count, tree, down)


@kernel
def _grown(row: Int32s, seeds: Seeds, count: Whole, tree: Arrays, weight: Int32s) -> Whole:
    """Complete a label from its seeds upward, one ancestor after the other."""
    deepest = sow(row, seeds, count, tree[2])
    if deepest >= 0:
        _grow(row, deepest, tree, weight)
    return deepest


@kernel
def _grow(row: Int32s, deepest: Whole, tree: Arrays, weight: Int32s) -> None:
    _, parent, depth, _, up_first, up_depth = tree
    node = deepest
    for place in range(depth[deepest], 0, -1):
        so_far = row[place]
        if so_far < INFINITE:
            for arc in range(up_first[node], up_first[node + 1]):
                above = up_depth[arc]
                row[above] = min(row[above], so_far + weight[arc])
        node = parent[node]


@kernel
def _from_nodes(
    row: Int32s, seeds: Seeds, count: Whole, store: Arrays, tree: Arrays, weight: Int32s
) -> Whole:
    """Complete a label from those of the nodes at the ends of its edge, which are kept.

    On a long edge a vehicle is seen many times before it has passed, so their labels pay.
    """
    _, _, _, _, _, node_rows, key, table, cursor = store
    depth = tree[2]
    deepest = sow(row, seeds, count, depth)
    for at in range(count):
        node, away_ms = seeds[at, 0], np.int32(seeds[at, 1])
        kept = _find_row(node, key, table)
        if kept < 0:
            kept = _take_row(node, key, table, cursor)
            node_rows[kept, : depth[node]] = INFINITE
            node_rows[kept, depth[node]] = 0
            _grow(node_rows[kept], node, tree, weight)
        near = node_rows[kept]
        for place in range(depth[node] + 1):
            row[place] = min(row[place], near[place] + away_ms)
    return deepest


@kernel
def _home(position: Whole, mask: Whole) -> Whole:
    mixed = np.uint64(position) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(32)) & mask


@kernel
def _find_row(position: Whole, key: Positions, table: Int32s) -> Whole:
    """Return the row that keeps a position's label; -1 if none does."""
    mask = len(table) - 1
    at = _home(position, mask)
    while table[at] >= 0:
        if key[table[at]] == position:
            return table[at]
        at = (at + 1) & mask
    return np.int32(-1)


@kernel
def _forget(row: Whole, key: Positions, table: Int32s) -> None:
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


@kernel
def _take_row(position: Whole, key: Positions, table: Int32s, cursor: Seeds) -> Whole:
    """Give a position a row of its own; the oldest gives way when all are taken."""
    row = np.int32(cursor[0])
    cursor[0] = (cursor[0] + 1) % len(key)
    if key[row] >= 0:
        _forget(row, key, table)
    mask = len(table) - 1
    at = _home(position, mask)
    while table[at] >= 0:
        at = (at + 1) & mask
    key[row] = position
    table[at] = row
    return row


@kernel
def _row_to_stay(row: Whole, takes: Whole, store: Arrays) -> Whole:
    """Return the row of a kept label that the next so many rows to be taken do not overwrite.

    A label in one of those rows moves to the first of them, as if it were new.
    """
    rows, key, deepest, table, cursor = store[:5]
    first = np.int32(cursor[0])
    if (row - first) % len(key) >= takes:
        return row
    if row == first:
        cursor[0] = (cursor[0] + 1) % len(key)
        return row
    position = key[row]
    _forget(row, key, table)
    key[row] = -1
    moved = _take_row(position, key, table, cursor)
    rows[moved] = rows[row]
    deepest[moved] = deepest[row]
    return moved


@kernel
def forget(
    key: Positions,
    deepest: Int32s,
    table: Int32s,
    changed_low: Int32s,
    reach: Int32s,
    changed_edges: Int32s,
    opposite: Int32s,
) -> None:
    """Forget the labels that new weights make wrong.

    A label is wrong if an upward arc changed that leaves its deepest node or an ancestor of it, or
    if its edge changed. ``changed_low`` are the nodes whose arcs changed, ascending, and
    ``reach[i]`` the lowest rank below any of ``changed_low[i:]``; ``changed_edges`` ascend.
    """
    for row in range(len(key)):
        if key[row] < 0:
            continue
        at = first_at_least(changed_low, np.int64(deepest[row]))
        wrong = at < len(changed_low) and reach[at] <= deepest[row]
        edge = np.int32(key[row] >> FRACTION_BITS)
        for _ in range(2):
            if edge >= 0 and not wrong:
                at = first_at_least(changed_edges, np.int64(edge))
                wrong = at < len(changed_edges) and changed_edges[at] == edge
                edge = opposite[edge]
        if wrong:
            _forget(row, key, table)
            key[row] = -1


@kernel
def climb(
    deepest: Whole, branch: Rows, parent: Int32s, depth: npt.NDArray[np.int16], lowest: Int32s
) -> Whole:
    """Write, by depth, the lowest rank below and the rank of a node and its ancestors.

    Return how many they are.
    """
    if deepest < 0:
        return np.int64(0)
    node = deepest
    for place in range(depth[deepest], -1, -1):
        branch[place, 0] = lowest[node]
        branch[place, 1] = node
        node = parent[node]
    return np.int64(depth[deepest]) + 1


@kernel
def common_size(branch: Rows, size: Whole, node: Whole) -> Whole:
    """Return how many nodes of a branch, from the root, have a node below or at them."""
    begin = 0
    while size > 0:
        half = (size + 1) >> 1
        at = begin + half - 1
        inside = branch[at, 0] <= node <= branch[at, 1]
        begin = begin + half if inside else begin
        size = size - half if inside else half - 1
    return begin


@kernel
def least_sum(a: Int32s, b: Int32s, size: Whole) -> Whole:
    """Return the least of a[i] + b[i] over the first entries, at most `UNREACHABLE_MS`."""
    best = INFINITE
    a, b = a[:size], b[:size]
    for at in range(size):
        best = min(best, np.int32(a[at] + b[at]))
    return best


@kernel
def _new_row(
    position: Whole,
    store: Arrays,
    seeds: Seeds,
    graph: Arrays,
    tree: Arrays,
    weight: Int32s,
    drive: Arrays,
) -> Whole:
    """Compute a label, keep it, and return its row."""
    rows, key, deepest, table, cursor = store[:5]
    row = _take_row(position, key, table, cursor)
    if cursor[1]:
        count = seeds_leaving(position, seeds, graph, tree[0], drive)
    else:
        count = seeds_arriving(position, seeds, graph, tree[0], drive)
    between = 0 < position & FULL < FULL
    if between and LONG_MS <= drive[0][position >> FRACTION_BITS] < INFINITE:
        deepest[row] = _from_nodes(rows[row], seeds, count, store, tree, weight)
    else:
        deepest[row] = _grown(rows[row], seeds, count, tree, weight)
    return row


@kernel
def each_and_many(
    ones: Positions,
    many: Positions,
    out: Rows,
    one_store: Arrays,
    many_store: Arrays,
    scratch: Arrays,
    graph: Arrays,
    tree: Arrays,
    one_weight: Int32s,
    many_weight: Int32s,
    drive: Arrays,
) -> Whole:
    """Write the times between each of some positions (rows) and many (columns).

    Return the first position that names no edge; `ALL_FINE` if all do.

    The many leave if their store says so, or else arrive. A store is: rows of labels; the position
    of each; its deepest rank; a hash table of the rows; the row to be taken next, and whether its
    labels leave (1) or arrive (0); then the same of nodes, whose deepest rank is their own. It must
    have room for all of the many.
    """
    seeds, branch, kept = scratch
    opposite = graph[3]
    rows, key, deepest, table, cursor = many_store[:5]
    many_leave = cursor[1] == 1
    for at in range(len(many)):
        if not 0 <= many[at] >> FRACTION_BITS < len(opposite):
            return many[at]
        row = _find_row(many[at], key, table)
        if row < 0:
            row = _new_row(many[at], many_store, seeds, graph, tree, many_weight, drive)
        else:
            # New labels of those still to come must not take the place of this one.
            row = _row_to_stay(row, len(many) - at, many_store)
        kept[at] = row
    one_rows, one_key, one_deepest, one_table = one_store[:4]
    for line in range(len(ones)):
        one = ones[line]
        if not 0 <= one >> FRACTION_BITS < len(opposite):
            return one
        row = _find_row(one, one_key, one_table)
        if row < 0:
            row = _new_row(one, one_store, seeds, graph, tree, one_weight, drive)
        label = one_rows[row]
        size = climb(one_deepest[row], branch, tree[1], tree[2], tree[3])
        edge = one >> FRACTION_BITS
        back = opposite[edge]
        for at in range(len(many)):
            row = kept[at]
            best = least_sum(rows[row], label, common_size(branch, size, deepest[row]))
            other = many[at]
            its_edge = other >> FRACTION_BITS
            if (its_edge == edge) | (its_edge == back):
                if many_leave:
                    best = min(best, along_street_ms(other, one, back, drive))
                else:
                    best = min(best, along_street_ms(one, other, opposite[its_edge], drive))
            out[line, at] = best
    return ALL_FINE


@kernel
def pair_by_pair(
    origins: Positions,
    destinations: Positions,
    out: Int32s,
    known: Positions,
    leaving: Arrays,
    arriving: Arrays,
    scratch: Arrays,
    graph: Arrays,
    tree: Arrays,
    up: Int32s,
    down: Int32s,
    drive: Arrays,
) -> Whole:
    """Write the time from each origin to the destination at the same index.

    Return the first position that names no edge; `ALL_FINE` if all do. Quickest where pairs with
    a common end follow one another: its branch is climbed once.

    ``known`` keeps answers, ``[:, (origin, destination, ms)]``, each in the one row that its pair
    hashes to: who waits at a hospital is weighed against the same patients in every round.
    """
    seeds, branch, _ = scratch
    parent, depth, lowest, opposite = tree[1], tree[2], tree[3], graph[3]
    from_rows, from_key, from_deepest, from_table = leaving[:4]
    to_rows, to_key, to_deepest, to_table = arriving[:4]
    climbed: Whole = np.int32(-1)
    size: Whole = np.int64(0)
    for at in range(len(origins)):
        origin, destination = origins[at], destinations[at]
        if not 0 <= origin >> FRACTION_BITS < len(opposite):
            return origin
        if not 0 <= destination >> FRACTION_BITS < len(opposite):
            return destination
        mixed = _home(np.int64(_home(origin, _ANY) + destination), len(known) - 1)
        kept = known[mixed]
        if (kept[0] == origin) & (kept[1] == destination):
            out[at] = np.int32(kept[2])
            continue
        start = _find_row(origin, from_key, from_table)
        if start < 0:
            start = _new_row(origin, leaving, seeds, graph, tree, up, drive)
        end = _find_row(destination, to_key, to_table)
        if end < 0:
            end = _new_row(destination, arriving, seeds, graph, tree, down, drive)
        low, high = from_deepest[start], to_deepest[end]
        shares_end = at + 1 < len(origins) and destinations[at + 1] == destination
        if high == climbed or (low != climbed and shares_end):
            low, high = high, low
        if low != climbed:
            size = climb(low, branch, parent, depth, lowest)
            climbed = low
        best = least_sum(from_rows[start], to_rows[end], common_size(branch, size, high))
        edge, its_edge = origin >> FRACTION_BITS, destination >> FRACTION_BITS
        if (edge == its_edge) | (edge == opposite[its_edge]):
            straight = along_street_ms(origin, destination, opposite[its_edge], drive)
            best = min(best, straight)
        out[at] = best
        kept[0], kept[1], kept[2] = origin, destination, best
    return ALL_FINE
