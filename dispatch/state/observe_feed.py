"""Carry what is said of the engine's own feeds into the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain import event_feed as ev
from dispatch.domain.travel import Position
from dispatch.state.state import State


def _lost(state: State, event: ev.RoutingLost, now_ms: int, _at: Position | None) -> None:
    state.feeds = msgspec.structs.replace(
        state.feeds, routing_lost=event.reason, routing_lost_at_ms=now_ms
    )


def _restored(state: State, _event: ev.RoutingRestored, _now_ms: int, _at: Position | None) -> None:
    state.feeds = msgspec.structs.replace(state.feeds, routing_lost=None, routing_lost_at_ms=0)


def _given(state: State, event: ev.ForecastGiven, _now_ms: int, _at: Position | None) -> None:
    until_ms = event.issued_at_ms + 1000 * event.stale_after_s
    state.feeds = msgspec.structs.replace(
        state.feeds,
        forecast=event.forecast,
        forecast_until_ms=0 if event.forecast is None else until_ms,
    )


OBSERVE_FEED: Final[dict[type, Callable[[State, Any, int, Position | None], None]]] = {
    ev.RoutingLost: _lost,
    ev.RoutingRestored: _restored,
    ev.ForecastGiven: _given,
}
