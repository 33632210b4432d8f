"""The world: crews obey, patients are treated, and the core is told in the right order."""

import pytest

from benchmarks.journal_file import opened_journal
from benchmarks.replay import replay
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.domain import event as ev
from dispatch.domain.decision import Assign, StandDown
from dispatch.domain.incident import Outcome
from dispatch.engine import settings_named
from tests.benchmarks.towns import (
    MIDNIGHT,
    MINUTE,
    a_call,
    a_log,
    a_shift,
    a_town,
    a_unit,
)

OWN = {
    "coded_after_s": 0.0,
    "mobilisation_s": 60.0,
    "scene_s": 1200.0,
    "handover_s": 900.0,
    "clear_s": 300.0,
}


def a_patient(minute=0.0, place=0.0, category="C2", outcome="conveyed_to_ed", **more):
    return a_call(minute, place, category, outcome=outcome, **(OWN | more))


class Told:
    """A replay without noise, and everything that the core was told and decided."""

    def __init__(self, folder, town, *calls, policy="b2", **world):
        settings = WorldSettings(**({"noise": False} | world))
        path = folder / "journal.jsonl"
        self.run = replay(a_log(*calls), town, settings_named(policy), settings, journal=path)
        with opened_journal(path) as (_, entries):
            self.entries = list(entries)

    def record(self, name="i0"):
        return next(r for r in self.run.records if r.incident == name)

    def minutes(self, name="i0"):
        """Return the stamps of an incident in minutes after midnight."""
        record = self.record(name)
        stamps = (
            record.assigned_at_ms,
            record.responder_on_scene_at_ms,
            record.left_scene_at_ms,
            record.at_hospital_at_ms,
            record.handed_over_at_ms,
            record.closed_at_ms,
        )
        return tuple(None if at is None else (at - MIDNIGHT) / MINUTE for at in stamps)

    def story(self, unit):
        """Return what a unit reported, with the minute."""
        return [
            (str(entry.event.status), (entry.now_ms - MIDNIGHT) / MINUTE)
            for entry in self.entries
            if isinstance(entry.event, ev.UnitStatusReported) and entry.event.unit == unit
        ]

    def decisions(self, kind):
        return [d for entry in self.entries for d in entry.decisions if isinstance(d, kind)]

    def duties(self, unit):
        found = []
        for entry in self.entries:
            event = entry.event
            if isinstance(event, ev.UnitSignedOn) and event.unit.id == unit:
                found.append(("on", (entry.now_ms - MIDNIGHT) / MINUTE))
            elif isinstance(event, ev.UnitSignedOff) and event.unit == unit:
                found.append(("off", (entry.now_ms - MIDNIGHT) / MINUTE))
        return found


def test_a_patient_is_conveyed_step_by_step(tmp_path):
    told = Told(tmp_path, a_town(a_unit("A1", 0)), a_patient(30, 1))
    # One minute to mobilise, ten to drive; twenty on scene; forty to the hospital, two places
    # further under ordinary driving; fifteen to hand over; five to clear.
    assert told.minutes() == (30, 41, 61, 101, 116, 121)
    assert told.record().outcome is Outcome.CONVEYED_TO_ED
    assert told.story("A1") == [
        ("MOBILE", 31),
        ("AT_SCENE", 41),
        ("CONVEYING", 61),
        ("AT_HOSPITAL", 101),
        ("HANDED_OVER", 116),
        ("AVAILABLE", 121),
    ]


def test_a_crew_goes_home_when_it_has_nothing_to_do(tmp_path):
    told = Told(tmp_path, a_town(a_unit("A1", 0)), a_patient(0, 1), a_patient(300, 0))
    assert ("ON_STATION", 91 + 60) in told.story("A1")


def test_the_logs_own_journeys_are_used(tmp_path):
    call = a_patient(0, 1, travel_s=180.0, conveyance_s=240.0)
    assert Told(tmp_path, a_town(a_unit("A1", 0)), call).minutes() == (0, 4, 24, 28, 43, 48)


def test_a_patient_who_stays_at_home_frees_the_crew_on_scene(tmp_path):
    told = Told(tmp_path, a_town(a_unit("A1", 0)), a_patient(0, 0, outcome="see_and_treat"))
    assert told.minutes() == (0, 1, None, None, None, 26)
    assert told.record().outcome is Outcome.SEE_AND_TREAT


def test_what_is_closed_by_telephone_never_meets_a_crew(tmp_path):
    told = Told(tmp_path, a_town(), a_patient(0, 0, "C3", outcome="hear_and_treat"))
    record = told.record()
    assert (record.category, record.outcome, record.units_allocated) == (
        "C3",
        Outcome.HEAR_AND_TREAT,
        0,
    )


def test_the_core_hears_of_an_incident_when_it_is_coded(tmp_path):
    told = Told(tmp_path, a_town(a_unit("A1", 0)), a_patient(0, 0, coded_after_s=120.0))
    assert told.minutes()[:2] == (2, 3)
    assert told.record().connected_at_ms == MIDNIGHT


def test_the_destination_of_the_log_is_the_crews_choice(tmp_path):
    town = a_town(a_unit("A1", 0), hospitals=(0, 6))
    told = Told(tmp_path, town, a_patient(0, 0, destination="hospital6"))
    assert told.record().hospital == "hospital6"
    assert Told(tmp_path, town, a_patient(0, 0)).record().hospital == "hospital0"


def test_a_hospital_that_the_region_lacks_is_counted_and_not_believed(tmp_path):
    told = Told(tmp_path, a_town(a_unit("A1", 0)), a_patient(0, 0, destination="nowhere"))
    assert told.run.unknown_destinations == 1
    assert told.record().hospital == "hospital3"


