"""The live stream of entries: each is encoded once, and its bytes are shared by all who listen.

A listener holds nothing but the number of the last entry that it was sent. One that falls behind
what is kept in memory is served from the journal, and one that is further behind still, or comes
from another journal, is told to start afresh: it never holds up anybody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.desk import Desk
from api.scenes import entry_view, kept_view
from api.store.sqlite import JournalReader
from api.views import EntryView
from dispatch.domain.wording import Directory
from dispatch.journal import Entry

BACK_MAX: Final = 20_000
"""How many entries a listener may catch up; beyond, a fresh picture is quicker."""

AT_ONCE: Final = 500
"""Entries sent in one piece."""

RETRY_MS: Final = 2_000
"""How long a browser waits before it connects again."""

_log = logging.getLogger("bluelight")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it goes out: its number and its JSON."""

    seq: int
    json: bytes

    @property
    def frame(self) -> bytes:
        """The entry as a server-sent event."""
        return b"id: %d\nevent: entry\ndata: %b\n\n" % (self.seq, self.json)


def lines_of(desk: Desk, entries: Iterable[Entry]) -> list[Line]:
    """Return entries encoded, on the desk's thread; one that cannot be is logged and left out."""
    lines = []
    for entry in entries:
        try:
            lines.append(_line(kept_view(desk, entry)))
        except Exception:  # noqa: BLE001 - the entry stands, only its picture is missing
            _log.exception("Entry %d could not be shown.", entry.seq)
            lines.append(Line(entry.seq, b'{"seq":%d}' % entry.seq))
    return lines


def _line(view: EntryView) -> Line:
    return Line(view.seq, view.encoded())


class Broadcast:
    """The latest lines, and a bell that rings when there are more. Used on the event loop."""

    def __init__(self, journal: Path, directory: Directory, *, kept: int, last_seq: int) -> None:
        self._journal = journal
        self._directory = directory
        self._kept = kept
        self._frames: dict[int, tuple[Line, bytes]] = {}
        self._bell = asyncio.Event()
        self.last_seq = last_seq
        self.is_closing = False
        self.listeners = 0

    def publish(self, lines: list[Line]) -> None:
        """Keep new lines and wake everybody who waits."""
        for line in lines:
            self._frames[line.seq] = (line, line.frame)
            self._frames.pop(line.seq - self._kept, None)
            self.last_seq = line.seq
        self._ring()

    def close(self) -> None:
        """Let every listener go."""
        self.is_closing = True
        self._ring()

    def _ring(self) -> None:
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()

    async def wait(self, seq: int, seconds: float) -> bool:
        """Wait until there is more after an entry, or time is up; return whether there is more."""
        if self.last_seq > seq:
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), seconds)
        return self.last_seq > seq

    async def after(self, seq: int, most: int) -> list[Line] | None:
        """Return the lines that follow an entry; None when it is unknown or too far behind."""
        found = await self._frames_after(seq, most)
        return None if found is None else [line for line, _ in found]

    async def _frames_after(self, seq: int, most: int) -> list[tuple[Line, bytes]] | None:
        if seq > self.last_seq or seq < -1:
            return None
        if seq == self.last_seq:
            return []
        if seq + 1 in self._frames:
            end = min(seq + most, self.last_seq)
            return [self._frames[number] for number in range(seq + 1, end + 1)]
        if self.last_seq - seq > BACK_MAX:
            return None
        lines = await asyncio.to_thread(self._from_journal, seq, most)
        return [(line, line.frame) for line in lines]

    def _from_journal(self, seq: int, most: int) -> list[Line]:
        with JournalReader(self._journal) as reader:
            return [_line(entry_view(e, self._directory)) for e in reader.after(seq, most)]

    async def frames(self, after: int | None, heartbeat_s: float) -> AsyncIterator[bytes]:
        """Yield server-sent events: what follows an entry, then what comes, until closed.

        Without an entry to begin at, only what comes.
        """
        seq = self.last_seq if after is None else after
        self.listeners += 1
        try:
            yield b"retry: %d\n\n" % RETRY_MS
            while not self.is_closing:
                found = await self._frames_after(seq, AT_ONCE)
                if found is None:
                    seq = self.last_seq
                    yield b'id: %d\nevent: reset\ndata: {"seq":%d}\n\n' % (seq, seq)
                elif found:
                    seq = found[-1][0].seq
                    yield b"".join(frame for _, frame in found)
                elif not await self.wait(seq, heartbeat_s) and not self.is_closing:
                    yield b": still here\n\n"
        finally:
            self.listeners -= 1
