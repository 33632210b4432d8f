from __future__ import annotations

from typing import Any

import pytest

from dispatch.domain.category import Category
from dispatch.domain.handover import HandoverOrderError
from dispatch.domain.ids import HospitalId, IncidentId
from dispatch.domain.immediate_release import (
    ImmediateRelease,
    ImmediateReleaseRules,
    ImmediateReleaseStatus,
    answered,
    due_to_lapse,
    lapsed,
    not_needed,
    requested,
)

MINUTE = 60_000


def a_request(name: str = "Q1", **changes: Any) -> ImmediateRelease:
    fields: dict[str, Any] = {"is_assigned": False, "by": "Dispatcher", "now_ms": 0}
    category = changes.pop("category", Category.C1)
    rules = changes.pop("rules", ImmediateReleaseRules())
    return requested(
        name, HospitalId("H"), IncidentId("I"), category, rules=rules, **(fields | changes)
    )


def test_a_hospital_has_minutes_to_answer() -> None:
    request = a_request()
    assert request.answer_by_ms == 5 * MINUTE
    yes = answered(request, accepts=True, by="Nurse", reason="", now_ms=MINUTE)
    assert yes.status is ImmediateReleaseStatus.ACCEPTED
    assert yes.escalates_to == ()


def test_a_refusal_has_a_reason_and_is_escalated() -> None:
    no = answered(a_request(), accepts=False, by="Nurse", reason="no space", now_ms=MINUTE)
    assert no.status is ImmediateReleaseStatus.REFUSED
    assert no.escalates_to == ("hospital on-call executive", "ambulance on-call executive")


def test_silence_is_escalated_like_a_refusal_at_the_millisecond() -> None:
    request = a_request()
    assert due_to_lapse([request], 5 * MINUTE - 1) == []
    assert due_to_lapse([request], 5 * MINUTE) == [request]
    assert lapsed(request, 5 * MINUTE).escalates_to
    assert due_to_lapse([lapsed(request, 5 * MINUTE)], 9 * MINUTE) == []


def test_the_longest_overdue_comes_first() -> None:
    requests = [a_request("B", now_ms=5), a_request("A", now_ms=5), a_request("C", now_ms=1)]
    assert [request.id for request in due_to_lapse(requests, 10**9)] == ["C", "A", "B"]


def test_another_unit_ends_the_request() -> None:
    assert not_needed(a_request(), 10).status is ImmediateReleaseStatus.ENDED


@pytest.mark.parametrize("category", [Category.C1, Category.C2, Category.HCP1, Category.IFT2])
def test_c1_and_c2_may_ask(category: Category) -> None:
    assert a_request(category=category).category is category


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: a_request(category=Category.C3),
        lambda: a_request(category=Category.C2, rules=ImmediateReleaseRules(ranks=(1,))),
        lambda: a_request(is_assigned=True),
        lambda: a_request(by=""),
        lambda: lapsed(a_request(), 5 * MINUTE - 1),
        lambda: answered(a_request(), accepts=False, by="N", reason=" ", now_ms=1),
        lambda: answered(a_request(), accepts=True, by="", reason="", now_ms=1),
        lambda: answered(a_request(now_ms=5), accepts=True, by="N", reason="", now_ms=4),
        lambda: not_needed(not_needed(a_request(), 1), 2),
        lambda: answered(
            lapsed(a_request(), 5 * MINUTE), accepts=True, by="N", reason="", now_ms=10**7
        ),
    ],
)
def test_what_cannot_be_asked_or_answered_is_refused(wrong: Any) -> None:
    with pytest.raises(HandoverOrderError):
        wrong()
