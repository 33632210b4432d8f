# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""How fast anything can be on a network: the bound by which far units need not be asked."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from maps.geo import EARTH_RADIUS_M
from maps.road_network import DEGREE_SCALE, Float64s, Int32s
from routing.kernel import Arrays, Whole, kernel
from routing.roads import PreparedRoads
from routing.weights import UNREACHABLE_MS

_M_PER_DEGREE: Final = math.radians(EARTH_RADIUS_M)
_BINS: Final = 2_048
_M_PER_MS_MAX: Final = 0.25
"""900 km/h: what claims to be faster is counted as excess."""

_EXCESS_M: Final = 50.0
_ROUNDING_MS: Final = 3.0


class SpeedBound(NamedTuple):
    """No journey over d metres, as the crow flies, takes less than d * ms_per_m - spare_ms."""

    ms_per_m: float
    spare_ms: float


def speed_bound(roads: PreparedRoads, edge_ms: Int32s) -> SpeedBound:
    """Return a bound on every journey between positions, on the plane of the roads.

    A shortest way uses an edge at most once in full, and at both ends once more in part. So from a
    speed v on, the few edges that are faster are counted by what they cover beyond v, all of them
    thrice; v is the least speed for which that is a few metres.
    """
    bin_m_per_ms = _M_PER_MS_MAX / _BINS
    covered_m = np.zeros(_BINS + 1, dtype=np.float64)
    driven_ms = np.zeros(_BINS + 1, dtype=np.float64)
    squeeze = math.cos(math.radians(roads.plane.lat))
    _gather(edge_ms, roads.shape_arrays, squeeze, bin_m_per_ms, covered_m, driven_ms)
    speeds = np.arange(_BINS + 1) * bin_m_per_ms
    beyond_m = np.cumsum(covered_m[::-1])[::-1] - speeds * np.cumsum(driven_ms[::-1])[::-1]
    excess_m = 3.0 * np.maximum(beyond_m, 0.0)
    chosen = int(np.argmax(excess_m <= max(_EXCESS_M, excess_m[-1])))
    ms_per_m = 1.0 / max(float(speeds[chosen]), bin_m_per_ms)
    return SpeedBound(ms_per_m, float(excess_m[chosen]) * ms_per_m + _ROUNDING_MS)


@kernel
def _gather(
    edge_ms: Int32s,
    shapes: Arrays,
    squeeze: float,
    bin_m_per_ms: float,
    covered_m: Float64s,
    driven_ms: Float64s,
) -> None:
    """Add up, by bins of speed, the metres that edges cover at their fastest, and their times."""
    lon, lat, tail, head, segment, is_forward, first, bend_lon, bend_lat = shapes
    for edge in range(len(edge_ms)):
        whole_ms = edge_ms[edge]
        if whole_ms >= UNREACHABLE_MS:
            continue
        a, b = tail[edge], head[edge]
        # The direction does not matter for lengths, but the scale at the edge's tail does.
        begin, end = first[segment[edge]], first[segment[edge] + 1]
        start, stop = (a, b) if is_forward[edge] else (b, a)
        length, stretch = _edge_length(
            lon[start], lat[start], lon[stop], lat[stop], begin, end, bend_lon, bend_lat,
            math.cos(math.radians(lat[a])), squeeze,
        )  # fmt: skip
        metres = length * stretch * _M_PER_DEGREE
        at = np.int64(len(covered_m) - 1)
        if metres < whole_ms * bin_m_per_ms * at:
            at = np.int64(metres / whole_ms / bin_m_per_ms)
        covered_m[at] += metres
        driven_ms[at] += whole_ms


@kernel
def _edge_length(
    x: float,
    y: float,
    end_x: float,
    end_y: float,
    begin: Whole,
    end: Whole,
    bend_lon: Int32s,
    bend_lat: Int32s,
    own_squeeze: float,
    plane_squeeze: float,
) -> tuple[float, float]:
    """Return an edge's length by its own scale, and by how much the plane stretches it at most."""
    length, stretch = 0.0, 1.0
    for bend in range(begin, end + 1):
        if bend < end:
            next_x, next_y = bend_lon[bend] / DEGREE_SCALE, bend_lat[bend] / DEGREE_SCALE
        else:
            next_x, next_y = end_x, end_y
        own = math.hypot((next_x - x) * own_squeeze, next_y - y)
        length += own
        if own > 0.0:
            stretch = max(stretch, math.hypot((next_x - x) * plane_squeeze, next_y - y) / own)
        x, y = next_x, next_y
    return length, stretch
