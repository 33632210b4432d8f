"""Rows of a foreign log on disk, of which a bounded part is in memory: grouped, sorted, read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.call_log.gathering import Chunk, Parsed
from benchmarks.call_log.rejects import Problem, Rejects
from benchmarks.call_log.schema import ABSENT_MS, BY_NAME, COLUMNS
from benchmarks.call_log.sink import Piece
from benchmarks.call_log.translate import DURATIONS, Problems

ROWS_AT_ONCE: Final = 20_000
ROWS_TOGETHER_PER_MB: Final = 800
"""So many rows are brought together at once for each MB: about a kilobyte for each."""
_TYPES: Final = {"id": "VARCHAR", "word": "VARCHAR", "instant": "BIGINT"}
_NOTHING: Final = "CAST(NULL AS BIGINT)"


class RowStore:
    """Rows on disk, in a temporary database of which a bounded part is in memory."""

    def __init__(self, connection: Any, memory_mb: int = 512) -> None:
        self._connection = connection
        self._rows_together = memory_mb * ROWS_TOGETHER_PER_MB
        self.columns: tuple[str, ...] = ()
        self._unit: str | None = None
        self._query = "FROM incidents"
        self._selected: frozenset[str] = frozenset()

    def open(self, columns: tuple[str, ...], *, durations: bool, unit: str | None = None) -> None:
        """Make the table; ``unit`` is the column of the file that names units."""
        self._unit = unit
        wanted = {*columns, *(DURATIONS if durations else ())}
        self.columns = tuple(c.name for c in COLUMNS if c.name in wanted)
        types = [f"{n} {_TYPES.get(BY_NAME[n].kind, 'DOUBLE')}" for n in self.columns]
        self._connection.execute(
            f"CREATE TABLE incidents (row_number BIGINT, unit_name VARCHAR, {', '.join(types)})"
        )

    def add(self, chunk: Chunk, parsed: Parsed, problems: Problems) -> None:
        """Append the rows that have no problem."""
        import pyarrow as pa

        good = np.ones(len(chunk.rows), dtype=np.bool_)
        good[list(problems)] = False
        if not good.any():
            return
        arrays = [pa.array(np.array(chunk.rows, dtype=np.int64)[good])]
        units = [""] * len(chunk.rows) if self._unit is None else chunk.columns[self._unit]
        kept = [unit or None for unit, ok in zip(units, good.tolist(), strict=True) if ok]
        arrays.append(pa.array(kept, pa.string()))
        arrays += [_arrow(name, parsed.get(name), good) for name in self.columns]
        table = pa.Table.from_arrays(arrays, names=["row_number", "unit_name", *self.columns])
        self._connection.register("piece", table)
        self._connection.execute("INSERT INTO incidents SELECT * FROM piece")
        self._connection.unregister("piece")

    def set_repeats_aside(self, file: str, rejects: Rejects) -> list[str]:
        """Keep the first row of each identifier, set the others aside; return the columns."""
        self._gather(
            "numbered",
            "SELECT *, "
            "row_number() OVER same AS nth, first_value(row_number) OVER same AS first_row "
            "FROM part WINDOW same AS (PARTITION BY incident_id ORDER BY row_number)",
        )
        repeats = self._execute(
            "SELECT row_number, incident_id, first_row FROM numbered WHERE nth > 1 "
            "ORDER BY row_number"
        )
        while rows := repeats.fetchmany(ROWS_AT_ONCE):
            for row, name, first in rows:
                expected = f"an identifier not seen before (row {first})"
                rejects.add(file, row, Problem("incident_id", "duplicate", expected, name))
        self._query = "FROM numbered WHERE nth = 1"
        self._selected = frozenset(self.columns)
        return self._filled(list(self.columns))

    def bring_units_together(self) -> list[str]:
        """Make one incident of the rows of its units; return the columns, of which some are new.

        Times of the way are those of the unit that arrived first, times of the scene and the
        hospital those of the unit that left first for a hospital (of the first to arrive, where
        none did). The incident is clear when its last unit is. Other columns are those of the
        first row in the file that has any. A unit that comes again counts as one responder.
        """
        picked = _of_units(self.columns)
        arrival = "first_on_scene_at" if "first_on_scene_at" in self.columns else _NOTHING
        leaving = "left_scene_at" if "left_scene_at" in self.columns else _NOTHING
        order = "PARTITION BY incident_id ORDER BY"
        columns = ", ".join(f"{how} AS {name}" for name, how in picked.items())
        # Names and expressions are those of this module's tables, never text of a file.
        self._gather(
            "together",
            f"SELECT incident_id, {columns} FROM (SELECT *, "  # noqa: S608 - our own words
            f"row_number() OVER ({order} {arrival} NULLS LAST, row_number) AS nth_arrival, "
            f"row_number() OVER ({order} {leaving} NULLS LAST, {arrival} NULLS LAST, row_number) "
            "AS nth_leaving FROM part) GROUP BY incident_id",
        )
        self._query = "FROM together"
        self._selected = frozenset({*picked, "incident_id"})
        return self._filled([c.name for c in COLUMNS if c.name in self._selected])

    def _gather(self, name: str, query: str) -> None:
        """Make a table of what a query makes of the rows, and forget the rows.

        ``part`` in the query are the rows of some incidents: so many at a time that the memory
        holds them, however many there are in all.
        """
        (count,) = self._execute("SELECT count(*) FROM incidents").fetchone()
        parts = max(1, ceil(count / self._rows_together))
        for number in range(parts):
            part = f"WITH part AS (FROM incidents WHERE hash(incident_id) % {parts} = {number})"
            how = f"CREATE TABLE {name} AS" if number == 0 else f"INSERT INTO {name}"
            self._execute(f"{how} {part} {query}")
        self._execute("DROP TABLE incidents")

    def infer_outcomes(self) -> list[str]:
        """Say how incidents ended by their stamps, where nothing else does; return the columns.

        Whoever came to a hospital was conveyed to an emergency department; whom else a unit
        reached was seen and treated.
        """
        inferred = (
            "CASE WHEN at_hospital_at IS NOT NULL THEN 'conveyed_to_ed' "
            "WHEN first_on_scene_at IS NOT NULL THEN 'see_and_treat' END"
        )
        if "outcome" in self._selected:
            said = f"* REPLACE (coalesce(outcome, {inferred}) AS outcome)"
        else:
            said = f"*, {inferred} AS outcome"
        self._query = f"FROM (SELECT {said} {self._query})"
        self._selected |= {"outcome"}
        return self._filled([c.name for c in COLUMNS if c.name in self._selected])

    def _filled(self, columns: list[str]) -> list[str]:
        """Return the columns that hold anything, and those that every log has."""
        counts = ", ".join(f"count({name})" for name in columns)
        (found,) = self._execute(f"SELECT {counts} {self._query}").fetchall()
        pairs = zip(columns, found, strict=True)
        return [name for name, count in pairs if count or BY_NAME[name].required]

    def incidents(self, columns: list[str]) -> Iterator[Piece]:
        """Yield the incidents in order of (time, identifier), some thousand at a time."""
        query = f"SELECT {', '.join(columns)} {self._query} ORDER BY received_at, incident_id"
        found = self._connection.sql(query)
        # The method has had two names since the oldest version of DuckDB that serves.
        batches = getattr(found, "to_arrow_reader", None) or found.fetch_arrow_reader
        for batch in batches(ROWS_AT_ONCE):
            if len(batch):
                yield {name: _values(name, batch.column(name)) for name in columns}

    def _execute(self, query: str) -> Any:
        return self._connection.execute(query)


def _arrow(name: str, values: Any, good: Any) -> Any:
    import pyarrow as pa

    kind = BY_NAME[name].kind
    if values is None:
        return pa.nulls(int(good.sum()), pa.float64())
    if kind in {"id", "word"}:
        kept = [value or None for value, ok in zip(values, good.tolist(), strict=True) if ok]
        return pa.array(kept, pa.string())
    kept = values[good]
    return pa.array(kept, mask=kept == ABSENT_MS if kind == "instant" else np.isnan(kept))


def _values(name: str, array: Any) -> Any:
    """Return a column of a batch as a sink takes it."""
    import pyarrow.compute as pc

    kind = BY_NAME[name].kind
    if kind in {"id", "word"}:
        return pc.fill_null(array, "").to_pylist()
    filled = pc.fill_null(array, ABSENT_MS if kind == "instant" else float("nan"))
    return filled.to_numpy(zero_copy_only=False)


@contextmanager
def open_store(memory_mb: int) -> Iterator[RowStore]:
    """Open an empty store; its folder is removed at the end."""
    with open_database(memory_mb) as connection:
        yield RowStore(connection, memory_mb)


@contextmanager
def open_database(memory_mb: int) -> Iterator[Any]:
    """Open an empty database on disk; its folder is removed at the end.

    Raises
    ------
    ValueError
        When the memory does not suffice for what is done with it.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="bluelight-") as folder:
        connection = duckdb.connect(str(Path(folder) / "rows.duckdb"))
        try:
            connection.execute(f"SET memory_limit = '{memory_mb}MB'")
            connection.execute(f"SET temp_directory = '{folder}/spill'")
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET threads = 2")
            yield connection
        except duckdb.OutOfMemoryException as error:
            raise ValueError(
                f"Expected {memory_mb} MB to be enough to bring the rows together, was too little: "
                "give more (--memory-mb)."
            ) from error
        finally:
            connection.close()


