"""The journal in one SQLite file: written ahead, flushed before anything is acknowledged.

One connection writes, in one thread, and nothing else may: older SQLite (3.7.0 to 3.51.2) can
corrupt a write-ahead log that two connections write or checkpoint at once. Readers open the file
read-only.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import msgspec

from api.store.lock import FileLock
from dispatch.journal import Entry, Header, entry_of, to_line

APPLICATION_ID: Final = 0x424C5545
"""Marks our files among all SQLite files ("BLUE")."""

SCHEMA: Final = 1

_TABLES: Final = """
CREATE TABLE header(
    only INTEGER PRIMARY KEY CHECK (only = 1),
    json BLOB NOT NULL
) STRICT;
CREATE TABLE event(
    seq INTEGER PRIMARY KEY,
    now_ms INTEGER NOT NULL,
    entry BLOB NOT NULL,
    chain BLOB NOT NULL
) STRICT;
CREATE TABLE idempotency(
    key TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency(at_ms);
"""

_HEADER: Final = msgspec.json.Decoder(Header)


class StoreError(RuntimeError):
    """The journal cannot be read or written; nothing may be acknowledged any more."""


class ForeignStoreError(StoreError):
    """The file is not a journal of this program, or of another version of its form."""


class BrokenStoreError(StoreError):
    """The journal is damaged or was altered; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with: kept beside its events, to be given again."""

    status: int
    body: bytes
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The answer that a key was given, and what the request looked like."""

    fingerprint: bytes
    answer: Answer


class SqliteStore:
    """The one writer of a journal. Use it from one thread at a time.

    Raises
    ------
    LockedError
        When another process has the file open as its writer.
    ForeignStoreError
        When the file is something else, or of another version.
    BrokenStoreError
        When SQLite finds the file damaged.
    StoreError
        When the file cannot be opened, or not with the durability that is needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path)
        try:
            self._db = _opened(path)
        except BaseException:
            self._lock.release()
            raise
        self._chain = b""
        self._committed_chain = b""
        self.appended = 0
        """Entries appended since the store was opened, committed or not."""

    # -- reading ---------------------------------------------------------------------------

    def header(self) -> Header | None:
        """Return the journal's header; None when nothing was written yet."""
        row = self._db.execute("SELECT json FROM header").fetchone()
        return None if row is None else _HEADER.decode(row[0])

    def entries(self) -> Iterator[Entry]:
        """Return every entry in order, checking number and chain as they pass; then go on from it.

        Raises
        ------
        BrokenStoreError
            When an entry is missing, altered or cannot be read.
        """
        for entry, chain in _checked_rows(self._db):
            self._chain = self._committed_chain = chain
            yield entry

    def recall(self, key: str) -> Remembered | None:
        """Return what a key was answered with, also within the transaction that goes on."""
        row = self._db.execute(
            "SELECT fingerprint, status, body, media_type FROM idempotency WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        return Remembered(fingerprint=row[0], answer=Answer(row[1], row[2], row[3]))

    # -- writing ---------------------------------------------------------------------------

    def begin_journal(self, header: Header) -> None:
        """Write the header of a new journal, in the transaction of its first entry."""
        self._begin()
        line = to_line(header)
        self._write("INSERT INTO header(only, json) VALUES (1, ?)", (line,))
        self._chain = hashlib.sha256(line).digest()

    def append(self, entry: Entry) -> None:
        """Add an entry to the transaction that goes on; it is durable after `commit`.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        self._begin()
        line = to_line(entry)
        chain = hashlib.sha256(self._chain + line).digest()
        self._write(
            "INSERT INTO event(seq, now_ms, entry, chain) VALUES (?, ?, ?, ?)",
            (entry.seq, entry.now_ms, line, chain),
        )
        self._chain = chain
        self.appended += 1

    def remember(self, key: str, fingerprint: bytes, answer: Answer, at_ms: int) -> None:
        """Keep an answer beside the events that it tells of, in the same transaction."""
        self._begin()
        self._write(
            "INSERT INTO idempotency(key, at_ms, fingerprint, status, media_type, body) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (key, at_ms, fingerprint, answer.status, answer.media_type, answer.body),
        )

    def forget(self, before_ms: int, rows_max: int) -> int:
        """Drop answers older than a time, at most so many; return how many were dropped."""
        self._begin()
        cursor = self._write(
            "DELETE FROM idempotency WHERE key IN "
            "(SELECT key FROM idempotency WHERE at_ms < ? ORDER BY at_ms LIMIT ?)",
            (before_ms, rows_max),
        )
        return cursor.rowcount

    def commit(self) -> None:
        """Flush what was added to disk; when this returns, it survives a crash.

        Raises
        ------
        StoreError
            When the flush fails; nothing of the transaction may be acknowledged.
        """
        if not self._db.in_transaction:
            return
        self._write("COMMIT", ())
        self._committed_chain = self._chain

    def rollback(self) -> None:
        """Forget what was added since the last commit."""
        self._chain = self._committed_chain
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file, dropping what was not committed, and let another process have it."""
        with contextlib.suppress(sqlite3.Error):
            self.rollback()
        try:
            self._db.close()
        finally:
            self._lock.release()

    # -- housekeeping ----------------------------------------------------------------------

    def answers_kept(self) -> int:
        """Return how many answers are kept for repeated requests."""
        return int(self._db.execute("SELECT count(*) FROM idempotency").fetchone()[0])

    def free_bytes(self) -> int:
        """Return the free space of the disk that holds the journal."""
        return shutil.disk_usage(self.path.parent).free

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._write("BEGIN IMMEDIATE", ())

    def _write(self, sql: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(f"The journal {self.path} cannot be written: {error}.") from error


# -- opening ---------------------------------------------------------------------------------


def _opened(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    except sqlite3.Error as error:
        raise StoreError(f"Cannot open {path}: {error}.") from error
    try:
        _check_ours(db, path)
        _make_durable(db, path)
        _check_whole(db, path)
    except sqlite3.DatabaseError as error:
        db.close()
        if "not a database" in str(error):
            raise ForeignStoreError(f"Expected {path} to be a journal, was another file.") from None
        raise StoreError(f"Cannot open {path}: {error}.") from error
    except BaseException:
        db.close()
        raise
    return db


def _check_ours(db: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file; refuse a file that is not ours or of another version."""
    application = db.execute("PRAGMA application_id").fetchone()[0]
    is_empty = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application == 0 and is_empty:
        db.executescript(
            f"PRAGMA journal_mode = WAL; BEGIN; {_TABLES}"
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}; COMMIT;"
        )
        return
    if application != APPLICATION_ID:
        raise ForeignStoreError(f"Expected {path} to be a journal, was another SQLite file.")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA:
        raise ForeignStoreError(f"Expected {path} in form {SCHEMA}, was form {version}.")


def _make_durable(db: sqlite3.Connection, path: Path) -> None:
    """Ask for a flush at each commit and check that it was granted."""
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    for setting in ("synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON"):
        db.execute(f"PRAGMA {setting}")
    db.execute("PRAGMA mmap_size = 0")
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    synchronous = db.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or synchronous != 2:
        raise StoreError(
            f"Expected {path} to keep a write-ahead log with full flushes, "
            f"was journal_mode {mode} and synchronous {synchronous}."
        )


def _check_whole(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise BrokenStoreError(f"Expected {path} to be whole, but SQLite finds: {found}.")


def _checked_rows(db: sqlite3.Connection) -> Iterator[tuple[Entry, bytes]]:
    header = db.execute("SELECT json FROM header").fetchone()
    if header is None:
        return
    chain = hashlib.sha256(header[0]).digest()
    rows = db.execute("SELECT seq, entry, chain FROM event ORDER BY seq")
    for expected, (seq, line, stored) in enumerate(rows):
        if seq != expected:
            raise BrokenStoreError(f"Expected entry {expected}, was {seq}: entries are missing.")
        chain = hashlib.sha256(chain + line).digest()
        if chain != stored:
            raise BrokenStoreError(
                f"Entry {seq}: its digest does not fit, the journal was altered."
            )
        entry = entry_of(line)
        if entry.seq != seq:
            raise BrokenStoreError(f"Entry {seq} calls itself {entry.seq}.")
        yield entry, chain


# -- reading beside the writer ---------------------------------------------------------------


class JournalReader:
    """Reads a journal while its server writes it, or after it. Closed by `close` or ``with``."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ForeignStoreError(f"Expected a journal at {path}, was no file.")
        self.path = path
        try:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
            self._db.execute("PRAGMA query_only = ON")
            application = self._db.execute("PRAGMA application_id").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise ForeignStoreError(f"Expected {path} to be a journal: {error}.") from error
        if application != APPLICATION_ID:
            raise ForeignStoreError(f"Expected {path} to be a journal, was another SQLite file.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def header(self) -> Header:
        """Return the journal's header.

        Raises
        ------
        BrokenStoreError
            When there is none.
        """
        row = self._db.execute("SELECT json FROM header").fetchone()
        if row is None:
            raise BrokenStoreError(f"Expected a journal in {self.path}, was an empty one.")
        return _HEADER.decode(row[0])

    def entries(self) -> Iterator[Entry]:
        """Return every entry in order, checked as `SqliteStore.entries` does."""
        for entry, _ in _checked_rows(self._db):
            yield entry

    def after(self, seq: int, rows_max: int) -> list[Entry]:
        """Return the entries that follow one, at most so many, in order."""
        rows = self._db.execute(
            "SELECT entry FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (seq, rows_max)
        )
        return [entry_of(line) for (line,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
