"""The price of one more busy unit, against exact numerics of the chain."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from dispatch.policies.harm import HARM_US_PER_MINUTE
from dispatch.policies.shadow_price import (
    LendRules,
    drain_min,
    erlang_b,
    idle_floor,
    lend_terms,
    price_at,
    prices_over,
    steady_prices,
)


def generator(arrivals: float, job_min: float, units: int, states: int) -> np.ndarray:
    """Return the generator of the birth-death chain with ``states`` + 1 states."""
    rates = np.zeros((states + 1, states + 1))
    for k in range(states):
        rates[k, k + 1] = arrivals
        rates[k + 1, k] = min(k + 1, units) / job_min
    return rates - np.diag(rates.sum(axis=1))


def exact_steady_prices(arrivals: float, job_min: float, units: int, states: int) -> np.ndarray:
    """Solve the Poisson equation ``Q h = L - queue`` of the truncated chain."""
    rates = generator(arrivals, job_min, units, states)
    queue = np.maximum(np.arange(states + 1) - units, 0.0)
    stationary = np.linalg.lstsq(
        np.vstack([rates.T, np.ones(states + 1)]), np.r_[np.zeros(states + 1), 1.0], rcond=None
    )[0]
    value = np.linalg.lstsq(rates, stationary @ queue - queue, rcond=None)[0]
    return np.diff(value)


def exact_prices_until(
    end_min: float, arrivals: float, job_min: float, units: int, states: int
) -> np.ndarray:
    """Integrate the expected queue by the matrix exponential of the chain with a cost column."""
    rates = generator(arrivals, job_min, units, states)
    queue = np.maximum(np.arange(states + 1) - units, 0.0)
    joined = np.zeros((states + 2, states + 2))
    joined[:-1, :-1], joined[:-1, -1] = rates, queue
    return np.diff(expm(joined * end_min)[:-1, -1])


@pytest.mark.parametrize(("units", "load"), [(1, 0.5), (5, 3.0), (12, 10.0), (20, 12.0)])
def test_steady_prices_solve_the_poisson_equation(units: int, load: float) -> None:
    states = units + 150
    exact = exact_steady_prices(load / 90, 90.0, units, states)
    found = steady_prices(load / 90, 90.0, units, 10)
    assert found == pytest.approx(exact[: found.size], rel=1e-3)


@pytest.mark.parametrize(
    ("units", "busy_share", "idle", "price_min"),
    [(50, 0.9, 10, 35), (50, 0.9, 5, 60), (50, 0.9, 1, 103), (150, 0.9, 10, 19), (150, 0.8, 1, 12)],
)
def test_steady_prices_are_those_of_the_design(units, busy_share, idle, price_min) -> None:
    prices = steady_prices(busy_share * units / 90, 90.0, units, 0)
    assert prices[units - idle] == pytest.approx(price_min, abs=0.55)


@pytest.mark.parametrize("load", [4.0, 7.5, 8.0, 11.0])
def test_prices_over_a_horizon_agree_with_the_matrix_exponential(load: float) -> None:
    arrivals, units = np.full(12, load / 90), np.full(12, 8, np.int32)
    found = prices_over(arrivals, units, 90.0, 20.0)
    exact = exact_prices_until(240.0, load / 90, 90.0, 8, 160)
    assert found[:40] == pytest.approx(exact[:40], rel=1e-2, abs=0.05)


def test_a_long_horizon_gives_the_steady_prices() -> None:
    arrivals, units = np.full(400, 6.0 / 90), np.full(400, 8, np.int32)
    found = prices_over(arrivals, units, 90.0, 60.0)
    steady = steady_prices(6.0 / 90, 90.0, 8, 5)
    assert found[: steady.size] == pytest.approx(steady, rel=2e-3)


def test_overload_costs_the_time_until_the_queue_drains() -> None:
    # 120 units at 110 % for four hours, then 70 %: the fluid queue lasts into the second part.
    arrivals = np.r_[np.full(8, 132 / 90), np.full(16, 84 / 90)]
    units = np.full(24, 120, np.int32)
    prices = prices_over(arrivals, units, 90.0, 30.0)
    fluid = drain_min(20.0, arrivals, units, 90.0, 30.0)
    assert fluid == pytest.approx(240 + (20 + 32) / 0.4)
    assert price_at(prices, 140) == pytest.approx(fluid, rel=0.05)


def test_prices_rise_with_every_busy_unit_and_stay_below_the_horizon() -> None:
    prices = prices_over(np.full(16, 60 / 90), np.full(16, 50, np.int32), 90.0, 30.0)
    assert (np.diff(prices) >= -1e-9).all()
    assert prices.min() >= 0.0
    assert prices.max() <= 480.0


def test_beyond_the_table_the_last_slope_goes_on() -> None:
    prices = np.array([1.0, 2.0, 4.0])
    assert [price_at(prices, k) for k in (-1, 0, 2, 3, 5)] == [1.0, 1.0, 4.0, 6.0, 10.0]


def test_a_queue_that_never_drains_has_no_end() -> None:
    assert drain_min(1.0, np.full(3, 2.0), np.full(3, 10, np.int32), 90.0, 60.0) is None


def lend(**changes: object):
    terms: dict[str, object] = {
        "weight": 1.0,
        "eta_own_min": 40.0,
        "eta_lend_min": 15.0,
        "is_c1": False,
        "borrower_price_min": 60.0,
        "borrower_weight": 0.8,
        "lender_price_min": 10.0,
        "lender_weight": 0.8,
        "job_share": 1.0,
        "cross_border_share": 1.3,
        "lender_idle": 10,
        "lender_on_duty": 60,
        "rules": LendRules(),
    }
    return lend_terms(**(terms | changes))  # type: ignore[arg-type]


def test_every_term_of_lending_adds_up() -> None:
    found = lend()
    assert found.patient_gain == 40 - 15 - 5
    assert found.borrower_relief == 0.8 * 60
    assert found.lender_price == pytest.approx(0.8 * 10 * 1.3)
    assert found.worth == pytest.approx(20 + 48 - 10.4)
    assert found.refusal is None
    assert found.cost_us == 0


def test_a_unit_worth_more_at_home_stays_and_the_reason_says_how_much() -> None:
    found = lend(borrower_price_min=5.0, lender_price_min=90.0)
    assert found.refusal == "is worth 69.6 C2-minutes more at home"
    assert found.cost_us == round((93.6 - 4.0) * HARM_US_PER_MINUTE)


def test_the_lender_keeps_its_floor() -> None:
    assert idle_floor(60, LendRules()) == 4
    assert idle_floor(5, LendRules()) == 1
    assert lend(lender_idle=5).refusal is None
    assert lend(lender_idle=4).refusal == "would leave 3 idle units, the lender keeps 4"


def test_c1_needs_less_advantage() -> None:
    assert lend(is_c1=True).margin_min == 3.0


def test_a_load_at_or_above_the_fleet_has_no_steady_price() -> None:
    with pytest.raises(ValueError, match="load between 0 and 10"):
        steady_prices(10 / 90, 90.0, 10, 0)
    with pytest.raises(ValueError, match="as many arrival rates"):
        prices_over(np.ones(2), np.ones(3, np.int32), 90.0, 30.0)


def test_blocking_follows_erlang() -> None:
    # a**N / N! over the sum, by hand for 3 units at load 2.
    assert erlang_b(2.0, 3)[-1] == pytest.approx((8 / 6) / (1 + 2 + 2 + 8 / 6))
