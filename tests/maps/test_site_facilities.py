"""Hospitals and stations read off a map."""

from __future__ import annotations

from maps.osm import OsmSite
from maps.site_facilities import hospitals_of, stations_of
from tests.maps.builders import at


def hospital(osm_id, column, row, **tags):
    return OsmSite("hospital", osm_id, at(column, row), tags)


def station(osm_id, column, row, **tags):
    return OsmSite("ambulance_station", osm_id, at(column, row), tags)


def test_wards_mapped_as_points_belong_to_the_hospital_around_them():
    sites = [
        hospital("n2", 1, 1, name="Ward"),
        hospital("r9", 0, 0, name="St Mary's", emergency="yes"),
        hospital("n1", 30, 0, name="Cottage Hospital"),
    ]
    assert [site.id for site in hospitals_of(sites)] == ["r9", "n1"]


def test_only_the_emergency_tag_makes_an_emergency_department():
    one, two = hospitals_of([hospital("w1", 0, 0, emergency="yes"), hospital("w2", 9, 9)])
    assert (one.emergency_department, two.emergency_department) == (True, False)
    assert one.assumed == ("bays",)
    assert one.source == "OpenStreetMap w1"


def test_a_station_and_its_building_are_one_with_the_name():
    sites = [station("w1", 0, 0), station("n5", 0.5, 0.5, name="St Mary's"), station("w7", 30, 0)]
    posts = stations_of(sites, "R1F")
    assert [(post.id, post.name, post.trust) for post in posts] == [
        ("n5", "St Mary's", "R1F"),
        ("w7", "Ambulance station w7", "R1F"),
    ]
    assert all(post.is_station for post in posts)


def test_the_order_is_that_of_map_numbers():
    sites = [hospital("w10", 0, 0), hospital("w9", 9, 9), hospital("r1", 20, 20)]
    assert [site.id for site in hospitals_of(sites)] == ["r1", "w9", "w10"]
