"""A unit: a crewed vehicle or responder, what it may do, and its life cycle as a table."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from dispatch.domain.ids import PostId, TrustCode, UnitId


class UnitKind(StrEnum):
    """What is sent: the response types of the NHS Data Dictionary that an engine tells apart."""

    DCA = "DCA"
    """Double-crewed ambulance: conveys."""
    RRV = "RRV"
    """Rapid response vehicle: one clinician, does not convey."""
    HEMS = "HEMS"
    """Helicopter emergency medical service, or its car."""
    CFR = "CFR"
    """Community first responder, or a co-responder of another service."""
    FALLS = "FALLS"
    """Falls response vehicle."""
    MENTAL_HEALTH = "MENTAL_HEALTH"
    """Mental-health response vehicle."""
    URGENT_CARE = "URGENT_CARE"
    """Urgent-care tier: conveys patients of lower acuity."""
    PTS = "PTS"
    """Patient transport service: conveys booked, stable patients."""
    AUXILIARY = "AUXILIARY"
    """Auxiliary ambulance (St John and other providers): conveys."""


class Skill(IntEnum):
    """Highest clinical skill on board, in rising order."""

    RESPONDER = 0
    ECA = 1
    EMT = 2
    PARAMEDIC = 3
    ADVANCED = 4
    CRITICAL_CARE = 5
    DOCTOR = 6


class UnitStatus(StrEnum):
    """Where a unit stands in its job cycle."""

    OFF_DUTY = "OFF_DUTY"
    ON_STATION = "ON_STATION"
    AVAILABLE = "AVAILABLE"
    ON_BREAK = "ON_BREAK"
    ALLOCATED = "ALLOCATED"
    MOBILE = "MOBILE"
    AT_SCENE = "AT_SCENE"
    CONVEYING = "CONVEYING"
    AT_HOSPITAL = "AT_HOSPITAL"
    HANDED_OVER = "HANDED_OVER"
    RELOCATING = "RELOCATING"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"


S = UnitStatus

REPORTS: Final[dict[UnitStatus, frozenset[UnitStatus]]] = {
    S.OFF_DUTY: frozenset(),
    S.ON_STATION: frozenset({S.AVAILABLE, S.ON_BREAK, S.OFF_DUTY, S.OUT_OF_SERVICE}),
    S.AVAILABLE: frozenset({S.ON_STATION, S.ON_BREAK, S.OFF_DUTY, S.OUT_OF_SERVICE}),
    S.ON_BREAK: frozenset({S.AVAILABLE, S.ON_STATION, S.OFF_DUTY, S.OUT_OF_SERVICE}),
    S.ALLOCATED: frozenset({S.MOBILE, S.AT_SCENE, S.AVAILABLE, S.OUT_OF_SERVICE}),
    S.MOBILE: frozenset({S.AT_SCENE, S.AVAILABLE, S.OUT_OF_SERVICE}),
    S.AT_SCENE: frozenset({S.CONVEYING, S.AVAILABLE, S.OUT_OF_SERVICE}),
    S.CONVEYING: frozenset({S.AT_HOSPITAL, S.AVAILABLE, S.OUT_OF_SERVICE}),
    S.AT_HOSPITAL: frozenset({S.HANDED_OVER, S.AVAILABLE, S.OUT_OF_SERVICE}),
    S.HANDED_OVER: frozenset({S.AVAILABLE, S.OUT_OF_SERVICE}),
    S.RELOCATING: frozenset({S.ON_STATION, S.ON_BREAK, S.OFF_DUTY, S.OUT_OF_SERVICE}),
    S.OUT_OF_SERVICE: frozenset({S.AVAILABLE, S.ON_STATION, S.OFF_DUTY}),
}
"""What a crew may report from each status. ALLOCATED and RELOCATING are the dispatcher's words:
they follow from decisions, never from a report. A crew that skips MOBILE is believed."""

ASSIGNABLE: Final = frozenset({S.ON_STATION, S.AVAILABLE, S.RELOCATING})
"""A unit in one of these has no job and may be given one."""

EN_ROUTE: Final = frozenset({S.ALLOCATED, S.MOBILE})
"""A unit in one of these is on its way to an incident and may be diverted."""

ON_JOB: Final = EN_ROUTE | {S.AT_SCENE, S.CONVEYING, S.AT_HOSPITAL, S.HANDED_OVER}
"""A unit in one of these is on a job; time in them is busy time."""

CONVEYING_KINDS: Final = frozenset(
    {UnitKind.DCA, UnitKind.AUXILIARY, UnitKind.URGENT_CARE, UnitKind.PTS}
)
"""Kinds that can take a patient to a destination."""

STATUS_NUMBER: Final[dict[UnitStatus, int]] = {status: i for i, status in enumerate(UnitStatus)}
KIND_NUMBER: Final[dict[UnitKind, int]] = {kind: i for i, kind in enumerate(UnitKind)}

del S


class UnitSpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What does not change about a unit while it is on duty."""

    id: UnitId
    trust: TrustCode
    kind: UnitKind
    skill: Skill
    home: PostId

    @property
    def conveys(self) -> bool:
        """Whether the unit can take a patient to a destination."""
        return self.kind in CONVEYING_KINDS
