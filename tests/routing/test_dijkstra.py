"""The oracle, against what can be seen by eye and against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from routing.dijkstra import Dijkstra
from routing.position import pack
from routing.weights import UNREACHABLE_MS
from tests.routing.builders import a_network, edge_between, one_way, street, times_of
from tests.routing.worlds import World, worlds


def journey(network, origin, destination):
    return Dijkstra(network, times_of(network)).one_ms(origin, destination)


def test_it_adds_the_rest_of_the_first_edge_and_the_part_of_the_last():
    road = a_network([street(0, 1, 1_000), street(1, 2, 2_000)])
    start = pack(edge_between(road, 0, 1), 0.25)
    end = pack(edge_between(road, 1, 2), 0.5)
    assert journey(road, start, end) == pytest.approx(1_750, abs=1)


def test_a_vehicle_may_turn_on_a_two_way_street_but_not_on_a_one_way_street():
    road = a_network([street(0, 1, 1_000)])
    there, back = edge_between(road, 0, 1), edge_between(road, 1, 0)
    assert journey(road, pack(there, 0.9), pack(there, 0.1)) == pytest.approx(800, abs=1)
    assert journey(road, pack(there, 0.9), pack(back, 0.9)) == pytest.approx(800, abs=1)
    lane = a_network([one_way(0, 1, 1_000), one_way(1, 0, 500)])
    round_trip = journey(
        lane, pack(edge_between(lane, 0, 1), 0.9), pack(edge_between(lane, 0, 1), 0.1)
    )
    assert round_trip == pytest.approx(700, abs=1)


def test_a_banned_turn_costs_the_way_round():
    roads = [street(0, 1, 10), street(1, 2, 10), street(1, 3, 15), street(3, 2, 15)]
    plain = a_network(roads)
    turn = (edge_between(plain, 0, 1), edge_between(plain, 1, 2))
    start, end = pack(turn[0], 0.0), pack(turn[1], 1.0)
    assert journey(plain, start, end) == 20
    assert journey(a_network(roads, banned_turns=[turn]), start, end) == 40


def test_a_shut_street_is_driven_into_from_either_end_but_never_across():
    roads = [street(0, 1, 10), street(1, 2, 100), street(2, 3, 10), street(0, 3, 500)]
    network = a_network(roads)
    plain = times_of(network)
    shut = plain.copy()
    for ends in ((1, 2), (2, 1)):
        shut[edge_between(network, *ends)] = UNREACHABLE_MS
    oracle = Dijkstra(network, shut, plain)
    middle = edge_between(network, 1, 2)
    near, far = pack(middle, 0.3), pack(middle, 0.9)
    west, east = int(network.first_out[0]) << 24, int(network.first_out[3]) << 24
    assert oracle.one_ms(west, near) == pytest.approx(40, abs=1)
    assert oracle.one_ms(near, west) == pytest.approx(40, abs=1)
    assert oracle.one_ms(east, far) == pytest.approx(20, abs=1)
    assert oracle.one_ms(near, far) == pytest.approx(30 + 10 + 500 + 10 + 10, abs=2)
    assert oracle.one_ms(near, pack(middle, 0.4)) == pytest.approx(10, abs=1)
    assert oracle.one_ms(pack(middle, 0.0), pack(middle, 1.0)) == 10 + 500 + 10
    assert oracle.one_ms(west, east) == 500


def test_a_crew_on_a_shut_one_way_street_may_leave_it_and_another_may_arrive():
    roads = [street(0, 1, 10), one_way(1, 2, 100), street(2, 3, 10)]
    network = a_network(roads)
    plain = times_of(network)
    lane = edge_between(network, 1, 2)
    shut = plain.copy()
    shut[lane] = UNREACHABLE_MS
    oracle = Dijkstra(network, shut, plain)
    west, east = int(network.first_out[0]) << 24, int(network.first_out[3]) << 24
    assert oracle.one_ms(pack(lane, 0.3), east) == pytest.approx(80, abs=1)
    assert oracle.one_ms(west, pack(lane, 0.9)) == pytest.approx(100, abs=1)
    assert oracle.one_ms(west, east) == UNREACHABLE_MS
    assert oracle.one_ms(pack(lane, 0.0), pack(lane, 1.0)) == UNREACHABLE_MS


@settings(deadline=None)
@given(worlds(restricted=False))
def test_between_junctions_it_equals_networkx(world: World):
    network = world.network
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.node_count))
    for tail, head, ms in zip(
        network.tails().tolist(), network.head.tolist(), world.weight_ms.tolist(), strict=True
    ):
        known = graph.get_edge_data(tail, head, {"ms": UNREACHABLE_MS})["ms"]
        if ms < UNREACHABLE_MS:
            graph.add_edge(tail, head, ms=min(ms, known))
    starts = np.flatnonzero(np.diff(network.first_out))
    begins = network.first_out[starts].astype(np.int64) << 24
    oracle = Dijkstra(network, world.weight_ms)
    for node, position in zip(starts.tolist(), begins.tolist(), strict=True):
        reached = nx.single_source_dijkstra_path_length(graph, node, weight="ms")
        expected = [min(reached.get(other, UNREACHABLE_MS), UNREACHABLE_MS) for other in starts]
        assert oracle.from_one_ms(position, begins).tolist() == expected
