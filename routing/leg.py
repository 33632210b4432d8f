"""A journey as driven: edges with cumulative times; where it is after so long; what remains."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from maps.road_network import Int32s
from routing.position import FRACTION_BITS, FULL
from routing.query import Way, WeightedRoads
from routing.weights import UNREACHABLE_MS


class Piece(NamedTuple):
    """A stretch of one edge, between two fractions of it, and the time it takes."""

    edge: int
    start: int
    end: int
    ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """The fastest way from one position to another: pieces in order of travel.

    ``ends_ms`` are the times, after departure, at which each piece ends; they ascend.
    """

    origin: int
    destination: int
    total_ms: int
    pieces: tuple[Piece, ...]
    ends_ms: tuple[int, ...]
    whole_ms: tuple[int, ...]

    def after(self, elapsed_ms: int) -> int:
        """Return the position that many ms after departure; the ends before and after.

        What remains from there is exactly the total less the time elapsed.
        """
        if elapsed_ms <= 0:
            return self.origin
        if elapsed_ms >= self.total_ms:
            return self.destination
        at = bisect_right(self.ends_ms, elapsed_ms)
        piece = self.pieces[at]
        whole = self.whole_ms[at]
        into = elapsed_ms - (self.ends_ms[at] - piece.ms) + whole * piece.start // FULL
        # The least fraction with this many whole milliseconds behind it; never a piece's very
        # start, where the vehicle would stand on a junction and forget which turns it may take.
        fraction = max(-(-into * FULL // whole), 1)
        return (piece.edge << FRACTION_BITS) | fraction


def leg_between(weighted: WeightedRoads, origin: int, destination: int) -> Leg | None:
    """Return the fastest way between two positions; None if there is none."""
    offset_ms = weighted.offset_ms
    straight = _along_street(weighted, origin, destination)
    way = weighted.way(origin, destination)
    if way is None and straight is None:
        return None
    if way is None or (straight is not None and sum(p.ms for p in straight) <= way.total_ms):
        pieces = straight or ()
    else:
        pieces = _pieces_of(weighted, way, origin, destination)
    ends = tuple(accumulate(piece.ms for piece in pieces))
    return Leg(
        origin=origin,
        destination=destination,
        total_ms=ends[-1] if ends else 0,
        pieces=pieces,
        ends_ms=ends,
        whole_ms=tuple(int(offset_ms[piece.edge]) for piece in pieces),
    )


def _pieces_of(
    weighted: WeightedRoads, way: Way, origin: int, destination: int
) -> tuple[Piece, ...]:
    offset_ms = weighted.offset_ms
    pieces: list[Piece] = []
    if way.first_edge is not None:
        start = _fraction_on(way.first_edge, origin)
        pieces.append(_piece(way.first_edge, start, FULL, offset_ms))
    edges = way.edges.tolist()
    times = weighted.metric.arc_ms[way.edges].tolist()
    pieces.extend(Piece(edge, 0, FULL, ms) for edge, ms in zip(edges, times, strict=True))
    if way.last_edge is not None:
        end = _fraction_on(way.last_edge, destination)
        pieces.append(_piece(way.last_edge, 0, end, offset_ms))
    return tuple(pieces)


def _along_street(
    weighted: WeightedRoads, origin: int, destination: int
) -> tuple[Piece, ...] | None:
    """Return the piece straight along a street on which both positions lie; None if there is none.

    No pieces at all where both are the same place.
    """
    edge = origin >> FRACTION_BITS
    to_edge = destination >> FRACTION_BITS
    back = int(weighted.roads.opposite[edge])
    if to_edge not in (edge, back):
        return None
    start, end = origin & FULL, _fraction_on(edge, destination)
    if start == end:
        return ()
    if start < end:
        piece = _piece(edge, start, end, weighted.offset_ms)
    elif back >= 0:
        piece = _piece(back, FULL - start, FULL - end, weighted.offset_ms)
    else:
        return None
    return (piece,) if weighted.offset_ms[piece.edge] < UNREACHABLE_MS else None


def _fraction_on(edge: int, position: int) -> int:
    """Return a position's fraction as measured along an edge: its own, or the opposite one."""
    fraction = position & FULL
    return fraction if position >> FRACTION_BITS == edge else FULL - fraction


def _piece(edge: int, start: int, end: int, offset_ms: Int32s) -> Piece:
    whole = int(offset_ms[edge])
    return Piece(edge, start, end, whole * end // FULL - whole * start // FULL)
