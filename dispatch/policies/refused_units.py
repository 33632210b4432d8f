"""Which of the units that may not go are told by name: those that a dispatcher would ask about."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Verdict
from dispatch.policies.eligibility import OFF_DUTY, VERDICTS
from dispatch.ports import Picture
from dispatch.state import Incident

Slots = npt.NDArray[np.int64]

_WRONG_KIND: Final = VERDICTS.index(Verdict.WRONG_KIND)


def nearest_refused(
    picture: Picture, incident: Incident, slots: Slots, code: npt.NDArray[np.uint8]
) -> list[int]:
    """Return the units to name, those near by crow first.

    First those of the patient's own trust, then of others, last those of a kind that is not sent.
    A unit on its way counts from where it set out.

    Parameters
    ----------
    picture
        The moment.
    incident
        The patient for whom they may not go.
    slots
        Units that may not go, by slot; those off duty are left out.
    code
        Of every slot, why: index into `VERDICTS`.

    Returns
    -------
    list
        Slots in the order in which they are told; ties by slot.
    """
    state, why = picture.state, code[slots]
    is_sent = why != _WRONG_KIND
    is_own = state.table.trust[slots] == state.trusts.get(incident.trust, -1)
    named: list[int] = []
    for group in (is_own & is_sent, ~is_own & is_sent, ~is_sent):
        room = picture.settings.candidates_max - len(named)
        if room > 0:
            named += _nearest(picture, incident, slots[group & (why != OFF_DUTY)], room)
    return named


def _nearest(picture: Picture, incident: Incident, slots: Slots, most: int) -> list[int]:
    if len(slots) == 0:
        return []
    places = np.append(picture.state.table.origin[slots], incident.position)
    x_m, y_m = picture.travel.plane_m(places)
    x_m, y_m = x_m[:-1] - x_m[-1], y_m[:-1] - y_m[-1]
    # Whole square metres: the last digits of a float are not the same on every machine.
    far_m2 = np.rint(x_m * x_m + y_m * y_m)
    if len(slots) > most:
        among = np.flatnonzero(far_m2 <= np.partition(far_m2, most - 1)[most - 1])
        slots, far_m2 = slots[among], far_m2[among]
    named: list[int] = slots[np.argsort(far_m2, kind="stable")][:most].tolist()
    return named
