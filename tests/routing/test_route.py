"""Routes to show: streets, line and times."""

from __future__ import annotations

import msgspec
import pytest

from maps.geo import LonLat, great_circle_m
from routing.position import pack
from routing.route import Route, arrival_at_ms, position_on, route_between
from routing.weights import DriveMode
from tests.routing.builders import a_network, edge_between, street
from tests.routing.snapshots import NOW_MS, a_snapshot
from tests.routing.worlds import a_grid, random_positions

LIGHTS = DriveMode.BLUE_LIGHT


@pytest.fixture(scope="module")
def network():
    return a_network(
        [
            street(0, 1, 60_000, name="South Street"),
            street(1, 3, 60_000, name="South Street"),
            street(3, 2, 60_000),
        ]
    )


@pytest.fixture(scope="module")
def times(network):
    return a_snapshot(network)


@pytest.fixture(scope="module")
def route(times, network):
    origin = pack(edge_between(network, 0, 1), 0.5)
    destination = pack(edge_between(network, 3, 2), 0.25)
    return route_between(times, origin, destination, LIGHTS, NOW_MS)


def test_it_names_the_streets_in_order_with_their_lengths_and_times(route, network):
    assert [part.name for part in route.streets] == ["South Street", ""]
    whole = float(network.length_m[0])
    assert [part.length_m for part in route.streets] == pytest.approx([1.5 * whole, 0.25 * whole])
    assert sum(part.travel_ms for part in route.streets) == route.total_ms
    assert route.length_m == pytest.approx(sum(part.length_m for part in route.streets))
    assert [part.first_point for part in route.streets] == [0, 2]


def test_its_line_runs_from_end_to_end_with_rising_times(route, times):
    begin, end = route.line[0], route.line[-1]
    assert (begin.lon, begin.lat) == pytest.approx(times.lonlat(route.origin))
    assert (end.lon, end.lat) == pytest.approx(times.lonlat(route.destination))
    passed = [point.at_ms for point in route.line]
    assert passed == sorted(passed)
    assert passed[0] == 0
    assert passed[-1] == route.total_ms


def test_a_point_on_the_line_is_where_the_vehicle_is(route, times):
    for share in range(11):
        elapsed_ms = route.total_ms * share // 10
        drawn = position_on(route, elapsed_ms)
        driven = times.lonlat(
            times.after(route.origin, route.destination, LIGHTS, NOW_MS, elapsed_ms)
        )
        assert great_circle_m(drawn, driven) < 1.0
    assert position_on(route, -5) == LonLat(route.line[0].lon, route.line[0].lat)
    assert position_on(route, 10**9) == LonLat(route.line[-1].lon, route.line[-1].lat)


def test_it_travels_through_json(route):
    assert msgspec.json.decode(msgspec.json.encode(route), type=Route) == route


def test_it_says_which_times_it_is_of(route, times):
    assert route.version == times.version
    assert route.departed_ms == NOW_MS


def test_where_there_is_no_way_there_is_no_route_and_no_arrival():
    islands = a_network([street(0, 1, 60_000), street(2, 3, 60_000)])
    times = a_snapshot(islands)
    here, there = pack(0, 0.5), pack(edge_between(islands, 2, 3), 0.5)
    assert route_between(times, here, there, LIGHTS, NOW_MS) is None
    assert arrival_at_ms(times, here, there, LIGHTS, NOW_MS) is None


def test_a_route_to_where_one_is_has_one_point(times):
    here = pack(0, 0.5)
    route = route_between(times, here, here, LIGHTS, NOW_MS)
    assert route.total_ms == 0
    assert len(route.line) == 1
    assert route.streets == ()
    assert arrival_at_ms(times, here, here, LIGHTS, NOW_MS) == NOW_MS


def test_routes_of_a_town_are_connected_lines():
    network = a_grid(8, banned=8)
    times = a_snapshot(network)
    positions = random_positions(network, 20, seed=1).tolist()
    for origin, destination in zip(positions[:10], positions[10:], strict=True):
        route = route_between(times, origin, destination, LIGHTS, NOW_MS)
        longest = 1.01 * 1_120
        for before, after in zip(route.line, route.line[1:], strict=False):
            gap = great_circle_m(LonLat(before.lon, before.lat), LonLat(after.lon, after.lat))
            assert gap < longest
