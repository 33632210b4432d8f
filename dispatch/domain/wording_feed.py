"""Sentences about the engine's own feeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import event_feed as ev

FEED_EVENTS: Final[dict[type, Callable[[Any, Any], str]]] = {
    ev.RoutingLost: lambda e, _: f"Routing is down: {e.reason}. Journeys are reckoned by crow.",
    ev.RoutingRestored: lambda e, _: (
        "Routing works again" + (f": {e.reason}." if e.reason else ".")
    ),
}
