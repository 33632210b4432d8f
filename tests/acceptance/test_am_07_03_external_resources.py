"""AM.07.03 to AM.07.05: resources that are not the trust's own: seen, allocated, and timed.

Other trusts, auxiliary services, air ambulance and community responders are in the one picture.
"""

from __future__ import annotations

import msgspec

from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.clock import response_ms
from dispatch.domain.decision import Assign, Decision
from dispatch.domain.ids import IncidentId, UnitId
from dispatch.domain.incident import Outcome, Role
from dispatch.domain.settings import AidRules, AidScope, Settings
from dispatch.domain.unit import Skill, UnitKind, UnitStatus
from dispatch.journal import Entry
from tests.dispatch.builders import MINUTE, ControlRoom

NEIGHBOUR = "RYE"
HELPED = Settings(aid=AidRules(scope=AidScope.C1_NEAREST))


def assigned(entry: Entry) -> list[Assign]:
    return [decision for decision in entry.decisions if isinstance(decision, Assign)]


def listed(decision: Decision) -> dict[str, object]:
    assert isinstance(decision, Assign)
    return {candidate.id: candidate for candidate in decision.why.candidates}


def a_room() -> ControlRoom:
    """Return a room with own, auxiliary, volunteer, air and neighbouring resources."""
    room = ControlRoom(HELPED)
    room.sign_on("OWN", 20)
    room.sign_on("SJA", 12, kind=UnitKind.AUXILIARY, skill=Skill.EMT)
    room.sign_on("CFR", 3, kind=UnitKind.CFR, skill=Skill.RESPONDER)
    room.sign_on("HEMS", 9, kind=UnitKind.HEMS, skill=Skill.DOCTOR)
    room.sign_on("NEXT", 6, trust=NEIGHBOUR)
    return room


def test_am_07_03_external_resources_are_listed_with_their_eta_and_allocated() -> None:
    room = a_room()
    entry = room.report("I1", Category.C1)
    orders = {order.role: order for order in assigned(entry)}
    assert orders[Role.RESPONDER].unit == "CFR"
    assert orders[Role.CONVEYING].unit == "NEXT"
    found = listed(orders[Role.CONVEYING])
    assert {"OWN", "NEXT"} <= set(found)
    assert found["NEXT"].eta_ms < found["OWN"].eta_ms  # type: ignore[attr-defined]


def test_am_07_03_a_dispatcher_may_allocate_an_auxiliary_ambulance_by_hand() -> None:
    room = a_room()
    room.sign_on("NEAR", 1)
    (order,) = assigned(room.report("I1", Category.C4))
    assert order.unit == "NEAR"
    entry = room.tell(
        ev.AssignmentOrdered(
            incident=IncidentId("I1"), unit=UnitId("SJA"), by="dispatcher", reason="suits"
        )
    )
    (order,) = assigned(entry)
    assert (order.unit, order.ordered_by) == ("SJA", "dispatcher")


def test_am_07_04_a_neighbours_unit_is_seen_and_refused_with_its_reason_where_it_may_not_go() -> (
    None
):
    room = ControlRoom(Settings())
    room.sign_on("OWN", 20)
    room.sign_on("NEXT", 2, trust=NEIGHBOUR)
    (order,) = assigned(room.report("I1", Category.C1))
    assert order.unit == "OWN"
    seen = listed(order)["NEXT"]
    assert seen.verdict.value != "chosen"  # type: ignore[attr-defined]


def test_am_07_05_a_neighbours_response_is_timed_as_ones_own() -> None:
    room = ControlRoom(HELPED)
    room.sign_on("OWN", 20)
    room.sign_on("NEXT", 6, trust=NEIGHBOUR)
    (order,) = assigned(room.report("I1", Category.C1))
    assert order.unit == "NEXT"
    assert order.eta_ms >= 6 * MINUTE
    room.status("NEXT", UnitStatus.MOBILE, after_min=1)
    assert room.state.units[UnitId("NEXT")].due_at_ms == room.now_ms + 6 * MINUTE
    room.status("NEXT", UnitStatus.AT_SCENE, after_min=6)
    room.status("NEXT", UnitStatus.AVAILABLE, after_min=20, outcome=Outcome.SEE_AND_TREAT)
    (record,) = room.state.take_closed()
    assert record.aided_by == NEIGHBOUR
    assert response_ms(record) == 7 * MINUTE
    assert msgspec.json.decode(msgspec.json.encode(record))["trust"] == "R1F"
