"""What rules may speak of, read from the picture: the live quantities of hospitals and trusts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from dispatch.domain.decision import Convey
from dispatch.domain.escalation import Scheme
from dispatch.domain.handover import HandoverRules, Visit, lost_ms
from dispatch.domain.handover_board import Inbound, Pressure, hospital_values
from dispatch.domain.handover_prediction import HandoverPrediction
from dispatch.domain.ids import HospitalId, TrustCode
from dispatch.domain.local_time import LONDON, MINUTE_MS, day_start_ms, minute_of_day
from dispatch.domain.trigger_quantity import Quantity, Values
from dispatch.domain.unit import ASSIGNABLE, ON_JOB, STATUS_NUMBER
from dispatch.policies.predict_handover import HospitalLoad, predict_handover
from dispatch.state import Incident, State
from dispatch.state.observe_hospital import rules_at

_IS_FREE = np.isin(np.arange(len(STATUS_NUMBER)), [STATUS_NUMBER[s] for s in ASSIGNABLE])
_IS_BUSY = np.isin(np.arange(len(STATUS_NUMBER)), [STATUS_NUMBER[s] for s in ON_JOB])


# -- hospitals -----------------------------------------------------------------------------------


def inbound_at(
    state: State, hospital: HospitalId, ordered: Iterable[Convey], now_ms: int
) -> list[Inbound]:
    """Return the units on their way to a hospital; ``ordered`` are not in the picture yet."""
    news = {order.unit: order for order in ordered}
    rows = [
        _inbound(state, unit, due_ms)
        for unit, due_ms in state.hospitals[hospital].inbound
        if unit not in news
    ]
    rows += [
        _inbound(state, order.unit, now_ms + order.eta_ms)
        for order in news.values()
        if order.hospital == hospital
    ]
    return rows


def _inbound(state: State, name: str, due_ms: int) -> Inbound:
    unit = state.units[name]  # type: ignore[index]
    return Inbound(
        unit=unit.spec.id, eta_at_ms=due_ms, incident=unit.incident, trust=unit.spec.trust
    )


def visits_at(state: State, hospital: HospitalId, from_ms: int) -> list[Visit]:
    """Return the visits that go on, and those whose handover ended after an instant."""
    desk = state.flow.desk(hospital)
    visits: list[Visit] = []
    for visit in reversed(desk.done):
        # Ended visits are in the order in which crews cleared: nearly that of their handovers.
        if (visit.cleared_at_ms or 0) < from_ms:
            break
        visits.append(visit)
    visits.reverse()
    return visits + [row.visit for row in desk.rows]


def values_at(
    state: State,
    hospital: HospitalId,
    needs: Sequence[Quantity],
    inbound: Sequence[Inbound],
    now_ms: int,
) -> Values:
    """Return the values of quantities of a hospital now."""
    minutes = max((need.minutes or 0.0 for need in needs), default=0.0)
    from_ms = now_ms - round(minutes * MINUTE_MS)
    if any(need.name == "hours_lost_today" for need in needs):
        from_ms = min(from_ms, day_start_ms(LONDON, now_ms))
    predicted = {
        need.minutes or 0.0: prediction_at(state, hospital, inbound, now_ms, need.minutes or 0.0)
        for need in needs
        if need.name == "predicted_handover"
    }
    return hospital_values(
        needs,
        visits_at(state, hospital, from_ms),
        inbound,
        [*state.flow.desk(hospital).pressures, *_levels(state, hospital)],
        now_ms,
        rules_at(state, hospital, now_ms),
        {ahead: found.expected_min for ahead, found in predicted.items()},
    )


def _levels(state: State, hospital: HospitalId) -> list[Pressure]:
    """Return the levels in force as values: the hospital's OPEL, and the gravest REAP."""
    levels = state.flow.levels
    if not levels.changes:
        return []
    reap = max((levels.level_of(Scheme.REAP, trust) for trust in state.trusts), default=1)
    opel = levels.level_of(Scheme.OPEL, hospital)
    return [
        Pressure(name="opel", value=float(opel), reported_at_ms=0),
        Pressure(name="reap", value=float(reap), reported_at_ms=0),
    ]


