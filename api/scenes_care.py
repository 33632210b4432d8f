"""From the picture to what screens show of patients, services and referrals."""

from __future__ import annotations

from typing import Any

from api.desk import Desk
from api.problems import ProblemError
from api.scenes import decision_view
from api.views_care import (
    FollowUpsView,
    FollowUpView,
    OffersView,
    PatientView,
    ReferralsView,
    ReferralView,
    ServicesView,
    ServiceView,
    ValidationsView,
    ValidationView,
    WelfareQueue,
    WelfareView,
)
from api.wire import instant, instant_or_none, wire_form
from dispatch.decide_care import WELFARE
from dispatch.domain.decision_care import KeepForAmbulance, OfferServices
from dispatch.domain.event_care import ServicesAsked
from dispatch.domain.ids import IncidentId, ReferralId
from dispatch.domain.referral import Referral
from dispatch.domain.service import CapacityLevel, Service
from dispatch.domain.service_type import TYPE_RULES, Referrer
from dispatch.domain.validation import Validation, ValidationStatus, validation_queue


def referral_view(referral: Referral) -> ReferralView:
    """Return a referral for the wire."""
    return ReferralView(
        referral=referral.id,
        incident=referral.incident,
        service=referral.service,
        category=referral.category,
        status=referral.status,
        consequence=referral.consequence,
        offered_at=instant(referral.offered_at_ms),
        fail_safe_at=instant(referral.fail_safe_at_ms),
        changed_at=instant(referral.changed_at_ms),
        by=referral.by,
        protocol=referral.protocol,
        slot=referral.slot,
        refusal=None if referral.refusal is None else int(referral.refusal),
        reason=referral.reason,
    )


def referral_of(desk: Desk, name: str) -> ReferralView | None:
    """Return a referral, live or lately ended; None when it is not known."""
    live = desk.dispatcher.state.care.referrals.get(ReferralId(name))
    found = live or desk.referrals.get(ReferralId(name))
    return None if found is None else referral_view(found)


def referrals_view(desk: Desk, *, with_ended: int = 0) -> ReferralsView:
    """Return the live referrals by fail-safe time, and that many of the ended ones."""
    live = sorted(
        desk.dispatcher.state.care.referrals.rows.values(), key=lambda r: (r.fail_safe_at_ms, r.id)
    )
    ended = list(reversed(desk.referrals.values()))[:with_ended] if with_ended else []
    return ReferralsView(
        seq=desk.seq,
        at=instant(desk.now_ms()),
        referrals=[referral_view(referral) for referral in [*live, *ended]],
    )


def validation_view(validation: Validation, now_ms: int) -> ValidationView:
    """Return a validation for the wire."""
    return ValidationView(
        incident=validation.incident,
        category=validation.category,
        segment=validation.segment,
        status=validation.status,
        since_at=instant(validation.since_ms),
        breach_at=instant(validation.breach_at_ms),
        clinician=validation.clinician,
        attempts=validation.attempts,
        is_overdue=validation.is_open and validation.breach_at_ms <= now_ms,
    )


def validations_view(desk: Desk) -> ValidationsView:
    """Return the clinicians' queue."""
    now_ms = desk.now_ms()
    rows = desk.dispatcher.state.care.by_incident.rows.values()
    known = [care.validation for care in rows if care.validation is not None]
    busy = [item for item in known if item.status is ValidationStatus.IN_PROGRESS]
    busy.sort(key=lambda item: (item.breach_at_ms, item.incident))
    return ValidationsView(
        seq=desk.seq,
        at=instant(now_ms),
        waiting=[validation_view(item, now_ms) for item in validation_queue(known)],
        in_progress=[validation_view(item, now_ms) for item in busy],
    )


