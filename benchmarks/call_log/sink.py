"""Write rows of a call log piece by piece: CSV, gzipped CSV or Parquet."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from benchmarks.call_log.gathering import instant_text
from benchmarks.call_log.schema import (
    ABSENT_MS,
    BY_NAME,
    COLUMNS,
    DEGREE_DECIMALS,
    SECOND_DECIMALS,
)

ENDINGS: Final = (".csv", ".csv.gz", ".parquet")

Piece = Mapping[str, Any]
"""Columns of some rows by name: texts as lists of str (empty where nothing is known), instants
as int64 UTC milliseconds (`ABSENT_MS`), numbers, flags and degrees as float64 (NaN)."""


class Sink(Protocol):
    """Takes the rows of a log, in the order in which they are to be written."""

    def add(self, piece: Piece) -> None:
        """Append rows; every piece has the columns that the sink was opened with."""
        ...


def demand_ending(path: Path) -> None:
    """Refuse a name whose ending tells no format.

    Raises
    ------
    ValueError
        When the name ends in none of `ENDINGS`.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise ValueError(f"Expected a name that ends in {', '.join(ENDINGS)}, was {path.name}.")


@contextmanager
def open_sink(path: Path, names: Sequence[str]) -> Iterator[Sink]:
    """Open a file for the given columns; the format follows the ending.

    The file appears whole or not at all: it is written beside its place, and moved there when the
    block ends without an error.

    Raises
    ------
    ValueError
        When the name ends in none of `ENDINGS`.
    """
    demand_ending(path)
    ordered = [column.name for column in COLUMNS if column.name in names]
    beside = path.with_name(f".{path.name}.part")
    lowered = path.name.lower()
    try:
        with ExitStack() as stack:
            if lowered.endswith(".parquet"):
                sink: Sink = _ParquetSink(beside, ordered, stack)
            else:
                sink = _CsvSink(beside, ordered, stack, packed=lowered.endswith(".gz"))
            yield sink
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class _CsvSink:
    def __init__(self, path: Path, names: list[str], stack: ExitStack, *, packed: bool) -> None:
        self._names = names
        raw = stack.enter_context(path.open("wb"))
        # No name and no time in the gzip header: equal logs are equal files.
        target = gzip.GzipFile("", "wb", 6, raw, mtime=0) if packed else raw
        text = stack.enter_context(io.TextIOWrapper(target, encoding="utf-8", newline=""))
        self._writer = csv.writer(text, lineterminator="\n")
        self._writer.writerow(names)

    def add(self, piece: Piece) -> None:
        """Append rows."""
        columns = [_texts(name, piece[name]) for name in self._names]
        self._writer.writerows(zip(*columns, strict=True))


def _texts(name: str, values: Any) -> Sequence[str]:
    """Return a column as it stands in a CSV file."""
    kind = BY_NAME[name].kind
    if kind == "instant":
        return instant_text(values)
    if kind == "degree":
        return [f"{value:.{DEGREE_DECIMALS}f}" for value in values.tolist()]
    if kind == "flag":
        words = {1.0: "true", 0.0: "false"}
        return [words.get(value, "") for value in values.tolist()]
    if kind == "number":
        return [_number(value) for value in values.tolist()]
    texts: Sequence[str] = values
    return texts


def _number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN is the one number that differs from itself
        return ""
    return f"{value:.{SECOND_DECIMALS}f}".rstrip("0").rstrip(".")


class _ParquetSink:
    def __init__(self, path: Path, names: list[str], stack: ExitStack) -> None:
        import pyarrow.parquet as pq

        self._schema = arrow_schema(names)
        self._writer = stack.enter_context(pq.ParquetWriter(path, self._schema, compression="zstd"))

    def add(self, piece: Piece) -> None:
        """Append rows, as one row group."""
        import pyarrow as pa

        arrays = [as_arrow(field, piece[field.name]) for field in self._schema]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def arrow_schema(names: Sequence[str]) -> Any:
    """Return the Arrow types of the given columns."""
    import pyarrow as pa

    types = {"instant": pa.timestamp("ms", tz="UTC"), "flag": pa.bool_()}
    types |= {"id": pa.string(), "word": pa.string()}
    return pa.schema([(name, types.get(BY_NAME[name].kind, pa.float64())) for name in names])


def as_arrow(field: Any, values: Any) -> Any:
    """Return a column as an Arrow array; nothing known is null."""
    import pyarrow as pa

    if pa.types.is_string(field.type):
        return pa.array([value or None for value in values], pa.string())
    if pa.types.is_timestamp(field.type):
        return pa.array(values, mask=values == ABSENT_MS).cast(field.type)
    known = values == 1.0 if pa.types.is_boolean(field.type) else values
    return pa.array(known, mask=np.isnan(values))
