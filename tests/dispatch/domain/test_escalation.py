from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.escalation import (
    LEVELS,
    OPEL_TABLE,
    Band,
    EscalationError,
    LevelChange,
    LevelLog,
    LevelPlan,
    LevelRule,
    Scheme,
    ScoringTable,
    Setting,
    check_plans,
    configured,
    confirmed,
    plans_in_force,
    propose_level,
    propose_opel,
    undone,
)
from dispatch.domain.handover import HandoverRules
from dispatch.domain.trigger_quantity import Quantity
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.welfare import WelfareRules

CALM: dict[str, float | None] = {
    "mean_handover": 12,
    "four_hour_performance": 96,
    "majors_occupancy": 70,
    "time_to_treatment": 45,
    "over_12_hours": 1,
    "bed_occupancy": 90,
    "discharge_ready_share": 9,
}
AWFUL: dict[str, float | None] = {
    "mean_handover": 80,
    "four_hour_performance": 40,
    "majors_occupancy": 150,
    "time_to_treatment": 240,
    "over_12_hours": 20,
    "bed_occupancy": 99,
    "discharge_ready_share": 20,
}


def a_change(level: int = 3, at_ms: int = 0, **changes: Any) -> LevelChange:
    fields: dict[str, Any] = {
        "scheme": Scheme.REAP,
        "subject": "RYF",
        "by": "Commander",
        "reason": "demand",
    }
    return LevelChange(level=level, at_ms=at_ms, **(fields | changes))


def level_rule(level: int, text: str) -> LevelRule:
    rule = TriggerRule(id=f"L{level}", about="trust", subject="RYF", text=text, action="reap")
    return LevelRule(scheme=Scheme.REAP, level=level, rule=rule)


RULES = [
    level_rule(2, "c2_mean(60 min) > 30 min"),
    level_rule(3, "c2_mean(60 min) > 45 min"),
    level_rule(4, "c2_mean(60 min) > 60 min and unassigned_c1 >= 1"),
]
C2 = Quantity("c2_mean", 60)


def test_calm_is_one_and_awful_is_four() -> None:
    assert propose_opel("H", OPEL_TABLE, CALM, 0).level == 1
    proposal = propose_opel("H", OPEL_TABLE, AWFUL, 0)
    assert proposal.level == proposal.level_max == 4
    assert proposal.why.startswith("21 of 21 points")
    assert len(proposal.evidence) == 7


def test_each_limit_is_one_point_and_is_passed_not_touched() -> None:
    band = Band("mean_handover", (15, 30, 60))
    assert [band.score(value) for value in (15, 15.1, 30, 31, 60, 61)] == [0, 1, 1, 2, 2, 3]
    falling = Band("four_hour_performance", (95, 76, 60), falls=True)
    assert [falling.score(value) for value in (96, 95, 94, 76, 60, 59)] == [0, 0, 1, 1, 2, 3]


def test_missing_measurements_give_a_range() -> None:
    some = AWFUL | {"bed_occupancy": None, "over_12_hours": None}
    proposal = propose_opel("H", OPEL_TABLE, some, 0)
    assert (proposal.level, proposal.level_max) == (3, 4)
    assert proposal.missing == ("over_12_hours", "bed_occupancy")
    assert propose_opel("H", OPEL_TABLE, {}, 0).level == 1


@given(st.dictionaries(st.sampled_from(sorted(CALM)), st.floats(0, 300)))
def test_a_worse_measurement_never_lowers_the_level(values: dict[str, float]) -> None:
    given = dict(values)
    level = propose_opel("H", OPEL_TABLE, given, 0).level
    for band in OPEL_TABLE.bands:
        if band.name in given:
            worse = given | {band.name: given[band.name] + (-10 if band.falls else 10)}
            assert propose_opel("H", OPEL_TABLE, worse, 0).level >= level


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Band("x", (30, 15)),
        lambda: Band("x", (15, 15)),
        lambda: Band("x", ()),
        lambda: Band("x", (15, 30), falls=True),
        lambda: ScoringTable(name="t", bands=(), cuts=(0.2, 0.4, 0.6)),
        lambda: ScoringTable(name="t", bands=(Band("x", (1,)),) * 2, cuts=(0.2, 0.4, 0.6)),
        lambda: ScoringTable(name="t", bands=(Band("x", (1,)),), cuts=(0.2, 0.2, 0.6)),
        lambda: ScoringTable(name="t", bands=(Band("x", (1,)),), cuts=(0.2, 0.4, 1.1)),
        lambda: level_rule(5, "c2_mean(60 min) > 30 min"),
        lambda: LevelPlan(scheme=Scheme.REAP, level=0, name="x"),
        lambda: LevelPlan(scheme=Scheme.REAP, level=1, name=" "),
        lambda: LevelRule(
            scheme=Scheme.REAP,
            level=2,
            rule=TriggerRule(id="R", about="hospital", subject="H", text="waiting > 3"),
        ),
    ],
)
def test_impossible_tables_rules_and_plans_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="Expected"):
        wrong()


@pytest.mark.parametrize(("c2_min", "level"), [(20, 1), (30.5, 2), (50, 3), (70, 3)])
def test_the_highest_rule_that_fires_proposes(c2_min: float, level: int) -> None:
    values = {C2: c2_min, Quantity("unassigned_c1"): 0.0}
    proposal = propose_level(Scheme.REAP, "RYF", RULES, values, 0)
    assert proposal.level == level
    assert proposal.missing == ()
    assert bool(proposal.evidence) == (level > 1)


