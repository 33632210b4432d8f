"""What the server answers about patients, services, referrals and clinicians."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.views import DecisionView, InstantText, View


class ReferralView(View):
    """One patient's need handed to one service, and where that stands."""

    referral: str
    incident: str
    service: str
    category: str = Field(description="What the incident is dispatched as when it fails safe.")
    status: str
    consequence: str = Field(description="waits, ends, dispatches, follows_up or none.")
    offered_at: InstantText
    fail_safe_at: InstantText
    changed_at: InstantText
    by: str
    protocol: str | None = None
    slot: str | None = None
    refusal: int | None = None
    reason: str = ""


class ReferralsView(View):
    """Referrals: the live ones by fail-safe time, then those that ended, latest first."""

    seq: int
    at: InstantText
    referrals: list[ReferralView]


class ValidationView(View):
    """One incident before a clinician."""

    incident: str
    category: str
    segment: str | None = None
    status: str
    since_at: InstantText
    breach_at: InstantText
    clinician: str | None = None
    attempts: int = 0
    is_overdue: bool = False


class ValidationsView(View):
    """The clinicians' queue: who waits, by breach time; then who is being spoken to."""

    seq: int
    at: InstantText
    waiting: list[ValidationView]
    in_progress: list[ValidationView]


class PatientView(View):
    """What is known of an incident's patient, and what is under way for them."""

    seq: int
    at: InstantText
    incident: str
    patient: dict[str, Any] | None = None
    validation: ValidationView | None = None
    referral: ReferralView | None = None
    refused_by: list[str] = Field(default_factory=list)
    next_welfare_call_at: InstantText | None = None


class OffersView(View):
    """Which services could take the patient now, and why not the others. Nothing was changed."""

    seq: int
    at: InstantText
    incident: str
    decisions: list[DecisionView]
    course: str = Field(description="ambulance, soft_hold, offers or call_back.")
    offers: list[dict[str, Any]] = Field(description="Best first, each with its terms.")
    barriers: list[dict[str, Any]] = Field(description="Reasons for an ambulance.")
    refused: list[dict[str, Any]] = Field(description="The nearest that cannot, and why.")
    others: dict[str, int] = Field(description="The rest, counted by reason.")
    cautions: list[str] = Field(description="Why no protocol may close by itself.")
    advice: list[str] = Field(description="What the patient is told.")
    degraded: list[str] = Field(default_factory=list)


class RejectView(View):
    """An entry of a directory that could not be taken."""

    row: int
    id: str
    why: str


class DirectoryTaken(View):
    """What became of a directory that was sent."""

    seq: int
    at: InstantText
    accepted: int
    rejects: list[RejectView]
    ignored: list[str] = Field(description="Columns that nobody knows.")


class ServiceView(View):
    """A service, with how much room it has now."""

    service: str
    name: str
    type: str
    lat: float | None = None
    lon: float | None = None
    is_active: bool
    is_open: bool
    opens_at: InstantText | None = None
    level: str
    resets_at: InstantText | None = None
    slots: int = Field(default=0, description="Times that still have a place.")


class ServicesView(View):
    """The directory in force, sorted by identifier."""

    seq: int
    at: InstantText
    source: str
    services: list[ServiceView]


class FollowUpView(View):
    """A patient who was not conveyed and is to be followed up."""

    incident: str
    service: str | None = None
    due_at: InstantText
    why: str
    is_overdue: bool = False


class FollowUpsView(View):
    """Follow-ups that nobody has made yet, the earliest first."""

    seq: int
    at: InstantText
    follow_ups: list[FollowUpView]


class WelfareView(View):
    """A patient who is to be rung."""

    incident: str
    asked_at: InstantText
    calls: int


class WelfareQueue(View):
    """Welfare calls that are due, the longest due first."""

    seq: int
    at: InstantText
    due: list[WelfareView]
