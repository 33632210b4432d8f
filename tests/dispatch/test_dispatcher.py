from __future__ import annotations

from typing import Any

import pytest

from dispatch.admit import (
    CrewOnSceneError,
    DuplicateIdError,
    NotAssignableError,
    OtherIncidentError,
    RejectedEventError,
    UnknownIdError,
    UnlawfulStatusError,
)
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, Convey, Relocate, SetTimer, StandDown, Verdict, Wait
from dispatch.domain.ids import IncidentId, UnitId
from dispatch.domain.incident import Outcome, Role
from dispatch.domain.travel import OffNetworkError
from dispatch.domain.unit import UnitKind, UnitStatus
from dispatch.policies.tables import POLICIES
from dispatch.ports import PolicySet
from tests.dispatch.builders import (
    HOSPITAL,
    MINUTE,
    ControlRoom,
    a_unit,
    an_incident,
    at,
)

S = UnitStatus


def decisions_of(room: ControlRoom, kind: type) -> list[Any]:
    return [d for entry in room.entries for d in entry.decisions if isinstance(d, kind)]


def test_sends_the_nearest_unit_and_says_who_was_slower() -> None:
    room = ControlRoom()
    room.sign_on("far", 30)
    room.sign_on("near", 5)

    (decision,) = room.report("i", minutes=0).decisions

    assert (decision.unit, decision.role) == ("near", Role.CONVEYING)
    assert decision.eta_ms == 5 * MINUTE + 15_000
    assert [(c.id, c.verdict) for c in decision.why.candidates] == [
        ("near", Verdict.CHOSEN),
        ("far", Verdict.SLOWER),
    ]


def test_a_conveyed_patient_leaves_a_complete_record() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    room.report("i", Category.C2, 0)
    room.status("A", S.MOBILE, after_min=1)
    room.status("A", S.AT_SCENE, after_min=10)
    (convey,) = room.status("A", S.CONVEYING, after_min=20).decisions
    room.status("A", S.AT_HOSPITAL, after_min=15)
    room.status("A", S.HANDED_OVER, after_min=25)
    room.status("A", S.AVAILABLE, after_min=5)

    (record,) = room.state.take_closed()
    assert isinstance(convey, Convey)
    assert convey.hospital == HOSPITAL
    assert record.outcome is Outcome.CONVEYED_TO_ED
    assert record.conveying_on_scene_at_ms - record.clock_start_at_ms == 11 * MINUTE
    assert record.handed_over_at_ms - record.at_hospital_at_ms == 25 * MINUTE
    assert (record.units_allocated, record.units_arrived) == (1, 1)
    assert not room.state.incidents


def test_a_crew_that_clears_on_scene_has_seen_and_treated_and_goes_home() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    room.report("i", Category.C3, 0)
    room.status("A", S.AT_SCENE, after_min=20)
    (decision,) = room.status("A", S.AVAILABLE, after_min=40).decisions

    (record,) = room.state.take_closed()
    assert record.outcome is Outcome.SEE_AND_TREAT
    assert isinstance(decision, Relocate)
    assert decision.post == "home"


def test_a_c1_gets_a_first_responder_and_a_conveying_unit() -> None:
    room = ControlRoom()
    room.sign_on("car", 2, kind=UnitKind.RRV)
    room.sign_on("ambulance", 9)

    first, second = room.report("i", Category.C1, 0).decisions

    assert (first.unit, first.role) == ("car", Role.RESPONDER)
    assert (second.unit, second.role) == ("ambulance", Role.CONVEYING)


def test_one_unit_is_enough_for_a_c1_when_the_nearest_conveys() -> None:
    room = ControlRoom()
    room.sign_on("car", 20, kind=UnitKind.RRV)
    room.sign_on("ambulance", 9)

    (decision,) = room.report("i", Category.C1, 0).decisions

    assert decision.unit == "ambulance"


def test_a_graver_incident_takes_a_unit_on_its_way_and_the_other_waits() -> None:
    room = ControlRoom()
    room.sign_on("A", 40)
    room.report("minor", Category.C3, 0)
    room.status("A", S.MOBILE, after_min=1)

    (decision,) = room.report("grave", Category.C1, 30, after_min=8).decisions

    assert isinstance(decision, Assign)
    assert decision.diverted_from == "minor"
    assert decision.origin == 36 * MINUTE
    assert set(room.state.waiting) == {"minor"}
    assert room.state.incidents["minor"].diversions == 1


def test_a_unit_that_is_nearly_there_is_not_diverted() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    room.report("minor", Category.C2, 0)
    room.status("A", S.MOBILE, after_min=1)

    decisions = room.report("grave", Category.C1, 0, after_min=8).decisions

    assert [type(d) for d in decisions] == [Wait]


def test_a_patient_loses_a_unit_only_once() -> None:
    room = ControlRoom()
    room.sign_on("A", 60)
    room.report("minor", Category.C3, 0)
    room.report("grave", Category.C2, 30)
    room.status("A", S.AVAILABLE, after_min=1)
    assert room.state.units["A"].incident == "grave"
    room.sign_on("B", 60)
    assert room.state.units["B"].incident == "minor"

    (decision, *_) = room.report("graver", Category.C2, 59).decisions

    assert isinstance(decision, Wait)


def test_a_freed_unit_takes_the_nearest_of_the_gravest_waiting() -> None:
    room = ControlRoom()
    room.report("c3", Category.C3, 1)
    room.report("c2-far", Category.C2, 40)
    room.report("c2-near", Category.C2, 10)

    (decision,) = room.sign_on("A", 0).decisions

    assert decision.incident == "c2-near"


