"""Local time for rules that people write in it: which day it is, and when a local time comes.

Days of 23 and 25 hours are ordinary. Instants are UTC milliseconds; days are proleptic ordinals
(``datetime.date.toordinal``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONDON: Final = "Europe/London"

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
MINUTE_MS: Final = 60_000

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _DayClock(NamedTuple):
    """How one local day maps to UTC: offset before and after its change, if it has one."""

    offset_ms: int
    changes_at_ms: int | None
    offset_after_ms: int


def local_to_utc_ms(zone: str, day: int, minute: int) -> int:
    """Return the instant of a local time: a day's ordinal and minutes after its midnight.

    Minutes may run past 1440 into the following days. A time that is skipped gives the moment of
    the change; a time that occurs twice gives its first occurrence.
    """
    day, minute = day + minute // 1440, minute % 1440
    clock = _day_clock(zone, day)
    local_ms = (day - _EPOCH_ORDINAL) * DAY_MS + minute * MINUTE_MS
    first = local_ms - clock.offset_ms
    if clock.changes_at_ms is None or first < clock.changes_at_ms:
        return first
    return max(local_ms - clock.offset_after_ms, clock.changes_at_ms)


def day_number(zone: str, at_ms: int) -> int:
    """Return the ordinal of the local day that holds an instant."""
    return (at_ms + offset_ms(zone, at_ms)) // DAY_MS + _EPOCH_ORDINAL


def day_of(zone: str, at_ms: int) -> date:
    """Return the local date at an instant."""
    return date.fromordinal(day_number(zone, at_ms))


def day_start_ms(zone: str, at_ms: int) -> int:
    """Return the instant of the local midnight at or before an instant."""
    return local_to_utc_ms(zone, day_number(zone, at_ms), 0)


def minute_of_day(zone: str, at_ms: int) -> int:
    """Return the local wall-clock time at an instant, in whole minutes after midnight."""
    return (at_ms + offset_ms(zone, at_ms)) % DAY_MS // MINUTE_MS


def hour_of_week(zone: str, at_ms: int) -> int:
    """Return the local hour of the week at an instant: 0 is Monday 00:00 to 01:00, 167 the last."""
    local_ms = at_ms + offset_ms(zone, at_ms)
    # 1 January 1970 was a Thursday, the fourth day.
    return (local_ms // HOUR_MS + 3 * 24) % 168


def offset_ms(zone: str, at_ms: int) -> int:
    """Return local time minus UTC at an instant, in milliseconds."""
    return _offset_of_quarter(zone, at_ms // (15 * MINUTE_MS))


@lru_cache(maxsize=65_536)
def _offset_of_quarter(zone: str, quarter: int) -> int:
    # Every change of every zone in the present era falls on a quarter of an hour.
    at = _EPOCH + timedelta(minutes=15 * quarter)
    offset = at.astimezone(_zone(zone)).utcoffset()
    assert offset is not None, "an aware instant always has an offset"
    return int(offset.total_seconds()) * 1000


@lru_cache(maxsize=65_536)
def _day_clock(zone: str, day: int) -> _DayClock:
    local_ms = (day - _EPOCH_ORDINAL) * DAY_MS
    # Probe well outside the local day: no zone is more than 14 h from UTC.
    start_ms = local_ms - offset_ms(zone, local_ms - offset_ms(zone, local_ms))
    end_ms = start_ms + DAY_MS + HOUR_MS
    before, after = offset_ms(zone, start_ms), offset_ms(zone, end_ms)
    if before == after:
        return _DayClock(before, None, after)
    low, high = start_ms, end_ms
    while high - low > 1:
        middle = (low + high) // 2
        if offset_ms(zone, middle) == before:
            low = middle
        else:
            high = middle
    return _DayClock(before, high, after)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"Expected the name of a time zone, was {name!r}.") from None
