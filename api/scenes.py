"""From the picture to what screens show: pure readings of a desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from api.closures import geometry
from api.desk import Desk
from api.version import bluelight_version
from api.views import (
    CandidateView,
    ClosuresView,
    ClosureView,
    DecisionView,
    EntryView,
    HospitalsView,
    HospitalView,
    InboundView,
    IncidentsView,
    IncidentView,
    PictureView,
    PostView,
    QueueView,
    ResponseView,
    TermView,
    UnitsView,
    UnitView,
    Versions,
)
from api.wire import instant, instant_or_none, seconds, wire_form
from dispatch.domain.category import RANK
from dispatch.domain.clock import response_ms
from dispatch.domain.decision import Decision, Explanation, SetTimer
from dispatch.domain.ids import UnitId
from dispatch.domain.incident import IncidentRecord
from dispatch.domain.unit import Skill, UnitStatus
from dispatch.domain.wording import (
    Directory,
    candidate_names,
    candidate_sentence,
    decision_sentence,
    event_sentence,
)
from dispatch.journal import Entry
from dispatch.policies.degraded import wanting
from dispatch.ports import position_now
from dispatch.state import HospitalBoard, Incident, Response, Unit, open_roles
from routing.changes import Closed, Factor, OnRoad, RoadChange, Speed

_SHOWN: Final = frozenset(DecisionView.model_fields)

_NO_REASONS: Final = Explanation()


def versions(desk: Desk) -> Versions:
    """Return what decisions are made with now."""
    state = desk.dispatcher.state
    return Versions(
        engine=bluelight_version(),
        region=desk.ground.name,
        region_version=state.region_version,
        travel=state.travel_version,
        policy=state.settings.name,
    )


# -- decisions and entries -------------------------------------------------------------------


def decision_view(decision: Decision, now_ms: int, directory: Directory) -> DecisionView:
    """Return a decision for the wire; a kind of decision that is newer than this list too."""
    why: Explanation | None = getattr(decision, "why", None)
    # The reasons are shown below, in a form of their own.
    row = wire_form(decision if why is None else msgspec.structs.replace(decision, why=_NO_REASONS))
    row.pop("why", None)
    why = _NO_REASONS if why is None else why
    eta_ms: int | None = getattr(decision, "eta_ms", None)
    more = {name: row.pop(name) for name in list(row) if name not in _SHOWN}
    name_of = candidate_names(decision, directory)
    return DecisionView(
        **row,
        words=decision_sentence(decision, directory),
        eta_at=None if eta_ms is None else instant(now_ms + eta_ms),
        candidates=[
            CandidateView(
                id=c.id,
                verdict=c.verdict,
                words=candidate_sentence(c, name_of),
                eta_s=seconds(c.eta_ms),
            )
            for c in why.candidates
        ],
        others={verdict.value: count for verdict, count in why.others.items()},
        terms=[TermView(name=term.name, value=term.value) for term in why.terms],
        degraded=list(why.degraded),
        note=why.note,
        more=more or None,
    )


def decision_views(
    entries: Iterable[Entry], directory: Directory, *, timers: bool = False
) -> list[DecisionView]:
    """Return the decisions of entries, in order; timers only if asked for."""
    return [
        decision_view(decision, entry.now_ms, directory)
        for entry in entries
        for decision in entry.decisions
        if timers or not isinstance(decision, SetTimer)
    ]


def kept_view(desk: Desk, entry: Entry) -> EntryView:
    """Return an entry for the wire, drawn once for all who ask; on the desk's thread only."""
    view = desk.entry_views.get(entry.seq)
    if view is None:
        view = desk.entry_views[entry.seq] = entry_view(entry, desk.directory)
        if len(desk.entry_views) > VIEWS_KEPT:
            desk.entry_views.pop(next(iter(desk.entry_views)))
    return view


VIEWS_KEPT: Final = 1_024
"""Entries whose wire form is kept: more than a picture shows."""


def entry_view(entry: Entry, directory: Directory) -> EntryView:
    """Return an entry of the journal for the wire."""
    return EntryView(
        seq=entry.seq,
        at=instant(entry.now_ms),
        type=type(entry.event).__name__,
        words=event_sentence(entry.event, directory),
        event={name: value for name, value in wire_form(entry.event).items() if name != "type"},
        decisions=decision_views([entry], directory, timers=True),
    )


# -- units -----------------------------------------------------------------------------------


def unit_view(desk: Desk, unit: Unit, now_ms: int, *, with_route: bool = False) -> UnitView:
    """Return a unit for the wire, where it is believed to be now."""
    travel = desk.dispatcher.travel_in_use
    lon, lat = desk.shapes.place(position_now(unit, travel, now_ms))
    moves = unit.destination is not None
    shape = desk.shapes.of(unit) if with_route else None
    return UnitView(
        unit=unit.spec.id,
        trust=unit.spec.trust,
        kind=unit.spec.kind,
        skill=Skill(unit.spec.skill).name,
        home=unit.spec.home,
        conveys=unit.spec.conveys,
        status=unit.status,
        lat=lat,
        lon=lon,
        position_at=instant(unit.position_at_ms),
        incident=unit.incident,
        hospital=unit.hospital,
        post=unit.post,
        departed_at=instant(unit.departed_at_ms) if moves else None,
        due_at=instant(unit.due_at_ms) if moves else None,
        eta_s=max(0, unit.due_at_ms - now_ms) / 1000 if moves else None,
        until=instant_or_none(unit.until_ms),
        route=None if shape is None else shape.points,
        route_s=None if shape is None else shape.passed_s,
    )


