"""What a region must satisfy before anyone dispatches in it; each failure names its entry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from maps.facilities import SKILLS, SPECIALIST_PATHWAYS, UNIT_KINDS, FleetUnit
from maps.geo import LonLat
from maps.network_rules import TIME_MS_MAX, network_faults
from maps.region import Region

DAY_MIN: Final = 24 * 60

Rule = Callable[[Region], Iterator[str]]


def check_region(region: Region) -> None:
    """Raise on a region that breaks a rule.

    Raises
    ------
    ValueError
        Naming the first failures with their entries, and how many there are.
    """
    faults = region_faults(region)
    if faults:
        shown = " ".join(faults[:3])
        more = f" ({len(faults) - 3} more)" if len(faults) > 3 else ""
        raise ValueError(f"Region {region.name!r}: {shown}{more}")


def region_faults(region: Region) -> list[str]:
    """Return a sentence for each fault of a region; empty for a sound one."""
    return [fault for rule in _RULES for fault in rule(region)]


def _knows_how_to_travel(region: Region) -> Iterator[str]:
    given = [
        name for name in ("roads", "matrix", "crow_flies") if getattr(region, name) is not None
    ]
    if len(given) != 1:
        yield f"Expected one of roads, matrix and crow_flies, was {given or 'none'}."
    if region.roads is not None:
        yield from network_faults(region.roads)


def _matrix_is_square(region: Region) -> Iterator[str]:
    if region.matrix is None:
        return
    matrix, count = region.matrix, len(region.matrix.place_id)
    yield from _doubles("matrix place", matrix.place_id)
    for place, lon, lat in zip(matrix.place_id, matrix.lon, matrix.lat, strict=True):
        yield from _off_globe(f"matrix place {place!r}", LonLat(float(lon), float(lat)))
    for name in ("blue_light_ms", "ordinary_ms"):
        times = getattr(matrix, name)
        if times.shape != (count, count):
            yield f"Expected {name} of {count} by {count}, was {times.shape}."
            continue
        bad = np.argwhere((times < 0) | (times > TIME_MS_MAX + 1))
        for row, column in bad[:1].tolist():
            yield (
                f"Expected {name} from 0 to {TIME_MS_MAX + 1}, was {times[row, column]} from "
                f"{matrix.place_id[row]!r} to {matrix.place_id[column]!r}."
            )


def _crow_flies_forward(region: Region) -> Iterator[str]:
    if region.crow_flies is None:
        return
    for name in ("blue_light_kmh", "ordinary_kmh"):
        speed = getattr(region.crow_flies, name)
        if not 0.0 < speed < math.inf:
            yield f"Expected a positive {name}, was {speed}."
    if not 1.0 <= region.crow_flies.detour_factor < math.inf:
        yield f"Expected a detour_factor of 1 or more, was {region.crow_flies.detour_factor}."


def _trusts_are_told_apart(region: Region) -> Iterator[str]:
    if not region.trusts:
        yield "Expected at least one trust, was none."
    yield from _doubles("trust", [trust.code for trust in region.trusts])
    for trust in region.trusts:
        if trust.polygon_wkb_hex is None:
            continue
        try:
            polygon = shapely.from_wkb(trust.polygon_wkb_hex)
        except shapely.errors.GEOSException:
            yield f"Expected well-known binary as the polygon of trust {trust.code!r}, was other."
            continue
        is_area = polygon.geom_type in {"Polygon", "MultiPolygon"} and not polygon.is_empty
        if not is_area or not polygon.is_valid:
            what = shapely.is_valid_reason(polygon) if is_area else polygon.geom_type
            yield f"Expected a valid polygon of trust {trust.code!r}, was {what}."


def _places_are_known(region: Region) -> Iterator[str]:
    trusts = {trust.code for trust in region.trusts}
    yield from _doubles("hospital", [site.id for site in region.hospitals])
    yield from _doubles("post", [post.id for post in region.posts])
    for site in region.hospitals:
        yield from _off_globe(f"hospital {site.id!r}", site.at)
        if site.bays < 1:
            yield f"Expected at least 1 bay at hospital {site.id!r}, was {site.bays}."
        for pathway in sorted(set(site.pathways) - SPECIALIST_PATHWAYS):
            known = ", ".join(sorted(SPECIALIST_PATHWAYS))
            yield f"Expected pathways of {known} at hospital {site.id!r}, was {pathway!r}."
    for post in region.posts:
        yield from _off_globe(f"post {post.id!r}", post.at)
        if post.trust not in trusts:
            yield f"Expected a trust of {sorted(trusts)} for post {post.id!r}, was {post.trust!r}."


def _fleet_can_serve(region: Region) -> Iterator[str]:
    trusts = {trust.code for trust in region.trusts}
    posts = {post.id for post in region.posts}
    yield from _doubles("unit", [unit.id for unit in region.fleet])
    for unit in region.fleet:
        for field, value, known in (
            ("kind", unit.kind, UNIT_KINDS),
            ("skill", unit.skill, SKILLS),
            ("trust", unit.trust, sorted(trusts)),
        ):
            if value not in known:
                words = ", ".join(known)
                yield f"Expected {field} of {words} for unit {unit.id!r}, was {value!r}."
        if unit.home not in posts:
            yield f"Expected a known post as home of unit {unit.id!r}, was {unit.home!r}."
        yield from _shifts_are_real(unit)


def _shifts_are_real(unit: FleetUnit) -> Iterator[str]:
    for shift in unit.shifts:
        minutes = (shift.start_min, shift.end_min)
        if not all(0 <= minute <= DAY_MIN for minute in minutes) or minutes[0] == minutes[1]:
            yield (
                f"Expected shift minutes from 0 to {DAY_MIN}, start and end apart, for unit "
                f"{unit.id!r}, was {minutes}."
            )
        if not shift.weekdays or not set(shift.weekdays) <= set(range(1, 8)):
            yield f"Expected weekdays 1 to 7 for unit {unit.id!r}, was {shift.weekdays}."


def _demand_counts_people(region: Region) -> Iterator[str]:
    demand, trusts = region.demand, {trust.code for trust in region.trusts}
    fields = ("lon", "lat", "population", "aged_65_plus", "is_rural", "trust")
    sizes = {field: len(getattr(demand, field)) for field in fields}
    for field, size in sizes.items():
        if size != len(demand):
            yield f"Expected {len(demand)} demand entries in {field}, was {size}."
    if len(set(sizes.values()) | {len(demand)}) > 1:
        return
    yield from _doubles("demand place", demand.id)
    for place in range(len(demand)):
        name = f"demand place {demand.id[place]!r}"
        at = LonLat(float(demand.lon[place]), float(demand.lat[place]))
        yield from _off_globe(name, at)
        people, old = int(demand.population[place]), int(demand.aged_65_plus[place])
        if not 0 <= old <= people:
            yield f"Expected 0 <= aged_65_plus <= population at {name}, was {old} of {people}."
        if demand.trust[place] not in trusts:
            yield f"Expected a trust of {sorted(trusts)} at {name}, was {demand.trust[place]!r}."


def _keeps_time(region: Region) -> Iterator[str]:
    try:
        ZoneInfo(region.timezone)
    except (ValueError, OSError, LookupError):
        yield f"Expected a timezone such as Europe/London, was {region.timezone!r}."


def _doubles(what: str, ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for entry in ids:
        if entry in seen:
            yield f"Expected every {what} once, was {entry!r} twice."
        if not entry:
            yield f"Expected a name for every {what}, was an empty one."
        seen.add(entry)


def _off_globe(what: str, at: LonLat) -> Iterator[str]:
    if not (-180.0 <= at.lon <= 180.0 and -90.0 <= at.lat <= 90.0):
        yield f"Expected {what} on the globe, lon in [-180, 180] and lat in [-90, 90], was {at}."


_RULES: Final[tuple[Rule, ...]] = (
    _knows_how_to_travel,
    _matrix_is_square,
    _crow_flies_forward,
    _trusts_are_told_apart,
    _places_are_known,
    _fleet_can_serve,
    _demand_counts_people,
    _keeps_time,
)
