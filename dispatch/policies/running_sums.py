"""Sums over what a trust remembers, worked out once for each thing rather than at each look.

What is remembered comes at the end and goes from the front. Whatever else happens to it, the sums
are those of adding up anew.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Final

import msgspec

from dispatch.domain.handover import HandoverRules, Visit, lost_ms
from dispatch.domain.ids import TrustCode
from dispatch.domain.local_time import MINUTE_MS
from dispatch.state.rows_hospital import HospitalDesk

Response = tuple[int, int, int]
"""Instant of arrival in UTC milliseconds, rank, and response time in milliseconds."""

RANKS: Final = (1, 2)
"""Ranks of the categories whose mean response a rule may ask for: C1 and C2."""

Lost = dict[TrustCode | None, int]
"""Milliseconds by trust."""


def overlap(known: tuple[Any, ...], now: tuple[Any, ...]) -> int | None:
    """Return how many of the known things have gone from the front, where the others still begin.

    None where anything else has changed. Quick: things that stay are the same objects.
    """
    if not known or not now:
        return None
    gone = 0
    if known[0] is not now[0]:
        if now[0] not in known:
            return None
        gone = known.index(now[0])
    return gone if known[gone:] == now[: len(known) - gone] else None


class ResponseSums:
    """Running sums over the responses of one trust, which are in order of arrival."""

    __slots__ = ("_arrived_at_ms", "_counts", "_known", "_sums_ms")

    def __init__(self) -> None:
        self._known: tuple[Response, ...] = ()
        self._arrived_at_ms: list[int] = []
        # By rank: how many came before each response, and their sum; and so after the last.
        self._counts: list[list[int]] = [[0] for _ in RANKS]
        self._sums_ms: list[list[int]] = [[0] for _ in RANKS]

    def take(self, responses: tuple[Response, ...]) -> None:
        """Take in the responses that are remembered now."""
        if responses is self._known:
            return
        gone = overlap(self._known, responses)
        # Sums of those that have gone stay in the others: only differences are asked for.
        forgotten = len(self._known) if gone is None else gone
        for column in (self._arrived_at_ms, *self._counts, *self._sums_ms):
            del column[:forgotten]
        for response in responses[len(self._arrived_at_ms) :]:
            self._add(response)
        self._known = responses

    def mean_ms(self, rank: int, after_ms: int) -> float | None:
        """Return the mean of a rank's responses after an instant; None where there is none."""
        first = bisect_right(self._arrived_at_ms, after_ms)
        counts, sums_ms = self._counts[RANKS.index(rank)], self._sums_ms[RANKS.index(rank)]
        count = counts[-1] - counts[first]
        return (sums_ms[-1] - sums_ms[first]) / count if count else None

    def _add(self, response: Response) -> None:
        at_ms, rank, response_ms = response
        self._arrived_at_ms.append(at_ms)
        for of_rank, counts, sums_ms in zip(RANKS, self._counts, self._sums_ms, strict=True):
            is_mine = rank == of_rank
            counts.append(counts[-1] + is_mine)
            sums_ms.append(sums_ms[-1] + response_ms * is_mine)


class EndedVisits(msgspec.Struct, frozen=True):
    """What each trust lost today in the ended visits of one hospital, and what it was made of."""

    done: tuple[Visit, ...]
    midnight_ms: int
    rules: HandoverRules
    lost_ms: Lost


def ended_visits(
    known: EndedVisits | None, done: tuple[Visit, ...], midnight_ms: int, rules: HandoverRules
) -> EndedVisits:
    """Return what was lost since midnight in visits that have ended, from what was known before.

    A visit that has ended loses no more, so now does not matter.
    """
    if known is None or known.midnight_ms != midnight_ms or known.rules is not rules:
        known = EndedVisits((), midnight_ms, rules, {})
    if done is known.done:
        return known
    gone = overlap(known.done, done)
    if gone is None:
        known, gone = EndedVisits((), midnight_ms, rules, {}), 0
    lost, left = dict(known.lost_ms), known.done[:gone]
    came = done[len(known.done) - gone :]
    for sign, visits in ((-1, left), (1, came)):
        for visit in visits:
            ms = lost_ms(visit, midnight_ms, visit.cleared_at_ms or midnight_ms, rules)
            lost[visit.trust] = lost.get(visit.trust, 0) + sign * ms
    return EndedVisits(done, midnight_ms, rules, lost)


class HospitalLoss(msgspec.Struct, frozen=True):
    """What each trust loses today at one hospital, and what it was made of.

    ``settled_ms`` grows no more from ``as_of_ms`` on; ``running`` are the visits that still lose:
    since when, until when if that is known, and whose.
    """

    desk: HospitalDesk
    as_of_ms: int
    ended: EndedVisits
    settled_ms: Lost
    running: tuple[tuple[int, int | None, TrustCode | None], ...]

    def add_to(self, lost: Lost, now_ms: int) -> None:
        """Add what has been lost until now."""
        for trust, ms in self.settled_ms.items():
            lost[trust] = lost.get(trust, 0) + ms
        for since_ms, until_ms, trust in self.running:
            ends_ms = now_ms if until_ms is None else min(until_ms, now_ms)
            if ends_ms > since_ms:
                lost[trust] = lost.get(trust, 0) + ends_ms - since_ms


def hospital_loss(
    known: HospitalLoss | None,
    desk: HospitalDesk,
    midnight_ms: int,
    rules: HandoverRules,
    now_ms: int,
) -> HospitalLoss:
    """Return what is lost at a hospital, from what was known before: the same while its desk is."""
    before = None if known is None else known.ended
    ended = ended_visits(before, desk.done, midnight_ms, rules)
    if known and known.desk is desk and known.ended is ended and known.as_of_ms <= now_ms:
        return known
    settled = dict(ended.lost_ms)
    running: list[tuple[int, int | None, TrustCode | None]] = []
    for row in desk.rows:
        visit = row.visit
        free_ms = visit.crew_free_at_ms
        if free_ms is not None and free_ms <= now_ms:
            ms = lost_ms(visit, midnight_ms, free_ms, rules)
            settled[visit.trust] = settled.get(visit.trust, 0) + ms
        else:
            since_ms = max(midnight_ms, visit.arrived_at_ms + rules.standard_min * MINUTE_MS)
            running.append((since_ms, free_ms, visit.trust))
    return HospitalLoss(desk, now_ms, ended, settled, tuple(running))
