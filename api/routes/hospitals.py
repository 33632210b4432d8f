"""Hospitals: their handover boards, and their capacity."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import Capacity
from api.live import LiveDep
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, HospitalPath, decided, shown
from api.scenes import hospitals_view
from api.store.sqlite import Answer
from api.views import Decided, HospitalsView
from dispatch.domain.event import HospitalUpdated
from dispatch.domain.ids import HospitalId

router = APIRouter(prefix="/v1/hospitals", tags=["hospitals"])


@router.get("", responses={200: {"model": HospitalsView}, **READS}, operation_id="listHospitals")
async def list_hospitals(live: LiveDep) -> Response:
    """Show every hospital's handover board: who comes, who waits, since when."""
    return await shown(live.runner.ask(hospitals_view))


@router.post(
    "/{hospital}/capacity",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="updateHospitalCapacity",
)
async def update_hospital_capacity(
    hospital: HospitalPath, capacity: Capacity, door: DoorDep
) -> Response:
    """Say how many handovers can go on at once, or whether a hospital accepts patients."""

    def act(desk: Desk) -> Answer:
        event = HospitalUpdated(
            hospital=HospitalId(hospital),
            bays=capacity.bays,
            is_accepting=capacity.is_accepting,
        )
        return decided(desk, desk.tell(event, (hospital,)), hospital=hospital)

    return await door.carry_out(act)
