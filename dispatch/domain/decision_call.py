"""What the core decides about telephone calls."""

from __future__ import annotations

from dispatch.domain.call_rules import BuddyRefusal, MatchProposal
from dispatch.domain.explanation import DecisionBase
from dispatch.domain.ids import CallId, IncidentId, TrustCode


class OfferCall(DecisionBase, frozen=True, kw_only=True):
    """Offer a waiting call to another trust; it stays in the home queue too."""

    call: CallId
    trust: TrustCode
    until_ms: int
    note: str
    refused: tuple[BuddyRefusal, ...] = ()


class ProposeSameIncident(DecisionBase, frozen=True, kw_only=True):
    """Tell a person which known incidents a call may be about; nothing is merged."""

    call: CallId
    proposals: tuple[MatchProposal, ...]


class HandBack(DecisionBase, frozen=True, kw_only=True):
    """Tell the home trust of an incident whose call another trust answered: it sends help."""

    incident: IncidentId
    trust: TrustCode
    answered_by: TrustCode
    use_case: str | None
    by_voice: bool
    due_at_ms: int
    note: str


class RingHomeTrust(DecisionBase, frozen=True, kw_only=True):
    """Nobody has taken an incident over in time: a person rings the home trust."""

    incident: IncidentId
    trust: TrustCode


CallDecision = OfferCall | ProposeSameIncident | HandBack | RingHomeTrust
