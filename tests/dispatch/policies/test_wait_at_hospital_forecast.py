"""What a control room expects of a hospital's door."""

from __future__ import annotations

import numpy as np

from dispatch.domain.category import Category
from dispatch.domain.decision import Convey
from dispatch.domain.ids import HospitalId, UnitId
from dispatch.domain.queueing import USUAL_URGENT, HandoverLine
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.domain.unit import UnitStatus
from dispatch.policies.wait_at_hospital_forecast import is_urgent_unit, stalled_ms
from dispatch.state import HospitalBoard
from tests.dispatch.builders import HOSPITAL, MINUTE, NOON, ControlRoom

S = UnitStatus
LEAST_WAIT = Settings(policies=PolicyNames(convey="least_wait"))


def at_the_door(room: ControlRoom, name: str, category: Category = Category.C2) -> None:
    """Bring a crew to the hospital at minute 0."""
    room.sign_on(name, 0.5)
    room.report(f"i-{name}", category, 0.5)
    room.status(name, S.AT_SCENE)
    room.status(name, S.CONVEYING, hospital=HOSPITAL)
    room.status(name, S.AT_HOSPITAL)


def board(room: ControlRoom) -> HospitalBoard:
    found: HospitalBoard = room.state.hospitals[HOSPITAL]
    return found


def test_a_board_learns_what_handovers_took_with_how_many_ahead() -> None:
    room = ControlRoom()
    for name in ("A", "B", "C"):
        at_the_door(room, name)
    for name in ("A", "B", "C"):
        room.status(name, S.HANDED_OVER, after_min=20)
    sums = board(room).urgent
    assert round(sums.count, 2) == 2.94
    assert board(room).last_handover_at_ms == NOON + 60 * MINUTE
    # 20, 40 and 60 minutes with none, one and two ahead: twenty for each crew.
    line = sums.line(HandoverLine(20.0, 20.0))
    assert (round(line.base_min, 6), round(line.each_min, 6)) == (20.0, 20.0)
    assert board(room).other.count == 0


def test_a_c2_counts_crews_with_a_c1_or_c2_and_a_c3_all() -> None:
    room = ControlRoom()
    for i, category in enumerate((Category.C3, Category.C1, Category.C2, Category.C4)):
        at_the_door(room, f"A{i}", category)
    assert dict(board(room).ahead) == {"A0": 0, "A1": 0, "A2": 1, "A3": 3}
    assert [is_urgent_unit(room.state, UnitId(f"A{i}")) for i in range(4)] == [
        False,
        True,
        True,
        False,
    ]
    assert not is_urgent_unit(room.state, UnitId("nobody"))


def test_a_c1_who_is_received_at_once_says_nothing_of_the_queue() -> None:
    room = ControlRoom()
    at_the_door(room, "A", Category.C1)
    room.status("A", S.HANDED_OVER, after_min=5)
    assert board(room).urgent.count == board(room).other.count == 0
    assert board(room).last_handover_at_ms is not None


def test_a_door_at_which_nobody_waits_has_not_stalled() -> None:
    room = ControlRoom()
    assert stalled_ms(board(room), USUAL_URGENT, NOON + 10**9) == 0


def test_a_door_has_stalled_when_none_cleared_for_four_times_as_long_as_usual() -> None:
    room = ControlRoom()
    for name in ("A", "B", "C", "D"):
        at_the_door(room, name)
    # With four there, one handover comes in (20 + 4 · 4) / 4 = 9 minutes.
    assert stalled_ms(board(room), USUAL_URGENT, NOON + 36 * MINUTE) == 0
    assert stalled_ms(board(room), USUAL_URGENT, NOON + 37 * MINUTE) == 37 * MINUTE
    room.status("A", S.HANDED_OVER, after_min=40)
    assert stalled_ms(board(room), USUAL_URGENT, room.now_ms) == 0


def test_a_stalled_door_is_passed_by_and_the_detour_is_measured_from_the_next() -> None:
    room = ControlRoom(LEAST_WAIT)
    for name in ("A", "B", "C", "D"):
        at_the_door(room, name)
    room.now_ms = NOON + 240 * MINUTE
    room.sign_on("Z", 30)
    room.report("z", Category.C2, 30)
    room.status("Z", S.AT_SCENE)
    (order,) = room.status("Z", S.CONVEYING).decisions
    assert isinstance(order, Convey)
    # 60 min to the nearest, 140 to the other: out of reach of a detour of 15 min otherwise.
    assert order.hospital == HospitalId("far")
    terms = {term.name: term.value for term in order.why.terms}
    assert terms["expected_wait"] == 20.0


def test_the_forecast_is_the_same_twice() -> None:
    def run() -> list[int]:
        room = ControlRoom(LEAST_WAIT)
        for i in range(12):
            at_the_door(room, f"A{i}", (Category.C2, Category.C3)[i % 2])
        for i in range(0, 12, 2):
            room.status(f"A{i}", S.HANDED_OVER, after_min=7)
        room.sign_on("Z", 48)
        room.report("z", Category.C3, 48)
        room.status("Z", S.AT_SCENE)
        (order,) = room.status("Z", S.CONVEYING).decisions
        assert isinstance(order, Convey)
        return [round(1000 * term.value) for term in order.why.terms]

    assert np.array_equal(run(), run())
