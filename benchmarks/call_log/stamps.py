"""Read stamps as foreign logs write them: patterns, zones, spreadsheet days, hours of a week."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.fixed_form import FixedForm
from benchmarks.call_log.mapping import UNIT_S, HourOfWeek, TimeBlock
from benchmarks.call_log.schema import ABSENT_MS, EARLIEST_MS, LATEST_MS

Int64s = npt.NDArray[np.int64]
_Local = tuple[int, bool]
"""Milliseconds since 1970, and whether they are UTC already (else local)."""
_Reader = Callable[[str], _Local | None]

NO_DAYS: Final = (-25_569, -25_568, -25_567, -1, 0)
"""Days since 1970 by which databases say that there was none: 30 and 31 December 1899, 1 January
1900, and the beginning of 1970, which lies on the day before west of Greenwich."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY_MS: Final = 86_400_000
_QUARTER_MS: Final = 900_000
_EXCEL_EPOCH_DAY: Final = 25_569
"""Number that spreadsheets give to 1 January 1970."""
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ISO_FIXED: Final = "%Y-%m-%d %H:%M:%S"
_DIRECTIVES: Final = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "e": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3})[A-Za-z]*\.?",
    "B": r"(?P<b>[A-Za-z]{3})[A-Za-z]*\.?",
    "a": r"[A-Za-z]+\.?",
    "A": r"[A-Za-z]+",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})(?:[.,]\d{1,9})?",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp])\.?\s?[Mm]\.?",
    "z": r"(?P<z>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)",
    "T": r"(?P<H>\d{1,2}):(?P<M>\d{1,2}):(?P<S>\d{1,2})(?:[.,]\d{1,9})?",
    "%": "%",
}
_ISO: Final = re.compile(
    r"(?P<Y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[Tt ](?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r" ?(?P<z>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)


def is_no_day(stamps_ms: Int64s) -> npt.NDArray[np.bool_]:
    """Return which instants are on one of the days by which databases say that there was none."""
    return np.isin(stamps_ms // _DAY_MS, NO_DAYS)


class Stamps:
    """Reads the stamps of one file.

    ``ambiguous_count`` is how many local times came twice (clocks going back) and were taken as
    the earlier. ``jumped_over`` are the bad rows of the last reading that the clocks jump over.
    """

    def __init__(self, block: TimeBlock) -> None:
        self.ambiguous_count = 0
        self.jumped_over: frozenset[int] = frozenset()
        self._zone = ZoneInfo(block.zone)
        self._shift_of: dict[int, tuple[int, int]] = {}
        formats = (block.format,) if isinstance(block.format, str) else block.format
        self._readers = [_reader(form, block.origin) for form in formats]
        self._fixed = FixedForm.of(_ISO_FIXED if formats[0] == "iso" else formats[0])
        self.expected = "a time written as " + " or ".join(formats)
        self.expected_hour = f"a time of {block.zone}, whose clocks go forward over this hour"

    def read(self, texts: Sequence[str]) -> tuple[Int64s, list[int]]:
        """Return UTC milliseconds, absent where empty or bad, and the rows that are bad.

        Bad are texts of another form, dates that do not exist, and local times that the clocks
        jump over.
        """
        local = np.full(len(texts), ABSENT_MS, dtype=np.int64)
        is_utc = np.zeros(len(texts), dtype=np.bool_)
        done = is_utc.copy()
        if self._fixed is not None:
            values, done = self._fixed.read(texts)
            local = np.where(done, values, ABSENT_MS)
        bad: list[int] = []
        for row in np.flatnonzero(~done).tolist():
            if not texts[row]:
                continue
            found = self._one(texts[row])
            if found is None:
                bad.append(row)
            else:
                local[row], is_utc[row] = found
        naive = np.flatnonzero((local != ABSENT_MS) & ~is_utc)
        utc, missing = self._to_utc(local[naive])
        local[naive] = utc
        self.jumped_over = frozenset(naive[missing].tolist())
        bad += self.jumped_over
        local[naive[missing]] = ABSENT_MS
        return local, sorted(bad)

    def _one(self, text: str) -> _Local | None:
        for reader in self._readers:
            if (found := reader(text)) is not None:
                return found
        return None

    def _to_utc(self, local_ms: Int64s) -> tuple[Int64s, npt.NDArray[np.bool_]]:
        """Return UTC of local times, and which of them the clocks jump over."""
        quarters, inverse, counts = np.unique(
            local_ms // _QUARTER_MS, return_inverse=True, return_counts=True
        )
        shifts = [self._shift(quarter) for quarter in quarters.tolist()]
        offsets, change = np.array(shifts, dtype=np.int64).reshape(-1, 2).T
        self.ambiguous_count += int(counts[change < 0].sum())
        return local_ms - offsets[inverse], (change > 0)[inverse]

    def repeated(self, stamps_ms: Int64s) -> Int64s:
        """Return the second instant of equal local time for each, or the same where there is none.

        A stamp that was written with its offset is in no doubt, and is not for this.
        """
        found = stamps_ms.copy()
        for row, stamp in enumerate(stamps_ms.tolist()):
            local = datetime.fromtimestamp(stamp / 1000, self._zone)
            if local.fold == 0:
                found[row] = round(local.replace(fold=1).timestamp() * 1000)
        return found

    def next_day(self, stamps_ms: Int64s) -> Int64s:
        """Return the same local time of the next day, which is not always 24 hours later."""
        found = stamps_ms.copy()
        for row, stamp in enumerate(stamps_ms.tolist()):
            local = datetime.fromtimestamp(stamp / 1000, self._zone)
            found[row] = round((local + timedelta(days=1)).timestamp() * 1000)
        return found

    def _shift(self, quarter: int) -> tuple[int, int]:
        """Return the offset in ms of a local quarter of an hour, and by how much it is in doubt.

        Negative: the clocks go back and it comes twice; positive: it is jumped over.
        """
        if not EARLIEST_MS - _DAY_MS <= quarter * _QUARTER_MS <= LATEST_MS + _DAY_MS:
            # No time of a call; whoever reads it refuses it, in whichever zone.
            return 0, 0
        if quarter not in self._shift_of:
            naive = _EPOCH + timedelta(milliseconds=quarter * _QUARTER_MS)
            first = naive.replace(tzinfo=self._zone, fold=0)
            change_s = _offset_s(first.replace(fold=1)) - _offset_s(first)
            self._shift_of[quarter] = (round(_offset_s(first) * 1000), round(change_s))
        return self._shift_of[quarter]


def _offset_s(moment: datetime) -> float:
    offset = moment.utcoffset()
    assert offset is not None
    return offset.total_seconds()


def _reader(form: str, origin: datetime | None) -> _Reader:
    if form == "iso":
        return _by_pattern(_ISO)
    if "%" in form:
        return _by_pattern(_pattern(form))
    if form == "excel_days":
        return lambda text: _number(text, _DAY_MS, -_EXCEL_EPOCH_DAY * _DAY_MS, is_utc=False)
    kind, _, unit = form.partition("_")
    start_ms = 0 if kind == "epoch" or origin is None else round(origin.timestamp() * 1000)
    return lambda text: _number(text, UNIT_S[unit] * 1000, start_ms, is_utc=True)


def _number(text: str, unit_ms: float, start_ms: int, *, is_utc: bool) -> _Local | None:
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        return None
    if not isfinite(value) or abs(value * unit_ms) > 1e15:
        return None
    return round(value * unit_ms) + start_ms, is_utc


def _pattern(form: str) -> re.Pattern[str]:
    """Return a pattern for a format of strptime's; digits need no leading zeros.

    Seconds may have a fraction, which is dropped unless the format has ``%f``, and AM or PM may
    follow without a space.

    Raises
    ------
    ValueError
        When a directive is unknown.
    """
    parts = re.split(r"%(.)", form.strip())
    text = re.sub(r"(\\ )+", r"\\s+", re.escape(parts[0]))
    pairs = list(zip(parts[1::2], parts[2::2], strict=True))
    for place, (directive, between) in enumerate(pairs):
        if directive not in _DIRECTIVES:
            known = " ".join(f"%{d}" for d in _DIRECTIVES)
            raise ValueError(f"Expected a time format of {known}, was %{directive} in {form!r}.")
        # Where digits stand against digits only their number tells the parts from each other.
        is_tight = (not between and place + 1 < len(pairs)) or (place and not pairs[place - 1][1])
        part = _DIRECTIVES[directive]
        text += part.replace(r"\d{1,2}", r"\d{2}") if is_tight else part
        text += re.sub(r"(\\ )+", r"\\s+", re.escape(between))
    if "%f" in form:
        text = text.replace(r"(?:[.,]\d{1,9})?", "")
    return re.compile(text.replace(r"\s+(?P<p>", r"\s*(?P<p>"))


def _by_pattern(pattern: re.Pattern[str]) -> _Reader:
    day_ms_of: dict[tuple[int, int, int], int | None] = {}

    def read(text: str) -> _Local | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        found = match.groupdict()
        key = (_year(found), _month(found), int(found.get("d") or 1))
        if key not in day_ms_of:
            day_ms_of[key] = _day_ms(*key)
        day_ms, clock_ms = day_ms_of[key], _clock_ms(found)
        if day_ms is None or clock_ms is None:
            return None
        offset = found.get("z")
        return day_ms + clock_ms - _offset_ms(offset or "Z"), offset is not None

    return read


def _year(found: dict[str, str | None]) -> int:
    if found.get("Y"):
        return int(found["Y"] or 0)
    short = int(found.get("y") or 70)
    return short + (2000 if short < 69 else 1900)


def _month(found: dict[str, str | None]) -> int:
    name = found.get("b")
    if name:
        return _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else 0
    return int(found.get("m") or 1)


def _day_ms(year: int, month: int, day: int) -> int | None:
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * _DAY_MS
    except ValueError:
        return None


def _clock_ms(found: dict[str, str | None]) -> int | None:
    hour = int(found.get("H") or found.get("I") or 0)
    minute, second = int(found.get("M") or 0), int(found.get("S") or 0)
    half = found.get("p")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = (found.get("f") or "0").ljust(3, "0")[:3]
    return ((hour * 60 + minute) * 60 + second) * 1000 + int(fraction)


def _offset_ms(text: str) -> int:
    if text.upper() in {"Z", "UTC", "GMT"}:
        return 0
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "").ljust(4, "0")
    return sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000


class HoursOfWeek:
    """Puts calls of which only weekday and hour are known into one week of local time."""

    def __init__(self, block: HourOfWeek, zone: str) -> None:
        self._block = block
        start = datetime.combine(block.week_of, datetime.min.time(), ZoneInfo(zone))
        self._start = start
        self._taken: dict[tuple[int, int], int] = {}
        self.expected = "a weekday and an hour from 0 to 23"

    def read(self, weekdays: Sequence[str], hours: Sequence[str]) -> tuple[Int64s, list[int]]:
        """Return UTC milliseconds, and the rows that are bad."""
        stamps = np.full(len(weekdays), ABSENT_MS, dtype=np.int64)
        bad = []
        for row, (name, hour) in enumerate(zip(weekdays, hours, strict=True)):
            day = self._weekday(name)
            if day is None or not hour.isdigit() or int(hour) > 23:
                bad.append(row)
                continue
            stamps[row] = self._stamp(day, int(hour))
        return stamps, bad

    def _weekday(self, name: str) -> int | None:
        text = name.strip().lower()
        if text[:3] in _DAYS:
            return _DAYS.index(text[:3])
        number = int(text) - self._block.monday if text.isdigit() else -1
        return number if 0 <= number < 7 else None

    def _stamp(self, day: int, hour: int) -> int:
        turn = self._taken.get((day, hour), 0)
        self._taken[day, hour] = turn + 1
        minute = turn * self._block.step_min % 60
        # Wall-clock arithmetic: hour 9 is nine o'clock also on the day on which clocks change.
        moment = self._start + timedelta(days=day, hours=hour, minutes=minute)
        return int(moment.timestamp()) * 1000
