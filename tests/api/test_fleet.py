from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.fleet import FleetMember, on_duty, shift_end_ms
from maps.facilities import Shift
from tests.dispatch.builders import a_unit, at

LONDON = "Europe/London"
DAY = Shift(start_min=7 * 60, end_min=19 * 60)
NIGHT = Shift(start_min=19 * 60, end_min=7 * 60)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("shift", "now", "end"),
    [
        (DAY, "2026-03-02T12:00:00+00:00", "2026-03-02T19:00:00+00:00"),
        (DAY, "2026-03-02T07:00:00+00:00", "2026-03-02T19:00:00+00:00"),
        (DAY, "2026-03-02T19:00:00+00:00", None),
        (NIGHT, "2026-03-02T23:00:00+00:00", "2026-03-03T07:00:00+00:00"),
        (NIGHT, "2026-03-03T06:59:00+00:00", "2026-03-03T07:00:00+00:00"),
        (DAY, "2026-07-02T12:00:00+01:00", "2026-07-02T19:00:00+01:00"),
    ],
)
def test_a_shift_ends_by_the_local_clock(shift: Shift, now: str, end: str | None) -> None:
    assert shift_end_ms((shift,), LONDON, ms(now)) == (None if end is None else ms(end))


def test_the_night_of_the_spring_change_is_an_hour_shorter() -> None:
    start, end = ms("2026-03-28T19:00:00+00:00"), ms("2026-03-29T07:00:00+01:00")
    assert shift_end_ms((NIGHT,), LONDON, start) == end
    assert (end - start) / 3_600_000 == 11


def test_the_weekday_of_the_start_counts() -> None:
    monday_night = Shift(start_min=19 * 60, end_min=7 * 60, weekdays=(1,))
    tuesday_early = ms("2026-03-03T03:00:00+00:00")
    assert shift_end_ms((monday_night,), LONDON, tuesday_early) is not None
    assert shift_end_ms((monday_night,), LONDON, ms("2026-03-03T23:00:00+00:00")) is None


def test_an_equal_start_and_end_is_a_whole_day() -> None:
    whole = Shift(start_min=0, end_min=0)
    assert shift_end_ms((whole,), LONDON, ms("2026-03-02T12:00:00+00:00")) == ms(
        "2026-03-03T00:00:00+00:00"
    )


def test_only_who_is_on_shift_is_on_duty_and_who_has_no_shifts_always_is() -> None:
    day = FleetMember(a_unit("day"), at(0), (DAY,))
    night = FleetMember(a_unit("night"), at(0), (NIGHT,))
    always = FleetMember(a_unit("always"), at(0), ())
    noon = ms("2026-03-02T12:00:00+00:00")
    found = on_duty([day, night, always], LONDON, noon)
    assert [(member.spec.id, end is None) for member, end in found] == [
        ("day", False),
        ("always", True),
    ]
