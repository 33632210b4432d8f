"""The region ``england``: what is in it, and what it says of journeys that people know."""

from __future__ import annotations

from collections import Counter
from importlib import resources

import numpy as np
import pytest
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from maps.components import component_sizes
from maps.facilities import SPECIALIST_PATHWAYS
from maps.geo import LonLat, from_national_grid, great_circle_m
from maps.region_file import load_region
from maps.region_rules import region_faults
from maps.road_network import Access
from maps.strategic import measure
from maps.strategic_hospitals import read_hospitals
from maps.strategic_matrix import read_published_times
from maps.strategic_places import read_places
from maps.strategic_trusts import home_trusts, read_trusts


@pytest.fixture(scope="module")
def england():
    return load_region("england")


@pytest.fixture(scope="module")
def minutes_from(england):
    roads, demand = england.roads, england.demand
    weights = roads.fixed_ms / 60_000.0
    graph = sparse.csr_matrix((weights, roads.head, roads.first_out), shape=(roads.node_count,) * 2)

    def place(at):
        scale = np.cos(np.radians(at.lat))
        apart = np.hypot((demand.lon - at.lon) * scale, demand.lat - at.lat)
        return int(apart.argmin())

    def between(origin, destination):
        return float(dijkstra(graph, indices=place(origin))[place(destination)])

    return between


def test_it_is_sound_and_small(england):
    assert region_faults(england) == []
    file = resources.files("maps") / "data" / "regions" / "england.region"
    assert len(file.read_bytes()) <= 6_000_000


def test_it_holds_all_places_people_and_trusts(england):
    assert len(england.demand) == 33_755
    assert int(england.demand.population.sum()) == 56_489_608
    assert [trust.code for trust in england.trusts] == sorted(
        ["RRU", "RX6", "RX7", "RX8", "RX9", "RYA", "RYC", "RYD", "RYE", "RYF", "R1F"]
    )
    assert set(england.demand.trust) == {trust.code for trust in england.trusts}


def test_hospitals_have_beds_and_assumptions_are_marked(england):
    assert 170 <= len(england.hospitals) <= 190
    assert all("bays" in hospital.assumed for hospital in england.hospitals)
    assert sum(hospital.beds or 0 for hospital in england.hospitals) > 80_000
    offered = Counter(p for hospital in england.hospitals for p in hospital.pathways)
    assert set(offered) == SPECIALIST_PATHWAYS


def test_every_unit_and_every_unpublished_post_is_marked_assumed(england):
    assert all(unit.assumed for unit in england.fleet)
    assert all(post.assumed or post.is_station for post in england.posts)
    assert 3_300 <= len(england.fleet) <= 4_200


@pytest.mark.parametrize(
    ("origin", "destination", "least", "most", "why"),
    [
        (LonLat(-0.34, 53.75), LonLat(-0.44, 53.68), 20, 45, "Hull to Barton, Humber Bridge"),
        (LonLat(-2.99, 53.41), LonLat(-3.03, 53.39), 8, 30, "Liverpool to Birkenhead, tunnel"),
        (LonLat(0.71, 51.54), LonLat(0.77, 51.44), 60, 150, "Southend to Sheerness, no bridge"),
        (LonLat(-3.00, 51.34), LonLat(-3.47, 51.21), 55, 130, "Weston to Minehead, by Bridgwater"),
        (LonLat(0.39, 52.94), LonLat(0.34, 53.14), 70, 150, "Hunstanton to Skegness, the Wash"),
        (LonLat(-1.10, 50.80), LonLat(-1.16, 50.73), 65, 120, "Portsmouth to Ryde, by ferry"),
        (LonLat(-0.10, 51.51), LonLat(-2.24, 53.48), 190, 290, "London to Manchester"),
    ],
)
def test_journeys_go_round_the_water(minutes_from, origin, destination, least, most, why):
    assert least <= minutes_from(origin, destination) <= most, why


