from __future__ import annotations

from collections.abc import Sequence

import pytest

from dispatch.domain.trigger_quantity import Quantity
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.trigger_trial import Moment, Trial, try_on_history

MINUTE = 60_000
WAITING = Quantity("waiting")


def a_trial(
    counts: Sequence[float | None], breaches_min: list[int], text: str, step_min: int = 10
) -> Trial:
    rule = TriggerRule(id="R", about="hospital", subject="H", text=text)
    history = [Moment(i * step_min * MINUTE, {WAITING: count}) for i, count in enumerate(counts)]
    return try_on_history(rule, history, [b * MINUTE for b in breaches_min])


def test_counts_firings_and_those_before_a_breach() -> None:
    trial = a_trial([0, 3, 3, 0, 0, 3, 0, 0, 0], [25, 400], "waiting >= 3")
    assert [f.at_ms // MINUTE for f in trial.firings] == [10, 50]
    assert [f.lead_min for f in trial.firings] == [15.0, None]
    assert [None if f.ended_at_ms is None else f.ended_at_ms // MINUTE for f in trial.firings] == [
        30,
        60,
    ]
    assert trial.breaches == 2
    assert trial.breaches_foreseen == 1
    assert trial.on_min == 30
    assert trial.text() == (
        "Would have fired 2 times, 1 of them before a breach; 1 of 2 breaches came within its "
        "lead; on for 0.5 h."
    )


def test_a_breach_before_the_firing_was_not_foreseen() -> None:
    trial = a_trial([0, 0, 3, 0], [19], "waiting >= 3")
    assert trial.firings[0].breach_at_ms is None
    assert trial.breaches_foreseen == 0


def test_the_hold_keeps_a_flickering_rule_to_one_firing() -> None:
    flicker = [0, 3, 0, 3, 0, 3, 0, 0, 0, 0]
    assert len(a_trial(flicker, [], "waiting >= 3").firings) == 3
    assert len(a_trial(flicker, [], "waiting >= 3 hold 60 min").firings) == 1


def test_hysteresis_keeps_it_on_between_the_thresholds() -> None:
    counts = [3, 2, 3, 2, 3, 2, 1, 0]
    assert len(a_trial(counts, [], "waiting >= 3").firings) == 3
    assert len(a_trial(counts, [], "waiting >= 3 until waiting < 2").firings) == 1


def test_a_sustained_rule_fires_between_two_moments() -> None:
    trial = a_trial([3, 3, 0], [], "waiting >= 3 for 15 min")
    assert [f.at_ms // MINUTE for f in trial.firings] == [15]
    assert a_trial([3, 0, 3, 0], [], "waiting >= 3 for 15 min").firings == ()


def test_a_rule_still_on_at_the_end_has_no_end() -> None:
    trial = a_trial([0, 3, 3], [20], "waiting >= 3")
    assert trial.firings[0].ended_at_ms is None
    assert trial.on_min == 10
    assert trial.breaches_foreseen == 1


def test_missing_values_are_counted_and_said() -> None:
    trial = a_trial([0, None, 3], [], "waiting >= 3")
    assert trial.moments_unknown == 1
    assert "missing at 1 of 3 moments" in trial.text()


def test_history_must_be_in_order() -> None:
    rule = TriggerRule(id="R", about="hospital", subject="H", text="waiting >= 3")
    with pytest.raises(ValueError, match="order of time, was 0 after 1"):
        try_on_history(rule, [Moment(1, {WAITING: 0.0}), Moment(0, {WAITING: 0.0})], [])


def test_no_history_is_no_firing() -> None:
    assert a_trial([], [5], "waiting >= 3").firings == ()
