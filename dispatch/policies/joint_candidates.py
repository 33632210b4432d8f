"""Which pairs of unit and incident a joint round weighs, and how long each way is."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.travel import UNREACHABLE_MS, Milliseconds, Mode, Positions
from dispatch.policies.joint_cost import Fleet, Waiting
from dispatch.policies.joint_units import TakingPart
from dispatch.ports import Picture
from dispatch.state import BLUE_LIGHT_RANK_MAX

PLAIN_PAIRS_MAX: Final = 512
"""Up to so many pairs every unit is measured to every incident; beyond, only the nearest."""

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


def candidate_pairs(
    picture: Picture,
    units: TakingPart,
    origins: Positions,
    waiting: Waiting,
    destinations: Positions,
) -> tuple[Int32s, Int32s]:
    """Return candidate pairs: all that may be while they are few, else the nearest by crow.

    Returns
    -------
    start, units
        Compressed rows: ``units[start[k]:start[k + 1]]`` are those of incident k. Whoever is on
        its way to an incident is always among them.
    """
    from dispatch.policies import joint_candidates_kernel as kernel

    may = kernel.visible(
        units.fits,
        units.kind,
        units.fleet.going_to,
        waiting.may_divert,
        waiting.is_held,
        waiting.holder,
        units.relieves,
    )
    if may.size <= PLAIN_PAIRS_MAX:
        return kernel.all_pairs(may, waiting.holder)
    plane_m = picture.travel.plane_m
    crow_max = picture.settings.joint.crow_max
    return kernel.nearest_pairs(
        *plane_m(origins), *plane_m(destinations), may, waiting.holder, crow_max
    )


def ways_ms(
    picture: Picture,
    origins: Positions,
    destinations: Positions,
    rank: npt.NDArray[np.int64],
    fleet: Fleet,
    start: Int32s,
    units: Int32s,
) -> Milliseconds:
    """Return the way of each pair in the mode of its incident; what is left of a begun one."""
    from dispatch.policies import joint_candidates_kernel as kernel

    incident, out, blue, ordinary = kernel.ways_to_ask(
        start,
        units,
        fleet.going_to,
        fleet.arrives_in_ms,
        rank <= BLUE_LIGHT_RANK_MAX,
        UNREACHABLE_MS,
    )
    for mode, pairs in ((Mode.BLUE_LIGHT, blue), (Mode.ORDINARY, ordinary)):
        if len(pairs):
            out[pairs] = picture.travel.pairs_ms(
                origins[units[pairs]], destinations[incident[pairs]], mode, picture.now_ms
            )
    return out