def test_a_diverted_crew_turns_round_where_it_really_is(tmp_path):
    # The journey to the C3 takes twice what routing says: after 21 minutes on the way the crew is
    # a quarter along the forty minutes of ordinary driving, half a place from its post.
    slow = a_patient(0, 2, "C3", travel_s=4800.0)
    grave = a_patient(21, 0, "C1", outcome="see_and_treat")
    told = Told(tmp_path, a_town(a_unit("A1", 0)), slow, grave)
    (diversion,) = [d for d in told.decisions(Assign) if d.diverted_from]
    assert (diversion.unit, diversion.incident, diversion.diverted_from) == ("A1", "i1", "i0")
    # A minute to hear of it, five to drive back.
    assert told.minutes("i1")[:2] == (21, pytest.approx(27, abs=0.01))
    assert told.record("i0").diversions == 1
    assert told.record("i0").outcome is Outcome.CONVEYED_TO_ED


def test_a_first_responder_leaves_soon_after_the_conveying_crew_has_come(tmp_path):
    town = a_town(a_unit("R1", 1, kind="RRV"), a_unit("A1", 0))
    told = Told(tmp_path, town, a_patient(0, 1, "C1"))
    assert told.story("R1")[:3] == [("MOBILE", 1), ("AT_SCENE", 1), ("AVAILABLE", 11 + 10)]
    assert told.story("A1")[1:3] == [("AT_SCENE", 11), ("CONVEYING", 31)]
    record = told.record()
    assert (record.responder_on_scene_at_ms - MIDNIGHT) / MINUTE == 1
    assert (record.conveying_on_scene_at_ms - MIDNIGHT) / MINUTE == 11


def test_a_first_responder_does_not_outstay_the_patient(tmp_path):
    town = a_town(a_unit("R1", 1, kind="RRV"), a_unit("A1", 0))
    told = Told(tmp_path, town, a_patient(0, 1, "C1", scene_s=240.0))
    assert told.story("R1")[2] == ("AVAILABLE", 15)


def test_a_clinician_who_treats_alone_stands_the_ambulance_down(tmp_path):
    town = a_town(a_unit("R1", 6, kind="RRV"), a_unit("A1", 0))
    call = a_patient(0, 6, "C1", outcome="see_and_treat", scene_s=600.0)
    told = Told(tmp_path, town, call, a_patient(500, 0))
    (order,) = told.decisions(StandDown)
    assert order.unit == "A1"
    assert told.record().outcome is Outcome.SEE_AND_TREAT
    assert told.record().units_arrived == 1
    # Sixteen minutes after it was told, fifteen of them under way; home takes twice as long.
    assert ("ON_STATION", pytest.approx(46, abs=0.01)) in told.story("A1")


def test_a_community_responder_waits_for_the_crew_that_may_close(tmp_path):
    town = a_town(a_unit("V1", 1, kind="CFR", skill="RESPONDER"), a_unit("A1", 0))
    told = Told(tmp_path, town, a_patient(0, 1, "C1", outcome="see_and_treat", scene_s=240.0))
    assert told.story("V1")[2] == ("AVAILABLE", 15)
    assert told.record().units_arrived == 2


def test_crews_queue_for_a_bay(tmp_path):
    town = a_town(a_unit("A1", 3), a_unit("A2", 3), bays=1)
    calls = [a_patient(0, 3), a_patient(0.5, 3)]
    for call in calls:
        del call["handover_s"]
    quiet = HandoverModel.BAYS
    told = Told(tmp_path, town, *calls, handover=quiet)
    first, second = told.minutes("i0"), told.minutes("i1")
    assert first[3] < second[3] < first[4] < second[4]


def test_an_idle_crew_signs_off_at_the_end_of_its_shift(tmp_path):
    town = a_town(a_unit("A1", 0, shifts=(a_shift(0, 2),)), a_unit("A2", 6))
    told = Told(tmp_path, town, a_patient(0, 6), a_patient(300, 6))
    assert told.duties("A1") == [("on", 0), ("off", 120)]


def test_a_crew_finishes_its_job_before_it_signs_off(tmp_path):
    town = a_town(a_unit("A1", 0, shifts=(a_shift(0, 1),)), a_unit("A2", 6))
    told = Told(tmp_path, town, a_patient(30, 1), a_patient(300, 6))
    assert told.duties("A1") == [("on", 0), ("off", 121)]


def test_the_next_crew_waits_for_its_vehicle(tmp_path):
    shifts = (a_shift(0, 1), a_shift(1, 5))
    town = a_town(a_unit("A1", 0, shifts=shifts), a_unit("A2", 6))
    told = Told(tmp_path, town, a_patient(30, 1), a_patient(280, 6))
    # Clear at the hospital at 121; home is three places of ordinary driving away.
    assert told.duties("A1")[:3] == [("on", 0), ("off", 121), ("on", 181)]


def test_an_incident_outside_the_map_is_refused_and_the_rest_goes_on(tmp_path):
    told = Told(tmp_path, a_town(a_unit("A1", 0)), a_patient(0, 0, lat=60.0), a_patient(5, 0))
    (refused,) = told.run.refused
    assert refused.incident == "i0"
    assert "of a road" in refused.reason
    assert [type(e.event).__name__ for e in told.entries].count("EventRejected") == 1
    assert len(told.run.records) == 1


def test_an_incident_that_nobody_can_serve_is_counted_as_unfinished(tmp_path):
    town = a_town(a_unit("A1", 0, shifts=(a_shift(0, 1),)))
    told = Told(tmp_path, town, a_patient(0, 0), a_patient(60 * 3, 0), drain_h=2.0)
    assert told.run.unfinished == 1
    assert len(told.run.records) == 1
