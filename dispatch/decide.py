"""Ask the questions in a fixed order and collect the answers. Only reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from dispatch.concern import ROUND, concerned, news, rounds_after
from dispatch.decide_call import CALL_ROUNDS, decide_call
from dispatch.decide_care import CARE_ROUNDS, decide_care, is_idle_timer
from dispatch.decide_hospital import deflected, hospital_questions, is_only_hospital
from dispatch.domain import event as ev
from dispatch.domain.decision import (
    Assign,
    Candidate,
    Convey,
    Decision,
    Explanation,
    Relocate,
    SetTimer,
    StandDown,
    Verdict,
    Wait,
)
from dispatch.domain.event_hospital import LevelConfirmed, LevelUndone
from dispatch.domain.ids import TrustCode, UnitId
from dispatch.domain.incident import Role
from dispatch.domain.settings import Settings
from dispatch.domain.travel import Mode
from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.policies.breaks import breaks
from dispatch.policies.convey_change import changes_of_course, look_again
from dispatch.policies.eligibility import ELIGIBLE, VERDICTS, codes, fitness
from dispatch.policies.refused_units import nearest_refused
from dispatch.policies.round import mode_to
from dispatch.ports import Picture, PolicySet, position_now
from dispatch.state import NOWHERE, Incident, Unit

_WORTH_A_ROUND: Final = frozenset(
    {
        ev.IncidentReported,
        ev.IncidentRecoded,
        ev.UnitSignedOn,
        ev.AssignmentOrdered,
        ev.StandDownOrdered,
        ev.HospitalUpdated,
        ev.TravelTimesChanged,
        ev.SettingsChanged,
        LevelConfirmed,
        LevelUndone,
        ev.TimerFired,
    }
    | CARE_ROUNDS
    | CALL_ROUNDS
)
"""Events after which somebody may be sent; a status report is one when it makes its unit free.

