# ruff: noqa: PLR0913, PLR0917 -- kernels take arrays, not objects
"""Which places are within a time of which: labels that end where the time is over."""

from __future__ import annotations

from typing import Final

import numpy as np

from maps.road_network import Bools, Int32s
from routing.kernel import Arrays, Whole, kernel
from routing.labels import ALL_FINE, Rows, climb, common_size, least_sum, sow
from routing.position import FRACTION_BITS, Positions, foreign_position
from routing.query import WeightedRoads
from routing.seeds import Seeds, along_street_ms, seeds_arriving, seeds_leaving
from routing.weights import UNREACHABLE_MS

_BLOCK: Final = 4_096
"""Labels in memory at once."""


def within(
    weighted: WeightedRoads, origins: Positions, destinations: Positions, limit_ms: int
) -> Bools:
    """Return which origins (rows) reach which destinations (columns) within a time.

    For many places that are asked about once: a label that ends at the limit is exact for every
    journey that does not, and takes a fraction of the work of a whole one. None is kept.

    Raises
    ------
    ValueError
        When a position names no edge of these roads.
    """
    roads = weighted.roads
    size = max(roads.hierarchy.label_size, 1)
    out = np.empty((len(origins), len(destinations)), dtype=np.bool_)
    for begin in range(0, len(destinations), _BLOCK):
        many = destinations[begin : begin + _BLOCK]
        part = np.empty((len(origins), len(many)), dtype=np.bool_)
        foreign = _write_within(
            origins,
            many,
            np.int64(min(limit_ms, UNREACHABLE_MS - 1)),
            part,
            np.empty((len(many) + 1, size), dtype=np.int32),
            np.empty((roads.seed_size, 3), dtype=np.int64),
            np.empty((size, 2), dtype=np.int32),
            roads.graph_arrays,
            roads.label_arrays,
            weighted.metric.up,
            weighted.metric.down,
            weighted.drive,
        )
        if foreign != ALL_FINE:
            raise foreign_position(foreign)
        out[:, begin : begin + _BLOCK] = part
    return out


@kernel
def _write_within(
    ones: Positions,
    many: Positions,
    limit_ms: Whole,
    out: Bools,
    labels: Rows,
    seeds: Seeds,
    branch: Rows,
    graph: Arrays,
    tree: Arrays,
    up: Int32s,
    down: Int32s,
    drive: Arrays,
) -> Whole:
    """Write whether each of some positions reaches each of many; the last label is theirs."""
    opposite = graph[3]
    rank, parent, depth, lowest = tree[0], tree[1], tree[2], tree[3]
    deepest = np.empty(len(many), dtype=np.int32)
    for at in range(len(many)):
        if not 0 <= many[at] >> FRACTION_BITS < len(opposite):
            return many[at]
        count = seeds_arriving(many[at], seeds, graph, rank, drive)
        deepest[at] = _grown_within(labels[at], seeds, count, tree, down, limit_ms)
    label = labels[len(many)]
    for line in range(len(ones)):
        one = ones[line]
        if not 0 <= one >> FRACTION_BITS < len(opposite):
            return one
        count = seeds_leaving(one, seeds, graph, rank, drive)
        low = _grown_within(label, seeds, count, tree, up, limit_ms)
        size = climb(low, branch, parent, depth, lowest)
        edge = one >> FRACTION_BITS
        back = opposite[edge]
        for at in range(len(many)):
            best = least_sum(labels[at], label, common_size(branch, size, deepest[at]))
            other = many[at]
            its_edge = other >> FRACTION_BITS
            if (its_edge == edge) | (its_edge == back):
                best = min(best, along_street_ms(one, other, opposite[its_edge], drive))
            out[line, at] = best <= limit_ms
    return ALL_FINE


@kernel
def _grown_within(
    row: Int32s, seeds: Seeds, count: Whole, tree: Arrays, weight: Int32s, limit_ms: Whole
) -> Whole:
    """Write a label from its seeds upward, onward only from where the limit is not passed.

    Return its deepest rank, -1 if it reaches nothing. Beyond the limit, entries may be too high.
    """
    _, parent, depth, _, up_first, up_depth = tree
    deepest = sow(row, seeds, count, depth)
    if deepest < 0:
        return deepest
    node = deepest
    for place in range(depth[deepest], 0, -1):
        so_far = row[place]
        if so_far <= limit_ms:
            for arc in range(up_first[node], up_first[node + 1]):
                above = up_depth[arc]
                row[above] = min(row[above], so_far + weight[arc])
        node = parent[node]
    return deepest
