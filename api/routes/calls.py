"""Telephone calls: presented, answered, described, ended; call rooms and forecasts."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ID_PATTERN
from api.inputs_call import Answering, CallFacts, CallReport, Ending, Matching, RoomReport, TakeOver
from api.live import LiveDep
from api.problems import ProblemError
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, IncidentPath, decided, shown
from api.scenes_call import calls_view, forecast_view
from api.store.sqlite import Answer
from api.views import Decided
from api.views_call import CallsView, ForecastView
from dispatch.domain import event_call as ev
from dispatch.domain.event import Event
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.policies.answer_erlang import CallLoad

router = APIRouter(prefix="/v1", tags=["calls"])

CallPath = Annotated[str, Path(pattern=ID_PATTERN, description="Identifier of a call.")]
TrustPath = Annotated[str, Path(pattern=ID_PATTERN, description="ODS code of a trust.")]


async def _carry_out(
    door: DoorDep, event: Event, *named: str, incident: str | None = None
) -> Response:
    def act(desk: Desk) -> Answer:
        return decided(desk, desk.tell(event, named), incident=incident)

    return await door.carry_out(act)


@router.get("/calls", responses={200: {"model": CallsView}, **READS}, operation_id="listCalls")
async def list_calls(live: LiveDep) -> Response:
    """Return the open calls, the longest waiting first, call rooms, and answer times."""
    return await shown(live.runner.ask(calls_view))


@router.post(
    "/calls",
    status_code=201,
    responses={201: {"model": Decided}, **WRITES},
    operation_id="presentCall",
)
async def present_call(report: CallReport, door: DoorDep) -> Response:
    """Report that a call was connected.

    The answer may offer it to another trust too, or propose incidents that it may be about.
    """
    name = report.call or f"C-{hashlib.sha256(door.key.encode()).hexdigest()[:12]}"

    def act(desk: Desk) -> Answer:
        event = ev.CallPresented(
            call=CallId(name), trust=TrustCode(report.trust), caller=report.caller, at=report.at
        )
        return decided(desk, desk.tell(event), status=201)

    return await door.carry_out(act)


@router.post(
    "/calls/{call}/answer",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="answerCall",
)
async def answer_call(call: CallPath, answering: Answering, door: DoorDep) -> Response:
    """Say that a handler has answered, at the home trust or where the call was offered."""
    event = ev.CallAnswered(
        call=CallId(call), by=TrustCode(answering.by), handler=answering.handler
    )
    return await _carry_out(door, event, call)


@router.post(
    "/calls/{call}/describe",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="describeCall",
)
async def describe_call(call: CallPath, facts: CallFacts, door: DoorDep) -> Response:
    """Say what a handler has learned. Incidents that it may be about are proposed, never merged.

    With the incident that was opened, the home trust is told when another trust answered.
    """
    incident = None if facts.incident is None else IncidentId(facts.incident)
    event = ev.CallDescribed(
        call=CallId(call), at=facts.at, complaint=facts.complaint, incident=incident
    )
    return await _carry_out(door, event, call, incident=facts.incident)


@router.post(
    "/calls/{call}/abandon",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="abandonCall",
)
async def abandon_call(call: CallPath, door: DoorDep) -> Response:
    """Say that the caller hung up before anyone answered."""
    return await _carry_out(door, ev.CallAbandoned(call=CallId(call)), call)


@router.post(
    "/calls/{call}/end",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="endCall",
)
async def end_call(call: CallPath, ending: Ending, door: DoorDep) -> Response:
    """End a call with the one thing that it was about."""
    incident = None if ending.incident is None else IncidentId(ending.incident)
    event = ev.CallEnded(call=CallId(call), disposition=ending.disposition, incident=incident)
    return await _carry_out(door, event, call, incident=ending.incident)


@router.post(
    "/call-rooms/{trust}",
    responses={200: {"model": Decided}, **WRITES},
    operation_id="reportCallRoom",
)
async def report_call_room(trust: TrustPath, room: RoomReport, door: DoorDep) -> Response:
    """Say how many handlers a trust has on duty, and whether it takes calls of others."""
    event = ev.HandlersOnDuty(
        trust=TrustCode(trust),
        handlers=room.handlers,
        takes_calls=room.takes_calls,
        handle_s=room.handle_s,
        is_linked=room.is_linked,
    )
    return await _carry_out(door, event)


@router.get(
    "/call-forecast",
    responses={200: {"model": ForecastView}, **READS},
    operation_id="forecastCalls",
)
async def forecast_calls(
    live: LiveDep,
    calls_per_h: Annotated[float, Query(ge=0, le=20_000, allow_inf_nan=False)],
    handle_s: Annotated[float, Query(gt=0, le=7_200, allow_inf_nan=False)] = 360.0,
    patience_s: Annotated[
        float | None,
        Query(ge=1, le=7_200, allow_inf_nan=False, description="Missing: nobody hangs up."),
    ] = None,
    handlers: Annotated[
        int | None, Query(ge=0, le=10_000, description="Missing: as many as are needed.")
    ] = None,
) -> Response:
    """Say how many handlers a load needs, and what callers may expect (Erlang C, or A)."""
    load = CallLoad(calls_per_h=calls_per_h, handle_s=handle_s, patience_s=patience_s)

    def question(desk: Desk) -> ForecastView:
        try:
            return forecast_view(desk, load, handlers)
        except ValueError as error:
            raise ProblemError(422, "invalid", str(error)) from error

    return await shown(live.runner.ask(question))


@router.post(
    "/incidents/{incident}/hand-back",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="takeIncidentOver",
)
async def take_incident_over(incident: IncidentPath, taken: TakeOver, door: DoorDep) -> Response:
    """Say that the home trust has taken over an incident whose call another trust answered."""
    event = ev.CallHandedBack(incident=IncidentId(incident), by=TrustCode(taken.by))
    return await _carry_out(door, event, incident, incident=incident)


@router.post(
    "/incidents/{incident}/match",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="matchIncident",
)
async def match_incident(incident: IncidentPath, matching: Matching, door: DoorDep) -> Response:
    """End an incident as a duplicate of another, which never becomes less urgent by it."""
    event = ev.IncidentsMatched(
        incident=IncidentId(incident), into=IncidentId(matching.into), by=matching.by
    )
    return await _carry_out(door, event, incident, incident=matching.into)
