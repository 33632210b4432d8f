"""The picture of now: units, incidents and hospitals, changed only by `apply`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain import event as ev
from dispatch.domain.category import RANK, Category, Segment
from dispatch.domain.clock import clock_start_ms
from dispatch.domain.decision import Assign, Convey, Decision, Relocate, SetTimer, StandDown
from dispatch.domain.facility import Hospital, Post
from dispatch.domain.ids import HospitalId, IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.incident import IncidentRecord, Outcome, Pathway, Role
from dispatch.domain.settings import Settings
from dispatch.domain.travel import Mode, Position
from dispatch.domain.unit import (
    ASSIGNABLE,
    EN_ROUTE,
    KIND_NUMBER,
    STATUS_NUMBER,
    UnitSpec,
    UnitStatus,
)
from maps.geo import LonLat

NOWHERE: Final = Position(-1)
"""In the unit table: the unit goes nowhere."""

FAR_FUTURE_MS: Final = 2**62
"""In the unit table: no end of duty is known."""


class Response(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One unit's part in an incident."""

    unit: UnitId
    role: Role
    assigned_at_ms: int
    on_scene_at_ms: int | None = None


class Unit(msgspec.Struct, kw_only=True, gc=False):
    """A unit as the dispatcher knows it. ``origin`` and ``destination`` make its current leg.

    A unit that stands still has no destination; one that moves left ``origin`` at
    ``departed_at_ms`` (for a crew that is still mobilising: will leave).
    """

    spec: UnitSpec
    slot: int
    status: UnitStatus
    origin: Position
    position_at_ms: int
    destination: Position | None = None
    mode: Mode = Mode.ORDINARY
    departed_at_ms: int = 0
    due_at_ms: int = 0
    incident: IncidentId | None = None
    hospital: HospitalId | None = None
    post: PostId | None = None
    until_ms: int | None = None


class Incident(msgspec.Struct, kw_only=True, gc=False):
    """An open incident as the dispatcher knows it, with every stamp so far."""

    id: IncidentId
    trust: TrustCode
    at: LonLat
    position: Position
    category: Category
    first_category: Category
    segment: Segment | None
    pathway: Pathway | None
    connected_at_ms: int
    coded_at_ms: int | None
    clock_start_at_ms: int
    responses: tuple[Response, ...] = ()
    assigned_at_ms: int | None = None
    responder_on_scene_at_ms: int | None = None
    conveying_on_scene_at_ms: int | None = None
    left_scene_at_ms: int | None = None
    hospital: HospitalId | None = None
    at_hospital_at_ms: int | None = None
    handed_over_at_ms: int | None = None
    units_allocated: int = 0
    units_arrived: int = 0
    diversions: int = 0
    aided_by: TrustCode | None = None
    outcome: Outcome | None = None

    @property
    def rank(self) -> int:
        """Order of service; 1 is served first."""
        return RANK[self.category]


class HospitalBoard(msgspec.Struct, kw_only=True, gc=False):
    """A hospital as the dispatcher knows it: who is coming, who is waiting, since when.

    ``inbound`` maps units to their expected arrival, ``waiting`` to their arrival, both in UTC
    milliseconds; ``recent_ms`` holds the last handover times, newest last.
    """

    spec: Hospital
    position: Position
    bays: int
    is_accepting: bool = True
    inbound: tuple[tuple[UnitId, int], ...] = ()
    waiting: tuple[tuple[UnitId, int], ...] = ()
    recent_ms: tuple[int, ...] = ()


RECENT_HANDOVERS: Final = 8
"""How many handover times a hospital's board remembers."""


class UnitTable:
    """The units' changing facts in columns, one row a slot, for reading all units at once."""

    __slots__ = (
        "destination",
        "due_at_ms",
        "end_ms",
        "kind",
        "origin",
        "position_at_ms",
        "rank",
        "size",
        "skill",
        "status",
        "trust",
        "units",
    )

    def __init__(self) -> None:
        self.size = 0
        self.units: list[Unit] = []
        self._allocate(64)

    def _allocate(self, capacity: int) -> None:
        self.status: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.kind: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.skill: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.rank: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.trust: npt.NDArray[np.int16] = np.zeros(capacity, np.int16)
        self.origin: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.destination: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.due_at_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.end_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.position_at_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)

    _COLUMNS: Final = (
        "status",
        "kind",
        "skill",
        "rank",
        "trust",
        "origin",
        "destination",
        "due_at_ms",
        "end_ms",
        "position_at_ms",
    )

    def add(self) -> int:
        """Return a fresh slot, doubling the columns when they are full."""
        if self.size == len(self.status):
            old = {name: getattr(self, name) for name in self._COLUMNS}
            self._allocate(2 * self.size)
            for name, column in old.items():
                getattr(self, name)[: self.size] = column
        self.size += 1
        return self.size - 1


