"""What can be reached in so long: stretches of road, places, and coverage of places by posts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maps.road_network import Bools, Float64s, Int32s
from routing.position import FRACTION_BITS, FULL, Positions
from routing.query import Times, WeightedRoads
from routing.snapshot import RoadTimes
from routing.sweep import node_times
from routing.weights import UNREACHABLE_MS, DriveMode


class Stretches(NamedTuple):
    """Parts of edges, between fractions of them; an edge may have two."""

    edge: Int32s
    start: Float64s
    end: Float64s


def reached_stretches(
    times: RoadTimes,
    position: int,
    limit_ms: int,
    mode: DriveMode,
    now_ms: int,
    *,
    towards: bool = False,
) -> Stretches:
    """Return the road that a vehicle can drive within a limit; ``towards``: that it can come from.

    Raises
    ------
    ValueError
        When the limit is negative, or the position is not of this network.
    """
    if limit_ms < 0:
        raise ValueError(f"Expected a limit of 0 ms or more, was {limit_ms}.")
    position = times.check_position(position)
    weighted = times.weights_at(mode, now_ms)
    offset = weighted.offset_ms
    at_node = node_times(weighted, position, towards=towards)
    begun = _head_times(weighted, at_node) if towards else _tail_times(weighted, at_node)
    edges = np.flatnonzero((begun <= limit_ms) & (offset < UNREACHABLE_MS)).astype(np.int32)
    whole = np.maximum(offset[edges].astype(np.float64), 1e-9)
    share = np.minimum((limit_ms - begun[edges]) / whole, _drivable(weighted, edges))
    near = _near_stretches(weighted, position, limit_ms, towards=towards)
    start = 1.0 - share if towards else np.zeros(len(edges))
    end = np.ones(len(edges)) if towards else share
    return Stretches(
        np.concatenate((near.edge, edges)),
        np.concatenate((near.start, start)),
        np.concatenate((near.end, end)),
    )


def reachable(
    times: RoadTimes,
    position: int,
    places: Positions,
    limit_ms: int,
    mode: DriveMode,
    now_ms: int,
    *,
    towards: bool = False,
) -> list[tuple[int, int]]:
    """Return which places can be reached within a limit: (index, ms), nearest first.

    ``towards``: which places the position can be reached from. Equal times by index.
    """
    if towards:
        found = times.to_one_ms(places, position, mode, now_ms)
    else:
        found = times.from_one_ms(position, places, mode, now_ms)
    inside = np.flatnonzero((found <= limit_ms) & (found < UNREACHABLE_MS))
    order = inside[np.argsort(found[inside], kind="stable")]
    return [(int(index), int(found[index])) for index in order]


def coverage(
    times: RoadTimes,
    posts: Positions,
    places: Positions,
    limit_ms: int,
    mode: DriveMode,
    now_ms: int,
) -> Bools:
    """Return which posts (rows) reach which places (columns) within a limit."""
    return times.matrix_ms(posts, places, mode, now_ms) <= min(limit_ms, UNREACHABLE_MS - 1)


def _tail_times(weighted: WeightedRoads, at_node: Times) -> Times:
    """Return when each edge can be entered, in whichever state its tail was reached."""
    roads = weighted.roads
    edge_count = roads.network.edge_count
    by_arc = at_node[roads.hierarchy.rank[roads.graph.tail]]
    begun = by_arc[:edge_count].copy()
    np.minimum.at(begun, roads.graph.copied_edge, by_arc[edge_count:])
    return begun


def _head_times(weighted: WeightedRoads, at_node: Times) -> Times:
    """Return the time from the end of each edge onward, for a vehicle that starts on the edge."""
    roads = weighted.roads
    edge_count = roads.network.edge_count
    onward: Times = at_node[roads.hierarchy.rank[roads.graph.head[:edge_count]]]
    return onward


def _drivable(weighted: WeightedRoads, edges: Int32s) -> Float64s:
    """Return how much of edges can be driven from their end: half where they are shut."""
    shut = weighted.metric.arc_ms[edges] >= UNREACHABLE_MS
    return np.where(shut & (weighted.roads.opposite[edges] >= 0), 0.5, 1.0)


def _near_stretches(
    weighted: WeightedRoads, position: int, limit_ms: int, *, towards: bool
) -> Stretches:
    """Return what is reached of the street on which the position lies, without any junction."""
    edge, fraction = position >> FRACTION_BITS, position & FULL
    back = int(weighted.roads.opposite[edge])
    found: list[tuple[int, float, float]] = []
    for along, at in ((edge, fraction / FULL), (back, 1.0 - fraction / FULL)):
        whole = int(weighted.offset_ms[along]) if along >= 0 else UNREACHABLE_MS
        if whole >= UNREACHABLE_MS:
            continue
        share = limit_ms / max(whole, 1e-9)
        start, end = (max(at - share, 0.0), at) if towards else (at, min(at + share, 1.0))
        if _drivable(weighted, np.array([along]))[0] < 1.0:
            # Shut in the middle: the stretch ends there.
            start, end = (max(start, 0.5), end) if at > 0.5 else (start, min(end, 0.5))
        found.append((along, start, end))
    return Stretches(
        np.array([stretch[0] for stretch in found], dtype=np.int32),
        np.array([stretch[1] for stretch in found], dtype=np.float64),
        np.array([stretch[2] for stretch in found], dtype=np.float64),
    )
