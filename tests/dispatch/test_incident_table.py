"""Columns of open incidents, and those of units that point into them."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.admit import RejectedEventError
from dispatch.dispatcher import _Memento as Memento
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId
from dispatch.domain.incident import Outcome
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.state import NO_HOSPITAL, NO_INCIDENT
from tests.dispatch.builders import ControlRoom


def check(room: ControlRoom) -> None:
    """Compare every column with the rows of which it is a copy."""
    state = room.state
    table = state.incident_table
    assert set(table.slot_of) == set(state.incidents)
    assert len(set(table.slot_of.values())) == len(table.slot_of)
    for name, incident in state.incidents.items():
        slot = table.slot_of[name]
        assert table.at(slot) is incident
        assert table.rank[slot] == incident.rank
        assert table.position[slot] == incident.position
        assert table.began_ms[slot] == incident.clock_start_at_ms
        assert table.diversions[slot] == incident.diversions
        assert table.trust[slot] == state.trusts[incident.trust]
        assert table.is_first[slot] == (incident.assigned_at_ms is None)
        asked = table.kinds[table.asked[slot]]
        assert asked == (incident.category, incident.pathway, incident.segment)
    for unit in state.units.values():
        slot = unit.slot
        assert state.table.status[slot] == STATUS_NUMBER[unit.status]
        assert state.table.since_ms[slot] == unit.status_at_ms
        bound = table.slot_of.get(unit.incident, NO_INCIDENT)
        assert state.table.incident[slot] == bound
        if unit.status is UnitStatus.AT_HOSPITAL:
            expected = state.hospital_rows.get(unit.hospital, NO_HOSPITAL)
            assert state.table.hospital[slot] == expected


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["report", "sign_on", "step", "close", "recode"]), st.integers(0, 99)
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_columns_are_what_the_rows_say_whatever_happens(steps: list[tuple[str, int]]) -> None:
    room = ControlRoom(Settings(name="joint", policies=PolicyNames(assign="joint")))
    for number, (what, draw) in enumerate(steps):
        room.now_ms += 30_000 * (draw % 7)
        # What is refused, as the end of an incident with a crew at the scene, changes no column.
        with suppress(RejectedEventError):
            take(room, number, what, draw)
        check(room)


def take(room: ControlRoom, number: int, what: str, draw: int) -> None:
    """Take one step, where there is anything to take it on."""
    incidents, units = list(room.state.incidents), list(room.state.units)
    if what == "report":
        category = [Category.C1, Category.C2, Category.C3, Category.C4][draw % 4]
        room.report(f"i{number}", category, draw)
    elif what == "sign_on":
        room.sign_on(f"u{number}", draw)
    elif what == "close" and incidents:
        close(room, incidents[draw % len(incidents)])
    elif what == "recode" and incidents:
        category = Category.C2 if draw % 2 else Category.C3
        name = IncidentId(incidents[draw % len(incidents)])
        room.tell(ev.IncidentRecoded(incident=name, category=category, coded_at_ms=room.now_ms))
    elif what == "step" and units:
        unit = room.state.units[units[draw % len(units)]]
        step = NEXT.get(unit.status)
        if step is not None:
            room.status(unit.spec.id, step)


NEXT = {
    UnitStatus.ALLOCATED: UnitStatus.MOBILE,
    UnitStatus.MOBILE: UnitStatus.AT_SCENE,
    UnitStatus.AT_SCENE: UnitStatus.CONVEYING,
    UnitStatus.CONVEYING: UnitStatus.AT_HOSPITAL,
    UnitStatus.AT_HOSPITAL: UnitStatus.HANDED_OVER,
    UnitStatus.HANDED_OVER: UnitStatus.AVAILABLE,
}


def test_the_slot_of_an_ended_incident_is_used_again_and_nobody_points_to_it() -> None:
    room = ControlRoom()
    room.sign_on("u", 0)
    room.report("first", Category.C2, 10)
    slot = room.state.incident_table.slot_of["first"]
    close(room, "first")
    check(room)
    room.report("second", Category.C4, 20)
    assert room.state.incident_table.slot_of["second"] == slot
    check(room)


def test_columns_grow_with_the_incidents() -> None:
    room = ControlRoom()
    for number in range(130):
        room.report(f"i{number}", Category.C3, number)
    check(room)


def test_an_event_that_is_undone_leaves_the_columns_as_they_were() -> None:
    room = ControlRoom()
    room.report("i", Category.C2, 10)
    room.sign_on("u", 0)
    memento = Memento(room.state, closed("i"))
    close(room, "i")
    memento.restore()
    check(room)


def closed(name: str) -> ev.IncidentClosed:
    return ev.IncidentClosed(incident=IncidentId(name), outcome=Outcome.HEAR_AND_TREAT)


def close(room: ControlRoom, name: str) -> None:
    room.tell(closed(name))
