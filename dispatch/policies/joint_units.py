"""Which units take part in a joint round: free, on their way, or about to be clear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.policies.cover_cost import coverage_us
from dispatch.policies.eligibility import MAY_CONVEY, oldest_position_ms
from dispatch.policies.eligibility_tables import KindRules, kinds_of
from dispatch.policies.joint_cost import Fleet
from dispatch.policies.joint_scope import Scope
from dispatch.policies.round import Round, Slots
from dispatch.ports import Picture
from dispatch.state import NO_HOSPITAL

_ON_STATION: Final = STATUS_NUMBER[UnitStatus.ON_STATION]
_AT_HOSPITAL: Final = STATUS_NUMBER[UnitStatus.AT_HOSPITAL]
_HANDED_OVER: Final = STATUS_NUMBER[UnitStatus.HANDED_OVER]

_NEVER_MS: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class TakingPart:
    """The units of a round, in the order of their slots.

    Attributes
    ----------
    rows
        Slot of each unit.
    fleet
        What their costs depend on.
    kind
        Kind of each incident of the round.
    rules
        What each kind asks.
    fits
        Which incidents each may go to, bool[kinds of incident, units].
    relieves
        Whether it may take the place of a unit that is on its way.
    """

    rows: Slots
    fleet: Fleet
    kind: npt.NDArray[np.int64]
    rules: KindRules
    fits: npt.NDArray[np.bool_]
    relieves: npt.NDArray[np.bool_]


def units_taking_part(round_: Round, scope: Scope) -> TakingPart:
    """Return the units in focus that fit any incident of a round and could be sent now or soon.

    A unit on its way to an incident that does not take part stays on its way.
    """
    from dispatch.policies import joint_units_kernel as kernel

    picture, table, settings = round_.picture, round_.table, round_.picture.settings
    kind, rules = kinds_of(picture, scope.slots)
    row_of = np.full(len(picture.state.incident_table.rank), -1, np.int32)
    row_of[scope.slots] = np.arange(len(scope.slots), dtype=np.int32)
    relieves = _relieves(round_, scope)
    slots = round_.in_focus
    if scope.is_only_relief:
        slots = slots[(round_.is_en_route | relieves)[slots]]
    rows, fits, clear_ms, mobilise_ms, going_to, arrives_in_ms = kernel.taking_part(
        slots,
        round_.is_free,
        round_.is_en_route,
        table.status,
        table.kind,
        table.skill,
        table.trust,
        table.rank,
        table.incident,
        table.hospital,
        table.end_ms,
        table.position_at_ms,
        table.since_ms,
        table.due_at_ms,
        MAY_CONVEY,
        row_of,
        rules.by_kind,
        rules.skill_min,
        rules.helps,
        rules.refused,
        _handovers_ms(picture, slots),
        picture.now_ms,
        oldest_position_ms(picture),
        settings.clear.clear_s * 1000,
        settings.clear.look_ahead_s * 1000 if settings.terms.look_ahead else _NEVER_MS,
        settings.mobilisation_s * 1000,
        settings.road_mobilisation_s * 1000,
        _ON_STATION,
        _AT_HOSPITAL,
        _HANDED_OVER,
    )
    fleet = Fleet(clear_ms, mobilise_ms, _coverage_us(picture, rows), going_to, arrives_in_ms)
    return TakingPart(rows, fleet, kind, rules, fits, relieves[rows])


def _coverage_us(picture: Picture, rows: Slots) -> npt.NDArray[np.int64]:
    if not picture.settings.terms.coverage:
        return np.zeros(len(rows), np.int64)
    return coverage_us(picture, rows)


def _relieves(round_: Round, scope: Scope) -> npt.NDArray[np.bool_]:
    """Return by slot which units may take the place of one that is on its way."""
    found = np.full(round_.table.size, scope.relieving is None)
    for unit in scope.relieving or ():
        found[round_.picture.state.units[unit].slot] = True
    return found


def _handovers_ms(picture: Picture, slots: Slots) -> npt.NDArray[np.int64]:
    """Return the expected handover by row of hospital, of those where crews are; last: elsewhere.

    The mean of the last ones where a board has any, else the configured one.
    """
    table = picture.state.table
    expected = np.full(
        len(picture.state.hospitals) + 1, picture.settings.clear.handover_s * 1000, np.int64
    )
    there = set(table.hospital[slots[table.status[slots] == _AT_HOSPITAL]].tolist())
    state = picture.state
    for row in there - {NO_HOSPITAL}:
        recent = state.hospitals[state.hospital_ids[row]].recent_ms
        if recent:
            expected[row] = sum(recent) // len(recent)
    return expected
