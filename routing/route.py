"""Routes to show and to follow: the streets of a journey, its line, and times along it."""

from __future__ import annotations

import msgspec
import numpy as np

from maps.geo import LonLat
from routing.leg import Leg
from routing.plane import trace_line
from routing.position import FULL
from routing.snapshot import RoadTimes
from routing.weights import DriveMode


class RoutePoint(msgspec.Struct, frozen=True, array_like=True):
    """A point of a route's line, and when it is passed: ms after departure."""

    lon: float
    lat: float
    at_ms: int


class RouteStreet(msgspec.Struct, frozen=True):
    """A stretch of a route along one street: its name ("" where it has none), way, length, time."""

    name: str
    length_m: float
    travel_ms: int
    first_point: int


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A fastest way: times, edges, streets and line.

    ``edges`` and ``ends_ms`` belong together: the edges in order of travel, and when each is left.
    The line has a point for each bend and junction; its ends are those of the journey.
    ``version`` names the travel times that gave it.
    """

    version: str
    mode: DriveMode
    departed_ms: int
    origin: int
    destination: int
    total_ms: int
    length_m: float
    edges: tuple[int, ...]
    ends_ms: tuple[int, ...]
    streets: tuple[RouteStreet, ...]
    line: tuple[RoutePoint, ...]


def route_between(
    times: RoadTimes, origin: int, destination: int, mode: DriveMode, departed_ms: int
) -> Route | None:
    """Return the fastest route between two positions; None if there is no way."""
    leg = times.leg(origin, destination, mode, departed_ms)
    if leg is None:
        return None
    line, lengths, first_points = _drawn(times, leg)
    return Route(
        version=times.version,
        mode=mode,
        departed_ms=departed_ms,
        origin=origin,
        destination=destination,
        total_ms=leg.total_ms,
        length_m=float(sum(lengths)),
        edges=leg.edges,
        ends_ms=leg.ends_ms,
        streets=_streets(times, leg, lengths, first_points),
        line=line,
    )


def arrival_at_ms(
    times: RoadTimes, position: int, destination: int, mode: DriveMode, now_ms: int
) -> int | None:
    """Return when a vehicle arrives that is now at a position; None if there is no way."""
    leg = times.leg(position, destination, mode, now_ms)
    return None if leg is None else now_ms + leg.total_ms


def _drawn(times: RoadTimes, leg: Leg) -> tuple[tuple[RoutePoint, ...], list[float], list[int]]:
    """Return the line, the metres driven on each edge, and where in the line each edge begins."""
    if not leg.edges:
        here = times.lonlat(leg.origin)
        return (RoutePoint(here.lon, here.lat, 0),), [], []
    edges = np.array(leg.edges, dtype=np.int32)
    start, end = leg.start / FULL, leg.end / FULL
    lon, lat, share, begins = trace_line(edges, start, end, times.roads.shape_arrays)
    ends_ms = np.array(leg.ends_ms, dtype=np.float64)
    begun_ms = np.concatenate(([0.0], ends_ms[:-1]))
    edge_of = np.repeat(np.arange(len(edges)), np.diff(begins, append=len(lon) - 1))
    passed = np.zeros(len(lon))
    passed[1:] = np.rint(begun_ms[edge_of] + (ends_ms - begun_ms)[edge_of] * share[1:])
    driven = np.ones(len(edges))
    driven[0] -= start
    driven[-1] -= 1.0 - end
    lengths = times.roads.network.length_m[edges] * driven
    columns = zip(lon.tolist(), lat.tolist(), passed.astype(np.int64).tolist(), strict=True)
    return tuple(RoutePoint(*point) for point in columns), lengths.tolist(), begins.tolist()


def _streets(
    times: RoadTimes, leg: Leg, lengths: list[float], first_points: list[int]
) -> tuple[RouteStreet, ...]:
    network = times.roads.network
    streets: list[RouteStreet] = []
    begun_ms = 0
    for edge, ends_ms, length_m, point in zip(
        leg.edges, leg.ends_ms, lengths, first_points, strict=True
    ):
        name = network.names[int(network.name_index[network.segment[edge]])]
        travel_ms = ends_ms - begun_ms
        begun_ms = ends_ms
        street = RouteStreet(name, length_m, travel_ms, point)
        if streets and streets[-1].name == name:
            street = _joined(streets.pop(), street)
        streets.append(street)
    return tuple(streets)


def _joined(before: RouteStreet, after: RouteStreet) -> RouteStreet:
    return RouteStreet(
        before.name,
        before.length_m + after.length_m,
        before.travel_ms + after.travel_ms,
        before.first_point,
    )


def position_on(route: Route, elapsed_ms: int) -> LonLat:
    """Return the point of a route's line that is passed so many ms after departure."""
    passed = [point.at_ms for point in route.line]
    lon = np.interp(elapsed_ms, passed, [point.lon for point in route.line])
    lat = np.interp(elapsed_ms, passed, [point.lat for point in route.line])
    return LonLat(float(lon), float(lat))
