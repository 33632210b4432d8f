"""Which units may go to an incident, and why the others may not."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.agreement import allows
from dispatch.domain.category import RANK, Category
from dispatch.domain.decision import Verdict
from dispatch.domain.incident import Pathway, Role
from dispatch.domain.settings import AidScope
from dispatch.domain.unit import (
    ASSIGNABLE,
    EN_ROUTE,
    KIND_NUMBER,
    STATUS_NUMBER,
    Skill,
    UnitKind,
    UnitStatus,
)
from dispatch.policies.lent_units import not_lent, pools
from dispatch.ports import Picture
from dispatch.state import Incident

RESPONDS: Final[dict[UnitKind, frozenset[int]]] = {
    UnitKind.DCA: frozenset({1, 2, 3, 4}),
    UnitKind.RRV: frozenset({1}),
    UnitKind.CFR: frozenset({1}),
    UnitKind.URGENT_CARE: frozenset({1, 3, 4}),
    UnitKind.AUXILIARY: frozenset({1, 2, 3, 4}),
}
"""Ranks of incident to which each kind may be sent as first responder (assumed, trusts differ).
HEMS goes to a C1 of the pathways in `HEMS_PATHWAYS`; falls and mental-health vehicles go by
redirection, not by dispatch; patient transport never responds."""

CONVEYS: Final[dict[UnitKind, frozenset[int]]] = {
    UnitKind.DCA: frozenset({1, 2, 3, 4}),
    UnitKind.AUXILIARY: frozenset({2, 3, 4}),
    UnitKind.URGENT_CARE: frozenset({3, 4}),
}
"""Ranks of incident from which each kind may convey (assumed)."""

PTS_CATEGORIES: Final = frozenset({Category.C4T, Category.HCP4, Category.IFT4})
"""Booked, stable journeys that patient transport may take (assumed)."""

HEMS_PATHWAYS: Final = frozenset({Pathway.MAJOR_TRAUMA, Pathway.BURNS})
"""C1 incidents for which the helicopter service is asked as a responder (assumed)."""

SKILL_MIN: Final[dict[tuple[int, Role], Skill]] = {
    (1, Role.CONVEYING): Skill.EMT,
    (2, Role.CONVEYING): Skill.EMT,
}
"""Least skill by rank and role: an EMT or paramedic leads a crew for C1 and C2 (background)."""

VERDICTS: Final = (
    Verdict.SLOWER,
    Verdict.OFF_DUTY,
    Verdict.OUT_OF_SERVICE,
    Verdict.ON_BREAK,
    Verdict.BUSY,
    Verdict.WRONG_KIND,
    Verdict.UNSKILLED,
    Verdict.OTHER_TRUST,
    Verdict.SHIFT_ENDED,
    Verdict.STALE_POSITION,
)
"""Meaning of the codes that `codes` returns; 0 is eligible."""

ELIGIBLE: Final = 0

_CODE: Final = {verdict: code for code, verdict in enumerate(VERDICTS)}
BUSY: Final = _CODE[Verdict.BUSY]
OFF_DUTY: Final = _CODE[Verdict.OFF_DUTY]
_ON_STATION: Final = STATUS_NUMBER[UnitStatus.ON_STATION]
_LONG_AGO_MS: Final = -(2**62)


def _status_codes() -> npt.NDArray[np.uint8]:
    table = np.full(len(UnitStatus), _CODE[Verdict.BUSY], np.uint8)
    for status in ASSIGNABLE:
        table[STATUS_NUMBER[status]] = ELIGIBLE
    table[STATUS_NUMBER[UnitStatus.OFF_DUTY]] = _CODE[Verdict.OFF_DUTY]
    table[STATUS_NUMBER[UnitStatus.OUT_OF_SERVICE]] = _CODE[Verdict.OUT_OF_SERVICE]
    table[STATUS_NUMBER[UnitStatus.ON_BREAK]] = _CODE[Verdict.ON_BREAK]
    return table


STATUS_CODE: Final = _status_codes()
IS_EN_ROUTE: Final = np.isin(
    np.arange(len(UnitStatus)), [STATUS_NUMBER[status] for status in EN_ROUTE]
)


MAY_CONVEY: Final = np.array([kind in CONVEYS or kind is UnitKind.PTS for kind in KIND_NUMBER])
"""By number of kind: whether a unit may ever be the one that conveys."""


def _may_go(kind: UnitKind, category: Category, pathway: Pathway | None, role: Role) -> bool:
    rank = RANK[category]
    if kind is UnitKind.PTS:
        return category in PTS_CATEGORIES
    if kind is UnitKind.HEMS:
        return role is Role.RESPONDER and rank == 1 and pathway in HEMS_PATHWAYS
    table = RESPONDS if role is Role.RESPONDER else CONVEYS
    return rank in table.get(kind, ())


def kind_codes(category: Category, pathway: Pathway | None, role: Role) -> npt.NDArray[np.uint8]:
    """Return for each unit kind 0 if it may be sent in a role, else the code of WRONG_KIND."""
    key = (category, pathway, role)
    codes = _KIND_CODES.get(key)
    if codes is None:
        codes = np.full(len(UnitKind), _CODE[Verdict.WRONG_KIND], np.uint8)
        for kind, number in KIND_NUMBER.items():
            if _may_go(kind, category, pathway, role):
                codes[number] = ELIGIBLE
        _KIND_CODES[key] = codes
    return codes


_KIND_CODES: Final[dict[tuple[Category, Pathway | None, Role], npt.NDArray[np.uint8]]] = {}


def kind_of(incident: Incident, role: Role) -> tuple[object, ...]:
    """Return all of an incident that decides which units fit it: equal kinds, equal `fitness`."""
    helped = role is Role.RESPONDER and incident.pathway in HEMS_PATHWAYS
    booked = incident.category in PTS_CATEGORIES
    first = incident.assigned_at_ms is None
    return incident.rank, booked, helped, incident.trust, role, first


Slots = npt.NDArray[np.int64]


def fitness(
    picture: Picture, incident: Incident, role: Role, slots: Slots | None = None
) -> npt.NDArray[np.uint8]:
    """Return a code for each unit by what it is, whatever it does now: kind, skill, trust, hours.

    uint8[units], or uint8[slots]; index into `VERDICTS`, 0 fits.
    """
    from dispatch.policies import eligibility_kernel as kernel

    table, now_ms = picture.state.table, picture.now_ms
    of = slice(table.size) if slots is None else slots
    helps = helpers(picture, incident)
    code = kernel.fitness(
        kind_codes(incident.category, incident.pathway, role),
        table.kind[of],
        table.skill[of],
        int(SKILL_MIN.get((incident.rank, role), 0)),
        table.trust[of],
        helps,
        table.end_ms[of],
        now_ms,
        table.status[of],
        _ON_STATION,
        table.position_at_ms[of],
        oldest_position_ms(picture),
        _CODE[Verdict.UNSKILLED],
        _CODE[Verdict.OTHER_TRUST],
        _CODE[Verdict.SHIFT_ENDED],
        _CODE[Verdict.STALE_POSITION],
    )
    refused = not_lent(picture, incident, helps)
    if refused is not None:
        code[refused[of] & (code == ELIGIBLE)] = _CODE[Verdict.OTHER_TRUST]
    return code


def oldest_position_ms(picture: Picture) -> int:
    """Return the instant before which a report of a position is too old to send its unit."""
    freshness = picture.settings.freshness
    if not freshness.applies:
        return _LONG_AGO_MS
    return picture.now_ms - freshness.refused_after_s * 1000


def codes(picture: Picture, fit: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a code for each unit: what it does now first, then whether it fits."""
    status = STATUS_CODE[picture.state.table.status[: len(fit)]]
    return np.where(status != ELIGIBLE, status, fit)


def helpers(picture: Picture, incident: Incident) -> npt.NDArray[np.bool_]:
    """Return, by number of trust, whose units may go to an incident; its own always may."""
    aid, trusts = picture.settings.aid, picture.state.trusts
    own = trusts[incident.trust]
    may = np.zeros(len(trusts), np.bool_)
    may[own] = True
    if aid.agreements:
        may |= pools(picture, incident)
    if not _may_cross(aid.scope, incident):
        return may
    for trust, number in trusts.items():
        may[number] |= allows(aid.agreements, trust, incident.trust, incident.rank, picture.now_ms)
    return may


def _may_cross(scope: AidScope, incident: Incident) -> bool:
    """Test whether the scope of aid lets other trusts' units go to an incident.

    Aid for C2 and below is asked for once, at first commitment: a second look in every round
    makes units swing between trusts.
    """
    if scope is AidScope.POOLED:
        return True
    if incident.rank == 1:
        return scope is not AidScope.SILO
    return scope is AidScope.PRICED and incident.assigned_at_ms is None
