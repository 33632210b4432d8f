"""Carry an admitted event into the picture: the crew and the callers are believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain import event as ev
from dispatch.domain.category import RANK
from dispatch.domain.clock import clock_start_ms
from dispatch.domain.incident import Outcome
from dispatch.domain.queueing import URGENT_RANK
from dispatch.domain.travel import Position
from dispatch.domain.unit import ASSIGNABLE, UnitStatus
from dispatch.state.observe_call import AFTER_CALL, OBSERVE_CALL
from dispatch.state.observe_care import AFTER as AFTER_CARE
from dispatch.state.observe_care import OBSERVE_CARE
from dispatch.state.observe_feed import OBSERVE_FEED
from dispatch.state.observe_hospital import (
    OBSERVE_HOSPITAL,
    configure,
    first_response,
    visit_arrived,
    visit_cleared,
    visit_handed_over,
)
from dispatch.state.recode import recode
from dispatch.state.rows import RECENT_HANDOVERS, HospitalBoard, Incident, Unit
from dispatch.state.state import State
from dispatch.state.table import FAR_FUTURE_MS


def observe(state: State, event: ev.Event, now_ms: int, at: Position | None) -> None:
    """Carry an admitted event into the picture.

    ``at`` is the position of the thing that the event speaks of, where it has or implies one: the
    incident's place, or where the unit is now.
    """
    state.touched.clear()
    state.freed = None
    step = _OBSERVE.get(type(event))
    if step is not None:
        step(state, event, now_ms, at)
    after = AFTER_CARE.get(type(event))
    if after is not None and state.care.by_incident.rows:
        after(state, event, now_ms)
    if type(event) in AFTER_CALL:
        AFTER_CALL[type(event)](state, event, now_ms)


def _open(state: State, event: ev.PictureOpened, _now_ms: int, _at: Position | None) -> None:
    configure(state, event.settings)
    state.region_version = event.region_version
    state.posts = {post.id: post for post in event.posts}


ARRIVALS_KEPT_MS: Final = 3_600_000
"""The picture remembers when the incidents of the last hour came, trust by trust."""


def _report(state: State, event: ev.IncidentReported, now_ms: int, at: Position | None) -> None:
    assert at is not None
    recent = state.arrivals.get(event.trust, ())
    if recent and recent[0] <= now_ms - ARRIVALS_KEPT_MS:
        recent = tuple(ms for ms in recent if ms > now_ms - ARRIVALS_KEPT_MS)
    state.arrivals[event.trust] = (*recent, now_ms)
    incident = Incident(
        id=event.incident,
        trust=event.trust,
        at=event.at,
        position=at,
        category=event.category,
        rank=RANK[event.category],
        first_category=event.category,
        segment=event.segment,
        pathway=event.pathway,
        connected_at_ms=event.connected_at_ms,
        coded_at_ms=event.coded_at_ms,
        clock_start_at_ms=clock_start_ms(
            state.settings.clock,
            event.category,
            connected_at_ms=event.connected_at_ms,
            coded_at_ms=event.coded_at_ms,
            assigned_at_ms=None,
        ),
    )
    state.trusts.setdefault(event.trust, len(state.trusts))
    state.incidents[incident.id] = incident
    state.file(incident)


def _recode(state: State, event: ev.IncidentRecoded, _now_ms: int, _at: Position | None) -> None:
    incident = state.incidents[event.incident]
    incident.pathway = event.pathway or incident.pathway
    recode(state, incident, event.category, event.segment, event.coded_at_ms)


def _end(state: State, event: ev.IncidentClosed, now_ms: int, _at: Position | None) -> None:
    incident = state.incidents[event.incident]
    incident.category = event.category or incident.category
    state.close(incident, event.outcome, now_ms)


def _sign_on(state: State, event: ev.UnitSignedOn, now_ms: int, at: Position | None) -> None:
    assert at is not None
    old = state.units.get(event.unit.id)
    unit = Unit(
        spec=event.unit,
        slot=state.table.add() if old is None else old.slot,
        status=UnitStatus.AVAILABLE,
        status_at_ms=now_ms,
        origin=at,
        position_at_ms=now_ms,
        until_ms=event.until_ms,
        meal_break=event.meal_break,
    )
    if at == state.post_positions.get(event.unit.home):
        unit.status, unit.post = UnitStatus.ON_STATION, event.unit.home
    state.units[event.unit.id] = unit
    state.enter(unit)


def _sign_off(state: State, event: ev.UnitSignedOff, now_ms: int, at: Position | None) -> None:
    unit = state.units[event.unit]
    state.stand_still(unit, unit.origin if at is None else at, now_ms)
    unit.status, unit.status_at_ms = UnitStatus.OFF_DUTY, now_ms
    unit.post = None
    state.write(unit)


def _follow(state: State, event: ev.UnitStatusReported, now_ms: int, at: Position | None) -> None:
    unit = state.units[event.unit]
    step = _FOLLOW.get(event.status)
    if step is not None:
        step(state, unit, event, now_ms)
    if event.status is not UnitStatus.MOBILE and event.status is not UnitStatus.CONVEYING:
        state.stand_still(unit, unit.origin if at is None else at, now_ms)
    elif at is not None:
        unit.origin, unit.position_at_ms = at, now_ms
    if event.status in ASSIGNABLE and unit.status not in ASSIGNABLE:
        state.freed = unit.spec.id
    unit.status, unit.status_at_ms = event.status, now_ms
    state.write(unit)


def _follow_mobile(_state: State, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
    """Let the journey begin now, and be over as much later as it began later than expected."""
    del event
    unit.due_at_ms = max(unit.due_at_ms + now_ms - unit.departed_at_ms, now_ms)
    unit.departed_at_ms = now_ms


def _follow_at_scene(state: State, unit: Unit, event: ev.UnitStatusReported, _now_ms: int) -> None:
    assert unit.incident is not None
    incident = state.incidents[unit.incident]
    at_ms = event.reported_at_ms
    incident.units_arrived += 1
    if incident.responder_on_scene_at_ms is None:
        incident.responder_on_scene_at_ms = at_ms
    if unit.spec.conveys and incident.conveying_on_scene_at_ms is None:
        incident.conveying_on_scene_at_ms = at_ms
    incident.responses = tuple(
        msgspec.structs.replace(r, on_scene_at_ms=at_ms) if r.unit == unit.spec.id else r
        for r in incident.responses
    )
    first_response(state, unit, incident, at_ms)


def _follow_conveying(state: State, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
    assert unit.incident is not None
    incident = state.incidents[unit.incident]
    incident.left_scene_at_ms = event.reported_at_ms
    for response in incident.responses:
        if response.unit == unit.spec.id:
            incident.conveying_on_scene_at_ms = response.on_scene_at_ms
    unit.departed_at_ms = now_ms


def _follow_at_hospital(
    state: State, unit: Unit, event: ev.UnitStatusReported, now_ms: int
) -> None:
    assert unit.incident is not None
    incident = state.incidents[unit.incident]
    incident.at_hospital_at_ms = event.reported_at_ms
    hospital = event.hospital or unit.hospital
    if hospital is None:
        return
    state.leave_hospital(unit)
    unit.hospital = incident.hospital = hospital
    board = state.hospitals[hospital]
    board.ahead = (*board.ahead, (unit.spec.id, _ahead(state, board, incident.rank)))
    board.waiting = (*board.waiting, (unit.spec.id, now_ms))
    visit_arrived(state, unit, incident, hospital, min(event.reported_at_ms, now_ms))


def _follow_handed_over(
    state: State, unit: Unit, event: ev.UnitStatusReported, now_ms: int
) -> None:
    assert unit.incident is not None
    incident = state.incidents[unit.incident]
    incident.handed_over_at_ms = event.reported_at_ms
    visit_handed_over(state, unit, incident, event.reported_at_ms)
    if unit.hospital is None:
        return
    board = state.hospitals[unit.hospital]
    arrived = dict(board.waiting).get(unit.spec.id, now_ms)
    ahead = dict(board.ahead).get(unit.spec.id, 0)
    handover_ms = now_ms - arrived
    board.recent_ms = (*board.recent_ms, handover_ms)[-RECENT_HANDOVERS:]
    board.last_handover_at_ms = now_ms
    # A C1 is received at once, whoever is there.
    if 1 < incident.rank <= URGENT_RANK:
        board.urgent = board.urgent.with_one(ahead, handover_ms)
    elif incident.rank > URGENT_RANK:
        board.other = board.other.with_one(ahead, handover_ms)
    state.leave_hospital(unit)


def _ahead(state: State, board: HospitalBoard, rank: int) -> int:
    """Return how many crews at a hospital go before a patient: of a C2 those with a C1 or C2."""
    if rank > URGENT_RANK:
        return len(board.waiting)
    there = (state.units[unit].incident for unit, _ in board.waiting)
    return sum(name is not None and state.incidents[name].rank <= URGENT_RANK for name in there)


def _follow_on_station(
    _state: State, unit: Unit, event: ev.UnitStatusReported, _now_ms: int
) -> None:
    del event
    if unit.post is None:
        unit.post = unit.spec.home


def _follow_on_break(state: State, unit: Unit, event: ev.UnitStatusReported, _now_ms: int) -> None:
    del event
    unit.break_taken = True
    state.table.break_ms[unit.slot] = FAR_FUTURE_MS


def _follow_clear(state: State, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
    """Take a crew that cleared off its incident, and close the incident if it was the last."""
    unit.post = None
    if unit.incident is None:
        return
    incident = state.incidents[unit.incident]
    visit_cleared(state, unit, incident, min(event.reported_at_ms, now_ms))
    outcome = event.outcome or incident.outcome or _implied_outcome(unit, incident)
    incident.outcome = outcome
    state.detach(unit, incident.id)
    if outcome is not None and not any(r.on_scene_at_ms for r in incident.responses):
        state.close(incident, outcome, now_ms)


def _place(state: State, event: ev.UnitPositionReported, now_ms: int, at: Position | None) -> None:
    assert at is not None
    unit = state.units[event.unit]
    unit.origin, unit.position_at_ms = at, event.reported_at_ms
    if unit.destination is not None:
        unit.departed_at_ms = max(unit.departed_at_ms, now_ms)
    state.write(unit)


def _update(state: State, event: ev.HospitalUpdated, _now_ms: int, _at: Position | None) -> None:
    board = state.hospitals[event.hospital]
    if event.bays is not None:
        board.bays = event.bays
    if event.is_accepting is not None:
        board.is_accepting = event.is_accepting


def _reroute(
    state: State, event: ev.TravelTimesChanged, _now_ms: int, _at: Position | None
) -> None:
    state.travel_version = event.version


def _configure(state: State, event: ev.SettingsChanged, _now_ms: int, _at: Position | None) -> None:
    configure(state, event.settings)


def _fire(state: State, event: ev.TimerFired, _now_ms: int, _at: Position | None) -> None:
    if state.timers.get(event.timer) == event.due_at_ms:
        del state.timers[event.timer]


def _implied_outcome(unit: Unit, incident: Incident) -> Outcome | None:
    """Return how an incident ended when a crew clears without saying: None while it goes on."""
    if incident.handed_over_at_ms is not None or unit.status in _AT_HOSPITAL:
        return Outcome.CONVEYED_TO_ED
    if unit.status is UnitStatus.AT_SCENE and unit.spec.conveys:
        return Outcome.SEE_AND_TREAT
    return None


_AT_HOSPITAL: Final = frozenset({UnitStatus.AT_HOSPITAL, UnitStatus.HANDED_OVER})

_FOLLOW: Final[dict[UnitStatus, Callable[[State, Unit, ev.UnitStatusReported, int], None]]] = {
    UnitStatus.MOBILE: _follow_mobile,
    UnitStatus.AT_SCENE: _follow_at_scene,
    UnitStatus.CONVEYING: _follow_conveying,
    UnitStatus.AT_HOSPITAL: _follow_at_hospital,
    UnitStatus.HANDED_OVER: _follow_handed_over,
    UnitStatus.ON_STATION: _follow_on_station,
    UnitStatus.ON_BREAK: _follow_on_break,
    UnitStatus.AVAILABLE: _follow_clear,
    UnitStatus.OUT_OF_SERVICE: _follow_clear,
}

_OBSERVE: Final[dict[type, Callable[[State, Any, int, Position | None], None]]] = {
    ev.PictureOpened: _open,
    ev.IncidentReported: _report,
    ev.IncidentRecoded: _recode,
    ev.IncidentClosed: _end,
    ev.UnitSignedOn: _sign_on,
    ev.UnitSignedOff: _sign_off,
    ev.UnitStatusReported: _follow,
    ev.UnitPositionReported: _place,
    ev.HospitalUpdated: _update,
    ev.TravelTimesChanged: _reroute,
    ev.SettingsChanged: _configure,
    ev.TimerFired: _fire,
    **OBSERVE_HOSPITAL,
    **OBSERVE_CARE,
    **OBSERVE_CALL,
    **OBSERVE_FEED,
}
