"""Who reaches whom within a time is what the times say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.weights import UNREACHABLE_MS, DriveMode
from routing.within import within
from tests.routing.snapshots import NOW_MS, a_snapshot
from tests.routing.worlds import World, a_grid, random_positions, worlds


@settings(deadline=None, max_examples=200)
@given(worlds(), st.one_of(st.integers(0, 60_000), st.integers(0, 2 * UNREACHABLE_MS)))
def test_labels_that_end_at_the_limit_say_what_whole_ones_do(world: World, limit_ms: int):
    engine, here = world.engine(), world.positions
    times = engine.matrix_ms(here, here)
    assert np.array_equal(
        within(engine, here, here, limit_ms), (times <= limit_ms) & (times < UNREACHABLE_MS)
    )


@pytest.mark.parametrize("mode", list(DriveMode))
def test_a_snapshot_says_who_reaches_whom_in_a_town(mode: DriveMode):
    network = a_grid(12, seed=4, banned=20)
    times = a_snapshot(network)
    posts, places = random_positions(network, 5, seed=1), random_positions(network, 5_000, seed=2)
    found = times.matrix_ms(posts, places, mode, NOW_MS)
    limit_ms = int(np.median(found))
    reached = times.reaches(posts, places, limit_ms, mode, NOW_MS)
    assert np.array_equal(reached, found <= limit_ms)
    assert 0 < reached.mean() < 1


def test_a_position_of_other_roads_is_refused():
    times = a_snapshot(a_grid(4, seed=1))
    here = random_positions(times.roads.network, 1, seed=1)
    foreign = np.array([2**62])
    for ends in ((here, foreign), (foreign, here)):
        with pytest.raises(ValueError, match="Expected positions"):
            times.reaches(*ends, 60_000, DriveMode.BLUE_LIGHT, NOW_MS)
