"""Bring a foreign log in: translate, check, bring units together, sort; in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from benchmarks.call_log.events import open_mapped
from benchmarks.call_log.gathering import Bounds, instant_text
from benchmarks.call_log.mapping import Mapping
from benchmarks.call_log.rejects import Rejects, RejectSummary
from benchmarks.call_log.row_store import RowStore, open_store
from benchmarks.call_log.schema import ABSENT_MS, BY_NAME
from benchmarks.call_log.sink import Piece, demand_ending, open_sink
from benchmarks.call_log.translate import Problems, Translator, with_durations

MEMORY_MB: Final = 512
"""How much memory sorting and grouping may take before they use the disk."""


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a foreign file.

    Every row of the file is in exactly one of: ``left_out_count`` (the mapping does not keep it),
    ``rejects``, or an incident; of a file of events, the rows are those of units.
    ``columns_not_read`` are the columns that the mapping does not use. ``filled`` says how many
    incidents have something in each optional column.
    """

    file: str
    mapping: str
    row_count: int
    left_out_count: int
    rejects: RejectSummary
    incident_count: int
    first_received_at: str | None
    last_received_at: str | None
    categories: dict[str, int]
    filled: dict[str, int]
    columns_not_read: tuple[str, ...]
    ambiguous_time_count: int
    times_left_empty_count: int = 0


def bring_in(
    source: Path,
    mapping: Mapping,
    out: Path,
    *,
    bounds: Bounds | None = None,
    rejects_path: Path | None = None,
    postcodes: Path | None = None,
    memory_mb: int = MEMORY_MB,
    on_rows: Callable[[int], None] | None = None,
) -> ImportReport:
    """Translate a foreign file into a call log and write it in order of time.

    Parameters
    ----------
    source
        CSV (also gzipped) or Parquet.
    mapping
        How its columns are to be understood.
    out
        The log to write; the format follows the ending.
    bounds
        Box in which every scene must lie; None: anywhere.
    rejects_path
        Where rows that cannot be used are written.
    postcodes
        Lookup of postcodes, in place of the one that the mapping names.
    memory_mb
        Memory for sorting and grouping; what is more goes to a temporary folder on disk.
    on_rows
        Called with the number of rows read since the last call.

    Raises
    ------
    ValueError
        When the file is broken or of another kind, lacks a column that the mapping reads, or the
        ending of ``out`` tells no format.
    """
    demand_ending(out)
    with Rejects(rejects_path) as rejects, open_store(memory_mb) as store:
        names, translator, rows = _translate_all(
            source, mapping, store, rejects, bounds, postcodes, on_rows, memory_mb
        )
        if mapping.file.one_row_per != "incident":
            columns = store.bring_units_together()
        else:
            columns = store.set_repeats_aside(source.name, rejects)
        if mapping.infers_outcomes:
            columns = store.infer_outcomes()
        tally = _Tally()
        with open_sink(out, columns) as sink:
            for piece in store.incidents(columns):
                tally.add(piece)
                sink.add(piece)
        summary = rejects.summary()
    unread = tuple(name for name in names if name and name not in mapping.sources())
    return ImportReport(
        file=source.name,
        mapping=mapping.title,
        row_count=rows,
        left_out_count=translator.left_out_count,
        rejects=summary,
        incident_count=tally.count,
        first_received_at=tally.first,
        last_received_at=tally.last,
        categories=dict(sorted(tally.categories.items())),
        filled={name: n for name, n in tally.filled.items() if not BY_NAME[name].required},
        columns_not_read=unread,
        ambiguous_time_count=translator.stamps.ambiguous_count,
        times_left_empty_count=translator.left_empty_count,
    )


def _translate_all(
    source: Path,
    mapping: Mapping,
    store: RowStore,
    rejects: Rejects,
    bounds: Bounds | None,
    postcodes: Path | None,
    on_rows: Callable[[int], None] | None,
    memory_mb: int,
) -> tuple[tuple[str, ...], Translator, int]:
    """Translate every row into the store; return the file's columns and the number of rows."""
    wanted = set(mapping.sources())
    opened = open_mapped(
        source, mapping.file, rejects, wanted=wanted.__contains__, memory_mb=memory_mb
    )
    demand_sources(mapping, opened.names, source)
    translator = Translator(mapping, bounds=bounds, postcodes=postcodes)
    store.open(translator.columns, durations=mapping.time.durations, unit=mapping.file.unit)
    rows = set_aside = 0
    for chunk in opened.chunks:
        problems: Problems = {}
        kept, parsed = translator.translated(chunk, problems)
        if mapping.time.durations:
            parsed = with_durations(parsed, mapping.time)
        for index in sorted(problems):
            rejects.add(source.name, kept.rows[index], problems[index])
        set_aside += len(problems)
        store.add(kept, parsed, problems)
        rows += len(chunk.rows)
        if on_rows is not None:
            on_rows(len(chunk.rows))
    # Records that were no rows at all were set aside before they came in a chunk.
    return opened.names, translator, rows + rejects.count - set_aside


def demand_sources(mapping: Mapping, names: tuple[str, ...], source: Path) -> None:
    """Refuse a file without a column that the mapping reads.

    Raises
    ------
    ValueError
        When there is one; the message names it and all that the file has.
    """
    missing = [name for name in mapping.sources() if name not in names]
    if missing:
        raise ValueError(
            f"Expected columns {', '.join(missing)} in {source}, as the mapping "
            f"{mapping.title!r} reads them, was {', '.join(names)}."
        )


class _Tally:
    """Counts what is written."""

    def __init__(self) -> None:
        self.count = 0
        self.first: str | None = None
        self.last: str | None = None
        self.categories: Counter[str] = Counter()
        self.filled: Counter[str] = Counter()

    def add(self, piece: Piece) -> None:
        """Count the rows of a piece."""
        received = piece["received_at"]
        self.count += len(received)
        self.first = self.first or instant_text(received[:1])[0]
        self.last = instant_text(received[-1:])[0]
        self.categories.update(piece["category"])
        for name, values in piece.items():
            kind = BY_NAME[name].kind
            if kind in {"id", "word"}:
                self.filled[name] += sum(1 for value in values if value)
            else:
                known = values != ABSENT_MS if kind == "instant" else ~np.isnan(values)
                self.filled[name] += int(known.sum())
