"""Which of the units that may not go are told by name: those that a dispatcher would ask about."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Verdict
from dispatch.policies.eligibility import OFF_DUTY, VERDICTS
from dispatch.ports import Picture
from dispatch.state import Incident

_WRONG_KIND: Final = VERDICTS.index(Verdict.WRONG_KIND)
_FAR_M: Final = 1e9
"""Farther than any two places: behind it stand the units of a kind that is not sent."""


def nearest_refused(
    picture: Picture, incident: Incident, slots: npt.NDArray[np.int64], code: npt.NDArray[np.uint8]
) -> list[int]:
    """Return the units to name: those near by crow first, those of a kind that is not sent last.

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
    slots = slots[code[slots] != OFF_DUTY]
    most = picture.settings.candidates_max
    if len(slots) == 0:
        return []
    places = np.append(picture.state.table.origin[slots], incident.position)
    x_m, y_m = picture.travel.plane_m(places)
    # Whole metres: the last digits of a float are not the same on every machine.
    far_m = np.rint(np.hypot(x_m[:-1] - x_m[-1], y_m[:-1] - y_m[-1]))
    far_m[code[slots] == _WRONG_KIND] += _FAR_M
    if len(slots) > most:
        among = np.flatnonzero(far_m <= np.partition(far_m, most - 1)[most - 1])
        slots, far_m = slots[among], far_m[among]
    return slots[np.argsort(far_m, kind="stable")][:most].tolist()  # type: ignore[no-any-return]
