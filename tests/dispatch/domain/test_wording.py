from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import (
    Assign,
    Candidate,
    Convey,
    Decision,
    Explanation,
    Relocate,
    SetTimer,
    StandDown,
    Verdict,
    Wait,
)
from dispatch.domain.ids import HospitalId, IncidentId, PostId, UnitId
from dispatch.domain.incident import Outcome, Role
from dispatch.domain.travel import Position
from dispatch.domain.unit import Skill, UnitKind, UnitSpec
from dispatch.domain.wording import (
    KIND_WORDS,
    SKILL_WORDS,
    VERDICT_WORDS,
    Directory,
    candidate_names,
    candidate_sentence,
    decision_sentence,
    duration,
    event_sentence,
    unit_words,
    verdict_words,
)
from tests.dispatch.builders import MINUTE, a_unit, an_incident

SPECS: dict[str, UnitSpec] = {
    "A12": a_unit("A12"),
    "U3": a_unit("U3", kind=UnitKind.URGENT_CARE, skill=Skill.EMT),
}
KNOWN = Directory(
    unit=SPECS.get,
    hospital={"st-marys": "St Mary's Hospital"}.get,  # type: ignore[arg-type]
)


def an_assignment(*candidates: Candidate, **more: Any) -> Assign:
    why = more.pop("why", Explanation(candidates=candidates))
    fields: dict[str, Any] = {
        "incident": IncidentId("I7"),
        "unit": UnitId("A12"),
        "role": Role.CONVEYING,
        "origin": Position(0),
        "eta_ms": 380_000,
        "why": why,
    }
    return Assign(**(fields | more))


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 s"),
        (59_400, "59 s"),
        (59_600, "1 min"),
        (380_000, "6 min 20"),
        (605_000, "10 min 05"),
        (3_900_000, "1 h 05"),
        (-5, "0 s"),
    ],
)
def test_a_duration_is_said_as_in_a_control_room(ms: int, words: str) -> None:
    assert duration(ms) == words


def test_a_unit_is_named_with_its_kind_and_skill_where_they_are_known() -> None:
    assert unit_words(UnitId("A12"), KNOWN) == "A12 (DCA, paramedic)"
    assert unit_words(UnitId("U3"), KNOWN) == "U3 (urgent-care crew, EMT)"
    assert unit_words(UnitId("X"), KNOWN) == "X"


def test_a_hospital_among_the_candidates_is_called_by_its_name() -> None:
    candidates = (
        Candidate("qa", Verdict.CHOSEN, 900_000),
        Candidate("st-marys", Verdict.FULL, 600_000),
    )
    decision = Convey(
        incident=IncidentId("I7"),
        unit=UnitId("A12"),
        hospital=HospitalId("qa"),
        eta_ms=900_000,
        why=Explanation(candidates=candidates),
    )
    assert "nearest was St Mary's Hospital, 10 min, but" in decision_sentence(decision, KNOWN)
    name_of = candidate_names(decision, KNOWN)
    assert candidate_sentence(candidates[1], name_of) == (
        "St Mary's Hospital, 10 min, is not accepting."
    )
    # A unit may have the identifier of a hospital; it keeps its callsign.
    assert candidate_names(an_assignment(), KNOWN)("st-marys") == "st-marys"
    assert candidate_sentence(candidates[0], name_of).startswith("qa, 15 min")


def test_an_assignment_names_the_nearer_unit_and_why_it_is_not_sent() -> None:
    decision = an_assignment(
        Candidate("A12", Verdict.CHOSEN, 380_000), Candidate("A7", Verdict.COSTLIER, 290_000)
    )

    assert decision_sentence(decision, KNOWN) == (
        "Sends A12 (DCA, paramedic) to I7, 6 min 20; nearest was A7, 4 min 50, "
        "but it would cost other patients more."
    )


def test_an_assignment_of_the_nearest_names_the_next_and_counts_the_others() -> None:
    why = Explanation(
        candidates=(
            Candidate("A12", Verdict.CHOSEN, 380_000),
            Candidate("A9", Verdict.SLOWER, 485_000),
            Candidate("A3", Verdict.BUSY),
        ),
        others={Verdict.OFF_DUTY: 4, Verdict.BUSY: 1},
    )

    assert decision_sentence(an_assignment(why=why), KNOWN) == (
        "Sends A12 (DCA, paramedic) to I7, 6 min 20; next was A9, 8 min 05. "
        "Others: 4 off duty, 2 on a job."
    )


