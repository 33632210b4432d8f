"""What the core decides about redirection, clinicians, welfare and follow-up."""

from __future__ import annotations

from dispatch.domain.category import Category
from dispatch.domain.explanation import DecisionBase, Explanation
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.redirection import Redirection
from dispatch.domain.referral import Referral
from dispatch.domain.service_type import Referrer


class OfferServices(DecisionBase, frozen=True, kw_only=True):
    """Tell who asked which services can take the patient, best first; the incident waits on."""

    incident: IncidentId
    asked_by: Referrer
    answer: Redirection


class KeepForAmbulance(DecisionBase, frozen=True, kw_only=True):
    """Nothing is offered: the reasons are the answer's barriers, refusals and counts."""

    incident: IncidentId
    asked_by: Referrer
    answer: Redirection


class HoldForClinician(DecisionBase, frozen=True, kw_only=True):
    """Put an incident before a clinician. A soft hold: it STAYS in the dispatch queue."""

    incident: IncidentId
    breach_at_ms: int
    why: Explanation


class Refer(DecisionBase, frozen=True, kw_only=True):
    """Offer the patient to a service, under a protocol that the trust has switched on by name."""

    incident: IncidentId
    service: ServiceId
    referral: Referral
    why: Explanation


class FailSafeDispatch(DecisionBase, frozen=True, kw_only=True):
    """Nobody has taken the patient in time, or not after all: an ambulance, as first triaged."""

    incident: IncidentId
    category: Category
    why: Explanation
    referral: ReferralId | None = None


class WelfareCallDue(DecisionBase, frozen=True, kw_only=True):
    """Ring a patient who waits; ``for_review`` asks a clinician to look at the wait too."""

    incident: IncidentId
    due_at_ms: int
    why: Explanation
    for_review: bool = False


class FollowUpDue(DecisionBase, frozen=True, kw_only=True):
    """Tell the service that knows the patient best (None: the trust's own desk) to follow up."""

    incident: IncidentId
    due_at_ms: int
    why: Explanation
    service: ServiceId | None = None


class FollowUpOverdue(DecisionBase, frozen=True, kw_only=True):
    """Nobody has followed a patient up in time: the trust's own desk looks for them now."""

    incident: IncidentId
    due_at_ms: int
    why: Explanation
    service: ServiceId | None = None


CareDecision = (
    OfferServices
    | KeepForAmbulance
    | HoldForClinician
    | Refer
    | FailSafeDispatch
    | WelfareCallDue
    | FollowUpDue
    | FollowUpOverdue
)
