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
    bay_time_ms,
    choose_destination,
    expected_wait_ms,
    people_ahead,
    rolling_ms,
)

MINUTE = 60_000
RULES = DestinationRules()


def load(n: int, **changes: object) -> HospitalLoad:
    fields = {
        "bay_ms": np.full(n, 20 * MINUTE, np.int64),
        "ahead": np.zeros(n, np.int32),
        "bays": np.full(n, 4, np.int32),
        "extra_ms": np.zeros(n, np.int64),
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


def ahead(*counts: int) -> np.ndarray:
    return np.array(counts, np.int32)


def test_passes_a_full_hospital_for_a_quiet_one() -> None:
    found = choose([10, 18], load(2, ahead=ahead(9, 0)))
    # 20 min in a bay, six too many for four bays: 20 * (1 + 6/4) = 50, against 20.
    assert found.wait_ms.tolist() == [50 * MINUTE, 20 * MINUTE]
    assert found.chosen == 1
    assert found.reason is ChoiceReason.LEAST_TOTAL
    assert found.gain_ms == 22 * MINUTE


def test_counts_inbound_ambulances_that_others_lent() -> None:
    lent = people_ahead(ahead(2, 0), ahead(4, 4), ahead(0, 0), ahead(3, 0))
    assert lent.tolist() == [9, 4]


def test_never_drives_more_than_a_quarter_of_an_hour_further() -> None:
    found = choose([10, 25.1], load(2, ahead=ahead(40, 0)))
    assert found.chosen == 0
    assert found.refusal.tolist() == [HospitalRefusal.NONE, HospitalRefusal.TOO_FAR]


def test_the_detour_is_measured_from_the_nearest_that_takes_patients() -> None:
    deflecting = np.array([True, False, False])
    found = choose([5, 22, 30], load(3, is_deflecting=deflecting, ahead=ahead(0, 30, 0)))
    assert found.refusal[0] == HospitalRefusal.DEFLECTS
    assert found.chosen == 2


@pytest.mark.parametrize(("queue", "chosen"), [(3, 0), (5, 1)])
def test_a_crew_on_its_way_turns_only_for_eight_minutes(queue: int, chosen: int) -> None:
    # One bay ahead costs 5 min: with 5 in front of our own place the present course costs 10 more.
    found = choose(
        [10, 10], load(2, ahead=ahead(queue + 1, 0)), incumbent=0, arrives_in_ms=10 * MINUTE
    )
    assert found.chosen == chosen


def test_a_crew_does_not_queue_behind_itself() -> None:
    found = choose([10], load(1, ahead=ahead(4)), incumbent=0, arrives_in_ms=10 * MINUTE)
    assert found.wait_ms.tolist() == [20 * MINUTE]


def test_a_crew_nearly_there_goes_there() -> None:
    found = choose([5, 5], load(2, ahead=ahead(50, 0)), incumbent=0, arrives_in_ms=5 * MINUTE)
    assert found.chosen == 0
    assert found.reason is ChoiceReason.FROZEN


def test_a_crew_whose_hospital_begins_to_deflect_turns_at_once() -> None:
    deflecting = np.array([True, False])
    found = choose([10, 12], load(2, is_deflecting=deflecting), incumbent=0, arrives_in_ms=600_000)
    assert found.chosen == 1


def test_the_agreed_number_an_hour_is_kept() -> None:
    hospitals = load(2, ahead=ahead(9, 0), sent_last_hour=ahead(0, 6), cap_per_hour=ahead(0, 6))
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
    rules = DestinationRules(first_gain_min_s=480)
    found = choose([10, 12], load(2, ahead=ahead(4, 0)), rules=rules)
    assert (found.chosen, found.reason) == (0, ChoiceReason.NEAREST_IS_AS_GOOD)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_choice_is_the_least_total_within_the_detour(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 8))
    hospitals = load(
        n,
        bay_ms=draw.integers(5, 60, n) * MINUTE,
        ahead=draw.integers(0, 15, n).astype(np.int32),
        bays=draw.integers(1, 8, n).astype(np.int32),
        extra_ms=draw.integers(-5, 5, n) * MINUTE,
    )
    travel = draw.integers(1, 60, n)
    found = choose(travel.tolist(), hospitals)
    allowed = [h for h in range(n) if travel[h] <= travel.min() + 15]
    totals = {
        h: travel[h] * MINUTE
        + expected_wait_ms(
            int(hospitals.bay_ms[h]), int(hospitals.ahead[h]), int(hospitals.bays[h])
        )
        + int(hospitals.extra_ms[h])
        for h in allowed
    }
    assert found.chosen == min(allowed, key=lambda h: (totals[h], travel[h], h))
    assert found.gain_ms >= 0


@given(st.integers(1, 10**7), st.integers(0, 30), st.integers(1, 10))
def test_a_bay_time_explains_the_handover_it_came_from(handover, in_front, bays) -> None:
    again = expected_wait_ms(bay_time_ms(handover, in_front, bays), in_front, bays)
    assert handover - 40 <= again <= handover


def test_the_rolling_mean_moves_a_fifth_of_the_way() -> None:
    assert rolling_ms(1000, 2000) == 1200
    assert rolling_ms(1000, 0) == 800
