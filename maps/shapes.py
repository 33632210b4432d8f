"""Where roads run: the line of every segment and edge, end points included."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from maps.road_network import DEGREE_SCALE, Int32s, RoadNetwork


class SegmentEnds(NamedTuple):
    """First and last node of each segment, in the direction in which its shape is stored."""

    start: Int32s
    end: Int32s


class Lines(NamedTuple):
    """Polylines in compressed rows: line i has the points ``first[i]:first[i + 1]``."""

    first: Int32s
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]


def segment_ends(network: RoadNetwork) -> SegmentEnds:
    """Return the nodes between which each segment runs. O(m)."""
    tail, forward = network.tails(), network.is_forward
    start = np.zeros(len(network.way_id), dtype=np.int32)
    end = np.zeros(len(network.way_id), dtype=np.int32)
    start[network.segment] = np.where(forward, tail, network.head)
    end[network.segment] = np.where(forward, network.head, tail)
    return SegmentEnds(start, end)


def segment_lines(network: RoadNetwork) -> Lines:
    """Return the line of each segment in WGS84 degrees: first node, bends, last node. O(m + k)."""
    ends = segment_ends(network)
    inner = np.diff(network.shape_first)
    first = np.zeros(len(inner) + 1, dtype=np.int32)
    np.cumsum(inner + 2, out=first[1:])
    lon = np.empty(first[-1], dtype=np.float64)
    lat = np.empty(first[-1], dtype=np.float64)
    is_inner = np.ones(first[-1], dtype=np.bool_)
    is_inner[first[:-1]] = False
    is_inner[first[1:] - 1] = False
    lon[first[:-1]], lat[first[:-1]] = network.lon[ends.start], network.lat[ends.start]
    lon[first[1:] - 1], lat[first[1:] - 1] = network.lon[ends.end], network.lat[ends.end]
    lon[is_inner] = network.shape_lon / DEGREE_SCALE
    lat[is_inner] = network.shape_lat / DEGREE_SCALE
    return Lines(first, lon, lat)


def edge_line(
    network: RoadNetwork, edge: int, tail: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return longitudes and latitudes along an edge, from its tail to its head.

    ``tail`` is the node at which the edge starts: callers know it, and finding it costs a search.
    """
    segment = int(network.segment[edge])
    head = int(network.head[edge])
    inner = slice(int(network.shape_first[segment]), int(network.shape_first[segment + 1]))
    step = 1 if network.is_forward[edge] else -1
    bends_lon = network.shape_lon[inner][::step] / DEGREE_SCALE
    bends_lat = network.shape_lat[inner][::step] / DEGREE_SCALE
    lon = np.concatenate(([network.lon[tail]], bends_lon, [network.lon[head]]))
    lat = np.concatenate(([network.lat[tail]], bends_lat, [network.lat[head]]))
    return lon, lat
