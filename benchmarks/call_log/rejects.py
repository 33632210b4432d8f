"""Rows that could not be used: set aside in a file, with where, what was expected and found."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

KEPT_IN_MEMORY: Final = 100
FOUND_LENGTH_MAX: Final = 80


class Problem(msgspec.Struct, frozen=True, gc=False):
    """What is wrong with one row: the field, a short reason, what was expected and found."""

    field: str
    reason: str
    expected: str
    found: str


class Reject(msgspec.Struct, frozen=True, gc=False):
    """A row set aside; ``row`` counts as a spreadsheet does: the header is row 1."""

    file: str
    row: int
    field: str
    reason: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}" + (f", {self.field}" if self.field else "")
        return f"{where}: expected {self.expected}, was {self.found}"


class RejectSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows were set aside, why, and the first of them.

    ``reasons`` counts rows by (field, reason), most frequent first; ``path`` is the file that
    holds them all, None when none was asked for or none was needed.
    """

    count: int
    reasons: tuple[tuple[str, str, int], ...]
    first: tuple[Reject, ...]
    path: str | None = None


class Rejects:
    """Collects rows set aside; writes each to a CSV file, so that memory stays bounded.

    The file is created with the first row; a file of an earlier run is removed at the start, so
    that it never speaks of another log.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first: list[Reject] = []
        self.count = 0
        if path is not None:
            path.unlink(missing_ok=True)

    def add(self, file: str, row: int, problem: Problem) -> None:
        """Set one row aside."""
        found = printable(problem.found)
        reject = Reject(file, row, problem.field, problem.reason, problem.expected, found)
        self.count += 1
        self._counts[problem.field, problem.reason] += 1
        # The first of each reason is kept too, so that each has an example.
        if len(self._first) < KEPT_IN_MEMORY or self._counts[problem.field, problem.reason] == 1:
            self._first.append(reject)
        if self._path is not None:
            self._write(reject)

    def _write(self, reject: Reject) -> None:
        if self._file is None:
            assert self._path is not None
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file, lineterminator="\n").writerow(Reject.__struct_fields__)
        writer = csv.writer(self._file, lineterminator="\n")
        writer.writerow([getattr(reject, name) for name in Reject.__struct_fields__])

    def summary(self) -> RejectSummary:
        """Return the counts so far."""
        reasons = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return RejectSummary(
            count=self.count,
            reasons=tuple((field, reason, count) for (field, reason), count in reasons),
            first=tuple(self._first),
            path=str(self._path) if self.count and self._path is not None else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()


def printable(text: str) -> str:
    """Return text short and free of control characters, so that a report cannot be spoiled by it.

    A leading sign that a spreadsheet would run as a formula is quoted.
    """
    cut = text[:FOUND_LENGTH_MAX]
    shown = "".join(c if unicodedata.category(c)[0] != "C" else f"\\x{ord(c):02x}" for c in cut)
    if len(text) > FOUND_LENGTH_MAX:
        shown += f"… ({len(text):,} characters)"
    try:
        float(shown)
    except ValueError:
        return f"'{shown}" if shown[:1] in {"=", "+", "-", "@"} else shown
    return shown
