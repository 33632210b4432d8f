"""Translate chunks of a foreign file into columns of the schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from benchmarks.call_log import cells
from benchmarks.call_log.codes import Words, texts_found, with_decimal_point
from benchmarks.call_log.gathering import (
    Bounds,
    Chunk,
    Parsed,
    check_places,
    check_times,
    instant_text,
    leave_impossible_empty,
)
from benchmarks.call_log.mapping import CLOCKS_S, UNIT_S, Mapping, NumberBlock, TimeBlock
from benchmarks.call_log.rejects import Problem
from benchmarks.call_log.schema import (
    ABSENT_MS,
    BY_NAME,
    COLUMNS,
    DAY_S,
    EARLIEST_MS,
    FIRST_IN_ORDER,
    IN_ORDER,
    LATEST_MS,
)
from benchmarks.call_log.spots import Places
from benchmarks.call_log.stamps import HoursOfWeek, Int64s, Stamps, is_no_day

Problems = cells.Problems

DURATIONS: Final = (
    "mobilisation_s",
    "travel_s",
    "scene_s",
    "conveyance_s",
    "handover_s",
    "clear_s",
)
"""Parts of a job that are computed from stamps."""


class Translator:
    """Translates the rows of one file by its mapping.

    In a file with a row for each unit the stamps of a row are that unit's: ``first_on_scene_at``
    is when it arrived.
    """

    def __init__(
        self, mapping: Mapping, *, bounds: Bounds | None = None, postcodes: Path | None = None
    ) -> None:
        self.mapping, self._bounds = mapping, bounds
        self.stamps = Stamps(mapping.time)
        week = mapping.time.hour_of_week
        self._week = HoursOfWeek(week, mapping.time.zone) if week is not None else None
        self._places = Places(mapping.place, postcodes or _lookup_beside(mapping))
        self._words = {"category": Words("category", mapping.category)}
        self._words |= {name: Words(name, block) for name, block in mapping.words.items()}
        self.columns = _columns(mapping)
        self.left_out_count = 0
        self.left_empty_count = 0

    def translated(self, chunk: Chunk, problems: Problems) -> tuple[Chunk, Parsed]:
        """Return the rows that the mapping keeps, and their columns with the types of the schema.

        What is wrong with a row is noted in ``problems`` by its index among the rows kept.
        """
        kept = self._kept(self._cleaned(chunk))
        columns, count = kept.columns, len(kept.rows)
        parsed: Parsed = {"incident_id": self._identifiers(kept)}
        for row, name in enumerate(parsed["incident_id"]):
            if not name:
                problem = Problem("incident_id", "missing", "an identifier", "nothing")
                problems.setdefault(row, problem)
        self._add_stamps(kept, parsed, problems)
        spots = self._places.read(columns)
        for row, problem in spots.problems.items():
            problems.setdefault(row, problem)
        parsed["lon"], parsed["lat"] = spots.lon, spots.lat
        for name, words in self._words.items():
            parsed[name] = words.read(columns, count, problems)
        for name, block in self.mapping.numbers.items():
            parsed[name] = self._numbers(name, block, kept, problems)
        self._check(parsed, problems)
        return kept, {c.name: parsed[c.name] for c in COLUMNS if c.name in parsed}

    def _cleaned(self, chunk: Chunk) -> Chunk:
        """Return the texts without surrounding space; words for nothing become nothing."""
        absent = frozenset(self.mapping.file.absent)
        columns: dict[str, Sequence[str]] = {
            name: ["" if (t := text.strip()) in absent else t for text in column]
            for name, column in chunk.columns.items()
        }
        if self.mapping.file.decimal == ",":
            for name in self.mapping.number_sources() & columns.keys():
                columns[name] = [with_decimal_point(text) for text in columns[name]]
        return Chunk(chunk.rows, columns)

    def _kept(self, chunk: Chunk) -> Chunk:
        keep = np.ones(len(chunk.rows), dtype=np.bool_)
        for rule in self.mapping.keep:
            column = chunk.columns[rule.column]
            for words, wanted in ((rule.words, True), (rule.words_not, False)):
                if words:
                    found = texts_found(column, words)
                    keep &= np.array([(t in found) == wanted for t in column], dtype=np.bool_)
        if keep.all():
            return chunk
        self.left_out_count += int((~keep).sum())
        rows = np.flatnonzero(keep).tolist()
        columns = {name: [column[i] for i in rows] for name, column in chunk.columns.items()}
        return Chunk([chunk.rows[i] for i in rows], columns)

    def _identifiers(self, chunk: Chunk) -> list[str]:
        names = self.mapping.file.incident_id
        if names is None:
            return [f"row-{row}" for row in chunk.rows]
        if isinstance(names, str):
            return list(chunk.columns[names])
        parts = zip(*(chunk.columns[name] for name in names), strict=True)
        return ["-".join(part) if all(part) else "" for part in parts]

    def _add_stamps(self, chunk: Chunk, parsed: Parsed, problems: Problems) -> None:
        time = self.mapping.time
        if self._week is not None:
            assert time.hour_of_week is not None
            week = time.hour_of_week
            stamps, bad = self._week.read(chunk.columns[week.weekday], chunk.columns[week.hour])
            parsed["received_at"] = stamps
            found = [f"{chunk.columns[week.weekday][i]} {chunk.columns[week.hour][i]}" for i in bad]
            _note_bad(bad, found, week.weekday, self._week.expected, problems)
        # The call goes first: others may have to follow it past midnight.
        for name, source in sorted(time.columns.items(), key=lambda n: n[0] != "received_at"):
            texts = _joined(chunk, source)
            parsed[name], bad = self.stamps.read(texts)
            if time.clocks_pass_midnight and _shares_date(source, time.columns["received_at"]):
                self._put_after_midnight(parsed[name], parsed["received_at"])
            if name != "received_at":
                parsed[name][is_no_day(parsed[name])] = ABSENT_MS
            where = source if isinstance(source, str) else " ".join(source)
            jumped = [row for row in bad if row in self.stamps.jumped_over]
            found = [texts[row] for row in jumped]
            _note_bad(jumped, found, where, self.stamps.expected_hour, problems)
            # Who is told already is told nothing more.
            _note_bad(bad, [texts[i] for i in bad], where, self.stamps.expected, problems)
        self._settle_repeated_hour(parsed)
        for name, elapsed in time.elapsed_in_order:
            block = NumberBlock(column=elapsed.column, unit=elapsed.unit)
            lasted_s = self._numbers(name, block, chunk, problems)
            parsed[name] = _later(parsed[elapsed.after], lasted_s)

    def _put_after_midnight(self, stamps: Int64s, received: Int64s) -> None:
        """Put clocks that lie half a day and more before the call on the next day."""
        known = (stamps != ABSENT_MS) & (received != ABSENT_MS)
        # A few seconds before the call are a clock that is slow, not the next day.
        is_next = known & (received - np.where(known, stamps, 0) > DAY_S * 500)
        stamps[is_next] = self.stamps.next_day(stamps[is_next])

    def _numbers(
        self, name: str, block: NumberBlock | str, chunk: Chunk, problems: Problems
    ) -> npt.NDArray[np.float64]:
        """Return a column of numbers; lengths of time that cannot be are as the mapping says."""
        is_lenient = self.mapping.time.impossible == "leave_empty" and not isinstance(block, str)
        found: Problems = {} if is_lenient else problems
        values = _number_column(name, block, chunk, found)
        if is_lenient:
            wild = [row for row, fault in found.items() if fault.reason == "out of range"]
            values[wild] = np.nan
            self.left_empty_count += len(wild)
            for row in found.keys() - set(wild):
                problems.setdefault(row, found[row])
        return values

    def _settle_repeated_hour(self, parsed: Parsed) -> None:
        """Take the second of two equal local times for what would else lie before the call.

        In autumn an hour comes twice. A stamp is taken as the earlier; where an earlier stamp of
        the same patient shows that this cannot be, it is the later.
        """
        if not self.stamps.ambiguous_count:
            return
        floor: Int64s = parsed["received_at"]
        for name in ("call_answered_at", *FIRST_IN_ORDER, *IN_ORDER):
            stamps = parsed.get(name)
            if stamps is None:
                continue
            known = (stamps != ABSENT_MS) & (floor != ABSENT_MS)
            early = np.flatnonzero(known & (stamps < floor))
            if len(early):
                later = self.stamps.repeated(stamps[early])
                stamps[early] = np.where(later >= floor[early], later, stamps[early])
            floor = np.where(known, np.maximum(floor, stamps), floor)

    def _check(self, parsed: Parsed, problems: Problems) -> None:
        """Note what the schema does not allow: as for a file that has it already."""
        received: Int64s = parsed["received_at"]
        for row in np.flatnonzero(received == ABSENT_MS).tolist():
            problems.setdefault(row, Problem("received_at", "missing", "a time", "nothing"))
        for name, stamps in parsed.items():
            if BY_NAME[name].kind != "instant":
                continue
            wild = (stamps != ABSENT_MS) & ((stamps < EARLIEST_MS) | (stamps > LATEST_MS))
            for row in np.flatnonzero(wild).tolist():
                expected, found = "an instant from 1990 to 2100", instant_text(stamps[[row]])[0]
                problem = Problem(name, "impossible time", expected, found)
                problems.setdefault(row, problem)
        check_places(parsed, self._bounds, problems)
        with np.errstate(invalid="ignore"):
            off_globe = (np.abs(parsed["lon"]) > 180) | (np.abs(parsed["lat"]) > 90)
        for row in np.flatnonzero(off_globe).tolist():
            found = f"lon {parsed['lon'][row]:g}, lat {parsed['lat'][row]:g}"
            problem = Problem("lon, lat", "out of range", "a place on the globe", found)
            problems.setdefault(row, problem)
        if self.mapping.time.impossible == "leave_empty":
            self.left_empty_count += leave_impossible_empty(parsed)
        check_times(parsed, problems)


def _lookup_beside(mapping: Mapping) -> Path | None:
    return Path(mapping.path).parent / mapping.place.lookup if mapping.place.lookup else None


def _columns(mapping: Mapping) -> tuple[str, ...]:
    """Return the columns of the schema that the mapping gives, in their order."""
    given = {"incident_id", "received_at", "lon", "lat", "category"}
    given |= {*mapping.time.columns, *mapping.time.elapsed, *mapping.words, *mapping.numbers}
    return tuple(column.name for column in COLUMNS if column.name in given)


def _joined(chunk: Chunk, source: str | tuple[str, ...]) -> Sequence[str]:
    if isinstance(source, str):
        return chunk.columns[source]
    parts = zip(*(chunk.columns[name] for name in source), strict=True)
    return [" ".join(part) if all(part) else "" for part in parts]


def _shares_date(source: str | tuple[str, ...], of_call: str | tuple[str, ...]) -> bool:
    """Test whether a stamp is a clock joined with the date of the call."""
    return source != of_call and not isinstance(source, str) and source[0] == of_call[0]


def _note_bad(
    rows: Sequence[int], found: Sequence[str], field: str, expected: str, problems: Problems
) -> None:
    for row, text in zip(rows, found, strict=True):
        problems.setdefault(row, Problem(field, "not readable", expected, text))


def _number_column(
    name: str, block: NumberBlock | str, chunk: Chunk, problems: Problems
) -> npt.NDArray[np.float64]:
    """Return numbers in the unit of the schema, within its limits; faults name the source."""
    source = block if isinstance(block, str) else block.column
    unit = "1" if isinstance(block, str) else block.unit
    texts = chunk.columns[source]
    if (parts := CLOCKS_S.get(unit)) is not None:
        texts = [clock_seconds(text, parts) for text in texts]
    factor = UNIT_S.get(unit, 1.0)
    column = BY_NAME["travel_s" if BY_NAME[name].kind == "instant" else name]
    limits = replace(
        column, name=source, minimum=column.minimum / factor, maximum=column.maximum / factor
    )
    values = cells.numbers(texts, limits, problems)
    return values if factor == 1.0 else values * factor


def clock_seconds(text: str, parts_s: Sequence[float]) -> str:
    """Return a length of time that is written as a clock in seconds, or the text if it is none.

    Examples
    --------
    >>> clock_seconds("07:45", (60.0, 1.0)), clock_seconds("1:02:03", (3600.0, 60.0, 1.0))
    ('465', '3723')
    >>> clock_seconds("soon", (60.0, 1.0))
    'soon'
    """
    sign, numbers = text[:1] == "-", text.removeprefix("-").split(":")
    if len(numbers) != len(parts_s) or not all(_PART.fullmatch(n) for n in numbers):
        return text
    total_s = sum(float(n) * s for n, s in zip(numbers, parts_s, strict=True))
    return f"{-total_s if sign else total_s:.10g}"


_PART: Final = re.compile(r"\d{1,6}(\.\d{1,9})?")


def _later(start: Int64s, lasted_s: npt.NDArray[np.float64]) -> Int64s:
    known = (start != ABSENT_MS) & ~np.isnan(lasted_s)
    lasted_ms = np.rint(np.where(known, lasted_s, 0.0) * 1000).astype(np.int64)
    return np.where(known, start + lasted_ms, ABSENT_MS)


def with_durations(parsed: Parsed, time: TimeBlock) -> Parsed:
    """Return the columns with the parts of a job that lie between known stamps.

    Where a unit left no scene for a hospital, its time at the scene ends when it is clear, and
    ``clear_s`` is 0. Where the mapping says that the handover lasts until clear, so does this.
    """
    arrival = "transporting_on_scene_at" if "transporting_on_scene_at" in parsed else _ARRIVAL
    found = {
        "mobilisation_s": _between(parsed, "first_assigned_at", "first_mobile_at"),
        "travel_s": _between(parsed, "first_mobile_at", _ARRIVAL),
        "scene_s": _between(parsed, arrival, "left_scene_at"),
        "conveyance_s": _between(parsed, "left_scene_at", "at_hospital_at"),
        "handover_s": _between(parsed, "at_hospital_at", "handed_over_at"),
        "clear_s": _between(parsed, "handed_over_at", "clear_at"),
    }
    if "left_scene_at" in parsed:
        stayed = parsed["left_scene_at"] == ABSENT_MS
        whole_s = np.where(stayed, _between(parsed, arrival, "clear_at"), np.nan)
        _fill(found, "scene_s", whole_s)
    if time.handover_lasts_until_clear:
        _fill(found, "handover_s", _between(parsed, "at_hospital_at", "clear_at"))
    known = {name: values for name, values in found.items() if not np.isnan(values).all()}
    return {**known, **parsed}


def _between(parsed: Parsed, start: str, end: str) -> npt.NDArray[np.float64]:
    """Return the seconds between two stamps; NaN where one is unknown, or it is no time."""
    if start not in parsed or end not in parsed:
        return np.full(len(parsed["received_at"]), np.nan)
    known = (parsed[start] != ABSENT_MS) & (parsed[end] != ABSENT_MS)
    lasted_s = np.where(known, parsed[end] - parsed[start], -1) / 1000
    return np.where((lasted_s >= 0) & (lasted_s <= DAY_S), lasted_s, np.nan)


def _fill(
    found: dict[str, npt.NDArray[np.float64]], name: str, values: npt.NDArray[np.float64]
) -> None:
    """Fill a part that is unknown with the rest of the job, after which the unit is clear."""
    new = np.isnan(found[name]) & ~np.isnan(values)
    found[name] = np.where(new, values, found[name])
    found["clear_s"] = np.where(new & np.isnan(found["clear_s"]), 0.0, found["clear_s"])


_ARRIVAL: Final = "first_on_scene_at"
