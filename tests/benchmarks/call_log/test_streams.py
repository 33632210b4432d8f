"""Named streams of chance: equal everywhere, independent of one another."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.call_log.streams import Quantiles, Stream, chosen, poisson


def test_the_numbers_are_the_same_for_ever():
    assert Stream(1, "place").uniform(3).tolist() == [
        0.6832148496043162,
        0.3951926407824048,
        0.9529412910370114,
    ]
    assert Stream(1, "place").raw(1).tolist() == [12603089478008783385]


def test_another_seed_or_name_is_another_stream():
    first = {
        Stream(seed, *name).raw(1)[0]
        for seed in (1, 2)
        for name in (("a",), ("b",), ("a", "b"), ("ab",), ("b", "a"))
    }
    assert len(first) == 10


def test_drawing_in_pieces_changes_nothing():
    whole = Stream(7, "x").uniform(10)
    stream = Stream(7, "x")
    assert np.concatenate([stream.uniform(3), stream.uniform(7)]).tolist() == whole.tolist()


@settings(deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.floats(1e-6, 5000))
def test_a_poisson_count_is_the_quantile_of_its_distribution(uniform, mean):
    from scipy.stats import poisson as reference

    count = poisson(uniform, mean)
    assert count >= 0
    # Within rounding of the cumulative sums.
    assert reference.cdf(count, mean) >= uniform - 1e-9
    assert count == 0 or reference.cdf(count - 1, mean) <= uniform + 1e-9


def test_no_rate_no_incident():
    assert poisson(0.999, 0.0) == 0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any))
def test_nothing_of_no_weight_is_chosen(weights):
    uniform = np.linspace(0, 1, 50, endpoint=False)
    picks = chosen(uniform, np.array(weights, dtype=np.float64))
    assert all(weights[pick] > 0 for pick in picks.tolist())


def test_choices_are_in_proportion():
    picks = chosen(Stream(3, "c").uniform(40_000), np.array([1.0, 3.0]))
    assert abs(picks.mean() - 0.75) < 4 * math.sqrt(0.1875 / 40_000)


def test_quantiles_are_straight_between_their_points():
    table = Quantiles((0.0, 0.5, 1.0), (0.0, 10.0, 30.0))
    assert table.at(np.array([0.0, 0.25, 0.5, 0.75])).tolist() == [0.0, 5.0, 10.0, 20.0]


@pytest.mark.parametrize(
    ("shares", "values"),
    [((0.0, 0.5), (1.0, 2.0)), ((0.0, 1.0), (2.0, 1.0)), ((0.0, 0.5, 0.5, 1.0), (1, 2, 3, 4))],
)
def test_quantiles_that_fall_are_refused(shares, values):
    with pytest.raises(ValueError, match="Expected"):
        Quantiles(shares, values)
