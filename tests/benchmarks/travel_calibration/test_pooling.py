"""Partial pooling: the posterior mean, and effects that fade when nothing shows them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.call_log.streams import Stream
from benchmarks.travel_calibration.pooling import PRIOR_SD, explained, pooled_effects


def noise(count, sd, seed=1):
    parts = [Stream(seed, "n", str(i)).uniform(count) for i in range(12)]
    return sd * (np.sum(parts, axis=0) - 6)


def test_an_effect_is_the_posterior_mean():
    truth = np.array([0.2, -0.1, 0.0, 0.1])
    group = np.repeat(np.arange(4), [5, 50, 500, 50])
    residual = truth[group] + noise(len(group), 0.3)
    found = pooled_effects(residual, {"area": group}, {"area": 4})
    s, t = found.noise_sd, found.prior_sd["area"]
    for number in range(4):
        mine = residual[group == number]
        expected = (mine.sum() / s**2) / (len(mine) / s**2 + 1 / t**2)
        assert found.effects["area"][number] == pytest.approx(expected, abs=0.002)


def test_groups_that_do_not_differ_are_not_told_apart():
    group = np.tile(np.arange(100), 30)
    found = pooled_effects(noise(3_000, 0.3), {"area": group}, {"area": 100})
    assert found.prior_sd["area"] < 0.03
    assert np.abs(found.effects["area"]).max() < 0.03


def test_groups_that_differ_are_told_apart():
    truth = np.where(np.arange(100) % 2 == 0, 0.12, -0.12)
    group = np.tile(np.arange(100), 60)
    residual = truth[group] + noise(6_000, 0.3)
    found = pooled_effects(residual, {"area": group}, {"area": 100})
    assert np.corrcoef(found.effects["area"], truth)[0, 1] > 0.9
    assert found.prior_sd["area"] == pytest.approx(0.12, abs=0.03)
    assert found.noise_sd == pytest.approx(0.3, abs=0.02)


def test_a_group_without_journeys_has_no_effect():
    found = pooled_effects(noise(300, 0.3), {"area": np.zeros(300, np.int64)}, {"area": 3})
    assert found.effects["area"][1:].tolist() == [0.0, 0.0]


@given(st.floats(-0.9, 0.9), st.integers(2, 60))
def test_an_effect_is_never_larger_than_what_was_seen(mean, count):
    group = np.zeros(count, dtype=np.int64)
    found = pooled_effects(np.full(count, mean), {"a": group}, {"a": 1})
    assert abs(found.effects["a"][0]) <= abs(mean) + 1e-12
    assert found.prior_sd["a"] <= PRIOR_SD + 1e-12


def test_kinds_are_added_and_unknown_groups_have_none():
    effects = {"a": np.array([0.1, 0.2]), "b": np.array([1.0])}
    groups = {"a": np.array([0, 1, -1]), "b": np.array([0, -1, 0])}
    assert explained(effects, groups).tolist() == [1.1, 0.2, 1.0]
