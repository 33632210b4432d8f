"""The home trust of a point."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.facilities import Trust
from maps.geo import EARTH_RADIUS_M, LonLat
from maps.trusts import COAST_GAP_M, TrustFinder

WEST = Trust(
    code="RYF", name="West", polygon_wkb_hex=shapely.to_wkb(shapely.box(-2, 50, -1, 51), hex=True)
)
EAST = Trust(
    code="RYD", name="East", polygon_wkb_hex=shapely.to_wkb(shapely.box(-1, 50, 0, 51), hex=True)
)
REST = Trust(code="RYE", name="Rest")
METRE_DEG = math.degrees(1 / EARTH_RADIUS_M)


def test_a_point_belongs_to_the_polygon_that_holds_it():
    finder = TrustFinder([WEST, EAST])
    assert finder.home(LonLat(-1.5, 50.5)) == "RYF"
    assert finder.home(LonLat(-0.5, 50.5)) == "RYD"


@pytest.mark.parametrize("order", [(WEST, EAST), (EAST, WEST)])
def test_on_a_common_border_the_lower_code_wins_whatever_the_order(order):
    assert TrustFinder(order).home(LonLat(-1.0, 50.5)) == "RYD"


def test_a_pier_belongs_to_the_nearest_trust():
    finder = TrustFinder([WEST, EAST])
    near = 50 - 0.99 * COAST_GAP_M * METRE_DEG
    far = 50 - 1.01 * COAST_GAP_M * METRE_DEG
    assert finder.home(LonLat(-1.5, near)) == "RYF"
    assert finder.home(LonLat(-1.5, far)) is None


def test_the_one_trust_without_a_polygon_has_the_rest():
    assert TrustFinder([WEST, REST]).home(LonLat(3.0, 53.0)) == "RYE"
    assert TrustFinder([REST]).home(LonLat(3.0, 53.0)) == "RYE"
    two = (REST, Trust(code="RYA", name="Another"))
    assert TrustFinder(two).home(LonLat(3.0, 53.0)) is None


def test_no_trusts_have_no_points():
    assert TrustFinder([]).home(LonLat(0.0, 0.0)) is None


@given(st.lists(st.tuples(st.floats(-3, 1), st.floats(49, 52)), max_size=20))
def test_many_points_are_answered_like_one(points):
    finder = TrustFinder([WEST, EAST, REST])
    lon = np.array([point[0] for point in points], dtype=np.float64)
    lat = np.array([point[1] for point in points], dtype=np.float64)
    assert finder.home_many(lon, lat) == [finder.home(LonLat(*point)) for point in points]
