"""How many incidents each place has in each hour, and how long they take a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.assumptions import load_assumptions
from benchmarks.call_log.plan import month_days, trust_plans
from benchmarks.published import day_shape
from maps.region import Region

Floats = npt.NDArray[np.float64]

HOURS: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class TrustDemand:
    """Face-to-face incidents of one trust.

    ``place`` are indices into the region's demand, int64[n]; ``share`` the share of incidents at
    each of them, float64[n], summing to 1; ``by_hour`` the expected incidents in each local hour
    of an average day, float64[24].
    """

    trust: str
    place: npt.NDArray[np.int64]
    share: Floats
    by_hour: Floats


def trust_demands(
    region: Region,
    month: str,
    trusts: Sequence[str] | None = None,
    incidents_per_day: float | None = None,
) -> list[TrustDemand]:
    """Return the demand of each trust asked for, in order of code.

    Volumes are the published face-to-face incidents of a month, scaled to the people whom the
    region holds; places and hours as the composed call logs have them, so that a plan and a
    replay believe in the same world. ``incidents_per_day`` replaces the total.

    Raises
    ------
    ValueError
        When a trust is not in the region, or no volume can be known.
    """
    plans, _ = trust_plans(region, month, trusts, incidents_per_day, load_assumptions())
    days = len(month_days(month))
    hour_share = np.array(day_shape().hour_share)
    demands = []
    for plan in plans:
        # Calls that end on the telephone need no unit, wherever it stands.
        seen = sum(flow.count for flow in plan.month.flows if flow.is_seen)
        demands.append(
            TrustDemand(
                trust=plan.trust,
                place=plan.place,
                share=plan.weight / plan.weight.sum(),
                by_hour=seen / days * hour_share / hour_share.sum(),
            )
        )
    return demands


def shared_out(total: int, demands: Sequence[TrustDemand], least: int = 1) -> dict[str, int]:
    """Return a total shared among trusts in proportion to their incidents, each at least some.

    By highest quotients (Sainte-Laguë); ties go to the earlier trust.

    Raises
    ------
    ValueError
        When the total is too small for the least of each.
    """
    if total < least * len(demands):
        raise ValueError(f"Expected at least {least * len(demands)}, was {total}.")
    held = np.full(len(demands), least)
    volume = np.array([demand.by_hour.sum() for demand in demands])
    for _ in range(total - int(held.sum())):
        held[int(np.argmax(volume / (2.0 * held + 1.0)))] += 1
    return {demand.trust: int(count) for demand, count in zip(demands, held, strict=True)}
