# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""The fastest way itself: which arcs a journey drives, unpacked from the hierarchy."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from maps.road_network import Bools, Int32s
from routing.kernel import Arrays, Whole, first_at_least, kernel, longer
from routing.labels import sow
from routing.seeds import INFINITE, Seeds, seeds_arriving, seeds_leaving

_MANY: Final = 48
"""So many downward arcs are searched in doubling steps, fewer one by one."""

Depths = npt.NDArray[np.int16]


@kernel
def fastest_way(
    origin: Whole,
    destination: Whole,
    label_size: Whole,
    seed_size: Whole,
    graph: Arrays,
    tree: Arrays,
    sides: Arrays,
    up: Int32s,
    down: Int32s,
    arc_ms: Int32s,
    drive: Arrays,
) -> tuple[Whole, Whole, Whole, Int32s]:
    """Return time, first edge, last edge, and the road arcs between; edges are -1 on a junction.

    The time is infinite where no way leads over a junction. Of equally fast ways always the same.
    """
    rank, parent, depth, up_first, up_depth, up_head, down_first, down_arc, down_tail = tree
    node_at, first_out, state_arc_first, state_arc, arc_slot, has_road = sides
    leave = np.empty((seed_size, 3), dtype=np.int64)
    arrive = np.empty((seed_size, 3), dtype=np.int64)
    rows = np.empty((2, label_size), dtype=np.int32)
    via = np.empty((2, label_size), dtype=np.int32)
    came = np.empty((2, label_size), dtype=np.int32)
    leave_count = seeds_leaving(origin, leave, graph, rank, drive)
    arrive_count = seeds_arriving(destination, arrive, graph, rank, drive)
    a = sow(rows[0], leave, leave_count, depth)
    b = sow(rows[1], arrive, arrive_count, depth)
    _trace(rows[0], via[0], came[0], a, parent, depth, up_first, up_depth, up)
    _trace(rows[1], via[1], came[1], b, parent, depth, up_first, up_depth, down)
    best, meet = _meet(rows[0], rows[1], a, b, parent, depth)
    if meet < 0:
        return INFINITE, np.int64(-1), np.int64(-1), np.empty(0, dtype=np.int32)
    arcs, place, last_place = _hierarchy_arcs(via, came, meet)
    first_edge = _seed_edge(leave, leave_count, depth, place, rows[0, place])
    last_edge = _seed_edge(arrive, arrive_count, depth, last_place, rows[1, last_place])
    roads = _unpack(
        arcs, up, down, up_first, up_head, down_first, down_arc, down_tail,
        node_at, first_out, state_arc_first, state_arc, arc_slot, has_road, arc_ms,
    )  # fmt: skip
    return best, first_edge, last_edge, roads


@kernel
def _trace(
    row: Int32s,
    via: Int32s,
    came: Int32s,
    deepest: Whole,
    parent: Int32s,
    depth: Depths,
    up_first: Int32s,
    up_depth: Depths,
    weight: Int32s,
) -> None:
    """Complete a label, and note the arc and the depth from which each entry came."""
    if deepest < 0:
        return
    node = deepest
    for place in range(depth[deepest] + 1):
        via[place] = -1
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


@kernel
def _meet(
    leaving: Int32s, arriving: Int32s, a: Whole, b: Whole, parent: Int32s, depth: Depths
) -> tuple[Whole, Whole]:
    """Return the least time and the depth of the common ancestor that gives it; -1 if none."""
    while a != b and a >= 0 and b >= 0:
        if depth[a] >= depth[b]:
            a = parent[a]
        else:
            b = parent[b]
    best, meet = INFINITE, np.int64(-1)
    if a == b and a >= 0:
        for place in range(depth[a] + 1):
            total = np.int32(leaving[place] + arriving[place])
            if total < best:
                best, meet = total, np.int64(place)
    return best, meet


@kernel
def _hierarchy_arcs(
    via: Int32s, came: Int32s, meet: Whole
) -> tuple[npt.NDArray[np.int64], Whole, Whole]:
    """Return the arcs of both labels through their meeting point, last first, as slots."""
    place = np.int64(meet)
    climbed = 0
    while via[0, place] >= 0:
        place = np.int64(came[0, place])
        climbed += 1
    last_place = np.int64(meet)
    fallen = 0
    while via[1, last_place] >= 0:
        last_place = np.int64(came[1, last_place])
        fallen += 1
    arcs = np.empty(climbed + fallen, dtype=np.int64)
    at = np.int64(meet)
    for step in range(climbed):
        # Climbed arcs come out in the reverse of travel; they end the list the right way round.
        arcs[fallen + step] = 2 * via[0, at]
        at = np.int64(came[0, at])
    at = np.int64(meet)
    for step in range(fallen):
        arcs[fallen - 1 - step] = 2 * via[1, at] + 1
        at = np.int64(came[1, at])
    return arcs, place, last_place


