"""Check chunks of a file row by row, set bad rows aside, and gather the good ones into a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.call_log import cells as parse
from benchmarks.call_log.cells import Problems
from benchmarks.call_log.columns import Ids, Int64s, Words, WordsBuilder
from benchmarks.call_log.log import CallLog, Float64s, assembled, taken
from benchmarks.call_log.rejects import Problem, Rejects
from benchmarks.call_log.schema import ABSENT_MS, BY_NAME, COLUMNS, DAY_S, IN_ORDER

STAMP_AFTER_MS_MAX: Final = 7 * DAY_S * 1000
"""An observed stamp more than a week after the call belongs to something else."""


FAR_DEGREES: Final = 2.0
"""Farther from the middle of a log, and much farther than most, is a slip of somebody's pen."""


class Bounds(NamedTuple):
    """A box of longitudes and latitudes."""

    lon_min: float
    lat_min: float
    lon_max: float
    lat_max: float

    def __str__(self) -> str:
        return (
            f"lon {self.lon_min:.3f} to {self.lon_max:.3f}, "
            f"lat {self.lat_min:.3f} to {self.lat_max:.3f}"
        )


class Chunk(NamedTuple):
    """Some rows of a file: their numbers, and the text of each column of the schema present."""

    rows: Sequence[int]
    columns: Mapping[str, Sequence[str]]


_EMPTY: Final[Mapping[str, Any]] = {
    "received_at": np.empty(0, np.int64),
    "lon": np.empty(0),
    "lat": np.empty(0),
    "category": Words.of(()),
}
"""The required columns of a log without rows."""

Parsed = dict[str, Any]
"""A chunk after reading: list of str for identifiers and words, arrays for the rest."""


class Gathering:
    """Collects the good rows of one file.

    A row with several faults is set aside for the first of them, in the order of the schema.
    """

    def __init__(self, file: str, bounds: Bounds | None, rejects: Rejects) -> None:
        self._file, self._bounds, self._rejects = file, bounds, rejects
        self._rows: list[Int64s] = []
        self._hashes: list[Int64s] = []
        self._ids: list[Ids] = []
        self._arrays: dict[str, list[npt.NDArray[Any]]] = {}
        self._words: dict[str, WordsBuilder] = {}

    def add(self, chunk: Chunk) -> None:
        """Check a chunk and keep its good rows. All chunks must have the same columns."""
        problems: Problems = {}
        parsed = read_chunk(chunk, problems)
        check_places(parsed, self._bounds, problems)
        check_times(parsed, problems)
        for index in sorted(problems):
            self._rejects.add(self._file, chunk.rows[index], problems[index])
        good = np.ones(len(chunk.rows), dtype=np.bool_)
        good[list(problems)] = False
        self._keep(chunk, parsed, np.flatnonzero(good))

    def _keep(self, chunk: Chunk, parsed: Parsed, good: Int64s) -> None:
        indices = good.tolist()
        names = [parsed["incident_id"][i] for i in indices]
        self._ids.append(Ids.of(names))
        self._hashes.append(np.fromiter(map(hash, names), dtype=np.int64, count=len(names)))
        self._rows.append(np.array(chunk.rows, dtype=np.int64)[good])
        for name, values in parsed.items():
            if BY_NAME[name].kind == "word":
                kept = [values[i] for i in indices]
                self._words.setdefault(name, WordsBuilder()).extend(kept)
            elif name != "incident_id":
                self._arrays.setdefault(name, []).append(values[good])

    def log(self) -> CallLog:
        """Return the log of all good rows; of equal identifiers the first in the file stays."""
        ids = Ids.joined(self._ids)
        columns: dict[str, Any] = {"incident_id": ids, **_EMPTY}
        columns |= {name: np.concatenate(parts) for name, parts in self._arrays.items()}
        columns |= {name: builder.built() for name, builder in self._words.items()}
        keep = self._without_repeats(ids)
        return assembled(columns if keep is None else taken(columns, keep))

    def _without_repeats(self, ids: Ids) -> Int64s | None:
        """Return the rows to keep when identifiers are repeated, or None when none is."""
        hashes = np.concatenate(self._hashes) if self._hashes else np.empty(0, np.int64)
        order = np.argsort(hashes, kind="stable")
        same = np.flatnonzero(np.diff(hashes[order]) == 0)
        if not len(same):
            return None
        rows = np.concatenate(self._rows)
        suspects = np.unique(np.concatenate((order[same], order[same + 1])))
        first: dict[str, int] = {}
        keep = np.ones(len(hashes), dtype=np.bool_)
        for index in suspects.tolist():
            name = ids[index]
            if name not in first:
                first[name] = int(rows[index])
                continue
            keep[index] = False
            expected = f"an identifier not seen before (row {first[name]})"
            problem = Problem("incident_id", "duplicate", expected, name)
            self._rejects.add(self._file, int(rows[index]), problem)
        return np.flatnonzero(keep)


