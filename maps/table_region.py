"""Regions without streets: places and a matrix of times, or speeds along straight lines."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.facility_toml import Facilities, TravelEntry
from maps.geo import LonLat
from maps.region import CrowFlies, TravelMatrix

NO_WAY_MS: Final = 2**30 - 1
UNIT_MS: Final[Mapping[str, float]] = {"ms": 1.0, "s": 1_000.0, "min": 60_000.0}
_PLACES_MAX: Final = 6_000
"""Two matrices of this many places fill 288 MB; more is a job for a road network."""


class _Journey(NamedTuple):
    row: int
    start: str
    end: str
    blue_light_ms: int
    ordinary_ms: int


class _Column(NamedTuple):
    """A column of times: its name, and the factor that makes it milliseconds."""

    name: str
    to_ms: float


def travel_of(facilities: Facilities, path: Path) -> TravelMatrix | CrowFlies:
    """Return the travel model that the TOML file at ``path`` declares.

    Raises
    ------
    ValueError
        When it declares none, both or half of one, or its matrix file is bad; the message names
        file, row and field.
    """
    travel = facilities.travel
    if travel is None:
        raise ValueError(f"{path}: Expected a [travel] table for a region without streets.")
    speeds = (travel.blue_light_kmh, travel.ordinary_kmh, travel.detour_factor)
    if travel.matrix is not None:
        if any(speed is not None for speed in speeds):
            raise ValueError(f"{path}: Expected a matrix or speeds in [travel], was both.")
        share = travel.blue_light_share
        if share is not None and not 0.0 < share <= 1.0:
            raise ValueError(f"{path}: Expected blue_light_share in (0, 1], was {share}.")
        return read_matrix(path.parent / travel.matrix, _locations(facilities), share)
    return _crow_flies(travel, path)


def _crow_flies(travel: TravelEntry, path: Path) -> CrowFlies:
    blue_light, ordinary, detour = travel.blue_light_kmh, travel.ordinary_kmh, travel.detour_factor
    if blue_light is None or ordinary is None or detour is None:
        raise ValueError(
            f"{path}: Expected a matrix, or blue_light_kmh, ordinary_kmh and detour_factor, in "
            f"[travel], was {travel}."
        )
    return CrowFlies(blue_light_kmh=blue_light, ordinary_kmh=ordinary, detour_factor=detour)


def _locations(facilities: Facilities) -> dict[str, LonLat]:
    """Return where everything with a name is; a place and a post may share one."""
    located = {site.id: site.at for site in facilities.hospitals}
    located |= {post.id: post.at for post in facilities.posts}
    return located | {place.id: place.at for place in facilities.places}


def read_matrix(
    path: Path, locations: Mapping[str, LonLat], blue_light_share: float | None = None
) -> TravelMatrix:
    """Return a matrix of times from a CSV or Parquet file in long form, a row a journey.

    Columns ``from``, ``to``, and for blue light and ordinary driving a column each whose name
    ends in its unit: ``blue_light_s``, ``ordinary_min``, … (``ms``, ``s`` or ``min``). A pair
    without a row, or with an empty time, has no way; a place to itself takes no time. Without a
    blue-light column, ``blue_light_share`` of the ordinary time is taken.

    Raises
    ------
    ValueError
        When the file is missing or not of this form, names an unknown place, gives a pair twice,
        or a time is not a finite number from 0 on; the message names file, row and field.
    """
    if not path.is_file():
        raise ValueError(f"Expected a matrix as CSV or Parquet, was nothing at {path}.")
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    journeys = list(_journeys(path, rows, blue_light_share))
    ids = sorted({place for journey in journeys for place in (journey.start, journey.end)})
    unknown = next((place for place in ids if place not in locations), None)
    if unknown is not None:
        raise ValueError(
            f"{path}: Expected places that the region locates (a place, hospital or post), "
            f"was {unknown!r}."
        )
    if not 0 < len(ids) <= _PLACES_MAX:
        raise ValueError(f"{path}: Expected 1 to {_PLACES_MAX} places, was {len(ids)}.")
    return TravelMatrix(
        place_id=tuple(ids),
        lon=np.array([locations[place].lon for place in ids]),
        lat=np.array([locations[place].lat for place in ids]),
        blue_light_ms=_square(path, journeys, ids, "blue_light_ms"),
        ordinary_ms=_square(path, journeys, ids, "ordinary_ms"),
    )


def _square(
    path: Path, journeys: Sequence[_Journey], ids: Sequence[str], field: str
) -> npt.NDArray[np.int32]:
    number = {place: index for index, place in enumerate(ids)}
    times = np.full((len(ids), len(ids)), NO_WAY_MS, dtype=np.int32)
    np.fill_diagonal(times, 0)
    seen: dict[tuple[str, str], int] = {}
    for journey in journeys:
        pair = journey.start, journey.end
        if pair in seen:
            raise ValueError(
                f"{path}, row {journey.row}: Expected every pair once, was {pair} also in row "
                f"{seen[pair]}."
            )
        seen[pair] = journey.row
        times[number[journey.start], number[journey.end]] = getattr(journey, field)
    return times


def _journeys(
    path: Path, rows: Iterator[tuple[int, Mapping[str, Any]]], blue_light_share: float | None
) -> Iterator[_Journey]:
    columns: tuple[_Column, _Column] | None = None
    for number, row in rows:
        if columns is None:
            columns = _columns(path, [str(name) for name in row], blue_light_share)
        try:
            blue_light_ms, ordinary_ms = (_time_ms(row, column) for column in columns)
            start, end = _text(row, "from"), _text(row, "to")
        except ValueError as error:
            raise ValueError(f"{path}, row {number}, {error}") from None
        yield _Journey(number, start, end, blue_light_ms, ordinary_ms)


def _columns(
    path: Path, names: Sequence[str], blue_light_share: float | None
) -> tuple[_Column, _Column]:
    """Return the columns of blue-light and of ordinary times."""
    blue_light, ordinary = (_column(names, mode) for mode in ("blue_light", "ordinary"))
    if blue_light is None and ordinary is not None and blue_light_share is not None:
        blue_light = _Column(ordinary.name, ordinary.to_ms * blue_light_share)
    if blue_light is None or ordinary is None or not {"from", "to"} <= set(names):
        raise ValueError(
            f"{path}: Expected the columns from, to, blue_light_s (or a blue_light_share in the "
            f"region's [travel]) and ordinary_s (or _ms, _min), was {', '.join(names)}."
        )
    return blue_light, ordinary


def _column(names: Sequence[str], mode: str) -> _Column | None:
    for unit, to_ms in UNIT_MS.items():
        if f"{mode}_{unit}" in names:
            return _Column(f"{mode}_{unit}", to_ms)
    return None


def _text(row: Mapping[str, Any], field: str) -> str:
    text = str(row[field] if row[field] is not None else "").strip()
    if not text:
        raise ValueError(f"{field}: Expected the name of a place, was nothing.")
    return text


def _time_ms(row: Mapping[str, Any], column: _Column) -> int:
    value = row[column.name]
    if value is None or (isinstance(value, str) and not value.strip()):
        return NO_WAY_MS
    try:
        number = float(value) * column.to_ms
    except (TypeError, ValueError):
        raise ValueError(f"{column.name}: Expected a number, was {value!r}.") from None
    if not (math.isfinite(number) and 0.0 <= number < NO_WAY_MS):
        raise ValueError(
            f"{column.name}: Expected a time from 0 to {NO_WAY_MS // 3_600_000} hours, "
            f"was {value!r}."
        )
    return round(number)


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            for row in reader:
                yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: Expected CSV as UTF-8 text, was: {error}.") from error


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except pa.ArrowException as error:
        raise ValueError(f"{path}: Expected a Parquet file, was: {error}.") from error
    yield from enumerate(table.to_pylist(), start=1)
