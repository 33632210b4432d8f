"""Restricted junctions are split into states, all others stay as they are."""

from __future__ import annotations

import numpy as np
import pytest

from routing.restrictions import BannedSequences, expand
from tests.routing.builders import a_network, edge_between, one_way, street

CROSSING = [street(0, 1, 10), street(0, 2, 10), street(0, 3, 10), street(0, 4, 10)]


def test_a_network_without_restrictions_is_its_own_expansion():
    network = a_network(CROSSING)
    graph = expand(network)
    assert graph.node_count == network.node_count
    assert graph.head.tolist() == network.head.tolist()
    assert len(graph.copied_edge) == 0
    assert len(graph.companions) == 0


def test_a_banned_turn_adds_one_state_that_lacks_the_turn():
    plain = a_network(CROSSING)
    into, out = edge_between(plain, 1, 0), edge_between(plain, 0, 2)
    graph = expand(a_network(CROSSING, banned_turns=[(into, out)]))
    assert graph.node_count == plain.node_count + 1
    assert graph.head[into] == plain.node_count
    left = [int(edge) for edge in graph.copied_edge]
    assert left == [edge for edge in range(plain.first_out[1]) if edge != out]


def test_only_edges_at_the_split_junction_are_marked():
    roads = [*CROSSING, street(4, 5, 10), street(5, 6, 10)]
    plain = a_network(roads)
    turn = (edge_between(plain, 1, 0), edge_between(plain, 0, 2))
    graph = expand(a_network(roads, banned_turns=[turn]))
    assert graph.is_split[edge_between(plain, 0, 4)]
    assert not graph.is_split[edge_between(plain, 4, 5)]
    assert not graph.is_split[edge_between(plain, 5, 6)]


def test_a_banned_sequence_via_a_way_is_remembered_until_it_is_left():
    roads = [one_way(0, 1, 5), one_way(1, 2, 5), one_way(2, 3, 5), one_way(1, 4, 5)]
    plain = a_network(roads)
    path = tuple(edge_between(plain, a, b) for a, b in ((0, 1), (1, 2), (2, 3)))
    rules = BannedSequences(a_network(roads, banned_paths=[path]))
    assert rules.states == (path[:1], path[:2])
    assert rules.after((), path[0]) == path[:1]
    assert rules.after(path[:1], path[1]) == path[:2]
    assert rules.after(path[:2], path[2]) is None
    assert rules.after((), path[2]) == ()
    assert rules.after(path[:1], edge_between(plain, 1, 4)) == ()


def test_of_two_beginnings_the_longer_is_remembered():
    ring = [one_way(0, 1, 5), one_way(1, 2, 5), one_way(2, 3, 5), one_way(2, 4, 5)]
    plain = a_network(ring)
    a, b, c, d = (edge_between(plain, *ends) for ends in ((0, 1), (1, 2), (2, 3), (2, 4)))
    rules = BannedSequences(a_network(ring, banned_turns=[(b, c)], banned_paths=[(a, b, d)]))
    assert rules.after((a,), b) == (a, b)
    # The state of the longer beginning still knows the ban of the shorter one.
    assert rules.after((a, b), c) is None
    assert rules.after((a, b), d) is None
    assert rules.after((b,), d) == ()


def test_positions_beside_a_split_junction_have_all_its_states_on_one_branch():
    plain = a_network(CROSSING)
    turns = [
        (edge_between(plain, 1, 0), edge_between(plain, 0, 2)),
        (edge_between(plain, 3, 0), edge_between(plain, 0, 4)),
    ]
    graph = expand(a_network(CROSSING, banned_turns=turns))
    pairs = {tuple(sorted(pair)) for pair in graph.companions.tolist()}
    states = graph.state_node.tolist()
    assert len(states) == 2
    assert tuple(sorted(states)) in pairs
    assert {(0, state) for state in states} <= pairs


@pytest.mark.parametrize(
    ("turns", "complaint"),
    [
        ([(0, 99)], "Expected a banned sequence of 2 or more of 8 edges"),
        ([(0, 1)], "Expected banned edges that meet, was 0 ending at node 1"),
    ],
)
def test_a_ban_that_cannot_be_driven_is_refused(turns, complaint):
    network = a_network(CROSSING)
    object.__setattr__(network, "banned_turns", np.array(turns, dtype=np.int32))
    with pytest.raises(ValueError, match=complaint):
        expand(network)
