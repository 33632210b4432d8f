from __future__ import annotations

from datetime import date

import pytest

from dispatch.domain.bank_holiday import (
    PUBLISHED,
    bank_holidays,
    bank_holidays_by_rule,
    easter_sunday,
    is_bank_holiday,
)


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2000, (4, 23)), (2008, (3, 23)), (2011, (4, 24)), (2024, (3, 31)), (2038, (4, 25))],
)
def test_easter_falls_where_the_almanac_says(year: int, easter: tuple[int, int]) -> None:
    assert easter_sunday(year) == date(year, *easter)


@pytest.mark.parametrize("year", [2021, 2024, 2025, 2026, 2027, 2028])
def test_the_rule_gives_the_published_days_of_years_without_royal_events(year: int) -> None:
    assert bank_holidays(year) == bank_holidays_by_rule(year)


def test_royal_events_are_dated_data() -> None:
    assert is_bank_holiday(date(2022, 9, 19))
    assert is_bank_holiday(date(2023, 5, 8))
    assert not is_bank_holiday(date(2022, 5, 30))


def test_a_weekend_holiday_moves_to_the_next_free_weekday() -> None:
    assert not is_bank_holiday(date(2026, 12, 26))
    assert is_bank_holiday(date(2026, 12, 28))
    assert {date(2027, 12, 27), date(2027, 12, 28)} <= bank_holidays(2027)
    assert date(2028, 1, 3) in bank_holidays(2028)


def test_every_published_year_has_at_least_eight_weekdays() -> None:
    for year in PUBLISHED:
        days = bank_holidays(year)
        assert len(days) >= 8
        assert all(day.weekday() < 5 for day in days)
