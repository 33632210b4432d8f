# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""New weights for a few arcs: only what they change is customised again, exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s
from routing.kernel import Arrays, Whole, first_at_least, kernel, longer
from routing.weights import UNREACHABLE_MS

Heap = npt.NDArray[np.int64]


@kernel
def recustomise(
    changed_arcs: Int32s,
    up: Int32s,
    down: Int32s,
    arc_ms: Int32s,
    tree: Arrays,
    sides: Arrays,
    limit: Whole,
) -> Int32s:
    """Bring a metric up to date in place after some arc weights changed; return what did.

    ``changed_arcs`` are road arcs whose new weights ``arc_ms`` already holds. The upward arcs
    whose times changed are returned; once they are more than ``limit`` the work stops undone,
    because to customise everything is then quicker. Otherwise the result equals a customisation
    from scratch: an arc is looked at again where a triangle under it changed and was, or becomes,
    its shortest way. Arcs are taken in ascending order: all triangles under one are up to date.
    """
    up_first, up_head, down_first, down_arc, down_tail = tree
    node_at, first_out, state_arc_first, state_arc, arc_slot, has_road = sides
    heap = np.empty(256, dtype=np.int64)
    size = np.int64(0)
    for road in changed_arcs:
        if arc_slot[road] >= 0:
            heap, size = _push(heap, size, np.int64(arc_slot[road] >> 1))
    touched = np.empty(256, dtype=np.int32)
    count = 0
    last = np.int64(-1)
    while size > 0 and count <= limit:
        arc = _pop(heap, size)
        size -= 1
        if arc == last:
            continue
        last = arc
        low = first_at_least(up_first, arc + 1) - 1
        high = up_head[arc]
        rise, fall = np.int32(UNREACHABLE_MS), np.int32(UNREACHABLE_MS)
        if has_road[arc]:
            rise = _least_road(
                2 * arc, node_at[low], first_out, state_arc_first, state_arc, arc_slot, arc_ms
            )
            fall = _least_road(
                2 * arc + 1, node_at[high], first_out, state_arc_first, state_arc, arc_slot, arc_ms
            )
        rise, fall = _over_triangles(
            low, high, rise, fall, up, down, down_first, down_arc, down_tail
        )
        if rise == up[arc] and fall == down[arc]:
            continue
        heap, size = _push_dependents(arc, low, rise, fall, up, down, tree, heap, size)
        up[arc], down[arc] = rise, fall
        if count == len(touched):
            touched = longer(touched)
        touched[count] = arc
        count += 1
    return touched[:count]


@kernel
def _over_triangles(
    low: Whole,
    high: Whole,
    rise: Whole,
    fall: Whole,
    up: Int32s,
    down: Int32s,
    down_first: Int32s,
    down_arc: Int32s,
    down_tail: Int32s,
) -> tuple[Whole, Whole]:
    """Return the shortest way up and down an arc, over the lower nodes that both ends have."""
    at, at_end = np.int64(down_first[low]), np.int64(down_first[low + 1])
    other, other_end = np.int64(down_first[high]), np.int64(down_first[high + 1])
    while at < at_end and other < other_end:
        if down_tail[at] < down_tail[other]:
            at += 1
        elif down_tail[at] > down_tail[other]:
            other = _first_from(down_tail, other, other_end, down_tail[at])
        else:
            to_low, to_high = down_arc[at], down_arc[other]
            rise = min(rise, np.int32(down[to_low] + up[to_high]))
            fall = min(fall, np.int32(down[to_high] + up[to_low]))
            at += 1
            other += 1
    return rise, fall


@kernel
def _push_dependents(
    arc: Whole,
    low: Whole,
    rise: Whole,
    fall: Whole,
    up: Int32s,
    down: Int32s,
    tree: Arrays,
    heap: Heap,
    size: Whole,
) -> tuple[Heap, Whole]:
    """Push the arcs over an arc whose times were, or now become, those of a way over it."""
    up_first, up_head, down_first, down_arc, down_tail = tree
    high = up_head[arc]
    # Arcs from ends between: they come down from the high end, in the order of their tails.
    at, end = np.int64(down_first[high]), np.int64(down_first[high + 1])
    for side in range(up_first[low], arc):
        at = _first_from(down_tail, at, end, up_head[side])
        above = np.int64(down_arc[at])
        was = down[side] + up[arc] == up[above] or down[arc] + up[side] == down[above]
        if was or down[side] + rise < up[above] or fall + up[side] < down[above]:
            heap, size = _push(heap, size, above)
    # Arcs to ends beyond: all of them leave the high end, in the order of their heads.
    above = np.int64(up_first[high])
    for side in range(arc + 1, up_first[low + 1]):
        while up_head[above] < up_head[side]:
            above += 1
        was = down[arc] + up[side] == up[above] or down[side] + up[arc] == down[above]
        if was or fall + up[side] < up[above] or down[side] + rise < down[above]:
            heap, size = _push(heap, size, above)
    return heap, size


@kernel
def _least_road(
    slot: Whole,
    node: Whole,
    first_out: Int32s,
    state_arc_first: Int32s,
    state_arc: Int32s,
    arc_slot: Int32s,
    arc_ms: Int32s,
) -> Whole:
    """Return the least weight of the road arcs on one side of a hierarchy arc."""
    least = np.int32(UNREACHABLE_MS)
    junctions = len(first_out) - 1
    if node < junctions:
        for arc in range(first_out[node], first_out[node + 1]):
            if arc_slot[arc] == slot:
                least = min(least, arc_ms[arc])
    else:
        state = node - junctions
        for at in range(state_arc_first[state], state_arc_first[state + 1]):
            if arc_slot[state_arc[at]] == slot:
                least = min(least, arc_ms[state_arc[at]])
    return least


@kernel
def _first_from(values: Int32s, first: Whole, end: Whole, wanted: Whole) -> Whole:
    """Return the first place from ``first`` with at least the wanted value, in doubling steps."""
    step = 1
    while first + step < end and values[first + step] < wanted:
        first += step
        step *= 2
    last = min(first + step, end)
    while first < last:
        half = (first + last) >> 1
        if values[half] < wanted:
            first = half + 1
        else:
            last = half
    return first


@kernel
def _push(heap: Heap, size: Whole, value: Whole) -> tuple[Heap, Whole]:
    if size == len(heap):
        heap = longer(heap)
    at = size
    while at > 0 and heap[(at - 1) >> 1] > value:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = value
    return heap, size + 1


@kernel
def _pop(heap: Heap, size: Whole) -> Whole:
    """Return the least value; the first size - 1 places hold the rest."""
    least = heap[0]
    size -= 1
    value = heap[size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
    return least
