from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.handover import (
    Cohort,
    HandoverKind,
    HandoverOrderError,
    HandoverRules,
    HandoverTimer,
    ReleaseRefusal,
    Visit,
    VisitId,
    cohorted,
    crew_cleared,
    fit_to_sit,
    handover_completed,
    handover_started,
    lost_ms,
    next_timer_ms,
    release_to_respond,
    timer_at_ms,
    timers_due,
)
from dispatch.domain.ids import HospitalId, UnitId

MINUTE = 60_000
T0 = 1_795_000_000_123
RULES = HandoverRules()
T = HandoverTimer


def a_visit(name: str = "V1", arrived_at_ms: int = T0) -> Visit:
    return Visit(
        id=VisitId(name), hospital=HospitalId("H1"), unit=UnitId("A1"), arrived_at_ms=arrived_at_ms
    )


def a_cohort(**changes: Any) -> Cohort:
    fields: dict[str, Any] = {
        "id": "K1",
        "hospital": HospitalId("H1"),
        "clinician": "Paramedic B",
        "authorised_by": "Tactical commander",
        "opened_at_ms": T0,
    }
    return Cohort(**(fields | changes))


def release(visit: Visit, minutes: float, **changes: Any) -> Any:
    fields: dict[str, Any] = {"is_stable": True, "recipient": "Nurse C", "clinician": "Paramedic"}
    return release_to_respond(visit, T0 + round(minutes * MINUTE), RULES, **(fields | changes))


def test_timers_come_at_their_exact_millisecond() -> None:
    due = timers_due(a_visit(), T0, T0 + 60 * MINUTE, RULES)
    assert [(d.timer, d.at_ms - T0) for d in due] == [
        (T.AMBER, 15 * MINUTE),
        (T.ARM, 30 * MINUTE),
        (T.RELEASE, 45 * MINUTE),
        (T.BREACH, 60 * MINUTE),
    ]
    assert timers_due(a_visit(), T0, T0 + 15 * MINUTE - 1, RULES) == ()
    assert len(timers_due(a_visit(), T0 + 15 * MINUTE - 1, T0 + 15 * MINUTE, RULES)) == 1
    assert timers_due(a_visit(), T0 + 15 * MINUTE, T0 + 30 * MINUTE - 1, RULES) == ()


def test_each_timer_tells_the_right_people() -> None:
    by_timer = {d.timer: d for d in timers_due(a_visit(), T0, T0 + 3_600_000, RULES)}
    assert by_timer[T.ARM].tells == ("emergency department", "HALO", "duty manager")
    assert "the crew may clear" in by_timer[T.RELEASE].why
    assert by_timer[T.BREACH].why == "60 min since arrival: breach"


@pytest.mark.parametrize(("after_ms", "comes"), [(-1, False), (0, False), (1, True)])
def test_a_handover_at_the_very_limit_is_in_time(after_ms: int, comes: bool) -> None:
    done = handover_completed(a_visit(), T0 + 15 * MINUTE + after_ms)
    assert (timer_at_ms(done, T.AMBER, RULES) is not None) == comes


def test_the_next_timer_is_the_first_that_is_still_to_come() -> None:
    visit = a_visit()
    assert next_timer_ms(visit, T0, RULES) == T0 + 15 * MINUTE
    assert next_timer_ms(visit, T0 + 15 * MINUTE, RULES) == T0 + 30 * MINUTE
    assert next_timer_ms(visit, T0 + 60 * MINUTE, RULES) is None
    assert next_timer_ms(handover_completed(visit, T0 + 1), T0 + 1, RULES) is None


def test_without_release_to_respond_its_timer_does_not_come() -> None:
    rules = HandoverRules(release_min=None)
    assert [d.timer for d in timers_due(a_visit(), T0, T0 + 3_600_000, rules)] == [
        T.AMBER,
        T.ARM,
        T.BREACH,
    ]
    visit = a_visit()
    answer = release_to_respond(
        visit, T0 + 50 * MINUTE, rules, is_stable=True, recipient="N", clinician="P"
    )
    assert answer.refusal is ReleaseRefusal.NOT_AGREED


def test_limits_are_configuration_and_must_rise() -> None:
    rules = HandoverRules(amber_min=10, arm_min=20, release_min=30, breach_min=40)
    assert timer_at_ms(a_visit(), T.RELEASE, rules) == T0 + 30 * MINUTE
    with pytest.raises(ValueError, match="minutes that rise"):
        HandoverRules(amber_min=31)
    with pytest.raises(ValueError, match="minutes that rise"):
        HandoverRules(release_min=61)


def test_the_usual_way_and_its_times() -> None:
    visit = handover_started(a_visit(), T0 + 5 * MINUTE)
    assert visit.is_in_handover
    visit = handover_completed(visit, T0 + 20 * MINUTE, recipient="Nurse C")
    assert (visit.handover_ms, visit.kind) == (20 * MINUTE, HandoverKind.FULL)
    assert visit.is_clear_pending
    visit = crew_cleared(visit, T0 + 30 * MINUTE)
    assert not visit.is_clear_pending


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: handover_completed(a_visit(), T0 - 1),
        lambda: handover_started(a_visit(), T0 - 1),
        lambda: handover_completed(handover_started(a_visit(), T0 + 10), T0 + 9),
        lambda: handover_completed(handover_completed(a_visit(), T0 + 10), T0 + 11),
        lambda: handover_started(handover_started(a_visit(), T0 + 10), T0 + 11),
        lambda: handover_started(handover_completed(a_visit(), T0 + 10), T0 + 11),
        lambda: crew_cleared(a_visit(), T0 + 10),
        lambda: crew_cleared(handover_completed(a_visit(), T0 + 10), T0 + 9),
        lambda: crew_cleared(crew_cleared(handover_completed(a_visit(), T0), T0 + 1), T0 + 2),
        lambda: fit_to_sit(a_visit(), T0 + 1, recipient="N", is_ambulatory=False),
        lambda: fit_to_sit(a_visit(), T0 + 1, recipient=" ", is_ambulatory=True),
    ],
)
def test_what_cannot_have_happened_is_a_typed_error(wrong: Any) -> None:
    with pytest.raises(HandoverOrderError):
        wrong()


