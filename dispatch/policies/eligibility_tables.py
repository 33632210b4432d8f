"""Which units fit a whole queue of incidents: the rules of `eligibility` as tables of numbers.

Incidents that ask for the same, are of one trust, and are both or neither the first commitment, are
of one kind: the same units fit them. A round with a hundred patients asks once for each kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.ids import TrustCode
from dispatch.domain.incident import Role
from dispatch.domain.settings import Settings
from dispatch.policies.crew_cost import skill_wanted
from dispatch.policies.eligibility import SKILL_MIN, helpers, kind_codes
from dispatch.policies.lent_units import not_lent
from dispatch.ports import Picture

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Slots = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class KindRules:
    """What incidents of each kind ask of the unit that conveys; rows are kinds.

    Attributes
    ----------
    by_kind
        uint8[kinds, unit kinds]: 0 where a kind of unit may be sent.
    skill_min
        uint8[kinds]: least skill.
    skill_wanted
        int8[kinds]: skill that the crew should have.
    helps
        bool[kinds, trusts]: whose units may go.
    refused
        bool[kinds, units] by slot, where an agreement leaves out some kinds or skills; else without
        rows.
    """

    by_kind: Bytes
    skill_min: Bytes
    skill_wanted: npt.NDArray[np.int8]
    helps: Bools
    refused: Bools


def kinds_of(picture: Picture, incidents: Slots) -> tuple[npt.NDArray[np.int64], KindRules]:
    """Return the kind of each incident, given by slot, and what each kind asks.

    Without agreements, which hold at some hours only, what was found once is kept.
    """
    from dispatch.policies.eligibility_kernel import number_kinds

    table, settings = picture.state.incident_table, picture.settings
    kind, first = number_kinds(
        incidents, table.asked, table.trust, table.is_first, len(table.kinds), len(_trusts(picture))
    )
    leaders = incidents[first]
    if settings.aid.agreements:
        return kind, _rules(picture, leaders)
    kept: _Kept | None = picture.memo.get("kinds")
    if kept is None or kept.settings is not settings or kept.trusts != _trusts(picture):
        kept = picture.memo["kinds"] = _Kept(settings, _trusts(picture), {})
    key = (
        table.asked[leaders].tobytes(),
        table.trust[leaders].tobytes(),
        table.is_first[leaders].tobytes(),
    )
    rules = kept.rules.get(key)
    if rules is None:
        if len(kept.rules) >= RULES_KEPT:
            kept.rules.clear()
        rules = kept.rules[key] = _rules(picture, leaders)
    return kind, rules


RULES_KEPT: Final = 4_096
"""So many combinations of kinds are remembered before they are worked out anew."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    settings: Settings
    trusts: tuple[TrustCode, ...]
    rules: dict[tuple[bytes, bytes, bytes], KindRules]


def _trusts(picture: Picture) -> tuple[TrustCode, ...]:
    return tuple(picture.state.trusts)


def _rules(picture: Picture, leaders: Slots) -> KindRules:
    """Return what each kind asks, given one incident of each by slot."""
    table = picture.state.incident_table
    incidents = [table.at(slot) for slot in leaders.tolist()]
    helps = np.array([helpers(picture, incident) for incident in incidents])
    unlent = [not_lent(picture, i, row) for i, row in zip(incidents, helps, strict=True)]
    refused = np.zeros((len(incidents), picture.state.table.size), np.bool_)
    for number, units in enumerate(unlent):
        if units is not None:
            refused[number] = units
    return KindRules(
        by_kind=np.array([kind_codes(i.category, i.pathway, Role.CONVEYING) for i in incidents]),
        skill_min=np.array([SKILL_MIN.get((i.rank, Role.CONVEYING), 0) for i in incidents], "u1"),
        skill_wanted=np.array([skill_wanted(incident) for incident in incidents], np.int8),
        helps=helps,
        refused=refused if refused.any() else _NOBODY,
    )


_NOBODY: Final = np.zeros((0, 0), np.bool_)
