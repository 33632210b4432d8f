"""Facts about what the engine is fed with: the roads' engine, and a forecast of demand."""

from __future__ import annotations

from dispatch.domain.demand_model import Forecast
from dispatch.domain.event_base import EventBase


class RoutingLost(EventBase, frozen=True, kw_only=True):
    """Travel times can no longer be had: from now on journeys are reckoned by crow.

    The driver says so when a question to the travel engine failed, then repeats what it was
    about. ``reason`` is for people.
    """

    reason: str


class RoutingRestored(EventBase, frozen=True, kw_only=True):
    """Travel times can be had again."""

    reason: str = ""


STALE_AFTER_S = 300
"""A feed that is silent for five minutes is no longer believed."""


class ForecastGiven(EventBase, frozen=True, kw_only=True):
    """A forecast of demand was given; None takes the one before back.

    It is believed for ``stale_after_s`` after ``issued_at_ms``: five minutes where a feed renews
    it, as long as it is valid where it was fitted from a log.
    """

    forecast: Forecast | None
    issued_at_ms: int
    stale_after_s: int = STALE_AFTER_S


FeedEvent = RoutingLost | RoutingRestored | ForecastGiven
