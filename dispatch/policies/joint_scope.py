"""What a joint round has to weigh anew: the patients and the units to whom the event is news.

Between two events nothing changes but minutes of driving, so whoever was weighed and left as he was
stays so. A patient who is new may take a unit that is on its way to another; a unit that is new may
relieve one that is on its way. Timers ask for everybody: what minutes of driving have changed is
found then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.domain.ids import IncidentId, UnitId
from dispatch.domain.incident import Role
from dispatch.policies.round import Round, by_urgency
from dispatch.state import Incident


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Whom a round weighs.

    Attributes
    ----------
    incidents
        Below C1, in the order of service: who waits, and who may get another unit than the one
        that is on its way.
    held
        Of each of them, whether a conveying unit is on its way.
    diverting
        Who may take a unit that is on its way to another.
    relieving
        The units that a patient may get in place of the one on its way; None: any.
    """

    incidents: list[Incident]
    held: list[bool]
    diverting: frozenset[IncidentId]
    relieving: frozenset[UnitId] | None

    @property
    def is_only_relief(self) -> bool:
        """Whether nobody waits, so that none but the relieving units have anybody to go to."""
        return self.relieving is not None and all(self.held)


def scope_of(round_: Round, waiting: Sequence[Incident]) -> Scope:
    """Return whom a round weighs, given who waits and what the event has told."""
    picture, news = round_.picture, round_.picture.news
    waits = [incident for incident in waiting if incident.rank > 1]
    known = {incident.id for incident in waits}
    for unit in sorted(round_.diverted):
        lost = picture.state.units[unit].incident
        if lost is not None and lost not in known and picture.state.incidents[lost].rank > 1:
            waits.append(picture.state.incidents[lost])
            known.add(lost)
    diverting = _diverting(round_, waits)
    # Who loses a unit needs another, whichever is free.
    relieving = None if news is None or diverting else news.units
    if picture.settings.terms.exchange and (relieving is None or relieving):
        waits += _on_their_way(round_, known)
    incidents = by_urgency(waits)
    held = [incident.id not in known for incident in incidents]
    return Scope(incidents, held, diverting, relieving)


def _diverting(round_: Round, waits: list[Incident]) -> frozenset[IncidentId]:
    """Return who may take a unit that is on its way elsewhere: who is new, or has lost a unit.

    To reckon every moving unit at every event would be half the work of a round. Nor is it done
    where a free unit is so near that no diversion could be worth its price.
    """
    picture, news = round_.picture, round_.picture.news
    ranks = picture.settings.diversion.by_rank
    grave = [incident for incident in waits if incident.rank in ranks]
    if news is None or not grave:
        return frozenset(incident.id for incident in grave)
    asked = news.patients | {picture.state.units[unit].incident for unit in round_.diverted}
    found = [incident for incident in grave if incident.id in asked]
    if len(waits) == 1 and found and _is_near(round_, found[0]):
        return frozenset()
    return frozenset(incident.id for incident in found)


def _is_near(round_: Round, incident: Incident) -> bool:
    """Test whether a free unit arrives within half the price of a diversion."""
    slots = round_.idle(incident, Role.CONVEYING)
    if len(slots) == 0 or not round_.picture.settings.terms.switch:
        return False
    etas_ms = round_.etas_ms(slots, round_.origins(slots), incident)
    return int(etas_ms.min()) <= 500 * round_.picture.settings.joint.switch_s


def _on_their_way(round_: Round, known: set[IncidentId]) -> list[Incident]:
    """Return incidents below C1, of the trusts looked at, whose conveying unit is on its way."""
    picture, table = round_.picture, round_.table
    policies_of = picture.settings.policies_of
    serves = np.zeros(len(picture.state.trusts) + 1, np.bool_)  # The last row is nobody's.
    for trust, number in picture.state.trusts.items():
        serves[number] = picture.is_in_focus(trust) and policies_of(trust).assign == "joint"
    size = table.size
    bound = round_.is_en_route & (table.rank[:size] > 1) & serves[table.serves[:size]]
    found: dict[IncidentId, Incident] = {}
    for slot in np.flatnonzero(bound).tolist():
        unit = table.units[slot]
        if unit.incident is not None and unit.spec.conveys and unit.incident not in known:
            found[unit.incident] = picture.state.incidents[unit.incident]
    return list(found.values())
