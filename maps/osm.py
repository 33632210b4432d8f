"""From an OpenStreetMap file to roads, hospitals and ambulance stations, reading it as a stream."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from maps.geo import LonLat
from maps.osm_roads import MISSING, RawRestriction, RawRoads
from maps.osm_tags import EVERYONE, Tags, node_access, road_facts
from maps.road_network import DEGREE_SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROAD_KEYS: Final = ("highway", "route", "barrier", "type")
_SITE_KEYS: Final = ("amenity", "healthcare", "emergency")

_RESTRICTION_KEYS: Final = ("restriction:motorcar", "restriction:motor_vehicle", "restriction")
"""Keys of turn restrictions that bind an ambulance, the most specific first."""


class OsmSite(NamedTuple):
    """A hospital or an ambulance station as mapped: where, and what its tags say."""

    kind: str
    osm_id: str
    at: LonLat
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class OsmExtract:
    """What one map tells: raw roads, sites, and the border of a place asked for by name."""

    roads: RawRoads
    sites: tuple[OsmSite, ...]
    border_wkb_hex: str | None = None


def read_osm(path: Path) -> OsmExtract:
    """Return the roads and sites of an OpenStreetMap file (.osm.pbf, .osm, .osm.bz2, …).

    The file is read twice as a stream; memory holds drivable ways and node locations only.

    Raises
    ------
    ValueError
        When the file is missing, truncated, of another format, or holds no drivable way.
    """
    if not path.is_file():
        raise ValueError(f"Expected an OpenStreetMap file, was nothing at {path}.")
    try:
        roads = _read_roads(path)
        if not roads.way_id:
            raise ValueError(f"Expected drivable ways in {path}, was none.")
        return OsmExtract(roads, tuple(_read_sites(path)))
    except RuntimeError as error:  # what libosmium raises for damaged and foreign files
        raise ValueError(
            f"Expected a whole OpenStreetMap file (.osm.pbf or .osm) at {path}, was: {error}"
        ) from error


def _read_roads(path: Path) -> RawRoads:
    import osmium

    roads = RawRoads()
    processor = osmium.FileProcessor(str(path)).with_locations()
    for thing in processor.with_filter(osmium.filter.KeyFilter(*_ROAD_KEYS)):
        if isinstance(thing, osmium.osm.Way):
            _add_way(roads, thing)
        elif isinstance(thing, osmium.osm.Node):
            access = node_access(dict(thing.tags))
            if access != EVERYONE:
                roads.node_access[thing.id] = access
        elif isinstance(thing, osmium.osm.Relation):
            _add_restriction(roads, thing)
    return roads


def _add_way(roads: RawRoads, way: Any) -> None:
    tags = dict(way.tags)
    if "highway" not in tags and tags.get("route") != "ferry":
        return
    facts = road_facts(tags)
    if facts is None:
        roads.ignore("way not for ambulances")
        return
    for node in way.nodes:
        location = node.location
        known = location.valid()
        roads.ref.append(node.ref)
        roads.x.append(location.x if known else MISSING)
        roads.y.append(location.y if known else MISSING)
        if not known:
            roads.ignore("node missing from the file")
    roads.close_way(way.id, facts)


def _add_restriction(roads: RawRoads, relation: Any) -> None:
    tags = dict(relation.tags)
    if tags.get("type") != "restriction":
        return
    verdict = restriction_kind(tags)
    if verdict not in {"no", "only"}:
        roads.ignore(f"turn restriction {verdict}")
        return
    members = [(member.type, member.ref, member.role) for member in relation.members]
    from_ways = tuple(ref for kind, ref, role in members if kind == "w" and role == "from")
    to_ways = tuple(ref for kind, ref, role in members if kind == "w" and role == "to")
    via_ways = tuple(ref for kind, ref, role in members if kind == "w" and role == "via")
    via_nodes = [ref for kind, ref, role in members if kind == "n" and role == "via"]
    if not from_ways or not to_ways or len(via_nodes) + bool(via_ways) != 1:
        roads.ignore("turn restriction without from, via or to")
        return
    via_node = via_nodes[0] if via_nodes else None
    roads.restrictions.append(
        RawRestriction(relation.id, verdict == "only", from_ways, to_ways, via_node, via_ways)
    )


def restriction_kind(tags: Tags) -> str:
    """Return ``no`` or ``only`` for a restriction that binds an ambulance, else why it does not.

    ``except=emergency`` frees ambulances. ``except=psv`` and ``except=bus`` do not: the network
    holds one set of turns for both ways of driving, and on ordinary driving they bind.
    """
    excepted = {word.strip() for word in tags.get("except", "").split(";")}
    if "emergency" in excepted:
        return "excepts emergency vehicles"
    text = next((tags[key] for key in _RESTRICTION_KEYS if key in tags), "")
    found = re.match(r"(no|only)_[a-z_]+$", text)
    if found:
        return found[1]
    if any(key.endswith(":conditional") for key in tags):
        return "holds at some hours only"
    return "is of an unknown kind"


def _read_sites(path: Path) -> Iterator[OsmSite]:
    import osmium
    import shapely

    wkb = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter(*_SITE_KEYS)
    for thing in osmium.FileProcessor(str(path)).with_areas(keys).with_filter(keys):
        tags = dict(thing.tags)
        kind = site_kind(tags)
        if kind is None:
            continue
        if isinstance(thing, osmium.osm.Node) and thing.location.valid():
            at = LonLat(thing.location.x / DEGREE_SCALE, thing.location.y / DEGREE_SCALE)
            yield OsmSite(kind, f"n{thing.id}", at, tags)
        elif isinstance(thing, osmium.osm.Area):
            inside = shapely.point_on_surface(shapely.from_wkb(wkb.create_multipolygon(thing)))
            letter = "w" if thing.from_way() else "r"
            at = LonLat(round(inside.x, 7), round(inside.y, 7))
            yield OsmSite(kind, f"{letter}{thing.orig_id()}", at, tags)


def site_kind(tags: Tags) -> str | None:
    """Return ``hospital`` or ``ambulance_station`` where the tags tell one, else None."""
    if tags.get("emergency") == "ambulance_station" or tags.get("amenity") == "ambulance_station":
        return "ambulance_station"
    if "hospital" in {tags.get("amenity"), tags.get("healthcare")}:
        return "hospital"
    return None
