"""Trusts, hospitals, posts and fleet from a TOML file that people write by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from maps.facilities import FleetUnit, Hospital, Post, Shift, Trust
from maps.geo import LonLat

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COUNT_MAX: Final = 2_000


class TravelEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a region without streets travels: a file of times, or speeds along straight lines.

    ``matrix`` names a CSV or Parquet file beside the TOML file. ``blue_light_share`` is the part
    of the ordinary time that blue lights need, for a matrix of ordinary times only.
    """

    matrix: str | None = None
    blue_light_share: float | None = None
    blue_light_kmh: float | None = None
    ordinary_kmh: float | None = None
    detour_factor: float | None = None


class _HospitalEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str
    lon: float
    lat: float
    ods_code: str | None = None
    emergency_department: bool = True
    pathways: tuple[str, ...] = ()
    bays: int = 4
    beds: int | None = None
    assumed: tuple[str, ...] = ()
    source: str = ""


class _PostEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    name: str
    trust: str
    lon: float
    lat: float
    is_station: bool = True
    assumed: bool = False
    source: str = ""


class _PlaceEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    lon: float
    lat: float
    population: int
    aged_65_plus: int = 0
    is_rural: bool = False
    trust: str | None = None


class _FleetEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    kind: str
    skill: str
    trust: str
    home: str
    count: int = 1
    shifts: tuple[str, ...] = ()
    assumed: bool = True


class _TrustEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    name: str
    source: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    attribution: tuple[str, ...] = ()
    timezone: str = "Europe/London"
    trusts: tuple[_TrustEntry, ...] = ()
    hospitals: tuple[_HospitalEntry, ...] = ()
    posts: tuple[_PostEntry, ...] = ()
    fleet: tuple[_FleetEntry, ...] = ()
    places: tuple[_PlaceEntry, ...] = ()
    travel: TravelEntry | None = None


class DemandEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A demand place as a file tells it; ``trust`` is None where the file leaves it to the map."""

    id: str
    at: LonLat
    population: int
    aged_65_plus: int
    is_rural: bool
    trust: str | None


class Facilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a TOML file tells of a region. Empty where it is silent."""

    attribution: tuple[str, ...]
    timezone: str
    trusts: tuple[Trust, ...]
    hospitals: tuple[Hospital, ...]
    posts: tuple[Post, ...]
    fleet: tuple[FleetUnit, ...]
    places: tuple[DemandEntry, ...]
    travel: TravelEntry | None


def read_facilities(path: Path) -> Facilities:
    """Return what a TOML file tells of trusts, hospitals, posts, fleet, places and travel.

    Raises
    ------
    ValueError
        When the file is missing or not of the documented form; the message names file and entry.
    """
    if not path.is_file():
        raise ValueError(f"Expected a TOML file of facilities, was nothing at {path}.")
    try:
        told = msgspec.toml.decode(path.read_bytes(), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Expected facilities as TOML in {path}, was: {error}.") from error
    try:
        fleet = tuple(unit for entry in told.fleet for unit in _units(entry))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return Facilities(
        attribution=told.attribution,
        timezone=told.timezone,
        trusts=tuple(Trust(code=t.code, name=t.name, source=t.source) for t in told.trusts),
        hospitals=tuple(_hospital(entry) for entry in told.hospitals),
        posts=tuple(_post(entry) for entry in told.posts),
        fleet=fleet,
        places=tuple(_place(entry) for entry in told.places),
        travel=told.travel,
    )


def parse_shift(text: str) -> Shift:
    """Return a shift from ``07:00-19:00`` or ``Mon-Fri 07:00-19:00`` or ``Sat,Sun 10:00-22:00``.

    Raises
    ------
    ValueError
        When the text is not of this form.
    """
    found = re.fullmatch(
        r"\s*(?:([A-Za-z,-]+)\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text
    )
    if not found:
        raise ValueError(f"Expected a shift such as 'Mon-Fri 07:00-19:00', was {text!r}.")
    days, *clock = found.groups()
    hours = [int(part) for part in clock]
    start_min, end_min = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or max(start_min, end_min) > 24 * 60:
        raise ValueError(f"Expected times from 00:00 to 24:00 in a shift, was {text!r}.")
    weekdays = tuple(range(1, 8)) if days is None else tuple(sorted(set(_weekdays(days, text))))
    return Shift(start_min=start_min, end_min=end_min, weekdays=weekdays)


def _weekdays(days: str, text: str) -> Iterator[int]:
    for part in days.lower().split(","):
        ends = [end[:3] for end in part.split("-")]
        if len(ends) > 2 or not all(end in _WEEKDAYS for end in ends):
            raise ValueError(f"Expected weekdays such as Mon-Fri in a shift, was {text!r}.")
        first, last = _WEEKDAYS.index(ends[0]), _WEEKDAYS.index(ends[-1])
        yield from ((first + step) % 7 + 1 for step in range((last - first) % 7 + 1))


def _units(entry: _FleetEntry) -> Iterator[FleetUnit]:
    if not 1 <= entry.count <= _COUNT_MAX:
        raise ValueError(
            f"Expected a count from 1 to {_COUNT_MAX} of unit {entry.id!r}, was {entry.count}."
        )
    try:
        shifts = tuple(parse_shift(text) for text in entry.shifts)
    except ValueError as error:
        raise ValueError(f"Unit {entry.id!r}: {error}") from error
    for number in range(1, entry.count + 1):
        yield FleetUnit(
            id=entry.id if entry.count == 1 else f"{entry.id}-{number}",
            trust=entry.trust,
            kind=entry.kind,
            skill=entry.skill,
            home=entry.home,
            shifts=shifts,
            assumed=entry.assumed,
        )


def _hospital(entry: _HospitalEntry) -> Hospital:
    return Hospital(
        id=entry.id,
        name=entry.name,
        at=LonLat(entry.lon, entry.lat),
        ods_code=entry.ods_code,
        emergency_department=entry.emergency_department,
        pathways=entry.pathways,
        bays=entry.bays,
        beds=entry.beds,
        assumed=entry.assumed,
        source=entry.source,
    )


def _post(entry: _PostEntry) -> Post:
    return Post(
        id=entry.id,
        name=entry.name,
        trust=entry.trust,
        at=LonLat(entry.lon, entry.lat),
        is_station=entry.is_station,
        assumed=entry.assumed,
        source=entry.source,
    )


def _place(entry: _PlaceEntry) -> DemandEntry:
    return DemandEntry(
        id=entry.id,
        at=LonLat(entry.lon, entry.lat),
        population=entry.population,
        aged_65_plus=entry.aged_65_plus,
        is_rural=entry.is_rural,
        trust=entry.trust,
    )
