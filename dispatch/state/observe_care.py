"""Carry facts about patients, services, referrals and clinicians into the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain import event as ev
from dispatch.domain import event_care as care_ev
from dispatch.domain import referral as referrals
from dispatch.domain.follow_up import URGENT_FOLLOW_UP_MS, FollowUp
from dispatch.domain.ids import CallId, IncidentId, ReferralId
from dispatch.domain.incident import Outcome
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.patient import Patient, ambulance_reasons
from dispatch.domain.recontact import WITHIN_MS, Contact, earlier_contacts
from dispatch.domain.redirection import category_barrier
from dispatch.domain.referral import Referral, ReferralStatus
from dispatch.domain.service import booked as slot_booked
from dispatch.domain.service import capacity_report
from dispatch.domain.service_type import TYPE_RULES, Referrer
from dispatch.domain.travel import Position
from dispatch.domain.unit import UnitStatus
from dispatch.domain.validation import (
    ValidationResult,
    failed_safe,
    finished,
    not_reached,
    started,
)
from dispatch.domain.welfare import WelfareCall
from dispatch.state.recode import recode
from dispatch.state.rows import Incident
from dispatch.state.rows_care import (
    IN_FORCE,
    REFERRAL_TIMER,
    VALIDATION_TIMER,
    ServiceDirectory,
    Welfare,
    validation_timer,
)
from dispatch.state.state import State

replace = msgspec.structs.replace


def barred(state: State, incident: Incident, patient: Patient | None, now_ms: int) -> bool:
    """Test whether an incident must not be redirected: its category, or what the patient has."""
    if category_barrier(incident.category, incident.segment) is not None:
        return True
    if patient is None:
        return False
    rules = state.settings.care.redirect_of(incident.trust, now_ms)
    return bool(ambulance_reasons(patient, rules.safety))


def fail_safe_ms(state: State, incident: Incident, confirm_min: int, now_ms: int) -> int:
    """Return when a referral made now fails safe: its service's time, never past the breach."""
    validation = state.care.care_of(incident.id).validation
    if validation is not None and validation.is_open:
        breach_ms = validation.breach_at_ms
    else:
        rules = state.settings.care.redirect_of(incident.trust, now_ms)
        breach_ms = now_ms + rules.validate_within_min.get(incident.rank, 30) * MINUTE_MS
    return min(now_ms + confirm_min * MINUTE_MS, max(breach_ms, now_ms))


# -- patients ----------------------------------------------------------------------------------


def _describe(
    state: State, event: care_ev.PatientDescribed, now_ms: int, _at: Position | None
) -> None:
    board, incident = state.care, state.incidents[event.incident]
    patient = _with_contacts(state, event, incident, now_ms)
    care = replace(board.care_of(event.incident), patient=patient, asked_by=event.asked_by)
    board.by_incident.put(event.incident, care)
    referral = board.referral_of(event.incident)
    # A protocol may not close for whoever calls again; what it began is taken back.
    unsafe_protocol = referral is not None and referral.protocol is not None and patient.is_repeat
    if barred(state, incident, patient, now_ms):
        stop(state, event.incident, "the patient needs an ambulance", now_ms)
    elif unsafe_protocol:
        board.withdraw(event.incident, "a repeat contact", now_ms)


def stop(state: State, incident: IncidentId, reason: str, now_ms: int) -> None:
    """End everything that could still keep an ambulance from an incident."""
    state.care.end_validation(incident, now_ms, state.timers)
    state.care.withdraw(incident, reason, now_ms)


