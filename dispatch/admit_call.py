"""Whether facts about telephone calls can be believed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from dispatch.admit_care import ImpossibleStepError
from dispatch.domain import event_call as ev
from dispatch.domain.complaint import COMPLAINTS, check_codes
from dispatch.domain.ids import CallId, IncidentId
from dispatch.ports import TravelTimes
from dispatch.rejection import DuplicateIdError, UnknownIdError
from dispatch.state import State
from dispatch.state.observe_call import advanced_call
from dispatch.state.rows_call import OpenCall

HANDLERS_MAX: Final = 10_000
"""More handlers than all ambulance control rooms of England together."""


def _tried(step: Callable[[], object]) -> None:
    try:
        step()
    except ValueError as error:
        raise ImpossibleStepError(str(error)) from error


def _call(state: State, call: CallId) -> OpenCall:
    row = state.calls.calls.get(call)
    if row is None:
        raise UnknownIdError("open call", call)
    return row


def _incident(state: State, incident: IncidentId | None) -> None:
    if incident is not None and incident not in state.incidents:
        raise UnknownIdError("open incident", incident)


def _duty(_state: State, event: ev.HandlersOnDuty, _travel: TravelTimes, _now: int) -> None:
    if not 0 <= event.handlers <= HANDLERS_MAX:
        raise ImpossibleStepError(f"Expected 0 to {HANDLERS_MAX} handlers, was {event.handlers}.")
    if not (math.isfinite(event.handle_s) and event.handle_s > 0):
        raise ImpossibleStepError(f"Expected handle_s above 0, was {event.handle_s}.")


def _presented(state: State, event: ev.CallPresented, _travel: TravelTimes, _now: int) -> None:
    known = any(call.id == event.call for call in state.calls.ended)
    if known or event.call in state.calls.calls.rows:
        raise DuplicateIdError("call", event.call)


def _described(state: State, event: ev.CallDescribed, _travel: TravelTimes, _now: int) -> None:
    row = _call(state, event.call)
    _incident(state, event.incident)
    if row.call.answered_at_ms is None:
        raise ImpossibleStepError(f"Expected call {event.call} to be answered first.")
    if event.complaint is not None:
        _tried(lambda: check_codes((str(event.complaint),), COMPLAINTS, "complaints"))


def _advanced(state: State, event: Any, _travel: TravelTimes, now_ms: int) -> None:
    row = _call(state, event.call)
    if isinstance(event, ev.CallEnded) and event.incident != row.incident:
        # An incident that this call has opened may be over before the caller hangs up.
        _incident(state, event.incident)
    _tried(lambda: advanced_call(row.call, event, now_ms))


def _handed_back(state: State, event: ev.CallHandedBack, _travel: TravelTimes, _now: int) -> None:
    due = state.calls.hand_backs.get(event.incident)
    if due is None:
        raise UnknownIdError("incident to hand back", event.incident)
    if due.trust != event.by:
        raise ImpossibleStepError(f"Expected {due.trust} to take it over, was {event.by}.")


def _matched(state: State, event: ev.IncidentsMatched, _travel: TravelTimes, _now: int) -> None:
    _incident(state, event.incident)
    _incident(state, event.into)
    if event.incident == event.into:
        raise ImpossibleStepError(f"Expected two incidents, was {event.incident} twice.")
    if not event.by.strip():
        raise ImpossibleStepError("Expected who matched them, was nobody.")
    for response in state.incidents[event.incident].responses:
        if response.on_scene_at_ms is not None:
            raise ImpossibleStepError(
                f"Unit {response.unit} has reached {event.incident}: it ends when they clear."
            )


ADMIT_CALL: Final[dict[type, Callable[[State, Any, TravelTimes, int], None]]] = {
    ev.HandlersOnDuty: _duty,
    ev.CallPresented: _presented,
    ev.CallDescribed: _described,
    ev.CallAnswered: _advanced,
    ev.CallAbandoned: _advanced,
    ev.CallEnded: _advanced,
    ev.CallHandedBack: _handed_back,
    ev.IncidentsMatched: _matched,
}
