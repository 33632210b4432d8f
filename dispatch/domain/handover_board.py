"""The handover board of one hospital: who is coming, who waits, who is in handover, who may clear.

And the same picture as the live quantities that trigger rules speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final

import msgspec

from dispatch.domain.handover import HandoverRules, HandoverTimer, Visit, VisitId, lost_ms
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode, UnitId
from dispatch.domain.local_time import (
    HOUR_MS,
    LONDON,
    MINUTE_MS,
    day_number,
    day_start_ms,
    local_to_utc_ms,
    minute_of_day,
)
from dispatch.domain.trigger_quantity import Quantity, Values


class Inbound(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A unit on its way to the hospital; ``trust`` tells lent units from one's own."""

    unit: UnitId
    eta_at_ms: int
    incident: IncidentId | None = None
    trust: TrustCode | None = None


class BoardRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ambulance on the board; ``timer`` is the last one that has come."""

    visit: VisitId
    unit: UnitId
    since_arrival_ms: int
    timer: HandoverTimer | None


class HandoverBoard(msgspec.Struct, frozen=True, kw_only=True):
    """The board of one hospital at one instant; each list in the order in which it is read.

    ``inbound`` by ETA; ``waiting``, ``in_handover`` and ``cohorted`` by arrival, the longest
    first; ``clear_pending`` by when the crew became free. Times are milliseconds.
    """

    hospital: HospitalId
    at_ms: int
    inbound: tuple[Inbound, ...]
    waiting: tuple[BoardRow, ...]
    in_handover: tuple[BoardRow, ...]
    cohorted: tuple[BoardRow, ...]
    clear_pending: tuple[BoardRow, ...]
    longest_wait_ms: int
    mean_handover_last_hour_ms: float | None
    lost_today_ms: int
    handovers_today: int
    over_15_today: int
    over_30_today: int
    over_60_today: int


class Pressure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One value that a hospital or trust reports, and until when it may be believed.

    ``name`` is that of a quantity (``bed_occupancy``, ``four_hour_performance``,
    ``discharge_ready``, ``community_beds_free``, ``opel`` …). Without ``valid_until_ms`` it holds
    until the next report: levels do, measurements should not.
    """

    name: str
    value: float
    reported_at_ms: int
    valid_until_ms: int | None = None
    source: str = ""


def handover_board(
    hospital: HospitalId,
    visits: Iterable[Visit],
    inbound: Iterable[Inbound],
    now_ms: int,
    rules: HandoverRules,
) -> HandoverBoard:
    """Return the board of a hospital; visits of other hospitals are left out."""
    mine = sorted(
        (visit for visit in visits if visit.hospital == hospital),
        key=lambda visit: (visit.arrived_at_ms, visit.id),
    )
    midnight_ms = day_start_ms(LONDON, now_ms)
    today = [
        visit.handover_ms
        for visit in mine
        if visit.handover_ms is not None
        and visit.handed_over_at_ms is not None
        and midnight_ms <= visit.handed_over_at_ms <= now_ms
    ]
    waiting = [visit for visit in mine if visit.is_waiting]
    pending = sorted(
        (visit for visit in mine if visit.is_clear_pending),
        key=lambda visit: (visit.crew_free_at_ms or 0, visit.id),
    )

    def rows(chosen: Iterable[Visit]) -> tuple[BoardRow, ...]:
        return tuple(_row(visit, now_ms, rules) for visit in chosen)

    return HandoverBoard(
        hospital=hospital,
        at_ms=now_ms,
        inbound=tuple(sorted(inbound, key=lambda unit: (unit.eta_at_ms, unit.unit))),
        waiting=rows(waiting),
        in_handover=rows(visit for visit in mine if visit.is_in_handover),
        cohorted=rows(
            visit
            for visit in mine
            if visit.cohorted_at_ms is not None and visit.handed_over_at_ms is None
        ),
        clear_pending=rows(pending),
        longest_wait_ms=now_ms - waiting[0].arrived_at_ms if waiting else 0,
        mean_handover_last_hour_ms=_mean_ms(Standing(mine).completed, now_ms, HOUR_MS),
        lost_today_ms=sum(lost_ms(visit, midnight_ms, now_ms, rules) for visit in mine),
        handovers_today=len(today),
        over_15_today=sum(taken > 15 * MINUTE_MS for taken in today),
        over_30_today=sum(taken > 30 * MINUTE_MS for taken in today),
        over_60_today=sum(taken > 60 * MINUTE_MS for taken in today),
    )


