"""A contraction hierarchy that knows no weights yet: chordal arcs and elimination tree.

Nodes are numbered by *rank*, a postorder of the elimination tree, so that the nodes below node x
are exactly the ranks from ``lowest[x]`` to x, and parents have higher ranks. A node's neighbours
of higher rank are all among its ancestors; an ancestor is named by its *depth*, the number of
nodes above it. Distances to ancestors (a label) are therefore a plain row indexed by depth.

References
----------
.. [1] Dibbelt, J., B. Strasser, and D. Wagner (2016). Customizable contraction hierarchies.
       *ACM Journal of Experimental Algorithmics*, 21, 1.5. doi:10.1145/2886843
.. [2] Liu, J.W.H. (1990). The role of elimination trees in sparse factorization. *SIAM Journal on
       Matrix Analysis and Applications*, 11, 134-172. doi:10.1137/0611010
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s
from routing.kernel import Whole, kernel
from routing.restrictions import ExpandedGraph

Int16s = npt.NDArray[np.int16]

DEPTH_MAX: Final = 2**15 - 1
"""Depths are kept in 16 bits; all England needs fewer than 1,000."""


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """The topology for n nodes and u upward arcs; immutable, shared by all weights.

    Attributes
    ----------
    rank
        Rank of each node of the expanded graph, int32[n].
    parent
        Parent in the elimination tree by rank, int32[n]; -1 at a root.
    depth
        Number of ancestors by rank, int16[n].
    lowest
        Lowest rank below or at each rank, int32[n].
    up_first, up_head
        int32[n + 1] into int32[u]: upward arcs of each rank, heads ascending.
    up_depth
        Depth of each head, int16[u].
    down_first, down_arc, down_tail
        int32[n + 1] into int32[u]: the same arcs by head, with their tails ascending.
    arc_slot
        For each arc of the expanded graph the upward arc that it lies on, doubled, plus one
        where it runs downward, int32[a]; -1 for a loop.
    """

    rank: Int32s
    parent: Int32s
    depth: Int16s
    lowest: Int32s
    up_first: Int32s
    up_head: Int32s
    up_depth: Int16s
    down_first: Int32s
    down_arc: Int32s
    down_tail: Int32s
    arc_slot: Int32s

    @property
    def node_count(self) -> int:
        """Number of nodes of the expanded graph."""
        return len(self.rank)

    @property
    def up_count(self) -> int:
        """Number of upward arcs, original and added."""
        return len(self.up_head)

    @property
    def label_size(self) -> int:
        """Longest label: the depth of the elimination tree, in nodes."""
        return int(self.depth.max()) + 1 if len(self.depth) else 0


def build(graph: ExpandedGraph, order: Int32s) -> Hierarchy:
    """Return the hierarchy of a graph contracted in an order, near-linear in its upward arcs.

    Any permutation is right; a good one (`routing.order`) is small and shallow.

    Raises
    ------
    ValueError
        When the order is not a permutation of the graph's nodes, or makes a tree deeper than
        `DEPTH_MAX`.
    """
    count = graph.node_count
    in_order = np.asarray(order)
    if in_order.shape != (count,) or not _is_permutation(in_order, count):
        raise ValueError(f"Expected an order of {count} nodes, was shape {in_order.shape}.")
    rank = np.empty(count, dtype=np.int32)
    rank[in_order] = np.arange(count, dtype=np.int32)
    tail, head = graph.joined()
    first, lower = _lower_neighbours(rank, tail, head)
    parent = _elimination_tree(first, lower)
    place = _postorder(parent)
    rank, parent = place[rank], _renamed(parent, place)
    depth, lowest = _depths(parent)
    if count and depth.max() > DEPTH_MAX:
        raise ValueError(
            f"Expected a contraction order with a tree at most {DEPTH_MAX} deep, was {depth.max()}."
        )
    first, lower = _lower_neighbours(rank, tail, head)
    up_first, up_head = _upward(first, lower, parent)
    down_first, down_arc, down_tail = _downward(up_first, up_head)
    narrow_depth = depth.astype(np.int16)
    return Hierarchy(
        rank=rank,
        parent=parent,
        depth=narrow_depth,
        lowest=lowest,
        up_first=up_first,
        up_head=up_head,
        up_depth=narrow_depth[up_head],
        down_first=down_first,
        down_arc=down_arc,
        down_tail=down_tail,
        arc_slot=_arc_slots(rank, graph.tail, graph.head, up_first, up_head),
    )


def _is_permutation(order: Int32s, count: int) -> bool:
    if order.dtype.kind not in "iu" or (count and (order.min() < 0 or order.max() >= count)):
        return False
    return bool((np.bincount(order, minlength=count) == 1).all())


@kernel
def _lower_neighbours(rank: Int32s, tail: Int32s, head: Int32s) -> tuple[Int32s, Int32s]:
    """Return the neighbours of lower rank of each rank, in compressed rows, duplicates kept."""
    count = len(rank)
    first = np.zeros(count + 1, dtype=np.int32)
    for arc in range(len(tail)):
        a, b = rank[tail[arc]], rank[head[arc]]
        if a != b:
            first[max(a, b) + 1] += 1
    for node in range(count):
        first[node + 1] += first[node]
    fill = first[:-1].copy()
    lower = np.empty(first[count], dtype=np.int32)
    for arc in range(len(tail)):
        a, b = rank[tail[arc]], rank[head[arc]]
        if a != b:
            high = max(a, b)
            lower[fill[high]] = min(a, b)
            fill[high] += 1
    return first, lower


@kernel
def _elimination_tree(first: Int32s, lower: Int32s) -> Int32s:
    """Return the parent of each node, -1 at roots: Liu's algorithm with path compression."""
    count = len(first) - 1
    parent = np.full(count, -1, dtype=np.int32)
    jump = np.full(count, -1, dtype=np.int32)
    for node in range(count):
        for at in range(first[node], first[node + 1]):
            below = lower[at]
            while below != -1 and below != node:  # noqa: PLR1714 -- mixed kinds
                above = jump[below]
                jump[below] = node
                if above == -1:
                    parent[below] = node
                below = above
    return parent


