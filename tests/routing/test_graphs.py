"""Any answer can be checked with networkx and osmnx."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from routing.graphs import from_osmnx, to_osmnx
from routing.query import weighted
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.builders import a_network, edge_between, one_way, street, times_of
from tests.routing.worlds import a_grid


def beginnings(network, nodes):
    return network.first_out[nodes].astype(np.int64) << 24


def under_its_own_times(network):
    return weighted(prepare(network), times_of(network), times_of(network))


@pytest.fixture(scope="module")
def town():
    network = a_grid(8, seed=5, banned=12)
    return weighted(prepare(network), network.fixed_ms, network.fixed_ms)


@pytest.fixture(scope="module")
def graph(town):
    return to_osmnx(town)


def test_networkx_finds_the_same_times_turn_restrictions_included(town, graph):
    network = town.roads.network
    nodes = np.arange(network.node_count)
    for node in (0, 20, 63):
        reached = nx.single_source_dijkstra_path_length(graph, node, weight="travel_ms")
        best = np.full(network.node_count, UNREACHABLE_MS)
        for place, time_ms in reached.items():
            junction = graph.nodes[place].get("junction", place)
            best[junction] = min(best[junction], time_ms)
        begin = int(beginnings(network, np.array([node]))[0])
        found = town.from_one_ms(begin, beginnings(network, nodes))
        assert np.array_equal(found, best)


def test_osmnx_takes_the_graph(graph):
    import osmnx

    statistics = osmnx.stats.basic_stats(graph)
    assert statistics["n"] == graph.number_of_nodes()
    nodes, edges = osmnx.graph_to_gdfs(graph)
    assert len(edges) == graph.number_of_edges()
    assert nodes.crs.to_epsg() == 4326
    assert edges.geometry.notna().all()


def test_what_is_exported_comes_back_with_the_same_times(graph):
    imported = from_osmnx(graph)
    assert imported.network.edge_count == graph.number_of_edges()
    engine = weighted(prepare(imported.network), imported.edge_ms, imported.edge_ms)
    numbers = np.array([imported.node_number[node] for node in graph.nodes])
    reached = nx.single_source_dijkstra_path_length(graph, 7, weight="travel_ms")
    expected = [reached.get(node, UNREACHABLE_MS) for node in graph.nodes]
    begin = int(beginnings(imported.network, np.array([imported.node_number[7]]))[0])
    found = engine.from_one_ms(begin, beginnings(imported.network, numbers))
    assert found.tolist() == expected


def test_a_two_way_street_comes_back_as_one_segment():
    network = a_network([street(0, 1, 10), one_way(1, 2, 20), street(2, 0, 5, 7)])
    imported = from_osmnx(
        to_osmnx(weighted(prepare(network), times_of(network), times_of(network)))
    )
    # Streets of other lengths each way are no single street.
    assert len(imported.network.way_id) == 4
    there = edge_between(imported.network, 0, 1)
    assert imported.network.opposites()[there] == edge_between(imported.network, 1, 0)
    assert imported.edge_name[there] == (0, 1, 0)


def test_impassable_edges_are_left_out():
    network = a_network([street(0, 1, 10, UNREACHABLE_MS)])
    graph = to_osmnx(
        weighted(prepare(network), times_of(network), times_of(network)), geometry=False
    )
    assert list(graph.edges(keys=True)) == [(0, 1, 0)]


def a_graph(**edge):
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node("a", x=-1.3, y=50.7)
    graph.add_node("b", x=-1.2, y=50.7)
    graph.add_edge("a", "b", **{"length": 100.0, "travel_time": 5.0, **edge})
    graph.add_edge("b", "a", length=100.0, travel_time=5.0)
    return graph


def test_loops_parallels_and_lists_of_names_are_taken():
    graph = a_graph(name=["High Street", "A1"], highway=["primary", "trunk"], osmid=[3, 4])
    graph.add_edge("a", "a", length=5.0, travel_time=1.0)
    graph.add_edge("a", "b", length=90.0, travel_time=9.0)
    imported = from_osmnx(graph)
    assert imported.network.edge_count == 4
    assert "High Street" in imported.network.names
    assert set(imported.network.classes) == {"primary", "unclassified"}
    assert 3 in imported.network.way_id


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf, 2e6, None, "soon"])
def test_an_absurd_time_is_refused_by_its_edge(seconds):
    with pytest.raises(ValueError, match=r"edge \('a', 'b', 0\)"):
        from_osmnx(a_graph(travel_time=seconds))


@pytest.mark.parametrize("x", [math.nan, 400.0, None])
def test_an_absurd_coordinate_is_refused_by_its_node(x):
    graph = a_graph()
    graph.nodes["b"]["x"] = x
    with pytest.raises(ValueError, match=r"x (on|of) node 'b'"):
        from_osmnx(graph)


def test_an_empty_graph_is_an_empty_network():
    assert from_osmnx(nx.MultiDiGraph()).network.edge_count == 0
