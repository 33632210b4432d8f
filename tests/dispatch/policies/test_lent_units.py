"""Auxiliary and voluntary responders are lent by agreement, in their hours, by kind and skill."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.admit import RejectedEventError
from dispatch.domain import event as ev
from dispatch.domain.agreement import Agreement, LocalHours, allows, with_pools
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, StandDown, Verdict
from dispatch.domain.facility import Post
from dispatch.domain.ids import IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.settings import AidRules, AidScope, PolicyNames, Settings
from dispatch.domain.unit import Skill, UnitKind, UnitStatus
from dispatch.policies.balance import who_could_help
from tests.dispatch.builders import MINUTE, NOON, TRUST, ControlRoom, a_unit, an_incident, at

ST_JOHN = TrustCode("SJA")
VOLUNTEERS = TrustCode("VOL")
HOUR = 60 * MINUTE

DAYTIME = LocalHours(from_min=8 * 60, until_min=18 * 60)


def pool(**more: Any) -> Agreement:
    return Agreement(lender=ST_JOHN, borrower=TRUST, rank_max=4, is_pool=True, **more)


def a_room(
    *agreements: Agreement, assign: str = "nearest", scope: AidScope = AidScope.SILO
) -> ControlRoom:
    room = ControlRoom(
        Settings(
            policies=PolicyNames(assign=assign),
            aid=AidRules(scope=scope, agreements=agreements),
        )
    )
    room.state.posts[PostId("hall")] = Post(id=PostId("hall"), trust=ST_JOHN, at=at(0))
    room.state.post_positions[PostId("hall")] = room.travel.snap(at(0))
    return room


def sign_on(
    room: ControlRoom,
    name: str,
    minutes: float,
    *,
    trust: str = ST_JOHN,
    kind: UnitKind = UnitKind.AUXILIARY,
    skill: Skill = Skill.EMT,
) -> None:
    unit = a_unit(name, trust=trust, kind=kind, skill=skill, home=PostId("hall"))
    room.tell(ev.UnitSignedOn(unit=unit, at=at(minutes)))


def sent(room: ControlRoom) -> list[str]:
    return [d.unit for e in room.entries for d in e.decisions if isinstance(d, Assign)]


@pytest.mark.parametrize("assign", ["nearest", "joint", "first_come"])
def test_a_pool_is_drawn_on_although_trusts_do_not_help_each_other(assign: str) -> None:
    room = a_room(pool(), assign=assign)
    sign_on(room, "ambulance", 20, trust=TRUST, kind=UnitKind.DCA)
    sign_on(room, "auxiliary", 5)
    room.report("i", Category.C3, 0)
    assert sent(room) == ["auxiliary"]


def test_without_an_agreement_an_auxiliary_service_is_another_trust() -> None:
    room = a_room()
    sign_on(room, "auxiliary", 5)
    entry = room.report("i", Category.C3, 0)
    assert sent(room) == []
    (wait,) = [d for d in entry.decisions if type(d).__name__ == "Wait"]
    assert wait.why.candidates[0].verdict is Verdict.OTHER_TRUST


def test_a_pool_has_hours_of_its_own() -> None:
    room = a_room(pool(hours=(DAYTIME,)))
    sign_on(room, "auxiliary", 5)
    room.now_ms += 6 * HOUR - MINUTE
    room.report("day", Category.C3, 0)
    assert sent(room) == ["auxiliary"]
    evening = a_room(pool(hours=(DAYTIME,)))
    sign_on(evening, "auxiliary", 5)
    evening.now_ms += 6 * HOUR
    evening.report("evening", Category.C3, 0)
    assert sent(evening) == []


def test_only_the_kinds_and_skills_that_are_agreed_are_lent_and_the_others_say_so() -> None:
    room = a_room(pool(kinds=(UnitKind.AUXILIARY,), skill_min=Skill.EMT))
    sign_on(room, "eca", 1, skill=Skill.ECA)
    sign_on(room, "dca", 2, kind=UnitKind.DCA)
    sign_on(room, "emt", 9)
    entry = room.report("i", Category.C3, 0)
    assert sent(room) == ["emt"]
    (order,) = [d for d in entry.decisions if isinstance(d, Assign)]
    verdicts = {c.id: c.verdict for c in order.why.candidates}
    assert verdicts["eca"] is verdicts["dca"] is Verdict.OTHER_TRUST


def test_a_voluntary_responder_goes_to_a_c1_beside_the_ambulance() -> None:
    agreement = Agreement(
        lender=VOLUNTEERS,
        borrower=TRUST,
        rank_max=1,
        kinds=(UnitKind.CFR,),
        is_pool=True,
    )
    room = a_room(agreement)
    sign_on(room, "ambulance", 12, trust=TRUST, kind=UnitKind.DCA)
    sign_on(room, "neighbour", 2, trust=VOLUNTEERS, kind=UnitKind.CFR, skill=Skill.RESPONDER)
    room.report("i", Category.C1, 0)
    assert sorted(sent(room)) == ["ambulance", "neighbour"]


def test_units_of_a_pool_cost_no_price_no_margin_and_no_floor() -> None:
    room = a_room(pool(), assign="joint", scope=AidScope.PRICED)
    sign_on(room, "ambulance", 6, trust=TRUST, kind=UnitKind.DCA)
    sign_on(room, "auxiliary", 5)
    entry = room.report("i", Category.C3, 0)
    (order,) = [d for d in entry.decisions if isinstance(d, Assign)]
    assert order.unit == "auxiliary"
    assert "lend" not in {term.name for term in order.why.terms}


def test_a_pool_that_becomes_free_is_offered_to_the_trust_whose_patient_waits() -> None:
    room = a_room(pool(), assign="joint")
    room.report("i", Category.C3, 0)
    assert sent(room) == []
    sign_on(room, "auxiliary", 5)
    assert sent(room) == ["auxiliary"]


def test_the_balancing_view_offers_the_pool() -> None:
    room = a_room(pool())
    sign_on(room, "ambulance", 0, trust=TRUST, kind=UnitKind.DCA)
    for i in range(3):
        room.report(f"i{i}", Category.C2, 30 + i)
    sign_on(room, "auxiliary", 5)
    sign_on(room, "another", 6)
    sign_on(room, "third", 7)
    (found,) = who_could_help(room.dispatcher.picture(room.now_ms))
    assert (found.lender, found.price_min, found.units) == (ST_JOHN, 0.0, 1)


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    friday_night = LocalHours(from_min=20 * 60, until_min=2 * 60, weekdays=(5,))
    friday = NOON + 5 * 24 * HOUR  # 1 March 2026 is a Sunday
    assert friday_night.hold(friday + 9 * HOUR)
    assert friday_night.hold(friday + 13 * HOUR)
    assert not friday_night.hold(friday + 15 * HOUR)
    assert not friday_night.hold(friday - 11 * HOUR)
    assert not friday_night.hold(friday)
    assert not friday_night.hold(friday + 33 * HOUR)


@pytest.mark.parametrize(
    "wrong", [{"from_min": -1}, {"until_min": 1441}, {"weekdays": ()}, {"weekdays": (0,)}]
)
def test_hours_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        LocalHours(**wrong)


def test_an_agreement_of_before_reads_as_it_was() -> None:
    old = Agreement(lender=ST_JOHN, borrower=TRUST, rank_max=2, until_ms=NOON)
    assert allows((old,), ST_JOHN, TRUST, 2, NOON - 1)
    assert not allows((old,), ST_JOHN, TRUST, 2, NOON)
    assert not allows((old,), ST_JOHN, TRUST, 3, NOON - 1)
    assert not old.is_particular


def test_trusts_that_share_a_pool_are_weighed_together() -> None:
    other = Agreement(lender=ST_JOHN, borrower=TrustCode("X"), is_pool=True)
    assert with_pools((pool(), other), frozenset({TRUST})) == {TRUST, ST_JOHN, "X"}
    assert with_pools((pool(),), frozenset({"Y"})) == {"Y"}


# -- never twice -------------------------------------------------------------------------------

NAMES = ("A1", "A2", "S1", "S2", "V1")
OTHER = TrustCode("R1B")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_unit_that_several_draw_on_is_never_committed_twice(data: st.DataObject) -> None:
    agreements = tuple(
        Agreement(
            lender=lender,
            borrower=borrower,
            rank_max=data.draw(st.integers(1, 4)),
            is_pool=data.draw(st.booleans()),
            skill_min=data.draw(st.sampled_from([Skill.RESPONDER, Skill.EMT])),
        )
        for lender, borrower in ((ST_JOHN, TRUST), (ST_JOHN, OTHER), (OTHER, TRUST), (TRUST, OTHER))
        if data.draw(st.booleans())
    )
    room = a_room(
        *agreements,
        assign=data.draw(st.sampled_from(["nearest", "joint"])),
        scope=data.draw(st.sampled_from(list(AidScope))),
    )
    on: dict[str, str | None] = {}
    for name in NAMES:
        trust = {"A": TRUST, "S": ST_JOHN, "V": OTHER}[name[0]]
        kind = UnitKind.AUXILIARY if name[0] == "S" else UnitKind.DCA
        sign_on(room, name, data.draw(st.integers(0, 60)), trust=trust, kind=kind)
    seen = 0
    for step in range(data.draw(st.integers(5, 25))):
        room.now_ms += data.draw(st.integers(0, 12)) * MINUTE
        try:
            room.tell(_anything(data, step, room.now_ms))
        except RejectedEventError:
            continue
        for entry in room.entries[seen:]:
            event = entry.event
            if isinstance(event, ev.UnitStatusReported) and event.status is UnitStatus.AVAILABLE:
                on[event.unit] = None
            _commit(entry.decisions, on)
        seen = len(room.entries)
        _agree(room, on)


def _anything(data: st.DataObject, step: int, now_ms: int) -> ev.Event:
    if data.draw(st.booleans()):
        return an_incident(
            f"i{step}",
            data.draw(st.sampled_from([Category.C1, Category.C2, Category.C3, Category.C4])),
            minutes=data.draw(st.integers(0, 60)),
            now_ms=now_ms,
            trust=data.draw(st.sampled_from([TRUST, OTHER])),
        )
    unit = UnitId(data.draw(st.sampled_from(NAMES)))
    status = data.draw(
        st.sampled_from([UnitStatus.MOBILE, UnitStatus.AT_SCENE, UnitStatus.AVAILABLE])
    )
    return ev.UnitStatusReported(unit=unit, status=status, reported_at_ms=now_ms)


def _commit(decisions: tuple[Any, ...], on: dict[str, str | None]) -> None:
    """Carry orders into a ledger of who is committed to what; a second commitment fails."""
    named = [d.unit for d in decisions if isinstance(d, Assign)]
    assert len(named) == len(set(named))
    for decision in decisions:
        if isinstance(decision, Assign):
            assert on.get(decision.unit) in (None, decision.diverted_from)
            on[decision.unit] = decision.incident
        elif isinstance(decision, StandDown):
            on[decision.unit] = None


def _agree(room: ControlRoom, on: dict[str, str | None]) -> None:
    """Check that each unit is part of one incident at most, and read who has cleared."""
    holders: dict[str, list[IncidentId]] = {}
    for incident in room.state.incidents.values():
        for response in incident.responses:
            holders.setdefault(response.unit, []).append(incident.id)
    assert all(len(found) == 1 for found in holders.values())
    for name, unit in room.state.units.items():
        assert holders.get(name, [None])[0] == unit.incident
        on[name] = unit.incident
