"""Small regions built by hand, for tests that need a place to be."""

from __future__ import annotations

import numpy as np

from maps.facilities import Demand, Hospital, Trust
from maps.geo import LonLat
from maps.region import CrowFlies, Region
from maps.road_network import RoadNetwork


def a_demand(
    n: int = 89, trust: str = "R1F", population: int = 140_463, older: int = 41_023
) -> Demand:
    """Return n places on a grid over the Isle of Wight, with the given people in all."""
    index = np.arange(n)
    return Demand(
        id=tuple(f"p{i}" for i in index),
        lon=-1.5 + 0.4 * (index % 10) / 10,
        lat=50.6 + 0.1 * (index // 10) / max(1, n // 10),
        population=np.full(n, population // n, dtype=np.int32),
        aged_65_plus=np.full(n, older // n, dtype=np.int32),
        is_rural=np.zeros(n, dtype=np.bool_),
        trust=(trust,) * n,
    )


def a_region(
    demand: Demand | None = None,
    trusts: tuple[str, ...] = ("R1F",),
    roads: RoadNetwork | None = None,
) -> Region:
    """Return a region without streets, unless roads are given."""
    hospital = Hospital(id="stmarys", name="St Mary's", at=LonLat(-1.30, 50.71))
    return Region(
        name="grid",
        version="0" * 64,
        attribution=(),
        trusts=tuple(Trust(code=code, name=code) for code in trusts),
        hospitals=(hospital,),
        posts=(),
        fleet=(),
        demand=demand or a_demand(),
        roads=roads,
        crow_flies=None if roads is not None else CrowFlies(60.0, 40.0, 1.3),
    )


def two_streets() -> RoadNetwork:
    """Return one residential street of two ways with a bend, and one motorway of one way."""
    return RoadNetwork(
        lon=np.array([-1.50, -1.49, -1.20]),
        lat=np.array([50.60, 50.60, 50.60]),
        first_out=np.array([0, 1, 3, 3], dtype=np.int32),
        head=np.array([1, 0, 2], dtype=np.int32),
        length_m=np.array([900.0, 900.0, 20_000.0], dtype=np.float32),
        road_class=np.array([0, 0, 1], dtype=np.uint8),
        posted_kmh=np.zeros(3, dtype=np.uint8),
        fixed_ms=np.zeros(3, dtype=np.int32),
        access=np.full(3, 3, dtype=np.uint8),
        segment=np.array([0, 0, 1], dtype=np.int32),
        is_forward=np.array([True, False, True]),
        shape_first=np.array([0, 1, 1], dtype=np.int32),
        shape_lon=np.array([-14_950_000], dtype=np.int32),
        shape_lat=np.array([506_020_000], dtype=np.int32),
        way_id=np.array([1, 2], dtype=np.int64),
        name_index=np.zeros(2, dtype=np.int32),
        banned_turns=np.empty((0, 2), dtype=np.int32),
        banned_paths=(),
        classes=("residential", "motorway"),
        names=("",),
    )
