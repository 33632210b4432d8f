"""Carry facts about hospitals into the picture: visits follow from what crews report."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

import msgspec

from dispatch.domain import event_hospital as ev
from dispatch.domain.deflection import ended as deflection_ended
from dispatch.domain.escalation import LevelChange, Scheme, confirmed, undone
from dispatch.domain.handover import (
    Cohort,
    HandoverKind,
    Visit,
    VisitId,
    cohorted,
    crew_cleared,
    fit_to_sit,
    handover_completed,
    handover_started,
    release_to_respond,
)
from dispatch.domain.handover_prediction import recorded
from dispatch.domain.hospital_settings import EVERYWHERE
from dispatch.domain.ids import HospitalId, TrustCode, UnitId
from dispatch.domain.immediate_release import ImmediateReleaseStatus, answered, requested
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.settings import Settings
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.trigger_state import TriggerMemory, TriggerOrder, TriggerStatus, ordered
from dispatch.domain.unit import UnitStatus
from dispatch.state.levels import effective
from dispatch.state.rows import RECENT_HANDOVERS, Incident, Unit
from dispatch.state.rows_hospital import (
    CLOSED_KEPT,
    HALO_LOG_KEPT,
    VISITS_KEPT_MS,
    HaloOrder,
    VisitRow,
    with_memory,
)
from dispatch.state.state import State

# -- what crews report --------------------


def visit_arrived(
    state: State, unit: Unit, incident: Incident, hospital: HospitalId, at_ms: int
) -> None:
    """Open the visit of a crew that has reached a hospital."""
    desk = state.flow.desk(hospital)
    visit = Visit(
        id=VisitId(f"{hospital}-{desk.arrivals + 1}"),
        hospital=hospital,
        unit=unit.spec.id,
        arrived_at_ms=at_ms,
        incident=incident.id,
        trust=unit.spec.trust,
    )
    row = VisitRow(visit=visit, told_to_ms=at_ms)
    rows = tuple(sorted((*desk.rows, row), key=lambda r: r.visit.arrived_at_ms))
    state.flow.change(hospital, arrivals=desk.arrivals + 1, rows=rows)
    state.touched.add(hospital)


def visit_handed_over(state: State, unit: Unit, incident: Incident, at_ms: int) -> None:
    """End the handover of a crew's patient, as the crew has reported."""
    row = visit_of(state, unit.spec.id, incident.hospital)
    if row is not None:
        _end_handover(state, row, handover_completed(row.visit, at_ms))


def visit_cleared(state: State, unit: Unit, incident: Incident, at_ms: int) -> None:
    """End the visit of a crew that is clear; a handover that it did not report ended then."""
    row = visit_of(state, unit.spec.id, incident.hospital)
    if row is None:
        return
    visit = row.visit
    if visit.crew_free_at_ms is None:
        at_ms = max(at_ms, visit.arrived_at_ms, visit.started_at_ms or 0)
        row = _end_handover(state, row, handover_completed(visit, at_ms))
        visit = row.visit
    assert visit.crew_free_at_ms is not None
    visit = crew_cleared(visit, max(at_ms, visit.crew_free_at_ms))
    _put(state, row, visit)
    _file_done(state, visit, at_ms)


def visit_of(state: State, unit: UnitId, hospital: HospitalId | None) -> VisitRow | None:
    """Return the visit that a crew is on at a hospital; None when there is none."""
    if hospital is None:
        return None
    for row in state.flow.desk(hospital).rows:
        if row.visit.unit == unit and row.visit.cleared_at_ms is None:
            return row
    return None


def visit_named(state: State, hospital: HospitalId, visit: VisitId) -> VisitRow | None:
    """Return a visit that goes on, by its name."""
    return next((r for r in state.flow.desk(hospital).rows if r.visit.id == visit), None)


