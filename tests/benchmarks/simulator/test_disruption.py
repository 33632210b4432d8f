"""Units that stay away and doors that shut, in a world that otherwise runs as always."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.replay import replay
from benchmarks.scenario.hospitals import HospitalWindow
from benchmarks.simulator.disruption import Disruptions, present
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.domain.incident import Outcome
from dispatch.engine import settings_named
from tests.benchmarks.towns import HOUR, MIDNIGHT, MINUTE, a_busy_day, a_call, a_log, a_town, a_unit


def a_window(from_h, to_h, **more):
    usual = {
        "hospital": "hospital3",
        "takes_handovers": True,
        "bays_factor": 1.0,
        "handover_factor": 1.0,
        "announced": False,
    }
    return HospitalWindow(
        from_ms=MIDNIGHT + round(from_h * HOUR), to_ms=MIDNIGHT + round(to_h * HOUR), **usual | more
    )


def run_of(log, disruptions=None, region=None, **world):
    settings = WorldSettings(seed=1, noise=False, **world)
    return replay(log, region or a_town(), settings_named("b2"), settings, disruptions=disruptions)


def test_an_absence_cuts_a_duty_in_two():
    assert list(present([(0, 10)], [(3, 5)])) == [(0, 3), (5, 10)]


def test_a_unit_without_an_end_comes_back():
    assert list(present([(0, None)], [(3, 5)])) == [(0, 3), (5, None)]


def test_absences_over_the_edges_shorten_or_swallow():
    assert list(present([(0, 10), (20, 30), (40, 50)], [(8, 22), (39, 60)])) == [(0, 8), (22, 30)]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=4),
    st.integers(0, 69),
)
def test_a_moment_is_on_duty_when_it_is_in_a_duty_and_in_no_absence(spells, moment):
    away = [(start, start + length) for start, length in spells]
    duties = [(5, 30), (40, 65)]
    expected = any(a <= moment < b for a, b in duties) and not any(a <= moment < b for a, b in away)
    assert any(a <= moment < b for a, b in present(duties, away)) == expected


def test_nobody_who_is_away_is_sent():
    whole_day = (MIDNIGHT, MIDNIGHT + 48 * HOUR)
    away = Disruptions(absences={"A1": (whole_day,), "A2": (whole_day,)})
    assert run_of(a_busy_day(30), away).ledger.units == ["A3"]
    assert run_of(a_busy_day(30)).ledger.units == ["A1", "A2", "A3"]


@pytest.mark.parametrize("handover", list(HandoverModel))
def test_no_patient_is_taken_while_the_door_is_shut(handover):
    calls = [a_call(minute, 3, outcome=Outcome.CONVEYED_TO_ED.value) for minute in (600, 640, 700)]
    door = a_window(9, 15, takes_handovers=False)
    run = run_of(a_log(*calls), Disruptions(doors=(door,)), handover=handover)
    handed = [record.handed_over_at_ms for record in run.records]
    assert len(handed) == 3
    assert all(at_ms >= MIDNIGHT + 15 * HOUR for at_ms in handed)


def test_a_slow_hospital_takes_longer_by_its_factor():
    calls = a_log(a_call(720, 3, outcome=Outcome.CONVEYED_TO_ED.value))
    usual, slow = (
        run_of(calls, Disruptions(doors=doors)).records[0]
        for doors in ((), (a_window(9, 20, handover_factor=2.0),))
    )
    once = usual.handed_over_at_ms - usual.at_hospital_at_ms
    assert slow.handed_over_at_ms - slow.at_hospital_at_ms == pytest.approx(2 * once, abs=1)


def test_fewer_bays_make_a_second_patient_wait():
    calls = [a_call(600 + n, 3, outcome=Outcome.CONVEYED_TO_ED.value) for n in range(2)]
    region = a_town(a_unit("A1", 3), a_unit("A2", 3), bays=2)
    waits = []
    for doors in ((), (a_window(0, 24, bays_factor=0.1),)):
        run = run_of(a_log(*calls), Disruptions(doors=doors), region, handover=HandoverModel.BAYS)
        waits.append(max(r.handed_over_at_ms - r.at_hospital_at_ms for r in run.records))
    assert waits[1] >= waits[0] + MINUTE


def test_an_announced_closure_sends_patients_elsewhere():
    calls = a_log(a_call(720, 3, outcome=Outcome.CONVEYED_TO_ED.value))
    region = a_town(hospitals=(3, 5))
    for announced, expected in ((False, "hospital3"), (True, "hospital5")):
        door = a_window(9, 20, takes_handovers=False, announced=announced)
        run = run_of(calls, Disruptions(doors=(door,)), region)
        assert run.records[0].hospital == expected


def test_a_world_without_disruptions_is_the_world_as_it_was():
    log = a_busy_day(30)
    assert run_of(log).records == run_of(log, Disruptions()).records
