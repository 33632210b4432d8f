"""The p-median model equals complete enumeration on small instances."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.planning.p_median import mean_min, p_median


@st.composite
def instances(draw):
    sites = draw(st.integers(2, 7))
    places = draw(st.integers(1, 9))
    seed = draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    travel_min = random.integers(1, 60, (sites, places)).astype(np.float64)
    weight = random.integers(0, 5, places).astype(np.float64)
    weight[0] += 1.0
    return travel_min, weight, draw(st.integers(1, sites))


@settings(max_examples=40, deadline=None)
@given(instances())
def test_the_answer_is_as_good_as_the_best_of_all_choices(instance):
    travel_min, weight, count = instance
    best = min(
        mean_min(travel_min, weight, chosen)
        for chosen in combinations(range(len(travel_min)), count)
    )

    siting = p_median(travel_min, weight, count)

    assert len(siting.chosen) == count
    assert siting.value == pytest.approx(best, rel=1e-4)
    assert siting.bound <= siting.value + 1e-9


def test_a_place_may_be_served_by_a_site_beyond_its_first_list():
    # 20 sites; all but the first 18 nearest are needed elsewhere, so that place 0 is served last.
    travel_min = np.full((20, 20), 50.0)
    np.fill_diagonal(travel_min, 0.0)
    travel_min[:, 0] = np.arange(20.0)
    weight = np.ones(20)
    weight[18:] = 1_000.0

    siting = p_median(travel_min, weight, 2)

    assert siting.chosen == (18, 19)
    assert siting.value == pytest.approx(mean_min(travel_min, weight, (18, 19)))


def test_kept_sites_are_open_and_count():
    travel_min = np.array([[1.0, 9.0], [9.0, 1.0], [8.0, 8.0]])

    siting = p_median(travel_min, np.array([1.0, 1.0]), 2, kept=(2,))

    assert 2 in siting.chosen
    assert len(siting.chosen) == 2


def test_places_without_weight_and_without_a_way_do_not_matter():
    travel_min = np.array([[1.0, np.inf], [2.0, np.inf]])

    siting = p_median(travel_min, np.array([1.0, 0.0]), 1)

    assert siting.chosen == (0,)
    assert siting.value == pytest.approx(1.0)


def test_a_place_with_weight_and_without_a_way_is_named():
    travel_min = np.array([[1.0, np.inf], [2.0, np.inf]])
    with pytest.raises(ValueError, match=r"none to place 1\."):
        p_median(travel_min, np.array([1.0, 1.0]), 1)


@pytest.mark.parametrize(
    ("weight", "count", "said"),
    [
        ([1.0, 1.0], 1, "Expected 3 weights, was 2"),
        ([1.0, -1.0, 1.0], 1, "not negative"),
        ([0.0, 0.0, 0.0], 1, "one that is positive"),
        ([1.0, 1.0, 1.0], 3, "Expected from 1 to 2 sites, was 3"),
        ([1.0, 1.0, 1.0], 0, "Expected from 1 to 2 sites, was 0"),
    ],
)
def test_bad_instances_are_refused(weight, count, said):
    with pytest.raises(ValueError, match=said):
        p_median(np.ones((2, 3)), np.array(weight), count)
