"""Survival of cardiac arrests by two published curves."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.policies.survival import (
    SurvivalCurve,
    de_maio,
    okeeffe,
    survivors_gained,
)


def test_de_maio_falls_by_one_and_a_half_points_a_minute_at_eight_minutes() -> None:
    slope = (de_maio(np.array([8.05])) - de_maio(np.array([7.95])))[0] / 0.1
    assert slope == pytest.approx(-0.0145, abs=5e-4)


@pytest.mark.parametrize(("ratio", "points"), [(1.24, 2.0), (1.04, 0.3), (1.48, 3.9)])
def test_okeeffe_gains_the_published_points_for_a_minute(ratio: float, points: float) -> None:
    earlier = okeeffe(np.array([7.0]), 8.0, ratio)[0]
    assert 100 * (earlier - 0.093) == pytest.approx(points, abs=0.05)


def test_both_curves_are_reported_each_with_an_interval() -> None:
    c1 = np.full(1000, 480.0)
    de_maio_gain, okeeffe_gain = survivors_gained(c1, c1 - 60)
    assert de_maio_gain.curve is SurvivalCurve.DE_MAIO_2003
    assert okeeffe_gain.curve is SurvivalCurve.OKEEFFE_2011
    for gain in (de_maio_gain, okeeffe_gain):
        assert 0 < gain.lower < gain.survivors < gain.upper
        assert gain.survivors == pytest.approx(1.25 * gain.points_per_arrest)


def test_a_year_of_english_arrests_gives_the_figures_of_the_literature_review() -> None:
    # 28,700 arrests are 12.5 % of this many C1; one minute: about 570 survivors (97 to 1,100).
    c1 = np.full(round(28_700 / 0.125), 480.0)
    gain = survivors_gained(c1, c1 - 60)[1]
    assert gain.survivors == pytest.approx(570, abs=5)
    assert gain.lower == pytest.approx(97 * 0.10 / 0.125, abs=3)
    assert gain.upper == pytest.approx(1110 * 0.15 / 0.125, abs=15)


def test_later_responses_lose_lives_and_the_interval_keeps_its_order() -> None:
    c1 = np.array([300.0, 600.0])
    for gain in survivors_gained(c1, c1 + 60):
        assert gain.lower < gain.survivors < gain.upper < 0


def test_refuses_incidents_without_a_partner() -> None:
    with pytest.raises(ValueError, match="as many times before as after"):
        survivors_gained(np.ones(2), np.ones(3))
