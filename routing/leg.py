"""A journey as driven: edges with cumulative times; where it is after so long; what remains."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from routing.position import FRACTION_BITS, FULL
from routing.query import Way, WeightedRoads
from routing.seeds import part_ms
from routing.weights import UNREACHABLE_MS


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """The fastest way from one position to another.

    Attributes
    ----------
    origin, destination
        Positions at both ends.
    total_ms
        Time of the whole journey.
    edges
        Edges in order of travel, the first and the last perhaps driven in part; none where both
        ends are the same place.
    ends_ms
        Times after departure at which each edge is left, ascending; the last is ``total_ms``.
    start, end
        Fractions, from 0 to `routing.position.FULL`, at which the first edge is joined and the
        last one left.
    first_whole_ms, last_whole_ms
        Times along the whole of the first and of the last edge.
    """

    origin: int
    destination: int
    total_ms: int
    edges: tuple[int, ...]
    ends_ms: tuple[int, ...]
    start: int
    end: int
    first_whole_ms: int
    last_whole_ms: int

    def after(self, elapsed_ms: int) -> int:
        """Return the position that many ms after departure; the ends before and after.

        What remains from there is exactly the total less the time elapsed.
        """
        if elapsed_ms >= self.total_ms:
            return self.destination
        if elapsed_ms <= 0:
            return self.origin
        at = bisect_right(self.ends_ms, elapsed_ms)
        begun_ms, behind_ms, whole_ms = self._piece(at)
        into_ms = elapsed_ms - begun_ms + behind_ms
        # The least fraction with this many whole milliseconds behind it; never a piece's very
        # start, where the vehicle would stand on a junction and forget which turns it may take.
        fraction = max(-(-into_ms * FULL // whole_ms), 1)
        return (self.edges[at] << FRACTION_BITS) | fraction

    def elapsed_ms(self, position: int) -> int | None:
        """Return how long after departure a position on this way is reached; None if off it.

        A position on the opposite edge of a street counts as on the street's other side: off it.
        """
        edge, fraction = position >> FRACTION_BITS, position & FULL
        if position == self.origin:
            return 0
        last = len(self.edges) - 1
        for at, driven in enumerate(self.edges):
            if driven != edge:
                continue
            begun_ms, behind_ms, whole_ms = self._piece(at)
            past_start = at > 0 or fraction >= self.start
            before_end = at < last or fraction <= self.end
            if past_start and before_end:
                return begun_ms + whole_ms * fraction // FULL - behind_ms
        return self.total_ms if position == self.destination else None

    def remaining_ms(self, position: int) -> int | None:
        """Return the time from a position on this way to its end; None if it is off the way."""
        elapsed_ms = self.elapsed_ms(position)
        return None if elapsed_ms is None else self.total_ms - elapsed_ms

    def _piece(self, at: int) -> tuple[int, int, int]:
        """Return when a piece begins, what of its edge lies before it, and its edge's time."""
        begun_ms = self.ends_ms[at - 1] if at else 0
        if at == 0:
            return begun_ms, self.first_whole_ms * self.start // FULL, self.first_whole_ms
        if at == len(self.edges) - 1:
            return begun_ms, 0, self.last_whole_ms
        return begun_ms, 0, self.ends_ms[at] - begun_ms


def leg_between(weighted: WeightedRoads, origin: int, destination: int) -> Leg | None:
    """Return the fastest way between two positions; None if there is none.

    Of a way straight along one street and an equally fast one over junctions, the straight one.
    """
    straight = _along_street(weighted, origin, destination)
    way = weighted.way(origin, destination)
    if straight is not None and (way is None or straight.total_ms <= way.total_ms):
        return straight
    return None if way is None else _over_junctions(weighted, way, origin, destination)


def _over_junctions(weighted: WeightedRoads, way: Way, origin: int, destination: int) -> Leg:
    arc_ms, offset_ms = weighted.metric.arc_ms, weighted.offset_ms
    edges: list[int] = way.edges.tolist()
    times: list[int] = arc_ms[way.edges].tolist()
    start, end = 0, FULL
    if way.first_edge is not None:
        start = _fraction_on(way.first_edge, origin)
        whole = int(offset_ms[way.first_edge])
        edges.insert(0, way.first_edge)
        times.insert(0, whole - whole * start // FULL)
    if way.last_edge is not None:
        end = _fraction_on(way.last_edge, destination)
        whole = int(offset_ms[way.last_edge])
        edges.append(way.last_edge)
        times.append(whole * end // FULL)
    return Leg(
        origin=origin,
        destination=destination,
        total_ms=way.total_ms,
        edges=tuple(edges),
        ends_ms=tuple(np.cumsum(times).tolist()),
        start=start,
        end=end,
        first_whole_ms=int(offset_ms[edges[0]]) if edges else 0,
        last_whole_ms=int(offset_ms[edges[-1]]) if edges else 0,
    )


def _along_street(weighted: WeightedRoads, origin: int, destination: int) -> Leg | None:
    """Return the way straight along a street on which both positions lie; None if there is none."""
    edge = origin >> FRACTION_BITS
    back = int(weighted.roads.opposite[edge])
    if destination >> FRACTION_BITS not in {edge, back}:
        return None
    start, end = origin & FULL, _fraction_on(edge, destination)
    if start == end:
        return Leg(origin, destination, 0, (), (), 0, 0, 0, 0)
    if start > end:
        edge, back, start, end = back, edge, FULL - start, FULL - end
    total_ms = int(part_ms(edge, back, start, end, weighted.drive)) if edge >= 0 else UNREACHABLE_MS
    if total_ms >= UNREACHABLE_MS:
        return None
    whole = int(weighted.offset_ms[edge])
    return Leg(origin, destination, total_ms, (edge,), (total_ms,), start, end, whole, whole)


def _fraction_on(edge: int, position: int) -> int:
    """Return a position's fraction as measured along an edge: its own, or the opposite one."""
    fraction = position & FULL
    return fraction if position >> FRACTION_BITS == edge else FULL - fraction
