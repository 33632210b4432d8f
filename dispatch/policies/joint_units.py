"""Which units take part in a joint round: free, on their way, or about to be clear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.policies.eligibility import MAY_CONVEY, oldest_position_ms
from dispatch.policies.eligibility_tables import help_for, requirements
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
    fits
        Which incidents each may go to, bool[kinds of incident, units].
    kind
        Kind of each incident: a row of ``fits``.
    clear_ms
        Until each is clear (expected), 0 when it is.
    going_to
        Row of the incident that each is on its way to, -1 for none.
    relieves
        Whether it may take the place of a unit that is on its way.
    """

    rows: Slots
    fits: npt.NDArray[np.bool_]
    kind: npt.NDArray[np.int64]
    clear_ms: npt.NDArray[np.int64]
    going_to: npt.NDArray[np.int32]
    relieves: npt.NDArray[np.bool_]


def units_taking_part(round_: Round, scope: Scope) -> TakingPart:
    """Return the units in focus that fit any incident of a round and could be sent now or soon.

    A unit on its way to an incident that does not take part stays on its way.
    """
    from dispatch.policies import joint_units_kernel as kernel

    picture, table = round_.picture, round_.table
    settings, incidents = picture.settings, picture.state.incident_table
    rules, helpers = requirements(picture), help_for(picture, scope.slots)
    asked = incidents.asked[scope.slots]
    kind, first = kernel.number_kinds(asked, helpers.of, len(rules.skill_min), len(helpers.helps))
    of_kind, helped = asked[first], helpers.of[first]
    row_of = np.full(len(incidents.rank), -1, np.int32)
    row_of[scope.slots] = np.arange(len(scope.slots), dtype=np.int32)
    relieves = _relieves(round_, scope)
    slots = round_.in_focus
    if scope.is_only_relief:
        slots = slots[(round_.is_en_route | relieves)[slots]]
    rows, fits, clear_ms, going_to = kernel.taking_part(
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
        MAY_CONVEY,
        row_of,
        rules.by_kind[of_kind],
        rules.skill_min[of_kind],
        helpers.helps[helped],
        helpers.refused[helped] if len(helpers.refused) else helpers.refused,
        _handovers_ms(picture, slots),
        picture.now_ms,
        oldest_position_ms(picture),
        settings.clear.clear_s * 1000,
        settings.clear.look_ahead_s * 1000 if settings.terms.look_ahead else _NEVER_MS,
        _ON_STATION,
        _AT_HOSPITAL,
        _HANDED_OVER,
    )
    return TakingPart(rows, fits, kind, clear_ms, going_to, relieves[rows])


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