def test_an_unknown_value_leaves_a_higher_level_open() -> None:
    proposal = propose_level(Scheme.REAP, "RYF", RULES, {C2: 70.0}, 0)
    assert (proposal.level, proposal.level_max) == (3, 4)
    assert proposal.missing == ("unassigned_c1",)
    assert propose_level(Scheme.REAP, "RYF", RULES, {}, 0).level == 1


def test_a_person_confirms_and_the_log_says_who_when_why() -> None:
    log = confirmed(LevelLog(), a_change(3, 10))
    assert log.level_of(Scheme.REAP, "RYF") == 3
    assert log.level_of(Scheme.REAP, "RRU") == 1
    assert log.level_of(Scheme.SAFETY_PLAN, "RYF") == 0
    last = log.last(Scheme.REAP, "RYF")
    assert last is not None
    assert (last.by, last.at_ms, last.reason) == ("Commander", 10, "demand")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (a_change(by=" "), "person who confirms reap 3"),
        (a_change(reason=""), "reason for reap 3"),
        (a_change(5), "reap of 1 to 4, was 5"),
        (a_change(0), "reap of 1 to 4, was 0"),
        (a_change(3, 20), "another level than 3"),
        (a_change(4, 9), "at 10 or later"),
    ],
)
def test_a_level_confirmed_by_nobody_or_in_vain_is_refused(change: LevelChange, says: str) -> None:
    log = confirmed(LevelLog(), a_change(3, 10))
    with pytest.raises(EscalationError, match=says):
        confirmed(log, change)


def test_undoing_goes_back_one_level_and_is_logged() -> None:
    log = confirmed(confirmed(LevelLog(), a_change(2, 10)), a_change(4, 20))
    log = undone(log, Scheme.REAP, "RYF", by="Commander", reason="eased", at_ms=30)
    assert [c.level for c in log.changes] == [2, 4, 2]
    first = undone(
        confirmed(LevelLog(), a_change(2, 10)), Scheme.REAP, "RYF", by="C", reason="r", at_ms=11
    )
    assert first.level_of(Scheme.REAP, "RYF") == 1
    with pytest.raises(EscalationError, match="to undo, was none"):
        undone(LevelLog(), Scheme.REAP, "RYF", by="C", reason="r", at_ms=1)
    with pytest.raises(EscalationError, match="person who confirms"):
        undone(log, Scheme.REAP, "RYF", by="", reason="r", at_ms=40)


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    welfare: WelfareRules = WelfareRules()
    handover: HandoverRules = HandoverRules()
    redirect: str = "none"


BASE = Wishes()
PLANS = [
    LevelPlan(scheme=Scheme.REAP, level=3, name="REAP 3", settings={"welfare.share": 0.5}),
    LevelPlan(scheme=Scheme.REAP, level=4, name="REAP 4", settings={"redirect": "ranked"}),
    LevelPlan(scheme=Scheme.SAFETY_PLAN, level=2, name="Two", settings={"welfare.share": 0.25}),
]


def test_a_level_takes_effect_with_those_below_it_and_is_undone_whole() -> None:
    check_plans(BASE, PLANS)
    log = confirmed(LevelLog(), a_change(4, 1))
    at_four = configured(BASE, log, "RYF", PLANS)
    assert at_four == Wishes(welfare=WelfareRules(share=0.5), redirect="ranked")
    assert [plan.name for plan in plans_in_force(log, "RYF", PLANS)] == ["REAP 3", "REAP 4"]
    assert configured(BASE, log, "RRU", PLANS) == BASE
    both = confirmed(log, a_change(2, 2, scheme=Scheme.SAFETY_PLAN))
    assert configured(BASE, both, "RYF", PLANS).welfare.share == 0.25
    back = undone(log, Scheme.REAP, "RYF", by="C", reason="eased", at_ms=3)
    assert configured(BASE, back, "RYF", PLANS) == BASE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("nonsense", 1),
        ("welfare.nonsense", 1),
        ("redirect.deeper", 1),
        ("redirect", 5),
        ("welfare.share", "much"),
        ("welfare.share", 0.0),
        ("handover.amber_min", 90),
    ],
)
def test_a_plan_can_set_only_what_exists_to_what_it_can_be(path: str, value: Setting) -> None:
    bad = LevelPlan(scheme=Scheme.REAP, level=2, name="Bad", settings={path: value})
    with pytest.raises(ValueError, match=f"plan 'Bad', was {path} = "):
        check_plans(BASE, [bad])
    assert configured(BASE, LevelLog(), "RYF", [bad]) == BASE


@given(st.lists(st.tuples(st.sampled_from(Scheme), st.integers(-1, 5)), max_size=12))
def test_the_level_in_force_is_the_last_that_was_taken(steps: list[tuple[Scheme, int]]) -> None:
    log, wanted = LevelLog(), {scheme: LEVELS[scheme][0] for scheme in Scheme}
    for at_ms, (scheme, level) in enumerate(steps):
        try:
            log = confirmed(log, a_change(level, at_ms, scheme=scheme))
        except EscalationError:
            continue
        wanted[scheme] = level
    assert {scheme: log.level_of(scheme, "RYF") for scheme in Scheme} == wanted
