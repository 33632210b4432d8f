"""Sentences about patients, clinicians, referrals and services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from dispatch.domain import decision_care as dec
from dispatch.domain import event_care as ev
from dispatch.domain.service import CapacityLevel


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%H:%M:%S} UTC"


def _noted(head: str, note: str) -> str:
    return f"{head}: {note}." if note else f"{head}."


def _offers(decision: dec.OfferServices) -> str:
    best, *rest = decision.answer.offers
    more = f"; next {', '.join(offer.name for offer in rest[:2])}" if rest else ""
    return f"{decision.incident} could go to {best.name}{more}. It waits on for an ambulance."


def _keep(decision: dec.KeepForAmbulance) -> str:
    reasons = "; ".join(reason.why for reason in decision.answer.barriers)
    return _noted(
        f"{decision.incident} is for an ambulance", reasons or "no service can take the patient"
    )


def _hold(decision: dec.HoldForClinician) -> str:
    head = f"{decision.incident} is before a clinician until {_clock(decision.breach_at_ms)}"
    return _noted(head, decision.why.note)


def _refer(decision: dec.Refer) -> str:
    until = _clock(decision.referral.fail_safe_at_ms)
    return (
        f"{decision.incident} is offered to {decision.service} under {decision.referral.by}; "
        f"without a yes by {until} an ambulance goes."
    )


def _welfare(decision: dec.WelfareCallDue) -> str:
    review = " A clinician should look at the wait." if decision.for_review else ""
    return _noted(f"Ring the patient of {decision.incident}", decision.why.note) + review


def _follow_up(decision: dec.FollowUpDue) -> str:
    who = decision.service or "the follow-up desk"
    due = f"{datetime.fromtimestamp(decision.due_at_ms / 1000, UTC):%d %b %H:%M} UTC"
    head = f"{who} follows the patient of {decision.incident} up by {due}"
    return _noted(head, decision.why.note)


def _overdue(decision: dec.FollowUpOverdue) -> str:
    who = decision.service or "the follow-up desk"
    due = f"{datetime.fromtimestamp(decision.due_at_ms / 1000, UTC):%d %b %H:%M} UTC"
    head = f"Nobody has followed {decision.incident} up: {who} was to by {due}"
    return _noted(head, decision.why.note)


CARE_DECISIONS: Final[dict[type, Callable[[Any, Any], str]]] = {
    dec.OfferServices: lambda d, _: _offers(d),
    dec.KeepForAmbulance: lambda d, _: _keep(d),
    dec.HoldForClinician: lambda d, _: _hold(d),
    dec.Refer: lambda d, _: _refer(d),
    dec.FailSafeDispatch: lambda d, _: _noted(
        f"{d.incident} is dispatched as {d.category}", d.why.note
    ),
    dec.WelfareCallDue: lambda d, _: _welfare(d),
    dec.FollowUpDue: lambda d, _: _follow_up(d),
    dec.FollowUpOverdue: lambda d, _: _overdue(d),
}

CARE_EVENTS: Final[dict[type, Callable[[Any, Any], str]]] = {
    ev.PatientDescribed: lambda e, _: f"The patient of {e.incident} is described.",
    ev.ServicesAsked: lambda e, _: f"A {e.asked_by.replace('_', ' ')} asks for {e.incident}.",
    ev.ServicesLoaded: lambda e, _: (
        f"{e.by} puts a directory of {len(e.services)} services into force."
    ),
    ev.ServiceCapacityReported: lambda e, _: (
        f"{e.service} is {CapacityLevel(e.level).name.lower()}."
    ),
    ev.SlotsOffered: lambda e, _: f"{e.service} offers {len(e.slots)} times.",
    ev.ReferralOffered: lambda e, _: f"{e.by} offers {e.incident} to {e.service} ({e.referral}).",
    ev.ReferralBooked: lambda e, _: f"{e.by} books a time for {e.referral}.",
    ev.ReferralConfirmed: lambda e, _: f"{e.by} confirms {e.referral}.",
    ev.ReferralRefused: lambda e, _: f"{e.by} refuses {e.referral}, code {e.code}.",
    ev.ReferralWithdrawn: lambda e, _: f"{e.by} withdraws {e.referral}.",
    ev.ReferralCompleted: lambda e, _: f"{e.by} has seen the patient of {e.referral}.",
    ev.ReferralReturned: lambda e, _: f"{e.by} returns {e.referral}: an ambulance after all.",
    ev.ReferralNotAttended: lambda e, _: f"The patient of {e.referral} did not come.",
    ev.ValidationStarted: lambda e, _: f"{e.clinician} speaks with the patient of {e.incident}.",
    ev.ValidationAttempted: lambda e, _: f"{e.clinician} rings for {e.incident} in vain.",
    ev.ClinicianReviewed: lambda e, _: (
        f"{e.clinician} decides about {e.incident}: {e.result.replace('_', ' ')}."
    ),
    ev.WelfareCalled: lambda e, _: (
        f"{e.by} rings the patient of {e.incident}: {e.result.replace('_', ' ')}."
    ),
    ev.FollowUpMade: lambda e, _: f"{e.by} has followed {e.incident} up.",
}
