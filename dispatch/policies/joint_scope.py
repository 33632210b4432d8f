"""What a joint round has to weigh anew: the patients and the units to whom the event is news.

Between two events nothing changes but minutes of driving, so whoever was weighed and left as he was
stays so. A patient who is new may take a unit that is on its way to another; a unit that is new may
relieve one that is on its way. Timers ask for everybody: what minutes of driving have changed is
found then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.ids import UnitId
from dispatch.domain.incident import Role
from dispatch.domain.unit import CONVEYING_KINDS, KIND_NUMBER
from dispatch.policies.round import Round, Slots
from dispatch.ports import Picture
from dispatch.state import Incident, IncidentTable

Bools = npt.NDArray[np.bool_]

_CONVEYS: Final = np.array([kind in CONVEYING_KINDS for kind in KIND_NUMBER])


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Whom a round weighs.

    Attributes
    ----------
    slots
        Incidents below C1, by their slots, in the order of service: who waits, and who may get
        another unit than the one that is on its way.
    is_held
        Of each of them, whether a conveying unit is on its way.
    may_divert
        Of each of them, whether it may take a unit that is on its way to another.
    relieving
        The units that a patient may get in place of the one on its way; None: any.
    """

    slots: Slots
    is_held: Bools
    may_divert: Bools
    relieving: frozenset[UnitId] | None

    @property
    def is_only_relief(self) -> bool:
        """Whether nobody waits, so that none but the relieving units have anybody to go to."""
        return self.relieving is not None and bool(self.is_held.all())

    def until(self, most: int) -> Scope:
        """Return the first so many incidents."""
        first = slice(most)
        return Scope(self.slots[first], self.is_held[first], self.may_divert[first], self.relieving)


def scope_of(round_: Round, waiting: Sequence[Incident]) -> Scope:
    """Return whom a round weighs, given who waits and what the event has told."""
    picture, news = round_.picture, round_.picture.news
    table = picture.state.incident_table
    waits = _who_waits(round_, waiting)
    diverting = _diverting(round_, waits)
    # Who loses a unit needs another, whichever is free.
    relieving = None if news is None or diverting else news.units
    held: list[int] = []
    if picture.settings.terms.exchange and (relieving is None or relieving):
        # Nobody loses a unit to somebody as ill as he: only who is less ill need be asked.
        graver = min((int(table.rank[slot]) for slot in diverting), default=1) if news else 1
        held = _on_their_way(round_, waits, graver)
    slots = np.array([*waits, *held], np.int64)
    may_divert = np.zeros(len(table.rank), np.bool_)
    may_divert[diverting] = True
    order = in_order_of_service(table, slots)
    slots = slots[order]
    return Scope(slots, order >= len(waits), may_divert[slots], relieving)


def in_order_of_service(table: IncidentTable, slots: Slots) -> npt.NDArray[np.int64]:
    """Return the order of incidents: rank, then clock start, then identifier."""
    from dispatch.policies.joint_scope_kernel import by_rank_and_clock

    order: npt.NDArray[np.int64]
    order, is_tied = by_rank_and_clock(slots, table.rank, table.began_ms)
    if not is_tied:
        return order
    incidents = [table.at(slot) for slot in slots.tolist()]
    keys = [(i.rank, i.clock_start_at_ms, i.id) for i in incidents]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)


def _who_waits(round_: Round, waiting: Sequence[Incident]) -> dict[int, None]:
    """Return the slots of those below C1 who wait, and of those who lose their unit in this round.

    In the order in which they come, like a set.
    """
    state = round_.picture.state
    slot_of = state.incident_table.slot_of
    found = dict.fromkeys([slot_of[incident.id] for incident in waiting if incident.rank > 1])
    for unit in sorted(round_.diverted):
        lost = state.units[unit].incident
        if lost is not None and state.incidents[lost].rank > 1:
            found[slot_of[lost]] = None
    return found


def _diverting(round_: Round, waits: dict[int, None]) -> list[int]:
    """Return who may take a unit that is on its way elsewhere: who is new, or has lost a unit.

    To reckon every moving unit at every event would be half the work of a round. Nor is it done
    where a free unit is so near that no diversion could be worth its price.
    """
    picture, news = round_.picture, round_.picture.news
    table, ranks = picture.state.incident_table, picture.settings.diversion.by_rank
    if news is None:
        return [slot for slot in waits if table.rank[slot] in ranks]
    asked = {*news.patients, *(picture.state.units[unit].incident for unit in round_.diverted)}
    slots = [table.slot_of[incident] for incident in asked if incident in table.slot_of]
    found = [slot for slot in slots if slot in waits and table.rank[slot] in ranks]
    if len(waits) == 1 and found and _is_near(round_, table.at(found[0])):
        return []
    return found


def _is_near(round_: Round, incident: Incident) -> bool:
    """Test whether a free unit arrives within half the price of a diversion."""
    slots = round_.idle(incident, Role.CONVEYING)
    if len(slots) == 0 or not round_.picture.settings.terms.switch:
        return False
    etas_ms = round_.etas_ms(slots, round_.origins(slots), incident)
    return int(etas_ms.min()) <= 500 * round_.picture.settings.joint.switch_s


def _on_their_way(round_: Round, waits: dict[int, None], graver: int) -> list[int]:
    """Return who is less ill than a rank, of trusts looked at, and has a unit on its way."""
    table = round_.table
    moving = round_.in_focus[round_.is_en_route[round_.in_focus]]
    moving = moving[(table.rank[moving] > graver) & _CONVEYS[table.kind[moving]]]
    bound = table.incident[moving]
    bound = bound[_is_matched(round_.picture)[table.serves[moving]] & (bound >= 0)]
    return [slot for slot in dict.fromkeys(bound.tolist()) if slot not in waits]


def _is_matched(picture: Picture) -> Bools:
    """Return which trusts are looked at and matched, by number; the last row is nobody's."""
    policies_of = picture.settings.policies_of
    found = np.zeros(len(picture.state.trusts) + 1, np.bool_)
    for trust, number in picture.state.trusts.items():
        found[number] = picture.is_in_focus(trust) and policies_of(trust).assign == "joint"
    return found
