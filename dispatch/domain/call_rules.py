"""Dated configuration of call answering, and the answers that decisions carry."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dispatch.domain.dated import version_at
from dispatch.domain.ids import IncidentId, TrustCode


class BuddyRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a trust's calls are offered to others, to whom, and how much those must have free.

    ``after_s``: the trigger of the national platform was reported as about 5 minutes unanswered
    (FOI answers in HSJ and nation.cymru). ``predicted_after_s``: the same for the expected wait.
    ``order`` names the buddies; a trust that is not named is never asked. ``free_min`` handlers
    must stay free at the buddy. ``offer_s`` is how long an offer stands. The last two are assumed.
    """

    order: tuple[TrustCode, ...] = ()
    after_s: int = 300
    predicted_after_s: int = 300
    free_min: int = 2
    offer_s: int = 60
    effective_from: str = "2026-04-01"


class BuddyRefusal(msgspec.Struct, frozen=True, gc=False):
    """Why a trust was not offered a call."""

    trust: TrustCode
    why: str


class MatchRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How near in place and time two reports may be one incident. All assumed.

    ``near_m`` for a located call; ``uncertain_m`` is added where a location is provisional.
    ``within_min`` after the incident was reported; an open incident is matched for longer.
    """

    near_m: float = 150.0
    uncertain_m: float = 350.0
    within_min: int = 30
    open_within_min: int = 180
    proposals_max: int = 3
    effective_from: str = "2026-04-01"


class Likelihood(StrEnum):
    """How sure a proposal is, the surest first."""

    SAME_CALLER = "same_caller"
    LIKELY = "likely"
    POSSIBLE = "possible"


class MatchProposal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A known incident that a call may be about, for a person to decide."""

    incident: IncidentId
    likelihood: Likelihood
    distance_m: float | None
    minutes: float
    why: str


class AnswerTarget(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What answering must achieve; None: not asked for.

    Defaults: mean of at most 10 s (six-point plan of 2022) and 95 in 100 within 5 s (the older
    aim); both background knowledge, and configuration.
    """

    mean_s: float | None = 10.0
    share: float | None = 0.95
    within_s: float = 5.0
    effective_from: str = "2026-04-01"


class CallSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How calls are answered: buddies by trust, matching, and the target, in dated versions.

    Of several versions the latest that has begun is in force; before the first, the first.
    """

    buddies: dict[TrustCode, tuple[BuddyRules, ...]] = {}
    match: tuple[MatchRules, ...] = (MatchRules(),)
    target: tuple[AnswerTarget, ...] = (AnswerTarget(),)

    def __post_init__(self) -> None:
        if not all((self.match, self.target, *self.buddies.values())):
            raise ValueError("Expected at least one version of each rule of call answering.")

    def buddies_of(self, trust: TrustCode, now_ms: int) -> BuddyRules | None:
        """Return the rules by which a trust's calls are offered to others; None: never."""
        versions = self.buddies.get(trust)
        return None if versions is None else version_at(versions, now_ms)