def units_view(desk: Desk) -> UnitsView:
    """Return every unit that was ever on duty, sorted by identifier."""
    now_ms, units = desk.now_ms(), desk.dispatcher.state.units
    return UnitsView(
        seq=desk.seq,
        at=instant(now_ms),
        units=[unit_view(desk, units[key], now_ms) for key in sorted(units)],
    )


# -- incidents -------------------------------------------------------------------------------

_STATES: Final = {
    UnitStatus.ALLOCATED: "assigned",
    UnitStatus.MOBILE: "mobile",
    UnitStatus.AT_SCENE: "at_scene",
    UnitStatus.CONVEYING: "conveying",
    UnitStatus.AT_HOSPITAL: "at_hospital",
    UnitStatus.HANDED_OVER: "handed_over",
}
"""How far an incident is, by the unit that is furthest; in rising order."""

_PROGRESS: Final = {status: i for i, status in enumerate(_STATES)}


def incident_view(desk: Desk, incident: Incident, now_ms: int) -> IncidentView:
    """Return an open incident for the wire."""
    state = desk.dispatcher.state
    reached = incident.responder_on_scene_at_ms is not None
    statuses = [state.units[r.unit].status for r in incident.responses]
    furthest = max((s for s in statuses if s in _PROGRESS), key=_PROGRESS.__getitem__, default=None)
    return IncidentView(
        incident=incident.id,
        state="waiting" if furthest is None else _STATES[furthest],
        trust=incident.trust,
        category=incident.category,
        first_category=incident.first_category,
        segment=incident.segment,
        pathway=incident.pathway,
        lat=incident.at.lat,
        lon=incident.at.lon,
        coded_at=instant_or_none(incident.coded_at_ms),
        waiting_s=None if reached else max(0, now_ms - incident.clock_start_at_ms) / 1000,
        needs=[role.value for role in open_roles(state, incident)],
        units=[_response_view(desk, response, now_ms) for response in incident.responses],
        outcome=incident.outcome,
        **_stamps(incident),
    )


def _response_view(desk: Desk, response: Response, now_ms: int) -> ResponseView:
    unit = desk.dispatcher.state.units[response.unit]
    is_coming = response.on_scene_at_ms is None and unit.destination is not None
    return ResponseView(
        unit=response.unit,
        role=response.role,
        assigned_at=instant(response.assigned_at_ms),
        on_scene_at=instant_or_none(response.on_scene_at_ms),
        due_at=instant(unit.due_at_ms) if is_coming else None,
        eta_s=max(0, unit.due_at_ms - now_ms) / 1000 if is_coming else None,
    )


def closed_view(record: IncidentRecord) -> IncidentView:
    """Return a closed incident for the wire."""
    return IncidentView(
        incident=record.incident,
        state="closed",
        trust=record.trust,
        category=record.category,
        first_category=record.first_category,
        segment=record.segment,
        pathway=record.pathway,
        lat=record.at.lat,
        lon=record.at.lon,
        closed_at=instant(record.closed_at_ms),
        outcome=record.outcome,
        response_s=seconds(response_ms(record)),
        **_stamps(record),
    )


def _stamps(row: Incident | IncidentRecord) -> dict[str, Any]:
    """Return what open and closed incidents share."""
    return {
        "connected_at": instant(row.connected_at_ms),
        "clock_start_at": instant(row.clock_start_at_ms),
        "assigned_at": instant_or_none(row.assigned_at_ms),
        "responder_on_scene_at": instant_or_none(row.responder_on_scene_at_ms),
        "conveying_on_scene_at": instant_or_none(row.conveying_on_scene_at_ms),
        "left_scene_at": instant_or_none(row.left_scene_at_ms),
        "hospital": row.hospital,
        "at_hospital_at": instant_or_none(row.at_hospital_at_ms),
        "handed_over_at": instant_or_none(row.handed_over_at_ms),
        "units_allocated": row.units_allocated,
        "units_arrived": row.units_arrived,
        "diversions": row.diversions,
        "aided_by": row.aided_by,
    }


def open_incidents(desk: Desk, now_ms: int) -> list[IncidentView]:
    """Return the open incidents, gravest first, then by the start of their clock."""
    rows = sorted(
        desk.dispatcher.state.incidents.values(),
        key=lambda i: (RANK[i.category], i.clock_start_at_ms, i.id),
    )
    return [incident_view(desk, row, now_ms) for row in rows]


