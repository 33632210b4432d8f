"""The maximum expected covering model equals complete enumeration on small instances."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.planning.mexclp import cover_steps, expected_coverage, merged, mexclp


def best_of_all(covers, weight, unit_count, busy_fraction, site_count_max):
    """Return the greatest expected coverage over every way to place the units."""
    sites = len(covers)
    best = 0.0
    for placed in combinations_with_replacement(range(sites), unit_count):
        if len(set(placed)) <= site_count_max:
            units = np.bincount(placed, minlength=sites)
            best = max(best, expected_coverage(covers, weight, units, busy_fraction))
    return best


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 8),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.3, 0.8, 0.95]),
    st.integers(1, 5),
    st.integers(0, 10_000),
)
def test_the_answer_is_as_good_as_the_best_of_all_placements(
    sites, places, unit_count, busy_fraction, site_count_max, seed
):
    random = np.random.default_rng(seed)
    covers = random.random((sites, places)) < 0.4
    weight = random.integers(1, 9, places).astype(np.float64)

    siting = mexclp(covers, weight, unit_count, busy_fraction, site_count_max=site_count_max)

    best = best_of_all(covers, weight, unit_count, busy_fraction, site_count_max)
    assert siting.value == pytest.approx(best, rel=1e-4, abs=1e-9)
    assert len(siting.chosen) <= site_count_max
    assert sum(siting.units) <= unit_count
    assert siting.bound >= best - 1e-9


def test_the_second_unit_at_a_place_helps_when_the_first_is_busy():
    covers = np.array([[True, False], [False, True]])
    weight = np.array([9.0, 1.0])

    siting = mexclp(covers, weight, 2, 0.5)

    # A second unit at the heavy place adds 9 x 0.25, a first one at the light place 1 x 0.5.
    assert siting.chosen == (0,)
    assert siting.units == (2,)
    assert siting.value == pytest.approx(0.9 * 0.75)


def test_places_that_the_same_sites_cover_are_one():
    covers = np.array([[True, True, False, True], [False, False, False, True]])

    patterns, weight = merged(covers, np.array([1.0, 2.0, 4.0, 8.0]))

    assert sorted(weight.tolist()) == [3.0, 8.0]
    assert patterns.shape == (2, 2)


@given(st.integers(1, 400), st.floats(0.0, 0.97))
def test_the_chain_of_steps_never_exceeds_the_true_cover(unit_count, busy_fraction):
    steps = cover_steps(unit_count, busy_fraction)

    ends = np.cumsum(steps.width)
    assert ends[-1] <= unit_count
    assert np.cumsum(steps.width * steps.gain) == pytest.approx(1.0 - busy_fraction**ends)
    assert (np.diff(steps.gain) <= 1e-12).all()
    assert 0.0 <= steps.left_out < 0.01


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": np.ones(3)}, "Expected 2 weights, was 3"),
        ({"weight": np.array([1.0, -1.0])}, "not negative"),
        ({"unit_count": 0}, "Expected at least 1 unit, was 0"),
        ({"busy_fraction": 1.0}, r"Expected busy_fraction in \[0, 1\), was 1.0"),
        ({"site_count_max": 0}, "Expected at least 1 site, was 0"),
    ],
)
def test_bad_instances_are_refused(change, said):
    instance = {
        "covers": np.ones((2, 2), dtype=np.bool_),
        "weight": np.ones(2),
        "unit_count": 1,
        "busy_fraction": 0.5,
        "site_count_max": 1,
    } | change
    with pytest.raises(ValueError, match=said):
        mexclp(**instance)
