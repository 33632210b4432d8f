"""Queries under one set of weights: times from labels, ways from the hierarchy; thread-safe."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s
from routing.customise import Metric, customise
from routing.kernel import Arrays
from routing.labels import ALL_FINE, each_and_many, forget, pair_by_pair
from routing.position import Positions, foreign_position
from routing.recustomise import recustomise
from routing.roads import PreparedRoads
from routing.ways import fastest_way
from routing.weights import UNREACHABLE_MS

LABELS_KEPT: Final = 8_192
"""Labels kept for each direction: more than twice the ambulances of England."""

PAIRS_KEPT: Final = 2**16
"""Times of single pairs kept: hospitals with crews about to be clear, times who waits."""

_BLOCK: Final = LABELS_KEPT // 2
_GENERATIONS_MAX: Final = 256
_PARTIAL_SHARE: Final = 50
"""Where one upward arc in so many changes, customising all of them is quicker."""

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
        self.leaving = _label_store(size, is_leaving=True)
        self.arriving = _label_store(size, is_leaving=False)
        self.known = np.full((PAIRS_KEPT, 3), -1, dtype=np.int64)
        self.scratch: Arrays = (
            np.empty((roads.seed_size, 3), dtype=np.int64),
            np.empty((size, 2), dtype=np.int32),
            np.empty(_BLOCK, dtype=np.int32),
        )

    def forget(self, roads: PreparedRoads, changed_low: Int32s, changed_edges: Int32s) -> None:
        """Forget the labels that new weights have made wrong."""
        self.known[:] = -1
        lowest = roads.hierarchy.lowest[changed_low]
        reach = np.minimum.accumulate(lowest[::-1])[::-1]
        none = changed_edges[:0]
        for store in (self.leaving, self.arriving):
            _, key, deepest, table, _, _, node, node_table, _ = store
            forget(key, deepest, table, changed_low, reach, changed_edges, roads.opposite)
            own = node.astype(np.int32)
            forget(node, own, node_table, changed_low, reach, none, roads.opposite)


def _label_store(label_size: int, *, is_leaving: bool) -> Arrays:
    """Return memory for labels, in the order that `each_and_many` describes."""
    stride = -(-label_size // 16) * 16
    return (
        np.empty((LABELS_KEPT, stride), dtype=np.int32),
        np.full(LABELS_KEPT, -1, dtype=np.int64),
        np.full(LABELS_KEPT, -1, dtype=np.int32),
        np.full(4 * LABELS_KEPT, -1, dtype=np.int32),
        np.array([0, int(is_leaving)], dtype=np.int64),
        np.empty((LABELS_KEPT, stride), dtype=np.int32),
        np.full(LABELS_KEPT, -1, dtype=np.int64),
        np.full(4 * LABELS_KEPT, -1, dtype=np.int32),
        np.array([0], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """What one generation of weights changed: upward arcs, road arcs, edges."""

    ups: Int32s
    arcs: Int32s
    edges: Int32s


@dataclass(eq=False)
class _Buffers:
    """The arrays of one generation of weights; never used again where several share them."""

    metric: Metric
    offset_ms: Int32s
    generation: int
    is_shared: bool = False

    def catch_up(self, current: _Buffers, missed: list[_Change]) -> None:
        """Copy from the current arrays what has changed since."""
        mine, theirs = self.metric, current.metric
        if self.offset_ms is mine.arc_ms:
            self.offset_ms = mine.arc_ms.copy()
        for change in missed:
            mine.up[change.ups] = theirs.up[change.ups]
            mine.down[change.ups] = theirs.down[change.ups]
            mine.arc_ms[change.arcs] = theirs.arc_ms[change.arcs]
            self.offset_ms[change.edges] = current.offset_ms[change.edges]
        self.generation = current.generation


@dataclass(eq=False)
class _Lineage:
    """Successive generations of weights, and arrays of those that nobody uses any more.

    To change a few weights without copying all of them, arrays whose snapshot is gone are brought
    up to date from what has changed since, and used again.
    """

    changes: list[_Change] = field(default_factory=list)
    spare: list[_Buffers] = field(default_factory=list)

    def buffers_like(self, current: _Buffers) -> _Buffers:
        """Return arrays that equal the current ones, and that nobody else reads."""
        while self.spare:
            old = self.spare.pop()
            if old.is_shared:
                continue
            missed = self.changes[old.generation : current.generation]
            if sum(len(change.ups) for change in missed) * 4 > len(current.metric.up):
                continue
            old.catch_up(current, missed)
            return old
        metric = current.metric
        copied = Metric(metric.up.copy(), metric.down.copy(), metric.arc_ms.copy())
        return _Buffers(copied, current.offset_ms.copy(), current.generation)


class WeightedRoads:
    """A prepared network under one set of weights; answers are exact under them.

    Any number of threads may ask at once: each query takes a desk of working memory and puts it
    back, so that there are as many desks as queries ever ran at the same time. The weights of an
    object never change; `changed` makes another.
    """

    def __init__(self, roads: PreparedRoads, buffers: _Buffers, lineage: _Lineage) -> None:
        self.roads = roads
        self.metric = buffers.metric
        self.offset_ms = buffers.offset_ms
        self.drive: Arrays = (buffers.offset_ms, buffers.metric.arc_ms)
        self._buffers = buffers
        self._lineage = lineage
        self._desks: list[_Desk] = []

    @classmethod
    def like(cls, other: WeightedRoads) -> WeightedRoads:
        """Return the same weights without any label kept."""
        other.kept()
        return cls(other.roads, other._buffers, _Lineage())

    def kept(self) -> WeightedRoads:
        """Return these weights, whose arrays are from now on never used again for others."""
        self._buffers.is_shared = True
        return self

    def to_one_ms(self, origins: Positions, destination: int) -> Times:
        """Return the time from each origin to one destination."""
        out = np.empty((1, len(origins)), dtype=np.int32)
        self._fill(np.array([destination], dtype=np.int64), origins, out, leaving=False)
        return out.ravel()

    def from_one_ms(self, origin: int, destinations: Positions) -> Times:
        """Return the time from one origin to each destination."""
        out = np.empty((1, len(destinations)), dtype=np.int32)
        self._fill(np.array([origin], dtype=np.int64), destinations, out, leaving=True)
        return out.ravel()

    def matrix_ms(self, origins: Positions, destinations: Positions) -> Times:
        """Return times from each origin (row) to each destination (column)."""
        out = np.empty((len(origins), len(destinations)), dtype=np.int32)
        self._fill(origins, destinations, out, leaving=True)
        return out

    def _fill(self, ones: Positions, many: Positions, out: Times, *, leaving: bool) -> None:
        """Write the times between each of some positions that leave, or arrive, and many others."""
        if len(many) > _BLOCK:
            # In blocks whose labels all stay while they are needed.
            for begin in range(0, len(many), _BLOCK):
                part = np.empty((len(ones), len(many[begin : begin + _BLOCK])), dtype=np.int32)
                self._fill(ones, many[begin : begin + _BLOCK], part, leaving=leaving)
                out[:, begin : begin + _BLOCK] = part
            return
        desk = self._take_desk()
        metric = self.metric
        foreign = each_and_many(
            ones,
            many,
            out,
            desk.leaving if leaving else desk.arriving,
            desk.arriving if leaving else desk.leaving,
            desk.scratch,
            self.roads.graph_arrays,
            self.roads.label_arrays,
            metric.up if leaving else metric.down,
            metric.down if leaving else metric.up,
            self.drive,
        )
        self._desks.append(desk)
        if foreign != ALL_FINE:
            raise foreign_position(foreign)

    def pairs_ms(self, origins: Positions, destinations: Positions) -> Times:
        """Return the time from each origin to the destination at the same index."""
        out = np.empty(len(origins), dtype=np.int32)
        desk = self._take_desk()
        foreign = pair_by_pair(
            origins,
            destinations,
            out,
            desk.known,
            desk.leaving,
            desk.arriving,
            desk.scratch,
            self.roads.graph_arrays,
            self.roads.label_arrays,
            self.metric.up,
            self.metric.down,
            self.drive,
        )
        self._desks.append(desk)
        if foreign != ALL_FINE:
            raise foreign_position(foreign)
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
            self.drive,
        )
        if total_ms >= UNREACHABLE_MS:
            return None
        return Way(
            total_ms=int(total_ms),
            first_edge=None if first_edge < 0 else int(first_edge),
            edges=self.roads.edges_of(arcs),
            last_edge=None if last_edge < 0 else int(last_edge),
        )

    def changed(self, edges: Int32s, edge_ms: Int32s, offset_ms: Int32s) -> WeightedRoads:
        """Return the roads under weights that differ on some edges, given in the order of these.

        Not for several threads at once on weights of one descent: one writer makes changes.
        """
        lineage = self._lineage
        if self._buffers.generation != len(lineage.changes) or len(lineage.changes) >= (
            _GENERATIONS_MAX
        ):
            lineage = _Lineage()
        buffers = lineage.buffers_like(self._buffers)
        arcs = self._write_weights(buffers, edges, edge_ms, offset_ms)
        metric = buffers.metric
        limit = self.roads.hierarchy.up_count // _PARTIAL_SHARE
        ups = recustomise(
            arcs,
            metric.up,
            metric.down,
            metric.arc_ms,
            self.roads.arc_arrays,
            self.roads.side_arrays,
            limit,
        )
        if len(ups) > limit:
            buffers.metric = customise(self.roads.hierarchy, metric.arc_ms)
            buffers.generation = 0
            return WeightedRoads(self.roads, buffers, _Lineage())
        if lineage is self._lineage:
            # Once nobody asks these weights any more, their arrays serve a later generation.
            retired = weakref.finalize(self, lineage.spare.append, self._buffers)
            retired.atexit = False
        lineage.changes.append(_Change(ups, arcs, edges))
        buffers.generation = len(lineage.changes)
        after = WeightedRoads(self.roads, buffers, lineage)
        after._adopt_desks(self, ups, edges)
        return after

    def _write_weights(
        self, buffers: _Buffers, edges: Int32s, edge_ms: Int32s, offset_ms: Int32s
    ) -> Int32s:
        """Write new weights; return the road arcs that have them."""
        arcs = self.roads.arcs_of(edges)
        arc_ms = buffers.metric.arc_ms
        arc_ms[edges] = edge_ms
        if len(arcs) > len(edges):
            copies = arcs[len(edges) :]
            arc_ms[copies] = arc_ms[self.roads.edges_of(copies)]
        buffers.offset_ms[edges] = offset_ms
        return arcs

    def _adopt_desks(self, other: WeightedRoads, changed_ups: Int32s, edges: Int32s) -> None:
        tails = np.searchsorted(self.roads.hierarchy.up_first, changed_ups, side="right") - 1
        low: Int32s = np.unique(tails).astype(np.int32)
        while other._desks:
            desk = other._take_desk()
            desk.forget(self.roads, low, edges)
            self._desks.append(desk)

    def _take_desk(self) -> _Desk:
        try:
            return self._desks.pop()
        except IndexError:
            return _Desk(self.roads)


def weighted(roads: PreparedRoads, edge_ms: Int32s, offset_ms: Int32s) -> WeightedRoads:
    """Return a network under edge times; ``offset_ms`` measure positions along their edge."""
    arc_ms = np.array(roads.arc_weights(edge_ms))
    is_same = len(arc_ms) == len(offset_ms) and np.array_equal(arc_ms, offset_ms)
    offsets = arc_ms if is_same else np.array(offset_ms)
    buffers = _Buffers(customise(roads.hierarchy, arc_ms), offsets, 0)
    return WeightedRoads(roads, buffers, _Lineage())
