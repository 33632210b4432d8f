"""From the picture to what screens show of hospitals and escalation: pure readings of a desk."""

from __future__ import annotations

from collections.abc import Iterable

from api.desk import Desk
from api.views import InboundView, TermView
from api.views_hospital import (
    BoardView,
    CohortView,
    DeflectionView,
    EscalationView,
    EvidenceView,
    HaloOrderView,
    HaloRuleView,
    LevelRuleView,
    LevelView,
    MinutesView,
    PlanView,
    PredictionView,
    PressureView,
    ReleaseRequestView,
    VisitView,
)
from api.wire import instant, instant_or_none
from dispatch.domain.deflection import Deflection
from dispatch.domain.escalation import LevelChange, Scheme
from dispatch.domain.handover import HandoverRules, Visit, next_timer_ms
from dispatch.domain.handover_board import BoardRow, Pressure, handover_board
from dispatch.domain.hospital_settings import EVERYWHERE
from dispatch.domain.ids import HospitalId
from dispatch.domain.immediate_release import ImmediateRelease
from dispatch.domain.local_time import LONDON, MINUTE_MS, day_start_ms
from dispatch.domain.trigger_rule import Evidence, TriggerRule, explain
from dispatch.domain.trigger_state import TriggerMemory
from dispatch.policies.hospital_values import inbound_at, prediction_at, visits_at
from dispatch.state.observe_hospital import halo_rules, in_cohort, rules_at

HISTORY_SHOWN = 200


def board_view(desk: Desk, hospital: HospitalId, ahead_min: float = 0.0) -> BoardView:
    """Return the handover board of one hospital, with prediction and proposals."""
    state, now_ms = desk.dispatcher.state, desk.now_ms()
    row, place = state.flow.desk(hospital), state.hospitals[hospital]
    rules = rules_at(state, hospital, now_ms)
    inbound = inbound_at(state, hospital, (), now_ms)
    from_ms = min(day_start_ms(LONDON, now_ms), now_ms - 60 * MINUTE_MS)
    visits = visits_at(state, hospital, from_ms)
    board = handover_board(hospital, visits, inbound, now_ms, rules)
    known = {visit.id: visit for visit in visits}
    predicted = {r.visit.id: r.predicted.expected_min for r in row.rows if r.predicted is not None}

    def shown(rows: Iterable[BoardRow]) -> list[VisitView]:
        return [
            _visit(known[item.visit], item, now_ms, rules, predicted.get(item.visit))
            for item in rows
        ]

    mean_ms = board.mean_handover_last_hour_ms
    return BoardView(
        seq=desk.seq,
        at=instant(now_ms),
        hospital=hospital,
        name=place.spec.name,
        bays=place.bays,
        is_accepting=place.is_accepting,
        opel=state.flow.levels.level_of(Scheme.OPEL, hospital),
        minutes=_minutes(rules, is_own=row.rules is not None),
        inbound=[InboundView(unit=i.unit, due_at=instant(i.eta_at_ms)) for i in board.inbound],
        waiting=shown(board.waiting),
        in_handover=shown(board.in_handover),
        cohorted=shown(board.cohorted),
        clear_pending=shown(board.clear_pending),
        longest_wait_s=board.longest_wait_ms / 1000,
        mean_handover_last_hour_s=None if mean_ms is None else mean_ms / 1000,
        lost_today_s=board.lost_today_ms / 1000,
        handovers_today=board.handovers_today,
        over_15_today=board.over_15_today,
        over_30_today=board.over_30_today,
        over_60_today=board.over_60_today,
        prediction=_prediction(desk, hospital, ahead_min),
        halo=[_rule(rule, row.memory(rule.id)) for rule in halo_rules(state, hospital)],
        halo_log=[
            HaloOrderView(
                rule=o.rule, status=o.status, by=o.by, reason=o.reason, at=instant(o.at_ms)
            )
            for o in reversed(row.halo_log)
        ],
        cohorts=[
            CohortView(
                cohort=c.id,
                clinician=c.clinician,
                authorised_by=c.authorised_by,
                opened_at=instant(c.opened_at_ms),
                patients=in_cohort(state, hospital, c.id),
                patients_max=c.patients_max,
            )
            for c in row.cohorts
        ],
        immediate_releases=[_request(request) for request in reversed(row.requests)],
        deflections=[
            _deflection(d, now_ms)
            for d in state.flow.deflections
            if hospital in (d.from_hospital, d.to_hospital)
        ],
        pressures=[pressure_view(pressure, now_ms) for pressure in row.pressures],
    )


def _visit(
    visit: Visit, row: BoardRow, now_ms: int, rules: HandoverRules, predicted_min: float | None
) -> VisitView:
    return VisitView(
        visit=visit.id,
        unit=visit.unit,
        incident=visit.incident,
        trust=visit.trust,
        arrived_at=instant(visit.arrived_at_ms),
        since_arrival_s=row.since_arrival_ms / 1000,
        timer=None if row.timer is None else row.timer.value,
        next_timer_at=instant_or_none(next_timer_ms(visit, now_ms, rules)),
        started_at=instant_or_none(visit.started_at_ms),
        cohort=visit.cohort,
        handed_over_at=instant_or_none(visit.handed_over_at_ms),
        kind=visit.kind,
        recipient=visit.recipient,
        predicted_handover_s=None if predicted_min is None else round(predicted_min * 60, 1),
    )


def _minutes(rules: HandoverRules, *, is_own: bool) -> MinutesView:
    return MinutesView(
        amber_min=rules.amber_min,
        arm_min=rules.arm_min,
        release_min=rules.release_min,
        breach_min=rules.breach_min,
        standard_min=rules.standard_min,
        effective_from=rules.effective_from,
        is_own=is_own,
    )


