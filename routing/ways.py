"""The fastest way itself: which edges a journey drives, unpacked from the hierarchy."""

from __future__ import annotations

import numpy as np
from numba import njit

from routing.hierarchy import find_arc
from routing.labels import INFINITE, seeds_arriving, seeds_leaving, sow


@njit(nogil=True, cache=True)
def _grow_traced(row, via, came, deepest, parent, depth, up_first, up_depth, weight):  # type: ignore[no-untyped-def]
    """Complete a label as `grow` does, and note the arc and the depth that gave each entry."""
    node = deepest
    via[: depth[deepest] + 1] = -1
    for place in range(depth[deepest], 0, -1):
        so_far = row[place]
        if so_far < INFINITE:
            for arc in range(up_first[node], up_first[node + 1]):
                above = up_depth[arc]
                if so_far + weight[arc] < row[above]:
                    row[above] = so_far + weight[arc]
                    via[above] = arc
                    came[above] = place
        node = parent[node]


@njit(nogil=True, cache=True)
def _cheapest_arc(slot, low, high, weight, sides, arc_ms):  # type: ignore[no-untyped-def]
    """Return the road arc that has a hierarchy arc's weight; -1 if it passes a lower node.

    Equal arcs: the one of lowest number.
    """
    node_at, first_out, state_arc_first, state_arc, arc_slot = sides
    node = node_at[high] if slot & 1 else node_at[low]
    junctions = len(first_out) - 1
    if node < junctions:
        for arc in range(first_out[node], first_out[node + 1]):
            if arc_slot[arc] == slot and arc_ms[arc] == weight:
                return arc
    else:
        state = node - junctions
        for at in range(state_arc_first[state], state_arc_first[state + 1]):
            arc = state_arc[at]
            if arc_slot[arc] == slot and arc_ms[arc] == weight:
                return arc
    return np.int32(-1)


@njit(nogil=True, cache=True)
def _unpack(start_slot, start_low, out, count, up, down, tree, sides, arc_ms):  # type: ignore[no-untyped-def]
    """Append to ``out`` the road arcs of a hierarchy arc; return the new count, growing ``out``.

    A stack holds what is left to do, last part on top of the stack first.
    """
    up_first, up_head, down_first, down_arc, down_tail = tree
    stack = [(np.int64(start_slot), np.int64(start_low))]
    while len(stack) > 0:
        slot, low = stack.pop()
        arc = slot >> 1
        high = up_head[arc]
        weight = down[arc] if slot & 1 else up[arc]
        road = _cheapest_arc(slot, low, high, weight, sides, arc_ms)
        if road >= 0:
            if count == len(out):
                grown = np.empty(2 * len(out), dtype=np.int32)
                grown[:count] = out
                out = grown
            out[count] = road
            count += 1
            continue
        for at in range(down_first[low], down_first[low + 1]):
            middle = down_tail[at]
            to_low = down_arc[at]
            near = up[to_low] if slot & 1 else down[to_low]
            if near > weight:
                continue
            to_high = find_arc(up_first, up_head, middle, high)
            if to_high < 0:
                continue
            if slot & 1:
                if down[to_high] + near == weight:
                    stack.append((np.int64(2 * to_low), np.int64(middle)))
                    stack.append((np.int64(2 * to_high + 1), np.int64(middle)))
                    break
            elif near + up[to_high] == weight:
                stack.append((np.int64(2 * to_high), np.int64(middle)))
                stack.append((np.int64(2 * to_low + 1), np.int64(middle)))
                break
    return out, count


@njit(nogil=True, cache=True)
def _seed_edge(seeds, count, depth, place, time_ms):  # type: ignore[no-untyped-def]
    for at in range(count):
        if depth[seeds[at, 0]] == place and seeds[at, 1] == time_ms:
            return seeds[at, 2]
    return np.int64(-1)


@njit(nogil=True, cache=True)
def fastest_way(origin, destination, label_size, graph, tree, sides, up, down, arc_ms, drive_ms):  # type: ignore[no-untyped-def]
    """Return time, first edge, last edge, and the road arcs between; edges are -1 on a junction.

    The time is infinite where no way leads over a junction. Equally fast ways: always the same.
    """
    rank, parent, depth, up_first, up_depth, up_head, down_first, down_arc, down_tail = tree
    arcs = (up_first, up_head, down_first, down_arc, down_tail)
    size = 8 + 4 * (1 + np.max(graph[6][1:] - graph[6][:-1])) if len(graph[7]) else 16
    out_seeds = np.empty((size, 3), dtype=np.int64)
    in_seeds = np.empty((size, 3), dtype=np.int64)
    row = np.empty((2, label_size), dtype=np.int32)
    via = np.empty((2, label_size), dtype=np.int32)
    came = np.empty((2, label_size), dtype=np.int32)
    ways = np.empty(256, dtype=np.int32)
    out_count = seeds_leaving(origin, out_seeds, graph, rank, drive_ms)
    in_count = seeds_arriving(destination, in_seeds, graph, rank, drive_ms)
    a = sow(row[0], out_seeds, out_count, depth)
    b = sow(row[1], in_seeds, in_count, depth)
    if a < 0 or b < 0:
        return INFINITE, np.int64(-1), np.int64(-1), ways[:0]
    _grow_traced(row[0], via[0], came[0], a, parent, depth, up_first, up_depth, up)
    _grow_traced(row[1], via[1], came[1], b, parent, depth, up_first, up_depth, down)
    best, meet, meet_node = INFINITE, np.int64(-1), np.int64(-1)
    while a != b and a >= 0 and b >= 0:
        if depth[a] >= depth[b]:
            a = parent[a]
        else:
            b = parent[b]
    node = a if a == b else np.int32(-1)
    while node >= 0:
        total = row[0, depth[node]] + row[1, depth[node]]
        if total < best:
            best, meet, meet_node = total, np.int64(depth[node]), np.int64(node)
        node = parent[node]
    if meet < 0:
        return INFINITE, np.int64(-1), np.int64(-1), ways[:0]
    count = 0
    place = meet
    climbed = [(np.int64(0), np.int64(0))]
    climbed.clear()
    while via[0, place] >= 0:
        low = _low_end(up_first, via[0, place])
        climbed.append((np.int64(2 * via[0, place]), low))
        place = came[0, place]
    first_edge = _seed_edge(out_seeds, out_count, depth, place, row[0, place])
    while len(climbed) > 0:
        slot, low = climbed.pop()
        ways, count = _unpack(slot, low, ways, count, up, down, arcs, sides, arc_ms)
    place = meet
    while via[1, place] >= 0:
        low = _low_end(up_first, via[1, place])
        slot = np.int64(2 * via[1, place] + 1)
        ways, count = _unpack(slot, low, ways, count, up, down, arcs, sides, arc_ms)
        place = came[1, place]
    last_edge = _seed_edge(in_seeds, in_count, depth, place, row[1, place])
    return best, first_edge, last_edge, ways[:count]


@njit(nogil=True, cache=True)
def _low_end(up_first, arc):  # type: ignore[no-untyped-def]
    """Return the node that an upward arc leaves."""
    return np.int64(np.searchsorted(up_first, arc, side="right") - 1)
