from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.policies.answer_erlang import (
    AnswerTarget,
    CallLoad,
    erlang_b,
    erlang_c,
    forecast,
    handlers_needed,
    wait_exceeds,
    wait_quantile_s,
)


def a_load(
    calls_per_h: float = 100.0, handle_s: float = 360.0, patience_s: float | None = None
) -> CallLoad:
    return CallLoad(calls_per_h=calls_per_h, handle_s=handle_s, patience_s=patience_s)


def abandoning_queue_by_balance(load: CallLoad, handlers: int) -> tuple[float, float, float]:
    """Return P(all busy), P(hang up) and mean wait of all, from the birth-death equations."""
    assert load.patience_s is not None
    arrivals, serving, leaving = load.calls_per_h / 3600, 1 / load.handle_s, 1 / load.patience_s
    log_weight = [0.0]
    for state in range(1, handlers + 4000):
        out = min(state, handlers) * serving + max(0, state - handlers) * leaving
        log_weight.append(log_weight[-1] + math.log(arrivals / out))
    weight = np.exp(np.array(log_weight) - max(log_weight))
    weight /= weight.sum()
    states = np.arange(len(weight))
    queue = float((np.maximum(states - handlers, 0) * weight).sum())
    return float(weight[handlers:].sum()), leaving * queue / arrivals, queue / arrivals


@pytest.mark.parametrize(
    ("erlangs", "handlers", "blocked"),
    [(1.0, 1, 0.5), (10.0, 10, 0.214582), (0.0, 3, 0.0), (5.0, 0, 1.0)],
)
def test_erlang_b_gives_the_tabled_values(erlangs: float, handlers: int, blocked: float) -> None:
    assert erlang_b(erlangs, handlers) == pytest.approx(blocked, abs=2e-5)


def test_erlang_b_is_the_share_of_a_truncated_poisson() -> None:
    weights = [7.0**k / math.factorial(k) for k in range(10)]
    assert erlang_b(7.0, 9) == pytest.approx(weights[9] / sum(weights), rel=1e-12)


def test_erlang_c_of_one_handler_is_its_load() -> None:
    assert erlang_c(0.7, 1) == pytest.approx(0.7)
    assert erlang_c(1.0, 1) == 1.0
    assert erlang_c(12.0, 10) == 1.0


def test_one_handler_waits_as_the_textbook_says() -> None:
    # M/M/1: mean wait in queue = rho / (mu - lambda).
    load = a_load(calls_per_h=30.0, handle_s=60.0)
    answer = forecast(load, 1)
    assert answer.mean_s == pytest.approx(0.5 * 60 / 0.5)
    assert answer.wait_share == pytest.approx(0.5)
    assert answer.busy == pytest.approx(0.5)


def test_the_reference_silo_and_pooled_seats_hold() -> None:
    """Ten trusts, 218 Erlang, 6 min handling, 95 % in 5 s: 308 seats in silos, about 242 pooled."""
    target = AnswerTarget(mean_s=None, share=0.95, within_s=5.0)
    pooled = handlers_needed(a_load(calls_per_h=2180.0), target)
    assert pooled == pytest.approx(242, abs=3)


def test_quantiles_invert_the_tail() -> None:
    for load in (a_load(), a_load(patience_s=120.0)):
        for share in (0.9, 0.95, 0.99):
            wait = wait_quantile_s(load, 12, share)
            assert wait > 0
            assert wait_exceeds(load, 12, wait) == pytest.approx(1 - share, abs=1e-6)


def test_overload_without_abandonment_has_no_end() -> None:
    answer = forecast(a_load(), 9)
    assert answer.mean_s == math.inf
    assert answer.p90_s == math.inf
    assert answer.busy == 1.0


@pytest.mark.parametrize("handlers", [1, 5, 9, 10, 12, 20])
@pytest.mark.parametrize("patience_s", [30.0, 300.0, 3000.0])
def test_erlang_a_agrees_with_the_balance_equations(handlers: int, patience_s: float) -> None:
    load = a_load(patience_s=patience_s)
    all_busy, hang_up, _ = abandoning_queue_by_balance(load, handlers)
    answer = forecast(load, handlers)
    assert answer.wait_share == pytest.approx(all_busy, rel=1e-4)
    assert answer.abandoned == pytest.approx(hang_up, rel=2e-3, abs=1e-9)


def test_the_mean_offered_wait_is_the_integral_of_its_tail() -> None:
    load = a_load(patience_s=120.0)
    steps = np.linspace(0, 2000, 20_001)
    tail = np.array([wait_exceeds(load, 9, float(t)) for t in steps[::20]])
    area = float(np.trapezoid(tail, steps[::20]))
    assert forecast(load, 9).mean_s == pytest.approx(area, rel=1e-2)


def test_endless_patience_is_erlang_c() -> None:
    patient = forecast(a_load(patience_s=1e8), 12)
    never = forecast(a_load(), 12)
    assert patient.mean_s == pytest.approx(never.mean_s, rel=1e-3)
    assert patient.p99_s == pytest.approx(never.p99_s, rel=1e-3)


def test_nobody_on_duty_answers_nobody() -> None:
    assert forecast(a_load(), 0).mean_s == math.inf
    answer = forecast(a_load(patience_s=60.0), 0)
    assert answer.abandoned == 1.0
    assert answer.p90_s == math.inf
    assert answer.busy == 0.0


def test_no_calls_need_no_handlers() -> None:
    quiet = a_load(calls_per_h=0.0)
    assert handlers_needed(quiet) == 0
    assert forecast(quiet, 3).mean_s == 0.0
    assert forecast(a_load(calls_per_h=0.0, patience_s=60.0), 3).p99_s == 0.0


@given(
    calls_per_h=st.floats(1.0, 3000.0),
    handle_s=st.floats(30.0, 900.0),
    patience_s=st.one_of(st.none(), st.floats(10.0, 3600.0)),
)
def test_the_number_needed_is_the_least_that_meets_the_target(
    calls_per_h: float, handle_s: float, patience_s: float | None
) -> None:
    load = CallLoad(calls_per_h=calls_per_h, handle_s=handle_s, patience_s=patience_s)
    needed = handlers_needed(load)

    def meets(handlers: int) -> bool:
        answer = forecast(load, handlers)
        return answer.mean_s <= 10.0 and answer.within_target >= 0.95

    assert meets(needed)
    assert needed == 0 or not meets(needed - 1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"calls_per_h": -1.0, "handle_s": 60.0}, "calls_per_h of 0 or more"),
        ({"calls_per_h": math.nan, "handle_s": 60.0}, "calls_per_h of 0 or more"),
        ({"calls_per_h": 1.0, "handle_s": 0.0}, "handle_s above 0"),
        ({"calls_per_h": 1.0, "handle_s": 60.0, "patience_s": 0.0}, "patience_s above 0"),
    ],
)
def test_impossible_loads_are_refused(given: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CallLoad(**given)


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        wait_quantile_s(a_load(), 12, 1.0)
    with pytest.raises(ValueError, match="0 to 10000 handlers"):
        forecast(a_load(), -1)
    with pytest.raises(ValueError, match="Expected a load"):
        handlers_needed(a_load(calls_per_h=1e6))


def test_more_handlers_than_a_float_can_tell_from_enough_keep_nobody_waiting() -> None:
    load = CallLoad(calls_per_h=1.0, handle_s=60.0, patience_s=120.0)
    answer = forecast(load, 500)
    assert (answer.mean_s, answer.abandoned) == (0.0, 0.0)
