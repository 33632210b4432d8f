"""Which terms of the model are off for want of something, in words, and decisions that say so."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

import msgspec
import numpy as np

from dispatch.domain.decision import Decision, Explanation
from dispatch.domain.unit import ASSIGNABLE, EN_ROUTE, STATUS_NUMBER, UnitStatus
from dispatch.ports import Picture
from dispatch.state import State


class Feed(StrEnum):
    """What may be wanting."""

    ROUTING = "routing"
    POSITIONS = "positions"
    FORECAST = "forecast"
    OVERLOAD = "overload"


def without_routing(state: State) -> tuple[str, ...]:
    """Return what a decision says that was made while routing was down; nothing otherwise."""
    if state.feeds.routing_lost is None:
        return ()
    factor = state.settings.degraded.detour_factor
    return (f"the roads (routing is down: great circle x {factor:g})",)


def overloaded(left_out: int) -> tuple[str, ...]:
    """Return what the decisions of a round say that was cut to its most urgent incidents."""
    if not left_out:
        return ()
    return (f"{left_out} less urgent incidents in the joint round (overload: nearest rule)",)


D = TypeVar("D", bound=Decision)


def flagged(decisions: Iterable[D], words: tuple[str, ...]) -> tuple[D, ...]:
    """Return decisions that name what could not be taken into account, where they have reasons."""
    if not words:
        return tuple(decisions)
    return tuple(_flagged(decision, words) for decision in decisions)


def _flagged(decision: D, words: tuple[str, ...]) -> D:
    why = getattr(decision, "why", None)
    if not isinstance(why, Explanation):
        return decision
    new = tuple(word for word in words if word not in why.degraded)
    why = msgspec.structs.replace(why, degraded=(*why.degraded, *new))
    return msgspec.structs.replace(decision, why=why)


_AWAY = np.array(
    [STATUS_NUMBER[status] for status in (ASSIGNABLE | EN_ROUTE) - {UnitStatus.ON_STATION}]
)


def wanting(picture: Picture) -> dict[Feed, str]:
    """Return every term that is off now and what is done instead, for a person who looks."""
    found: dict[Feed, str] = {}
    state, settings = picture.state, picture.settings
    if state.feeds.routing_lost is not None:
        since_min = (picture.now_ms - state.feeds.routing_lost_at_ms) // 60_000
        found[Feed.ROUTING] = (
            f"down for {since_min} min ({state.feeds.routing_lost}): nearest by great circle "
            f"x {settings.degraded.detour_factor:g}"
        )
    if settings.forecast.is_used and state.feeds.forecast_at(picture.now_ms) is None:
        known = "none was given" if state.feeds.forecast is None else "the last one is too old"
        found[Feed.FORECAST] = f"{known}: cover by residents, prices by the rate of the last hour"
    stale = _stale_units(picture)
    if stale:
        found[Feed.POSITIONS] = (
            f"{stale} units have sent none for "
            f"{settings.freshness.penalised_after_s} s: taken to be later, or not sent"
        )
    most = settings.degraded.joint_incidents_max
    if "joint" in _assign_names(state) and len(state.waiting) > most:
        found[Feed.OVERLOAD] = (
            f"{len(state.waiting)} incidents wait: the joint round takes the {most} most urgent, "
            "the others go by the nearest rule"
        )
    return found


def _assign_names(state: State) -> set[str]:
    settings = state.settings
    return {settings.policies.assign, *(p.assign for p in settings.trust_policies.values())}


def _stale_units(picture: Picture) -> int:
    rules, table = picture.settings.freshness, picture.state.table
    if not rules.applies:
        return 0
    size = table.size
    oldest_ms = picture.now_ms - 1000 * rules.penalised_after_s
    away = np.isin(table.status[:size], _AWAY)
    return int((away & (table.position_at_ms[:size] < oldest_ms)).sum())
