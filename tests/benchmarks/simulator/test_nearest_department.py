"""Where a patient is expected: the nearest department that offers the pathway."""

from __future__ import annotations

from benchmarks.simulator.nearest_department import Department, nearest_departments
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway
from maps.geo import LonLat
from tests.dispatch.builders import StraightRoad, at

ROAD = StraightRoad()


def a_department(name: str, minutes: float, *pathways: str) -> Department:
    return Department(HospitalId(name), ROAD.snap(at(minutes)), frozenset(pathways))


def test_the_nearest_takes_who_has_no_pathway_and_a_further_one_who_has() -> None:
    sites = [a_department("near", 0), a_department("far", 100, "stroke")]
    patients = [(at(10), None), (at(10), Pathway.STROKE), (at(90), None), None]
    assert nearest_departments(sites, patients, ROAD) == ["near", "far", "far", None]


def test_a_pathway_that_nobody_offers_falls_back_to_the_nearest() -> None:
    sites = [a_department("near", 0), a_department("far", 100)]
    assert nearest_departments(sites, [(at(10), Pathway.PPCI)], ROAD) == ["near"]


def test_of_two_equally_near_the_first_is_named() -> None:
    sites = [a_department("one", 0), a_department("two", 20)]
    assert nearest_departments(sites, [(at(10), None)], ROAD) == ["one"]


def test_off_the_roads_and_without_departments_there_is_none() -> None:
    assert nearest_departments([], [(at(10), None)], ROAD) == [None]
    assert nearest_departments([a_department("a", 0)], [(LonLat(0.0, 5.0), None)], ROAD) == [None]
