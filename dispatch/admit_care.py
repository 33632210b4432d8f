"""Whether facts about patients, services, referrals and clinicians can be believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import event_care as ev
from dispatch.domain.ids import IncidentId, ServiceId
from dispatch.domain.patient import ambulance_reasons
from dispatch.domain.redirection import category_barrier
from dispatch.domain.referral import Referral
from dispatch.domain.service import booked as slot_booked
from dispatch.domain.service_type import TYPE_RULES
from dispatch.domain.validation import ValidationResult, finished, not_reached, started
from dispatch.ports import TravelTimes
from dispatch.rejection import DuplicateIdError, RejectedEventError, UnknownIdError
from dispatch.state import Incident, State
from dispatch.state.observe_care import advanced, new_referral


class BarredError(RejectedEventError):
    """A patient who needs an ambulance was to be redirected."""


class ImpossibleStepError(RejectedEventError):
    """A step of a referral, a validation or a follow-up that cannot happen where it stands."""


class NotTakenError(RejectedEventError):
    """A service was asked that is switched off, or does not take referrals of this person."""


def _incident(state: State, incident: IncidentId) -> Incident:
    if incident not in state.incidents:
        raise UnknownIdError("open incident", incident)
    return state.incidents[incident]


def _service(state: State, service: ServiceId) -> Any:
    found = state.care.services.find(service)
    if found is None:
        raise UnknownIdError("service", service)
    return found


def _named(who: str, what: str) -> None:
    if not who.strip():
        raise ImpossibleStepError(f"Expected who {what}, was nobody.")


def _described(state: State, event: ev.PatientDescribed, _travel: TravelTimes, _now: int) -> None:
    _incident(state, event.incident)


def _asked(state: State, event: ev.ServicesAsked, _travel: TravelTimes, _now: int) -> None:
    _incident(state, event.incident)
    if state.care.care_of(event.incident).patient is None:
        raise ImpossibleStepError(f"Expected the patient of {event.incident} to be described.")


def _loaded(_state: State, event: ev.ServicesLoaded, _travel: TravelTimes, _now: int) -> None:
    _named(event.by, "loaded the directory")
    seen: set[ServiceId] = set()
    for service in event.services:
        if service.id in seen:
            raise DuplicateIdError("service", service.id)
        seen.add(service.id)


def _capacity(
    state: State, event: ev.ServiceCapacityReported, _travel: TravelTimes, _now: int
) -> None:
    _service(state, event.service)
    _named(event.by, "reported the capacity")


def _slots(state: State, event: ev.SlotsOffered, _travel: TravelTimes, _now: int) -> None:
    _service(state, event.service)
    seen: set[str] = set()
    for slot in event.slots:
        if slot.service != event.service:
            raise ImpossibleStepError(f"Expected slots of {event.service}, was {slot.service}.")
        if slot.id in seen:
            raise DuplicateIdError("slot", slot.id)
        seen.add(slot.id)


def _offered(state: State, event: ev.ReferralOffered, _travel: TravelTimes, now_ms: int) -> None:
    incident = _incident(state, event.incident)
    board = state.care
    known = any(referral.id == event.referral for referral in board.ended)
    if known or event.referral in board.referrals.rows:
        raise DuplicateIdError("referral", event.referral)
    service = _service(state, event.service)
    patient = board.care_of(event.incident).patient
    if patient is None:
        raise ImpossibleStepError(f"Expected the patient of {event.incident} to be described.")
    rules = state.settings.care.redirect_of(incident.trust, now_ms)
    barrier = category_barrier(incident.category, incident.segment)
    barriers = ((barrier,) if barrier else ()) + ambulance_reasons(patient, rules.safety)
    if barriers:
        reasons = "; ".join(reason.why for reason in barriers)
        raise BarredError(f"{event.incident} is not redirected: {reasons}.")
    referrers = service.referrers or TYPE_RULES[service.type].referrers
    if not service.is_active or event.asked_by not in referrers:
        raise NotTakenError(f"{event.service} does not take referrals of a {event.asked_by} now.")
    if board.referral_of(event.incident) is not None:
        raise ImpossibleStepError(f"Expected no other live referral of {event.incident}.")
    _tried(lambda: new_referral(state, event, now_ms))


def _advanced(state: State, event: Any, _travel: TravelTimes, now_ms: int) -> None:
    board = state.care
    referral = board.referrals.get(event.referral)
    if referral is None:
        raise UnknownIdError("live referral", event.referral)
    if isinstance(event, ev.ReferralBooked):
        _check_slot(state, referral, event.slot)
    _tried(lambda: advanced(referral, event, now_ms))
    if isinstance(event, ev.ReferralWithdrawn) and referral.incident in board.referred.rows:
        raise ImpossibleStepError(
            f"{referral.incident} has ended as referred: the service returns it, or it is missed."
        )


def _check_slot(state: State, referral: Referral, name: str) -> None:
    slots = state.care.slots.get(referral.service)
    if slots is None:
        return
    slot = next((slot for slot in slots if slot.id == name), None)
    if slot is None:
        raise UnknownIdError(f"slot of {referral.service}", name)
    _tried(lambda: slot_booked(slot))


def _tried(step: Callable[[], object]) -> None:
    """Try a pure step; what it refuses is refused at the door."""
    try:
        step()
    except ValueError as error:
        raise ImpossibleStepError(str(error)) from error


def _validation(state: State, event: Any, _travel: TravelTimes, now_ms: int) -> None:
    incident = _incident(state, event.incident)
    care = state.care.care_of(event.incident)
    validation = care.validation
    if validation is None:
        raise ImpossibleStepError(f"Expected {event.incident} to wait for a clinician.")
    _named(event.clinician, "is the clinician")
    if isinstance(event, ev.ValidationStarted):
        _tried(lambda: started(validation, event.clinician, now_ms))
    elif isinstance(event, ev.ValidationAttempted):
        _tried(lambda: not_reached(validation, now_ms))
    else:
        _tried(lambda: finished(validation, event.result, now_ms, event.new_category))
        _check_closing(state, event, incident)


def _check_closing(state: State, event: ev.ClinicianReviewed, incident: Incident) -> None:
    """Let a clinician close nothing at which a crew is, nor refer where nobody was asked."""
    closes = event.result in (ValidationResult.HEAR_AND_TREAT, ValidationResult.REFERRED)
    if closes and any(r.on_scene_at_ms is not None for r in incident.responses):
        raise ImpossibleStepError(f"A crew has reached {event.incident}: it closes it by clearing.")
    if event.result is not ValidationResult.REFERRED:
        return
    referral = state.care.referral_of(event.incident)
    if referral is None:
        raise ImpossibleStepError(f"Expected a live referral of {event.incident}, was none.")


def _rung(state: State, event: ev.WelfareCalled, _travel: TravelTimes, _now: int) -> None:
    incident = _incident(state, event.incident)
    _named(event.by, "rang")
    if incident.responder_on_scene_at_ms is not None:
        raise ImpossibleStepError(f"Somebody is with the patient of {event.incident} already.")


def _followed(state: State, event: ev.FollowUpMade, _travel: TravelTimes, _now: int) -> None:
    if event.incident not in state.care.follow_ups.rows:
        raise UnknownIdError("incident to follow up", event.incident)
    _named(event.by, "followed up")


ADMIT_CARE: Final[dict[type, Callable[[State, Any, TravelTimes, int], None]]] = {
    ev.PatientDescribed: _described,
    ev.ServicesAsked: _asked,
    ev.ServicesLoaded: _loaded,
    ev.ServiceCapacityReported: _capacity,
    ev.SlotsOffered: _slots,
    ev.ReferralOffered: _offered,
    ev.ReferralBooked: _advanced,
    ev.ReferralConfirmed: _advanced,
    ev.ReferralRefused: _advanced,
    ev.ReferralWithdrawn: _advanced,
    ev.ReferralCompleted: _advanced,
    ev.ReferralReturned: _advanced,
    ev.ReferralNotAttended: _advanced,
    ev.ValidationStarted: _validation,
    ev.ValidationAttempted: _validation,
    ev.ClinicianReviewed: _validation,
    ev.WelfareCalled: _rung,
    ev.FollowUpMade: _followed,
}

__all__ = ["ADMIT_CARE", "BarredError", "ImpossibleStepError", "NotTakenError"]
