"""Each rule of a region, broken on purpose."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from maps.facilities import FleetUnit, Hospital, Post, Shift, Trust
from maps.geo import LonLat
from maps.region import CrowFlies, TravelMatrix
from maps.region_rules import check_region, region_faults
from tests.maps.builders import a_demand, a_lattice, a_region, at


def a_unit(**changes):
    fields = {"id": "U", "trust": "R1F", "kind": "DCA", "skill": "PARAMEDIC", "home": "P"}
    return FleetUnit(**(fields | changes))


def a_matrix(times):
    square = np.array(times, dtype=np.int32)
    return TravelMatrix(("a", "b"), np.array([-1.3, -1.2]), np.array([50.7, 50.7]), square, square)


def shift(start_min=0, end_min=600, weekdays=(1,)):
    return Shift(start_min=start_min, end_min=end_min, weekdays=weekdays)


def test_a_sound_region_has_no_fault():
    assert region_faults(a_region()) == []
    check_region(a_region())


BAD = [
    ({"crow_flies": None}, "Expected one of roads, matrix and crow_flies, was none"),
    (
        {"matrix": a_matrix([[0, 1], [1, 0]]), "crow_flies": CrowFlies(1.0, 1.0, 1.0)},
        "was ['matrix'",
    ),
    ({"matrix": a_matrix([[0, -1], [1, 0]])}, "was -1 from 'a' to 'b'"),
    ({"matrix": a_matrix([[0], [0]])}, "of 2 by 2, was (2, 1)"),
    ({"crow_flies": CrowFlies(0.0, 40.0, 1.3)}, "a positive blue_light_kmh, was 0.0"),
    ({"crow_flies": CrowFlies(60.0, float("nan"), 1.3)}, "a positive ordinary_kmh, was nan"),
    ({"crow_flies": CrowFlies(60.0, 40.0, 0.9)}, "detour_factor of 1 or more, was 0.9"),
    ({"trusts": ()}, "at least one trust"),
    ({"trusts": (Trust(code="R1F", name="a"), Trust(code="R1F", name="b"))}, "every trust once"),
    ({"trusts": (Trust(code="R1F", name="a", polygon_wkb_hex="00"),)}, "well-known binary"),
    (
        {"trusts": (Trust(code="R1F", name="a", polygon_wkb_hex="0101000000" + "00" * 16),)},
        "a valid polygon of trust 'R1F', was Point",
    ),
    (
        {"hospitals": (Hospital(id="H", name="", at=LonLat(200.0, 0.0)),)},
        "hospital 'H' on the globe",
    ),
    ({"hospitals": (Hospital(id="H", name="", at=at(0, 0), bays=0),)}, "at least 1 bay"),
    ({"hospitals": (Hospital(id="H", name="", at=at(0, 0), pathways=("luck",)),)}, "was 'luck'"),
    ({"posts": (Post(id="P", name="", trust="XX", at=at(0, 0)),)}, "for post 'P', was 'XX'"),
    ({"posts": (Post(id="", name="", trust="R1F", at=at(0, 0)),)}, "a name for every post"),
    ({"fleet": (a_unit(), a_unit())}, "every unit once, was 'U' twice"),
    ({"fleet": (a_unit(kind="TANK"),)}, "kind of DCA, RRV"),
    ({"fleet": (a_unit(skill="LUCK"),)}, "skill of RESPONDER"),
    ({"fleet": (a_unit(trust="XX"),)}, "trust of R1F for unit 'U', was 'XX'"),
    ({"fleet": (a_unit(home="moon"),)}, "known post as home of unit 'U', was 'moon'"),
    ({"fleet": (a_unit(shifts=(shift(0, 0),)),)}, "shift minutes"),
    ({"fleet": (a_unit(shifts=(shift(0, 1441),)),)}, "shift minutes"),
    ({"fleet": (a_unit(shifts=(shift(weekdays=(0,)),)),)}, "weekdays 1 to 7"),
    ({"demand": a_demand(trust="XX")}, "at demand place 'place-0', was 'XX'"),
    ({"demand": msgspec.structs.replace(a_demand(), id=("a", "a"))}, "every demand place once"),
    ({"demand": msgspec.structs.replace(a_demand(), id=("a",))}, "1 demand entries in lon, was 2"),
    ({"demand": msgspec.structs.replace(a_demand(), lon=np.array([np.nan, 0]))}, "on the globe"),
    (
        {"demand": msgspec.structs.replace(a_demand(), aged_65_plus=np.array([1001, 0], np.int32))},
        "was 1001 of 1000",
    ),
    ({"timezone": "Atlantis/Deep"}, "was 'Atlantis/Deep'"),
    ({"timezone": "../etc/passwd"}, "Expected a timezone"),
]


@pytest.mark.parametrize(("changes", "expected"), BAD, ids=[text for _, text in BAD])
def test_a_bad_entry_is_named(changes, expected):
    faults = region_faults(a_region(**changes))
    assert any(expected in fault for fault in faults), faults


def test_faults_of_the_network_are_faults_of_the_region(tmp_path):
    from dataclasses import replace

    network, _ = a_lattice().network(tmp_path)
    region = a_region(roads=replace(network, access=np.zeros_like(network.access)))
    with pytest.raises(ValueError, match=r"Region 'toy': Expected some access.*edge 0 of way"):
        check_region(region)


def test_many_faults_are_counted():
    units = tuple(a_unit(id=f"U{number}", home="moon") for number in range(5))
    with pytest.raises(ValueError, match=r"'U0'.*'U1'.*'U2'.*\(2 more\)"):
        check_region(a_region(fleet=units))
