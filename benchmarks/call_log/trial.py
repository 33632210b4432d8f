"""Try a mapping on the first rows of a file, and tell what would be kept and what lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.bring_in import demand_sources
from benchmarks.call_log.events import open_mapped
from benchmarks.call_log.gathering import Bounds, Chunk, Parsed, far_off, instant_text
from benchmarks.call_log.mapping import Mapping
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.rejects import Rejects, RejectSummary
from benchmarks.call_log.role_names import LAT_MAX, LAT_MIN
from benchmarks.call_log.schema import ABSENT_MS, BY_NAME
from benchmarks.call_log.source import form_of, open_source
from benchmarks.call_log.translate import Problems, Translator, with_durations

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def tried(
    path: Path,
    mapping_text: str,
    name: str,
    rows: int,
    bounds: Bounds | None = None,
    postcodes: Path | None = None,
) -> str:
    """Return, in words, what a mapping would make of the first rows of a file.

    A mapping that cannot be followed yet is told so; that is no error, for it is being written.
    """
    try:
        mapping = read_mapping(mapping_text, name)
        return "\n".join(_told(path, mapping, rows, bounds, postcodes))
    except (ValueError, FileNotFoundError) as error:
        return f"The mapping is not complete yet. {error}\n{_named(path)}"


def _named(path: Path) -> str:
    """Return the names of a file's columns, for a person to choose from."""
    names = open_source(path, Rejects(), **form_of(path)._asdict(), repeats=True).names
    return f"The file has the columns {', '.join(name for name in names if name)}."


def _told(
    path: Path, mapping: Mapping, rows: int, bounds: Bounds | None, postcodes: Path | None
) -> Iterator[str]:
    rejects = Rejects()
    source = open_mapped(path, mapping.file, rejects, rows_at_once=rows, rows_max=rows)
    demand_sources(mapping, source.names, path)
    translator = Translator(mapping, bounds=bounds, postcodes=postcodes)
    chunk = next(source.chunks, None)
    if chunk is None:
        yield "The file has no rows."
        return
    problems: Problems = {}
    kept, parsed = translator.translated(chunk, problems)
    for index in sorted(problems):
        rejects.add(path.name, kept.rows[index], problems[index])
    good = np.ones(len(kept.rows), dtype=np.bool_)
    good[list(problems)] = False
    what = "units, with their events" if mapping.file.one_row_per == "event" else "rows"
    yield f"Of the first {len(chunk.rows):,} {what}:"
    yield f"  {translator.left_out_count:,} are left out, as the mapping says"
    yield from _rejected(rejects.summary())
    yield f"  {int(good.sum()):,} can be used"
    if good.any():
        yield from _used(mapping, with_durations(parsed, mapping.time), good, kept.rows)
    if mapping.infers_outcomes:
        yield "  How others ended is told by at_hospital_at (conveyed) and first_on_scene_at."
    if translator.left_empty_count:
        yield f"  {translator.left_empty_count:,} impossible times are left empty"
    if translator.stamps.ambiguous_count:
        count = translator.stamps.ambiguous_count
        yield f"  {count:,} local times come twice and are taken as the earlier"
    yield from _unread(mapping, source.names, chunk)


_SET_ASIDE_HINT: Final = (
    '    (impossible = "leave_empty" in [time] keeps these incidents, without such times)'
)


def _rejected(summary: RejectSummary) -> Iterator[str]:
    yield f"  {summary.count:,} cannot be used"
    for field, reason, count in summary.reasons:
        example = next(r for r in summary.first if (r.field, r.reason) == (field, reason))
        yield f"    {count:,}: {field or 'the row'}: {reason}, such as {example}"
    if any(reason == "impossible time" for _, reason, _ in summary.reasons):
        yield _SET_ASIDE_HINT


