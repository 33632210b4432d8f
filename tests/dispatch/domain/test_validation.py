from __future__ import annotations

from typing import Any

import pytest

from dispatch.domain.category import Category, Segment
from dispatch.domain.ids import IncidentId
from dispatch.domain.validation import (
    Validation,
    ValidationOrderError,
    ValidationResult,
    ValidationStatus,
    breach_at_ms,
    ended,
    failed_safe,
    finished,
    not_reached,
    overdue,
    started,
    validation_queue,
)

R = ValidationResult


def a_validation(name: str = "I1", **changes: Any) -> Validation:
    fields: dict[str, Any] = {"category": Category.C3, "since_ms": 0, "breach_at_ms": 1_800_000}
    return Validation(incident=IncidentId(name), **(fields | changes))


def test_the_queue_is_by_breach_then_category_then_wait_then_id() -> None:
    items = [
        a_validation("D", breach_at_ms=200),
        a_validation("C", breach_at_ms=100, category=Category.C4),
        a_validation("B", breach_at_ms=100, category=Category.C2, segment=Segment.B),
        a_validation("A", breach_at_ms=100, category=Category.C2, segment=Segment.C, since_ms=10),
    ]
    busy = started(a_validation("E", breach_at_ms=1), "Nurse", 1)
    assert [item.incident for item in validation_queue([*items, busy])] == ["B", "A", "C", "D"]


def test_the_breach_depends_on_the_category() -> None:
    within = {2: 15, 3: 30}
    assert breach_at_ms(Category.C2, 1000, within) == 901_000
    assert breach_at_ms(Category.HCP3, 1000, within) == 1_801_000
    assert breach_at_ms(Category.C5, 1000, within) == 1_801_000


def test_overdue_holds_those_at_work_too() -> None:
    waiting = a_validation("A", breach_at_ms=100)
    at_work = started(a_validation("B", breach_at_ms=50), "Nurse", 1)
    assert [item.incident for item in overdue([waiting, at_work], 100)] == ["B", "A"]
    assert overdue([waiting], 99) == []
    assert failed_safe(at_work, 100).status is ValidationStatus.FAILED_SAFE
    assert not failed_safe(waiting, 100).is_open


def test_an_unanswered_call_starts_nothing() -> None:
    item = not_reached(not_reached(a_validation(), 10), 20)
    assert item.attempts == 2
    assert item.status is ValidationStatus.WAITING


@pytest.mark.parametrize(
    ("result", "category", "able"),
    [
        (R.UPGRADED, Category.C2, True),
        (R.UPGRADED, Category.C3, False),
        (R.UPGRADED, Category.C4, False),
        (R.UPGRADED, None, False),
        (R.DOWNGRADED, Category.C4, True),
        (R.DOWNGRADED, Category.C5, True),
        (R.DOWNGRADED, Category.C2, False),
        (R.KEPT, None, True),
        (R.KEPT, Category.C3, False),
        (R.REFERRED, None, True),
        (R.HEAR_AND_TREAT, None, True),
    ],
)
def test_a_result_and_its_category_must_agree(
    result: ValidationResult, category: Category | None, able: bool
) -> None:
    item = started(a_validation(), "Nurse", 10)
    if able:
        assert finished(item, result, 20, category).new_category is category
    else:
        with pytest.raises(ValidationOrderError):
            finished(item, result, 20, category)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: finished(a_validation(), R.KEPT, 10),
        lambda: started(started(a_validation(), "N", 1), "N", 2),
        lambda: started(a_validation(), " ", 1),
        lambda: started(a_validation(since_ms=5), "N", 4),
        lambda: not_reached(started(a_validation(), "N", 1), 2),
        lambda: failed_safe(a_validation(), 1_799_999),
        lambda: ended(ended(a_validation(), 1), 2),
        lambda: finished(started(a_validation(), "N", 10), R.KEPT, 9),
    ],
)
def test_what_cannot_have_happened_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationOrderError):
        wrong()
