"""Travel times on roads: one version of them, for every way of driving and hour of the week."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import numpy as np

from maps.geo import LonLat, OffNetworkError
from maps.road_network import Bools, Float64s
from maps.shapes import edge_line
from maps.speeds import SpeedProfile, hour_class_of
from routing.changes import EdgeTimes, LiveChanges
from routing.leg import Leg, leg_between
from routing.position import (
    FRACTION_BITS,
    Positions,
    checked_positions,
    pack,
    row_of,
)
from routing.query import Times, WeightedRoads, weighted
from routing.roads import PreparedRoads
from routing.weights import UNREACHABLE_MS, DriveMode, edge_weights
from routing.within import within

GAP_MAX_M: Final = 1_000.0
"""How far from a road a place may lie: a farm track or a beach; beyond, a person must decide."""

STRATEGIC_GAP_MAX_M: Final = 25_000.0
"""The same where a network has no streets: its places stand for the country around them, on the
moors 20 km of it."""

_STRATEGIC_CLASS: Final = "strategic_access"

LEGS_KEPT: Final = 16_384

_LAST_RESORT: Final = 2
"""Beside the modes: ordinary driving that also uses what only blue lights may, at their times.

For a crew whose blue-light journey ended, or was called off, where no way open to all leads out.
"""


class RoadTimes:
    """Exact times on one version of the roads; weights are customised when first asked for.

    Fits the core's `TravelTimes` by shape. Immutable to its users: live changes make another.
    """

    def __init__(
        self,
        roads: PreparedRoads,
        profile: SpeedProfile,
        *,
        version: str,
        timezone: str,
        changes: LiveChanges | None = None,
    ) -> None:
        self.roads = roads
        self.profile = profile
        self.timezone = timezone
        self.changes = LiveChanges() if changes is None else changes
        self._plain_version = version
        live = self.changes.digest
        self._version = f"{version}+live.{live}" if live else version
        self._weighted: dict[tuple[int, int], WeightedRoads] = {}
        self._customising = threading.Lock()
        self._base: dict[tuple[int, int], EdgeTimes] = {}
        self._legs: dict[tuple[int, int, int, int], Leg | None] = {}
        self._edge_count = roads.network.edge_count
        has_streets = _STRATEGIC_CLASS not in roads.network.classes
        self._gap_max_m = GAP_MAX_M if has_streets else STRATEGIC_GAP_MAX_M

    @property
    def version(self) -> str:
        """Name of region, profile and live changes that these times belong to."""
        return self._version

    def snap(self, at: LonLat, gap_max_m: float | None = None) -> int:
        """Return the nearest position to a coordinate.

        ``gap_max_m`` is by default `GAP_MAX_M`, or `STRATEGIC_GAP_MAX_M` where the network has no
        streets.

        Raises
        ------
        OffNetworkError
            When no road is within ``gap_max_m``.
        """
        limit_m = self._gap_max_m if gap_max_m is None else gap_max_m
        found = self.roads.snapper.nearest(at, limit_m)
        if found is None:
            raise OffNetworkError(at, None, limit_m)
        return pack(found.edge, found.fraction)

    def lonlat(self, position: int) -> LonLat:
        """Return the coordinate of a position, along the shape of its edge."""
        lon, lat = self.roads.points(checked_positions([position], self._edge_count))
        return LonLat(float(lon[0]), float(lat[0]))

    def line_of(self, edge: int) -> tuple[Float64s, Float64s]:
        """Return longitudes and latitudes along an edge."""
        return edge_line(self.roads.network, edge, int(self.roads.graph.tail[edge]))

    def to_one_ms(self, origins: Positions, destination: int, mode: int, now_ms: int) -> Times:
        """Return the time from each origin to one destination, in the order of the origins."""
        rows, end = row_of(origins), int(destination)
        return self._answer(mode, now_ms, lambda roads: roads.to_one_ms(rows, end))

    def from_one_ms(self, origin: int, destinations: Positions, mode: int, now_ms: int) -> Times:
        """Return the time from one origin to each destination, in their order."""
        rows, start = row_of(destinations), int(origin)
        return self._answer(mode, now_ms, lambda roads: roads.from_one_ms(start, rows))

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: int, now_ms: int
    ) -> Times:
        """Return times from each origin (row) to each destination (column)."""
        rows, columns = row_of(origins), row_of(destinations)
        return self._answer(mode, now_ms, lambda roads: roads.matrix_ms(rows, columns))

    def reaches(
        self, origins: Positions, destinations: Positions, limit_ms: int, mode: int, now_ms: int
    ) -> Bools:
        """Return which origins (rows) reach which destinations (columns) within a time.

        What `matrix_ms` would say, sooner where many places are asked about once.
        """
        if self._has_last_resort(mode):
            times = self.matrix_ms(origins, destinations, mode, now_ms)
            return times <= min(limit_ms, UNREACHABLE_MS - 1)
        roads = self.weights_at(mode, now_ms)
        return within(roads, row_of(origins), row_of(destinations), limit_ms)

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: int, now_ms: int
    ) -> Times:
        """Return the time from each origin to the destination at the same index."""
        rows, columns = row_of(origins), row_of(destinations)
        if len(rows) != len(columns):
            raise ValueError(f"Expected {len(rows)} destinations, was {len(columns)}.")
        return self._answer(mode, now_ms, lambda roads: roads.pairs_ms(rows, columns))

    def plane_m(self, positions: Positions) -> tuple[Float64s, Float64s]:
        """Return eastward and northward metres on a plane that touches the middle of the roads."""
        lon, lat = self.roads.points(checked_positions(positions, self._edge_count))
        return self.roads.plane.metres(lon, lat)

    def after(
        self, origin: int, destination: int, mode: int, departed_ms: int, elapsed_ms: int
    ) -> int:
        """Return where a vehicle is that left ``elapsed_ms`` ago on the fastest way.

        The destination once it must have arrived; the origin when there is no way.
        """
        leg = self.leg(origin, destination, mode, departed_ms)
        return origin if leg is None else leg.after(elapsed_ms)

    def leg(self, origin: int, destination: int, mode: int, departed_ms: int) -> Leg | None:
        """Return the fastest way between two positions; None if there is none. Legs are kept."""
        hour_class = hour_class_of(self.profile, departed_ms, self.timezone)
        key = (origin, destination, mode, hour_class)
        try:
            return self._legs[key]
        except KeyError:
            pass
        origin, destination = self.check_position(origin), self.check_position(destination)
        leg = leg_between(self.weights(mode, hour_class), origin, destination)
        if leg is None and self._has_last_resort(mode):
            leg = leg_between(self.weights(_LAST_RESORT, hour_class), origin, destination)
        if len(self._legs) >= LEGS_KEPT:
            self._legs.clear()
        self._legs[key] = leg
        return leg

    def _answer(self, mode: int, now_ms: int, ask: Callable[[WeightedRoads], Times]) -> Times:
        hour_class = hour_class_of(self.profile, now_ms, self.timezone)
        found = ask(self.weights(mode, hour_class))
        if self._has_last_resort(mode) and found.size and found.max() >= UNREACHABLE_MS:
            last = ask(self.weights(_LAST_RESORT, hour_class))
            found = np.where(found >= UNREACHABLE_MS, last, found)
        return found

    def _has_last_resort(self, mode: int) -> bool:
        """Test whether a crew that no way open to all leads out may take another."""
        return mode == DriveMode.ORDINARY and self.roads.has_blue_light_roads

    def weights_at(self, mode: int, now_ms: int) -> WeightedRoads:
        """Return the roads under the weights of a way of driving at an instant."""
        return self.weights(mode, hour_class_of(self.profile, now_ms, self.timezone))

    def weights(self, mode: int, hour_class: int) -> WeightedRoads:
        """Return the roads under the weights of a way of driving and an hour class."""
        key = (mode, hour_class)
        found = self._weighted.get(key)
        if found is not None:
            return found
        with self._customising:
            if key not in self._weighted:
                self._weighted[key] = self._customise(mode, hour_class)
            return self._weighted[key]

    def put_weights(self, mode: DriveMode, hour_class: int, weights: WeightedRoads) -> None:
        """Use given weights instead of the profile's: measured times, or a graph's own.

        Raises
        ------
        ValueError
            When they are of other roads, or live changes are in force, which would be lost.
        """
        if weights.roads is not self.roads or self.changes.changes:
            raise ValueError("Expected weights of these roads, and no live change in force.")
        with self._customising:
            self._weighted[mode, hour_class] = weights.kept()
            times = weights.metric.arc_ms[: self._edge_count]
            self._base[mode, hour_class] = EdgeTimes(times, weights.offset_ms)

    def with_changes(self, changes: LiveChanges) -> RoadTimes:
        """Return these times under other live changes; this snapshot stays as it is.

        Only the edges that differ are customised again, under every weight in use. One caller at a
        time: an engine makes changes, snapshots answer.
        """
        after = RoadTimes(
            self.roads,
            self.profile,
            version=self._plain_version,
            timezone=self.timezone,
            changes=changes,
        )
        edges = np.union1d(self.changes.edges, changes.edges).astype(np.int32)
        network = self.roads.network
        with self._customising:
            for (mode, hour_class), weights in self._weighted.items():
                base = self._base_times(mode, hour_class)
                on_edges = EdgeTimes(base.weight_ms[edges], base.offset_ms[edges])
                times = changes.times(network, edges, on_edges, _driven(mode))
                after._weighted[mode, hour_class] = weights.changed(edges, *times)
            after._base = dict(self._base)
        return after

    def _customise(self, mode: int, hour_class: int) -> WeightedRoads:
        edges = self.changes.edges
        if not len(edges):
            return weighted(self.roads, *self._computed_times(mode, hour_class))
        base = self._base_times(mode, hour_class)
        on_edges = EdgeTimes(base.weight_ms[edges], base.offset_ms[edges])
        times = self.changes.times(self.roads.network, edges, on_edges, _driven(mode))
        weights, offsets = base.weight_ms.copy(), base.offset_ms.copy()
        weights[edges], offsets[edges] = times
        return weighted(self.roads, weights, offsets)

    def _base_times(self, mode: int, hour_class: int) -> EdgeTimes:
        """Return the times without live changes; kept, once there are such changes."""
        key = (mode, hour_class)
        if key not in self._base:
            self._base[key] = self._computed_times(mode, hour_class)
        return self._base[key]

    def _computed_times(self, mode: int, hour_class: int) -> EdgeTimes:
        """Return the times of the profile.

        Where a blue-light crew may drive, any crew may start and end: an ambulance that stopped in
        a pedestrian street is not stuck there.
        """
        network = self.roads.network
        times = edge_weights(network, self.profile, _driven(mode), hour_class)
        if not self.roads.has_blue_light_roads or mode == DriveMode.BLUE_LIGHT:
            return EdgeTimes(times, times)
        lights = edge_weights(network, self.profile, DriveMode.BLUE_LIGHT, hour_class)
        anywhere = np.where(times >= UNREACHABLE_MS, lights, times)
        return EdgeTimes(anywhere if mode == _LAST_RESORT else times, anywhere)

    def check_position(self, position: int) -> int:
        """Return a position as a plain integer; raise ValueError if it is not of this network."""
        position = int(position)
        if not 0 <= position < self._edge_count << FRACTION_BITS:
            raise ValueError(f"Expected a position of this road network, was {position}.")
        return position


def _driven(mode: int) -> DriveMode:
    return DriveMode.ORDINARY if mode == _LAST_RESORT else DriveMode(mode)