@kernel
def _postorder(parent: Int32s) -> Int32s:
    """Return the place of each node in a postorder that visits the largest child last.

    So the longest run of a branch is contiguous, and walking up it reads memory in order.
    """
    count = len(parent)
    size = np.ones(count + 1, dtype=np.int32)
    largest = np.full(count + 1, -1, dtype=np.int32)
    for node in range(count):
        above = parent[node] if parent[node] >= 0 else count
        size[above] += size[node]
        if largest[above] < 0 or size[node] >= size[largest[above]]:
            largest[above] = node
    place = np.empty(count, dtype=np.int32)
    begin = np.zeros(count + 1, dtype=np.int32)
    taken = np.zeros(count + 1, dtype=np.int32)
    for node in range(count - 1, -1, -1):
        above = parent[node] if parent[node] >= 0 else count
        if largest[above] == node:
            begin[node] = begin[above] + size[above] - 1 - size[node]
        else:
            begin[node] = begin[above] + taken[above]
            taken[above] += size[node]
        place[node] = begin[node] + size[node] - 1
    return place


@kernel
def _renamed(parent: Int32s, place: Int32s) -> Int32s:
    renamed = np.empty_like(parent)
    for node in range(len(parent)):
        renamed[place[node]] = place[parent[node]] if parent[node] >= 0 else -1
    return renamed


@kernel
def _depths(parent: Int32s) -> tuple[Int32s, Int32s]:
    """Return the number of ancestors, and the lowest rank below, of each rank of a postorder."""
    count = len(parent)
    depth = np.zeros(count, dtype=np.int32)
    lowest = np.arange(count).astype(np.int32)
    for node in range(count):
        above = parent[node]
        if above >= 0 and lowest[node] < lowest[above]:
            lowest[above] = lowest[node]
    for node in range(count - 1, -1, -1):
        if parent[node] >= 0:
            depth[node] = depth[parent[node]] + 1
    return depth, lowest


@kernel
def _upward(first: Int32s, lower: Int32s, parent: Int32s) -> tuple[Int32s, Int32s]:
    """Return the chordal completion as upward arcs, heads ascending.

    Node x has an arc to node a exactly where x lies, in the elimination tree, between a lower
    neighbour of a and a: so each walk from those neighbours towards a meets x once.
    """
    count = len(parent)
    up_first = np.zeros(count + 1, dtype=np.int32)
    seen = np.full(count, -1, dtype=np.int32)
    for node in range(count):
        seen[node] = node
        for at in range(first[node], first[node + 1]):
            below = lower[at]
            while seen[below] != node:
                seen[below] = node
                up_first[below + 1] += 1
                below = parent[below]
    for node in range(count):
        up_first[node + 1] += up_first[node]
    fill = up_first[:-1].copy()
    up_head = np.empty(up_first[count], dtype=np.int32)
    for node in range(count):
        seen[node] = -1
    for node in range(count):
        seen[node] = node
        for at in range(first[node], first[node + 1]):
            below = lower[at]
            while seen[below] != node:
                seen[below] = node
                up_head[fill[below]] = node
                fill[below] += 1
                below = parent[below]
    return up_first, up_head


@kernel
def _downward(up_first: Int32s, up_head: Int32s) -> tuple[Int32s, Int32s, Int32s]:
    """Return the same arcs by head, with their tails ascending."""
    count = len(up_first) - 1
    down_first = np.zeros(count + 1, dtype=np.int32)
    for arc in range(len(up_head)):
        down_first[up_head[arc] + 1] += 1
    for node in range(count):
        down_first[node + 1] += down_first[node]
    fill = down_first[:-1].copy()
    down_arc = np.empty(len(up_head), dtype=np.int32)
    down_tail = np.empty(len(up_head), dtype=np.int32)
    for node in range(count):
        for arc in range(up_first[node], up_first[node + 1]):
            at = fill[up_head[arc]]
            down_arc[at] = arc
            down_tail[at] = node
            fill[up_head[arc]] = at + 1
    return down_first, down_arc, down_tail


@kernel
def find_arc(up_first: Int32s, up_head: Int32s, low: Whole, high: Whole) -> Whole:
    """Return the upward arc between two ranks; -1 if there is none."""
    begin, end = up_first[low], up_first[low + 1]
    while begin < end:
        middle = (begin + end) >> 1
        if up_head[middle] < high:
            begin = middle + 1
        else:
            end = middle
    if begin < up_first[low + 1] and up_head[begin] == high:
        return begin
    return -1


@kernel
def _arc_slots(
    rank: Int32s, tail: Int32s, head: Int32s, up_first: Int32s, up_head: Int32s
) -> Int32s:
    slots = np.empty(len(tail), dtype=np.int32)
    for arc in range(len(tail)):
        a, b = rank[tail[arc]], rank[head[arc]]
        if a == b:
            slots[arc] = -1
        elif a < b:
            slots[arc] = 2 * find_arc(up_first, up_head, a, b)
        else:
            slots[arc] = 2 * find_arc(up_first, up_head, b, a) + 1
    return slots