def incidents_view(desk: Desk, *, with_closed: int = 0) -> IncidentsView:
    """Return the open incidents, and that many of the closed ones, latest first."""
    now_ms = desk.now_ms()
    closed = list(reversed(desk.closed.values()))[:with_closed] if with_closed else []
    return IncidentsView(
        seq=desk.seq,
        at=instant(now_ms),
        incidents=[*open_incidents(desk, now_ms), *(closed_view(record) for record in closed)],
    )


# -- hospitals -------------------------------------------------------------------------------


def hospital_view(board: HospitalBoard, now_ms: int) -> HospitalView:
    """Return a hospital's handover board."""
    spec = board.spec
    return HospitalView(
        hospital=spec.id,
        name=spec.name,
        lat=spec.at.lat,
        lon=spec.at.lon,
        has_emergency_department=spec.has_emergency_department,
        pathways=[pathway.value for pathway in spec.pathways],
        bays=board.bays,
        is_accepting=board.is_accepting,
        inbound=[
            InboundView(unit=unit, due_at=instant(due))
            for unit, due in sorted(board.inbound, key=lambda row: (row[1], row[0]))
        ],
        waiting=[_queue_view(unit, at_ms, now_ms) for unit, at_ms in board.waiting],
        recent_handover_s=[ms / 1000 for ms in board.recent_ms],
    )


def _queue_view(unit: UnitId, arrived_at_ms: int, now_ms: int) -> QueueView:
    waiting_s = max(0, now_ms - arrived_at_ms) / 1000
    return QueueView(unit=unit, arrived_at=instant(arrived_at_ms), waiting_s=waiting_s)


def hospitals_view(desk: Desk) -> HospitalsView:
    """Return every hospital's board, sorted by identifier."""
    now_ms = desk.now_ms()
    return HospitalsView(seq=desk.seq, at=instant(now_ms), hospitals=_boards(desk, now_ms))


def _boards(desk: Desk, now_ms: int) -> list[HospitalView]:
    boards = desk.dispatcher.state.hospitals
    return [hospital_view(boards[key], now_ms) for key in sorted(boards)]


# -- roads -----------------------------------------------------------------------------------


def closure_view(desk: Desk, change: RoadChange) -> ClosureView:
    """Return a closure or a live speed for the wire, with the stretches that it touches."""
    effect = change.effect
    return ClosureView(
        closure=change.id,
        effect="closed" if isinstance(effect, Closed) else type(effect).__name__.lower(),
        speed_factor=effect.factor if isinstance(effect, Factor) else None,
        speed_kmh=effect.kmh if isinstance(effect, Speed) else None,
        concerns=[mode.name.lower() for mode in change.modes],
        road=change.where.name if isinstance(change.where, OnRoad) else None,
        edge_count=desk.closures.edge_count(change.id),
        reason=change.reason,
        by=change.by,
        since=instant(change.reported_at_ms),
        until=instant_or_none(change.expires_at_ms),
        geometry=geometry(desk.closures.lines(change)),
    )


def closures_view(desk: Desk) -> ClosuresView:
    """Return every closure and live speed in force, by identifier."""
    return ClosuresView(seq=desk.seq, at=instant(desk.now_ms()), closures=_closures(desk))


def _closures(desk: Desk) -> list[ClosureView]:
    return [closure_view(desk, change) for change in desk.closures.in_force()]


# -- everything ------------------------------------------------------------------------------


def picture_view(desk: Desk) -> PictureView:
    """Return everything that a map shows; drawn once for all who ask within a second."""
    now_ms = desk.now_ms()
    kept = desk.kept_picture
    if kept is None or kept[0] != desk.seq or now_ms - kept[1] >= PICTURE_KEPT_MS:
        kept = desk.kept_picture = (desk.seq, now_ms, _drawn(desk, now_ms))
    return kept[2]


PICTURE_KEPT_MS: Final = 1_000
"""How long a picture is shown again when nothing happened meanwhile."""


def _wanting(desk: Desk, now_ms: int) -> dict[str, str]:
    off = wanting(desk.dispatcher.picture(now_ms))
    return {feed.value: words for feed, words in off.items()}


def _drawn(desk: Desk, now_ms: int) -> PictureView:
    state = desk.dispatcher.state
    units = [state.units[key] for key in sorted(state.units)]
    return PictureView(
        seq=desk.seq,
        at=instant(now_ms),
        versions=versions(desk),
        region=desk.ground.view,
        units=[
            unit_view(desk, unit, now_ms, with_route=True)
            for unit in units
            if unit.status is not UnitStatus.OFF_DUTY
        ],
        incidents=open_incidents(desk, now_ms),
        hospitals=_boards(desk, now_ms),
        degraded=_wanting(desk, now_ms),
        posts=[
            PostView(
                post=post.id,
                name=desk.ground.post_names.get(post.id, post.id),
                trust=post.trust,
                lat=post.at.lat,
                lon=post.at.lon,
                is_station=post.is_station,
            )
            for post in state.posts.values()
        ],
        closures=_closures(desk),
        recent=[kept_view(desk, entry) for entry in list(reversed(desk.recent))[:RECENT_SHOWN]],
    )


RECENT_SHOWN: Final = 50
"""Entries with decisions that a picture brings along."""
