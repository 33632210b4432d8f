"""Times without streets: straight lines, stretched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.ports import TravelTimes
from maps.geo import LonLat, great_circle_m
from maps.region import CrowFlies
from routing.crow_flies import CrowFliesTimes
from routing.weights import UNREACHABLE_MS, DriveMode

LIGHTS, ORDINARY = DriveMode.BLUE_LIGHT, DriveMode.ORDINARY
places = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))
english = st.builds(LonLat, st.floats(-6, 2), st.floats(50, 56))


@pytest.fixture(scope="module")
def times():
    return CrowFliesTimes(CrowFlies(72.0, 36.0, 1.3), "crow")


def test_it_fits_the_protocol(times):
    assert isinstance(times, TravelTimes)
    assert times.version == "crow"


@given(places)
def test_a_position_is_its_coordinate_to_a_centimetre(times, at):
    back = times.lonlat(times.snap(at))
    assert (back.lon, back.lat) == pytest.approx(at, abs=1e-7)


@given(english, english)
def test_time_is_distance_times_detour_over_speed(times, a, b):
    start, end = times.snap(a), times.snap(b)
    lights = int(times.to_one_ms(np.array([start]), end, LIGHTS, 0)[0])
    assert lights == pytest.approx(great_circle_m(a, b) * 1.3 / 20 * 1_000, abs=5, rel=1e-6)
    ordinary = int(times.from_one_ms(start, np.array([end]), ORDINARY, 0)[0])
    assert ordinary == pytest.approx(2 * lights, abs=2)
    assert times.matrix_ms(np.array([start]), np.array([end]), LIGHTS, 0).tolist() == [[lights]]
    assert times.pairs_ms(np.array([start]), np.array([end]), LIGHTS, 0).tolist() == [lights]


@given(english, english, st.floats(0, 1))
def test_a_vehicle_moves_along_the_line(times, a, b, share):
    start, end = times.snap(a), times.snap(b)
    total_ms = int(times.to_one_ms(np.array([start]), end, LIGHTS, 0)[0])
    here = times.after(start, end, LIGHTS, 0, int(total_ms * share))
    behind, ahead = times.matrix_ms(np.array([here]), np.array([start, end]), LIGHTS, 0)[0]
    assert behind + ahead == pytest.approx(total_ms, rel=0.001, abs=5)
    assert times.after(start, end, LIGHTS, 0, total_ms) == end
    assert times.after(start, end, LIGHTS, 0, -1) == start


def test_the_other_side_of_the_globe_is_unreachable_rather_than_wrong():
    slow = CrowFliesTimes(CrowFlies(1.0, 1.0, 2.0), "slow")
    start, end = slow.snap(LonLat(0, 0)), slow.snap(LonLat(180, 0))
    assert slow.to_one_ms(np.array([start]), end, LIGHTS, 0).tolist() == [UNREACHABLE_MS]


def test_a_plane_ranks_by_the_crow(times):
    points = [LonLat(-1.5, 52.8), LonLat(-1.4, 52.8), LonLat(-1.5, 52.9)]
    east, north = times.plane_m(np.array([times.snap(point) for point in points]))
    distances = [great_circle_m(points[0], point) for point in points]
    assert np.hypot(east, north) == pytest.approx(distances, rel=0.001, abs=0.1)


def test_what_is_no_place_or_no_model_is_refused(times):
    with pytest.raises(ValueError, match="Expected lat"):
        times.snap(LonLat(0, 91))
    with pytest.raises(ValueError, match="Expected positions on the globe"):
        times.to_one_ms(np.array([-1]), 0, LIGHTS, 0)
    with pytest.raises(ValueError, match="Expected positions on the globe"):
        times.lonlat(2**63 - 1)
    with pytest.raises(ValueError, match="Expected 1 destinations, was 2"):
        times.pairs_ms(np.array([0]), np.array([0, 0]), LIGHTS, 0)
    for model in (CrowFlies(0.0, 1.0, 1.0), CrowFlies(1.0, float("nan"), 1.0)):
        with pytest.raises(ValueError, match="Expected a positive"):
            CrowFliesTimes(model, "x")
