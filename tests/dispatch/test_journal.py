from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dispatch.domain.category import Category
from dispatch.journal import BrokenJournalError, Chain, Header, entry_of, read, to_line
from tests.dispatch.builders import ControlRoom

HEADER = Header(engine="0", region="road", region_version="1", travel_version="straight-road")


def a_journal() -> list[bytes]:
    room = ControlRoom()
    room.sign_on("A", 3)
    room.report("i", Category.C1)
    room.report("j", Category.C2)
    chain = Chain()
    lines = [chain.add(to_line(entry)) for entry in room.entries]
    return [to_line(HEADER), *lines, to_line(chain.footer())]


def test_an_entry_comes_back_from_its_line() -> None:
    room = ControlRoom()
    room.sign_on("A", 3)
    room.report("i", Category.C1)
    assert [entry_of(to_line(entry)) for entry in room.entries] == room.entries


def test_a_whole_journal_reads() -> None:
    header, entries = read(a_journal())
    assert header == HEADER
    assert [entry.seq for entry in entries] == [0, 1, 2, 3]


def test_a_header_tells_seed_and_log_and_one_of_before_has_none() -> None:
    told = Header(
        engine="0",
        region="road",
        region_version="1",
        travel_version="t",
        seed=7,
        log_sha256="ab",
    )
    header, _ = read([to_line(told), *a_journal()[1:]])
    assert (header.seed, header.log_sha256) == (7, "ab")
    old = b'{"format":1,"engine":"0","region":"r","region_version":"1","travel_version":"t"}\n'
    header, _ = read([old, *a_journal()[1:]])
    assert (header.seed, header.log_sha256) == (None, None)


def altered(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"i"', b'"x"') for line in lines]


def other_format(lines: list[bytes]) -> list[bytes]:
    return [to_line(msgspec.structs.replace(HEADER, format=99)), *lines[1:]]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: lines[:-1], "truncated"),
        (lambda lines: lines[:2] + lines[3:], "Line 3: expected entry 1, was 2"),
        (lambda lines: [*lines[:2], lines[2][:40], *lines[3:]], "Line 3: expected an entry"),
        (altered, "was altered"),
        (other_format, "expected journal format 1, was 99"),
        (lambda lines: [b"PK\x03\x04", *lines], "Line 1: expected a journal header"),
        (lambda lines: [*lines, b"more"], "expected the end"),
    ],
)
def test_damage_is_named_with_its_line(damage: Any, message: str) -> None:
    with pytest.raises(BrokenJournalError, match=message):
        list(read(damage(a_journal()))[1])
