from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.policies.predict_handover import (
    ENGLAND_MEAN_MIN,
    HandoverPrediction,
    HospitalLoad,
    PredictionErrors,
    PredictRules,
    predict_handover,
    recorded,
)

IDLE = HospitalLoad(bays=4)


def test_without_any_knowledge_it_is_englands_mean_with_a_wide_interval() -> None:
    prediction = predict_handover([], None, IDLE)
    assert prediction.expected_min == ENGLAND_MEAN_MIN
    assert prediction.lower_min == ENGLAND_MEAN_MIN / 2
    assert prediction.upper_min == ENGLAND_MEAN_MIN * 2


def test_the_last_handovers_and_the_usual_one_are_weighed_by_count() -> None:
    prediction = predict_handover([40.0] * 10, 10.0, IDLE)
    assert prediction.expected_min == pytest.approx((10 * 40 + 5 * 10) / 15)
    assert [term.name for term in prediction.terms][:2] == ["last 10", "usual at this hour"]
    only_last = predict_handover([99.0, *[20.0] * 10], 20.0, IDLE)
    assert only_last.expected_min == pytest.approx(20.0)


def test_queue_and_inbound_beyond_the_bays_multiply_it() -> None:
    load = HospitalLoad(bays=4, in_bay=4, queue=3, inbound=2)
    prediction = predict_handover([], 20.0, load)
    # 1 + max(0, 3 + 4 + 2 + 1 - 4) / 4, the formula of the decision model.
    assert prediction.expected_min == pytest.approx(20.0 * 2.5)
    full_but_free = HospitalLoad(bays=4, in_bay=3)
    assert predict_handover([], 20.0, full_but_free).expected_min == pytest.approx(20.0)


def test_later_arrivals_find_a_shorter_queue() -> None:
    load = HospitalLoad(bays=4, in_bay=4, queue=6)
    times = [predict_handover([], 20.0, load, ahead_min=m).expected_min for m in (0, 15, 30, 60)]
    assert times == sorted(times, reverse=True)
    assert times[-1] == pytest.approx(20.0)


def test_terms_add_up_to_the_prediction() -> None:
    errors = PredictionErrors(ratios=(0.3,) * 30)
    load = HospitalLoad(bays=2, queue=5)
    prediction = predict_handover([12, 30, 25], 18.0, load, errors)
    assert sum(term.value for term in prediction.terms) == pytest.approx(prediction.expected_min)


def test_a_lasting_bias_is_learned_and_the_interval_holds_what_it_says() -> None:
    """Outcomes are lognormal about 1.5 times the base: the prediction finds both."""
    chance = random.Random(7)
    errors, rules = PredictionErrors(), PredictRules()
    for _ in range(600):
        prediction = predict_handover([], 20.0, IDLE, errors, rules)
        errors = recorded(errors, prediction, 30.0 * math.exp(chance.gauss(0, 0.4)), rules)
    assert predict_handover([], 20.0, IDLE, errors).expected_min == pytest.approx(30.0, rel=0.1)
    assert errors.covered == pytest.approx(0.8, abs=0.08)
    assert errors.bias_min is not None
    assert abs(errors.bias_min) < 5
    assert errors.mean_absolute_min is not None
    assert errors.median_absolute_min is not None
    assert len(errors.errors_min) == rules.errors_max


def test_before_the_first_outcome_nothing_is_measured() -> None:
    errors = PredictionErrors()
    assert errors.mean_absolute_min is errors.median_absolute_min is None
    assert errors.bias_min is errors.covered is None


@given(
    recent=st.lists(st.floats(0, 300), max_size=30),
    usual=st.one_of(st.none(), st.floats(1, 200)),
    queue=st.integers(0, 60),
    inbound=st.integers(0, 20),
    ratios=st.lists(st.floats(-2, 2), max_size=60),
)
def test_the_expectation_lies_in_its_interval_and_more_queue_never_shortens_it(
    recent: list[float], usual: float | None, queue: int, inbound: int, ratios: list[float]
) -> None:
    errors = PredictionErrors(ratios=tuple(ratios))

    def with_queue(count: int) -> HandoverPrediction:
        load = HospitalLoad(bays=4, queue=count, inbound=inbound)
        return predict_handover(recent, usual, load, errors)

    prediction = with_queue(queue)
    assert prediction.lower_min <= prediction.expected_min <= prediction.upper_min
    assert with_queue(queue + 1).expected_min >= prediction.expected_min


def test_impossible_loads_and_outcomes_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more bays"):
        HospitalLoad(bays=0)
    with pytest.raises(ValueError, match="0 min or more"):
        recorded(PredictionErrors(), predict_handover([], None, IDLE), -1.0)


def test_pressures_shift_what_is_usual_and_not_what_has_just_happened() -> None:
    def expected(recent: list[float], **pressures: float | None) -> float:
        return predict_handover(recent, 30.0, IDLE, pressures=pressures).expected_min

    assert expected([], bed_occupancy=94.6, four_hour_performance=73.0) == pytest.approx(30.0)
    assert expected([], bed_occupancy=95.6) == pytest.approx(30.0 * math.exp(0.063))
    assert expected([], four_hour_performance=63.0) == pytest.approx(30.0 * math.exp(0.41))
    assert expected([], bed_occupancy=None) == 30.0
    assert expected([], bed_occupancy=200.0) == pytest.approx(60.0)
    assert expected([], bed_occupancy=0.0) == pytest.approx(15.0)
    shifted = expected([30.0] * 10, bed_occupancy=95.6)
    assert 30.0 < shifted < 30.0 * math.exp(0.063)
