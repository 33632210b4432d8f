"""Timers of visits to the millisecond, and the ways to free a crew: none of them clears it."""

from __future__ import annotations

import pytest

from dispatch.admit_hospital import NotAtHospitalError, NotReleasedError, OutOfOrderError
from dispatch.domain import event_hospital as eh
from dispatch.domain.category import Category
from dispatch.domain.decision_hospital import HandoverAlert, PredictHandover
from dispatch.domain.handover import HandoverKind, HandoverRules, HandoverTimer, ReleaseRefusal
from dispatch.domain.ids import HospitalId, IncidentId, UnitId
from dispatch.domain.incident import Outcome
from dispatch.domain.unit import UnitStatus
from dispatch.journal import entry_of, to_line
from dispatch.rejection import DuplicateIdError, RejectedEventError, UnknownIdError
from tests.dispatch.builders import HOSPITAL, MINUTE, NOON
from tests.dispatch.hospital_builders import HospitalRoom, a_room, kinds

A1 = UnitId("A1")


def alerts(decisions: list[object]) -> list[tuple[str, float]]:
    return [
        (d.timer.value, (d.due_at_ms - NOON) / MINUTE)
        for d in decisions
        if isinstance(d, HandoverAlert)
    ]


def test_each_timer_comes_at_its_exact_millisecond_and_once() -> None:
    room = a_room()
    room.arrive("A1")
    assert room.go_to(NOON + 15 * MINUTE - 1) == []
    assert alerts(room.go_to(NOON + 15 * MINUTE)) == [("amber", 15.0)]
    assert alerts(room.go_on(180)) == [("arm", 30.0), ("release", 45.0), ("breach", 60.0)]
    assert room.state.units[A1].status is UnitStatus.AT_HOSPITAL


def test_no_timer_comes_after_the_handover() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(29)
    room.status("A1", UnitStatus.HANDED_OVER)
    assert alerts(room.go_on(120)) == []


def test_a_late_report_of_an_arrival_brings_the_timers_that_have_passed() -> None:
    room = a_room()
    room.sign_on("A1", 0)
    room.report("i", Category.C2, 0)
    for status in ("MOBILE", "AT_SCENE", "CONVEYING"):
        room.status("A1", UnitStatus(status))
    room.go_on(20)
    entry = room.tell(_report("A1", UnitStatus.AT_HOSPITAL, NOON))
    assert alerts(list(entry.decisions)) == [("amber", 15.0)]
    assert alerts(room.go_on(10)) == [("arm", 30.0)]


def _report(unit: str, status: UnitStatus, at_ms: int) -> object:
    from dispatch.domain.event import UnitStatusReported

    return UnitStatusReported(unit=UnitId(unit), status=status, reported_at_ms=at_ms)


def test_minutes_are_those_of_the_hospital() -> None:
    rules = HandoverRules(amber_min=10, arm_min=20, release_min=None, breach_min=40)
    room = a_room(by_hospital={HOSPITAL: (rules,)})
    room.arrive("A1")
    assert alerts(room.go_on(100)) == [("amber", 10.0), ("arm", 20.0), ("breach", 40.0)]


def test_a_person_sets_other_minutes_and_takes_them_back() -> None:
    room = a_room()
    room.arrive("A1")
    rules = HandoverRules(amber_min=5, arm_min=6, release_min=7, breach_min=8)
    room.tell(eh.HandoverRulesSet(hospital=HOSPITAL, rules=rules, by="D", reason="surge"))
    assert alerts(room.go_on(6)) == [("amber", 5.0), ("arm", 6.0)]
    room.tell(eh.HandoverRulesSet(hospital=HOSPITAL, rules=None, by="D", reason="over"))
    assert alerts(room.go_on(40)) == [("amber", 15.0), ("arm", 30.0), ("release", 45.0)]


def test_a_rule_that_was_told_under_other_minutes_is_told_again_only_if_it_comes_later() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(15)
    rules = HandoverRules(amber_min=5, arm_min=10, release_min=20, breach_min=30)
    entry = room.tell(eh.HandoverRulesSet(hospital=HOSPITAL, rules=rules, by="D", reason="x"))
    assert alerts(list(entry.decisions)) == []
    assert alerts(room.go_on(60)) == [("release", 20.0), ("breach", 30.0)]


# -- release to respond ----------------------------------------------------------------------


def release(room: HospitalRoom, **fields: object) -> None:
    given = {"is_stable": True, "clinician": "Paramedic B", "recipient": "Nurse C"} | fields
    room.tell(eh.ReleasedToRespond(hospital=HOSPITAL, unit=A1, **given))  # type: ignore[arg-type]


def test_a_stable_patient_with_a_named_recipient_frees_the_crew_which_clears_itself() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(45)
    release(room)
    unit = room.state.units[A1]
    assert unit.status is UnitStatus.HANDED_OVER
    assert unit.incident == "i-A1"
    visit = room.visit("A1")
    assert visit.kind is HandoverKind.RELEASE_TO_RESPOND
    assert visit.recipient == "Nurse C"
    assert room.state.incidents[IncidentId("i-A1")].handed_over_at_ms == NOON + 45 * MINUTE
    assert alerts(room.go_on(60)) == []
    assert unit.status is UnitStatus.HANDED_OVER
    room.status("A1", UnitStatus.AVAILABLE)
    assert room.state.take_closed()[0].outcome is Outcome.CONVEYED_TO_ED


