"""What it costs to send each unit to each incident: the terms of the joint problem of C2 to C4.

For unit v and incident k, with a the time since clock start::

    J_vk = H(a + ETA_vk) - H(a) + coverage_v + switch_vk + lend_vk + crew_vk
    J_0k = H(a + 120 min) - H(a)                                     # waits
    ETA_vk = clear_v + mobilise_v + travel_vk

Every term is a whole number of weighted microseconds (`dispatch.policies.harm`), so that it can be
shown, added up and compared exactly. `dispatch.policies.matching.match` takes it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from dispatch.domain.weighing import JointRules

Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class PairRefusal(IntEnum):
    """Why a pair does not enter the matching, in the order in which it is asked."""

    NONE = 0
    NO_WAY = 1
    """There is no road from the unit to the patient."""
    NEAR_ITS_PATIENT = 2
    """The unit is about to arrive at another patient."""
    DIVERTED_BEFORE = 3
    """The unit's patient has lost a unit already."""
    GAIN_TOO_SMALL = 4
    """A free unit arrives nearly as early."""
    NOT_NEAREST = 5
    """Enough units arrive earlier."""
    DEARER_THAN_WAITING = 6
    """The cost is above that of waiting."""
    NOT_GRAVER = 7
    """The unit is on its way to somebody, and this patient is not of those who may take it."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """The incidents of a round, in the order in which ties are decided.

    Attributes
    ----------
    rank
        Order of service of the category.
    waited_ms
        Since clock start; below C2 only as long as waiting makes the harm grow.
    weight_milli
        `HarmParameters.weight_milli`.
    diversions
        How often the incident has lost its unit.
    holder
        Row of the unit that is on its way, -1 where nobody is.
    may_divert
        Whether it may take a unit that is on its way to another.
    """

    rank: Int64s
    waited_ms: Int64s
    weight_milli: Int64s
    diversions: Int32s
    holder: Int32s
    may_divert: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """The units of a round: idle, on their way, or about to be clear.

    Attributes
    ----------
    clear_ms
        Until it is clear (60th percentile), 0 when it is.
    mobilise_ms
        From the order until it moves; 0 when it moves already.
    coverage_us
        Cost of the cover that its area loses, in weighted microseconds.
    going_to
        Row of the incident that it is on its way to, -1 for none.
    arrives_in_ms
        Until it is there; any number where ``going_to`` is -1.
    """

    clear_ms: Int64s
    mobilise_ms: Int64s
    coverage_us: Int64s
    going_to: Int32s
    arrives_in_ms: Int64s


@dataclass(frozen=True, slots=True, eq=False)
class PairCosts:
    """Terms of each candidate pair, in weighted microseconds, and why pairs are refused.

    ``net_us`` is ``harm + coverage + switch + lend + crew - wait``; it is 0 for pairs refused
    before their cost was known.
    """

    incident: Int32s
    unit: Int32s
    eta_ms: Int64s
    harm_us: Int64s
    coverage_us: Int64s
    switch_us: Int64s
    lend_us: Int64s
    crew_us: Int64s
    net_us: Int64s
    wait_us: Int64s
    """Of each incident, not pair: the cost of leaving it to wait."""
    refusal: Int8s


def pair_costs(  # noqa: PLR0913 -- the pairs and what is known of them
    waiting: Waiting,
    fleet: Fleet,
    start: Int32s,
    units: Int32s,
    travel_ms: Int32s,
    rules: JointRules,
    growth_ms: int,
    *,
    lend_us: Int64s | None = None,
    crew_us: Int64s | None = None,
) -> PairCosts:
    """Return every term of the cost of every candidate pair.

    Parameters
    ----------
    start, units
        Candidate pairs, as `dispatch.policies.joint_candidates` gives them.
    travel_ms
        Travel time of each pair in the right mode, `UNREACHABLE_MS` where there is no way.
    growth_ms
        `HarmParameters.growth_ms`.
    lend_us
        Price of lending of each pair; None for nothing. A pair that may not be is left out by the
        caller.
    crew_us
        Skill mismatch, overrun of the shift, break, of each pair; None for nothing.

    Notes
    -----
    Among units on their way elsewhere, ``gain_min_s`` is measured against the earliest arrival of
    a unit that is free, about to be free, or already on its way to this incident.
    """
    from dispatch.policies import joint_cost_kernel as kernel

    lend = np.zeros(units.size, np.int64) if lend_us is None else lend_us
    crew = np.zeros(units.size, np.int64) if crew_us is None else crew_us
    incident, eta_ms, harm_us, switch_us, net_us, wait_us, refusal = kernel.pair_costs(
        start,
        units,
        travel_ms,
        lend,
        crew,
        waiting.waited_ms,
        waiting.weight_milli,
        waiting.diversions,
        waiting.may_divert,
        fleet.clear_ms,
        fleet.mobilise_ms,
        fleet.coverage_us,
        fleet.going_to,
        fleet.arrives_in_ms,
        growth_ms,
        1000 * rules.wait_s,
        1000 * rules.switch_s,
        1000 * rules.gain_min_s,
        1000 * rules.spare_s,
        rules.diversions_max,
        rules.nearest_max,
    )
    return PairCosts(
        incident=incident,
        unit=units,
        eta_ms=eta_ms,
        harm_us=harm_us,
        coverage_us=fleet.coverage_us[units],
        switch_us=switch_us,
        lend_us=lend,
        crew_us=crew,
        net_us=net_us,
        wait_us=wait_us,
        refusal=refusal,
    )
