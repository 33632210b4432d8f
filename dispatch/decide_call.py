"""Telephone calls: who is offered one, what it may be about, and who takes the incident over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from dispatch.domain import event as ev
from dispatch.domain import event_call as call_ev
from dispatch.domain.call import Call, CallStatus, call_queue
from dispatch.domain.dated import version_at
from dispatch.domain.decision import Decision, SetTimer
from dispatch.domain.decision_call import HandBack, OfferCall, ProposeSameIncident, RingHomeTrust
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.policies.answer_buddy import CallRoom, hand_back, offer_to_buddy
from dispatch.policies.match_calls import KnownIncident, NewReport, match_calls
from dispatch.ports import Picture
from dispatch.state import Incident, State
from dispatch.state.rows_call import (
    CALL_TIMER,
    HAND_BACK_TIMER,
    AboutIncident,
    OpenCall,
    call_timer,
    hand_back_timer,
)
from maps.geo import LonLat

CALL_ROUNDS: Final = frozenset({call_ev.IncidentsMatched})
"""Events after which somebody may be sent, or is free to be."""

_SPAN_DEGREES: Final = 0.02
"""Incidents further away than this in either direction are not looked at: over a kilometre, and
matching goes half as far at most."""


def decide_call(picture: Picture, event: ev.Event) -> list[Decision]:
    """Return what follows for calls from an event."""
    step = _STEPS.get(type(event))
    return [] if step is None else step(picture, event)


def call_rooms(state: State) -> dict[TrustCode, CallRoom]:
    """Return every call room that is known, with who is busy and who waits there."""
    busy: dict[TrustCode, int] = {}
    waiting: dict[TrustCode, int] = {}
    for row in state.calls.calls.rows.values():
        call = row.call
        if call.status is CallStatus.ANSWERED and call.answered_by is not None:
            busy[call.answered_by] = busy.get(call.answered_by, 0) + 1
        elif call.status is not CallStatus.ANSWERED:
            for trust in {call.trust, call.offered_to} - {None}:
                assert trust is not None
                waiting[trust] = waiting.get(trust, 0) + 1
    return {
        trust: CallRoom(
            trust=trust,
            handlers=room.handlers,
            busy=busy.get(trust, 0),
            waiting=waiting.get(trust, 0),
            handle_s=room.handle_s,
            takes_calls=room.takes_calls,
        )
        for trust, room in state.calls.rooms.rows.items()
    }


# -- who answers -------------------------------------------------------------------------------


def _presented(picture: Picture, event: call_ev.CallPresented) -> list[Decision]:
    row = picture.state.calls.calls.rows[event.call]
    return [*_proposals(picture, row), *_offer(picture, row.call)]


def _duty(picture: Picture, event: call_ev.HandlersOnDuty) -> list[Decision]:
    """Look again at the calls that wait in a room whose handlers changed."""
    calls = [row.call for row in picture.state.calls.calls.rows.values()]
    waiting = [c for c in call_queue(calls, event.trust) if c.trust == event.trust]
    return [decision for call in waiting for decision in _offer(picture, call)]


def _offer(picture: Picture, call: Call) -> list[Decision]:
    """Offer a waiting call to a buddy, or wake when it must be looked at again."""
    rules = picture.settings.calls.buddies_of(call.trust, picture.now_ms)
    rooms = call_rooms(picture.state)
    if rules is None or call.trust not in rooms or call.status is not CallStatus.WAITING:
        return []
    calls = [row.call for row in picture.state.calls.calls.rows.values()]
    queue = [other.id for other in call_queue(calls, call.trust)]
    waited_ms = picture.now_ms - call.connected_at_ms
    found = offer_to_buddy(waited_ms / 1000, queue.index(call.id), call.trust, rooms, rules)
    if found.to is None:
        late_ms = call.connected_at_ms + rules.after_s * 1000
        again_ms = late_ms if late_ms > picture.now_ms else picture.now_ms + rules.offer_s * 1000
        return [SetTimer(timer=call_timer(call.id), due_at_ms=again_ms)]
    until_ms = picture.now_ms + found.stands_s * 1000
    return [
        OfferCall(
            call=call.id, trust=found.to, until_ms=until_ms, note=found.why, refused=found.refused
        ),
        SetTimer(timer=call_timer(call.id), due_at_ms=until_ms),
    ]


# -- what it is about --------------------------------------------------------------------------


def _described(picture: Picture, event: call_ev.CallDescribed) -> list[Decision]:
    row = picture.state.calls.calls.rows[event.call]
    decisions = _hand_back(picture, row.call, event.incident)
    if event.incident is None:
        decisions += _proposals(picture, row)
    return decisions


def _proposals(picture: Picture, row: OpenCall) -> list[Decision]:
    call = row.call
    if row.at is None and call.caller is None:
        return []
    report = NewReport(
        at_ms=picture.now_ms,
        at=row.at,
        complaint=row.complaint,
        line=call.caller,
        is_provisional=row.is_provisional,
    )
    rules = version_at(picture.settings.calls.match, picture.now_ms)
    found = match_calls(report, _known(picture, row.at, call.caller), rules)
    return [ProposeSameIncident(call=call.id, proposals=tuple(found))] if found else []


def _known(picture: Picture, at: LonLat | None, line: str | None) -> Iterator[KnownIncident]:
    """Return the open incidents that are near, or were reported from the same line."""
    about = picture.state.calls.about.rows
    nothing = AboutIncident()
    for incident in picture.state.incidents.values():
        told = about.get(incident.id, nothing)
        if (line is not None and line in told.lines) or _is_near(incident, at):
            yield KnownIncident(
                incident=incident.id,
                at=incident.at,
                reported_at_ms=incident.connected_at_ms,
                complaint=told.complaint,
                lines=told.lines,
                is_provisional=told.is_provisional,
            )


def _is_near(incident: Incident, at: LonLat | None) -> bool:
    if at is None:
        return False
    east, north = incident.at.lon - at.lon, incident.at.lat - at.lat
    return abs(east) < _SPAN_DEGREES and abs(north) < _SPAN_DEGREES


def _ended(picture: Picture, event: call_ev.CallEnded) -> list[Decision]:
    return _hand_back(picture, picture.state.calls.ended[-1], event.incident)


def _hand_back(picture: Picture, call: Call, incident_id: IncidentId | None) -> list[Decision]:
    """Tell the home trust of an incident whose call another trust answered; once."""
    board = picture.state.calls
    if incident_id is None or call.answered_by is None or incident_id in board.hand_backs.rows:
        return []
    incident = picture.state.incidents.get(incident_id)
    if incident is None or call.answered_by == incident.trust:
        return []
    room = board.rooms.get(incident.trust)
    is_linked = room is None or room.is_linked
    plan = hand_back(call.answered_by, incident.trust, incident.category, home_is_linked=is_linked)
    due_ms = picture.now_ms + plan.within_s * 1000
    return [
        HandBack(
            incident=incident_id,
            trust=incident.trust,
            answered_by=call.answered_by,
            use_case=plan.use_case,
            by_voice=plan.by_voice,
            due_at_ms=due_ms,
            note=plan.why,
        ),
        SetTimer(timer=hand_back_timer(incident_id), due_at_ms=due_ms),
    ]


def _timer(picture: Picture, event: ev.TimerFired) -> list[Decision]:
    board = picture.state.calls
    if event.timer.startswith(CALL_TIMER):
        row = board.calls.get(CallId(event.timer.removeprefix(CALL_TIMER)))
        return [] if row is None else _offer(picture, row.call)
    if event.timer.startswith(HAND_BACK_TIMER):
        incident = IncidentId(event.timer.removeprefix(HAND_BACK_TIMER))
        due = board.hand_backs.get(incident)
        if due is not None and due.due_at_ms <= picture.now_ms:
            return [RingHomeTrust(incident=incident, trust=due.trust)]
    return []


_STEPS: Final[dict[type, Callable[[Picture, Any], list[Decision]]]] = {
    call_ev.CallPresented: _presented,
    call_ev.CallDescribed: _described,
    call_ev.CallEnded: _ended,
    call_ev.HandlersOnDuty: _duty,
    ev.TimerFired: _timer,
}
