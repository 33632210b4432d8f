"""Which hospital: travel plus the wait that is to be expected there, on one scale.

``h* = argmin travel + Ŵ_h + extra_h``, no more than 15 min beyond the nearest, with
``Ŵ_h = s_h (1 + max(0, queue + in bay + inbound + 1 - bays) / bays)``. The counts do the work: a
lagging average of handovers alone sends everybody to the same place. Specialist pathways are fixed
by protocol and do not come here; other destinations (urgent treatment centre, same-day care) stand
beside the emergency departments where the pathway allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.queueing import bay_time_ms, rolling_ms

__all__ = [
    "ChoiceReason",
    "DestinationChoice",
    "DestinationRules",
    "HospitalLoad",
    "HospitalRefusal",
    "bay_time_ms",
    "choose_destination",
    "expected_wait_ms",
    "people_ahead",
    "rolling_ms",
]

Bools = npt.NDArray[np.bool_]
Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

NO_CAP: Final = 0
"""In ``cap_per_hour``: the hospital takes whoever comes."""

_NONE: Final = -1


class DestinationRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers of the choice of destination.

    Attributes
    ----------
    detour_max_s
        How much longer than to the nearest the drive may be. What it earns depends on how waits
        answer to queues: docs/explanation/scenarios.md shows a world in which it costs.
    gain_min_s
        Least gain for which a crew that is on its way turns to another hospital.
    first_gain_min_s
        Least gain for which the first choice is not the nearest hospital. Assumed nought.
    freeze_s
        A crew this near its hospital goes there.
    """

    detour_max_s: int = 900
    gain_min_s: int = 480
    first_gain_min_s: int = 0
    freeze_s: int = 300


class HospitalRefusal(IntEnum):
    """Why a hospital is not a candidate, in the order in which it is asked."""

    NONE = 0
    NOT_SUITABLE = 1
    """It cannot take this patient: pathway, opening hours, repatriation or continuing care."""
    NO_WAY = 2
    DEFLECTS = 3
    """A divert is in force."""
    CAP_REACHED = 4
    """It has been sent the agreed number in the last hour."""
    TOO_FAR = 5
    """More than the allowed detour beyond the nearest."""


class ChoiceReason(IntEnum):
    """What decided."""

    LEAST_TOTAL = 0
    """Travel plus expected wait is least."""
    NEAREST_IS_AS_GOOD = 1
    """The best total does not beat the nearest by the least gain."""
    KEEPS_COURSE = 2
    """The best total does not beat the present course by the least gain."""
    FROZEN = 3
    """The crew is nearly there."""
    ALL_REFUSE = 4
    """Every suitable hospital deflects or is full by agreement: the nearest takes the patient."""
    NOWHERE = 5
    """No suitable hospital can be reached."""


@dataclass(frozen=True, slots=True, eq=False)
class HospitalLoad:
    """What is known of each hospital, in the order in which ties are decided.

    Attributes
    ----------
    bay_ms
        Expected time in a bay, rolling (`bay_time_ms`, `rolling_ms`), without queueing.
    ahead
        Ambulances queued, in handover, and inbound: own and lent (`people_ahead`).
    bays
        How many handovers go on at once, at least 1.
    extra_ms
        What else a trip there costs (ξ): repatriation, position afterwards; may be negative.
    is_deflecting
        A divert is in force now.
    sent_last_hour, cap_per_hour
        Arrivals ordered in the last hour and the agreed most, `NO_CAP` for none.
    """

    bay_ms: Int64s
    ahead: Int32s
    bays: Int32s
    extra_ms: Int64s
    is_deflecting: Bools
    sent_last_hour: Int32s
    cap_per_hour: Int32s


@dataclass(frozen=True, slots=True, eq=False)
class DestinationChoice:
    """The hospital, the score of every one, and why.

    ``total_ms`` is ``travel + wait + extra``. ``gain_ms`` is what the choice saves against the
    hospital that would be taken without waits: the present one, else the nearest.
    """

    chosen: int | None
    reason: ChoiceReason
    gain_ms: int
    travel_ms: Int32s
    wait_ms: Int64s
    total_ms: Int64s
    refusal: Int8s


