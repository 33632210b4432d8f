from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.store.lock import FileLock, LockedError
from api.store.sqlite import (
    Answer,
    BrokenStoreError,
    ForeignStoreError,
    JournalReader,
    SqliteStore,
    StoreError,
)
from dispatch.domain.event import TimerFired
from dispatch.journal import Entry, Header
from tests.dispatch.builders import NOON

HEADER = Header(engine="1", region="road", region_version="1", travel_version="straight-road")


def an_entry(seq: int) -> Entry:
    return Entry(seq, NOON + seq, TimerFired(timer=f"t{seq}", due_at_ms=NOON), ())


def filled(path: Path, count: int) -> None:
    store = SqliteStore(path)
    list(store.entries())
    store.begin_journal(HEADER)
    for seq in range(count):
        store.append(an_entry(seq))
    store.commit()
    store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


def test_a_new_store_is_empty_and_asks_for_full_flushes(store: SqliteStore) -> None:
    assert store.header() is None
    assert list(store.entries()) == []
    pragma = store._db.execute
    assert pragma("PRAGMA journal_mode").fetchone() == ("wal",)
    assert pragma("PRAGMA synchronous").fetchone() == (2,)
    strict = pragma("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    assert {row for row in strict if not row[0].startswith("sqlite_")} == {
        ("header", 1),
        ("event", 1),
        ("idempotency", 1),
    }


def test_what_was_committed_is_read_back_in_order(path: Path) -> None:
    filled(path, 5)
    store = SqliteStore(path)
    assert store.header() == HEADER
    assert list(store.entries()) == [an_entry(seq) for seq in range(5)]
    store.append(an_entry(5))
    store.commit()
    store.close()
    with JournalReader(path) as reader:
        assert [entry.seq for entry in reader.entries()] == list(range(6))


def test_what_was_not_committed_is_gone(path: Path) -> None:
    filled(path, 2)
    store = SqliteStore(path)
    list(store.entries())
    store.append(an_entry(2))
    store.close()
    store = SqliteStore(path)
    assert len(list(store.entries())) == 2
    store.append(an_entry(2))
    store.rollback()
    store.append(an_entry(2))
    store.commit()
    assert len(list(store.entries())) == 3
    store.close()


def test_a_key_is_recalled_with_its_answer_also_before_the_commit(store: SqliteStore) -> None:
    answer = Answer(201, b"{}", "application/problem+json")
    assert store.recall("k") is None
    store.remember("k", b"f", answer, NOON)
    known = store.recall("k")
    assert known is not None
    assert (known.fingerprint, known.answer) == (b"f", answer)
    store.rollback()
    assert store.recall("k") is None


def test_old_answers_are_forgotten_oldest_first_and_not_more_than_asked(store: SqliteStore) -> None:
    for i in range(4):
        store.remember(f"k{i}", b"f", Answer(200, b"{}"), NOON + i)
    store.commit()
    assert store.forget(NOON + 3, 2) == 2
    store.commit()
    assert store.recall("k0") is None
    assert store.recall("k2") is not None
    assert store.answers_kept() == 2


_T1_TO_T9 = "CAST(replace(CAST(entry AS TEXT), 't1', 't9') AS BLOB)"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (f"UPDATE event SET entry = {_T1_TO_T9} WHERE seq = 1", "was altered"),
        ("DELETE FROM event WHERE seq = 1", "entries are missing"),
        ("UPDATE event SET entry = x'00', chain = x'00' WHERE seq = 2", "was altered"),
        ("UPDATE header SET json = CAST(CAST(json AS TEXT) || ' ' AS BLOB)", "was altered"),
    ],
)
def test_tampering_is_found(path: Path, damage: str, words: str) -> None:
    filled(path, 3)
    with sqlite3.connect(path) as db:
        db.execute(damage)
    db.close()
    store = SqliteStore(path)
    with pytest.raises(BrokenStoreError, match=words):
        list(store.entries())
    store.close()
    with JournalReader(path) as reader, pytest.raises(BrokenStoreError, match=words):
        list(reader.entries())


def test_a_file_of_something_else_is_refused(path: Path) -> None:
    path.write_bytes(b"category;lat;lon\n" * 100)
    with pytest.raises(ForeignStoreError, match="to be a journal"):
        SqliteStore(path)
    with pytest.raises(ForeignStoreError, match="to be a journal"):
        JournalReader(path)


def test_another_database_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine(x)")
    db.close()
    with pytest.raises(ForeignStoreError, match="another SQLite file"):
        SqliteStore(path)
    with pytest.raises(ForeignStoreError, match="another SQLite file"):
        JournalReader(path)


def test_a_journal_of_another_form_is_refused(path: Path) -> None:
    filled(path, 1)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ForeignStoreError, match="form 1, was form 99"):
        SqliteStore(path)


def test_a_refused_file_is_not_kept_locked(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine(x)")
    db.close()
    for _ in range(2):
        with pytest.raises(ForeignStoreError):
            SqliteStore(path)


def test_a_truncated_file_is_refused(path: Path) -> None:
    filled(path, 400)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreError):
        list(SqliteStore(path).entries())


def test_a_missing_or_empty_journal_cannot_be_read(tmp_path: Path, path: Path) -> None:
    with pytest.raises(ForeignStoreError, match="no file"):
        JournalReader(tmp_path / "none.sqlite")
    SqliteStore(path).close()
    with JournalReader(path) as reader, pytest.raises(BrokenStoreError, match="an empty one"):
        reader.header()


def test_a_reader_sees_what_the_writer_has_committed(store: SqliteStore, path: Path) -> None:
    store.begin_journal(HEADER)
    store.append(an_entry(0))
    store.commit()
    store.append(an_entry(1))
    with JournalReader(path) as reader:
        assert [entry.seq for entry in reader.after(-1, 10)] == [0]
        store.commit()
        assert [entry.seq for entry in reader.after(-1, 10)] == [0, 1]
        assert [entry.seq for entry in reader.after(0, 10)] == [1]


def _try_to_lock(path: Path, found: multiprocessing.Queue[str]) -> None:
    try:
        FileLock(path).release()
        found.put("free")
    except LockedError:
        found.put("locked")


def test_a_second_process_is_kept_out_until_the_first_lets_go(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[str] = context.Queue()
    lock = FileLock(path)
    for expected in ("locked", "free"):
        other = context.Process(target=_try_to_lock, args=(path, found))
        other.start()
        assert found.get(timeout=60) == expected
        other.join()
        lock.release()


@pytest.mark.usefixtures("store")
def test_a_second_store_of_the_same_file_is_refused(path: Path) -> None:
    with pytest.raises(LockedError, match="only server"):
        SqliteStore(path)


def test_a_disk_without_room_is_an_error_of_the_store(store: SqliteStore) -> None:
    store.begin_journal(HEADER)
    store.append(an_entry(0))
    store.commit()
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for seq in range(1, 2_000):
            store.append(an_entry(seq))

    with pytest.raises(StoreError, match="full"):
        fill()