@pytest.mark.parametrize(
    ("minutes", "fields", "refusal"),
    [
        (44.9, {}, ReleaseRefusal.TOO_EARLY),
        (45, {"is_stable": False}, ReleaseRefusal.UNSTABLE),
        (45, {"is_stable": None}, ReleaseRefusal.UNSTABLE),
        (45, {"recipient": " "}, ReleaseRefusal.NO_RECIPIENT),
        (45, {"clinician": ""}, ReleaseRefusal.NO_CLINICIAN),
    ],
)
def test_else_the_crew_stays(
    minutes: float, fields: dict[str, object], refusal: ReleaseRefusal
) -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(minutes)
    before = room.state.digest()
    with pytest.raises(NotReleasedError) as caught:
        release(room, **fields)
    assert caught.value.refusal is refusal
    assert room.state.digest() == before


def test_a_crew_elsewhere_cannot_be_released() -> None:
    room = a_room()
    room.sign_on("A1", 0)
    with pytest.raises(NotAtHospitalError):
        release(room)


# -- other ways ------------------------------------------------------------------------------


def test_fit_to_sit_needs_a_patient_who_walks_and_somebody_named() -> None:
    room = a_room()
    room.arrive("A1")
    for walks, recipient in ((False, "Nurse"), (True, "")):
        with pytest.raises(OutOfOrderError):
            room.tell(
                eh.FitToSit(hospital=HOSPITAL, unit=A1, is_ambulatory=walks, recipient=recipient)
            )
    room.tell(eh.FitToSit(hospital=HOSPITAL, unit=A1, is_ambulatory=True, recipient="Nurse"))
    assert room.visit("A1").kind is HandoverKind.FIT_TO_SIT
    assert room.state.units[A1].status is UnitStatus.HANDED_OVER


def test_a_cohort_frees_the_crew_while_the_clock_of_the_patient_goes_on() -> None:
    room = a_room()
    room.arrive("A1")
    room.tell(eh.CohortOpened(hospital=HOSPITAL, cohort="c", clinician="P", authorised_by="M"))
    room.tell(eh.PatientCohorted(hospital=HOSPITAL, unit=A1, cohort="c"))
    room.go_on(5)
    room.status("A1", UnitStatus.AVAILABLE)
    visit = room.visit("A1")
    assert (visit.cleared_at_ms, visit.handed_over_at_ms) == (NOON + 5 * MINUTE, None)
    # No release for a crew that is free; the patient's breach comes all the same.
    assert alerts(room.go_on(80)) == [("amber", 15.0), ("arm", 30.0), ("breach", 60.0)]
    with pytest.raises(UnknownIdError):
        room.tell(_cohort_over("no-such"))
    room.tell(_cohort_over(visit.id))
    assert room.visit("A1").handed_over_at_ms == NOON + 85 * MINUTE
    assert room.state.flow.desk(HOSPITAL).rows == ()


def _cohort_over(visit: str) -> eh.CohortHandedOver:
    return eh.CohortHandedOver(
        hospital=HOSPITAL,
        visit=visit,  # type: ignore[arg-type]
        recipient="Nurse",
        reported_at_ms=NOON + 85 * MINUTE,
    )


def test_a_full_cohort_takes_nobody_more() -> None:
    room = a_room()
    room.arrive("A1")
    room.arrive("A2")
    room.tell(
        eh.CohortOpened(
            hospital=HOSPITAL, cohort="c", clinician="P", authorised_by="M", patients_max=1
        )
    )
    with pytest.raises(DuplicateIdError):
        room.tell(eh.CohortOpened(hospital=HOSPITAL, cohort="c", clinician="P", authorised_by="M"))
    room.tell(eh.PatientCohorted(hospital=HOSPITAL, unit=A1, cohort="c"))
    with pytest.raises(OutOfOrderError, match="was full"):
        room.tell(eh.PatientCohorted(hospital=HOSPITAL, unit=UnitId("A2"), cohort="c"))


def test_a_handover_that_ended_before_the_arrival_is_refused() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(5)
    before = room.state.digest()
    with pytest.raises(RejectedEventError, match="handover to end"):
        room.tell(_report("A1", UnitStatus.HANDED_OVER, NOON - MINUTE))  # type: ignore[arg-type]
    assert room.state.digest() == before


def test_a_crew_that_clears_twice_is_refused() -> None:
    room = a_room()
    room.arrive("A1")
    room.status("A1", UnitStatus.HANDED_OVER)
    room.status("A1", UnitStatus.AVAILABLE)
    with pytest.raises(RejectedEventError):
        room.status("A1", UnitStatus.AVAILABLE)


