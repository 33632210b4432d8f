"""One version of the travel times on roads, as the core asks it."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.ports import TravelTimes
from maps.geo import LonLat, OffNetworkError
from maps.road_network import Access
from routing.dijkstra import Dijkstra
from routing.position import pack
from routing.query import weighted
from routing.weights import UNREACHABLE_MS, DriveMode, edge_weights
from tests.routing.builders import a_network, edge_between, street
from tests.routing.snapshots import NOW_MS, a_snapshot
from tests.routing.worlds import a_grid, random_positions

LIGHTS, ORDINARY = DriveMode.BLUE_LIGHT, DriveMode.ORDINARY
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def network():
    return a_grid(7, banned=6)


@pytest.fixture(scope="module")
def times(network):
    return a_snapshot(network)


def test_it_fits_the_protocol_of_the_core(times):
    assert isinstance(times, TravelTimes)
    assert times.version == "town@aaaaaaaaaaaa+default@2026.1"


@pytest.mark.parametrize("mode", list(DriveMode))
def test_it_equals_the_oracle_under_the_profile_in_every_mode_and_hour(times, network, mode):
    positions = random_positions(network, 12, seed=3)
    for hours in (0, 6, 13, 40):
        now_ms = NOW_MS + hours * HOUR_MS
        hour_class = times.profile.week[_hour_of_week(times, now_ms)]
        weights = edge_weights(network, times.profile, mode, hour_class)
        oracle = Dijkstra(network, weights)
        expected = np.array([oracle.from_one_ms(int(p), positions) for p in positions])
        assert np.array_equal(times.matrix_ms(positions, positions, mode, now_ms), expected)
        there = int(positions[4])
        assert np.array_equal(times.to_one_ms(positions, there, mode, now_ms), expected[:, 4])
        assert np.array_equal(times.from_one_ms(there, positions, mode, now_ms), expected[4])
        rolled = np.roll(positions, 1)
        pairs = times.pairs_ms(positions, rolled, mode, now_ms)
        assert np.array_equal(pairs, expected[np.arange(12), np.roll(np.arange(12), 1)])


def _hour_of_week(times, now_ms):
    from datetime import datetime
    from zoneinfo import ZoneInfo

    local = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(times.timezone))
    return local.weekday() * 24 + local.hour


def test_a_journey_keeps_the_hour_class_of_its_start(times, network):
    origin, destination = random_positions(network, 2, seed=9).tolist()
    starts = [NOW_MS + hours * HOUR_MS for hours in range(0, 24, 3)]
    legs = [times.leg(origin, destination, ORDINARY, start) for start in starts]
    assert len({leg.total_ms for leg in legs}) > 1
    for start, leg in zip(starts, legs, strict=True):
        halfway = times.after(origin, destination, ORDINARY, start, leg.total_ms // 2)
        assert leg.elapsed_ms(halfway) == leg.total_ms // 2


def test_a_place_snaps_to_the_nearest_road_and_back(times, network):
    corner = LonLat(float(network.lon[8]), float(network.lat[8]))
    found = times.lonlat(times.snap(corner))
    assert (found.lon, found.lat) == pytest.approx(corner, abs=1e-6)


def test_a_place_30_km_from_any_road_is_refused_in_words(times):
    with pytest.raises(OffNetworkError, match="within 1000 m of a road") as refused:
        times.snap(LonLat(-1.3, 50.4))
    assert refused.value.at == LonLat(-1.3, 50.4)
    assert refused.value.gap_max_m == 1_000.0


@pytest.mark.parametrize("at", [LonLat(float("nan"), 50.7), LonLat(-1.3, 91.0)])
def test_a_place_that_is_none_is_refused(times, at):
    with pytest.raises(ValueError, match="Expected"):
        times.snap(at)


def test_a_position_of_another_network_is_refused_by_every_question(times):
    foreign = pack(10**6, 0.5)
    here = np.array([0], dtype=np.int64)
    for ask in (
        lambda: times.to_one_ms(here, foreign, LIGHTS, NOW_MS),
        lambda: times.from_one_ms(foreign, here, LIGHTS, NOW_MS),
        lambda: times.to_one_ms(here + foreign, 0, LIGHTS, NOW_MS),
        lambda: times.matrix_ms(here, here + foreign, LIGHTS, NOW_MS),
        lambda: times.leg(0, foreign, LIGHTS, NOW_MS),
        lambda: times.lonlat(foreign),
        lambda: times.to_one_ms(here, -1, LIGHTS, NOW_MS),
    ):
        with pytest.raises(ValueError, match=r"Expected (a )?positions? of this road network"):
            ask()
    with pytest.raises(ValueError, match="Expected 1 destinations, was 2"):
        times.pairs_ms(here, np.zeros(2, dtype=np.int64), LIGHTS, NOW_MS)


def test_after_gives_the_origin_where_there_is_no_way():
    islands = a_network([street(0, 1, 60_000), street(2, 3, 60_000)])
    times = a_snapshot(islands)
    here, there = pack(0, 0.5), pack(edge_between(islands, 2, 3), 0.5)
    assert times.after(here, there, LIGHTS, NOW_MS, 10_000) == here
    assert times.to_one_ms(np.array([here]), there, LIGHTS, NOW_MS).tolist() == [UNREACHABLE_MS]


BUS_GATE = Access.BLUE_LIGHT


def test_without_blue_lights_a_crew_goes_round_what_only_they_may_pass():
    roads = [street(0, 1, 60_000, access=BUS_GATE), street(0, 2, 90_000), street(2, 1, 90_000)]
    network = a_network(roads)
    times = a_snapshot(network)
    west, east = int(network.first_out[0]) << 24, int(network.first_out[1]) << 24
    gate = edge_between(network, 0, 1)
    assert times.leg(west, east, LIGHTS, NOW_MS).edges == (gate,)
    assert gate not in times.leg(west, east, ORDINARY, NOW_MS).edges


def test_a_crew_is_not_stuck_where_only_blue_lights_may_drive():
    precinct = [street(node, node + 1, 20_000, access=BUS_GATE) for node in range(1, 5)]
    network = a_network([street(0, 1, 60_000), *precinct])
    times = a_snapshot(network)
    home = pack(edge_between(network, 0, 1), 0.5)
    for tail, fraction in ((1, 0.2), (1, 0.9), (3, 0.5), (4, 1.0)):
        patient = pack(edge_between(network, tail, tail + 1), fraction)
        lights = int(times.to_one_ms(np.array([patient]), home, LIGHTS, NOW_MS)[0])
        ordinary = int(times.to_one_ms(np.array([patient]), home, ORDINARY, NOW_MS)[0])
        assert lights <= ordinary < UNREACHABLE_MS
        assert times.leg(patient, home, ORDINARY, NOW_MS).total_ms == ordinary
        both = np.array([patient, home])
        assert (times.matrix_ms(both, both, ORDINARY, NOW_MS) < UNREACHABLE_MS).all()
        assert times.pairs_ms(both[:1], both[1:], ORDINARY, NOW_MS).tolist() == [ordinary]
        assert times.from_one_ms(patient, both[1:], ORDINARY, NOW_MS).tolist() == [ordinary]


def test_given_weights_replace_those_of_the_profile(network):
    times = a_snapshot(network)
    doubled = (network.fixed_ms * 2).astype(np.int32)
    times.put_weights(LIGHTS, 0, weighted(times.roads, doubled, doubled))
    assert np.array_equal(times.weights(LIGHTS, 0).metric.arc_ms[: len(doubled)], doubled)
    other = a_snapshot(network)
    with pytest.raises(ValueError, match="Expected weights of these roads"):
        other.put_weights(LIGHTS, 0, times.weights(LIGHTS, 0))


def test_a_plane_ranks_by_the_crow(times, network):
    positions = random_positions(network, 50, seed=5)
    east, north = times.plane_m(positions)
    by_plane = np.hypot(east - east[0], north - north[0])
    here = times.lonlat(int(positions[0]))
    from maps.geo import great_circle_m

    by_globe = [great_circle_m(here, times.lonlat(int(position))) for position in positions]
    assert by_plane == pytest.approx(by_globe, rel=0.002, abs=1.0)
