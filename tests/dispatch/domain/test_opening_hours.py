from __future__ import annotations

import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.opening_hours import (
    ALWAYS_OPEN,
    DateHours,
    OpeningHours,
    Span,
    parse_opening_hours,
)

LONDON = ZoneInfo("Europe/London")


def at(text: str, fold: int = 0) -> int:
    """Return the instant of a London wall-clock time."""
    local = datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)
    return int(local.timestamp() * 1000)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_is_open_from_the_first_to_before_the_last_millisecond() -> None:
    hours = parse_opening_hours("daily 08:00-20:00")
    assert not hours.is_open(at("2026-11-23T08:00") - 1)
    assert hours.is_open(at("2026-11-23T08:00"))
    assert hours.is_open(at("2026-11-23T20:00") - 1)
    assert not hours.is_open(at("2026-11-23T20:00"))


def test_closing_and_remaining_time_are_exact() -> None:
    hours = parse_opening_hours("Mon-Fri 08:00-12:00,13:00-18:30")
    noon_less_ten = at("2026-11-23T11:50")
    assert hours.closes_at_ms(noon_less_ten) == at("2026-11-23T12:00")
    assert hours.open_for_s(noon_less_ten) == 600.0
    assert hours.open_for_s(at("2026-11-23T12:30")) == 0.0
    assert hours.closes_at_ms(at("2026-11-23T12:30")) is None


def test_the_next_opening_is_now_when_open_else_the_next_span() -> None:
    hours = parse_opening_hours("Mon-Fri 08:00-12:00,13:00-18:30")
    assert hours.next_opening_ms(at("2026-11-23T09:00")) == at("2026-11-23T09:00")
    assert hours.next_opening_ms(at("2026-11-23T12:00")) == at("2026-11-23T13:00")
    assert hours.next_opening_ms(at("2026-11-27T18:30")) == at("2026-11-30T08:00")
    assert parse_opening_hours("closed").next_opening_ms(at("2026-11-23T09:00")) is None


def test_hours_past_midnight_belong_to_the_day_they_start() -> None:
    hours = parse_opening_hours("Fri 22:00-02:00")
    assert hours.is_open(at("2026-11-28T01:59"))
    assert not hours.is_open(at("2026-11-27T01:00"))
    assert hours.closes_at_ms(at("2026-11-27T23:00")) == at("2026-11-28T02:00")


def test_sunday_night_runs_into_monday() -> None:
    hours = parse_opening_hours("Sun 20:00-08:00")
    assert hours.is_open(at("2026-11-23T07:59"))
    assert not hours.is_open(at("2026-11-23T08:00"))


def test_hours_that_touch_at_midnight_are_one_opening() -> None:
    hours = parse_opening_hours("Mon 08:00-24:00; Tue 00:00-12:00; Wed 00:00-12:00")
    assert hours.closes_at_ms(at("2026-11-23T23:00")) == at("2026-11-24T12:00")
    assert hours.closes_at_ms(at("2026-11-24T01:00")) == at("2026-11-24T12:00")


def test_a_midnight_end_is_written_either_way() -> None:
    assert parse_opening_hours("Mon 18:00-00:00").closes_at_ms(at("2026-11-23T19:00")) == at(
        "2026-11-24T00:00"
    )


def test_always_open_never_closes() -> None:
    now = at("2026-11-23T19:00")
    assert ALWAYS_OPEN.is_open(now)
    assert ALWAYS_OPEN.closes_at_ms(now) is None
    assert ALWAYS_OPEN.open_for_s(now) == math.inf
    assert parse_opening_hours("24/7") == ALWAYS_OPEN


def test_a_closed_date_ends_what_is_otherwise_always_open() -> None:
    hours = parse_opening_hours("24/7; 2026-12-25 closed")
    assert hours.closes_at_ms(at("2026-12-20T00:00")) == at("2026-12-25T00:00")
    assert not hours.is_open(at("2026-12-25T12:00"))
    assert hours.next_opening_ms(at("2026-12-25T12:00")) == at("2026-12-26T00:00")


def test_a_bank_holiday_closes_or_shortens_the_weekday() -> None:
    hours = parse_opening_hours("Mon-Fri 08:00-18:00; BH 10:00-14:00")
    boxing_day_substitute = "2026-12-28"
    assert not hours.is_open(at(f"{boxing_day_substitute}T09:00"))
    assert hours.is_open(at(f"{boxing_day_substitute}T13:59"))
    closed = parse_opening_hours("Mon-Fri 08:00-18:00; BH closed")
    assert closed.next_opening_ms(at("2026-12-24T18:00")) == at("2026-12-29T08:00")


def test_without_bank_holiday_hours_the_weekday_counts() -> None:
    assert parse_opening_hours("Mon-Fri 08:00-18:00").is_open(at("2026-12-28T09:00"))


def test_a_specified_date_outranks_the_bank_holiday() -> None:
    hours = parse_opening_hours("Mon-Sun 08:00-18:00; BH closed; 2026-12-25 09:00-11:00")
    assert hours.is_open(at("2026-12-25T10:00"))
    assert not hours.is_open(at("2026-12-28T10:00"))


def test_the_night_before_a_closed_date_is_still_worked_out() -> None:
    hours = parse_opening_hours("daily 20:00-02:00; 2026-12-25 closed")
    assert hours.is_open(at("2026-12-25T01:00"))
    assert not hours.is_open(at("2026-12-25T21:00"))
    assert not hours.is_open(at("2026-12-26T01:00"))


