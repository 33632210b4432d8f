"""Trust polygons from a GeoJSON file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from maps.facilities import Trust

_CODE_KEYS: Final = ("trust", "code", "ods_code")
_BRITISH_GRID: Final = "27700"


def with_boundaries(trusts: Sequence[Trust], path: Path) -> tuple[Trust, ...]:
    """Return trusts with the polygons of a GeoJSON file (WGS84, or British National Grid).

    With one trust, all polygons together are its area. With several, each feature names its
    trust by a property ``trust``, ``code`` or ``ods_code``.

    Raises
    ------
    ValueError
        When the file is missing, no GeoJSON, has no polygon, an invalid one, one off the globe,
        or one of an unknown trust.
    """
    features = _features(path)
    by_code: dict[str, list[BaseGeometry]] = {trust.code: [] for trust in trusts}
    for number, (properties, polygon) in enumerate(features, start=1):
        code = _code_of(properties, trusts)
        if code not in by_code:
            raise ValueError(
                f"{path}, feature {number}: Expected a property {' or '.join(_CODE_KEYS)} of "
                f"{sorted(by_code)}, was {code!r}."
            )
        by_code[code].append(polygon)
    return tuple(_with_area(trust, by_code[trust.code]) for trust in trusts)


def _with_area(trust: Trust, polygons: list[BaseGeometry]) -> Trust:
    if not polygons:
        return trust
    area = shapely.normalize(shapely.union_all(polygons))
    return msgspec.structs.replace(trust, polygon_wkb_hex=shapely.to_wkb(area, hex=True))


def _code_of(properties: dict[str, Any], trusts: Sequence[Trust]) -> str | None:
    told = next((properties[key] for key in _CODE_KEYS if key in properties), None)
    if told is None and len(trusts) == 1:
        return trusts[0].code
    return None if told is None else str(told)


def _features(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    if not path.is_file():
        raise ValueError(f"Expected a GeoJSON file of boundaries, was nothing at {path}.")
    try:
        told = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ValueError(f"Expected GeoJSON in {path}, was: {error}.") from error
    entries = told.get("features") if told.get("type") == "FeatureCollection" else [told]
    on_grid = _BRITISH_GRID in str(told.get("crs", ""))
    found = [
        (_properties(entry), _polygon(entry, f"{path}, feature {number}", on_grid=on_grid))
        for number, entry in enumerate(entries or (), start=1)
    ]
    if not found:
        raise ValueError(f"Expected a polygon in {path}, was none.")
    return found


def _properties(entry: Any) -> dict[str, Any]:
    properties = entry.get("properties") if isinstance(entry, dict) else None
    return properties if isinstance(properties, dict) else {}


def _polygon(entry: Any, where: str, *, on_grid: bool) -> BaseGeometry:
    geometry = entry
    if isinstance(entry, dict) and entry.get("type") == "Feature":
        geometry = entry.get("geometry")
    try:
        polygon = shapely.from_geojson(msgspec.json.encode(geometry))
    except shapely.errors.GEOSException as error:
        raise ValueError(f"{where}: Expected a GeoJSON geometry, was: {error}.") from error
    if polygon is None or polygon.geom_type not in {"Polygon", "MultiPolygon"}:
        kind = "nothing" if polygon is None else polygon.geom_type
        raise ValueError(f"{where}: Expected a Polygon or MultiPolygon, was {kind}.")
    if on_grid:
        polygon = _from_grid(polygon)
    west, south, east, north = polygon.bounds
    if polygon.is_empty or not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise ValueError(
            f"{where}: Expected degrees on the globe, was the box {polygon.bounds}. "
            f"A grid needs a 'crs' member (EPSG:27700 is understood)."
        )
    if not polygon.is_valid:
        raise ValueError(
            f"{where}: Expected a valid polygon, was: {shapely.is_valid_reason(polygon)}."
        )
    return polygon


def _from_grid(polygon: BaseGeometry) -> BaseGeometry:
    import numpy as np
    from pyproj import Transformer

    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    return shapely.transform(
        polygon,
        lambda metres: np.column_stack(to_degrees.transform(metres[:, 0], metres[:, 1])),
    )
