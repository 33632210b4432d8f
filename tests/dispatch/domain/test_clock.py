from __future__ import annotations

import pytest

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.clock import c1_transport_ms, clock_start_ms, response_ms
from dispatch.domain.ids import IncidentId
from dispatch.domain.incident import Outcome
from dispatch.domain.settings import ClockRules
from dispatch.domain.unit import UnitKind, UnitStatus
from tests.dispatch.builders import MINUTE, NOON, TRUST, ControlRoom, at

S = UnitStatus


@pytest.mark.parametrize(
    ("category", "coded_s", "assigned_s", "start_s"),
    [
        (Category.C1, None, None, 30),
        (Category.C1, 12, None, 12),
        (Category.C1, 100, None, 30),
        (Category.C1, 25, 9, 9),
        (Category.C2, None, None, 240),
        (Category.C2, 180, None, 180),
        (Category.C2, 500, 70, 70),
        (Category.HCP1, None, None, 30),
        (Category.IFT3, None, None, 240),
    ],
)
def test_the_clock_starts_at_the_earliest_of_code_assignment_and_cap(
    category: Category, coded_s: int | None, assigned_s: int | None, start_s: int
) -> None:
    start = clock_start_ms(
        ClockRules(),
        category,
        connected_at_ms=0,
        coded_at_ms=None if coded_s is None else coded_s * 1000,
        assigned_at_ms=None if assigned_s is None else assigned_s * 1000,
    )
    assert start == start_s * 1000


def attended(
    category: Category, outcome: Outcome, *, conveys: bool
) -> tuple[int | None, int | None]:
    """Send a car, then an ambulance, and return the response time and C1T in minutes."""
    room = ControlRoom()
    room.sign_on("car", 3, kind=UnitKind.RRV)
    room.sign_on("ambulance", 12)
    room.report("i", category, 0)
    if room.state.units["car"].incident is None:
        room.tell(
            ev.AssignmentOrdered(
                incident=IncidentId("i"), unit=room.state.units["car"].spec.id, by="x", reason="y"
            )
        )
    room.status("car", S.AT_SCENE, after_min=4)
    room.status("ambulance", S.AT_SCENE, after_min=10)
    room.status("car", S.AVAILABLE, after_min=5)
    if conveys:
        room.status("ambulance", S.CONVEYING, after_min=5)
        room.status("ambulance", S.AT_HOSPITAL, after_min=5)
        room.status("ambulance", S.HANDED_OVER, after_min=5)
    room.status("ambulance", S.AVAILABLE, after_min=5, outcome=outcome)
    (record,) = room.state.take_closed()
    response, transport = response_ms(record), c1_transport_ms(record)
    assert response is not None
    return response // MINUTE, None if transport is None else transport // MINUTE


def test_a_c1_stops_at_the_first_responder() -> None:
    assert attended(Category.C1, Outcome.CONVEYED_TO_ED, conveys=True) == (4, 14)


def test_a_conveyed_c2_stops_at_the_unit_that_conveys() -> None:
    assert attended(Category.C2, Outcome.CONVEYED_TO_ED, conveys=True) == (14, None)


def test_a_c2_treated_on_scene_stops_at_the_first_responder() -> None:
    assert attended(Category.C2, Outcome.SEE_AND_TREAT, conveys=False) == (4, None)


def recoded(room: ControlRoom, category: Category, *, after_min: float) -> None:
    room.now_ms += round(after_min * MINUTE)
    room.tell(
        ev.IncidentRecoded(incident=IncidentId("i"), category=category, coded_at_ms=room.now_ms)
    )


def test_an_upgrade_starts_a_new_clock_and_a_downgrade_keeps_the_old_one() -> None:
    room = ControlRoom()
    room.report("i", Category.C3)
    assert room.state.incidents["i"].clock_start_at_ms == NOON
    recoded(room, Category.C2, after_min=10)
    assert room.state.incidents["i"].clock_start_at_ms == NOON + 10 * MINUTE
    recoded(room, Category.C4, after_min=10)
    assert room.state.incidents["i"].clock_start_at_ms == NOON + 10 * MINUTE


def test_the_first_code_sets_the_cap_of_an_incident_sent_before_it_was_coded() -> None:
    room = ControlRoom()
    room.tell(
        ev.IncidentReported(
            incident=IncidentId("i"),
            trust=TRUST,
            at=at(0),
            category=Category.C1,
            connected_at_ms=NOON,
        )
    )
    assert room.state.incidents["i"].clock_start_at_ms == NOON + 30_000
    recoded(room, Category.C2, after_min=3)
    assert room.state.incidents["i"].clock_start_at_ms == NOON + 3 * MINUTE
