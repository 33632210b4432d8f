"""Positions as points: on the globe along the shapes of edges, and flat in metres."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from maps.geo import EARTH_RADIUS_M
from maps.road_network import DEGREE_SCALE, Float64s, Int32s
from routing.kernel import Arrays, kernel
from routing.position import FRACTION_BITS, FULL, Positions

_M_PER_DEGREE = math.radians(EARTH_RADIUS_M)


class Plane(NamedTuple):
    """A plane that touches the globe in a point: metres eastward and northward of it.

    Good to rank neighbours; across all England, distances are wrong by up to 4 %.
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: Float64s, lat: Float64s) -> Plane:
        """Return the plane in the middle of some points."""
        if not len(lon):
            return cls(0.0, 0.0)
        return cls(float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2)

    def metres(self, lon: Float64s, lat: Float64s) -> tuple[Float64s, Float64s]:
        """Return points as metres eastward and northward."""
        east = (lon - self.lon) * (_M_PER_DEGREE * math.cos(math.radians(self.lat)))
        return east, (lat - self.lat) * _M_PER_DEGREE

    def degrees(self, east: Float64s, north: Float64s) -> tuple[Float64s, Float64s]:
        """Return points in metres as longitudes and latitudes."""
        lon = self.lon + east / (_M_PER_DEGREE * math.cos(math.radians(self.lat)))
        return lon, self.lat + north / _M_PER_DEGREE


@kernel
def write_points(positions: Positions, lon: Float64s, lat: Float64s, shapes: Arrays) -> None:
    """Write the coordinate of each position: so far along its edge, bends counted."""
    node_lon, node_lat, tail, head, segment, is_forward, first, bend_lon, bend_lat = shapes
    for at in range(len(positions)):
        edge = positions[at] >> FRACTION_BITS
        share = (positions[at] & FULL) / FULL
        x, y = node_lon[tail[edge]], node_lat[tail[edge]]
        end_x, end_y = node_lon[head[edge]], node_lat[head[edge]]
        begin, count = first[segment[edge]], first[segment[edge] + 1] - first[segment[edge]]
        if count == 0:
            lon[at], lat[at] = x + (end_x - x) * share, y + (end_y - y) * share
            continue
        bends_x, bends_y = bend_lon[begin : begin + count], bend_lat[begin : begin + count]
        if not is_forward[edge]:
            bends_x, bends_y = bends_x[::-1], bends_y[::-1]
        squeeze = math.cos(math.radians(y))
        whole, _, _ = _walk(x, y, end_x, end_y, bends_x, bends_y, squeeze, math.inf)
        _, lon[at], lat[at] = _walk(x, y, end_x, end_y, bends_x, bends_y, squeeze, share * whole)


@kernel
def _walk(
    x: float,
    y: float,
    end_x: float,
    end_y: float,
    bends_x: Int32s,
    bends_y: Int32s,
    squeeze: float,
    wanted: float,
) -> tuple[float, float, float]:
    """Walk a line until a length is behind; return the length walked, and the point there.

    Lengths are in degrees of latitude; ``squeeze`` is the length of a degree of longitude.
    """
    walked = 0.0
    for bend in range(len(bends_x) + 1):
        if bend < len(bends_x):
            next_x, next_y = bends_x[bend] / DEGREE_SCALE, bends_y[bend] / DEGREE_SCALE
        else:
            next_x, next_y = end_x, end_y
        step = math.hypot((next_x - x) * squeeze, next_y - y)
        if walked + step >= wanted and step > 0.0:
            share = (wanted - walked) / step
            return wanted, x + (next_x - x) * share, y + (next_y - y) * share
        walked += step
        x, y = next_x, next_y
    return walked, x, y


@kernel
def trace_line(
    edges: Int32s, start: float, end: float, shapes: Arrays
) -> tuple[Float64s, Float64s, Float64s, Int32s]:
    """Return the line along some edges: longitudes, latitudes, shares, and where each edge begins.

    The first edge is joined at the fraction ``start``, the last one left at ``end``. A point's
    share is how much of its edge's stretch lies behind it, in (0, 1]; the first point of all has 0.
    Each edge gives its bends in between and its end.
    """
    node_lon, node_lat, tail, head, segment, is_forward, first, bend_lon, bend_lat = shapes
    room = 1
    for edge in edges:
        room += first[segment[edge] + 1] - first[segment[edge]] + 1
    lon = np.empty(room, dtype=np.float64)
    lat = np.empty(room, dtype=np.float64)
    share = np.zeros(room, dtype=np.float64)
    begins = np.empty(len(edges), dtype=np.int32)
    count = 1
    for at in range(len(edges)):
        edge = edges[at]
        begins[at] = count - 1
        low = start if at == 0 else 0.0
        high = end if at == len(edges) - 1 else 1.0
        x, y = node_lon[tail[edge]], node_lat[tail[edge]]
        end_x, end_y = node_lon[head[edge]], node_lat[head[edge]]
        begin, bends = first[segment[edge]], first[segment[edge] + 1] - first[segment[edge]]
        step = 1 if is_forward[edge] else -1
        bend = begin if is_forward[edge] else begin + bends - 1
        squeeze = math.cos(math.radians(y))
        bends_x, bends_y = bend_lon[begin : begin + bends], bend_lat[begin : begin + bends]
        whole, _, _ = _walk(x, y, end_x, end_y, bends_x[::step], bends_y[::step], squeeze, math.inf)
        if at == 0:
            _, lon[0], lat[0] = _walk(
                x, y, end_x, end_y, bends_x[::step], bends_y[::step], squeeze, low * whole
            )
        walked = 0.0
        last_x, last_y = x, y
        for _ in range(bends):
            next_x, next_y = bend_lon[bend] / DEGREE_SCALE, bend_lat[bend] / DEGREE_SCALE
            walked += math.hypot((next_x - last_x) * squeeze, next_y - last_y)
            if low * whole < walked < high * whole:
                lon[count], lat[count] = next_x, next_y
                share[count] = (walked / whole - low) / (high - low)
                count += 1
            last_x, last_y = next_x, next_y
            bend += step
        _, lon[count], lat[count] = _walk(
            x, y, end_x, end_y, bends_x[::step], bends_y[::step], squeeze, high * whole
        )
        share[count] = 1.0
        count += 1
    return lon[:count], lat[:count], share[:count], begins
