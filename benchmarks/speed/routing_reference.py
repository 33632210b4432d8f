"""Reference answers by scipy's Dijkstra, for graphs too large for the plain oracle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from maps.road_network import Int32s
from routing.position import FRACTION_BITS
from routing.query import WeightedRoads
from routing.seeds import along_street_ms, seeds_arriving, seeds_leaving
from routing.weights import UNREACHABLE_MS

Positions = npt.NDArray[np.int64]


class ScipyReference:
    """All journeys to one place by one Dijkstra on the reversed graph, whole milliseconds."""

    def __init__(self, weighted: WeightedRoads) -> None:
        self._weighted = weighted
        graph = weighted.roads.graph
        arc_ms = weighted.metric.arc_ms
        open_arcs = (arc_ms < UNREACHABLE_MS) & (graph.tail != graph.head)
        tail, head, ms = graph.tail[open_arcs], graph.head[open_arcs], arc_ms[open_arcs]
        order = np.lexsort((ms, tail, head))
        tail, head, ms = tail[order], head[order], ms[order]
        keep = np.ones(len(order), dtype=np.bool_)
        keep[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
        size = (graph.node_count, graph.node_count)
        # Reversed: rows are heads. A weight of 0 stays an arc, as it is stored.
        times = ms[keep].astype(np.float64)
        self.reversed_graph = csr_matrix((times, (head[keep], tail[keep])), shape=size)

    def to_node_ms(self, node: int) -> npt.NDArray[np.float64]:
        """Return the time from every node to one; infinite where there is no way."""
        found: npt.NDArray[np.float64] = dijkstra(self.reversed_graph, indices=[node])[0]
        return found

    def to_one_ms(self, origins: Positions, destination: int) -> Int32s:
        """Return the time from each position to one."""
        weighted, roads = self._weighted, self._weighted.roads
        ranks = np.arange(roads.graph.node_count, dtype=np.int32)
        seeds = np.empty((roads.seed_size, 3), dtype=np.int64)
        graph, drive = roads.graph_arrays, weighted.drive
        count = seeds_arriving(destination, seeds, graph, ranks, drive)
        to_end = np.full(roads.graph.node_count, np.inf)
        for node, time_ms, _ in seeds[:count].tolist():
            np.minimum(to_end, self.to_node_ms(node) + time_ms, out=to_end)
        opposite = int(roads.opposite[destination >> FRACTION_BITS])
        best = np.empty(len(origins), dtype=np.int32)
        for at, origin in enumerate(origins.tolist()):
            count = seeds_leaving(origin, seeds, graph, ranks, drive)
            ways = [to_end[node] + time_ms for node, time_ms, _ in seeds[:count].tolist()]
            straight = along_street_ms(origin, destination, opposite, drive)
            best[at] = int(min([*ways, float(straight), float(UNREACHABLE_MS)]))
        return best
