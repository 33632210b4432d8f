"""Read a call log: CSV, JSON or Parquet; bad rows are set aside, never guessed at."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from benchmarks.call_log.gathering import Bounds, Chunk, Gathering
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.rejects import Rejects, RejectSummary
from benchmarks.call_log.schema import BY_NAME, REQUIRED
from benchmarks.call_log.source import open_source
from maps.region import Region

BORDER_DEGREES: Final = 0.05
"""How far outside the outermost place of a region a call may lie: about 5 km."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file: the log, the rows set aside, and the columns that were not read."""

    log: CallLog
    row_count: int
    rejects: RejectSummary
    columns_left_out: tuple[str, ...]


def bounds_of(region: Region, border_degrees: float = BORDER_DEGREES) -> Bounds | None:
    """Return the box around all places of a region, or None when it has none."""
    lon = [region.demand.lon]
    lat = [region.demand.lat]
    for places in (region.roads, region.matrix):
        if places is not None:
            lon.append(places.lon)
            lat.append(places.lat)
    lons, lats = np.concatenate(lon), np.concatenate(lat)
    if not len(lons):
        return None
    return Bounds(
        float(lons.min()) - border_degrees,
        float(lats.min()) - border_degrees,
        float(lons.max()) + border_degrees,
        float(lats.max()) + border_degrees,
    )


def read_log(
    path: Path, *, bounds: Bounds | None = None, rejects_path: Path | None = None
) -> Reading:
    """Read a call log.

    Parameters
    ----------
    path
        A file in the engine's schema: CSV, JSON or Parquet, known by its content.
    bounds
        Box in which every scene must lie; None: anywhere on the globe.
    rejects_path
        Where rows that cannot be used are written; the file is made only when there are any.

    Raises
    ------
    ValueError
        When the file is of another kind, broken, or lacks required columns.

    Notes
    -----
    Memory grows with the rows kept (measured: 260 bytes a row at the peak, ten columns), not with
    the size of the file.
    """
    with Rejects(rejects_path) as rejects:
        gathering = Gathering(path.name, bounds, rejects)
        source = open_source(path, rejects, wanted=lambda name: name.lower() in BY_NAME)
        names = [name.lower() for name in source.names]
        _demand_columns(path, names)
        for chunk in source.chunks:
            gathering.add(Chunk(chunk.rows, {n.lower(): c for n, c in chunk.columns.items()}))
        log = gathering.log()
        summary = rejects.summary()
    return Reading(
        log=log,
        row_count=len(log) + summary.count,
        rejects=summary,
        columns_left_out=tuple(name for name in names if name not in BY_NAME),
    )


def _demand_columns(path: Path, names: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if not missing:
        return
    hints = []
    for name in missing:
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
        hints += [f"{close[0]!r} looks like {name!r}"] if close else []
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        hints.append("the columns seem not to be separated by commas")
    hint = f" ({'; '.join(hints)})" if hints else ""
    raise ValueError(
        f"Expected columns {', '.join(REQUIRED)} in {path}, was without {', '.join(missing)}"
        f"{hint}. A log with other columns is brought in with `bluelight calls import`."
    )
