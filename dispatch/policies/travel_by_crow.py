"""Travel times when routing has failed: great circle, a detour factor, a speed by mode.

Coordinates still come from the map, which is only read; no way is searched.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.degraded_rules import DegradedRules
from dispatch.domain.travel import (
    UNREACHABLE_MS,
    Metres,
    Milliseconds,
    Mode,
    OffNetworkError,
    Position,
    Positions,
    TravelUnavailableError,
)
from dispatch.ports import TravelTimes
from maps.geo import EARTH_RADIUS_M, LonLat

_MS_PER_M_AT_1_KMH: Final = 3_600.0

Radians = npt.NDArray[np.float64]


class GuardedTimes:
    """Travel times as they are; a question about ways that fails is a `TravelUnavailableError`.

    What is asked of the map alone (`snap`, `lonlat`, `plane_m`) stays as it is.
    """

    def __init__(self, travel: TravelTimes) -> None:
        self.inner: Final = travel

    @property
    def version(self) -> str:
        """Name of the travel times."""
        return self.inner.version

    def snap(self, at: LonLat) -> Position:
        """Return the nearest position to a coordinate."""
        return self.inner.snap(at)

    def lonlat(self, position: Position) -> LonLat:
        """Return the coordinate of a position."""
        return self.inner.lonlat(position)

    def plane_m(self, positions: Positions) -> tuple[Metres, Metres]:
        """Return metres on a common plane."""
        return self.inner.plane_m(positions)

    def to_one_ms(
        self, origins: Positions, destination: Position, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to one destination."""
        try:
            return self.inner.to_one_ms(origins, destination, mode, now_ms)
        except Exception as error:
            raise _unavailable(error) from error

    def from_one_ms(
        self, origin: Position, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from one origin to each destination."""
        try:
            return self.inner.from_one_ms(origin, destinations, mode, now_ms)
        except Exception as error:
            raise _unavailable(error) from error

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return times from each origin (row) to each destination (column)."""
        try:
            return self.inner.matrix_ms(origins, destinations, mode, now_ms)
        except Exception as error:
            raise _unavailable(error) from error

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to the destination at the same index."""
        try:
            return self.inner.pairs_ms(origins, destinations, mode, now_ms)
        except Exception as error:
            raise _unavailable(error) from error

    def after(
        self,
        origin: Position,
        destination: Position,
        mode: Mode,
        departed_ms: int,
        elapsed_ms: int,
    ) -> Position:
        """Return where a vehicle is that left ``elapsed_ms`` ago."""
        try:
            return self.inner.after(origin, destination, mode, departed_ms, elapsed_ms)
        except Exception as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> Exception:
    if isinstance(error, TravelUnavailableError):
        return error
    return TravelUnavailableError(f"{type(error).__name__}: {error}")


class TravelByCrow:
    """Times by great circle, from the coordinates of another engine's positions.

    Parameters
    ----------
    travel
        Whose positions these are: only `snap`, `lonlat` and `plane_m` of it are asked.
    rules
        Detour factor and speeds.
    """

    def __init__(self, travel: TravelTimes, rules: DegradedRules) -> None:
        self.inner: Final = travel
        self._ms_per_m: Final = {
            Mode.BLUE_LIGHT: rules.detour_factor * _MS_PER_M_AT_1_KMH / rules.blue_light_kmh,
            Mode.ORDINARY: rules.detour_factor * _MS_PER_M_AT_1_KMH / rules.ordinary_kmh,
        }

    @property
    def version(self) -> str:
        """Name of the travel times that are missed."""
        return f"{self.inner.version}+by-crow"

    def snap(self, at: LonLat) -> Position:
        """Return the nearest position to a coordinate."""
        return self.inner.snap(at)

    def lonlat(self, position: Position) -> LonLat:
        """Return the coordinate of a position."""
        return self.inner.lonlat(position)

    def plane_m(self, positions: Positions) -> tuple[Metres, Metres]:
        """Return metres on a common plane."""
        return self.inner.plane_m(positions)

    def to_one_ms(
        self, origins: Positions, destination: Position, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to one destination."""
        del now_ms
        return self._times(self._points(origins), self._points([destination]), mode)

    def from_one_ms(
        self, origin: Position, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from one origin to each destination."""
        return self.to_one_ms(destinations, origin, mode, now_ms)

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return times from each origin (row) to each destination (column)."""
        del now_ms
        rows, columns = self._points(origins), self._points(destinations)
        return self._times(rows[:, :, np.newaxis], columns[:, np.newaxis, :], mode)

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to the destination at the same index."""
        del now_ms
        return self._times(self._points(origins), self._points(destinations), mode)

    def after(
        self,
        origin: Position,
        destination: Position,
        mode: Mode,
        departed_ms: int,
        elapsed_ms: int,
    ) -> Position:
        """Return where a vehicle is on the straight line; near water, the nearer end of it."""
        to = np.array([destination], np.int64)
        total_ms = int(self.from_one_ms(origin, to, mode, departed_ms)[0])
        if elapsed_ms >= total_ms:
            return destination
        if elapsed_ms <= 0:
            return origin
        share = elapsed_ms / total_ms
        start, end = self.inner.lonlat(origin), self.inner.lonlat(destination)
        between = LonLat(
            start.lon + (end.lon - start.lon) * share, start.lat + (end.lat - start.lat) * share
        )
        try:
            return self.inner.snap(between)
        except OffNetworkError:
            return origin if share < 0.5 else destination

    def _points(self, positions: Any) -> Radians:
        """Return longitudes (row 0) and latitudes (row 1) of positions."""
        kinds, where = np.unique(np.asarray(positions, np.int64), return_inverse=True)
        places = [self.inner.lonlat(Position(position)) for position in kinds.tolist()]
        found: Radians = np.radians(np.array(places, np.float64).reshape(-1, 2).T)[:, where.ravel()]
        return found

    def _times(self, a: Radians, b: Radians, mode: Mode) -> Milliseconds:
        (lon1, lat1), (lon2, lat2) = a, b
        h = (
            np.sin((lat2 - lat1) / 2) ** 2
            + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
        )
        metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
        times = np.rint(metres * self._ms_per_m[Mode(mode)])
        found: Milliseconds = np.minimum(times, UNREACHABLE_MS).astype(np.int32)
        return found
