"""What is assumed of a map that nobody has described."""

from __future__ import annotations

from maps.assumed import (
    PEOPLE_PER_CREW,
    assumed_demand,
    assumed_fleet,
    assumed_post,
    with_assumed_emergency,
)
from maps.facilities import Hospital, Post
from tests.maps.builders import a_lattice, at


def a_post(name="P"):
    return Post(id=name, name=name, trust="R1F", at=at(0, 0))


def test_people_live_where_the_streets_are(tmp_path):
    network, _ = a_lattice(30, 3).network(tmp_path)
    places = assumed_demand(network)
    assert len(places) == 3, "two kilometres of streets, cut into cells of one"
    for place in places:
        assert at(0, 0).lon <= place.at.lon <= at(29, 0).lon
        assert at(0, 0).lat <= place.at.lat <= at(0, 2).lat
        assert 0 < place.aged_65_plus < place.population
    assert [place.id for place in places] == ["cell-0-0", "cell-0-1", "cell-0-2"]


def test_the_fleet_grows_with_the_people():
    posts = (a_post("A"), a_post("B"))
    fleet = assumed_fleet(posts, 10 * PEOPLE_PER_CREW)
    day = [unit for unit in fleet if unit.id.startswith("DCA-D")]
    night = [unit for unit in fleet if unit.id.startswith("DCA-N")]
    assert (len(day), len(night)) == (10, 5)
    assert {unit.home for unit in day} == {"A", "B"}
    assert all(unit.assumed for unit in fleet)


def test_nobody_is_left_without_an_ambulance_by_night():
    fleet = assumed_fleet((a_post(),), 10)
    assert sum(unit.id.startswith("DCA-N") for unit in fleet) == 2


def test_the_first_hospital_is_assumed_to_take_emergencies():
    closed = Hospital(id="H", name="Cottage", at=at(1, 1), emergency_department=False)
    (hospital,) = with_assumed_emergency((closed,), at(0, 0))
    assert hospital.emergency_department
    assert "emergency_department" in hospital.assumed


def test_a_map_without_a_hospital_gets_one():
    (hospital,) = with_assumed_emergency((), at(2, 2))
    assert hospital.at == at(2, 2)
    assert set(hospital.assumed) >= {"at", "emergency_department", "bays"}
    post = assumed_post("R1F", hospital)
    assert (post.at, post.assumed, post.is_station) == (at(2, 2), True, False)
