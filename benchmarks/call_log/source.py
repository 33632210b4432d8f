"""Rows of any file, CSV or Parquet, as columns of text, some thousand at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.call_log.gathering import Chunk
from benchmarks.call_log.parquet import is_parquet, parquet_columns
from benchmarks.call_log.records import Record, records
from benchmarks.call_log.rejects import Problem, Rejects


class Source(NamedTuple):
    """A file that was opened: the names of all columns, and chunks of those wanted."""

    names: tuple[str, ...]
    chunks: Iterator[Chunk]


def open_source(
    path: Path,
    rejects: Rejects,
    *,
    wanted: Callable[[str], bool] | None = None,
    rows_at_once: int = 20_000,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Source:
    """Open a file and read its header; records that cannot be read go to ``rejects``.

    Parameters
    ----------
    path
        CSV (also gzipped) or Parquet, told apart by the content.
    rejects
        Where rows go that are no rows.
    wanted
        Which columns to hand out, by name; None: all.
    rows_at_once
        Rows in a chunk; all memory that is needed grows with it.
    delimiter, encoding
        How a CSV file is written.

    Raises
    ------
    ValueError
        When the file is of another kind, broken, has no header, or a wanted column twice.
    """
    if is_parquet(path):
        return Source(*parquet_columns(path, wanted, rows_at_once))
    found = records(path, encoding=encoding, delimiter=delimiter)
    number, header = next(found, (0, []))
    if isinstance(header, Problem):
        raise ValueError(  # noqa: TRY004 - the file is at fault, not a type
            f"Expected a header in row {number} of {path}, was {header.found} ({header.reason})."
        )
    names = tuple(name.strip() for name in header)
    taken = [name for name in names if wanted is None or wanted(name)]
    if twice := sorted({name for name in taken if name and taken.count(name) > 1}):
        raise ValueError(f"Expected each column once in {path}, was twice: {', '.join(twice)}.")
    return Source(names, _chunks(found, names, set(taken), path.name, rejects, rows_at_once))


def _chunks(
    found: Iterator[Record],
    names: Sequence[str],
    taken: Collection[str],
    file: str,
    rejects: Rejects,
    rows_at_once: int,
) -> Iterator[Chunk]:
    rows: list[int] = []
    table: list[list[str]] = []
    for number, cells in found:
        if isinstance(cells, Problem):
            rejects.add(file, number, cells)
        elif len(cells) != len(names):
            expected, was = f"{len(names)} cells, as in the header", f"{len(cells)} cells"
            rejects.add(file, number, Problem("", "wrong number of cells", expected, was))
        else:
            rows.append(number)
            table.append(cells)
        if len(rows) == rows_at_once:
            yield _chunk(rows, table, names, taken)
            rows, table = [], []
    if rows:
        yield _chunk(rows, table, names, taken)


def _chunk(
    rows: list[int], table: list[list[str]], names: Sequence[str], taken: Collection[str]
) -> Chunk:
    columns = zip(*table, strict=True)
    return Chunk(rows, {n: c for n, c in zip(names, columns, strict=True) if n in taken})
