"""Travel times that follow a calibration: a fit of the core's `TravelTimes` around another."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.travel_calibration.calibration import Calibration, Effects, hour_classes
from dispatch.ports import (
    UNREACHABLE_MS,
    Metres,
    Milliseconds,
    Mode,
    Position,
    Positions,
    TravelTimes,
)
from maps.geo import LonLat
from maps.speeds import load_profile

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

_PLACES_KEPT: Final = 200_000


class CalibratedTimes:
    """A base's travel times, corrected by what journeys of the region have shown.

    A mode without observed journeys keeps the base's times. The start of the curve is added only
    where it was measured while driving; where the clock ran from the call or the assignment, it
    is turning out, which others account for. Stations have no part in it: a unit may leave from
    anywhere. Fits the core's `TravelTimes` by shape.
    """

    def __init__(self, base: TravelTimes, calibration: Calibration) -> None:
        """Wrap a base.

        Raises
        ------
        ValueError
            When the calibration was fitted on the travel times of another region.
        """
        if _region(base.version) != _region(calibration.base):
            raise ValueError(
                f"Expected a calibration of {_region(base.version)}, was of "
                f"{_region(calibration.base)}."
            )
        self._base, self._calibration = base, calibration
        self._effects = Effects(calibration)
        self._speed_profile = load_profile()
        self._starts = calibration.measured_from == "first_mobile_at"
        self._observed = {m for m in Mode if m.name.lower() in calibration.modes}
        self._area_of: dict[int, int] = {}

    @property
    def version(self) -> str:
        """Name of the base and of the calibration."""
        return f"{self._base.version}+travel.{self._calibration.version[:12]}"

    def snap(self, at: LonLat) -> Position:
        """Return the nearest position to a coordinate, as the base does."""
        return self._base.snap(at)

    def lonlat(self, position: Position) -> LonLat:
        """Return the coordinate of a position."""
        return self._base.lonlat(position)

    def plane_m(self, positions: Positions) -> tuple[Metres, Metres]:
        """Return eastward and northward metres on the base's plane."""
        return self._base.plane_m(positions)

    def to_one_ms(
        self, origins: Positions, destination: Position, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to one destination, in the order of the origins."""
        found = self._base.to_one_ms(origins, destination, mode, now_ms)
        to = np.full(len(origins), int(destination), dtype=np.int64)
        return self._corrected(found, np.asarray(origins), to, mode, now_ms)

    def from_one_ms(
        self, origin: Position, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from one origin to each destination, in their order."""
        found = self._base.from_one_ms(origin, destinations, mode, now_ms)
        left = np.full(len(destinations), int(origin), dtype=np.int64)
        return self._corrected(found, left, np.asarray(destinations), mode, now_ms)

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return times from each origin (row) to each destination (column)."""
        found = self._base.matrix_ms(origins, destinations, mode, now_ms)
        left = np.repeat(np.asarray(origins), len(destinations))
        to = np.tile(np.asarray(destinations), len(origins))
        flat = self._corrected(found.ravel(), left, to, mode, now_ms)
        return flat.reshape(found.shape)

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to the destination at the same index."""
        found = self._base.pairs_ms(origins, destinations, mode, now_ms)
        return self._corrected(found, np.asarray(origins), np.asarray(destinations), mode, now_ms)

    def after(
        self,
        origin: Position,
        destination: Position,
        mode: Mode,
        departed_ms: int,
        elapsed_ms: int,
    ) -> Position:
        """Return where a vehicle is that left ``elapsed_ms`` ago on the base's fastest way.

        It has driven the same share of the base's time as of the corrected time.
        """
        pair = (np.array([origin]), np.array([destination]))
        corrected_ms = int(self.pairs_ms(*pair, mode, departed_ms)[0])
        base_ms = int(self._base.pairs_ms(*pair, mode, departed_ms)[0])
        if corrected_ms >= UNREACHABLE_MS or corrected_ms == 0:
            return self._base.after(origin, destination, mode, departed_ms, elapsed_ms)
        driven_ms = elapsed_ms * base_ms // corrected_ms
        if elapsed_ms >= corrected_ms:
            driven_ms = max(driven_ms, base_ms)
        return self._base.after(origin, destination, mode, departed_ms, driven_ms)

    def _corrected(
        self, found_ms: Milliseconds, origins: Int64s, destinations: Int64s, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the base's times as the calibration corrects them; no way stays no way."""
        if mode not in self._observed or not len(found_ms):
            return found_ms
        curve = self._calibration.curve
        now = np.array([now_ms], dtype=np.int64)
        hour = int(hour_classes(now, self._speed_profile, self._calibration.timezone)[0])
        x1, y1 = self._base.plane_m(origins)
        x2, y2 = self._base.plane_m(destinations)
        distance_m = np.hypot(x2 - x1, y2 - y1)
        driving_s = curve.driving(found_ms / 1000.0, distance_m)
        if self._starts:
            driving_s = driving_s + curve.start_s[hour]
        hours = np.full(len(found_ms), hour, dtype=np.int64)
        modes = np.full(len(found_ms), int(mode), dtype=np.int64)
        factor = self._effects.factor(self._areas(destinations), hours, modes)
        whole_ms = np.minimum(np.rint(driving_s * factor * 1000.0), UNREACHABLE_MS - 1)
        stays = (found_ms >= UNREACHABLE_MS) | (found_ms == 0)
        return np.where(stays, found_ms, whole_ms).astype(np.int32)

    def _areas(self, positions: Int64s) -> Int64s:
        """Return the row of the area of each position; places are looked up once."""
        known = self._area_of
        if len(known) > _PLACES_KEPT:
            known.clear()
        wanted = positions.tolist()
        fresh = [p for p in dict.fromkeys(wanted) if p not in known]
        if fresh:
            spots = [self._base.lonlat(Position(p)) for p in fresh]
            lon = np.array([spot.lon for spot in spots])
            lat = np.array([spot.lat for spot in spots])
            rows = self._effects.area_rows(lon, lat).tolist()
            known.update(zip(fresh, rows, strict=True))
        return np.array([known[p] for p in wanted], dtype=np.int64)


def _region(version: str) -> str:
    """Return the name of the region in a version of travel times."""
    return version.split("@", 1)[0]
