"""What rules of a trust may speak of, read from the picture: its live quantities."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.escalation import Scheme
from dispatch.domain.ids import HospitalId, TrustCode
from dispatch.domain.local_time import LONDON, MINUTE_MS, day_start_ms, minute_of_day
from dispatch.domain.trigger_quantity import Quantity, Values
from dispatch.domain.unit import ASSIGNABLE, ON_JOB, STATUS_NUMBER
from dispatch.policies.hospital_values import told_now
from dispatch.policies.running_sums import HospitalLoss, Lost, ResponseSums, hospital_loss
from dispatch.state import Incident, State
from dispatch.state.observe_hospital import rules_at

_IS_FREE: Final = np.isin(np.arange(len(STATUS_NUMBER)), [STATUS_NUMBER[s] for s in ASSIGNABLE])
_IS_BUSY: Final = np.isin(np.arange(len(STATUS_NUMBER)), [STATUS_NUMBER[s] for s in ON_JOB])

_RANK_OF: Final = {
    "unassigned_c1": 1,
    "unassigned_c2": 2,
    "unassigned_c2_over": 2,
    "unassigned_c3_over": 3,
}
"""Quantities that count waiting incidents, and the rank of those."""


class TrustLook:
    """One look at the trusts: what they share is worked out once, when it is first asked for.

    ``memo`` keeps running sums from one look to the next; it never changes an answer.
    """

    def __init__(self, state: State, now_ms: int, memo: dict[Any, Any]) -> None:
        self._state, self._now_ms = state, now_ms
        self._responses: dict[TrustCode, ResponseSums] = memo.setdefault("response sums", {})
        self._losses: dict[HospitalId, HospitalLoss] = memo.setdefault("time lost", {})
        self._lost_ms: Lost | None = None
        self._units: tuple[list[int], list[int]] | None = None

    def lost_min(self, trust: TrustCode) -> float:
        """Return the minutes that a trust has lost at hospitals today."""
        if self._lost_ms is None:
            self._lost_ms = self._all_lost()
        return self._lost_ms.get(trust, 0) / MINUTE_MS

    def units(self, trust: TrustCode) -> tuple[int, int]:
        """Return how many units of a trust are free, and how many are on a job."""
        if self._units is None:
            table, size = self._state.table, self._state.table.size
            status = table.status[:size]
            self._units = self._by_trust(_IS_FREE[status]), self._by_trust(_IS_BUSY[status])
        number = self._state.trusts.get(trust)
        free, busy = self._units
        return (0, 0) if number is None else (free[number], busy[number])

    def mean_response_min(self, trust: TrustCode, rank: int, minutes: float) -> float | None:
        """Return the mean response of a rank in the last so many minutes; None without any."""
        sums = self._responses.get(trust)
        if sums is None:
            sums = self._responses[trust] = ResponseSums()
        sums.take(self._state.flow.trust(trust).responses)
        mean_ms = sums.mean_ms(rank, self._now_ms - round(minutes * MINUTE_MS))
        return None if mean_ms is None else mean_ms / MINUTE_MS

    def _by_trust(self, chosen: npt.NDArray[np.bool_]) -> list[int]:
        table = self._state.table
        numbers = table.trust[: table.size][chosen]
        counts: list[int] = np.bincount(numbers, minlength=len(self._state.trusts)).tolist()
        return counts

    def _all_lost(self) -> Lost:
        state, now_ms = self._state, self._now_ms
        midnight_ms = day_start_ms(LONDON, now_ms)
        lost: Lost = {}
        for hospital, desk in state.flow.desks.items():
            rules = rules_at(state, hospital, now_ms)
            loss = hospital_loss(self._losses.get(hospital), desk, midnight_ms, rules, now_ms)
            self._losses[hospital] = loss
            loss.add_to(lost, now_ms)
        return lost


def trust_values(
    state: State,
    trust: TrustCode,
    needs: Iterable[Quantity],
    now_ms: int,
    look: TrustLook | None = None,
) -> Values:
    """Return the values of quantities of a trust now; None where one is not known.

    ``look`` may be shared by the trusts of one look.
    """
    look = look or TrustLook(state, now_ms, {})
    waiting = [incident for incident in state.waiting.of(trust) if not incident.responses]
    starts_ms = _starts_by_rank(waiting)
    told = told_now(state.flow.trust(trust).pressures, now_ms)
    found: dict[Quantity, float | None] = {}
    for need in needs:
        value: float | None
        if need.name == "unassigned":
            value = float(len(waiting))
        elif need.name in _RANK_OF:
            latest_ms = now_ms - round((need.minutes or 0.0) * MINUTE_MS)
            value = float(bisect_right(starts_ms.get(_RANK_OF[need.name], ()), latest_ms))
        else:
            value = _measured(state, trust, need, now_ms, look)
        found[need] = told.get(need.name) if value is None else value
    return found


def _starts_by_rank(waiting: Collection[Incident]) -> dict[int, list[int]]:
    """Return when the clocks of waiting incidents started, by rank, the earliest first."""
    starts_ms: dict[int, list[int]] = {}
    for incident in waiting:
        starts_ms.setdefault(incident.rank, []).append(incident.clock_start_at_ms)
    for of_rank in starts_ms.values():
        of_rank.sort()
    return starts_ms


def _measured(
    state: State, trust: TrustCode, need: Quantity, now_ms: int, look: TrustLook
) -> float | None:
    levels = state.flow.levels
    value: float | None = None
    match need.name:
        case "units_free":
            value = float(look.units(trust)[0])
        case "busy_share":
            free, busy = look.units(trust)
            value = 100.0 * busy / (free + busy) if free + busy else None
        case "c1_mean" | "c2_mean":
            rank = 1 if need.name == "c1_mean" else 2
            value = look.mean_response_min(trust, rank, need.minutes or 0.0)
        case "calls_waiting" | "longest_call_wait" | "mean_answer":
            value = _calls(state, trust, need, now_ms)
        case "hours_lost_today":
            value = look.lost_min(trust)
        case "hospitals_at_opel_4":
            value = float(levels.count_at(Scheme.OPEL, 4) if levels.changes else 0)
        case "reap":
            value = float(levels.level_of(Scheme.REAP, trust))
        case "local_time":
            value = float(minute_of_day(LONDON, now_ms))
    return value


def _calls(state: State, trust: TrustCode, need: Quantity, now_ms: int) -> float | None:
    """Return what the call room of a trust shows; None when the engine is told of no calls."""
    if trust not in state.calls.rooms.rows:
        return None
    if need.name == "mean_answer":
        from_ms = now_ms - round((need.minutes or 0.0) * MINUTE_MS)
        answers = state.calls.answers.get(trust) or ()
        waits = [wait_ms for at_ms, wait_ms in answers if at_ms > from_ms]
        return sum(waits) / len(waits) / MINUTE_MS if waits else None
    since = [
        row.call.connected_at_ms
        for row in state.calls.calls.rows.values()
        if row.call.trust == trust and row.call.answered_at_ms is None
    ]
    if need.name == "calls_waiting":
        return float(len(since))
    return (now_ms - min(since)) / MINUTE_MS if since else 0.0
