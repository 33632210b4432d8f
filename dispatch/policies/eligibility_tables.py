"""Which units fit a whole queue of incidents: the rules of `eligibility` as tables of numbers.

Rules by what an incident asks for, and whose units help by its trust, rank and whether it is the
first commitment. A round with a hundred patients looks them up; it does not ask a hundred times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.category import RANK
from dispatch.domain.incident import Role
from dispatch.domain.settings import Settings
from dispatch.domain.unit import UnitKind
from dispatch.policies.crew_cost import skill_for
from dispatch.policies.eligibility import SKILL_MIN, helpers, kind_codes
from dispatch.policies.lent_units import not_lent
from dispatch.ports import Picture
from dispatch.state import Asked

_RANKS: Final = max(RANK.values())

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Slots = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Requirements:
    """What conveying asks of a unit, by number of `dispatch.state.Asked`.

    Attributes
    ----------
    by_kind
        uint8[asked, unit kinds]: 0 where a kind may be sent.
    skill_min
        uint8[asked]: least skill.
    skill_wanted
        int8[asked]: skill that the crew should have.
    """

    by_kind: Bytes
    skill_min: Bytes
    skill_wanted: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Help:
    """Whose units may go, by row: home trust, rank, and whether nobody has been assigned yet.

    Attributes
    ----------
    of
        Row of each incident.
    helps
        bool[rows, trusts].
    refused
        bool[rows, units] by slot, where an agreement leaves out some kinds or skills; else without
        rows.
    """

    of: npt.NDArray[np.int64]
    helps: Bools
    refused: Bools


def requirements(picture: Picture) -> Requirements:
    """Return what conveying asks of a unit for everything that any incident has asked so far."""
    kinds = picture.state.incident_table.kinds
    kept: Requirements | None = picture.memo.get("requirements")
    if kept is None or len(kept.skill_min) != len(kinds):
        kept = picture.memo["requirements"] = Requirements(
            by_kind=np.array([_by_kind(asked) for asked in kinds], np.uint8).reshape(
                len(kinds), len(UnitKind)
            ),
            skill_min=np.array([_skill_min(asked) for asked in kinds], np.uint8),
            skill_wanted=np.array([skill_for(*asked) for asked in kinds], np.int8),
        )
    return kept


def _by_kind(asked: Asked) -> Bytes:
    return kind_codes(asked.category, asked.pathway, Role.CONVEYING)


def _skill_min(asked: Asked) -> int:
    return int(SKILL_MIN.get((RANK[asked.category], Role.CONVEYING), 0))


def help_for(picture: Picture, incidents: Slots) -> Help:
    """Return whose units may go to incidents, given by their slots."""
    table, trusts = picture.state.incident_table, picture.state.trusts
    of = (table.rank[incidents].astype(np.int64) - 1) * len(trusts) + table.trust[incidents]
    of = 2 * of + table.is_first[incidents]
    if picture.settings.aid.agreements:
        return _by_agreement(picture, incidents, of)
    return Help(of, _kept_helps(picture, incidents, of), _NOBODY)


def _kept_helps(picture: Picture, incidents: Slots, of: npt.NDArray[np.int64]) -> Bools:
    """Return the table of helpers, asking for rows that are new; without agreements it stays."""
    settings, trusts = picture.settings, picture.state.trusts
    kept: _Kept | None = picture.memo.get("helps")
    if kept is None or kept.settings is not settings or kept.trusts != tuple(trusts):
        rows = 2 * _RANKS * len(trusts)
        kept = picture.memo["helps"] = _Kept(
            settings, tuple(trusts), np.zeros(rows, np.bool_), np.zeros((rows, len(trusts)), bool)
        )
    if not kept.known[of].all():
        for slot, row in zip(incidents.tolist(), of.tolist(), strict=True):
            if not kept.known[row]:
                kept.helps[row] = helpers(picture, picture.state.incident_table.at(slot))
                kept.known[row] = True
    return kept.helps


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    settings: Settings
    trusts: tuple[Any, ...]
    known: Bools
    helps: Bools


def _by_agreement(picture: Picture, incidents: Slots, of: npt.NDArray[np.int64]) -> Help:
    """Return the same under agreements, which hold at some hours and for some units."""
    first, row = np.unique(of, return_index=True, return_inverse=True)[1:]
    helps = np.zeros((len(first), len(picture.state.trusts)), np.bool_)
    refused = np.zeros((len(first), picture.state.table.size), np.bool_)
    for number, at in enumerate(first.tolist()):
        incident = picture.state.incident_table.at(int(incidents[at]))
        helps[number] = helpers(picture, incident)
        unlent = not_lent(picture, incident, helps[number])
        if unlent is not None:
            refused[number] = unlent
    return Help(row.astype(np.int64), helps, refused if refused.any() else _NOBODY)


_NOBODY: Final = np.zeros((0, 0), np.bool_)
