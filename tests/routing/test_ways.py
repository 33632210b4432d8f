"""Unpacking the hierarchy gives back real roads."""

from __future__ import annotations

from routing.query import weighted
from routing.roads import prepare
from tests.routing.builders import a_network, edge_between, one_way, street, times_of
from tests.routing.worlds import a_grid, random_positions


def test_of_parallel_streets_the_quicker_is_driven_and_of_equal_ones_the_first():
    network = a_network([street(0, 1, 30), street(0, 1, 20), street(0, 1, 20), street(1, 2, 5)])
    engine = weighted(prepare(network), times_of(network), times_of(network))
    way = engine.way(int(network.first_out[0]) << 24, int(network.first_out[2]) << 24)
    driven = [way.first_edge, *way.edges.tolist(), way.last_edge]
    assert [edge for edge in driven if edge is not None] == [1, edge_between(network, 1, 2)]
    assert way.total_ms == 25


def test_equally_fast_ways_are_always_the_same_one():
    square = [one_way(0, 1, 10), one_way(0, 2, 10), one_way(1, 3, 10), one_way(2, 3, 10)]
    network = a_network([*square, one_way(3, 0, 5)])
    ways = set()
    for _ in range(5):
        engine = weighted(prepare(network), times_of(network), times_of(network))
        way = engine.way(0, int(network.first_out[3]) << 24)
        ways.add((way.first_edge, *way.edges.tolist(), way.last_edge))
    assert len(ways) == 1


def test_long_ways_outgrow_no_memory():
    count = 3_000
    network = a_network([street(node, node + 1, 7) for node in range(count)])
    engine = weighted(prepare(network), times_of(network), times_of(network))
    way = engine.way(0, int(network.first_out[count]) << 24)
    assert way.total_ms == 7 * count
    assert len(way.edges) == count - 2


def test_the_ways_of_a_town_sum_to_their_times():
    network = a_grid(18, seed=8, banned=20)
    engine = weighted(prepare(network), network.fixed_ms, network.fixed_ms)
    positions = random_positions(network, 40, seed=2).tolist()
    for origin, destination in zip(positions[:20], positions[20:], strict=True):
        way = engine.way(origin, destination)
        ends = way.total_ms - int(network.fixed_ms[way.edges].sum())
        longest = sum(
            int(network.fixed_ms[edge])
            for edge in (way.first_edge, way.last_edge)
            if edge is not None
        )
        assert 0 <= ends <= longest
