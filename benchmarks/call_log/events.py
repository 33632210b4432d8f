"""Logs with a row for each status of a unit: brought into a row for each unit, on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any, Final

from benchmarks.call_log.gathering import Chunk
from benchmarks.call_log.mapping import FileBlock
from benchmarks.call_log.rejects import Rejects
from benchmarks.call_log.row_store import ROWS_AT_ONCE, ROWS_TOGETHER_PER_MB, open_database
from benchmarks.call_log.source import Source, open_source

STATUSES_MAX: Final = 500
"""More different texts than this are no statuses."""


def open_mapped(
    path: Path,
    file: FileBlock,
    rejects: Rejects,
    *,
    wanted: Callable[[str], bool] | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
    rows_max: int | None = None,
    memory_mb: int = 512,
) -> Source:
    """Open a foreign file as its mapping says: a row for each incident or unit.

    Parameters
    ----------
    path, rejects, wanted, rows_at_once
        As for `open_source`.
    file
        How the file is written, and what a row of it is.
    rows_max
        Read no more rows of a file of events; None: all.
    memory_mb
        Memory for bringing events together; what is more goes to the disk.

    Raises
    ------
    ValueError
        When the file is broken or of another kind, or a column of ``file`` is missing in it.
    """
    is_of_events = file.one_row_per == "event"
    opened = open_source(
        path,
        rejects,
        wanted=None if is_of_events else wanted,
        rows_at_once=rows_at_once if rows_max is None else min(rows_at_once, rows_max),
        delimiter=file.delimiter,
        encoding=file.encoding,
        skip_lines=file.skip_lines,
        repeats=True,
    )
    if not is_of_events:
        return opened
    return _brought_together(opened, path, file, wanted, rows_max, memory_mb)


def _brought_together(
    opened: Source,
    path: Path,
    file: FileBlock,
    wanted: Callable[[str], bool] | None,
    rows_max: int | None,
    memory_mb: int,
) -> Source:
    assert file.unit is not None
    assert file.status is not None
    assert file.status_at is not None
    keys = [file.incident_id] if isinstance(file.incident_id, str) else [*(file.incident_id or ())]
    named = [*keys, file.unit, file.status, file.status_at]
    if missing := [name for name in named if name not in opened.names]:
        raise ValueError(
            f"Expected columns {', '.join(missing)} in {path}, as [file] of the mapping names "
            f"them, was {', '.join(opened.names)}."
        )
    others = [n for n in opened.names if n and n not in named and (wanted is None or wanted(n))]
    with ExitStack() as stack:
        connection = stack.enter_context(open_database(memory_mb))
        _load(connection, opened, [*named, *others], rows_max)
        statuses = _statuses(connection, file.status, path)
        columns = [s for s in statuses if s not in opened.names and (wanted is None or wanted(s))]
        queries = _queries(connection, keys, _query(keys, file, others, columns), memory_mb)
        chunks = _chunks(connection, queries, columns, [*keys, file.unit, *others, *columns])
        names = (*(n for n in opened.names if n not in {file.status, file.status_at}), *statuses)
        return Source((*names, file.status, file.status_at), _closing(chunks, stack.pop_all()))


def _closing(chunks: Iterator[Chunk], stack: ExitStack) -> Iterator[Chunk]:
    with stack:
        yield from chunks


def _load(connection: Any, opened: Source, names: Sequence[str], rows_max: int | None) -> None:
    """Put the rows into a table of texts, numbered as in the file."""
    import pyarrow as pa

    columns = ", ".join(f"{_quoted(name)} VARCHAR" for name in names)
    connection.execute(f"CREATE TABLE events (row_number BIGINT, {columns})")
    left = rows_max
    for chunk in opened.chunks:
        count = len(chunk.rows) if left is None else min(left, len(chunk.rows))
        arrays = [pa.array(list(chunk.rows[:count]), pa.int64())]
        arrays += [
            pa.array([t.strip() for t in chunk.columns[n][:count]], pa.string()) for n in names
        ]
        connection.register("piece", pa.Table.from_arrays(arrays, ["row_number", *names]))
        connection.execute("INSERT INTO events SELECT * FROM piece")
        connection.unregister("piece")
        left = None if left is None else left - count
        if left == 0:
            return


def _statuses(connection: Any, status: str, path: Path) -> list[str]:
    """Return the different statuses, those that come first in the file first."""
    column = _quoted(status)
    rows = connection.execute(
        # SQL takes no parameter for a name of a column; `_quoted` makes any text a name.
        f"SELECT {column} FROM events WHERE {column} <> '' "  # noqa: S608 - the name is quoted
        f"GROUP BY 1 ORDER BY min(row_number) LIMIT {STATUSES_MAX + 1}"
    ).fetchall()
    if len(rows) > STATUSES_MAX:
        raise ValueError(
            f"Expected at most {STATUSES_MAX} different texts in column {status} of {path}, the "
            "status, was more."
        )
    return [text for (text,) in rows]


def _queries(connection: Any, keys: Sequence[str], query: str, memory_mb: int) -> Iterator[str]:
    """Yield a query for each part of the incidents, of which each is as much as memory holds."""
    (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
    by = ", ".join(map(_quoted, keys))
    parts = max(1, ceil(count / (memory_mb * ROWS_TOGETHER_PER_MB)))
    for number in range(parts):
        yield f"WITH part AS (FROM events WHERE hash({by}) % {parts} = {number}), {query}"


def _query(
    keys: Sequence[str], file: FileBlock, others: Sequence[str], statuses: Sequence[str]
) -> str:
    """Return the query for a row a unit, of the events in ``part``, behind its ``WITH``.

    Of a status that comes again the first is taken. What is said without a unit, as when the call
    came, holds for all units of its incident, and so do the other columns.
    """
    assert file.unit is not None
    assert file.status_at is not None
    assert file.status is not None
    by, unit = ", ".join(map(_quoted, keys)), _quoted(file.unit)
    at, status = _quoted(file.status_at), _quoted(file.status)
    first = [f"arg_min({at}, row_number) FILTER ({status} = ? AND {at} <> '')" for _ in statuses]
    own = ", ".join(f"{how} AS s{i}" for i, how in enumerate(first))
    shared = ", ".join(
        f"{how.removesuffix(')')} AND {unit} = '') AS s{i}" for i, how in enumerate(first)
    )
    whole = ", ".join(
        f"arg_min({_quoted(n)}, row_number) FILTER ({_quoted(n)} <> '') AS {_quoted(n)}"
        for n in others
    )
    picked = [*(f"own.{_quoted(k)}" for k in keys), f"own.{unit}"]
    picked += [f"coalesce(whole.{_quoted(n)}, '')" for n in others]
    picked += [f"coalesce(own.s{i}, whole.s{i}, '')" for i in range(len(statuses))]
    parts = [part for part in (shared, whole) if part]
    # SQL takes no parameter for a name of a column; texts of the file are names by `_quoted`.
    return (
        f"own AS (SELECT {by}, {unit}, min(row_number) AS row_number"  # noqa: S608 - names are quoted
        f"{', ' + own if own else ''} FROM part GROUP BY {by}, {unit}), "
        f"whole AS (SELECT {by}, max({unit}) AS any_unit{''.join(', ' + p for p in parts)} "
        f"FROM part GROUP BY {by}) "
        f"SELECT own.row_number, {', '.join(picked)} FROM own JOIN whole USING ({by}) "
        f"WHERE own.{unit} <> '' OR whole.any_unit = '' ORDER BY own.row_number"
    )


def _chunks(
    connection: Any, queries: Iterator[str], statuses: Sequence[str], names: Sequence[str]
) -> Iterator[Chunk]:
    for query in queries:
        found = connection.execute(query, list(chain(statuses, statuses)))
        while rows := found.fetchmany(ROWS_AT_ONCE):
            numbers, *columns = zip(*rows, strict=True)
            yield Chunk(list(numbers), dict(zip(names, columns, strict=True)))


def _quoted(name: str) -> str:
    """Return a name as SQL's identifier."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
