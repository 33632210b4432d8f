from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.local_time import (
    DAY_MS,
    HOUR_MS,
    LONDON,
    day_number,
    day_of,
    day_start_ms,
    hour_of_week,
    local_to_utc_ms,
    minute_of_day,
    offset_ms,
)

instants = st.integers(
    min_value=int(datetime(2005, 1, 1, tzinfo=UTC).timestamp() * 1000),
    max_value=int(datetime(2036, 1, 1, tzinfo=UTC).timestamp() * 1000),
)


def utc_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@given(instants)
def test_wall_clock_and_week_agree_with_the_time_zone_database(at_ms: int) -> None:
    local = datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(ZoneInfo(LONDON))
    assert day_of(LONDON, at_ms) == local.date()
    assert minute_of_day(LONDON, at_ms) == local.hour * 60 + local.minute
    assert hour_of_week(LONDON, at_ms) == local.weekday() * 24 + local.hour


@given(instants)
def test_an_instant_lies_in_its_own_day(at_ms: int) -> None:
    day = day_number(LONDON, at_ms)
    assert local_to_utc_ms(LONDON, day, 0) <= at_ms < local_to_utc_ms(LONDON, day + 1, 0)
    assert day_start_ms(LONDON, at_ms) == local_to_utc_ms(LONDON, day, 0)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_days_have_23_24_or_25_hours(day: str, hours: int) -> None:
    number = date.fromisoformat(day).toordinal()
    length = local_to_utc_ms(LONDON, number + 1, 0) - local_to_utc_ms(LONDON, number, 0)
    assert length == hours * HOUR_MS


def test_a_skipped_time_means_the_moment_of_the_change() -> None:
    spring = date(2026, 3, 29).toordinal()
    assert local_to_utc_ms(LONDON, spring, 90) == utc_ms("2026-03-29T01:00")
    assert local_to_utc_ms(LONDON, spring, 60) == utc_ms("2026-03-29T01:00")
    assert local_to_utc_ms(LONDON, spring, 120) == utc_ms("2026-03-29T01:00")


def test_a_repeated_time_means_its_first_occurrence() -> None:
    autumn = date(2026, 10, 25).toordinal()
    assert local_to_utc_ms(LONDON, autumn, 90) == utc_ms("2026-10-25T00:30")
    assert local_to_utc_ms(LONDON, autumn, 120) == utc_ms("2026-10-25T02:00")


def test_minutes_may_run_into_the_next_day() -> None:
    saturday = date(2026, 10, 24).toordinal()
    assert local_to_utc_ms(LONDON, saturday, 1440 + 240) == utc_ms("2026-10-25T04:00")


def test_other_zones_and_unknown_ones() -> None:
    assert offset_ms("UTC", 0) == 0
    assert offset_ms("Asia/Kathmandu", utc_ms("2026-01-01T00:00")) == 20_700_000
    assert DAY_MS == 24 * HOUR_MS
    with pytest.raises(ValueError, match="time zone"):
        offset_ms("Europe/Atlantis", 0)
