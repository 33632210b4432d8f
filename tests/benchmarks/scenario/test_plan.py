"""A scenario on a region: who is where and when, and that nothing else changes."""

import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.call_log.compose import compose
from benchmarks.scenario.plan import planned
from benchmarks.scenario.scenario import Window
from benchmarks.scenario.scenario_file import read_scenario, stamped
from benchmarks.scenario.windows import spans
from maps.facilities import FleetUnit, Hospital, Trust
from maps.geo import LonLat
from tests.benchmarks.call_log.regions import a_region
from tests.benchmarks.scenario.test_scenario_file import PLAIN

LONDON = ZoneInfo("Europe/London")
HOUR_MS = 3_600_000
START = 1_772_323_200_000
"""Midnight of 1 March 2026."""


def a_unit(n, kind="dca", trust="R1F"):
    return FleetUnit(id=f"u{n}", trust=trust, kind=kind, skill="paramedic", home="p1")


def region(units=10, hospitals=()):
    base = a_region()
    fleet = tuple(a_unit(n) for n in range(units))
    return dataclasses.replace(base, fleet=fleet, hospitals=(*base.hospitals, *hospitals))


def plan_of(more, place=None, **options):
    scenario = read_scenario(stamped(PLAIN + more, "plain"), "plain")
    return planned(scenario, place or region(), **options)


def test_where_nothing_happens_the_log_is_the_composed_one():
    plan = plan_of("")
    assert plan.log.sha256 == compose(region(), "2026-03", 7, days=3).log.sha256
    assert (plan.absences, plan.hospitals, plan.call_rooms, plan.notes) == ((), (), (), ())


def test_equal_scenarios_give_equal_plans():
    more = "[[fleet]]\nname='a'\nfactor=0.7\n[[demand]]\nname='b'\nfactor=1.5"
    one, two = plan_of(more), plan_of(more)
    assert one.log.sha256 == two.log.sha256
    assert one.absences == two.absences


