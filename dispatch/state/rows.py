"""What the core knows of each thing, one row a thing: units, responses, incidents, hospitals."""

from __future__ import annotations

from typing import Final

import msgspec

from dispatch.domain.category import Category, Segment
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.facility import Hospital
from dispatch.domain.ids import HospitalId, IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.incident import Outcome, Pathway, Role
from dispatch.domain.queueing import HandoverSums
from dispatch.domain.travel import Mode, Position
from dispatch.domain.unit import UnitSpec, UnitStatus
from maps.geo import LonLat


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
    status_at_ms: int
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
    relocations: int = 0
    meal_break: MealBreak | None = None
    break_given_at_ms: int | None = None
    break_taken: bool = False
    may_change_course: bool = False

    @property
    def owed_break(self) -> MealBreak | None:
        """The meal break that the crew has not begun; None when there is none."""
        return None if self.break_taken else self.meal_break


class Incident(msgspec.Struct, kw_only=True, gc=False):
    """An open incident as the dispatcher knows it, with every stamp so far.

    ``rank`` is the order of service of its category; 1 is served first.
    """

    id: IncidentId
    trust: TrustCode
    at: LonLat
    position: Position
    category: Category
    rank: int
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


class HospitalBoard(msgspec.Struct, kw_only=True, gc=False):
    """A hospital as the dispatcher knows it: who is coming, who is waiting, since when.

    ``inbound`` maps units to their expected arrival, ``waiting`` to their arrival, both in UTC
    milliseconds; ``ahead`` how many went before each when it arrived. ``recent_ms`` holds the last
    handover times, newest last; ``urgent`` and ``other`` what handovers of C2, and of those below,
    took with so many ahead; ``sent_at_ms`` when the patients of the last hour were sent here.
    """

    spec: Hospital
    position: Position
    bays: int
    is_accepting: bool = True
    inbound: tuple[tuple[UnitId, int], ...] = ()
    waiting: tuple[tuple[UnitId, int], ...] = ()
    ahead: tuple[tuple[UnitId, int], ...] = ()
    recent_ms: tuple[int, ...] = ()
    urgent: HandoverSums = HandoverSums()
    other: HandoverSums = HandoverSums()
    last_handover_at_ms: int | None = None
    sent_at_ms: tuple[int, ...] = ()
    cap_per_hour: int = 0


RECENT_HANDOVERS: Final = 8
"""How many handover times a hospital's board remembers."""
