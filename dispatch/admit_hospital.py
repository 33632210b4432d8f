"""May a fact about a hospital be believed? Each is tried on the rows; nothing changes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import event_hospital as eh
from dispatch.domain.deflection import Deflection
from dispatch.domain.deflection import ended as deflection_ended
from dispatch.domain.escalation import LevelChange, Scheme, confirmed, undone
from dispatch.domain.handover import (
    ReleaseRefusal,
    cohorted,
    fit_to_sit,
    handover_completed,
    handover_started,
    release_to_respond,
)
from dispatch.domain.hospital_settings import check_live_rule
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode, UnitId
from dispatch.domain.immediate_release import answered, requested
from dispatch.domain.trigger_quantity import HOSPITAL_QUANTITIES, TRUST_QUANTITIES, Vocabulary
from dispatch.domain.trigger_state import ordered
from dispatch.ports import TravelTimes
from dispatch.rejection import DuplicateIdError, RejectedEventError, UnknownIdError, check_stamp
from dispatch.state import State, Unit
from dispatch.state.observe_hospital import (
    cohort_of,
    halo_rules,
    in_cohort,
    rules_at,
    visit_named,
    visit_of,
)
from dispatch.state.rows_hospital import VisitRow


class NotAtHospitalError(RejectedEventError):
    """A unit has no patient at the hospital that is named."""

    def __init__(self, unit: UnitId, hospital: HospitalId) -> None:
        super().__init__(f"Expected unit {unit} at hospital {hospital}, was elsewhere.")
        self.unit, self.hospital = unit, hospital


class OutOfOrderError(RejectedEventError):
    """Something at a hospital, or a person's order, does not fit what was before it."""


class NotReleasedError(RejectedEventError):
    """A crew may not leave its patient: it stays. ``refusal`` says why."""

    def __init__(self, refusal: ReleaseRefusal, why: str) -> None:
        super().__init__(f"Expected a patient who can be left, but {why}.")
        self.refusal = refusal


def _try(act: Callable[[], Any]) -> Any:
    """Return what a rule of the domain makes of an event; its error becomes a rejection."""
    try:
        return act()
    except ValueError as error:
        raise OutOfOrderError(str(error)) from error


def check_handed_over(state: State, unit: Unit, at_ms: int) -> None:
    """Refuse a handover that is said to have ended before the arrival, or before it began."""
    if unit.incident is None:
        return
    row = visit_of(state, unit.spec.id, state.incidents[unit.incident].hospital)
    if row is not None:
        _try(lambda: handover_completed(row.visit, at_ms))


def _hospital(state: State, hospital: HospitalId) -> None:
    if hospital not in state.hospitals:
        raise UnknownIdError("hospital", hospital)


def _visit(state: State, unit: UnitId, hospital: HospitalId) -> VisitRow:
    _hospital(state, hospital)
    if unit not in state.units:
        raise UnknownIdError("unit", unit)
    row = visit_of(state, unit, hospital)
    if row is None:
        raise NotAtHospitalError(unit, hospital)
    return row


def _start(state: State, event: eh.HandoverStarted, _travel: TravelTimes, now_ms: int) -> None:
    row = _visit(state, event.unit, event.hospital)
    check_stamp("reported_at_ms", event.reported_at_ms, now_ms)
    _try(lambda: handover_started(row.visit, min(event.reported_at_ms, now_ms)))


def _release(state: State, event: eh.ReleasedToRespond, _travel: TravelTimes, now_ms: int) -> None:
    row = _visit(state, event.unit, event.hospital)
    answer = _try(
        lambda: release_to_respond(
            row.visit,
            now_ms,
            rules_at(state, event.hospital, now_ms),
            is_stable=event.is_stable,
            recipient=event.recipient,
            clinician=event.clinician,
        )
    )
    if answer.refusal is not None:
        raise NotReleasedError(answer.refusal, answer.why)


def _sit(state: State, event: eh.FitToSit, _travel: TravelTimes, now_ms: int) -> None:
    row = _visit(state, event.unit, event.hospital)
    _crew_is_held(row)
    _try(
        lambda: fit_to_sit(
            row.visit, now_ms, recipient=event.recipient, is_ambulatory=event.is_ambulatory
        )
    )


def _crew_is_held(row: VisitRow) -> None:
    if row.visit.crew_free_at_ms is not None:
        raise OutOfOrderError(f"Expected {row.visit.id} to be with its crew, was not.")


def _open_cohort(state: State, event: eh.CohortOpened, _travel: TravelTimes, now_ms: int) -> None:
    _hospital(state, event.hospital)
    if any(cohort.id == event.cohort for cohort in state.flow.desk(event.hospital).cohorts):
        raise DuplicateIdError("cohort", event.cohort)
    _try(lambda: cohort_of(state, event, now_ms))


