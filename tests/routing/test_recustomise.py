"""New weights for a few arcs give what customising all of them gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.customise import customise
from routing.recustomise import recustomise
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.worlds import a_grid, times, worlds


def changed(roads, metric, arcs, limit=2**30):
    return recustomise(
        np.array(arcs, dtype=np.int32),
        metric.up,
        metric.down,
        metric.arc_ms,
        roads.arc_arrays,
        roads.side_arrays,
        limit,
    )


@settings(deadline=None)
@given(worlds(), st.data())
def test_it_equals_a_customisation_from_scratch(world, data):
    roads = prepare(world.network)
    metric = customise(roads.hierarchy, np.array(roads.arc_weights(world.weight_ms)))
    for _ in range(3):
        edge = st.integers(0, len(metric.arc_ms) - 1)
        arcs = data.draw(st.lists(edge, min_size=1, max_size=4, unique=True))
        before = metric.up.copy(), metric.down.copy()
        metric.arc_ms[arcs] = data.draw(st.lists(times, min_size=len(arcs), max_size=len(arcs)))
        touched = changed(roads, metric, arcs)
        fresh = customise(roads.hierarchy, metric.arc_ms)
        assert np.array_equal(metric.up, fresh.up)
        assert np.array_equal(metric.down, fresh.down)
        differs = (before[0] != metric.up) | (before[1] != metric.down)
        assert sorted(touched.tolist()) == np.flatnonzero(differs).tolist()


def test_random_closures_of_a_town_and_back_leave_no_trace():
    roads = prepare(a_grid(20, banned=10))
    plain = roads.arc_weights(roads.network.fixed_ms)
    metric = customise(roads.hierarchy, np.array(plain))
    fresh = customise(roads.hierarchy, np.array(plain))
    rng = np.random.default_rng(5)
    for _ in range(40):
        arcs = rng.choice(len(plain), 6, replace=False).astype(np.int32)
        metric.arc_ms[arcs] = UNREACHABLE_MS
        changed(roads, metric, arcs)
        shut = customise(roads.hierarchy, metric.arc_ms)
        assert np.array_equal(metric.up, shut.up)
        assert np.array_equal(metric.down, shut.down)
        metric.arc_ms[arcs] = plain[arcs]
        changed(roads, metric, arcs)
        assert np.array_equal(metric.up, fresh.up)
        assert np.array_equal(metric.down, fresh.down)


def test_it_stops_where_customising_everything_is_quicker():
    roads = prepare(a_grid(12))
    metric = customise(roads.hierarchy, np.array(roads.arc_weights(roads.network.fixed_ms)))
    arcs = np.arange(len(metric.arc_ms), dtype=np.int32)
    metric.arc_ms[:] = 1
    assert len(changed(roads, metric, arcs, limit=5)) == 6
