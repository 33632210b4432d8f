"""When a service is open: weekly hours, bank holidays, single dates, midnight, and summer time.

Hours are written in local minutes after midnight. A span belongs to the day on which it starts,
also the part after midnight. The hours of one date are, in this order: those given for that date,
those given for bank holidays, those of the weekday.

A local time that summer time skips (spring) means the moment of the change; one that occurs twice
(autumn) means its first occurrence, so that nobody is sent to a door that may already be shut.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

import msgspec

from dispatch.domain.bank_holiday import is_bank_holiday
from dispatch.domain.local_time import day_number, local_to_utc_ms

DAY_MIN: Final = 1440

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_HORIZON_DAYS: Final = 400
"""How far ahead an opening or closing is looked for: every rule repeats within a year."""


class Span(msgspec.Struct, frozen=True, gc=False, order=True):
    """Open from one local minute after midnight to another; an earlier end is on the next day.

    Raises
    ------
    ValueError
        When a minute is outside the day, or the two are equal: 24 hours are 0 to 1440.
    """

    opens_min: int
    closes_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens_min < DAY_MIN or not 0 <= self.closes_min <= DAY_MIN:
            raise ValueError(f"Expected times between 00:00 and 24:00, was {self.text()}.")
        if self.opens_min == self.closes_min:
            raise ValueError(
                f"Expected different times to open and close, was {self.text()}; "
                "write 00:00-24:00 for the whole day."
            )

    @property
    def end_min(self) -> int:
        """Minutes after the midnight at which the day of the span began; over 1440 next day."""
        past_midnight = self.closes_min < self.opens_min
        return self.closes_min + DAY_MIN * past_midnight

    def text(self) -> str:
        """Return the span as it is written: 08:00-20:00."""
        return f"{_clock(self.opens_min)}-{_clock(self.closes_min)}"


Spans = tuple[Span, ...]
_Interval = tuple[int, int]


class DateHours(msgspec.Struct, frozen=True, gc=False, order=True):
    """The hours of one local date, in place of its usual ones; no spans: closed."""

    day: date
    spans: Spans = ()


class OpeningHours(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """When a service is open.

    ``weekly`` has seven entries, Monday first. ``bank_holiday`` replaces the weekday's hours on
    bank holidays of England; None leaves them as they are, no spans means closed. ``dates``
    replace both. Equal hours are equal values, so they can be keys.

    Raises
    ------
    ValueError
        When there are not seven days, spans of one day or of two neighbouring days overlap, or a
        date is given twice.
    """

    weekly: tuple[Spans, ...] = ((),) * 7
    bank_holiday: Spans | None = None
    dates: tuple[DateHours, ...] = ()
    zone: str = "Europe/London"

    def __post_init__(self) -> None:
        if len(self.weekly) != len(WEEKDAYS):
            raise ValueError(f"Expected hours of seven days, was {len(self.weekly)}.")
        # An unknown time zone is an error here, not on the first question.
        day_number(self.zone, 0)
        for weekday, spans in enumerate(self.weekly):
            _check_day(WEEKDAYS[weekday], spans)
            _check_neighbours(weekday, spans, self.weekly[(weekday + 1) % 7])
        _check_day("a bank holiday", self.bank_holiday or ())
        seen: set[date] = set()
        for hours in self.dates:
            if hours.day in seen:
                raise ValueError(f"Expected each date once, was {hours.day} twice.")
            seen.add(hours.day)
            _check_day(str(hours.day), hours.spans)

    def is_open(self, at_ms: int) -> bool:
        """Test whether the service is open at an instant; the closing instant is not open."""
        return self._interval_at(at_ms) is not None

    def closes_at_ms(self, at_ms: int) -> int | None:
        """Return when a service that is open closes.

        None when it is closed at that instant, or open for more than a year: ask `is_open`.
        """
        interval = self._interval_at(at_ms)
        if interval is None:
            return None
        end_ms = self._end_of(interval[1], day_number(self.zone, at_ms))
        return None if math.isinf(end_ms) else int(end_ms)

    def open_for_s(self, at_ms: int) -> float:
        """Return how long the service stays open: 0.0 when closed, infinity when for ever."""
        interval = self._interval_at(at_ms)
        if interval is None:
            return 0.0
        return (self._end_of(interval[1], day_number(self.zone, at_ms)) - at_ms) / 1000

    def next_opening_ms(self, at_ms: int) -> int | None:
        """Return the first instant, not before the given one, at which the service is open.

        None when it does not open within 400 days.
        """
        first = day_number(self.zone, at_ms) - 1
        for number in range(first, first + _HORIZON_DAYS + 1):
            for start_ms, end_ms in _day_intervals(self, number):
                if end_ms > at_ms:
                    return max(start_ms, at_ms)
        return None

    def intervals_ms(self, from_ms: int, to_ms: int) -> list[_Interval]:
        """Return the disjoint open intervals that touch [from, to), in order, end exclusive.

        They are cut at neither end; intervals that touch each other are joined.
        """
        first, last = day_number(self.zone, from_ms) - 1, day_number(self.zone, to_ms)
        days = (_day_intervals(self, number) for number in range(first, last + 2))
        joined = _joined(interval for day in days for interval in day)
        return [(start, end) for start, end in joined if end > from_ms and start < to_ms]

    def text(self) -> str:
        """Return the hours as `parse_opening_hours` reads them."""
        parts = [
            f"{name} {_spans_text(self.weekly[first])}"
            for first, name in _runs(self.weekly)
            if self.weekly[first]
        ]
        if self.bank_holiday is not None:
            parts.append(f"BH {_spans_text(self.bank_holiday)}")
        parts += [f"{hours.day} {_spans_text(hours.spans)}" for hours in self.dates]
        return "; ".join(parts) if parts else "closed"

    def _interval_at(self, at_ms: int) -> _Interval | None:
        # A span runs into the next day at most, so yesterday's and today's hours suffice.
        number = day_number(self.zone, at_ms)
        days = (*_day_intervals(self, number - 1), *_day_intervals(self, number))
        for start_ms, end_ms in _joined(days):
            if start_ms <= at_ms < end_ms:
                return start_ms, end_ms
        return None

    def _end_of(self, end_ms: int, number: int) -> float:
        """Follow hours that touch from day to day until they stop; infinity when they do not."""
        if not self.dates and self.bank_holiday is None and set(self.weekly) == _WHOLE_DAY:
            return math.inf
        for following in range(number + 1, number + _HORIZON_DAYS):
            day = _joined(_day_intervals(self, following))
            for start, end in day:
                if start <= end_ms < end:
                    end_ms = end
            if not day or day[0][0] > end_ms or end_ms < day[-1][1]:
                return end_ms
        return math.inf

    def _spans_of(self, day: date) -> Spans:
        for hours in self.dates:
            if hours.day == day:
                return hours.spans
        if self.bank_holiday is not None and is_bank_holiday(day):
            return self.bank_holiday
        return self.weekly[day.weekday()]


def parse_opening_hours(text: str) -> OpeningHours:
    """Return opening hours from their written form.

    Entries are separated by semicolons: days, a blank, and spans separated by commas or the word
    ``closed``. Days are ``Mon``, ``Mon-Fri``, ``Mon,Wed``, ``daily``, ``BH`` (bank holidays) or a
    date; the whole text may be ``24/7`` or ``closed``.

    Raises
    ------
    ValueError
        When an entry cannot be read, hours overlap, or a date is given twice.

    Examples
    --------
    >>> hours = parse_opening_hours("Mon-Fri 08:00-20:00; Sat 22:00-02:00; BH closed")
    >>> hours.text()
    'Mon-Fri 08:00-20:00; Sat 22:00-02:00; BH closed'
    """
    week: list[list[Span]] = [[] for _ in WEEKDAYS]
    bank_holiday: Spans | None = None
    dates: list[DateHours] = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        if entry.lower() == "24/7":
            entry = "daily 00:00-24:00"  # noqa: PLW2901
        if entry.lower() == "closed":
            continue
        days, _, rest = entry.partition(" ")
        spans = _parse_spans(rest.strip(), entry)
        if days.upper() == "BH":
            if bank_holiday is not None:
                raise ValueError(f"Expected bank holidays once, was {entry!r} again.")
            bank_holiday = spans
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", days):
            dates.append(DateHours(_parse_date(days), spans))
        else:
            for weekday in _parse_weekdays(days, entry):
                week[weekday].extend(spans)
    return OpeningHours(
        weekly=tuple(tuple(sorted(spans)) for spans in week),
        bank_holiday=bank_holiday,
        dates=tuple(sorted(dates)),
    )


@lru_cache(maxsize=65_536)
def _day_intervals(hours: OpeningHours, number: int) -> tuple[_Interval, ...]:
    spans = hours._spans_of(date.fromordinal(number))  # noqa: SLF001
    return tuple(
        (start, end)
        for start, end in (
            (
                local_to_utc_ms(hours.zone, number, span.opens_min),
                local_to_utc_ms(hours.zone, number, span.end_min),
            )
            for span in sorted(spans)
        )
        # A span that lies wholly inside the skipped hour never happens.
        if start < end
    )


def _joined(intervals: Iterable[_Interval]) -> list[_Interval]:
    result: list[_Interval] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _check_day(name: str, spans: Spans) -> None:
    ordered = sorted(spans)
    for one, other in pairwise(ordered):
        if other.opens_min < one.end_min:
            raise ValueError(
                f"Expected hours that do not overlap on {name}, "
                f"was {one.text()} and {other.text()}."
            )


def _check_neighbours(weekday: int, spans: Spans, following: Spans) -> None:
    for span in spans:
        for other in following:
            if other.opens_min + DAY_MIN < span.end_min:
                raise ValueError(
                    f"Expected hours that do not overlap, was {WEEKDAYS[weekday]} {span.text()} "
                    f"and {WEEKDAYS[(weekday + 1) % 7]} {other.text()}."
                )


def _runs(weekly: tuple[Spans, ...]) -> Iterator[tuple[int, str]]:
    """Return the first weekday and the name of each run of days with equal hours."""
    first = 0
    for weekday in range(1, 8):
        if weekday < 7 and weekly[weekday] == weekly[first]:
            continue
        last = weekday - 1
        name = WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"
        yield first, name
        first = weekday


def _parse_weekdays(days: str, entry: str) -> list[int]:
    if days.lower() == "daily":
        return list(range(7))
    result: list[int] = []
    for part in days.split(","):
        first, dash, last = (word.strip().capitalize() for word in part.partition("-"))
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise ValueError(
                f"Expected days such as Mon, Mon-Fri, daily, BH or 2026-12-25, was {entry!r}."
            )
        start = WEEKDAYS.index(first)
        count = (WEEKDAYS.index(last) - start) % 7 + 1 if dash else 1
        result += [(start + i) % 7 for i in range(count)]
    if len(set(result)) != len(result):
        raise ValueError(f"Expected each day once in an entry, was {entry!r}.")
    return result


def _parse_spans(text: str, entry: str) -> Spans:
    if text.lower() == "closed":
        return ()
    spans = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", part)
        if match is None:
            raise ValueError(f"Expected a span such as 08:00-20:00 or 'closed', was {entry!r}.")
        hour, minute, hour_to, minute_to = map(int, match.groups())
        if minute > 59 or minute_to > 59:
            raise ValueError(f"Expected minutes below 60, was {entry!r}.")
        spans.append(Span(hour * 60 + minute, hour_to * 60 + minute_to))
    return tuple(sorted(spans))


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Expected a date of the calendar, was {text!r}.") from None


def _spans_text(spans: Spans) -> str:
    return ", ".join(span.text() for span in spans) or "closed"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


_WHOLE_DAY: Final = {(Span(0, DAY_MIN),)}

ALWAYS_OPEN: Final = OpeningHours(weekly=((Span(0, DAY_MIN),),) * 7)
"""Open at every hour of every day."""
