"""From raw roads to a network."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geo import LonLat, great_circle_m
from maps.network_builder import build_network
from maps.network_rules import network_faults
from maps.osm_roads import MISSING, RawRestriction, RawRoads
from maps.osm_tags import node_access, road_facts
from maps.road_network import Access
from maps.shapes import segment_lines
from tests.maps.builders import MapDrawing, a_lattice, at, directions, drawn_edges, edge_between


def test_junctions_are_nodes_and_bends_are_shapes(tmp_path):
    drawing = a_lattice(2, 2).node(50, 0.5, -0.3)
    drawing.ways[0] = (101, [1, 50, 2], {"highway": "residential"})
    network, report = drawing.network(tmp_path)
    assert report.junctions == 4
    assert report.edges == 8
    edge = edge_between(network, (0, 0), (1, 0))
    lines = segment_lines(network)
    segment = network.segment[edge]
    line = slice(lines.first[segment], lines.first[segment + 1])
    assert (lines.lon[line][1], lines.lat[line][1]) == at(0.5, -0.3)
    expected = great_circle_m(at(0, 0), at(0.5, -0.3)) + great_circle_m(at(0.5, -0.3), at(1, 0))
    assert network.length_m[edge] == pytest.approx(expected, rel=1e-5)


def test_one_way_streets_are_driven_one_way(tmp_path):
    drawing = a_lattice(2, 2)
    drawing.ways[0] = (101, [1, 2], {"highway": "residential", "oneway": "yes"})
    drawing.ways[1] = (102, [3, 4], {"highway": "residential", "oneway": "-1"})
    network, _ = drawing.network(tmp_path)
    assert ((0, 0), (1, 0)) in directions(network)
    assert ((1, 0), (0, 0)) not in directions(network)
    assert ((1, 1), (0, 1)) in directions(network)
    assert ((0, 1), (1, 1)) not in directions(network)


def test_a_roundabout_is_a_one_way_ring(tmp_path):
    drawing = MapDrawing()
    for number, (column, row) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)], start=1):
        drawing.node(number, column, row)
        drawing.node(number + 10, column * 5 - 2, row * 5 - 2)
        drawing.way(200 + number, [number, number + 10])
    drawing.way(101, [1, 2, 3, 4, 1], {"highway": "primary", "junction": "roundabout"})
    network, _ = drawing.network(tmp_path)
    ring = {
        pair
        for pair in directions(network)
        if max(*pair[0], *pair[1]) <= 1 and min(*pair[0], *pair[1]) >= 0
    }
    assert ring == {((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0))}


def test_a_loop_road_is_cut_in_two_so_that_no_edge_ends_where_it_starts(tmp_path):
    drawing = a_lattice(2, 2).node(50, 3, 0).node(51, 3, 1)
    drawing.way(301, [2, 50, 51, 2], {"highway": "service"})
    network, _ = drawing.network(tmp_path)
    assert network_faults(network) == []
    assert sum(drawn.way == 301 for drawn in drawn_edges(network).values()) == 4


def test_like_streets_that_meet_end_to_end_are_joined(tmp_path):
    drawing = a_lattice(2, 2)
    drawing.node(50, 2, 0).node(51, 3, 0).node(52, 4, 0)
    drawing.way(301, [2, 50]).way(302, [50, 51]).way(303, [52, 51], {"highway": "service"})
    network, _ = drawing.network(tmp_path)
    found = directions(network)
    assert ((1, 0), (3, 0)) in found
    assert ((3, 0), (4, 0)) in found, "another class ends a street"


def test_streets_of_another_name_or_limit_stay_apart(tmp_path):
    drawing = a_lattice(2, 2).node(50, 2, 0).node(51, 3, 0)
    drawing.way(301, [2, 50], {"highway": "residential", "maxspeed": "20 mph"})
    drawing.way(302, [50, 51], {"highway": "residential", "maxspeed": "30 mph"})
    network, _ = drawing.network(tmp_path)
    limits = {
        int(network.posted_kmh[edge_between(network, *pair)])
        for pair in (((1, 0), (2, 0)), ((2, 0), (3, 0)))
    }
    assert limits == {32, 48}


def test_a_bollard_cuts_a_street_for_everyone(tmp_path):
    drawing = a_lattice(2, 2).node(50, 0.5, 0, barrier="bollard")
    drawing.ways[0] = (101, [1, 50, 2], {"highway": "residential"})
    network, report = drawing.network(tmp_path)
    assert report.closed_barriers == 1
    assert ((0, 0), (1, 0)) not in directions(network)
    # Houses before the bollard are still reached, from their own side.
    assert ((0, 0), (0.5, 0)) in directions(network)
    assert ((0.5, 0), (0, 0)) in directions(network)
    assert network_faults(network) == []


def test_a_bus_gate_lets_only_blue_lights_through(tmp_path):
    drawing = a_lattice(2, 2).node(50, 0.5, 0, highway="bus_gate")
    drawing.ways[0] = (101, [1, 50, 2], {"highway": "residential"})
    network, report = drawing.network(tmp_path)
    assert report.blue_light_gates == 1
    gates = np.flatnonzero(network.access == int(Access.BLUE_LIGHT))
    assert len(gates) == 2
    assert network.length_m[gates].tolist() == [1.0, 1.0]
    assert {network.classes[network.road_class[edge]] for edge in gates} == {"busway"}


def test_a_ferry_keeps_its_time_shared_out_by_length(tmp_path):
    drawing = a_lattice(2, 2)
    for number in range(4):
        drawing.node(50 + number, 10 + number % 2, number // 2)
    drawing.way(301, [50, 51]).way(302, [51, 53]).way(303, [53, 52]).way(304, [52, 50])
    drawing.node(60, 4, 0)
    drawing.way(401, [2, 60, 50], {"route": "ferry", "motor_vehicle": "yes", "duration": "0:30"})
    network, _ = drawing.network(tmp_path)
    edge = edge_between(network, (1, 0), (10, 0))
    assert network.fixed_ms[edge] == 30 * 60_000
    assert network.classes[network.road_class[edge]] == "ferry"


def test_a_ferry_to_a_shore_outside_the_map_is_left_out(tmp_path):
    drawing = a_lattice(2, 2).node(60, 40, 0).node(61, 80, 0)
    drawing.way(401, [2, 60, 61], {"route": "ferry", "motor_vehicle": "yes", "duration": "0:30"})
    network, report = drawing.network(tmp_path)
    assert report.ignored == {"ferry to elsewhere": 1}
    assert network.lon.max() < at(2, 0).lon


def test_roads_that_cannot_be_left_are_left_out(tmp_path):
    drawing = a_lattice(3, 3).node(50, 5, 5)
    drawing.way(301, [9, 50], {"highway": "residential", "oneway": "yes"})
    network, _ = drawing.network(tmp_path)
    assert 301 not in network.way_id.tolist()
    assert network_faults(network) == []


def test_specks_are_left_out_and_islands_are_kept(tmp_path):
    drawing = a_lattice(4, 4)
    for number in range(9):
        drawing.node(100 + number, 50 + number % 3, 50 + number // 3)
    for row in range(3):
        drawing.way(501 + row, [100 + 3 * row + column for column in range(3)])
    drawing.way(601, [100, 103, 106])
    drawing.node(200, 90, 90).node(201, 91, 90)
    drawing.way(701, [200, 201])
    network, report = drawing.network(tmp_path, nodes_min=3)
    assert report.component_nodes == (16, 4), "one crossing and three ends"
    assert 701 not in network.way_id.tolist()


def test_a_map_of_specks_only_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Expected roads that connect at least 20 junctions"):
        a_lattice(2, 2).network(tmp_path, nodes_min=20)


def test_ways_that_leave_the_extract_end_at_its_border(tmp_path):
    drawing = a_lattice(3, 3)
    path = drawing.save(tmp_path / "map.osm.pbf", leave_out=[3])
    from maps.osm import read_osm

    network, report = build_network(read_osm(path).roads, 2)
    assert report.ignored["node missing from the file"] == 2
    assert ((0, 0), (1, 0)) in directions(network)
    assert network_faults(network) == []


def test_unsigned_roads_in_town_count_as_built_up(tmp_path):
    drawing = a_lattice(4, 4)
    drawing.node(50, -1, 0).node(51, 100, 100).node(52, 101, 101).node(53, 101, 100)
    drawing.way(301, [1, 50], {"highway": "tertiary", "name": "in town"})
    drawing.way(302, [16, 51], {"highway": "tertiary"})
    drawing.way(303, [51, 52], {"highway": "tertiary", "name": "out of town"})
    network, _ = drawing.network(tmp_path)
    assert network.built_up is not None
    assert network.built_up[edge_between(network, (0, 0), (-1, 0))]
    assert not network.built_up[edge_between(network, (100, 100), (101, 101))]


def test_names_and_ways_stay_with_segments(tmp_path):
    drawing = a_lattice(2, 2)
    drawing.ways[0] = (101, [1, 2], {"highway": "primary", "name": "High Street"})
    drawing.ways[1] = (102, [3, 4], {"highway": "primary", "ref": "A3020"})
    network, _ = drawing.network(tmp_path)
    names = {
        drawn.way: network.names[network.name_index[network.segment[edge]]]
        for edge, drawn in drawn_edges(network).items()
    }
    assert names[101] == "High Street"
    assert names[102] == "A3020"


def same_arrays(one, other):
    for entry in fields(one):
        a, b = getattr(one, entry.name), getattr(other, entry.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, entry.name
            np.testing.assert_array_equal(a, b, err_msg=entry.name)
        else:
            assert a == b, entry.name


@st.composite
def raw_roads(draw):
    """Any streets on a lattice: crossing, doubling back, with gates, gaps and bans."""
    roads = RawRoads()
    side = draw(st.integers(2, 5))
    tags = st.sampled_from(
        [
            {"highway": "residential"},
            {"highway": "residential", "oneway": "yes"},
            {"highway": "primary", "maxspeed": "30 mph", "lit": "yes"},
            {"highway": "pedestrian"},
            {"highway": "motorway"},
            {"highway": "service", "access": "no", "psv": "yes"},
            {"route": "ferry", "motor_vehicle": "yes", "duration": "0:10"},
        ]
    )
    for way in range(1, draw(st.integers(1, 8)) + 1):
        refs = draw(st.lists(st.integers(0, side * side - 1), min_size=2, max_size=6))
        missing = draw(st.lists(st.booleans().map(lambda gone: gone), min_size=6, max_size=6))
        for ref, gone in zip(refs, missing, strict=False):
            lost = gone and draw(st.booleans())
            roads.ref.append(ref + 1)
            roads.x.append(MISSING if lost else -13_000_000 + (ref % side) * 10_000)
            roads.y.append(MISSING if lost else 507_000_000 + (ref // side) * 10_000)
        facts = road_facts(draw(tags))
        assert facts is not None
        roads.close_way(way, facts)
    barriers = st.sampled_from([{"barrier": "bollard"}, {"highway": "bus_gate"}])
    for ref in draw(st.lists(st.integers(1, side * side), max_size=2)):
        roads.node_access[ref] = node_access(draw(barriers))
    count = len(roads.way_id)
    for number in range(draw(st.integers(0, 3))):
        ways = st.integers(1, count).map(lambda way: (way,))
        via = draw(st.one_of(st.integers(1, side * side), st.none()))
        roads.restrictions.append(
            RawRestriction(
                number, draw(st.booleans()), draw(ways), draw(ways), via,
                () if via is not None else draw(ways),
            )
        )  # fmt: skip
    return roads


@settings(max_examples=200, deadline=None)
@given(raw_roads())
def test_whatever_the_map_the_network_keeps_every_rule_and_comes_out_the_same(roads):
    try:
        network, _ = build_network(roads, 2)
    except ValueError as error:
        assert "Expected roads that connect" in str(error)  # noqa: PT017
        return
    assert network_faults(network) == []
    same_arrays(network, build_network(roads, 2)[0])
    for edge in range(0, network.edge_count, 7):
        tail = network.tails()[edge]
        crow = great_circle_m(
            LonLat(network.lon[tail], network.lat[tail]),
            LonLat(network.lon[network.head[edge]], network.lat[network.head[edge]]),
        )
        assert network.length_m[edge] >= crow * 0.999
