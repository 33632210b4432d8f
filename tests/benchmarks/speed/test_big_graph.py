"""Tiles of a graph make a larger one; its middle makes a smaller one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.speed.big_graph import middle_of, tiled
from benchmarks.speed.dimacs import Arcs, network_of


@pytest.fixture(scope="module")
def tile():
    side = 20
    rng = np.random.default_rng(1)
    node = np.arange(side * side)
    column, row = node % side, node // side
    east, north = node[column + 1 < side], node[row + 1 < side]
    low = np.concatenate((east, north))
    high = np.concatenate((east + 1, north + side))
    tail, head = np.concatenate((low, high)), np.concatenate((high, low))
    order = np.lexsort((head, tail))
    count = len(tail)
    return Arcs(
        lon=-74 + 0.01 * column + rng.uniform(0, 0.001, len(node)),
        lat=40 + 0.01 * row + rng.uniform(0, 0.001, len(node)),
        tail=tail[order],
        head=head[order],
        ms=rng.integers(1_000, 9_000, count),
        length_m=rng.uniform(10, 900, count),
    )


def strong_parts(arcs):
    size = (len(arcs.lon), len(arcs.lon))
    matrix = coo_matrix((np.ones(len(arcs.tail)), (arcs.tail, arcs.head)), shape=size)
    return connected_components(matrix, directed=True, connection="strong")[0]


def test_tiles_are_joined_both_ways_at_every_seam(tile):
    big = tiled(tile, (3, 2), links=5)
    assert len(big.lon) == 6 * len(tile.lon)
    seams = 2 * 2 + 3
    added = len(big.tail) - 6 * len(tile.tail)
    assert 0 < added <= 2 * 5 * seams
    assert strong_parts(big) == 1
    keys = big.tail * len(big.lon) + big.head
    assert (np.diff(keys) > 0).all(), "sorted, without parallels"
    assert np.array_equal(network_of(big).fixed_ms, big.ms)


def test_the_same_seed_gives_the_same_graph(tile):
    one, two = tiled(tile, (2, 2), links=5), tiled(tile, (2, 2), links=5)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_the_middle_is_connected_and_about_as_large_as_asked(tile):
    middle = middle_of(tile, 100)
    assert 80 <= len(middle.lon) <= 100
    assert strong_parts(middle) == 1
    assert middle.tail.max() < len(middle.lon)
    assert np.array_equal(network_of(middle).tails(), middle.tail)
