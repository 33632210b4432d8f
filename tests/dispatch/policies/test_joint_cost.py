"""Costs of the joint problem, term by term."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.domain.weighing import HarmParameters, JointRules
from dispatch.policies.harm import HARM_US_PER_MINUTE, extra_harm_us
from dispatch.policies.joint_cost import (
    Fleet,
    PairRefusal,
    Waiting,
    pair_costs,
)

HARM = HarmParameters()
MINUTE = 60_000
RULES = JointRules()
NO_WAY_MS = 2**30 - 1


def some_waiting(n: int = 1, **changes: object) -> Waiting:
    fields = {
        "rank": np.full(n, 2),
        "waited_ms": np.zeros(n, np.int64),
        "weight_milli": np.full(n, 1000, np.int64),
        "diversions": np.zeros(n, np.int32),
        "holder": np.full(n, -1, np.int32),
        "may_divert": np.ones(n, np.bool_),
    }
    return Waiting(**(fields | changes))  # type: ignore[arg-type]


def a_fleet(m: int, **changes: object) -> Fleet:
    fields = {
        "clear_ms": np.zeros(m, np.int64),
        "mobilise_ms": np.zeros(m, np.int64),
        "coverage_us": np.zeros(m, np.int64),
        "going_to": np.full(m, -1, np.int32),
        "arrives_in_ms": np.full(m, 10 * MINUTE, np.int64),
    }
    return Fleet(**(fields | changes))  # type: ignore[arg-type]


def costs(waiting: Waiting, fleet: Fleet, travel_min: list[float], rules=RULES, **terms):
    """Return the costs of every unit (columns) for every incident (rows)."""
    n, m = waiting.waited_ms.size, fleet.clear_ms.size
    start = np.arange(0, n * m + 1, m, dtype=np.int32)
    units = np.tile(np.arange(m, dtype=np.int32), n)
    travel_ms = np.array([round(t * MINUTE) for t in travel_min], dtype=np.int32)
    return pair_costs(waiting, fleet, start, units, travel_ms, rules, HARM.growth_ms, **terms)


def test_the_expected_arrival_adds_clearing_mobilising_and_travel() -> None:
    fleet = a_fleet(1, clear_ms=np.array([7 * MINUTE]), mobilise_ms=np.array([MINUTE]))
    assert costs(some_waiting(), fleet, [5]).eta_ms.tolist() == [13 * MINUTE]


def test_every_term_adds_up_to_the_net_cost() -> None:
    waiting = some_waiting(
        2, waited_ms=np.array([30 * MINUTE, 0]), weight_milli=np.array([1000, 350])
    )
    fleet = a_fleet(2, coverage_us=np.array([11, 13]), going_to=np.array([-1, 1], np.int32))
    found = costs(
        waiting,
        fleet,
        [20, 5, 9, 7],
        lend_us=np.array([1, 2, 3, 4]),
        crew_us=np.array([50, 60, 70, 80]),
    )
    total = found.harm_us + found.coverage_us + found.switch_us + found.lend_us + found.crew_us
    assert (total - found.wait_us[found.incident]).tolist() == found.net_us.tolist()
    assert found.harm_us[0] == extra_harm_us(30 * MINUTE, 20 * MINUTE, 1000, HARM.growth_ms)
    assert found.wait_us[1] == extra_harm_us(0, 120 * MINUTE, 350, HARM.growth_ms)
    switch_min = RULES.switch_s // 60
    assert found.switch_us.tolist() == [0, switch_min * HARM_US_PER_MINUTE, 0, 0]


def test_a_unit_near_its_patient_is_left_alone() -> None:
    fleet = a_fleet(1, going_to=np.array([1], np.int32), arrives_in_ms=np.array([2 * MINUTE]))
    found = costs(some_waiting(2), fleet, [1, 2])
    assert found.refusal.tolist() == [PairRefusal.NEAR_ITS_PATIENT, PairRefusal.NONE]


def test_a_patient_diverted_once_keeps_the_next_unit() -> None:
    fleet = a_fleet(1, going_to=np.array([1], np.int32))
    found = costs(some_waiting(2, diversions=np.array([0, 1], np.int32)), fleet, [1, 9])
    assert found.refusal.tolist() == [PairRefusal.DIVERTED_BEFORE, PairRefusal.NONE]


@pytest.mark.parametrize(("free_min", "refused"), [(11.9, True), (12.0, False)])
def test_a_diversion_must_gain_three_minutes_over_a_free_unit(free_min, refused) -> None:
    fleet = a_fleet(2, going_to=np.array([1, -1], np.int32))
    found = costs(some_waiting(2), fleet, [9, free_min, 9, 9])
    expected = PairRefusal.GAIN_TOO_SMALL if refused else PairRefusal.NONE
    assert found.refusal[0] == expected


def test_a_unit_without_a_road_is_refused() -> None:
    assert costs(some_waiting(), a_fleet(1), [NO_WAY_MS / MINUTE]).refusal[0] == PairRefusal.NO_WAY


def test_a_unit_that_costs_more_than_waiting_is_refused() -> None:
    found = costs(some_waiting(), a_fleet(2), [120, 119.9])
    assert found.refusal.tolist() == [PairRefusal.DEARER_THAN_WAITING, PairRefusal.NONE]


def test_only_the_nearest_enter_but_a_unit_on_its_way_stays() -> None:
    fleet = a_fleet(4, going_to=np.array([0, -1, -1, -1], np.int32))
    rules = JointRules(nearest_max=2)
    found = costs(some_waiting(), fleet, [30, 5, 6, 7], rules)
    assert found.refusal.tolist() == [0, 0, 0, PairRefusal.NOT_NEAREST]


def test_whom_the_rules_do_not_name_takes_no_unit_that_is_on_its_way() -> None:
    fleet = a_fleet(2, going_to=np.array([-1, 1], np.int32))
    waiting = some_waiting(2, may_divert=np.array([False, False]))
    found = costs(waiting, fleet, [60, 5, 60, 5])
    # The first incident may not have the second's unit; the second keeps its own.
    assert found.refusal.tolist() == [0, PairRefusal.NOT_GRAVER, 0, 0]
    allowed = costs(some_waiting(2, may_divert=np.array([True, True])), fleet, [60, 5, 60, 5])
    assert allowed.refusal.tolist()[1] == PairRefusal.NONE
