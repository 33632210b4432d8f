from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.trigger_check import is_possible, quantities_of
from dispatch.domain.trigger_language import (
    And,
    Comparison,
    Expression,
    Literal,
    Named,
    Not,
    Operator,
    Or,
    RuleError,
    RuleTree,
    expression_text,
    parse_quantity,
    parse_rule,
    rule_text,
)
from dispatch.domain.trigger_quantity import HOSPITAL_QUANTITIES, Quantity
from dispatch.domain.trigger_rule import (
    DEFAULT_HALO_RULE,
    TriggerRule,
    canonical_text,
    evaluate,
    explain,
    holds,
    is_fired,
    is_released,
    read_rule,
)


def read(text: str) -> RuleTree:
    return read_rule(text, "hospital")


def a_rule(text: str = DEFAULT_HALO_RULE) -> TriggerRule:
    return TriggerRule(id="R1", about="hospital", subject="H1", text=text)


def q(name: str, minutes: float | None = None) -> Quantity:
    return Quantity(name, minutes)


CALM = {
    q("waiting_over", 15): 0.0,
    q("waiting_over", 30): 0.0,
    q("mean_handover", 60): 12.0,
    q("inbound", 30): 1.0,
    q("opel"): 1.0,
}


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        (q("waiting_over", 15), 3.0),
        (q("waiting_over", 30), 1.0),
        (q("mean_handover", 60), 25.1),
        (q("inbound", 30), 4.0),
        (q("opel"), 3.0),
    ],
)
def test_each_default_reason_fires_alone(quantity: Quantity, value: float) -> None:
    tree = a_rule().tree
    assert is_fired(tree, CALM).holds is False
    answer = is_fired(tree, CALM | {quantity: value})
    assert answer.holds is True
    assert [e.values for e in answer.evidence if e.holds] == [((quantity.text(), value),)]


def test_just_under_each_default_threshold_does_not_fire() -> None:
    under = {
        q("waiting_over", 15): 2.0,
        q("waiting_over", 30): 0.0,
        q("mean_handover", 60): 25.0,
        q("inbound", 30): 3.0,
        q("opel"): 2.0,
    }
    assert is_fired(a_rule().tree, under).holds is False


def test_release_needs_until_and_the_end_of_when() -> None:
    tree = read("when waiting >= 3 until waiting <= 3")
    assert is_released(tree, {q("waiting"): 3.0}) is False
    assert is_released(tree, {q("waiting"): 2.0}) is True
    assert is_released(read("when waiting >= 3"), {q("waiting"): 2.0}) is True
    assert is_released(tree, {}) is None


def test_unknown_values_neither_fire_nor_release() -> None:
    tree = read("when waiting >= 3 and opel >= 3")
    assert is_fired(tree, {q("waiting"): 5.0}).holds is None
    assert is_fired(tree, {q("waiting"): 1.0}).holds is False
    assert is_fired(tree, {q("waiting"): 5.0}).missing == ("opel",)
    either = read("when waiting >= 3 or opel >= 3")
    assert is_fired(either, {q("waiting"): 5.0, q("opel"): None}).holds is True
    assert is_fired(either, {q("waiting"): 1.0, q("opel"): None}).holds is None


def test_units_of_time_are_one_measure() -> None:
    assert read("when longest_wait > 1 h").when == read("when longest_wait > 60 min").when
    assert read("when longest_wait > 90 s").when == read("when longest_wait > 1.5 min").when


