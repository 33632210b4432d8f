"""May an event be believed? What cannot be is refused with a typed error, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.admit_call import ADMIT_CALL
from dispatch.admit_care import ADMIT_CARE
from dispatch.admit_feed import ADMIT_FEED
from dispatch.admit_hospital import ADMIT_HOSPITAL, check_handed_over
from dispatch.domain import event as ev
from dispatch.domain.ids import HospitalId, IncidentId, PostId, UnitId
from dispatch.domain.travel import Position
from dispatch.domain.unit import ASSIGNABLE, EN_ROUTE, ON_JOB, REPORTS, UnitStatus
from dispatch.ports import TravelTimes, position_now
from dispatch.rejection import (
    EARLY_MAX_MS,
    LATE_MAX_MS,
    ClockSkewError,
    DuplicateIdError,
    RejectedEventError,
    UnknownIdError,
    check_stamp,
)
from dispatch.state import State, Unit

__all__ = [
    "EARLY_MAX_MS",
    "LATE_MAX_MS",
    "ClockSkewError",
    "CrewOnSceneError",
    "DuplicateIdError",
    "NoDestinationError",
    "NotAssignableError",
    "OtherIncidentError",
    "RejectedEventError",
    "StaleReportError",
    "UnitOnJobError",
    "UnknownIdError",
    "UnlawfulStatusError",
    "admit",
]


class UnlawfulStatusError(RejectedEventError):
    """A unit reported a status that cannot follow the one it had."""

    def __init__(self, unit: UnitId, old: UnitStatus, new: UnitStatus) -> None:
        lawful = ", ".join(sorted(REPORTS[old])) or "nothing"
        super().__init__(f"Unit {unit} is {old}: expected a report of {lawful}, was {new}.")
        self.unit, self.old, self.new = unit, old, new


class OtherIncidentError(RejectedEventError):
    """A report names another incident than the one that the unit is on: it crossed an order."""

    def __init__(self, unit: UnitId, known: IncidentId | None, named: IncidentId) -> None:
        super().__init__(f"Unit {unit} is on {known or 'no incident'}, the report names {named}.")
        self.unit, self.known, self.named = unit, known, named


class NotAssignableError(RejectedEventError):
    """A person ordered a unit that cannot go."""

    def __init__(self, unit: UnitId, status: UnitStatus) -> None:
        super().__init__(
            f"Expected a unit that is available or on its way, but {unit} is {status}."
        )
        self.unit, self.status = unit, status


class StaleReportError(RejectedEventError):
    """A report is older than what is already known of the unit."""

    def __init__(self, unit: UnitId, reported_at_ms: int, known_at_ms: int) -> None:
        super().__init__(
            f"The report of unit {unit} is {(known_at_ms - reported_at_ms) / 1000:.0f} s older "
            "than what is known already."
        )
        self.unit, self.reported_at_ms, self.known_at_ms = unit, reported_at_ms, known_at_ms


class UnitOnJobError(RejectedEventError):
    """A unit signed on or off while it was on a job."""

    def __init__(self, unit: UnitId, status: UnitStatus) -> None:
        super().__init__(f"Expected unit {unit} to be free to sign on or off, but it is {status}.")
        self.unit, self.status = unit, status


class CrewOnSceneError(RejectedEventError):
    """The control room closed an incident at which a crew is: the crew closes it by clearing."""

    def __init__(self, incident: IncidentId, unit: UnitId) -> None:
        super().__init__(f"Unit {unit} has reached incident {incident}: it closes when they clear.")
        self.incident, self.unit = incident, unit


class NoDestinationError(RejectedEventError):
    """A patient is to be conveyed and no hospital can be named."""

    def __init__(self, unit: UnitId) -> None:
        super().__init__(f"Unit {unit} conveys, but no hospital of the region can be reached.")
        self.unit = unit


def admit(state: State, event: ev.Event, travel: TravelTimes, now_ms: int) -> Position | None:
    """Return the position that an event has or implies, after checking that it can be believed.

    Raises
    ------
    RejectedEventError
        When the event contradicts the picture; a subclass says how.
    OffNetworkError
        When the event's place is too far from any road.
    """
    check = _ADMIT.get(type(event))
    return None if check is None else check(state, event, travel, now_ms)


def _unit(state: State, unit: UnitId) -> Unit:
    if unit not in state.units:
        raise UnknownIdError("unit", unit)
    return state.units[unit]


def _incident(state: State, incident: IncidentId) -> None:
    if incident not in state.incidents:
        raise UnknownIdError("open incident", incident)


def _hospital(state: State, hospital: HospitalId | None) -> None:
    if hospital is not None and hospital not in state.hospitals:
        raise UnknownIdError("hospital", hospital)


def _post(state: State, post: PostId) -> None:
    if post not in state.post_positions:
        raise UnknownIdError("post", post)


def _reported(
    state: State, event: ev.IncidentReported, travel: TravelTimes, now_ms: int
) -> Position:
    if event.incident in state.incidents:
        raise DuplicateIdError("incident", event.incident)
    check_stamp("connected_at_ms", event.connected_at_ms, now_ms)
    if event.coded_at_ms is not None:
        check_stamp("coded_at_ms", event.coded_at_ms, now_ms)
        if event.coded_at_ms < event.connected_at_ms:
            raise ClockSkewError("coded_at_ms not before the call", event.coded_at_ms, now_ms)
    return travel.snap(event.at)


def _recoded(state: State, event: ev.IncidentRecoded, _travel: TravelTimes, now_ms: int) -> None:
    _incident(state, event.incident)
    check_stamp("coded_at_ms", event.coded_at_ms, now_ms)


def _closed(state: State, event: ev.IncidentClosed, _travel: TravelTimes, _now_ms: int) -> None:
    _incident(state, event.incident)
    for response in state.incidents[event.incident].responses:
        if response.on_scene_at_ms is not None:
            raise CrewOnSceneError(event.incident, response.unit)


def _signed_on(state: State, event: ev.UnitSignedOn, travel: TravelTimes, _now_ms: int) -> Position:
    known = state.units.get(event.unit.id)
    if known is not None and known.status is not UnitStatus.OFF_DUTY:
        raise DuplicateIdError("unit on duty", event.unit.id)
    _post(state, event.unit.home)
    return travel.snap(event.at)


def _signed_off(
    state: State, event: ev.UnitSignedOff, travel: TravelTimes, now_ms: int
) -> Position:
    unit = _unit(state, event.unit)
    if unit.status in ON_JOB or unit.status is UnitStatus.OFF_DUTY:
        raise UnitOnJobError(event.unit, unit.status)
    return position_now(unit, travel, now_ms)


def _status(
    state: State, event: ev.UnitStatusReported, travel: TravelTimes, now_ms: int
) -> Position | None:
    unit = _unit(state, event.unit)
    if event.status not in REPORTS[unit.status]:
        raise UnlawfulStatusError(event.unit, unit.status, event.status)
    if event.incident is not None and event.incident != unit.incident:
        raise OtherIncidentError(event.unit, unit.incident, event.incident)
    _hospital(state, event.hospital)
    check_stamp("reported_at_ms", event.reported_at_ms, now_ms)
    if event.status is UnitStatus.HANDED_OVER:
        check_handed_over(state, unit, event.reported_at_ms)
    asks = event.status is UnitStatus.CONVEYING and event.hospital is None
    if asks and not any(board.is_accepting for board in state.hospitals.values()):
        raise NoDestinationError(event.unit)
    if event.at is not None:
        return travel.snap(event.at)
    return _implied_position(state, unit, event, travel, now_ms)


def _implied_position(
    state: State, unit: Unit, event: ev.UnitStatusReported, travel: TravelTimes, now_ms: int
) -> Position | None:
    """Return where a crew must be that reports a status without a position."""
    if event.status is UnitStatus.AT_SCENE and unit.incident is not None:
        return state.incidents[unit.incident].position
    if event.status is UnitStatus.AT_HOSPITAL:
        hospital = event.hospital or unit.hospital
        return None if hospital is None else state.hospitals[hospital].position
    if event.status is UnitStatus.ON_STATION:
        return state.post_positions.get(unit.post or unit.spec.home)
    if event.status is UnitStatus.MOBILE or unit.destination is None:
        return None
    return position_now(unit, travel, now_ms)


def _position(
    state: State, event: ev.UnitPositionReported, travel: TravelTimes, now_ms: int
) -> Position:
    unit = _unit(state, event.unit)
    check_stamp("reported_at_ms", event.reported_at_ms, now_ms)
    if event.reported_at_ms < unit.position_at_ms:
        raise StaleReportError(event.unit, event.reported_at_ms, unit.position_at_ms)
    return travel.snap(event.at)


def _assignment(
    state: State, event: ev.AssignmentOrdered, _travel: TravelTimes, _now_ms: int
) -> None:
    _incident(state, event.incident)
    unit = _unit(state, event.unit)
    if unit.status not in ASSIGNABLE | EN_ROUTE:
        raise NotAssignableError(event.unit, unit.status)
    if unit.incident == event.incident:
        raise DuplicateIdError("assignment", event.unit)


def _stand_down(
    state: State, event: ev.StandDownOrdered, _travel: TravelTimes, _now_ms: int
) -> None:
    _incident(state, event.incident)
    unit = _unit(state, event.unit)
    if unit.incident != event.incident:
        raise OtherIncidentError(event.unit, unit.incident, event.incident)
    if unit.status not in EN_ROUTE:
        raise NotAssignableError(event.unit, unit.status)


def _relocation(
    state: State, event: ev.RelocationOrdered, _travel: TravelTimes, _now_ms: int
) -> None:
    unit = _unit(state, event.unit)
    _post(state, event.post)
    if unit.status not in ASSIGNABLE:
        raise NotAssignableError(event.unit, unit.status)


def _hospital_updated(
    state: State, event: ev.HospitalUpdated, _travel: TravelTimes, _now_ms: int
) -> None:
    _hospital(state, event.hospital)
    if event.bays is not None and event.bays < 1:
        raise RejectedEventError(f"Expected at least 1 bay, was {event.bays}.")


_ADMIT: Final[dict[type, Callable[[State, Any, TravelTimes, int], Position | None]]] = {
    ev.IncidentReported: _reported,
    ev.IncidentRecoded: _recoded,
    ev.IncidentClosed: _closed,
    ev.UnitSignedOn: _signed_on,
    ev.UnitSignedOff: _signed_off,
    ev.UnitStatusReported: _status,
    ev.UnitPositionReported: _position,
    ev.AssignmentOrdered: _assignment,
    ev.StandDownOrdered: _stand_down,
    ev.RelocationOrdered: _relocation,
    ev.HospitalUpdated: _hospital_updated,
    **ADMIT_HOSPITAL,
    **ADMIT_CARE,
    **ADMIT_CALL,
    **ADMIT_FEED,
}
