"""The islands of a map."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from maps.components import Directed, component_sizes, strong_labels, trimmed_access
from maps.road_network import Access
from tests.maps.builders import a_lattice

ALL = int(Access.ORDINARY | Access.BLUE_LIGHT)


def a_graph(count, arcs):
    columns = np.array(arcs, dtype=np.int32).reshape(-1, 3)
    return Directed(count, columns[:, 0], columns[:, 1], columns[:, 2].astype(np.uint8))


def test_a_one_way_ring_stays_and_its_stub_goes():
    graph = a_graph(4, [(0, 1, ALL), (1, 2, ALL), (2, 0, ALL), (2, 3, ALL)])
    assert trimmed_access(graph, 2).tolist() == [ALL, ALL, ALL, 0]


def test_each_way_of_driving_is_judged_alone():
    blue = int(Access.BLUE_LIGHT)
    graph = a_graph(3, [(0, 1, ALL), (1, 0, ALL), (1, 2, ALL), (2, 1, blue)])
    assert trimmed_access(graph, 2).tolist() == [ALL, ALL, blue, blue]


def test_small_parts_go():
    graph = a_graph(5, [(0, 1, ALL), (1, 0, ALL), (2, 3, ALL), (3, 4, ALL), (4, 2, ALL)])
    assert trimmed_access(graph, 3).tolist() == [0, 0, ALL, ALL, ALL]


def test_parts_are_counted_by_size(tmp_path):
    network, _ = a_lattice(3, 3).network(tmp_path)
    assert component_sizes(network, Access.ORDINARY) == (9,)


ARCS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([2, 3])), max_size=25
)


@given(ARCS, st.integers(1, 4))
def test_whoever_drives_in_can_drive_back(arcs, nodes_min):
    graph = a_graph(8, arcs)
    kept = trimmed_access(graph, nodes_min)
    assert (kept & ~graph.access == 0).all()
    for bit in Access:
        usable = (kept & int(bit)) != 0
        label = strong_labels(graph, usable)
        assert (label[graph.tail[usable]] == label[graph.head[usable]]).all()
    # Doing it again changes nothing.
    again = Directed(8, graph.tail, graph.head, kept)
    np.testing.assert_array_equal(trimmed_access(again, nodes_min), kept)
