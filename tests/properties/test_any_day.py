"""Whatever a day brings, in whatever order, the picture keeps its promises."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.admit import RejectedEventError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.decision import Assign
from dispatch.domain.degraded_rules import DegradedRules
from dispatch.domain.event_feed import RoutingLost, RoutingRestored
from dispatch.domain.forecast_use import ForecastUse
from dispatch.domain.ids import HospitalId, IncidentId, PostId, UnitId
from dispatch.domain.incident import Outcome
from dispatch.domain.settings import FreshnessRules, Settings
from dispatch.domain.term_switches import TermSwitches
from dispatch.domain.unit import ON_JOB, UnitKind, UnitStatus
from dispatch.engine import NAMED_SETTINGS
from dispatch.journal import entry_of, to_line
from dispatch.policies.tables import POLICIES
from dispatch.state import State, open_roles
from tests.dispatch.builders import MINUTE, TRUST, ControlRoom, a_unit, an_incident, at
from tests.properties.hospital_events import hospital_events

units = st.sampled_from([f"U{i}" for i in range(5)])
incidents = st.sampled_from([f"I{i}" for i in range(8)])
minutes = st.integers(0, 120)


def a_window(now: int, begins_min: int, ends_min: int) -> MealBreak:
    return MealBreak(from_ms=now + begins_min * MINUTE, until_ms=now + ends_min * MINUTE)


@st.composite
def events(draw: st.DrawFn) -> tuple[int, Any]:
    """Return minutes to wait, and how to make an event at the time that it then is."""
    kind = draw(st.integers(0, 11))
    unit, incident, place = UnitId(draw(units)), IncidentId(draw(incidents)), draw(minutes)
    category = draw(st.sampled_from(list(Category)))
    wait = draw(st.integers(0, 15))
    if kind <= 2:
        return wait, lambda now: an_incident(incident, category, minutes=place, now_ms=now)
    if kind <= 5:
        status = draw(st.sampled_from(list(UnitStatus)))
        return wait, lambda now: ev.UnitStatusReported(unit=unit, status=status, reported_at_ms=now)
    if kind == 6:
        vehicle = draw(st.sampled_from(list(UnitKind)))
        window = draw(st.sampled_from([None, (0, 40), (10, 60)]))
        return wait, lambda now: ev.UnitSignedOn(
            unit=a_unit(unit, kind=vehicle),
            at=at(place),
            until_ms=None if place % 2 else now + place * MINUTE,
            meal_break=None if window is None else a_window(now, *window),
        )
    if kind == 7:
        return wait, lambda now: ev.IncidentRecoded(
            incident=incident, category=category, coded_at_ms=now
        )
    if kind == 8:
        outcome = draw(st.sampled_from(list(Outcome)))
        return wait, lambda now: ev.IncidentClosed(incident=incident, outcome=outcome)
    choices = [
        lambda now: ev.AssignmentOrdered(incident=incident, unit=unit, by="p", reason="r"),
        lambda now: ev.StandDownOrdered(incident=incident, unit=unit, by="p", reason="r"),
        lambda now: ev.UnitPositionReported(unit=unit, at=at(place), reported_at_ms=now),
        lambda now: ev.UnitSignedOff(unit=unit),
        lambda now: ev.RelocationOrdered(unit=unit, post=PostId("east"), by="p", reason="r"),
        lambda now: ev.HospitalUpdated(hospital=HospitalId("far"), is_accepting=place > 60),
        lambda now: RoutingLost(reason="it fails"),
        lambda now: RoutingRestored(),
    ]
    about_hospitals = draw(hospital_events())
    return wait, draw(st.sampled_from([*choices, *[about_hospitals] * 6]))


EVERYTHING = msgspec.structs.replace(
    NAMED_SETTINGS["default"],
    name="everything",
    policies=msgspec.structs.replace(NAMED_SETTINGS["default"].policies, convey="least_wait"),
    destination_every_s=60,
    round_every_s=20,
    terms=TermSwitches(coverage=True),
    forecast=ForecastUse(cover=True, prices=True),
    degraded=DegradedRules(joint_incidents_max=2),
    freshness=FreshnessRules(applies=True),
)
"""Every option at once."""

CONFIGURATIONS = [*NAMED_SETTINGS.values(), EVERYTHING]


def check(state: State) -> None:
    """Assert what must hold between any two events."""
    for unit in state.units.values():
        assert (unit.incident is not None) == (unit.status in ON_JOB)
        if unit.incident is not None:
            responders = [r.unit for r in state.incidents[unit.incident].responses]
            assert responders.count(unit.spec.id) == 1
    for incident in state.incidents.values():
        for response in incident.responses:
            assert state.units[response.unit].incident == incident.id
        assert (incident.id in state.waiting) == bool(open_roles(state, incident))
    for board in state.hospitals.values():
        for unit_id, _ in (*board.inbound, *board.waiting):
            assert state.units[unit_id].hospital == board.spec.id


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events(), min_size=15, max_size=60), st.sampled_from(CONFIGURATIONS))
def test_any_day_keeps_its_promises_and_replays_to_the_same_picture(
    day: list[tuple[int, Any]], configuration: Settings
) -> None:
    room = ControlRoom(configuration)
    for wait, make in day:
        event = make(room.now_ms + wait * 60_000)
        before = room.state.digest()
        try:
            room.tell(event, after_min=wait)
        except RejectedEventError:
            assert room.state.digest() == before
        check(room.state)
    again = Dispatcher(room.travel, POLICIES)
    for entry in room.entries:
        recorded = entry_of(to_line(entry))
        assert again.handle(recorded.event, recorded.now_ms) == entry
    assert again.state.digest() == room.state.digest()


@settings(max_examples=60, deadline=None)
@given(st.lists(events(), min_size=10, max_size=40))
def test_no_unit_is_promised_twice_in_one_answer(day: list[tuple[int, Any]]) -> None:
    room = ControlRoom()
    for wait, make in day:
        try:
            entry = room.tell(make(room.now_ms + wait * 60_000), after_min=wait)
        except RejectedEventError:
            continue
        sent = [d.unit for d in entry.decisions if isinstance(d, Assign)]
        assert len(sent) == len(set(sent))
        assert all(room.state.units[unit].spec.trust == TRUST for unit in sent)