def told_now(pressures: Iterable[Pressure], now_ms: int) -> dict[str, float | None]:
    """Return the pressures that may still be believed, by name."""
    return {
        item.name: item.value
        for item in pressures
        if item.valid_until_ms is None or now_ms < item.valid_until_ms
    }


def prediction_at(
    state: State,
    hospital: HospitalId,
    inbound: Sequence[Inbound],
    now_ms: int,
    ahead_min: float = 0.0,
    *,
    without: str | None = None,
) -> HandoverPrediction:
    """Return the handover to be expected of an arrival; ``without`` names the arriving unit."""
    desk, settings = state.flow.desk(hospital), state.settings.hospital
    rules = settings.predict_rules(now_ms)
    ended = [v for v in desk.done[-2 * rules.last_k :] if v.handed_over_at_ms is not None]
    ended += [row.visit for row in desk.rows if row.visit.handed_over_at_ms is not None]
    ended.sort(key=lambda visit: (visit.handed_over_at_ms or 0, visit.id))
    held = [row.visit for row in desk.rows if row.visit.handed_over_at_ms is None]
    others = [visit for visit in held if visit.unit != without]
    due_ms = now_ms + round(ahead_min * MINUTE_MS)
    return predict_handover(
        [(visit.handover_ms or 0) / MINUTE_MS for visit in ended[-rules.last_k :]],
        settings.usual_handover_min.get(hospital),
        HospitalLoad(
            bays=max(1, state.hospitals[hospital].bays),
            in_bay=sum(visit.is_in_handover for visit in others),
            queue=sum(not visit.is_in_handover for visit in others),
            inbound=sum(i.eta_at_ms <= due_ms and i.unit != without for i in inbound),
        ),
        desk.errors,
        rules,
        ahead_min=ahead_min,
        pressures=told_now(desk.pressures, now_ms),
    )


def opel_values(state: State, hospital: HospitalId, now_ms: int) -> dict[str, float | None]:
    """Return the measurements that a scoring table of OPEL may use."""
    hour = Quantity("mean_handover", 60.0)
    known = values_at(state, hospital, (hour,), (), now_ms)
    told = told_now(state.flow.desk(hospital).pressures, now_ms)
    return {"mean_handover": known[hour] or None} | told


# -- trusts --------------------------------------------------------------------------------------


def trust_values(
    state: State,
    trust: TrustCode,
    needs: Iterable[Quantity],
    now_ms: int,
    lost_min: LostMinutes | None = None,
) -> Values:
    """Return the values of quantities of a trust now; None where one is not known.

    ``lost_min`` may be shared by the trusts of one look.
    """
    lost_min = lost_min or LostMinutes(state, now_ms, {})
    waiting = [incident for incident in state.waiting.of(trust) if not incident.responses]
    told = told_now(state.flow.trust(trust).pressures, now_ms)
    found: dict[Quantity, float | None] = {}
    for need in needs:
        value = _counted(need, waiting, now_ms)
        if value is None:
            value = _measured(state, trust, need, now_ms, lost_min)
        found[need] = told.get(need.name) if value is None else value
    return found


def _counted(need: Quantity, waiting: list[Incident], now_ms: int) -> float | None:
    rank = {
        "unassigned_c1": 1,
        "unassigned_c2": 2,
        "unassigned_c2_over": 2,
        "unassigned_c3_over": 3,
    }
    if need.name == "unassigned":
        return float(len(waiting))
    if need.name not in rank:
        return None
    limit_ms = round((need.minutes or 0.0) * MINUTE_MS)
    return float(
        sum(
            incident.rank == rank[need.name] and now_ms - incident.clock_start_at_ms >= limit_ms
            for incident in waiting
        )
    )