def test_times_of_day_and_between() -> None:
    tree = read("when local_time between 12:00 and 22:00 and waiting >= 2")
    values = {q("local_time"): 720.0, q("waiting"): 2.0}
    assert is_fired(tree, values).holds is True
    assert is_fired(tree, values | {q("local_time"): 719.0}).holds is False


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "a quantity or a value, was the end"),
        ("when", 5, "was the end"),
        ("waiting", 8, "a comparison such as >="),
        ("waiting >=", 11, "was the end"),
        ("waiting >= 3 3", 14, "'and', 'or'"),
        ("waiting >= 3 and", 17, "was the end"),
        ("(waiting >= 3", 14, "closing bracket"),
        ("waiting >= 3 )", 14, "'and', 'or'"),
        ("waiting $ 3", 9, "was '\\$'"),
        ("wating >= 3", 1, "did you mean 'waiting'"),
        ("xyzzy >= 3", 1, "name of a quantity, was 'xyzzy'"),
        ("waiting_over >= 3", 1, "a duration, as in"),
        ("waiting(15 min) >= 3", 1, "without brackets"),
        ("waiting_over(15) >= 3", 16, "a unit of time after 15"),
        ("waiting_over(15 % ) >= 3", 19, "a unit of time after 15"),
        ("waiting_over(min) >= 3", 14, "a duration such as"),
        ("waiting_over(15 min >= 3", 21, "closing bracket"),
        ("waiting_over(0 min) >= 3", 1, "up to a week"),
        ("waiting_over(169 h) >= 3", 1, "up to a week"),
        ("longest_wait > 30", 16, "in minutes, was a bare number"),
        ("longest_wait > 30 %", 16, "in minutes, was percent"),
        ("waiting >= 3 min", 12, "a count, was minutes"),
        ("opel >= 3 %", 9, "a level, was percent"),
        ("bed_occupancy > 95", 17, "in percent, was a bare number"),
        ("local_time > 25:00", 14, "a time of day"),
        ("local_time > 24:01", 14, "a time of day"),
        ("waiting > longest_wait", 11, "count on both sides, was minutes"),
        ("3 > 2", 1, "a quantity on one side"),
        ("waiting between 2 or 3", 19, "'and' after the lower value"),
        ("waiting >= 3 for 5", 19, "a unit of time"),
        ("waiting >= 3 hold 5 min hold 6 min", 25, "'hold' once"),
        ("waiting >= 3 until waiting < 1 until waiting < 2", 32, "'until' once"),
        ("and >= 3", 1, "a quantity or a value, was 'and'"),
        ("waiting >= 99999999", 12, "a value up to"),
        ("(" * 30 + "waiting >= 3" + ")" * 30, 22, "levels of brackets"),
        (" or ".join(["waiting >= 3"] * 41), 641, "at most 40 comparisons"),
        ("waiting >= 3" + " " * 2000, 2000, "at most 2000 characters"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_column(text: str, column: int, says: str) -> None:
    with pytest.raises(RuleError, match=says) as caught:
        read(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "waiting >= 3 and waiting < 3",
        "opel > 4",
        "opel = 2.5",
        "waiting < 0",
        "four_hour_performance > 100 %",
        "waiting > 2 and waiting < 3",
        "waiting > waiting",
        "longest_wait > 30 min and longest_wait < 20 min",
        "longest_wait = 30 min and not longest_wait = 30 min",
        "waiting_over(30 min) >= 3 and waiting_over(15 min) <= 2",
        "waiting_over(60 min) >= 3 and waiting_over(30 min) < 9 and waiting_over(15 min) <= 2",
        "inbound(15 min) >= 5 and inbound(30 min) < 5",
        "waiting_over(15 min) >= 3 and waiting < 3",
        "waiting_over(15 min) >= 1 and longest_wait < 15 min",
        "waiting_over(15 min) = 0 and longest_wait > 20 min",
        "opel >= 1 and opel != 1 and opel != 2 and opel != 3 and opel != 4",
        "local_time between 22:00 and 06:00",
        "not (waiting < 3 or waiting >= 3)",
        "30 min < longest_wait and 20 min > longest_wait",
    ],
)
def test_a_rule_that_never_fires_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match="never can"):
        read(text)


@pytest.mark.parametrize(
    "text", ["opel >= 1", "waiting >= 0", "waiting < 3 or waiting >= 3", "not opel > 4"]
)
def test_a_rule_that_always_fires_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match="always fires"):
        read(text)


def test_an_until_that_never_comes_is_refused() -> None:
    with pytest.raises(RuleError, match="'until' that can come true"):
        read("waiting >= 3 until waiting > 5 and waiting < 5")
    with pytest.raises(RuleError, match="'until' that can come true"):
        read("waiting >= 3 until waiting >= 3")


def test_a_rule_with_too_many_alternatives_is_refused() -> None:
    text = " and ".join(f"(waiting > {i} or opel > 1)" for i in range(3, 20))
    with pytest.raises(RuleError, match="simpler rule"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "waiting > in_handover",
        "longest_wait >= mean_handover(60 min)",
        "waiting_over(15 min) >= 1 and longest_wait = 15 min",
        "waiting_over(15 min) = 0 and longest_wait < 15 min and waiting > 4",
    ],
)
def test_unusual_rules_that_make_sense_are_taken(text: str) -> None:
    assert quantities_of(read(text))


