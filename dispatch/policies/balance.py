"""How loaded each trust is, and what one of its units is worth there: the base of mutual aid."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.agreement import allows, pools_of
from dispatch.domain.ids import TrustCode
from dispatch.domain.settings import AidScope
from dispatch.domain.unit import CONVEYING_KINDS, KIND_NUMBER, ON_JOB, STATUS_NUMBER, UnitStatus
from dispatch.policies.eligibility import ELIGIBLE, STATUS_CODE
from dispatch.policies.expected_demand import NO_FORECAST, rates_per_min
from dispatch.policies.shadow_price import LendRules, idle_floor, price_at, prices_over
from dispatch.ports import Picture

HORIZON_PERIODS: Final = 12
PERIOD_MIN: Final = 30.0
"""Prices look six hours ahead at the present rates (assumed)."""

_CONVEYS: Final = np.isin(
    np.arange(len(KIND_NUMBER)), [KIND_NUMBER[kind] for kind in CONVEYING_KINDS]
)
_WORKS: Final = np.isin(np.arange(len(UnitStatus)), [STATUS_NUMBER[s] for s in ON_JOB])


class TrustLoad(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the balancing view.

    Attributes
    ----------
    arrivals_per_h
        Incidents of the last hour that may need a unit.
    on_duty, busy, idle, waiting
        Conveying units and waiting incidents now.
    offered_load
        Units that would be busy on average if nobody waited: arrivals times mean job.
    busy_fraction
        Busy share of the units on duty; 1 when none is on duty.
    floor
        Idle units that the trust keeps whatever others need.
    price_min
        Minutes of queueing that one more busy unit costs its own patients, in total.
    relief_min
        Minutes that one job fewer would save them.
    is_forecast
        Whether prices follow a forecast; else the rate of the last hour.
    """

    trust: TrustCode
    arrivals_per_h: float
    on_duty: int
    busy: int
    idle: int
    waiting: int
    offered_load: float
    busy_fraction: float
    floor: int
    price_min: float
    relief_min: float = 0.0
    is_forecast: bool = False


