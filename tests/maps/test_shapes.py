"""Lines of segments and edges."""

from __future__ import annotations

import numpy as np

from maps.shapes import edge_line, segment_ends, segment_lines
from tests.maps.builders import a_lattice, at, edge_between


def a_bent_network(tmp_path):
    drawing = a_lattice(2, 2).node(50, 0.3, -0.5).node(51, 0.7, -0.4)
    drawing.ways[0] = (101, [1, 50, 51, 2], {"highway": "residential"})
    return drawing.network(tmp_path)[0]


def test_an_edge_runs_from_tail_to_head_both_ways(tmp_path):
    network = a_bent_network(tmp_path)
    expected = [at(0, 0), at(0.3, -0.5), at(0.7, -0.4), at(1, 0)]
    for start, end, line in (((0, 0), (1, 0), expected), ((1, 0), (0, 0), expected[::-1])):
        edge = edge_between(network, start, end)
        lon, lat = edge_line(network, edge, int(network.tails()[edge]))
        assert list(zip(lon.tolist(), lat.tolist(), strict=True)) == line


def test_segment_lines_are_the_lines_of_forward_edges(tmp_path):
    network = a_bent_network(tmp_path)
    lines, ends = segment_lines(network), segment_ends(network)
    tails = network.tails()
    for edge in np.flatnonzero(network.is_forward):
        segment = network.segment[edge]
        assert ends.start[segment] == tails[edge]
        assert ends.end[segment] == network.head[edge]
        lon, lat = edge_line(network, int(edge), int(tails[edge]))
        line = slice(lines.first[segment], lines.first[segment + 1])
        np.testing.assert_array_equal(lines.lon[line], lon)
        np.testing.assert_array_equal(lines.lat[line], lat)


def test_opposite_edges_point_at_one_another(tmp_path):
    network = a_bent_network(tmp_path)
    opposite = network.opposites()
    assert (opposite[opposite] == np.arange(network.edge_count)).all()
    assert (network.head[opposite] == network.tails()).all()
