"""Redirection, clinicians, welfare and follow-up: what is decided about patients who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain import event as ev
from dispatch.domain import event_care as care_ev
from dispatch.domain.category import RANK
from dispatch.domain.decision import Decision, SetTimer
from dispatch.domain.decision_care import (
    FailSafeDispatch,
    FollowUpDue,
    FollowUpOverdue,
    HoldForClinician,
    KeepForAmbulance,
    OfferServices,
    Refer,
    WelfareCallDue,
)
from dispatch.domain.explanation import Explanation
from dispatch.domain.ids import IncidentId, ReferralId
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.redirection import Course, Offer, Redirection, Situation, category_barrier
from dispatch.domain.referral import Referral, ReferralStatus
from dispatch.domain.service_type import Referrer
from dispatch.domain.validation import ValidationStatus
from dispatch.domain.welfare import WelfareResult, WelfareRules, needs_review, next_welfare_call_ms
from dispatch.policies.redirect import lay_out, redirect_none
from dispatch.ports import Picture, PolicySet
from dispatch.state import Incident
from dispatch.state.observe_care import forgotten_ms
from dispatch.state.rows_care import (
    VALIDATION_TIMER,
    Welfare,
    referral_timer,
    validation_timer,
)

WELFARE: Final = "welfare"
"""The timer at which the next waiting patients are to be rung: one for all."""

FOLLOW_UP: Final = "follow-up"
"""The timer at which the next follow-up is overdue: one for all."""

CARE_ROUNDS: Final = frozenset(
    {
        care_ev.ReferralConfirmed,
        care_ev.ReferralRefused,
        care_ev.ReferralReturned,
        care_ev.ClinicianReviewed,
    }
)
"""Events after which somebody may be sent, or is free to be."""


def decide_care(picture: Picture, event: ev.Event, policies: PolicySet) -> list[Decision]:
    """Return what follows for patients, referrals and clinicians from an event."""
    step = _STEPS.get(type(event))
    decisions = [] if step is None else step(picture, event, policies)
    board = picture.state.care
    if len(board.ended) > board.ended_before:
        for referral in board.ended_now():
            decisions += _after_referral(picture, referral, policies)
    if board.untold.rows:
        decisions += _follow_ups(picture)
    return decisions


def is_idle_timer(event: ev.Event) -> bool:
    """Test whether a timer asks only that somebody be rung: nobody is sent because of it."""
    return isinstance(event, ev.TimerFired) and event.timer in (WELFARE, FOLLOW_UP)


# -- which services ----------------------------------------------------------------------------


def _described(
    picture: Picture, event: care_ev.PatientDescribed, policies: PolicySet
) -> list[Decision]:
    return _ask(picture, picture.state.incidents[event.incident], event.asked_by, policies)


def _asked(picture: Picture, event: care_ev.ServicesAsked, policies: PolicySet) -> list[Decision]:
    return _ask(picture, picture.state.incidents[event.incident], event.asked_by, policies)


def _ask(
    picture: Picture, incident: Incident, asked_by: Referrer, policies: PolicySet
) -> list[Decision]:
    """Ask which services can take a patient, and who looks at the incident meanwhile."""
    care = picture.state.care.care_of(incident.id)
    assert care.patient is not None
    validation = care.validation
    is_held = validation is not None and validation.is_open
    situation = Situation(
        at=incident.at,
        now_ms=picture.now_ms,
        category=incident.category,
        segment=incident.segment,
        trust=incident.trust,
        asked_by=asked_by,
        breach_at_ms=validation.breach_at_ms if validation is not None and is_held else None,
    )
    name = picture.settings.policies_of(incident.trust).redirect
    answer = policies.redirect.get(name, redirect_none)(picture, care.patient, situation)
    if care.refused_by:
        answer = _without(answer, care.refused_by)
    says = OfferServices if answer.offers else KeepForAmbulance
    decisions: list[Decision] = [says(incident=incident.id, asked_by=asked_by, answer=answer)]
    # A crew on scene and a clinician on the line need no second clinician.
    if answer.course is not Course.AMBULANCE and asked_by is Referrer.CALL_HANDLER:
        referral = _protocol_referral(picture, incident, answer)
        if referral is not None:
            decisions += referral
        elif validation is None:
            decisions += _hold(picture, incident, *answer.cautions)
    return decisions


def _without(answer: Redirection, services: tuple[str, ...]) -> Redirection:
    """Return an answer without the services that have refused this patient."""
    offers = tuple(offer for offer in answer.offers if offer.service not in services)
    course = answer.course
    if not offers and course is Course.OFFERS:
        course = Course.AMBULANCE
    return msgspec.structs.replace(answer, offers=offers, course=course)


def _hold(picture: Picture, incident: Incident, *notes: str) -> list[Decision]:
    rules = picture.settings.care.redirect_of(incident.trust, picture.now_ms)
    within_min = rules.validate_within_min.get(RANK[incident.category], 30)
    breach_ms = picture.now_ms + within_min * MINUTE_MS
    note = f"a clinician looks at it within {within_min} min; it keeps its place and its clock"
    why = Explanation(note="; ".join((note, *notes)))
    return [
        HoldForClinician(incident=incident.id, breach_at_ms=breach_ms, why=why),
        SetTimer(timer=validation_timer(incident.id), due_at_ms=breach_ms),
    ]


def _protocol_referral(
    picture: Picture, incident: Incident, answer: Redirection
) -> list[Decision] | None:
    """Return the referral that a protocol makes by itself; None when only a person may."""
    board = picture.state.care
    care = board.care_of(incident.id)
    best: Offer | None = answer.offers[0] if answer.offers else None
    if best is None or best.protocol is None or not best.is_worth_it or best.ask:
        return None
    if care.validation is not None or board.referral_of(incident.id) is not None:
        return None
    referral = Referral(
        id=ReferralId(f"{incident.id}-P{care.referrals + 1}"),
        incident=incident.id,
        service=best.service,
        category=incident.category,
        offered_at_ms=picture.now_ms,
        fail_safe_at_ms=best.fail_safe_at_ms,
        by=f"protocol {best.protocol}",
        protocol=best.protocol,
    )
    why = Explanation(terms=best.terms, note=f"protocol {best.protocol}")
    return [
        Refer(incident=incident.id, service=best.service, referral=referral, why=why),
        SetTimer(timer=referral_timer(referral.id), due_at_ms=referral.fail_safe_at_ms),
    ]


# -- what becomes of referrals and validations ---------------------------------------------------


def _offered(
    picture: Picture, event: care_ev.ReferralOffered, policies: PolicySet
) -> list[Decision]:
    del policies
    referral = picture.state.care.referrals.rows[event.referral]
    return [SetTimer(timer=referral_timer(referral.id), due_at_ms=referral.fail_safe_at_ms)]


def _confirmed(
    picture: Picture, event: care_ev.ReferralConfirmed, policies: PolicySet
) -> list[Decision]:
    del policies
    return _forget_later(picture, event.referral)


def _forget_later(picture: Picture, name: ReferralId) -> list[Decision]:
    """Wake when a confirmed referral can no longer bring its incident back."""
    referral = picture.state.care.referrals.get(name)
    if referral is None or referral.incident not in picture.state.care.referred.rows:
        return []
    return [SetTimer(timer=referral_timer(name), due_at_ms=forgotten_ms(referral))]


def _reviewed(
    picture: Picture, event: care_ev.ClinicianReviewed, policies: PolicySet
) -> list[Decision]:
    del policies
    referral = picture.state.care.referral_of(event.incident)
    return [] if referral is None else _forget_later(picture, referral.id)


def _after_referral(picture: Picture, referral: Referral, policies: PolicySet) -> list[Decision]:
    """Return what follows for the incident of a referral that is over."""
    incident = picture.state.incidents.get(referral.incident)
    if incident is None:
        return []
    was_taken = any(mark.status is ReferralStatus.CONFIRMED for mark in referral.history)
    is_late = referral.status is ReferralStatus.FAILED_SAFE
    says_no = referral.status in (ReferralStatus.REFUSED, ReferralStatus.RETURNED)
    if is_late or (says_no and was_taken):
        said = "did not confirm in time" if is_late else f"has {referral.status} the patient"
        note = f"{referral.service} {said}; {referral.reason}".removesuffix("; ")
        return [
            FailSafeDispatch(
                incident=incident.id,
                category=incident.category,
                referral=referral.id,
                why=Explanation(note=note),
            )
        ]
    if says_no:
        care = picture.state.care.care_of(incident.id)
        return _ask(picture, incident, care.asked_by, policies)
    return []


def _timer(picture: Picture, event: ev.TimerFired, policies: PolicySet) -> list[Decision]:
    del policies
    if event.timer in (WELFARE, FOLLOW_UP):
        return _ring(picture) if event.timer == WELFARE else _overdue(picture)
    if not event.timer.startswith(VALIDATION_TIMER):
        return []
    name = IncidentId(event.timer.removeprefix(VALIDATION_TIMER))
    care = picture.state.care.by_incident.get(name)
    incident = picture.state.incidents.get(name)
    if care is None or incident is None or care.validation is None:
        return []
    validation = care.validation
    if validation.status is not ValidationStatus.FAILED_SAFE:
        return []
    if validation.ended_at_ms != picture.now_ms:
        return []
    why = Explanation(note="no clinician has decided in time")
    return [FailSafeDispatch(incident=name, category=incident.category, why=why)]


# -- welfare and follow-up -----------------------------------------------------------------------


def _reported(picture: Picture, event: ev.IncidentReported, policies: PolicySet) -> list[Decision]:
    """Let the welfare timer run no later than this patient is to be rung."""
    del policies
    if not picture.settings.care.welfare and not picture.settings.care.trust_welfare:
        return []
    return _wake_by(picture, _due_ms(picture, picture.state.incidents[event.incident]))


def _wake_by(picture: Picture, due_ms: int | None) -> list[Decision]:
    running_ms = picture.state.timers.get(WELFARE)
    if due_ms is None or (running_ms is not None and running_ms <= due_ms):
        return []
    return [SetTimer(timer=WELFARE, due_at_ms=max(due_ms, picture.now_ms))]


def _due_ms(picture: Picture, incident: Incident) -> int | None:
    """Return when a waiting patient is to be rung; None when nobody is to, or is asked to."""
    if incident.responder_on_scene_at_ms is not None or incident.outcome is not None:
        return None
    rules = picture.settings.care.welfare_of(incident.trust, picture.now_ms)
    row = picture.state.care.welfare.get(incident.id) or Welfare()
    if rules is None or row.asked_at_ms is not None:
        return None
    return next_welfare_call_ms(incident.category, incident.clock_start_at_ms, row.calls, rules)


def _ring(picture: Picture) -> list[Decision]:
    """Ask for the welfare calls that are due now, and wake when the next one is."""
    calls: list[Decision] = []
    next_ms: int | None = None
    for incident in picture.state.incidents.values():
        due_ms = _due_ms(picture, incident)
        if due_ms is None:
            continue
        if due_ms > picture.now_ms:
            next_ms = due_ms if next_ms is None else min(next_ms, due_ms)
            continue
        rules = picture.settings.care.welfare_of(incident.trust, picture.now_ms)
        assert rules is not None
        calls.append(_call(picture, incident, due_ms, rules))
    return [*calls, *_wake_by(picture, next_ms)]


def _call(picture: Picture, incident: Incident, due_ms: int, rules: WelfareRules) -> WelfareCallDue:
    row = picture.state.care.welfare.get(incident.id) or Welfare()
    waited_min = (picture.now_ms - incident.clock_start_at_ms) / MINUTE_MS
    note = f"a {incident.category} patient has waited {waited_min:.0f} min"
    return WelfareCallDue(
        incident=incident.id,
        due_at_ms=due_ms,
        why=Explanation(note=note),
        for_review=needs_review(row.calls, rules),
    )


def _rung(picture: Picture, event: care_ev.WelfareCalled, policies: PolicySet) -> list[Decision]:
    """Plan the next call; whoever got worse is put before a clinician while they wait."""
    incident = picture.state.incidents[event.incident]
    del policies
    decisions = _wake_by(picture, _due_ms(picture, incident))
    care = picture.state.care.care_of(incident.id)
    is_held = care.validation is not None and care.validation.is_open
    is_urgent = category_barrier(incident.category, incident.segment) is not None
    if event.result is WelfareResult.WORSE and not is_held and not is_urgent:
        note = "got worse while waiting: triage again, at once"
        decisions += _hold(picture, incident, note)
    return decisions


def _follow_ups(picture: Picture) -> list[Decision]:
    alerts = picture.state.care.untold.sorted_rows()
    decisions: list[Decision] = [
        FollowUpDue(
            incident=incident,
            due_at_ms=alert.due_at_ms,
            service=alert.to,
            why=Explanation(note=alert.why),
        )
        for incident, alert in alerts
    ]
    return decisions + _watch(picture, min(alert.due_at_ms for _, alert in alerts))


def _watch(picture: Picture, due_ms: int) -> list[Decision]:
    """Let the timer of follow-ups run no later than one is overdue."""
    running_ms = picture.state.timers.get(FOLLOW_UP)
    if running_ms is not None and running_ms <= due_ms:
        return []
    return [SetTimer(timer=FOLLOW_UP, due_at_ms=max(due_ms, picture.now_ms))]


def _overdue(picture: Picture) -> list[Decision]:
    """Tell, once each, whom nobody has followed up in time, and wake when the next one is due."""
    decisions: list[Decision] = []
    next_ms: int | None = None
    for incident, alert in picture.state.care.follow_ups.sorted_rows():
        if alert.is_overdue:
            continue
        if alert.due_at_ms > picture.now_ms:
            next_ms = alert.due_at_ms if next_ms is None else min(next_ms, alert.due_at_ms)
            continue
        decisions.append(
            FollowUpOverdue(
                incident=incident,
                due_at_ms=alert.due_at_ms,
                service=alert.to,
                why=Explanation(note=alert.why),
            )
        )
    if next_ms is not None:
        decisions.append(SetTimer(timer=FOLLOW_UP, due_at_ms=next_ms))
    return decisions


def _prepare(picture: Picture, event: ev.Event, policies: PolicySet) -> list[Decision]:
    """Lay the directory out now, so that no patient waits for it."""
    del event, policies
    if picture.state.care.services.services:
        lay_out(picture)
    return []


_STEPS: Final[dict[type, Callable[[Picture, Any, PolicySet], list[Decision]]]] = {
    care_ev.PatientDescribed: _described,
    care_ev.ServicesAsked: _asked,
    care_ev.ServicesLoaded: _prepare,
    ev.TravelTimesChanged: _prepare,
    care_ev.ReferralOffered: _offered,
    care_ev.ReferralConfirmed: _confirmed,
    care_ev.ClinicianReviewed: _reviewed,
    care_ev.WelfareCalled: _rung,
    ev.IncidentReported: _reported,
    ev.TimerFired: _timer,
}
