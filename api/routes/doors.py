"""What routes share: the key of a request, how it is handed over, and how it is documented."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Request
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ID_PATTERN
from api.live import Live, LiveDep
from api.problems import MEDIA_TYPE, response_of
from api.scenes import (
    closed_view,
    closure_view,
    decision_views,
    hospital_view,
    incident_view,
    unit_view,
    versions,
)
from api.store.sqlite import Answer
from api.views import Decided, IncidentView, View
from api.wire import instant
from dispatch.domain.ids import HospitalId, IncidentId, UnitId
from dispatch.journal import Entry

IncidentPath = Annotated[str, Path(pattern=ID_PATTERN, description="Identifier of an incident.")]
UnitPath = Annotated[str, Path(pattern=ID_PATTERN, description="Callsign of a unit.")]
ClosurePath = Annotated[str, Path(pattern=ID_PATTERN, description="Identifier of a closure.")]
HospitalPath = Annotated[str, Path(pattern=ID_PATTERN, description="Identifier of a hospital.")]

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A new one for each thing that happens, the same one when it is sent again.",
    ),
]


def problem(description: str) -> dict[str, Any]:
    """Return the documentation of an error answer."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


READS: Final[dict[int | str, dict[str, Any]]] = {
    422: problem("A parameter is not as expected."),
    503: problem("The server is full, starting, or cannot write its journal. Retry later."),
    "default": problem("Any other error."),
}

WRITES: Final[dict[int | str, dict[str, Any]]] = {
    400: problem("The body is not UTF-8 JSON."),
    409: problem("The picture disagrees: the event is kept as rejected, and changed nothing."),
    413: problem("The body is too large."),
    422: problem("A field is not as expected, or the key was used for another request."),
    503: problem("The server is full, starting, or cannot write its journal. Retry later."),
    "default": problem("Any other error."),
}

NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: problem("The thing that the path names is not known."),
}


@dataclass(frozen=True, slots=True)
class Door:
    """A request that changes something: where it is handed over, once for its key."""

    live: Live
    request: Request
    key: str

    async def carry_out(
        self, act: Callable[[Desk], Answer], *, is_emergency: bool = True
    ) -> Response:
        """Hand a report or an order over and answer when it is on disk.

        Routine requests are turned away first when the server is full.
        """
        body = await self.request.body()
        head = f"{self.request.method} {self.request.url.path}\n".encode()
        told = await self.live.runner.tell(
            self.key, hashlib.sha256(head + body).digest(), act, is_emergency=is_emergency
        )
        return response_of(told.answer, is_replayed=told.is_replayed)


async def _door(request: Request, live: LiveDep, key: Key) -> Door:
    return Door(live, request, key)


DoorDep = Annotated[Door, Depends(_door)]
"""Parameter of a route that changes something; it asks for the Idempotency-Key."""


async def shown(view: Awaitable[View]) -> Response:
    """Return a view as JSON."""
    return Response((await view).encoded(), media_type="application/json")


def incident_of(desk: Desk, incident: str) -> IncidentView | None:
    """Return an incident, open or lately closed; None when it is not known."""
    row = desk.dispatcher.state.incidents.get(IncidentId(incident))
    if row is not None:
        return incident_view(desk, row, desk.now_ms())
    record = desk.closed.get(IncidentId(incident))
    return None if record is None else closed_view(record)


def decided(
    desk: Desk,
    entries: list[Entry],
    *,
    status: int = 200,
    incident: str | None = None,
    unit: str | None = None,
    hospital: str | None = None,
    closure: str | None = None,
) -> Answer:
    """Return the answer to an event: its decisions, and what it was about, as that is now."""
    now_ms, state = desk.now_ms(), desk.dispatcher.state
    row = None if unit is None else state.units.get(UnitId(unit))
    changes = [change for change in desk.closures.in_force() if change.id == closure]
    board = None if hospital is None else state.hospitals.get(HospitalId(hospital))
    view = Decided(
        seq=desk.seq,
        at=instant(now_ms),
        decisions=decision_views(entries, desk.directory),
        incident=None if incident is None else incident_of(desk, incident),
        unit=None if row is None else unit_view(desk, row, now_ms),
        hospital=None if board is None else hospital_view(board, now_ms),
        closure=closure_view(desk, changes[0]) if changes else None,
        versions=versions(desk),
    )
    return Answer(status, view.encoded())
