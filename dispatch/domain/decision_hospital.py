"""What the core decides about hospitals: whom to tell, what to propose, what has lapsed."""

from __future__ import annotations

from dispatch.domain.escalation import Scheme
from dispatch.domain.explanation import DecisionBase, Explanation
from dispatch.domain.handover import HandoverTimer, VisitId
from dispatch.domain.handover_prediction import HandoverPrediction
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode, UnitId
from dispatch.domain.trigger_state import TriggerMemory


class HandoverAlert(DecisionBase, frozen=True, kw_only=True):
    """A timer of a visit has come, exactly at ``due_at_ms``: tell these people. Frees nobody."""

    hospital: HospitalId
    visit: VisitId
    unit: UnitId
    incident: IncidentId | None
    timer: HandoverTimer
    due_at_ms: int
    tells: tuple[str, ...]
    why: Explanation


class PredictHandover(DecisionBase, frozen=True, kw_only=True):
    """Expect this handover of a crew that has arrived; what came true is held against it."""

    hospital: HospitalId
    visit: VisitId
    unit: UnitId
    prediction: HandoverPrediction


class ProposeHalo(DecisionBase, frozen=True, kw_only=True):
    """Propose a liaison officer: a person confirms or declines. ``memory`` keeps the evidence."""

    hospital: HospitalId
    rule: str
    memory: TriggerMemory
    why: Explanation


class ProposeHaloEnd(DecisionBase, frozen=True, kw_only=True):
    """Propose to stand a liaison officer down: released, and held long enough."""

    hospital: HospitalId
    rule: str
    memory: TriggerMemory
    why: Explanation


class LapseHalo(DecisionBase, frozen=True, kw_only=True):
    """Take a proposal back that nobody answered: its reason has passed."""

    hospital: HospitalId
    rule: str
    memory: TriggerMemory
    why: Explanation


class NoteHalo(DecisionBase, frozen=True, kw_only=True):
    """Remember what a look at a rule found; nobody need be told."""

    hospital: HospitalId
    rule: str
    memory: TriggerMemory


class LapseImmediateRelease(DecisionBase, frozen=True, kw_only=True):
    """A request was not answered in time: escalate it like a refusal."""

    hospital: HospitalId
    request: str
    incident: IncidentId
    tells: tuple[str, ...]


class EndImmediateRelease(DecisionBase, frozen=True, kw_only=True):
    """A request is not needed any more: the incident has a unit, or has ended."""

    hospital: HospitalId
    request: str
    incident: IncidentId


class ExpireDeflection(DecisionBase, frozen=True, kw_only=True):
    """A deflection has run out: the hospital receives its ambulances again."""

    hospital: HospitalId
    deflection: str


class ProposeLevel(DecisionBase, frozen=True, kw_only=True):
    """Propose a level to a person; nothing changes until it is confirmed.

    ``level_max`` is the level that missing values could lead to.
    """

    scheme: Scheme
    subject: str
    level: int
    level_max: int
    why: Explanation
    missing: tuple[str, ...] = ()
    rule: str | None = None
    memory: TriggerMemory | None = None


class NoteLevelRule(DecisionBase, frozen=True, kw_only=True):
    """Remember what a look at a rule of a trust found; nobody need be told."""

    trust: TrustCode
    rule: str
    memory: TriggerMemory


HospitalDecision = (
    HandoverAlert
    | PredictHandover
    | ProposeHalo
    | ProposeHaloEnd
    | LapseHalo
    | NoteHalo
    | LapseImmediateRelease
    | EndImmediateRelease
    | ExpireDeflection
    | ProposeLevel
    | NoteLevelRule
)