@kernel
def _seed_edge(seeds: Seeds, count: Whole, depth: Depths, place: Whole, time_ms: Whole) -> Whole:
    for at in range(count):
        if depth[seeds[at, 0]] == place and seeds[at, 1] == time_ms:
            return seeds[at, 2]
    return np.int64(-1)


@kernel
def _unpack(
    arcs: npt.NDArray[np.int64],
    up: Int32s,
    down: Int32s,
    up_first: Int32s,
    up_head: Int32s,
    down_first: Int32s,
    down_arc: Int32s,
    down_tail: Int32s,
    node_at: Int32s,
    first_out: Int32s,
    state_arc_first: Int32s,
    state_arc: Int32s,
    arc_slot: Int32s,
    has_road: Bools,
    arc_ms: Int32s,
) -> Int32s:
    """Return the road arcs, in order of travel, that arcs of the hierarchy stand for.

    What is left to do lies on a stack, next on top. An arc that is no road passes a lower node,
    and so its two halves end, lower still, in roads.
    """
    slots = np.empty(len(arcs) + 256, dtype=np.int64)
    lows = np.empty(len(arcs) + 256, dtype=np.int64)
    for at in range(len(arcs)):
        slots[at] = arcs[at]
        lows[at] = first_at_least(up_first, (arcs[at] >> 1) + 1) - 1
    left = len(arcs)
    roads = np.empty(512, dtype=np.int32)
    count = 0
    while left > 0:
        left -= 1
        slot, low = slots[left], lows[left]
        arc = slot >> 1
        falls = slot & 1
        high = up_head[arc]
        weight = down[arc] if falls else up[arc]
        node = node_at[high] if falls else node_at[low]
        road = np.int64(-1)
        if has_road[arc]:
            road = _road_of(
                slot, weight, node, first_out, state_arc_first, state_arc, arc_slot, arc_ms
            )
        if road >= 0:
            if count == len(roads):
                roads = longer(roads)
            roads[count] = road
            count += 1
            continue
        if left + 2 > len(slots):
            slots, lows = longer(slots), longer(lows)
        near, far = (up, down) if falls else (down, up)
        top, other = _middle(low, high, weight, near, far, down_first, down_arc, down_tail)
        middle = down_tail[top]
        to_low, to_high = np.int64(down_arc[top]), np.int64(down_arc[other])
        slots[left] = 2 * to_low if falls else 2 * to_high
        slots[left + 1] = 2 * to_high + 1 if falls else 2 * to_low + 1
        lows[left] = middle
        lows[left + 1] = middle
        left += 2
    return roads[:count]


@kernel
def _middle(
    low: Whole,
    high: Whole,
    weight: Whole,
    near: Int32s,
    far: Int32s,
    down_first: Int32s,
    down_arc: Int32s,
    down_tail: Int32s,
) -> tuple[Whole, Whole]:
    """Return where, in the downward arcs of both ends, the node is over which a weight came.

    It is below both ends. Its rank is the highest of all on the way between, so the search begins
    at the top; both lists are read in order, and so from the cache.
    """
    at = np.int64(down_first[low + 1]) - 1
    other, bottom = np.int64(down_first[high + 1]) - 1, np.int64(down_first[high])
    # The search needs no end: an arc that is no road has its weight from some node below it.
    while True:
        middle = down_tail[at]
        if other - bottom > _MANY:
            if down_tail[other] > middle:
                other = _last_up_to(down_tail, bottom, other, middle)
        else:
            while down_tail[other] > middle:
                other -= 1
        if down_tail[other] == middle and near[down_arc[at]] + far[down_arc[other]] == weight:
            return at, other
        at -= 1


@kernel
def _last_up_to(values: Int32s, first: Whole, last: Whole, wanted: Whole) -> Whole:
    """Return the last place from first to last with at most the wanted value; first - 1 if none.

    Looks near the end first, in doubling steps.
    """
    step = 1
    while last - step >= first and values[last - step] > wanted:
        last -= step
        step *= 2
    low = max(last - step, first - 1)
    while low + 1 < last:
        half = (low + last) >> 1
        if values[half] > wanted:
            last = half
        else:
            low = half
    return low


@kernel
def _road_of(
    slot: Whole,
    weight: Whole,
    node: Whole,
    first_out: Int32s,
    state_arc_first: Int32s,
    state_arc: Int32s,
    arc_slot: Int32s,
    arc_ms: Int32s,
) -> Whole:
    """Return the first road arc out of a node that gives a hierarchy arc its weight; -1 if none."""
    junctions = len(first_out) - 1
    if node < junctions:
        for arc in range(first_out[node], first_out[node + 1]):
            if arc_slot[arc] == slot and arc_ms[arc] == weight:
                return np.int64(arc)
    else:
        state = node - junctions
        for at in range(state_arc_first[state], state_arc_first[state + 1]):
            arc = state_arc[at]
            if arc_slot[arc] == slot and arc_ms[arc] == weight:
                return np.int64(arc)
    return np.int64(-1)