def first_response(state: State, unit: Unit, incident: Incident, at_ms: int) -> None:
    """Remember a response time, where a rule of a trust asks for response times.

    A C1 is answered by the first responder, any other incident by the first unit that can convey.
    """
    if not state.settings.escalation.rules:
        return
    earlier = [r for r in incident.responses if r.on_scene_at_ms is not None]
    if incident.rank == 1:
        is_first = len(earlier) == 1
    else:
        conveying = [r for r in earlier if state.units[r.unit].spec.conveys]
        is_first = unit.spec.conveys and len(conveying) == 1
    if is_first:
        response_ms = max(0, at_ms - incident.clock_start_at_ms)
        known = state.flow.trust(incident.trust).responses
        response = (at_ms, incident.rank, response_ms)
        if known and known[0][0] <= at_ms - _KEPT_MS:
            known = known[bisect_right(known, at_ms - _KEPT_MS, key=itemgetter(0)) :]
        if not known or known[-1][0] <= at_ms:
            responses = (*known, response)
        else:
            # Reports may come late; readers rely on the order of arrivals.
            place = bisect_right(known, at_ms, key=itemgetter(0))
            responses = (*known[:place], response, *known[place:])
        state.flow.change_trust(incident.trust, responses=responses)


_KEPT_MS: Final = VISITS_KEPT_MS


def _put(state: State, row: VisitRow, visit: Visit) -> VisitRow:
    changed = msgspec.structs.replace(row, visit=visit)
    desk = state.flow.desk(visit.hospital)
    rows = tuple(changed if r.visit.id == visit.id else r for r in desk.rows)
    state.flow.change(visit.hospital, rows=rows)
    state.touched.add(visit.hospital)
    return changed


def _end_handover(state: State, row: VisitRow, visit: Visit) -> VisitRow:
    """Put a visit whose handover has ended, and hold the prediction against what came true."""
    if row.predicted is not None and visit.handover_ms is not None:
        desk = state.flow.desk(visit.hospital)
        rules = state.settings.hospital.predict_rules(visit.arrived_at_ms)
        errors = recorded(desk.errors, row.predicted, visit.handover_ms / MINUTE_MS, rules)
        state.flow.change(visit.hospital, errors=errors)
    return _put(state, row, visit)


def _file_done(state: State, visit: Visit, now_ms: int) -> None:
    """Move a visit to the ended ones when patient and crew are both done."""
    if visit.handed_over_at_ms is None or visit.cleared_at_ms is None:
        return
    desk = state.flow.desk(visit.hospital)
    done = desk.done
    if done and (done[0].handed_over_at_ms or 0) <= now_ms - VISITS_KEPT_MS:
        done = tuple(v for v in done if (v.handed_over_at_ms or 0) > now_ms - VISITS_KEPT_MS)
    state.flow.change(
        visit.hospital,
        rows=tuple(row for row in desk.rows if row.visit.id != visit.id),
        done=(*done, visit),
    )


# -- what hospitals and persons report --------------------


def _start(state: State, event: ev.HandoverStarted, now_ms: int, _at: object) -> None:
    row = visit_of(state, event.unit, event.hospital)
    assert row is not None
    _put(state, row, handover_started(row.visit, min(event.reported_at_ms, now_ms)))


def _release(state: State, event: ev.ReleasedToRespond, now_ms: int, _at: object) -> None:
    row = visit_of(state, event.unit, event.hospital)
    assert row is not None
    answer = release_to_respond(
        row.visit,
        now_ms,
        rules_at(state, event.hospital, now_ms),
        is_stable=event.is_stable,
        recipient=event.recipient,
        clinician=event.clinician,
    )
    _free(state, row, answer.visit, now_ms)


def _sit(state: State, event: ev.FitToSit, now_ms: int, _at: object) -> None:
    row = visit_of(state, event.unit, event.hospital)
    assert row is not None
    visit = fit_to_sit(
        row.visit, now_ms, recipient=event.recipient, is_ambulatory=event.is_ambulatory
    )
    _free(state, row, visit, now_ms)


