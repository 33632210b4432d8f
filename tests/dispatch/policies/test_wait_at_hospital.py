"""The choice of hospital by travel and expected wait."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.policies.wait_at_hospital import (
    ChoiceReason,
    DestinationRules,
    HospitalLoad,
    HospitalRefusal,
    choose_destination,
)

MINUTE = 60_000
RULES = DestinationRules()


def load(n: int, **changes: object) -> HospitalLoad:
    fields = {
        "wait_ms": np.full(n, 20 * MINUTE, np.int64),
        "is_stalled": np.zeros(n, np.bool_),
        "is_deflecting": np.zeros(n, np.bool_),
        "sent_last_hour": np.zeros(n, np.int32),
        "cap_per_hour": np.zeros(n, np.int32),
    }
    return HospitalLoad(**(fields | changes))  # type: ignore[arg-type]


def choose(travel_min: list[float], hospitals: HospitalLoad, **how: object):
    travel_ms = np.array([round(t * MINUTE) for t in travel_min], np.int32)
    suitable = how.pop("is_suitable", np.ones(travel_ms.size, np.bool_))
    rules = how.pop("rules", RULES)
    return choose_destination(travel_ms, suitable, hospitals, rules, **how)  # type: ignore[arg-type]


def waits(*minutes: float) -> np.ndarray:
    return np.array([round(m * MINUTE) for m in minutes], np.int64)


def counts(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def test_passes_a_full_hospital_for_a_quiet_one_and_counts_the_way_back() -> None:
    found = choose([10, 18], load(2, wait_ms=waits(50, 20)))
    assert found.total_ms.tolist() == [70 * MINUTE, 56 * MINUTE]
    assert found.chosen == 1
    assert found.reason is ChoiceReason.LEAST_TOTAL
    assert found.gain_ms == 14 * MINUTE


def test_a_wait_that_is_as_long_as_the_further_way_is_no_reason_to_drive_on() -> None:
    found = choose([10, 18], load(2, wait_ms=waits(40, 20)))
    assert (found.chosen, found.reason) == (0, ChoiceReason.NEAREST_IS_AS_GOOD)
    there_only = DestinationRules(way_back=0.0)
    assert choose([10, 18], load(2, wait_ms=waits(40, 20)), rules=there_only).chosen == 1


def test_never_drives_more_than_a_quarter_of_an_hour_further() -> None:
    found = choose([10, 25.1], load(2, wait_ms=waits(400, 20)))
    assert found.chosen == 0
    assert found.refusal.tolist() == [HospitalRefusal.NONE, HospitalRefusal.TOO_FAR]


def test_the_detour_is_measured_from_the_nearest_that_takes_patients() -> None:
    deflecting = np.array([True, False, False])
    found = choose([5, 22, 30], load(3, is_deflecting=deflecting, wait_ms=waits(20, 300, 20)))
    assert found.refusal[0] == HospitalRefusal.DEFLECTS
    assert found.chosen == 2


def test_the_detour_is_not_measured_from_a_hospital_that_hands_nobody_over() -> None:
    stalled = np.array([True, False, False])
    found = choose([5, 22, 30], load(3, is_stalled=stalled, wait_ms=waits(200, 60, 20)))
    assert found.chosen == 2
    assert not found.refusal.any()
    # Where all are at a standstill the nearest is as good a mark as any.
    everywhere = load(3, is_stalled=np.ones(3, np.bool_), wait_ms=waits(60, 20, 20))
    assert choose([5, 22, 19], everywhere).refusal.tolist() == [0, HospitalRefusal.TOO_FAR, 0]


def test_a_hospital_at_a_standstill_is_still_chosen_when_the_way_elsewhere_is_longer() -> None:
    stalled = np.array([True, False])
    assert choose([5, 60], load(2, is_stalled=stalled, wait_ms=waits(100, 20))).chosen == 0


@pytest.mark.parametrize(("wait", "chosen"), [(27, 0), (29, 1)])
def test_a_crew_on_its_way_turns_only_for_eight_minutes(wait: int, chosen: int) -> None:
    found = choose([10, 10], load(2, wait_ms=waits(wait, 20)), incumbent=0, arrives_in_ms=600_000)
    assert found.chosen == chosen


def test_a_crew_nearly_there_goes_there() -> None:
    found = choose([5, 5], load(2, wait_ms=waits(500, 20)), incumbent=0, arrives_in_ms=5 * MINUTE)
    assert found.chosen == 0
    assert found.reason is ChoiceReason.FROZEN


def test_a_crew_whose_hospital_begins_to_deflect_turns_at_once() -> None:
    deflecting = np.array([True, False])
    found = choose([10, 12], load(2, is_deflecting=deflecting), incumbent=0, arrives_in_ms=600_000)
    assert found.chosen == 1


def test_the_agreed_number_an_hour_is_kept() -> None:
    hospitals = load(
        2, wait_ms=waits(90, 20), sent_last_hour=counts(0, 6), cap_per_hour=counts(0, 6)
    )
    found = choose([10, 12], hospitals)
    assert found.chosen == 0
    assert found.refusal[1] == HospitalRefusal.CAP_REACHED


def test_the_nearest_takes_the_patient_when_all_refuse() -> None:
    found = choose([20, 10], load(2, is_deflecting=np.ones(2, np.bool_)))
    assert (found.chosen, found.reason) == (1, ChoiceReason.ALL_REFUSE)


def test_nowhere_is_said_and_not_guessed() -> None:
    found = choose([10], load(1), is_suitable=np.zeros(1, np.bool_))
    assert (found.chosen, found.reason) == (None, ChoiceReason.NOWHERE)
    assert found.refusal.tolist() == [HospitalRefusal.NOT_SUITABLE]
    unreachable = choose([(2**30 - 1) / MINUTE], load(1))
    assert unreachable.refusal.tolist() == [HospitalRefusal.NO_WAY]


def test_the_first_choice_may_be_told_to_prefer_the_nearest() -> None:
    rules = DestinationRules(first_gain_min_s=900)
    found = choose([10, 12], load(2, wait_ms=waits(35, 20)), rules=rules)
    assert (found.chosen, found.reason) == (0, ChoiceReason.NEAREST_IS_AS_GOOD)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_choice_is_the_least_total_within_the_detour(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 8))
    hospitals = load(n, wait_ms=draw.integers(5, 120, n) * MINUTE, is_stalled=draw.random(n) < 0.2)
    travel = draw.integers(1, 60, n)
    rules = DestinationRules(first_gain_min_s=0)
    found = choose(travel.tolist(), hospitals, rules=rules)
    marks = [h for h in range(n) if not hospitals.is_stalled[h]] or list(range(n))
    allowed = [h for h in range(n) if travel[h] <= min(travel[m] for m in marks) + 15]
    totals = {h: 2 * travel[h] * MINUTE + int(hospitals.wait_ms[h]) for h in allowed}
    assert found.chosen == min(allowed, key=lambda h: (totals[h], travel[h], h))
    assert found.gain_ms >= 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_further_hospital_is_chosen_only_for_the_least_gain(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = int(draw.integers(2, 8))
    hospitals = load(n, wait_ms=draw.integers(5, 90, n) * MINUTE)
    travel = draw.integers(1, 40, n)
    found = choose(travel.tolist(), hospitals)
    assert found.chosen is not None
    nearest = int(np.argmin(travel))
    if travel[found.chosen] > travel[nearest]:
        assert found.total_ms[nearest] - found.total_ms[found.chosen] >= 5 * MINUTE
        assert found.wait_ms[nearest] > found.wait_ms[found.chosen]
