"""Hospitals and stations as a map tells them, for regions without a list of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from maps.facilities import Hospital, Post
from maps.geo import great_circle_m
from maps.osm import OsmSite

WARD_GAP_M: Final = 400.0
"""A hospital mapped as a bare point this close to one mapped as an area is a ward of it."""

ANNEX_GAP_M: Final = 150.0
"""Two ambulance stations this close are one: a building and the service in it."""


def hospitals_of(sites: Iterable[OsmSite]) -> tuple[Hospital, ...]:
    """Return the hospitals among mapped sites, in the order of their map numbers.

    ``emergency=yes`` makes an emergency department; nothing else does. Bays are assumed.
    """
    mapped = sorted((site for site in sites if site.kind == "hospital"), key=_number)
    areas = [site for site in mapped if not site.osm_id.startswith("n")]
    points = [site for site in mapped if site.osm_id.startswith("n")]
    alone = [site for site in points if not _is_near(site, areas, WARD_GAP_M)]
    return tuple(
        Hospital(
            id=site.osm_id,
            name=site.tags.get("name", site.osm_id),
            at=site.at,
            ods_code=site.tags.get("ref:ods"),
            emergency_department=site.tags.get("emergency") == "yes",
            assumed=("bays",),
            source=f"OpenStreetMap {site.osm_id}",
        )
        for site in (*areas, *alone)
    )


def stations_of(sites: Iterable[OsmSite], trust: str) -> tuple[Post, ...]:
    """Return the ambulance stations among mapped sites, in the order of their map numbers.

    All go to one trust: the map seldom says whose they are.
    """
    mapped = sorted((site for site in sites if site.kind == "ambulance_station"), key=_number)
    mapped.sort(key=lambda site: "name" not in site.tags)  # of two in one place, keep the named
    kept: list[OsmSite] = []
    for site in mapped:
        if not _is_near(site, kept, ANNEX_GAP_M):
            kept.append(site)
    return tuple(
        Post(
            id=site.osm_id,
            name=site.tags.get("name", f"Ambulance station {site.osm_id}"),
            trust=trust,
            at=site.at,
            source=f"OpenStreetMap {site.osm_id}",
        )
        for site in sorted(kept, key=_number)
    )


def _is_near(site: OsmSite, others: Sequence[OsmSite], gap_m: float) -> bool:
    return any(great_circle_m(site.at, other.at) <= gap_m for other in others)


def _number(site: OsmSite) -> tuple[str, int]:
    return site.osm_id[0], int(site.osm_id[1:])
