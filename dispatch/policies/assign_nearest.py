"""Baseline B2, a good dispatcher: the nearest pair within the gravest category, with diversion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from dispatch.domain.decision import Assign
from dispatch.domain.incident import Role
from dispatch.domain.travel import UNREACHABLE_MS, Milliseconds
from dispatch.policies.divert import diversion
from dispatch.policies.round import Round, Slots, by_urgency, mode_to
from dispatch.ports import Picture
from dispatch.state import Incident


def assign_nearest(picture: Picture, waiting: Sequence[Incident]) -> list[Assign]:
    """Send units within each category, gravest first, always the nearest pair next.

    A diversion is preferred to an idle unit only for its gain after the penalty, and is taken
    when nobody is idle; the incident that loses its unit is served again in its own category.
    """
    round_ = Round(picture)
    assigned: list[Assign] = []
    todo = list(waiting)
    while todo:
        rank = min(incident.rank for incident in todo)
        group = [incident for incident in todo if incident.rank == rank]
        todo = [incident for incident in todo if incident.rank != rank]
        if not round_.anyone_for(rank):
            continue
        for decision in serve_category(round_, by_urgency(group)):
            assigned.append(decision)
            if decision.diverted_from is not None:
                todo.append(picture.state.incidents[decision.diverted_from])
    return assigned


def serve_category(round_: Round, group: Sequence[Incident]) -> list[Assign]:
    """Serve the incidents of one category; first every first responder, then who conveys."""
    assigned: list[Assign] = []
    for role in _ROLES if group and group[0].rank == 1 else _ROLES[1:]:
        # First responders are nearly always free: most rounds find nobody who conveys.
        if not group or not round_.anyone_as(role, group[0].rank):
            continue
        sent = {decision.incident for decision in assigned if _conveys(round_, decision)}
        open_ = [i for i in group if role in round_.open_roles(i) and i.id not in sent]
        while open_ and round_.anyone_for(open_[0].rank):
            decision = _next(round_, open_, role)
            if decision is None:
                break
            assigned.append(decision)
            open_ = [incident for incident in open_ if incident.id != decision.incident]
    return assigned


_ROLES: Final = (Role.RESPONDER, Role.CONVEYING)
"""In the order of service; below C1 nobody but a conveying unit is sent (`open_roles`)."""


def _conveys(round_: Round, decision: Assign) -> bool:
    return round_.picture.state.units[decision.unit].spec.conveys


def _next(round_: Round, open_: list[Incident], role: Role) -> Assign | None:
    """Return the nearest pair of a free unit and an open incident, or else a diversion."""
    best: tuple[int, int, Incident, Slots, Slots, Milliseconds] | None = None
    for incident in _askers(round_, open_, role):
        slots = round_.idle(incident, role)
        origins = round_.origins(slots)
        etas = round_.etas_ms(slots, origins, incident)
        i = round_.nearest(slots, etas, incident)
        if i is not None and (best is None or int(etas[i]) < best[0]):
            best = int(etas[i]), i, incident, slots, origins, etas
    if best is None:
        if open_[0].rank not in round_.picture.settings.diversion.by_rank:
            return None
        for incident in open_:
            decision = diversion(round_, incident, role, idle_eta_ms=None)
            if decision is not None:
                return decision
        return None
    eta, i, incident, slots, origins, etas = best
    decision = diversion(round_, incident, role, idle_eta_ms=eta)
    if decision is not None:
        return decision
    why = round_.explain(incident, role, slots, etas, i)
    origin = int(origins[i])
    return round_.assign(int(slots[i]), incident, role, origin=origin, eta_ms=eta, why=why)


def _askers(round_: Round, open_: list[Incident], role: Role) -> list[Incident]:
    """Return the incidents worth measuring: with many waiting, those nearest to a free unit.

    One search from each free unit finds its nearest incident; the nearest pair is among these.
    """
    if len(open_) == 1:
        return open_
    if not round_.is_free.any():
        return []
    groups: dict[tuple[object, ...], list[Incident]] = {}
    for incident in open_:
        key = (incident.category, incident.pathway, incident.trust)
        groups.setdefault(key, []).append(incident)
    askers: list[Incident] = []
    for group in groups.values():
        slots = round_.idle(group[0], role)
        if len(slots) == 0:
            continue
        if len(group) <= len(slots):
            askers += group
            continue
        destinations = np.array([incident.position for incident in group], np.int64)
        travel, now_ms = round_.picture.travel, round_.picture.now_ms
        times = travel.matrix_ms(round_.origins(slots), destinations, mode_to(group[0]), now_ms)
        nearest = {int(row.argmin()) for row in times if row.min() < UNREACHABLE_MS}
        askers += [group[i] for i in sorted(nearest)]
    return askers
