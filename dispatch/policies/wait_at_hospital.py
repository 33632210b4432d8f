"""Which hospital: the crew's minutes until it is free and back, all on one scale.

``h* = argmin travel + way back + Ŵ_h``, no more than 15 min beyond the nearest that hands over,
where ``Ŵ_h`` is the handover that this patient can expect there
(`dispatch.policies.wait_at_hospital_forecast`). A crew that drives further also comes back from
further: its longer way counts twice. The nearest stays the choice unless another one gains five
minutes. Specialist pathways are fixed by protocol and do not come here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.travel import UNREACHABLE_MS

__all__ = [
    "NO_CAP",
    "ChoiceReason",
    "DestinationChoice",
    "DestinationRules",
    "HospitalLoad",
    "HospitalRefusal",
    "choose_destination",
    "is_capped",
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
        How much longer than to the nearest that hands over the drive may be.
    way_back
        How much of the drive is driven again before the crew is of use where it came from.
        Assumed: all of it.
    first_gain_min_s
        Least gain for which the first choice is not the nearest hospital: less is as likely
        chance as gain. Assumed.
    gain_min_s
        Least gain for which a crew that is on its way turns to another hospital.
    freeze_s
        A crew this near its hospital goes there.
    """

    detour_max_s: int = 900
    way_back: float = 1.0
    first_gain_min_s: int = 300
    gain_min_s: int = 480
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
    """Travel there and back and the expected wait are least."""
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
    wait_ms
        The handover that this patient can expect there, from arrival to the end.
    is_stalled
        Crews wait and none is handed over: the allowed detour is not measured from there.
    is_deflecting
        A divert is in force now.
    sent_last_hour, cap_per_hour
        Arrivals ordered in the last hour and the agreed most, `NO_CAP` for none.
    """

    wait_ms: Int64s
    is_stalled: Bools
    is_deflecting: Bools
    sent_last_hour: Int32s
    cap_per_hour: Int32s


@dataclass(frozen=True, slots=True, eq=False)
class DestinationChoice:
    """The hospital, the score of every one, and why.

    ``total_ms`` is travel there and back, and the wait. ``gain_ms`` is what the choice saves
    against the hospital that would be taken without waits: the present one, else the nearest.
    """

    chosen: int | None
    reason: ChoiceReason
    gain_ms: int
    travel_ms: Int32s
    wait_ms: Int64s
    total_ms: Int64s
    refusal: Int8s


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
        The hospital that the crew is on its way to; the agreed number an hour does not refuse it.
        None at the first choice.
    arrives_in_ms
        Until it is there; None at the first choice.

    Returns
    -------
    DestinationChoice
        ``chosen`` is None only when no suitable hospital can be reached. Ties: lower travel time,
        then lower row.
    """
    ways_ms = np.rint(travel_ms * (1.0 + rules.way_back)).astype(np.int64)
    total_ms: Int64s = ways_ms + load.wait_ms
    refusal = _refusals(travel_ms, is_suitable, load, rules, incumbent)
    best = _least(total_ms, travel_ms, refusal == HospitalRefusal.NONE)
    default = _default(refusal, travel_ms, incumbent)
    frozen = arrives_in_ms is not None and arrives_in_ms <= 1000 * rules.freeze_s
    if incumbent is not None and frozen:
        chosen, reason = incumbent, ChoiceReason.FROZEN
    elif best == _NONE:
        chosen = _least(travel_ms, travel_ms, refusal > HospitalRefusal.NO_WAY)
        reason = ChoiceReason.NOWHERE if chosen == _NONE else ChoiceReason.ALL_REFUSE
    else:
        chosen, reason = _against(default, best, total_ms, rules, incumbent)
    gain_ms = 0 if _NONE in (chosen, default) else int(total_ms[default] - total_ms[chosen])
    return DestinationChoice(
        None if chosen == _NONE else int(chosen),
        reason,
        gain_ms,
        travel_ms,
        load.wait_ms,
        total_ms,
        refusal,
    )


def is_capped(load: HospitalLoad, row: int) -> bool:
    """Test whether a hospital has been sent the agreed number in the last hour."""
    cap = load.cap_per_hour[row]
    return bool(cap != NO_CAP and load.sent_last_hour[row] >= cap)


def _refusals(
    travel_ms: Int32s,
    is_suitable: Bools,
    load: HospitalLoad,
    rules: DestinationRules,
    incumbent: int | None,
) -> Int8s:
    """Return why each hospital is none to choose; the last reason told is the first asked."""
    refusal = np.zeros(travel_ms.size, np.int8)
    capped = (load.cap_per_hour != NO_CAP) & (load.sent_last_hour >= load.cap_per_hour)
    if incumbent is not None:
        capped[incumbent] = False
    refusal[capped] = HospitalRefusal.CAP_REACHED
    refusal[load.is_deflecting] = HospitalRefusal.DEFLECTS
    refusal[travel_ms >= UNREACHABLE_MS] = HospitalRefusal.NO_WAY
    refusal[~is_suitable] = HospitalRefusal.NOT_SUITABLE
    open_ = refusal == HospitalRefusal.NONE
    from_ = open_ & ~load.is_stalled if (open_ & ~load.is_stalled).any() else open_
    if from_.any():
        limit_ms = int(travel_ms[from_].min()) + 1000 * rules.detour_max_s
        refusal[open_ & (travel_ms > limit_ms)] = HospitalRefusal.TOO_FAR
    return refusal


def _least(score: Int32s | Int64s, travel_ms: Int32s, among: Bools) -> int:
    """Return the row with the least score; ties by travel, then by row."""
    rows = np.flatnonzero(among)
    if not rows.size:
        return _NONE
    return int(rows[np.lexsort((travel_ms[rows], score[rows]))[0]])


def _default(refusal: Int8s, travel_ms: Int32s, incumbent: int | None) -> int:
    """Return the present course if it is still open, else the nearest open hospital."""
    if incumbent is not None and refusal[incumbent] in (
        HospitalRefusal.NONE,
        HospitalRefusal.TOO_FAR,
    ):
        return incumbent
    return _least(travel_ms, travel_ms, refusal == HospitalRefusal.NONE)


def _against(
    default: int, best: int, total_ms: Int64s, rules: DestinationRules, incumbent: int | None
) -> tuple[int, ChoiceReason]:
    keeps_course = default == incumbent
    least_ms = 1000 * (rules.gain_min_s if keeps_course else rules.first_gain_min_s)
    if best != default and total_ms[default] - total_ms[best] < least_ms:
        stays = ChoiceReason.KEEPS_COURSE if keeps_course else ChoiceReason.NEAREST_IS_AS_GOOD
        return default, stays
    return best, ChoiceReason.LEAST_TOTAL
