"""Whose patients and units an event concerns, so that a country is not weighed for every report.

Trusts that do not help each other are separate problems; those that do meet where they are near.
"""

from __future__ import annotations

from itertools import combinations, takewhile
from typing import Final

import numpy as np

from dispatch.domain import event as ev
from dispatch.domain.agreement import with_pools
from dispatch.domain.ids import IncidentId, TrustCode
from dispatch.domain.settings import AidScope
from dispatch.ports import News, Picture
from dispatch.state import State

ROUND: Final = "round"
"""The timer that asks for another look at who is free and who waits, in every trust."""

ROUND_OF: Final = f"{ROUND}:"
"""Prefix of the timer that asks for it in one trust."""

NEAR_M: Final = 60_000.0
"""Trusts whose posts come this close may weigh their units together. Assumed: about an hour's
drive; a unit from farther away would not be worth its price for C2, and C1 asks everybody."""


def concerned(picture: Picture, event: ev.Event) -> frozenset[TrustCode] | None:
    """Return the trusts whose incidents and units an event may change; None for all of them.

    With mutual aid for C1 those join in which a C1 waits: whoever became free may be the nearest.
    """
    state = picture.state
    if len(state.trusts) <= 1:
        return None
    trusts = _named(state, event, picture.now_ms)
    if not trusts <= state.trusts.keys() or not trusts:
        return None
    scope = picture.settings.aid.scope
    trusts = set(with_pools(picture.settings.aid.agreements, frozenset(trusts)))
    if scope is AidScope.SILO:
        return frozenset(trusts)
    trusts |= {incident.trust for incident in state.waiting.values() if incident.rank == 1}
    if scope is not AidScope.C1_NEAREST:
        near = neighbours(picture)
        trusts |= {other for trust in tuple(trusts) for other in near.get(trust, state.trusts)}
    return frozenset(trusts)


def news(event: ev.Event) -> News | None:
    """Return of whom an event tells something new; None: it may be of anybody.

    Timers say that time has passed: for everybody.
    """
    if isinstance(event, ev.IncidentReported | ev.IncidentRecoded):
        return News(patients=frozenset({event.incident}))
    if isinstance(event, ev.UnitStatusReported):
        return News(units=frozenset({event.unit}))
    if isinstance(event, ev.UnitSignedOn):
        return News(units=frozenset({event.unit.id}))
    return None


def _named(state: State, event: ev.Event, now_ms: int) -> set[TrustCode]:
    """Return the trusts of the unit and the incidents that an event names."""
    if isinstance(event, ev.TimerFired):
        kind, _, subject = event.timer.partition(":")
        return (
            {TrustCode(subject)} if kind == ROUND else _trust_of(state, IncidentId(subject), now_ms)
        )
    found: set[TrustCode] = set()
    name = getattr(event, "unit", None)
    spec = name if isinstance(event, ev.UnitSignedOn) else None
    unit = state.units.get(name) if isinstance(name, str) else None  # type: ignore[call-overload]
    if unit is not None:
        found.add(unit.spec.trust)
        found |= _trust_of(state, unit.incident, now_ms)
    elif spec is not None:
        found.add(spec.trust)
    incident = getattr(event, "incident", None)
    if incident is not None:
        of = _trust_of(state, incident, now_ms)
        if not of:
            return set()
        found |= of
    return found


def _trust_of(state: State, incident: IncidentId | None, now_ms: int) -> set[TrustCode]:
    if incident is None:
        return set()
    known = state.incidents.get(incident)
    if known is not None:
        return {known.trust}
    # What the event itself has just ended stands last among the records.
    just_ended = takewhile(lambda record: record.closed_at_ms == now_ms, reversed(state.closed))
    return {record.trust for record in just_ended if record.incident == incident}


def neighbours(picture: Picture) -> dict[TrustCode, frozenset[TrustCode]]:
    """Return for each trust with posts the others that it may weigh its units with.

    A trust without posts is near all.
    """
    state = picture.state
    key = (len(state.trusts), picture.travel.version)
    memo: dict[object, dict[TrustCode, frozenset[TrustCode]]] = picture.memo.setdefault(
        "neighbours", {}
    )
    if key in memo:
        return memo[key]
    posts: dict[TrustCode, list[int]] = {}
    for post, position in state.post_positions.items():
        posts.setdefault(state.posts[post].trust, []).append(position)
    places = {
        trust: np.stack(picture.travel.plane_m(np.array(at, np.int64)), axis=1)
        for trust, at in posts.items()
    }
    near: dict[TrustCode, set[TrustCode]] = {trust: set() for trust in places}
    for one, other in combinations(places, 2):
        gaps = places[one][:, None, :] - places[other][None, :, :]
        if (np.hypot(gaps[..., 0], gaps[..., 1]) < NEAR_M).any():
            near[one].add(other)
            near[other].add(one)
    placeless = set(state.trusts) - set(places)
    memo.clear()
    memo[key] = {trust: frozenset(others | placeless) for trust, others in near.items()}
    return memo[key]


def rounds_after(trusts: frozenset[TrustCode] | None) -> list[str]:
    """Return the names of the timers that ask for another look in some trusts."""
    return [ROUND] if trusts is None else [f"{ROUND_OF}{trust}" for trust in sorted(trusts)]