def _prediction(desk: Desk, hospital: HospitalId, ahead_min: float) -> PredictionView:
    state, now_ms = desk.dispatcher.state, desk.now_ms()
    inbound = inbound_at(state, hospital, (), now_ms)
    found = prediction_at(state, hospital, inbound, now_ms, ahead_min)
    errors = state.flow.desk(hospital).errors
    error_min, bias_min = errors.mean_absolute_min, errors.bias_min
    return PredictionView(
        ahead_s=ahead_min * 60,
        expected_s=round(found.expected_min * 60, 1),
        lower_s=round(found.lower_min * 60, 1),
        upper_s=round(found.upper_min * 60, 1),
        interval=found.interval,
        terms=[TermView(name=term.name, value=round(term.value, 2)) for term in found.terms],
        outcomes=len(errors.errors_min),
        mean_absolute_error_s=None if error_min is None else round(error_min * 60, 1),
        bias_s=None if bias_min is None else round(bias_min * 60, 1),
        covered=errors.covered,
    )


def _rule(rule: TriggerRule, memory: TriggerMemory) -> HaloRuleView:
    return HaloRuleView(
        rule=rule.id,
        text=rule.text,
        words=explain(rule.tree, rule.about),
        source=rule.source,
        is_on=rule.is_on,
        status=memory.status,
        since=instant_or_none(memory.since_ms or None),
        can_end=memory.can_end,
        by=memory.by,
        reason=memory.reason,
        evidence=_evidence(memory.evidence),
    )


def _evidence(items: Iterable[Evidence]) -> list[EvidenceView]:
    return [
        EvidenceView(
            text=item.text,
            values={name: value for name, value in item.values if value is not None},
            missing=[name for name, value in item.values if value is None],
            holds=item.holds,
        )
        for item in items
    ]


def _request(request: ImmediateRelease) -> ReleaseRequestView:
    return ReleaseRequestView(
        request=request.id,
        incident=request.incident,
        category=request.category,
        status=request.status,
        by=request.by,
        requested_at=instant(request.requested_at_ms),
        answer_by=instant(request.answer_by_ms),
        answered_at=instant_or_none(request.answered_at_ms),
        answered_by=request.answered_by,
        reason=request.reason,
        escalates_to=list(request.escalates_to),
    )


def _deflection(deflection: Deflection, now_ms: int) -> DeflectionView:
    return DeflectionView(
        deflection=deflection.id,
        from_hospital=deflection.from_hospital,
        to_hospital=deflection.to_hospital,
        starts_at=instant(deflection.starts_at_ms),
        ends_at=instant(deflection.ends_at_ms),
        is_active=deflection.is_active(now_ms),
        agreed_from=deflection.agreed_from,
        agreed_to=deflection.agreed_to,
        authorised_by=deflection.authorised_by,
        reason=deflection.reason,
    )


def pressure_view(pressure: Pressure, now_ms: int) -> PressureView:
    """Return one reported value, and whether it may still be believed."""
    until_ms = pressure.valid_until_ms
    return PressureView(
        name=pressure.name,
        value=pressure.value,
        reported_at=instant(pressure.reported_at_ms),
        valid_until=instant_or_none(until_ms),
        source=pressure.source,
        is_current=until_ms is None or now_ms < until_ms,
    )


# -- escalation --------------------


def escalation_view(desk: Desk) -> EscalationView:
    """Return levels in force, their history, the rules that propose them, and their plans."""
    state, now_ms = desk.dispatcher.state, desk.now_ms()
    changes = state.flow.levels.changes
    in_force = {(change.scheme, change.subject): change for change in changes}
    plans = state.settings.escalation.plans
    return EscalationView(
        seq=desk.seq,
        at=instant(now_ms),
        configuration=state.settings.name,
        levels=[_level(in_force[key]) for key in sorted(in_force)],
        history=[_level(change) for change in reversed(changes[-HISTORY_SHOWN:])],
        rules=_level_rules(desk),
        plans=[
            PlanView(
                scheme=plan.scheme,
                level=plan.level,
                name=plan.name,
                settings={
                    path: list(value) if isinstance(value, tuple) else value
                    for path, value in plan.settings.items()
                },
                actions=list(plan.actions),
            )
            for plan in plans
        ],
        pressures={
            trust: [pressure_view(pressure, now_ms) for pressure in row.pressures]
            for trust, row in sorted(state.flow.trusts.items())
            if row.pressures
        },
    )


def _level(change: LevelChange) -> LevelView:
    return LevelView(
        scheme=change.scheme,
        subject=change.subject,
        level=change.level,
        by=change.by,
        reason=change.reason,
        at=instant(change.at_ms),
    )


def _level_rules(desk: Desk) -> list[LevelRuleView]:
    state = desk.dispatcher.state
    found: list[LevelRuleView] = []
    for trust in sorted(state.trusts):
        for item in state.settings.escalation.rules:
            if item.rule.subject not in (EVERYWHERE, trust):
                continue
            memory = state.flow.trust(trust).memory(item.rule.id)
            found.append(
                LevelRuleView(
                    trust=trust,
                    scheme=item.scheme,
                    level=item.level,
                    rule=item.rule.id,
                    text=item.rule.text,
                    words=explain(item.rule.tree, item.rule.about),
                    status=memory.status,
                    can_end=memory.can_end,
                    evidence=_evidence(memory.evidence),
                )
            )
    return found
