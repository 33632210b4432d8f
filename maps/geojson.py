"""A region as GeoJSON, for map programs and for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from maps.region import Region
from maps.road_network import Access, RoadNetwork
from maps.shapes import segment_lines

Feature = dict[str, Any]
_DECIMALS: Final = 7


def write_geojson(region: Region, path: Path, layers: Iterable[str] | None = None) -> int:
    """Write a region as one FeatureCollection; return the number of features.

    Every feature has a property ``layer``. Equal regions give equal bytes.

    Raises
    ------
    ValueError
        When a layer is not one of `LAYERS`.
    """
    chosen = list(LAYERS) if layers is None else list(layers)
    unknown = [layer for layer in chosen if layer not in LAYERS]
    if unknown:
        raise ValueError(f"Expected layers of {', '.join(LAYERS)}, was {', '.join(unknown)}.")
    head: Feature = {"type": "FeatureCollection", "region": region.name, "version": region.version}
    head |= {"attribution": list(region.attribution)}
    encode = msgspec.json.encode
    count = 0
    with path.open("wb") as out:
        out.write(encode(head)[:-1] + b',"features":[')
        for layer in chosen:
            for feature in LAYERS[layer](region):
                feature["properties"] = {"layer": layer} | feature["properties"]
                out.write((b",\n" if count else b"\n") + encode(feature))
                count += 1
        out.write(b"\n]}\n")
    return count


def _roads(region: Region) -> Iterator[Feature]:
    if region.roads is None:
        return
    roads = region.roads
    lines = segment_lines(roads)
    points = np.column_stack((lines.lon, lines.lat)).round(_DECIMALS)
    for segment, facts in enumerate(_segment_facts(roads)):
        line = points[lines.first[segment] : lines.first[segment + 1]].tolist()
        yield _feature({"type": "LineString", "coordinates": line}, facts)


def _segment_facts(roads: RoadNetwork) -> Iterator[Feature]:
    """Yield what there is to say of each segment, from the edge that stands for it."""
    opposite = roads.opposites()
    edge_of = np.zeros(len(roads.way_id), dtype=np.int64)
    for is_forward in (False, True):
        edges = np.flatnonzero(roads.is_forward == is_forward)
        edge_of[roads.segment[edges]] = edges
    for segment, edge in enumerate(edge_of.tolist()):
        access = Access(int(roads.access[edge]))
        yield {
            "edge": edge,
            "way": int(roads.way_id[segment]),
            "name": roads.names[int(roads.name_index[segment])],
            "class": roads.classes[int(roads.road_class[edge])],
            "one_way": bool(opposite[edge] < 0),
            "against_line": not bool(roads.is_forward[edge]),
            "blue_light_only": Access.ORDINARY not in access,
            "posted_kmh": int(roads.posted_kmh[edge]) or None,
            "length_m": round(float(roads.length_m[edge]), 1),
        }


def _trusts(region: Region) -> Iterator[Feature]:
    for trust in region.trusts:
        if trust.polygon_wkb_hex is not None:
            geometry = msgspec.json.decode(
                shapely.to_geojson(shapely.from_wkb(trust.polygon_wkb_hex))
            )
            yield _feature(geometry, {"code": trust.code, "name": trust.name})


def _hospitals(region: Region) -> Iterator[Feature]:
    for site in region.hospitals:
        facts = msgspec.to_builtins(site)
        yield _feature(_point(*facts.pop("at")), facts)


def _posts(region: Region) -> Iterator[Feature]:
    for post in region.posts:
        facts = msgspec.to_builtins(post)
        yield _feature(_point(*facts.pop("at")), facts)


def _demand(region: Region) -> Iterator[Feature]:
    demand = region.demand
    for place in range(len(demand)):
        facts = {
            "id": demand.id[place],
            "population": int(demand.population[place]),
            "aged_65_plus": int(demand.aged_65_plus[place]),
            "is_rural": bool(demand.is_rural[place]),
            "trust": demand.trust[place],
        }
        yield _feature(_point(float(demand.lon[place]), float(demand.lat[place])), facts)


def _point(lon: float, lat: float) -> Feature:
    return {"type": "Point", "coordinates": [lon, lat]}


def _feature(geometry: Feature, properties: Feature) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


LAYERS: Final[Mapping[str, Callable[[Region], Iterator[Feature]]]] = {
    "trusts": _trusts,
    "roads": _roads,
    "hospitals": _hospitals,
    "posts": _posts,
    "demand": _demand,
}
"""What can be exported, in the order in which it is written."""
