"""Candidate sites, cells and the times between them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.planning.demand import trust_demands
from benchmarks.planning.ground import ground_of, minutes, spread
from maps.geo import LonLat
from routing.engine import travel_times_for
from tests.benchmarks.planning.builders import a_planned_region


@given(st.integers(1, 80), st.integers(1, 40), st.integers(0, 1_000))
def test_spread_rows_are_no_more_than_asked_for(count, count_max, seed):
    random = np.random.default_rng(seed)
    plane_m = random.random((count, 2)) * 10_000

    rows = spread(plane_m, random.random(count), count_max)

    assert 1 <= len(rows) <= count_max
    assert (np.diff(rows) > 0).all()


def test_the_heaviest_place_of_a_neighbourhood_stands_for_it():
    plane_m = np.array([[0.0, 0.0], [10.0, 0.0], [5_000.0, 0.0], [5_010.0, 0.0]])

    rows = spread(plane_m, np.array([1.0, 9.0, 9.0, 1.0]), 2)

    assert rows.tolist() == [1, 2]


def test_known_posts_are_candidates_and_cells_hold_all_demand():
    region = a_planned_region()
    (demand,) = trust_demands(region, "2026-03", ["R1F"])

    ground = ground_of(region, demand, site_max=10, cell_max=12)

    assert ground.sites[0].post == "R1F-A1"
    assert len(ground.sites) <= 10
    assert len(ground.cell_place) <= 12
    assert ground.cell_weight.sum() == 1.0 or abs(ground.cell_weight.sum() - 1.0) < 1e-12


def test_a_point_off_every_road_has_no_way():
    class Nowhere:
        def __init__(self, times):
            self._times = times

        def snap(self, at):
            from dispatch.ports import OffNetworkError

            if at.lat > 80.0:
                raise OffNetworkError(at, None, 1_000.0)
            return self._times.snap(at)

        def matrix_ms(self, *arguments):
            return self._times.matrix_ms(*arguments)

    times = Nowhere(travel_times_for(a_planned_region()))
    here, pole = LonLat(-1.5, 50.6), LonLat(0.0, 89.0)

    table = minutes(times, (here, pole), (here, pole), 0)

    assert table[0, 0] == 0.0
    assert np.isinf(table[0, 1])
    assert np.isinf(table[1]).all()
