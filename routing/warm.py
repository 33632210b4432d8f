"""Compile every kernel of this room once, so that no caller waits for it later."""

from __future__ import annotations

import numpy as np

from maps.geo import LonLat
from maps.region import TravelMatrix
from maps.road_network import Access, RoadNetwork
from maps.speeds import load_profile
from routing.changes import Closed, OnEdges, RoadChange
from routing.engine import RoadEngine
from routing.fleet import Fleet
from routing.position import pack
from routing.reach import reached_stretches
from routing.roads import prepare
from routing.route import route_between
from routing.snapshot import RoadTimes
from routing.table import TableTimes
from routing.weights import DriveMode


def warm_up() -> None:
    """Compile the kernels, or load them from disk where an earlier run has kept them.

    Half a second when they are kept; up to half a minute on a machine that has never run them.
    """
    roads = prepare(_crossing())
    times = RoadTimes(roads, load_profile(), version="warm", timezone="Europe/London")
    engine = RoadEngine(times)
    origin, destination = pack(0, 0.5), pack(3, 0.5)
    both = np.array([origin, destination], dtype=np.int64)
    times.matrix_ms(both, both, DriveMode.BLUE_LIGHT, 0)
    times.pairs_ms(both, both, DriveMode.BLUE_LIGHT, 0)
    route_between(times, origin, destination, DriveMode.BLUE_LIGHT, 0)
    times.snap(LonLat(-1.3, 50.7))
    times.lonlat(origin)
    reached_stretches(times, origin, 1_000, DriveMode.BLUE_LIGHT, 0)
    fleet = Fleet(times, 2)
    fleet.move([0, 1], both)
    fleet.nearest(destination, 1, DriveMode.BLUE_LIGHT, 0)
    fleet.to_one_ms(destination, DriveMode.BLUE_LIGHT, 0)
    closure = RoadChange(id="warm", where=OnEdges((1,)), effect=Closed(), reported_at_ms=0)
    engine.apply(closure, 0).to_one_ms(both, destination, DriveMode.BLUE_LIGHT, 0)
    _warm_table()


def _warm_table() -> None:
    matrix = TravelMatrix(
        place_id=("a", "b"),
        lon=np.array([0.0, 1.0]),
        lat=np.array([51.0, 51.0]),
        blue_light_ms=np.array([[0, 1], [1, 0]], dtype=np.int32),
        ordinary_ms=np.array([[0, 1], [1, 0]], dtype=np.int32),
    )
    table = TableTimes(matrix, "warm")
    place = np.array([table.snap(LonLat(0.0, 51.0))], dtype=np.int64)
    table.matrix_ms(place, place, DriveMode.BLUE_LIGHT, 0)
    table.pairs_ms(place, place, DriveMode.BLUE_LIGHT, 0)


def _crossing() -> RoadNetwork:
    """Return a crossing of two-way streets with one banned turn: all that kernels distinguish."""
    # Streets from the middle, node 0, to four ends: edges 0-3 outward, 4-7 back.
    streets = 4
    outward = np.arange(streets, dtype=np.int32)
    return RoadNetwork(
        lon=np.array([-1.30, -1.29, -1.31, -1.30, -1.30]),
        lat=np.array([50.70, 50.70, 50.70, 50.71, 50.69]),
        first_out=np.array([0, 4, 5, 6, 7, 8], dtype=np.int32),
        head=np.array([1, 2, 3, 4, 0, 0, 0, 0], dtype=np.int32),
        length_m=np.full(2 * streets, 700.0, dtype=np.float32),
        road_class=np.zeros(2 * streets, dtype=np.uint8),
        posted_kmh=np.full(2 * streets, 48, dtype=np.uint8),
        fixed_ms=np.zeros(2 * streets, dtype=np.int32),
        access=np.full(2 * streets, int(Access.ORDINARY | Access.BLUE_LIGHT), dtype=np.uint8),
        segment=np.concatenate((outward, outward)),
        is_forward=np.repeat([True, False], streets),
        shape_first=np.array([0, 1, 1, 1, 1], dtype=np.int32),
        shape_lon=np.array([-12_950_000], dtype=np.int32),
        shape_lat=np.array([507_000_000], dtype=np.int32),
        way_id=np.zeros(streets, dtype=np.int64),
        name_index=np.zeros(streets, dtype=np.int32),
        banned_turns=np.array([[4, 2]], dtype=np.int32),
        banned_paths=(),
        classes=("residential",),
        names=("",),
    )
