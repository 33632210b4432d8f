"""Real maps and a real city: equal to independent searches, to the millisecond."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.speed.dimacs import network_of, read_dimacs
from benchmarks.speed.routing_reference import ScipyReference
from maps.geo import LonLat, OffNetworkError
from maps.network_builder import build_network
from maps.osm import read_osm
from maps.region_file import load_region
from routing.changes import Closed, OnEdges, RoadChange
from routing.dijkstra import Dijkstra
from routing.engine import RoadEngine, engine_for
from routing.leg import leg_between
from routing.query import weighted
from routing.restrictions import BannedSequences
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS, DriveMode
from tests.routing.snapshots import NOW_MS, an_engine
from tests.routing.worlds import random_positions


@pytest.fixture(scope="module")
def island() -> RoadEngine:
    engine = engine_for(load_region("isle-of-wight"))
    assert isinstance(engine, RoadEngine)
    return engine


@pytest.mark.parametrize("mode", list(DriveMode))
def test_the_island_equals_the_oracle(island, mode):
    network = island.current.roads.network
    weights = island.current.weights_at(mode, NOW_MS)
    oracle = Dijkstra(network, weights.metric.arc_ms[: network.edge_count], weights.offset_ms)
    positions = random_positions(network, 40, seed=1)
    for origin in positions[:4].tolist():
        expected = oracle.from_one_ms(origin, positions)
        assert np.array_equal(weights.from_one_ms(origin, positions), expected)


def test_the_island_with_closures_equals_the_oracle(island):
    network = island.current.roads.network
    edges = tuple(int(edge) for edge in np.random.default_rng(2).choice(network.edge_count, 200))
    change = RoadChange(id="many", where=OnEdges(edges), effect=Closed(), reported_at_ms=NOW_MS)
    weights = island.apply(change, NOW_MS).weights_at(DriveMode.BLUE_LIGHT, NOW_MS)
    oracle = Dijkstra(network, weights.metric.arc_ms[: network.edge_count], weights.offset_ms)
    positions = random_positions(network, 40, seed=3)
    for origin in positions[:3].tolist():
        expected = oracle.from_one_ms(origin, positions)
        assert np.array_equal(weights.from_one_ms(origin, positions), expected)
    island.withdraw("many")


def test_routes_of_the_island_obey_every_restriction_and_sum_to_their_time(island):
    times = island.current
    network = times.roads.network
    rules, tails = BannedSequences(network), network.tails()
    positions = random_positions(network, 200, seed=4).tolist()
    for origin, destination in zip(positions[:100], positions[100:], strict=True):
        leg = times.leg(origin, destination, DriveMode.BLUE_LIGHT, NOW_MS)
        asked = times.to_one_ms(np.array([origin]), destination, DriveMode.BLUE_LIGHT, NOW_MS)
        assert (UNREACHABLE_MS if leg is None else leg.total_ms) == asked[0]
        state = ()
        for at, edge in enumerate(leg.edges if leg else ()):
            assert at == 0 or network.head[leg.edges[at - 1]] == tails[edge]
            state = rules.after(state, edge)
            assert state is not None


@pytest.mark.needs_data
def test_a_network_without_streets_serves_the_moors_but_no_other_country():
    times = engine_for(load_region("england")).current
    kielder = LonLat(-2.5, 55.25)
    assert times.snap(kielder) != times.snap(LonLat(-2.35, 55.1))
    with pytest.raises(OffNetworkError, match="within 25000 m"):
        times.snap(LonLat(-4.08, 52.41))  # Aberystwyth
    with pytest.raises(OffNetworkError, match="within 1000 m"):
        times.snap(kielder, gap_max_m=1_000.0)


def test_rutland_equals_scipy_in_every_hour(data_folder):
    extract = read_osm(next((data_folder / "rutland").glob("*.pbf")))
    network, _ = build_network(extract.roads)
    engine = an_engine(network)
    positions = random_positions(network, 300, seed=5)
    for hour_class in range(len(engine.current.profile.hour_classes)):
        weights = engine.current.weights(DriveMode.ORDINARY, hour_class)
        reference = ScipyReference(weights)
        for destination in positions[:3].tolist():
            expected = reference.to_one_ms(positions, destination)
            assert np.array_equal(weights.to_one_ms(positions, destination), expected)


@pytest.mark.needs_data
@pytest.mark.slow
def test_new_york_equals_scipy_before_and_after_closures(data_folder):
    network = network_of(read_dimacs(data_folder / "scale"))
    plain = network.fixed_ms
    weights = weighted(prepare(network), plain, plain)
    positions = random_positions(network, 400, seed=6)
    rng = np.random.default_rng(7)
    for _ in range(3):
        reference = ScipyReference(weights)
        for destination in positions[:2].tolist():
            expected = reference.to_one_ms(positions, destination)
            assert np.array_equal(weights.to_one_ms(positions, destination), expected)
            for origin, time_ms in zip(positions[:50].tolist(), expected.tolist(), strict=False):
                leg = leg_between(weights, origin, destination)
                assert (UNREACHABLE_MS if leg is None else leg.total_ms) == time_ms
        edges = np.sort(rng.choice(network.edge_count, 30, replace=False)).astype(np.int32)
        shut = np.where(rng.random(30) < 0.5, UNREACHABLE_MS, plain[edges] * 3).astype(np.int32)
        weights = weights.changed(edges, shut, np.minimum(shut, plain[edges] * 3))
