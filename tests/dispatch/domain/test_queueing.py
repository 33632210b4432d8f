"""What handovers with so many ahead say about the next one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.queueing import (
    USUAL_OTHER,
    USUAL_URGENT,
    HandoverLine,
    HandoverSums,
)

MINUTE = 60_000

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12 * 60 * MINUTE)), max_size=80)


def seen(pairs: list[tuple[int, int]]) -> HandoverSums:
    sums = HandoverSums()
    for ahead, handover_ms in pairs:
        sums = sums.with_one(ahead, handover_ms)
    return sums


def test_where_nothing_was_seen_the_usual_is_expected() -> None:
    assert HandoverSums().line(USUAL_URGENT) == USUAL_URGENT
    assert HandoverSums().line(USUAL_OTHER) == USUAL_OTHER


def test_a_hospital_that_takes_long_for_each_crew_ahead_is_told_from_a_quick_one() -> None:
    draw = np.random.default_rng(1)
    ahead = draw.integers(0, 8, 200).tolist()
    noise = draw.normal(0.0, 5.0, 200).tolist()
    for each in (0.0, 3.0, 12.0):
        pairs = [
            (n, round(max(0.0, 18.0 + each * n + off) * MINUTE))
            for n, off in zip(ahead, noise, strict=True)
        ]
        line = seen(pairs).line(USUAL_URGENT)
        assert line.each_min == pytest.approx(each, abs=1.0)
        assert line.expected_min(4) == pytest.approx(18.0 + 4 * each, abs=3.0)


def test_what_was_long_ago_hardly_counts() -> None:
    slow, quick = [(2, 90 * MINUTE)] * 200, [(2, 15 * MINUTE)] * 200
    assert seen(slow + quick).line(USUAL_URGENT).expected_min(2) < 20
    assert seen(quick + slow).line(USUAL_URGENT).expected_min(2) > 75


def test_a_department_that_is_quick_when_full_has_a_flat_line_and_not_a_falling_one() -> None:
    line = seen([(0, 40 * MINUTE), (10, 5 * MINUTE)] * 60).line(USUAL_OTHER)
    assert line.each_min == 0.0
    assert 5 < line.base_min < 40


@given(PAIRS)
def test_a_line_never_falls_and_never_promises_a_handover_before_the_arrival(
    pairs: list[tuple[int, int]],
) -> None:
    for usual in (USUAL_URGENT, USUAL_OTHER):
        line = seen(pairs).line(usual)
        assert line.each_min >= 0.0
        assert line.base_min >= 0.0
        assert line.expected_min(3) >= line.expected_min(2)


@given(PAIRS)
def test_the_line_is_as_long_on_average_as_what_was_seen_and_what_is_usual(
    pairs: list[tuple[int, int]],
) -> None:
    sums = seen(pairs)
    line = sums.line(USUAL_URGENT)
    if line.base_min == 0.0:
        return
    told = line.base_min * (sums.count + 10.0) + line.each_min * sums.ahead
    assert told == pytest.approx(sums.took_min + 10.0 * USUAL_URGENT.base_min)


def test_a_line_is_told_in_minutes() -> None:
    assert HandoverLine(20.0, 4.0).expected_min(2.5) == 30.0
