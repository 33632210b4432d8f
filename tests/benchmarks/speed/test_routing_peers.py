"""Every installed peer answers the same questions with the same times."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from benchmarks.speed.routing_bench import _peer_graph
from benchmarks.speed.routing_peers import PEERS, installed_peers, measure_peer
from routing.query import weighted
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.worlds import a_grid


@pytest.fixture(scope="module")
def weights():
    network = a_grid(8, seed=3, banned=5)
    return weighted(prepare(network), network.fixed_ms, network.fixed_ms)


@pytest.fixture(scope="module")
def graph(weights):
    return _peer_graph(weights)


def test_scipy_and_networkx_are_always_there(graph):
    assert {"scipy", "networkx"} <= set(installed_peers(graph))


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_agrees(weights, graph, name):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"Expected {name} to be installed, was not: an optional peer.")
    network = weights.roads.network
    positions = network.first_out[:-1].astype(np.int64) << 24

    def ours(nodes, destination):
        return weights.to_one_ms(positions[nodes], int(positions[destination]))

    nodes = np.arange(network.node_count)
    found = measure_peer(name, graph, {5: nodes[:5], 64: nodes}, np.array([3, 40]), ours)
    # Pandana works in seconds and truncates.
    assert found.worst_error_ms <= (20 if name == "pandana" else 0)
    assert set(found.to_one_ms) == {5, 64}
    peer = PEERS[name](graph)
    expected = int(ours(np.array([9]), 50)[0])
    assert peer.route_ms(9, 50) == pytest.approx(expected, abs=20 if name == "pandana" else 0)


def test_peers_of_objects_are_not_asked_about_a_country(graph):
    country = graph._replace(tail=np.zeros(3_000_000, dtype=np.int64))
    assert "networkx" not in set(installed_peers(country))
    assert graph.ms.max() < UNREACHABLE_MS
