"""A C1 whose first unit is still on its way gets one that has just become free, if it is nearer.

Once a unit that conveys goes to a C1, nobody is asked again for that patient. Meanwhile a crew may
become free round the corner: a controller sends it, and turns the farther ambulance back.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from dispatch.domain.decision import Assign, Explanation, StandDown
from dispatch.domain.incident import Role
from dispatch.domain.travel import Mode, Position
from dispatch.domain.unit import EN_ROUTE
from dispatch.policies import eligibility
from dispatch.policies.round import Round
from dispatch.ports import position_now
from dispatch.state import Incident, Unit


def relieve_gravest(round_: Round) -> list[Assign | StandDown]:
    """Return the orders that send units which are new to C1 that would wait longer for others.

    The new unit must arrive earlier than anybody on the way by `DiversionRules.gain_min_s`. If it
    conveys, the ambulance that it relieves is stood down; first responders go on.
    """
    picture = round_.picture
    if picture.news is None or not picture.settings.terms.exchange:
        return []
    orders: list[Assign | StandDown] = []
    for name in sorted(picture.news.units):
        unit = picture.state.units[name]
        if not round_.is_free[unit.slot]:
            continue
        found = min(_gains(round_, unit), key=_order, default=None)
        if found is not None:
            _, incident, eta_ms = found
            orders += _relief(round_, unit, incident, eta_ms)
    return orders


def _order(gain: tuple[int, Incident, int]) -> tuple[int, int, str]:
    """Return where the greatest gain stands first, of equals who has waited longest."""
    gain_ms, incident, _ = gain
    return -gain_ms, incident.clock_start_at_ms, incident.id


def _gains(round_: Round, unit: Unit) -> Iterator[tuple[int, Incident, int]]:
    """Yield by how much a unit would be earlier at each C1, the C1, and in what time."""
    picture = round_.picture
    least_ms = picture.settings.diversion.gain_min_s * 1000
    one = np.array([unit.slot], np.int64)
    role = Role.CONVEYING if unit.spec.conveys else Role.RESPONDER
    origins = round_.origins(one)
    for incident, due_ms in _within_reach(round_, Position(origins[0]), least_ms):
        if eligibility.fitness(picture, incident, role, one)[0] != eligibility.ELIGIBLE:
            continue
        eta_ms = int(round_.etas_ms(one, origins, incident)[0])
        late_ms = int(round_.with_margin(one, np.array([eta_ms], np.int32), incident)[0])
        gain_ms = due_ms - picture.now_ms - late_ms
        if gain_ms >= least_ms:
            yield gain_ms, incident, eta_ms


def _within_reach(round_: Round, origin: Position, least_ms: int) -> Iterator[tuple[Incident, int]]:
    """Yield each C1 that nobody has reached, and when the first is due, where a way gains enough.

    All ways are asked at once: of the C1 of a trust, few are near.
    """
    picture, table = round_.picture, round_.table
    moving = round_.in_focus[round_.is_en_route[round_.in_focus]]
    bound = table.incident[moving[table.rank[moving] == 1]]
    found: list[tuple[Incident, int]] = []
    for slot in dict.fromkeys(bound[bound >= 0].tolist()):
        incident = picture.state.incident_table.at(slot)
        if incident.responder_on_scene_at_ms is not None or incident.outcome is not None:
            continue
        due_ms = _first_due_ms(round_, incident)
        if due_ms - picture.now_ms >= least_ms:
            found.append((incident, due_ms))
    if not found:
        return
    scenes = np.array([incident.position for incident, _ in found], np.int64)
    ways_ms = picture.travel.from_one_ms(origin, scenes, Mode.BLUE_LIGHT, picture.now_ms)
    for (incident, due_ms), way_ms in zip(found, ways_ms.tolist(), strict=True):
        if due_ms - picture.now_ms - way_ms >= least_ms:
            yield incident, due_ms


def _on_the_way(round_: Round, incident: Incident) -> list[Unit]:
    """Return the units that go to an incident, the first to be there first."""
    units = round_.picture.state.units
    moving = [units[response.unit] for response in incident.responses]
    kept = [u for u in moving if u.status in EN_ROUTE and u.spec.id not in round_.diverted]
    return sorted(kept, key=lambda unit: (unit.due_at_ms, unit.spec.id))


def _first_due_ms(round_: Round, incident: Incident) -> int:
    """Return when the first of those on the way is due; now, where nobody is left to relieve."""
    moving = _on_the_way(round_, incident)
    return moving[0].due_at_ms if moving else round_.picture.now_ms


def _relief(
    round_: Round, unit: Unit, incident: Incident, eta_ms: int
) -> Iterator[Assign | StandDown]:
    """Yield the orders: the farther ambulance back, the new unit there."""
    picture = round_.picture
    moving = _on_the_way(round_, incident)
    gain_min = (moving[0].due_at_ms - picture.now_ms - eta_ms) / 60_000
    turned = [other for other in moving if unit.spec.conveys and other.spec.conveys]
    for other in turned:
        round_.take(other.slot)
        note = f"{unit.spec.id} has become free and is {gain_min:.1f} min earlier than who was due"
        yield StandDown(
            incident=incident.id,
            unit=other.spec.id,
            origin=position_now(other, picture.travel, picture.now_ms),
            why=Explanation(note=note),
        )
    one = np.array([unit.slot], np.int64)
    role = Role.CONVEYING if unit.spec.conveys else Role.RESPONDER
    why = round_.explain(incident, role, one, np.array([eta_ms], np.int32), 0)
    names = ", ".join(other.spec.id for other in turned)
    tail = f"{names} is stood down" if turned else "who is on the way goes on"
    note = f"it has become free and is {gain_min:.1f} min earlier than {moving[0].spec.id}; {tail}"
    yield round_.assign(
        unit.slot,
        incident,
        role,
        origin=int(round_.origins(one)[0]),
        eta_ms=eta_ms,
        why=msgspec.structs.replace(why, note=note),
    )
