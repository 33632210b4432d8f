"""Facts about hospitals: handovers, releases, cohorts, deflections, pressures, HALO, levels."""

from __future__ import annotations

from dispatch.domain.deflection import Deflection
from dispatch.domain.escalation import Scheme
from dispatch.domain.event_base import EventBase
from dispatch.domain.handover import HandoverRules, VisitId
from dispatch.domain.handover_board import Pressure
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode, UnitId
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.trigger_state import TriggerOrder


class HandoverStarted(EventBase, frozen=True, kw_only=True):
    """The handover of a crew's patient began. Its end is the crew's status report."""

    hospital: HospitalId
    unit: UnitId
    reported_at_ms: int


class ReleasedToRespond(EventBase, frozen=True, kw_only=True):
    """A patient was taken at the limit by a named recipient, so that the crew may clear.

    ``is_stable`` None: nobody has judged it, and the crew stays.
    """

    hospital: HospitalId
    unit: UnitId
    is_stable: bool | None
    clinician: str
    recipient: str


class FitToSit(EventBase, frozen=True, kw_only=True):
    """An ambulatory patient walked to the waiting room, to somebody named."""

    hospital: HospitalId
    unit: UnitId
    is_ambulatory: bool
    recipient: str


class CohortOpened(EventBase, frozen=True, kw_only=True):
    """Patients of several crews may stay with one clinician, as somebody authorised."""

    hospital: HospitalId
    cohort: str
    clinician: str
    authorised_by: str
    patients_max: int | None = None


class PatientCohorted(EventBase, frozen=True, kw_only=True):
    """A crew's patient joined a cohort: the crew may clear, the patient's clock goes on."""

    hospital: HospitalId
    unit: UnitId
    cohort: str


class CohortHandedOver(EventBase, frozen=True, kw_only=True):
    """The hospital took a patient out of a cohort."""

    hospital: HospitalId
    visit: VisitId
    recipient: str
    reported_at_ms: int


class ImmediateReleaseRequested(EventBase, frozen=True, kw_only=True):
    """A trust asked a hospital for a crew, for an emergency that nobody can go to."""

    hospital: HospitalId
    request: str
    incident: IncidentId
    by: str


class ImmediateReleaseAnswered(EventBase, frozen=True, kw_only=True):
    """A hospital answered; with a yes, ``unit`` is the crew whose patient ``by`` takes."""

    hospital: HospitalId
    request: str
    accepts: bool
    by: str
    reason: str = ""
    unit: UnitId | None = None


class DeflectionAgreed(EventBase, frozen=True, kw_only=True):
    """Two hospitals and the trust agreed to deflect ambulances for a while."""

    deflection: Deflection


class DeflectionEnded(EventBase, frozen=True, kw_only=True):
    """Somebody ended a deflection before its time."""

    deflection: str
    by: str


class PressureReported(EventBase, frozen=True, kw_only=True):
    """A hospital, or a trust, reported values of its pressure: beds, performance, staffing."""

    pressures: tuple[Pressure, ...]
    hospital: HospitalId | None = None
    trust: TrustCode | None = None


class HandoverRulesSet(EventBase, frozen=True, kw_only=True):
    """A person set the minutes of a hospital; None goes back to the configuration."""

    hospital: HospitalId
    rules: HandoverRules | None
    by: str
    reason: str


class HaloRuleSet(EventBase, frozen=True, kw_only=True):
    """A person put a rule for a liaison officer into force at a hospital, or switched it off."""

    hospital: HospitalId
    rule: TriggerRule
    by: str
    reason: str


class HaloOrdered(EventBase, frozen=True, kw_only=True):
    """A person confirmed, declined, deployed or stood down what a rule had proposed."""

    hospital: HospitalId
    rule: str
    order: TriggerOrder
    by: str
    reason: str = ""


class LevelConfirmed(EventBase, frozen=True, kw_only=True):
    """A person put a level into force: OPEL of a hospital, REAP or safety plan of a trust."""

    scheme: Scheme
    subject: str
    level: int
    by: str
    reason: str


class LevelUndone(EventBase, frozen=True, kw_only=True):
    """A person took the last level back: the one before it is in force again."""

    scheme: Scheme
    subject: str
    by: str
    reason: str


HospitalEvent = (
    HandoverStarted
    | ReleasedToRespond
    | FitToSit
    | CohortOpened
    | PatientCohorted
    | CohortHandedOver
    | ImmediateReleaseRequested
    | ImmediateReleaseAnswered
    | DeflectionAgreed
    | DeflectionEnded
    | PressureReported
    | HandoverRulesSet
    | HaloRuleSet
    | HaloOrdered
    | LevelConfirmed
    | LevelUndone
)
