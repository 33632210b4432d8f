"""From columns of text to columns of numbers, instants and words; each bad cell says why."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.rejects import Problem
from benchmarks.call_log.schema import ABSENT_MS, EARLIEST_MS, LATEST_MS, Column

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Problems = dict[int, Problem]
"""The first thing wrong with each bad row of a chunk, by its index in the chunk."""

ID_LENGTH_MAX: Final = 200
WORD_LENGTH_MAX: Final = 200
_RFC_3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})"
)
_NAIVE: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?")
_INSTANT_LENGTHS: Final = {20, 24}
_FLAGS: Final = {
    "true": 1.0,
    "false": 0.0,
    "1": 1.0,
    "0": 0.0,
    "yes": 1.0,
    "no": 0.0,
}


def instants(cells: Sequence[str], column: Column, problems: Problems) -> Int64s:
    """Return UTC milliseconds; `ABSENT_MS` where a cell is empty or bad."""
    values = _plain_instants(cells)
    if values is None:
        read = _each(cells, _instant, column, problems)
        values = np.array([ABSENT_MS if v is None else int(v) for v in read], dtype=np.int64)
    known = values != ABSENT_MS
    wild = known & ((values < EARLIEST_MS) | (values > LATEST_MS))
    for row in np.flatnonzero(wild).tolist():
        expected = "an instant from 1990 to 2100"
        problem = Problem(column.name, "impossible time", expected, cells[row])
        problems.setdefault(row, problem)
    _demand(~known, column, problems)
    return values


def _plain_instants(cells: Sequence[str]) -> Int64s | None:
    """Return instants that all look like ``2026-03-01T00:00:00.000Z``, the fast way; else None."""
    if not cells or len(cells[0]) not in _INSTANT_LENGTHS:
        return None
    length = len(cells[0])
    if any(len(cell) != length or cell[-1] != "Z" or cell[10] != "T" for cell in cells):
        return None
    try:
        stamps = np.array([cell[:-1] for cell in cells], dtype="datetime64[ms]")
    except ValueError:
        return None
    return stamps.astype(np.int64)


def _instant(text: str) -> int | str:
    """Return UTC milliseconds, or what was expected."""
    if _RFC_3339.fullmatch(text) is None:
        if _NAIVE.fullmatch(text):
            return "an RFC 3339 instant with its offset (Z or +01:00)"
        return "an RFC 3339 instant such as 2026-03-01T08:15:00Z"
    try:
        moment = datetime.fromisoformat(text.upper().replace(" ", "T"))
    except ValueError:
        return "a date and time that exist"
    return (moment - _EPOCH) // _MILLISECOND


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def numbers(cells: Sequence[str], column: Column, problems: Problems) -> Float64s:
    """Return numbers within the limits of their column; NaN where a cell is empty or bad."""
    read = _flag if column.kind == "flag" else _number
    values = _plain_numbers(cells) if read is _number else None
    if values is None:
        values = np.array(_each(cells, read, column, problems), dtype=np.float64)
    empty = np.isnan(values)
    with np.errstate(invalid="ignore"):
        wild = (values < column.minimum) | (values > column.maximum)
    for row in np.flatnonzero(wild & ~empty).tolist() if read is _number else ():
        expected = f"a number from {column.minimum:g} to {column.maximum:g}"
        problems.setdefault(row, Problem(column.name, "out of range", expected, cells[row]))
    _demand(empty, column, problems)
    return values


def _plain_numbers(cells: Sequence[str]) -> Float64s | None:
    """Return numbers that all read as such or are empty, the fast way; else None."""
    try:
        values = np.array([float(cell) if cell else math.nan for cell in cells], dtype=np.float64)
    except ValueError:
        return None
    # The words nan and inf, and 1_000, are numbers to Python; a log does not mean them.
    text = "".join(cells).lower()
    return None if "n" in text or "_" in text else values


def _number(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return "a number"
    if not math.isfinite(value):
        return "a finite number"
    return "a number" if "_" in text else value


def _flag(text: str) -> float | str:
    value = _FLAGS.get(text.lower())
    return "true or false" if value is None else value


def words(cells: Sequence[str], column: Column, problems: Problems) -> list[str]:
    """Return words without surrounding space; the empty word where a cell is empty or bad."""
    found = [cell.strip() for cell in cells]
    allowed = set(column.words)
    for word in set(found):
        expected = _word_fault(word, column, allowed)
        if expected is None:
            continue
        reason = "unknown word" if allowed and word else "missing" if not word else "too long"
        for row in [i for i, cell in enumerate(found) if cell == word]:
            problems.setdefault(row, Problem(column.name, reason, expected, word or "nothing"))
            found[row] = ""
    return found


def _word_fault(word: str, column: Column, allowed: set[str]) -> str | None:
    if not word:
        return "a value" if column.required else None
    if allowed and word not in allowed:
        return "one of " + ", ".join(column.words)
    if len(word) > WORD_LENGTH_MAX:
        return f"at most {WORD_LENGTH_MAX} characters"
    return None


def ids(cells: Sequence[str], column: Column, problems: Problems) -> list[str]:
    """Return identifiers; an empty, long or unprintable one is a problem."""
    found = [cell.strip() for cell in cells]
    for row, name in enumerate(found):
        if not name:
            problems.setdefault(row, Problem(column.name, "missing", "an identifier", "nothing"))
        elif len(name) > ID_LENGTH_MAX or not name.isprintable():
            expected = f"at most {ID_LENGTH_MAX} printable characters"
            problems.setdefault(row, Problem(column.name, "bad identifier", expected, name))
    return found


def _each(
    cells: Sequence[str],
    read: Callable[[str], float | str],
    column: Column,
    problems: Problems,
) -> list[float | None]:
    """Read cell by cell; None where a cell is empty or bad, noting what was expected."""
    values: list[float | None] = []
    for row, cell in enumerate(cells):
        text = cell.strip()
        value = read(text) if text else None
        if isinstance(value, str):
            problem = Problem(column.name, "not readable", value, cell)
            problems.setdefault(row, problem)
            value = None
        values.append(value)
    return values


def _demand(empty: npt.NDArray[np.bool_], column: Column, problems: Problems) -> None:
    """Note the empty cells of a required column."""
    if column.required:
        for row in np.flatnonzero(empty).tolist():
            problem = Problem(column.name, "missing", "a value", "nothing")
            problems.setdefault(row, problem)
