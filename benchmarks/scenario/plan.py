"""A scenario on a region: the log, the fleet, the hospitals, with identifiers and instants."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from msgspec.structs import replace

from benchmarks.call_log.compose import Surge, compose
from benchmarks.call_log.log import CallLog, assembled, joined
from benchmarks.call_log.plan import month_days
from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.scenario.fleet import Absence, changed_fleet
from benchmarks.scenario.hospitals import HospitalWindow, hospital_windows
from benchmarks.scenario.major import patients
from benchmarks.scenario.scenario import LogPlan, Scenario
from benchmarks.scenario.windows import Span, instant_ms, spans
from benchmarks.simulator.disruption import Disruptions
from maps.facilities import FleetUnit
from maps.region import Region


class CallRoomWindow(msgspec.Struct, frozen=True, order=True):
    """A control room cannot answer for a while; buddies do, ``delay_s`` later."""

    from_ms: int
    to_ms: int
    trust: str
    buddies: tuple[str, ...]
    delay_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a simulated world needs to know of a scenario; nothing in it is random any more.

    ``fleet`` is the region's with units that come twice; ``absences`` say when a unit is not
    there, whatever its shifts say. ``notes`` are for the person.
    """

    scenario: Scenario
    log: CallLog
    fleet: tuple[FleetUnit, ...]
    absences: tuple[Absence, ...]
    hospitals: tuple[HospitalWindow, ...]
    call_rooms: tuple[CallRoomWindow, ...]
    notes: tuple[str, ...]

    def disruptions(self) -> Disruptions:
        """Return what a replay has to be told beside log and fleet."""
        away: dict[str, list[Span]] = defaultdict(list)
        for absence in self.absences:
            away[absence.unit].append((absence.from_ms, absence.to_ms))
        return Disruptions(
            absences={unit: tuple(sorted(found)) for unit, found in away.items()},
            doors=self.hospitals,
        )


def planned(scenario: Scenario, region: Region, *, days: int | None = None) -> Plan:
    """Return a scenario on a region: draws the log and works out who is where and when.

    Equal arguments give equal plans. ``days`` shortens or lengthens the log.

    Raises
    ------
    ValueError
        When the scenario names a trust, hospital or month that there is not.
    """
    log_plan = scenario.log if days is None else replace(scenario.log, days=days)
    zone = ZoneInfo(region.timezone)
    whole = _whole(log_plan, zone)
    _demand_trusts(scenario, region)
    composition = compose(
        region,
        log_plan.month,
        scenario.seed,
        trusts=log_plan.trusts or None,
        first_day=log_plan.first_day,
        days=log_plan.days,
        scale=log_plan.scale,
        surges=_surges(scenario, whole, zone),
    )
    rooms = tuple(
        sorted(
            CallRoomWindow(*span, outage.trust, outage.buddies, outage.delay_s)
            for outage in scenario.call_room
            for span in spans(outage, whole, zone)
        )
    )
    log = composition.log
    for room in rooms:
        log = _answered_later(log, room)
    struck = [patients(incident, scenario.seed, zone) for incident in scenario.major_incident]
    fleet, absences = changed_fleet(region.fleet, scenario.fleet, scenario.seed, whole, zone)
    return Plan(
        scenario=scenario,
        log=joined([log, *struck]) if struck else log,
        fleet=fleet,
        absences=absences,
        hospitals=hospital_windows(region, scenario.hospital, whole, zone),
        call_rooms=rooms,
        notes=(*composition.notes, *_notes(scenario, region)),
    )


def _whole(plan: LogPlan, zone: ZoneInfo) -> Span:
    """Return the span of the log: from local midnight to local midnight."""
    days = month_days(plan.month)
    if not 1 <= plan.first_day <= len(days):
        raise ValueError(f"Expected a first day of {plan.month}, was {plan.first_day}.")
    first = days[plan.first_day - 1]
    count = len(days) - plan.first_day + 1 if plan.days is None else plan.days
    midnight = datetime.combine(first, time())
    return instant_ms(midnight, zone), instant_ms(midnight + timedelta(days=count), zone)


def _demand_trusts(scenario: Scenario, region: Region) -> None:
    known = {trust.code for trust in region.trusts}
    named = {*scenario.log.trusts}
    named |= {code for change in scenario.demand for code in change.trusts}
    named |= {code for change in scenario.fleet for code in change.trusts}
    named |= {code for change in scenario.hospital for code in change.trusts}
    named |= {outage.trust for outage in scenario.call_room}
    named |= {code for outage in scenario.call_room for code in outage.buddies}
    named |= {incident.trust for incident in scenario.major_incident}
    if strangers := sorted(named - known):
        raise ValueError(
            f"Expected trusts of region {region.name} ({', '.join(sorted(known))}) in scenario "
            f"{scenario.name}, was {', '.join(strangers)}."
        )


def _surges(scenario: Scenario, whole: Span, zone: ZoneInfo) -> list[Surge]:
    """Return the changes of demand, one for each stretch of time in which they hold."""
    found = []
    for change in scenario.demand:
        stretches = spans(change, whole, zone)
        for number, (start, end) in enumerate(stretches, start=1):
            name = change.name if len(stretches) == 1 else f"{change.name}{number}"
            found.append(
                Surge(
                    name=name,
                    factor=change.factor,
                    from_ms=start,
                    to_ms=end,
                    trusts=change.trusts,
                    categories=change.categories,
                )
            )
    return found


def _answered_later(log: CallLog, room: CallRoomWindow) -> CallLog:
    """Return the log in which a trust's calls of a window are answered and coded later."""
    trust = log.words.get("trust")
    if trust is None or room.trust not in trust.vocabulary:
        return log
    code = trust.vocabulary.index(room.trust)
    late = (trust.code == code) & (log.received_at_ms >= room.from_ms)
    late &= log.received_at_ms < room.to_ms
    columns = log.columns()
    answered = columns.get("call_answered_at")
    if answered is not None:
        delayed = answered + round(room.delay_s * 1000)
        columns["call_answered_at"] = np.where(late & (answered != ABSENT_MS), delayed, answered)
    coded = columns.get("coded_after_s")
    if coded is not None:
        columns["coded_after_s"] = np.where(late, coded + room.delay_s, coded)
    return assembled(columns)


def _notes(scenario: Scenario, region: Region) -> list[str]:
    if region.name == scenario.log.region:
        return []
    return [f"The scenario was written for {scenario.log.region}, this is {region.name}."]
