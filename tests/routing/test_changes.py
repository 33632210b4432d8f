"""Live changes: what they mean, which roads they mean, and what is refused."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from routing.changes import (
    Closed,
    EdgeTimes,
    Factor,
    LiveChanges,
    OnEdges,
    OnRoad,
    RoadChange,
    RoadFinder,
    Speed,
    WithinArea,
    check_change,
)
from routing.weights import UNREACHABLE_MS, DriveMode
from tests.routing.builders import a_network, edge_between, one_way, street

NOW_MS = 1_790_000_000_000
YEAR_MS = 366 * 86_400_000
LIGHTS = DriveMode.BLUE_LIGHT


def a_change(name="c", where=None, effect=None, **more):
    return RoadChange(
        id=name,
        where=where or OnEdges((0,)),
        effect=effect or Closed(),
        reported_at_ms=more.pop("reported_at_ms", NOW_MS),
        **more,
    )


@pytest.fixture
def network():
    # Junctions 0 to 3 are the corners of a square of 0.01 degrees, 0 in the south-west.
    return a_network(
        [
            street(0, 1, 60_000, name="South Street"),
            street(0, 2, 60_000, name="West Street"),
            street(1, 3, 60_000, name="East Street"),
            one_way(2, 3, 60_000, name="North Street"),
        ]
    )


def a_square(west, south, east, north):
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


def named(network, edges):
    return sorted({network.names[network.name_index[network.segment[edge]]] for edge in edges})


def test_edges_by_number_come_with_their_opposites_unless_told_otherwise(network):
    finder = RoadFinder(network)
    south = edge_between(network, 0, 1)
    both = finder.edges_of(OnEdges((south,)))
    assert both.tolist() == sorted([south, edge_between(network, 1, 0)])
    assert finder.edges_of(OnEdges((south,), both_directions=False)).tolist() == [south]
    north = edge_between(network, 2, 3)
    assert finder.edges_of(OnEdges((north,))).tolist() == [north]


def test_a_road_is_found_by_its_name_whatever_its_case(network):
    found = RoadFinder(network).edges_of(OnRoad(" south STREET "))
    assert named(network, found) == ["South Street"]
    assert len(found) == 2


def test_an_unknown_road_is_refused_with_names_like_it(network):
    with pytest.raises(ValueError, match=r"was 'Suth Street'; close to it are 'south street'"):
        RoadFinder(network).edges_of(OnRoad("Suth Street"))
    with pytest.raises(ValueError, match="Expected the name of a road here, was ''"):
        RoadFinder(network).edges_of(OnRoad(""))


def test_an_area_means_every_road_that_touches_it(network):
    finder = RoadFinder(network)
    west = finder.edges_of(WithinArea(a_square(-1.301, 50.704, -1.299, 50.706)))
    assert named(network, west) == ["West Street"]
    corner = finder.edges_of(WithinArea(a_square(-1.2915, 50.6985, -1.2885, 50.7015)))
    assert named(network, corner) == ["East Street", "South Street"]


def test_a_name_within_an_area_means_both(network):
    finder = RoadFinder(network)
    south = a_square(-1.2915, 50.6985, -1.2885, 50.7015)
    assert named(network, finder.edges_of(OnRoad("east street", south))) == ["East Street"]
    with pytest.raises(ValueError, match="Expected at least one road there, was none"):
        finder.edges_of(OnRoad("West Street", south))


def test_a_geojson_feature_is_an_area_too(network):
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": a_square(-1.301, 50.704, -1.299, 50.706),
    }
    assert len(RoadFinder(network).edges_of(WithinArea(feature))) == 2


BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[-1.3, 50.7], [-1.29, 50.71], [-1.29, 50.7], [-1.3, 50.71], [-1.3, 50.7]]],
}


@pytest.mark.parametrize(
    ("area", "complaint"),
    [
        (BOW_TIE, "Expected a Polygon that is valid, was: Self-intersection"),
        ({"type": "Point", "coordinates": [0, 0]}, "Expected a GeoJSON Polygon or MultiPolygon"),
        ({"type": "Polygon"}, "Expected coordinates of a GeoJSON Polygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "Expected coordinates"),
        ({"type": "Polygon", "coordinates": []}, "Expected a Polygon with an area, was empty"),
        (a_square(-1.3, 50.7, float("nan"), 50.8), "Expected"),
        (a_square(50.7, -1.3, 50.8, 200.0), r"Expected lat in \[-90, 90\]"),
        (a_square(10, 10, 11, 11), "Expected at least one road there"),
        ({}, "Expected a GeoJSON Polygon or MultiPolygon, was None"),
    ],
)
def test_an_area_that_is_none_is_refused(network, area, complaint):
    with pytest.raises(ValueError, match=complaint):
        RoadFinder(network).edges_of(WithinArea(area))


def test_edges_that_do_not_exist_are_refused(network):
    with pytest.raises(ValueError, match="Expected edges from 0 to 6, was 7"):
        RoadFinder(network).edges_of(OnEdges((0, 7)))
    with pytest.raises(ValueError, match="Expected at least one road"):
        RoadFinder(network).edges_of(OnEdges(()))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (a_change(reported_at_ms=NOW_MS - 40 * YEAR_MS), "within the last year, was 1986-"),
        (a_change(reported_at_ms=NOW_MS + 40 * YEAR_MS), "within the last year, was 2066-"),
        (a_change(expires_at_ms=NOW_MS - 1), "to expire after 2026-"),
        (a_change(expires_at_ms=NOW_MS - 40 * YEAR_MS), "was 1986-"),
        (a_change(reported_at_ms=10**30), "within the last year"),
        (a_change(name=" "), "Expected an identifier"),
        (a_change(modes=()), "Expected at least one mode"),
        (a_change(effect=Factor(0.0)), r"speed factor in \(0, 5\]"),
        (a_change(effect=Factor(float("nan"))), r"speed factor in \(0, 5\]"),
        (a_change(effect=Speed(-5.0)), r"a speed in \(0, 200\] km/h"),
        (a_change(effect=Speed(2_000.0)), r"a speed in \(0, 200\] km/h"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_change(change, NOW_MS)


def test_a_sensible_change_passes():
    check_change(a_change(expires_at_ms=NOW_MS + 1), NOW_MS)


def effect_on(network, *placed):
    live = LiveChanges()
    for change, edges in placed:
        live = live.with_change(change, np.array(edges, dtype=np.int32))
    edges = np.arange(network.edge_count, dtype=np.int32)
    base = EdgeTimes(network.fixed_ms, network.fixed_ms)
    return live, live.times(network, edges, base, LIGHTS)


def test_a_closure_stops_driving_through_but_not_starting_or_ending(network):
    _, times = effect_on(network, (a_change(), [0]))
    assert times.weight_ms[0] == UNREACHABLE_MS
    assert times.offset_ms[0] == 60_000
    assert (times.weight_ms[1:] == 60_000).all()


def test_speeds_change_times_and_the_slowest_of_several_holds(network):
    _, times = effect_on(
        network,
        (a_change("a", effect=Factor(0.5)), [0, 1]),
        (a_change("b", effect=Factor(0.25)), [1]),
        (a_change("c", effect=Speed(36.0)), [2]),
        (a_change("d", effect=Factor(2.0)), [3]),
    )
    assert times.weight_ms[:2].tolist() == [120_000, 240_000]
    assert times.weight_ms[2] == round(float(network.length_m[2]) * 100)
    assert times.weight_ms[3] == 30_000


def test_a_closure_beats_a_speed_whatever_came_first(network):
    slow, shut = (a_change("a", effect=Factor(0.5)), [0]), (a_change("b"), [0])
    for order in ((slow, shut), (shut, slow)):
        live, times = effect_on(network, *order)
        assert times.weight_ms[0] == UNREACHABLE_MS
        assert times.offset_ms[0] == 120_000
        assert [change.id for change in live.changes] == ["a", "b"]


def test_a_change_for_one_mode_leaves_the_other_alone(network):
    only_ordinary = a_change(modes=(DriveMode.ORDINARY,))
    _, times = effect_on(network, (only_ordinary, [0]))
    assert times.weight_ms[0] == 60_000


def test_an_impassable_edge_stays_impassable_at_any_speed(network):
    live = LiveChanges().with_change(a_change(effect=Factor(2.0)), np.array([0], dtype=np.int32))
    shut = np.array([UNREACHABLE_MS], dtype=np.int32)
    walked = np.array([5_000], dtype=np.int32)
    times = live.times(network, np.array([0]), EdgeTimes(shut, walked), LIGHTS)
    assert times.weight_ms.tolist() == [UNREACHABLE_MS]
    assert times.offset_ms.tolist() == [2_500]


def test_the_digest_names_what_holds_not_who_came_first(network):
    a, b = (a_change("a"), [0]), (a_change("b", effect=Factor(0.5)), [1])
    assert effect_on(network, a, b)[0].digest == effect_on(network, b, a)[0].digest
    assert effect_on(network, a)[0].digest != effect_on(network, b)[0].digest
    assert LiveChanges().digest == ""


def test_expired_changes_are_named(network):
    live, _ = effect_on(
        network, (a_change("a", expires_at_ms=NOW_MS + 5), [0]), (a_change("b"), [1])
    )
    assert live.expired(NOW_MS + 4) == ()
    assert live.expired(NOW_MS + 5) == ("a",)
    assert [change.id for change in live.without(["a"]).changes] == ["b"]
    with pytest.raises(ValueError, match="Expected a change in force, was 'z'"):
        live.edges_of("z")


@pytest.mark.parametrize(
    "where",
    [OnEdges((1, 2)), OnRoad("A3020", a_square(0, 0, 1, 1)), WithinArea(a_square(0, 0, 1, 1))],
)
@pytest.mark.parametrize("effect", [Closed(), Factor(0.5), Speed(20.0)])
def test_a_change_travels_through_json(where, effect):
    change = a_change(where=where, effect=effect, expires_at_ms=NOW_MS + 1, reason="flood")
    assert msgspec.json.decode(msgspec.json.encode(change), type=RoadChange) == change