def test_the_island_is_reached_by_ferry_alone(england):
    roads, demand = england.roads, england.demand
    is_ferry = roads.road_class == roads.classes.index("ferry")
    on_island = np.array(demand.trust) == "R1F"
    inside = np.concatenate((on_island, on_island))
    count = len(inside)
    both = (roads.tails() < count) & (roads.head < count)
    tail, head = roads.tails()[both], roads.head[both]
    crosses = inside[tail] != inside[head]
    assert crosses.sum() == 6
    assert is_ferry[both][crosses].all()


def test_every_place_can_be_reached_from_every_other(england):
    assert component_sizes(england.roads, Access.ORDINARY) == (england.roads.node_count,)


@pytest.mark.parametrize(
    ("at", "to", "published_min"),
    [
        (LonLat(-1.9344, 50.6926), "BH77DW", 18.7),
        (LonLat(0.6826, 51.4029), "ME169QQ", 27.3),
    ],
    ids=["Sandbanks to Bournemouth", "Lower Halstow to Maidstone"],
)
def test_a_place_between_waters_is_about_as_far_as_published(
    minutes_from, data_folder, at, to, published_min
):
    folder = data_folder / "england"
    published = read_published_times(folder, read_places(folder))
    hospital = published.plane_m[published.postcode.index(to)]
    # Their streets are not fitted: near enough to be sent to, not a figure to be relied on.
    assert minutes_from(at, from_national_grid(*hospital)) == pytest.approx(published_min, rel=0.3)


def test_scilly_is_reached_by_its_transfer_alone(england):
    roads, demand = england.roads, england.demand
    (scilly,) = np.flatnonzero(demand.lon < -6.0)
    out = (roads.tails() == scilly + len(demand)) & (roads.lon[roads.head] > -6.0)
    assert [roads.classes[index] for index in roads.road_class[out]] == ["ferry"]


def test_neighbouring_trusts_share_their_borders(data_folder):
    trusts = read_trusts(data_folder / "england")
    polygons = [shapely.from_wkb(trust.polygon_wkb_hex) for trust in trusts]

    tree = shapely.STRtree(polygons)
    pairs = tree.query(polygons, predicate="overlaps").T
    overlap = [shapely.intersection(polygons[a], polygons[b]).area for a, b in pairs]

    assert all(polygon.is_valid for polygon in polygons)
    # Degrees squared: 1e-6 is about a hundredth of a square kilometre, the rounding of corners.
    assert sum(overlap) < 1e-5


def test_places_lie_in_the_polygon_of_their_home_trust(data_folder):
    folder = data_folder / "england"
    places = read_places(folder)
    trust_of = np.array(home_trusts(places))
    points = shapely.points(places.lon, places.lat)

    inside = 0
    for trust in read_trusts(folder):
        polygon = shapely.from_wkb(trust.polygon_wkb_hex)
        shapely.prepare(polygon)
        inside += int(shapely.contains(polygon, points[trust_of == trust.code]).sum())

    assert inside / len(places) > 0.998


def test_hospitals_follow_the_published_sites_and_their_corrections(data_folder):
    folder = data_folder / "england"
    hospitals = {
        hospital.id: hospital
        for hospital in read_hospitals(folder, read_published_times(folder, read_places(folder)))
    }

    assert "RXK01" not in hospitals
    assert hospitals["RXKMM"].ods_code is None
    assert "stroke" in hospitals["RXKMM"].pathways
    assert not hospitals["RWEAE"].emergency_department
    assert "ppci" in hospitals["RWEAE"].pathways
    broomfield, colchester = hospitals["RDEEB"].at, hospitals["RDEE4"].at
    assert great_circle_m(broomfield, colchester) > 25_000


@pytest.mark.slow
def test_the_bundled_region_meets_its_aim_on_hospitals_that_the_fit_never_saw(england, data_folder):
    report = measure(england, data_folder / "england")

    two_hours = report.held_out["under_120"]
    assert two_hours.journeys > 300_000
    assert two_hours.correlation >= 0.98
    assert two_hours.median_error_pct <= 6.0
    assert len(report.held_out_postcodes) == 33