def test_a_crew_that_clears_without_more_has_handed_over_then() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(20)
    room.status("A1", UnitStatus.AVAILABLE)
    visit = room.visit("A1")
    assert visit.handover_ms == 20 * MINUTE
    assert visit.cleared_at_ms == visit.handed_over_at_ms


def test_a_handover_begins_once_and_not_before_the_arrival() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(5)
    early = eh.HandoverStarted(hospital=HOSPITAL, unit=A1, reported_at_ms=NOON - 1)
    with pytest.raises(OutOfOrderError):
        room.tell(early)
    room.tell(eh.HandoverStarted(hospital=HOSPITAL, unit=A1, reported_at_ms=room.now_ms))
    assert room.visit("A1").is_in_handover
    with pytest.raises(OutOfOrderError):
        room.tell(eh.HandoverStarted(hospital=HOSPITAL, unit=A1, reported_at_ms=room.now_ms))


# -- immediate release -------------------------------------------------------------------------


def a_request(room: HospitalRoom, name: str = "r", category: Category = Category.C1) -> None:
    if IncidentId("wait") not in room.state.incidents:
        room.report("wait", category, 500)
    room.tell(
        eh.ImmediateReleaseRequested(
            hospital=HOSPITAL, request=name, incident=IncidentId("wait"), by="Commander"
        )
    )


def test_silence_is_escalated_at_the_exact_time_and_once() -> None:
    room = a_room()
    room.arrive("A1")
    a_request(room)
    assert room.go_to(NOON + 5 * MINUTE - 1) == []
    (lapse,) = room.go_to(NOON + 5 * MINUTE)
    assert kinds([lapse]) == ["LapseImmediateRelease"]
    assert lapse.tells == ("hospital on-call executive", "ambulance on-call executive")
    assert "LapseImmediateRelease" not in kinds(room.go_on(60))


def test_a_refusal_needs_a_reason_and_a_yes_names_the_crew() -> None:
    room = a_room()
    room.arrive("A1")
    a_request(room)
    answer = {"hospital": HOSPITAL, "request": "r", "by": "Nurse"}
    with pytest.raises(OutOfOrderError, match="reason"):
        room.tell(eh.ImmediateReleaseAnswered(**answer, accepts=False))  # type: ignore[arg-type]
    room.tell(eh.ImmediateReleaseAnswered(**answer, accepts=True, unit=A1))  # type: ignore[arg-type]
    assert room.visit("A1").kind is HandoverKind.IMMEDIATE_RELEASE
    assert room.state.units[A1].status is UnitStatus.HANDED_OVER
    with pytest.raises(OutOfOrderError, match="open"):
        room.tell(eh.ImmediateReleaseAnswered(**answer, accepts=True))  # type: ignore[arg-type]


def test_a_request_ends_when_another_unit_goes() -> None:
    room = a_room()
    room.arrive("A1")
    a_request(room)
    room.sign_on("A9", 400)
    assert room.state.incidents[IncidentId("wait")].responses
    assert kinds(room.go_on(5)) == ["EndImmediateRelease"]


def test_an_incident_of_low_urgency_gets_no_immediate_release() -> None:
    room = a_room()
    with pytest.raises(OutOfOrderError, match="rank"):
        a_request(room, category=Category.C3)


# -- prediction ----------------------------------------------------------------------------------


def test_a_handover_is_predicted_and_held_against_what_came_true() -> None:
    room = a_room()
    room.arrive("A1")
    (prediction,) = [
        d for entry in room.entries for d in entry.decisions if isinstance(d, PredictHandover)
    ]
    low, high = prediction.prediction.lower_min, prediction.prediction.upper_min
    assert low < prediction.prediction.expected_min < high
    room.go_on(20)
    room.status("A1", UnitStatus.HANDED_OVER)
    errors = room.state.flow.desk(HOSPITAL).errors
    assert errors.errors_min == (pytest.approx(20 - prediction.prediction.expected_min),)


def test_every_entry_survives_the_journal_and_an_unknown_hospital_is_refused() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(60)
    release(room)
    assert [entry_of(to_line(entry)) for entry in room.entries] == room.entries
    with pytest.raises(UnknownIdError):
        room.tell(
            eh.HandoverStarted(hospital=HospitalId("moon"), unit=A1, reported_at_ms=room.now_ms)
        )


def test_the_timers_of_two_crews_are_kept_apart() -> None:
    room = a_room()
    room.arrive("A1")
    room.go_on(10)
    room.arrive("A2")
    told = [d for d in room.go_on(50) if isinstance(d, HandoverAlert)]
    assert [(d.unit, d.timer, (d.due_at_ms - NOON) // MINUTE) for d in told] == [
        ("A1", HandoverTimer.AMBER, 15),
        ("A2", HandoverTimer.AMBER, 25),
        ("A1", HandoverTimer.ARM, 30),
        ("A2", HandoverTimer.ARM, 40),
        ("A1", HandoverTimer.RELEASE, 45),
        ("A2", HandoverTimer.RELEASE, 55),
        ("A1", HandoverTimer.BREACH, 60),
    ]
