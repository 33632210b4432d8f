"""Queries under one set of weights: times from labels, ways from the hierarchy; thread-safe."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s
from routing.customise import Metric, customise
from routing.kernel import Arrays
from routing.labels import one_and_many
from routing.position import Positions
from routing.roads import PreparedRoads
from routing.ways import fastest_way
from routing.weights import UNREACHABLE_MS

LABELS_KEPT: Final = 8_192
"""Labels kept for each direction: more than twice the ambulances of England."""

Times = npt.NDArray[np.int32]


class Way(NamedTuple):
    """A fastest way over at least one junction: its edges between the two end pieces.

    ``first_edge`` and ``last_edge`` are the edges driven in part at both ends; None where the
    journey begins or ends exactly on a junction.
    """

    total_ms: int
    first_edge: int | None
    edges: Int32s
    last_edge: int | None


class _Desk:
    """The working memory of one query at a time: labels of both directions, and scratch rows."""

    def __init__(self, roads: PreparedRoads) -> None:
        size = max(roads.hierarchy.label_size, 1)
        self.leaving = _label_store(size)
        self.arriving = _label_store(size)
        self.scratch: Arrays = (
            np.empty((roads.seed_size, 3), dtype=np.int64),
            np.empty((size, 2), dtype=np.int32),
        )


def _label_store(label_size: int) -> Arrays:
    stride = -(-label_size // 16) * 16
    return (
        np.empty((LABELS_KEPT, stride), dtype=np.int32),
        np.full(LABELS_KEPT, -1, dtype=np.int64),
        np.full(LABELS_KEPT, -1, dtype=np.int32),
        np.full(4 * LABELS_KEPT, -1, dtype=np.int32),
        np.zeros(1, dtype=np.int64),
    )


class WeightedRoads:
    """A prepared network under one set of weights; answers are exact under them.

    Any number of threads may ask at once: each query takes a desk of working memory and puts it
    back, so that there are as many desks as queries ever ran at the same time.
    """

    def __init__(self, roads: PreparedRoads, metric: Metric, offset_ms: Int32s) -> None:
        self.roads = roads
        self.metric = metric
        self.offset_ms = offset_ms
        self._desks: list[_Desk] = []

    def to_one_ms(self, origins: Positions, destination: int) -> Times:
        """Return the time from each origin to one destination."""
        out = np.empty(len(origins), dtype=np.int32)
        desk = self._take_desk()
        one_and_many(
            destination,
            origins,
            out,
            True,
            desk.leaving,
            desk.arriving,
            desk.scratch,
            self.roads.graph_arrays,
            self.roads.label_arrays,
            self.metric.up,
            self.metric.down,
            self.offset_ms,
        )
        self._desks.append(desk)
        return out

    def from_one_ms(self, origin: int, destinations: Positions) -> Times:
        """Return the time from one origin to each destination."""
        out = np.empty(len(destinations), dtype=np.int32)
        desk = self._take_desk()
        one_and_many(
            origin,
            destinations,
            out,
            False,
            desk.arriving,
            desk.leaving,
            desk.scratch,
            self.roads.graph_arrays,
            self.roads.label_arrays,
            self.metric.down,
            self.metric.up,
            self.offset_ms,
        )
        self._desks.append(desk)
        return out

    def matrix_ms(self, origins: Positions, destinations: Positions) -> Times:
        """Return times from each origin (row) to each destination (column)."""
        out = np.empty((len(origins), len(destinations)), dtype=np.int32)
        for row, origin in enumerate(origins):
            out[row] = self.from_one_ms(int(origin), destinations)
        return out

    def way(self, origin: int, destination: int) -> Way | None:
        """Return the fastest way over at least one junction; None if there is none."""
        total_ms, first_edge, last_edge, arcs = fastest_way(
            origin,
            destination,
            max(self.roads.hierarchy.label_size, 1),
            self.roads.seed_size,
            self.roads.graph_arrays,
            self.roads.way_arrays,
            self.roads.side_arrays,
            self.metric.up,
            self.metric.down,
            self.metric.arc_ms,
            self.offset_ms,
        )
        if total_ms >= UNREACHABLE_MS:
            return None
        return Way(
            total_ms=int(total_ms),
            first_edge=None if first_edge < 0 else int(first_edge),
            edges=self.roads.edges_of(arcs),
            last_edge=None if last_edge < 0 else int(last_edge),
        )

    def _take_desk(self) -> _Desk:
        try:
            return self._desks.pop()
        except IndexError:
            return _Desk(self.roads)


def weighted(roads: PreparedRoads, edge_ms: Int32s, offset_ms: Int32s) -> WeightedRoads:
    """Return a network under edge times; ``offset_ms`` measure positions along their edge."""
    return WeightedRoads(roads, customise(roads.hierarchy, roads.arc_weights(edge_ms)), offset_ms)
