"""Points on the globe: longitude and latitude, distances, and the British National Grid."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pyproj import Transformer

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean Earth radius in metres (IUGG 1980, R1)."""


class LonLat(NamedTuple):
    """A point in WGS84 degrees, always longitude first."""

    lon: float
    lat: float


class OffNetworkError(ValueError):
    """A coordinate is too far from anything on which a vehicle can drive.

    ``gap_m`` is None when nothing at all was near enough to measure.
    """

    def __init__(self, at: LonLat, gap_m: float | None, gap_max_m: float) -> None:
        found = "nothing nearer" if gap_m is None else f"{gap_m:.0f} m away"
        super().__init__(f"Expected a point within {gap_max_m:.0f} m of a road, was {found}.")
        self.at, self.gap_m, self.gap_max_m = at, gap_m, gap_max_m


def checked(lon: float, lat: float) -> LonLat:
    """Return a point after checking that both coordinates are finite and on the globe.

    Raises
    ------
    ValueError
        When a coordinate is not finite, longitude is outside [-180, 180] or latitude outside
        [-90, 90].
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError(f"Expected finite lon and lat, was ({lon}, {lat}).")
    if not -180.0 <= lon <= 180.0:
        raise ValueError(f"Expected lon in [-180, 180], was {lon}.")
    if not -90.0 <= lat <= 90.0:
        raise ValueError(f"Expected lat in [-90, 90], was {lat}.")
    return LonLat(lon, lat)


def great_circle_m(a: LonLat, b: LonLat) -> float:
    """Return the great-circle distance between two points, in metres (haversine)."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*a, *b))
    h = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


@lru_cache(maxsize=2)
def _transformer(source: str, target: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def from_national_grid(easting_m: float, northing_m: float) -> LonLat:
    """Return the point at a British National Grid easting and northing in metres (EPSG:27700)."""
    lon, lat = _transformer("EPSG:27700", "EPSG:4326").transform(easting_m, northing_m)
    return checked(lon, lat)


def to_national_grid(at: LonLat) -> tuple[float, float]:
    """Return British National Grid easting and northing in metres (EPSG:27700)."""
    easting_m, northing_m = _transformer("EPSG:4326", "EPSG:27700").transform(at.lon, at.lat)
    return float(easting_m), float(northing_m)
