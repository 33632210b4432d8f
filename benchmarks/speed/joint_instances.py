"""Rounds of the joint problem to measure on: towns, queues and units on their way, from a seed.

Nothing here is taken from a trust: a country of towns of falling size in a plain, incidents and
units in proportion, waits and categories like a bad evening. The shape (degree, ties, components,
costs in weighted microseconds) is that of the rounds that the policy poses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.domain.weighing import HarmParameters, JointRules
from dispatch.policies.joint_candidates_kernel import nearest_pairs
from dispatch.policies.joint_cost import Fleet, PairCosts, Waiting, pair_costs

SPEED_M_PER_MS = 0.0155
"""About 56 km/h along the road, and 1.3 times the crow."""

HARM = HarmParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One round before travel times are known.

    ``at_m`` and ``of_m`` are the places of incidents and units on a plane, float64[:, 2]; ``may``
    which units each incident may have, bool[incidents, units].
    """

    waiting: Waiting
    fleet: Fleet
    at_m: npt.NDArray[np.float64]
    of_m: npt.NDArray[np.float64]
    may: npt.NDArray[np.bool_]


def a_round(seed: int, incidents: int, units: int, *, towns: int = 60) -> Round:
    """Return a round with a third of the units on their way and a fifth near clear.

    The sides grow with the square root of the number of units, so that density stays that of a
    trust; groups are vertical strips, of which two neighbours see each other.
    """
    draw = np.random.default_rng(seed)
    side_m = 6_000.0 * np.sqrt(units)
    town = draw.random((towns, 2)) * side_m
    share = 1.0 / np.arange(1, towns + 1)
    share /= share.sum()

    def places(n: int) -> npt.NDArray[np.float64]:
        centre = town[draw.choice(towns, n, p=share)]
        spread_m = np.where(draw.random(n) < 0.7, 5_000.0, 20_000.0)
        at: npt.NDArray[np.float64] = centre + draw.normal(size=(n, 2)) * spread_m[:, None]
        return at.clip(0, side_m)

    at, of = places(incidents), places(units)
    rank = np.sort(draw.choice([2, 3, 4], incidents, p=[0.66, 0.29, 0.05]))
    travelling = np.sort(draw.choice(units, units // 3, replace=False))
    near_clear = np.setdiff1d(draw.choice(units, units // 5, replace=False), travelling)
    going_to = np.full(units, -1, np.int32)
    holder = np.full(incidents, -1, np.int32)
    for v in travelling[: incidents // 3]:
        free = np.flatnonzero(holder < 0)
        gap = np.hypot(*(at[free] - of[v]).T)
        k = free[int(np.argmin(gap))]
        going_to[v], holder[k] = k, v
    groups = 10
    strip, group = (
        np.minimum((place[:, 0] / side_m * groups).astype(np.int64), groups - 1)
        for place in (at, of)
    )
    ahead = group[None, :] - strip[:, None]
    clear_ms = np.zeros(units, np.int64)
    clear_ms[near_clear] = draw.integers(0, 900_000, near_clear.size)
    waiting = Waiting(
        rank=rank,
        waited_ms=draw.integers(0, 5_400_000, incidents),
        weight_milli=HARM.weights_milli[rank - 1],
        diversions=(draw.random(incidents) < 0.05).astype(np.int32),
        holder=holder,
        may_divert=np.ones(incidents, np.bool_),
    )
    moving_ms = np.hypot(*(at[going_to] - of).T) / SPEED_M_PER_MS
    fleet = Fleet(
        clear_ms=clear_ms,
        mobilise_ms=np.where(going_to >= 0, 0, 60_000).astype(np.int64),
        coverage_us=draw.integers(0, 30_000_000, units),
        going_to=going_to,
        arrives_in_ms=moving_ms.astype(np.int64),
    )
    return Round(waiting, fleet, at, of, (ahead == 0) | (ahead == 1))


def crow_travel_ms(
    the_round: Round, start: npt.NDArray[np.int32], units: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Return travel times of candidate pairs by crow, the degraded mode's stand-in for roads."""
    incident = np.repeat(np.arange(start.size - 1), np.diff(start))
    apart = the_round.at_m[incident] - the_round.of_m[units]
    gap = np.hypot(apart[:, 0], apart[:, 1])
    return (gap / SPEED_M_PER_MS).astype(np.int32)


def costs_of(the_round: Round, rules: JointRules) -> PairCosts:
    """Return the costs of a round with travel times by crow."""
    of_x_m, of_y_m = np.ascontiguousarray(the_round.of_m.T)
    at_x_m, at_y_m = np.ascontiguousarray(the_round.at_m.T)
    start, units = nearest_pairs(
        of_x_m,
        of_y_m,
        at_x_m,
        at_y_m,
        the_round.may,
        the_round.waiting.holder,
        the_round.fleet.clear_ms == 0,
        rules.crow_max,
    )
    travel_ms = crow_travel_ms(the_round, start, units)
    return pair_costs(
        the_round.waiting, the_round.fleet, start, units, travel_ms, rules, HARM.growth_ms
    )
