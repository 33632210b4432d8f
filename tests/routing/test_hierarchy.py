"""The topology: what the elimination tree promises, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.hierarchy import build, find_arc
from routing.restrictions import expand
from tests.routing.worlds import a_grid, worlds


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_every_upward_neighbour_is_an_ancestor_whatever_the_order(world, random):
    graph = expand(world.network)
    order = list(range(graph.node_count))
    random.shuffle(order)
    tree = build(graph, np.array(order, dtype=np.int32))
    for node in range(tree.node_count):
        ancestors, above = [], int(tree.parent[node])
        while above >= 0:
            ancestors.append(above)
            above = int(tree.parent[above])
        heads = tree.up_head[tree.up_first[node] : tree.up_first[node + 1]].tolist()
        assert heads == sorted(heads)
        assert set(heads) <= set(ancestors)
        assert ancestors[:1] == heads[:1]
        assert tree.depth[node] == len(ancestors)
        assert tree.lowest[node] <= node
        assert all(tree.lowest[ancestor] <= node <= ancestor for ancestor in ancestors)


@settings(deadline=None)
@given(worlds())
def test_every_road_arc_lies_on_an_upward_arc_of_its_ends(world):
    graph = expand(world.network)
    tree = build(graph, np.arange(graph.node_count, dtype=np.int32))
    for arc in range(len(graph.tail)):
        tail, head = int(tree.rank[graph.tail[arc]]), int(tree.rank[graph.head[arc]])
        if tail == head:
            assert tree.arc_slot[arc] == -1
            continue
        at = find_arc(tree.up_first, tree.up_head, min(tail, head), max(tail, head))
        assert tree.arc_slot[arc] == 2 * at + (tail > head)


def test_downward_arcs_are_the_upward_arcs_by_their_heads():
    graph = expand(a_grid(6))
    tree = build(graph, np.arange(graph.node_count, dtype=np.int32))
    for node in range(tree.node_count):
        at = slice(tree.down_first[node], tree.down_first[node + 1])
        tails = tree.down_tail[at].tolist()
        assert tails == sorted(tails)
        assert (tree.up_head[tree.down_arc[at]] == node).all()


@pytest.mark.parametrize("order", [[0, 1, 1, 3], [0, 1, 2], [0, 1, 2, 4], [-1, 1, 2, 3]])
def test_what_is_no_order_is_refused(order):
    with pytest.raises(ValueError, match="Expected an order of 4 nodes"):
        build(expand(a_grid(2)), np.array(order, dtype=np.int32))
