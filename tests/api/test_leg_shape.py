from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from api.leg_shape import LegShapes
from dispatch.domain.travel import Mode, Position
from dispatch.domain.unit import UnitStatus
from dispatch.ports import TravelTimes
from dispatch.state import Unit
from maps.geo import LonLat
from maps.speeds import load_profile
from routing.roads import prepare
from routing.snapshot import RoadTimes
from tests.dispatch.builders import NOON, StraightRoad, a_unit
from tests.routing.builders import a_network, street


def a_leg(origin: int, destination: int | None) -> Unit:
    fields: dict[str, Any] = {
        "spec": a_unit("A1"),
        "slot": 0,
        "status": UnitStatus.MOBILE,
        "status_at_ms": NOON,
        "origin": Position(origin),
        "position_at_ms": NOON,
        "destination": None if destination is None else Position(destination),
        "mode": Mode.BLUE_LIGHT,
        "departed_at_ms": NOON,
        "due_at_ms": NOON,
    }
    return Unit(**fields)


@pytest.fixture(scope="module")
def roads() -> RoadTimes:
    # Junctions 0 1 2 in a row from west to east, 3 below 0: lattice of side 2.
    network = a_network([street(0, 1, 60_000), street(1, 3, 60_000), street(3, 2, 60_000)])
    prepared = prepare(network, None)
    return RoadTimes(
        prepared,
        load_profile(),
        version="test",
        timezone="Europe/London",
    )


def test_who_stands_still_has_no_way(roads: RoadTimes) -> None:
    assert LegShapes(cast("TravelTimes", roads)).of(a_leg(0, None)) is None


def test_a_way_follows_the_streets_from_where_the_unit_was_to_where_it_goes(
    roads: RoadTimes,
) -> None:
    origin = roads.snap(LonLat(-1.2975, 50.7))
    destination = roads.snap(LonLat(-1.2975, 50.71))
    shape = LegShapes(cast("TravelTimes", roads)).of(a_leg(origin, destination))
    assert shape is not None
    assert shape.points == [
        (pytest.approx(-1.2975), 50.7),
        (-1.29, 50.7),
        (-1.29, 50.71),
        (pytest.approx(-1.2975), 50.71),
    ]
    assert shape.passed_s[0] == 0.0
    assert shape.passed_s == sorted(shape.passed_s)
    ms = roads.from_one_ms(origin, np.array([destination]), Mode.BLUE_LIGHT, NOON)
    assert shape.passed_s[-1] == ms[0] / 1000


def test_a_way_along_one_street_is_cut_at_both_ends(roads: RoadTimes) -> None:
    origin, destination = roads.snap(LonLat(-1.299, 50.7)), roads.snap(LonLat(-1.292, 50.7))
    shape = LegShapes(cast("TravelTimes", roads)).of(a_leg(origin, destination))
    assert shape is not None
    assert shape.points == [(pytest.approx(-1.299), 50.7), (pytest.approx(-1.292), 50.7)]


def test_a_way_to_where_the_unit_is_has_two_equal_ends(roads: RoadTimes) -> None:
    here = roads.snap(LonLat(-1.295, 50.7))
    shape = LegShapes(cast("TravelTimes", roads)).of(a_leg(here, here))
    assert shape is not None
    assert len(shape.points) == len(shape.passed_s) == 2
    assert shape.points[0] == shape.points[1]


def test_without_streets_a_way_is_straight() -> None:
    road = StraightRoad()
    unit = a_leg(road.snap(LonLat(0.01, 0)), road.snap(LonLat(0.02, 0)))
    shape = LegShapes(cast("TravelTimes", road)).of(unit)
    assert shape is not None
    assert shape.points == [(0.01, 0.0), (0.02, 0.0)]


def test_a_way_is_drawn_once(roads: RoadTimes) -> None:
    shapes = LegShapes(cast("TravelTimes", roads))
    unit = a_leg(roads.snap(LonLat(-1.299, 50.7)), roads.snap(LonLat(-1.292, 50.7)))
    assert shapes.of(unit) is shapes.of(unit)