class State:
    """Everything the core knows. Reading is free to all; writing is `apply` and nothing else."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.region_version = ""
        self.travel_version = ""
        self.units: dict[UnitId, Unit] = {}
        self.table = UnitTable()
        self.trusts: dict[TrustCode, int] = {}
        self.incidents: dict[IncidentId, Incident] = {}
        self.waiting: dict[IncidentId, Incident] = {}
        self.hospitals: dict[HospitalId, HospitalBoard] = {}
        self.hospital_positions: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.posts: dict[PostId, Post] = {}
        self.post_positions: dict[PostId, Position] = {}
        self.timers: dict[str, int] = {}
        self.orphans: tuple[tuple[UnitId, IncidentId], ...] = ()
        self.closed: list[IncidentRecord] = []

    # -- reading ---------------------------------------------------------------------------

    def digest(self) -> str:
        """Return the SHA-256 of the picture in hexadecimal: equal pictures, equal digests."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """Return the picture as canonical JSON: rows sorted by identifier."""
        rows: dict[str, Any] = {
            "settings": self.settings,
            "region_version": self.region_version,
            "travel_version": self.travel_version,
            "trusts": self.trusts,
            "units": [self.units[key] for key in sorted(self.units)],
            "incidents": [self.incidents[key] for key in sorted(self.incidents)],
            "waiting": sorted(self.waiting),
            "hospitals": [self.hospitals[key] for key in sorted(self.hospitals)],
            "posts": [self.posts[key] for key in sorted(self.posts)],
            "orphans": self.orphans,
            "timers": sorted(self.timers.items()),
        }
        return msgspec.json.encode(rows, order="sorted")

    def take_closed(self) -> list[IncidentRecord]:
        """Return the records of incidents that ended since the last call, and forget them."""
        closed, self.closed = self.closed, []
        return closed

    # -- writing: events -------------------------------------------------------------------

    def observe(self, event: ev.Event, now_ms: int, at: Position | None) -> None:
        """Carry an admitted event into the picture.

        ``at`` is the position of the thing that the event speaks of, where it has or implies one:
        the incident's place, or where the unit is now.
        """
        observe = _OBSERVE_EVENT.get(type(event))
        if observe is not None:
            observe(self, event, now_ms, at)

    def _open(self, event: ev.PictureOpened, _now_ms: int, _at: Position | None) -> None:
        self.settings = event.settings
        self.region_version = event.region_version
        self.posts = {post.id: post for post in event.posts}

    def locate(
        self, hospitals: Iterable[tuple[Hospital, Position]], posts: dict[PostId, Position]
    ) -> None:
        """Put hospitals and posts on the map; part of opening a picture."""
        self.hospitals = {
            spec.id: HospitalBoard(spec=spec, position=at, bays=spec.bays) for spec, at in hospitals
        }
        self.hospital_positions = np.array(
            [board.position for board in self.hospitals.values()], np.int64
        )
        self.post_positions = posts

    def _report(self, event: ev.IncidentReported, _now_ms: int, at: Position | None) -> None:
        assert at is not None
        incident = Incident(
            id=event.incident,
            trust=event.trust,
            at=event.at,
            position=at,
            category=event.category,
            first_category=event.category,
            segment=event.segment,
            pathway=event.pathway,
            connected_at_ms=event.connected_at_ms,
            coded_at_ms=event.coded_at_ms,
            clock_start_at_ms=clock_start_ms(
                self.settings.clock,
                event.category,
                connected_at_ms=event.connected_at_ms,
                coded_at_ms=event.coded_at_ms,
                assigned_at_ms=None,
            ),
        )
        self.trusts.setdefault(event.trust, len(self.trusts))
        self.incidents[incident.id] = incident
        self._file(incident)

    def _recode(self, event: ev.IncidentRecoded, _now_ms: int, _at: Position | None) -> None:
        incident = self.incidents[event.incident]
        if incident.coded_at_ms is None:
            incident.clock_start_at_ms = clock_start_ms(
                self.settings.clock,
                event.category,
                connected_at_ms=incident.connected_at_ms,
                coded_at_ms=event.coded_at_ms,
                assigned_at_ms=incident.assigned_at_ms,
            )
            incident.first_category = event.category
        elif RANK[event.category] < incident.rank:
            incident.clock_start_at_ms = event.coded_at_ms
        incident.coded_at_ms = event.coded_at_ms
        incident.category = event.category
        incident.segment = event.segment
        incident.pathway = event.pathway or incident.pathway
        for response in incident.responses:
            self._write(self.units[response.unit])
        self._file(incident)

    def _end(self, event: ev.IncidentClosed, now_ms: int, _at: Position | None) -> None:
        self._close(self.incidents[event.incident], event.outcome, now_ms)

    def _sign_on(self, event: ev.UnitSignedOn, now_ms: int, at: Position | None) -> None:
        assert at is not None
        old = self.units.get(event.unit.id)
        unit = Unit(
            spec=event.unit,
            slot=self.table.add() if old is None else old.slot,
            status=UnitStatus.AVAILABLE,
            origin=at,
            position_at_ms=now_ms,
            until_ms=event.until_ms,
        )
        if at == self.post_positions.get(event.unit.home):
            unit.status, unit.post = UnitStatus.ON_STATION, event.unit.home
        self.units[event.unit.id] = unit
        self._enter(unit)

    def _enter(self, unit: Unit) -> None:
        """Write all of a unit's columns, also those that do not change on duty."""
        table, slot, spec = self.table, unit.slot, unit.spec
        if slot == len(table.units):
            table.units.append(unit)
        else:
            table.units[slot] = unit
        table.kind[slot] = KIND_NUMBER[spec.kind]
        table.skill[slot] = spec.skill
        table.trust[slot] = self.trusts.setdefault(spec.trust, len(self.trusts))
        table.end_ms[slot] = FAR_FUTURE_MS if unit.until_ms is None else unit.until_ms
        self._write(unit)

    def _sign_off(self, event: ev.UnitSignedOff, now_ms: int, at: Position | None) -> None:
        unit = self.units[event.unit]
        self._stand_still(unit, unit.origin if at is None else at, now_ms)
        unit.status = UnitStatus.OFF_DUTY
        unit.post = None
        self._write(unit)

    def _follow(self, event: ev.UnitStatusReported, now_ms: int, at: Position | None) -> None:
        unit = self.units[event.unit]
        step = _FOLLOW_STATUS.get(event.status)
        if step is not None:
            step(self, unit, event, now_ms)
        if event.status is not UnitStatus.MOBILE and event.status is not UnitStatus.CONVEYING:
            self._stand_still(unit, unit.origin if at is None else at, now_ms)
        elif at is not None:
            unit.origin, unit.position_at_ms = at, now_ms
        unit.status = event.status
        self._write(unit)

    def _follow_mobile(self, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
        del event
        unit.due_at_ms += now_ms - unit.departed_at_ms - self.settings.mobilisation_s * 1000
        unit.due_at_ms = max(unit.due_at_ms, now_ms)
        unit.departed_at_ms = now_ms

    def _follow_at_scene(self, unit: Unit, event: ev.UnitStatusReported, _now_ms: int) -> None:
        assert unit.incident is not None
        incident = self.incidents[unit.incident]
        at_ms = event.reported_at_ms
        incident.units_arrived += 1
        if incident.responder_on_scene_at_ms is None:
            incident.responder_on_scene_at_ms = at_ms
        if unit.spec.conveys and incident.conveying_on_scene_at_ms is None:
            incident.conveying_on_scene_at_ms = at_ms
        incident.responses = tuple(
            msgspec.structs.replace(r, on_scene_at_ms=at_ms) if r.unit == unit.spec.id else r
            for r in incident.responses
        )

    def _follow_conveying(self, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
        assert unit.incident is not None
        incident = self.incidents[unit.incident]
        incident.left_scene_at_ms = event.reported_at_ms
        for response in incident.responses:
            if response.unit == unit.spec.id:
                incident.conveying_on_scene_at_ms = response.on_scene_at_ms
        unit.departed_at_ms = now_ms

    def _follow_at_hospital(self, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
        assert unit.incident is not None
        incident = self.incidents[unit.incident]
        incident.at_hospital_at_ms = event.reported_at_ms
        hospital = event.hospital or unit.hospital
        if hospital is None:
            return
        self._leave_hospital(unit)
        unit.hospital = incident.hospital = hospital
        board = self.hospitals[hospital]
        board.waiting = (*board.waiting, (unit.spec.id, now_ms))

    def _follow_handed_over(self, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
        assert unit.incident is not None
        incident = self.incidents[unit.incident]
        incident.handed_over_at_ms = event.reported_at_ms
        if unit.hospital is None:
            return
        board = self.hospitals[unit.hospital]
        arrived = dict(board.waiting).get(unit.spec.id, now_ms)
        board.recent_ms = (*board.recent_ms, now_ms - arrived)[-RECENT_HANDOVERS:]
        self._leave_hospital(unit)

    def _follow_on_station(self, unit: Unit, event: ev.UnitStatusReported, _now_ms: int) -> None:
        del event
        if unit.post is None:
            unit.post = unit.spec.home

    def _follow_clear(self, unit: Unit, event: ev.UnitStatusReported, now_ms: int) -> None:
        """Take a crew that cleared off its incident, and close the incident if it was the last."""
        unit.post = None
        if unit.incident is None:
            return
        incident = self.incidents[unit.incident]
        outcome = event.outcome or incident.outcome or _implied_outcome(unit, incident)
        incident.outcome = outcome
        self._detach(unit, incident.id)
        if outcome is not None and not any(r.on_scene_at_ms for r in incident.responses):
            self._close(incident, outcome, now_ms)

    def _place(self, event: ev.UnitPositionReported, now_ms: int, at: Position | None) -> None:
        assert at is not None
        unit = self.units[event.unit]
        unit.origin, unit.position_at_ms = at, event.reported_at_ms
        if unit.destination is not None:
            unit.departed_at_ms = max(unit.departed_at_ms, now_ms)
        self._write(unit)

    def _update(self, event: ev.HospitalUpdated, _now_ms: int, _at: Position | None) -> None:
        board = self.hospitals[event.hospital]
        if event.bays is not None:
            board.bays = event.bays
        if event.is_accepting is not None:
            board.is_accepting = event.is_accepting

    def _reroute(self, event: ev.TravelTimesChanged, _now_ms: int, _at: Position | None) -> None:
        self.travel_version = event.version

    def _configure(self, event: ev.SettingsChanged, _now_ms: int, _at: Position | None) -> None:
        self.settings = event.settings

    def _fire(self, event: ev.TimerFired, _now_ms: int, _at: Position | None) -> None:
        self.timers.pop(event.timer, None)

    # -- writing: decisions ----------------------------------------------------------------

    def apply(self, decision: Decision, now_ms: int) -> None:
        """Carry a decision into the picture. Cannot fail on what `decide` produced."""
        apply = _APPLY_DECISION.get(type(decision))
        if apply is not None:
            apply(self, decision, now_ms)

    def _assign(self, decision: Assign, now_ms: int) -> None:
        unit = self.units[decision.unit]
        if unit.incident is not None:
            self._detach(unit, unit.incident, diverted=decision.diverted_from is not None)
        incident = self.incidents[decision.incident]
        self._stand_still(unit, decision.origin, now_ms)
        unit.status = UnitStatus.ALLOCATED
        unit.incident = incident.id
        unit.post = None
        unit.destination = incident.position
        unit.mode = Mode.BLUE_LIGHT if incident.rank <= BLUE_LIGHT_RANK_MAX else Mode.ORDINARY
        unit.departed_at_ms = now_ms
        unit.due_at_ms = now_ms + decision.eta_ms
        self._write(unit)
        response = Response(unit=unit.spec.id, role=decision.role, assigned_at_ms=now_ms)
        incident.responses = (*incident.responses, response)
        incident.units_allocated += 1
        if incident.assigned_at_ms is None:
            incident.assigned_at_ms = now_ms
            incident.clock_start_at_ms = min(incident.clock_start_at_ms, now_ms)
        if unit.spec.trust != incident.trust and incident.aided_by is None:
            incident.aided_by = unit.spec.trust
        self._file(incident)

    def _set_timer(self, decision: SetTimer, _now_ms: int) -> None:
        self.timers[decision.timer] = decision.due_at_ms

    def _stand_down(self, decision: StandDown, now_ms: int) -> None:
        unit = self.units[decision.unit]
        self.orphans = tuple(row for row in self.orphans if row[0] != decision.unit)
        self._detach(unit, decision.incident)
        self._stand_still(unit, decision.origin, now_ms)
        unit.status = UnitStatus.AVAILABLE
        self._write(unit)

    def _convey(self, decision: Convey, now_ms: int) -> None:
        unit = self.units[decision.unit]
        incident = self.incidents[decision.incident]
        self._leave_hospital(unit)
        board = self.hospitals[decision.hospital]
        unit.hospital = decision.hospital
        unit.destination = board.position
        unit.mode = Mode.BLUE_LIGHT if incident.rank == 1 else Mode.ORDINARY
        unit.departed_at_ms = now_ms
        unit.due_at_ms = now_ms + decision.eta_ms
        board.inbound = (*board.inbound, (unit.spec.id, unit.due_at_ms))
        incident.hospital = decision.hospital
        self._write(unit)

    def _relocate(self, decision: Relocate, now_ms: int) -> None:
        unit = self.units[decision.unit]
        self._stand_still(unit, decision.origin, now_ms)
        unit.status = UnitStatus.RELOCATING
        unit.post = decision.post
        unit.destination = self.post_positions[decision.post]
        unit.mode = Mode.ORDINARY
        unit.departed_at_ms = now_ms
        unit.due_at_ms = now_ms + decision.eta_ms
        self._write(unit)

    # -- writing: undoing ------------------------------------------------------------------

    def restore_rows(
        self,
        units: dict[UnitId, Unit | None],
        incidents: dict[IncidentId, Incident | None],
        table_size: int,
    ) -> None:
        """Put rows back as they were; None means that there was none."""
        for incident_id, incident in incidents.items():
            self.incidents.pop(incident_id, None)
            self.waiting.pop(incident_id, None)
            if incident is not None:
                self.incidents[incident_id] = incident
        for unit_id, unit in units.items():
            del self.units[unit_id]
            if unit is not None:
                self.units[unit_id] = unit
                self._enter(unit)
        del self.table.units[table_size:]
        self.table.size = table_size
        for incident in incidents.values():
            if incident is not None:
                for response in incident.responses:
                    self._write(self.units[response.unit])
                self._file(incident)

    # -- writing: the small steps ----------------------------------------------------------

    def _write(self, unit: Unit) -> None:
        """Copy a unit's changing facts into its row of the table."""
        table, slot = self.table, unit.slot
        table.status[slot] = STATUS_NUMBER[unit.status]
        table.origin[slot] = unit.origin
        table.destination[slot] = NOWHERE if unit.destination is None else unit.destination
        table.due_at_ms[slot] = unit.due_at_ms
        table.position_at_ms[slot] = unit.position_at_ms
        incident = None if unit.incident is None else self.incidents.get(unit.incident)
        table.rank[slot] = 0 if incident is None else incident.rank

    def _file(self, incident: Incident) -> None:
        """Keep an incident in or out of the waiting ones, as its open roles say."""
        if incident.id in self.incidents and open_roles(self, incident):
            self.waiting[incident.id] = incident
        else:
            self.waiting.pop(incident.id, None)

    def _stand_still(self, unit: Unit, at: Position, now_ms: int) -> None:
        unit.origin = at
        unit.position_at_ms = now_ms
        unit.destination = None
        unit.departed_at_ms = unit.due_at_ms = 0

    def _detach(self, unit: Unit, incident_id: IncidentId, *, diverted: bool = False) -> None:
        """Take a unit off its incident; the incident closes elsewhere or goes on waiting."""
        unit.incident = None
        self.table.rank[unit.slot] = 0
        self._leave_hospital(unit)
        incident = self.incidents.get(incident_id)
        if incident is None:
            return
        incident.responses = tuple(r for r in incident.responses if r.unit != unit.spec.id)
        incident.diversions += diverted
        self._file(incident)

    def _leave_hospital(self, unit: Unit) -> None:
        if unit.hospital is None:
            return
        board = self.hospitals[unit.hospital]
        board.inbound = tuple(row for row in board.inbound if row[0] != unit.spec.id)
        board.waiting = tuple(row for row in board.waiting if row[0] != unit.spec.id)
        unit.hospital = None

    def _close(self, incident: Incident, outcome: Outcome, now_ms: int) -> None:
        """End an incident and write its record; units still on it are stood down by decision."""
        del self.incidents[incident.id]
        self.waiting.pop(incident.id, None)
        orphans = tuple((r.unit, incident.id) for r in incident.responses)
        self.orphans = (*self.orphans, *orphans)
        self.closed.append(_record(incident, outcome, now_ms))


BLUE_LIGHT_RANK_MAX: Final = 2
"""Incidents up to this rank are driven to on blue lights; C3 and below under ordinary driving.
Common practice, varies by trust (assumed)."""


def open_roles(
    state: State, incident: Incident, without: Container[UnitId] = ()
) -> tuple[Role, ...]:
    """Return the roles that an incident still needs somebody for, most urgent first.

    A C1 needs a first responder and a conveying unit, which may be the same; any other incident
    needs a conveying unit. Units in ``without`` do not count: they are about to be taken away.
    """
    if incident.outcome is not None:
        return ()
    responding = incident.responder_on_scene_at_ms is not None
    for response in incident.responses:
        if response.unit in without:
            continue
        if state.units[response.unit].spec.conveys:
            return ()
        responding = True
    if responding or incident.rank > 1:
        return (Role.CONVEYING,)
    return (Role.RESPONDER, Role.CONVEYING)


def _record(incident: Incident, outcome: Outcome, now_ms: int) -> IncidentRecord:
    return IncidentRecord(
        incident=incident.id,
        trust=incident.trust,
        at=incident.at,
        category=incident.category,
        first_category=incident.first_category,
        segment=incident.segment,
        pathway=incident.pathway,
        connected_at_ms=incident.connected_at_ms,
        clock_start_at_ms=incident.clock_start_at_ms,
        assigned_at_ms=incident.assigned_at_ms,
        responder_on_scene_at_ms=incident.responder_on_scene_at_ms,
        conveying_on_scene_at_ms=incident.conveying_on_scene_at_ms,
        left_scene_at_ms=incident.left_scene_at_ms,
        hospital=incident.hospital,
        at_hospital_at_ms=incident.at_hospital_at_ms,
        handed_over_at_ms=incident.handed_over_at_ms,
        closed_at_ms=now_ms,
        outcome=outcome,
        units_allocated=incident.units_allocated,
        units_arrived=incident.units_arrived,
        diversions=incident.diversions,
        aided_by=incident.aided_by,
    )


_APPLY_DECISION: Final[dict[type, Callable[[State, Any, int], None]]] = {
    Assign: State._assign,
    StandDown: State._stand_down,
    Convey: State._convey,
    Relocate: State._relocate,
    SetTimer: State._set_timer,
}


def _implied_outcome(unit: Unit, incident: Incident) -> Outcome | None:
    """Return how an incident ended when a crew clears without saying: None while it goes on."""
    if incident.handed_over_at_ms is not None or unit.status in _AT_HOSPITAL:
        return Outcome.CONVEYED_TO_ED
    if unit.status is UnitStatus.AT_SCENE and unit.spec.conveys:
        return Outcome.SEE_AND_TREAT
    return None


_AT_HOSPITAL: Final = frozenset({UnitStatus.AT_HOSPITAL, UnitStatus.HANDED_OVER})

_FOLLOW_STATUS: Final[
    dict[UnitStatus, Callable[[State, Unit, ev.UnitStatusReported, int], None]]
] = {
    UnitStatus.MOBILE: State._follow_mobile,
    UnitStatus.AT_SCENE: State._follow_at_scene,
    UnitStatus.CONVEYING: State._follow_conveying,
    UnitStatus.AT_HOSPITAL: State._follow_at_hospital,
    UnitStatus.HANDED_OVER: State._follow_handed_over,
    UnitStatus.ON_STATION: State._follow_on_station,
    UnitStatus.AVAILABLE: State._follow_clear,
    UnitStatus.OUT_OF_SERVICE: State._follow_clear,
}

_OBSERVE_EVENT: Final[dict[type, Callable[[State, Any, int, Position | None], None]]] = {
    ev.PictureOpened: State._open,
    ev.IncidentReported: State._report,
    ev.IncidentRecoded: State._recode,
    ev.IncidentClosed: State._end,
    ev.UnitSignedOn: State._sign_on,
    ev.UnitSignedOff: State._sign_off,
    ev.UnitStatusReported: State._follow,
    ev.UnitPositionReported: State._place,
    ev.HospitalUpdated: State._update,
    ev.TravelTimesChanged: State._reroute,
    ev.SettingsChanged: State._configure,
    ev.TimerFired: State._fire,
}
