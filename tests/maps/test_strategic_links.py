"""Which places are joined."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from maps.strategic_links import LENGTHS_MAX_M, spaced_places, strategic_links
from maps.strategic_water import Land, crossing_pairs, ferry_links
from tests.maps.strategic_worlds import NO_PAIRS, links_of, some_places


def test_every_place_can_be_reached_and_no_pair_is_joined_twice():
    places = some_places()

    links = links_of(places)

    pair = links.pair.astype(np.int64)
    graph = sparse.coo_matrix((np.ones(len(links)), (pair[:, 0], pair[:, 1])), shape=(150, 150))
    assert connected_components(graph, directed=False)[0] == 1
    assert (pair[:, 0] < pair[:, 1]).all()
    assert len(np.unique(pair, axis=0)) == len(pair)
    assert (links.length_m <= np.array(LENGTHS_MAX_M)[links.level]).all()
    assert {0, 1, 2} <= set(links.level.tolist())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.floats(1.0, 20_000.0))
def test_spaced_places_keep_their_distance_and_leave_no_gap(seed, spacing_m):
    plane_m = some_places(60, seed).plane_m
    priority = np.random.default_rng(seed).random(60)

    chosen = spaced_places(plane_m, priority, spacing_m)

    apart = np.linalg.norm(plane_m[chosen][:, None] - plane_m[chosen][None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (apart > spacing_m).all()
    to_chosen = np.linalg.norm(plane_m[:, None] - plane_m[chosen][None], axis=2).min(axis=1)
    assert (to_chosen <= spacing_m).all()


@pytest.fixture(scope="module")
def two_banks():
    """Four places on two banks of an estuary 3 km wide, 10 km long."""
    banks = [shapely.box(0, 0, 10_000, 4_000), shapely.box(0, 7_000, 10_000, 11_000)]
    plane_m = np.array(
        [[1_000.0, 2_000.0], [9_000.0, 2_100.0], [1_100.0, 9_000.0], [9_100.0, 9_050.0]]
    )
    return Land(banks), plane_m


def test_links_do_not_cross_the_water(two_banks):
    land, plane_m = two_banks

    links = strategic_links(plane_m, np.ones(4), land, NO_PAIRS)

    assert links.pair.tolist() == [[0, 1], [2, 3]]


def test_a_bridge_joins_the_banks(two_banks):
    land, plane_m = two_banks

    links = strategic_links(plane_m, np.ones(4), land, np.array([[1, 3]], dtype=np.int32))

    assert links.pair.tolist() == [[0, 1], [1, 3], [2, 3]]


def test_water_is_measured_under_the_straight_line(two_banks):
    land, plane_m = two_banks

    wet_m = land.water_m(plane_m, np.array([[0, 1], [0, 2]], dtype=np.int32))

    assert wet_m == pytest.approx([0.0, 3_000.0], abs=15.0)


def test_crossings_and_ferries_join_different_places():
    plane_m = some_places(400, side_m=900_000.0).plane_m

    assert (crossing_pairs(plane_m)[:, 0] <= crossing_pairs(plane_m)[:, 1]).all()
    ferries = ferry_links(plane_m)
    assert len(ferries.name) == len(ferries.minutes) == len(ferries.pairs)
    assert (ferries.minutes > 15.0).all()
