from __future__ import annotations

import pytest

from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId
from dispatch.domain.welfare import (
    WelfareCall,
    WelfareResult,
    WelfareRules,
    needs_review,
    next_welfare_call_ms,
)

MINUTE = 60_000
RULES = WelfareRules()


def a_call(minutes: float, result: WelfareResult = WelfareResult.UNCHANGED) -> WelfareCall:
    return WelfareCall(
        incident=IncidentId("I"), at_ms=round(minutes * MINUTE), by="A", result=result
    )


@pytest.mark.parametrize(
    ("category", "minutes"),
    [
        (Category.C1, None),
        (Category.C2, 30),
        (Category.C3, 60),
        (Category.C4, 120),
        (Category.C5, 120),
        (Category.IFT3, 60),
    ],
)
def test_each_category_has_its_interval(category: Category, minutes: int | None) -> None:
    due = next_welfare_call_ms(category, 1000, (), RULES)
    assert due == (None if minutes is None else 1000 + minutes * MINUTE)


def test_the_next_call_counts_from_the_last() -> None:
    calls = (a_call(75), a_call(60))
    assert next_welfare_call_ms(Category.C3, 0, calls, RULES) == 135 * MINUTE


def test_an_unanswered_call_is_tried_again_soon_and_a_cancelled_one_never() -> None:
    no_answer = (a_call(60, WelfareResult.NO_ANSWER),)
    assert next_welfare_call_ms(Category.C3, 0, no_answer, RULES) == 65 * MINUTE
    cancelled = (a_call(60, WelfareResult.CANCELLED),)
    assert next_welfare_call_ms(Category.C3, 0, cancelled, RULES) is None


def test_escalation_changes_the_interval() -> None:
    assert next_welfare_call_ms(Category.C3, 0, (), WelfareRules(share=0.5)) == 30 * MINUTE


def test_worse_or_long_waits_want_a_clinician() -> None:
    assert needs_review((a_call(1, WelfareResult.WORSE),), RULES)
    assert needs_review((a_call(1), a_call(2)), RULES)
    assert not needs_review((a_call(1),), RULES)


def test_impossible_rules_are_refused() -> None:
    with pytest.raises(ValueError, match=r"share of 0\.1 to 10"):
        WelfareRules(share=0)
    with pytest.raises(ValueError, match="above 0 min"):
        WelfareRules(every_min={3: 0})
