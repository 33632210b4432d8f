"""The life of what a trigger rule starts: proposed, confirmed by a person, deployed, stood down.

The rule only ever proposes, or says that an end is possible; every other step is a person's and
carries a name.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.trigger_language import RuleTree
from dispatch.domain.trigger_quantity import Values
from dispatch.domain.trigger_rule import Evidence, holds, is_fired, is_released


class TriggerStatus(StrEnum):
    """Where the deployment of one rule stands."""

    IDLE = "idle"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DEPLOYED = "deployed"
    DECLINED = "declined"
    STOOD_DOWN = "stood_down"


class TriggerOrder(StrEnum):
    """What a person may decide."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    DEPLOY = "deploy"
    STAND_DOWN = "stand_down"


class TriggerOrderError(ValueError):
    """A person's order that does not fit where the deployment stands."""


ORDERS: Final[dict[tuple[TriggerStatus, TriggerOrder], TriggerStatus]] = {
    (TriggerStatus.PROPOSED, TriggerOrder.CONFIRM): TriggerStatus.CONFIRMED,
    (TriggerStatus.PROPOSED, TriggerOrder.DECLINE): TriggerStatus.DECLINED,
    (TriggerStatus.CONFIRMED, TriggerOrder.DEPLOY): TriggerStatus.DEPLOYED,
    (TriggerStatus.CONFIRMED, TriggerOrder.STAND_DOWN): TriggerStatus.STOOD_DOWN,
    (TriggerStatus.DEPLOYED, TriggerOrder.STAND_DOWN): TriggerStatus.STOOD_DOWN,
}
"""What a person's order leads to; a pair that is not listed is refused."""


class TriggerMemory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What must be remembered of one rule between two looks at it.

    ``fires_since_ms`` is the instant since which the condition has held without a break;
    ``evidence`` is what fired it, kept until the next firing. ``can_end`` says that the rule
    proposes to stand down. ``by`` is the person behind the last order.
    """

    status: TriggerStatus = TriggerStatus.IDLE
    since_ms: int = 0
    fires_since_ms: int | None = None
    can_end: bool = False
    evidence: tuple[Evidence, ...] = ()
    by: str = ""
    reason: str = ""


class TriggerStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one look at a rule led to: the new memory, and what people must be told.

    ``evidence`` is that of a proposal; nothing else needs one.
    """

    memory: TriggerMemory
    proposed: bool = False
    lapsed: bool = False
    end_proposed: bool = False
    evidence: tuple[Evidence, ...] = ()


def look(tree: RuleTree, memory: TriggerMemory, values: Values, now_ms: int) -> TriggerStep:
    """Return what a rule makes of the values of this instant.

    Proposes when the condition has held for the rule's 'for'; lets a proposal that nobody took
    lapse when its release condition holds; proposes the end of a deployment when the release
    condition holds and the minimum hold has passed. After an end or a refusal the rule is armed
    again when it is released, or when the hold has passed.
    """
    fires = holds(tree.when, values)
    since_ms = memory.fires_since_ms
    if not fires:
        if since_ms is None and memory.status is TriggerStatus.IDLE:
            # Nothing begins and nothing is released: so most looks end.
            return TriggerStep(memory=memory)
        since_ms = None
    elif since_ms is None:
        since_ms = now_ms
    if since_ms != memory.fires_since_ms:
        memory = msgspec.structs.replace(memory, fires_since_ms=since_ms)
    status = memory.status
    # While idle nothing can be released.
    released = status is not TriggerStatus.IDLE and is_released(tree, values) is True
    held = now_ms - memory.since_ms >= round(tree.hold_min * MINUTE_MS)
    if status in (TriggerStatus.DECLINED, TriggerStatus.STOOD_DOWN) and (
        released or (held and tree.hold_min > 0)
    ):
        memory = msgspec.structs.replace(memory, status=TriggerStatus.IDLE, since_ms=now_ms)
        status = TriggerStatus.IDLE
    if status is TriggerStatus.IDLE and _is_sustained(tree, since_ms, now_ms):
        memory = TriggerMemory(
            status=TriggerStatus.PROPOSED,
            since_ms=now_ms,
            fires_since_ms=since_ms,
            evidence=is_fired(tree, values).evidence,
        )
        return TriggerStep(memory=memory, proposed=True, evidence=memory.evidence)
    if status is TriggerStatus.PROPOSED and released:
        memory = TriggerMemory(since_ms=now_ms, evidence=memory.evidence)
        return TriggerStep(memory=memory, lapsed=True)
    if status in (TriggerStatus.CONFIRMED, TriggerStatus.DEPLOYED):
        can_end = released and held
        is_new = can_end and not memory.can_end
        if can_end != memory.can_end:
            memory = msgspec.structs.replace(memory, can_end=can_end)
        return TriggerStep(memory=memory, end_proposed=is_new)
    return TriggerStep(memory=memory)


def ordered(
    memory: TriggerMemory, order: TriggerOrder, *, by: str, reason: str, now_ms: int
) -> TriggerMemory:
    """Return the memory after a person's order.

    Raises
    ------
    TriggerOrderError
        When the order does not fit the status, or nobody is named.
    """
    if not by.strip():
        raise TriggerOrderError(f"Expected the name of the person who orders {order}, was none.")
    status = ORDERS.get((memory.status, order))
    if status is None:
        fitting = sorted(str(fit) for was, fit in ORDERS if was is memory.status)
        raise TriggerOrderError(
            f"Expected {' or '.join(fitting) or 'no order'} while {memory.status}, was {order}."
        )
    # The minimum hold counts from the confirmation, so deploying does not start it again.
    since_ms = memory.since_ms if status is TriggerStatus.DEPLOYED else now_ms
    return msgspec.structs.replace(
        memory, status=status, since_ms=since_ms, can_end=False, by=by.strip(), reason=reason
    )


def look_again_at_ms(tree: RuleTree, memory: TriggerMemory, now_ms: int) -> int | None:
    """Return when a rule must be looked at again even if no value changes; None: no need.

    That is when a sustained condition becomes a proposal, or a hold ends; never before ``now``.
    """
    due_ms: int | None = None
    if memory.status is TriggerStatus.IDLE:
        if memory.fires_since_ms is not None:
            due_ms = memory.fires_since_ms + round(tree.sustained_min * MINUTE_MS)
    elif memory.status is not TriggerStatus.PROPOSED and tree.hold_min and not memory.can_end:
        due_ms = memory.since_ms + round(tree.hold_min * MINUTE_MS)
    return None if due_ms is None or due_ms <= now_ms else due_ms


def _is_sustained(tree: RuleTree, since_ms: int | None, now_ms: int) -> bool:
    return since_ms is not None and now_ms - since_ms >= round(tree.sustained_min * MINUTE_MS)
