"""What the picture knows of its own feeds; replaced as a whole, never changed in place."""

from __future__ import annotations

import msgspec


class FeedBoard(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What has failed, since when.

    Attributes
    ----------
    routing_lost
        Why journeys are reckoned by crow; None while routing works.
    routing_lost_at_ms
        Since when; 0 while it works.
    """

    routing_lost: str | None = None
    routing_lost_at_ms: int = 0


ALL_WELL = FeedBoard()
