"""Whether a new call is about an incident that is already known: proposed to a person, with why.

Nothing is merged silently, and a repeat call never lowers a priority.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dispatch.domain.call_rules import Likelihood, MatchProposal, MatchRules
from dispatch.domain.category import Category, is_graver
from dispatch.domain.complaint import ComplaintFamily, family_of
from dispatch.domain.ids import IncidentId
from dispatch.domain.local_time import MINUTE_MS
from maps.geo import LonLat, great_circle_m

__all__ = [
    "KnownIncident",
    "Likelihood",
    "MatchProposal",
    "MatchRules",
    "NewReport",
    "are_compatible",
    "category_after_repeat",
    "match_calls",
]


class NewReport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a new call: when, where, about what, from which line (a pseudonym)."""

    at_ms: int
    at: LonLat | None = None
    complaint: str | None = None
    line: str | None = None
    is_provisional: bool = False


class KnownIncident(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an incident that a call may be about."""

    incident: IncidentId
    at: LonLat
    reported_at_ms: int
    complaint: str | None = None
    lines: tuple[str, ...] = ()
    is_open: bool = True
    is_provisional: bool = False


_ALIKE = (
    frozenset({ComplaintFamily.FALL, ComplaintFamily.INJURY, ComplaintFamily.LIFE_THREAT}),
    frozenset({ComplaintFamily.ILLNESS, ComplaintFamily.LIFE_THREAT}),
    frozenset({ComplaintFamily.ILLNESS, ComplaintFamily.MINOR_ILLNESS}),
    frozenset({ComplaintFamily.ILLNESS, ComplaintFamily.FRAILTY}),
    frozenset({ComplaintFamily.MENTAL_HEALTH, ComplaintFamily.LIFE_THREAT}),
    frozenset({ComplaintFamily.SOCIAL, ComplaintFamily.FRAILTY, ComplaintFamily.FALL}),
)
"""Families that two callers may use for one event: a passer-by sees a fall, a friend a seizure."""


def match_calls(
    report: NewReport, known: Iterable[KnownIncident], rules: MatchRules | None = None
) -> list[MatchProposal]:
    """Return the incidents that a new call may be about, the likeliest first.

    Order: likelihood, then distance, then age, then id. Incidents reported after the call are not
    considered.
    """
    rules = MatchRules() if rules is None else rules
    found = [
        proposal
        for incident in known
        if (proposal := _proposal(report, incident, rules)) is not None
    ]
    order = tuple(Likelihood)
    found.sort(
        key=lambda item: (
            order.index(item.likelihood),
            float("inf") if item.distance_m is None else item.distance_m,
            item.minutes,
            item.incident,
        )
    )
    return found[: rules.proposals_max]


def are_compatible(one: str | None, other: str | None) -> bool:
    """Test whether two complaints may describe one event; an unknown one fits everything."""
    if one is None or other is None or one == other or "unknown" in (one, other):
        return True
    families = {family_of(one), family_of(other)}
    return len(families) == 1 or any(families <= alike for alike in _ALIKE)


def category_after_repeat(known: Category, repeated: Category) -> Category:
    """Return the category after a repeat call: the graver of the two, never a lower one."""
    return repeated if is_graver(repeated, known) else known


def _proposal(
    report: NewReport, incident: KnownIncident, rules: MatchRules
) -> MatchProposal | None:
    minutes = (report.at_ms - incident.reported_at_ms) / MINUTE_MS
    limit = rules.open_within_min if incident.is_open else rules.within_min
    if not 0 <= minutes <= limit:
        return None
    distance_m = None if report.at is None else great_circle_m(report.at, incident.at)
    if report.line is not None and report.line in incident.lines:
        return MatchProposal(
            incident=incident.incident,
            likelihood=Likelihood.SAME_CALLER,
            distance_m=distance_m,
            minutes=minutes,
            why=f"the same line rang {minutes:.0f} min ago",
        )
    if distance_m is None or not are_compatible(report.complaint, incident.complaint):
        return None
    blurred = report.is_provisional or incident.is_provisional
    if distance_m > rules.near_m + rules.uncertain_m * blurred:
        return None
    sure = (
        distance_m <= rules.near_m
        and minutes <= rules.within_min
        and report.complaint is not None
        and report.complaint == incident.complaint
    )
    return MatchProposal(
        incident=incident.incident,
        likelihood=Likelihood.LIKELY if sure else Likelihood.POSSIBLE,
        distance_m=distance_m,
        minutes=minutes,
        why=f"{distance_m:.0f} m away, {minutes:.0f} min ago, "
        f"{incident.complaint or 'complaint not known'}",
    )
