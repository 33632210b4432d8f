"""Facts about what the engine is fed with: the roads' engine failed, or works again."""

from __future__ import annotations

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


FeedEvent = RoutingLost | RoutingRestored
