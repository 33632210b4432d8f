"""Any order is right; ours are good, and the same every time."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from routing.hierarchy import build
from routing.order import contraction_order
from routing.restrictions import expand
from tests.routing.worlds import a_grid


@pytest.fixture(params=["nested dissection", "minimum degree"])
def method(request, monkeypatch):
    if request.param == "minimum degree":
        monkeypatch.setitem(sys.modules, "pymetis", None)
    return request.param


def test_an_order_names_every_node_once_and_is_the_same_again(method):
    graph = expand(a_grid(9))
    order = contraction_order(graph.node_count, graph.tail, graph.head)
    assert sorted(order.tolist()) == list(range(graph.node_count))
    again = contraction_order(graph.node_count, graph.tail, graph.head)
    assert np.array_equal(order, again), method


def test_an_order_makes_far_fewer_arcs_than_the_order_of_numbers(method):
    graph = expand(a_grid(24))
    good = build(graph, contraction_order(graph.node_count, graph.tail, graph.head))
    naive = build(graph, np.arange(graph.node_count, dtype=np.int32))
    assert good.up_count * 2 < naive.up_count, method
    assert good.label_size * 4 < naive.label_size, method


def test_nodes_without_any_road_are_ordered_too(method):
    loop = np.array([0], dtype=np.int32)
    assert sorted(contraction_order(3, loop, loop).tolist()) == [0, 1, 2], method
    assert contraction_order(0, loop[:0], loop[:0]).tolist() == []
