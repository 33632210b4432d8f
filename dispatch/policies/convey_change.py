"""Patients on their way to a hospital: whether another one would take them much earlier.

The course is changed only for a clear gain (eight minutes), never within five minutes of arrival,
never for a C1, a specialist pathway, or a destination that the crew or a person chose; hospitals
keep their cap an hour. Each change counts at once, so that crews do not all turn to one place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain import event as ev
from dispatch.domain.decision import Convey, Decision, SetTimer
from dispatch.domain.deflection import deflected_to
from dispatch.domain.travel import Mode
from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.policies.convey_least_wait import RULES, choice_reasons
from dispatch.policies.wait_at_hospital import DestinationChoice, choose_destination
from dispatch.policies.wait_at_hospital_forecast import WaitForecast
from dispatch.ports import Picture, position_now
from dispatch.state import Incident, Unit

DESTINATIONS: Final = "destinations"
"""The timer that asks whether patients on their way should go elsewhere."""

_CONVEYING: Final = STATUS_NUMBER[UnitStatus.CONVEYING]


def changes_of_course(picture: Picture, event: ev.Event) -> list[Convey]:
    """Return the patients who are taken elsewhere than they were bound for, in order of units."""
    is_due = isinstance(event, ev.TimerFired) and event.timer == DESTINATIONS
    if picture.settings.destination_every_s is None:
        return []
    if not (is_due or isinstance(event, ev.HospitalUpdated)):
        return []
    forecast = WaitForecast(picture)
    boards = forecast.boards
    row_of = {board.spec.id: row for row, board in enumerate(boards)}
    orders: list[Convey] = []
    for unit, incident in _on_the_way(picture):
        assert unit.hospital is not None
        bound_for = row_of[unit.hospital]
        choice = _choice(picture, forecast, (unit, incident), bound_for)
        if choice.chosen is None or choice.chosen == bound_for:
            continue
        eta_ms = int(choice.travel_ms[choice.chosen])
        forecast.turn(unit, choice.chosen, picture.now_ms + eta_ms)
        orders.append(
            Convey(
                incident=incident.id,
                unit=unit.spec.id,
                hospital=boards[choice.chosen].spec.id,
                eta_ms=eta_ms,
                why=choice_reasons(boards, choice, choice.chosen, picture.settings.candidates_max),
                origin=position_now(unit, picture.travel, picture.now_ms),
                may_change=True,
            )
        )
    return orders


def look_again(picture: Picture, event: ev.Event, decided: list[Decision]) -> list[SetTimer]:
    """Return when to ask again, while anybody is on the way whose course may change."""
    every_s = picture.settings.destination_every_s
    if every_s is None or DESTINATIONS in picture.state.timers:
        return []
    del event
    sets_out = any(isinstance(order, Convey) and order.may_change for order in decided)
    if not sets_out and not _on_the_way(picture):
        return []
    return [SetTimer(timer=DESTINATIONS, due_at_ms=picture.now_ms + every_s * 1000)]


def _on_the_way(picture: Picture) -> list[tuple[Unit, Incident]]:
    """Return units with patients whose course may change, in order of their names."""
    state, table = picture.state, picture.state.table
    slots = np.flatnonzero(table.status[: table.size] == _CONVEYING).tolist()
    found = [
        (unit, state.incidents[unit.incident])
        for unit in (table.units[slot] for slot in slots)
        if unit.may_change_course and unit.incident is not None and unit.hospital is not None
    ]
    return sorted(found, key=lambda pair: pair[0].spec.id)


def _choice(
    picture: Picture, forecast: WaitForecast, journey: tuple[Unit, Incident], bound_for: int
) -> DestinationChoice:
    state, (unit, incident) = picture.state, journey
    here = position_now(unit, picture.travel, picture.now_ms)
    travel_ms = picture.travel.from_one_ms(
        here, state.hospital_positions, Mode.ORDINARY, picture.now_ms
    )
    suitable = np.array([b.spec.has_emergency_department for b in state.hospitals.values()])
    agreed = _deflected(picture)
    # An agreement to deflect is for those who set out under it.
    agreed[bound_for] = False
    load = forecast.load(
        travel_ms, suitable, incident.rank, RULES, unit=unit, incumbent=bound_for, agreed=agreed
    )
    return choose_destination(
        travel_ms,
        suitable,
        load,
        RULES,
        incumbent=bound_for,
        arrives_in_ms=unit.due_at_ms - picture.now_ms,
    )


def _deflected(picture: Picture) -> npt.NDArray[np.bool_]:
    """Return which hospitals have agreed to send such patients elsewhere for now."""
    deflections = picture.state.flow.deflections
    return np.array(
        [
            deflected_to(name, None, deflections, picture.now_ms) is not None
            for name in picture.state.hospitals
        ],
        np.bool_,
    )
