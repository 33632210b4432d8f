"""The questions about hospitals: whom to tell, what to propose, when to look again. Only reads.

Nothing here frees a crew, confirms a proposal or changes a level: those are persons' acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np

from dispatch.domain import event as ev
from dispatch.domain import event_hospital as eh
from dispatch.domain.decision import (
    Candidate,
    Convey,
    Decision,
    Explanation,
    SetTimer,
    Verdict,
)
from dispatch.domain.decision_hospital import (
    EndImmediateRelease,
    ExpireDeflection,
    HandoverAlert,
    LapseHalo,
    LapseImmediateRelease,
    NoteHalo,
    NoteLevelRule,
    PredictHandover,
    ProposeHalo,
    ProposeHaloEnd,
    ProposeLevel,
)
from dispatch.domain.deflection import deflected_to
from dispatch.domain.deflection import next_change_ms as next_deflection_ms
from dispatch.domain.escalation import LEVELS, LevelRule, Scheme, propose_opel
from dispatch.domain.handover import HandoverRules, next_timer_ms, timers_due
from dispatch.domain.handover_board import Inbound, next_change_ms
from dispatch.domain.hospital_settings import EVERYWHERE
from dispatch.domain.ids import HospitalId, TrustCode
from dispatch.domain.immediate_release import ImmediateReleaseStatus, due_to_lapse, lapsed
from dispatch.domain.travel import UNREACHABLE_MS, Mode
from dispatch.domain.trigger_check import thresholds_of
from dispatch.domain.trigger_language import RuleTree
from dispatch.domain.trigger_quantity import Quantity
from dispatch.domain.trigger_rule import Evidence, TriggerRule, read_rule
from dispatch.domain.trigger_state import (
    TriggerMemory,
    TriggerStatus,
    TriggerStep,
    look,
    look_again_at_ms,
)
from dispatch.domain.unit import UnitStatus
from dispatch.policies.hospital_values import (
    inbound_at,
    opel_values,
    prediction_at,
    standing_at,
    values_at,
)
from dispatch.policies.trust_values import TrustLook, trust_values
from dispatch.ports import Picture
from dispatch.state import Incident, Unit
from dispatch.state.observe_hospital import halo_rules, rules_at, visit_of

HOSPITAL: Final = "hospital:"
"""Prefix of the timer of one hospital: the next instant at which something is due there."""

ESCALATION: Final = "escalation"
"""The timer that looks at the rules of trusts."""

_SETTLED: Final = frozenset(
    {
        eh.HandoverStarted,
        eh.ReleasedToRespond,
        eh.FitToSit,
        eh.CohortOpened,
        eh.PatientCohorted,
        eh.CohortHandedOver,
        eh.ImmediateReleaseRequested,
        eh.ImmediateReleaseAnswered,
        eh.DeflectionAgreed,
        eh.DeflectionEnded,
        eh.PressureReported,
        eh.HandoverRulesSet,
        eh.HaloRuleSet,
        eh.HaloOrdered,
    }
)
"""Events after which nobody new can be sent: only hospitals are asked about."""


def is_only_hospital(event: ev.Event) -> bool:
    """Test whether an event asks nothing but the questions of this room."""
    if type(event) is ev.TimerFired:
        return event.timer.startswith(HOSPITAL) or event.timer == ESCALATION
    return type(event) in _SETTLED


def hospital_questions(
    picture: Picture, event: ev.Event, decided: Sequence[Decision]
) -> list[Decision]:
    """Return what is to be told, proposed and looked at again, at hospitals and in trusts.

    ``decided`` are the answers to the earlier questions, which the picture does not show yet.
    """
    state, asked = picture.state, picture.state.touched
    conveys = [d for d in decided if type(d) is Convey]
    if type(event) is ev.TimerFired and event.timer.startswith(HOSPITAL):
        asked = asked | {HospitalId(event.timer.removeprefix(HOSPITAL))}
    if conveys:
        asked = asked | {order.hospital for order in conveys}
    answers: list[Decision] = []
    for hospital in sorted(asked):
        if hospital in state.hospitals:
            answers += _about_hospital(picture, hospital, event, conveys)
    if state.settings.escalation.rules and state.trusts:
        answers += _about_trusts(picture, event)
    return answers


def _about_hospital(
    picture: Picture, hospital: HospitalId, event: ev.Event, conveys: Sequence[Convey]
) -> list[Decision]:
    state, now_ms = picture.state, picture.now_ms
    rules = rules_at(state, hospital, now_ms)
    inbound = inbound_at(state, hospital, conveys, now_ms)
    answers = _alerts(picture, hospital, rules)
    answers += _prediction(picture, hospital, event, inbound)
    answers += _requests(picture, hospital)
    answers += _expired(picture, hospital)
    proposals, look_at_ms = _halo(picture, hospital, inbound)
    answers += proposals
    answers += _opel(picture, hospital, event)
    due_ms = _next_due_ms(picture, hospital, rules, look_at_ms)
    timer = f"{HOSPITAL}{hospital}"
    if due_ms is not None and state.timers.get(timer) != due_ms:
        answers.append(SetTimer(timer=timer, due_at_ms=due_ms))
    return answers


def _next_due_ms(
    picture: Picture, hospital: HospitalId, rules: HandoverRules, look_at_ms: int | None
) -> int | None:
    state, now_ms = picture.state, picture.now_ms
    desk = state.flow.desk(hospital)
    times = [look_at_ms]
    times += [next_timer_ms(row.visit, now_ms, rules) for row in desk.rows]
    times += [
        request.answer_by_ms
        for request in desk.requests
        if request.status is ImmediateReleaseStatus.REQUESTED and request.answer_by_ms > now_ms
    ]
    times += [
        pressure.valid_until_ms
        for pressure in desk.pressures
        if pressure.valid_until_ms is not None and pressure.valid_until_ms > now_ms
    ]
    if state.flow.deflections:
        mine = (d for d in state.flow.deflections if d.from_hospital == hospital)
        times.append(next_deflection_ms(mine, now_ms))
    return min([at_ms for at_ms in times if at_ms is not None], default=None)


# -- handovers --------------------


def _alerts(picture: Picture, hospital: HospitalId, rules: HandoverRules) -> list[Decision]:
    return [
        HandoverAlert(
            hospital=hospital,
            visit=row.visit.id,
            unit=row.visit.unit,
            incident=row.visit.incident,
            timer=due.timer,
            due_at_ms=due.at_ms,
            tells=due.tells,
            why=Explanation(note=due.why),
        )
        for row in picture.state.flow.desk(hospital).rows
        for due in timers_due(row.visit, row.told_to_ms, picture.now_ms, rules)
    ]


def _prediction(
    picture: Picture, hospital: HospitalId, event: ev.Event, inbound: Sequence[Inbound]
) -> list[Decision]:
    if type(event) is not ev.UnitStatusReported or event.status is not UnitStatus.AT_HOSPITAL:
        return []
    state = picture.state
    row = visit_of(state, event.unit, hospital)
    if row is None or not state.settings.hospital.predicts:
        return []
    found = prediction_at(state, hospital, inbound, picture.now_ms, without=event.unit)
    return [
        PredictHandover(hospital=hospital, visit=row.visit.id, unit=event.unit, prediction=found)
    ]


def _requests(picture: Picture, hospital: HospitalId) -> list[Decision]:
    state = picture.state
    requests = state.flow.desk(hospital).requests
    if not requests:
        return []
    found: list[Decision] = []
    lapse = {request.id for request in due_to_lapse(requests, picture.now_ms)}
    for request in requests:
        if request.status is not ImmediateReleaseStatus.REQUESTED:
            continue
        incident = state.incidents.get(request.incident)
        if incident is None or incident.responses:
            found.append(
                EndImmediateRelease(
                    hospital=hospital, request=request.id, incident=request.incident
                )
            )
        elif request.id in lapse:
            found.append(
                LapseImmediateRelease(
                    hospital=hospital,
                    request=request.id,
                    incident=request.incident,
                    tells=lapsed(request, picture.now_ms).escalates_to,
                )
            )
    return found


def _expired(picture: Picture, hospital: HospitalId) -> list[Decision]:
    if not picture.state.flow.deflections:
        return []
    return [
        ExpireDeflection(hospital=hospital, deflection=deflection.id)
        for deflection in picture.state.flow.deflections
        if deflection.from_hospital == hospital
        and (deflection.ended_at_ms is not None or deflection.ends_at_ms <= picture.now_ms)
    ]


# -- where to, while a deflection is in force --------------------


def deflected(picture: Picture, unit: Unit, incident: Incident, order: Convey) -> Convey:
    """Return the order under the deflections in force: to the hospital that was agreed on.

    Never for a specialist pathway, nor for a C1 unless the configuration says so; not to a
    hospital that does not accept; agreements that lead in a circle change nothing.
    """
    deflections, state = picture.state.flow.deflections, picture.state
    if not deflections or (incident.rank == 1 and not state.settings.hospital.deflects_c1):
        return order
    passed = [order.hospital]
    while (
        to := deflected_to(passed[-1], incident.pathway, deflections, picture.now_ms)
    ) is not None:
        if to in passed or to not in state.hospitals or not state.hospitals[to].is_accepting:
            return order
        passed.append(to)
    if len(passed) == 1:
        return order
    chosen = passed[-1]
    eta_ms = _eta_ms(picture, unit, incident, chosen)
    if eta_ms >= UNREACHABLE_MS:
        return order
    before = [
        msgspec.structs.replace(c, verdict=Verdict.DEFLECTED if c.id in passed else c.verdict)
        for c in order.why.candidates
        if c.id != chosen
    ]
    why = msgspec.structs.replace(
        order.why,
        candidates=(Candidate(chosen, Verdict.CHOSEN, eta_ms), *before),
        note=f"{passed[0]} deflects to {chosen} for now",
    )
    return msgspec.structs.replace(order, hospital=chosen, eta_ms=eta_ms, why=why)


def _eta_ms(picture: Picture, unit: Unit, incident: Incident, hospital: HospitalId) -> int:
    to = np.array([picture.state.hospitals[hospital].position], np.int64)
    mode = Mode.BLUE_LIGHT if incident.rank == 1 else Mode.ORDINARY
    return int(picture.travel.from_one_ms(unit.origin, to, mode, picture.now_ms)[0])


# -- rules --------------------


class _RuleRead(msgspec.Struct, frozen=True, gc=False):
    """A rule with what it compares, read once."""

    rule: TriggerRule
    tree: RuleTree
    thresholds: dict[Quantity, tuple[float, ...]]


class _RulesRead(msgspec.Struct, frozen=True, gc=False):
    """The rules of one hospital that are on, and the quantities that they need together."""

    configured: tuple[TriggerRule, ...]
    own: tuple[TriggerRule, ...]
    rules: tuple[_RuleRead, ...]
    needs: tuple[Quantity, ...]


@lru_cache(maxsize=1024)
def _thresholds(text: str, about: str) -> dict[Quantity, tuple[float, ...]]:
    return thresholds_of(read_rule(text, about))


def _rules_read(picture: Picture, hospital: HospitalId) -> _RulesRead:
    """Return the rules that are on at a hospital; read anew when somebody has set another."""
    state = picture.state
    configured, own = state.settings.hospital.halo_rules, state.flow.desk(hospital).halo_rules
    kept: dict[HospitalId, _RulesRead] = picture.memo.setdefault("rules of hospitals", {})
    known = kept.get(hospital)
    if known is not None and known.configured is configured and known.own is own:
        return known
    rules = tuple(
        _RuleRead(rule, rule.tree, _thresholds(rule.text, rule.about))
        for rule in halo_rules(state, hospital)
        if rule.is_on
    )
    needs = tuple({need: None for item in rules for need in item.thresholds})
    kept[hospital] = _RulesRead(configured, own, rules, needs)
    return kept[hospital]


def _halo(
    picture: Picture, hospital: HospitalId, inbound: Sequence[Inbound]
) -> tuple[list[Decision], int | None]:
    """Return what the rules of a hospital propose, and when to look at them again."""
    state, now_ms = picture.state, picture.now_ms
    read = _rules_read(picture, hospital)
    if not read.rules:
        return [], None
    standing = standing_at(state, hospital, read.needs, now_ms)
    values = values_at(state, hospital, read.needs, inbound, now_ms, standing)
    memories = dict(state.flow.desk(hospital).memories)
    found: list[Decision] = []
    times: list[int | None] = []
    for item in read.rules:
        memory = memories.get(item.rule.id, _IDLE)
        step = look(item.tree, memory, values, now_ms)
        if step.memory != memory:
            found.append(_turn(hospital, item.rule, step))
        times.append(look_again_at_ms(item.tree, step.memory, now_ms))
        times.append(next_change_ms(item.thresholds, standing, inbound, now_ms))
    return found, min([at_ms for at_ms in times if at_ms is not None], default=None)


_IDLE: Final = TriggerMemory()
"""What is remembered of a rule that has never fired."""


def _turn(hospital: HospitalId, rule: TriggerRule, step: TriggerStep) -> Decision:
    name, memory = rule.id, step.memory
    if step.proposed:
        note = _because(rule.text, step.evidence)
        why = Explanation(note=note)
        return ProposeHalo(hospital=hospital, rule=name, memory=memory, why=why)
    if step.lapsed:
        why = Explanation(note="nobody answered, and the reason has passed")
        return LapseHalo(hospital=hospital, rule=name, memory=memory, why=why)
    if step.end_proposed:
        why = Explanation(note="released, and held for its minimum")
        return ProposeHaloEnd(hospital=hospital, rule=name, memory=memory, why=why)
    return NoteHalo(hospital=hospital, rule=name, memory=memory)


def _because(text: str, evidence: Sequence[Evidence]) -> str:
    """Return the comparisons that hold, with the values that they saw."""
    held = [item for item in evidence if item.holds]
    if not held:
        return text
    seen = (
        f"{item.text} (was "
        + ", ".join(f"{value:g}" for _, value in item.values if value is not None)
        + ")"
        for item in held
    )
    return "; ".join(seen)


def _opel(picture: Picture, hospital: HospitalId, event: ev.Event) -> list[Decision]:
    """Propose an OPEL when a hospital has reported its pressures and they say another level."""
    if not isinstance(event, eh.PressureReported) or event.hospital != hospital:
        return []
    state, now_ms = picture.state, picture.now_ms
    proposal = propose_opel(
        hospital, state.settings.hospital.opel_table, opel_values(state, hospital, now_ms), now_ms
    )
    if proposal.level == state.flow.levels.level_of(Scheme.OPEL, hospital):
        return []
    return [
        ProposeLevel(
            scheme=Scheme.OPEL,
            subject=hospital,
            level=proposal.level,
            level_max=proposal.level_max,
            why=Explanation(note=proposal.why),
            missing=proposal.missing,
        )
    ]


_LEVEL_NEWS: Final = frozenset({eh.LevelConfirmed, eh.LevelUndone})


def _about_trusts(picture: Picture, event: ev.Event) -> list[Decision]:
    """Look at the rules of every trust, every so often and when a level or pressure comes.

    While few wait for a unit it is enough to look now and then.
    """
    state, settings = picture.state, picture.settings.escalation
    is_tight = len(state.waiting) >= settings.tight_from
    every_ms = 1000 * (settings.look_every_s if is_tight else settings.quiet_look_every_s)
    is_due = type(event) is ev.TimerFired and event.timer == ESCALATION
    answers: list[Decision] = []
    news = type(event) in _LEVEL_NEWS or (
        type(event) is eh.PressureReported and event.trust is not None
    )
    if is_due or news:
        shared = TrustLook(state, picture.now_ms, picture.memo)
        for trust in sorted(state.trusts):
            answers += _about_trust(picture, trust, shared)
    due_ms = picture.now_ms + every_ms
    known_ms = None if is_due else state.timers.get(ESCALATION)
    if known_ms is None or (is_tight and known_ms > due_ms):
        answers.append(SetTimer(timer=ESCALATION, due_at_ms=due_ms))
    return answers


class _LevelRules(msgspec.Struct, frozen=True, gc=False):
    """The rules of levels that are on in one trust, by scheme and by level."""

    configured: tuple[LevelRule, ...]
    by_scheme: tuple[tuple[Scheme, tuple[LevelRule, ...]], ...]
    needs: tuple[Quantity, ...]


def _level_rules(picture: Picture, trust: TrustCode) -> _LevelRules:
    """Return the rules of a trust; read anew when others are configured."""
    configured = picture.settings.escalation.rules
    kept: dict[TrustCode, _LevelRules] = picture.memo.setdefault("rules of trusts", {})
    known = kept.get(trust)
    if known is not None and known.configured is configured:
        return known
    rules = [
        item for item in configured if item.rule.is_on and item.rule.subject in (EVERYWHERE, trust)
    ]
    rules.sort(key=lambda item: (item.level, item.rule.id))
    needs = {need: None for item in rules for need in _thresholds(item.rule.text, "trust")}
    by_scheme = (
        (scheme, tuple(item for item in rules if item.scheme is scheme))
        for scheme in (Scheme.REAP, Scheme.SAFETY_PLAN)
    )
    found = tuple((scheme, mine) for scheme, mine in by_scheme if mine)
    kept[trust] = _LevelRules(configured, found, tuple(needs))
    return kept[trust]


def _about_trust(picture: Picture, trust: TrustCode, shared: TrustLook) -> list[Decision]:
    state, now_ms = picture.state, picture.now_ms
    read = _level_rules(picture, trust)
    values = trust_values(state, trust, read.needs, now_ms, shared)
    memories = dict(state.flow.trust(trust).memories)
    answers: list[Decision] = []
    for scheme, rules in read.by_scheme:
        steps = {
            item.rule.id: look(item.rule.tree, memories.get(item.rule.id, _IDLE), values, now_ms)
            for item in rules
        }
        answers += _about_scheme(picture, trust, scheme, rules, steps)
    return answers


def _about_scheme(
    picture: Picture,
    trust: TrustCode,
    scheme: Scheme,
    rules: Sequence[LevelRule],
    steps: dict[str, TriggerStep],
) -> list[Decision]:
    """Propose the highest level that a rule newly asks for, or the one to go down to."""
    state = picture.state
    level = state.flow.levels.level_of(scheme, trust)
    memories = dict(state.flow.trust(trust).memories)
    up = [i for i in rules if steps[i.rule.id].proposed and i.level > level]
    down = [i for i in rules if steps[i.rule.id].end_proposed and i.level <= level]
    chosen = up[-1] if up else (down[-1] if down else None)
    answers: list[Decision] = []
    for item in rules:
        step = steps[item.rule.id]
        if item is chosen:
            to = item.level if up else _level_below(scheme, rules, steps)
            note = _because(item.rule.text, step.evidence) if up else "released and held"
            answers.append(
                ProposeLevel(
                    scheme=scheme,
                    subject=trust,
                    level=to,
                    level_max=to,
                    rule=item.rule.id,
                    memory=step.memory,
                    why=Explanation(note=note),
                )
            )
        elif step.memory != memories.get(item.rule.id, _IDLE):
            answers.append(NoteLevelRule(trust=trust, rule=item.rule.id, memory=step.memory))
    return answers


def _level_below(scheme: Scheme, rules: Sequence[LevelRule], steps: dict[str, TriggerStep]) -> int:
    """Return the highest level whose rule still holds what it started."""
    held = [
        item.level
        for item in rules
        if _holds(steps[item.rule.id].memory) and not steps[item.rule.id].memory.can_end
    ]
    return max(held, default=LEVELS[scheme][0])


def _holds(memory: TriggerMemory) -> bool:
    return memory.status in (TriggerStatus.CONFIRMED, TriggerStatus.DEPLOYED)
