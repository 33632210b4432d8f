"""Which other trust is offered an unanswered call, and who does what when it answers.

A call is offered when it has waited too long, or will: the buddy with the most slack gets it, in
the home trust's own order where slack is equal. The answering trust triages and starts life-saving
advice; sending help stays with the home trust, by message.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dispatch.domain.call_rules import BuddyRefusal, BuddyRules
from dispatch.domain.category import RANK, Category
from dispatch.domain.ids import TrustCode

__all__ = [
    "BuddyOffer",
    "BuddyRefusal",
    "BuddyRules",
    "CallRoom",
    "HomeHandBack",
    "hand_back",
    "offer_to_buddy",
]


class CallRoom(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The state of one trust's call room now.

    ``waiting`` counts its own calls and those offered to it. ``takes_calls`` is its consent.
    """

    trust: TrustCode
    handlers: int
    busy: int
    waiting: int
    handle_s: float = 360.0
    takes_calls: bool = True

    @property
    def slack(self) -> int:
        """Handlers who would be free once everyone who waits is answered; may be negative."""
        return self.handlers - self.busy - self.waiting

    def expected_wait_s(self, ahead: int) -> float:
        """Return how long a caller with ``ahead`` others before them should expect to wait.

        Infinite when nobody is on duty.
        """
        free = self.handlers - self.busy
        if ahead < free:
            return 0.0
        if self.handlers == 0:
            return float("inf")
        return (ahead - free + 1) * self.handle_s / self.handlers


class BuddyOffer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer for one waiting call: to whom it is offered (None: nobody), and why."""

    to: TrustCode | None
    why: str
    refused: tuple[BuddyRefusal, ...] = ()
    stands_s: int = 0


class HomeHandBack(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who does what for a call that was answered outside the area of its incident.

    ``by_voice`` is True when the home trust cannot be reached by message; ``within_s`` is how soon
    it must have taken over before a person rings, whatever the message says.
    """

    triage_by: TrustCode
    dispatch_by: TrustCode
    use_case: str | None
    by_voice: bool
    within_s: int
    why: str


def offer_to_buddy(
    waited_s: float,
    ahead: int,
    home: TrustCode,
    rooms: Mapping[TrustCode, CallRoom],
    rules: BuddyRules,
) -> BuddyOffer:
    """Return whether a waiting call is offered to another trust, and to which.

    ``ahead`` is the number of calls that the home trust will answer first. The buddy with the
    most slack is chosen, ties in the order of the rules; everyone else named is refused with a
    reason.
    """
    own = rooms[home]
    if own.handlers > own.busy and ahead < own.handlers - own.busy:
        return BuddyOffer(to=None, why="a handler of the home trust is free")
    expected_s = waited_s + own.expected_wait_s(ahead)
    if waited_s < rules.after_s and expected_s <= rules.predicted_after_s:
        return BuddyOffer(
            to=None,
            why=f"expected to be answered after {expected_s:.0f} s, limit {rules.after_s} s",
        )
    able: list[tuple[int, int, TrustCode]] = []
    refused: list[BuddyRefusal] = []
    for place, trust in enumerate(rules.order):
        why = _why_not(trust, home, rooms.get(trust), rules)
        if why is None:
            able.append((-rooms[trust].slack, place, trust))
        else:
            refused.append(BuddyRefusal(trust, why))
    reason = (
        f"unanswered for {waited_s:.0f} s"
        if waited_s >= rules.after_s
        else f"expected to wait {expected_s:.0f} s"
    )
    if not able:
        return BuddyOffer(to=None, why=f"{reason}; no buddy can take it", refused=tuple(refused))
    able.sort()
    slack, _, chosen = able[0]
    refused += [
        BuddyRefusal(trust, f"slack {-less} handlers, {chosen} has {-slack}")
        for less, _, trust in able[1:]
    ]
    return BuddyOffer(
        to=chosen,
        why=f"{reason}; {chosen} has slack of {-slack} handlers",
        refused=tuple(refused),
        stands_s=rules.offer_s,
    )


def hand_back(
    answered_by: TrustCode, home: TrustCode, category: Category, *, home_is_linked: bool
) -> HomeHandBack:
    """Return who triages and who sends help for an incident, given who answered the call.

    The home trust is the one whose polygon holds the incident. An out-of-area trust never sends
    its own units by itself; it refers the incident with the BaRS use case A6T1, and rings when
    the link is down or nobody takes over in time (C1 30 s, C2 120 s, others 300 s: assumed).
    """
    if answered_by == home:
        return HomeHandBack(
            triage_by=home,
            dispatch_by=home,
            use_case=None,
            by_voice=False,
            within_s=0,
            why="the incident is in the answering trust's own area",
        )
    within_s = {1: 30, 2: 120}.get(RANK[category], 300)
    return HomeHandBack(
        triage_by=answered_by,
        dispatch_by=home,
        use_case="a6t1" if home_is_linked else None,
        by_voice=not home_is_linked,
        within_s=within_s if home_is_linked else 0,
        why=f"{answered_by} triages and advises; {home} sends help to an incident in its area",
    )


def _why_not(
    trust: TrustCode, home: TrustCode, room: CallRoom | None, rules: BuddyRules
) -> str | None:
    if trust == home:
        return "is the home trust"
    if room is None:
        return "its call room is not known"
    if not room.takes_calls:
        return "does not take calls of others now"
    if room.slack < rules.free_min:
        return f"slack {room.slack} handlers, at least {rules.free_min} asked"
    return None
