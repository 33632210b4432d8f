"""Named random streams: a draw depends on what it is for, and on nothing else."""

import numpy as np
import pytest
from scipy.stats import kstest

from benchmarks.simulator.streams import Streams, key_of, keys_of, numbered

KEYS = keys_of(f"incident {i}" for i in range(50_000))


def test_a_draw_does_not_depend_on_the_company_it_is_in():
    alone = Streams(3).uniform("scene", keys_of(["i7"]))
    together = Streams(3).uniform("scene", keys_of(["i1", "i7", "i9"]))
    assert alone[0] == together[1]


def test_draws_are_the_same_for_ever_and_everywhere():
    drawn = Streams(1).uniform("scene", keys_of(["i1", "i2"]))
    assert drawn.tolist() == [0.4488024601065859, 0.9202326523771294]


def test_draws_are_uniform():
    assert kstest(Streams(1).uniform("scene", KEYS), "uniform").pvalue > 0.01


def test_streams_and_seeds_and_neighbours_know_nothing_of_each_other():
    scene, travel = (Streams(1).uniform(name, KEYS) for name in ("scene", "travel"))
    other_seed = Streams(2).uniform("scene", KEYS)
    for one, other in ((scene, travel), (scene, other_seed), (scene[1:], scene[:-1])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.02


def test_parts_of_one_subject_are_uniform_too():
    parts = numbered(key_of("hospital"), np.arange(50_000))
    assert kstest(Streams(1).uniform("walk-in", parts), "uniform").pvalue > 0.01


def test_no_draw_is_zero_or_one():
    drawn = Streams(4).uniform("scene", KEYS)
    assert drawn.min() > 0.0
    assert drawn.max() < 1.0


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="Expected a seed of 0 or more, was -1"):
        Streams(-1)
