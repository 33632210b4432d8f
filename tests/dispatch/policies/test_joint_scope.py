"""Whom a joint round weighs anew."""

from __future__ import annotations

import msgspec
import pytest

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, StandDown
from dispatch.domain.ids import IncidentId, TrustCode, UnitId
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.policies.joint_problem import build
from dispatch.policies.joint_scope import Scope, scope_of
from dispatch.policies.round import Round
from dispatch.ports import News, Picture
from dispatch.state import observe
from tests.dispatch.builders import MINUTE, ControlRoom, a_unit, at

JOINT = Settings(name="joint", policies=PolicyNames(assign="joint"))


def asked(room: ControlRoom, news: News | None) -> tuple[Round, Scope]:
    picture = Picture(room.state, room.travel, room.now_ms, news=news)
    round_ = Round(picture)
    return round_, scope_of(round_, room.state.waiting.among(None))


def named(room: ControlRoom, scope: Scope, which: str | None = None) -> list[str]:
    """Return the incidents of a scope; of a column, those for which it is true."""
    slots = scope.slots if which is None else scope.slots[getattr(scope, which)]
    return [room.state.incident_table.at(slot).id for slot in slots.tolist()]


def of_patient(name: str) -> News:
    return News(patients=frozenset({IncidentId(name)}))


def of_unit(name: str) -> News:
    return News(units=frozenset({UnitId(name)}))


def a_room_with_a_unit_on_its_way(category: Category = Category.C3) -> ControlRoom:
    room = ControlRoom(JOINT)
    room.sign_on("busy", 0)
    room.report("bound", category, 40)
    return room


def test_a_new_c2_may_take_a_unit_on_its_way_and_an_old_one_waits_for_the_timer() -> None:
    room = a_room_with_a_unit_on_its_way(Category.C2)
    room.report("waits", Category.C2, 90)
    for news, may in ((of_patient("waits"), True), (News(), False), (None, True)):
        assert named(room, asked(room, news)[1], "may_divert") == (["waits"] if may else [])


def test_below_those_who_may_divert_nobody_is_asked() -> None:
    room = a_room_with_a_unit_on_its_way()
    room.report("waits", Category.C3, 20)
    round_, scope = asked(room, of_patient("waits"))
    assert not scope.may_divert.any()
    assert named(room, scope) == ["waits"]
    assert build(round_, scope) is None, "nobody is free, and nobody may divert"


@pytest.mark.parametrize(("minutes", "settles"), [(5, True), (40, False)])
def test_a_free_unit_within_half_the_price_of_a_diversion_settles_it(
    minutes: float, settles: bool
) -> None:
    room = ControlRoom(JOINT)
    room.report("new", Category.C2, minutes)
    arrives = ev.UnitSignedOn(unit=a_unit("free"), at=at(0))
    observe(room.state, arrives, room.now_ms, room.travel.snap(at(0)))
    assert room.state.settings.joint.switch_s == 30 * 60
    picture = Picture(room.state, room.travel, room.now_ms, news=of_patient("new"))
    scope = scope_of(Round(picture), room.state.waiting.among(None))
    assert bool(scope.may_divert.any()) is not settles


def test_only_the_unit_that_is_new_may_relieve_one_on_its_way() -> None:
    room = a_room_with_a_unit_on_its_way()
    room.sign_on("idle", 90)
    room.sign_on("fresh", 80)
    round_, scope = asked(room, of_unit("fresh"))
    assert scope.is_held.tolist() == [True]
    assert scope.is_only_relief
    problem = build(round_, scope)
    assert problem is not None
    assert {problem.unit(round_, row).spec.id for row in range(len(problem.rows))} == {
        "busy",
        "fresh",
    }


def test_a_unit_that_becomes_free_nearby_relieves_the_one_on_its_way() -> None:
    room = a_room_with_a_unit_on_its_way()
    room.sign_on("near", 41)
    orders = [decision for entry in room.entries[-2:] for decision in entry.decisions]
    assert [d.unit for d in orders if isinstance(d, Assign)] == ["near"]
    assert [d.unit for d in orders if isinstance(d, StandDown)] == ["busy"]


@pytest.mark.parametrize("exchange", [True, False])
def test_without_exchange_those_with_a_unit_on_its_way_are_left_alone(exchange: bool) -> None:
    room = a_room_with_a_unit_on_its_way()
    terms = msgspec.structs.replace(room.state.settings.terms, exchange=exchange)
    settings = msgspec.structs.replace(room.state.settings, terms=terms)
    room.tell(ev.SettingsChanged(settings=settings, by="x", reason="y"))
    assert len(asked(room, None)[1].slots) == int(exchange)


def test_a_unit_on_its_way_past_the_end_of_its_duty_is_not_doubled() -> None:
    """It may not be sent anew, so it has no row; its patient has it all the same."""
    room = ControlRoom(JOINT)
    until_ms = room.now_ms + 10 * MINUTE
    room.tell(ev.UnitSignedOn(unit=a_unit("late"), at=at(0), until_ms=until_ms))
    room.report("bound", Category.C3, 40)
    room.now_ms += 15 * MINUTE
    room.sign_on("near", 41)
    assert {response.unit for response in room.state.incidents["bound"].responses} == {"late"}


def test_a_pool_without_anybody_on_duty_is_no_error() -> None:
    room = a_room_with_a_unit_on_its_way()
    waiting = room.state.waiting.among(None)
    focus = frozenset({*room.state.trusts, TrustCode("POOL")})
    round_ = Round(Picture(room.state, room.travel, room.now_ms, focus=focus))
    assert build(round_, scope_of(round_, waiting)) is None


def test_service_is_by_rank_then_clock_then_name() -> None:
    room = ControlRoom(JOINT)
    for name, category, wait in (
        ("b", Category.C3, 0),
        ("a", Category.C3, 0),
        ("c", Category.C4, 0),
    ):
        room.report(name, category, 10, after_min=wait)
    room.report("d", Category.C3, 10, after_min=1)
    room.report("e", Category.C2, 10, after_min=1)
    assert named(room, asked(room, None)[1]) == ["e", "a", "b", "d", "c"]
