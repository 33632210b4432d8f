"""Carry facts about telephone calls into the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain import event as ev
from dispatch.domain import event_call as call_ev
from dispatch.domain.call import Call, CallStatus, abandoned, answered, ended
from dispatch.domain.call import withdrawn as call_withdrawn
from dispatch.domain.category import is_graver
from dispatch.domain.ids import CallId
from dispatch.domain.incident import Outcome
from dispatch.domain.travel import Position
from dispatch.state.recode import recode
from dispatch.state.rows_call import (
    CALL_TIMER,
    AboutIncident,
    RoomOnDuty,
    call_timer,
    hand_back_timer,
)
from dispatch.state.state import State


def _duty(state: State, event: call_ev.HandlersOnDuty, _now: int, _at: Position | None) -> None:
    room = RoomOnDuty(
        handlers=event.handlers,
        takes_calls=event.takes_calls,
        handle_s=event.handle_s,
        is_linked=event.is_linked,
    )
    state.calls.rooms.put(event.trust, room)


def _present(state: State, event: call_ev.CallPresented, now_ms: int, _at: Position | None) -> None:
    call = Call(
        id=event.call, trust=event.trust, connected_at_ms=now_ms, caller=event.caller, at=event.at
    )
    state.calls.move(call)


def _describe(state: State, event: call_ev.CallDescribed, _now: int, _at: Position | None) -> None:
    board = state.calls
    row = board.calls.rows[event.call]
    row = msgspec.structs.replace(
        row,
        at=event.at or row.at,
        is_provisional=row.is_provisional and event.at is None,
        complaint=event.complaint or row.complaint,
        incident=event.incident or row.incident,
    )
    board.calls.put(event.call, row)
    if row.incident is not None:
        board.link(row.incident, row)


def advanced_call(call: Call, event: Any, now_ms: int) -> Call:
    """Return what an event makes of a call.

    Raises
    ------
    ValueError
        When it cannot happen where the call stands.
    """
    if isinstance(event, call_ev.CallAnswered):
        return answered(call, event.by, event.handler, now_ms)
    if isinstance(event, call_ev.CallAbandoned):
        return abandoned(call, now_ms)
    return ended(call, event.disposition, now_ms, event.incident)


def _step(state: State, event: Any, now_ms: int, _at: Position | None) -> None:
    board = state.calls
    row = board.calls.rows[event.call]
    state.timers.pop(call_timer(event.call), None)
    if isinstance(event, call_ev.CallEnded) and event.incident in state.incidents:
        board.link(event.incident, row)
    board.move(advanced_call(row.call, event, now_ms))


def _take_over(
    state: State, event: call_ev.CallHandedBack, _now: int, _at: Position | None
) -> None:
    state.calls.hand_backs.drop(event.incident)
    state.timers.pop(hand_back_timer(event.incident), None)


def _match(
    state: State, event: call_ev.IncidentsMatched, now_ms: int, _at: Position | None
) -> None:
    """End a duplicate; what it is a duplicate of is never less urgent afterwards."""
    board = state.calls
    same, kept = state.incidents[event.incident], state.incidents[event.into]
    told = board.about.get(event.incident)
    if told is not None:
        known = board.about.get(event.into) or AboutIncident()
        lines = tuple(dict.fromkeys((*known.lines, *told.lines)))
        complaint = known.complaint or told.complaint
        board.about.put(
            event.into, msgspec.structs.replace(known, lines=lines, complaint=complaint)
        )
    if is_graver(same.category, kept.category):
        recode(state, kept, same.category, same.segment, same.clock_start_at_ms)
    kept.pathway = kept.pathway or same.pathway
    state.file(kept)
    state.close(same, Outcome.DUPLICATE, now_ms)


def _after_timer(state: State, event: ev.TimerFired, now_ms: int) -> None:
    """Take an offer back that nobody answered in time."""
    if event.timer.startswith(CALL_TIMER):
        row = state.calls.calls.get(CallId(event.timer.removeprefix(CALL_TIMER)))
        if row is not None and row.call.status is CallStatus.OFFERED:
            state.calls.move(call_withdrawn(row.call, now_ms))


AFTER_CALL: Final[dict[type, Callable[[State, Any, int], None]]] = {ev.TimerFired: _after_timer}

OBSERVE_CALL: Final[dict[type, Callable[[State, Any, int, Position | None], None]]] = {
    call_ev.HandlersOnDuty: _duty,
    call_ev.CallPresented: _present,
    call_ev.CallDescribed: _describe,
    call_ev.CallAnswered: _step,
    call_ev.CallAbandoned: _step,
    call_ev.CallEnded: _step,
    call_ev.CallHandedBack: _take_over,
    call_ev.IncidentsMatched: _match,
}

__all__ = ["AFTER_CALL", "OBSERVE_CALL", "advanced_call"]
