"""From a place name, or a graph saved by osmnx, to raw roads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from maps.geo import LonLat
from maps.osm import OsmExtract, OsmSite, site_kind
from maps.osm_roads import RawRoads
from maps.osm_tags import CLASSES, EVERYONE, node_access, road_facts
from maps.road_network import DEGREE_SCALE

if TYPE_CHECKING:
    import networkx as nx
    from shapely import MultiPolygon, Polygon

    Graph = nx.MultiDiGraph[int]

_DRIVABLE: Final = (
    "motorway|trunk|primary|secondary|tertiary|unclassified|residential|living_street|service|"
    "track|busway|pedestrian|road"
)
_WAY_FILTERS: Final = (
    f'["highway"~"^({_DRIVABLE})(_link)?$"]',
    '["highway"~"^(footway|path|cycleway|bridleway)$"]["emergency"]',
    '["route"="ferry"]',
)

_ACCESS_TAGS: Final = ("access", "vehicle", "motor_vehicle", "motorcar", "bus", "psv", "emergency")
_WAY_TAGS: Final = (
    "area", "bridge", "duration", "foot", "highway", "impassable", "junction", "lit", "maxheight",
    "maxspeed", "maxspeed:backward", "maxspeed:forward", "maxspeed:type", "name", "oneway",
    "oneway:bus", "oneway:emergency", "oneway:psv", "ref", "route", "service", "sidewalk",
    "source:maxspeed", "surface", "tracktype", "busway",
)  # fmt: skip
_NODE_TAGS: Final = ("barrier", "bollard", "highway", "maxheight")
_SITE_TAGS: Final[dict[str, str]] = {
    "amenity": "hospital",
    "healthcare": "hospital",
    "emergency": "ambulance_station",
}


class PlaceServers(msgspec.Struct, frozen=True, kw_only=True):
    """Where places are looked up and maps fetched; None takes the public servers."""

    nominatim_url: str | None = None
    overpass_url: str | None = None


def read_place(place: str, servers: PlaceServers | None = None) -> OsmExtract:
    """Return the roads, sites and boundary of a named place, fetched through osmnx.

    One question to Nominatim, then several to Overpass. Turn restrictions are not among the
    answers: build from a PBF where they matter.

    Raises
    ------
    ValueError
        When the place is unknown, is no area, or has no drivable road.
    OSError
        When a server does not answer.
    """
    import osmnx
    from osmnx._errors import InsufficientResponseError

    with _osmnx_settings(servers or PlaceServers()):
        try:
            polygon = osmnx.geocode_to_gdf(place).geometry.iloc[0]
            graph = osmnx.graph_from_polygon(
                polygon,
                simplify=False,
                retain_all=True,
                truncate_by_edge=True,
                custom_filter=list(_WAY_FILTERS),
            )
        except (InsufficientResponseError, TypeError) as error:
            # TypeError is what osmnx raises for a place that is a point.
            raise ValueError(f"Expected a place with roads, was {place!r}: {error}") from error
        except ValueError as error:
            raise ValueError(f"Expected roads in {place!r}, was: {error}") from error
        sites = _sites_in(polygon)
    extract = OsmExtract(roads_of_graph(graph), sites, polygon.wkb_hex)
    if not extract.roads.way_id:
        raise ValueError(f"Expected drivable roads in {place!r}, was none.")
    return extract


def read_graphml(path: Path) -> OsmExtract:
    """Return the roads of a graph that osmnx saved as GraphML, simplified or not.

    Such a file has no turn restrictions and no hospitals.

    Raises
    ------
    ValueError
        When the file is missing, is no GraphML of osmnx, or has no drivable road.
    """
    if not path.is_file():
        raise ValueError(f"Expected a GraphML file, was nothing at {path}.")
    import osmnx

    try:
        graph = osmnx.load_graphml(path)
        if str(graph.graph.get("crs", "")).lower() != "epsg:4326":
            graph = osmnx.project_graph(graph, to_latlong=True)
        roads = roads_of_graph(graph)
    except Exception as error:
        # The reader underneath raises whatever its XML parser and casts raise.
        raise ValueError(f"Expected GraphML saved by osmnx in {path}, was: {error!r}.") from error
    if not roads.way_id:
        raise ValueError(f"Expected drivable roads in {path}, was none.")
    return OsmExtract(roads, ())


def roads_of_graph(graph: Graph) -> RawRoads:
    """Return the raw roads of an osmnx graph: each street once, as a way of two or more nodes.

    osmnx draws a two-way street as two edges; one of them is kept, the one that is not marked as
    reversed. Bends of simplified edges get numbers below all others.
    """
    roads = RawRoads()
    next_ref = min((0, *graph.nodes)) - 1
    for node in sorted(graph.nodes):
        access = node_access(_texts(graph.nodes[node]))
        if access != EVERYONE:
            roads.node_access[node] = access
    for tail, head, data in _streets(graph):
        tags = _texts(data)
        if data.get("oneway") is not True and "highway" in tags:
            tags.pop("oneway", None)
        facts = road_facts(tags)
        if facts is None:
            roads.ignore("way not for ambulances")
            continue
        points = _points(graph, tail, head, data)
        refs = [tail, *range(next_ref, next_ref - len(points) + 2, -1), head]
        next_ref -= len(points) - 2
        for ref, (x, y) in zip(refs, points, strict=True):
            roads.ref.append(ref)
            roads.x.append(round(x * DEGREE_SCALE))
            roads.y.append(round(y * DEGREE_SCALE))
        roads.close_way(_number_of(data.get("osmid")), facts)
    return roads


def _streets(graph: Graph) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """Yield each street once, in a fixed order."""
    edges = [(tail, head, key, data) for tail, head, key, data in graph.edges(keys=True, data=True)]
    edges.sort(key=lambda edge: edge[:3])
    two_way = Counter((tail, head) for tail, head, _, data in edges if not _is_one_way(data))
    for tail, head, _, data in edges:
        if _is_one_way(data):
            yield tail, head, data
        elif isinstance(data.get("reversed"), bool):
            if not data["reversed"]:
                yield tail, head, data
        elif (two_way[tail, head], head) >= (two_way[head, tail], tail):
            yield tail, head, data


def _is_one_way(data: Mapping[str, Any]) -> bool:
    told = data.get("oneway", False)
    return True in told if isinstance(told, list) else told is True


def _points(
    graph: Graph, tail: int, head: int, data: Mapping[str, Any]
) -> list[tuple[float, float]]:
    ends = [(float(graph.nodes[node]["x"]), float(graph.nodes[node]["y"])) for node in (tail, head)]
    geometry = data.get("geometry")
    if geometry is None:
        return ends
    bends = [(float(x), float(y)) for x, y in list(geometry.coords)[1:-1]]
    return [ends[0], *bends, ends[1]]


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    """Return graph attributes as map tags; where a street joins several ways, the cautious one."""
    tags: dict[str, str] = {}
    for key, value in data.items():
        values = value if isinstance(value, list) else [value]
        words = [_word(one) for one in values if isinstance(one, str | bool | int | float)]
        words = [word for word in words if word not in {"", "nan"}]
        if not words:
            continue
        if key == "highway":
            tags[key] = max(words, key=_caution)
        elif key.startswith("maxspeed"):
            tags[key] = ";".join(words)
        else:
            tags[key] = words[0]
    return tags


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _caution(highway: str) -> int:
    return CLASSES.index(highway) if highway in CLASSES else -1


def _number_of(osmid: object) -> int:
    """Return the way number of an edge: the lowest of several; a made-up one where there is none.

    Graphs of other makers carry any kind of name; a digest keeps equal names equal.
    """
    numbers = [one for one in (osmid if isinstance(osmid, list) else [osmid]) if one is not None]
    whole = [one for one in numbers if isinstance(one, int)]
    if whole:
        return min(whole)
    return int.from_bytes(hashlib.sha256(repr(numbers).encode()).digest()[:6])


def _sites_in(polygon: Polygon | MultiPolygon) -> tuple[OsmSite, ...]:
    import osmnx
    from osmnx._errors import InsufficientResponseError

    try:
        found = osmnx.features_from_polygon(polygon, tags=dict(_SITE_TAGS))
    except InsufficientResponseError:
        return ()
    sites = [_site(index, row) for index, row in found.iterrows()]
    return tuple(sorted((site for site in sites if site is not None), key=lambda site: site.osm_id))


def _site(index: tuple[str, int], row: Any) -> OsmSite | None:
    tags = {key: value for key, value in row.items() if isinstance(value, str)}
    kind = site_kind(tags)
    if kind is None:
        return None
    inside = row.geometry.representative_point()
    at = LonLat(round(inside.x, 7), round(inside.y, 7))
    return OsmSite(kind, f"{index[0][0]}{index[1]}", at, tags)


@contextmanager
def _osmnx_settings(servers: PlaceServers) -> Iterator[None]:
    """Ask osmnx for the tags that matter to ambulances, and put its settings back afterwards."""
    from osmnx import settings

    wanted: dict[str, Any] = {
        "useful_tags_way": _merged(settings.useful_tags_way, _WAY_TAGS, _ACCESS_TAGS),
        "useful_tags_node": _merged(settings.useful_tags_node, _NODE_TAGS, _ACCESS_TAGS),
        # The cache would land in the folder that the command was called in.
        "use_cache": False,
    }
    if servers.nominatim_url is not None:
        wanted["nominatim_url"] = servers.nominatim_url
    if servers.overpass_url is not None:
        # A server of one's own hands out no slots to ask for.
        wanted |= {"overpass_url": servers.overpass_url, "overpass_rate_limit": False}
    before = {name: getattr(settings, name) for name in wanted}
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


def _merged(*lists: Iterable[str]) -> list[str]:
    return sorted({tag for tags in lists for tag in tags})
