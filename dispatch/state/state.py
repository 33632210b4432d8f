"""The picture of now. Reading is free to all; writing belongs to `observe` and `apply`."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.facility import Hospital, Post
from dispatch.domain.ids import HospitalId, IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.incident import IncidentRecord, Outcome, Role
from dispatch.domain.settings import Settings
from dispatch.domain.travel import Position
from dispatch.domain.unit import KIND_NUMBER, STATUS_NUMBER
from dispatch.state.book import Timers
from dispatch.state.incident_table import NO_INCIDENT, IncidentTable
from dispatch.state.queue import Queue
from dispatch.state.rows import HospitalBoard, Incident, Unit
from dispatch.state.rows_call import CallBoard
from dispatch.state.rows_care import CareBoard
from dispatch.state.rows_feed import ALL_WELL
from dispatch.state.rows_hospital import PatientFlow
from dispatch.state.table import FAR_FUTURE_MS, NO_HOSPITAL, NO_TRUST, NOWHERE, UnitTable


class State:
    """Everything the core knows. Reading is free to all; writing is `observe` and `apply`."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.region_version = ""
        self.travel_version = ""
        self.units: dict[UnitId, Unit] = {}
        self.table = UnitTable()
        self.trusts: dict[TrustCode, int] = {}
        self.arrivals: dict[TrustCode, tuple[int, ...]] = {}
        self.incidents: dict[IncidentId, Incident] = {}
        self.incident_table = IncidentTable()
        self.waiting = Queue()
        self.hospitals: dict[HospitalId, HospitalBoard] = {}
        self.hospital_ids: tuple[HospitalId, ...] = ()
        self.hospital_rows: dict[HospitalId, int] = {}
        self.hospital_positions: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.posts: dict[PostId, Post] = {}
        self.post_positions: dict[PostId, Position] = {}
        self.timers = Timers()
        self.orphans: tuple[tuple[UnitId, IncidentId], ...] = ()
        self.closed: list[IncidentRecord] = []
        self.flow = PatientFlow()
        self.touched: set[HospitalId] = set()
        """Hospitals at which the last event changed something; not part of the picture."""
        self.freed: UnitId | None = None
        """The unit that became free with the last event, by its report; not part of the picture."""
        self.care = CareBoard()
        self.calls = CallBoard()
        self.feeds = ALL_WELL

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
            "arrivals": sorted(self.arrivals.items()),
            "units": [self.units[key] for key in sorted(self.units)],
            "incidents": [self.incidents[key] for key in sorted(self.incidents)],
            "waiting": sorted(self.waiting),
            "hospitals": [self.hospitals[key] for key in sorted(self.hospitals)],
            "posts": [self.posts[key] for key in sorted(self.posts)],
            "orphans": self.orphans,
            "flow": msgspec.to_builtins(self.flow, str_keys=True),
            "timers": sorted(self.timers.items()),
        }
        if self.feeds != ALL_WELL:
            rows["feeds"] = self.feeds
        rows |= self.care.to_builtins()
        rows |= self.calls.to_builtins()
        return msgspec.json.encode(msgspec.to_builtins(rows, str_keys=True), order="sorted")

    def take_closed(self) -> list[IncidentRecord]:
        """Return the records of incidents that ended since the last call, and forget them."""
        closed, self.closed = self.closed, []
        return closed

    # -- opening and undoing ---------------------------------------------------------------

    def mark(self) -> None:
        """Forget how earlier writes to what keeps its own undoing are taken back."""
        self.timers.mark()
        self.care.mark()
        self.calls.mark()

    def locate(
        self, hospitals: Iterable[tuple[Hospital, Position]], posts: dict[PostId, Position]
    ) -> None:
        """Put hospitals and posts on the map; part of opening a picture."""
        self.hospitals = {
            spec.id: HospitalBoard(spec=spec, position=at, bays=spec.bays) for spec, at in hospitals
        }
        self.hospital_ids = tuple(self.hospitals)
        self.hospital_rows = {hospital: row for row, hospital in enumerate(self.hospital_ids)}
        self.hospital_positions = np.array(
            [board.position for board in self.hospitals.values()], np.int64
        )
        self.post_positions = posts

    def restore_rows(
        self,
        units: dict[UnitId, Unit | None],
        incidents: dict[IncidentId, Incident | None],
        table_size: int,
    ) -> None:
        """Put rows back as they were; None means that there was none."""
        for incident_id, incident in incidents.items():
            self.incidents.pop(incident_id, None)
            self.waiting.drop(incident_id)
            self.incident_table.drop(incident_id)
            if incident is not None:
                self.incidents[incident_id] = incident
                self.incident_table.write(incident, self.trusts[incident.trust])
        for unit_id, unit in units.items():
            del self.units[unit_id]
            if unit is not None:
                self.units[unit_id] = unit
                self.enter(unit)
        del self.table.units[table_size:]
        self.table.size = table_size
        self.table.moves += 1
        for incident in incidents.values():
            if incident is not None:
                for response in incident.responses:
                    self.write(self.units[response.unit])
                self.file(incident)

    # -- the small steps of writing ----------------------------------------------------------

    def enter(self, unit: Unit) -> None:
        """Write all of a unit's columns, also those that do not change on duty."""
        table, slot, spec = self.table, unit.slot, unit.spec
        if slot == len(table.units):
            table.units.append(unit)
        else:
            table.units[slot] = unit
        table.kind[slot] = KIND_NUMBER[spec.kind]
        table.skill[slot] = spec.skill
        trust = self.trusts.setdefault(spec.trust, len(self.trusts))
        table.moves += table.trust[slot] != trust
        table.trust[slot] = trust
        table.end_ms[slot] = FAR_FUTURE_MS if unit.until_ms is None else unit.until_ms
        owed = unit.owed_break
        table.break_ms[slot] = FAR_FUTURE_MS if owed is None else owed.latest_start_ms
        self.write(unit)

    def write(self, unit: Unit) -> None:
        """Copy a unit's changing facts into its row of the table."""
        table, slot = self.table, unit.slot
        table.status[slot] = STATUS_NUMBER[unit.status]
        table.origin[slot] = unit.origin
        table.destination[slot] = NOWHERE if unit.destination is None else unit.destination
        table.departed_at_ms[slot] = unit.departed_at_ms
        table.due_at_ms[slot] = unit.due_at_ms
        table.position_at_ms[slot] = unit.position_at_ms
        incident = None if unit.incident is None else self.incidents.get(unit.incident)
        table.rank[slot] = 0 if incident is None else incident.rank
        table.serves[slot] = NO_TRUST if incident is None else self.trusts[incident.trust]
        table.incident[slot] = (
            NO_INCIDENT if incident is None else self.incident_table.slot_of[incident.id]
        )
        table.hospital[slot] = (
            NO_HOSPITAL if unit.hospital is None else self.hospital_rows[unit.hospital]
        )
        table.since_ms[slot] = unit.status_at_ms

    def file(self, incident: Incident) -> None:
        """Write an incident's row, and keep it in or out of the waiting, as its open roles say."""
        if incident.id not in self.incidents:
            self.waiting.drop(incident.id)
            return
        self.incident_table.write(incident, self.trusts[incident.trust])
        if open_roles(self, incident):
            self.waiting.put(incident)
        else:
            self.waiting.drop(incident.id)

    def stand_still(self, unit: Unit, at: Position, now_ms: int) -> None:
        """Let a unit stand at a position, going nowhere."""
        unit.origin = at
        unit.position_at_ms = now_ms
        unit.destination = None
        unit.departed_at_ms = unit.due_at_ms = 0

    def detach(self, unit: Unit, incident_id: IncidentId, *, diverted: bool = False) -> None:
        """Take a unit off its incident; the incident closes elsewhere or goes on waiting."""
        unit.incident = None
        self.table.rank[unit.slot] = 0
        self.table.serves[unit.slot] = NO_TRUST
        self.table.incident[unit.slot] = NO_INCIDENT
        self.leave_hospital(unit)
        incident = self.incidents.get(incident_id)
        if incident is None:
            return
        incident.responses = tuple(r for r in incident.responses if r.unit != unit.spec.id)
        incident.diversions += diverted
        self.file(incident)

    def leave_hospital(self, unit: Unit) -> None:
        """Take a unit off the board of the hospital that it was bound for or waiting at."""
        if unit.hospital is None:
            return
        self.touched.add(unit.hospital)
        board = self.hospitals[unit.hospital]
        board.inbound = tuple(row for row in board.inbound if row[0] != unit.spec.id)
        board.waiting = tuple(row for row in board.waiting if row[0] != unit.spec.id)
        board.ahead = tuple(row for row in board.ahead if row[0] != unit.spec.id)
        unit.hospital = None

    def close(self, incident: Incident, outcome: Outcome, now_ms: int) -> None:
        """End an incident and write its record; units still on it are stood down by decision."""
        del self.incidents[incident.id]
        self.waiting.drop(incident.id)
        self.incident_table.drop(incident.id)
        for response in incident.responses:
            # The slot will be another's: units still on their way to nobody must not keep it.
            self.table.incident[self.units[response.unit].slot] = NO_INCIDENT
        orphans = tuple((r.unit, incident.id) for r in incident.responses)
        self.orphans = (*self.orphans, *orphans)
        self.closed.append(_record(incident, outcome, now_ms))
        self.care.incident_ended(incident, outcome, now_ms, self.timers)
        self.calls.incident_ended(incident.id, self.timers)


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
