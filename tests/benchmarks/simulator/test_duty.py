"""Duties: local shifts as instants."""

from datetime import UTC, datetime

from benchmarks.simulator.duty import duties
from tests.benchmarks.towns import HOUR, MIDNIGHT, a_shift, a_unit

DAY = 24 * HOUR


def of(unit, days=2, start=MIDNIGHT, zone="Europe/London"):
    return [
        ((begin - start) / HOUR, None if end is None else (end - start) / HOUR)
        for begin, end in duties(unit, start, start + days * DAY, zone)
    ]


def test_a_unit_without_shifts_is_always_on():
    assert of(a_unit("A")) == [(0, None)]


def test_a_day_shift_comes_every_day():
    assert of(a_unit("A", shifts=(a_shift(7, 19),))) == [(7, 19), (31, 43)]


def test_a_night_shift_that_began_before_the_period_begins_with_it():
    assert of(a_unit("A", shifts=(a_shift(19, 7),))) == [(0, 7), (19, 31), (43, 55)]


def test_two_crews_share_a_vehicle_one_after_the_other():
    unit = a_unit("A", shifts=(a_shift(7, 19), a_shift(19, 7)))
    assert of(unit, days=1) == [(0, 7), (7, 19), (19, 31)]


def test_overlapping_duties_of_one_unit_are_cut_short():
    unit = a_unit("A", shifts=(a_shift(7, 12), a_shift(10, 15)))
    assert of(unit, days=1) == [(7, 12), (12, 15)]


def test_a_shift_from_an_hour_to_the_same_is_a_whole_day():
    assert of(a_unit("A", shifts=(a_shift(7, 7),)), days=1) == [(0, 7), (7, 31)]


def test_weekdays_are_those_of_the_start():
    sunday_nights = a_unit("A", shifts=(a_shift(22, 6, weekdays=(7,)),))
    assert of(sunday_nights, days=8) == [(22, 30), (22 + 168, 30 + 168)]


def test_the_night_of_summer_time_is_an_hour_shorter():
    saturday = round(datetime(2026, 3, 28, tzinfo=UTC).timestamp()) * 1000
    nights = of(a_unit("A", shifts=(a_shift(19, 7),)), days=2, start=saturday)
    assert nights == [(0, 7), (19, 30), (42, 54)]
