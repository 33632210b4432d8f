"""From fitted links to a road network: a door and a passing point at each place.

A journey pays the time of getting on and off the roads once at each end, whatever the number of
places on its way. Therefore each place is two nodes at one point: its *door*, where journeys
begin and end, and its *passing point*, where links meet; the access time lies between them.
Facilities have doors of their own, joined to the passing points around. So is a place on a spit or
between creeks that no straight line reaches on dry land: people live there, so there is a road.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from maps.geo import EARTH_RADIUS_M, LonLat
from maps.road_network import Access, RoadNetwork
from maps.strategic_fit import ENTRY_COUNT, entries
from maps.strategic_links import Links
from maps.strategic_places import Floats, Places, people_per_km2
from maps.strategic_water import WATER_MAX_M, Ferries, Land

CLASSES: Final = (
    "strategic_access",
    "strategic_urban",
    "strategic_suburban",
    "strategic_rural",
    "strategic_trunk",
    "ferry",
)
"""Road classes of the network; places and facilities stand on ``strategic_access`` alone."""

URBAN_PER_KM2_MIN: Final = 2_500.0
SUBURBAN_PER_KM2_MIN: Final = 600.0
"""People per km² around a link from which it counts as urban, and as suburban (assumed)."""

DETOUR_FACTOR: Final = 1.25
"""Road length over straight length of a link (assumed; for distances driven, not for times)."""

ACCESS_LENGTH_M: Final = 100.0
"""Length given to the way between a door and its passing point (assumed)."""

TIME_STEP_MS: Final = 500
"""Times are kept in steps of half a second: the table behind them has steps of a minute."""

_MS_PER_MIN: Final = 60_000.0


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Undirected pieces of network before they are sorted: arrays of equal length."""

    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    minutes: Floats
    length_m: Floats
    road_class: npt.NDArray[np.uint8]
    name_index: npt.NDArray[np.int32]
    built_up: npt.NDArray[np.bool_]


def strategic_network(
    places: Places,
    links: Links,
    link_min: Floats,
    access_min: float,
    ferries: Ferries,
    facilities: Sequence[LonLat],
    land: Land | None = None,
) -> RoadNetwork:
    """Return the road network of fitted links, ferries, doors and facilities.

    With ``land``, a facility is joined across water to no place but its nearest.

    Nodes: the doors of the n places in their order, the passing points of the same, then a door
    and a gate for each facility. Every piece may be driven both ways in equal time.
    """
    count = len(places)
    density = people_per_km2(places)
    lon = np.concatenate((places.lon, places.lon, np.repeat([at.lon for at in facilities], 2)))
    lat = np.concatenate((places.lat, places.lat, np.repeat([at.lat for at in facilities], 2)))
    pieces = _together(
        (
            _doors(count, access_min, density),
            _passages(links, link_min, density, count),
            _stranded(places, links, ferries, density),
            _ferries(ferries, count),
            _facilities(places, facilities, access_min, density, land),
        )
    )
    straight_m = _straight_m(lon, lat, pieces.tail, pieces.head)
    length_m = np.maximum(pieces.length_m, np.maximum(straight_m * DETOUR_FACTOR, 1.0))
    names = ("", *ferries.name)
    return _network(lon, lat, pieces, np.ceil(length_m / 10.0) * 10.0, names)


def facility_positions(hospitals: Sequence[LonLat], posts: Sequence[LonLat]) -> list[LonLat]:
    """Return the facilities that get a door, each coordinate once, in order."""
    return list(dict.fromkeys((*hospitals, *posts)))


def _doors(count: int, access_min: float, density: Floats) -> _Pieces:
    door = np.arange(count, dtype=np.int32)
    return _pieces(
        door, door + count, np.full(count, access_min / 2.0), "strategic_access", density
    )


