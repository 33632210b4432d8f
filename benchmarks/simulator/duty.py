"""When crews are on duty: the shifts of a fleet as instants, summer time included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from maps.facilities import FleetUnit, Shift

DAY_MIN = 24 * 60

Duty = tuple[int, int | None]
"""Start and end of a duty in UTC milliseconds; no end: always on."""


def duties(unit: FleetUnit, start_ms: int, end_ms: int, timezone: str) -> Iterator[Duty]:
    """Yield the duties of a unit that touch a period, in order; overlapping ones are cut short.

    A duty that began before the period begins with it. Shifts are local wall-clock times: the
    night of a change of clocks is an hour shorter or longer. A unit without shifts has one duty
    without an end.
    """
    if not unit.shifts:
        yield start_ms, None
        return
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(start_ms / 1000, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(end_ms / 1000, zone).date()
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    due = ((day, shift) for day in days for shift in unit.shifts if _on(day, shift))
    found = sorted(_duty(day, shift, zone) for day, shift in due)
    free_from = start_ms
    for begins, ends in found:
        begins_then = max(begins, free_from)
        if ends > begins_then and begins_then < end_ms:
            yield begins_then, ends
            free_from = ends


def _on(day: date, shift: Shift) -> bool:
    return day.isoweekday() in shift.weekdays


def _duty(day: date, shift: Shift, zone: ZoneInfo) -> tuple[int, int]:
    whole_day = shift.end_min == shift.start_min
    end_min = shift.end_min + (DAY_MIN if whole_day or shift.end_min < shift.start_min else 0)
    return _instant_ms(day, shift.start_min, zone), _instant_ms(day, end_min, zone)


@lru_cache(maxsize=65_536)
def _instant_ms(day: date, minute: int, zone: ZoneInfo) -> int:
    day += timedelta(days=minute // DAY_MIN)
    hour, minute_of_hour = divmod(minute % DAY_MIN, 60)
    local = datetime(day.year, day.month, day.day, hour, minute_of_hour, tzinfo=zone)
    return round(local.astimezone(UTC).timestamp()) * 1000