def _join(state: State, event: eh.PatientCohorted, _travel: TravelTimes, now_ms: int) -> None:
    row = _visit(state, event.unit, event.hospital)
    cohorts = {cohort.id: cohort for cohort in state.flow.desk(event.hospital).cohorts}
    if event.cohort not in cohorts:
        raise UnknownIdError("cohort", event.cohort)
    patients = in_cohort(state, event.hospital, event.cohort)
    _try(lambda: cohorted(row.visit, cohorts[event.cohort], patients, now_ms))


def _leave(state: State, event: eh.CohortHandedOver, _travel: TravelTimes, now_ms: int) -> None:
    _hospital(state, event.hospital)
    check_stamp("reported_at_ms", event.reported_at_ms, now_ms)
    row = visit_named(state, event.hospital, event.visit)
    if row is None:
        raise UnknownIdError("visit", event.visit)
    if row.visit.cohorted_at_ms is None:
        raise OutOfOrderError(f"Expected the patient of {event.visit} in a cohort, was not.")
    if not event.recipient.strip():
        raise OutOfOrderError(f"Expected who takes the patient of {event.visit}, was nobody.")
    _try(lambda: handover_completed(row.visit, min(event.reported_at_ms, now_ms)))


def _request(
    state: State, event: eh.ImmediateReleaseRequested, _travel: TravelTimes, now_ms: int
) -> None:
    _hospital(state, event.hospital)
    incident = state.incidents.get(event.incident)
    if incident is None:
        raise UnknownIdError("open incident", event.incident)
    requests = state.flow.desk(event.hospital).requests
    if any(request.id == event.request for request in requests):
        raise DuplicateIdError("request", event.request)
    _try(
        lambda: requested(
            event.request,
            event.hospital,
            IncidentId(event.incident),
            incident.category,
            is_assigned=bool(incident.responses),
            by=event.by,
            now_ms=now_ms,
            rules=state.settings.hospital.release_rules(now_ms),
        )
    )


def _answer(
    state: State, event: eh.ImmediateReleaseAnswered, _travel: TravelTimes, now_ms: int
) -> None:
    _hospital(state, event.hospital)
    requests = {request.id: request for request in state.flow.desk(event.hospital).requests}
    if event.request not in requests:
        raise UnknownIdError("request", event.request)
    _try(
        lambda: answered(
            requests[event.request],
            accepts=event.accepts,
            by=event.by,
            reason=event.reason,
            now_ms=now_ms,
        )
    )
    if event.unit is not None:
        if not event.accepts:
            raise OutOfOrderError("Expected no unit with a refusal, was one.")
        row = _visit(state, event.unit, event.hospital)
        _crew_is_held(row)
        _try(lambda: handover_completed(row.visit, now_ms))


def _deflect(state: State, event: eh.DeflectionAgreed, _travel: TravelTimes, now_ms: int) -> None:
    deflection = event.deflection
    _hospital(state, deflection.from_hospital)
    _hospital(state, deflection.to_hospital)
    if any(known.id == deflection.id for known in state.flow.deflections):
        raise DuplicateIdError("deflection", deflection.id)
    if deflection.ended_at_ms is not None or deflection.ends_at_ms <= now_ms:
        raise OutOfOrderError(f"Expected deflection {deflection.id} to end later, was over.")
    if not state.hospitals[deflection.to_hospital].spec.has_emergency_department:
        raise OutOfOrderError(
            f"Expected an emergency department at {deflection.to_hospital}, was none."
        )


def _end_deflection(
    state: State, event: eh.DeflectionEnded, _travel: TravelTimes, now_ms: int
) -> None:
    for deflection in state.flow.deflections:
        if deflection.id == event.deflection:
            _end_known(deflection, event.by, now_ms)
            return
    raise UnknownIdError("deflection", event.deflection)


def _end_known(deflection: Deflection, by: str, now_ms: int) -> None:
    _try(lambda: deflection_ended(deflection, by=by, now_ms=now_ms))


