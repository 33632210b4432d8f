"""Reachable area: a polygon around the road that can be driven within a limit."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from maps.road_network import Float64s, RoadNetwork
from maps.shapes import segment_lines
from routing.plane import Plane
from routing.reach import Stretches, reached_stretches
from routing.snapshot import RoadTimes
from routing.weights import DriveMode

ROADSIDE_M: Final = 60.0
"""How far from the road a place counts as reached: a front garden, a car park, a field gate."""

_SIMPLER_M: Final = 5.0


def isochrone(
    times: RoadTimes,
    position: int,
    limit_ms: int,
    mode: DriveMode,
    now_ms: int,
    *,
    towards: bool = False,
    roadside_m: float = ROADSIDE_M,
) -> MultiPolygon:
    """Return the area within reach of a position, as polygons in WGS84 degrees.

    All that lies within ``roadside_m`` of a stretch of road that a vehicle can drive in the limit;
    with ``towards``, from which it can come in the limit. Blocks of land between roads remain
    holes. Roads and outlines are simplified by at most 5 m each.

    Raises
    ------
    ValueError
        When the limit is negative, the roadside not positive, or the position not of this network.
    """
    if not 0.0 < roadside_m < math.inf:
        raise ValueError(f"Expected a roadside above 0 m, was {roadside_m}.")
    stretches = reached_stretches(times, position, limit_ms, mode, now_ms, towards=towards)
    centre = times.lonlat(position)
    plane = Plane(centre.lon, centre.lat)
    lines = _lines(times.roads.network, _one_way_each(times, stretches), plane)
    area = shapely.union_all(shapely.buffer(lines, roadside_m, quad_segs=2))
    return _on_globe(shapely.simplify(area, _SIMPLER_M), plane)


def _one_way_each(times: RoadTimes, stretches: Stretches) -> Stretches:
    """Return the stretches along forward edges, those of one segment joined where they touch."""
    network = times.roads.network
    forward = network.is_forward[stretches.edge]
    segment = network.segment[stretches.edge]
    start = np.where(forward, stretches.start, 1.0 - stretches.end)
    end = np.where(forward, stretches.end, 1.0 - stretches.start)
    order = np.lexsort((start, segment))
    segment, start, end = segment[order], start[order], end[order]
    joined: list[tuple[int, float, float]] = []
    for one, begin, stop in zip(segment.tolist(), start.tolist(), end.tolist(), strict=True):
        if joined and joined[-1][0] == one and begin <= joined[-1][2]:
            joined[-1] = (one, joined[-1][1], max(joined[-1][2], stop))
        else:
            joined.append((one, begin, stop))
    return Stretches(
        np.array([row[0] for row in joined], dtype=np.int32),
        np.array([row[1] for row in joined], dtype=np.float64),
        np.array([row[2] for row in joined], dtype=np.float64),
    )


def _lines(network: RoadNetwork, stretches: Stretches, plane: Plane) -> Any:
    """Return the stretches, given by segment, as lines on the plane; points where they are none."""
    every = segment_lines(network)
    segment, start, end = stretches
    counts = np.diff(every.first)[segment]
    owner = np.repeat(np.arange(len(segment)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = every.first[segment][owner] + within
    east, north = plane.metres(every.lon[rows], every.lat[rows])
    lines = np.asarray(
        shapely.linestrings(np.column_stack((east, north)), indices=owner), dtype=object
    )
    first = np.concatenate(([0], np.cumsum(counts)))
    for at in np.flatnonzero((start > 0.0) | (end < 1.0)):
        points = slice(first[at], first[at + 1])
        lines[at] = _cut(east[points], north[points], float(start[at]), float(end[at]))
    return shapely.simplify(lines, _SIMPLER_M)


def _cut(east: Float64s, north: Float64s, start: float, end: float) -> Any:
    run = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))))
    stops = np.array([start, end]) * run[-1]
    inside = (run > stops[0]) & (run < stops[1])
    along = np.concatenate((stops[:1], run[inside], stops[1:]))
    points = np.column_stack((np.interp(along, run, east), np.interp(along, run, north)))
    return shapely.Point(points[0]) if stops[0] >= stops[1] else shapely.LineString(points)


def _on_globe(area: Any, plane: Plane) -> MultiPolygon:
    def back(points: Float64s) -> Float64s:
        return np.column_stack(plane.degrees(points[:, 0], points[:, 1]))

    turned = shapely.transform(area, back)
    parts = [part for part in shapely.get_parts(turned) if part.geom_type == "Polygon"]
    return MultiPolygon(parts)
