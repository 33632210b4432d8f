"""Fleets made larger and smaller: evenly, nested, and without a change of the region."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.calibration.crews import TrustCrews, crewed
from tests.benchmarks.towns import a_shift, a_town, a_unit

DAY, NIGHT = (a_shift(7, 19),), (a_shift(19, 7),)


def a_large_town():
    units = [a_unit(f"A{n:02d}", n % 7, shifts=NIGHT if n % 3 == 0 else DAY) for n in range(30)]
    cars = [a_unit(f"R{n}", n % 7, kind="RRV", shifts=DAY) for n in range(4)]
    return a_town(*units, *cars, a_unit("U1", 1, kind="URGENT_CARE"))


TOWN = a_large_town()


def ids(**change):
    return [unit.id for unit in crewed(TOWN, {"T1": TrustCrews(**change)}).fleet]


def test_without_a_change_the_fleet_is_the_same():
    assert crewed(TOWN, {"T1": TrustCrews()}).fleet == TOWN.fleet
    assert crewed(TOWN, {}).fleet == TOWN.fleet
    assert crewed(TOWN, {"T9": TrustCrews(day=0.0)}).fleet == TOWN.fleet


@given(st.floats(0.0, 3.0), st.floats(0.0, 3.0))
def test_units_are_as_many_as_the_factors_say(day, night):
    fleet = crewed(TOWN, {"T1": TrustCrews(day=day, night=night)}).fleet
    by_night = [u for u in fleet if u.kind == "DCA" and u.shifts == NIGHT]
    by_day = [u for u in fleet if u.kind == "DCA" and u.shifts == DAY]
    assert (len(by_day), len(by_night)) == (round(20 * day), round(10 * night))
    assert len({unit.id for unit in fleet}) == len(fleet)
    assert sum(unit.kind == "RRV" for unit in fleet) == 4


@given(st.floats(0.0, 1.5), st.floats(0.0, 0.5))
def test_who_is_there_with_fewer_is_there_with_more(factor, more):
    assert set(ids(day=factor, night=factor)) <= set(ids(day=factor + more, night=factor + more))


@given(st.floats(0.0, 1.5), st.floats(0.0, 0.5))
def test_what_is_left_of_a_crew_is_one_on_some_days_of_the_week(factor, more):
    def days_of(factor):
        change = TrustCrews(day=factor, night=1.0, part_time=True)
        fleet = crewed(TOWN, {"T1": change}).fleet
        by_day = [unit for unit in fleet if unit.kind == "DCA" and unit.shifts[0].start_min < 900]
        return {(unit.id, day) for unit in by_day for day in unit.shifts[0].weekdays}

    assert len(days_of(factor)) == round(7.0 * 20 * factor)
    assert days_of(factor) <= days_of(factor + more)


def test_a_crew_that_is_always_there_is_there_on_whole_days_of_the_week():
    change = TrustCrews(day=0.5, part_time=True)
    (unit,) = crewed(a_town(a_unit("A1", 0)), {"T1": change}).fleet
    assert len(unit.shifts[0].weekdays) == 4
    assert unit.shifts[0].start_min == unit.shifts[0].end_min


def test_responders_come_to_the_emptiest_posts_and_are_always_there():
    fleet = crewed(a_town(a_unit("A1", 0)), {"T1": TrustCrews(responders=3)}).fleet
    added = [unit for unit in fleet if unit.kind == "CFR"]
    assert [unit.home for unit in added] == ["post1", "post2", "post3"]
    assert all(unit.shifts == () for unit in added)


def test_named_units_can_be_left_out():
    assert set(ids()) - set(ids(without=("A03", "U1"))) == {"A03", "U1"}
    with pytest.raises(ValueError, match="was Z9"):
        ids(without=("Z9",))


def test_a_negative_factor_is_refused():
    with pytest.raises(ValueError, match="factor of 0 or more"):
        ids(day=-0.1)


def test_places_and_version_stay():
    found = crewed(TOWN, {"T1": TrustCrews(day=0.5)})
    assert (found.version, found.posts, found.hospitals) == (
        TOWN.version,
        TOWN.posts,
        TOWN.hospitals,
    )
