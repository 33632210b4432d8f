"""The region that comes with the package."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

from maps.facilities import SKILLS, UNIT_KINDS
from maps.network_rules import network_faults
from maps.region_file import load_region
from maps.region_info import region_info
from maps.region_rules import region_faults
from maps.road_network import Access
from maps.snapping import Snapper
from maps.speeds import IMPASSABLE_MS, edge_ms, hour_class_count, load_profile
from maps.trusts import TrustFinder


@pytest.fixture(scope="module")
def island():
    return load_region("isle-of-wight")


def test_it_keeps_every_rule(island):
    assert region_faults(island) == []
    assert network_faults(island.roads) == []


def test_it_is_small(island):
    path = resources.files("maps") / "data" / "regions" / "isle-of-wight.region"
    assert len(path.read_bytes()) < 4_000_000
    assert island.name == "isle-of-wight"


def test_it_credits_its_sources(island):
    text = " ".join(island.attribution)
    assert "© OpenStreetMap contributors, ODbL 1.0" in text
    assert "OGL v3.0" in text


def test_its_hospital_and_station_are_published_and_its_standby_points_assumed(island):
    (hospital,) = island.hospitals
    assert (hospital.name, hospital.ods_code) == ("St Mary's Hospital", "R1F01")
    assert hospital.emergency_department
    assert "bays" in hospital.assumed
    stations = [post for post in island.posts if post.is_station]
    standby = [post for post in island.posts if not post.is_station]
    assert [post.assumed for post in stations] == [False]
    assert len(standby) >= 6
    assert all(post.assumed for post in standby)


def test_its_people_are_those_of_the_census(island):
    assert len(island.demand) == 89
    assert island.demand.population.sum() == 140_463
    assert island.demand.aged_65_plus.sum() == 41_023
    assert set(island.demand.trust) == {"R1F"}


def test_every_place_lies_in_its_trust_and_near_a_road(island):
    finder = TrustFinder(island.trusts)
    snapper = Snapper(island.roads, Access.ORDINARY)
    lon = np.array([*island.demand.lon, *(post.at.lon for post in island.posts)])
    lat = np.array([*island.demand.lat, *(post.at.lat for post in island.posts)])
    assert set(finder.home_many(lon, lat)) == {"R1F"}
    assert snapper.nearest_many(lon, lat, 1000.0).gap_m.max() < 700.0


def test_the_island_hangs_together(island):
    assert len(region_info(island).roads.islands) == 1


def test_every_edge_has_a_time_at_every_hour(island):
    profile = load_profile()
    for hour_class in range(hour_class_count(profile)):
        blue = edge_ms(island.roads, profile, blue_light=True, hour_class=hour_class)
        ordinary = edge_ms(island.roads, profile, blue_light=False, hour_class=hour_class)
        assert blue.max() < IMPASSABLE_MS
        assert (blue <= ordinary).all()
        may = (island.roads.access & int(Access.ORDINARY)) != 0
        assert ((ordinary < IMPASSABLE_MS) == may).all()


def test_its_fleet_is_sized_for_its_incidents(island):
    info = region_info(island)
    # AmbSYS, March 2026: 2,508 incidents with a response in 31 days; 2.16 ambulance hours each.
    assert info.ambulance_hours_a_day == pytest.approx(2508 / 31 * 2.16, rel=0.1)


def test_the_words_of_a_fleet_are_those_of_the_dispatch_core():
    from dispatch.domain.unit import Skill, UnitKind

    assert set(UNIT_KINDS) == set(UnitKind.__members__)
    assert tuple(SKILLS) == tuple(skill.name for skill in sorted(Skill))
