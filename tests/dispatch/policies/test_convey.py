from __future__ import annotations

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Convey, Verdict
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.domain.unit import UnitStatus
from tests.dispatch.builders import HOSPITAL, MINUTE, ControlRoom

S = UnitStatus
LEAST_WAIT = Settings(policies=PolicyNames(convey="least_wait"))


def conveyed(room: ControlRoom, name: str, minutes: float, **incident: object) -> Convey:
    room.sign_on(name, minutes)
    room.report(f"i-{name}", incident.pop("category", Category.C2), minutes, **incident)  # type: ignore[arg-type]
    room.status(name, S.AT_SCENE, after_min=1)
    (decision,) = room.status(name, S.CONVEYING, after_min=1).decisions
    assert isinstance(decision, Convey)
    return decision


def test_the_nearest_hospital_takes_the_patient() -> None:
    decision = conveyed(ControlRoom(), "A", 40)
    assert decision.hospital == HOSPITAL
    assert decision.eta_ms == 80 * MINUTE
    assert [c.verdict for c in decision.why.candidates] == [Verdict.CHOSEN, Verdict.SLOWER]


def test_a_hospital_that_takes_nobody_is_passed_by() -> None:
    room = ControlRoom()
    room.tell(ev.HospitalUpdated(hospital=HOSPITAL, is_accepting=False))
    decision = conveyed(room, "A", 40)
    assert decision.hospital == "far"
    assert (HOSPITAL, Verdict.FULL) in [(c.id, c.verdict) for c in decision.why.candidates]


def test_a_pathway_nobody_offers_falls_back_and_says_so() -> None:
    decision = conveyed(ControlRoom(), "A", 40, pathway=Pathway.STROKE)
    assert decision.hospital == HOSPITAL
    assert "stroke" in decision.why.note


def a_queue(room: ControlRoom, count: int, category: Category = Category.C2) -> None:
    """Let crews wait at the nearest hospital."""
    for i in range(count):
        name = f"Q{category}{i}"
        room.sign_on(name, 0.5)
        room.report(f"q{category}{i}", category, 0.5)
        room.status(name, S.AT_SCENE)
        room.status(name, S.CONVEYING, hospital=HOSPITAL)
        room.status(name, S.AT_HOSPITAL)


def test_a_queue_at_the_nearest_sends_the_next_patient_further() -> None:
    room = ControlRoom(LEAST_WAIT)
    assert conveyed(room, "A", 48).hospital == HOSPITAL
    a_queue(room, 30)
    second = conveyed(room, "B", 48)
    assert second.hospital == "far"
    terms = {term.name: term.value for term in second.why.terms}
    assert set(terms) == {"travel", "way_back", "expected_wait", "gain"}
    assert terms["travel"] == terms["way_back"] == 104
    assert terms["gain"] >= 5


def test_those_who_are_less_urgent_are_no_queue_for_a_c2_but_for_a_c3() -> None:
    room = ControlRoom(LEAST_WAIT)
    a_queue(room, 30, Category.C3)
    assert conveyed(room, "A", 48).hospital == HOSPITAL
    assert conveyed(room, "B", 48, category=Category.C3).hospital == "far"


def test_those_on_the_way_are_counted_when_they_arrive_before() -> None:
    room = ControlRoom(LEAST_WAIT)
    for i in range(20):
        name = f"N{i}"
        room.sign_on(name, 5)
        room.report(f"n{i}", Category.C2, 5)
        room.status(name, S.AT_SCENE)
        room.status(name, S.CONVEYING, hospital=HOSPITAL)
    assert conveyed(room, "A", 48).hospital == "far"
    assert conveyed(room, "B", 2).hospital == HOSPITAL


def test_a_c1_goes_to_the_nearest_whatever_the_queue() -> None:
    room = ControlRoom(LEAST_WAIT)
    a_queue(room, 30)
    assert conveyed(room, "C", 48, category=Category.C1).hospital == HOSPITAL


def test_the_crew_may_choose() -> None:
    room = ControlRoom()
    room.sign_on("A", 10)
    room.report("i", Category.C2, 10)
    room.status("A", S.AT_SCENE, after_min=1)
    (decision,) = room.status("A", S.CONVEYING, after_min=1, hospital=HospitalId("far")).decisions
    assert (decision.hospital, decision.why.note) == ("far", "the crew's choice")
