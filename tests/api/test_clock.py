from __future__ import annotations

import pytest

from api.clock import PacedClock, WallClock
from tests.dispatch.builders import NOON


def test_the_wall_clock_shows_the_present() -> None:
    clock = WallClock()
    assert clock.now_ms() > NOON
    assert clock.seconds_until(clock.now_ms() - 1) == 0.0
    assert 0.0 < clock.seconds_until(clock.now_ms() + 60_000) <= 60.0


def test_a_paced_clock_starts_where_it_is_told_and_waits_less() -> None:
    clock = PacedClock(NOON, pace=60.0)
    assert NOON <= clock.now_ms() < NOON + 600_000
    assert clock.seconds_until(clock.now_ms() + 60_000) <= 1.0


def test_a_paced_clock_goes_on_at_another_pace_without_a_jump() -> None:
    clock = PacedClock(NOON, pace=0.001)
    before = clock.now_ms()
    clock.set_pace(0.002)
    assert clock.pace == 0.002
    assert before <= clock.now_ms() < before + 1_000


@pytest.mark.parametrize("pace", [0.0, -1.0, float("nan"), 1e9])
def test_a_pace_must_be_positive_and_sane(pace: float) -> None:
    with pytest.raises(ValueError, match="Expected a pace"):
        PacedClock(NOON, pace)
