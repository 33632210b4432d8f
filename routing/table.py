"""Travel times where no streets are known: a matrix between places, and positions on the way.

A position is a pair of places and how much of the time between them lies behind (24 bits). At a
place, both are that place. A vehicle on the way may go on or turn back; nothing else is known.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.geo import LonLat, OffNetworkError, checked, great_circle_m
from maps.region import TravelMatrix
from maps.road_network import Float64s
from routing.kernel import Whole, kernel
from routing.plane import Plane
from routing.position import FRACTION_BITS, FULL, Positions, behind_ms
from routing.weights import UNREACHABLE_MS, DriveMode

PLACE_BITS: Final = 19
PLACE_MASK: Final = 2**PLACE_BITS - 1
GAP_MAX_M: Final = 25_000.0
"""How far from a place of the table a coordinate may lie; places of a table lie far apart."""

# Typed constants: a kernel called with a literal is compiled once more for that literal.
ZERO: Final = np.int64(0)
END: Final = np.int64(FULL)

Times = npt.NDArray[np.int32]


class _Stretch(NamedTuple):
    """Part of the way between two places, by fractions of its time."""

    origin: int
    destination: int
    start: int
    end: int
    ms: int


class TableTimes:
    """Times from a matrix, exact under it; fits the core's `TravelTimes` by shape."""

    def __init__(self, matrix: TravelMatrix, version: str) -> None:
        count = len(matrix.place_id)
        if not 0 < count <= PLACE_MASK:
            raise ValueError(f"Expected 1 to {PLACE_MASK} places in a table, was {count}.")
        self._lon = np.asarray(matrix.lon, dtype=np.float64)
        self._lat = np.asarray(matrix.lat, dtype=np.float64)
        self._by_mode = {
            DriveMode.BLUE_LIGHT: _checked_table(matrix.blue_light_ms, count, "blue_light_ms"),
            DriveMode.ORDINARY: _checked_table(matrix.ordinary_ms, count, "ordinary_ms"),
        }
        self._plane = Plane.around(self._lon, self._lat)
        self._version = version
        self._way = lru_cache(maxsize=16_384)(self._find_way)

    @property
    def version(self) -> str:
        """Name of the region that these times belong to."""
        return self._version

    def snap(self, at: LonLat, gap_max_m: float = GAP_MAX_M) -> int:
        """Return the nearest place; of equally near ones the first.

        Raises
        ------
        OffNetworkError
            When no place is within ``gap_max_m``.
        """
        checked(*at)
        x = (self._lon - at.lon) * np.cos(np.radians(at.lat))
        place = int(np.argmin(np.hypot(x, self._lat - at.lat)))
        gap_m = great_circle_m(at, LonLat(float(self._lon[place]), float(self._lat[place])))
        if gap_m > gap_max_m:
            raise OffNetworkError(at, gap_m, gap_max_m)
        return at_place(place)

    def lonlat(self, position: int) -> LonLat:
        """Return the coordinate of a position, on the straight line between two places."""
        (position,) = self._checked([position]).tolist()
        i, j, fraction = _parts(position)
        share = fraction / FULL
        return LonLat(
            float(self._lon[i] + (self._lon[j] - self._lon[i]) * share),
            float(self._lat[i] + (self._lat[j] - self._lat[i]) * share),
        )

    def to_one_ms(self, origins: Positions, destination: int, mode: int, now_ms: int) -> Times:
        """Return the time from each origin to one destination."""
        del now_ms
        return self._fill(self._checked(origins), self._checked([destination]), mode).ravel()

    def from_one_ms(self, origin: int, destinations: Positions, mode: int, now_ms: int) -> Times:
        """Return the time from one origin to each destination."""
        del now_ms
        return self._fill(self._checked([origin]), self._checked(destinations), mode).ravel()

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: int, now_ms: int
    ) -> Times:
        """Return times from each origin (row) to each destination (column)."""
        del now_ms
        return self._fill(self._checked(origins), self._checked(destinations), mode)

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: int, now_ms: int
    ) -> Times:
        """Return the time from each origin to the destination at the same index."""
        del now_ms
        rows, columns = self._checked(origins), self._checked(destinations)
        if len(rows) != len(columns):
            raise ValueError(f"Expected {len(rows)} destinations, was {len(columns)}.")
        out = np.empty(len(rows), dtype=np.int32)
        _fill_pairs(rows, columns, self._by_mode[DriveMode(mode)], out)
        return out

    def plane_m(self, positions: Positions) -> tuple[Float64s, Float64s]:
        """Return eastward and northward metres on a plane that touches the middle of the places."""
        rows = self._checked(positions)
        i = rows >> (PLACE_BITS + FRACTION_BITS)
        j = (rows >> FRACTION_BITS) & PLACE_MASK
        share = (rows & FULL) / FULL
        lon = self._lon[i] + (self._lon[j] - self._lon[i]) * share
        lat = self._lat[i] + (self._lat[j] - self._lat[i]) * share
        return self._plane.metres(lon, lat)

    def after(
        self, origin: int, destination: int, mode: int, departed_ms: int, elapsed_ms: int
    ) -> int:
        """Return where a vehicle is that left ``elapsed_ms`` ago; the origin if there is no way."""
        del departed_ms
        way = self._way(origin, destination, mode)
        if way is None:
            return origin
        ends = list(accumulate(stretch.ms for stretch in way))
        if elapsed_ms >= (ends[-1] if ends else 0):
            return destination
        if elapsed_ms <= 0:
            return origin
        at = bisect_right(ends, elapsed_ms)
        stretch = way[at]
        whole = int(self._by_mode[DriveMode(mode)][stretch.origin, stretch.destination])
        into = elapsed_ms - (ends[at] - stretch.ms) + whole * stretch.start // FULL
        share = -(-into * FULL // whole)
        if share == 0:
            return at_place(stretch.origin)
        return _packed(stretch.origin, stretch.destination, share)

    def _fill(self, origins: Positions, destinations: Positions, mode: int) -> Times:
        out = np.empty((len(origins), len(destinations)), dtype=np.int32)
        _fill_table(origins, destinations, self._by_mode[DriveMode(mode)], out)
        return out

    def _find_way(self, origin: int, destination: int, mode: int) -> tuple[_Stretch, ...] | None:
        """Return the stretches of the fastest way; None if there is none; of equals the first."""
        table = self._by_mode[DriveMode(mode)]
        ends = self._checked([origin, destination])
        best_ms = int(self._fill(ends[:1], ends[1:], mode)[0, 0])
        if best_ms >= UNREACHABLE_MS:
            return None
        if origin == destination:
            return ()
        i, j, start = _parts(origin)
        k, m, end = _parts(destination)
        ways: list[tuple[_Stretch, ...]] = []
        for a, b, f in ((i, j, start), (j, i, FULL - start)):
            ways.append((_stretch(table, a, b, f, end if b == m else FULL - end),))
            if {a, b} != {k, m}:
                ways.pop()
            for c, d, g in ((k, m, end), (m, k, FULL - end)):
                first = _stretch(table, a, b, f, FULL)
                last = _stretch(table, c, d, 0, g)
                ways.append((first, _stretch(table, b, c, 0, FULL), last))
        fitting = next(
            way
            for way in ways
            if sum(stretch.ms for stretch in way) == best_ms
            and all(stretch.end >= stretch.start for stretch in way)
        )
        return tuple(stretch for stretch in fitting if stretch.ms > 0)

    def _checked(self, positions: npt.ArrayLike) -> Positions:
        rows = np.atleast_1d(np.asarray(positions, dtype=np.int64))
        count = len(self._lon)
        i = rows >> (PLACE_BITS + FRACTION_BITS)
        j = (rows >> FRACTION_BITS) & PLACE_MASK
        wrong = (rows < 0) | (i >= count) | (j >= count)
        if wrong.any():
            raise ValueError(f"Expected positions of a table of {count}, was {rows[wrong][0]}.")
        return rows


def at_place(place: int) -> int:
    """Return the position at a place of the table."""
    return _packed(place, place, 0)


def _packed(origin: int, destination: int, fraction: int) -> int:
    return (((origin << PLACE_BITS) | destination) << FRACTION_BITS) | fraction


def _parts(position: int) -> tuple[int, int, int]:
    pair = position >> FRACTION_BITS
    return pair >> PLACE_BITS, pair & PLACE_MASK, position & FULL


def _stretch(table: Times, origin: int, destination: int, start: int, end: int) -> _Stretch:
    whole = int(table[origin, destination])
    if start == end:
        return _Stretch(origin, destination, start, end, 0)
    if whole >= UNREACHABLE_MS:
        return _Stretch(origin, destination, start, end, UNREACHABLE_MS)
    return _Stretch(origin, destination, start, end, whole * end // FULL - whole * start // FULL)


def _checked_table(table: npt.ArrayLike, count: int, name: str) -> Times:
    given = np.asarray(table)
    if given.shape != (count, count):
        raise ValueError(f"Expected {name} of {count} x {count} places, was {given.shape}.")
    if given.dtype.kind not in "iu" or given.min() < 0 or given.max() > UNREACHABLE_MS:
        raise ValueError(f"Expected {name} of whole ms from 0 to {UNREACHABLE_MS}.")
    times = np.array(given, dtype=np.int32, order="C")
    np.fill_diagonal(times, 0)
    return times


@kernel
def _part_ms(table: Times, origin: Whole, destination: Whole, start: Whole, end: Whole) -> Whole:
    if start == end:
        return np.int64(0)
    whole = table[origin, destination]
    if whole >= UNREACHABLE_MS:
        return np.int64(UNREACHABLE_MS)
    return behind_ms(whole, end) - behind_ms(whole, start)


@kernel
def _between_ms(origin: Whole, destination: Whole, table: Times) -> Whole:
    """Return the time between two positions: straight on, or over either end of both."""
    pair, start = origin >> FRACTION_BITS, origin & FULL
    i, j = pair >> PLACE_BITS, pair & PLACE_MASK
    pair, end = destination >> FRACTION_BITS, destination & FULL
    k, m = pair >> PLACE_BITS, pair & PLACE_MASK
    if i == j and k == m:
        return np.int64(table[i, k])
    onward = _part_ms(table, i, j, start, END) if i != j else ZERO
    back = _part_ms(table, j, i, FULL - start, END) if i != j else ZERO
    from_k = _part_ms(table, k, m, ZERO, end) if k != m else ZERO
    from_m = _part_ms(table, m, k, ZERO, FULL - end) if k != m else ZERO
    best = min(onward + table[j, k] + from_k, onward + table[j, m] + from_m)
    best = min(best, back + table[i, k] + from_k, back + table[i, m] + from_m)
    if i == m and j == k:
        end = FULL - end
        k, m = m, k
    if i == k and j == m:
        if start <= end:
            best = min(best, _part_ms(table, i, j, start, end))
        if end <= start:
            best = min(best, _part_ms(table, j, i, FULL - start, FULL - end))
    return min(best, np.int64(UNREACHABLE_MS))


@kernel
def _fill_table(origins: Positions, destinations: Positions, table: Times, out: Times) -> None:
    for row in range(len(origins)):
        for column in range(len(destinations)):
            out[row, column] = _between_ms(origins[row], destinations[column], table)


@kernel
def _fill_pairs(origins: Positions, destinations: Positions, table: Times, out: Times) -> None:
    for at in range(len(origins)):
        out[at] = _between_ms(origins[at], destinations[at], table)
