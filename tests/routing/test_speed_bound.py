"""No journey is quicker than the bound says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.query import weighted
from routing.roads import prepare
from routing.speed_bound import speed_bound
from routing.weights import UNREACHABLE_MS
from tests.routing.builders import a_network, street
from tests.routing.worlds import World, a_grid, random_positions, worlds


def assert_bound_holds(engine, positions):
    bound = speed_bound(engine.roads, engine.offset_ms)
    east, north = engine.roads.plane.metres(*engine.roads.points(positions))
    times = engine.matrix_ms(positions, positions)
    distance_m = np.hypot(east[:, None] - east, north[:, None] - north)
    least_ms = distance_m * bound.ms_per_m - bound.spare_ms
    assert (times[times < UNREACHABLE_MS] >= least_ms[times < UNREACHABLE_MS]).all()
    return bound


@settings(deadline=None, max_examples=200)
@given(worlds())
def test_it_holds_for_absurd_speeds_and_loops(world: World):
    assert_bound_holds(world.engine(), world.positions)


def test_it_is_close_to_the_fastest_streets_of_a_town():
    network = a_grid(10, seed=2)
    slowly = network.fixed_ms * 40
    engine = weighted(prepare(network), slowly, slowly)
    bound = assert_bound_holds(engine, random_positions(network, 60, seed=1))
    fastest = 1_120.0 / slowly.min()
    assert 1 / bound.ms_per_m == pytest.approx(fastest, rel=0.5)


def test_one_impossibly_fast_street_does_not_spoil_it():
    roads = [street(node, node + 1, 60_000) for node in range(60)]
    network = a_network([*roads, street(60, 61, 1)])
    engine = weighted(prepare(network), network.fixed_ms, network.fixed_ms)
    bound = assert_bound_holds(engine, random_positions(network, 60, seed=1))
    assert bound.ms_per_m > 0


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_it_holds_along_bends(seed):
    rng = np.random.default_rng(seed)
    network = a_network([street(0, 1, 20_000), street(1, 2, 30_000), street(2, 0, 50_000)])
    bends = 4
    shape_lon = ((-1.3 + rng.uniform(-0.05, 0.05, 3 * bends)) * 1e7).astype(np.int32)
    shape_lat = ((50.7 + rng.uniform(-0.05, 0.05, 3 * bends)) * 1e7).astype(np.int32)
    object.__setattr__(network, "shape_first", np.array([0, bends, 2 * bends, 3 * bends], np.int32))
    object.__setattr__(network, "shape_lon", shape_lon)
    object.__setattr__(network, "shape_lat", shape_lat)
    engine = weighted(prepare(network), network.fixed_ms, network.fixed_ms)
    assert_bound_holds(engine, random_positions(network, 30, seed=seed))
