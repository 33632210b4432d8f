"""Which units of other trusts are lent under agreements, and which of them cost their lender."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.agreement import Agreement, holding, pools_of
from dispatch.domain.unit import UnitKind
from dispatch.ports import Picture
from dispatch.state import Incident

_KINDS: Final = tuple(UnitKind)

Bools = npt.NDArray[np.bool_]


def pools(picture: Picture, incident: Incident) -> Bools:
    """Return, by number of trust, which are pools whose units are the incident's home trust's."""
    trusts = picture.state.trusts
    found = np.zeros(len(trusts), np.bool_)
    agreements = picture.settings.aid.agreements
    for name in pools_of(agreements, incident.trust, incident.rank, picture.now_ms):
        if name in trusts:
            found[trusts[name]] = True
    return found


def not_lent(picture: Picture, incident: Incident, helpers: Bools) -> Bools | None:
    """Return which units an agreement does not cover by kind or skill; None when it covers all.

    Of a lender with several agreements that hold, a unit that one of them lends is lent.
    """
    agreements = picture.settings.aid.agreements
    if not agreements or not any(a.is_particular for a in agreements):
        return None
    table, size = picture.state.table, picture.state.table.size
    refused = np.zeros(size, np.bool_)
    for trust, number in picture.state.trusts.items():
        if trust == incident.trust or not helpers[number]:
            continue
        held = holding(agreements, trust, incident.trust, incident.rank, picture.now_ms)
        if all(a.is_particular for a in held):
            theirs = table.trust[:size] == number
            refused |= theirs & ~_lent(held, table.kind[:size], table.skill[:size])
    return refused


def _lent(
    held: list[Agreement], kind: npt.NDArray[np.uint8], skill: npt.NDArray[np.uint8]
) -> Bools:
    lent = np.zeros(len(kind), np.bool_)
    for agreement in held:
        of_kind = np.array([not agreement.kinds or k in agreement.kinds for k in _KINDS])
        lent |= of_kind[kind] & (skill >= int(agreement.skill_min))
    return lent
