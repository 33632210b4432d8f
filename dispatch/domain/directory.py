"""Reading a directory of services from CSV or JSON bytes: what can be read, and what cannot."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from dispatch.domain.opening_hours import parse_opening_hours
from dispatch.domain.service import AgeRange, Service, SymptomCode
from maps.geo import from_national_grid

COLUMNS: Final = (
    *("id", "name", "type", "lon", "lat", "easting", "northing", "hours", "ages", "sexes"),
    *("complaints", "symptoms", "dispositions", "exclusions", "frailty", "referrers", "methods"),
    *("trusts", "radius_m", "polygon_wkb_hex", "reach_min", "respond_min", "books_slots"),
    *("is_active", "ods_code", "telephone", "source"),
)
"""Columns of a directory in CSV; only the first three must be there. Lists are separated by
semicolons; hours as in `parse_opening_hours`; ages in days, ``6575-`` or ``0-364;6575-``;
symptoms ``1110`` or ``1110:4003``; frailty ``4-9``."""

REQUIRED: Final = ("id", "name", "type")

_T = TypeVar("_T")


class Reject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry that could not be taken: its row (from 1; in CSV the header is row 1), and why."""

    row: int
    id: str
    why: str


class DirectoryImport(msgspec.Struct, frozen=True, kw_only=True):
    """What a directory file held: the services in its order, the rejects, unknown columns."""

    services: tuple[Service, ...]
    rejects: tuple[Reject, ...]
    ignored: tuple[str, ...] = ()


def directory_from_csv(data: bytes) -> DirectoryImport:
    """Return the services of a CSV file in UTF-8, with or without byte order mark.

    A row that cannot be read, or repeats an id, is a reject with its reason; the others are kept.

    Raises
    ------
    ValueError
        When the file as a whole cannot be read: not UTF-8, no header, a required column missing
        or a column twice.
    """
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise ValueError(f"Expected CSV, was {error} at line {reader.line_num}.") from None
    if not rows:
        raise ValueError("Expected a header row, was an empty file.")
    header = [name.strip().lower() for name in rows[0]]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise ValueError(f"Expected the columns {', '.join(REQUIRED)}, was none {missing[0]!r}.")
    if len(set(header)) != len(header):
        raise ValueError(f"Expected each column once, was {header}.")
    entries: list[tuple[int, Mapping[str, str] | str]] = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            entries.append((number, f"Expected {len(header)} cells, was {len(cells)}."))
        else:
            named = zip(header, (cell.strip() for cell in cells), strict=True)
            entries.append((number, dict(named)))
    ignored = tuple(name for name in header if name not in COLUMNS)
    return _collect(entries, _service_of_cells, ignored)


def directory_from_json(data: bytes) -> DirectoryImport:
    """Return the services of a JSON file: a list of services, or an object with ``services``.

    ``hours`` may be the written form or the object. Entries that cannot be read are rejects.

    Raises
    ------
    ValueError
        When the file is not JSON or not such a list.
    """
    try:
        content = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(f"Expected JSON, was {error}.") from None
    if isinstance(content, dict):
        content = content.get("services")
    if not isinstance(content, list):
        raise ValueError(  # noqa: TRY004 - bad input, not a bad call
            "Expected a list of services, or an object with one under 'services'."
        )
    return _collect(list(enumerate(content, start=1)), _service_of_object, ())


