"""A call log in memory: columns in order of time, with a version of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.columns import Ids, Int64s, Words
from benchmarks.call_log.schema import (
    ABSENT_MS,
    BY_NAME,
    COLUMNS,
    DEGREE_DECIMALS,
    INSTANTS,
    NUMBERS,
    SECOND_DECIMALS,
    WORDS,
    Call,
)
from dispatch.domain.category import Category, Segment
from dispatch.domain.incident import Outcome, Pathway

Float64s = npt.NDArray[np.float64]

_AT_ONCE: Final = 8_192


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CallLog:
    """Incidents in order of (``received_at_ms``, ``incident_id``), a column an array.

    Attributes
    ----------
    incident_id
        Unique names.
    received_at_ms
        Call connect, UTC milliseconds, int64[n].
    lon, lat
        Scene in WGS84 degrees, rounded to 7 decimals, float64[n].
    category
        Category after triage, never empty.
    words
        Optional columns of words by name (see `schema.WORDS`); a column that is empty throughout
        is left out.
    numbers
        Optional columns of numbers and flags by name (see `schema.NUMBERS`), float64[n] with NaN
        where nothing is known; flags are 1.0 and 0.0. Left out when NaN throughout.
    instants
        Optional columns of instants by their name in files (see `schema.INSTANTS`), UTC
        milliseconds, int64[n] with `schema.ABSENT_MS` where nothing is known.
    sha256
        Version of the content in hexadecimal: equal for equal incidents, whichever file format
        they came from.
    """

    incident_id: Ids
    received_at_ms: Int64s
    lon: Float64s
    lat: Float64s
    category: Words
    words: Mapping[str, Words]
    numbers: Mapping[str, Float64s]
    instants: Mapping[str, Int64s]
    sha256: str

    def __len__(self) -> int:
        return len(self.received_at_ms)

    def __getitem__(self, row: int) -> Call:
        """Return one incident."""
        return next(self.calls(row, row + 1))

    def __iter__(self) -> Iterator[Call]:
        return self.calls()

    def calls(self, start: int = 0, stop: int | None = None) -> Iterator[Call]:
        """Yield incidents in order, from row ``start`` up to row ``stop``."""
        end = len(self) if stop is None else min(stop, len(self))
        if start < 0 or start > end:
            raise IndexError(f"Expected rows within {len(self)}, was {start} to {stop}.")
        for first in range(start, end, _AT_ONCE):
            yield from self._calls(slice(first, min(first + _AT_ONCE, end)))

    def _calls(self, part: slice) -> Iterator[Call]:
        columns = [
            self.incident_id[part],
            self.received_at_ms[part].tolist(),
            self.lon[part].tolist(),
            self.lat[part].tolist(),
            _enumerated(self.category, part, Category),
        ]
        optional = (_optional(self, column.name, part) for column in COLUMNS[len(columns) :])
        return map(Call, *columns, *optional)

    def taken(self, rows: Int64s) -> CallLog:
        """Return the log of the given rows (indices, any order, each at most once)."""
        return assembled(taken(self.columns(), rows))

    def to_arrow(self) -> Any:
        """Return a pyarrow table with the columns of a file; nothing known is null."""
        from benchmarks.call_log.frame import arrow_table

        return arrow_table(self)

    def to_pandas(self) -> Any:
        """Return a pandas frame; needs pandas."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return a polars frame; needs polars."""
        import polars as pl

        return pl.from_arrow(self.to_arrow())

    def __repr__(self) -> str:
        """Return what it is in a line: all that it holds would fill the terminal."""
        if not len(self):
            return "CallLog(no incidents)"
        from benchmarks.call_log.gathering import instant_text

        first, last = instant_text(self.received_at_ms[[0, -1]])
        return f"CallLog({len(self)} incidents, {first} to {last})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: how many incidents, from when to when, of which kind."""
        from benchmarks.call_log.frame import shown

        return shown(self)

    def columns(self) -> dict[str, Any]:
        """Return all columns by their names in files, in the form that `assembled` takes."""
        return {
            "incident_id": self.incident_id,
            "received_at": self.received_at_ms,
            "lon": self.lon,
            "lat": self.lat,
            "category": self.category,
            **self.words,
            **self.numbers,
            **self.instants,
        }


_ENUMERATED: Final = {"segment": Segment, "pathway": Pathway, "outcome": Outcome}


def _enumerated(column: Words, part: slice, kind: type) -> list[object]:
    values = [kind(word) if word else None for word in column.vocabulary]
    return [values[code] for code in column.code[part].tolist()]


def _optional(log: CallLog, name: str, part: slice) -> object:
    """Return the values of an optional column in a part of the log, None where unknown."""
    if name in log.words:
        if name in _ENUMERATED:
            return _enumerated(log.words[name], part, _ENUMERATED[name])
        return _enumerated(log.words[name], part, str)
    if name in log.numbers:
        values = log.numbers[name][part].tolist()
        known = _KINDS.get(name, float)
        # NaN is the one number that differs from itself.
        return [known(v) if v == v else None for v in values]  # noqa: PLR0124
    if name in log.instants:
        return [v if v != ABSENT_MS else None for v in log.instants[name][part].tolist()]
    return repeat(None)