class Standing:
    """The visits of a hospital by how far they are: what its quantities are made of.

    ``waiting`` and ``held`` are the arrivals of those whose handover has not begun, and has not
    ended; ``completed`` is when handovers ended and how long they took.
    """

    __slots__ = ("completed", "held", "visits", "waiting")

    def __init__(self, visits: Sequence[Visit]) -> None:
        self.visits = visits
        self.waiting: list[int] = []
        self.held: list[int] = []
        self.completed: list[tuple[int, int]] = []
        for visit in visits:
            if visit.handed_over_at_ms is not None:
                taken_ms = visit.handed_over_at_ms - visit.arrived_at_ms
                self.completed.append((visit.handed_over_at_ms, taken_ms))
                continue
            self.held.append(visit.arrived_at_ms)
            if visit.started_at_ms is None and visit.cohorted_at_ms is None:
                self.waiting.append(visit.arrived_at_ms)


def hospital_values(
    needs: Iterable[Quantity],
    visits: Sequence[Visit] | Standing,
    inbound: Sequence[Inbound],
    pressures: Iterable[Pressure],
    now_ms: int,
    rules: HandoverRules,
    predicted: Mapping[float, float] | None = None,
) -> Values:
    """Return the values of quantities at one hospital now; None where one is not known.

    ``visits`` and ``inbound`` are this hospital's; ``predicted`` gives the expected handover in
    minutes by how many minutes ahead. A wait counts as ``over`` a limit from the millisecond at
    which it reaches it. Without a completed handover in its window ``mean_handover`` is 0: waits
    are other quantities. A pressure is forgotten when it has run out; a level that nobody has
    ever reported is 1, normal working.
    """
    known = sorted(pressures, key=lambda item: item.reported_at_ms)
    told = {
        item.name: item.value
        for item in known
        if item.reported_at_ms <= now_ms
        and (item.valid_until_ms is None or now_ms < item.valid_until_ms)
    }
    look = _Look(_standing(visits), inbound, now_ms, rules, told, predicted or {})
    return {need: _reader(need)(look) for need in needs}


def next_change_ms(
    thresholds: Mapping[Quantity, Iterable[float]],
    visits: Sequence[Visit] | Standing,
    inbound: Iterable[Inbound],
    now_ms: int,
) -> int | None:
    """Return the next instant at which a quantity may cross a threshold by time alone.

    ``thresholds`` are the quantities of a rule with the values that it compares them with. Counts
    and waits are exact to the millisecond; quantities that drift (time lost, predictions) are
    looked at every minute while somebody is held. None: nothing moves by itself.
    """
    standing = _standing(visits)
    waiting, held = standing.waiting, standing.held
    times: list[int] = []
    for quantity, values in thresholds.items():
        limit_ms = round((quantity.minutes or 0.0) * MINUTE_MS)
        name = quantity.name
        if name in ("waiting_over", "not_handed_over_over"):
            times += [at + limit_ms for at in (waiting if name == "waiting_over" else held)]
        elif name in ("longest_wait", "longest_not_handed_over"):
            oldest = min(waiting if name == "longest_wait" else held, default=None)
            if oldest is not None:
                # One more millisecond serves a strict comparison; without a value, every minute.
                crossings = [oldest + round(value * MINUTE_MS) for value in values]
                times += crossings or [now_ms + MINUTE_MS]
                times += [due_ms + 1 for due_ms in crossings]
        elif name == "inbound":
            times += [unit.eta_at_ms - limit_ms for unit in inbound]
        elif name == "local_time":
            times += _clock_times(values, now_ms)
        elif name == "mean_handover":
            times += [at + limit_ms for at, _ in standing.completed]
        elif held and name in _DRIFTING:
            times.append(now_ms + MINUTE_MS)
    return min([at for at in times if at > now_ms], default=None)


_DRIFTING: Final = frozenset({"hours_lost_today", "predicted_handover"})
"""Quantities that move by time alone, without a limit at which they do."""


def _standing(visits: Sequence[Visit] | Standing) -> Standing:
    return visits if isinstance(visits, Standing) else Standing(visits)


class _Look(msgspec.Struct, frozen=True, gc=False):
    """One look at a hospital: what its quantities are read from."""

    standing: Standing
    inbound: Sequence[Inbound]
    now_ms: int
    rules: HandoverRules
    told: Mapping[str, float]
    predicted: Mapping[float, float]


