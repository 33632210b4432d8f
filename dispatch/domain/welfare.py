"""Welfare calls: ringing patients who wait, how often, and what a call can show.

A welfare call never stops or restarts a clock, and is not a clinician's validation.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dispatch.domain.category import RANK, Category
from dispatch.domain.ids import IncidentId
from dispatch.domain.local_time import MINUTE_MS


class WelfareResult(StrEnum):
    """What a welfare call showed."""

    UNCHANGED = "unchanged"
    BETTER = "better"
    WORSE = "worse"
    """Triage again, at once."""
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"


class WelfareRules(msgspec.Struct, frozen=True, kw_only=True):
    """How often waiting patients are rung, in minutes by rank of category.

    No national interval exists: 30 min for C2, 60 for C3, 120 for C4 and C5 are typical
    (background knowledge, low confidence). A rank that is absent is not rung. ``share`` shortens
    or stretches all intervals (an escalation level sets it). ``no_answer_min`` is when a call that
    nobody answered is tried again. ``review_after`` calls a clinician looks at the wait.
    """

    every_min: dict[int, int] = msgspec.field(
        default_factory=lambda: {2: 30, 3: 60, 4: 120, 5: 120}
    )
    share: float = 1.0
    no_answer_min: int = 5
    review_after: int = 2
    effective_from: str = "2026-04-01"

    def __post_init__(self) -> None:
        if not 0.1 <= self.share <= 10:
            raise ValueError(f"Expected share of 0.1 to 10, was {self.share}.")
        if any(minutes <= 0 for minutes in (*self.every_min.values(), self.no_answer_min)):
            raise ValueError(f"Expected intervals above 0 min, was {self.every_min}.")


class WelfareCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One welfare call: an event that is kept."""

    incident: IncidentId
    at_ms: int
    by: str
    result: WelfareResult


def next_welfare_call_ms(
    category: Category,
    waiting_since_ms: int,
    calls: tuple[WelfareCall, ...],
    rules: WelfareRules,
) -> int | None:
    """Return when a waiting patient is to be rung next; None when their category is not.

    Counts from the last call, or from the start of the wait; a call that nobody answered is
    tried again sooner. Nobody is rung after they cancelled.
    """
    minutes = rules.every_min.get(RANK[category])
    if minutes is None:
        return None
    last = max(calls, key=lambda call: call.at_ms, default=None)
    if last is None:
        return waiting_since_ms + round(minutes * rules.share * MINUTE_MS)
    if last.result is WelfareResult.CANCELLED:
        return None
    if last.result is WelfareResult.NO_ANSWER:
        return last.at_ms + rules.no_answer_min * MINUTE_MS
    return last.at_ms + round(minutes * rules.share * MINUTE_MS)


def needs_review(calls: tuple[WelfareCall, ...], rules: WelfareRules) -> bool:
    """Test whether a clinician should look at a wait: it got worse, or has become long."""
    if any(call.result is WelfareResult.WORSE for call in calls):
        return True
    return len(calls) >= rules.review_after
