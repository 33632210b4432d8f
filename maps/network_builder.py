"""From raw roads to a network: junctions, edges, components, restrictions, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from maps.assembly import assemble
from maps.components import Directed, component_sizes, trimmed_access
from maps.network_rules import banned_in
from maps.osm_roads import RawRoads
from maps.pieces import Piece, PieceSet, cut_roads, drop_idle_ferries, join_pieces
from maps.restrictions import Banned, RestrictionResolver
from maps.road_network import Access, RoadNetwork

COMPONENT_NODES_MIN: Final = 20
"""Parts of a map with fewer junctions are specks (car parks, mapping errors), not islands."""


class NetworkReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a map: counts for people, and reasons for all that was passed over."""

    ways: int
    junctions: int
    edges: int
    length_km: float
    closed_barriers: int
    blue_light_gates: int
    banned_turns: int
    banned_paths: int
    component_nodes: tuple[int, ...]
    ignored: dict[str, int]


def build_network(
    roads: RawRoads, component_nodes_min: int = COMPONENT_NODES_MIN
) -> tuple[RoadNetwork, NetworkReport]:
    """Return the road network of a map, and a report of what became of its ways.

    Equal roads give equal arrays: nodes are in the order of their numbers on the map, segments by
    way and place along it. O(nodes + ways log ways).

    Raises
    ------
    ValueError
        When no component has ``component_nodes_min`` nodes.
    """
    cut = cut_roads(roads)
    idle_ferries = drop_idle_ferries(cut)
    _trim(cut, component_nodes_min)
    if not cut.pieces:
        raise ValueError(
            f"Expected roads that connect at least {component_nodes_min} junctions, was none "
            f"among {len(roads.way_id)} ways."
        )
    join_pieces(cut)
    pieces = sorted(cut.pieces, key=_order)
    node_ids = _node_ids(pieces)
    network, edge_arcs = assemble(pieces, node_ids)
    banned = RestrictionResolver(edge_arcs).resolve(roads.restrictions)
    network, dropped_bans = _with_bans(network, banned)
    passed_over = {
        **roads.ignored,
        "ferry to elsewhere": idle_ferries,
        "turn restriction on edges not in the network": banned.unresolved,
        "turn restriction that would leave no way on": dropped_bans,
    }
    report = NetworkReport(
        ways=len(roads.way_id),
        junctions=network.node_count,
        edges=network.edge_count,
        length_km=round(float(_segment_lengths(network).sum()) / 1000, 1),
        closed_barriers=cut.closed_barriers,
        blue_light_gates=cut.blue_light_gates,
        banned_turns=len(network.banned_turns),
        banned_paths=len(banned.paths),
        component_nodes=component_sizes(network, Access.ORDINARY),
        ignored={reason: count for reason, count in sorted(passed_over.items()) if count},
    )
    return network, report


def _order(piece: Piece) -> tuple[int, int, int, list[int], list[int]]:
    return piece.start_way, piece.start, piece.end, piece.xs.tolist(), piece.ys.tolist()


def _node_ids(pieces: Iterable[Piece]) -> npt.NDArray[np.int64]:
    ids = {node for piece in pieces for node in (piece.start, piece.end)}
    # Copies at barriers have negative numbers; they go last, the first made first.
    ordered = sorted(ids, key=lambda node: (node < 0, abs(node)))
    return np.array(ordered, dtype=np.int64)


def _trim(cut: PieceSet, component_nodes_min: int) -> None:
    """Take away what leads nowhere and back; see `trimmed_access`."""
    number = {int(node): index for index, node in enumerate(_node_ids(cut.pieces))}
    start = np.array([number[piece.start] for piece in cut.pieces], dtype=np.int32)
    end = np.array([number[piece.end] for piece in cut.pieces], dtype=np.int32)
    forward = np.array([int(piece.facts.forward) for piece in cut.pieces], dtype=np.uint8)
    backward = np.array([int(piece.facts.backward) for piece in cut.pieces], dtype=np.uint8)
    graph = Directed(
        node_count=len(number),
        tail=np.concatenate((start, end)),
        head=np.concatenate((end, start)),
        access=np.concatenate((forward, backward)),
    )
    kept = trimmed_access(graph, component_nodes_min)
    pieces = []
    for piece, ahead, back in zip(
        cut.pieces, kept[: len(start)].tolist(), kept[len(start) :].tolist(), strict=True
    ):
        if ahead or back:
            piece.facts = replace(piece.facts, forward=Access(ahead), backward=Access(back))
            pieces.append(piece)
    cut.pieces = pieces


def _segment_lengths(network: RoadNetwork) -> npt.NDArray[np.float64]:
    length = np.zeros(len(network.way_id))
    length[network.segment] = network.length_m
    return length


def _with_bans(network: RoadNetwork, banned: Banned) -> tuple[RoadNetwork, int]:
    """Return the network with bans, less those that would catch a vehicle, and how many those are.

    A mandatory turn into a road that the trimming took away bans every other way on.
    """
    turns = np.array(banned.turns, dtype=np.int32).reshape(-1, 2)
    whole = replace(network, banned_turns=turns, banned_paths=banned.paths)
    caught = np.zeros(network.edge_count, dtype=np.bool_)
    for bit in Access:
        caught |= banned_in(whole, bit)
    kept = turns[~caught[turns[:, 0]]]
    return replace(whole, banned_turns=kept), len(turns) - len(kept)
