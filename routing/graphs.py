"""Road networks as graphs of networkx and osmnx, and back: check any answer with those tools."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from maps.road_network import Access, Int32s, RoadNetwork
from maps.shapes import edge_line, segment_ends
from routing.query import WeightedRoads
from routing.weights import UNREACHABLE_MS

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[Any]

_CRS: Final = "epsg:4326"
_EVERYONE: Final = int(Access.ORDINARY | Access.BLUE_LIGHT)


def to_osmnx(weighted: WeightedRoads, *, geometry: bool = True) -> Graph:
    """Return a network under its weights as a graph that osmnx and networkx understand.

    Nodes are junction numbers with ``x`` and ``y``; edges have ``length`` in metres,
    ``travel_time`` in seconds, ``travel_ms`` (the exact weight), ``edge`` (our number), ``osmid``,
    ``name``, ``highway``, ``oneway``, and ``geometry`` if asked. Impassable edges are left out.

    Turn restrictions hold in the graph too: a restricted junction appears once more for each part
    of a banned sequence that a vehicle can have driven, as a node with the attribute ``junction``.
    """
    import networkx as nx
    from shapely import LineString

    roads, network = weighted.roads, weighted.roads.network
    graph: Graph = nx.MultiDiGraph(crs=_CRS, simplified=True)
    places = _places(network)
    graph.add_nodes_from(enumerate(places))
    for node, junction in _states(weighted):
        graph.add_node(node, junction=junction, **places[junction])
    edges = roads.edges_of(np.arange(len(roads.graph.tail), dtype=np.int32))
    for arc, edge in enumerate(edges.tolist()):
        weight_ms = int(weighted.metric.arc_ms[arc])
        if weight_ms >= UNREACHABLE_MS:
            continue
        data = _edge_data(network, edge, weight_ms, one_way=int(roads.opposite[edge]) < 0)
        if geometry:
            lon, lat = edge_line(network, edge, int(roads.graph.tail[edge]))
            data["geometry"] = LineString(np.column_stack((lon, lat)))
        graph.add_edge(int(roads.graph.tail[arc]), int(roads.graph.head[arc]), **data)
    return graph


def _places(network: RoadNetwork) -> list[dict[str, Any]]:
    """Return the attributes of each junction that osmnx expects."""
    ends = segment_ends(network)
    streets = np.bincount(np.concatenate(ends), minlength=network.node_count)
    columns = zip(network.lon.tolist(), network.lat.tolist(), streets.tolist(), strict=True)
    return [{"x": x, "y": y, "street_count": count} for x, y, count in columns]


def _states(weighted: WeightedRoads) -> list[tuple[int, int]]:
    """Return each node that is not a junction, with the junction it stands for."""
    graph = weighted.roads.graph
    counts = np.diff(graph.state_first)
    junctions = np.repeat(np.arange(len(counts)), counts)
    return list(zip(graph.state_node.tolist(), junctions.tolist(), strict=True))


def _edge_data(network: RoadNetwork, edge: int, weight_ms: int, *, one_way: bool) -> dict[str, Any]:
    segment = int(network.segment[edge])
    return {
        "edge": edge,
        "osmid": int(network.way_id[segment]),
        "name": network.names[int(network.name_index[segment])],
        "highway": network.classes[int(network.road_class[edge])],
        "oneway": one_way,
        "length": float(network.length_m[edge]),
        "travel_time": weight_ms / 1000.0,
        "travel_ms": weight_ms,
    }


@dataclass(frozen=True, slots=True, eq=False)
class ImportedGraph:
    """A graph as a road network: its times, and what its nodes and edges were called.

    ``node_number`` maps names of nodes to junctions; ``edge_name[i]`` is the (tail, head, key) of
    edge i.
    """

    network: RoadNetwork
    edge_ms: Int32s
    node_number: Mapping[Hashable, int]
    edge_name: tuple[tuple[Hashable, Hashable, Hashable], ...]


def from_osmnx(graph: Graph, *, seconds: str = "travel_time") -> ImportedGraph:
    """Return an osmnx graph as a road network with the graph's own times.

    Every edge stays an edge, parallel edges and loops too. To give such a graph the speeds of a
    profile instead, import it with ``maps.place``.

    Parameters
    ----------
    graph
        Nodes with ``x`` and ``y`` in WGS84 degrees, edges with ``length`` in metres.
    seconds
        The edge attribute that holds the time in seconds (`osmnx.add_edge_travel_times`).

    Raises
    ------
    ValueError
        When a coordinate is not finite or not in degrees, an edge has no time, or a time is
        negative, not finite, or longer than 12 days; the message names node or edge.
    """
    nodes = list(graph.nodes)
    number = {node: at for at, node in enumerate(nodes)}
    lon = np.array([_coordinate(graph.nodes[node], node, "x", 180.0) for node in nodes])
    lat = np.array([_coordinate(graph.nodes[node], node, "y", 90.0) for node in nodes])
    rows: list[_Row] = [
        (number[a], number[b], at, (a, b, key), data)
        for at, (a, b, key, data) in enumerate(graph.edges(keys=True, data=True))
    ]
    rows.sort(key=lambda row: row[:3])
    times = np.array([_whole_ms(row[4], row[3], seconds) for row in rows], dtype=np.int32)
    segment, is_forward, segment_row = _segments(rows)
    network = _network_of(lon, lat, rows, (segment, is_forward, segment_row))
    return ImportedGraph(network, times, number, tuple(row[3] for row in rows))


_Row = tuple[int, int, int, tuple[Hashable, Hashable, Hashable], Mapping[str, Any]]


def _coordinate(data: Mapping[str, Any], node: Hashable, name: str, limit: float) -> float:
    try:
        value = float(data[name])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Expected a number {name} on node {node!r}, was {error!r}.") from error
    if not (math.isfinite(value) and abs(value) <= limit):
        raise ValueError(f"Expected {name} of node {node!r} in degrees, was {value}.")
    return value


def _whole_ms(data: Mapping[str, Any], name: tuple[Hashable, ...], seconds: str) -> int:
    try:
        value = float(data[seconds])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Expected a number {seconds!r} on edge {name}, was {error!r}.") from error
    if not (math.isfinite(value) and 0.0 <= value * 1000.0 < UNREACHABLE_MS):
        raise ValueError(f"Expected {seconds!r} of edge {name} from 0 s to 12 days, was {value}.")
    return round(value * 1000.0)


def _segments(rows: list[_Row]) -> tuple[list[int], list[bool], list[int]]:
    """Return the segment of each edge, whether it runs forward, and the first edge of each segment.

    Two edges share a segment when they join the same nodes the opposite ways, and are equally long
    and of one way on the map.
    """
    waiting: dict[tuple[Any, ...], list[int]] = {}
    segment: list[int] = []
    is_forward: list[bool] = []
    first_row: list[int] = []
    for at, (tail, head, _, _, data) in enumerate(rows):
        alike = (round(float(data.get("length", 0.0)), 3), repr(data.get("osmid")))
        partners = waiting.get((head, tail, *alike), [])
        if tail != head and partners:
            segment.append(partners.pop())
            is_forward.append(False)
            continue
        segment.append(len(first_row))
        is_forward.append(True)
        waiting.setdefault((tail, head, *alike), []).append(len(first_row))
        first_row.append(at)
    return segment, is_forward, first_row


def _network_of(
    lon: Any, lat: Any, rows: list[_Row], segments: tuple[list[int], list[bool], list[int]]
) -> RoadNetwork:
    segment, is_forward, first_row = segments
    tails = np.array([row[0] for row in rows], dtype=np.int64)
    first_out = np.zeros(len(lon) + 1, dtype=np.int32)
    np.cumsum(np.bincount(tails, minlength=len(lon)), out=first_out[1:])
    classes = [_word(row[4].get("highway"), "unclassified") for row in rows]
    names = [_word(rows[at][4].get("name"), "") for at in first_row]
    class_names = tuple(sorted(set(classes)))
    street_names = ("", *sorted(set(names) - {""}))
    bends = [_bends(rows[at][4]) for at in first_row]
    shape_first = np.zeros(len(first_row) + 1, dtype=np.int32)
    np.cumsum([len(points) for points in bends], out=shape_first[1:])
    shape = np.rint(np.concatenate([np.zeros((0, 2)), *bends]) * 1e7).astype(np.int32)
    return RoadNetwork(
        lon=lon,
        lat=lat,
        first_out=first_out,
        head=np.array([row[1] for row in rows], dtype=np.int32),
        length_m=np.array(
            [max(float(row[4].get("length", 0.0)), 0.01) for row in rows], np.float32
        ),
        road_class=np.array([class_names.index(name) for name in classes], dtype=np.uint8),
        posted_kmh=np.zeros(len(rows), dtype=np.uint8),
        fixed_ms=np.zeros(len(rows), dtype=np.int32),
        access=np.full(len(rows), _EVERYONE, dtype=np.uint8),
        segment=np.array(segment, dtype=np.int32),
        is_forward=np.array(is_forward, dtype=np.bool_),
        shape_first=shape_first,
        shape_lon=np.ascontiguousarray(shape[:, 0]),
        shape_lat=np.ascontiguousarray(shape[:, 1]),
        way_id=np.array([_way_id(rows[at][4]) for at in first_row], dtype=np.int64),
        name_index=np.array([street_names.index(name) for name in names], dtype=np.int32),
        banned_turns=np.zeros((0, 2), dtype=np.int32),
        banned_paths=(),
        classes=class_names,
        names=street_names,
    )


def _length_m(data: Mapping[str, Any]) -> float:
    # A network's lengths are positive; a graph may join two nodes at one place.
    return max(float(data.get("length", 0.0)), 0.01)


def _bends(data: Mapping[str, Any]) -> Any:
    geometry = data.get("geometry")
    if geometry is None:
        return np.zeros((0, 2))
    return np.array(geometry.coords, dtype=np.float64)[1:-1, :2]


def _word(value: Any, default: str) -> str:
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return value if isinstance(value, str) and value else default


def _way_id(data: Mapping[str, Any]) -> int:
    value = data.get("osmid")
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return int(value) if isinstance(value, int | np.integer) else 0
