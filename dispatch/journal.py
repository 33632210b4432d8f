"""The journal: what happened, what was decided, in order; to and from lines of JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from dispatch.domain.decision import Decision
from dispatch.domain.event import Event

FORMAT: Final = 1
"""Version of the journal's form; a reader refuses another."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a journal: what must be the same for a replay to agree."""

    format: int = FORMAT
    engine: str
    """Version of the distribution that wrote the journal."""
    region: str
    region_version: str
    travel_version: str
    seed: int | None = None
    """Seed of the simulated world; None where the journal is of no simulation."""
    log_sha256: str | None = None
    """Version of the call log that was replayed; None where there was none."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One step: the event, when it was handled, and every decision that followed."""

    seq: int
    now_ms: int
    event: Event
    decisions: tuple[Decision, ...]


class Footer(msgspec.Struct, frozen=True, kw_only=True):
    """The last line: how many entries there are and what they hash to, so that loss is seen."""

    entries: int
    sha256: str


class BrokenJournalError(ValueError):
    """A journal is truncated, altered, or of another form; the message names the line."""


_ENCODER: Final = msgspec.json.Encoder()
_ENTRY: Final = msgspec.json.Decoder(Entry)
_HEADER: Final = msgspec.json.Decoder(Header)
_FOOTER: Final = msgspec.json.Decoder(Footer)


def to_line(row: Header | Entry | Footer) -> bytes:
    """Return a row as one line of JSON with its newline."""
    return _ENCODER.encode(row) + b"\n"


def entry_of(line: bytes) -> Entry:
    """Return the entry of a line.

    Raises
    ------
    BrokenJournalError
        When the line is not an entry of this format.
    """
    try:
        return _ENTRY.decode(line)
    except msgspec.DecodeError as error:
        raise BrokenJournalError(
            f"Expected a journal entry, was something else: {error}"
        ) from error


class Chain:
    """A running digest of lines: each line is bound to all before it."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self.entries = 0

    def add(self, line: bytes) -> bytes:
        """Take one more entry's line into the digest and return the line."""
        self._sha.update(line)
        self.entries += 1
        return line

    def footer(self) -> Footer:
        """Return the footer that seals what was added."""
        return Footer(entries=self.entries, sha256=self._sha.hexdigest())


def read(lines: Iterable[bytes]) -> tuple[Header, Iterator[Entry]]:
    """Return a journal's header and its entries, checking order, number and digest as they pass.

    Raises
    ------
    BrokenJournalError
        When the header is missing or of another format; while iterating, when a line cannot be
        read, is out of order, or the footer is missing or disagrees.
    """
    rows = iter(lines)
    first = next(rows, b"")
    try:
        header = _HEADER.decode(first)
    except msgspec.DecodeError as error:
        raise BrokenJournalError(f"Line 1: expected a journal header: {error}") from error
    if header.format != FORMAT:
        raise BrokenJournalError(f"Line 1: expected journal format {FORMAT}, was {header.format}.")
    return header, _entries(rows)


def _entries(rows: Iterator[bytes]) -> Iterator[Entry]:
    chain = Chain()
    for number, line in enumerate(rows, start=2):
        if line.startswith(b'{"entries":'):
            _check_footer(line, number, chain)
            if next(rows, None) is not None:
                raise BrokenJournalError(f"Line {number + 1}: expected the end of the journal.")
            return
        try:
            entry = _ENTRY.decode(line)
        except msgspec.DecodeError as error:
            raise BrokenJournalError(f"Line {number}: expected an entry: {error}") from error
        if entry.seq != chain.entries:
            raise BrokenJournalError(
                f"Line {number}: expected entry {chain.entries}, was {entry.seq}."
            )
        chain.add(line)
        yield entry
    raise BrokenJournalError(
        f"Expected a footer after {chain.entries} entries, but the journal ends: it is truncated."
    )


def _check_footer(line: bytes, number: int, chain: Chain) -> None:
    try:
        footer = _FOOTER.decode(line)
    except msgspec.DecodeError as error:
        raise BrokenJournalError(f"Line {number}: expected a footer: {error}") from error
    if footer != chain.footer():
        raise BrokenJournalError(
            f"Line {number}: expected digest {footer.sha256[:12]}… over {footer.entries} entries, "
            f"was {chain.footer().sha256[:12]}… over {chain.entries}: the journal was altered."
        )
