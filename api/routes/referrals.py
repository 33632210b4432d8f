"""Referrals: offered to a service, booked, confirmed, refused, and what came of them."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ID_PATTERN
from api.inputs_care import Booking, ReferralOffer, Refusal, Said, SaidWhy
from api.live import LiveDep
from api.problems import ProblemError
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, decided, shown
from api.scenes_care import referral_of, referrals_view
from api.store.sqlite import Answer
from api.views import Decided
from api.views_care import ReferralsView, ReferralView
from dispatch.domain import event_care as ev
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId

router = APIRouter(prefix="/v1/referrals", tags=["referrals"])

ReferralPath = Annotated[str, Path(pattern=ID_PATTERN, description="Identifier of a referral.")]


async def _carry_out(door: DoorDep, referral: str, event: ev.ReferralEvent) -> Response:
    def act(desk: Desk) -> Answer:
        incident = desk.dispatcher.state.care.incident_of(ReferralId(referral))
        return decided(desk, desk.tell(event, (referral,)), incident=incident)

    return await door.carry_out(act)


@router.post(
    "", status_code=201, responses={201: {"model": Decided}, **WRITES}, operation_id="offerReferral"
)
async def offer_referral(offer: ReferralOffer, door: DoorDep) -> Response:
    """Offer a patient to a service. Until it confirms, the incident waits on for an ambulance.

    Refused (409 `barred`) for Category 1, 2A and whoever needs an ambulance whatever is offered.
    """
    name = offer.referral or f"R-{hashlib.sha256(door.key.encode()).hexdigest()[:12]}"

    def act(desk: Desk) -> Answer:
        event = ev.ReferralOffered(
            referral=ReferralId(name),
            incident=IncidentId(offer.incident),
            service=ServiceId(offer.service),
            asked_by=offer.asked_by,
            by=offer.by,
        )
        return decided(desk, desk.tell(event), status=201, incident=offer.incident)

    return await door.carry_out(act)


@router.get("", responses={200: {"model": ReferralsView}, **READS}, operation_id="listReferrals")
async def list_referrals(
    live: LiveDep,
    ended: Annotated[
        int, Query(ge=0, le=500, description="How many ended referrals to add, latest first.")
    ] = 0,
) -> Response:
    """Return the live referrals by the time at which they fail safe."""
    return await shown(live.runner.ask(lambda desk: referrals_view(desk, with_ended=ended)))


@router.get(
    "/{referral}",
    responses={200: {"model": ReferralView}, **READS, **NOT_FOUND},
    operation_id="getReferral",
)
async def get_referral(referral: ReferralPath, live: LiveDep) -> Response:
    """Return one referral, live or lately ended."""

    def question(desk: Desk) -> ReferralView:
        view = referral_of(desk, referral)
        if view is None:
            raise ProblemError(404, "unknown-id", "Expected a known referral, was another.")
        return view

    return await shown(live.runner.ask(question))


@router.post(
    "/{referral}/book",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="bookReferral",
)
async def book_referral(referral: ReferralPath, booking: Booking, door: DoorDep) -> Response:
    """Take a slot of the service for the patient; its yes is still awaited."""
    event = ev.ReferralBooked(referral=ReferralId(referral), slot=booking.slot, by=booking.by)
    return await _carry_out(door, referral, event)


@router.post(
    "/{referral}/confirm",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="confirmReferral",
)
async def confirm_referral(referral: ReferralPath, said: Said, door: DoorDep) -> Response:
    """Say that the service takes the patient: the incident ends as referred.

    It does so when a clinician, a crew or a protocol made the referral; else when a clinician
    agrees. A crew on scene ends it by clearing.
    """
    event = ev.ReferralConfirmed(referral=ReferralId(referral), by=said.by)
    return await _carry_out(door, referral, event)


@router.post(
    "/{referral}/refuse",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="refuseReferral",
)
async def refuse_referral(referral: ReferralPath, refusal: Refusal, door: DoorDep) -> Response:
    """Say that the service does not take the patient; the incident is back with its old clock."""
    event = ev.ReferralRefused(
        referral=ReferralId(referral), code=refusal.code, by=refusal.by, reason=refusal.reason
    )
    return await _carry_out(door, referral, event)


@router.post(
    "/{referral}/withdraw",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="withdrawReferral",
)
async def withdraw_referral(referral: ReferralPath, said: SaidWhy, door: DoorDep) -> Response:
    """Take a referral back that has not ended its incident."""
    event = ev.ReferralWithdrawn(referral=ReferralId(referral), by=said.by, reason=said.reason)
    return await _carry_out(door, referral, event)


@router.post(
    "/{referral}/complete",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="completeReferral",
)
async def complete_referral(referral: ReferralPath, said: Said, door: DoorDep) -> Response:
    """Say that the service has seen or spoken to the patient."""
    event = ev.ReferralCompleted(referral=ReferralId(referral), by=said.by)
    return await _carry_out(door, referral, event)


@router.post(
    "/{referral}/return",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="returnReferral",
)
async def return_referral(referral: ReferralPath, said: SaidWhy, door: DoorDep) -> Response:
    """Say that the service asks for an ambulance after all: the incident is opened again."""
    event = ev.ReferralReturned(referral=ReferralId(referral), by=said.by, reason=said.reason)
    return await _carry_out(door, referral, event)


@router.post(
    "/{referral}/not-attended",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="missReferral",
)
async def miss_referral(referral: ReferralPath, said: Said, door: DoorDep) -> Response:
    """Say that the patient did not come or was not found: they are looked for."""
    event = ev.ReferralNotAttended(referral=ReferralId(referral), by=said.by)
    return await _carry_out(door, referral, event)
