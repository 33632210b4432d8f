"""Intervals of one run's figures, by its days."""

import numpy as np
import pytest

from benchmarks.metrics_interval import DAYS_MIN, local_days, mean_interval, p90_interval

HOUR_MS = 3_600_000


def sampled(rng, days, each=50, between_s=0.0):
    """Return durations in ms of days whose means differ by so much, and their days."""
    day = np.repeat(np.arange(days), each)
    shift = rng.normal(0.0, between_s, days)[day]
    seconds = np.maximum(0.0, rng.lognormal(6.0, 0.5, days * each) + shift)
    return (seconds * 1000).astype(np.int64), day


def test_the_interval_of_a_mean_holds_the_truth_about_95_times_in_a_hundred():
    rng = np.random.default_rng(7)
    truth_s = float(np.exp(6.0 + 0.5**2 / 2))
    held = 0
    for _ in range(400):
        ends = mean_interval(*sampled(rng, 20, between_s=60.0))
        held += ends.lower <= truth_s <= ends.upper
    assert held / 400 == pytest.approx(0.95, abs=0.035)


def test_the_interval_of_a_centile_holds_the_truth_about_95_times_in_a_hundred():
    rng = np.random.default_rng(8)
    truth_s = float(np.exp(6.0 + 0.5 * 1.2815516))
    held = 0
    for _ in range(400):
        ends = p90_interval(*sampled(rng, 20))
        held += ends.lower <= truth_s <= ends.upper
    assert held / 400 == pytest.approx(0.95, abs=0.04)


def test_days_that_differ_widen_the_interval():
    near = mean_interval(*sampled(np.random.default_rng(1), 20))
    far = mean_interval(*sampled(np.random.default_rng(1), 20, between_s=200.0))
    assert far.upper - far.lower > 2 * (near.upper - near.lower)


def test_few_days_and_no_durations_have_no_interval():
    durations, day = sampled(np.random.default_rng(2), DAYS_MIN - 1)
    assert mean_interval(durations, day) is None
    assert p90_interval(durations, day) is None
    nothing = np.full(100, -1)
    assert mean_interval(nothing, np.arange(100)) is None
    assert p90_interval(nothing, np.arange(100)) is None


def test_a_day_begins_at_local_midnight():
    # 22:30 and 23:30 UTC of 30 June are 23:30 and 00:30 in London.
    start = 1_782_858_600_000
    days = local_days(np.array([start, start + HOUR_MS]), "Europe/London")
    assert np.diff(days).tolist() == [1]
    assert np.diff(local_days(np.array([start, start + HOUR_MS]), "UTC")).tolist() == [0]
