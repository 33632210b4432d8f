"""The road network of fitted links: doors, passing points, facilities and ferries."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from maps.geo import LonLat, from_national_grid
from maps.network_rules import network_faults
from maps.road_network import Access
from maps.snapping import Snapper
from maps.speeds import edge_ms, load_profile
from maps.strategic_fit import ENTRY_MIN_PER_KM
from maps.strategic_links import Links
from maps.strategic_network import facility_positions, stranded_places, strategic_network
from maps.strategic_water import Ferries, Land
from tests.maps.strategic_worlds import NO_FERRIES, links_of, some_places

COUNT = 150
ACCESS_MIN = 6.0


@pytest.fixture(scope="module")
def world():
    places = some_places(COUNT)
    links = links_of(places)
    link_min = links.length_m / 1_000.0 * 1.5
    return places, links, link_min


@pytest.fixture(scope="module")
def network(world):
    places, links, link_min = world
    hospital = from_national_grid(441_234.0, 301_234.0)
    return strategic_network(places, links, link_min, ACCESS_MIN, NO_FERRIES, [hospital])


def node_minutes(network, origin):
    weights = network.fixed_ms / 60_000.0
    graph = sparse.csr_matrix(
        (weights, network.head, network.first_out), shape=(network.node_count,) * 2
    )
    return dijkstra(graph, indices=origin)


def test_the_network_is_sound(network):
    assert network_faults(network) == []


def test_access_is_paid_once_at_each_end_however_long_the_way(network, world):
    _, links, link_min = world
    ends = (links.pair[:, 0].astype(np.int64), links.pair[:, 1].astype(np.int64))
    graph = sparse.coo_matrix((link_min, ends), shape=(COUNT, COUNT)).tocsr()

    by_doors = node_minutes(network, 0)[:COUNT]

    expected = dijkstra(graph, directed=False, indices=0) + ACCESS_MIN
    expected[0] = 0.0
    # Half a second of rounding on each of the links of a way.
    np.testing.assert_allclose(by_doors, expected, atol=0.15)


def test_a_place_snaps_to_its_own_door(network, world):
    places, _, _ = world
    snapper = Snapper(network, Access.ORDINARY)

    found = snapper.nearest_many(places.lon, places.lat, 10.0)

    assert network.tails()[found.edge].tolist() == list(range(COUNT))
    assert (found.fraction == 0.0).all()
    assert (found.gap_m < 0.01).all()


def test_nothing_snaps_to_the_line_between_two_places(network, world):
    places, links, _ = world
    middle = [
        places.lon[links.pair].mean(axis=1),
        places.lat[links.pair].mean(axis=1),
    ]

    found = Snapper(network, Access.BLUE_LIGHT).nearest_many(*middle, 50_000.0)

    classes = {network.classes[index] for index in network.road_class[found.edge]}
    assert classes == {"strategic_access"}
    # A door may be the nearest of a place or of the hospital, never a passing point.
    assert (found.fraction == 0.0).all()


def test_a_facility_has_a_door_of_its_own(network):
    hospital = from_national_grid(441_234.0, 301_234.0)

    found = Snapper(network, Access.ORDINARY).nearest(hospital, 1.0)

    assert found is not None
    door = int(network.tails()[found.edge])
    assert door == 2 * COUNT
    assert found.fraction == 0.0
    assert node_minutes(network, door)[:COUNT].min() > ACCESS_MIN


def test_a_ferry_keeps_its_time_and_its_name(world):
    places, links, link_min = world
    ferry = Ferries(("The ferry",), np.array([[0, 149]], dtype=np.int32), np.array([33.0]))

    network = strategic_network(places, links, link_min, ACCESS_MIN, ferry, [])

    (edge, _) = np.flatnonzero(network.road_class == network.classes.index("ferry"))
    assert network.names[network.name_index[network.segment[edge]]] == "The ferry"
    profile = load_profile()
    for blue_light in (True, False):
        assert edge_ms(network, profile, blue_light=blue_light, hour_class=0)[edge] == 33 * 60_000


def test_blue_lights_save_most_on_access_and_more_in_town_than_outside(network):
    profile = load_profile()
    daytime = [hours.name for hours in profile.hour_classes].index(profile.fixed_time_hour_class)

    ordinary = edge_ms(network, profile, blue_light=False, hour_class=daytime)
    blue = edge_ms(network, profile, blue_light=True, hour_class=daytime)

    np.testing.assert_array_equal(ordinary, network.fixed_ms)
    ratio = {
        name: float(np.median((blue / ordinary)[network.road_class == number]))
        for number, name in enumerate(network.classes)
        if (network.road_class == number).any()
    }
    assert ratio["strategic_access"] < 0.4
    assert ratio["strategic_access"] < ratio["strategic_suburban"] < ratio["strategic_rural"] < 0.9


def test_each_coordinate_gets_one_door():
    here, there = LonLat(-1.0, 52.0), LonLat(-1.1, 52.0)

    assert facility_positions([here, there], [here]) == [here, there]


def without(links, place):
    """Return links of which none leads to a place."""
    kept = ~(links.pair == place).any(axis=1)
    return Links(links.pair[kept], links.level[kept], links.length_m[kept]), kept


def test_a_place_that_no_link_reaches_gets_streets_to_the_places_around(world):
    places, links, link_min = world
    cut, kept = without(links, 7)
    assert stranded_places(cut, NO_FERRIES, COUNT).tolist() == [7]

    network = strategic_network(places, cut, link_min[kept], ACCESS_MIN, NO_FERRIES, [])

    minutes = node_minutes(network, 7)[:COUNT]
    assert np.isfinite(minutes).all()
    nearest_km = np.sort(np.hypot(*(places.plane_m - places.plane_m[7]).T))[1] / 1_000.0
    assert np.delete(minutes, 7).min() == pytest.approx(
        ACCESS_MIN + nearest_km * ENTRY_MIN_PER_KM, abs=0.02
    )
    assert network_faults(network) == []


def test_a_place_that_a_ferry_reaches_is_not_stranded(world):
    places, links, link_min = world
    cut, kept = without(links, 7)
    ferry = Ferries(("The ferry",), np.array([[7, 149]], dtype=np.int32), np.array([33.0]))

    network = strategic_network(places, cut, link_min[kept], ACCESS_MIN, ferry, [])

    assert np.delete(node_minutes(network, 7)[:COUNT], 7).min() == ACCESS_MIN + 33.0


def test_a_facility_is_not_joined_across_water_but_always_to_its_nearest_place(world):
    places, links, link_min = world
    wharf = from_national_grid(places.easting_m[7] + 40.0, places.northing_m[7])
    box = shapely.box(*places.plane_m.min(axis=0), *places.plane_m.max(axis=0)).buffer(1_000.0)
    sea = shapely.Point(places.plane_m[7]).buffer(5_000.0)
    for land, joined in ((None, 3), (Land([box - sea]), 1)):
        network = strategic_network(places, links, link_min, ACCESS_MIN, NO_FERRIES, [wharf], land)
        gate = 2 * COUNT + 1
        ways = network.head[network.tails() == gate]
        assert (ways < 2 * COUNT).sum() == joined
        assert COUNT + 7 in ways
