# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""From one position to everywhere: a label, then one pass down the hierarchy."""

from __future__ import annotations

import numpy as np

from maps.road_network import Int32s
from routing.kernel import Arrays, Whole, kernel
from routing.labels import write_arriving, write_leaving
from routing.query import Times, WeightedRoads
from routing.seeds import INFINITE, Seeds
from routing.weights import UNREACHABLE_MS


def node_times(weighted: WeightedRoads, position: int, *, towards: bool = False) -> Times:
    """Return the time from a position to every node of the expanded graph, or from each to it.

    In milliseconds, by rank; `UNREACHABLE_MS` where there is no way. Some milliseconds for a city
    whatever the distance, so it beats single labels where they are not kept and many.

    References
    ----------
    .. [1] Delling, D., A.V. Goldberg, A. Nowatzyk, and R.F. Werneck (2013). PHAST: hardware-
           accelerated shortest path trees. *Journal of Parallel and Distributed Computing*, 73,
           940-952. doi:10.1016/j.jpdc.2012.02.007
    """
    tree = weighted.roads.hierarchy
    metric = weighted.metric
    rise, fall = (metric.down, metric.up) if towards else (metric.up, metric.down)
    times = np.full(tree.node_count, UNREACHABLE_MS, dtype=np.int32)
    row = np.empty(max(tree.label_size, 1), dtype=np.int32)
    seeds = np.empty((weighted.roads.seed_size, 3), dtype=np.int64)
    _sweep(
        position,
        not towards,
        times,
        row,
        seeds,
        weighted.roads.graph_arrays,
        weighted.roads.label_arrays,
        tree.up_head,
        rise,
        fall,
        weighted.drive,
    )
    return times


@kernel
def _sweep(
    position: Whole,
    leaving: bool,  # noqa: FBT001 -- kernels have no keyword-only arguments
    times: Int32s,
    row: Int32s,
    seeds: Seeds,
    graph: Arrays,
    tree: Arrays,
    up_head: Int32s,
    rise: Int32s,
    fall: Int32s,
    drive: Arrays,
) -> None:
    _, parent, depth, _, up_first, _ = tree
    if leaving:
        node = write_leaving(row, position, seeds, graph, tree, rise, drive)
    else:
        node = write_arriving(row, position, seeds, graph, tree, rise, drive)
    while node >= 0:
        times[node] = row[depth[node]]
        node = parent[node]
    for below in range(len(times) - 1, -1, -1):
        best = times[below]
        for arc in range(up_first[below], up_first[below + 1]):
            best = min(best, np.int32(times[up_head[arc]] + fall[arc]))
        times[below] = min(best, INFINITE)
