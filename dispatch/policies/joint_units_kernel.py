"""The compiled part of `dispatch.policies.joint_units`: one pass over the units of a round.

Array conventions: units by slot of the unit table, incidents by row of the round; ``NONE`` (-1)
means nobody.
"""

# ruff: noqa: PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Int16s = npt.NDArray[np.int16]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def taking_part(
    slots: Int64s,
    is_free: Bools,
    is_en_route: Bools,
    status: Bytes,
    unit_kind: Bytes,
    skill: Bytes,
    trust: Int16s,
    rank: Bytes,
    incident: Int32s,
    hospital: Int16s,
    end_ms: Int64s,
    position_at_ms: Int64s,
    since_ms: Int64s,
    due_at_ms: Int64s,
    may_convey: Bools,
    row_of: Int32s,
    by_kind: Bytes,
    skill_min: Bytes,
    helps: Bools,
    refused: Bools,
    handover_ms: Int64s,
    now_ms: int,
    oldest_ms: int,
    clear_ms: int,
    look_ahead_ms: int,
    mobilise_ms: int,
    road_mobilise_ms: int,
    on_station: int,
    at_hospital: int,
    handed_over: int,
) -> tuple[Int64s, Bools, Int64s, Int64s, Int32s, Int64s]:
    """Return who takes part: free, on the way to a patient of the round, or nearly clear.

    Parameters
    ----------
    row_of
        Row of each incident of the incident table in the round.
    by_kind, skill_min, helps, refused
        Of each kind of incident, as in `dispatch.policies.eligibility_tables`; ``refused`` may be
        without rows.
    handover_ms
        Expected handover at each hospital.
    look_ahead_ms
        Units that are clear within this time take part; below nought, none.
    mobilise_ms, road_mobilise_ms
        From an order until a unit moves, at its post and elsewhere.

    Returns
    -------
    taken, fits, clear_in_ms, mobilises_ms, going_to, arrives_in_ms
        Slots in their order; which kinds of incident each fits, bool[kinds, units]; until each is
        clear, and then moves; the row of the incident that it is on its way to, and until it is
        there.
    """
    taken = np.empty(slots.size, np.int64)
    fits = np.zeros((skill_min.size, slots.size), np.bool_)
    clear_in_ms = np.zeros(slots.size, np.int64)
    mobilises_ms = np.zeros(slots.size, np.int64)
    going_to = np.full(slots.size, NONE, np.int32)
    arrives_in_ms = np.zeros(slots.size, np.int64)
    size = 0
    for slot in slots:
        is_stale = status[slot] != on_station and position_at_ms[slot] < oldest_ms
        if is_stale or end_ms[slot] <= now_ms or not may_convey[unit_kind[slot]]:
            continue
        going, left_ms = NONE, 0
        if is_en_route[slot]:
            going = NONE if rank[slot] <= 1 or incident[slot] < 0 else row_of[incident[slot]]
            takes_part = going != NONE
        elif is_free[slot]:
            takes_part = True
        else:
            still_ms = NONE
            if status[slot] == handed_over:
                still_ms = 0
            elif status[slot] == at_hospital:
                still_ms = max(1, handover_ms[hospital[slot]])
            left_ms = _until_clear_ms(now_ms - since_ms[slot], still_ms, clear_ms)
            takes_part = still_ms != NONE and left_ms <= look_ahead_ms
        if takes_part and _fits(
            fits[:, size], slot, unit_kind, skill, trust, by_kind, skill_min, helps, refused
        ):
            taken[size] = slot
            clear_in_ms[size] = left_ms
            going_to[size] = going
            arrives_in_ms[size] = max(0, due_at_ms[slot] - now_ms)
            if going == NONE:
                at_post = status[slot] == on_station
                mobilises_ms[size] = mobilise_ms if at_post else road_mobilise_ms
            size += 1
    return (
        taken[:size],
        fits[:, :size].copy(),
        clear_in_ms[:size],
        mobilises_ms[:size],
        going_to[:size],
        arrives_in_ms[:size],
    )


@numba.njit(cache=True, nogil=True)
def _until_clear_ms(since_ms: int, handover_ms: int, clear_ms: int) -> int:
    """Return how long a unit takes until it is clear, at least 1: it is not clear now.

    ``since_ms`` counts from its arrival, or where no handover is left, from the handover.
    """
    if handover_ms == 0:
        return max(1, clear_ms - since_ms)
    return max(1, max(0, handover_ms - since_ms) + clear_ms)


@numba.njit(cache=True, nogil=True)
def _fits(
    out: Bools,
    slot: int,
    unit_kind: Bytes,
    skill: Bytes,
    trust: Int16s,
    by_kind: Bytes,
    skill_min: Bytes,
    helps: Bools,
    refused: Bools,
) -> bool:
    """Write which kinds of incident a unit fits; return whether any."""
    fits_any = False
    for kind in range(out.size):
        out[kind] = (
            by_kind[kind, unit_kind[slot]] == 0
            and skill[slot] >= skill_min[kind]
            and helps[kind, trust[slot]]
            and (refused.shape[0] == 0 or not refused[kind, slot])
        )
        fits_any = fits_any or out[kind]
    return fits_any
