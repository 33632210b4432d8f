"""What the core decides, in the imperative, each decision with the reasons for it."""

from __future__ import annotations

from dispatch.domain.decision_call import CallDecision
from dispatch.domain.decision_care import CareDecision
from dispatch.domain.decision_crew import CrewDecision
from dispatch.domain.decision_hospital import HospitalDecision
from dispatch.domain.explanation import Candidate, DecisionBase, Explanation, Term, Verdict
from dispatch.domain.ids import HospitalId, IncidentId, PostId, UnitId
from dispatch.domain.incident import Role
from dispatch.domain.travel import Position

__all__ = [
    "Assign",
    "Candidate",
    "Convey",
    "Decision",
    "Explanation",
    "Relocate",
    "SetTimer",
    "StandDown",
    "Term",
    "Verdict",
    "Wait",
]


class Assign(DecisionBase, frozen=True, kw_only=True):
    """Send a unit to an incident; ``eta_ms`` counts from now, mobilisation included.

    ``origin`` is where the unit was believed to be, ``diverted_from`` the incident that loses the
    unit, ``ordered_by`` the person who decided.
    """

    incident: IncidentId
    unit: UnitId
    role: Role
    origin: Position
    eta_ms: int
    why: Explanation
    diverted_from: IncidentId | None = None
    ordered_by: str | None = None


class Wait(DecisionBase, frozen=True, kw_only=True):
    """Leave an incident waiting: no unit can go, or none is worth sending yet."""

    incident: IncidentId
    role: Role
    why: Explanation


class StandDown(DecisionBase, frozen=True, kw_only=True):
    """Take a unit off an incident; it is available where it is believed to be."""

    incident: IncidentId
    unit: UnitId
    origin: Position
    why: Explanation
    ordered_by: str | None = None


class Convey(DecisionBase, frozen=True, kw_only=True):
    """Take a patient to a hospital; ``eta_ms`` counts from now.

    ``origin`` is where the unit was believed to be when its course was changed on the way; None
    when it sets out. ``may_change`` says that it may be changed again.
    """

    incident: IncidentId
    unit: UnitId
    hospital: HospitalId
    eta_ms: int
    why: Explanation
    origin: Position | None = None
    may_change: bool = False


class Relocate(DecisionBase, frozen=True, kw_only=True):
    """Send an idle unit to a post; ``eta_ms`` counts from now."""

    unit: UnitId
    post: PostId
    origin: Position
    eta_ms: int
    why: Explanation
    ordered_by: str | None = None


class SetTimer(DecisionBase, frozen=True, kw_only=True):
    """Wake the core at a time, by a `TimerFired` of the same name."""

    timer: str
    due_at_ms: int


Decision = (
    Assign
    | Wait
    | StandDown
    | Convey
    | Relocate
    | SetTimer
    | CallDecision
    | CrewDecision
    | CareDecision
    | HospitalDecision
)
