"""Parquet files as columns of text, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.call_log.gathering import Chunk, instant_text
from benchmarks.call_log.schema import ABSENT_MS


def parquet_columns(
    path: Path, wanted: Callable[[str], bool] | None, rows_at_once: int
) -> tuple[tuple[str, ...], Iterator[Chunk]]:
    """Return the names of all columns, and the wanted ones as text, some rows at a time.

    Rows are numbered from 1. Instants become RFC 3339 text in UTC; those without a zone come
    without an offset. A column of parts comes as a column each, ``location.lat``; of lists the
    entries are joined by commas.

    Raises
    ------
    ValueError
        When the file is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"Expected {path} to be whole, was broken Parquet: {error}.") from error
    names = tuple(_leaves(file.schema_arrow))
    picked = [name for name in names if wanted is None or wanted(name)]
    return names, _batches(file, path, picked, rows_at_once)


def _leaves(fields: Any, prefix: str = "") -> Iterator[str]:
    """Yield the names of all columns, those of parts with a point: ``location.lat``."""
    import pyarrow as pa

    for field in fields:
        if pa.types.is_struct(field.type):
            yield from _leaves(field.type, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


def _flat(batch: Any) -> Any:
    """Return a table without columns of parts; each part is a column of its own."""
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        table = table.flatten()
    return table.combine_chunks()


def _batches(file: Any, path: Path, picked: list[str], rows_at_once: int) -> Iterator[Chunk]:
    import pyarrow as pa

    first = 1
    whole = set(file.schema_arrow.names)
    columns = sorted({name if name in whole else name.split(".")[0] for name in picked})
    batches = file.iter_batches(batch_size=rows_at_once, columns=columns)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise ValueError(f"Expected {path} to be whole, was broken: {error}.") from error
        if batch is None:
            return
        table = _flat(batch)
        texts = {name: _texts(table.column(name).combine_chunks(), name, path) for name in picked}
        yield Chunk(range(first, first + len(batch)), texts)
        first += len(batch)


def _texts(array: Any, name: str, path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        ms = pc.cast(array, pa.timestamp("ms", tz=array.type.tz), safe=False).cast(pa.int64())
        filled = pc.fill_null(ms, ABSENT_MS)
        return instant_text(filled.to_numpy(zero_copy_only=False))
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return [", ".join(map(str, row or ())) for row in array.to_pylist()]
    try:
        text = pc.cast(array, pa.string())
    except pa.ArrowException as error:
        raise ValueError(
            f"Expected column {name} of {path} to hold plain values, was {array.type}."
        ) from error
    return pc.fill_null(text, "").to_pylist()  # type: ignore[no-any-return]
