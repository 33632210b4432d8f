"""Where on the network a coordinate is."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geo import EARTH_RADIUS_M, LonLat, great_circle_m
from maps.road_network import Access
from maps.shapes import edge_line, segment_lines
from maps.snapping import TIE_M, Snapper
from tests.maps.builders import a_lattice, at, edge_between

BOTH = (Access.ORDINARY, Access.BLUE_LIGHT)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    drawing = a_lattice(4, 4).node(50, 0.4, 0.7)
    drawing.way(301, [1, 50, 6], {"highway": "service"})
    drawing.ways[0] = (101, [1, 2, 3, 4], {"highway": "residential", "oneway": "-1"})
    drawing.ways[1] = (102, [5, 6, 7, 8], {"highway": "pedestrian"})
    drawing.node(60, 20, 0).node(61, 21, 0).node(62, 20, 1)
    drawing.way(401, [60, 61]).way(402, [61, 62]).way(403, [62, 60])
    drawing.way(501, [4, 60], {"route": "ferry", "motor_vehicle": "yes"})
    return drawing.network(tmp_path_factory.mktemp("map"))[0]


@pytest.fixture(scope="module")
def snapper(network):
    return Snapper(network, Access.ORDINARY)


def point_on(network, edge, fraction):
    """Return the point so far along an edge, measured in metres."""
    lon, lat = edge_line(network, edge, int(network.tails()[edge]))
    line = shapely.LineString(np.column_stack(mercator(lon, lat)))
    point = line.interpolate(fraction, normalized=True)
    degrees_per_m = math.degrees(1 / EARTH_RADIUS_M)
    return LonLat(
        point.x * degrees_per_m, math.degrees(math.atan(math.sinh(point.y / EARTH_RADIUS_M)))
    )


def test_a_point_beside_a_street_snaps_to_its_nearest_place(network, snapper):
    found = snapper.nearest(at(0.25, 2.9), 500)
    assert found is not None
    assert found.edge == edge_between(network, (0, 3), (1, 3))
    assert found.fraction == pytest.approx(0.25, abs=1e-6)
    assert found.gap_m == pytest.approx(great_circle_m(at(0.25, 2.9), at(0.25, 3)), rel=1e-3)


def test_a_two_way_street_answers_with_its_forward_edge(network, snapper):
    for column in (1.2, 1.8):
        found = snapper.nearest(at(column, 3.1), 500)
        assert found is not None
        assert network.is_forward[found.edge]


def test_a_one_way_street_answers_with_its_only_edge(network, snapper):
    found = snapper.nearest(at(0.25, -0.1), 500)
    assert found is not None
    assert found.edge == edge_between(network, (1, 0), (0, 0))
    assert found.fraction == pytest.approx(0.75, abs=1e-6)


def test_roads_that_the_vehicle_may_not_use_are_not_found(network, snapper):
    pedestrian = edge_between(network, (0, 1), (1, 1))
    spot = at(0.7, 1.05)
    ordinary = snapper.nearest(spot, 500)
    blue = Snapper(network, Access.BLUE_LIGHT).nearest(spot, 500)
    assert ordinary is not None
    assert blue is not None
    assert ordinary.edge != pedestrian
    assert blue.edge == pedestrian


def test_nobody_is_found_on_a_ferry(snapper, network):
    assert snapper.nearest(at(12, 0), 400) is None
    assert "ferry" in {network.classes[index] for index in network.road_class}


def test_none_within_reach_is_none(snapper):
    assert snapper.nearest(LonLat(0.0, 0.0), 1_000) is None
    assert snapper.nearest(at(0.5, 3.5), 10) is None


def test_the_reach_is_metres_at_any_latitude(snapper):
    gap_m = great_circle_m(at(0.5, 3.5), at(0.5, 3))
    assert snapper.nearest(at(0.5, 3.5), gap_m * 1.001) is not None
    assert snapper.nearest(at(0.5, 3.5), gap_m * 0.999) is None


def test_at_a_junction_the_lowest_edge_wins(network, snapper):
    found = snapper.nearest(at(2, 2), 500)
    assert found is not None
    canonical = [
        edge
        for edge in range(network.edge_count)
        if network.is_forward[edge]
        and (
            (network.lon[network.head[edge]], network.lat[network.head[edge]]) == at(2, 2)
            or (network.lon[network.tails()[edge]], network.lat[network.tails()[edge]]) == at(2, 2)
        )
    ]
    assert found.edge == min(canonical)
    assert found.gap_m == pytest.approx(0.0, abs=1e-6)


def test_a_place_on_an_edge_is_found_again(network, snapper):
    edge = edge_between(network, (0, 0), (1, 1))
    for fraction in (0.1, 0.35, 0.9):
        found = snapper.nearest(point_on(network, edge, fraction), 5)
        assert found is not None
        assert found.edge in {edge, edge_between(network, (1, 1), (0, 0))}
        assert (
            great_circle_m(
                point_on(network, found.edge, found.fraction), point_on(network, edge, fraction)
            )
            < 0.5
        )


def test_many_points_are_answered_like_one(snapper):
    rng = np.random.default_rng(1)
    lon = rng.uniform(-1.31, -1.27, 300)
    lat = rng.uniform(50.69, 50.71, 300)
    many = snapper.nearest_many(lon, lat, 300.0)
    for row in range(300):
        one = snapper.nearest(LonLat(lon[row], lat[row]), 300.0)
        if one is None:
            assert many.edge[row] == -1
            assert many.gap_m[row] == math.inf
        else:
            assert one.edge == many.edge[row]
            assert one.fraction == pytest.approx(many.fraction[row], abs=1e-9)
            assert one.gap_m == pytest.approx(many.gap_m[row], abs=1e-6)


def test_no_points_have_no_answers(snapper):
    nothing = np.zeros(0)
    assert len(snapper.nearest_many(nothing, nothing, 100.0).edge) == 0


def test_a_network_that_may_not_be_used_finds_nothing(network):
    from dataclasses import replace

    closed = replace(network, access=np.full_like(network.access, int(Access.BLUE_LIGHT)))
    snapper = Snapper(closed, Access.ORDINARY)
    assert snapper.nearest(at(1, 1), 1e9) is None
    assert snapper.nearest_many(np.array([-1.3]), np.array([50.7]), 1e9).edge[0] == -1


class TreeSnapper:
    """The oracle: shapely's tree, asked twice, with ties by the lowest edge."""

    def __init__(self, network, access):
        lines = segment_lines(network)
        x, y = mercator(lines.lon, lines.lat)
        self.edge = {}
        for edge in range(network.edge_count - 1, -1, -1):
            is_open = network.access[edge] & int(access)
            if is_open and network.classes[network.road_class[edge]] != "ferry":
                segment = int(network.segment[edge])
                if network.is_forward[edge] or segment not in self.edge:
                    self.edge[segment] = edge
        self.segments = sorted(self.edge)
        self.lines = [
            shapely.LineString(np.column_stack((x[a:b], y[a:b])))
            for a, b in ((lines.first[s], lines.first[s + 1]) for s in self.segments)
        ]
        self.network = network

    def nearest(self, at):
        shrink = math.cos(math.radians(at.lat))
        point = shapely.Point(*(float(c) for c in mercator(np.float64(at.lon), np.float64(at.lat))))
        gaps = [line.distance(point) * shrink for line in self.lines]
        limit = min(gaps) + TIE_M
        edge, place = min(
            (self.edge[self.segments[index]], index)
            for index, gap in enumerate(gaps)
            if gap <= limit
        )
        along = self.lines[place].project(point, normalized=True)
        return edge, along if self.network.is_forward[edge] else 1 - along, gaps[place]


def mercator(lon, lat):
    return (
        EARTH_RADIUS_M * np.radians(lon),
        EARTH_RADIUS_M * np.arcsinh(np.tan(np.radians(lat))),
    )


@settings(max_examples=300, deadline=None)
@given(
    st.floats(-1.5, 5.0) | st.integers(0, 3).map(float),
    st.floats(-1.5, 5.0) | st.integers(0, 3).map(float),
    st.sampled_from(BOTH),
)
def test_the_grid_answers_what_the_tree_would(network, column, row, access):
    spot = at(column, row)
    found = Snapper(network, access).nearest(spot, 1e6)
    edge, fraction, gap_m = TreeSnapper(network, access).nearest(spot)
    assert found is not None
    assert found.gap_m == pytest.approx(gap_m, abs=2 * TIE_M)
    assert found.edge == edge
    assert found.fraction == pytest.approx(fraction, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(st.floats(-180, 180), st.floats(-89, 89))
def test_a_point_anywhere_on_earth_has_an_answer(network, lon, lat):
    snapper = Snapper(network, Access.ORDINARY)
    assert snapper.nearest(LonLat(lon, lat), 5e7 / math.cos(math.radians(lat))) is not None