def _measured(
    state: State, trust: TrustCode, need: Quantity, now_ms: int, lost_min: LostMinutes
) -> float | None:
    levels = state.flow.levels
    value: float | None = None
    match need.name:
        case "units_free" | "busy_share":
            value = _units(state, trust, need.name)
        case "c1_mean" | "c2_mean":
            value = _mean_response(state, trust, 1 if need.name == "c1_mean" else 2, need, now_ms)
        case "calls_waiting" | "longest_call_wait" | "mean_answer":
            value = _calls(state, trust, need, now_ms)
        case "hours_lost_today":
            value = lost_min.of(trust)
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


def _units(state: State, trust: TrustCode, name: str) -> float | None:
    table = state.table
    mine = table.trust[: table.size] == state.trusts.get(trust, -1)
    status = table.status[: table.size][mine]
    free, busy = int(_IS_FREE[status].sum()), int(_IS_BUSY[status].sum())
    if name == "units_free":
        return float(free)
    return 100.0 * busy / (free + busy) if free + busy else None


def _mean_response(
    state: State, trust: TrustCode, rank: int, need: Quantity, now_ms: int
) -> float | None:
    from_ms = now_ms - round((need.minutes or 0.0) * MINUTE_MS)
    known = state.flow.trust(trust).responses
    first = bisect_right(known, from_ms, key=itemgetter(0))
    taken = [response_ms for _, of_rank, response_ms in known[first:] if of_rank == rank]
    return sum(taken) / len(taken) / MINUTE_MS if taken else None


class LostMinutes:
    """What each trust has lost at hospitals today; worked out when it is first asked for.

    ``memo`` keeps sums over ended visits from one look to the next; it never changes an answer.
    """

    def __init__(self, state: State, now_ms: int, memo: dict[Any, Any]) -> None:
        self._state, self._now_ms, self._memo = state, now_ms, memo
        self._lost_ms: dict[TrustCode | None, int] | None = None

    def of(self, trust: TrustCode) -> float:
        """Return the minutes of one trust."""
        if self._lost_ms is None:
            self._lost_ms = self._all()
        return self._lost_ms.get(trust, 0) / MINUTE_MS

    def _all(self) -> dict[TrustCode | None, int]:
        state, now_ms = self._state, self._now_ms
        midnight_ms = day_start_ms(LONDON, now_ms)
        lost: dict[TrustCode | None, int] = {}
        for hospital, desk in state.flow.desks.items():
            rules = rules_at(state, hospital, now_ms)
            ended = _ended_lost_ms(hospital, desk.done, midnight_ms, rules, self._memo)
            for trust, ms in ended.items():
                lost[trust] = lost.get(trust, 0) + ms
            for row in desk.rows:
                ms = lost_ms(row.visit, midnight_ms, now_ms, rules)
                lost[row.visit.trust] = lost.get(row.visit.trust, 0) + ms
        return lost


def _ended_lost_ms(
    hospital: HospitalId,
    done: tuple[Visit, ...],
    midnight_ms: int,
    rules: HandoverRules,
    memo: dict[Any, Any],
) -> dict[TrustCode | None, int]:
    """Return what each trust lost today in visits that have ended; worked out anew when one ends.

    A visit that has ended loses no more, so now does not matter.
    """
    known = memo.get(("lost", hospital))
    if known is not None and known[0] is done and known[1] == midnight_ms and known[2] is rules:
        found: dict[TrustCode | None, int] = known[3]
        return found
    found = {}
    for visit in reversed(done):
        if (visit.cleared_at_ms or 0) < midnight_ms:
            break
        to_ms = visit.cleared_at_ms or midnight_ms
        ms = lost_ms(visit, midnight_ms, to_ms, rules)
        found[visit.trust] = found.get(visit.trust, 0) + ms
    memo["lost", hospital] = (done, midnight_ms, rules, found)
    return found