def _passages(links: Links, link_min: Floats, density: Floats, count: int) -> _Pieces:
    between = np.sqrt(density[links.pair[:, 0]] * density[links.pair[:, 1]])
    pieces = _pieces(
        links.pair[:, 0] + count, links.pair[:, 1] + count, link_min, "strategic_rural", between
    )
    pieces.road_class[between >= SUBURBAN_PER_KM2_MIN] = CLASSES.index("strategic_suburban")
    pieces.road_class[between >= URBAN_PER_KM2_MIN] = CLASSES.index("strategic_urban")
    pieces.road_class[links.level > 0] = CLASSES.index("strategic_trunk")
    return pieces


def _stranded(places: Places, links: Links, ferries: Ferries, density: Floats) -> _Pieces:
    """Return streets from places that neither links nor ferries join to the rest of the country.

    To the places around, at the pace of a facility's streets; they are not fitted.
    """
    count = len(places)
    place = stranded_places(links, ferries, count)
    rest = np.setdiff1d(np.arange(count), place)
    if not len(place) or len(rest) < ENTRY_COUNT:
        return _nothing()
    around, minutes = entries(places.plane_m[rest], places.plane_m[place])
    tail = np.repeat(place, around.shape[1]).astype(np.int32)
    head = rest[around.ravel()].astype(np.int32)
    between = np.sqrt(density[tail] * density[head])
    return _pieces(tail + count, head + count, minutes.ravel(), "strategic_suburban", between)


def stranded_places(links: Links, ferries: Ferries, count: int) -> npt.NDArray[np.int64]:
    """Return the places outside the largest part of the country that links and ferries join."""
    pairs = np.vstack((links.pair, ferries.pairs))
    joined = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (count, count))
    _, part = connected_components(joined, directed=False)
    return np.flatnonzero(part != np.bincount(part).argmax())


def _ferries(ferries: Ferries, count: int) -> _Pieces:
    nobody = np.zeros(len(ferries.minutes))
    pieces = _pieces(
        ferries.pairs[:, 0] + count, ferries.pairs[:, 1] + count, ferries.minutes, "ferry", nobody
    )
    pieces.name_index[:] = np.arange(1, len(ferries.minutes) + 1)
    return pieces


def _facilities(
    places: Places,
    facilities: Sequence[LonLat],
    access_min: float,
    density: Floats,
    land: Land | None,
) -> _Pieces:
    """Return for each facility its door, and from its gate the streets to the places around.

    The gate keeps snapping honest: a coordinate meets the door alone, never half a street.
    """
    if not facilities:
        return _nothing()
    from maps.geo import to_national_grid

    count = len(places)
    plane_m = np.array([to_national_grid(at) for at in facilities])
    place, minutes = entries(places.plane_m, plane_m)
    door = (2 * count + 2 * np.arange(len(facilities))).astype(np.int32)
    around = density[place[:, 0]]
    at_door = _pieces(
        door, door + 1, np.full(len(door), access_min / 2.0), "strategic_access", around
    )
    keep = _on_land(places, plane_m, place, land)
    streets = _pieces(
        (place + count).astype(np.int32)[keep],
        np.repeat(door + 1, place.shape[1]).reshape(place.shape)[keep],
        minutes[keep],
        "strategic_suburban",
        np.repeat(around, place.shape[1]).reshape(place.shape)[keep],
    )
    return _together((at_door, streets))


def _on_land(
    places: Places, plane_m: Floats, place: npt.NDArray[np.int64], land: Land | None
) -> npt.NDArray[np.bool_]:
    """Return which streets of facilities may be: dry ones, and always that to the nearest place."""
    keep = np.ones(place.shape, dtype=np.bool_)
    if land is not None:
        ends_m = np.vstack((places.plane_m, plane_m))
        own = np.repeat(np.arange(len(plane_m)), place.shape[1]) + len(places)
        pairs = np.column_stack((place.ravel(), own)).astype(np.int32)
        keep = (land.water_m(ends_m, pairs) <= WATER_MAX_M).reshape(place.shape)
    keep[:, 0] = True
    return keep


