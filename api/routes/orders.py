"""Recommendations, and the orders of persons: assign, stand down, relocate."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.advice import advise
from api.desk import Desk
from api.inputs import (
    AssignmentOrder,
    RecommendationRequest,
    RelocationOrder,
    StandDownOrder,
)
from api.live import LiveDep
from api.routes.doors import NOT_FOUND, WRITES, DoorDep, decided, shown
from api.store.sqlite import Answer
from api.views import Advice, Decided
from dispatch.domain import event as ev
from dispatch.domain.ids import IncidentId, PostId, UnitId

router = APIRouter(prefix="/v1", tags=["orders"])


@router.post(
    "/recommendations",
    responses={200: {"model": Advice}, **WRITES, **NOT_FOUND},
    operation_id="recommend",
)
async def recommend(request: RecommendationRequest, live: LiveDep) -> Response:
    """Say who should go to an incident, ranked and with reasons, and change nothing.

    Ask for an open incident by its identifier, or for one that was not reported, by category and
    place. No Idempotency-Key is needed.
    """
    return await shown(live.runner.ask(lambda desk: advise(desk, request), is_emergency=True))


@router.post(
    "/assignments",
    status_code=201,
    responses={201: {"model": Decided}, **WRITES},
    operation_id="orderAssignment",
)
async def order_assignment(order: AssignmentOrder, door: DoorDep) -> Response:
    """Send a unit: take a recommendation, or override the engine with a reason.

    A unit on its way elsewhere is diverted. Refused (409) when the unit cannot go.
    """

    def act(desk: Desk) -> Answer:
        event = ev.AssignmentOrdered(
            incident=IncidentId(order.incident),
            unit=UnitId(order.unit),
            by=order.by,
            reason=order.reason,
        )
        entries = desk.tell(event)
        return decided(desk, entries, status=201, incident=order.incident, unit=order.unit)

    return await door.carry_out(act)


@router.post(
    "/stand-downs",
    status_code=201,
    responses={201: {"model": Decided}, **WRITES},
    operation_id="orderStandDown",
)
async def order_stand_down(order: StandDownOrder, door: DoorDep) -> Response:
    """Take a unit off an incident while it is on its way; the incident waits again if it must."""

    def act(desk: Desk) -> Answer:
        event = ev.StandDownOrdered(
            incident=IncidentId(order.incident),
            unit=UnitId(order.unit),
            by=order.by,
            reason=order.reason,
        )
        entries = desk.tell(event)
        return decided(desk, entries, status=201, incident=order.incident, unit=order.unit)

    return await door.carry_out(act)


@router.post(
    "/relocations",
    status_code=201,
    responses={201: {"model": Decided}, **WRITES},
    operation_id="orderRelocation",
)
async def order_relocation(order: RelocationOrder, door: DoorDep) -> Response:
    """Send an idle unit to a post, to cover from there."""

    def act(desk: Desk) -> Answer:
        event = ev.RelocationOrdered(
            unit=UnitId(order.unit),
            post=PostId(order.post),
            by=order.by,
            reason=order.reason,
        )
        return decided(desk, desk.tell(event), status=201, unit=order.unit)

    return await door.carry_out(act)
