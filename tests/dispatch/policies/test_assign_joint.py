from __future__ import annotations

import pytest

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, StandDown
from dispatch.domain.ids import TrustCode, UnitId
from dispatch.domain.settings import AidRules, AidScope, PolicyNames, Settings
from dispatch.domain.unit import UnitKind, UnitStatus
from dispatch.state.queue import Queue
from tests.dispatch.builders import MINUTE, ControlRoom, a_unit, an_incident, at

S = UnitStatus
JOINT = Settings(name="joint", policies=PolicyNames(assign="joint"))


def assigns(room: ControlRoom) -> list[tuple[str, str]]:
    return [
        (d.unit, d.incident)
        for entry in room.entries
        for d in entry.decisions
        if isinstance(d, Assign)
    ]


def test_gives_the_nearest_unit_away_when_others_save_more() -> None:
    """A stands between both patients; B can only help the first: together that costs least."""
    room = ControlRoom(JOINT)
    room.report("left", Category.C2, 0)
    room.report("right", Category.C2, 60)
    settings = room.state.settings
    room.state.waiting, kept = Queue(), room.state.waiting
    room.sign_on("A", 28)
    room.sign_on("B", -10)
    room.state.waiting = kept
    entry = room.tell(ev.SettingsChanged(settings=settings, by="x", reason="look again"))

    orders = {d.incident: d for d in entry.decisions if isinstance(d, Assign)}
    assert orders["left"].unit == "B"
    assert orders["right"].unit == "A"


def test_explains_every_term_and_the_trade() -> None:
    room = ControlRoom(JOINT)
    room.report("old", Category.C2, 0)
    room.sign_on("A", 10)
    (assign,) = [d for d in room.entries[-1].decisions if isinstance(d, Assign)]
    terms = {term.name: term.value for term in assign.why.terms}
    assert terms["harm"] > 0
    assert terms["wait"] < 0
    assert assign.why.candidates[0].id == "A"


def test_c1_is_served_first_and_by_the_nearest() -> None:
    room = ControlRoom(JOINT)
    room.sign_on("near", 5)
    room.sign_on("far", 30)
    room.report("c2", Category.C2, 6)
    assert assigns(room) == [("near", "c2")]
    room.status("near", S.MOBILE)
    room.report("c1", Category.C1, 28)
    assert assigns(room)[-1] == ("far", "c1")


def test_a_free_unit_replaces_one_that_is_far_away_still() -> None:
    room = ControlRoom(JOINT)
    room.sign_on("far", 60)
    room.report("i", Category.C2, 0)
    room.status("far", S.MOBILE, after_min=1)
    room.sign_on("near", 5)
    decisions = room.entries[-2].decisions + room.entries[-1].decisions
    assert any(isinstance(d, StandDown) and d.unit == "far" for d in decisions)
    assert any(isinstance(d, Assign) and d.unit == "near" for d in decisions)


def test_a_unit_that_is_nearly_there_keeps_its_patient() -> None:
    room = ControlRoom(JOINT)
    room.sign_on("A", 10)
    room.report("i", Category.C3, 0)
    room.status("A", S.MOBILE, after_min=1)
    room.report("graver", Category.C2, 1, after_min=17.5)
    assert room.state.units["A"].incident == "i"


def test_waits_for_a_unit_that_is_about_to_clear_next_door() -> None:
    """The unit at hospital will be clear in two minutes; the other is an hour away."""
    room = ControlRoom(JOINT)
    room.sign_on("here", 2)
    room.report("first", Category.C2, 0)
    for status, wait in ((S.AT_SCENE, 5), (S.CONVEYING, 20), (S.AT_HOSPITAL, 1)):
        room.status("here", status, after_min=wait)
    room.status("here", S.HANDED_OVER, after_min=15)
    room.now_ms += 12 * MINUTE
    room.sign_on("far", 90)
    room.report("second", Category.C3, 0)
    assert ("far", "second") not in assigns(room)
    room.status("here", S.AVAILABLE, after_min=2)
    assert assigns(room)[-1] == ("here", "second")


@pytest.mark.parametrize(
    ("scope", "sent"),
    [
        (AidScope.SILO, False),
        (AidScope.C1_NEAREST, False),
        (AidScope.PRICED, True),
        (AidScope.POOLED, True),
    ],
)
def test_another_trusts_unit_comes_as_far_as_the_scope_of_aid_goes(
    scope: AidScope, *, sent: bool
) -> None:
    settings = Settings(policies=PolicyNames(assign="joint"), aid=AidRules(scope=scope))
    room = ControlRoom(settings)
    for i in range(4):
        room.tell(
            ev.UnitSignedOn(unit=a_unit(f"other{i}", trust="RYE"), at=at(5)),
        )
    room.tell(ev.UnitSignedOn(unit=a_unit("own"), at=at(90)))
    room.tell(ev.UnitSignedOff(unit=UnitId("own")))
    entry = room.tell(an_incident("i", Category.C2, minutes=0))
    assert any(isinstance(d, Assign) for d in entry.decisions) is sent
    if sent:
        assert room.state.incidents["i"].aided_by == TrustCode("RYE")


def test_a_trust_at_its_floor_lends_nobody() -> None:
    settings = Settings(policies=PolicyNames(assign="joint"), aid=AidRules(scope=AidScope.PRICED))
    room = ControlRoom(settings)
    room.tell(ev.UnitSignedOn(unit=a_unit("other", trust="RYE"), at=at(5)))
    entry = room.tell(an_incident("i", Category.C2, minutes=0))
    assert not any(isinstance(d, Assign) for d in entry.decisions)


def test_kinds_that_do_not_convey_are_not_sent_to_a_c2() -> None:
    room = ControlRoom(JOINT)
    room.sign_on("car", 1, kind=UnitKind.RRV)
    entry = room.report("i", Category.C2, 0)
    assert not any(isinstance(d, Assign) for d in entry.decisions)
