"""Small maps and regions for tests: only what the test is about needs to be said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from maps.facilities import Demand, FleetUnit, Hospital, Post, Trust
from maps.geo import LonLat
from maps.network_builder import NetworkReport, build_network
from maps.osm import read_osm
from maps.region import CrowFlies, Region
from maps.road_network import RoadNetwork

WEST, SOUTH, STEP = -1.30, 50.70, 0.001
"""Corner of the drawing near Newport, and the degrees of one step: 71 m east, 111 m north."""


STREET = {"highway": "residential"}


def at(column: float, row: float) -> LonLat:
    """Return the point so many steps east and north of the corner."""
    return LonLat(round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7))


@dataclass
class MapDrawing:
    """A map drawn by hand: nodes on a lattice, ways through them, relations over them."""

    nodes: dict[int, tuple[LonLat, dict[str, str]]] = field(default_factory=dict)
    ways: list[tuple[int, list[int], dict[str, str]]] = field(default_factory=list)
    relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = field(
        default_factory=list
    )

    def node(self, number: int, column: float, row: float, **tags: str) -> MapDrawing:
        self.nodes[number] = (at(column, row), tags)
        return self

    def way(
        self, number: int, nodes: Sequence[int], tags: dict[str, str] | None = None
    ) -> MapDrawing:
        self.ways.append((number, list(nodes), STREET if tags is None else tags))
        return self

    def relation(
        self, number: int, members: Iterable[tuple[str, int, str]], **tags: str
    ) -> MapDrawing:
        self.relations.append((number, list(members), tags))
        return self

    def restriction(
        self, number: int, kind: str, from_way: int, via: tuple[str, int] | list[int], to_way: int,
        **tags: str,
    ) -> MapDrawing:  # fmt: skip
        through = [("w", way, "via") for way in via] if isinstance(via, list) else [(*via, "via")]
        members = [("w", from_way, "from"), *through, ("w", to_way, "to")]
        return self.relation(number, members, type="restriction", restriction=kind, **tags)

    def save(self, path: Path, *, leave_out: Iterable[int] = ()) -> Path:
        absent = set(leave_out)
        writer = osmium.SimpleWriter(str(path), overwrite=True)
        for number, (point, tags) in sorted(self.nodes.items()):
            if number not in absent:
                writer.add_node(osmium.osm.mutable.Node(id=number, location=point, tags=tags))
        for number, refs, tags in sorted(self.ways):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
        for number, members, tags in sorted(self.relations, key=lambda entry: entry[0]):
            writer.add_relation(osmium.osm.mutable.Relation(id=number, members=members, tags=tags))
        writer.close()
        return path

    def network(self, folder: Path, nodes_min: int = 2) -> tuple[RoadNetwork, NetworkReport]:
        return build_network(read_osm(self.save(folder / "drawn.osm.pbf")).roads, nodes_min)


def a_lattice(columns: int = 3, rows: int = 3, tags: dict[str, str] | None = None) -> MapDrawing:
    """Return streets on a square lattice: node 1 south-west, counting east, then north.

    Way 101, 102, … run east along each row; ways 201, 202, … north along each column. Each has a
    name of its own, so that the corners stay junctions.
    """
    drawing = MapDrawing()
    for row in range(rows):
        for column in range(columns):
            drawing.node(1 + row * columns + column, column, row)
    for row in range(rows):
        nodes = [1 + row * columns + column for column in range(columns)]
        drawing.way(101 + row, nodes, {"name": f"Row {row}", **(tags or STREET)})
    for column in range(columns):
        nodes = [1 + row * columns + column for row in range(rows)]
        drawing.way(201 + column, nodes, {"name": f"Column {column}", **(tags or STREET)})
    return drawing


@dataclass(frozen=True)
class DrawnEdge:
    """An edge in the map's words: from and to which drawn place, and along which way."""

    start: tuple[float, float]
    end: tuple[float, float]
    way: int


def drawn_edges(network: RoadNetwork) -> dict[int, DrawnEdge]:
    """Return every edge with the lattice places of its ends."""
    columns = np.round((network.lon - WEST) / STEP, 3)
    rows = np.round((network.lat - SOUTH) / STEP, 3)
    tails = network.tails()
    return {
        edge: DrawnEdge(
            (float(columns[tails[edge]]), float(rows[tails[edge]])),
            (float(columns[network.head[edge]]), float(rows[network.head[edge]])),
            int(network.way_id[network.segment[edge]]),
        )
        for edge in range(network.edge_count)
    }


def edge_between(network: RoadNetwork, start: tuple[float, float], end: tuple[float, float]) -> int:
    """Return the one edge between two drawn places."""
    found = [
        edge
        for edge, drawn in drawn_edges(network).items()
        if (drawn.start, drawn.end) == (start, end)
    ]
    assert len(found) == 1, f"Expected one edge from {start} to {end}, was {found}."
    return found[0]


def directions(network: RoadNetwork) -> set[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the pairs of drawn places between which an edge runs."""
    return {(drawn.start, drawn.end) for drawn in drawn_edges(network).values()}


def a_demand(count: int = 2, trust: str = "R1F") -> Demand:
    """Return demand places in a row, with 1000 people each."""
    return Demand(
        id=tuple(f"place-{index}" for index in range(count)),
        lon=np.array([at(index, 0.2).lon for index in range(count)]),
        lat=np.array([at(index, 0.2).lat for index in range(count)]),
        population=np.full(count, 1000, dtype=np.int32),
        aged_65_plus=np.full(count, 290, dtype=np.int32),
        is_rural=np.zeros(count, dtype=np.bool_),
        trust=(trust,) * count,
    )


def a_region(**changes: Any) -> Region:
    """Return a small region without streets; ``changes`` replaces fields."""
    fields: dict[str, Any] = {
        "name": "toy",
        "version": "",
        "attribution": ("nobody",),
        "trusts": (Trust(code="R1F", name="Isle of Wight"),),
        "hospitals": (Hospital(id="H", name="Hospital", at=at(1, 1)),),
        "posts": (Post(id="P", name="Post", trust="R1F", at=at(0, 0)),),
        "fleet": (FleetUnit(id="U", trust="R1F", kind="DCA", skill="PARAMEDIC", home="P"),),
        "demand": a_demand(),
        "crow_flies": CrowFlies(blue_light_kmh=60.0, ordinary_kmh=40.0, detour_factor=1.3),
    }
    fields |= changes
    if fields.get("roads") is not None or fields.get("matrix") is not None:
        fields["crow_flies"] = changes.get("crow_flies")
    return Region(**fields)