def _nothing() -> _Pieces:
    nothing = np.zeros(0, dtype=np.int32)
    return _pieces(nothing, nothing, np.zeros(0), "strategic_access", np.zeros(0))


def _pieces(
    tail: npt.NDArray[np.int32],
    head: npt.NDArray[np.int32],
    minutes: Floats,
    road_class: str,
    density: Floats,
) -> _Pieces:
    count = len(tail)
    return _Pieces(
        tail=tail,
        head=head,
        minutes=minutes,
        length_m=np.full(count, ACCESS_LENGTH_M if road_class == "strategic_access" else 0.0),
        road_class=np.full(count, CLASSES.index(road_class), dtype=np.uint8),
        name_index=np.zeros(count, dtype=np.int32),
        built_up=density >= SUBURBAN_PER_KM2_MIN,
    )


def _together(parts: Sequence[_Pieces]) -> _Pieces:
    return _Pieces(
        tail=np.concatenate([part.tail for part in parts]),
        head=np.concatenate([part.head for part in parts]),
        minutes=np.concatenate([part.minutes for part in parts]),
        length_m=np.concatenate([part.length_m for part in parts]),
        road_class=np.concatenate([part.road_class for part in parts]),
        name_index=np.concatenate([part.name_index for part in parts]),
        built_up=np.concatenate([part.built_up for part in parts]),
    )


def _network(
    lon: Floats, lat: Floats, pieces: _Pieces, length_m: Floats, names: tuple[str, ...]
) -> RoadNetwork:
    """Return both directions of each piece as sorted edges; segments in the order of pieces."""
    count = len(pieces.tail)
    order = np.lexsort((pieces.head, pieces.tail))
    segment = np.tile(np.arange(count, dtype=np.int32), 2)
    tail = np.concatenate((pieces.tail[order], pieces.head[order]))
    head = np.concatenate((pieces.head[order], pieces.tail[order]))
    is_forward = np.repeat([True, False], count)
    edge = np.lexsort((segment, head, tail))
    source = order[segment[edge]]
    steps = np.maximum(np.rint(pieces.minutes * _MS_PER_MIN / TIME_STEP_MS), 1)
    both = int(Access.ORDINARY | Access.BLUE_LIGHT)
    nothing = np.zeros(0, dtype=np.int32)
    return RoadNetwork(
        lon=lon,
        lat=lat,
        first_out=np.searchsorted(tail[edge], np.arange(len(lon) + 1)).astype(np.int32),
        head=head[edge],
        length_m=length_m[source].astype(np.float32),
        road_class=pieces.road_class[source],
        posted_kmh=np.zeros(2 * count, dtype=np.uint8),
        fixed_ms=(steps * TIME_STEP_MS).astype(np.int32)[source],
        access=np.full(2 * count, both, dtype=np.uint8),
        segment=segment[edge],
        is_forward=is_forward[edge],
        shape_first=np.zeros(count + 1, dtype=np.int32),
        shape_lon=nothing,
        shape_lat=nothing,
        way_id=np.zeros(count, dtype=np.int64),
        name_index=pieces.name_index[order],
        banned_turns=np.zeros((0, 2), dtype=np.int32),
        banned_paths=(),
        classes=CLASSES,
        names=names,
        built_up=pieces.built_up[source],
    )


def _straight_m(
    lon: Floats, lat: Floats, tail: npt.NDArray[np.int32], head: npt.NDArray[np.int32]
) -> Floats:
    """Return great-circle distances between the ends of pieces, float64[m] (haversine)."""
    east, north = np.radians(lon), np.radians(lat)
    h = (
        np.sin((north[head] - north[tail]) / 2) ** 2
        + np.cos(north[tail]) * np.cos(north[head]) * np.sin((east[head] - east[tail]) / 2) ** 2
    )
    distance: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))
    return distance
