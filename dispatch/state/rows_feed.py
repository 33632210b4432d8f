"""What the picture knows of its own feeds; replaced as a whole, never changed in place."""

from __future__ import annotations

import msgspec

from dispatch.domain.demand_model import Forecast


class FeedBoard(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What has failed, since when; and what is expected.

    Attributes
    ----------
    routing_lost
        Why journeys are reckoned by crow; None while routing works.
    routing_lost_at_ms
        Since when; 0 while it works.
    forecast
        The last forecast that was given; None where there is none.
    forecast_until_ms
        Until when it is believed.
    """

    routing_lost: str | None = None
    routing_lost_at_ms: int = 0
    forecast: Forecast | None = None
    forecast_until_ms: int = 0

    def forecast_at(self, now_ms: int) -> Forecast | None:
        """Return the forecast that is believed now; None where there is none, or it is stale."""
        return self.forecast if now_ms < self.forecast_until_ms else None


ALL_WELL = FeedBoard()