def patient_view(desk: Desk, name: str) -> PatientView:
    """Return what is known of an incident's patient.

    Raises
    ------
    ProblemError
        When nothing is: the incident is not known, or nobody has described its patient.
    """
    state, now_ms = desk.dispatcher.state, desk.now_ms()
    incident = IncidentId(name)
    care = state.care.by_incident.get(incident)
    if care is None:
        raise ProblemError(404, "unknown-id", "Expected an incident with a described patient.")
    referral = state.care.referral_of(incident)
    return PatientView(
        seq=desk.seq,
        at=instant(now_ms),
        incident=name,
        patient=None if care.patient is None else wire_form(care.patient),
        validation=None if care.validation is None else validation_view(care.validation, now_ms),
        referral=None if referral is None else referral_view(referral),
        refused_by=list(care.refused_by),
        next_welfare_call_at=instant_or_none(state.timers.get(WELFARE)),
    )


def offers_view(desk: Desk, name: str, asked_by: Referrer) -> OffersView:
    """Return which services could take a patient now, and change nothing."""
    event = ServicesAsked(incident=IncidentId(name), asked_by=asked_by, by="a question")
    now_ms = desk.now_ms()
    decisions = desk.recommend(event, (name,))
    said = next(d for d in decisions if isinstance(d, OfferServices | KeepForAmbulance))
    answer: dict[str, Any] = wire_form(said.answer)
    return OffersView(
        seq=desk.seq,
        at=instant(now_ms),
        incident=name,
        decisions=[decision_view(d, now_ms, desk.directory) for d in decisions],
        course=said.answer.course,
        offers=answer["offers"],
        barriers=[{"code": reason.code, "why": reason.why} for reason in said.answer.barriers],
        refused=answer["refused"],
        others={code.value: count for code, count in said.answer.others.items()},
        cautions=list(said.answer.cautions),
        advice=list(said.answer.advice),
        degraded=list(said.answer.degraded),
    )


def services_view(desk: Desk) -> ServicesView:
    """Return the directory in force with every service's capacity."""
    now_ms, board = desk.now_ms(), desk.dispatcher.state.care
    directory = board.services
    return ServicesView(
        seq=desk.seq,
        at=instant(now_ms),
        source=directory.source,
        services=[service_view(desk, service, now_ms) for service in directory.services],
    )


def service_view(desk: Desk, service: Service, now_ms: int) -> ServiceView:
    """Return a service for the wire."""
    board = desk.dispatcher.state.care
    hours = service.hours or TYPE_RULES[service.type].hours
    is_open = hours.is_open(now_ms)
    report = board.capacity.get(service.id)
    level = CapacityLevel.GREEN if report is None else report.level_at(now_ms)
    is_reset = report is None or level is CapacityLevel.GREEN
    return ServiceView(
        service=service.id,
        name=service.name,
        type=service.type,
        lat=None if service.at is None else service.at.lat,
        lon=None if service.at is None else service.at.lon,
        is_active=service.is_active,
        is_open=is_open,
        opens_at=None if is_open else instant_or_none(hours.next_opening_ms(now_ms)),
        level=level.name,
        resets_at=None if is_reset or report is None else instant_or_none(report.resets_at_ms),
        slots=sum(slot.free > 0 for slot in board.slots.get(service.id) or ()),
    )


def follow_ups_view(desk: Desk) -> FollowUpsView:
    """Return the follow-ups that nobody has made yet."""
    rows = sorted(
        desk.dispatcher.state.care.follow_ups.rows.values(),
        key=lambda alert: (alert.due_at_ms, alert.incident),
    )
    return FollowUpsView(
        seq=desk.seq,
        at=instant(desk.now_ms()),
        follow_ups=[
            FollowUpView(
                incident=alert.incident,
                service=alert.to,
                due_at=instant(alert.due_at_ms),
                why=alert.why,
                is_overdue=alert.due_at_ms <= desk.now_ms(),
            )
            for alert in rows
        ],
    )


def welfare_view(desk: Desk) -> WelfareQueue:
    """Return the welfare calls that are due."""
    rows = desk.dispatcher.state.care.welfare.rows.items()
    due = sorted(
        (row.asked_at_ms, incident, len(row.calls))
        for incident, row in rows
        if row.asked_at_ms is not None
    )
    return WelfareQueue(
        seq=desk.seq,
        at=instant(desk.now_ms()),
        due=[
            WelfareView(incident=incident, asked_at=instant(at_ms), calls=calls)
            for at_ms, incident, calls in due
        ],
    )
