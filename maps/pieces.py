"""Pieces of road between junctions: ways cut at junctions and barriers, then joined end to end."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise

from maps.geo import LonLat, great_circle_m
from maps.osm_roads import MISSING, RawRoads
from maps.osm_tags import EVERYONE, NOBODY, RoadFacts
from maps.road_network import DEGREE_SCALE, Access

GATE_LENGTH_M = 1.0
"""Length of the edge that stands for a gate open to blue lights only: one stride through it."""


@dataclass(slots=True)
class Piece:
    """A stretch of road from one junction to the next.

    ``start_way`` and ``end_way`` are the ways at its two ends: they differ after joining, and
    turn restrictions ask for them. ``xs`` and ``ys`` are all points in 1e-7 degrees.
    """

    start: int
    end: int
    start_way: int
    end_way: int
    facts: RoadFacts
    xs: array[int]
    ys: array[int]

    def turned(self) -> Piece:
        """Return the same stretch drawn the other way."""
        facts = replace(
            self.facts,
            forward=self.facts.backward,
            backward=self.facts.forward,
            forward_kmh=self.facts.backward_kmh,
            backward_kmh=self.facts.forward_kmh,
        )
        return Piece(
            self.end, self.start, self.end_way, self.start_way, facts, self.xs[::-1], self.ys[::-1]
        )


@dataclass(slots=True)
class PieceSet:
    """All pieces, and the nodes that must stay junctions whatever may be joined."""

    pieces: list[Piece] = field(default_factory=list)
    fixed_nodes: set[int] = field(default_factory=set)
    closed_barriers: int = 0
    blue_light_gates: int = 0


def cut_roads(roads: RawRoads) -> PieceSet:
    """Return the ways of a map cut wherever roads meet, end, or a barrier stands. O(nodes)."""
    result = PieceSet(fixed_nodes=_restriction_nodes(roads))
    junctions = _junctions(roads, result.fixed_nodes)
    for index, (way_id, facts) in enumerate(zip(roads.way_id, roads.facts, strict=True)):
        for lo, hi in _known_runs(roads, roads.first[index], roads.first[index + 1]):
            for a, b in _cuts(roads, lo, hi, junctions):
                part = _share_of_duration(roads, facts, index, a, b)
                start, end = roads.ref[a], roads.ref[b - 1]
                xs, ys = roads.x[a:b], roads.y[a:b]
                result.pieces.append(Piece(start, end, way_id, way_id, part, xs, ys))
    _raise_barriers(result, roads.node_access)
    return result


def _restriction_nodes(roads: RawRoads) -> set[int]:
    """Return nodes that a turn restriction speaks of: they stay junctions."""
    wanted_ways = {way for ban in roads.restrictions for way in ban.via_ways}
    nodes = {ban.via_node for ban in roads.restrictions if ban.via_node is not None}
    for index, way_id in enumerate(roads.way_id):
        if way_id in wanted_ways:
            nodes.update((roads.ref[roads.first[index]], roads.ref[roads.first[index + 1] - 1]))
    return nodes


def _junctions(roads: RawRoads, fixed: set[int]) -> set[int]:
    """Return every node at which ways are cut: ends, nodes used twice, barriers, restrictions."""
    seen: set[int] = set()
    cut_at: set[int] = set(fixed) | roads.node_access.keys()
    for index in range(len(roads.way_id)):
        lo, hi = roads.first[index], roads.first[index + 1]
        for run_lo, run_hi in _known_runs(roads, lo, hi):
            cut_at.update((roads.ref[run_lo], roads.ref[run_hi - 1]))
            for position in range(run_lo, run_hi):
                ref = roads.ref[position]
                if ref in seen:
                    cut_at.add(ref)
                seen.add(ref)
    return cut_at


def _known_runs(roads: RawRoads, lo: int, hi: int) -> list[tuple[int, int]]:
    """Return the stretches of a way whose nodes are in the file, each of two nodes or more."""
    runs: list[tuple[int, int]] = []
    start = lo
    for position in range(lo, hi + 1):
        if position == hi or roads.x[position] == MISSING:
            if position - start >= 2:
                runs.append((start, position))
            start = position + 1
    return runs


def _cuts(roads: RawRoads, lo: int, hi: int, junctions: set[int]) -> list[tuple[int, int]]:
    """Return ranges of nodes between junctions, end nodes included; loops are cut in two."""
    inner = (position for position in range(lo + 1, hi - 1) if roads.ref[position] in junctions)
    stops = [lo, *inner, hi - 1]
    ranges: list[tuple[int, int]] = []
    for a, b in pairwise(stops):
        if roads.ref[a] != roads.ref[b]:
            ranges.append((a, b + 1))
        elif b - a >= 2:
            middle = (a + b) // 2
            ranges.extend(((a, middle + 1), (middle, b + 1)))
    return [(a, b) for a, b in ranges if roads.ref[a] != roads.ref[b - 1]]


def _share_of_duration(roads: RawRoads, facts: RoadFacts, index: int, a: int, b: int) -> RoadFacts:
    """Return facts with the part of a ferry's crossing that falls on nodes a to b."""
    if not facts.duration_ms:
        return facts
    lo, hi = roads.first[index], roads.first[index + 1]
    whole_m = sum(_run_m(roads, x, y) for x, y in _known_runs(roads, lo, hi))
    share = _run_m(roads, a, b) / whole_m if whole_m > 0 else 1.0
    return replace(facts, duration_ms=max(1, round(facts.duration_ms * share)))


