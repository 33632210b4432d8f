"""A region in a few lines."""

from __future__ import annotations

from maps.facilities import FleetUnit, Post, Shift
from maps.region_info import region_info
from tests.maps.builders import a_lattice, a_region, at


def test_it_counts_what_there_is(tmp_path):
    network, _ = a_lattice(3, 3).network(tmp_path)
    info = region_info(a_region(roads=network))
    assert info.travel == "streets"
    assert info.roads is not None
    assert (info.roads.junctions, info.roads.edges) == (9, 24)
    assert info.roads.islands == (9,)
    assert info.roads.bounds == (-1.3, 50.7, -1.298, 50.702)
    assert (info.demand_places, info.population) == (2, 2000)


def test_it_names_what_is_assumed():
    posts = (
        Post(id="P", name="Post", trust="R1F", at=at(0, 0)),
        Post(id="S", name="Layby", trust="R1F", at=at(0, 0), is_station=False, assumed=True),
    )
    info = region_info(a_region(posts=posts))
    assert info.assumed == ("1 of 2 posts", "1 of 1 units")
    assert (info.stations, info.standby_points) == (("Post",), ("Layby",))
    assert info.travel == "great circle"
    assert info.roads is None


def test_ambulance_hours_follow_the_shifts():
    def crew(name, *shifts):
        return FleetUnit(id=name, trust="R1F", kind="DCA", skill="EMT", home="P", shifts=shifts)

    night = Shift(start_min=19 * 60, end_min=7 * 60)
    monday = Shift(start_min=0, end_min=7 * 60, weekdays=(1,))
    fleet = (crew("always"), crew("night", night), crew("monday", monday))
    assert region_info(a_region(fleet=fleet)).ambulance_hours_a_day == 24 + 12 + 1
