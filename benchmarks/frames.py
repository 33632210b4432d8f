"""Results as tables: for notebooks, and as CSV and Parquet beside a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.metrics_table import ABSENT, CATEGORIES, OUTCOMES, RecordTable, table_of

if TYPE_CHECKING:
    from benchmarks.comparison import Comparison
    from benchmarks.replay import Run

COMPARED: Final = ("C1", "C2", "C3", "C4")

_LEVEL: Final = ("count", "mean_s", "mean_s_lower", "mean_s_upper", "p90_s")
_CHANGE: Final = (
    "mean_pct",
    "mean_pct_lower",
    "mean_pct_upper",
    "p90_pct",
    "p90_pct_lower",
    "p90_pct_upper",
)


def comparison_table(found: Comparison) -> Any:
    """Return a comparison as a pyarrow table: a row a policy, group and category.

    ``group`` is ``all``, ``rural`` or the code of a home trust; changes are against the baseline,
    null for the baseline itself. Seconds and per cent.
    """
    import pyarrow as pa

    return pa.Table.from_pylist(list(_comparison_rows(found)), schema=_comparison_schema())


def _comparison_schema() -> Any:
    import pyarrow as pa

    words = [pa.field(name, pa.string()) for name in ("policy", "group", "category", "baseline")]
    return pa.schema(words + [pa.field(name, pa.float64()) for name in (*_LEVEL, *_CHANGE)])


def _comparison_rows(found: Comparison) -> Iterator[dict[str, Any]]:
    for policy, levels in found.policies.items():
        pair = found.paired.get(f"{policy}-{found.baseline}")
        for group in ("all", "rural", *found.trust_names):
            for category in COMPARED:
                level = _of(levels, group).get(category)
                if level is None:
                    continue
                change = None if pair is None else _of(pair, group).get(category)
                row = {"policy": policy, "group": group, "category": category}
                row |= {"baseline": found.baseline}
                row |= {name: getattr(level, name) for name in _LEVEL}
                yield row | {name: getattr(change, name, None) for name in _CHANGE}


def _of(found: dict[str, Any], group: str) -> dict[str, Any]:
    if group == "all":
        return found
    part: dict[str, Any] = found["rural"] if group == "rural" else found["trusts"].get(group, {})
    return part


def run_table(run: Run) -> Any:
    """Return the incidents of a run as a pyarrow table, a row an incident, in order of call.

    Instants are UTC timestamps, durations seconds; null where a thing never happened.
    """
    import pyarrow as pa

    table = table_of(run.records)
    order = np.argsort(table.connected_ms, kind="stable")
    names = [run.records[row].incident for row in order.tolist()]
    columns: dict[str, Any] = {"incident": pa.array(names, pa.string())}
    for field in fields(RecordTable):
        if field.name not in ("trusts", "hospitals"):
            name, column = _column(table, field.name)
            columns[name] = column.take(pa.array(order))
    return pa.table(columns)


def _column(table: RecordTable, name: str) -> tuple[str, Any]:
    """Return a column of records under its name in files, typed."""
    import pyarrow as pa

    values = getattr(table, name)
    absent = values == ABSENT
    words = {
        "trust": table.trusts,
        "aided_by": table.trusts,
        "hospital": table.hospitals,
        "category": tuple(c.value for c in CATEGORIES),
        "reported": tuple(c.value for c in CATEGORIES),
        "outcome": tuple(o.value for o in OUTCOMES),
    }.get(name)
    if words is not None:
        return name, pa.array([None if i == ABSENT else words[i] for i in values.tolist()])
    if name in ("response_ms", "transport_ms"):
        return name.replace("_ms", "_s"), pa.array(values / 1000.0, mask=absent)
    if name.endswith("_ms"):
        stamps = pa.array(values, pa.int64(), mask=absent)
        return name.replace("_ms", "_at"), stamps.cast(pa.timestamp("ms", tz="UTC"))
    return name, pa.array(values)


def write_beside(report: Path, table: Any, what: str) -> tuple[Path, Path]:
    """Write a table as CSV and Parquet beside a page and return both paths.

    ``march.html`` gets ``march-incidents.csv``: never the name of the log that it was made from.
    """
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    csv, parquet = (report.with_name(f"{report.stem}-{what}.{e}") for e in ("csv", "parquet"))
    pa_csv.write_csv(_in_words(table), csv)
    pq.write_table(table, parquet)
    return csv, parquet


def _in_words(table: Any) -> Any:
    """Return a table with its instants as RFC 3339 text, as call logs have them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            stamps = table.column(number).cast(pa.timestamp("ms"))
            words = pc.strftime(stamps, format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(number, field.name, words)
    return table


def to_polars(table: Any) -> Any:
    """Return a pyarrow table as a polars frame; needs polars."""
    import polars as pl

    return pl.from_arrow(table)


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a small table for a notebook."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def comparison_html(found: Comparison) -> str:
    """Return what a notebook shows of a comparison: levels, and changes with intervals."""
    from benchmarks.report.wording import clock, signed

    rows = []
    for category in COMPARED:
        for policy, levels in found.policies.items():
            level = levels[category]
            if level is None:
                continue
            pair = found.paired.get(f"{policy}-{found.baseline}")
            change = None if pair is None else pair[category]
            words = ""
            if change is not None:
                words = signed(change.mean_pct, 1, " %")
                if change.mean_pct_lower is not None:
                    lower, upper = change.mean_pct_lower, change.mean_pct_upper
                    words += f" ({signed(lower)} to {signed(upper)})"
            rows.append((category, policy, clock(level.mean_s), clock(level.p90_s), words))
    seeds = len(found.plan.seeds)
    broken = [r.words for rails in found.guard_rails.values() for r in rails if not r.held]
    caption = f"{seeds} seed{'s' if seeds != 1 else ''}, against {found.baseline}."
    if broken:
        caption += f" Broken guard-rails: {'; '.join(broken)}."
    return html_table(("", "policy", "mean", "90th", "change of the mean"), rows, caption)


def run_html(run: Run) -> str:
    """Return what a notebook shows of a run: response times by category."""
    from benchmarks.metrics import measure
    from benchmarks.results import in_words, summary

    measures = measure(run)
    head = ("", "incidents", "mean", "90th", "wait for a unit")
    return html_table(head, summary(measures), in_words(run, measures))