def _run_m(roads: RawRoads, lo: int, hi: int) -> float:
    points = [
        LonLat(roads.x[position] / DEGREE_SCALE, roads.y[position] / DEGREE_SCALE)
        for position in range(lo, hi)
    ]
    return sum(great_circle_m(a, b) for a, b in pairwise(points))


def _raise_barriers(result: PieceSet, node_access: dict[int, Access]) -> None:
    """Part the pieces that meet at a barrier; where blue lights may pass, join them by a gate.

    Each end at the barrier gets a node of its own (negative numbers: OpenStreetMap's are
    positive), so that nothing crosses except through a gate edge.
    """
    ends: dict[int, list[tuple[Piece, bool]]] = defaultdict(list)
    for piece in result.pieces:
        for node, is_start in ((piece.start, True), (piece.end, False)):
            if node_access.get(node, EVERYONE) != EVERYONE:
                ends[node].append((piece, is_start))
    next_node = min((0, *(piece.start for piece in result.pieces)))
    for node in sorted(ends):
        copies: list[int] = []
        for piece, is_start in ends[node]:
            next_node -= 1
            copies.append(next_node)
            if is_start:
                piece.start = next_node
            else:
                piece.end = next_node
        if node_access[node] == NOBODY:
            result.closed_barriers += 1
            continue
        result.blue_light_gates += 1
        result.fixed_nodes.update(copies)
        result.pieces.extend(_gates(copies, *ends[node][0]))


def _gates(copies: list[int], piece: Piece, is_start: bool) -> list[Piece]:  # noqa: FBT001
    at = 0 if is_start else -1
    xs, ys = array("i", [piece.xs[at]] * 2), array("i", [piece.ys[at]] * 2)
    way = piece.start_way if is_start else piece.end_way
    facts = replace(
        piece.facts,
        road_class="busway",
        forward=Access.BLUE_LIGHT,
        backward=Access.BLUE_LIGHT,
        duration_ms=0,
    )
    return [Piece(copies[0], other, way, way, facts, xs, ys) for other in copies[1:]]


def drop_idle_ferries(result: PieceSet) -> int:
    """Remove ferries that reach no road at one end (the far shore is outside); return how many."""
    before = len(result.pieces)
    while True:
        degree: dict[int, int] = defaultdict(int)
        for piece in result.pieces:
            degree[piece.start] += 1
            degree[piece.end] += 1
        kept = [
            piece
            for piece in result.pieces
            if piece.facts.road_class != "ferry" or min(degree[piece.start], degree[piece.end]) > 1
        ]
        if len(kept) == len(result.pieces):
            return before - len(kept)
        result.pieces = kept


def join_pieces(result: PieceSet) -> None:
    """Join like pieces that meet where nothing else does: such a node is a bend, not a junction.

    Ferries keep apart, for a given time cannot be told to one of two parts. O(pieces).
    """
    at_node: dict[int, list[Piece]] = defaultdict(list)
    for piece in result.pieces:
        at_node[piece.start].append(piece)
        at_node[piece.end].append(piece)
    gone: set[int] = set()
    for node in sorted(at_node):
        meeting = at_node[node]
        if len(meeting) != 2 or node in result.fixed_nodes or meeting[0] is meeting[1]:
            continue
        one, other = meeting
        joined = _joined(one, other, node)
        if joined is None:
            continue
        gone.update((id(one), id(other)))
        for outer in (joined.start, joined.end):
            at_node[outer] = [
                joined if old is one or old is other else old for old in at_node[outer]
            ]
        result.pieces.append(joined)
        at_node[node] = []
    result.pieces = [piece for piece in result.pieces if id(piece) not in gone]


def _joined(one: Piece, other: Piece, node: int) -> Piece | None:
    first = one if one.end == node else one.turned()
    second = other if other.start == node else other.turned()
    if first.facts != second.facts or first.facts.road_class == "ferry":
        return None
    if first.start == second.end:
        return None
    xs, ys = first.xs + second.xs[1:], first.ys + second.ys[1:]
    return Piece(first.start, second.end, first.start_way, second.end_way, first.facts, xs, ys)