class Help(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who could help whom now, and what the change would be in each trust's minutes of queueing."""

    lender: TrustCode
    borrower: TrustCode
    units: int
    price_min: float
    relief_min: float
    lender_busy_fraction: float
    """Of the lender, with one unit lent."""


def trust_loads(picture: Picture) -> dict[TrustCode, TrustLoad]:
    """Return the load of every trust that the picture knows."""
    waiting = picture.state.waiting
    return {trust: _load(picture, trust, len(waiting.of(trust))) for trust in picture.state.trusts}


def _load(picture: Picture, trust: TrustCode, waiting: int) -> TrustLoad:
    state, table = picture.state, picture.state.table
    size, aid = table.size, picture.settings.aid
    own = (table.trust[:size] == state.trusts[trust]) & _CONVEYS[table.kind[:size]]
    own &= table.end_ms[:size] > picture.now_ms
    status = table.status[:size][own]
    busy = int(_WORKS[status].sum())
    idle = int((STATUS_CODE[status] == ELIGIBLE).sum())
    on_duty = busy + idle
    since = picture.now_ms - HOUR_MS
    per_h = float(sum(at_ms > since for at_ms in state.arrivals.get(trust, ())))
    price = relief = 0.0
    rates = None
    if on_duty:
        rates = rates_per_min(picture, trust, HORIZON_PERIODS, PERIOD_MIN)
        prices = (
            price_table(per_h, on_duty, aid.job_min)
            if rates is None
            else price_table_over(rates, on_duty, aid.job_min)
        )
        price = price_at(prices, busy + waiting)
        relief = price_at(prices, max(0, busy + waiting - 1))
    return TrustLoad(
        trust=trust,
        arrivals_per_h=per_h,
        on_duty=on_duty,
        busy=busy,
        idle=idle,
        waiting=waiting,
        offered_load=per_h * aid.job_min / 60.0,
        busy_fraction=busy / on_duty if on_duty else 1.0,
        floor=idle_floor(on_duty, LendRules(floor_share=aid.floor_share)),
        price_min=price,
        relief_min=relief,
        is_forecast=rates is not None,
    )


HOUR_MS: Final = 3_600_000


@lru_cache(maxsize=4096)
def price_table(arrivals_per_h: float, units: int, job_min: float) -> npt.NDArray[np.float64]:
    """Return D_k at steady rates over the horizon; kept, as trusts return to the same loads."""
    rate = np.full(HORIZON_PERIODS, arrivals_per_h / 60.0)
    fleet = np.full(HORIZON_PERIODS, units, np.int32)
    return prices_over(rate, fleet, job_min, PERIOD_MIN)


@lru_cache(maxsize=4096)
def price_table_over(
    rates_per_min_: tuple[float, ...], units: int, job_min: float
) -> npt.NDArray[np.float64]:
    """Return D_k at the rates that are expected, one a period, and the fleet of now."""
    fleet = np.full(len(rates_per_min_), units, np.int32)
    return prices_over(np.array(rates_per_min_), fleet, job_min, PERIOD_MIN)


def prices_without(picture: Picture) -> tuple[str, ...]:
    """Return what a decision by prices says for which no forecast was in force."""
    uses = picture.settings.forecast.prices
    if not uses or picture.state.feeds.forecast_at(picture.now_ms) is not None:
        return ()
    return (f"the coming hours in prices ({NO_FORECAST}: the rate of the last one)",)


def price_difference_min(lender: TrustLoad, borrower: TrustLoad) -> float:
    """Return how many minutes more a unit is worth at the lender than here; never negative."""
    return max(0.0, lender.price_min - borrower.price_min)


def who_could_help(picture: Picture) -> list[Help]:
    """Return for each trust that queues the trusts with units above their floor, best first.

    An agreement must allow it; the relief is the borrower's price of a unit, the price that of
    the lender: helping pays when the first is above the second.
    """
    loads = trust_loads(picture)
    helps = [
        found
        for b in loads.values()
        for a in loads.values()
        if a.trust != b.trust and (found := _help(picture, a, b)) is not None
    ]
    return sorted(helps, key=lambda h: (h.price_min - h.relief_min, h.borrower, h.lender))


def _help(picture: Picture, a: TrustLoad, b: TrustLoad) -> Help | None:
    """Return how one trust could help another now; None where it may not, or it would not pay.

    A pool keeps nothing for itself, and its units cost it nothing.
    """
    aid = picture.settings.aid
    is_pool = a.trust in pools_of(aid.agreements, b.trust, 2, picture.now_ms)
    floor, price_min = (0, 0.0) if is_pool else (a.floor, a.price_min)
    if a.idle <= floor or b.relief_min <= price_min:
        return None
    agreed = aid.scope is not AidScope.SILO and allows(
        aid.agreements, a.trust, b.trust, 2, picture.now_ms
    )
    if not (is_pool or agreed):
        return None
    return Help(
        lender=a.trust,
        borrower=b.trust,
        units=a.idle - floor,
        price_min=price_min,
        relief_min=b.relief_min,
        lender_busy_fraction=(a.busy + 1) / a.on_duty,
    )


def in_words(picture: Picture) -> str:
    """Return the balancing view as text, one line a trust, then who could help whom."""
    lines = [load_words(load) for load in trust_loads(picture).values()]
    lines += [help_words(found) for found in who_could_help(picture)]
    return "\n".join(lines)


def load_words(load: TrustLoad) -> str:
    """Return a trust's load as a sentence."""
    return (
        f"{load.trust}: {load.busy} of {load.on_duty} units busy ({load.busy_fraction:.0%}), "
        f"{load.waiting} waiting, offered load {load.offered_load:.1f}; one more busy unit costs "
        f"{load.price_min:.0f} min of others' waiting"
    )


def help_words(found: Help) -> str:
    """Return who could help whom as a sentence, with what one unit would change."""
    return (
        f"{found.lender} could lend up to {found.units} to {found.borrower}: one unit costs "
        f"{found.price_min:.0f} min of waiting there and saves {found.relief_min:.0f} min here; "
        f"{found.lender} would be {found.lender_busy_fraction:.0%} busy"
    )
