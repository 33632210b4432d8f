"""Which pairs of unit and incident a joint round weighs, and how long each way is."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.domain.travel import UNREACHABLE_MS, Metres, Milliseconds, Mode, Positions
from dispatch.policies.joint_cost import Fleet
from dispatch.policies.joint_scope import Scope
from dispatch.policies.joint_units import TakingPart
from dispatch.policies.round import Slots
from dispatch.ports import Picture
from dispatch.state import BLUE_LIGHT_RANK_MAX, NOWHERE

PLAIN_PAIRS_MAX: Final = 512
"""Up to so many pairs every unit is measured to every incident; beyond, only the nearest."""

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


class Candidates(NamedTuple):
    """The pairs that a round weighs.

    Attributes
    ----------
    reached
        Rows of the scope that take part: incidents of which some candidate can go now.
    start, units
        Pairs in compressed rows: ``units[start[k]:start[k + 1]]`` are those of ``reached[k]``.
        Whoever is on its way to an incident is always among them.
    going_to
        Of each unit, which of ``reached`` it is on its way to; -1 for none.
    """

    reached: Int64s
    start: Int32s
    units: Int32s
    going_to: Int32s


def candidates(
    picture: Picture,
    taking: TakingPart,
    scope: Scope,
    goes_now: npt.NDArray[np.bool_],
) -> Candidates:
    """Return candidate pairs: all that may be while they are few, else the nearest by crow.

    An incident of which no candidate can go now is left out: nothing can be ordered for it, and
    what it might claim of the units that are about to be clear is not certain enough to hold
    another back.
    """
    from dispatch.policies import joint_candidates_kernel as kernel

    going_to = taking.fleet.going_to
    may, holder = kernel.visible(
        taking.fits,
        taking.kind,
        going_to,
        picture.state.incident_table.rank[scope.slots],
        scope.may_divert,
        scope.is_held,
        taking.relieves,
    )
    if may.size <= PLAIN_PAIRS_MAX:
        start, units = kernel.all_pairs(may, holder)
    else:
        crow_max = picture.settings.joint.crow_max
        start, units = kernel.nearest_pairs(
            *_places_m(picture, taking.rows, scope), may, holder, goes_now, crow_max
        )
    return Candidates(*kernel.reached(start, units, goes_now, going_to))


def _places_m(picture: Picture, rows: Slots, scope: Scope) -> tuple[Metres, Metres, Metres, Metres]:
    """Return about where units are, and incidents, on the plane: x and y of both.

    A moving unit as far along the straight line as its journey has lasted: good enough to find the
    nearest by crow. Where exactly it is on its road is worked out only for those found.
    """
    table = picture.state.table
    moving = np.flatnonzero(table.destination[rows] != NOWHERE)
    slots = rows[moving]
    asked = (
        table.origin[rows],
        table.destination[slots],
        picture.state.incident_table.position[scope.slots],
    )
    x_m, y_m = picture.travel.plane_m(np.concatenate(asked))
    began_ms = table.departed_at_ms[slots]
    lasts_ms = np.maximum(table.due_at_ms[slots] - began_ms, 1)
    share = np.clip((picture.now_ms - began_ms) / lasts_ms, 0.0, 1.0)
    ends = len(rows), len(rows) + len(slots)
    places = []
    for axis_m in (x_m, y_m):
        unit_m = axis_m[: ends[0]].copy()
        unit_m[moving] += (axis_m[ends[0] : ends[1]] - unit_m[moving]) * share
        places.append((unit_m, axis_m[ends[1] :]))
    (unit_x_m, incident_x_m), (unit_y_m, incident_y_m) = places
    return unit_x_m, unit_y_m, incident_x_m, incident_y_m


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
