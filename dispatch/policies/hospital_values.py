"""What rules of a hospital may speak of, read from the picture: its live quantities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from dispatch.domain.decision import Convey
from dispatch.domain.escalation import Scheme
from dispatch.domain.handover import Visit
from dispatch.domain.handover_board import Inbound, Pressure, Standing, hospital_values
from dispatch.domain.handover_prediction import HandoverPrediction
from dispatch.domain.ids import HospitalId
from dispatch.domain.local_time import LONDON, MINUTE_MS, day_start_ms
from dispatch.domain.trigger_quantity import Quantity, Values
from dispatch.policies.predict_handover import HospitalLoad, predict_handover
from dispatch.state import State
from dispatch.state.observe_hospital import rules_at


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


def standing_at(
    state: State, hospital: HospitalId, needs: tuple[Quantity, ...], now_ms: int
) -> Standing:
    """Return the visits of a hospital that some quantities look back on."""
    window_ms, is_of_today = _window(needs)
    from_ms = now_ms - window_ms
    if is_of_today:
        from_ms = min(from_ms, day_start_ms(LONDON, now_ms))
    return Standing(visits_at(state, hospital, from_ms))


@lru_cache(maxsize=1024)
def _window(needs: tuple[Quantity, ...]) -> tuple[int, bool]:
    """Return how far quantities look back, and whether to midnight."""
    minutes = max((need.minutes or 0.0 for need in needs), default=0.0)
    is_of_today = any(need.name == "hours_lost_today" for need in needs)
    return round(minutes * MINUTE_MS), is_of_today


def values_at(
    state: State,
    hospital: HospitalId,
    needs: tuple[Quantity, ...],
    inbound: Sequence[Inbound],
    now_ms: int,
    standing: Standing | None = None,
) -> Values:
    """Return the values of quantities of a hospital now.

    ``standing`` are the visits that the quantities look back on, when the caller has them already.
    """
    predicted = {
        ahead: prediction_at(state, hospital, inbound, now_ms, ahead).expected_min
        for ahead in _aheads_min(needs)
    }
    pressures = state.flow.desk(hospital).pressures
    if state.flow.levels.changes:
        pressures = (*pressures, *_levels(state, hospital))
    return hospital_values(
        needs,
        standing or standing_at(state, hospital, needs, now_ms),
        inbound,
        pressures,
        now_ms,
        rules_at(state, hospital, now_ms),
        predicted,
    )


@lru_cache(maxsize=1024)
def _aheads_min(needs: tuple[Quantity, ...]) -> tuple[float, ...]:
    """Return how far ahead quantities ask for a prediction."""
    return tuple(need.minutes or 0.0 for need in needs if need.name == "predicted_handover")


def _levels(state: State, hospital: HospitalId) -> list[Pressure]:
    """Return the levels in force as values: the hospital's OPEL, and the gravest REAP."""
    levels = state.flow.levels
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
