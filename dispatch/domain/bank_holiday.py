"""Bank holidays of England: dated data for known years, and the rule for the others."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

PUBLISHED: Final[dict[int, tuple[str, ...]]] = {
    2020: ("01-01", "04-10", "04-13", "05-08", "05-25", "08-31", "12-25", "12-28"),
    2021: ("01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"),
    2022: (
        *("01-03", "04-15", "04-18", "05-02", "06-02", "06-03"),
        *("08-29", "09-19", "12-26", "12-27"),
    ),
    2023: ("01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"),
    2024: ("01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"),
    2025: ("01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"),
    2026: ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"),
    2027: ("01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"),
    2028: ("01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"),
}
"""Month and day by year. 2020 to 2027: gov.uk/bank-holidays, England and Wales (2020 with VE Day
in place of the early May Monday; 2022 with the Platinum Jubilee and the State Funeral; 2023 with
the Coronation). 2028: by the rule below, to be confirmed when it is proclaimed."""


def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of a year in England: as published, else by the rule."""
    listed = PUBLISHED.get(year)
    if listed is None:
        return bank_holidays_by_rule(year)
    return frozenset(date.fromisoformat(f"{year}-{day}") for day in listed)


@lru_cache(maxsize=64)
def bank_holidays_by_rule(year: int) -> frozenset[date]:
    """Return the usual bank holidays of a year, without royal exceptions.

    New Year's Day, Good Friday, Easter Monday, first and last Monday of May, last Monday of
    August, Christmas Day and Boxing Day; one that falls on a weekend moves to the next weekday
    that is free (Banking and Financial Dealings Act 1971 and royal proclamation).
    """
    easter = easter_sunday(year)
    days = {
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _first_monday(date(year, 5, 1)),
        _first_monday(date(year, 5, 25)),
        _first_monday(date(year, 8, 25)),
    }
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() >= 5 or day in days:
            day += timedelta(days=1)
        days.add(day)
    return frozenset(days)


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (Meeus, Jones and Butcher's algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def is_bank_holiday(day: date) -> bool:
    """Test whether a local date is a bank holiday in England."""
    return day in _of_year(day.year)


@lru_cache(maxsize=64)
def _of_year(year: int) -> frozenset[date]:
    return bank_holidays(year)


def _first_monday(on_or_after: date) -> date:
    return on_or_after + timedelta(days=-on_or_after.weekday() % 7)
