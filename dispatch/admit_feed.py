"""Whether what a feed says may be believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain.event_feed import ForecastGiven
from dispatch.ports import TravelTimes
from dispatch.rejection import check_stamp
from dispatch.state import State


def _forecast(_state: State, event: ForecastGiven, _travel: TravelTimes, now_ms: int) -> None:
    check_stamp("issued_at_ms", event.issued_at_ms, now_ms)


ADMIT_FEED: Final[dict[type, Callable[[State, Any, TravelTimes, int], None]]] = {
    ForecastGiven: _forecast,
}
