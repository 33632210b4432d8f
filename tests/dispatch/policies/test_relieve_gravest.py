"""A C1 whose unit is still on its way, and a unit that becomes free nearer to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, StandDown
from dispatch.domain.settings import AidRules, AidScope, PolicyNames, Settings
from dispatch.domain.term_switches import TermSwitches
from dispatch.domain.unit import UnitKind, UnitStatus
from dispatch.state import Incident
from tests.dispatch.builders import MINUTE, ControlRoom, a_unit, at

S = UnitStatus
JOINT = Settings(name="joint", policies=PolicyNames(assign="joint"))


def a_c1_with_a_unit_far_away(rules: Settings = JOINT) -> ControlRoom:
    room = ControlRoom(rules)
    room.sign_on("far", 30)
    room.report("c1", Category.C1, 0)
    room.status("far", S.MOBILE, after_min=1)
    return room


def orders(room: ControlRoom) -> tuple[list[str], list[str]]:
    """Return who was sent and who stood down since the last unit signed on."""
    signed_on = [isinstance(entry.event, ev.UnitSignedOn) for entry in room.entries]
    since = len(signed_on) - 1 - signed_on[::-1].index(True)
    decisions = [d for entry in room.entries[since:] for d in entry.decisions]
    return (
        [d.unit for d in decisions if isinstance(d, Assign)],
        [d.unit for d in decisions if isinstance(d, StandDown)],
    )


def test_a_nearer_unit_relieves_the_ambulance_on_its_way() -> None:
    room = a_c1_with_a_unit_far_away()
    room.sign_on("near", 5)
    assert orders(room) == (["near"], ["far"])
    assert [r.unit for r in room.state.incidents["c1"].responses] == ["near"]
    assert room.state.incidents["c1"].diversions == 0
    notes = [
        d.why.note
        for entry in room.entries
        for d in entry.decisions
        if isinstance(d, Assign | StandDown)
    ]
    assert notes[1:] == [
        "near has become free and is 24.8 min earlier than who was due",
        "it has become free and is 24.8 min earlier than far; far is stood down",
    ]


@pytest.mark.parametrize(("place", "is_sent"), [(26, True), (28, False), (60, False)])
def test_it_must_be_earlier_by_the_least_gain(place: float, *, is_sent: bool) -> None:
    # The other is due in 30 minutes: one to mobilise, one driven; the new one rolls in one.
    room = a_c1_with_a_unit_far_away()
    room.sign_on("new", place)
    assert orders(room) == ((["new"], ["far"]) if is_sent else ([], []))


def test_nobody_is_sent_where_somebody_is_with_the_patient() -> None:
    room = ControlRoom(JOINT)
    room.sign_on("car", 1, kind=UnitKind.RRV)
    room.sign_on("far", 30)
    room.report("c1", Category.C1, 0)
    room.status("far", S.MOBILE)
    room.status("car", S.MOBILE)
    room.status("car", S.AT_SCENE, after_min=2)
    room.sign_on("near", 5)
    assert orders(room) == ([], [])


def test_a_first_responder_comes_beside_and_the_ambulance_goes_on() -> None:
    room = a_c1_with_a_unit_far_away()
    room.sign_on("car", 5, kind=UnitKind.RRV)
    assert orders(room) == (["car"], [])
    assert {r.unit for r in room.state.incidents["c1"].responses} == {"far", "car"}


def test_below_c1_and_without_the_exchange_nothing_is_relieved_so() -> None:
    room = a_c1_with_a_unit_far_away(
        Settings(policies=PolicyNames(assign="joint"), terms=TermSwitches(exchange=False))
    )
    room.sign_on("near", 5)
    assert orders(room) == ([], [])


@pytest.mark.parametrize(("scope", "is_sent"), [(AidScope.SILO, False), (AidScope.POOLED, True)])
def test_another_trusts_unit_relieves_as_far_as_the_scope_of_aid_goes(
    scope: AidScope, *, is_sent: bool
) -> None:
    room = a_c1_with_a_unit_far_away(
        Settings(policies=PolicyNames(assign="joint"), aid=AidRules(scope=scope))
    )
    room.tell(ev.UnitSignedOn(unit=a_unit("other", trust="RYE"), at=at(5)))
    assert orders(room) == ((["other"], ["far"]) if is_sent else ([], []))


def test_another_trusts_unit_must_be_earlier_by_the_margin_of_aid() -> None:
    rules = Settings(policies=PolicyNames(assign="joint"), aid=AidRules(scope=AidScope.PRICED))
    for place, is_sent in ((25.5, False), (20, True)):
        room = a_c1_with_a_unit_far_away(rules)
        room.tell(ev.UnitSignedOn(unit=a_unit("other", trust="RYE"), at=at(place)))
        assert bool(orders(room)[0]) is is_sent


@pytest.mark.parametrize(
    ("place", "helped"), [(2, "first"), (-5, "first"), (9, "second")], ids=["equal", "west", "east"]
)
def test_of_two_c1_that_gain_alike_the_one_that_waits_longer_is_relieved(
    place: float, helped: str
) -> None:
    room = ControlRoom(JOINT)
    for name, minutes, unit, far in (("first", 0, "A", -40), ("second", 4, "B", 44)):
        room.sign_on(unit, far)
        room.report(name, Category.C1, minutes)
    assert {room.state.units[u].incident for u in "AB"} == {"first", "second"}
    room.sign_on("new", place)
    assert room.state.units["new"].incident == helped


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("unit"), st.integers(-40, 40), st.sampled_from(["DCA", "RRV", "CFR"])),
        st.tuples(st.just("incident"), st.integers(-40, 40), st.sampled_from(["C1", "C2", "C3"])),
        st.tuples(st.just("mobile"), st.integers(0, 20), st.just("")),
        st.tuples(st.just("at scene"), st.integers(0, 20), st.just("")),
        st.tuples(st.just("wait"), st.integers(1, 5), st.just("")),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=50, deadline=None)
@given(STEPS)
def test_no_c1_ever_loses_its_ambulance_without_getting_another(steps: Any) -> None:
    room = ControlRoom(JOINT)
    for number, (what, value, word) in enumerate(steps):
        before = {
            name: _goes(room, incident)
            for name, incident in room.state.incidents.items()
            if incident.rank == 1
        }
        seen = len(room.entries)
        _take(room, number, what, value, word)
        for entry in room.entries[seen:]:
            sent = {d.incident for d in entry.decisions if isinstance(d, Assign)}
            turned = {d.incident for d in entry.decisions if isinstance(d, StandDown)}
            assert {name for name in turned if name in before} <= sent
        for name, went in before.items():
            assert not went or _goes(room, room.state.incidents[name])
        bound = [r.unit for i in room.state.incidents.values() for r in i.responses]
        assert len(bound) == len(set(bound))


def _goes(room: ControlRoom, incident: Incident) -> bool:
    """Test whether a unit that conveys is there or on its way."""
    return any(room.state.units[r.unit].spec.conveys for r in incident.responses)


def _take(room: ControlRoom, number: int, what: str, value: int, word: str) -> None:
    if what == "unit":
        room.sign_on(f"U{number}", value, kind=UnitKind[word])
    elif what == "incident":
        room.report(f"I{number}", Category(word), value)
    elif what == "wait":
        room.now_ms += value * MINUTE
    else:
        wanted = S.ALLOCATED if what == "mobile" else S.MOBILE
        units = sorted(u.spec.id for u in room.state.units.values() if u.status is wanted)
        if units:
            room.status(units[value % len(units)], S.MOBILE if what == "mobile" else S.AT_SCENE)
