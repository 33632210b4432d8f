"""Weights for a hierarchy: the shortest way over lower nodes, for every upward arc.

``up[k]`` is the time along arc k from its lower to its higher end, ``down[k]`` the time back,
each over the ends and nodes of lower rank only. Both are exact integers; `UNREACHABLE_MS` is
never exceeded, because sums only ever replace something greater.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maps.road_network import Int32s
from routing.hierarchy import Hierarchy, Int16s
from routing.kernel import kernel
from routing.weights import UNREACHABLE_MS


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One set of weights: ``up`` and ``down`` in ms, int32[u], and the arc weights they are of."""

    up: Int32s
    down: Int32s
    arc_ms: Int32s


def customise(hierarchy: Hierarchy, arc_ms: Int32s) -> Metric:
    """Return the metric of a set of arc weights. One pass over all lower triangles."""
    up = np.full(hierarchy.up_count, UNREACHABLE_MS, dtype=np.int32)
    down = up.copy()
    _seed(up, down, hierarchy.arc_slot, arc_ms)
    _relax(
        up,
        down,
        hierarchy.up_first,
        hierarchy.up_depth,
        hierarchy.down_first,
        hierarchy.down_arc,
        hierarchy.down_tail,
        hierarchy.label_size,
    )
    return Metric(up=up, down=down, arc_ms=arc_ms)


@kernel
def _seed(up: Int32s, down: Int32s, arc_slot: Int32s, arc_ms: Int32s) -> None:
    for arc in range(len(arc_slot)):
        slot = arc_slot[arc]
        if slot >= 0:
            row = down if slot & 1 else up
            row[slot >> 1] = min(row[slot >> 1], arc_ms[arc])


@kernel
def _relax(
    up: Int32s,
    down: Int32s,
    up_first: Int32s,
    up_depth: Int16s,
    down_first: Int32s,
    down_arc: Int32s,
    down_tail: Int32s,
    label_size: int,
) -> None:
    # The arcs of one node at a time, by depth of their heads: both ways side by side in the cache.
    best = np.empty((label_size, 2), dtype=np.int32)
    for node in range(len(up_first) - 1):
        for arc in range(up_first[node], up_first[node + 1]):
            best[up_depth[arc], 0] = up[arc]
            best[up_depth[arc], 1] = down[arc]
        for at in range(down_first[node], down_first[node + 1]):
            side = down_arc[at]
            from_node, to_node = down[side], up[side]
            for other in range(side + 1, up_first[down_tail[at] + 1]):
                above = up_depth[other]
                best[above, 0] = min(best[above, 0], np.int32(from_node + up[other]))
                best[above, 1] = min(best[above, 1], np.int32(down[other] + to_node))
        for arc in range(up_first[node], up_first[node + 1]):
            up[arc] = best[up_depth[arc], 0]
            down[arc] = best[up_depth[arc], 1]
