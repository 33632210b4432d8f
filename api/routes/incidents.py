"""Incidents: reported, coded again, closed, listed."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import Closing, IncidentReport, Recoding, ms_or, ms_or_none
from api.live import LiveDep
from api.problems import ProblemError
from api.routes.doors import (
    NOT_FOUND,
    READS,
    WRITES,
    DoorDep,
    IncidentPath,
    decided,
    incident_of,
    shown,
)
from api.scenes import incidents_view
from api.store.sqlite import Answer
from api.views import Decided, IncidentsView, IncidentView
from dispatch.domain import event as ev
from dispatch.domain.ids import IncidentId, TrustCode

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])


@router.post(
    "",
    status_code=201,
    responses={201: {"model": Decided}, **WRITES},
    operation_id="reportIncident",
)
async def report_incident(report: IncidentReport, door: DoorDep) -> Response:
    """Report an incident; the answer says who is sent, and why, or why nobody is yet.

    Its place must lie near a road (422 `off-network`, with the gap in metres). The home trust is
    found by the place unless it is given.
    """
    name = report.incident or f"I-{hashlib.sha256(door.key.encode()).hexdigest()[:12]}"

    def act(desk: Desk) -> Answer:
        entries = desk.tell(_reported(desk, report, name))
        return decided(desk, entries, status=201, incident=name)

    return await door.carry_out(act)


def _reported(desk: Desk, report: IncidentReport, name: str) -> ev.IncidentReported:
    trust = report.trust or desk.ground.home_trust(report.at)
    if trust is None:
        problem = ProblemError(
            422, "no-home-trust", "Expected a place within a trust of the region, was in none."
        )
        raise desk.refuse(f"IncidentReported {name}", problem)
    now_ms, coded_at_ms = desk.now_ms(), ms_or_none(report.coded_at)
    connected_at_ms = ms_or(report.connected_at, now_ms if coded_at_ms is None else coded_at_ms)
    return ev.IncidentReported(
        incident=IncidentId(name),
        trust=TrustCode(trust),
        at=report.at,
        category=report.category,
        connected_at_ms=connected_at_ms,
        coded_at_ms=coded_at_ms,
        segment=report.segment,
        pathway=report.pathway,
    )


@router.post(
    "/{incident}/recode",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="recodeIncident",
)
async def recode_incident(incident: IncidentPath, recoding: Recoding, door: DoorDep) -> Response:
    """Give an incident another category, or its first one; an upgrade may send or divert units."""

    def act(desk: Desk) -> Answer:
        event = ev.IncidentRecoded(
            incident=IncidentId(incident),
            category=recoding.category,
            coded_at_ms=ms_or(recoding.coded_at, desk.now_ms()),
            segment=recoding.segment,
            pathway=recoding.pathway,
        )
        return decided(desk, desk.tell(event, (incident,)), incident=incident)

    return await door.carry_out(act)


@router.post(
    "/{incident}/close",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="closeIncident",
)
async def close_incident(incident: IncidentPath, closing: Closing, door: DoorDep) -> Response:
    """Close an incident without its units: advice given, referred, cancelled, duplicate.

    Units on their way are stood down. Refused (409) once a crew has reached the patient: the crew
    closes it by clearing.
    """

    def act(desk: Desk) -> Answer:
        event = ev.IncidentClosed(
            incident=IncidentId(incident), outcome=closing.outcome, reason=closing.reason
        )
        return decided(desk, desk.tell(event, (incident,)), incident=incident)

    return await door.carry_out(act)


@router.get("", responses={200: {"model": IncidentsView}, **READS}, operation_id="listIncidents")
async def list_incidents(
    live: LiveDep,
    closed: Annotated[
        int, Query(ge=0, le=500, description="How many closed incidents to add, latest first.")
    ] = 0,
) -> Response:
    """List the open incidents, gravest first, and as many of the closed ones as asked for."""
    return await shown(live.runner.ask(lambda desk: incidents_view(desk, with_closed=closed)))


@router.get(
    "/{incident}",
    responses={200: {"model": IncidentView}, **READS, **NOT_FOUND},
    operation_id="getIncident",
)
async def get_incident(incident: IncidentPath, live: LiveDep) -> Response:
    """Return one incident, open or lately closed."""

    def question(desk: Desk) -> IncidentView:
        view = incident_of(desk, incident)
        if view is None:
            raise ProblemError(404, "unknown-id", "Expected a known incident, was another.")
        return view

    return await shown(live.runner.ask(question))