def test_the_autumn_night_is_an_hour_longer_and_both_half_past_ones_are_open() -> None:
    hours = parse_opening_hours("Sat 22:00-06:00")
    evening = at("2026-10-24T22:00")
    assert hours.open_for_s(evening) == 9 * 3600
    assert hours.is_open(at("2026-10-25T01:30", fold=0))
    assert hours.is_open(at("2026-10-25T01:30", fold=1))


def test_a_closing_time_that_comes_twice_is_the_first() -> None:
    hours = parse_opening_hours("Sat 22:00-01:30")
    assert hours.closes_at_ms(at("2026-10-24T22:00")) == utc("2026-10-25T00:30")
    assert not hours.is_open(at("2026-10-25T01:15", fold=1))


def test_an_opening_time_that_comes_twice_is_the_first() -> None:
    hours = parse_opening_hours("Sun 01:00-03:00")
    assert hours.next_opening_ms(at("2026-10-25T00:30")) == utc("2026-10-25T00:00")
    assert hours.open_for_s(utc("2026-10-25T00:00")) == 3 * 3600


def test_the_spring_night_is_an_hour_shorter() -> None:
    hours = parse_opening_hours("Sat 22:00-06:00")
    assert hours.open_for_s(at("2026-03-28T22:00")) == 7 * 3600


def test_hours_inside_the_skipped_hour_do_not_happen() -> None:
    hours = parse_opening_hours("Sun 01:00-02:00")
    assert hours.next_opening_ms(at("2026-03-28T12:00")) == at("2026-04-05T01:00")


def test_open_intervals_are_disjoint_and_ordered() -> None:
    hours = parse_opening_hours("daily 20:00-02:00; 2026-12-25 12:00-13:00")
    found = hours.intervals_ms(at("2026-12-24T00:00"), at("2026-12-27T00:00"))
    assert found == [
        (at("2026-12-23T20:00"), at("2026-12-24T02:00")),
        (at("2026-12-24T20:00"), at("2026-12-25T02:00")),
        (at("2026-12-25T12:00"), at("2026-12-25T13:00")),
        (at("2026-12-26T20:00"), at("2026-12-27T02:00")),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Mon 08:00-12:00,11:00-13:00", "overlap on Mon"),
        ("Mon 22:00-06:00; Tue 05:00-12:00", "overlap, was Mon 22:00-06:00 and Tue"),
        ("Sun 22:00-06:00; Mon 05:00-12:00", "overlap, was Sun"),
        ("BH 08:00-12:00,11:00-13:00", "overlap on a bank holiday"),
        ("2026-12-25 08:00-12:00,11:00-13:00", "overlap on 2026-12-25"),
        ("2026-12-25 closed; 2026-12-25 08:00-09:00", "2026-12-25 twice"),
        ("BH closed; BH closed", "bank holidays once"),
        ("Mon 25:00-26:00", "between 00:00 and 24:00"),
        ("Mon 08:70-09:00", "minutes below 60"),
        ("Mon 08:00-08:00", "different times"),
        ("Mon 8-9", "span such as 08:00-20:00"),
        ("Mon", "span such as"),
        ("Moon 08:00-09:00", "days such as"),
        ("Mon-Moon 08:00-09:00", "days such as"),
        ("Mon,Mon 08:00-09:00", "each day once"),
        ("2026-02-30 closed", "date of the calendar"),
    ],
)
def test_impossible_hours_are_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_opening_hours(text)


def test_the_time_zone_must_be_known() -> None:
    with pytest.raises(ValueError, match="time zone"):
        OpeningHours(zone="Europe/Atlantis")


def test_the_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="seven days, was 1"):
        OpeningHours(weekly=((),))


@pytest.mark.parametrize(
    "text",
    [
        "closed",
        "Mon-Sun 00:00-24:00",
        "Mon-Fri 08:00-12:00, 13:00-18:30; Sat 22:00-02:00; BH closed; 2026-12-24 09:00-12:00",
        "Tue 08:00-09:00; Thu 08:00-09:00; 2026-12-25 closed",
    ],
)
def test_what_is_written_is_read_back(text: str) -> None:
    assert parse_opening_hours(text).text() == text


def test_json_round_trip_keeps_the_value_and_the_checks() -> None:
    hours = parse_opening_hours("Mon-Fri 08:00-12:00; BH closed; 2026-12-25 closed")
    packed = msgspec.json.encode(hours)
    assert msgspec.json.decode(packed, type=OpeningHours) == hours
    with pytest.raises(msgspec.ValidationError, match="different times"):
        msgspec.json.decode(
            b'{"bank_holiday": [{"opens_min":5,"closes_min":5}]}', type=OpeningHours
        )


spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda p: p[0] < p[1])


@given(
    weekly=st.lists(st.one_of(st.none(), spans), min_size=7, max_size=7),
    closed=st.dates(date(2026, 3, 20), date(2026, 4, 10)),
    at_min=st.integers(0, 60 * 24 * 400),
)
def test_all_questions_agree_with_the_intervals(
    weekly: list[tuple[int, int] | None], closed: date, at_min: int
) -> None:
    hours = OpeningHours(
        weekly=tuple(() if pair is None else (Span(*pair),) for pair in weekly),
        dates=(DateHours(closed),),
    )
    now = utc("2026-01-01T00:00") + at_min * 60_000
    intervals = hours.intervals_ms(now - 1, now + 15 * 86_400_000)
    holding = [(start, end) for start, end in intervals if start <= now < end]
    assert hours.is_open(now) == bool(holding)
    if holding and holding[0][1] < now + 10 * 86_400_000:
        assert hours.closes_at_ms(now) == holding[0][1]
        assert hours.open_for_s(now) == (holding[0][1] - now) / 1000
    if not holding and intervals:
        later = [start for start, _ in intervals if start > now]
        assert hours.next_opening_ms(now) == later[0]
