"""Road closures and live speeds: put in force, listed, ended."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ms_or_none
from api.live import LiveDep
from api.problems import ProblemError
from api.road_inputs import Area, ClosureEnd, PolygonArea, RoadClosure
from api.routes.doors import NOT_FOUND, READS, WRITES, ClosurePath, DoorDep, decided, shown
from api.scenes import closures_view
from api.store.sqlite import Answer
from api.views import ClosuresView, Decided
from dispatch.domain.event import TravelTimesChanged
from dispatch.journal import Entry
from routing.changes import (
    Closed,
    Effect,
    Factor,
    OnEdges,
    OnRoad,
    RoadChange,
    Speed,
    Where,
    WithinArea,
)
from routing.weights import DriveMode

router = APIRouter(prefix="/v1/road-closures", tags=["roads"])


@router.get("", responses={200: {"model": ClosuresView}, **READS}, operation_id="listRoadClosures")
async def list_road_closures(live: LiveDep) -> Response:
    """Show the closures and live speeds in force, with the stretches that they touch."""
    return await shown(live.runner.ask(closures_view))


@router.post(
    "",
    status_code=201,
    responses={201: {"model": Decided}, **WRITES},
    operation_id="closeRoads",
)
async def close_roads(closure: RoadClosure, door: DoorDep) -> Response:
    """Close roads, or say how fast they are; from the answer on every decision uses it.

    Name edges, a road, an area, or a road within an area. Without a speed nobody drives through,
    but journeys may still begin and end there. Refused (409 `no-streets`) where the region has no
    roads; 422 when nothing of that description is there, a polygon crosses itself, or `until` is
    past.
    """
    name = closure.closure or f"R-{hashlib.sha256(door.key.encode()).hexdigest()[:12]}"

    def act(desk: Desk) -> Answer:
        def make(now_ms: int) -> TravelTimesChanged:
            return desk.closures.begin(_change(closure, name, now_ms), now_ms)

        entries = _told(desk, make, f"closure {name}")
        return decided(desk, entries, status=201, closure=name)

    return await door.carry_out(act)


@router.post(
    "/{closure}/end",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="endRoadClosure",
)
async def end_road_closure(closure: ClosurePath, end: ClosureEnd, door: DoorDep) -> Response:
    """End a closure before its time: the roads are as they were without it."""

    def act(desk: Desk) -> Answer:
        def make(_now_ms: int) -> TravelTimesChanged:
            return desk.closures.end(closure, end.by, end.reason)

        return decided(desk, _told(desk, make, f"end of closure {closure}"))

    return await door.carry_out(act)


def _told(desk: Desk, make: Callable[[int], TravelTimesChanged], subject: str) -> list[Entry]:
    """Tell the desk of a change of roads; one that cannot be meant is journalled as refused."""

    def made(now_ms: int) -> TravelTimesChanged:
        try:
            return make(now_ms)
        except ProblemError as problem:
            raise desk.refuse(subject, problem) from problem

    return desk.tell_made(made)


def _change(closure: RoadClosure, name: str, now_ms: int) -> RoadChange:
    return RoadChange(
        id=name,
        where=_where(closure),
        effect=_effect(closure),
        reported_at_ms=now_ms,
        expires_at_ms=ms_or_none(closure.until),
        modes=tuple(mode for mode in DriveMode if mode.name.lower() in closure.concerns),
        reason=closure.reason,
        by=closure.by,
    )


def _where(closure: RoadClosure) -> Where:
    if closure.edges is not None:
        return OnEdges(tuple(closure.edges), closure.both_directions)
    area = None if closure.area is None else _geojson(closure.area)
    if closure.road is not None:
        return OnRoad(closure.road, area)
    assert area is not None
    return WithinArea(area)


def _effect(closure: RoadClosure) -> Effect:
    if closure.speed_factor is not None:
        return Factor(closure.speed_factor)
    if closure.speed_kmh is not None:
        return Speed(closure.speed_kmh)
    return Closed()


def _geojson(area: Area) -> dict[str, Any]:
    """Return an area as plain GeoJSON in two dimensions."""
    if isinstance(area, PolygonArea):
        return {"type": area.type, "coordinates": _flat(area.coordinates)}
    return {"type": area.type, "coordinates": [_flat(rings) for rings in area.coordinates]}


def _flat(rings: list[list[list[float]]]) -> list[list[list[float]]]:
    return [[place[:2] for place in ring] for ring in rings]