def _free(state: State, row: VisitRow, visit: Visit, now_ms: int) -> None:
    """Carry a handover that a person ended: the crew may clear, and clears only by itself."""
    _end_handover(state, row, visit)
    unit = state.units[visit.unit]
    assert unit.incident is not None
    state.incidents[unit.incident].handed_over_at_ms = now_ms
    board = state.hospitals[visit.hospital]
    board.recent_ms = (*board.recent_ms, now_ms - visit.arrived_at_ms)[-RECENT_HANDOVERS:]
    _may_clear(state, unit, now_ms)


def _may_clear(state: State, unit: Unit, now_ms: int) -> None:
    state.leave_hospital(unit)
    unit.status, unit.status_at_ms = UnitStatus.HANDED_OVER, now_ms
    state.write(unit)


def _open_cohort(state: State, event: ev.CohortOpened, now_ms: int, _at: object) -> None:
    desk = state.flow.desk(event.hospital)
    used = {row.visit.cohort for row in desk.rows}
    recent = len(desk.cohorts) - CLOSED_KEPT
    kept = [c for i, c in enumerate(desk.cohorts) if c.id in used or i >= recent]
    opened = cohort_of(state, event, now_ms)
    state.flow.change(event.hospital, cohorts=(*kept, opened))
    state.touched.add(event.hospital)


def cohort_of(state: State, event: ev.CohortOpened, now_ms: int) -> Cohort:
    """Return the cohort that an event opens."""
    most = rules_at(state, event.hospital, now_ms).cohort_max
    return Cohort(
        id=event.cohort,
        hospital=event.hospital,
        clinician=event.clinician,
        authorised_by=event.authorised_by,
        opened_at_ms=now_ms,
        patients_max=most if event.patients_max is None else event.patients_max,
    )


def in_cohort(state: State, hospital: HospitalId, cohort: str) -> int:
    """Return how many patients a cohort has now."""
    return sum(
        row.visit.cohort == cohort and row.visit.handed_over_at_ms is None
        for row in state.flow.desk(hospital).rows
    )


def _join_cohort(state: State, event: ev.PatientCohorted, now_ms: int, _at: object) -> None:
    row = visit_of(state, event.unit, event.hospital)
    assert row is not None
    cohort = next(c for c in state.flow.desk(event.hospital).cohorts if c.id == event.cohort)
    patients = in_cohort(state, event.hospital, event.cohort)
    _put(state, row, cohorted(row.visit, cohort, patients, now_ms))
    _may_clear(state, state.units[event.unit], now_ms)


def _leave_cohort(state: State, event: ev.CohortHandedOver, now_ms: int, _at: object) -> None:
    row = visit_named(state, event.hospital, event.visit)
    assert row is not None
    visit = handover_completed(
        row.visit, min(event.reported_at_ms, now_ms), recipient=event.recipient
    )
    _end_handover(state, row, visit)
    unit = state.units.get(visit.unit)
    if unit is not None and visit.cleared_at_ms is None and unit.incident == visit.incident:
        state.incidents[visit.incident].handed_over_at_ms = visit.handed_over_at_ms  # type: ignore[index]
    _file_done(state, visit, now_ms)


def _request(state: State, event: ev.ImmediateReleaseRequested, now_ms: int, _at: object) -> None:
    incident = state.incidents[event.incident]
    request = requested(
        event.request,
        event.hospital,
        event.incident,
        incident.category,
        is_assigned=bool(incident.responses),
        by=event.by,
        now_ms=now_ms,
        rules=state.settings.hospital.release_rules(now_ms),
    )
    desk = state.flow.desk(event.hospital)
    is_open = [r.status is ImmediateReleaseStatus.REQUESTED for r in desk.requests]
    recent = len(desk.requests) - CLOSED_KEPT
    kept = [r for i, r in enumerate(desk.requests) if is_open[i] or i >= recent]
    state.flow.change(event.hospital, requests=(*kept, request))
    state.touched.add(event.hospital)


