"""Who is on shift: the crews of a region's fleet and the end of their duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.domain.local_time import day_number, local_to_utc_ms
from dispatch.domain.unit import UnitSpec
from maps.facilities import Shift
from maps.geo import LonLat


@dataclass(frozen=True, slots=True)
class FleetMember:
    """A unit that the region knows: what it is, where its base is, and when it is on duty."""

    spec: UnitSpec
    base: LonLat
    shifts: tuple[Shift, ...]


def shift_end_ms(shifts: Sequence[Shift], zone: str, now_ms: int) -> int | None:
    """Return when the shift that goes on now ends, in UTC milliseconds; None when off duty.

    A shift whose end lies below its start ends on the next day; the weekday of the start counts.
    Of overlapping shifts the latest end counts.
    """
    today = day_number(zone, now_ms)
    ends = []
    for shift in shifts:
        length_min = shift.end_min - shift.start_min
        if length_min <= 0:
            length_min += 1440
        for day in (today - 1, today):
            # Ordinal 1 was a Monday.
            if (day - 1) % 7 + 1 not in shift.weekdays:
                continue
            start = local_to_utc_ms(zone, day, shift.start_min)
            end = local_to_utc_ms(zone, day, shift.start_min + length_min)
            if start <= now_ms < end:
                ends.append(end)
    return max(ends) if ends else None


def on_duty(
    fleet: Sequence[FleetMember], zone: str, now_ms: int
) -> list[tuple[FleetMember, int | None]]:
    """Return the members on duty now, each with the end of its shift (None: always on)."""
    found: list[tuple[FleetMember, int | None]] = []
    for member in fleet:
        if not member.shifts:
            found.append((member, None))
            continue
        end = shift_end_ms(member.shifts, zone, now_ms)
        if end is not None:
            found.append((member, end))
    return found