def read_chunk(chunk: Chunk, problems: Problems) -> Parsed:
    """Return the columns of a chunk with their types, in the order of the schema."""
    parsed: Parsed = {}
    for column in COLUMNS:
        text = chunk.columns.get(column.name)
        if text is None:
            continue
        if column.kind == "id":
            parsed[column.name] = parse.ids(text, column, problems)
        elif column.kind == "word":
            parsed[column.name] = parse.words(text, column, problems)
        elif column.kind == "instant":
            parsed[column.name] = parse.instants(text, column, problems)
        else:
            parsed[column.name] = parse.numbers(text, column, problems)
    return parsed


def check_places(parsed: Parsed, bounds: Bounds | None, problems: Problems) -> None:
    """Note scenes outside the bounds, and say so where exchanging lon and lat would mend them."""
    lon: Float64s = parsed["lon"]
    lat: Float64s = parsed["lat"]
    with np.errstate(invalid="ignore"):
        swapped = (np.abs(lat) > 90) & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
        outside = (lon == 0) & (lat == 0)
        if bounds is not None:
            outside = ~_inside(lon, lat, bounds) & ~np.isnan(lon) & ~np.isnan(lat)
            swapped |= outside & _inside(lat, lon, bounds)
    for row in np.flatnonzero(swapped).tolist():
        found = f"lon {lon[row]:g}, lat {lat[row]:g}"
        problem = Problem("lon, lat", "swapped coordinates", "longitude first", found)
        # This says more than that the latitude is out of range, so it goes before that.
        problems[row] = problem
    expected = f"a place within {bounds}" if bounds else "a place"
    reason = "outside the region" if bounds else "no place"
    for row in np.flatnonzero(outside & ~swapped).tolist():
        found = f"lon {lon[row]:g}, lat {lat[row]:g}"
        problems.setdefault(row, Problem("lon, lat", reason, expected, found))


def _inside(lon: Float64s, lat: Float64s, bounds: Bounds) -> npt.NDArray[np.bool_]:
    return (
        (lon >= bounds.lon_min)
        & (lon <= bounds.lon_max)
        & (lat >= bounds.lat_min)
        & (lat <= bounds.lat_max)
    )


def far_off(lon: Float64s, lat: Float64s) -> Int64s:
    """Return the rows of scenes so far from most that their place is surely wrong."""
    away = np.maximum(np.abs(lon - np.median(lon)), np.abs(lat - np.median(lat)))
    return np.flatnonzero(away > max(FAR_DEGREES, 10 * float(np.percentile(away, 90))))


def check_times(parsed: Parsed, problems: Problems) -> None:
    """Note stamps before the call, more than a week after it, or in an impossible order."""
    received: Int64s = parsed["received_at"]
    stamps = {n: v for n, v in parsed.items() if BY_NAME[n].kind == "instant"}
    stamps.pop("received_at")
    for name, stamp in stamps.items():
        known = (stamp != ABSENT_MS) & (received != ABSENT_MS)
        _note(known & (stamp < received), name, "not before received_at", stamp, problems)
        late = known & (stamp - received > STAMP_AFTER_MS_MAX)
        _note(late, name, "within 7 days of received_at", stamp, problems)
    chain = [name for name in IN_ORDER if name in stamps]
    for position, name in enumerate(chain):
        for earlier in chain[:position]:
            known = (stamps[name] != ABSENT_MS) & (stamps[earlier] != ABSENT_MS)
            wrong = known & (stamps[name] < stamps[earlier])
            _note(wrong, name, f"not before {earlier}", stamps[name], problems)


def leave_impossible_empty(parsed: Parsed) -> int:
    """Empty the stamps that `check_times` would refuse, and return how many.

    Of two in an impossible order it is the later in the course of a job that goes.
    """
    received: Int64s = parsed["received_at"]
    count = 0
    names = [n for n in parsed if BY_NAME[n].kind == "instant" and n != "received_at"]
    floor = received.copy()
    for name in [*(n for n in names if n not in IN_ORDER), *(n for n in IN_ORDER if n in names)]:
        stamp: Int64s = parsed[name]
        known = (stamp != ABSENT_MS) & (received != ABSENT_MS)
        least = floor if name in IN_ORDER else received
        wrong = known & ((stamp < least) | (stamp - received > STAMP_AFTER_MS_MAX))
        stamp[wrong] = ABSENT_MS
        count += int(wrong.sum())
        if name in IN_ORDER:
            floor = np.where(known & ~wrong, stamp, floor)
    return count


def _note(
    wrong: npt.NDArray[np.bool_], name: str, expected: str, stamp: Int64s, problems: Problems
) -> None:
    for row in np.flatnonzero(wrong).tolist():
        found = instant_text(stamp[row : row + 1])[0]
        problems.setdefault(row, Problem(name, "impossible time", expected, found))


def instant_text(stamps: Int64s) -> list[str]:
    """Return UTC milliseconds as RFC 3339 text; the empty text where nothing is known."""
    known = stamps != ABSENT_MS
    shown = np.where(known, stamps, 0).astype("datetime64[ms]")
    text: list[str] = np.char.add(np.datetime_as_string(shown, unit="ms"), "Z").tolist()
    if known.all():
        return text
    return [t if k else "" for t, k in zip(text, known.tolist(), strict=True)]
