from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import event as ev
from dispatch.domain.category import Category, Segment
from dispatch.domain.crew_rules import CrewRules, MealBreak
from dispatch.domain.decision import Assign
from dispatch.domain.ids import UnitId
from dispatch.domain.incident import Pathway
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.domain.term_switches import TermSwitches
from dispatch.domain.unit import Skill
from dispatch.domain.wording import decision_sentence
from dispatch.policies.crew_cost import skill_wanted
from tests.dispatch.builders import MINUTE, NOON, ControlRoom, a_unit, at

JOINT = Settings(name="joint", policies=PolicyNames(assign="joint"))
RULES = CrewRules()


def sign_on(
    room: ControlRoom,
    name: str,
    minutes: float,
    *,
    duty_min: float | None = None,
    break_min: tuple[float, float] | None = None,
    skill: Skill = Skill.PARAMEDIC,
) -> None:
    """Sign a unit on; duty and break window in minutes from now."""
    window = None
    if break_min is not None:
        window = MealBreak(
            from_ms=room.now_ms + round(break_min[0] * MINUTE),
            until_ms=room.now_ms + round(break_min[1] * MINUTE),
        )
    room.tell(
        ev.UnitSignedOn(
            unit=a_unit(name, skill=skill),
            at=at(minutes),
            until_ms=None if duty_min is None else room.now_ms + round(duty_min * MINUTE),
            meal_break=window,
        )
    )


def sent(room: ControlRoom) -> Assign:
    (order,) = [d for e in room.entries for d in e.decisions if isinstance(d, Assign)]
    return order


def terms(order: Assign) -> dict[str, float]:
    return {term.name: term.value for term in order.why.terms}


def test_a_crew_whose_duty_is_about_to_end_is_spared_where_that_costs_little() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "tired", 5, duty_min=30)
    sign_on(room, "fresh", 7, duty_min=400)
    room.report("i", Category.C3, 0)
    order = sent(room)
    assert order.unit == "fresh"
    assert "crew" not in terms(order)


def test_a_crew_near_its_end_goes_where_others_are_far_and_the_overrun_is_explained() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "tired", 5, duty_min=30)
    sign_on(room, "fresh", 60, duty_min=400)
    room.report("i", Category.C2, 0)
    order = sent(room)
    assert order.unit == "tired"
    done_min = order.eta_ms / MINUTE + RULES.after_arrival_min
    assert terms(order)["crew"] == round((done_min - 30) * RULES.overrun_weight, 2)
    assert f"expected to end {done_min - 30:.0f} min after the crew's duty" in order.why.note
    assert "It is expected to end" in decision_sentence(order)


def test_a_job_that_would_take_the_meal_break_out_of_its_window_costs_and_says_so() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "hungry", 5, break_min=(-60, 60))
    room.report("i", Category.C2, 0)
    order = sent(room)
    late_min = order.eta_ms / MINUTE + RULES.after_arrival_min - 30
    assert terms(order)["crew"] == round(late_min * RULES.break_weight, 2)
    assert f"meal break is expected {late_min:.0f} min after its window" in order.why.note


def test_a_break_that_was_taken_costs_nothing_any_more() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "fed", 0, break_min=(-60, 60))
    room.status("fed", ev.UnitStatus.ON_BREAK)
    room.status("fed", ev.UnitStatus.ON_STATION, after_min=30)
    room.report("i", Category.C2, 0)
    assert "crew" not in terms(sent(room))


def test_a_stroke_gets_the_paramedic_when_an_emt_is_hardly_nearer() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "emt", 5, skill=Skill.EMT)
    sign_on(room, "paramedic", 6)
    room.report("i", Category.C2, 0, pathway=Pathway.STROKE)
    assert sent(room).unit == "paramedic"


def test_an_advanced_paramedic_is_kept_from_a_c3_when_another_is_hardly_later() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "advanced", 5, skill=Skill.ADVANCED)
    sign_on(room, "eca", 6, skill=Skill.ECA)
    room.report("i", Category.C3, 0)
    assert sent(room).unit == "eca"


def test_the_skill_wanted_follows_pathway_segment_and_category() -> None:
    room = ControlRoom(JOINT)
    for name, more, wanted in (
        ("a", {"category": Category.C2, "segment": Segment.A}, Skill.PARAMEDIC),
        ("b", {"category": Category.C2, "segment": Segment.B}, Skill.EMT),
        ("c", {"category": Category.C3, "pathway": Pathway.PPCI}, Skill.PARAMEDIC),
        ("d", {"category": Category.C4}, Skill.ECA),
    ):
        room.report(name, minutes=0, **more)  # type: ignore[arg-type]
        assert skill_wanted(room.state.incidents[name]) is wanted


def test_with_the_term_switched_off_the_nearest_goes_whatever_its_hours() -> None:
    room = ControlRoom(
        Settings(
            name="joint",
            policies=PolicyNames(assign="joint"),
            terms=TermSwitches(crew=False),
        )
    )
    sign_on(room, "tired", 5, duty_min=30)
    sign_on(room, "fresh", 7, duty_min=400)
    room.report("i", Category.C3, 0)
    assert sent(room).unit == "tired"


def test_a_c1_takes_the_nearest_crew_whatever_its_hours() -> None:
    room = ControlRoom(JOINT)
    sign_on(room, "tired", 5, duty_min=10)
    sign_on(room, "fresh", 6)
    room.report("i", Category.C1, 0)
    assert sent(room).unit == "tired"


def test_nobody_past_the_end_of_duty_or_on_break_is_sent_by_the_rule_and_each_is_named() -> None:
    room = ControlRoom(Settings())
    sign_on(room, "ended", 5, duty_min=10)
    sign_on(room, "resting", 0)
    room.status("resting", ev.UnitStatus.ON_BREAK)
    room.now_ms += 11 * MINUTE
    entry = room.report("i", Category.C2, 0)
    (wait,) = [d for d in entry.decisions if type(d).__name__ == "Wait"]
    verdicts = {c.id: c.verdict.value for c in wait.why.candidates}
    assert verdicts == {UnitId("ended"): "shift_ended", UnitId("resting"): "on_break"}


@given(
    end_min=st.integers(1, 300),
    break_end_min=st.integers(35, 300),
    minutes=st.integers(1, 60),
    weight=st.floats(0.0, 0.2),
)
def test_the_kernel_agrees_with_the_formula(
    end_min: int, break_end_min: int, minutes: int, weight: float
) -> None:
    rules = CrewRules(overrun_weight=weight, break_weight=weight / 2)
    room = ControlRoom(Settings(name="joint", policies=PolicyNames(assign="joint"), crew=rules))
    sign_on(room, "A", minutes, duty_min=end_min, break_min=(0, break_end_min))
    room.report("i", Category.C2, 0)
    order = sent(room)
    done = order.eta_ms / MINUTE + rules.after_arrival_min
    expected = max(0.0, done - end_min) * round(1000 * weight) / 1000
    expected += max(0.0, done - (break_end_min - 30)) * round(500 * weight) / 1000
    assert abs(terms(order).get("crew", 0.0) - expected) < 0.006
    assert room.now_ms == NOON
