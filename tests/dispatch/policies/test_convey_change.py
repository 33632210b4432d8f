from __future__ import annotations

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Convey
from dispatch.domain.ids import HospitalId, UnitId
from dispatch.domain.incident import Pathway
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.domain.unit import UnitStatus
from dispatch.domain.wording import decision_sentence
from tests.dispatch.builders import HOSPITAL, MINUTE, ControlRoom

S = UnitStatus
FAR = HospitalId("far")
SWITCHING = Settings(
    name="switching",
    policies=PolicyNames(convey="least_wait"),
    destination_every_s=120,
)
KEEPS = Settings(name="keeps", policies=PolicyNames(convey="least_wait"))


def a_journey(
    settings: Settings = SWITCHING,
    *,
    scene: float = 48,
    category: Category = Category.C2,
    **more: object,
) -> ControlRoom:
    """Return a room in which a patient is on the way from a scene to the hospital at minute 0.

    Ordinary driving takes two minutes a minute of road; the other hospital lies at minute 100.
    """
    room = ControlRoom(settings)
    room.sign_on("A", scene)
    room.report("i", category, scene, **more)
    room.status("A", S.MOBILE)
    room.status("A", S.AT_SCENE, after_min=1)
    room.status("A", S.CONVEYING, after_min=10)
    assert room.state.units["A"].hospital == HOSPITAL
    return room


def crowd(room: ControlRoom, count: int) -> None:
    """Let ambulances queue at the hospital at minute 0."""
    for i in range(count):
        name = f"Q{i}"
        room.sign_on(name, 0.5)
        room.report(f"q{i}", Category.C2, 0.5)
        room.status(name, S.MOBILE)
        room.status(name, S.AT_SCENE)
        room.status(name, S.CONVEYING, hospital=HOSPITAL)
        room.status(name, S.AT_HOSPITAL)


def pass_time(room: ControlRoom, minutes: int) -> None:
    end_ms = room.now_ms + minutes * MINUTE
    while True:
        due, name = min((due, name) for name, due in room.state.timers.items())
        if due > end_ms:
            break
        room.now_ms = max(room.now_ms, due)
        room.tell(ev.TimerFired(timer=name, due_at_ms=due))
    room.now_ms = end_ms


def courses(room: ControlRoom, unit: str = "A") -> list[Convey]:
    return [
        d
        for e in room.entries
        for d in e.decisions
        if isinstance(d, Convey) and d.unit == UnitId(unit)
    ]


def test_a_patient_turns_to_another_hospital_for_a_clear_gain_and_is_told_why() -> None:
    room = a_journey()
    crowd(room, 40)
    pass_time(room, 4)
    first, second = courses(room)
    assert (first.hospital, second.hospital) == (HOSPITAL, FAR)
    assert second.origin is not None
    gain = {term.name: term.value for term in second.why.terms}["gain"]
    assert gain >= 8
    assert decision_sentence(second).startswith("A now takes the patient of i to far")
    unit = room.state.units["A"]
    assert unit.hospital == FAR
    assert [row[0] for row in room.state.hospitals[FAR].inbound] == ["A"]
    assert all(row[0] != "A" for row in room.state.hospitals[HOSPITAL].inbound)


def test_the_journey_goes_on_from_where_the_unit_is_on_the_way() -> None:
    room = a_journey()
    crowd(room, 40)
    pass_time(room, 4)
    (_, second) = courses(room)
    gone_min = 48 - room.travel.lonlat(second.origin).lon * 1000  # type: ignore[arg-type]
    assert 0 < gone_min < 3
    assert second.eta_ms == round((100 - 48 + gone_min) * 2 * MINUTE)


def test_a_small_gain_does_not_turn_anybody() -> None:
    room = a_journey()
    crowd(room, 2)
    pass_time(room, 10)
    assert len(courses(room)) == 1


def test_within_five_minutes_of_arrival_nobody_turns() -> None:
    room = a_journey(scene=2)
    crowd(room, 30)
    pass_time(room, 4)
    assert len(courses(room)) == 1


def test_without_the_option_a_crew_keeps_its_course_and_no_timer_runs() -> None:
    room = a_journey(KEEPS)
    crowd(room, 40)
    assert "destinations" not in room.state.timers
    assert len(courses(room)) == 1


def test_a_c1_a_pathway_and_a_crews_choice_keep_their_course() -> None:
    for more in ({"category": Category.C1}, {"pathway": Pathway.STROKE}):
        room = a_journey(**more)  # type: ignore[arg-type]
        crowd(room, 40)
        assert not room.state.units["A"].may_change_course
        assert len(courses(room)) == 1
    room = ControlRoom(SWITCHING)
    room.sign_on("A", 44)
    room.report("i", Category.C2, 44)
    room.status("A", S.MOBILE)
    room.status("A", S.AT_SCENE)
    room.status("A", S.CONVEYING, hospital=HOSPITAL)
    crowd(room, 40)
    assert len(courses(room)) == 1


def test_a_full_cap_of_the_hour_turns_nobody_there() -> None:
    room = a_journey()
    room.state.hospitals[FAR].cap_per_hour = 1
    room.state.hospitals[FAR].sent_at_ms = (room.now_ms,)
    crowd(room, 40)
    pass_time(room, 6)
    assert len(courses(room)) == 1


def test_those_who_turn_count_at_once_so_that_not_all_turn_to_one_place() -> None:
    room = ControlRoom(SWITCHING)
    names = [f"A{i}" for i in range(12)]
    for i, name in enumerate(names):
        room.sign_on(name, 48)
        room.report(f"i{i}", Category.C2, 48)
        room.status(name, S.MOBILE)
        room.status(name, S.AT_SCENE)
        room.status(name, S.CONVEYING)
    crowd(room, 30)
    pass_time(room, 3)
    bound = [room.state.units[name].hospital for name in names]
    assert {HOSPITAL, FAR} <= set(bound)


def test_a_hospital_that_stops_accepting_sends_those_on_the_way_elsewhere_at_once() -> None:
    room = a_journey()
    room.tell(ev.HospitalUpdated(hospital=HOSPITAL, is_accepting=False), after_min=1)
    assert [order.hospital for order in courses(room)] == [HOSPITAL, FAR]


def test_the_timer_stops_when_nobody_is_on_the_way() -> None:
    room = a_journey()
    room.status("A", S.AT_HOSPITAL, after_min=1)
    pass_time(room, 5)
    assert "destinations" not in room.state.timers