def _used(mapping: Mapping, parsed: Parsed, good: Bools, rows_of: Sequence[int]) -> Iterator[str]:
    rows = np.flatnonzero(good).tolist()
    identifiers = {parsed["incident_id"][row] for row in rows}
    if mapping.file.one_row_per != "incident":
        yield f"  They are {len(identifiers):,} incidents."
    received = np.sort(parsed["received_at"][good])
    yield f"  from {instant_text(received[:1])[0]} to {instant_text(received[-1:])[0]}"
    if mapping.time.hour_of_week is None:
        yield from _hours(received.tolist(), mapping.time.zone)
    lon, lat = parsed["lon"][good], parsed["lat"][good]
    yield f"  lon {lon.min():.3f} to {lon.max():.3f}, lat {lat.min():.3f} to {lat.max():.3f}"
    if not LAT_MIN < float(np.median(lat)) < LAT_MAX:
        yield "  Nobody lives at such latitudes: are x (longitude) and y (latitude) exchanged?"
    yield from _far_off(lon, lat, [rows_of[row] for row in rows])
    categories = Counter(parsed["category"][row] for row in rows)
    yield "  " + ", ".join(f"{word} {count:,}" for word, count in sorted(categories.items()))
    for name, values in parsed.items():
        if BY_NAME[name].required:
            continue
        yield f"  {name}: {_filled(name, values, rows):,} of {len(rows):,}"


def _hours(received_ms: Sequence[int], zone: str) -> Iterator[str]:
    """Yield when most and fewest calls came: by night few do, unless times are another zone's."""
    if len(received_ms) < HOURS_ROWS_MIN:
        return
    place = ZoneInfo(zone)
    counts = Counter(datetime.fromtimestamp(ms / 1000, place).hour for ms in received_ms)
    around = [sum(counts[(hour + d) % 24] for d in (-1, 0, 1)) for hour in range(24)]
    busy, quiet = around.index(max(around)), around.index(min(around))
    told = f"  most calls come about {busy:02d}:00 by the clock of {zone}, fewest {quiet:02d}:00"
    # UTC is what a proposal writes where every time has its offset.
    is_clear = min(around) < QUIET_SHARE_MAX * sum(around) / len(around)
    is_odd = is_clear and quiet not in QUIET_HOURS and zone != "UTC"
    yield told + (": are times written in another zone, such as UTC?" if is_odd else "")


HOURS_ROWS_MIN: Final = 500
"""With fewer calls the hours tell nothing."""
QUIET_SHARE_MAX: Final = 0.75
"""A quietest hour with more than this of an hour's mean is no night."""
QUIET_HOURS: Final = range(1, 8)
"""In every city that was seen fewest calls come about four in the morning."""


def _far_off(lon: Floats, lat: Floats, numbers: Sequence[int]) -> Iterator[str]:
    """Yield how many scenes lie so far from most that their place is surely wrong."""
    far = far_off(lon, lat)
    if len(far):
        first = f"row {numbers[far[0]]}, lon {lon[far[0]]:g}, lat {lat[far[0]]:g}"
        yield f"  {len(far):,} lie far from all others, such as {first}; --region sets them aside"


def _filled(name: str, values: object, rows: list[int]) -> int:
    if BY_NAME[name].kind == "word":
        assert isinstance(values, list)
        return sum(1 for row in rows if values[row])
    array = np.asarray(values)[rows]
    known = array != ABSENT_MS if BY_NAME[name].kind == "instant" else ~np.isnan(array)
    return int(known.sum())


def _unread(mapping: Mapping, names: tuple[str, ...], chunk: Chunk) -> Iterator[str]:
    unread = [name for name in names if name and name not in mapping.sources()]
    if not unread:
        return
    yield "Columns that are not read, and so are lost:"
    for name in unread:
        example = next((cell for cell in chunk.columns.get(name, ()) if cell.strip()), "")
        yield f"  {name}" + (f" (such as {example[:40]!r})" if example else " (empty)")
