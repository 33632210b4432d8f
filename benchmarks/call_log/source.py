"""Rows of any file, CSV or Parquet, as columns of text, some thousand at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
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
    repeats: bool = False,
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
    repeats
        Whether a name may come again: the second column of that name is then ``name (2)``.

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
    if repeats:
        names = _numbered(names)
    taken = [name for name in names if wanted is None or wanted(name)]
    if twice := sorted({name for name in taken if name and taken.count(name) > 1}):
        raise ValueError(f"Expected each column once in {path}, was twice: {', '.join(twice)}.")
    return Source(names, _chunks(found, names, set(taken), path.name, rejects, rows_at_once))


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of which each comes once: the second of a name gets a number."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(found)


def form_of(path: Path, rows: int = 20_000) -> tuple[str, str]:
    """Return how a CSV file is written: what separates cells, and its encoding.

    The encoding is UTF-8 where the first rows are, else Windows-1252, in which every text of
    western Europe can be read. The separator is the one that makes the most of the header.
    """
    encoding = "utf-8"
    for _, cells in islice(records(path), rows):
        if isinstance(cells, Problem) and cells.reason == "not in the encoding":
            encoding = "cp1252"
            break
    counts = {}
    for delimiter in (",", ";", "\t", "|"):
        header = next(records(path, encoding=encoding, delimiter=delimiter), (0, []))[1]
        counts[delimiter] = len(header) if isinstance(header, list) else 0
    return max(counts, key=lambda d: counts[d]), encoding


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
