"""The order in which a road graph is contracted: nested dissection, or minimum degree."""

from __future__ import annotations

import numpy as np

from maps.road_network import Int32s


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

    Raises
    ------
    ImportError
        When `pymetis` is not installed.
    """
    import pymetis

    if len(neighbour) == 0:
        return np.arange(len(first) - 1, dtype=np.int32)
    graph = pymetis.CSRAdjacency(adj_starts=first, adjacent=neighbour)
    order, _ = pymetis.nested_dissection(graph)
    return np.asarray(order, dtype=np.int32)


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
