"""Snapshots and engines of small towns for tests."""

from __future__ import annotations

import numpy as np

from maps.facilities import Demand
from maps.region import CrowFlies, Region, TravelMatrix
from maps.road_network import RoadNetwork
from maps.speeds import SpeedProfile, load_profile
from routing.engine import RoadEngine, engine_for
from routing.snapshot import RoadTimes

NOW_MS = 1_790_000_000_000
"""A Monday in September 2026, at noon."""


def a_region(
    *,
    roads: RoadNetwork | None = None,
    matrix: TravelMatrix | None = None,
    crow_flies: CrowFlies | None = None,
    extras: dict[str, np.ndarray] | None = None,
) -> Region:
    return Region(
        name="town",
        version="a" * 64,
        attribution=(),
        trusts=(),
        hospitals=(),
        posts=(),
        fleet=(),
        demand=_nobody(),
        roads=roads,
        matrix=matrix,
        crow_flies=crow_flies,
        extras=extras or {},
    )


def _nobody() -> Demand:
    return Demand(
        id=(),
        lon=np.zeros(0),
        lat=np.zeros(0),
        population=np.zeros(0, dtype=np.int32),
        aged_65_plus=np.zeros(0, dtype=np.int32),
        is_rural=np.zeros(0, dtype=np.bool_),
        trust=(),
    )


def an_engine(roads: RoadNetwork, profile: SpeedProfile | None = None) -> RoadEngine:
    engine = engine_for(a_region(roads=roads), profile or load_profile())
    assert isinstance(engine, RoadEngine)
    return engine


def a_snapshot(roads: RoadNetwork, profile: SpeedProfile | None = None) -> RoadTimes:
    return an_engine(roads, profile).current