def test_a_diversion_says_who_loses_the_unit_and_what_a_free_one_would_need() -> None:
    why = Explanation(
        candidates=(Candidate("A12", Verdict.CHOSEN, 60_000),),
        note="the nearest free unit needs 900 s",
    )
    decision = an_assignment(
        why=why, eta_ms=60_000, role=Role.RESPONDER, diverted_from=IncidentId("I2")
    )

    assert decision_sentence(decision, KNOWN) == (
        "Sends A12 (DCA, paramedic) to I7 as first responder, 1 min. It is diverted from I2. "
        "The nearest free unit needs 900 s."
    )


def test_an_override_names_the_person_and_the_reason() -> None:
    why = Explanation(candidates=(Candidate("A12", Verdict.CHOSEN, 60_000),), note="crew is there")
    decision = an_assignment(why=why, eta_ms=60_000, ordered_by="desk 4")

    assert (
        decision_sentence(decision) == "Sends A12 to I7, 1 min. Ordered by desk 4: crew is there."
    )


def test_waiting_is_explained_by_counts() -> None:
    why = Explanation(candidates=(Candidate("A1", Verdict.BUSY),), others={Verdict.ON_BREAK: 2})
    wait = Wait(incident=IncidentId("I7"), role=Role.CONVEYING, why=why)

    assert decision_sentence(wait) == "I7 waits for a conveying unit: 2 on break, 1 on a job."


def test_waiting_with_nobody_at_all_says_so() -> None:
    wait = Wait(incident=IncidentId("I7"), role=Role.RESPONDER, why=Explanation())

    assert decision_sentence(wait) == "I7 waits for a first responder: nobody is on duty."


def test_a_destination_is_named_with_the_nearer_one_that_cannot_take_the_patient() -> None:
    why = Explanation(
        candidates=(
            Candidate("st-marys", Verdict.CHOSEN, 14 * MINUTE),
            Candidate("near", Verdict.FULL, 9 * MINUTE),
        ),
        degraded=("handover times",),
    )
    decision = Convey(
        incident=IncidentId("I7"),
        unit=UnitId("A12"),
        hospital=HospitalId("st-marys"),
        eta_ms=14 * MINUTE,
        why=why,
    )

    assert decision_sentence(decision, KNOWN) == (
        "A12 (DCA, paramedic) takes the patient of I7 to St Mary's Hospital, 14 min; "
        "nearest was near, 9 min, but it is not accepting. "
        "Not taken into account: handover times."
    )


def test_standing_down_and_moving_say_what_and_why() -> None:
    down = StandDown(
        incident=IncidentId("I7"),
        unit=UnitId("A12"),
        origin=Position(0),
        why=Explanation(note="the incident has ended"),
    )
    move = Relocate(
        unit=UnitId("A12"),
        post=PostId("east"),
        origin=Position(0),
        eta_ms=MINUTE,
        why=Explanation(note="gap in the east"),
        ordered_by="desk 4",
    )

    assert decision_sentence(down) == "Stands A12 down from I7. The incident has ended."
    assert (
        decision_sentence(move) == "Moves A12 to east, 1 min. Ordered by desk 4: gap in the east."
    )


def test_a_candidate_has_a_line_of_its_own() -> None:
    assert candidate_sentence(Candidate("A7", Verdict.BUSY)) == (
        "A7 is on a job that it cannot leave."
    )
    assert candidate_sentence(Candidate("A7", Verdict.SLOWER, 290_000)) == (
        "A7, 4 min 50, would arrive later."
    )


def test_every_verdict_kind_skill_and_decision_has_words() -> None:
    assert set(VERDICT_WORDS) == set(Verdict)
    assert set(SKILL_WORDS) == set(Skill)
    assert set(KIND_WORDS) <= set(UnitKind)
    for verdict in Verdict:
        assert verdict_words(verdict)


def test_every_decision_and_event_of_the_core_has_words_of_its_own() -> None:
    from dispatch.domain.wording import _DECISIONS, _EVENTS

    assert set(_DECISIONS) == set(get_args(Decision))
    assert set(_EVENTS) == set(get_args(ev.Event))


class SirenTested(msgspec.Struct):
    unit: UnitId


def test_a_kind_of_thing_that_is_newer_than_the_words_is_still_named() -> None:
    assert event_sentence(SirenTested(UnitId("A1"))) == "Siren tested: A1."  # type: ignore[arg-type]


def test_events_are_told_without_a_place() -> None:
    event = an_incident("I7", Category.C1, minutes=3)

    assert event_sentence(event) == "C1 incident I7 is reported."
    assert event_sentence(
        ev.IncidentClosed(
            incident=IncidentId("I7"), outcome=Outcome.SEE_AND_TREAT, reason="Mrs Smith is well"
        )
    ) == ("I7 is closed: see and treat.")


def test_a_timer_says_when() -> None:
    assert decision_sentence(SetTimer(timer="round", due_at_ms=1_772_366_400_000)) == (
        "Looks again at 12:00:00 UTC (round)."
    )
