"""Inverse distribution functions, against those of scipy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from benchmarks.simulator.quantile import exponential, lognormal, natural_log, normal


@given(st.floats(1e-300, 1e300))
def test_the_logarithm_is_right_to_the_last_digits(x):
    ours = float(natural_log(np.array([x]))[0])
    assert abs(ours - np.log(x)) <= 4e-16 * max(1.0, abs(np.log(x)))


@given(st.floats(-700.0, 700.0))
def test_the_exponential_is_right_to_the_last_digits(x):
    ours = float(exponential(np.array([x]))[0])
    assert abs(ours / np.exp(x) - 1.0) <= 1e-15


@given(st.floats(1e-15, 1.0, exclude_max=True))
def test_the_normal_quantile_is_right(u):
    expected = float(ndtri(u))
    assert abs(float(normal(np.array([u]))[0]) - expected) <= 1e-13 * max(1.0, abs(expected))


def test_a_lognormal_has_its_median_at_the_exponential_of_the_log_mean():
    assert float(lognormal(np.array([0.5]), 3.0, 0.8)[0]) == float(exponential(np.array([3.0]))[0])


def test_a_lognormal_rises():
    drawn = lognormal(np.linspace(0.01, 0.99, 99), 1.0, 0.5)
    assert (np.diff(drawn) > 0).all()
