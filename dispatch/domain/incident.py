"""Words about incidents: pathways, outcomes, roles, and the record that each one leaves."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dispatch.domain.category import Category, Segment
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode
from maps.geo import LonLat


class Pathway(StrEnum):
    """A specialist pathway: its destination is fixed by protocol."""

    STROKE = "stroke"
    PPCI = "ppci"
    MAJOR_TRAUMA = "major_trauma"
    BURNS = "burns"
    MATERNITY = "maternity"
    PAEDIATRIC = "paediatric"
    VASCULAR = "vascular"


class Outcome(StrEnum):
    """How an incident ended; every incident ends in exactly one."""

    CONVEYED_TO_ED = "conveyed_to_ed"
    CONVEYED_ELSEWHERE = "conveyed_elsewhere"
    SEE_AND_TREAT = "see_and_treat"
    HEAR_AND_TREAT = "hear_and_treat"
    REFERRED = "referred"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"


class Role(StrEnum):
    """What an assigned unit is for."""

    RESPONDER = "responder"
    """First to the patient; stops the C1 clock."""
    CONVEYING = "conveying"
    """Able to take the patient to a destination; stops every other clock."""


class IncidentRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one incident leaves behind: every stamp, from which all indicators are computed.

    Stamps are UTC milliseconds; None where the thing never happened. ``responder_on_scene_at_ms``
    is the first unit of any kind, ``conveying_on_scene_at_ms`` the unit that conveyed or, if none
    did, the first that could have. ``units_allocated`` counts every assignment, also those stood
    down; ``units_arrived`` those that reached the scene.
    """

    incident: IncidentId
    trust: TrustCode
    at: LonLat
    category: Category
    first_category: Category
    segment: Segment | None
    pathway: Pathway | None
    connected_at_ms: int
    clock_start_at_ms: int
    assigned_at_ms: int | None
    responder_on_scene_at_ms: int | None
    conveying_on_scene_at_ms: int | None
    left_scene_at_ms: int | None
    hospital: HospitalId | None
    at_hospital_at_ms: int | None
    handed_over_at_ms: int | None
    closed_at_ms: int
    outcome: Outcome
    units_allocated: int
    units_arrived: int
    diversions: int
    aided_by: TrustCode | None