An incident that ends frees nobody by itself: its units say so, or are stood down, and then it is
asked again. Nor does a free unit that has arrived at its post tell anything new."""


def decide(picture: Picture, event: ev.Event, policies: PolicySet) -> tuple[Decision, ...]:
    """Return what follows from an event that the picture already shows.

    The order of the questions is fixed: orders of persons, who is no longer needed, who goes,
    where to, who covers. A later question sees the answers to the earlier ones as ``decisions``.
    """
    if _is_quiet(event) or is_only_hospital(event):
        return tuple(hospital_questions(picture, event, ()))
    decisions: list[Decision] = []
    direct = _DIRECT.get(type(event))
    if direct is not None:
        decisions += direct(picture, event, policies)
    decisions += decide_care(picture, event, policies)
    decisions += decide_call(picture, event)
    if type(event) in CARE_ROUNDS or type(event) in CALL_ROUNDS:
        decisions += _stand_down_orphans(picture)
    if is_idle_timer(event):
        return tuple(decisions)
    picture = replace(picture, focus=concerned(picture, event), news=news(event))
    freed = _freed(picture, event)
    if type(event) in _WORTH_A_ROUND or picture.state.freed is not None:
        decisions += _assign(picture, event, policies, decisions)
    taken = {d.unit for d in decisions if isinstance(d, Assign | Relocate)}
    for unit in freed:
        if unit.spec.id not in taken:
            decisions += _relocate(picture, unit, policies)
    decisions += _rebalance(picture, event, policies, decisions)
    decisions += breaks(picture, event, {d.unit for d in decisions if isinstance(d, _ORDERS)})
    decisions += changes_of_course(picture, event)
    decisions += look_again(picture, event, decisions)
    decisions += hospital_questions(picture, event, decisions)
    decisions += _next_rounds(picture, decisions, event)
    return tuple(decisions)


_ORDERS: Final = (Assign, Relocate)

_QUIET: Final = frozenset(
    {UnitStatus.MOBILE, UnitStatus.AT_SCENE, UnitStatus.AT_HOSPITAL, UnitStatus.HANDED_OVER}
)
"""Steps of a job that ask nothing of the dispatcher. They are half of all events."""


def _is_quiet(event: ev.Event) -> bool:
    return type(event) is ev.UnitStatusReported and event.status in _QUIET


def _next_rounds(picture: Picture, decisions: list[Decision], event: ev.Event) -> list[SetTimer]:
    """Return the timers that ask to look again although nothing may happen until then.

    At once in the trusts where orders were given that the picture does not show yet; after a while
    everywhere when somebody waits and the configuration asks for it. A timer that runs already is
    left to run.
    """
    if _changes_who_is_free(decisions, event):
        names = rounds_after(_trusts_of(picture, decisions, event))
        return [SetTimer(timer=name, due_at_ms=picture.now_ms) for name in names]
    every_s, state = picture.settings.round_every_s, picture.state
    if every_s is None or not state.waiting or ROUND in state.timers:
        return []
    return [SetTimer(timer=ROUND, due_at_ms=picture.now_ms + every_s * 1000)]


def _changes_who_is_free(decisions: list[Decision], event: ev.Event) -> bool:
    """Test whether orders were given whose effect the picture does not show yet."""
    if isinstance(event, ev.AssignmentOrdered):
        return True
    return any(isinstance(decision, StandDown) for decision in decisions)


def _trusts_of(
    picture: Picture, decisions: list[Decision], event: ev.Event
) -> frozenset[TrustCode] | None:
    """Return the trusts of the units that are free, and of the patients who lost theirs."""
    state = picture.state
    if len(state.trusts) <= 1 or isinstance(event, ev.AssignmentOrdered):
        return None
    found: set[TrustCode] = set()
    for decision in decisions:
        if isinstance(decision, StandDown):
            found.add(state.units[decision.unit].spec.trust)
            incident = state.incidents.get(decision.incident)
            found |= set() if incident is None else {incident.trust}
    return frozenset(found)


# -- what an event asks for directly ---------------------------------------------------------


def _status(picture: Picture, event: ev.UnitStatusReported, policies: PolicySet) -> list[Decision]:
    unit = picture.state.units[event.unit]
    if event.status is UnitStatus.CONVEYING and unit.incident is not None:
        return _convey(picture, unit, event, policies)
    if event.outcome is not None or event.status is UnitStatus.AVAILABLE:
        return _stand_down_orphans(picture)
    return []


def _convey(
    picture: Picture, unit: Unit, event: ev.UnitStatusReported, policies: PolicySet
) -> list[Decision]:
    assert unit.incident is not None
    incident = picture.state.incidents[unit.incident]
    if event.hospital is not None:
        return [_crews_choice(picture, unit, incident, event)]
    name = picture.settings.policies_of(incident.trust).convey
    decision = policies.convey[name](picture, unit, incident)
    if decision is None:
        decision = policies.convey["nearest"](picture, unit, incident)
    return [] if decision is None else [deflected(picture, unit, incident, decision)]


def _crews_choice(
    picture: Picture, unit: Unit, incident: Incident, event: ev.UnitStatusReported
) -> Convey:
    assert event.hospital is not None
    to = np.array([picture.state.hospitals[event.hospital].position], np.int64)
    mode = Mode.BLUE_LIGHT if incident.rank == 1 else Mode.ORDINARY
    eta = int(picture.travel.from_one_ms(unit.origin, to, mode, picture.now_ms)[0])
    why = Explanation(
        candidates=(Candidate(event.hospital, Verdict.CHOSEN, eta),), note="the crew's choice"
    )
    return Convey(
        incident=incident.id, unit=unit.spec.id, hospital=event.hospital, eta_ms=eta, why=why
    )


def _stand_down_orphans(picture: Picture) -> list[Decision]:
    """Release units on their way to an incident that has ended."""
    if not picture.state.orphans:
        return []
    why = Explanation(note="the incident has ended")
    return [
        StandDown(
            incident=incident,
            unit=unit,
            origin=position_now(picture.state.units[unit], picture.travel, picture.now_ms),
            why=why,
        )
        for unit, incident in picture.state.orphans
    ]


def _ended(picture: Picture, event: ev.IncidentClosed, policies: PolicySet) -> list[Decision]:
    del event, policies
    return _stand_down_orphans(picture)


def _ordered_assignment(
    picture: Picture, event: ev.AssignmentOrdered, policies: PolicySet
) -> list[Decision]:
    del policies
    unit = picture.state.units[event.unit]
    incident = picture.state.incidents[event.incident]
    origin = position_now(unit, picture.travel, picture.now_ms)
    eta = int(
        picture.travel.to_one_ms(
            np.array([origin], np.int64), incident.position, mode_to(incident), picture.now_ms
        )[0]
    )
    role = Role.CONVEYING if unit.spec.conveys else Role.RESPONDER
    why = Explanation(candidates=(Candidate(unit.spec.id, Verdict.CHOSEN, eta),), note=event.reason)
    return [
        Assign(
            incident=incident.id,
            unit=unit.spec.id,
            role=role,
            origin=origin,
            eta_ms=eta,
            why=why,
            diverted_from=unit.incident,
            ordered_by=event.by,
        )
    ]


def _ordered_stand_down(
    picture: Picture, event: ev.StandDownOrdered, policies: PolicySet
) -> list[Decision]:
    del policies
    unit = picture.state.units[event.unit]
    origin = position_now(unit, picture.travel, picture.now_ms)
    return [
        StandDown(
            incident=event.incident,
            unit=event.unit,
            origin=origin,
            why=Explanation(note=event.reason),
            ordered_by=event.by,
        )
    ]


def _ordered_relocation(
    picture: Picture, event: ev.RelocationOrdered, policies: PolicySet
) -> list[Decision]:
    del policies
    unit = picture.state.units[event.unit]
    origin = position_now(unit, picture.travel, picture.now_ms)
    to = np.array([picture.state.post_positions[event.post]], np.int64)
    eta = int(picture.travel.from_one_ms(origin, to, Mode.ORDINARY, picture.now_ms)[0])
    return [
        Relocate(
            unit=event.unit,
            post=event.post,
            origin=origin,
            eta_ms=eta,
            why=Explanation(note=event.reason),
            ordered_by=event.by,
        )
    ]


_DIRECT: Final[dict[type, Callable[[Picture, Any, PolicySet], list[Decision]]]] = {
    ev.UnitStatusReported: _status,
    ev.IncidentClosed: _ended,
    ev.AssignmentOrdered: _ordered_assignment,
    ev.StandDownOrdered: _ordered_stand_down,
    ev.RelocationOrdered: _ordered_relocation,
}


# -- who goes --------------------------------------------------------------------------------


def _freed(picture: Picture, event: ev.Event) -> list[Unit]:
    """Return the units that this event leaves without a job and without a post."""
    units = picture.state.units
    if isinstance(event, ev.UnitStatusReported):
        return [units[event.unit]] if event.status is UnitStatus.AVAILABLE else []
    if isinstance(event, ev.UnitSignedOn):
        unit = units[event.unit.id]
        return [unit] if unit.status is UnitStatus.AVAILABLE else []
    if isinstance(event, ev.TimerFired) and event.timer.startswith(ROUND):
        table = picture.state.table
        idle = table.status[: table.size] == STATUS_NUMBER[UnitStatus.AVAILABLE]
        stands = table.destination[: table.size] == NOWHERE
        found = [table.units[slot] for slot in np.flatnonzero(idle & stands).tolist()]
        return [unit for unit in found if picture.is_in_focus(unit.spec.trust)]
    return []


def _assign(
    picture: Picture, event: ev.Event, policies: PolicySet, decided: list[Decision]
) -> list[Decision]:
    """Ask each assignment policy for the trusts that it serves; say who has to wait."""
    if any(isinstance(decision, Assign | StandDown) for decision in decided):
        # The picture does not show these yet: the timer that follows them asks again.
        return _waits(picture, event, set())
    settings = picture.settings
    waiting = picture.state.waiting.among(picture.focus)
    if not waiting and not _may_exchange(settings, policies):
        return []
    if not settings.trust_policies:
        groups = {settings.policies.assign: waiting}
    else:
        groups = _by_policy(settings, waiting)
    assigned: list[Decision] = []
    for name, incidents in groups.items():
        taken: set[UnitId] = {d.unit for d in assigned if isinstance(d, Assign)}
        round_ = policies.assign[name](picture, incidents)
        assigned += [decision for decision in round_ if decision.unit not in taken]
    served = {d.incident for d in assigned if isinstance(d, Assign)}
    return assigned + _waits(picture, event, served)


def _may_exchange(settings: Settings, policies: PolicySet) -> bool:
    names = {settings.policies.assign, *(p.assign for p in settings.trust_policies.values())}
    return not names.isdisjoint(policies.exchanging)


def _by_policy(settings: Settings, waiting: list[Incident]) -> dict[str, list[Incident]]:
    groups: dict[str, list[Incident]] = {
        names.assign: [] for names in (settings.policies, *settings.trust_policies.values())
    }
    for incident in waiting:
        groups.setdefault(settings.policies_of(TrustCode(incident.trust)).assign, []).append(
            incident
        )
    return groups


def _waits(picture: Picture, event: ev.Event, served: set[Any]) -> list[Decision]:
    """Say why the incident that this event brought gets nobody for now."""
    if not isinstance(event, ev.IncidentReported | ev.IncidentRecoded):
        return []
    incident = picture.state.waiting.get(event.incident)
    if incident is None or incident.id in served:
        return []
    return [Wait(incident=incident.id, role=Role.CONVEYING, why=_refusals(picture, incident))]


def _refusals(picture: Picture, incident: Incident) -> Explanation:
    code = codes(picture, fitness(picture, incident, Role.CONVEYING))
    code[code == ELIGIBLE] = _UNREACHABLE
    units = picture.state.table.units
    slots = nearest_refused(picture, incident, np.arange(len(code)), code)
    named = [Candidate(units[slot].spec.id, _SAID[code[slot]]) for slot in slots]
    counts = np.bincount(code, minlength=len(_SAID))
    np.subtract.at(counts, code[slots], 1)
    others = {verdict: n for verdict, n in zip(_SAID, counts.tolist(), strict=True) if n}
    return Explanation(candidates=tuple(named), others=others)


_SAID: Final = (*VERDICTS, Verdict.UNREACHABLE)
_UNREACHABLE: Final = len(VERDICTS)


# -- who covers ------------------------------------------------------------------------------


def _relocate(picture: Picture, unit: Unit, policies: PolicySet) -> list[Decision]:
    name = picture.settings.policies_of(unit.spec.trust).relocate
    decision = policies.relocate[name](picture, unit)
    return [] if decision is None else [decision]


REBALANCE: Final = "rebalance"
"""The timer that asks whether waiting units should move."""


def _rebalance(
    picture: Picture, event: ev.Event, policies: PolicySet, decided: list[Decision]
) -> list[Decision]:
    """Ask, every so often, which waiting units should move; keep the timer running."""
    state, settings = picture.state, picture.settings
    is_due = isinstance(event, ev.TimerFired) and event.timer == REBALANCE
    if REBALANCE in state.timers and not is_due:
        return []
    if {settings.policies_of(trust).rebalance for trust in state.trusts} <= {"never"}:
        return []
    timer = SetTimer(timer=REBALANCE, due_at_ms=picture.now_ms + settings.rebalance_every_s * 1000)
    if not is_due:
        return [timer]
    taken = {d.unit for d in decided if isinstance(d, Assign | Relocate)}
    moves: list[Decision] = []
    for trust in state.trusts:
        policy = policies.rebalance[settings.policies_of(trust).rebalance]
        moves += [move for move in policy(picture, trust) if move.unit not in taken]
    return [*moves, timer]