def test_who_must_wait_is_told_why() -> None:
    room = ControlRoom()
    room.sign_on("A", 0)
    room.sign_on("car", 0, kind=UnitKind.RRV)
    room.report("first", Category.C2, 5)

    (decision,) = room.report("second", Category.C2, 6).decisions

    assert isinstance(decision, Wait)
    assert {(c.id, c.verdict) for c in decision.why.candidates} == {
        ("A", Verdict.BUSY),
        ("car", Verdict.WRONG_KIND),
    }


def test_a_person_may_override_and_the_displaced_patient_is_served_again() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    room.sign_on("B", 50)
    room.report("one", Category.C2, 0)
    room.report("two", Category.C2, 45)
    order = ev.AssignmentOrdered(
        incident=IncidentId("two"), unit=UnitId("A"), by="dispatcher 7", reason="bariatric crew"
    )

    entry = room.tell(order)

    assign, timer = entry.decisions
    assert (assign.ordered_by, assign.diverted_from) == ("dispatcher 7", "one")
    assert isinstance(timer, SetTimer)
    assert set(room.state.waiting) == {"one"}


def test_units_on_their_way_are_stood_down_when_the_incident_ends() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    room.report("i", Category.C2, 0)
    room.status("A", S.MOBILE, after_min=1)
    closed = ev.IncidentClosed(incident=IncidentId("i"), outcome=Outcome.HEAR_AND_TREAT)

    entry = room.tell(closed, after_min=4)

    assert isinstance(entry.decisions[0], StandDown)
    assert entry.decisions[0].origin == 6 * MINUTE
    assert isinstance(room.entries[-1].decisions[0], Relocate), "and then it goes home"
    (record,) = room.state.take_closed()
    assert record.outcome is Outcome.HEAR_AND_TREAT


def test_recommending_changes_nothing() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    before = room.state.digest()

    decisions = room.dispatcher.recommend(an_incident("i", minutes=3), room.now_ms)

    assert isinstance(decisions[0], Assign)
    assert room.state.digest() == before


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (an_incident("known"), DuplicateIdError),
        (ev.UnitSignedOff(unit=UnitId("ghost")), UnknownIdError),
        (
            ev.UnitStatusReported(unit=UnitId("A"), status=S.HANDED_OVER, reported_at_ms=0),
            UnlawfulStatusError,
        ),
        (ev.IncidentClosed(incident=IncidentId("none"), outcome=Outcome.CANCELLED), UnknownIdError),
        (
            ev.AssignmentOrdered(
                incident=IncidentId("known"), unit=UnitId("off"), by="x", reason="y"
            ),
            NotAssignableError,
        ),
        (ev.UnitSignedOn(unit=a_unit("A"), at=at(0)), DuplicateIdError),
        (
            ev.IncidentRecoded(incident=IncidentId("none"), category=Category.C1, coded_at_ms=0),
            UnknownIdError,
        ),
    ],
)
def test_refuses_what_contradicts_the_picture_and_stays_as_it_was(
    event: ev.Event, error: type[Exception]
) -> None:
    room = ControlRoom()
    room.sign_on("off")
    room.tell(ev.UnitSignedOff(unit=UnitId("off")))
    room.sign_on("A", 10)
    room.report("known", minutes=5)
    before = room.state.digest()

    with pytest.raises(error):
        room.tell(event)

    assert room.state.digest() == before


def test_refuses_an_incident_far_from_any_road() -> None:
    room = ControlRoom()
    lost = ev.IncidentReported(
        incident=IncidentId("sea"),
        trust=a_unit("x").trust,
        at=type(at(0))(0.0, 5.0),
        category=Category.C1,
        connected_at_ms=room.now_ms,
    )
    with pytest.raises(OffNetworkError, match="within"):
        room.tell(lost)


def test_a_crew_on_scene_keeps_its_incident_open() -> None:
    room = ControlRoom()
    room.sign_on("A", 1)
    room.report("i", minutes=0)
    room.status("A", S.AT_SCENE, after_min=2)
    with pytest.raises(CrewOnSceneError):
        room.tell(ev.IncidentClosed(incident=IncidentId("i"), outcome=Outcome.CANCELLED))


def test_a_report_that_crossed_an_order_is_refused() -> None:
    room = ControlRoom()
    room.sign_on("A", 30)
    room.report("i", Category.C3)
    with pytest.raises(OtherIncidentError):
        room.status("A", S.MOBILE, incident=IncidentId("other"))


def test_a_policy_that_fails_leaves_the_picture_as_it_was() -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    failing = PolicySet(
        assign={**POLICIES.assign, "nearest": broken},
        convey=POLICIES.convey,
        relocate=POLICIES.relocate,
        rebalance=POLICIES.rebalance,
    )
    room = ControlRoom(policies=failing)
    room.sign_on("A", 10)
    before = room.state.digest()
    with pytest.raises(ZeroDivisionError):
        room.report("i")
    assert room.state.digest() == before
    assert room.dispatcher.next_seq == len(room.entries)


def test_a_journal_that_cannot_be_written_leaves_the_picture_as_it_was() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    before = room.state.digest()

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    room.dispatcher._commit = full
    with pytest.raises(OSError, match="No space"):
        room.report("i")
    assert room.state.digest() == before


def test_an_unknown_policy_name_is_refused_before_it_is_in_force() -> None:
    room = ControlRoom()
    settings = room.state.settings
    wrong = type(settings)(policies=type(settings.policies)(assign="magic"))
    with pytest.raises(RejectedEventError, match=r"first_come.*nearest.*'magic'"):
        room.tell(ev.SettingsChanged(settings=wrong, by="x", reason="y"))
    assert room.state.settings == settings
