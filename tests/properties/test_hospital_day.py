"""Whatever happens at hospitals, crews are freed by nobody but themselves, and nothing is lost."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.admit import RejectedEventError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.ids import UnitId
from dispatch.domain.unit import UnitStatus
from dispatch.engine import NAMED_SETTINGS
from dispatch.journal import entry_of, to_line
from dispatch.policies.tables import POLICIES
from dispatch.state import State
from tests.dispatch.builders import a_unit, an_incident, at
from tests.dispatch.hospital_builders import HospitalRoom
from tests.properties.hospital_events import FAR, hospital_events

NEXT = {
    UnitStatus.ALLOCATED: UnitStatus.AT_SCENE,
    UnitStatus.AT_SCENE: UnitStatus.CONVEYING,
    UnitStatus.CONVEYING: UnitStatus.AT_HOSPITAL,
    UnitStatus.AT_HOSPITAL: UnitStatus.HANDED_OVER,
    UnitStatus.HANDED_OVER: UnitStatus.AVAILABLE,
}

steps = st.one_of(
    st.tuples(st.just("on"), st.integers(0, 4)),
    st.tuples(st.just("on"), st.integers(0, 4)),
    st.tuples(st.just("call"), st.integers(0, 7)),
    hospital_events(),
    hospital_events(),
)


def event_of(room: HospitalRoom, step: Any, now_ms: int) -> ev.Event:
    """Return the event of a step: a crew goes one step on in its job, somebody calls, or other."""
    if not isinstance(step, tuple):
        event: ev.Event = step(now_ms)
        return event
    what, number = step
    if what == "call":
        return an_incident(f"I{number}", Category.C2, now_ms=now_ms)
    unit = room.state.units.get(UnitId(f"U{number}"))
    if unit is None:
        return ev.UnitSignedOn(unit=a_unit(f"U{number}"), at=at(0))
    hospital = FAR if unit.status is UnitStatus.CONVEYING and number == 4 else None
    return ev.UnitStatusReported(
        unit=unit.spec.id,
        status=NEXT.get(unit.status, UnitStatus.OUT_OF_SERVICE),
        reported_at_ms=now_ms,
        hospital=hospital,
    )


def check(state: State) -> None:
    """Assert what must hold between any two events."""
    for hospital, desk in state.flow.desks.items():
        names = [row.visit.id for row in desk.rows] + [visit.id for visit in desk.done]
        assert len(set(names)) == len(names)
        assert len(names) == desk.arrivals
        for row in desk.rows:
            visit = row.visit
            assert visit.hospital == hospital
            assert visit.cleared_at_ms is None or visit.handed_over_at_ms is None
            if visit.cleared_at_ms is None:
                unit = state.units[visit.unit]
                assert unit.incident == visit.incident
                free = visit.crew_free_at_ms is not None
                assert unit.status is (UnitStatus.HANDED_OVER if free else UnitStatus.AT_HOSPITAL)
        for visit in desk.done:
            assert visit.handed_over_at_ms is not None
            assert visit.cleared_at_ms is not None
            assert visit.arrived_at_ms <= visit.handed_over_at_ms
    at_hospital = {u.spec.id for u in state.units.values() if u.status is UnitStatus.AT_HOSPITAL}
    held = {
        row.visit.unit
        for desk in state.flow.desks.values()
        for row in desk.rows
        if row.visit.crew_free_at_ms is None
    }
    assert at_hospital == held


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 25), steps), min_size=25, max_size=80),
    st.sampled_from(sorted(NAMED_SETTINGS)),
)
def test_any_day_at_hospitals_keeps_its_promises_and_replays(
    day: list[tuple[int, Any]], name: str
) -> None:
    room = HospitalRoom(NAMED_SETTINGS[name])
    for wait, step in day:
        room.go_on(wait)
        event = event_of(room, step, room.now_ms)
        statuses = {unit.spec.id: unit.status for unit in room.state.units.values()}
        before = room.state.digest()
        try:
            room.tell(event)
        except RejectedEventError:
            assert room.state.digest() == before
            continue
        check(room.state)
        for unit in room.state.units.values():
            is_own = getattr(event, "unit", None) == unit.spec.id
            if statuses.get(unit.spec.id) is UnitStatus.AT_HOSPITAL and not is_own:
                assert unit.status is UnitStatus.AT_HOSPITAL, "only a named crew is freed"
    followed = Dispatcher(room.travel, POLICIES)
    again = Dispatcher(room.travel, POLICIES)
    for entry in room.entries:
        recorded = entry_of(to_line(entry))
        assert again.handle(recorded.event, recorded.now_ms) == entry
        followed.follow(recorded)
    assert again.state.digest() == room.state.digest()
    assert followed.state.digest() == room.state.digest()
