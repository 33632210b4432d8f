"""Each rule of a network, broken on purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maps.network_rules import check_network, describe_edge, network_faults
from tests.maps.builders import a_lattice, edge_between


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    drawing = a_lattice(3, 3).node(50, 0.5, 0.5)
    drawing.way(301, [1, 50, 5], {"highway": "primary", "name": "High Street"})
    drawing.restriction(9, "no_left_turn", 301, ("n", 5), 102)
    return drawing.network(tmp_path_factory.mktemp("map"))[0]


def changed(array, index, value):
    copy = array.copy()
    copy[index] = value
    return copy


def only_fault(network):
    faults = network_faults(network)
    assert len(faults) == 1, faults
    return faults[0]


def test_a_sound_network_has_no_fault(network):
    assert network_faults(network) == []
    check_network(network)


def test_an_edge_is_described_by_number_way_name_and_nodes(network):
    edge = edge_between(network, (0, 0), (1, 1))
    words = describe_edge(network, edge)
    assert words == f"edge {edge} of way 301 (High Street, node 0 to 4)"


@pytest.mark.parametrize(
    ("field", "index", "value", "expected"),
    [
        ("length_m", 3, 0.0, "a positive, finite length"),
        ("length_m", 3, np.nan, "a positive, finite length"),
        ("access", 3, 0, "some access"),
        ("access", 3, 7, "some access"),
        ("access", 3, 1, "blue-light access wherever ordinary access is"),
        ("fixed_ms", 3, -1, "a given time"),
        ("fixed_ms", 3, 2**30 - 1, "a given time"),
    ],
)
def test_a_bad_value_names_its_edge(network, field, index, value, expected):
    faults = network_faults(
        replace(network, **{field: changed(getattr(network, field), index, value)})
    )
    assert any(expected in fault and "edge 3 of way" in fault for fault in faults), faults


@pytest.mark.parametrize("field", ["length_m", "road_class", "access", "segment", "is_forward"])
def test_arrays_of_unlike_length_are_found(network, field):
    fault = only_fault(replace(network, **{field: getattr(network, field)[:-1]}))
    assert f"entries in {field}" in fault


@pytest.mark.parametrize(
    ("field", "value"), [("head", 99), ("head", -1), ("segment", 99), ("road_class", 77)]
)
def test_numbers_of_nothing_are_found(network, field, value):
    fault = only_fault(replace(network, **{field: changed(getattr(network, field), 2, value)}))
    assert fault.startswith(f"Expected {field} in")
    assert "on edge 2" in fault


def test_a_name_that_is_not_there_is_found(network):
    assert "name_index" in only_fault(
        replace(network, name_index=changed(network.name_index, 0, 99))
    )


def test_rows_that_fall_are_found(network):
    fault = only_fault(replace(network, first_out=changed(network.first_out, 1, 99)))
    assert "first_out to rise" in fault


def test_edges_out_of_order_are_found(network):
    swap = np.arange(network.edge_count)
    swap[:2] = [1, 0]
    fields = ("head", "segment", "is_forward", "length_m")
    shuffled = replace(network, **{field: getattr(network, field)[swap] for field in fields})
    assert any("sorted by (tail, head, segment)" in fault for fault in network_faults(shuffled))


@pytest.mark.parametrize(("field", "value"), [("lon", 181.0), ("lat", np.nan), ("lat", -91.0)])
def test_nodes_off_the_globe_are_found(network, field, value):
    faults = network_faults(replace(network, **{field: changed(getattr(network, field), 4, value)}))
    assert any(f"Expected {field} in" in fault and "edge" in fault for fault in faults)


def test_bends_off_the_globe_are_found(network):
    fault = only_fault(replace(network, shape_lat=changed(network.shape_lat, 0, 950_000_000)))
    assert "Expected shape_lat in [-90, 90] degrees" in fault
    assert "High Street" in fault


def test_a_length_below_the_straight_line_is_found(network):
    shorter = (network.length_m * np.float32(0.9)).astype(np.float32)
    assert "at least the straight line" in only_fault(replace(network, length_m=shorter))


def test_directions_of_unlike_length_are_found(network):
    longer = changed(network.length_m, 0, network.length_m[0] * 2)
    assert "the same length in both directions" in only_fault(replace(network, length_m=longer))


def test_an_edge_that_ends_where_it_starts_is_found(network):
    loop = changed(network.head, 0, network.tails()[0])
    assert any(
        "two different ends" in fault for fault in network_faults(replace(network, head=loop))
    )


def test_a_segment_with_two_forward_edges_is_found(network):
    both = np.ones_like(network.is_forward)
    faults = network_faults(replace(network, is_forward=both))
    assert any("one edge for each direction" in fault for fault in faults)


def test_a_segment_without_an_edge_is_found(network):
    fault = only_fault(
        replace(
            network,
            way_id=np.append(network.way_id, 1),
            name_index=np.append(network.name_index, 0).astype(np.int32),
            shape_first=np.append(network.shape_first, network.shape_first[-1]).astype(np.int32),
        )
    )
    assert "Expected an edge on every segment" in fault


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([[0, 999]], "known edges"),
        ([[0, 0]], "to share a node"),
        ([0, 1], "rows of two edges"),
    ],
)
def test_bans_of_nothing_are_found(network, turns, expected):
    banned = np.array(turns, dtype=np.int32)
    if banned.ndim == 1:
        faults = list(network_faults_of_shape(replace(network, banned_turns=banned)))
    else:
        faults = network_faults(replace(network, banned_turns=banned))
    assert any(expected in fault for fault in faults), faults


def network_faults_of_shape(network):
    from maps.network_rules import _bans_are_drivable

    return _bans_are_drivable(network)


@pytest.mark.parametrize(
    ("path", "expected"),
    [((0, 1), "at least 3"), ((0, 0, 0), "without a gap"), ((0, 1, 99), "known")],
)
def test_bans_of_no_path_are_found(network, path, expected):
    assert expected in only_fault(replace(network, banned_paths=(path,)))


def test_a_one_way_street_into_a_dead_end_is_a_trap(network):
    edge = edge_between(network, (0, 0), (1, 1))
    keep = np.arange(network.edge_count) != edge_between(network, (1, 1), (0, 0))
    assert keep[edge]
    access = network.access.copy()
    # Every way out of the north-east corner is for nobody but blue lights.
    corner = 8
    access[network.first_out[corner] : network.first_out[corner + 1]] = 2
    faults = network_faults(replace(network, access=access))
    assert any("a way back from every edge under ordinary driving" in fault for fault in faults)


def test_bans_that_leave_no_way_on_are_a_trap(network):
    edge = edge_between(network, (0, 0), (1, 1))
    node = network.head[edge]
    out = range(network.first_out[node], network.first_out[node + 1])
    turns = np.array([[edge, other] for other in out], dtype=np.int32)
    fault = network_faults(replace(network, banned_turns=turns))[0]
    assert "a turn that is allowed at the end" in fault
    assert "High Street" in fault


def test_check_raises_with_the_first_fault_and_counts_the_others(network):
    bad = replace(network, access=np.zeros_like(network.access), fixed_ms=network.fixed_ms - 1)
    with pytest.raises(ValueError, match=r"Expected some access.* and 25 other edges.*more rule"):
        check_network(bad)
