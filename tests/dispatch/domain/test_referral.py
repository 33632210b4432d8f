from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.referral import (
    CONSEQUENCES,
    STEPS,
    Consequence,
    Referral,
    ReferralOrderError,
    ReferralStatus,
    ReferralStep,
    RefusalReason,
    booked,
    completed,
    confirmed,
    due_fail_safe,
    failed_safe,
    missed,
    next_fail_safe_ms,
    refused,
    returned,
    withdrawn,
)

DUE_MS = 900_000


def a_referral(name: str = "R1", **changes: Any) -> Referral:
    fields: dict[str, Any] = {
        "incident": IncidentId("I1"),
        "service": ServiceId("S1"),
        "category": Category.C3,
        "offered_at_ms": 0,
        "fail_safe_at_ms": DUE_MS,
        "by": "Nurse A",
    }
    return Referral(id=ReferralId(name), **(fields | changes))


def test_the_good_way_offered_booked_confirmed_completed() -> None:
    referral = booked(a_referral(), "slot 9", by="Nurse A", now_ms=10)
    assert referral.slot == "slot 9"
    referral = confirmed(referral, by="Falls team", now_ms=20)
    assert referral.consequence is Consequence.ENDS
    referral = completed(referral, by="Falls team", now_ms=30)
    assert [(mark.status, mark.at_ms, mark.by) for mark in referral.history] == [
        (ReferralStatus.BOOKED, 10, "Nurse A"),
        (ReferralStatus.CONFIRMED, 20, "Falls team"),
        (ReferralStatus.COMPLETED, 30, "Falls team"),
    ]


def test_until_confirmed_the_incident_waits_in_the_dispatch_queue() -> None:
    assert a_referral().consequence is Consequence.WAITS
    assert booked(a_referral(), "s", by="N", now_ms=1).consequence is Consequence.WAITS


def test_the_fail_safe_comes_at_its_millisecond_and_not_before() -> None:
    waiting = a_referral()
    assert due_fail_safe([waiting], DUE_MS - 1) == []
    assert due_fail_safe([waiting], DUE_MS) == [waiting]
    with pytest.raises(ReferralOrderError, match="fail-safe of R1 at 900000"):
        failed_safe(waiting, DUE_MS - 1)
    failed = failed_safe(waiting, DUE_MS)
    assert failed.consequence is Consequence.DISPATCHES
    assert failed.category is Category.C3


def test_a_late_yes_does_not_call_an_ambulance_back() -> None:
    assert confirmed(a_referral(), by="S", now_ms=DUE_MS).status is ReferralStatus.CONFIRMED
    with pytest.raises(ReferralOrderError, match="confirmed by 900000"):
        confirmed(a_referral(), by="S", now_ms=DUE_MS + 1)
    with pytest.raises(ReferralOrderError, match="not to confirm while failed_safe"):
        confirmed(failed_safe(a_referral(), DUE_MS), by="S", now_ms=DUE_MS)


@pytest.mark.parametrize("code", [21, 22, 23, 24, 26, 27, 31, 32, 40, 41, 42, 99])
def test_every_refusal_code_of_the_directory_dispatches(code: int) -> None:
    referral = refused(a_referral(), code, by="S", now_ms=5, reason="full")
    assert referral.refusal == RefusalReason(code)
    assert referral.consequence is Consequence.DISPATCHES


@pytest.mark.parametrize("code", [0, 20, 25, 28, 100])
def test_an_unknown_refusal_code_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="refusal code of 21, 22"):
        refused(a_referral(), code, by="S", now_ms=5)


def test_a_service_may_still_turn_away_or_return_whom_it_accepted() -> None:
    accepted = confirmed(a_referral(), by="S", now_ms=5)
    assert refused(accepted, 22, by="S", now_ms=6).consequence is Consequence.DISPATCHES
    back = returned(accepted, by="S", now_ms=6, reason="chest pain")
    assert back.consequence is Consequence.DISPATCHES
    assert missed(accepted, by="S", now_ms=6).consequence is Consequence.FOLLOWS_UP
    taken = withdrawn(accepted, by="N", now_ms=6, reason="patient got worse")
    assert taken.consequence is Consequence.NONE


def test_every_status_has_one_consequence() -> None:
    assert set(CONSEQUENCES) == set(ReferralStatus)
    assert {status for _, status in enumerate(STEPS.values())} <= set(ReferralStatus)


def test_due_referrals_are_longest_overdue_first() -> None:
    late = a_referral("A", fail_safe_at_ms=200)
    later = a_referral("B", fail_safe_at_ms=100)
    other = confirmed(a_referral("C", fail_safe_at_ms=50), by="S", now_ms=1)
    assert due_fail_safe([late, later, other], 300) == [later, late]
    assert next_fail_safe_ms([late, later, other]) == 100
    assert next_fail_safe_ms([other]) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"by": " "}, "who made"), ({"offered_at_ms": DUE_MS + 1}, "fail-safe of R1 at 900001")],
)
def test_impossible_referrals_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        a_referral(**changes)


def test_steps_need_a_name_and_a_time_that_runs_forward() -> None:
    with pytest.raises(ReferralOrderError, match="was nobody"):
        confirmed(a_referral(), by="", now_ms=5)
    with pytest.raises(ReferralOrderError, match="at 10 or later, was 9"):
        confirmed(booked(a_referral(), "s", by="N", now_ms=10), by="S", now_ms=9)


@given(st.lists(st.tuples(st.sampled_from(ReferralStep), st.integers(0, 400_000)), max_size=10))
def test_no_order_of_steps_ends_a_referral_twice(steps: list[tuple[ReferralStep, int]]) -> None:
    """Whatever arrives, in any order: the status stays in the table, the last word is one."""
    referral, now = a_referral(), 0
    for step, later in steps:
        now += later
        before = referral
        acts: dict[ReferralStep, Callable[[Referral, int], Referral]] = {
            ReferralStep.BOOK: lambda r, n: booked(r, "s", by="N", now_ms=n),
            ReferralStep.CONFIRM: lambda r, n: confirmed(r, by="S", now_ms=n),
            ReferralStep.REFUSE: lambda r, n: refused(r, 22, by="S", now_ms=n),
            ReferralStep.FAIL_SAFE: failed_safe,
            ReferralStep.WITHDRAW: lambda r, n: withdrawn(r, by="N", now_ms=n, reason=""),
            ReferralStep.COMPLETE: lambda r, n: completed(r, by="S", now_ms=n),
            ReferralStep.RETURN: lambda r, n: returned(r, by="S", now_ms=n, reason=""),
            ReferralStep.MISS: lambda r, n: missed(r, by="S", now_ms=n),
        }
        try:
            referral = acts[step](referral, now)
        except ReferralOrderError:
            assert referral == before
        else:
            assert (before.status, step) in STEPS
    if referral.status is ReferralStatus.CONFIRMED:
        assert referral.history[-1].at_ms <= DUE_MS
