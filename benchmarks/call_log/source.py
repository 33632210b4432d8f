"""Rows of any file, CSV, JSON or Parquet, as columns of text, some thousand at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.call_log.gathering import Chunk
from benchmarks.call_log.json_rows import json_columns
from benchmarks.call_log.kinds import kind_of, opened, start_of, wide_encoding
from benchmarks.call_log.parquet import parquet_columns
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
    skip_lines: int = 0,
    repeats: bool = False,
) -> Source:
    """Open a file and read its header; records that cannot be read go to ``rejects``.

    Parameters
    ----------
    path
        CSV or JSON (also gzipped, or alone in a zip archive) or Parquet, told apart by the content.
    rejects
        Where rows go that are no rows.
    wanted
        Which columns to hand out, by name; None: all.
    rows_at_once
        Rows in a chunk; all memory that is needed grows with it.
    delimiter, encoding, skip_lines
        How a CSV file is written, and how many lines stand before its header.
    repeats
        Whether a name may come again: the second column of that name is then ``name (2)``.

    Raises
    ------
    ValueError
        When the file is of another kind, broken, has no header, or a wanted column twice.
    """
    kind = kind_of(path)
    if kind == "parquet":
        return Source(*parquet_columns(path, wanted, rows_at_once))
    if kind == "json":
        return Source(*json_columns(path, rejects, wanted, rows_at_once))
    found = records(path, encoding=encoding, delimiter=delimiter, skip_lines=skip_lines)
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


class Form(NamedTuple):
    """How a CSV file is written: what separates cells, its encoding, lines before its header."""

    delimiter: str = ","
    encoding: str = "utf-8"
    skip_lines: int = 0


def form_of(path: Path, rows: int = 20_000) -> Form:
    """Return how a file is written; of JSON and Parquet, nothing needs to be known.

    The encoding is UTF-16 where it shows, UTF-8 where the first rows are, else Windows-1252, in
    which every text of western Europe can be read, or one of eastern Asia where it is none. The
    separator is the one that makes the most cells of most rows; the header is the first row with
    as many.
    """
    if kind_of(path) != "csv":
        return Form()
    encoding = _encoding_of(path, rows)
    return max(
        (_form_with(path, encoding, delimiter) for delimiter in (",", ";", "\t", "|")),
        key=lambda pair: pair[0],
    )[1]


def _encoding_of(path: Path, rows: int) -> str:
    with opened(path) as file:
        wide = wide_encoding(start_of(path, file))
    if wide is not None:
        return wide
    if _is_written_in(path, "utf-8", rows):
        return "utf-8"
    found = (e for e in ("cp1252", *_FAR_ENCODINGS) if _is_written_in(path, e, _ROWS_OF_FORM))
    return next(found, "cp1252")


def _is_written_in(path: Path, encoding: str, rows: int) -> bool:
    """Test whether an encoding can have written the first rows of a file."""
    return not any(
        isinstance(cells, Problem) and cells.reason == "not in the encoding"
        for _, cells in islice(records(path, encoding=encoding), rows)
    )


_FAR_ENCODINGS: Final = ("cp932", "gb18030", "cp949")
"""Encodings of Japan, China and Korea; most texts in them cannot be Windows-1252."""


def _form_with(path: Path, encoding: str, delimiter: str) -> tuple[tuple[bool, bool, int], Form]:
    """Return how well a separator fits, and the form with it.

    It makes several cells of most rows, of the first row too (commas in numbers do not), and many.
    """
    widths = [
        (number, len(cells), sum(1 for cell in cells if cell.strip()))
        for number, cells in islice(
            records(path, encoding=encoding, delimiter=delimiter), _ROWS_OF_FORM
        )
        if isinstance(cells, list)
    ]
    if not widths:
        return (False, False, 0), Form(delimiter, encoding)
    usual = Counter(width for _, width, _ in widths).most_common(1)[0][0]
    # Spreadsheets give a title as many cells as the table, nearly all of them empty.
    whole = [n for n, width, filled in widths if width == usual and 2 * filled >= width]
    header = next(iter(whole), next(n for n, width, _ in widths if width == usual))
    is_table = usual > 1 and header <= _LINES_BEFORE_HEADER_MAX
    form = Form(delimiter, encoding, header - 1 if is_table else 0)
    return (is_table, header == widths[0][0], usual), form


_ROWS_OF_FORM: Final = 200
_LINES_BEFORE_HEADER_MAX: Final = 30


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
