"""Where a position joins the graph: the nodes that a vehicle reaches first, or arrives from last.

A street that is shut to through traffic is shut in its middle: a crew may drive into it from either
end, up to there, and out again, but not across. On a one-way street, where there is no turning
back, a crew may leave or arrive along the whole of it, but not drive from end to end.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s
from routing.kernel import Arrays, Whole, first_at_least, kernel
from routing.position import FRACTION_BITS, FULL, HALF, behind_ms
from routing.weights import UNREACHABLE_MS

# Typed constants: a kernel called with a literal is compiled once more for that literal.
INFINITE: Final = np.int32(UNREACHABLE_MS)
ZERO: Final = np.int64(0)
NONE: Final = np.int64(-1)
START: Final = np.int64(0)
END: Final = np.int64(FULL)

Seeds = npt.NDArray[np.int64]
"""Rows of rank, time in ms, and the edge driven in part to get there or away (-1: none)."""


@kernel
def part_ms(edge: Whole, back: Whole, start: Whole, end: Whole, drive: Arrays) -> Whole:
    """Return the time along part of an edge, between two fractions; infinite if it is not allowed.

    ``back`` is the opposite edge, -1 on a one-way street. ``drive`` are the times that measure
    positions on edges, and those to drive through them.
    """
    offset_ms, weight_ms = drive
    whole = offset_ms[edge]
    if whole >= INFINITE:
        return np.int64(INFINITE)
    if weight_ms[edge] >= INFINITE:
        if back >= 0 and start <= HALF < end:
            return np.int64(INFINITE)
        if back < 0 and start == 0 and end == FULL:
            return np.int64(INFINITE)
    return behind_ms(whole, end) - behind_ms(whole, start)


@kernel
def seeds_leaving(
    position: Whole, seeds: Seeds, graph: Arrays, rank: Int32s, drive: Arrays
) -> Whole:
    """List the nodes that a vehicle can reach first; return how many.

    Along its edge, back along the opposite edge, and freely where it stands on a junction.
    """
    tail, head, junction, opposite = graph[0], graph[1], graph[2], graph[3]
    edge, fraction = position >> FRACTION_BITS, position & FULL
    back = np.int64(opposite[edge])
    count = np.int64(0)
    if fraction == 0:
        count = _add_seed(seeds, count, rank[tail[edge]], ZERO, NONE)
    if fraction == FULL:
        count = _add_seed(seeds, count, rank[junction[edge]], ZERO, NONE)
    ahead = part_ms(edge, back, fraction, END, drive)
    count = _add_seed(seeds, count, rank[head[edge]], ahead, edge)
    if back >= 0:
        ahead = part_ms(back, edge, FULL - fraction, END, drive)
        count = _add_seed(seeds, count, rank[head[back]], ahead, back)
    return count


@kernel
def seeds_arriving(
    position: Whole, seeds: Seeds, graph: Arrays, rank: Int32s, drive: Arrays
) -> Whole:
    """List the nodes from which a vehicle arrives last; return how many."""
    tail, _, junction, opposite, is_split, copied_edge, state_first, state_node = graph
    edge, fraction = position >> FRACTION_BITS, position & FULL
    back = np.int64(opposite[edge])
    count = np.int64(0)
    if fraction == 0:
        count = _seed_states(seeds, count, tail[edge], state_first, state_node, rank)
    if fraction == FULL:
        count = _seed_states(seeds, count, junction[edge], state_first, state_node, rank)
    last = part_ms(edge, back, START, fraction, drive)
    count = _add_seed(seeds, count, rank[tail[edge]], last, edge)
    if is_split[edge]:
        count = _seed_copies(seeds, count, edge, last, tail, len(junction), copied_edge, rank)
    if back >= 0:
        last = part_ms(back, edge, START, FULL - fraction, drive)
        count = _add_seed(seeds, count, rank[tail[back]], last, back)
        if is_split[back]:
            count = _seed_copies(seeds, count, back, last, tail, len(junction), copied_edge, rank)
    return count


@kernel
def _seed_states(
    seeds: Seeds, count: Whole, node: Whole, state_first: Int32s, state_node: Int32s, rank: Int32s
) -> Whole:
    """Reach a junction in whichever state."""
    count = _add_seed(seeds, count, rank[node], ZERO, NONE)
    for at in range(state_first[node], state_first[node + 1]):
        count = _add_seed(seeds, count, rank[state_node[at]], ZERO, NONE)
    return count


@kernel
def _seed_copies(
    seeds: Seeds,
    count: Whole,
    edge: Whole,
    time_ms: Whole,
    tail: Int32s,
    edge_count: Whole,
    copied_edge: Int32s,
    rank: Int32s,
) -> Whole:
    """Reach an edge from each state of its tail that may turn into it."""
    at = first_at_least(copied_edge, np.int64(edge))
    while at < len(copied_edge) and copied_edge[at] == edge:
        count = _add_seed(seeds, count, rank[tail[edge_count + at]], time_ms, edge)
        at += 1
    return count


@kernel
def _add_seed(seeds: Seeds, count: Whole, rank: Whole, time_ms: Whole, edge: Whole) -> Whole:
    if time_ms < INFINITE:
        seeds[count, 0] = rank
        seeds[count, 1] = time_ms
        seeds[count, 2] = edge
        return count + 1
    return count


@kernel
def along_street_ms(origin: Whole, destination: Whole, opposite: Whole, drive: Arrays) -> Whole:
    """Return the time straight along a street on which both positions lie; infinite if not.

    ``opposite`` is that of the destination's edge, -1 on a one-way street.
    """
    edge, to_edge = origin >> FRACTION_BITS, destination >> FRACTION_BITS
    start, end = origin & FULL, destination & FULL
    back = np.int64(opposite)
    if edge == back:
        end = FULL - end
        back = to_edge
    elif edge != to_edge:
        return INFINITE
    if start == end:
        return np.int32(0)
    if start < end:
        return np.int32(part_ms(edge, back, start, end, drive))
    if back >= 0:
        return np.int32(part_ms(back, edge, FULL - start, FULL - end, drive))
    return INFINITE
