"""Turn restrictions of a map, in edges."""

from __future__ import annotations

import pytest

from maps.network_rules import network_faults
from tests.maps.builders import MapDrawing, a_lattice, drawn_edges, edge_between


def a_cross() -> MapDrawing:
    """Return four streets that meet at node 5: ways 1 west, 2 east, 3 south, 4 north."""
    drawing = MapDrawing().node(5, 1, 1)
    for way, (node, column, row) in enumerate(
        [(4, 0, 1), (6, 2, 1), (2, 1, 0), (8, 1, 2)], start=1
    ):
        drawing.node(node, column, row).way(way, [node, 5])
    return drawing


def turns(network):
    drawn = drawn_edges(network)
    return {(drawn[a].start, drawn[a].end, drawn[b].end) for a, b in network.banned_turns.tolist()}


def test_a_no_turn_bans_that_turn_and_no_other(tmp_path):
    drawing = a_cross().restriction(9, "no_left_turn", 1, ("n", 5), 4)
    network, report = drawing.network(tmp_path)
    assert turns(network) == {((0, 1), (1, 1), (1, 2))}
    assert report.banned_turns == 1


def test_an_only_turn_bans_every_other_way_on(tmp_path):
    drawing = a_cross().restriction(9, "only_right_turn", 1, ("n", 5), 3)
    network, _ = drawing.network(tmp_path)
    assert turns(network) == {
        ((0, 1), (1, 1), (0, 1)),
        ((0, 1), (1, 1), (2, 1)),
        ((0, 1), (1, 1), (1, 2)),
    }


def test_a_no_u_turn_names_one_way_twice(tmp_path):
    drawing = a_cross().restriction(9, "no_u_turn", 1, ("n", 5), 1)
    network, _ = drawing.network(tmp_path)
    assert turns(network) == {((0, 1), (1, 1), (0, 1))}


def test_several_from_and_to_ways_make_every_pair(tmp_path):
    members = [("w", 1, "from"), ("w", 2, "from"), ("n", 5, "via"), ("w", 3, "to"), ("w", 4, "to")]
    drawing = a_cross().relation(9, members, type="restriction", restriction="no_entry")
    network, _ = drawing.network(tmp_path)
    assert len(turns(network)) == 4


def test_a_restriction_except_for_emergency_vehicles_is_lifted(tmp_path):
    drawing = a_cross()
    drawing.restriction(9, "no_left_turn", 1, ("n", 5), 4, **{"except": "emergency"})
    network, report = drawing.network(tmp_path)
    assert turns(network) == set()
    assert report.ignored == {"turn restriction excepts emergency vehicles": 1}


def test_a_restriction_except_for_buses_stays(tmp_path):
    drawing = a_cross().restriction(9, "no_left_turn", 1, ("n", 5), 4, **{"except": "psv;bus"})
    network, _ = drawing.network(tmp_path)
    assert len(turns(network)) == 1


def test_a_via_node_stays_a_junction_even_where_two_like_streets_meet(tmp_path):
    drawing = MapDrawing().node(1, 0, 0).node(2, 1, 0).node(3, 2, 0)
    drawing.way(1, [1, 2]).way(2, [2, 3]).restriction(9, "no_u_turn", 1, ("n", 2), 1)
    network, _ = drawing.network(tmp_path)
    assert turns(network) == {((0, 0), (1, 0), (0, 0))}


def a_dual_carriageway() -> MapDrawing:
    """Return two one-way carriageways joined by way 30, cut by a junction in its middle."""
    drawing = MapDrawing()
    for column in range(3):
        drawing.node(1 + column, column, 0).node(11 + column, column, 2)
    drawing.node(20, 1, 1).node(21, 3, 1).node(22, 0, 1)
    one_way = {"highway": "primary", "oneway": "yes"}
    drawing.way(10, [1, 2], one_way).way(11, [2, 3], one_way)
    drawing.way(12, [13, 12], one_way).way(13, [12, 11], one_way)
    drawing.way(30, [2, 20, 12], {"highway": "primary_link"})
    drawing.way(40, [3, 21, 13]).way(41, [11, 22, 1]).way(42, [20, 21])
    return drawing


def test_a_ban_via_a_way_is_a_banned_path_through_all_its_edges(tmp_path):
    drawing = a_dual_carriageway().restriction(9, "no_u_turn", 10, [30], 13)
    network, report = drawing.network(tmp_path)
    expected = tuple(
        edge_between(network, *pair)
        for pair in [((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (1, 2)), ((1, 2), (0, 2))]
    )
    assert network.banned_paths == (expected,)
    assert report.banned_paths == 1
    assert network_faults(network) == []


def test_an_only_via_a_way_bans_leaving_it_on_the_way(tmp_path):
    drawing = a_dual_carriageway().restriction(9, "only_straight_on", 10, [30], 13)
    network, _ = drawing.network(tmp_path)
    drawn = drawn_edges(network)
    ends = {tuple(drawn[edge].end for edge in path) for path in network.banned_paths}
    assert ((1, 0), (1, 1), (3, 1)) in ends, "left at the junction half-way"
    assert ((1, 0), (1, 1), (1, 0)) in ends, "turned round half-way"
    assert ((1, 0), (1, 1), (1, 2), (1, 1)) in ends, "turned round at the end"
    assert not any(path[-1] == (0, 2) for path in ends)


def test_a_restriction_on_unknown_ways_is_counted(tmp_path):
    drawing = a_cross().restriction(9, "no_left_turn", 1, ("n", 5), 77)
    drawing.restriction(10, "no_left_turn", 1, [88], 2)
    _, report = drawing.network(tmp_path)
    assert report.ignored == {"turn restriction on edges not in the network": 2}


def test_a_ban_that_would_leave_no_way_on_is_dropped(tmp_path):
    drawing = MapDrawing().node(1, 0, 0).node(2, 1, 0).node(3, 2, 0).node(4, 3, 0)
    drawing.way(1, [1, 2]).way(2, [2, 3])
    drawing.way(3, [3, 4], {"highway": "residential", "oneway": "yes"})
    # The mandatory turn leads into a one-way street that leaves the map.
    drawing.restriction(9, "only_straight_on", 2, ("n", 3), 3)
    drawing.restriction(10, "no_u_turn", 2, ("n", 3), 2)
    network, report = drawing.network(tmp_path)
    assert len(network.banned_turns) == 0
    assert report.ignored["turn restriction that would leave no way on"] == 1
    assert network_faults(network) == []


@pytest.mark.parametrize("kind", ["no_left_turn", "only_left_turn"])
def test_a_from_way_that_runs_through_the_junction_is_ambiguous_and_passed_over(tmp_path, kind):
    drawing = a_lattice(3, 3).restriction(9, kind, 102, ("n", 5), 202)
    network, report = drawing.network(tmp_path)
    assert len(network.banned_turns) == 0
    assert report.ignored == {"turn restriction on edges not in the network": 1}
