"""Moments and stories out of a journal."""

import msgspec
import pytest

from benchmarks.metrics import measure
from benchmarks.moment import IncidentThen, Moment, instant_of, moment
from benchmarks.replay import replay, travel_times
from benchmarks.report.moment_report import MomentReport, in_short, patients_of
from benchmarks.simulator.settings import WorldSettings
from benchmarks.story import story
from dispatch.engine import settings_named
from tests.benchmarks.towns import HOUR, MIDNIGHT, MINUTE, a_busy_day, a_call, a_log, a_town, a_unit

TOWN = a_town(a_unit("A1", 0), a_unit("A2", 6))
CALL = a_call(30, 1, outcome="conveyed_to_ed", coded_after_s=0.0, scene_s=1200.0, handover_s=600.0)


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / "j.jsonl"
    world = WorldSettings(noise=False)
    replay(a_log(CALL, a_call(600, 5)), TOWN, settings_named("b2"), world, journal=path)
    return path


def at(journal, minute):
    clock = f"{minute // 60:02d}:{minute % 60:02d}"
    return moment(journal, TOWN, travel_times(TOWN), clock)


def test_before_the_call_everybody_waits_at_a_post(journal):
    found = at(journal, 10)
    assert [(unit.id, unit.status) for unit in found.units] == [
        ("A1", "ON_STATION"),
        ("A2", "ON_STATION"),
    ]
    assert found.incidents == ()


def test_on_the_way_the_unit_is_between(journal):
    found = at(journal, 36)
    (incident,) = found.incidents
    (driving,) = [unit for unit in found.units if unit.incident]
    assert (incident.units, incident.has_unit_on_scene) == (("A1",), False)
    assert (driving.status, driving.to.lon) == ("MOBILE", pytest.approx(-0.9))
    assert -1.0 < driving.at.lon < -0.9
    assert incident.waited_s == 6 * 60


def test_at_the_hospital_the_door_knows_the_crew(journal):
    (site,) = at(journal, 105).hospitals
    assert (site.waiting, site.inbound) == (1, 0)
    assert site.longest_s == 4 * 60
    assert at(journal, 70).hospitals[0].inbound == 1


def test_a_clock_time_means_the_first_one_since_the_journal_began():
    nine = MIDNIGHT + 9 * HOUR
    assert instant_of("08:30", nine, "Europe/London") == MIDNIGHT + 32 * HOUR + 30 * MINUTE
    assert instant_of("09:00", nine, "Europe/London") == nine
    assert instant_of("2026-07-01T12:00", nine, "Europe/London") % (24 * HOUR) == 11 * HOUR
    assert instant_of("2026-07-01T12:00+00:00", nine, "Europe/London") % (24 * HOUR) == 12 * HOUR


def test_a_story_begins_with_the_report_and_ends_with_the_crew_available(journal):
    lines = story(journal, "i0")
    assert lines[0].words == "C2 incident i0 is reported."
    assert lines[1].is_decision
    assert "Sends A1" in lines[1].words
    assert any("A1, 11 min, is chosen" in row for row in lines[1].considered)
    assert "available" in lines[-2].words
    assert lines[-1].words == "A unit was there 11:00 after the report. Outcome: conveyed to ED."


def test_a_moment_changes_nothing_in_what_is_measured(tmp_path):
    path = tmp_path / "day.jsonl"
    run = replay(a_busy_day(30), TOWN, settings_named("b2"), journal=path)
    before = measure(run)
    moment(path, TOWN, travel_times(TOWN), "23:59")
    assert measure(run) == before


def test_a_day_after_the_journal_ends_is_refused(journal):
    with pytest.raises(
        ValueError, match=r"up to .*the journal's last entry, was '2031-01-01T12:00'"
    ):
        moment(journal, TOWN, travel_times(TOWN), "2031-01-01T12:00")


def test_a_patient_on_the_way_to_hospital_is_drawn_with_the_unit(journal):
    waiting, at_scene, at_door = (
        MomentReport(at(journal, minute), TOWN, "x").html() for minute in (36, 50, 105)
    )
    assert "<td>waits, a unit is on its way</td>" in waiting
    assert "<td>with a unit</td>" in at_scene
    assert "<td>left the scene</td>" in at_door
    patients = [page.count("<circle") for page in (waiting, at_scene, at_door)]
    assert patients == [1, 1, 0]


def test_a_moment_in_short_counts_apart_who_cannot_convey(journal):
    assert in_short(at(journal, 36)) == (
        "1 incident open, nobody sent yet to 0; 2 ambulances on duty, 1 of them free; "
        "0 responders and cars, 0 free; 0 crews at hospital doors."
    )


def test_who_waits_is_told_before_who_is_helped():
    def one(name, units, *, scene=False):
        return IncidentThen(
            id=name,
            trust="T1",
            category="C2",
            at=TOWN.hospitals[0].at,
            waited_s=60,
            units=units,
            has_unit_on_scene=scene,
        )

    told = Moment(
        at_ms=MIDNIGHT,
        entries=1,
        units=(),
        incidents=(one("helped", ("A1",), scene=True), one("coming", ("A2",)), one("waits", ())),
        hospitals=(),
    )
    assert [(i.id, where) for i, where in patients_of(told)] == [
        ("waits", "waits"),
        ("coming", "waits, a unit is on its way"),
        ("helped", "with a unit"),
    ]
    assert "nobody sent yet to 1;" in in_short(told)


def test_with_thousands_on_the_map_the_marks_are_smaller(journal):
    found = at(journal, 36)
    many = msgspec.structs.replace(found, incidents=found.incidents * 3000)
    few_page, many_page = (MomentReport(m, TOWN, "x").html() for m in (found, many))
    assert 'r="8' in few_page
    assert 'r="2.8' in many_page


def test_of_several_trusts_each_has_a_row(journal):
    found = at(journal, 36)
    (incident,) = found.incidents
    other = msgspec.structs.replace(incident, id="b", trust="T2", units=(), waited_s=600)
    page = MomentReport(msgspec.structs.replace(found, incidents=(incident, other)), TOWN, "x")
    told = page.html()
    assert "Trust by trust" in told
    assert "<td>T2</td><td>1</td><td>1</td><td>10:00</td><td>0</td><td>0</td><td>0</td>" in told
    assert "Trust by trust" not in MomentReport(found, TOWN, "x").html()