def _press(state: State, event: eh.PressureReported, _travel: TravelTimes, now_ms: int) -> None:
    if (event.hospital is None) == (event.trust is None):
        raise OutOfOrderError("Expected a hospital or a trust, was both or neither.")
    if event.hospital is not None:
        _hospital(state, event.hospital)
        names = frozenset(band.name for band in state.settings.hospital.opel_table.bands)
        vocabulary: Vocabulary = HOSPITAL_QUANTITIES
        allowed = (names | _HOSPITAL_FEEDS) - {"mean_handover"}
    else:
        _trust(state, event.trust or "")
        vocabulary, allowed = TRUST_QUANTITIES, _TRUST_FEEDS
    if not event.pressures:
        raise OutOfOrderError("Expected a pressure, was none.")
    for pressure in event.pressures:
        if pressure.name not in allowed:
            raise UnknownIdError("pressure", pressure.name)
        kind = vocabulary.get(pressure.name)
        low, high = (0.0, math.inf) if kind is None else (kind.low, kind.high)
        if not (math.isfinite(pressure.value) and low <= pressure.value <= high):
            raise OutOfOrderError(
                f"Expected {pressure.name} of {low:g} to {high:g}, was {pressure.value:g}."
            )
        check_stamp("reported_at_ms", pressure.reported_at_ms, now_ms)


_HOSPITAL_FEEDS: Final = frozenset(
    {
        "bed_occupancy",
        "majors_occupancy",
        "four_hour_performance",
        "discharge_ready",
        "community_beds_free",
    }
)
_TRUST_FEEDS: Final = frozenset(
    {
        "calls_waiting",
        "longest_call_wait",
        "demand_over_forecast",
        "unfilled_shifts",
        "sickness",
    }
)


def _trust(state: State, trust: str) -> None:
    known = TrustCode(trust) in state.trusts
    if not known and not any(post.trust == trust for post in state.posts.values()):
        raise UnknownIdError("trust", trust)


def _named(by: str, reason: str) -> None:
    if not by.strip():
        raise OutOfOrderError("Expected the person who decides, was nobody.")
    if not reason.strip():
        raise OutOfOrderError("Expected a reason, was none.")


def _set_rules(
    state: State, event: eh.HandoverRulesSet, _travel: TravelTimes, _now_ms: int
) -> None:
    _hospital(state, event.hospital)
    _named(event.by, event.reason)


def _set_halo(state: State, event: eh.HaloRuleSet, _travel: TravelTimes, _now_ms: int) -> None:
    _hospital(state, event.hospital)
    _named(event.by, event.reason)
    if event.rule.about != "hospital" or event.rule.subject != event.hospital:
        raise OutOfOrderError(f"Expected a rule about hospital {event.hospital}, was another.")
    _try(lambda: check_live_rule(event.rule))


def _order_halo(state: State, event: eh.HaloOrdered, _travel: TravelTimes, now_ms: int) -> None:
    _hospital(state, event.hospital)
    desk = state.flow.desk(event.hospital)
    if not any(rule.id == event.rule for rule in halo_rules(state, event.hospital)):
        raise UnknownIdError("rule", event.rule)
    _try(
        lambda: ordered(
            desk.memory(event.rule),
            event.order,
            by=event.by,
            reason=event.reason,
            now_ms=now_ms,
        )
    )


def _subject(state: State, scheme: Scheme, subject: str) -> None:
    if scheme is Scheme.OPEL:
        _hospital(state, HospitalId(subject))
    else:
        _trust(state, subject)


def _confirm(state: State, event: eh.LevelConfirmed, _travel: TravelTimes, now_ms: int) -> None:
    _subject(state, event.scheme, event.subject)
    change = LevelChange(
        scheme=event.scheme,
        subject=event.subject,
        level=event.level,
        by=event.by,
        reason=event.reason,
        at_ms=now_ms,
    )
    _try(lambda: confirmed(state.flow.levels, change))


def _undo(state: State, event: eh.LevelUndone, _travel: TravelTimes, now_ms: int) -> None:
    _subject(state, event.scheme, event.subject)
    _try(
        lambda: undone(
            state.flow.levels,
            event.scheme,
            event.subject,
            by=event.by,
            reason=event.reason,
            at_ms=now_ms,
        )
    )


ADMIT_HOSPITAL: Final[dict[type, Callable[[State, Any, TravelTimes, int], None]]] = {
    eh.HandoverStarted: _start,
    eh.ReleasedToRespond: _release,
    eh.FitToSit: _sit,
    eh.CohortOpened: _open_cohort,
    eh.PatientCohorted: _join,
    eh.CohortHandedOver: _leave,
    eh.ImmediateReleaseRequested: _request,
    eh.ImmediateReleaseAnswered: _answer,
    eh.DeflectionAgreed: _deflect,
    eh.DeflectionEnded: _end_deflection,
    eh.PressureReported: _press,
    eh.HandoverRulesSet: _set_rules,
    eh.HaloRuleSet: _set_halo,
    eh.HaloOrdered: _order_halo,
    eh.LevelConfirmed: _confirm,
    eh.LevelUndone: _undo,
}
