"""The oracle: Dijkstra's algorithm on the road network as it is, slow and obvious.

It knows nothing of hierarchies, expanded graphs or packed tables: it drives from edge to edge and
remembers which banned sequences have begun. Every fast answer must equal it to the millisecond.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s, RoadNetwork
from routing.position import FRACTION_BITS, FULL
from routing.restrictions import BannedSequences, Sequence
from routing.weights import UNREACHABLE_MS

Times = npt.NDArray[np.int32]


class _Stand(NamedTuple):
    """A junction, and the part of a banned sequence that was driven to reach it."""

    node: int
    state: Sequence


class Dijkstra:
    """Exact journeys on a network with one set of edge times.

    ``offset_ms`` are the times by which a position on an edge is measured; by default the edge
    times themselves. They differ on edges that are shut: a crew may start and end on one.
    """

    def __init__(
        self, network: RoadNetwork, weight_ms: Int32s, offset_ms: Int32s | None = None
    ) -> None:
        self._weight = [int(ms) for ms in weight_ms]
        self._offset = [int(ms) for ms in (weight_ms if offset_ms is None else offset_ms)]
        self._tail = [int(node) for node in network.tails()]
        self._head = [int(node) for node in network.head]
        self._opposite = [int(edge) for edge in network.opposites()]
        self._out = [
            range(int(network.first_out[node]), int(network.first_out[node + 1]))
            for node in range(network.node_count)
        ]
        self._rules = BannedSequences(network)

    def from_one_ms(self, origin: int, destinations: npt.ArrayLike) -> Times:
        """Return the time from one position to each destination; `UNREACHABLE_MS` if none."""
        reached = self._reach(origin)
        wanted = [int(destination) for destination in np.asarray(destinations)]
        return np.array([self._arrive(origin, reached, to) for to in wanted], dtype=np.int32)

    def one_ms(self, origin: int, destination: int) -> int:
        """Return the time of one journey; `UNREACHABLE_MS` if there is no way."""
        return int(self.from_one_ms(origin, [destination])[0])

    def _reach(self, origin: int) -> dict[_Stand, int]:
        tie = count()
        queue: list[tuple[int, int, _Stand]] = []
        for time_ms, stand in self._departures(origin):
            heappush(queue, (time_ms, next(tie), stand))
        reached: dict[_Stand, int] = {}
        while queue:
            time_ms, _, stand = heappop(queue)
            if stand in reached:
                continue
            reached[stand] = time_ms
            for edge in self._out[stand.node]:
                state = self._rules.after(stand.state, edge)
                if state is not None and time_ms + self._weight[edge] < UNREACHABLE_MS:
                    onward = _Stand(self._head[edge], state)
                    heappush(queue, (time_ms + self._weight[edge], next(tie), onward))
        return reached

    def _departures(self, origin: int) -> list[tuple[int, _Stand]]:
        departures = []
        for edge, fraction in self._both_ways(origin):
            if fraction == 0:
                departures.append((0, _Stand(self._tail[edge], ())))
            if fraction == FULL:
                departures.append((0, _Stand(self._head[edge], ())))
            if self._may_drive(edge, fraction, FULL):
                state = self._rules.after((), edge)
                assert state is not None, "no single edge is banned"
                ahead = self._behind(edge, FULL) - self._behind(edge, fraction)
                departures.append((ahead, _Stand(self._head[edge], state)))
        return departures

    def _arrive(self, origin: int, reached: dict[_Stand, int], destination: int) -> int:
        best = self._along(origin, destination)
        for edge, fraction in self._both_ways(destination):
            for stand, time_ms in reached.items():
                if fraction == 0 and stand.node == self._tail[edge]:
                    best = min(best, time_ms)
                if fraction == FULL and stand.node == self._head[edge]:
                    best = min(best, time_ms)
                if stand.node == self._tail[edge] and self._may_drive(edge, 0, fraction):
                    may_enter = self._rules.after(stand.state, edge) is not None
                    if may_enter:
                        best = min(best, time_ms + self._behind(edge, fraction))
        return min(best, UNREACHABLE_MS)

    def _along(self, origin: int, destination: int) -> int:
        """Return the time along one street, without a junction between."""
        best = UNREACHABLE_MS
        for edge, start in self._both_ways(origin):
            for to_edge, end in self._both_ways(destination):
                if edge == to_edge and start == end:
                    best = 0
                if edge == to_edge and start < end and self._may_drive(edge, start, end):
                    best = min(best, self._behind(edge, end) - self._behind(edge, start))
        return best

    def _both_ways(self, position: int) -> list[tuple[int, int]]:
        edge, fraction = position >> FRACTION_BITS, position & FULL
        back = self._opposite[edge]
        return [(edge, fraction)] + ([(back, FULL - fraction)] if back >= 0 else [])

    def _may_drive(self, edge: int, start: int, end: int) -> bool:
        """Test whether part of an edge may be driven by a crew that starts or ends on it."""
        if self._offset[edge] >= UNREACHABLE_MS:
            return False
        if self._weight[edge] < UNREACHABLE_MS:
            return True
        if self._opposite[edge] >= 0:
            # Shut in the middle: into it and out again from either end, not across.
            return end * 2 <= FULL or start * 2 > FULL
        return not (start == 0 and end == FULL)

    def _behind(self, edge: int, fraction: int) -> int:
        return self._offset[edge] * fraction // FULL
