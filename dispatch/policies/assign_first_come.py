"""Baseline B1, the plain queue: gravest category first, longest wait first, nearest free unit."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.domain.decision import Assign
from dispatch.domain.incident import Role
from dispatch.policies.divert import diversion
from dispatch.policies.round import Round, by_urgency
from dispatch.ports import Picture
from dispatch.state import Incident


def assign_first_come(picture: Picture, waiting: Sequence[Incident]) -> list[Assign]:
    """Send the nearest free unit to each incident in the order of the queue."""
    round_ = Round(picture)
    assigned: list[Assign] = []
    todo = by_urgency(waiting)
    while todo:
        incident = todo.pop(0)
        for role in round_.open_roles(incident):
            decision = _serve(round_, incident, role)
            if decision is None:
                continue
            assigned.append(decision)
            if decision.diverted_from is not None:
                todo = by_urgency([*todo, picture.state.incidents[decision.diverted_from]])
            if picture.state.units[decision.unit].spec.conveys:
                break
    return assigned


def _serve(round_: Round, incident: Incident, role: Role) -> Assign | None:
    slots = round_.idle(incident, role)
    origins = round_.origins(slots)
    etas = round_.etas_ms(slots, origins, incident)
    i = round_.nearest(slots, etas, incident)
    if i is None:
        return diversion(round_, incident, role, idle_eta_ms=None)
    eta = int(etas[i])
    decision = diversion(round_, incident, role, idle_eta_ms=eta)
    if decision is not None:
        return decision
    why = round_.explain(incident, role, slots, etas, i)
    origin = int(origins[i])
    return round_.assign(int(slots[i]), incident, role, origin=origin, eta_ms=eta, why=why)
