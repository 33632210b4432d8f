"""From pieces of road to the arrays of a network, in a fixed order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.geo import EARTH_RADIUS_M
from maps.osm_tags import CLASSES
from maps.pieces import GATE_LENGTH_M, Piece
from maps.restrictions import Arc
from maps.road_network import DEGREE_SCALE, Bools, RoadNetwork

_TOWN_RADIUS_M: Final = 200.0
_TOWN_JUNCTIONS_MIN: Final = 3
"""An unsigned road is taken as built-up with this many junctions of residential streets around.

Assumed: by eye on the Isle of Wight and Rutland, a lone farm lane has none, a village street ten.
"""


class _Row(NamedTuple):
    """One directed edge, in the order in which edges are sorted."""

    tail: int
    head: int
    segment: int
    is_backward: bool


def assemble(
    pieces: Sequence[Piece], node_ids: npt.NDArray[np.int64]
) -> tuple[RoadNetwork, list[Arc]]:
    """Return the network of pieces, without bans, and its edges in the map's own node numbers.

    ``node_ids`` gives the order of nodes; the order of pieces is the order of segments.
    """
    number = {int(node): index for index, node in enumerate(node_ids)}
    rows = sorted(
        row for segment, piece in enumerate(pieces) for row in _directions(segment, piece, number)
    )
    network = _with_edges(_with_segments(pieces, number), pieces, rows)
    hints = [piece.facts.built_up for piece in pieces]
    network = replace(network, built_up=_built_up(network, hints))
    arcs = [_map_arc(edge, row, pieces[row.segment]) for edge, row in enumerate(rows)]
    return network, arcs


def _with_segments(pieces: Sequence[Piece], number: dict[int, int]) -> RoadNetwork:
    """Return a network that has its nodes and segments, and no edge yet."""
    x, y = np.zeros(len(number)), np.zeros(len(number))
    for piece in pieces:
        for node, at in ((piece.start, 0), (piece.end, -1)):
            x[number[node]], y[number[node]] = piece.xs[at], piece.ys[at]
    names = tuple(sorted({"", *(piece.facts.name for piece in pieces)}))
    name_number = {name: index for index, name in enumerate(names)}
    inner = np.array([len(piece.xs) - 2 for piece in pieces], dtype=np.int32)
    nothing = np.zeros(0, dtype=np.int32)
    return RoadNetwork(
        lon=x / DEGREE_SCALE,
        lat=y / DEGREE_SCALE,
        first_out=np.zeros(len(number) + 1, dtype=np.int32),
        head=nothing,
        length_m=nothing.astype(np.float32),
        road_class=nothing.astype(np.uint8),
        posted_kmh=nothing.astype(np.uint8),
        fixed_ms=nothing,
        access=nothing.astype(np.uint8),
        segment=nothing,
        is_forward=nothing.astype(np.bool_),
        shape_first=np.concatenate(([0], np.cumsum(inner))).astype(np.int32),
        shape_lon=_inner(piece.xs for piece in pieces),
        shape_lat=_inner(piece.ys for piece in pieces),
        way_id=np.array([piece.start_way for piece in pieces], dtype=np.int64),
        name_index=np.array([name_number[p.facts.name] for p in pieces], dtype=np.int32),
        banned_turns=np.zeros((0, 2), dtype=np.int32),
        banned_paths=(),
        classes=CLASSES,
        names=names,
    )


def _with_edges(network: RoadNetwork, pieces: Sequence[Piece], rows: Sequence[_Row]) -> RoadNetwork:
    facts = [pieces[row.segment].facts for row in rows]
    limits, access = [], []
    for told, row in zip(facts, rows, strict=True):
        limits.append(told.backward_kmh if row.is_backward else told.forward_kmh)
        access.append(int(told.backward if row.is_backward else told.forward))
    tail = np.array([row.tail for row in rows], dtype=np.int32)
    segment = np.array([row.segment for row in rows], dtype=np.int32)
    length_m = np.array([_length_m(piece) for piece in pieces])
    return replace(
        network,
        first_out=np.searchsorted(tail, np.arange(network.node_count + 1)).astype(np.int32),
        head=np.array([row.head for row in rows], dtype=np.int32),
        length_m=length_m[segment].astype(np.float32),
        road_class=np.array([CLASSES.index(f.road_class) for f in facts], dtype=np.uint8),
        posted_kmh=np.array(limits, dtype=np.uint8),
        fixed_ms=np.array([f.duration_ms for f in facts], dtype=np.int32),
        access=np.array(access, dtype=np.uint8),
        segment=segment,
        is_forward=np.array([not row.is_backward for row in rows], dtype=np.bool_),
    )


def _directions(segment: int, piece: Piece, number: dict[int, int]) -> list[_Row]:
    start, end = number[piece.start], number[piece.end]
    ahead, back = _Row(start, end, segment, False), _Row(end, start, segment, True)
    open_to = (piece.facts.forward, piece.facts.backward)
    return [row for row, access in zip((ahead, back), open_to, strict=True) if access]


def _map_arc(edge: int, row: _Row, piece: Piece) -> Arc:
    if row.is_backward:
        return Arc(edge, row.segment, piece.end, piece.start, piece.end_way, piece.start_way)
    return Arc(edge, row.segment, piece.start, piece.end, piece.start_way, piece.end_way)


def _inner(rows: Iterable[array[int]]) -> npt.NDArray[np.int32]:
    joined = array("i")
    for row in rows:
        joined.extend(row[1:-1])
    return np.array(joined, dtype=np.int32)


def _length_m(piece: Piece) -> float:
    """Return the length along a piece; a gate between two nodes in one place has its own."""
    lon = np.radians(np.array(piece.xs) / DEGREE_SCALE)
    lat = np.radians(np.array(piece.ys) / DEGREE_SCALE)
    h = (
        np.sin(np.diff(lat) / 2) ** 2
        + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    )
    length_m = float((2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(h))).sum())
    return max(length_m, GATE_LENGTH_M if length_m == 0.0 else 0.01)


def _built_up(network: RoadNetwork, hints: Sequence[bool | None]) -> Bools:
    """Return whether each edge is in a town: by its tags, else by the streets around it."""
    from scipy.spatial import cKDTree

    names = np.array(network.classes)[network.road_class]
    is_street = np.isin(names, ("residential", "living_street"))
    tails = network.tails()
    town_nodes = np.unique(np.concatenate((tails[is_street], network.head[is_street])))
    plane = _plane(network.lon, network.lat)
    near = np.zeros(network.edge_count, dtype=np.bool_)
    if len(town_nodes):
        middle = (plane[tails] + plane[network.head]) / 2
        tree = cKDTree(plane[town_nodes])
        count = tree.query_ball_point(middle, _TOWN_RADIUS_M, return_length=True)
        near = np.asarray(count) >= _TOWN_JUNCTIONS_MIN
    hint = np.array([-1 if told is None else int(told) for told in hints])[network.segment]
    return np.where(hint >= 0, hint == 1, near | is_street)


def _plane(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return metres on a local plane: good to a few percent, enough to count neighbours."""
    shrink = np.cos(np.radians(lat.mean()))
    degrees = np.column_stack((lon * shrink, lat))
    plane: npt.NDArray[np.float64] = np.radians(degrees) * EARTH_RADIUS_M
    return plane
