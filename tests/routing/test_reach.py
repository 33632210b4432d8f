"""What can be reached in so long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from shapely import Point

from routing.changes import Closed, OnEdges, RoadChange
from routing.isochrone import isochrone
from routing.position import FRACTION_BITS, FULL, pack
from routing.reach import coverage, reachable, reached_stretches
from routing.sweep import node_times
from routing.weights import UNREACHABLE_MS, DriveMode
from tests.routing.snapshots import NOW_MS, a_snapshot, an_engine
from tests.routing.worlds import World, a_grid, random_positions, worlds

LIGHTS = DriveMode.BLUE_LIGHT


@settings(deadline=None)
@given(worlds())
def test_a_sweep_equals_single_questions_about_every_junction(world: World):
    engine, network = world.engine(), world.network
    starts = np.flatnonzero(np.diff(network.first_out))
    begins = network.first_out[starts].astype(np.int64) << FRACTION_BITS
    here = int(world.positions[0])
    rank = engine.roads.hierarchy.rank
    graph = engine.roads.graph
    onward = node_times(engine, here, towards=True)
    assert np.array_equal(onward[rank[starts]], _towards(engine, begins, here, starts))
    reached = node_times(engine, here)
    for node, position in zip(starts.tolist(), begins.tolist(), strict=True):
        states = graph.state_node[graph.state_first[node] : graph.state_first[node + 1]]
        best = min(int(reached[rank[at]]) for at in [node, *states.tolist()])
        if here >> FRACTION_BITS not in (position >> FRACTION_BITS, _back(engine, position)):
            assert best == engine.from_one_ms(here, np.array([position]))[0]


def _towards(engine, begins, here, starts):
    # A journey straight along the street passes no junction; the sweep is about junctions.
    found = engine.to_one_ms(begins, here)
    rank = engine.roads.hierarchy.rank
    own = node_times(engine, here, towards=True)[rank[starts]]
    same = [
        (here >> FRACTION_BITS) in (int(at) >> FRACTION_BITS, _back(engine, int(at)))
        for at in begins
    ]
    return np.where(same, own, found)


def _back(engine, position):
    return int(engine.roads.opposite[position >> FRACTION_BITS])


@pytest.mark.parametrize("towards", [False, True])
@pytest.mark.parametrize("closed", [(), (10, 25, 40)])
def test_a_position_is_on_a_reached_stretch_exactly_when_it_can_be_reached(towards, closed):
    network = a_grid(7, seed=3, banned=8)
    engine = an_engine(network)
    if closed:
        change = RoadChange(id="c", where=OnEdges(closed), effect=Closed(), reported_at_ms=NOW_MS)
        engine.apply(change, NOW_MS)
    times = engine.current
    here = int(random_positions(network, 1, seed=5)[0])
    limit_ms = 60_000
    stretches = reached_stretches(times, here, limit_ms, LIGHTS, NOW_MS, towards=towards)
    others = random_positions(network, 3_000, seed=6)
    if towards:
        found = times.to_one_ms(others, here, LIGHTS, NOW_MS)
    else:
        found = times.from_one_ms(here, others, LIGHTS, NOW_MS)
    opposite = network.opposites()
    on = np.zeros(len(others), dtype=bool)
    for edge, start, end in zip(*stretches, strict=True):
        share = (others & FULL) / FULL
        on |= ((others >> FRACTION_BITS) == edge) & (start <= share) & (share <= end)
        if opposite[edge] >= 0:
            same = (others >> FRACTION_BITS) == opposite[edge]
            on |= same & (start <= 1 - share) & (1 - share <= end)
    near_limit = np.abs(found - limit_ms) <= 3
    assert ((found <= limit_ms) == on)[~near_limit].all()
    assert on.any()
    assert not on.all()


def test_places_come_nearest_first_and_only_those_in_reach():
    network = a_grid(7, seed=3)
    times = a_snapshot(network)
    places = random_positions(network, 40, seed=2)
    here = int(places[0])
    for towards in (False, True):
        found = reachable(times, here, places, 90_000, LIGHTS, NOW_MS, towards=towards)
        asked = (
            times.to_one_ms(places, here, LIGHTS, NOW_MS)
            if towards
            else times.from_one_ms(here, places, LIGHTS, NOW_MS)
        )
        assert found[0] == (0, 0)
        assert [time_ms for _, time_ms in found] == sorted(time_ms for _, time_ms in found)
        assert {index for index, _ in found} == set(np.flatnonzero(asked <= 90_000).tolist())


def test_coverage_is_who_reaches_whom():
    network = a_grid(5)
    times = a_snapshot(network)
    posts, places = random_positions(network, 4, seed=2), random_positions(network, 30, seed=3)
    covered = coverage(times, posts, places, 60_000, LIGHTS, NOW_MS)
    assert covered.shape == (4, 30)
    assert np.array_equal(covered, times.matrix_ms(posts, places, LIGHTS, NOW_MS) <= 60_000)
    everything = coverage(times, posts, places, UNREACHABLE_MS, LIGHTS, NOW_MS)
    assert everything.all()


@pytest.mark.parametrize("towards", [False, True])
def test_an_isochrone_holds_what_is_reached_and_leaves_out_what_is_not(towards):
    network = a_grid(7, seed=3)
    times = a_snapshot(network)
    here = int(random_positions(network, 1, seed=5)[0])
    area = isochrone(times, here, 60_000, LIGHTS, NOW_MS, towards=towards)
    assert area.is_valid
    assert area.area > 0
    others = random_positions(network, 300, seed=6)
    found = (
        times.to_one_ms(others, here, LIGHTS, NOW_MS)
        if towards
        else times.from_one_ms(here, others, LIGHTS, NOW_MS)
    )
    for position, time_ms in zip(others.tolist(), found.tolist(), strict=True):
        at = Point(times.lonlat(position))
        if time_ms <= 60_000:
            assert area.contains(at)
    far = [
        position
        for position, time_ms in zip(others.tolist(), found.tolist(), strict=True)
        if time_ms > 120_000
    ]
    outside = sum(not area.contains(Point(times.lonlat(position))) for position in far)
    assert outside > 0.9 * len(far)


def test_no_time_reaches_the_place_itself():
    times = a_snapshot(a_grid(3))
    area = isochrone(times, pack(0, 0.5), 0, LIGHTS, NOW_MS)
    assert area.contains(Point(times.lonlat(pack(0, 0.5))))


def test_what_makes_no_sense_is_refused():
    times = a_snapshot(a_grid(3))
    with pytest.raises(ValueError, match="Expected a limit of 0 ms or more, was -1"):
        reached_stretches(times, 0, -1, LIGHTS, NOW_MS)
    with pytest.raises(ValueError, match="Expected a roadside above 0 m"):
        isochrone(times, 0, 1_000, LIGHTS, NOW_MS, roadside_m=0.0)
    with pytest.raises(ValueError, match="Expected a position of this road network"):
        isochrone(times, -1, 1_000, LIGHTS, NOW_MS)
