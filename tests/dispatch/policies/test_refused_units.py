"""Who is named of those that may not go: the near ones that could have, not the first ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, Verdict, Wait
from dispatch.domain.settings import Settings
from dispatch.domain.unit import Skill, UnitKind
from tests.dispatch.builders import ControlRoom

CREWS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from([UnitKind.DCA, UnitKind.RRV, UnitKind.CFR, UnitKind.FALLS]),
        st.sampled_from([Skill.ECA, Skill.PARAMEDIC]),
    ),
    max_size=12,
)


def a_wait(room: ControlRoom, minutes: float) -> Wait:
    decisions = room.report("patient", Category.C2, minutes).decisions
    (wait,) = [decision for decision in decisions if isinstance(decision, Wait)]
    return wait


def test_the_nearest_is_named_first_and_kinds_that_are_not_sent_last() -> None:
    room = ControlRoom()
    room.sign_on("A-far", 60, skill=Skill.ECA)
    room.sign_on("B-responder", 31, kind=UnitKind.CFR)
    room.sign_on("C-near", 29, skill=Skill.ECA)
    assert [(c.id, c.verdict) for c in a_wait(room, 30).why.candidates] == [
        ("C-near", Verdict.UNSKILLED),
        ("A-far", Verdict.UNSKILLED),
        ("B-responder", Verdict.WRONG_KIND),
    ]


def test_of_many_the_near_ones_are_named_and_the_others_counted() -> None:
    room = ControlRoom(Settings(candidates_max=2))
    for number in range(5):
        room.sign_on(f"U{number}", 10.0 * number, skill=Skill.ECA)
    why = a_wait(room, 42).why
    assert [candidate.id for candidate in why.candidates] == ["U4", "U3"]
    assert why.others == {Verdict.UNSKILLED: 3}


def test_the_own_trust_is_named_before_a_nearer_unit_of_another() -> None:
    room = ControlRoom(Settings(candidates_max=2))
    room.sign_on("other", 41, trust="T9")
    room.sign_on("own-far", 60, skill=Skill.ECA)
    room.sign_on("own-near", 50, skill=Skill.ECA)
    why = a_wait(room, 42).why
    assert [candidate.id for candidate in why.candidates] == ["own-near", "own-far"]
    assert why.others == {Verdict.OTHER_TRUST: 1}


def test_whoever_goes_is_not_counted_among_the_refused() -> None:
    room = ControlRoom()
    room.sign_on("goes", 5)
    room.sign_on("low", 1, skill=Skill.ECA)
    (order,) = room.report("patient", Category.C2, 0).decisions
    assert isinstance(order, Assign)
    assert [(c.id, c.verdict) for c in order.why.candidates] == [
        ("goes", Verdict.CHOSEN),
        ("low", Verdict.UNSKILLED),
    ]
    assert not order.why.others


@given(crews=CREWS, minutes=st.integers(0, 60), most=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_nobody_is_told_twice_and_nobody_is_left_out(
    crews: list[tuple[int, UnitKind, Skill]], minutes: int, most: int
) -> None:
    room = ControlRoom(Settings(candidates_max=most))
    for number, (place, kind, skill) in enumerate(crews):
        room.sign_on(f"U{number}", place, kind=kind, skill=skill)
    for decision in room.report("patient", Category.C2, minutes).decisions:
        if not isinstance(decision, Assign | Wait):
            continue
        named = [candidate.id for candidate in decision.why.candidates]
        assert len(set(named)) == len(named) <= most
        assert len(named) + sum(decision.why.others.values()) == len(crews)
