"""Units: signing on and off, where they are and where they stand in their job."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.desk import Desk
from api.fleet import shift_end_ms
from api.inputs import (
    PositionBatch,
    PositionReport,
    SignOn,
    StatusReport,
    UnitPosition,
    meal_break_of,
    ms_or,
    ms_or_none,
)
from api.live import LiveDep
from api.problems import FieldProblem, ProblemError
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, UnitPath, decided, shown
from api.scenes import decision_views, unit_view, units_view
from api.store.sqlite import Answer
from api.views import Decided, PositionRefused, PositionsTaken, UnitsView, UnitView
from api.wire import instant
from dispatch.domain import event as ev
from dispatch.domain.ids import HospitalId, IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.unit import Skill, UnitSpec
from dispatch.journal import Entry
from maps.geo import LonLat

router = APIRouter(prefix="/v1/units", tags=["units"])


@router.post(
    "", status_code=201, responses={201: {"model": Decided}, **WRITES}, operation_id="signOnUnit"
)
async def sign_on_unit(sign_on: SignOn, door: DoorDep) -> Response:
    """Bring a crew on duty, at a place or at its base; whoever waits may be given it at once.

    A unit of the region's fleet is known by its callsign. For any other, kind, skill and home
    must be sent.
    """

    def act(desk: Desk) -> Answer:
        entries = desk.tell(_signed_on(desk, sign_on))
        return decided(desk, entries, status=201, unit=sign_on.unit)

    return await door.carry_out(act)


def _signed_on(desk: Desk, sign_on: SignOn) -> ev.UnitSignedOn:
    spec = _spec(desk, sign_on)
    member, at = desk.ground.fleet.get(spec.id), sign_on.at
    if at is None:
        at = _base(desk, spec.home)
    until_ms = ms_or_none(sign_on.until)
    if until_ms is None and member is not None and member.shifts:
        until_ms = shift_end_ms(member.shifts, desk.ground.timezone, desk.now_ms())
    return ev.UnitSignedOn(
        unit=spec, at=at, until_ms=until_ms, meal_break=meal_break_of(sign_on.meal_break)
    )


def _spec(desk: Desk, sign_on: SignOn) -> UnitSpec:
    """Return what a unit is: what was sent, then what is known of it."""
    unit = UnitId(sign_on.unit)
    known = desk.spec_of(unit)
    kind = sign_on.kind or (None if known is None else known.kind)
    skill = Skill[sign_on.skill] if sign_on.skill else (None if known is None else known.skill)
    home = PostId(sign_on.home) if sign_on.home else (None if known is None else known.home)
    if kind is None or skill is None or home is None:
        raise _incomplete({"kind": kind, "skill": skill, "home": home})
    trust = _trust(desk, sign_on, known, home)
    return UnitSpec(id=unit, trust=trust, kind=kind, skill=skill, home=home)


def _incomplete(needed: dict[str, object]) -> ProblemError:
    return ProblemError(
        422,
        "invalid",
        "Expected kind, skill and home of a unit that the region's fleet does not know.",
        errors=[
            FieldProblem(pointer=f"/{name}", detail="Expected this field, was missing.")
            for name, value in needed.items()
            if value is None
        ],
    )


def _trust(desk: Desk, sign_on: SignOn, known: UnitSpec | None, home: PostId) -> TrustCode:
    if sign_on.trust is not None:
        return TrustCode(sign_on.trust)
    if known is not None:
        return known.trust
    post = desk.dispatcher.state.posts.get(home)
    return TrustCode("") if post is None else post.trust


def _base(desk: Desk, home: PostId) -> LonLat:
    post = desk.dispatcher.state.posts.get(home)
    if post is None:
        raise ProblemError(
            422,
            "unknown-id",
            "Expected a known post, was another.",
            errors=[FieldProblem(pointer="/home", detail="Expected a known post.")],
        )
    return post.at


@router.post(
    "/{unit}/status",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reportUnitStatus",
)
async def report_unit_status(unit: UnitPath, report: StatusReport, door: DoorDep) -> Response:
    """Report where a crew stands in its job; conveying is answered with a destination.

    Refused (409) when the status cannot follow the one before, or the report names another
    incident than the unit is on.
    """

    def act(desk: Desk) -> Answer:
        known = desk.dispatcher.state.units.get(UnitId(unit))
        incident = None if known is None else known.incident
        event = ev.UnitStatusReported(
            unit=UnitId(unit),
            status=report.status,
            reported_at_ms=ms_or(report.reported_at, desk.now_ms()),
            at=report.at,
            incident=None if report.incident is None else IncidentId(report.incident),
            hospital=None if report.hospital is None else HospitalId(report.hospital),
            outcome=report.outcome,
        )
        entries = desk.tell(event, (unit,))
        return decided(desk, entries, unit=unit, incident=incident)

    return await door.carry_out(act)


@router.post(
    "/{unit}/position",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reportUnitPosition",
)
async def report_unit_position(unit: UnitPath, report: PositionReport, door: DoorDep) -> Response:
    """Report where a unit is. An older report than the last one is refused (409)."""

    def act(desk: Desk) -> Answer:
        return decided(desk, desk.tell(_placed(desk, unit, report), (unit,)), unit=unit)

    return await door.carry_out(act, is_emergency=False)


@router.post(
    "/positions:batch",
    responses={200: {"model": PositionsTaken}, **WRITES},
    operation_id="reportUnitPositions",
)
async def report_unit_positions(batch: PositionBatch, door: DoorDep) -> Response:
    """Report where many units are; each position is taken or refused by itself."""

    def act(desk: Desk) -> Answer:
        entries: list[Entry] = []
        refused: list[PositionRefused] = []
        for report in batch.positions:
            try:
                entries += desk.tell(_placed(desk, report.unit, report))
            except ProblemError as problem:
                refused.append(
                    PositionRefused(unit=report.unit, code=problem.code, detail=problem.detail)
                )
        view = PositionsTaken(
            seq=desk.seq,
            at=instant(desk.now_ms()),
            accepted=len(batch.positions) - len(refused),
            refused=refused,
            decisions=decision_views(entries, desk.directory),
        )
        return Answer(200, view.encoded())

    return await door.carry_out(act, is_emergency=False)


def _placed(
    desk: Desk, unit: str, report: PositionReport | UnitPosition
) -> ev.UnitPositionReported:
    return ev.UnitPositionReported(
        unit=UnitId(unit),
        at=report.at,
        reported_at_ms=ms_or(report.reported_at, desk.now_ms()),
    )


@router.post(
    "/{unit}/sign-off",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="signOffUnit",
)
async def sign_off_unit(unit: UnitPath, door: DoorDep) -> Response:
    """Take a crew off duty. Refused (409) while it is on a job."""

    def act(desk: Desk) -> Answer:
        entries = desk.tell(ev.UnitSignedOff(unit=UnitId(unit)), (unit,))
        return decided(desk, entries, unit=unit)

    return await door.carry_out(act)


@router.get("", responses={200: {"model": UnitsView}, **READS}, operation_id="listUnits")
async def list_units(live: LiveDep) -> Response:
    """List every unit that was ever on duty: kind, skill, status, where it is believed to be."""
    return await shown(live.runner.ask(units_view))


@router.get(
    "/{unit}",
    responses={200: {"model": UnitView}, **READS, **NOT_FOUND},
    operation_id="getUnit",
)
async def get_unit(unit: UnitPath, live: LiveDep) -> Response:
    """Return one unit, with the way that it is on."""

    def question(desk: Desk) -> UnitView:
        row = desk.dispatcher.state.units.get(UnitId(unit))
        if row is None:
            raise ProblemError(404, "unknown-id", "Expected a known unit, was another.")
        return unit_view(desk, row, desk.now_ms(), with_route=True)

    return await shown(live.runner.ask(question))