def rejects_csv(rejects: tuple[Reject, ...]) -> str:
    """Return the text of a rejects file: row, id, why."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("row", "id", "why"))
    writer.writerows((reject.row, reject.id, reject.why) for reject in rejects)
    return out.getvalue()


def _collect(
    entries: list[tuple[int, Any]], read: Callable[[Any], Service], ignored: tuple[str, ...]
) -> DirectoryImport:
    services: dict[str, Service] = {}
    rejects: list[Reject] = []
    for row, entry in entries:
        given = str(entry.get("id", "")) if isinstance(entry, dict) else ""
        try:
            if isinstance(entry, str):
                raise ValueError(entry)  # noqa: TRY004, TRY301
            service = read(entry)
            if service.id in services:
                raise ValueError(f"Expected each id once, was {service.id!r} again.")  # noqa: TRY301
        except ValueError as error:
            rejects.append(Reject(row=row, id=given, why=str(error)))
        else:
            services[service.id] = service
    return DirectoryImport(
        services=tuple(services.values()), rejects=tuple(rejects), ignored=ignored
    )


def _service_of_object(entry: Any) -> Service:
    if not isinstance(entry, dict):
        raise ValueError(f"Expected an object, was {type(entry).__name__}.")  # noqa: TRY004
    unknown = sorted(set(entry) - set(Service.__struct_fields__))
    if unknown:
        raise ValueError(f"Expected known fields, was {', '.join(map(repr, unknown))}.")
    hours = entry.get("hours")
    if isinstance(hours, str):
        entry = entry | {"hours": msgspec.to_builtins(parse_opening_hours(hours))}
    return msgspec.convert(entry, type=Service)


def _service_of_cells(cells: Mapping[str, str]) -> Service:
    entry: dict[str, Any] = {}
    for name, read in _READERS.items():
        if cells.get(name):
            entry[name] = read(cells[name])
    at = _place(cells)
    if at is not None:
        entry["at"] = at
    if cells.get("frailty"):
        low, high = _bounds(cells["frailty"], "frailty")
        entry |= {"frailty_min": low, "frailty_max": high}
    absent = [name for name in REQUIRED if name not in entry]
    if absent:
        raise ValueError(f"Expected {absent[0]}, was nothing.")
    return msgspec.convert(msgspec.to_builtins(entry), type=Service)


def _place(cells: Mapping[str, str]) -> tuple[float, float] | None:
    lon, lat = cells.get("lon"), cells.get("lat")
    if lon and lat:
        return _number(lon, "lon", float), _number(lat, "lat", float)
    if lon or lat:
        raise ValueError("Expected both lon and lat, was one of them.")
    easting, northing = cells.get("easting"), cells.get("northing")
    if easting and northing:
        at = from_national_grid(
            _number(easting, "easting", float), _number(northing, "northing", float)
        )
        return at.lon, at.lat
    return None


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(";") if item.strip()]


def _age_range(item: str) -> AgeRange:
    low, high = _bounds(item, "ages")
    return AgeRange(low or 0) if high is None else AgeRange(low or 0, high)


def _symptom(item: str) -> SymptomCode:
    match = re.fullmatch(r"(\d+)(?::(\d+))?", item)
    if match is None:
        raise ValueError(f"Expected a symptom such as 1110 or 1110:4003, was {item!r}.")
    return SymptomCode(int(match[1]), None if match[2] is None else int(match[2]))


def _bounds(item: str, name: str) -> tuple[int | None, int | None]:
    match = re.fullmatch(r"(\d*)\s*-\s*(\d*)", item)
    if match is None or not (match[1] or match[2]):
        raise ValueError(f"Expected {name} such as 4-9, 4- or -9, was {item!r}.")
    return (int(match[1]) if match[1] else None), (int(match[2]) if match[2] else None)


def _number(text: str, name: str, read: Callable[[str], _T]) -> _T:
    try:
        return read(text)
    except ValueError:
        raise ValueError(f"Expected a number as {name}, was {text!r}.") from None


def _yes(text: str, name: str) -> bool:
    answer = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in answer:
        raise ValueError(f"Expected yes or no as {name}, was {text!r}.")
    return answer[text.lower()]


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(
        ("id", "name", "type", "polygon_wkb_hex", "ods_code", "telephone", "source"), str
    ),
    **dict.fromkeys(
        (
            *("sexes", "complaints", "dispositions", "exclusions"),
            *("methods", "trusts", "referrers"),
        ),
        _items,
    ),
    "hours": parse_opening_hours,
    "ages": lambda cell: [_age_range(item) for item in _items(cell)],
    "symptoms": lambda cell: [_symptom(item) for item in _items(cell)],
    "radius_m": lambda cell: _number(cell, "radius_m", float),
    "reach_min": lambda cell: _number(cell, "reach_min", int),
    "respond_min": lambda cell: _number(cell, "respond_min", int),
    "books_slots": lambda cell: _yes(cell, "books_slots"),
    "is_active": lambda cell: _yes(cell, "is_active"),
}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"Expected UTF-8, was {error.reason} at byte {error.start}.") from None