def _answer(state: State, event: ev.ImmediateReleaseAnswered, now_ms: int, _at: object) -> None:
    desk = state.flow.desk(event.hospital)
    requests = tuple(
        answered(r, accepts=event.accepts, by=event.by, reason=event.reason, now_ms=now_ms)
        if r.id == event.request
        else r
        for r in desk.requests
    )
    state.flow.change(event.hospital, requests=requests)
    state.touched.add(event.hospital)
    if event.accepts and event.unit is not None:
        row = visit_of(state, event.unit, event.hospital)
        assert row is not None
        visit = handover_completed(
            row.visit, now_ms, recipient=event.by, kind=HandoverKind.IMMEDIATE_RELEASE
        )
        _free(state, row, visit, now_ms)


def _deflect(state: State, event: ev.DeflectionAgreed, _now_ms: int, _at: object) -> None:
    state.flow.deflections = (*state.flow.deflections, event.deflection)
    state.touched.add(event.deflection.from_hospital)


def _end_deflection(state: State, event: ev.DeflectionEnded, now_ms: int, _at: object) -> None:
    state.flow.deflections = tuple(
        deflection_ended(d, by=event.by, now_ms=now_ms) if d.id == event.deflection else d
        for d in state.flow.deflections
    )
    state.touched |= {d.from_hospital for d in state.flow.deflections if d.id == event.deflection}


def _press(state: State, event: ev.PressureReported, _now_ms: int, _at: object) -> None:
    news = {pressure.name: pressure for pressure in event.pressures}
    if event.hospital is not None:
        known = {p.name: p for p in state.flow.desk(event.hospital).pressures}
        merged = tuple(value for _, value in sorted((known | news).items()))
        state.flow.change(event.hospital, pressures=merged)
        state.touched.add(event.hospital)
    if event.trust is not None:
        known = {p.name: p for p in state.flow.trust(event.trust).pressures}
        merged = tuple(value for _, value in sorted((known | news).items()))
        state.flow.change_trust(event.trust, pressures=merged)


def _set_rules(state: State, event: ev.HandoverRulesSet, _now_ms: int, _at: object) -> None:
    state.flow.change(event.hospital, rules=event.rules)
    state.touched.add(event.hospital)


def _set_halo(state: State, event: ev.HaloRuleSet, _now_ms: int, _at: object) -> None:
    desk = state.flow.desk(event.hospital)
    others = tuple(rule for rule in desk.halo_rules if rule.id != event.rule.id)
    old = next((r for r in halo_rules(state, event.hospital) if r.id == event.rule.id), None)
    memories = desk.memories
    if old is None or old.text != event.rule.text or not event.rule.is_on:
        memories = tuple(item for item in memories if item[0] != event.rule.id)
    rules = tuple(sorted((*others, event.rule), key=lambda rule: rule.id))
    state.flow.change(event.hospital, halo_rules=rules, memories=memories)
    state.touched.add(event.hospital)


def _order_halo(state: State, event: ev.HaloOrdered, now_ms: int, _at: object) -> None:
    desk = state.flow.desk(event.hospital)
    memory = ordered(
        desk.memory(event.rule), event.order, by=event.by, reason=event.reason, now_ms=now_ms
    )
    note = HaloOrder(
        rule=event.rule, status=memory.status, by=memory.by, reason=event.reason, at_ms=now_ms
    )
    state.flow.change(
        event.hospital,
        memories=with_memory(desk.memories, event.rule, memory),
        halo_log=(*desk.halo_log, note)[-HALO_LOG_KEPT:],
    )
    state.touched.add(event.hospital)


# -- levels --------------------


def configure(state: State, settings: Settings) -> None:
    """Put a configuration into force, under the levels that are."""
    state.flow.base = settings
    state.settings = effective(settings, state.flow.levels)
    state.touched |= state.hospitals.keys()


