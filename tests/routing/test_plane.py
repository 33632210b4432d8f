"""Positions as points on the globe and on a plane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.geo import LonLat, great_circle_m
from routing.plane import Plane
from routing.position import FULL, pack
from routing.roads import prepare
from tests.routing.builders import a_network, street


@given(st.floats(-0.5, 0.5), st.floats(-0.3, 0.3))
def test_metres_and_degrees_are_inverse_and_near_the_globe(east_deg, north_deg):
    plane = Plane(-1.3, 50.7)
    lon, lat = np.array([-1.3 + east_deg]), np.array([50.7 + north_deg])
    east, north = plane.metres(lon, lat)
    back = plane.degrees(east, north)
    assert back[0] == pytest.approx(lon, abs=1e-12)
    assert back[1] == pytest.approx(lat, abs=1e-12)
    flat = float(np.hypot(east, north)[0])
    round_m = great_circle_m(LonLat(-1.3, 50.7), LonLat(float(lon[0]), float(lat[0])))
    assert flat == pytest.approx(round_m, rel=0.01, abs=0.1)


def test_a_plane_around_nothing_touches_the_origin():
    assert Plane.around(np.zeros(0), np.zeros(0)) == Plane(0.0, 0.0)


def test_a_position_lies_along_the_bends_of_its_edge_from_either_side():
    network = a_network([street(0, 1, 1_000)])
    object.__setattr__(network, "shape_first", np.array([0, 1], dtype=np.int32))
    object.__setattr__(network, "shape_lon", np.array([-13_000_000], dtype=np.int32))
    object.__setattr__(network, "shape_lat", np.array([507_100_000], dtype=np.int32))
    roads = prepare(network)
    there = np.array([pack(0, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)])
    back = np.array([(1 << 24) | (FULL - int(at & FULL)) for at in there])
    lon, lat = roads.points(there)
    assert (lon[0], lat[0]) == pytest.approx((-1.3, 50.7))
    assert (lon[-1], lat[-1]) == pytest.approx((-1.29, 50.7))
    # 0.01 degrees north, then back down to the south-east: the bend is before the middle.
    assert lat.max() < 50.71
    assert lon[1] == pytest.approx(-1.3)
    assert roads.points(back)[0] == pytest.approx(lon, abs=2e-6)
    assert roads.points(back)[1] == pytest.approx(lat, abs=2e-6)
