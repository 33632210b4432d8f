"""The reference for large graphs is itself checked against the plain oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from benchmarks.speed.routing_reference import ScipyReference
from tests.routing.worlds import World, worlds


@settings(deadline=None, max_examples=100)
@given(worlds())
def test_scipy_on_the_expanded_graph_equals_the_oracle_on_the_plain_one(world: World):
    reference, oracle = ScipyReference(world.engine()), world.oracle()
    for destination in world.positions.tolist():
        expected = [oracle.one_ms(origin, destination) for origin in world.positions.tolist()]
        found = reference.to_one_ms(world.positions, destination)
        assert np.array_equal(found, expected)
