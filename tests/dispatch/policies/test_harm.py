"""Harm of waiting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.weighing import HarmParameters
from dispatch.policies.harm import (
    HARM_US_PER_MINUTE,
    WAITED_MS_MAX,
    extra_harm_us,
    harm_us,
    harms_us,
    minutes,
)

HARM = HarmParameters()
GROWTH = HARM.growth_ms


@pytest.mark.parametrize(("rank", "weight"), [(1, 25.0), (2, 1.0), (3, 0.35), (4, 0.2)])
def test_follows_the_formula_for_every_category(rank: int, weight: float) -> None:
    for waited_min in (0, 1, 18, 60, 240):
        expected = weight * (waited_min + waited_min**2 / 120)
        found = minutes(harm_us(waited_min * 60_000, HARM.weight_milli(rank), GROWTH))
        assert found == pytest.approx(expected, abs=1e-6)


def test_a_minute_after_an_hour_costs_twice_the_first_one() -> None:
    first = extra_harm_us(0, 1000, 1000, GROWTH)
    later = extra_harm_us(3_600_000, 1000, 1000, GROWTH)
    assert later / first == pytest.approx(2.0, rel=1e-3)


@given(st.integers(-(10**9), 10**11), st.integers(0, 10**9), st.integers(1, 50_000))
def test_never_falls_while_time_passes(waited_ms: int, more_ms: int, weight: int) -> None:
    assert extra_harm_us(waited_ms, more_ms, weight, GROWTH) >= 0


@given(st.lists(st.integers(-(10**6), 10**10), min_size=1, max_size=8))
def test_arrays_agree_with_scalars_to_the_last_unit(waits: list[int]) -> None:
    weights = np.full(len(waits), 25_000, dtype=np.int64)
    found = harms_us(np.array(waits, dtype=np.int64), weights, GROWTH)
    assert found.tolist() == [harm_us(w, 25_000, GROWTH) for w in waits]


def test_the_longest_wait_does_not_overflow() -> None:
    assert 0 < harm_us(WAITED_MS_MAX, 25_000, GROWTH) < 2**62
    assert harm_us(2 * WAITED_MS_MAX, 1, GROWTH) == harm_us(WAITED_MS_MAX, 1, GROWTH)


def test_refuses_weights_without_meaning() -> None:
    with pytest.raises(ValueError, match="positive weights"):
        HarmParameters(weight_by_rank=(25.0, 0.0))
    with pytest.raises(ValueError, match="growth_min"):
        HarmParameters(growth_min=0)
    with pytest.raises(ValueError, match=r"rank in 1\.\.5"):
        HARM.weight_milli(0)


def test_a_c2_minute_is_sixty_million_units() -> None:
    assert harm_us(60_000, 1000, 2**62) == HARM_US_PER_MINUTE
    assert HARM.weights_milli.tolist() == [25_000, 1000, 350, 200, 200]