def test_at_45_a_stable_patient_with_a_named_recipient_frees_the_crew() -> None:
    answer = release(a_visit(), 45)
    assert answer.refusal is None
    assert answer.visit.kind is HandoverKind.RELEASE_TO_RESPOND
    assert answer.visit.recipient == "Nurse C"
    assert answer.visit.handover_ms == 45 * MINUTE
    assert answer.visit.cleared_at_ms is None, "nothing clears a crew by itself"


@pytest.mark.parametrize(
    ("minutes", "changes", "refusal"),
    [
        (44.999, {}, ReleaseRefusal.TOO_EARLY),
        (45, {"is_stable": False}, ReleaseRefusal.UNSTABLE),
        (300, {"is_stable": False}, ReleaseRefusal.UNSTABLE),
        (45, {"is_stable": None}, ReleaseRefusal.UNSTABLE),
        (45, {"recipient": " "}, ReleaseRefusal.NO_RECIPIENT),
        (45, {"clinician": ""}, ReleaseRefusal.NO_CLINICIAN),
    ],
)
def test_otherwise_the_crew_stays(
    minutes: float, changes: dict[str, Any], refusal: ReleaseRefusal
) -> None:
    answer = release(a_visit(), minutes, **changes)
    assert answer.refusal is refusal
    assert answer.visit == a_visit()


def test_a_crew_is_released_once() -> None:
    done = release(a_visit(), 45).visit
    assert release(done, 50).refusal is ReleaseRefusal.ENDED


def test_fit_to_sit_is_a_handover_at_any_time() -> None:
    visit = fit_to_sit(a_visit(), T0 + 3 * MINUTE, recipient="Streaming nurse", is_ambulatory=True)
    assert visit.kind is HandoverKind.FIT_TO_SIT
    assert visit.is_clear_pending


def test_a_cohort_frees_the_crew_while_the_patients_clock_runs_on() -> None:
    visit = cohorted(a_visit(), a_cohort(), 3, T0 + 20 * MINUTE)
    assert visit.is_clear_pending
    assert not visit.is_waiting
    assert visit.handover_ms is None
    timers = [d.timer for d in timers_due(visit, T0, T0 + 3_600_000, RULES)]
    assert timers == [T.AMBER, T.ARM, T.BREACH]
    cleared = crew_cleared(visit, T0 + 21 * MINUTE)
    handed = handover_completed(cleared, T0 + 70 * MINUTE)
    assert handed.handover_ms == 70 * MINUTE
    assert lost_ms(handed, T0, T0 + 10**9, RULES) == 5 * MINUTE


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: cohorted(a_visit(), a_cohort(), 4, T0 + 1),
        lambda: cohorted(a_visit(), a_cohort(hospital=HospitalId("H2")), 0, T0 + 1),
        lambda: cohorted(a_visit(), a_cohort(opened_at_ms=T0 + 2), 0, T0 + 1),
        lambda: cohorted(handover_completed(a_visit(), T0 + 1), a_cohort(), 0, T0 + 2),
        lambda: handover_completed(cohorted(a_visit(), a_cohort(), 0, T0 + 9), T0 + 8),
    ],
)
def test_a_cohort_has_limits(wrong: Any) -> None:
    with pytest.raises(HandoverOrderError):
        wrong()


def test_a_cohort_needs_a_clinician_and_an_authoriser() -> None:
    with pytest.raises(ValueError, match="authoriser of cohort K1"):
        a_cohort(authorised_by="")
    with pytest.raises(ValueError, match="patients_max"):
        a_cohort(patients_max=0)


def test_time_lost_is_what_lies_beyond_the_standard() -> None:
    far = T0 + 10**9
    assert lost_ms(handover_completed(a_visit(), T0 + 14 * MINUTE), T0, far, RULES) == 0
    assert lost_ms(handover_completed(a_visit(), T0 + 40 * MINUTE), T0, far, RULES) == 25 * MINUTE
    assert lost_ms(a_visit(), T0, T0 + 20 * MINUTE, RULES) == 5 * MINUTE


@given(
    handover_min=st.integers(0, 600),
    cuts=st.lists(st.integers(0, 700), min_size=1, max_size=6),
)
def test_time_lost_adds_up_over_any_division_of_the_day(handover_min: int, cuts: list[int]) -> None:
    visit = handover_completed(a_visit(), T0 + handover_min * MINUTE)
    marks = [T0 + cut * MINUTE for cut in sorted({0, 700, *cuts})]
    parts = [lost_ms(visit, a, b, RULES) for a, b in itertools.pairwise(marks)]
    assert sum(parts) == max(0, handover_min - 15) * MINUTE


@given(st.integers(0, 120 * MINUTE), st.lists(st.integers(0, 120 * MINUTE), max_size=8))
def test_however_often_one_looks_each_timer_comes_once(ended_ms: int, looks: list[int]) -> None:
    visit = handover_completed(a_visit(), T0 + ended_ms)
    marks = sorted({T0, T0 + 120 * MINUTE, *(T0 + look for look in looks)})
    seen = [
        due.timer for a, b in itertools.pairwise(marks) for due in timers_due(visit, a, b, RULES)
    ]
    assert seen == [t for t, m in zip(T, (15, 30, 45, 60), strict=True) if ended_ms > m * MINUTE]
