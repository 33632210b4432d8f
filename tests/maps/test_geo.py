"""Points on the globe."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.geo import (
    EARTH_RADIUS_M,
    LonLat,
    checked,
    from_national_grid,
    great_circle_m,
    to_national_grid,
)

POINTS = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(
    ("lon", "lat"), [(181.0, 0.0), (0.0, -91.0), (math.nan, 0.0), (0.0, math.inf)]
)
def test_a_point_off_the_globe_is_refused(lon, lat):
    with pytest.raises(ValueError, match="Expected"):
        checked(lon, lat)


def test_longitude_comes_first():
    assert checked(-1.3, 50.7) == LonLat(lon=-1.3, lat=50.7)


def test_a_degree_of_latitude_is_111_km():
    assert great_circle_m(LonLat(0, 50), LonLat(0, 51)) == pytest.approx(111_195, abs=1)


@given(POINTS, POINTS)
def test_distance_is_the_same_both_ways_and_never_over_half_the_globe(a, b):
    there = great_circle_m(a, b)
    assert there == pytest.approx(great_circle_m(b, a), abs=1e-6)
    assert 0.0 <= there <= math.pi * EARTH_RADIUS_M + 1e-6


def test_the_national_grid_agrees_with_published_points():
    # LSOA E01017282, Isle of Wight 006A: ONS gives both coordinates.
    at = from_national_grid(458_787, 90_937)
    assert at == pytest.approx((-1.168688, 50.715102), abs=2e-5)


@given(st.floats(-6.0, 1.7), st.floats(50.0, 55.8))
def test_the_national_grid_leads_there_and_back(lon, lat):
    back = from_national_grid(*to_national_grid(LonLat(lon, lat)))
    assert great_circle_m(back, LonLat(lon, lat)) < 0.01