_KINDS: Final[Mapping[str, type]] = {"frail": bool, "responders_needed": int}


def assembled(columns: Mapping[str, Any]) -> CallLog:
    """Return a log from columns by their names in files, in any order of rows.

    Rounds coordinates and numbers, sorts, leaves empty columns out, and computes the version.

    Parameters
    ----------
    columns
        ``incident_id`` as `Ids`, words as `Words`, ``received_at`` and other instants as int64
        UTC milliseconds, degrees, numbers and flags as float64. The required ones must be there.

    Raises
    ------
    ValueError
        When the columns differ in length.
    """
    received_at_ms: Int64s = columns["received_at"]
    for name, column in columns.items():
        if len(column) != len(received_at_ms):
            raise ValueError(f"Expected {len(received_at_ms)} rows of {name}, was {len(column)}.")
    order = _order(received_at_ms, columns["incident_id"])
    ordered = columns if order is None else taken(columns, order)
    log = CallLog(
        incident_id=ordered["incident_id"],
        received_at_ms=ordered["received_at"],
        # Adding zero turns -0.0 into 0.0: equal places are equal bytes.
        lon=np.round(ordered["lon"], DEGREE_DECIMALS) + 0.0,
        lat=np.round(ordered["lat"], DEGREE_DECIMALS) + 0.0,
        category=ordered["category"],
        words={k: ordered[k] for k in WORDS if k in ordered and ordered[k].code.any()},
        numbers={
            k: np.round(ordered[k], SECOND_DECIMALS)
            for k in NUMBERS
            if k in ordered and not np.isnan(ordered[k]).all()
        },
        instants={
            k: ordered[k] for k in INSTANTS if k in ordered and (ordered[k] != ABSENT_MS).any()
        },
        sha256="",
    )
    return replace(log, sha256=_version(log))


def joined(logs: Sequence[CallLog]) -> CallLog:
    """Return one log of the incidents of several; a column that one lacks is unknown there.

    Raises
    ------
    ValueError
        When an identifier occurs twice.
    """
    parts = [log.columns() for log in logs]
    names = dict.fromkeys(name for part in parts for name in part)
    columns = {
        name: _joined(name, [part.get(name) for part in parts], [len(log) for log in logs])
        for name in names
    }
    whole = assembled(columns)
    ids = whole.incident_id[:]
    if len(set(ids)) != len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise ValueError(f"Expected each incident once in the joined logs, was twice: {twice}.")
    return whole


def _joined(name: str, parts: Sequence[Any], lengths: Sequence[int]) -> Any:
    kind = BY_NAME[name].kind
    if kind == "id":
        return Ids.joined(parts)
    pairs = list(zip(parts, lengths, strict=True))
    if kind == "word":
        return Words.of(word for p, n in pairs for word in (repeat(None, n) if p is None else p))
    absent = ABSENT_MS if kind == "instant" else np.nan
    return np.concatenate([np.full(n, absent) if p is None else p for p, n in pairs])


def taken(columns: Mapping[str, Any], rows: Int64s) -> dict[str, Any]:
    """Return the given rows of each column, in their order."""
    return {
        name: column.taken(rows) if isinstance(column, (Ids, Words)) else column[rows]
        for name, column in columns.items()
    }


def _order(received_at_ms: Int64s, incident_id: Ids) -> Int64s | None:
    """Return the order by (instant, identifier), or None when the rows have it already."""
    step = np.diff(received_at_ms)
    if (step > 0).all():
        return None
    order = np.argsort(received_at_ms, kind="stable")
    ties = np.flatnonzero(np.diff(received_at_ms[order]) == 0)
    # Runs of equal instants are short; each is put into the order of its identifiers.
    runs = np.split(ties, np.flatnonzero(np.diff(ties) > 1) + 1) if len(ties) else []
    for run in runs:
        part = slice(int(run[0]), int(run[-1]) + 2)
        order[part] = sorted(order[part].tolist(), key=lambda row: incident_id[row])
    return order


def _version(log: CallLog) -> str:
    """Return the SHA-256 of the content, in fixed units and one order of columns."""
    digest = hashlib.sha256(b"bluelight call log 1\n")
    _feed(digest, "incident_id", log.incident_id)
    _feed(digest, "received_at_ms", log.received_at_ms)
    _feed(digest, "lon", log.lon)
    _feed(digest, "lat", log.lat)
    _feed(digest, "category", log.category)
    for group in (log.words, log.numbers, log.instants):
        for name, column in group.items():
            _feed(digest, name, column)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, name: str, column: object) -> None:
    digest.update(f"\n{name}\n".encode())
    if isinstance(column, Ids):
        digest.update(column.end.astype("<i8").tobytes())
        digest.update(column.blob)
    elif isinstance(column, Words):
        digest.update("\n".join(column.vocabulary).encode())
        digest.update(column.code.astype("<i4").tobytes())
    elif isinstance(column, np.ndarray) and column.dtype == np.float64:
        # Whole units of the last decimal kept: text and binary files give the same ones.
        scale = 10**DEGREE_DECIMALS
        known = np.where(np.isnan(column), -1e11, column)
        digest.update(np.rint(known * scale).astype("<i8").tobytes())
    else:
        digest.update(np.asarray(column).astype("<i8").tobytes())
