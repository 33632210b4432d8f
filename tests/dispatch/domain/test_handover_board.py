from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.handover import (
    HandoverRules,
    HandoverTimer,
    Visit,
    VisitId,
    handover_completed,
    handover_started,
)
from dispatch.domain.handover_board import (
    Inbound,
    Pressure,
    handover_board,
    hospital_values,
    next_change_ms,
)
from dispatch.domain.ids import HospitalId, UnitId
from dispatch.domain.trigger_check import thresholds_of
from dispatch.domain.trigger_quantity import HOSPITAL_QUANTITIES, Quantity
from dispatch.domain.trigger_rule import DEFAULT_HALO_RULE, is_fired, read_rule

MINUTE = 60_000
NOON = int(datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/London")).timestamp() * 1000)
RULES = HandoverRules()
H1 = HospitalId("H1")


def a_visit(name: str, arrived_min: float, **changes: Any) -> Visit:
    fields: dict[str, Any] = {"hospital": H1, "unit": UnitId(f"U-{name}")}
    return Visit(
        id=VisitId(name), arrived_at_ms=NOON + round(arrived_min * MINUTE), **(fields | changes)
    )


def handed(name: str, arrived_min: float, handed_min: float) -> Visit:
    return handover_completed(a_visit(name, arrived_min), NOON + round(handed_min * MINUTE))


def inbound(name: str, eta_min: float) -> Inbound:
    return Inbound(unit=UnitId(name), eta_at_ms=NOON + round(eta_min * MINUTE))


def values(
    *texts: Quantity,
    visits: list[Visit] | None = None,
    inbounds: list[Inbound] | None = None,
    pressures: list[Pressure] | None = None,
    at_min: float = 0,
    predicted: dict[float, float] | None = None,
) -> list[float | None]:
    found = hospital_values(
        texts,
        visits or [],
        inbounds or [],
        pressures or [],
        NOON + round(at_min * MINUTE),
        RULES,
        predicted,
    )
    return [found[text] for text in texts]


def test_the_board_lists_each_ambulance_where_it_stands() -> None:
    visits = [
        a_visit("W2", -10),
        a_visit("W1", -35),
        handover_started(a_visit("IN", -50), NOON - 20 * MINUTE),
        handed("OUT", -60, -30),
        a_visit("ELSEWHERE", -99, hospital=HospitalId("H2")),
    ]
    board = handover_board(H1, visits, [inbound("B", 9), inbound("A", 4)], NOON, RULES)
    assert [row.visit for row in board.waiting] == ["W1", "W2"]
    assert [row.timer for row in board.waiting] == [HandoverTimer.ARM, None]
    assert [(row.visit, row.timer) for row in board.in_handover] == [("IN", HandoverTimer.RELEASE)]
    assert [(row.visit, row.timer) for row in board.clear_pending] == [("OUT", HandoverTimer.ARM)]
    assert [unit.unit for unit in board.inbound] == ["A", "B"]
    assert board.longest_wait_ms == 35 * MINUTE
    assert board.mean_handover_last_hour_ms == 30 * MINUTE
    assert board.lost_today_ms == (20 + 35 + 15) * MINUTE
    assert (board.handovers_today, board.over_15_today, board.over_30_today) == (1, 1, 0)


def test_an_empty_board_is_calm() -> None:
    board = handover_board(H1, [], [], NOON, RULES)
    assert board.longest_wait_ms == board.lost_today_ms == 0
    assert board.mean_handover_last_hour_ms is None


def test_yesterday_is_not_lost_today() -> None:
    night = [handed("N", -13 * 60, -11 * 60)]
    board = handover_board(H1, night, [], NOON, RULES)
    assert board.lost_today_ms == 60 * MINUTE
    assert board.handovers_today == 1


def test_waits_count_from_the_millisecond_at_which_they_reach_the_limit() -> None:
    visits = [a_visit("A", -15), a_visit("B", -15 + 1 / MINUTE)]
    assert values(Quantity("waiting_over", 15), visits=visits) == [1.0]
    assert values(Quantity("waiting_over", 15), visits=visits, at_min=1 / MINUTE) == [2.0]


def test_a_started_handover_no_longer_waits_but_is_not_handed_over() -> None:
    visits = [handover_started(a_visit("A", -40), NOON - MINUTE), a_visit("B", -5)]
    names = ("waiting", "longest_wait", "not_handed_over", "longest_not_handed_over", "in_handover")
    assert values(*map(Quantity, names), visits=visits) == [1.0, 5.0, 2.0, 40.0, 1.0]
    assert values(Quantity("not_handed_over_over", 30), visits=visits) == [1.0]


def test_the_mean_is_of_the_handovers_that_ended_in_the_window() -> None:
    mean = Quantity("mean_handover", 60)
    done = [handed("A", -90, -60), handed("B", -80, -59), handed("C", -40, -1)]
    assert values(mean, visits=done) == [(21 + 39) / 2]
    assert values(mean, visits=[a_visit("D", -50)]) == [0.0]
    assert values(mean) == [0.0]


def test_inbound_counts_who_is_due_within_the_time() -> None:
    units = [inbound("A", 30), inbound("B", 30.001), inbound("C", -2)]
    assert values(Quantity("inbound", 30), inbounds=units) == [2.0]


def test_pressures_are_forgotten_when_they_run_out() -> None:
    opel = Pressure(name="opel", value=3, reported_at_ms=NOON)
    beds = Pressure(
        name="bed_occupancy", value=97, reported_at_ms=NOON, valid_until_ms=NOON + 5 * MINUTE
    )
    late = Pressure(name="opel", value=4, reported_at_ms=NOON + MINUTE)
    both = Quantity("opel"), Quantity("bed_occupancy")
    feeds = [late, beds, opel]
    assert values(*both, pressures=feeds) == [3.0, 97.0]
    assert values(*both, pressures=feeds, at_min=1) == [4.0, 97.0]
    assert values(*both, pressures=feeds, at_min=5) == [4.0, None]
    assert values(*both) == [1.0, None]


def test_predictions_are_handed_in() -> None:
    ahead = Quantity("predicted_handover", 30)
    assert values(ahead, predicted={30: 44.0}) == [44.0]
    assert values(ahead, predicted={15: 44.0}) == [None]
    assert values(ahead) == [None]


def test_the_day_knows_its_clock_and_its_losses() -> None:
    assert values(Quantity("local_time"), at_min=75) == [795.0]
    visits = [a_visit("A", -30)]
    assert values(Quantity("hours_lost_today"), visits=visits, at_min=5) == [20.0]


def test_every_name_of_the_language_has_a_value_or_is_a_feed() -> None:
    fed = {"bed_occupancy", "majors_occupancy", "four_hour_performance", "discharge_ready"}
    fed |= {"community_beds_free"}
    for name, kind in HOSPITAL_QUANTITIES.items():
        quantity = Quantity(name, 30.0 if kind.takes_minutes else None)
        (value,) = values(quantity, predicted={30: 1.0})
        assert (value is None) == (name in fed), name


def test_the_default_rule_fires_at_the_exact_instant_that_was_foretold() -> None:
    tree = read_rule(DEFAULT_HALO_RULE, "hospital")
    visits = [a_visit("A", 0), a_visit("B", 4), a_visit("C", 7.5)]
    calm = [Pressure(name="opel", value=1, reported_at_ms=NOON)]
    now, fired_at = NOON, None
    for _ in range(200):
        needs = thresholds_of(tree)
        found = hospital_values(needs, visits, [], calm, now, RULES)
        if is_fired(tree, found).holds:
            fired_at = now
            break
        due = next_change_ms(needs, visits, [], now)
        assert due is not None
        now = due
    # The third has waited 15 minutes at 22.5, the first 30 at 30.
    assert fired_at == NOON + round(22.5 * MINUTE)


@given(
    st.lists(st.integers(-90, 0), min_size=1, max_size=5),
    st.sampled_from(
        [
            "waiting_over(15 min) >= 2",
            "longest_wait > 20 min",
            "longest_wait >= 20 min",
            "not_handed_over_over(30 min) >= 1",
            "inbound(10 min) >= 2",
            "local_time > 12:10",
        ]
    ),
)
def test_nothing_exact_changes_between_two_foretold_instants(
    arrivals: list[int], text: str
) -> None:
    """Probing every few seconds never sees a rule change before the instant that was foretold."""
    tree = read_rule(text, "hospital")
    visits = [a_visit(f"V{i}", minute / 3) for i, minute in enumerate(arrivals)]
    units = [inbound(f"I{i}", 20 - minute / 7) for i, minute in enumerate(arrivals)]
    needs = thresholds_of(tree)

    def holds(now_ms: int) -> bool | None:
        return is_fired(tree, hospital_values(needs, visits, units, [], now_ms, RULES)).holds

    now = NOON
    before = holds(now)
    due = next_change_ms(needs, visits, units, now)
    for probe in range(NOON, NOON + 40 * MINUTE, 7_321):
        while due is not None and due <= probe:
            now, before = due, holds(due)
            due = next_change_ms(needs, visits, units, now)
        assert holds(probe) == before


def test_a_quiet_hospital_needs_no_second_look() -> None:
    needs = thresholds_of(read_rule("waiting >= 3 or hours_lost_today > 5 h", "hospital"))
    assert next_change_ms(needs, [], [], NOON) is None
    drifting = thresholds_of(read_rule("hours_lost_today > 5 h", "hospital"))
    assert next_change_ms(drifting, [a_visit("A", 0)], [], NOON) == NOON + MINUTE
    mean = thresholds_of(read_rule("mean_handover(60 min) > 25 min", "hospital"))
    assert next_change_ms(mean, [handed("A", -50, -20)], [], NOON) == NOON + 40 * MINUTE


def test_other_quantities_than_those_of_hospitals_are_unknown() -> None:
    assert values(Quantity("c2_mean", 60.0)) == [None]
    with pytest.raises(KeyError):
        HOSPITAL_QUANTITIES["c2_mean"]


def test_a_rule_between_two_quantities_is_looked_at_every_minute() -> None:
    tree = read_rule("longest_wait > mean_handover(60 min)", "hospital")
    assert next_change_ms(thresholds_of(tree), [a_visit("A", 0)], [], NOON) == NOON + MINUTE


def test_one_long_wait_alone_does_not_make_a_mean() -> None:
    tree = read_rule(DEFAULT_HALO_RULE, "hospital")
    needs = thresholds_of(tree)
    visits = [a_visit("A", 0)]
    for minute in range(30):
        found = hospital_values(needs, visits, [], [], NOON + minute * MINUTE, RULES)
        assert is_fired(tree, found).holds is False
    found = hospital_values(needs, visits, [], [], NOON + 30 * MINUTE, RULES)
    assert is_fired(tree, found).holds is True