def people_ahead(
    queued: Int32s, in_bay: Int32s, inbound_own: Int32s, inbound_lent: Int32s
) -> Int32s:
    """Return how many ambulances count against an arrival: lent ones as much as our own."""
    ahead: Int32s = queued + in_bay + inbound_own + inbound_lent
    return ahead


def expected_wait_ms(bay_ms: int, ahead: int, bays: int) -> int:
    """Return the expected time at hospital of one more arrival, queue and handover.

    Examples
    --------
    >>> expected_wait_ms(1_800_000, ahead=7, bays=4) / 60_000
    60.0
    """
    return bay_ms + bay_ms * max(0, ahead + 1 - bays) // bays


def choose_destination(
    travel_ms: Int32s,
    is_suitable: Bools,
    load: HospitalLoad,
    rules: DestinationRules,
    *,
    incumbent: int | None = None,
    arrives_in_ms: int | None = None,
) -> DestinationChoice:
    """Return where a patient goes, with the score of every hospital.

    Parameters
    ----------
    travel_ms
        To each hospital, `UNREACHABLE_MS` where there is no way.
    is_suitable
        Whether each can take this patient.
    incumbent
        The hospital that the crew is on its way to; it counts as inbound there in ``load``, and
        is taken off its own count here. None at the first choice.
    arrives_in_ms
        Until it is there; None at the first choice.

    Returns
    -------
    DestinationChoice
        ``chosen`` is None only when no suitable hospital can be reached. Ties: lower travel time,
        then lower row.
    """
    from dispatch.policies.wait_at_hospital_kernel import scores

    wait_ms, total_ms, refusal, best, nearest = scores(
        travel_ms,
        is_suitable,
        load.bay_ms,
        load.ahead,
        load.bays,
        load.extra_ms,
        load.is_deflecting,
        load.sent_last_hour,
        load.cap_per_hour,
        _NONE if incumbent is None else incumbent,
        1000 * rules.detour_max_s,
    )
    frozen = arrives_in_ms is not None and arrives_in_ms <= 1000 * rules.freeze_s
    if incumbent is not None and frozen:
        chosen, reason = incumbent, ChoiceReason.FROZEN
    elif best == _NONE:
        chosen = nearest
        reason = ChoiceReason.NOWHERE if nearest == _NONE else ChoiceReason.ALL_REFUSE
    else:
        chosen, reason = _against_default(best, refusal, travel_ms, total_ms, rules, incumbent)
    default = _default(refusal, travel_ms, incumbent)
    gain_ms = 0 if _NONE in (chosen, default) else int(total_ms[default] - total_ms[chosen])
    return DestinationChoice(
        None if chosen == _NONE else int(chosen),
        reason,
        gain_ms,
        travel_ms,
        wait_ms,
        total_ms,
        refusal,
    )


def _default(refusal: Int8s, travel_ms: Int32s, incumbent: int | None) -> int:
    """Return the present course if it is still open, else the nearest open hospital."""
    if incumbent is not None and refusal[incumbent] in (
        HospitalRefusal.NONE,
        HospitalRefusal.TOO_FAR,
    ):
        return incumbent
    open_rows = np.flatnonzero(refusal == HospitalRefusal.NONE)
    if not open_rows.size:
        return _NONE
    return int(open_rows[np.argmin(travel_ms[open_rows])])


def _against_default(
    best: int,
    refusal: Int8s,
    travel_ms: Int32s,
    total_ms: Int64s,
    rules: DestinationRules,
    incumbent: int | None,
) -> tuple[int, ChoiceReason]:
    default = _default(refusal, travel_ms, incumbent)
    keeps_course = default == incumbent
    least_ms = 1000 * (rules.gain_min_s if keeps_course else rules.first_gain_min_s)
    if best != default and total_ms[default] - total_ms[best] < least_ms:
        stays = ChoiceReason.KEEPS_COURSE if keeps_course else ChoiceReason.NEAREST_IS_AS_GOOD
        return default, stays
    return best, ChoiceReason.LEAST_TOTAL
