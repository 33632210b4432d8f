"""Parquet files of call logs: text columns out, batch by batch; typed columns in."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.call_log.gathering import Chunk, instant_text
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.schema import ABSENT_MS, COLUMNS

_MAGIC: Final = b"PAR1"
ROWS_A_GROUP: Final = 65_536


def is_parquet(path: Path) -> bool:
    """Test whether a file says that it is Parquet."""
    with path.open("rb") as file:
        return file.read(4) == _MAGIC


def parquet_chunks(
    path: Path, wanted: AbstractSet[str], rows_at_once: int
) -> tuple[list[str], Iterator[Chunk]]:
    """Return the names of all columns, and the wanted ones as text, some rows at a time.

    Rows are numbered from 1. Instants become RFC 3339 text in UTC; those without a zone come
    without an offset.

    Raises
    ------
    ValueError
        When the file is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise ValueError(f"Expected {path} to be whole, was broken Parquet: {error}.") from error
    names = list(file.schema_arrow.names)
    picked = [name for name in names if name.strip().lower() in wanted]
    lowered = [name.strip().lower() for name in names]
    return lowered, _batches(file, path, picked, rows_at_once)


def _batches(file: Any, path: Path, picked: list[str], rows_at_once: int) -> Iterator[Chunk]:
    import pyarrow as pa

    first = 1
    batches = file.iter_batches(batch_size=rows_at_once, columns=picked)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise ValueError(f"Expected {path} to be whole, was broken: {error}.") from error
        if batch is None:
            return
        columns = {n.strip().lower(): _texts(batch.column(n), n, path) for n in picked}
        yield Chunk(range(first, first + len(batch)), columns)
        first += len(batch)


def _texts(array: Any, name: str, path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        ms = pc.cast(array, pa.timestamp("ms", tz=array.type.tz), safe=False).cast(pa.int64())
        filled = pc.fill_null(ms, ABSENT_MS)
        return instant_text(filled.to_numpy(zero_copy_only=False))
    try:
        text = pc.cast(array, pa.string())
    except pa.ArrowException as error:
        raise ValueError(
            f"Expected column {name} of {path} to hold plain values, was {array.type}."
        ) from error
    return pc.fill_null(text, "").to_pylist()  # type: ignore[no-any-return]


def write_parquet(log: CallLog, path: Path) -> None:
    """Write a log as Parquet with typed columns; the content version is in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        pa.field(column.name, _arrow_type(column.kind))
        for column in COLUMNS
        if column.required or _has(log, column.name)
    ]
    schema = pa.schema(fields, metadata={"bluelight_call_log_sha256": log.sha256})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, len(log), ROWS_A_GROUP):
            part = slice(start, start + ROWS_A_GROUP)
            arrays = [_arrow(log, field, part) for field in fields]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _has(log: CallLog, name: str) -> bool:
    return name in log.words or name in log.numbers or name in log.instants


def _arrow_type(kind: str) -> Any:
    import pyarrow as pa

    if kind == "instant":
        return pa.timestamp("ms", tz="UTC")
    if kind == "word":
        return pa.dictionary(pa.int32(), pa.string())
    return {"id": pa.string(), "flag": pa.bool_()}.get(kind, pa.float64())


def _arrow(log: CallLog, field: Any, part: slice) -> Any:
    """Return a part of one column as an Arrow array; nothing known is null."""
    import pyarrow as pa

    name = field.name
    if name == "incident_id":
        return pa.array(log.incident_id[part], pa.string())
    if name in {"lon", "lat"}:
        return pa.array(getattr(log, name)[part])
    if pa.types.is_timestamp(field.type):
        every = log.received_at_ms if name == "received_at" else log.instants[name]
        return pa.array(every[part], mask=every[part] == ABSENT_MS).cast(field.type)
    if name in log.numbers:
        values = log.numbers[name][part]
        known = values == 1.0 if pa.types.is_boolean(field.type) else values
        return pa.array(known, mask=np.isnan(values))
    words = log.category if name == "category" else log.words[name]
    code = pa.array(words.code[part], mask=words.code[part] == 0)
    return pa.DictionaryArray.from_arrays(code, pa.array(words.vocabulary))