def _confirm(state: State, event: ev.LevelConfirmed, now_ms: int, _at: object) -> None:
    flow = state.flow
    flow.levels = confirmed(
        flow.levels,
        LevelChange(
            scheme=event.scheme,
            subject=event.subject,
            level=event.level,
            by=event.by,
            reason=event.reason,
            at_ms=now_ms,
        ),
    )
    _levels_changed(state, event.scheme, event.subject, event.by, now_ms)


def _undo(state: State, event: ev.LevelUndone, now_ms: int, _at: object) -> None:
    state.flow.levels = undone(
        state.flow.levels,
        event.scheme,
        event.subject,
        by=event.by,
        reason=event.reason,
        at_ms=now_ms,
    )
    _levels_changed(state, event.scheme, event.subject, event.by, now_ms)


def _levels_changed(state: State, scheme: Scheme, subject: str, by: str, now_ms: int) -> None:
    flow = state.flow
    base = state.settings if flow.base is None else flow.base
    flow.base = base
    state.settings = effective(base, flow.levels)
    if scheme is Scheme.OPEL:
        state.touched.add(HospitalId(subject))
        return
    state.touched |= flow.desks.keys()
    level = flow.levels.level_of(scheme, subject)
    trust = TrustCode(subject)
    memories = flow.trust(trust).memories
    for item in state.settings.escalation.rules:
        memory = dict(memories).get(item.rule.id)
        if item.scheme is not scheme or memory is None:
            continue
        order = _order_of(memory, is_reached=item.level <= level)
        if order is not None:
            changed = ordered(memory, order, by=by, reason="", now_ms=now_ms)
            memories = with_memory(memories, item.rule.id, changed)
    flow.change_trust(trust, memories=memories)


def _order_of(memory: TriggerMemory, *, is_reached: bool) -> TriggerOrder | None:
    """Return what a confirmed level means for a rule that had proposed a level."""
    if is_reached:
        return TriggerOrder.CONFIRM if memory.status is TriggerStatus.PROPOSED else None
    if memory.status in (TriggerStatus.CONFIRMED, TriggerStatus.DEPLOYED):
        return TriggerOrder.STAND_DOWN
    return None


# -- readings that admission and decisions share --------------------


def rules_at(state: State, hospital: HospitalId, now_ms: int) -> Any:
    """Return the minutes in force at a hospital: a person's, else the configuration's."""
    own = state.flow.desk(hospital).rules
    return state.settings.hospital.handover_rules(hospital, now_ms) if own is None else own


def halo_rules(state: State, hospital: HospitalId) -> tuple[TriggerRule, ...]:
    """Return the rules of a hospital, switched on or not: its own go before those of all."""
    rules = state.settings.hospital.halo_rules
    own = state.flow.desk(hospital).halo_rules
    if not rules:
        return own
    board = state.hospitals[hospital]
    found: dict[str, TriggerRule] = {}
    if board.spec.has_emergency_department:
        found = {rule.id: rule for rule in rules if rule.subject == EVERYWHERE}
    found |= {rule.id: rule for rule in rules if rule.subject == hospital}
    found |= {rule.id: rule for rule in own}
    return tuple(found[key] for key in sorted(found))


OBSERVE_HOSPITAL: Final[dict[type, Callable[[State, Any, int, Any], None]]] = {
    ev.HandoverStarted: _start,
    ev.ReleasedToRespond: _release,
    ev.FitToSit: _sit,
    ev.CohortOpened: _open_cohort,
    ev.PatientCohorted: _join_cohort,
    ev.CohortHandedOver: _leave_cohort,
    ev.ImmediateReleaseRequested: _request,
    ev.ImmediateReleaseAnswered: _answer,
    ev.DeflectionAgreed: _deflect,
    ev.DeflectionEnded: _end_deflection,
    ev.PressureReported: _press,
    ev.HandoverRulesSet: _set_rules,
    ev.HaloRuleSet: _set_halo,
    ev.HaloOrdered: _order_halo,
    ev.LevelConfirmed: _confirm,
    ev.LevelUndone: _undo,
}