def _with_contacts(
    state: State, event: care_ev.PatientDescribed, incident: Incident, now_ms: int
) -> Patient:
    """Return the patient with the contacts of the day before counted, and keep this one."""
    patient = event.patient
    contact = Contact(
        call=CallId(event.incident),
        at_ms=now_ms,
        patient=patient.pseudonym,
        line=event.line,
        at=incident.at,
        complaint=patient.complaint,
        incident=event.incident,
    )
    book = state.care.contacts
    history: dict[str, Contact] = {}
    for key in _looked_at(contact):
        for earlier in book.get(key) or ():
            history[earlier.call] = earlier
    found = len(earlier_contacts(contact, history.values()))
    for key in _filed_under(contact):
        kept = tuple(
            c
            for c in book.get(key) or ()
            if c.call != contact.call and now_ms - c.at_ms <= WITHIN_MS
        )
        # Taken out first, so that the order of the book is the order of the last contacts.
        book.drop(key)
        book.put(key, (*kept, contact))
    _forget_contacts(state, now_ms)
    return replace(patient, earlier_contacts_24h=max(found, patient.earlier_contacts_24h))


def _forget_contacts(state: State, now_ms: int) -> None:
    """Drop contacts that no new one can be linked to: a few at a time, the oldest first."""
    book = state.care.contacts
    for key in list(_first(book.rows, 8)):
        if now_ms - book.rows[key][-1].at_ms > WITHIN_MS:
            book.drop(key)


def _first(rows: dict[str, Any], count: int) -> list[str]:
    return [key for key, _ in zip(rows, range(count), strict=False)]


_CELL_DEGREES: Final = 0.0006
"""Side of the cells in which contacts are filed: no less than what counts as one place, 30 m
(0.0006 degrees of longitude are 37 m at 56 degrees north)."""


def _filed_under(contact: Contact) -> list[str]:
    keys = [] if contact.patient is None else [f"patient {contact.patient}"]
    if contact.line is not None:
        keys.append(f"line {contact.line}")
    if contact.at is not None:
        keys.append(_cell(contact, 0, 0))
    return keys


