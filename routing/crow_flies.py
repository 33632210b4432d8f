"""Travel times without streets: great-circle distance, a detour factor and a speed by mode.

A position is a coordinate in steps of 1e-7 degree (about 1 cm), longitude in the high bits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from maps.geo import EARTH_RADIUS_M, LonLat, checked
from maps.region import CrowFlies
from routing.plane import Plane
from routing.position import Positions
from routing.weights import UNREACHABLE_MS, DriveMode

_SCALE: Final = 10_000_000
_LON_SHIFT: Final = 180 * _SCALE
_LAT_SHIFT: Final = 90 * _SCALE
_LAT_BITS: Final = 31
_MS_PER_M_AT_1_KMH: Final = 3_600.0

_ENGLAND: Final = Plane(lon=-1.5, lat=52.8)

Times = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


class CrowFliesTimes:
    """Times in a straight line, stretched: exact under this model, and symmetric.

    Fits the core's `TravelTimes` by shape. Every place is on this network.
    """

    def __init__(self, model: CrowFlies, version: str) -> None:
        for name in ("blue_light_kmh", "ordinary_kmh", "detour_factor"):
            value = getattr(model, name)
            if not 0.0 < value < float("inf"):
                raise ValueError(f"Expected a positive {name}, was {value}.")
        self._ms_per_m = {
            mode: model.detour_factor * _MS_PER_M_AT_1_KMH / kmh
            for mode, kmh in (
                (DriveMode.BLUE_LIGHT, model.blue_light_kmh),
                (DriveMode.ORDINARY, model.ordinary_kmh),
            )
        }
        self._version = version

    @property
    def version(self) -> str:
        """Name of the region that these times belong to."""
        return self._version

    def snap(self, at: LonLat) -> int:
        """Return the position of a coordinate."""
        lon, lat = checked(*at)
        return _packed(round(lon * _SCALE), round(lat * _SCALE))

    def lonlat(self, position: int) -> LonLat:
        """Return the coordinate of a position."""
        lon, lat = _unpacked(np.array([position], dtype=np.int64))
        return checked(float(lon[0]), float(lat[0]))

    def to_one_ms(self, origins: Positions, destination: int, mode: int, now_ms: int) -> Times:
        """Return the time from each origin to one destination."""
        del now_ms
        ends = np.array([destination], dtype=np.int64)
        return self._times(np.asarray(origins, dtype=np.int64), ends, mode)

    def from_one_ms(self, origin: int, destinations: Positions, mode: int, now_ms: int) -> Times:
        """Return the time from one origin to each destination."""
        return self.to_one_ms(destinations, origin, mode, now_ms)

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: int, now_ms: int
    ) -> Times:
        """Return times from each origin (row) to each destination (column)."""
        del now_ms
        rows = np.asarray(origins, dtype=np.int64)[:, np.newaxis]
        return self._times(rows, np.asarray(destinations, dtype=np.int64)[np.newaxis, :], mode)

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: int, now_ms: int
    ) -> Times:
        """Return the time from each origin to the destination at the same index."""
        del now_ms
        rows = np.asarray(origins, dtype=np.int64)
        columns = np.asarray(destinations, dtype=np.int64)
        if len(rows) != len(columns):
            raise ValueError(f"Expected {len(rows)} destinations, was {len(columns)}.")
        return self._times(rows, columns, mode)

    def plane_m(self, positions: Positions) -> tuple[Floats, Floats]:
        """Return eastward and northward metres on a plane that touches the middle of England."""
        return _ENGLAND.metres(*_unpacked(np.asarray(positions, dtype=np.int64)))

    def after(
        self, origin: int, destination: int, mode: int, departed_ms: int, elapsed_ms: int
    ) -> int:
        """Return where a vehicle is that left ``elapsed_ms`` ago, on the straight line."""
        total_ms = int(self.to_one_ms(np.array([origin]), destination, mode, departed_ms)[0])
        if elapsed_ms >= total_ms:
            return destination
        if elapsed_ms <= 0:
            return origin
        share = elapsed_ms / total_ms
        x0, y0 = _steps(origin)
        x1, y1 = _steps(destination)
        return _packed(x0 + round((x1 - x0) * share), y0 + round((y1 - y0) * share))

    def _times(self, origins: Positions, destinations: Positions, mode: int) -> Times:
        metres = _great_circle_m(*_unpacked(origins), *_unpacked(destinations))
        times = np.rint(metres * self._ms_per_m[DriveMode(mode)])
        return np.minimum(times, UNREACHABLE_MS).astype(np.int32)


def _packed(lon_steps: int, lat_steps: int) -> int:
    return ((lon_steps + _LON_SHIFT) << _LAT_BITS) | (lat_steps + _LAT_SHIFT)


def _steps(position: int) -> tuple[int, int]:
    return (position >> _LAT_BITS) - _LON_SHIFT, (position & (2**_LAT_BITS - 1)) - _LAT_SHIFT


def _unpacked(positions: Positions) -> tuple[Floats, Floats]:
    lon = ((positions >> _LAT_BITS) - _LON_SHIFT) / _SCALE
    lat = ((positions & (2**_LAT_BITS - 1)) - _LAT_SHIFT) / _SCALE
    outside = (np.abs(lon) > 180.0) | (np.abs(lat) > 90.0) | (positions < 0)
    if outside.any():
        raise ValueError(f"Expected positions on the globe, was {positions[outside].ravel()[0]}.")
    return lon, lat


def _great_circle_m(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    lon1, lat1, lon2, lat2 = (np.radians(angle) for angle in (lon1, lat1, lon2, lat2))
    h = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return metres
