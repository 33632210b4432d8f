"""What one more busy unit costs a trust, and whether lending a unit pays.

The price of occupying one more unit is the queueing that it imposes on patients still to come: in
a queue with N units, Poisson arrivals and exponential jobs, the difference ``D_k`` of the relative
values of k + 1 and k jobs. It is nearly nothing while many units are idle, grows as they run out,
and does so earlier in a small trust than in a large one: a reserve that follows the state, without
a threshold being set. Prices are minutes of queueing per job of mean length.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.policies.harm import HARM_US_PER_MINUTE

Floats = npt.NDArray[np.float64]

STATES_BEYOND: Final = 60
"""Waiting jobs up to which `prices_over` follows the queue; beyond, prices go on linearly."""


class LendRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers of the lending rule.

    Attributes
    ----------
    margin_c1_min, margin_min
        Advantage in arrival that another trust's unit must have beyond nought. Design judgement.
    floor_share
        Share of its units on duty below which a trust's idle units are not lent; at least one
        stays.
    """

    margin_c1_min: float = 3.0
    margin_min: float = 5.0
    floor_share: float = 0.06


class LendTerms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Every term of one test of the lending rule, in C2-minutes unless named otherwise.

    ``worth`` is ``patient_gain + borrower_relief - lender_price``; the unit is lent when
    ``refusal`` is None.
    """

    eta_own_min: float
    eta_lend_min: float
    margin_min: float
    patient_gain: float
    borrower_price_min: float
    borrower_relief: float
    lender_price_min: float
    lender_price: float
    worth: float
    idle_left: int
    idle_floor: int
    refusal: str | None

    @property
    def cost_us(self) -> int:
        """The part of the price that enters the joint problem, in weighted microseconds."""
        return round(max(self.lender_price - self.borrower_relief, 0.0) * HARM_US_PER_MINUTE)


def erlang_b(offered_load: float, units: int) -> Floats:
    """Return the blocking probabilities of 0, 1, …, ``units`` units at an offered load.

    The recursion is ``B(0) = 1, B(k) = a B(k - 1) / (k + a B(k - 1))``.

    Examples
    --------
    >>> [round(b, 4) for b in erlang_b(2.0, 2).tolist()]
    [1.0, 0.6667, 0.4]
    """
    blocked = np.ones(units + 1)
    for k in range(1, units + 1):
        blocked[k] = offered_load * blocked[k - 1] / (k + offered_load * blocked[k - 1])
    return blocked


def steady_prices(arrivals_per_min: float, job_min: float, units: int, waiting_max: int) -> Floats:
    """Return D_k for k = 0 … ``units + waiting_max`` when today's rates go on for ever.

    Parameters
    ----------
    arrivals_per_min
        Jobs per minute; the offered load must stay below ``units``.
    job_min
        Mean minutes that a job occupies a unit.
    units
        Units on duty.
    waiting_max
        Longest queue for which a price is wanted.

    Returns
    -------
    array of float
        Minutes of extra queueing, in total over all patients, that one more job causes when k are
        in the system (its own wait included when k >= units).

    Raises
    ------
    ValueError
        When the load is not below the number of units: see `prices_over`.

    Notes
    -----
    With a = λS and blocking probability B: ``D_k = W / B(a, k)`` for k < N, where W is the mean
    wait; for k >= N ``D_k = (N μ / (N μ - λ) - L) / (N μ - λ) + (k - N) / (N μ - λ)`` with the
    mean queue L. Derived from the Poisson equation of the chain; tests solve that equation.
    """
    load = arrivals_per_min * job_min
    if not 0.0 < load < units:
        raise ValueError(f"Expected a load between 0 and {units} units, was {load:.3f}.")
    blocked = erlang_b(load, units)
    surplus = units / job_min - arrivals_per_min  # service rate not needed, per minute
    must_wait = blocked[units] * units / (units - load * (1.0 - blocked[units]))
    mean_wait = must_wait / surplus
    prices = np.empty(units + waiting_max + 1)
    prices[:units] = mean_wait / blocked[:units]
    first = (units / job_min / surplus - arrivals_per_min * mean_wait) / surplus
    prices[units:] = first + np.arange(waiting_max + 1) / surplus
    return prices


def prices_over(
    arrivals_per_min: Floats, units: npt.NDArray[np.int32], job_min: float, period_min: float
) -> Floats:
    """Return D_k now when demand and fleet follow a forecast, overload included.

    Parameters
    ----------
    arrivals_per_min, units
        Of each coming period, in order; beyond the last nothing is counted.
    job_min
        Mean minutes that a job occupies a unit.
    period_min
        Length of each period.

    Returns
    -------
    array of float
        Extra queueing in minutes until the end of the forecast for k = 0 …; never above its
        length, as two systems that differ by one job differ by at most one job for ever.

    Notes
    -----
    In overload this becomes the fluid form: one more job stands in the queue until it drains.
    About a millisecond for 150 units over 8 hours.
    """
    from dispatch.policies.shadow_price_kernel import prices_at_start

    if arrivals_per_min.size != units.size or not units.size:
        raise ValueError(
            f"Expected as many arrival rates as fleets, at least one, was {arrivals_per_min.size}"
            f" and {units.size}."
        )
    load = float(arrivals_per_min.max()) * job_min
    surge = max(load - int(units.min()), 0.0) * units.size * period_min / job_min
    states = int(units.max()) + STATES_BEYOND + math.ceil(surge)
    return prices_at_start(arrivals_per_min, units, job_min, period_min, states)


def drain_min(
    backlog: float,
    arrivals_per_min: Floats,
    units: npt.NDArray[np.int32],
    job_min: float,
    period_min: float,
) -> float | None:
    """Return when a queue runs dry if all units work and rates are as forecast (fluid).

    In overload this is the price of one more busy unit. None: not within the forecast.
    """
    waiting = backlog
    for period, (rate, fleet) in enumerate(zip(arrivals_per_min, units, strict=True)):
        surplus = float(fleet) / job_min - float(rate)
        if surplus > 0 and waiting <= surplus * period_min:
            return period * period_min + waiting / surplus
        waiting -= surplus * period_min
    return None


def price_at(prices: Floats, jobs: int) -> float:
    """Return the price with so many jobs in the system; beyond the table its last slope goes on."""
    if jobs < prices.size:
        return float(prices[max(jobs, 0)])
    slope = prices[-1] - prices[-2] if prices.size > 1 else 0.0
    return float(prices[-1] + slope * (jobs - prices.size + 1))


def idle_floor(units_on_duty: int, rules: LendRules) -> int:
    """Return how many idle units a trust always keeps: ``max(1, 6 % of its units)``, rounded."""
    return max(1, math.floor(rules.floor_share * units_on_duty + 0.5))


def lend_terms(  # noqa: PLR0913 -- each term by name
    *,
    weight: float,
    eta_own_min: float,
    eta_lend_min: float,
    is_c1: bool,
    borrower_price_min: float,
    borrower_weight: float,
    lender_price_min: float,
    lender_weight: float,
    job_share: float,
    cross_border_share: float,
    lender_idle: int,
    lender_on_duty: int,
    rules: LendRules,
) -> LendTerms:
    """Test whether one trust's unit should go to another trust's patient, with every term.

    ``w (ETA_own - ETA_lend - δ) + w_B D_B s > w_A D_A s'``, and the lender keeps its floor. To be
    asked once, at first commitment: asking again in every round makes units swing to and fro.

    Parameters
    ----------
    weight
        Of a minute of this patient (C2 = 1).
    eta_own_min, eta_lend_min
        Expected arrival of the borrower's own best unit (its queue included) and of the lent one.
    borrower_price_min, lender_price_min
        D of each trust at its present number of busy units.
    borrower_weight, lender_weight
        Mean weight of a minute of queueing in each trust.
    job_share, cross_border_share
        Length of the job for the borrower's own unit and, longer, for the lent one, each in mean
        jobs of its trust (s and s').
    lender_idle, lender_on_duty
        Idle and all units of the lender before lending.
    """
    margin = rules.margin_c1_min if is_c1 else rules.margin_min
    patient_gain = weight * (eta_own_min - eta_lend_min - margin)
    relief = borrower_weight * borrower_price_min * job_share
    price = lender_weight * lender_price_min * cross_border_share
    floor = idle_floor(lender_on_duty, rules)
    worth = patient_gain + relief - price
    refusal = None
    if lender_idle - 1 < floor:
        refusal = f"would leave {lender_idle - 1} idle units, the lender keeps {floor}"
    elif worth <= 0.0:
        refusal = f"is worth {-worth:.1f} C2-minutes more at home"
    return LendTerms(
        eta_own_min=eta_own_min,
        eta_lend_min=eta_lend_min,
        margin_min=margin,
        patient_gain=patient_gain,
        borrower_price_min=borrower_price_min,
        borrower_relief=relief,
        lender_price_min=lender_price_min,
        lender_price=price,
        worth=worth,
        idle_left=lender_idle - 1,
        idle_floor=floor,
        refusal=refusal,
    )
