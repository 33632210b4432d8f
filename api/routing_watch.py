"""What the desk does when the travel engine fails: says so in the journal, and asks again later."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np

from dispatch.dispatcher import Dispatcher
from dispatch.domain.event_feed import RoutingLost, RoutingRestored
from dispatch.domain.travel import Mode, Position

PROBE_EVERY_MS: Final = 60_000
"""How often a travel engine that failed is asked again (assumed)."""

REASON_MAX: Final = 200
"""Longest reason that goes into the journal, in characters."""

_log = logging.getLogger("bluelight")


class RoutingWatch:
    """Knows whether routing works, and when to ask again."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._probe_at_ms = 0

    def lost(self, error: Exception, now_ms: int) -> RoutingLost:
        """Return the event that says that routing failed."""
        _log.critical("Routing failed; journeys are reckoned by crow.", exc_info=error)
        self._probe_at_ms = now_ms + PROBE_EVERY_MS
        return RoutingLost(reason=str(error)[:REASON_MAX])

    def restored(self, now_ms: int) -> RoutingRestored | None:
        """Return the event that says that routing works again; None while it does not, or did."""
        if self._dispatcher.state.feeds.routing_lost is None or now_ms < self._probe_at_ms:
            return None
        self._probe_at_ms = now_ms + PROBE_EVERY_MS
        if not self._answers(now_ms):
            return None
        _log.warning("Routing works again.")
        return RoutingRestored(reason="it answers")

    def _answers(self, now_ms: int) -> bool:
        """Test the travel engine with every kind of question, between hospitals and posts."""
        travel, state = self._dispatcher.travel, self._dispatcher.state
        stands = np.array(list(state.post_positions.values()), np.int64)
        places = np.unique(np.concatenate((state.hospital_positions, stands)))[:PROBED_MAX]
        if not places.size:
            return True
        there = np.roll(places, 1)
        first, last = Position(int(places[0])), Position(int(places[-1]))
        try:
            for mode in Mode:
                travel.pairs_ms(places, there, mode, now_ms)
                travel.to_one_ms(places, first, mode, now_ms)
                travel.from_one_ms(first, places, mode, now_ms)
                travel.after(first, last, mode, now_ms, 60_000)
        except Exception:  # noqa: BLE001 - a broken engine may raise anything: does it answer?
            return False
        return True


PROBED_MAX: Final = 64
"""Places between which a travel engine is tried."""
