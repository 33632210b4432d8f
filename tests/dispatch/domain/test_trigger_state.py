from __future__ import annotations

import pytest

from dispatch.domain.trigger_quantity import Quantity
from dispatch.domain.trigger_rule import read_rule
from dispatch.domain.trigger_state import (
    TriggerMemory,
    TriggerOrder,
    TriggerOrderError,
    TriggerStatus,
    look,
    look_again_at_ms,
    ordered,
)

MINUTE = 60_000
BUSY = {Quantity("waiting"): 5.0}
BETWEEN = {Quantity("waiting"): 2.0}
CALM = {Quantity("waiting"): 0.0}
RULE = read_rule("when waiting >= 3 for 5 min until waiting < 2 hold 60 min", "hospital")


def order(memory: TriggerMemory, what: TriggerOrder, now_ms: int) -> TriggerMemory:
    return ordered(memory, what, by="A. Person", reason="", now_ms=now_ms)


def proposed(now_ms: int = 0) -> TriggerMemory:
    memory = look(RULE, TriggerMemory(), BUSY, now_ms).memory
    return look(RULE, memory, BUSY, now_ms + 5 * MINUTE).memory


def test_a_rule_proposes_once_its_condition_has_held_to_the_millisecond() -> None:
    memory = look(RULE, TriggerMemory(), BUSY, 1000).memory
    assert look_again_at_ms(RULE, memory, 1000) == 1000 + 5 * MINUTE
    early = look(RULE, memory, BUSY, 1000 + 5 * MINUTE - 1)
    assert not early.proposed
    step = look(RULE, early.memory, BUSY, 1000 + 5 * MINUTE)
    assert step.proposed
    assert step.memory.status is TriggerStatus.PROPOSED
    assert step.memory.evidence[0].values == (("waiting", 5.0),)


def test_a_break_in_the_condition_starts_the_wait_again() -> None:
    memory = look(RULE, TriggerMemory(), BUSY, 0).memory
    memory = look(RULE, memory, BETWEEN, 4 * MINUTE).memory
    memory = look(RULE, memory, BUSY, 4 * MINUTE + 1).memory
    assert not look(RULE, memory, BUSY, 6 * MINUTE).proposed
    assert look(RULE, memory, BUSY, 9 * MINUTE + 1).proposed


def test_an_unknown_value_does_not_count_as_holding() -> None:
    memory = look(RULE, TriggerMemory(), BUSY, 0).memory
    assert look(RULE, memory, {}, 5 * MINUTE).memory.fires_since_ms is None


def test_a_proposal_lapses_only_past_the_release_condition() -> None:
    memory = look(RULE, proposed(), BETWEEN, 6 * MINUTE).memory
    assert memory.status is TriggerStatus.PROPOSED
    step = look(RULE, memory, CALM, 7 * MINUTE)
    assert step.lapsed
    assert step.memory.status is TriggerStatus.IDLE


def test_the_whole_life_of_a_deployment() -> None:
    memory = order(proposed(), TriggerOrder.CONFIRM, 6 * MINUTE)
    memory = order(memory, TriggerOrder.DEPLOY, 20 * MINUTE)
    assert memory.status is TriggerStatus.DEPLOYED
    assert memory.by == "A. Person"
    early = look(RULE, memory, CALM, 65 * MINUTE)
    assert not early.end_proposed
    assert look_again_at_ms(RULE, early.memory, 65 * MINUTE) == 66 * MINUTE
    step = look(RULE, early.memory, CALM, 66 * MINUTE)
    assert step.end_proposed
    assert not look(RULE, step.memory, CALM, 67 * MINUTE).end_proposed
    again = look(RULE, step.memory, BUSY, 68 * MINUTE)
    assert not again.memory.can_end
    memory = order(again.memory, TriggerOrder.STAND_DOWN, 70 * MINUTE)
    assert memory.status is TriggerStatus.STOOD_DOWN


def test_the_end_is_never_taken_without_a_person() -> None:
    memory = order(proposed(), TriggerOrder.CONFIRM, 6 * MINUTE)
    for minute in range(7, 600):
        memory = look(RULE, memory, CALM, minute * MINUTE).memory
        assert memory.status is TriggerStatus.CONFIRMED


def test_a_declined_proposal_is_not_made_again_until_released() -> None:
    memory = order(proposed(), TriggerOrder.DECLINE, 6 * MINUTE)
    for minute in range(7, 60):
        step = look(RULE, memory, BUSY, minute * MINUTE)
        assert not step.proposed
        memory = step.memory
    memory = look(RULE, memory, CALM, 60 * MINUTE).memory
    assert memory.status is TriggerStatus.IDLE
    memory = look(RULE, memory, BUSY, 61 * MINUTE).memory
    assert look(RULE, memory, BUSY, 66 * MINUTE).proposed


def test_a_declined_proposal_comes_back_when_the_hold_has_passed() -> None:
    memory = order(proposed(), TriggerOrder.DECLINE, 6 * MINUTE)
    memory = look(RULE, memory, BUSY, 7 * MINUTE).memory
    assert look(RULE, memory, BUSY, 66 * MINUTE).proposed


def test_orders_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TriggerOrderError, match="no order while idle, was confirm"):
        order(TriggerMemory(), TriggerOrder.CONFIRM, 0)
    with pytest.raises(TriggerOrderError, match="confirm or decline while proposed, was deploy"):
        order(proposed(), TriggerOrder.DEPLOY, 0)
    confirmed = order(proposed(), TriggerOrder.CONFIRM, 6 * MINUTE)
    with pytest.raises(TriggerOrderError, match="was confirm"):
        order(confirmed, TriggerOrder.CONFIRM, 7 * MINUTE)


@pytest.mark.parametrize("name", ["", "  "])
def test_nobody_confirms_nothing(name: str) -> None:
    with pytest.raises(TriggerOrderError, match="name of the person"):
        ordered(proposed(), TriggerOrder.CONFIRM, by=name, reason="", now_ms=0)


def test_nothing_to_look_at_again_while_proposed_or_idle() -> None:
    assert look_again_at_ms(RULE, proposed(), 0) is None
    assert look_again_at_ms(RULE, TriggerMemory(), 0) is None
