"""A rule tried on history: how often it would have fired, and how often in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from dispatch.domain.local_time import HOUR_MS, MINUTE_MS
from dispatch.domain.trigger_quantity import Values
from dispatch.domain.trigger_rule import Evidence, TriggerRule
from dispatch.domain.trigger_state import (
    TriggerMemory,
    TriggerOrder,
    TriggerStatus,
    look,
    look_again_at_ms,
    ordered,
)

LEAD_MAX_MS: Final = 2 * HOUR_MS
"""A breach this long after a firing still counts as foreseen. Assumed: two hours."""


class Moment(NamedTuple):
    """The values of a rule's quantities at one instant of history."""

    at_ms: int
    values: Values


class Firing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One time that a rule would have fired.

    ``ended_at_ms`` is when it would have let go (None: it still held at the end of the history);
    ``breach_at_ms`` the first breach at or after the firing and within the lead; None without.
    """

    at_ms: int
    ended_at_ms: int | None
    evidence: tuple[Evidence, ...]
    breach_at_ms: int | None

    @property
    def lead_min(self) -> float | None:
        """Minutes from the firing to the breach that it foresaw."""
        return None if self.breach_at_ms is None else (self.breach_at_ms - self.at_ms) / MINUTE_MS


class Trial(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a rule would have done over a stretch of history."""

    from_ms: int
    to_ms: int
    firings: tuple[Firing, ...]
    breaches: int
    breaches_foreseen: int
    on_min: float
    moments: int
    moments_unknown: int

    def text(self) -> str:
        """Return the result as a sentence."""
        before = sum(firing.breach_at_ms is not None for firing in self.firings)
        text = (
            f"Would have fired {len(self.firings)} times, {before} of them before a breach; "
            f"{self.breaches_foreseen} of {self.breaches} breaches came within its lead; "
            f"on for {self.on_min / 60:.1f} h."
        )
        if self.moments_unknown:
            text += f" A value was missing at {self.moments_unknown} of {self.moments} moments."
        return text


def try_on_history(
    rule: TriggerRule,
    history: Iterable[Moment],
    breaches_at_ms: Sequence[int],
    lead_max_ms: int = LEAD_MAX_MS,
) -> Trial:
    """Return what a rule would have done, had every proposal been confirmed at once.

    ``history`` is in the order of time; between two moments values are taken to stay as they
    were, so that a 'for' may be fulfilled between them. ``breaches_at_ms`` are the instants at
    which a handover passed 60 minutes. Of a rule that was on at a breach for longer than the
    lead, that breach counts as foreseen too: help was there.

    Raises
    ------
    ValueError
        When the history is not in the order of time.
    """
    run = _Run(rule)
    for moment in history:
        run.add(moment)
    breaches = sorted(breaches_at_ms)
    firings = tuple(run.firing(index, breaches, lead_max_ms) for index in range(len(run.fired)))
    foreseen = sum(
        any(
            firing.at_ms <= breach <= firing.at_ms + lead_max_ms
            or firing.at_ms <= breach <= (firing.ended_at_ms or run.last_ms)
            for firing in firings
        )
        for breach in breaches
    )
    return Trial(
        from_ms=run.first_ms,
        to_ms=run.last_ms,
        firings=firings,
        breaches=len(breaches),
        breaches_foreseen=foreseen,
        on_min=sum(((f.ended_at_ms or run.last_ms) - f.at_ms) / MINUTE_MS for f in firings),
        moments=run.moments,
        moments_unknown=run.moments_unknown,
    )


class _Run:
    """One pass of a rule over history."""

    def __init__(self, rule: TriggerRule) -> None:
        self.tree = rule.tree
        self.needs = rule.needs
        self.memory = TriggerMemory()
        self.fired: list[tuple[int, tuple[Evidence, ...]]] = []
        self.ended_at_ms: list[int] = []
        self.first_ms = self.last_ms = 0
        self.moments = self.moments_unknown = 0
        self._values: Values = {}

    def add(self, moment: Moment) -> None:
        if not self.moments:
            self.first_ms = self.last_ms = moment.at_ms
        if moment.at_ms < self.last_ms:
            raise ValueError(
                f"Expected history in the order of time, was {moment.at_ms} after {self.last_ms}."
            )
        # A 'for' or a hold may run out between two moments, under the earlier values.
        due_ms = look_again_at_ms(self.tree, self.memory, self.last_ms)
        if self.moments and due_ms is not None and due_ms < moment.at_ms:
            self._look(self._values, due_ms)
        self._values = moment.values
        self._look(moment.values, moment.at_ms)
        self.last_ms = moment.at_ms
        self.moments += 1
        self.moments_unknown += any(moment.values.get(need) is None for need in self.needs)

    def _look(self, values: Values, now_ms: int) -> None:
        step = look(self.tree, self.memory, values, now_ms)
        self.memory = step.memory
        if step.proposed:
            self.fired.append((now_ms, step.evidence))
            self.memory = self._order(TriggerOrder.CONFIRM, now_ms)
        if self.memory.status is TriggerStatus.CONFIRMED and step.end_proposed:
            self.ended_at_ms.append(now_ms)
            self.memory = self._order(TriggerOrder.STAND_DOWN, now_ms)
            # Released as it is, the rule is armed again at once.
            self.memory = look(self.tree, self.memory, values, now_ms).memory

    def _order(self, order: TriggerOrder, now_ms: int) -> TriggerMemory:
        return ordered(self.memory, order, by="trial on history", reason="", now_ms=now_ms)

    def firing(self, index: int, breaches: Sequence[int], lead_max_ms: int) -> Firing:
        at_ms, evidence = self.fired[index]
        foreseen = [breach for breach in breaches if at_ms <= breach <= at_ms + lead_max_ms]
        return Firing(
            at_ms=at_ms,
            ended_at_ms=self.ended_at_ms[index] if index < len(self.ended_at_ms) else None,
            evidence=evidence,
            breach_at_ms=foreseen[0] if foreseen else None,
        )
