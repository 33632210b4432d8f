from __future__ import annotations

import pytest

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, Verdict, Wait
from dispatch.domain.ids import UnitId
from dispatch.domain.settings import FreshnessRules, Settings
from dispatch.domain.unit import Skill, UnitKind, UnitStatus
from tests.dispatch.builders import MINUTE, ControlRoom, a_unit, at

S = UnitStatus
LIVE = Settings(freshness=FreshnessRules(applies=True))


def verdicts(room: ControlRoom, category: Category, incident: str = "i") -> dict[str, Verdict]:
    (decision,) = room.report(incident, category, 0).decisions
    assert isinstance(decision, Assign | Wait)
    return {candidate.id: candidate.verdict for candidate in decision.why.candidates}


@pytest.mark.parametrize(
    ("kind", "category", "goes"),
    [
        (UnitKind.DCA, Category.C1, True),
        (UnitKind.RRV, Category.C1, True),
        (UnitKind.CFR, Category.C1, True),
        (UnitKind.RRV, Category.C2, False),
        (UnitKind.CFR, Category.C3, False),
        (UnitKind.URGENT_CARE, Category.C2, False),
        (UnitKind.URGENT_CARE, Category.C3, True),
        (UnitKind.AUXILIARY, Category.C2, True),
        (UnitKind.PTS, Category.C3, False),
        (UnitKind.PTS, Category.HCP4, True),
        (UnitKind.FALLS, Category.C3, False),
        (UnitKind.HEMS, Category.C1, False),
        (UnitKind.DCA, Category.C5, False),
    ],
)
def test_each_kind_goes_where_it_is_sent(kind: UnitKind, category: Category, *, goes: bool) -> None:
    room = ControlRoom()
    room.sign_on("U", 3, kind=kind)
    decisions = room.report("i", category, 0).decisions
    assert any(isinstance(d, Assign) for d in decisions) is goes


def test_the_helicopter_goes_to_major_trauma() -> None:
    room = ControlRoom()
    room.sign_on("H", 3, kind=UnitKind.HEMS, skill=Skill.DOCTOR)
    decisions = room.report("i", Category.C1, 0, pathway=ev.Pathway.MAJOR_TRAUMA).decisions
    assert decisions[0].unit == "H"


def test_a_crew_without_the_skill_is_refused_and_the_reason_is_kept() -> None:
    room = ControlRoom()
    room.sign_on("low", 1, skill=Skill.ECA)
    room.sign_on("high", 20)
    assert verdicts(room, Category.C2)["low"] is Verdict.UNSKILLED


def test_a_responder_is_not_asked_beyond_its_reach() -> None:
    room = ControlRoom()
    room.sign_on("cfr", 9, kind=UnitKind.CFR)
    room.sign_on("dca", 20)
    assert verdicts(room, Category.C1)["cfr"] is Verdict.OUT_OF_REACH


def test_a_crew_whose_duty_is_over_is_not_sent() -> None:
    room = ControlRoom()
    room.tell(ev.UnitSignedOn(unit=a_unit("tired"), at=at(1), until_ms=room.now_ms + 5 * MINUTE))
    room.sign_on("fresh", 30)
    room.now_ms += 6 * MINUTE
    assert verdicts(room, Category.C2)["tired"] is Verdict.SHIFT_ENDED


def test_a_stale_position_counts_less_and_then_not_at_all() -> None:
    room = ControlRoom(LIVE)
    room.sign_on("silent", 10)
    room.status("silent", S.ON_BREAK)
    room.status("silent", S.AVAILABLE)
    room.now_ms += 3 * MINUTE
    room.sign_on("heard", 9)
    (decision,) = room.report("i", Category.C2, 0).decisions
    assert decision.unit == "heard", "by reckoning the other is at 8.5, and a minute is added"
    room.now_ms += 40 * MINUTE
    assert verdicts(room, Category.C3, "j")["silent"] is Verdict.STALE_POSITION


def test_a_position_report_makes_a_unit_fresh_again() -> None:
    room = ControlRoom(LIVE)
    room.sign_on("unit", 10)
    room.now_ms += 40 * MINUTE
    room.tell(ev.UnitPositionReported(unit=UnitId("unit"), at=at(4), reported_at_ms=room.now_ms))
    (decision,) = room.report("i", Category.C2, 0).decisions
    assert decision.unit == "unit"
