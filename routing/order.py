"""The order in which a road graph is contracted: nested dissection, or minimum degree."""

from __future__ import annotations

from typing import Final

import numpy as np

from maps.road_network import Int32s
from routing.kernel import Whole, kernel

_SEPARATORS_TRIED: Final = 2
"""The better of two separators at each level: shorter labels for half as much time again."""

_BEND: Final = 2


def contraction_order(node_count: int, tail: Int32s, head: Int32s) -> Int32s:
    """Return the nodes in the order of contraction, int32[n]; directions and loops are ignored.

    METIS nested dissection where `pymetis` is installed; otherwise the minimum-degree order of
    SuperLU through scipy, which needs no further package and makes trees half as deep again.
    Equal graphs give equal orders.

    References
    ----------
    .. [1] Karypis, G., and V. Kumar (1998). A fast and high quality multilevel scheme for
           partitioning irregular graphs. *SIAM Journal on Scientific Computing*, 20, 359-392.
           doi:10.1137/S1064827595287997
    """
    if node_count == 0:
        return np.zeros(0, dtype=np.int32)
    first, neighbour = _neighbours(node_count, tail, head)
    try:
        return dissection_order(first, neighbour)
    except ImportError:
        return minimum_degree_order(first, neighbour)


def dissection_order(first: Int32s, neighbour: Int32s) -> Int32s:
    """Return METIS's nested dissection of a symmetric graph in compressed rows.

    Dead ends and bends, half of a road graph, are contracted before: no separator needs them, and
    METIS takes half the time.

    Raises
    ------
    ImportError
        When `pymetis` is not installed.
    """
    import pymetis

    shed, core, core_first, core_neighbour = _core(first, neighbour)
    if len(core_neighbour) == 0:
        return np.concatenate((shed, core))
    graph = pymetis.CSRAdjacency(adj_starts=core_first, adjacent=core_neighbour)
    options = pymetis.Options(nseps=_SEPARATORS_TRIED)
    order, _ = pymetis.nested_dissection(graph, options=options)
    return np.concatenate((shed, core[np.asarray(order, dtype=np.int32)]))


def minimum_degree_order(first: Int32s, neighbour: Int32s) -> Int32s:
    """Return SuperLU's minimum-degree order of a symmetric graph in compressed rows."""
    from scipy.sparse import csc_matrix
    from scipy.sparse.linalg import splu

    count = len(first) - 1
    degree = np.diff(first)
    columns = np.repeat(np.arange(count, dtype=np.int32), degree)
    rows = np.concatenate((neighbour, np.arange(count, dtype=np.int32)))
    columns = np.concatenate((columns, np.arange(count, dtype=np.int32)))
    # Diagonally dominant, so that the numbers never change the order that the pattern gives.
    values = np.concatenate((np.full(len(neighbour), -1.0), degree + 1.0))
    matrix = csc_matrix((values, (rows, columns)), shape=(count, count))
    factors = splu(
        matrix,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    order = np.empty(count, dtype=np.int32)
    order[factors.perm_c] = np.arange(count, dtype=np.int32)
    return order


def _neighbours(node_count: int, tail: Int32s, head: Int32s) -> tuple[Int32s, Int32s]:
    """Return the symmetric adjacency without loops and duplicates, in compressed rows."""
    low = np.minimum(tail, head).astype(np.int64)
    high = np.maximum(tail, head).astype(np.int64)
    apart = low != high
    pairs = np.unique(low[apart] * node_count + high[apart])
    low, high = pairs // node_count, pairs % node_count
    both_tail = np.concatenate((low, high))
    both_head = np.concatenate((high, low))
    by_tail = np.lexsort((both_head, both_tail))
    first = np.zeros(node_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(both_tail, minlength=node_count), out=first[1:])
    return first, both_head[by_tail].astype(np.int32)


def _core(first: Int32s, neighbour: Int32s) -> tuple[Int32s, Int32s, Int32s, Int32s]:
    """Return the nodes shed, in their order, those left, and the graph of these."""
    joined = neighbour.copy()
    degree = np.diff(first)
    shed = _shed(first, joined, degree)
    is_left = np.ones(len(degree), dtype=np.bool_)
    is_left[shed] = False
    core = np.flatnonzero(is_left).astype(np.int32)
    number = np.full(len(degree), -1, dtype=np.int32)
    number[core] = np.arange(len(core), dtype=np.int32)
    core_first = np.zeros(len(core) + 1, dtype=np.int32)
    np.cumsum(degree[core], out=core_first[1:])
    within = np.arange(core_first[-1]) - np.repeat(core_first[:-1], degree[core])
    rows = np.repeat(first[core], degree[core]) + within
    return shed, core, core_first, number[joined[rows]]


@kernel
def _shed(first: Int32s, joined: Int32s, degree: Int32s) -> Int32s:
    """Contract nodes of up to two neighbours until none is left; return them in order.

    In rounds, of neighbours only one in each, so that a long road is halved again and again rather
    than eaten from its end. ``joined`` and ``degree`` become the graph of the nodes left, in the
    rows of the old one: a contraction never makes a node's row longer.
    """
    count = len(degree)
    order = np.empty(count, dtype=np.int32)
    found = 0
    round_of = np.full(count, -1, dtype=np.int32)
    is_queued = np.zeros(count, dtype=np.bool_)
    queue = np.empty(count, dtype=np.int32)
    waiting = 0
    for node in range(count):
        if degree[node] <= _BEND:
            queue[waiting] = node
            waiting += 1
            is_queued[node] = True
    rounds = 0
    while waiting > 0:
        later = np.empty(count, dtype=np.int32)
        postponed = 0
        for at in range(waiting):
            node = queue[at]
            if round_of[node] == rounds:
                later[postponed] = node
                postponed += 1
                continue
            order[found] = node
            found += 1
            begin = first[node]
            for side in range(degree[node]):
                near = joined[begin + side]
                far = joined[begin + 1 - side] if degree[node] == _BEND else -1
                degree[near] = _replace(joined, first[near], degree[near], node, far)
                round_of[near] = rounds
                if degree[near] <= _BEND and not is_queued[near]:
                    is_queued[near] = True
                    later[postponed] = near
                    postponed += 1
        queue, waiting = later, postponed
        rounds += 1
    return order[:found].copy()


@kernel
def _replace(joined: Int32s, begin: Whole, degree: Whole, old: Whole, new: Whole) -> Whole:
    """Replace a neighbour by another, or remove it if there is none or it is one; new degree."""
    place = begin
    is_known = new < 0
    for at in range(begin, begin + degree):
        if joined[at] == old:
            place = at
        elif joined[at] == new:
            is_known = True
    if not is_known:
        joined[place] = new
        return degree
    joined[place] = joined[begin + degree - 1]
    return degree - 1
