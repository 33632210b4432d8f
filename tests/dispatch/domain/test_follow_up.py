from __future__ import annotations

import pytest

from dispatch.domain.category import Category
from dispatch.domain.follow_up import FOLLOW_UP_MS, URGENT_FOLLOW_UP_MS, follow_up
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.patient import Patient
from dispatch.domain.referral import Referral, completed, confirmed, missed

I1 = IncidentId("I1")


def a_referral() -> Referral:
    made = Referral(
        id=ReferralId("R"),
        incident=I1,
        service=ServiceId("UTC"),
        category=Category.C4,
        offered_at_ms=0,
        fail_safe_at_ms=100,
        by="N",
    )
    return confirmed(made, by="UTC", now_ms=1)


@pytest.mark.parametrize(
    ("outcome", "alerts"),
    [
        (Outcome.SEE_AND_TREAT, True),
        (Outcome.HEAR_AND_TREAT, True),
        (Outcome.REFERRED, True),
        (Outcome.CONVEYED_TO_ED, False),
        (Outcome.CONVEYED_ELSEWHERE, False),
        (Outcome.CANCELLED, False),
        (Outcome.DUPLICATE, False),
    ],
)
def test_everyone_who_was_not_conveyed_is_followed_up(outcome: Outcome, alerts: bool) -> None:
    alert = follow_up(I1, outcome, Patient(complaint="fall"), 1000)
    assert (alert is not None) == alerts
    if alert is not None:
        assert alert.due_at_ms == 1000 + FOLLOW_UP_MS
        assert alert.to is None


def test_frail_and_repeat_patients_are_followed_up_soon_by_who_knows_them() -> None:
    patient = Patient(
        complaint="fall",
        frailty_cfs=6,
        earlier_contacts_24h=2,
        gp=ServiceId("GP"),
        case_manager=ServiceId("CM"),
    )
    alert = follow_up(I1, Outcome.SEE_AND_TREAT, patient, 0)
    assert alert is not None
    assert (alert.to, alert.due_at_ms) == ("CM", URGENT_FOLLOW_UP_MS)
    assert alert.why == "not conveyed: see_and_treat; 2 earlier contacts in 24 h; frail (CFS 6)"


def test_a_seen_patient_needs_no_alert_and_an_absent_one_does() -> None:
    patient = Patient(complaint="wound", gp=ServiceId("GP"))
    seen = completed(a_referral(), by="UTC", now_ms=2)
    assert follow_up(I1, Outcome.REFERRED, patient, 0, seen) is None
    absent = follow_up(I1, Outcome.REFERRED, patient, 0, missed(a_referral(), by="UTC", now_ms=2))
    assert absent is not None
    assert (absent.to, absent.due_at_ms) == ("GP", URGENT_FOLLOW_UP_MS)
    assert "did not come to UTC" in absent.why
    assert follow_up(I1, Outcome.REFERRED, patient, 0, a_referral()) is not None
