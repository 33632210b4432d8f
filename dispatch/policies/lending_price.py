"""What another trust's unit costs beside its way: its price at home against its price here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.domain.settings import AidScope
from dispatch.policies.balance import price_difference_min, trust_loads
from dispatch.policies.harm import HARM_US_PER_MINUTE
from dispatch.ports import Picture


@dataclass(frozen=True, slots=True, eq=False)
class LendingPrices:
    """Prices between trusts, by their numbers.

    Attributes
    ----------
    price_us
        What a unit of one trust (row) is worth more at home than in another (column), in weighted
        microseconds; below nought where it is worth less.
    has_spare
        Whether a trust has more idle units than its floor, and may lend.
    """

    price_us: npt.NDArray[np.int64]
    has_spare: npt.NDArray[np.bool_]


def lending_prices(picture: Picture) -> LendingPrices:
    """Return the prices of the moment; all nought, and all may lend, where everything is pooled."""
    trusts, aid = list(picture.state.trusts), picture.settings.aid
    price_us = np.zeros((len(trusts), len(trusts)), np.int64)
    has_spare = np.ones(len(trusts), np.bool_)
    if aid.scope is AidScope.POOLED:
        return LendingPrices(price_us, has_spare)
    loads = trust_loads(picture)
    for a, lender in enumerate(trusts):
        has_spare[a] = loads[lender].idle > loads[lender].floor
        for b, home in enumerate(trusts):
            if picture.settings.terms.price:
                worth_min = price_difference_min(loads[lender], loads[home]) * aid.queue_weight
                price_us[a, b] = round(worth_min * HARM_US_PER_MINUTE)
    return LendingPrices(price_us, has_spare)
