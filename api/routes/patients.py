"""Patients: described, offered services, rung while they wait, followed up."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.desk import Desk
from api.inputs_care import Clinician, FollowUpDone, PatientDescription, Review, WelfareAnswer
from api.live import LiveDep
from api.routes.doors import (
    NOT_FOUND,
    READS,
    WRITES,
    DoorDep,
    IncidentPath,
    decided,
    problem,
    shown,
)
from api.scenes_care import (
    follow_ups_view,
    offers_view,
    patient_view,
    validations_view,
    welfare_view,
)
from api.store.sqlite import Answer
from api.views import Decided
from api.views_care import FollowUpsView, OffersView, PatientView, ValidationsView, WelfareQueue
from dispatch.domain import event_care as ev
from dispatch.domain.event import Event
from dispatch.domain.ids import IncidentId
from dispatch.domain.service_type import Referrer

router = APIRouter(prefix="/v1", tags=["patients"])

CONFLICT: Final[dict[int | str, dict[str, Any]]] = {
    409: problem("Nobody has described the patient yet.")
}


async def _carry_out(door: DoorDep, incident: str, event: Event) -> Response:
    def act(desk: Desk) -> Answer:
        return decided(desk, desk.tell(event, (incident,)), incident=incident)

    return await door.carry_out(act)


@router.post(
    "/incidents/{incident}/patient",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="describePatient",
)
async def describe_patient(
    incident: IncidentPath, description: PatientDescription, door: DoorDep
) -> Response:
    """Say what is known of a patient; the answer offers services, or says why an ambulance goes.

    The incident keeps its place in the dispatch queue. A red flag takes back whatever was offered.
    """

    def act(desk: Desk) -> Answer:
        event = ev.PatientDescribed(
            incident=IncidentId(incident),
            patient=description.patient(desk.now_ms()),
            asked_by=description.asked_by,
            line=description.line,
        )
        return decided(desk, desk.tell(event, (incident,)), incident=incident)

    return await door.carry_out(act)


@router.get(
    "/incidents/{incident}/patient",
    responses={200: {"model": PatientView}, **READS, **NOT_FOUND},
    operation_id="getPatient",
)
async def get_patient(incident: IncidentPath, live: LiveDep) -> Response:
    """Return what is known of a patient, who looks at the incident, and which service was asked."""
    return await shown(live.runner.ask(lambda desk: patient_view(desk, incident)))


@router.get(
    "/incidents/{incident}/offers",
    responses={200: {"model": OffersView}, **READS, **NOT_FOUND, **CONFLICT},
    operation_id="getOffers",
)
async def get_offers(
    incident: IncidentPath,
    live: LiveDep,
    asked_by: Annotated[
        Referrer, Query(description="Who asks: a crew asks before it conveys.")
    ] = Referrer.CALL_HANDLER,
) -> Response:
    """Say which services could take the patient now, ranked and with reasons; change nothing."""
    return await shown(live.runner.ask(lambda desk: offers_view(desk, incident, asked_by)))


@router.get(
    "/validations",
    responses={200: {"model": ValidationsView}, **READS},
    operation_id="listValidations",
)
async def list_validations(live: LiveDep) -> Response:
    """Return the incidents that wait for a clinician, by breach time."""
    return await shown(live.runner.ask(validations_view))


@router.post(
    "/validations/{incident}/start",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="startValidation",
)
async def start_validation(incident: IncidentPath, who: Clinician, door: DoorDep) -> Response:
    """Say that a clinician speaks with the patient."""
    event = ev.ValidationStarted(incident=IncidentId(incident), clinician=who.clinician)
    return await _carry_out(door, incident, event)


@router.post(
    "/validations/{incident}/attempt",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="attemptValidation",
)
async def attempt_validation(incident: IncidentPath, who: Clinician, door: DoorDep) -> Response:
    """Say that a clinician rang and nobody answered; the incident keeps its place."""
    event = ev.ValidationAttempted(incident=IncidentId(incident), clinician=who.clinician)
    return await _carry_out(door, incident, event)


@router.post(
    "/validations/{incident}/review",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reviewIncident",
)
async def review_incident(incident: IncidentPath, review: Review, door: DoorDep) -> Response:
    """Say what a clinician has decided: upgraded, kept, downgraded, hear and treat, referred."""
    event = ev.ClinicianReviewed(
        incident=IncidentId(incident),
        clinician=review.clinician,
        result=review.result,
        new_category=review.new_category,
        new_segment=review.new_segment,
    )
    return await _carry_out(door, incident, event)


@router.get(
    "/welfare-calls",
    responses={200: {"model": WelfareQueue}, **READS},
    operation_id="listWelfareCalls",
)
async def list_welfare_calls(live: LiveDep) -> Response:
    """Return the waiting patients who are to be rung now, the longest due first."""
    return await shown(live.runner.ask(welfare_view))


@router.post(
    "/incidents/{incident}/welfare-calls",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reportWelfareCall",
)
async def report_welfare_call(
    incident: IncidentPath, answer: WelfareAnswer, door: DoorDep
) -> Response:
    """Say what a welfare call showed; whoever got worse is put before a clinician."""
    event = ev.WelfareCalled(incident=IncidentId(incident), by=answer.by, result=answer.result)
    return await _carry_out(door, incident, event)


@router.get(
    "/follow-ups", responses={200: {"model": FollowUpsView}, **READS}, operation_id="listFollowUps"
)
async def list_follow_ups(live: LiveDep) -> Response:
    """Return the patients who were not conveyed and are to be followed up, the earliest first."""
    return await shown(live.runner.ask(follow_ups_view))


@router.post(
    "/incidents/{incident}/follow-up",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reportFollowUp",
)
async def report_follow_up(incident: IncidentPath, done: FollowUpDone, door: DoorDep) -> Response:
    """Say that a patient was followed up."""
    event = ev.FollowUpMade(incident=IncidentId(incident), by=done.by, note=done.note)
    return await _carry_out(door, incident, event)
