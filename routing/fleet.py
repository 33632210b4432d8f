# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""A fleet on the road: labels kept for each unit, refreshed as it moves; who is nearest."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from maps.road_network import Float64s, Int32s
from routing.kernel import Arrays, Whole, kernel
from routing.labels import (
    climb,
    common_size,
    least_sum,
    write_arriving,
    write_leaving,
)
from routing.position import FRACTION_BITS, Positions, checked_positions
from routing.query import Times, WeightedRoads
from routing.roads import PreparedRoads
from routing.seeds import INFINITE, along_street_ms
from routing.snapshot import RoadTimes
from routing.speed_bound import SpeedBound, speed_bound
from routing.weights import UNREACHABLE_MS, DriveMode

_ABSENT: Final = -1
_BUCKETS: Final = 256


class NearUnit(NamedTuple):
    """A slot of the fleet, and its time to the place asked about."""

    slot: int
    ms: int


class _Labels:
    """The labels of all slots under one set of weights."""

    def __init__(self, roads: PreparedRoads, capacity: int) -> None:
        size = max(roads.hierarchy.label_size, 1)
        stride = -(-size // 16) * 16
        self.store: Arrays = (
            np.empty((capacity, stride), dtype=np.int32),
            np.full(capacity, _ABSENT, dtype=np.int64),
            np.full(capacity, _ABSENT, dtype=np.int32),
        )
        self.scratch: Arrays = (
            np.empty((roads.seed_size, 3), dtype=np.int64),
            np.empty((size, 2), dtype=np.int32),
            np.empty(stride, dtype=np.int32),
        )
        self.bound: SpeedBound | None = None


class Fleet:
    """Units in numbered slots, each with a position or absent; one owner changes and asks.

    The quickest way to ask for the same units again and again: a label is computed when a unit has
    moved, no position is looked up, and the nearest units are found without asking for all.
    Calls from several threads wait for one another.
    """

    def __init__(self, times: RoadTimes, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"Expected room for one unit or more, was {capacity}.")
        self._times = times
        self._position: Positions = np.full(capacity, _ABSENT, dtype=np.int64)
        self._east = np.zeros(capacity, dtype=np.float64)
        self._north = np.zeros(capacity, dtype=np.float64)
        self._labels: dict[WeightedRoads, _Labels] = {}
        self._lock = threading.RLock()

    @property
    def times(self) -> RoadTimes:
        """The snapshot under which the fleet is asked about."""
        return self._times

    def follow(self, times: RoadTimes) -> None:
        """Ask under another snapshot of the same roads from now on.

        Raises
        ------
        ValueError
            When the snapshot is of other roads: positions would mean nothing there.
        """
        if times.roads is not self._times.roads:
            raise ValueError("Expected a snapshot of the same roads, was one of others.")
        with self._lock:
            if times is not self._times:
                self._times = times
                self._labels.clear()

    def move(self, slots: Iterable[int], positions: Positions) -> None:
        """Put units at positions. Their labels are computed when they are next asked for."""
        at = self._checked_slots(slots)
        moved = checked_positions(positions, self._times.roads.network.edge_count)
        if len(at) != len(moved):
            raise ValueError(f"Expected {len(at)} positions, was {len(moved)}.")
        with self._lock:
            self._position[at] = moved
            self._east[at], self._north[at] = self._times.plane_m(moved)

    def remove(self, slots: Iterable[int]) -> None:
        """Make slots absent."""
        with self._lock:
            self._position[self._checked_slots(slots)] = _ABSENT

    def refresh(self, mode: DriveMode, now_ms: int) -> int:
        """Compute the labels of all units that have moved; return of how many."""
        with self._lock:
            weighted = self._times.weights_at(mode, now_ms)
            labels = self._labels_of(weighted)
            return int(_refresh(self._position, labels.store, labels.scratch, *_read(weighted)))

    def to_one_ms(self, destination: int, mode: DriveMode, now_ms: int) -> Times:
        """Return the time of each slot to one destination; `UNREACHABLE_MS` where absent."""
        destination = self._times.check_position(destination)
        out = np.empty(len(self._position), dtype=np.int32)
        with self._lock:
            weighted = self._times.weights_at(mode, now_ms)
            labels = self._labels_of(weighted)
            _fleet_to_one(
                destination,
                self._position,
                out,
                labels.store,
                labels.scratch,
                weighted.metric.down,
                *_read(weighted),
            )
        lost = np.flatnonzero((out >= UNREACHABLE_MS) & (self._position >= 0))
        if len(lost) and mode == DriveMode.ORDINARY:
            out[lost] = self._times.to_one_ms(self._position[lost], destination, mode, now_ms)
        return out

    def nearest(
        self, destination: int, count: int, mode: DriveMode, now_ms: int
    ) -> tuple[NearUnit, ...]:
        """Return the units that reach a destination first, at most ``count``, soonest first.

        Equal times by slot. Units that cannot reach it are left out. Exact, though only units are
        asked that could be near: none drives quicker than the network's fastest roads.
        """
        if count < 1:
            raise ValueError(f"Expected to look for one unit or more, was {count}.")
        destination = self._times.check_position(destination)
        slots = np.empty(count, dtype=np.int32)
        found_ms = np.empty(count, dtype=np.int32)
        east, north = self._times.plane_m(np.array([destination], dtype=np.int64))
        with self._lock:
            weighted = self._times.weights_at(mode, now_ms)
            labels = self._labels_of(weighted)
            if labels.bound is None:
                labels.bound = speed_bound(weighted.roads, weighted.offset_ms)
            found = _nearest(
                destination,
                self._position,
                self._east - east[0],
                self._north - north[0],
                labels.bound.ms_per_m,
                labels.bound.spare_ms,
                slots,
                found_ms,
                labels.store,
                labels.scratch,
                weighted.metric.down,
                *_read(weighted),
            )
        if found < count and mode == DriveMode.ORDINARY:
            return self._nearest_of_all(destination, count, mode, now_ms)
        return tuple(NearUnit(int(slots[at]), int(found_ms[at])) for at in range(found))

    def _nearest_of_all(
        self, destination: int, count: int, mode: DriveMode, now_ms: int
    ) -> tuple[NearUnit, ...]:
        times = self.to_one_ms(destination, mode, now_ms)
        order = np.argsort(times, kind="stable")[:count]
        return tuple(
            NearUnit(int(slot), int(times[slot])) for slot in order if times[slot] < UNREACHABLE_MS
        )

    def _labels_of(self, weighted: WeightedRoads) -> _Labels:
        if weighted not in self._labels:
            self._labels[weighted] = _Labels(weighted.roads, len(self._position))
        return self._labels[weighted]

    def _checked_slots(self, slots: Iterable[int]) -> Int32s:
        at = np.fromiter(slots, dtype=np.int64)
        if len(at) and (at.min() < 0 or at.max() >= len(self._position)):
            raise ValueError(f"Expected slots from 0 to {len(self._position) - 1}, was {at}.")
        return at.astype(np.int32)


def _read(weighted: WeightedRoads) -> tuple[Int32s, Arrays, Arrays, Arrays]:
    roads = weighted.roads
    return weighted.metric.up, weighted.drive, roads.graph_arrays, roads.label_arrays


@kernel
def _refresh(
    position: Positions,
    store: Arrays,
    scratch: Arrays,
    up: Int32s,
    drive: Arrays,
    graph: Arrays,
    tree: Arrays,
) -> Whole:
    rows, key, deepest = store
    refreshed = 0
    for slot in range(len(position)):
        here = position[slot]
        if here >= 0 and key[slot] != here:
            key[slot] = here
            deepest[slot] = write_leaving(rows[slot], here, scratch[0], graph, tree, up, drive)
            refreshed += 1
    return refreshed


@kernel
def _fleet_to_one(
    one: Whole,
    position: Positions,
    out: Int32s,
    store: Arrays,
    scratch: Arrays,
    down: Int32s,
    up: Int32s,
    drive: Arrays,
    graph: Arrays,
    tree: Arrays,
) -> None:
    _refresh(position, store, scratch, up, drive, graph, tree)
    seeds, branch, label = scratch
    rows, _, deepest = store
    end = write_arriving(label, one, seeds, graph, tree, down, drive)
    size = climb(end, branch, tree[1], tree[2], tree[3])
    edge = one >> FRACTION_BITS
    back = graph[3][edge]
    for slot in range(len(position)):
        here = position[slot]
        if here < 0:
            out[slot] = INFINITE
            continue
        best = least_sum(rows[slot], label, common_size(branch, size, deepest[slot]))
        its_edge = here >> FRACTION_BITS
        if (its_edge == edge) | (its_edge == back):
            best = min(best, along_street_ms(here, one, back, drive))
        out[slot] = best


@kernel
def _nearest(
    one: Whole,
    position: Positions,
    east: Float64s,
    north: Float64s,
    ms_per_m: float,
    spare_ms: float,
    slots: Int32s,
    found_ms: Int32s,
    store: Arrays,
    scratch: Arrays,
    down: Int32s,
    up: Int32s,
    drive: Arrays,
    graph: Arrays,
    tree: Arrays,
) -> Whole:
    """Write the nearest slots and their times, soonest first; return how many there are.

    Units are asked by rising lower bound of their time, until the next bound exceeds the worst of
    enough answers.
    """
    seeds, branch, label = scratch
    rows, key, deepest = store
    rank_order, begins, width_ms = _by_bound(position, east, north, ms_per_m)
    end = write_arriving(label, one, seeds, graph, tree, down, drive)
    size = climb(end, branch, tree[1], tree[2], tree[3])
    edge = one >> FRACTION_BITS
    back = graph[3][edge]
    found = np.int64(0)
    for bucket in range(_BUCKETS):
        if found == len(slots) and bucket * width_ms - spare_ms > found_ms[found - 1]:
            break
        for at in range(begins[bucket], begins[bucket + 1]):
            slot = rank_order[at]
            here = position[slot]
            if key[slot] != here:
                key[slot] = here
                deepest[slot] = write_leaving(rows[slot], here, seeds, graph, tree, up, drive)
            time_ms = least_sum(rows[slot], label, common_size(branch, size, deepest[slot]))
            its_edge = here >> FRACTION_BITS
            if (its_edge == edge) | (its_edge == back):
                time_ms = min(time_ms, along_street_ms(here, one, back, drive))
            if time_ms < INFINITE:
                found = _insert(slot, time_ms, slots, found_ms, found)
    return found


@kernel
def _by_bound(
    position: Positions, east: Float64s, north: Float64s, ms_per_m: float
) -> tuple[Int32s, Int32s, float]:
    """Return the present slots in buckets of rising distance, and the width of a bucket in ms."""
    furthest = 1.0
    for slot in range(len(position)):
        if position[slot] >= 0:
            furthest = max(furthest, east[slot] * east[slot] + north[slot] * north[slot])
    # A hair wider than needed, so that rounding never opens a bucket more.
    width_m = np.sqrt(furthest) / (_BUCKETS - 1)
    bucket = np.empty(len(position), dtype=np.int32)
    begins = np.zeros(_BUCKETS + 1, dtype=np.int32)
    for slot in range(len(position)):
        if position[slot] >= 0:
            distance_m = np.sqrt(east[slot] * east[slot] + north[slot] * north[slot])
            bucket[slot] = np.int32(distance_m / width_m)
            begins[bucket[slot] + 1] += 1
    for at in range(_BUCKETS):
        begins[at + 1] += begins[at]
    fill = begins.copy()
    order = np.empty(begins[_BUCKETS], dtype=np.int32)
    for slot in range(len(position)):
        if position[slot] >= 0:
            order[fill[bucket[slot]]] = slot
            fill[bucket[slot]] += 1
    return order, begins, width_m * ms_per_m


@kernel
def _insert(slot: Whole, time_ms: Whole, slots: Int32s, found_ms: Int32s, found: Whole) -> Whole:
    """Insert a unit among the nearest, in the order of time and slot; return how many there are."""
    if found == len(slots):
        last = found - 1
        if time_ms > found_ms[last] or (time_ms == found_ms[last] and slot > slots[last]):
            return found
        found = last
    at = found
    while at > 0 and (
        found_ms[at - 1] > time_ms or (found_ms[at - 1] == time_ms and slots[at - 1] > slot)
    ):
        slots[at], found_ms[at] = slots[at - 1], found_ms[at - 1]
        at -= 1
    slots[at], found_ms[at] = slot, time_ms
    return found + 1
