from __future__ import annotations

import numpy as np
import pytest

from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.decision import Relocate
from dispatch.domain.ids import PostId
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.policies.tables import POLICIES
from dispatch.ports import Area, Ground
from tests.dispatch.builders import HOME, MINUTE, NOON, TRUST, ControlRoom, a_unit, at

COVER = Settings(policies=PolicyNames(relocate="cover", rebalance="cover"))


def ground(*, home: float, east: float) -> Ground:
    """Return two places, one at each post, with these shares of demand."""
    return {
        TRUST: Area(
            demand=np.array([home, east]),
            positions=np.array([0, 10 * MINUTE]),
            posts=(PostId("east"), HOME),
            post_positions=np.array([10 * MINUTE, 0]),
            reach=np.array([[False, True], [True, False]]),
        )
    }


@pytest.fixture
def room() -> ControlRoom:
    room = ControlRoom(COVER)
    opening = room.entries[0].event
    room.entries.clear()
    room.dispatcher = Dispatcher(room.travel, POLICIES, ground=ground(home=0.6, east=0.4))
    room.tell(opening)
    return room


def moves(room: ControlRoom) -> list[Relocate]:
    return [d for entry in room.entries for d in entry.decisions if isinstance(d, Relocate)]


def test_the_first_idle_unit_covers_most_demand_and_the_second_the_rest(room: ControlRoom) -> None:
    room.sign_on("A", 5)
    room.sign_on("B", 5)
    assert [(move.unit, move.post) for move in moves(room)] == [("A", HOME), ("B", "east")]


def test_a_crew_near_the_end_of_its_duty_goes_home(room: ControlRoom) -> None:
    room.tell(ev.UnitSignedOn(unit=a_unit("A"), at=at(1), until_ms=NOON + 10**8))
    room.tell(ev.UnitSignedOn(unit=a_unit("B"), at=at(9), until_ms=room.now_ms + 30 * MINUTE))
    assert moves(room)[-1].post == HOME


def test_without_known_demand_a_unit_goes_home() -> None:
    room = ControlRoom(COVER)
    room.sign_on("A", 15)
    assert [move.post for move in moves(room)] == [HOME]


def test_waiting_units_are_spread_every_ten_minutes(room: ControlRoom) -> None:
    room.sign_on("A", 0)
    room.sign_on("B", 0)
    assert not moves(room)
    due = room.state.timers["rebalance"]
    room.tell(ev.TimerFired(timer="rebalance", due_at_ms=due), after_min=10)
    assert [move.post for move in moves(room)] == ["east"]
    assert room.state.timers["rebalance"] > due


def test_nobody_is_moved_while_anyone_waits(room: ControlRoom) -> None:
    room.sign_on("A", 0)
    room.sign_on("B", 0)
    room.report("c1", minutes=500, category=ev.Category.C2)
    room.report("c2", minutes=500, category=ev.Category.C2)
    room.report("c3", minutes=500, category=ev.Category.C2)
    due = room.state.timers["rebalance"]
    room.tell(ev.TimerFired(timer="rebalance", due_at_ms=due), after_min=10)
    assert not moves(room)
