"""A call log for notebooks: as an Arrow table, and as a few lines that show what it holds."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Any

from benchmarks.call_log.columns import Words
from benchmarks.call_log.gathering import instant_text
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.sink import arrow_schema, as_arrow


def arrow_table(log: CallLog) -> Any:
    """Return all columns as a pyarrow table, typed as in a Parquet file."""
    import pyarrow as pa

    columns = log.columns()
    schema = arrow_schema(list(columns))
    arrays = []
    for field in schema:
        column = columns[field.name]
        texts = [word or "" for word in column] if isinstance(column, Words) else column
        arrays.append(as_arrow(field, texts))
    return pa.Table.from_arrays(arrays, schema=schema)


def shown(log: CallLog) -> str:
    """Return an HTML table of what a log holds."""
    counts = sorted(Counter(log.category).items(), key=lambda item: str(item[0]))
    words = ", ".join(f"{word} {count:,}" for word, count in counts)
    ends = instant_text(log.received_at_ms[[0, -1]]) if len(log) else ["", ""]
    rows = {
        "incidents": f"{len(log):,}",
        "from": ends[0],
        "to": ends[1],
        "categories": words,
        "columns": ", ".join(log.columns()),
        "version": log.sha256,
    }
    cells = "".join(f"<tr><th>{k}</th><td>{escape(v)}</td></tr>" for k, v in rows.items())
    return f"<table>{cells}</table>"
