"""Carry a decision into the picture: what the dispatcher ordered is what it goes on from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain.decision import Assign, Convey, Decision, Relocate, SetTimer, StandDown
from dispatch.domain.decision_crew import GiveBreak
from dispatch.domain.travel import Mode
from dispatch.domain.unit import UnitStatus
from dispatch.state.apply_call import APPLY_CALL
from dispatch.state.apply_care import APPLY_CARE
from dispatch.state.apply_hospital import APPLY_HOSPITAL
from dispatch.state.rows import Response
from dispatch.state.state import BLUE_LIGHT_RANK_MAX, State


def apply(state: State, decision: Decision, now_ms: int) -> None:
    """Carry a decision into the picture. Cannot fail on what `decide` produced."""
    step = _APPLY.get(type(decision))
    if step is not None:
        step(state, decision, now_ms)


def _assign(state: State, decision: Assign, now_ms: int) -> None:
    unit = state.units[decision.unit]
    if unit.incident is not None:
        state.detach(unit, unit.incident, diverted=decision.diverted_from is not None)
    incident = state.incidents[decision.incident]
    settings, at_station = state.settings, unit.status is UnitStatus.ON_STATION
    mobilise_s = settings.mobilisation_s if at_station else settings.road_mobilisation_s
    state.stand_still(unit, decision.origin, now_ms)
    unit.status, unit.status_at_ms = UnitStatus.ALLOCATED, now_ms
    unit.incident = incident.id
    unit.post = None
    unit.destination = incident.position
    unit.mode = Mode.BLUE_LIGHT if incident.rank <= BLUE_LIGHT_RANK_MAX else Mode.ORDINARY
    unit.departed_at_ms = now_ms + mobilise_s * 1000
    unit.due_at_ms = now_ms + decision.eta_ms
    state.write(unit)
    response = Response(unit=unit.spec.id, role=decision.role, assigned_at_ms=now_ms)
    incident.responses = (*incident.responses, response)
    incident.units_allocated += 1
    if incident.assigned_at_ms is None:
        incident.assigned_at_ms = now_ms
        incident.clock_start_at_ms = min(incident.clock_start_at_ms, now_ms)
    if unit.spec.trust != incident.trust and incident.aided_by is None:
        incident.aided_by = unit.spec.trust
    state.file(incident)


def _set_timer(state: State, decision: SetTimer, _now_ms: int) -> None:
    state.timers[decision.timer] = decision.due_at_ms


def _stand_down(state: State, decision: StandDown, now_ms: int) -> None:
    unit = state.units[decision.unit]
    state.orphans = tuple(row for row in state.orphans if row[0] != decision.unit)
    state.detach(unit, decision.incident)
    state.stand_still(unit, decision.origin, now_ms)
    unit.status, unit.status_at_ms = UnitStatus.AVAILABLE, now_ms
    state.write(unit)


def _convey(state: State, decision: Convey, now_ms: int) -> None:
    unit = state.units[decision.unit]
    incident = state.incidents[decision.incident]
    state.leave_hospital(unit)
    board = state.hospitals[decision.hospital]
    if decision.origin is not None:
        unit.origin, unit.position_at_ms = decision.origin, now_ms
    unit.may_change_course = decision.may_change
    unit.hospital = decision.hospital
    unit.destination = board.position
    unit.mode = Mode.BLUE_LIGHT if incident.rank == 1 else Mode.ORDINARY
    unit.departed_at_ms = now_ms
    unit.due_at_ms = now_ms + decision.eta_ms
    board.inbound = (*board.inbound, (unit.spec.id, unit.due_at_ms))
    board.sent_at_ms = (*(ms for ms in board.sent_at_ms if ms > now_ms - HOUR_MS), now_ms)
    incident.hospital = decision.hospital
    state.write(unit)


HOUR_MS: Final = 3_600_000


def _relocate(state: State, decision: Relocate, now_ms: int) -> None:
    unit = state.units[decision.unit]
    state.stand_still(unit, decision.origin, now_ms)
    unit.status, unit.status_at_ms = UnitStatus.RELOCATING, now_ms
    unit.post = decision.post
    unit.relocations += decision.post != unit.spec.home
    unit.destination = state.post_positions[decision.post]
    unit.mode = Mode.ORDINARY
    unit.departed_at_ms = now_ms
    unit.due_at_ms = now_ms + decision.eta_ms
    state.write(unit)


def _give_break(state: State, decision: GiveBreak, now_ms: int) -> None:
    state.units[decision.unit].break_given_at_ms = now_ms


_APPLY: Final[dict[type, Callable[[State, Any, int], None]]] = {
    Assign: _assign,
    StandDown: _stand_down,
    Convey: _convey,
    Relocate: _relocate,
    SetTimer: _set_timer,
    GiveBreak: _give_break,
    **APPLY_HOSPITAL,
    **APPLY_CARE,
    **APPLY_CALL,
}
