"""Write a call log: CSV, gzipped CSV or Parquet, by the ending of the file's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.call_log.columns import Words
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.sink import demand_ending, open_sink

_AT_ONCE: Final = 65_536


def write_log(log: CallLog, path: Path) -> None:
    """Write a log; equal logs give equal bytes in CSV, and in gzipped CSV of one zlib.

    The file appears whole or not at all.

    Raises
    ------
    ValueError
        When the name ends in none of `sink.ENDINGS`.
    """
    demand_ending(path)
    columns = log.columns()
    with open_sink(path, list(columns)) as sink:
        for start in range(0, len(log), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            sink.add({name: _part(column, part) for name, column in columns.items()})


def _part(column: Any, part: slice) -> Any:
    if isinstance(column, Words):
        return [column.vocabulary[code] for code in column.code[part].tolist()]
    return column[part]