_OF_FIRST_AT_SCENE: Final = frozenset({"mobilisation_s", "travel_s", "observed_from"})
_OF_CONVEYING: Final = frozenset(
    {"left_scene_at", "at_hospital_at", "handed_over_at", "conveyance_s", "handover_s"}
)
_EARLIEST: Final = frozenset(
    {
        "received_at",
        "call_answered_at",
        "first_assigned_at",
        "first_mobile_at",
        "first_on_scene_at",
    }
)


def _of_units(columns: Sequence[str]) -> dict[str, str]:
    """Return, for each column of an incident, how it is found among the rows of its units."""
    found = {name: _picked(name) for name in columns if name != "incident_id"}
    if "first_on_scene_at" in columns:
        named = "coalesce(unit_name, row_number::VARCHAR)"
        there = f"count(DISTINCT {named}) FILTER (first_on_scene_at IS NOT NULL)"
        arrived = f"nullif({there}, 0)::DOUBLE"
        found.setdefault("responders_needed", arrived)
        if "left_scene_at" in columns:
            leaver = "nth_leaving = 1 AND left_scene_at IS NOT NULL"
            at_scene = f"max(first_on_scene_at) FILTER ({leaver})"
            found.setdefault("transporting_on_scene_at", at_scene)
    return found


def _picked(name: str) -> str:
    if name in _EARLIEST:
        return f"min({name})"
    if name == "clear_at":
        return f"max({name})"
    if name in _OF_FIRST_AT_SCENE:
        return f"max({name}) FILTER (nth_arrival = 1)"
    if name in _OF_CONVEYING or name in {"scene_s", "clear_s", "transporting_on_scene_at"}:
        return f"max({name}) FILTER (nth_leaving = 1)"
    return f"arg_min({name}, row_number)"