def test_demand_may_rise_in_some_hours_of_each_day():
    more = "[[demand]]\nname='evening'\nfactor=3\nhours=[18, 22]\ncategories=['C3']"
    plan, plain = plan_of(more), plan_of("")
    added = set(plan.log) - set(plain.log)
    assert set(plain.log) <= set(plan.log)
    assert {18, 19, 20, 21} >= {call.received_at_ms // HOUR_MS % 24 for call in added}
    assert {call.category for call in added} == {"C3"}
    assert len({call.incident_id for call in plan.log}) == len(plan.log)


def test_a_smaller_fleet_loses_the_same_share_and_the_same_units():
    plan = plan_of("[[fleet]]\nname='loss'\nfactor=0.7\nfrom=2026-03-02T06:00:00")
    away = {absence.unit for absence in plan.absences}
    assert len(away) == 3
    assert {(a.from_ms, a.to_ms) for a in plan.absences} == {
        (START + 30 * HOUR_MS, START + 72 * HOUR_MS)
    }
    fewer = plan_of("[[fleet]]\nname='loss'\nfactor=0.5\nfrom=2026-03-02T06:00:00")
    assert away < {absence.unit for absence in fewer.absences}


def test_a_larger_fleet_has_twins_that_are_there_for_a_while():
    plan = plan_of(
        "[[fleet]]\nname='more'\nfactor=1.2\nfrom=2026-03-02T00:00:00\nto=2026-03-03T00:00:00"
    )
    twins = plan.fleet[10:]
    assert len(twins) == 2
    assert all(twin.id.endswith("+more1") and twin.assumed for twin in twins)
    assert {(a.from_ms, a.to_ms) for a in plan.absences} == {
        (START, START + 24 * HOUR_MS),
        (START + 48 * HOUR_MS, START + 72 * HOUR_MS),
    }


def test_only_the_kinds_named_are_touched():
    plan = plan_of("[[fleet]]\nname='cars'\nfactor=0\nkinds=['rrv']")
    assert plan.absences == ()


def test_a_hospital_may_be_named_by_size():
    large = Hospital(id="large", name="L", at=LonLat(-1.2, 50.7), beds=900)
    more = (
        "[[hospital]]\nname='shut'\nhospital='largest'\ntakes_handovers=false\n"
        "from=2026-03-02T14:00:00\nto=2026-03-02T20:00:00"
    )
    (window,) = plan_of(more, region(hospitals=[large])).hospitals
    assert (window.hospital, window.takes_handovers) == ("large", False)
    assert (window.from_ms, window.to_ms) == (START + 38 * HOUR_MS, START + 44 * HOUR_MS)


def test_every_hospital_of_a_trust_may_be_meant():
    plan = plan_of("[[hospital]]\nname='slow'\nhospital='every'\ntrusts=['R1F']\nbays_factor=0.5")
    assert [window.hospital for window in plan.hospitals] == ["stmarys"]


def test_an_unknown_hospital_is_refused():
    with pytest.raises(ValueError, match=r"such as stmarys\), largest or every in 'x', was 'moon'"):
        plan_of("[[hospital]]\nname='x'\nhospital='moon'")


def test_unknown_trusts_are_refused():
    with pytest.raises(ValueError, match=r"Expected trusts of region grid \(R1F\).* was RYA"):
        plan_of("[[fleet]]\nname='x'\nfactor=0.5\ntrusts=['RYA']")


def test_calls_of_a_control_room_that_is_down_are_answered_later():
    # There is only one trust here, so its buddy has to be itself under another name.
    place = region()
    place = dataclasses.replace(place, trusts=(*place.trusts, Trust(code="RX6", name="N")))
    more = (
        "[[call_room]]\nname='down'\ntrust='R1F'\nbuddies=['RX6']\ndelay_s=75\n"
        "from=2026-03-01T18:00:00\nto=2026-03-01T22:00:00"
    )
    plan, plain = plan_of(more, place), plan_of("", place)
    assert [room.buddies for room in plan.call_rooms] == [("RX6",)]
    for later, before in zip(plan.log, plain.log, strict=True):
        inside = START + 18 * HOUR_MS <= before.received_at_ms < START + 22 * HOUR_MS
        delay_ms = 75_000 if inside else 0
        assert later.call_answered_at_ms - before.call_answered_at_ms == delay_ms
        assert later.coded_after_s - before.coded_after_s == pytest.approx(delay_ms / 1000)


MAJOR = (
    "[[major_incident]]\nname='crash'\nat=2026-03-02T18:40:00\nlon=-1.3\nlat=50.7\ntrust='R1F'\n"
    "patients=80\nover_min=40\ncategories={C1=0.25, C2=0.5, C3=0.25}"
)


def test_a_major_incident_adds_its_patients_in_one_place():
    plan, plain = plan_of(MAJOR), plan_of("")
    struck = [call for call in plan.log if call.incident_id.startswith("crash-")]
    assert len(struck) == 80
    assert len(plan.log) == len(plain.log) + 80
    start = START + 42 * HOUR_MS + 40 * 60_000
    assert all(0 <= call.received_at_ms - start < 40 * 60_000 for call in struck)
    assert np.ptp([call.lon for call in struck]) < 0.002
    trauma = [call for call in struck if call.pathway == "major_trauma"]
    assert trauma
    assert {call.category for call in trauma} == {"C1"}
    assert {call.segment for call in struck if call.category == "C2"} == {"A"}


def test_another_region_and_another_length_are_allowed_and_said():
    scenario = read_scenario(stamped(PLAIN.replace('"grid"', '"moon"'), "p"), "p")
    plan = planned(scenario, region(), days=1)
    assert plan.notes == ("The scenario was written for moon, this is grid.",)
    assert plan.log.received_at_ms[-1] < START + 24 * HOUR_MS


@given(st.integers(0, 23), st.integers(0, 24), st.integers(0, 200), st.integers(1, 200))
def test_windows_lie_within_the_whole_in_order_without_overlap(first, until, start_h, length_h):
    whole = (START + start_h * HOUR_MS, START + (start_h + length_h) * HOUR_MS)
    found = spans(Window(hours=(first, until)), whole, LONDON)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(edges)
    assert all(whole[0] <= edge <= whole[1] for edge in edges)
    for instant in range(whole[0], whole[1], HOUR_MS // 2):
        hour = datetime.fromtimestamp(instant / 1000, LONDON).hour
        open_now = first <= hour < until if first < until else hour >= first or hour < until
        assert open_now == any(start <= instant < end for start, end in found)
