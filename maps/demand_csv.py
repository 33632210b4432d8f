"""Demand places from a CSV file: where people live, how many, how old."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from maps.facility_toml import DemandEntry
from maps.geo import LonLat, checked

COLUMNS: Final = ("id", "lon", "lat", "population")
OPTIONAL_COLUMNS: Final = ("aged_65_plus", "is_rural", "trust")
_TRUE: Final = frozenset({"true", "yes", "1", "rural"})
_FALSE: Final = frozenset({"false", "no", "0", "urban", ""})
_PEOPLE_MAX: Final = 2**31 - 1
_FIELD_CHARS_MAX: Final = 1_000


def read_demand(path: Path) -> tuple[DemandEntry, ...]:
    """Return the demand places of a CSV file with a header, in the order of the file.

    Raises
    ------
    ValueError
        When the file is missing, not UTF-8, lacks a column, or has a bad row; the message names
        file, row (the header is row 1) and field, what was expected and what was found.
    """
    if not path.is_file():
        raise ValueError(f"Expected a CSV file of demand places, was nothing at {path}.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if absent:
                raise ValueError(
                    f"{path}, row 1: Expected the columns {', '.join(COLUMNS)}, was without "
                    f"{', '.join(absent)}."
                )
            return _entries(path, reader)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: Expected UTF-8 text, was not: {error}.") from error
    except csv.Error as error:
        raise ValueError(f"{path}: Expected CSV, was: {error}.") from error


def _entries(path: Path, reader: csv.DictReader[str]) -> tuple[DemandEntry, ...]:
    entries: list[DemandEntry] = []
    row_of: dict[str, int] = {}
    for row in reader:
        try:
            entry = _entry(row)
            if entry.id in row_of:
                raise ValueError(  # noqa: TRY301 - reported with its row like every other fault
                    f"id: Expected every id once, was {entry.id!r} also in row {row_of[entry.id]}."
                )
        except ValueError as error:
            raise ValueError(f"{path}, row {reader.line_num}, {error}") from error
        row_of[entry.id] = reader.line_num
        entries.append(entry)
    if not entries:
        raise ValueError(f"{path}: Expected at least one demand place, was none.")
    return tuple(entries)


def _entry(row: Mapping[str, str | None]) -> DemandEntry:
    text = {field: (value or "").strip() for field, value in row.items() if field is not None}
    if None in row:
        raise ValueError("Expected as many fields as columns, was more.")
    for field, value in text.items():
        if len(value) > _FIELD_CHARS_MAX:
            raise ValueError(
                f"{field}: Expected at most {_FIELD_CHARS_MAX} characters, was {len(value)}."
            )
    if not text["id"]:
        raise ValueError("id: Expected a name, was nothing.")
    population = _people(text, "population")
    old = _people(text, "aged_65_plus") if text.get("aged_65_plus") else 0
    if old > population:
        raise ValueError(f"aged_65_plus: Expected at most the population {population}, was {old}.")
    return DemandEntry(
        id=text["id"],
        at=_point(text),
        population=population,
        aged_65_plus=old,
        is_rural=_flag(text.get("is_rural", "")),
        trust=text.get("trust") or None,
    )


def _point(text: Mapping[str, str]) -> LonLat:
    lon, lat = _number(text, "lon"), _number(text, "lat")
    try:
        return checked(lon, lat)
    except ValueError as error:
        swapped = abs(lon) <= 90.0 < abs(lat)
        hint = " Are lon and lat swapped?" if swapped else ""
        raise ValueError(f"lon, lat: {error}{hint}") from error


def _number(text: Mapping[str, str], field: str) -> float:
    try:
        number = float(text[field])
    except ValueError:
        raise ValueError(f"{field}: Expected a number, was {text[field]!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"{field}: Expected a finite number, was {text[field]!r}.")
    return number


def _people(text: Mapping[str, str], field: str) -> int:
    number = _number(text, field)
    if number != int(number) or not 0 <= number <= _PEOPLE_MAX:
        raise ValueError(f"{field}: Expected a whole number of people, was {text[field]!r}.")
    return int(number)


def _flag(value: str) -> bool:
    word = value.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(f"is_rural: Expected true or false, was {value!r}.")
    return word in _TRUE
