"""Services: the directory in force, how much room they have, and which times may be booked."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ID_PATTERN
from api.inputs_care import CapacityWord, DirectoryFile, SlotTimes
from api.live import LiveDep
from api.problems import ProblemError
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, decided, shown
from api.scenes_care import services_view
from api.store.sqlite import Answer
from api.views import Decided
from api.views_care import DirectoryTaken, RejectView, ServicesView
from api.wire import instant, to_ms
from dispatch.domain import event_care as ev
from dispatch.domain.directory import DirectoryImport, directory_from_csv, directory_from_json
from dispatch.domain.ids import ServiceId
from dispatch.domain.service import CapacityLevel, Slot

router = APIRouter(prefix="/v1/services", tags=["services"])

ServicePath = Annotated[str, Path(pattern=ID_PATTERN, description="Identifier of a service.")]


@router.get("", responses={200: {"model": ServicesView}, **READS}, operation_id="listServices")
async def list_services(live: LiveDep) -> Response:
    """Return the directory in force: which services there are, open or not, and their room."""
    return await shown(live.runner.ask(services_view))


@router.post("", responses={200: {"model": DirectoryTaken}, **WRITES}, operation_id="loadServices")
async def load_services(file: DirectoryFile, door: DoorDep) -> Response:
    """Put a directory into force, as CSV or as a list; it replaces the one before.

    Entries that cannot be taken are listed with their row and the reason, the others are kept. A
    file without any that can is refused, and the directory before stays in force.
    """

    def act(desk: Desk) -> Answer:
        result = _read(file)
        if not result.services:
            detail = "Expected at least one entry that can be taken, was none."
            if result.rejects:
                first = result.rejects[0]
                detail += f" Row {first.row}: see the rules of a directory."
            raise desk.refuse("ServicesLoaded", ProblemError(422, "empty-directory", detail))
        desk.tell(
            ev.ServicesLoaded(
                services=result.services,
                by=file.by,
                source=file.source,
                rejects=len(result.rejects),
            )
        )
        view = DirectoryTaken(
            seq=desk.seq,
            at=instant(desk.now_ms()),
            accepted=len(result.services),
            rejects=[RejectView(row=r.row, id=r.id, why=r.why) for r in result.rejects],
            ignored=list(result.ignored),
        )
        return Answer(200, view.encoded())

    return await door.carry_out(act, is_emergency=False)


def _read(file: DirectoryFile) -> DirectoryImport:
    if (file.csv is None) == (file.services is None):
        raise ProblemError(422, "invalid", "Expected csv or services, one of them.")
    try:
        if file.csv is not None:
            return directory_from_csv(file.csv.encode())
        return directory_from_json(msgspec.json.encode(file.services))
    except (ValueError, msgspec.MsgspecError) as error:
        raise ProblemError(422, "invalid", "Expected a directory that can be read.") from error


@router.post(
    "/{service}/capacity",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reportServiceCapacity",
)
async def report_service_capacity(
    service: ServicePath, capacity: CapacityWord, door: DoorDep
) -> Response:
    """Say how much room a service has; amber and red turn back to green by themselves."""

    def act(desk: Desk) -> Answer:
        event = ev.ServiceCapacityReported(
            service=ServiceId(service),
            level=CapacityLevel[capacity.level],
            by=capacity.by,
            reason=capacity.reason,
        )
        return decided(desk, desk.tell(event, (service,)))

    return await door.carry_out(act)


@router.post(
    "/{service}/slots",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="offerSlots",
)
async def offer_slots(service: ServicePath, times: SlotTimes, door: DoorDep) -> Response:
    """Say which times may be booked at a service; they replace those it offered before."""

    def act(desk: Desk) -> Answer:
        try:
            slots = tuple(
                Slot(
                    id=time.slot,
                    service=ServiceId(service),
                    starts_at_ms=to_ms(time.starts_at),
                    ends_at_ms=to_ms(time.ends_at),
                    free=time.free,
                )
                for time in times.slots
            )
        except ValueError as error:
            raise ProblemError(422, "invalid", str(error)) from error
        event = ev.SlotsOffered(service=ServiceId(service), slots=slots)
        return decided(desk, desk.tell(event, (service,)))

    return await door.carry_out(act, is_emergency=False)
