"""Read records of a CSV file line by line: bounded memory, and one bad record spoils no other."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from benchmarks.call_log.kinds import BROKEN, broken, demand_csv, opened, start_of
from benchmarks.call_log.rejects import Problem

WIDE_ENCODINGS: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf16"})
RECORD_BYTES_MAX: Final = 32 * 2**20
"""A longer record is a mistake (an unclosed quote, a binary file), and is set aside."""
_CELL_LENGTH: Final = csv.field_size_limit()

Record = tuple[int, list[str] | Problem]
"""Number of the record as a spreadsheet counts (the first is 1), and its cells or its fault."""


def records(
    path: Path, *, encoding: str = "utf-8", delimiter: str = ",", skip_lines: int = 0
) -> Iterator[Record]:
    """Yield the records of a CSV file, packed or not, the header first; empty lines are left out.

    Lines before the header, ``skip_lines`` of them, are counted and not yielded.

    A record may run over several lines inside quotes. A record that cannot be read (bad bytes,
    NUL, a quote that is never closed, over 32 MB) comes as a `Problem`, and reading goes on with
    the next line.

    Raises
    ------
    ValueError
        When the file is of another kind, or its compression is broken.
    FileNotFoundError
        When there is no such file.
    """
    with opened(path) as packed:
        file, encoding = _recoded(packed, encoding)
        demand_csv(path, start_of(path, file))
        lines = _Lines(file, path, encoding)
        form = _Form(encoding, delimiter)
        number = 0
        for raw in lines:
            number += 1
            if number <= skip_lines or raw.strip(b"\r\n \t") == b"":
                continue
            cells = _cells(raw, lines, form)
            if form.width == 0 and isinstance(cells, list):
                form.width = len(cells)
            yield number, cells


class _Form:
    """How text is written in a file; ``width`` is the number of cells of the header, once known."""

    __slots__ = ("delimiter", "encoding", "width")

    def __init__(self, encoding: str, delimiter: str) -> None:
        self.encoding, self.delimiter, self.width = encoding, delimiter, 0


class _Lines:
    """Physical lines of a file, some of which may be put back."""

    def __init__(self, file: IO[bytes], path: Path, encoding: str) -> None:
        self._file, self._path = file, path
        self._back: deque[bytes] = deque()
        self._mark = b"\xef\xbb\xbf" if encoding.lower().replace("_", "-") == "utf-8" else b""

    def __iter__(self) -> Iterator[bytes]:
        while line := self.next():
            yield line

    def next(self) -> bytes:
        """Return the next line with its end, or nothing at the end of the file."""
        if self._back:
            return self._back.popleft()
        try:
            line = self._file.readline(RECORD_BYTES_MAX + 1)
            if self._mark:
                line, self._mark = line.removeprefix(self._mark), b""
            if len(line) > RECORD_BYTES_MAX:
                while (rest := self._file.readline(RECORD_BYTES_MAX)) and rest[-1:] != b"\n":
                    pass
        except BROKEN as error:
            raise broken(self._path, error) from error
        return line

    def put_back(self, lines: list[bytes]) -> None:
        """Return lines that were read too far."""
        self._back.extendleft(reversed(lines))


def _recoded(file: IO[bytes], encoding: str) -> tuple[IO[bytes], str]:
    """Return a file whose lines end in single bytes: UTF-16 as UTF-8."""
    if encoding.lower().replace("_", "-") not in WIDE_ENCODINGS:
        return file, encoding
    recoded: IO[bytes] = codecs.EncodedFile(file, "utf-8", encoding)
    return recoded, "utf-8"


def _cells(raw: bytes, lines: _Lines, form: _Form) -> list[str] | Problem:
    if len(raw) > RECORD_BYTES_MAX:
        return Problem("", "record too long", "a record of at most 32 MB", "a longer one")
    if b"\0" in raw:
        return Problem("", "NUL byte", "text", "a NUL byte")
    try:
        text = raw.decode(form.encoding)
    except UnicodeDecodeError as error:
        bad = error.object[error.start : error.start + 4]
        return Problem("", "not in the encoding", f"text in {form.encoding}", repr(bad))
    if '"' not in text:
        return text.rstrip("\r\n").split(form.delimiter)
    cells = _parsed(text, form.delimiter, strict=True)
    if cells is None and text.count('"') % 2:
        cells = _continued(raw, lines, form)
    if cells is None:
        # Quotes in the wrong places: the line is taken as it stands, if it can be.
        cells = _parsed(text, form.delimiter, strict=False)
    if cells is None or (form.width and len(cells) != form.width and text.count('"') % 2):
        return Problem("", "quote not closed", 'a closing "', "none")
    return cells


def _continued(raw: bytes, lines: _Lines, form: _Form) -> list[str] | None:
    """Return the cells of a record that runs on over the next lines; None if it does not.

    The end is where the quotes are even in number and the cells are as many as in the header.
    Otherwise the lines are put back: they are records of their own.
    """
    taken: list[bytes] = []
    quotes, length = raw.count(b'"'), len(raw)
    while (more := lines.next()) and length + len(more) <= RECORD_BYTES_MAX:
        taken.append(more)
        length += len(more)
        quotes += more.count(b'"')
        if b'"' not in more or quotes % 2:
            continue
        try:
            text = (raw + b"".join(taken)).decode(form.encoding)
        except UnicodeDecodeError:
            break
        cells = _parsed(text, form.delimiter, strict=True)
        if cells is not None and form.width in {0, len(cells)}:
            return cells
        break
    else:
        taken += [more] if more else []
    lines.put_back(taken)
    return None


def _parsed(text: str, delimiter: str, *, strict: bool) -> list[str] | None:
    """Return the cells of one record, or None where its quotes do not fit."""
    try:
        if len(text) <= _CELL_LENGTH:
            return next(csv.reader([text], delimiter=delimiter, strict=strict))
        # The limit belongs to the whole process, so it is raised for this one record only.
        csv.field_size_limit(RECORD_BYTES_MAX)
        try:
            return next(csv.reader([text], delimiter=delimiter, strict=strict))
        finally:
            csv.field_size_limit(_CELL_LENGTH)
    except csv.Error:
        return None
