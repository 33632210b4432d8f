"""A fleet: labels follow the units, and the nearest are found without asking all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.road_network import Access
from routing.changes import Closed, OnEdges, RoadChange
from routing.fleet import Fleet, NearUnit
from routing.position import pack
from routing.weights import UNREACHABLE_MS, DriveMode
from tests.routing.builders import a_network, edge_between, street
from tests.routing.snapshots import NOW_MS, a_snapshot, an_engine
from tests.routing.worlds import a_grid, random_positions

LIGHTS = DriveMode.BLUE_LIGHT


@pytest.fixture(scope="module")
def times():
    return a_snapshot(a_grid(12, seed=2, banned=10))


def expected_nearest(times_ms, count):
    order = np.lexsort((np.arange(len(times_ms)), times_ms))
    return [
        NearUnit(int(slot), int(times_ms[slot]))
        for slot in order[:count]
        if times_ms[slot] < UNREACHABLE_MS
    ]


def test_it_answers_as_the_snapshot_does(times):
    positions = random_positions(times.roads.network, 80, seed=1)
    fleet = Fleet(times, 80)
    fleet.move(range(80), positions)
    for destination in positions[:10].tolist():
        expected = times.to_one_ms(positions, destination, LIGHTS, NOW_MS)
        assert np.array_equal(fleet.to_one_ms(destination, LIGHTS, NOW_MS), expected)
        for count in (1, 7, 80, 200):
            found = fleet.nearest(destination, count, LIGHTS, NOW_MS)
            assert list(found) == expected_nearest(expected, count)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_the_nearest_are_right_wherever_units_and_incident_are(times, seed, count):
    positions = random_positions(times.roads.network, 31, seed=seed)
    fleet = Fleet(times, 40)
    fleet.move(range(30), positions[:30])
    destination = int(positions[30])
    expected = fleet.to_one_ms(destination, LIGHTS, NOW_MS)
    assert list(fleet.nearest(destination, count, LIGHTS, NOW_MS)) == expected_nearest(
        expected, count
    )


def test_equal_times_are_ordered_by_slot(times):
    here = int(random_positions(times.roads.network, 1, seed=3)[0])
    fleet = Fleet(times, 6)
    fleet.move([5, 0, 3], np.array([here] * 3))
    assert [unit.slot for unit in fleet.nearest(here, 2, LIGHTS, NOW_MS)] == [0, 3]


def test_absent_units_are_unreachable_and_never_near(times):
    positions = random_positions(times.roads.network, 4, seed=5)
    fleet = Fleet(times, 4)
    fleet.move(range(4), positions)
    fleet.remove([1, 2])
    found = fleet.to_one_ms(int(positions[0]), LIGHTS, NOW_MS)
    assert (found[[1, 2]] == UNREACHABLE_MS).all()
    assert {unit.slot for unit in fleet.nearest(int(positions[0]), 9, LIGHTS, NOW_MS)} <= {0, 3}


def test_units_on_another_island_are_not_near():
    islands = a_network([street(0, 1, 60_000), street(2, 3, 60_000)])
    times = a_snapshot(islands)
    fleet = Fleet(times, 2)
    fleet.move([0, 1], np.array([pack(0, 0.5), pack(edge_between(islands, 2, 3), 0.5)]))
    found = fleet.nearest(pack(0, 0.1), 5, LIGHTS, NOW_MS)
    assert [unit.slot for unit in found] == [0]


def test_only_units_that_moved_are_computed_again(times):
    positions = random_positions(times.roads.network, 20, seed=7)
    fleet = Fleet(times, 20)
    fleet.move(range(20), positions)
    assert fleet.refresh(LIGHTS, NOW_MS) == 20
    assert fleet.refresh(LIGHTS, NOW_MS) == 0
    fleet.move([4, 9], positions[:2])
    assert fleet.refresh(LIGHTS, NOW_MS) == 2


def test_it_follows_a_closure():
    network = a_grid(8, seed=2)
    engine = an_engine(network)
    positions = random_positions(network, 15, seed=2)
    fleet = Fleet(engine.current, 15)
    fleet.move(range(15), positions)
    fleet.to_one_ms(int(positions[0]), LIGHTS, NOW_MS)
    closure = RoadChange(id="c", where=OnEdges((3, 11, 30)), effect=Closed(), reported_at_ms=NOW_MS)
    fleet.follow(engine.apply(closure, NOW_MS))
    assert fleet.times is engine.current
    for destination in positions[:5].tolist():
        expected = engine.current.to_one_ms(positions, destination, LIGHTS, NOW_MS)
        assert np.array_equal(fleet.to_one_ms(destination, LIGHTS, NOW_MS), expected)
    with pytest.raises(ValueError, match="Expected a snapshot of the same roads"):
        fleet.follow(a_snapshot(a_grid(8, seed=2)))


def test_units_where_only_blue_lights_may_drive_are_found_without_them_too():
    precinct = [street(node, node + 1, 20_000, access=Access.BLUE_LIGHT) for node in range(1, 5)]
    network = a_network([street(0, 1, 60_000), *precinct])
    times = a_snapshot(network)
    positions = np.array([pack(edge_between(network, 3, 4), 0.5), pack(0, 0.2)])
    fleet = Fleet(times, 3)
    fleet.move([0, 2], positions)
    home = pack(0, 0.7)
    expected = times.to_one_ms(positions, home, DriveMode.ORDINARY, NOW_MS)
    assert fleet.to_one_ms(home, DriveMode.ORDINARY, NOW_MS)[[0, 2]].tolist() == expected.tolist()
    found = fleet.nearest(home, 5, DriveMode.ORDINARY, NOW_MS)
    assert [unit.slot for unit in found] == [2, 0]
    assert [unit.ms for unit in found] == expected[::-1].tolist()


def test_what_makes_no_sense_is_refused(times):
    here = np.array([0], dtype=np.int64)
    with pytest.raises(ValueError, match="Expected room for one unit"):
        Fleet(times, 0)
    fleet = Fleet(times, 3)
    with pytest.raises(ValueError, match="Expected slots from 0 to 2"):
        fleet.move([3], here)
    with pytest.raises(ValueError, match="Expected slots from 0 to 2"):
        fleet.remove([-1])
    with pytest.raises(ValueError, match="Expected 2 positions, was 1"):
        fleet.move([0, 1], here)
    with pytest.raises(ValueError, match="Expected to look for one unit"):
        fleet.nearest(0, 0, LIGHTS, NOW_MS)
    with pytest.raises(ValueError, match="Expected positions of this road network"):
        fleet.move([0], np.array([10**12]))
    assert fleet.nearest(0, 3, LIGHTS, NOW_MS) == ()
