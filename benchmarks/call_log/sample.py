"""The first rows of a foreign file, and what can be said of the file as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.call_log import roles
from benchmarks.call_log.codes import pair_of
from benchmarks.call_log.column_profile import Profile, profile
from benchmarks.call_log.events import open_mapped
from benchmarks.call_log.grids import grid_near, grid_of
from benchmarks.call_log.mapping import FileBlock
from benchmarks.call_log.rejects import Rejects
from benchmarks.call_log.role_names import LAT_MAX, LAT_MIN, plain
from benchmarks.call_log.source import Form, Source, form_of, open_source
from benchmarks.call_log.zones import language_of, zone_at, zone_by_writing, zone_of_zips

_WITH_COMMA: Final = re.compile(r"-?\d{1,7},\d+")
_WITH_POINT: Final = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of a file as columns of text, their profiles, and how the file is written."""

    path: Path
    row_count: int
    form: Form
    decimal: str
    language: str | None
    columns: Mapping[str, Sequence[str]]
    profiles: Sequence[Profile]
    near: tuple[float, float] | None = None
    """Longitude and latitude of a spot in the area, where a person gave one."""
    events: roles.Events | None = None
    """Which columns say what, of a file with a row for each status of a unit."""


def sample(path: Path, rows: int, near: tuple[float, float] | None = None) -> Sample:
    """Return the first rows of a file; ``near`` is a spot in its area, where one is known.

    Raises
    ------
    ValueError
        When the file is broken, of another kind, or has no rows.
    """
    form = form_of(path, rows)
    columns = _columns_of(path, form, rows)
    decimal = _decimal(columns) if form.delimiter != "," else "."
    profiles = [profile(name, cells, decimal) for name, cells in columns.items()]
    events = roles.events(profiles)
    if events is not None:
        file = FileBlock(one_row_per="event", **events._asdict(), **form._asdict())
        columns = _first_rows(open_mapped(path, file, Rejects(), rows_max=rows))
        profiles = [profile(name, cells, decimal) for name, cells in columns.items()]
    return Sample(
        path=path,
        row_count=len(next(iter(columns.values()))),
        form=form,
        decimal=decimal,
        language=language_of([plain(name) for name in columns]),
        columns=columns,
        profiles=profiles,
        near=near,
        events=events,
    )


def _columns_of(path: Path, form: Form, rows: int) -> dict[str, Sequence[str]]:
    rejects = Rejects()
    source = open_source(path, rejects, rows_at_once=rows, **form._asdict(), repeats=True)
    columns = _first_rows(source)
    if not columns or not len(next(iter(columns.values()))):
        faults = rejects.summary()
        found = f"none below the header ({', '.join(source.names)[:_SHOWN]})"
        if faults.count:
            found = f"{faults.count:,} lines that are none ({faults.first[0]})"
        raise ValueError(f"Expected rows in {path}, was {found}.")
    return columns


_SHOWN: Final = 80


def _first_rows(source: Source) -> dict[str, Sequence[str]]:
    chunk = next(source.chunks, None)
    columns = {} if chunk is None else chunk.columns
    return {name: cells for name, cells in columns.items() if name}


def _decimal(columns: Mapping[str, Sequence[str]]) -> str:
    """Return the mark before decimals: the one that more cells have."""
    commas = points = 0
    for cells in columns.values():
        some = [cell.strip() for cell in cells[:500]]
        commas += sum(1 for cell in some if _WITH_COMMA.fullmatch(cell))
        points += sum(1 for cell in some if _WITH_POINT.fullmatch(cell))
    return "," if commas > points else "."


def zone(found: Sample) -> tuple[str, str]:
    """Return the zone of times without an offset, and on what that rests."""
    times = roles.stamps(found.profiles).values()
    if times and all(column.has_offsets for column in times):
        return "UTC", "not used: every time has its offset"
    spot = middle(found)
    name = None if spot is None else zone_at(*spot)
    if name is not None:
        return name, "by where the scenes are: check"
    is_american = any("%p" in f and "%m/%d" in f for c in times for f in c.formats[:1])
    canadian = any(p.is_canadian and p.distinct > 1 for p in found.profiles)
    postcode = roles.postcode(found.profiles)
    has_zip = postcode is not None and postcode.low is not None and found.language is None
    if postcode is not None and postcode.low is None and not canadian:
        # Britain's postcodes are the ones with letters; AM and PM are written there too.
        return "Europe/London", "by its postcodes: check"
    if has_zip and postcode is not None and (name := zone_of_zips(postcode.common)) is not None:
        return name, "by its ZIP codes: check"
    guess = zone_by_writing(found.language, american=is_american or has_zip, canadian=canadian)
    return guess, "a guess by how the file is written: check"