def test_a_rule_as_configuration_is_checked_when_made() -> None:
    with pytest.raises(RuleError, match="did you mean"):
        a_rule("waitin >= 3")
    with pytest.raises(ValueError, match="'hospital' or 'trust'"):
        TriggerRule(id="R", about="ward", subject="W", text="waiting >= 3")
    with pytest.raises(RuleError, match="name of a quantity"):
        TriggerRule(id="R", about="trust", subject="RYF", text="clear_pending >= 3")


def test_a_rule_names_what_it_needs_once() -> None:
    rule = a_rule("waiting >= 3 or inbound(30 min) >= 4 or waiting >= 5 until inbound(15 min) < 1")
    assert rule.needs == (q("inbound", 15), q("inbound", 30), q("waiting"))


def test_rules_are_explained_in_the_words_of_the_trade() -> None:
    text = explain(
        read("when waiting_over(15 min) >= 3 for 5 min until waiting < 2 hold 1 h"), "hospital"
    )
    assert text == (
        "Fires when the number of ambulances that have waited 15 min or longer is at least 3, "
        "for 5 min without a break. May end when that is no longer so and the number of "
        "ambulances waiting to hand over is under 2, but not before 60 min have passed."
    )
    plain = explain(
        read("not (opel < 3 and waiting = 0) or (opel = 1 and waiting != 1)"), "hospital"
    )
    assert plain == (
        "Fires when it is not so that the hospital's OPEL is under 3 and the number of ambulances "
        "waiting to hand over is 0, or (the hospital's OPEL is 1 and the number of ambulances "
        "waiting to hand over is not 1). May end when that is no longer so."
    )


def test_canonical_text_is_stable() -> None:
    text = "WAITING_OVER(0.25 h) ≥ 3 OR (longest_wait>1800 s AND NOT (opel==1 or opel ≠ 2))"
    once = canonical_text(text, "hospital")
    assert once == (
        "when waiting_over(15 min) >= 3 or (longest_wait > 30 min and not (opel = 1 or opel != 2))"
    )
    assert canonical_text(once, "hospital") == once


comparisons = st.one_of(
    st.builds(
        lambda name, operator, value: Comparison(
            Named(Quantity(name)), operator, Literal(float(value), None)
        ),
        st.sampled_from(["waiting", "in_handover", "clear_pending"]),
        st.sampled_from(Operator),
        st.integers(0, 4),
    ),
    st.builds(
        lambda minutes, operator, value: Comparison(
            Literal(float(value), None), operator, Named(Quantity("waiting_over", float(minutes)))
        ),
        st.sampled_from([15, 30]),
        st.sampled_from(Operator),
        st.integers(0, 4),
    ),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)


def without_columns(text: str) -> str:
    return expression_text(parse_rule(text).when)


@given(expressions)
def test_what_is_written_reads_back_as_the_same_tree(expression: Expression) -> None:
    text = rule_text(RuleTree(expression))
    assert without_columns(text) == expression_text(expression)


@given(expressions, st.lists(st.integers(0, 6), min_size=5, max_size=5))
def test_what_is_called_impossible_never_happens(
    expression: Expression, numbers: list[int]
) -> None:
    waiting, over_15, over_30, in_handover, pending = numbers
    over_15 = min(over_15, waiting)
    values = {
        q("waiting"): float(waiting),
        q("waiting_over", 15): float(over_15),
        q("waiting_over", 30): float(min(over_30, over_15)),
        q("in_handover"): float(in_handover),
        q("clear_pending"): float(pending),
    }
    if evaluate(expression, values).holds:
        assert is_possible(expression, HOSPITAL_QUANTITIES)


@given(expressions, st.lists(st.none() | st.integers(0, 6), min_size=5, max_size=5))
def test_the_quick_answer_is_that_of_the_evidence(
    expression: Expression, numbers: list[int | None]
) -> None:
    names = (q("waiting"), q("waiting_over", 15), q("waiting_over", 30), q("in_handover"))
    values = {
        name: None if number is None else float(number)
        for name, number in zip((*names, q("clear_pending")), numbers, strict=True)
    }
    assert holds(expression, values) is evaluate(expression, values).holds


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_an_error_with_a_column(text: str) -> None:
    try:
        read(text)
    except RuleError as error:
        column = error.column
    else:
        column = 1
    assert 1 <= column <= len(text) + 1


def test_a_quantity_is_read_from_its_text_alone() -> None:
    assert parse_quantity("inbound(0.5 h)") == q("inbound", 30)
    assert parse_quantity(q("waiting_over", 15).text()) == q("waiting_over", 15)
    for text in ("3", "waiting 3", "", "inbound(30)"):
        with pytest.raises(RuleError):
            parse_quantity(text)
