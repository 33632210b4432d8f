"""Journals on disk: lines of JSON, gzipped when the name ends in .gz."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from dispatch.journal import BrokenJournalError, Chain, Entry, Header, read, to_line


def engine_version() -> str:
    """Return the version of this distribution."""
    try:
        return version("bluelight-dispatch")
    except PackageNotFoundError:
        return "unknown"


class JournalWriter:
    """Writes a journal; its footer is written when the block ends without an error.

    Equal entries give equal bytes: a gzipped file carries no name and no time.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self._path, self._header = path, header
        self._chain = Chain()
        self._stack = ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        file: IO[bytes] = self._stack.enter_context(self._path.open("wb"))
        if self._path.name.endswith(".gz"):
            packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0)
            file = cast("IO[bytes]", self._stack.enter_context(packed))
        file.write(to_line(self._header))
        self._file = file
        return self

    def write(self, entry: Entry) -> None:
        """Write one entry."""
        assert self._file is not None
        self._file.write(self._chain.add(to_line(entry)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._file is not None:
            self._file.write(to_line(self._chain.footer()))
        self._stack.close()


@contextmanager
def opened_journal(path: Path) -> Iterator[tuple[Header, Iterator[Entry]]]:
    """Open a journal: its header and its entries, checked as they pass.

    Raises
    ------
    BrokenJournalError
        When the file is not a journal, was altered or cut short; the message names file and line.
    """
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        lines: IO[bytes] = gzip.GzipFile(fileobj=plain) if packed else plain  # type: ignore[assignment]
        try:
            header, entries = read(lines)
            yield header, _named(entries, path)
        except (EOFError, gzip.BadGzipFile) as error:
            raise BrokenJournalError(f"{path}: expected a whole gzip file: {error}") from error
        except BrokenJournalError as error:
            if str(error).startswith(str(path)):
                raise
            raise BrokenJournalError(f"{path}: {error}") from error


def _named(entries: Iterator[Entry], path: Path) -> Iterator[Entry]:
    """Pass entries on; an error on the way names the file."""
    try:
        yield from entries
    except BrokenJournalError as error:
        raise BrokenJournalError(f"{path}: {error}") from error