_Reader = Callable[[_Look], float | None]


@lru_cache(maxsize=1024)
def _reader(need: Quantity) -> _Reader:
    """Return what reads a quantity off a look; rules ask for the same few again and again."""
    name, minutes = need.name, need.minutes
    if name == "predicted_handover":
        return lambda look: look.predicted.get(minutes or 0.0)
    if minutes is not None:
        over = _OVER.get(name)
        return _unknown if over is None else partial(over, round(minutes * MINUTE_MS))
    normal = 1.0 if name in ("opel", "reap") else None
    return _PLAIN.get(name) or (lambda look: look.told.get(name, normal))


def _unknown(look: _Look) -> None:
    """Return None: what is no quantity has no value."""
    del look


def _waiting_over(limit_ms: int, look: _Look) -> float:
    latest_ms = look.now_ms - limit_ms
    return float(len([at_ms for at_ms in look.standing.waiting if at_ms <= latest_ms]))


def _held_over(limit_ms: int, look: _Look) -> float:
    latest_ms = look.now_ms - limit_ms
    return float(len([at_ms for at_ms in look.standing.held if at_ms <= latest_ms]))


def _inbound_within(limit_ms: int, look: _Look) -> float:
    latest_ms = look.now_ms + limit_ms
    return float(len([1 for unit in look.inbound if unit.eta_at_ms <= latest_ms]))


def _mean_handover(limit_ms: int, look: _Look) -> float:
    return (_mean_ms(look.standing.completed, look.now_ms, limit_ms) or 0.0) / MINUTE_MS


def _longest_min(arrived_at_ms: list[int], now_ms: int) -> float:
    return (now_ms - min(arrived_at_ms, default=now_ms)) / MINUTE_MS


def _lost_min(look: _Look) -> float:
    midnight_ms = day_start_ms(LONDON, look.now_ms)
    visits = look.standing.visits
    return sum(lost_ms(v, midnight_ms, look.now_ms, look.rules) for v in visits) / MINUTE_MS


_OVER: Final[dict[str, Callable[[int, _Look], float]]] = {
    "waiting_over": _waiting_over,
    "not_handed_over_over": _held_over,
    "inbound": _inbound_within,
    "mean_handover": _mean_handover,
}

_PLAIN: Final[dict[str, Callable[[_Look], float]]] = {
    "waiting": lambda look: float(len(look.standing.waiting)),
    "longest_wait": lambda look: _longest_min(look.standing.waiting, look.now_ms),
    "not_handed_over": lambda look: float(len(look.standing.held)),
    "longest_not_handed_over": lambda look: _longest_min(look.standing.held, look.now_ms),
    "in_handover": lambda look: float(sum(v.is_in_handover for v in look.standing.visits)),
    "clear_pending": lambda look: float(sum(v.is_clear_pending for v in look.standing.visits)),
    "hours_lost_today": _lost_min,
    "local_time": lambda look: float(minute_of_day(LONDON, look.now_ms)),
}


def _row(visit: Visit, now_ms: int, rules: HandoverRules) -> BoardRow:
    ends_ms = now_ms if visit.handed_over_at_ms is None else visit.handed_over_at_ms
    since_ms = ends_ms - visit.arrived_at_ms
    come = [
        (minutes, timer)
        for timer in HandoverTimer
        if (minutes := rules.minutes_of(timer)) is not None and since_ms >= minutes * MINUTE_MS
    ]
    return BoardRow(
        visit=visit.id,
        unit=visit.unit,
        since_arrival_ms=now_ms - visit.arrived_at_ms,
        timer=max(come, key=lambda item: item[0])[1] if come else None,
    )


def _mean_ms(completed: Iterable[tuple[int, int]], now_ms: int, window_ms: int) -> float | None:
    """Return the mean of the handovers that ended within a time before now."""
    from_ms = now_ms - window_ms
    taken = [taken_ms for at_ms, taken_ms in completed if from_ms < at_ms <= now_ms]
    return sum(taken) / len(taken) if taken else None


def _clock_times(values: Iterable[float], now_ms: int) -> list[int]:
    day = day_number(LONDON, now_ms)
    return [
        local_to_utc_ms(LONDON, day + ahead, int(value) + later)
        for value in values
        for ahead in (0, 1)
        # A minute later serves a strict comparison of whole minutes.
        for later in (0, 1)
    ]
