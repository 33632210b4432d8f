from __future__ import annotations

import pytest

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.decision_crew import GiveBreak
from dispatch.domain.unit import UnitStatus
from dispatch.domain.wording import decision_sentence
from tests.dispatch.builders import MINUTE, ControlRoom, a_unit, at


def sign_on(room: ControlRoom, name: str, *, window: tuple[int, int] | None = (60, 180)) -> None:
    owed = None
    if window is not None:
        owed = MealBreak(
            from_ms=room.now_ms + window[0] * MINUTE, until_ms=room.now_ms + window[1] * MINUTE
        )
    room.tell(ev.UnitSignedOn(unit=a_unit(name), at=at(0), meal_break=owed))


def wait(room: ControlRoom, minutes: int) -> None:
    """Let minutes pass; timers fire when they are due."""
    end_ms = room.now_ms + minutes * MINUTE
    while True:
        due = min(((due, name) for name, due in room.state.timers.items()), default=(end_ms, ""))
        if due[0] >= end_ms:
            break
        room.now_ms = max(room.now_ms, due[0])
        room.tell(ev.TimerFired(timer=due[1], due_at_ms=due[0]))
    room.now_ms = end_ms


def given(room: ControlRoom) -> list[tuple[str, float]]:
    """Return who was given a break, and how many minutes after noon."""
    start = room.entries[0].now_ms
    return [
        (d.unit, (e.now_ms - start) / MINUTE)
        for e in room.entries
        for d in e.decisions
        if isinstance(d, GiveBreak)
    ]


def test_a_break_is_given_as_soon_as_its_window_opens_while_nobody_waits() -> None:
    room = ControlRoom()
    sign_on(room, "A")
    sign_on(room, "B", window=None)
    wait(room, 66)
    assert given(room) == [("A", 60)]


def test_breaks_are_given_one_after_the_other_while_another_unit_is_kept() -> None:
    room = ControlRoom()
    sign_on(room, "A")
    sign_on(room, "B")
    wait(room, 61)
    assert given(room) == [("A", 60)]
    room.status("A", UnitStatus.ON_BREAK)
    wait(room, 25)
    assert len(given(room)) == 1
    room.status("A", UnitStatus.ON_STATION)
    wait(room, 8)
    assert [unit for unit, _ in given(room)] == ["A", "B"]


def test_while_somebody_waits_a_break_waits_until_the_window_is_about_to_end() -> None:
    room = ControlRoom()
    sign_on(room, "A")
    sign_on(room, "B", window=None)
    room.tell(ev.UnitSignedOff(unit=a_unit("B").id))
    wait(room, 170)
    ((unit, at_min),) = given(room)[:1]
    assert unit == "A"
    assert 140 <= at_min <= 150
    reason = next(d for e in room.entries for d in e.decisions if isinstance(d, GiveBreak))
    assert "the window is about to end" in decision_sentence(reason)


def test_a_crew_that_was_busy_all_its_window_gets_its_break_late_and_is_told_so() -> None:
    room = ControlRoom()
    sign_on(room, "A", window=(10, 50))
    room.report("i", Category.C2, 0)
    room.status("A", UnitStatus.MOBILE)
    room.status("A", UnitStatus.AT_SCENE, after_min=1)
    wait(room, 80)
    room.status("A", UnitStatus.AVAILABLE)
    room.status("A", UnitStatus.ON_STATION, after_min=1)
    ((unit, _),) = given(room)
    assert unit == "A"
    reason = next(d for e in room.entries for d in e.decisions if isinstance(d, GiveBreak))
    assert "62 min later than its window allowed: it was not free" in reason.why.note


def test_a_crew_that_does_not_begin_at_once_is_told_again() -> None:
    room = ControlRoom()
    sign_on(room, "A", window=(0, 30))
    wait(room, 16)
    assert [unit for unit, _ in given(room)] == ["A", "A"]


def test_a_crew_without_a_window_is_never_asked_and_no_timer_runs() -> None:
    room = ControlRoom()
    sign_on(room, "A", window=None)
    assert room.state.timers == {}


def test_a_window_too_short_for_the_break_is_refused() -> None:
    with pytest.raises(ValueError, match="at least the break's 30 min, was 20 min"):
        MealBreak(from_ms=0, until_ms=20 * MINUTE)
