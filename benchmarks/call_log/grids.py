"""In which reference system two columns of numbers are likely written."""

from __future__ import annotations

import re
from math import inf
from typing import Final, NamedTuple


class Guess(NamedTuple):
    """A reference system as a mapping names it, and what a person should know of the guess."""

    system: str
    note: str


class _Grid(NamedTuple):
    system: str
    note: str
    x_min: float
    x_max: float
    y_min: float
    y_max: float
    languages: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


_GRIDS: Final = (
    _Grid(
        "EPSG:2154", "Lambert-93 (France)", 1e5, 1.25e6, 6.0e6, 7.2e6, ("fr",), ("l93", "lambert")
    ),
    _Grid("EPSG:25832", "UTM zone 32", 2e5, 9.3e5, 4.0e6, 6.2e6, ("de", "it"), ("utm32",)),
    _Grid("EPSG:31466", "Gauss-Krüger zone 2", 2.4e6, 2.8e6, 5.2e6, 6.2e6),
    _Grid("EPSG:31467", "Gauss-Krüger zone 3", 3.2e6, 3.9e6, 5.2e6, 6.2e6),
    _Grid("EPSG:31468", "Gauss-Krüger zone 4", 4.2e6, 4.9e6, 5.2e6, 6.2e6),
    _Grid("EPSG:2056", "LV95 (Switzerland)", 2.48e6, 2.84e6, 1.07e6, 1.3e6),
    _Grid("EPSG:28992", "RD (Netherlands)", 1e4, 2.8e5, 3.05e5, 6.2e5, ("nl",), ("rd",)),
    _Grid("EPSG:2157", "Irish Transverse Mercator", 4.2e5, 7.8e5, 5.1e5, 9.7e5, (), ("itm",)),
    _Grid("EPSG:3006", "SWEREF 99 TM (Sweden)", 2.6e5, 9.2e5, 6.1e6, 7.7e6, ("sv",), ("sweref",)),
    _Grid("EPSG:2193", "NZTM (New Zealand)", 1.05e6, 2.15e6, 4.7e6, 6.2e6),
    _Grid("BNG", "British National Grid", 0.0, 7e5, 0.0, 1.3e6),
)
"""Grids by the numbers that occur in them, those that a name or language points to first."""

_UTM: Final = re.compile(r"\butm ?(?:zone ?)?(\d\d)(?= |n\b|$)")
_FAMILIES: Final = re.compile(r"\b(mga|gda|amg|utm)|state ?plane|\bsp(cs)?\b")
_WEB_MERCATOR: Final = 20_037_509.0


def grid_of(
    x: tuple[float, float], y: tuple[float, float], names: str, language: str | None
) -> Guess | None:
    """Return the reference system of numbers in these bounds; None where nothing fits.

    Parameters
    ----------
    x, y
        Smallest and largest number of either column.
    names
        Both names in plain words.
    language
        Language of the file, as far as it shows.

    Examples
    --------
    >>> grid_of((842000.0, 852000.0), (6511000.0, 6540000.0), "x l93 y l93", "fr").system
    'EPSG:2154'
    >>> grid_of((262000.0, 265000.0), (6640000.0, 6655000.0), "utm33 x utm33 y", None).system
    'EPSG:32633'
    >>> grid_of((440426.0, 480226.0), (323276.0, 378498.0), "easting northing", None).system
    'BNG'
    """
    zone = _UTM.search(names)
    if zone is not None and max(map(abs, x)) > 180:
        return Guess(f"EPSG:326{zone[1]}", f"UTM zone {zone[1]} north, by its name: check")
    fitting = [
        g
        for g in _GRIDS
        if g.x_min <= x[0] and x[1] <= g.x_max and g.y_min <= y[0] and y[1] <= g.y_max
    ]
    pointed = [g for g in fitting if language in g.languages or _names(g, names)]
    # Grids that only a language or a name points to share their numbers with others.
    plain = [g for g in fitting if not g.languages and not g.names]
    # A family of grids, one of which a name means, is known by a spot only.
    is_family = _FAMILIES.search(names) is not None
    found = next(iter(pointed or ([] if is_family else plain or fitting)), None)
    if found is not None:
        others = ", ".join(f"{g.system} {g.note}" for g in fitting if g is not found)
        return Guess(found.system, f"{found.note}: check" + (f"; or {others}" if others else ""))
    if max(map(abs, (*x, *y))) > 180 and max(map(abs, x)) <= _WEB_MERCATOR and min(*x, *y) < 0:
        return Guess("EPSG:3857", "Web Mercator, as web maps export: check")
    return None


_NEAR_DEGREES: Final = 1.0
"""Farther off than this no grid is meant; all parts of a service's area are nearer."""
_SAME_DEGREES: Final = 0.0005
"""Grids this near to each other are one grid on different dates of its survey."""


def grid_near(x: float, y: float, lon: float, lat: float) -> Guess | None:
    """Return the reference system in which a scene at x, y lies nearest to a known spot.

    Every projected system that is used around the spot is tried; None where none comes within a
    degree.

    Examples
    --------
    >>> grid_near(1_270_000.0, 225_000.0, -122.3, 47.6).system
    'EPSG:2285'
    """
    from pyproj.aoi import AreaOfInterest
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType

    spot = AreaOfInterest(lon, lat, lon, lat)
    used = query_crs_info(
        auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS], area_of_interest=spot, contains=True
    )
    codes = {int(info.code): info.name for info in used}
    found = sorted((_off(code, x, y, lon, lat), code, name) for code, name in codes.items())
    if not found or found[0][0] > _NEAR_DEGREES:
        return None
    _, code, name = min(
        (entry for entry in found if entry[0] <= found[0][0] + _SAME_DEGREES), key=lambda e: e[1]
    )
    return Guess("BNG" if code == _BNG else f"EPSG:{code}", f"{name}: the nearest to --near")


_BNG: Final = 27_700


def _off(code: int, x: float, y: float, lon: float, lat: float) -> float:
    """Return how many degrees from a spot x and y lie in a reference system."""
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        found = Transformer.from_crs(code, 4326, always_xy=True).transform(x, y)
    except ProjError:
        return inf
    return float(max(abs(found[0] - lon), abs(found[1] - lat)))


def _names(grid: _Grid, names: str) -> bool:
    return any(name in names.split() or name in names.replace(" ", "") for name in grid.names)
