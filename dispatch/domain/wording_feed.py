"""Sentences about the engine's own feeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import event_feed as ev


def _forecast(event: ev.ForecastGiven) -> str:
    if event.forecast is None:
        return "The forecast of demand is taken back."
    found = event.forecast
    return (
        f"A forecast of demand is given, from {found.from_day} to {found.until_day}, for "
        f"{len(found.trusts)} trusts ({found.version})."
    )


FEED_EVENTS: Final[dict[type, Callable[[Any, Any], str]]] = {
    ev.RoutingLost: lambda e, _: f"Routing is down: {e.reason}. Journeys are reckoned by crow.",
    ev.RoutingRestored: lambda e, _: (
        "Routing works again" + (f": {e.reason}." if e.reason else ".")
    ),
    ev.ForecastGiven: lambda e, _: _forecast(e),
}
