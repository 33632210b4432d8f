"""From local times of a scenario to instants: windows, and hours of each day within them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from benchmarks.scenario.scenario import Window

Span = tuple[int, int]
"""Start and end in UTC milliseconds."""


def instant_ms(local: datetime, zone: ZoneInfo) -> int:
    """Return UTC milliseconds of a local time; one that comes twice is the earlier."""
    return round(local.replace(tzinfo=zone, fold=0).timestamp()) * 1000


def spans(window: Window, whole: Span, zone: ZoneInfo) -> list[Span]:
    """Return the stretches of time in which a window is open, in order, within the whole.

    Hours that end before they begin last until the next morning.
    """
    start = whole[0] if window.start is None else max(whole[0], instant_ms(window.start, zone))
    end = whole[1] if window.end is None else min(whole[1], instant_ms(window.end, zone))
    if end <= start:
        return []
    if window.hours is None:
        return [(start, end)]
    found = []
    day = datetime.fromtimestamp(start / 1000, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(end / 1000, zone).date()
    while day <= last:
        midnight = datetime.combine(day, time())
        first, until = window.hours
        # Wall-clock arithmetic: eight o'clock is eight o'clock on the day the clocks change, too.
        opens = instant_ms(midnight + timedelta(hours=first), zone)
        longer = 24 if until <= first else 0
        closes = instant_ms(midnight + timedelta(hours=until + longer), zone)
        if min(closes, end) > max(opens, start):
            found.append((max(opens, start), min(closes, end)))
        day += timedelta(days=1)
    return found