def _looked_at(contact: Contact) -> list[str]:
    keys = _filed_under(contact)
    if contact.at is not None:
        keys += [_cell(contact, x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
    return keys


def _cell(contact: Contact, east: int, north: int) -> str:
    assert contact.at is not None
    x, y = int(contact.at.lon // _CELL_DEGREES) + east, int(contact.at.lat // _CELL_DEGREES) + north
    return f"place {x} {y}"


# -- services ----------------------------------------------------------------------------------


def _load(state: State, event: care_ev.ServicesLoaded, now_ms: int, _at: Position | None) -> None:
    board = state.care
    services = tuple(sorted(event.services, key=lambda service: service.id))
    board.directory.put(
        IN_FORCE,
        ServiceDirectory(
            services=services,
            by=event.by,
            source=event.source,
            loaded_at_ms=now_ms,
            rejects=event.rejects,
        ),
    )
    known = {service.id for service in services}
    for service in [service for service in board.capacity.rows if service not in known]:
        board.capacity.drop(service)
    for service in [service for service in board.slots.rows if service not in known]:
        board.slots.drop(service)


def _capacity(
    state: State, event: care_ev.ServiceCapacityReported, now_ms: int, _at: Position | None
) -> None:
    service = state.care.services.find(event.service)
    assert service is not None
    report = capacity_report(service, event.level, now_ms, by=event.by, reason=event.reason)
    state.care.capacity.put(event.service, report)


def _slots(state: State, event: care_ev.SlotsOffered, _now_ms: int, _at: Position | None) -> None:
    state.care.slots.put(event.service, event.slots)


# -- referrals ---------------------------------------------------------------------------------


def new_referral(state: State, event: care_ev.ReferralOffered, now_ms: int) -> Referral:
    """Return the referral that a person makes.

    Raises
    ------
    ValueError
        When nobody makes it.
    """
    incident = state.incidents[event.incident]
    service = state.care.services.find(event.service)
    assert service is not None
    confirm_min = TYPE_RULES[service.type].confirm_min
    return Referral(
        id=event.referral,
        incident=event.incident,
        service=event.service,
        category=incident.category,
        offered_at_ms=now_ms,
        fail_safe_at_ms=fail_safe_ms(state, incident, confirm_min, now_ms),
        by=event.by,
    )


def _offer(state: State, event: care_ev.ReferralOffered, now_ms: int, _at: Position | None) -> None:
    enter_referral(state, new_referral(state, event, now_ms), is_closing=event.asked_by in CLINICAL)


CLINICAL: Final = frozenset({Referrer.CLINICIAN, Referrer.CREW})
"""Who may close an incident by a referral."""


def enter_referral(state: State, referral: Referral, *, is_closing: bool) -> None:
    """Put a referral on the board, as its incident's."""
    board = state.care
    care = board.care_of(referral.incident)
    board.referrals.put(referral.id, referral)
    board.by_incident.put(
        referral.incident,
        replace(care, referral=referral.id, referrals=care.referrals + 1, is_closing=is_closing),
    )


def advanced(referral: Referral, event: Any, now_ms: int) -> Referral:
    """Return what an event makes of a referral.

    Raises
    ------
    ValueError
        When it cannot happen where the referral stands, or nobody said it.
    """
    return _ADVANCES[type(event)](referral, event, now_ms)


_ADVANCES: Final[dict[type, Callable[[Referral, Any, int], Referral]]] = {
    care_ev.ReferralBooked: lambda r, e, ms: referrals.booked(r, e.slot, by=e.by, now_ms=ms),
    care_ev.ReferralConfirmed: lambda r, e, ms: referrals.confirmed(r, by=e.by, now_ms=ms),
    care_ev.ReferralRefused: lambda r, e, ms: referrals.refused(
        r, e.code, by=e.by, now_ms=ms, reason=e.reason
    ),
    care_ev.ReferralWithdrawn: lambda r, e, ms: referrals.withdrawn(
        r, by=e.by, now_ms=ms, reason=e.reason
    ),
    care_ev.ReferralCompleted: lambda r, e, ms: referrals.completed(r, by=e.by, now_ms=ms),
    care_ev.ReferralReturned: lambda r, e, ms: referrals.returned(
        r, by=e.by, now_ms=ms, reason=e.reason
    ),
    care_ev.ReferralNotAttended: lambda r, e, ms: referrals.missed(r, by=e.by, now_ms=ms),
}


def _book(state: State, event: care_ev.ReferralBooked, now_ms: int, _at: Position | None) -> None:
    board = state.care
    referral = board.referrals.rows[event.referral]
    slots = board.slots.get(referral.service)
    if slots is not None:
        taken = tuple(slot_booked(s) if s.id == event.slot else s for s in slots)
        board.slots.put(referral.service, taken)
    board.move(advanced(referral, event, now_ms))


def _confirm(
    state: State, event: care_ev.ReferralConfirmed, now_ms: int, _at: Position | None
) -> None:
    board = state.care
    referral = advanced(board.referrals.rows[event.referral], event, now_ms)
    board.move(referral)
    if board.care_of(referral.incident).is_closing:
        end_as_referred(state, referral.incident, now_ms)


def end_as_referred(state: State, incident_id: IncidentId, now_ms: int) -> None:
    """End an incident whose patient a service has taken; a crew on scene ends it by clearing."""
    incident = state.incidents[incident_id]
    if any(response.on_scene_at_ms is not None for response in incident.responses):
        incident.outcome = Outcome.REFERRED
        state.file(incident)
        return
    state.close(incident, Outcome.REFERRED, now_ms)


def _step(state: State, event: Any, now_ms: int, _at: Position | None) -> None:
    """Carry a refusal, a return, a completion or a withdrawal into the picture."""
    board = state.care
    before = board.referrals.rows[event.referral]
    after = advanced(before, event, now_ms)
    was_taken = before.status is ReferralStatus.CONFIRMED
    board.move(after)
    incident = state.incidents.get(after.incident)
    if incident is not None:
        if was_taken and incident.outcome is Outcome.REFERRED:
            # The crew is still there: what they do next is open again.
            incident.outcome = None
            state.file(incident)
        return
    if after.status in (ReferralStatus.REFUSED, ReferralStatus.RETURNED):
        reopen(state, after.incident)
        return
    state.timers.pop(f"{REFERRAL_TIMER}{after.id}", None)
    if after.status is ReferralStatus.COMPLETED:
        board.follow_ups.drop(after.incident)
    else:
        _look_for(state, after, now_ms)
    board.forget(after.incident)


def _look_for(state: State, referral: Referral, now_ms: int) -> None:
    """Have a patient looked for who has not been seen by the service that took them."""
    care = state.care.care_of(referral.incident)
    patient = care.patient
    to = None
    if patient is not None:
        to = patient.case_manager or patient.virtual_ward or patient.gp
    state.care.untold.put(
        referral.incident,
        FollowUp(
            incident=referral.incident,
            to=to,
            due_at_ms=now_ms + URGENT_FOLLOW_UP_MS,
            why=f"was not seen by {referral.service}: {referral.status.value}",
        ),
    )


def reopen(state: State, incident_id: IncidentId) -> None:
    """Bring an incident back that had ended by a referral: as first triaged, with its clock."""
    board = state.care
    incident = board.referred.drop(incident_id)
    assert incident is not None
    board.follow_ups.drop(incident_id)
    back = msgspec.structs.replace(incident, responses=(), outcome=None)
    state.incidents[incident_id] = back
    state.file(back)


# -- clinicians --------------------------------------------------------------------------------


def _start(
    state: State, event: care_ev.ValidationStarted, now_ms: int, _at: Position | None
) -> None:
    care = state.care.care_of(event.incident)
    assert care.validation is not None
    begun = started(care.validation, event.clinician, now_ms)
    state.care.by_incident.put(event.incident, replace(care, validation=begun))


def _attempt(
    state: State, event: care_ev.ValidationAttempted, now_ms: int, _at: Position | None
) -> None:
    care = state.care.care_of(event.incident)
    assert care.validation is not None
    again = not_reached(care.validation, now_ms)
    state.care.by_incident.put(event.incident, replace(care, validation=again))


def _review(
    state: State, event: care_ev.ClinicianReviewed, now_ms: int, _at: Position | None
) -> None:
    board, incident = state.care, state.incidents[event.incident]
    care = board.care_of(event.incident)
    assert care.validation is not None
    done = finished(care.validation, event.result, now_ms, event.new_category)
    state.timers.pop(validation_timer(event.incident), None)
    referred = event.result is ValidationResult.REFERRED
    board.by_incident.put(event.incident, replace(care, validation=done, is_closing=referred))
    if event.new_category is not None:
        recode(state, incident, event.new_category, event.new_segment, now_ms)
        if barred(state, incident, care.patient, now_ms):
            stop(state, event.incident, f"now {event.new_category}", now_ms)
    elif event.result is ValidationResult.HEAR_AND_TREAT:
        state.close(incident, Outcome.HEAR_AND_TREAT, now_ms)
    elif referred:
        referral = board.referral_of(event.incident)
        if referral is not None and referral.status is ReferralStatus.CONFIRMED:
            end_as_referred(state, event.incident, now_ms)
    else:
        # Kept as it is: an ambulance goes, and nobody else is waited for.
        board.withdraw(event.incident, "a clinician keeps the category", now_ms)


# -- welfare and follow-up -----------------------------------------------------------------------


def _ring(state: State, event: care_ev.WelfareCalled, now_ms: int, _at: Position | None) -> None:
    known = state.care.welfare.get(event.incident) or Welfare()
    call = WelfareCall(incident=event.incident, at_ms=now_ms, by=event.by, result=event.result)
    state.care.welfare.put(event.incident, Welfare(calls=(*known.calls, call)))


def _followed(
    state: State, event: care_ev.FollowUpMade, _now_ms: int, _at: Position | None
) -> None:
    state.care.follow_ups.drop(event.incident)


# -- what other events mean ----------------------------------------------------------------------


def _after_status(state: State, event: ev.UnitStatusReported, now_ms: int) -> None:
    """End validation and welfare calls once somebody is with the patient."""
    if event.status is not UnitStatus.AT_SCENE:
        return
    incident = state.units[event.unit].incident
    if incident is not None:
        state.care.end_validation(incident, now_ms, state.timers)
        state.care.welfare.drop(incident)


def _after_recode(state: State, event: ev.IncidentRecoded, now_ms: int) -> None:
    incident = state.incidents[event.incident]
    if barred(state, incident, state.care.care_of(event.incident).patient, now_ms):
        stop(state, event.incident, f"coded {event.category}", now_ms)


def _after_timer(state: State, event: ev.TimerFired, now_ms: int) -> None:
    if event.timer.startswith(VALIDATION_TIMER):
        _fail_validation(state, IncidentId(event.timer.removeprefix(VALIDATION_TIMER)), now_ms)
    elif event.timer.startswith(REFERRAL_TIMER):
        _fail_referral(state, event.timer.removeprefix(REFERRAL_TIMER), now_ms)


def _fail_validation(state: State, incident: IncidentId, now_ms: int) -> None:
    board = state.care
    care = board.by_incident.get(incident)
    if care is None or care.validation is None or not care.validation.is_open:
        return
    if now_ms < care.validation.breach_at_ms:
        return
    done = failed_safe(care.validation, now_ms)
    board.by_incident.put(incident, replace(care, validation=done))
    referral = board.referral_of(incident)
    if referral is None:
        return
    if referral.is_open and referral.fail_safe_at_ms <= now_ms:
        board.move(referrals.failed_safe(referral, now_ms))
    else:
        board.withdraw(incident, "nobody validated it in time", now_ms)


def _fail_referral(state: State, name: str, now_ms: int) -> None:
    board = state.care
    referral = board.referrals.get(ReferralId(name))
    if referral is None:
        return
    if referral.is_open and referral.fail_safe_at_ms <= now_ms:
        board.move(referrals.failed_safe(referral, now_ms))
    elif referral.incident in board.referred.rows and now_ms >= forgotten_ms(referral):
        board.referrals.drop(referral.id)
        board.forget(referral.incident)


REFERRED_KEPT_MS: Final = 24 * 60 * MINUTE_MS
"""A service may give a patient back for a day; later it is a new call. Assumed."""


def forgotten_ms(referral: Referral) -> int:
    """Return when a confirmed referral can no longer bring its incident back."""
    return referral.changed_at_ms + REFERRED_KEPT_MS


AFTER: Final[dict[type, Callable[[State, Any, int], None]]] = {
    ev.UnitStatusReported: _after_status,
    ev.IncidentRecoded: _after_recode,
    ev.TimerFired: _after_timer,
}
"""What events of the first dispatch mean for patients who may be redirected."""

OBSERVE_CARE: Final[dict[type, Callable[[State, Any, int, Position | None], None]]] = {
    care_ev.PatientDescribed: _describe,
    care_ev.ServicesLoaded: _load,
    care_ev.ServiceCapacityReported: _capacity,
    care_ev.SlotsOffered: _slots,
    care_ev.ReferralOffered: _offer,
    care_ev.ReferralBooked: _book,
    care_ev.ReferralConfirmed: _confirm,
    care_ev.ReferralRefused: _step,
    care_ev.ReferralWithdrawn: _step,
    care_ev.ReferralCompleted: _step,
    care_ev.ReferralReturned: _step,
    care_ev.ReferralNotAttended: _step,
    care_ev.ValidationStarted: _start,
    care_ev.ValidationAttempted: _attempt,
    care_ev.ClinicianReviewed: _review,
    care_ev.WelfareCalled: _ring,
    care_ev.FollowUpMade: _followed,
}

__all__ = [
    "AFTER",
    "CLINICAL",
    "OBSERVE_CARE",
    "advanced",
    "barred",
    "enter_referral",
    "fail_safe_ms",
    "forgotten_ms",
    "new_referral",
]
