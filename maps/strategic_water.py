"""Where the land ends: how much of a straight line is water, and where one may cross."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from maps.strategic_places import Floats, column, opened_text, read_rows

Pairs = npt.NDArray[np.int32]

TRUST_POLYGONS_FILE: Final = "ambulance_catchment_2022.geojson"
WATER_MAX_M: Final = 100.0
"""A link with more water than this under its straight line needs a crossing."""

BOARDING_WAIT_MIN: Final = 15.0
"""Assumed wait and boarding at a ferry: operators ask for arrival 15 to 30 minutes ahead."""

_CLOSING_M: Final = 100.0
"""Channels narrower than twice this count as land: every stream has its bridges."""
_TILE_M: Final = 20_000.0
_FACTS: Final = "sources/england"


@dataclass(frozen=True, slots=True, eq=False)
class Ferries:
    """Ferry links: pairs of places, int32[f, 2], and the minutes that each takes, float64[f]."""

    name: tuple[str, ...]
    pairs: Pairs
    minutes: Floats


class Land:
    """The land of all ambulance areas, England and Wales, cut into tiles for speed."""

    def __init__(self, polygons: list[shapely.Geometry]) -> None:
        whole = shapely.union_all(np.array(polygons, dtype=object))
        closed = whole.buffer(_CLOSING_M).buffer(-_CLOSING_M).simplify(_CLOSING_M / 2)
        west, south, east, north = closed.bounds
        tiles = (
            shapely.clip_by_rect(closed, x, y, x + _TILE_M, y + _TILE_M)
            for x in np.arange(west, east, _TILE_M)
            for y in np.arange(south, north, _TILE_M)
        )
        self._tiles = np.array([tile for tile in tiles if not tile.is_empty], dtype=object)
        self._tree = shapely.STRtree(self._tiles)

    def water_m(self, plane_m: Floats, pairs: Pairs) -> Floats:
        """Return the metres of water under the straight line of each pair, float64[m]."""
        ends = np.stack((plane_m[pairs[:, 0]], plane_m[pairs[:, 1]]), axis=1)
        lines = np.asarray(shapely.linestrings(ends), dtype=object)
        line, tile = self._tree.query(lines, predicate="intersects")
        dry = shapely.length(shapely.intersection(lines[line], self._tiles[tile]))
        dry_m = np.bincount(line, weights=dry, minlength=len(pairs))
        return np.maximum(shapely.length(lines) - dry_m, 0.0)


def read_trust_polygons(folder: Path) -> dict[str, shapely.Geometry]:
    """Return the polygon of each ambulance area in British National Grid, Wales among them.

    Raises
    ------
    ValueError
        When the file is absent, is not GeoJSON, or is in another coordinate system.
    """
    path = folder / TRUST_POLYGONS_FILE
    with opened_text(path) as stream:
        document = json.load(stream)
    crs = str(document.get("crs", {}).get("properties", {}).get("name", ""))
    if not crs.endswith("27700"):
        raise ValueError(f"{path}: expected coordinates in EPSG:27700, was {crs or 'unnamed'}.")
    return {
        str(feature["properties"]["ambo22"]): shapely.make_valid(
            shapely.geometry.shape(feature["geometry"])
        )
        for feature in document["features"]
    }


def crossing_pairs(plane_m: Floats) -> Pairs:
    """Return the links over bridges and through tunnels: the places nearest to their ends."""
    return _nearest_pairs(plane_m, *_facts("crossings.csv"))


def ferry_links(plane_m: Floats) -> Ferries:
    """Return the ferries, each between the places nearest to its piers, wait included."""
    path, rows = _facts("ferries.csv")
    minutes = column(path, rows, "crossing_min") + BOARDING_WAIT_MIN
    names = tuple(row["name"] for row in rows)
    return Ferries(names, _nearest_pairs(plane_m, path, rows), minutes)


def _facts(name: str) -> tuple[Path, list[dict[str, str]]]:
    path = Path(str(resources.files("maps"))) / _FACTS / name
    return path, read_rows(path, ("name", "from_easting_m", "to_northing_m"))


def _nearest_pairs(plane_m: Floats, path: Path, rows: list[dict[str, str]]) -> Pairs:
    tree = KDTree(plane_m)
    ends = [
        tree.query(
            np.column_stack(
                (column(path, rows, f"{end}_easting_m"), column(path, rows, f"{end}_northing_m"))
            )
        )[1]
        for end in ("from", "to")
    ]
    return np.sort(np.column_stack(ends), axis=1).astype(np.int32)
