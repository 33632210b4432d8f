"""What the server answers about hospitals and escalation."""

from __future__ import annotations

from pydantic import Field

from api.views import InboundView, InstantText, TermView, View


class EvidenceView(View):
    """One comparison of a rule, with the values that it saw; ``holds`` missing: not known."""

    text: str
    values: dict[str, float]
    missing: list[str] = Field(default_factory=list, description="Quantities that were not known.")
    holds: bool | None = None


class VisitView(View):
    """One ambulance at a hospital, and the last timer that has come."""

    visit: str
    unit: str
    incident: str | None = None
    trust: str | None = None
    arrived_at: InstantText
    since_arrival_s: float
    timer: str | None = None
    next_timer_at: InstantText | None = None
    started_at: InstantText | None = None
    cohort: str | None = None
    handed_over_at: InstantText | None = None
    kind: str | None = None
    recipient: str | None = None
    predicted_handover_s: float | None = None


class PredictionView(View):
    """The handover to be expected of an arrival, its interval, and how sure it has been."""

    ahead_s: float
    expected_s: float
    lower_s: float
    upper_s: float
    interval: float
    terms: list[TermView] = Field(description="What it is made of, in minutes.")
    outcomes: int = Field(description="Predictions that have been held against what came true.")
    mean_absolute_error_s: float | None = None
    bias_s: float | None = None
    covered: float | None = Field(default=None, description="Share inside the interval.")


class HaloRuleView(View):
    """A rule for a liaison officer, and where it stands."""

    rule: str
    text: str
    words: str
    source: str
    is_on: bool
    status: str
    since: InstantText | None = None
    can_end: bool
    by: str = ""
    reason: str = ""
    evidence: list[EvidenceView]


class HaloOrderView(View):
    """One order about a liaison officer."""

    rule: str
    status: str
    by: str
    reason: str
    at: InstantText


class CohortView(View):
    """A cohort and how many patients it has."""

    cohort: str
    clinician: str
    authorised_by: str
    opened_at: InstantText
    patients: int
    patients_max: int


class ReleaseRequestView(View):
    """A request for immediate release."""

    request: str
    incident: str
    category: str
    status: str
    by: str
    requested_at: InstantText
    answer_by: InstantText
    answered_at: InstantText | None = None
    answered_by: str = ""
    reason: str = ""
    escalates_to: list[str]


class DeflectionView(View):
    """An agreement that sends ambulances elsewhere."""

    deflection: str
    from_hospital: str
    to_hospital: str
    starts_at: InstantText
    ends_at: InstantText
    is_active: bool
    agreed_from: str
    agreed_to: str
    authorised_by: str
    reason: str = ""


class PressureView(View):
    """One reported value; ``is_current`` tells whether it may still be believed."""

    name: str
    value: float
    reported_at: InstantText
    valid_until: InstantText | None = None
    source: str = ""
    is_current: bool


class MinutesView(View):
    """Minutes in force at a hospital."""

    amber_min: int
    arm_min: int
    release_min: int | None = None
    breach_min: int
    standard_min: int
    effective_from: str
    is_own: bool = Field(description="Set by a person over the configuration.")


class BoardView(View):
    """The handover board of one hospital: who comes, who waits, who may clear, what is proposed."""

    seq: int
    at: InstantText
    hospital: str
    name: str
    bays: int
    is_accepting: bool
    opel: int
    minutes: MinutesView
    inbound: list[InboundView]
    waiting: list[VisitView]
    in_handover: list[VisitView]
    cohorted: list[VisitView]
    clear_pending: list[VisitView]
    longest_wait_s: float
    mean_handover_last_hour_s: float | None = None
    lost_today_s: float
    handovers_today: int
    over_15_today: int
    over_30_today: int
    over_60_today: int
    prediction: PredictionView
    halo: list[HaloRuleView]
    halo_log: list[HaloOrderView] = Field(description="Latest orders; the journal has them all.")
    cohorts: list[CohortView]
    immediate_releases: list[ReleaseRequestView]
    deflections: list[DeflectionView]
    pressures: list[PressureView]


class RuleExplained(View):
    """A rule as it was understood."""

    canonical: str
    words: str
    needs: list[str]


class LevelView(View):
    """A level in force: who put it there, when and why."""

    scheme: str
    subject: str
    level: int
    by: str
    reason: str
    at: InstantText


class PlanView(View):
    """What a level changes, and what people do."""

    scheme: str
    level: int
    name: str
    settings: dict[str, bool | int | float | str | list[str]]
    actions: list[str]


class LevelRuleView(View):
    """A rule that proposes a level of a trust, and where it stands there."""

    trust: str
    scheme: str
    level: int
    rule: str
    text: str
    words: str
    status: str
    can_end: bool
    evidence: list[EvidenceView]


class EscalationView(View):
    """Levels in force, their history, the rules that propose them, and their plans."""

    seq: int
    at: InstantText
    configuration: str
    levels: list[LevelView]
    history: list[LevelView] = Field(description="Every change, latest first.")
    rules: list[LevelRuleView]
    plans: list[PlanView]
    pressures: dict[str, list[PressureView]] = Field(description="By trust.")