def middle(found: Sample) -> tuple[float, float] | None:
    """Return longitude and latitude of about the middle of the sample; None without places."""
    if found.near is not None:
        return found.near
    pair, point = coordinates(found), roles.point(found.profiles)
    if pair is not None and roles.is_degrees(pair):
        x, y = pair[0].middle, pair[1].middle
        return (x, y) if x is not None and y is not None else None
    if pair is not None and roles.is_microdegrees(pair):
        x_factor, y_factor = degree_factors(pair, found)
        return (pair[0].middle or 0) * x_factor, (pair[1].middle or 0) * y_factor
    if pair is not None:
        return _on_globe(pair, found)
    if point is None:
        return None
    pairs = _pairs(found.columns[point.name])
    a, b = pairs[len(pairs) // 2]
    return (b, a) if is_lat_first(found.columns[point.name]) else (a, b)


def coordinates(found: Sample) -> tuple[Profile, Profile] | None:
    """Return the two columns of coordinates, unless their grid is unknown and a point is known."""
    pair = roles.numbers(found.profiles)
    if pair is None or roles.is_degrees(pair) or roles.is_microdegrees(pair):
        return pair
    is_unknown = grid_guess(pair, found) is None
    return None if is_unknown and roles.point(found.profiles) is not None else pair


def degree_factors(pair: tuple[Profile, Profile], found: Sample) -> tuple[float, float]:
    """Return what makes degrees of millionths; without a sign, American dates mean the west."""
    is_unsigned = (pair[0].low or 0) > 0
    american = any("%m/%d" in f for p in found.profiles for f in p.formats)
    # A control room of America drops the minus: nothing lies at 65 to 125 east and 24 to 50 north
    # but the deserts and mountains of Asia.
    x, y = (pair[0].middle or 0) / 1e6, (pair[1].middle or 0) / 1e6
    is_west = is_unsigned and (american or (65 < x < 125 and 24 < y < 50))
    return (-1e-6 if is_west else 1e-6), 1e-6


def _on_globe(pair: tuple[Profile, Profile], found: Sample) -> tuple[float, float] | None:
    guess = grid_guess(pair, found)
    if guess is None or pair[0].middle is None or pair[1].middle is None:
        return None
    from pyproj import Transformer

    code = "EPSG:27700" if guess[0] == "BNG" else guess[0]
    lon, lat = Transformer.from_crs(code, "EPSG:4326", always_xy=True).transform(
        pair[0].middle, pair[1].middle
    )
    return lon, lat


def grid_guess(pair: tuple[Profile, Profile], found: Sample) -> tuple[str, str] | None:
    """Return the reference system of two columns of metres, and a note on it."""
    x, y = pair
    if found.near is not None and x.middle is not None and y.middle is not None:
        return grid_near(x.middle, y.middle, *found.near)
    bounds = (x.low or 0.0, x.high or 0.0), (y.low or 0.0, y.high or 0.0)
    return grid_of(*bounds, f"{plain(x.name)} {plain(y.name)}", found.language)


def _pairs(cells: Sequence[str]) -> list[tuple[float, float]]:
    texts = [cell for cell in cells if cell.strip()][:500]
    return [pair for text in texts if (pair := pair_of(text)) is not None]


def is_lat_first(cells: Sequence[str]) -> bool:
    """Test whether the first number of points is the latitude.

    Known text form and GeoJSON have the longitude first; a text may name both; else a number at
    which nobody lives gives the longitude away; and last, people write the latitude first.
    """
    text = next(cell for cell in cells if cell.strip()).strip().lower()
    if text.startswith(("point", "srid")) or "coordinates" in text:
        return False
    if "lat" in text and "lon" in text:
        return text.index("lat") < text.index("lon")
    pairs = _pairs(cells)
    may_be_first = all(LAT_MIN < a < LAT_MAX for a, _ in pairs)
    may_be_second = all(LAT_MIN < b < LAT_MAX for _, b in pairs)
    return may_be_first or not may_be_second
