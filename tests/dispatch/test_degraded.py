"""With less than it should have, the engine goes on, and says what it does without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign
from dispatch.domain.degraded_rules import DegradedRules
from dispatch.domain.event_feed import RoutingLost, RoutingRestored
from dispatch.domain.settings import FreshnessRules, PolicyNames, Settings
from dispatch.domain.travel import Mode, TravelUnavailableError
from dispatch.domain.unit import UnitStatus
from dispatch.domain.wording import decision_sentence, event_sentence
from dispatch.policies.degraded import Feed, wanting
from dispatch.policies.tables import POLICIES
from dispatch.policies.travel_by_crow import GuardedTimes, TravelByCrow
from maps.geo import great_circle_m
from tests.dispatch.builders import MINUTE, ControlRoom, StraightRoad, an_incident, at

JOINT = Settings(name="joint", policies=PolicyNames(assign="joint"))
DOWN = RoutingLost(reason="the hierarchy is broken")
RULES = DegradedRules()


class BrokenRoad(StraightRoad):
    """A road whose travel engine can be broken; its map stays."""

    def __init__(self) -> None:
        self.is_broken = False

    def _check(self) -> None:
        if self.is_broken:
            raise RuntimeError("out of order")

    def to_one_ms(self, *args: Any) -> Any:
        self._check()
        return super().to_one_ms(*args)

    def matrix_ms(self, *args: Any) -> Any:
        self._check()
        return super().matrix_ms(*args)

    def pairs_ms(self, *args: Any) -> Any:
        self._check()
        return super().pairs_ms(*args)

    def after(self, *args: Any) -> Any:
        self._check()
        return super().after(*args)


class BreakableRoom(ControlRoom):
    """A control room whose routing can fail."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        opened = self.entries[0].event
        self.road = BrokenRoad()
        self.dispatcher = Dispatcher(self.road, POLICIES)
        self.entries = []
        self.tell(opened)


def orders(room: ControlRoom) -> list[Assign]:
    return [d for entry in room.entries for d in entry.decisions if isinstance(d, Assign)]


@pytest.mark.parametrize("settings", [Settings(), JOINT], ids=["b2", "joint"])
def test_without_routing_the_nearest_by_great_circle_goes_and_the_order_says_so(
    settings: Settings,
) -> None:
    room = ControlRoom(settings)
    room.sign_on("near", 5)
    room.sign_on("far", 30)
    room.tell(DOWN)
    room.report("i", Category.C2, 0)
    (order,) = orders(room)
    assert order.unit == "near"
    metres = great_circle_m(at(0), at(5)) * RULES.detour_factor
    delay_s = room.state.settings.road_mobilisation_s
    assert order.eta_ms == pytest.approx(
        metres * 3600 / RULES.blue_light_kmh + delay_s * 1000, abs=2
    )
    assert order.why.degraded == ("the roads (routing is down: great circle x 1.3)",)
    assert "Not taken into account: the roads (routing is down" in decision_sentence(order)


def test_every_decision_made_without_routing_says_so_and_none_after_it_is_back() -> None:
    room = ControlRoom(Settings())
    room.sign_on("A", 5)
    room.sign_on("B", 30)
    lost = room.tell(DOWN)
    room.report("i", Category.C1, 0)
    room.status("A", UnitStatus.MOBILE)
    room.status("A", UnitStatus.AT_SCENE, after_min=5)
    room.status("A", UnitStatus.CONVEYING, after_min=20)
    since = [entry for entry in room.entries if entry.seq > lost.seq]
    reasons = [d.why for entry in since for d in entry.decisions if hasattr(d, "why")]
    assert len(reasons) >= 2
    assert all(why.degraded for why in reasons)
    room.tell(RoutingRestored())
    entry = room.report("j", Category.C2, 28)
    assert [d.why.degraded for d in entry.decisions if isinstance(d, Assign)] == [()]


def test_a_failure_on_the_way_changes_nothing_and_the_event_can_be_told_again() -> None:
    room = BreakableRoom()
    room.sign_on("A", 5)
    before, entries = room.state.digest(), room.dispatcher.next_seq
    room.road.is_broken = True
    with pytest.raises(TravelUnavailableError, match="out of order"):
        room.report("i", Category.C2, 0)
    assert (room.state.digest(), room.dispatcher.next_seq) == (before, entries)
    room.tell(DOWN)
    room.report("i", Category.C2, 0)
    (order,) = orders(room)
    assert order.unit == "A"


def test_units_on_their_way_are_carried_over_both_ways_without_asking_broken_roads() -> None:
    room = BreakableRoom()
    room.sign_on("A", 30)
    room.report("i", Category.C2, 0)
    room.status("A", UnitStatus.MOBILE)
    routed_due_ms = room.state.units["A"].due_at_ms
    room.road.is_broken = True
    room.tell(DOWN, after_min=1)
    unit = room.state.units["A"]
    assert unit.due_at_ms != routed_due_ms
    gone = at(30).lon - room.road.lonlat(unit.origin).lon
    assert 0 < gone < 0.03
    room.road.is_broken = False
    room.tell(RoutingRestored())
    assert room.state.units["A"].due_at_ms > room.now_ms


def test_a_journal_made_without_routing_is_decided_again_the_same_on_working_roads() -> None:
    room = BreakableRoom(JOINT)
    room.sign_on("A", 5)
    room.sign_on("B", 12)
    room.report("i", Category.C3, 8)
    room.road.is_broken = True
    room.tell(DOWN, after_min=2)
    room.report("j", Category.C2, 7, after_min=1)
    room.report("k", Category.C1, 11)
    room.road.is_broken = False
    room.tell(RoutingRestored(), after_min=1)
    room.report("l", Category.C2, 3, after_min=1)
    fresh = Dispatcher(StraightRoad(), POLICIES)
    for entry in room.entries:
        if entry.seq:
            assert fresh.recommend(entry.event, entry.now_ms) == entry.decisions
        fresh.follow(entry)
    assert fresh.state.digest() == room.state.digest()


def test_a_failure_that_cannot_be_journalled_leaves_the_picture_as_it_was() -> None:
    room = ControlRoom(Settings())
    room.sign_on("A", 30)
    room.report("i", Category.C2, 0)
    before = room.state.digest()
    assert room.dispatcher.recommend(DOWN, room.now_ms + MINUTE) == ()
    assert room.state.digest() == before
    assert room.dispatcher.travel_in_use.version == "straight-road"


def test_the_status_names_what_is_off_and_is_empty_when_all_is_well() -> None:
    room = ControlRoom(Settings())
    assert wanting(room.dispatcher.picture(room.now_ms)) == {}
    room.tell(DOWN)
    off = wanting(room.dispatcher.picture(room.now_ms + 3 * MINUTE))
    assert set(off) == {Feed.ROUTING}
    assert "down for 3 min (the hierarchy is broken)" in off[Feed.ROUTING]


def test_failure_and_recovery_are_told_in_words() -> None:
    assert event_sentence(DOWN).startswith("Routing is down: the hierarchy is broken.")
    assert event_sentence(RoutingRestored()) == "Routing works again."


def test_by_crow_every_question_agrees_and_a_vehicle_is_on_the_line() -> None:
    crow = TravelByCrow(StraightRoad(), RULES)
    places = np.array([crow.snap(at(m)) for m in (0, 5, 40)], np.int64)
    table = crow.matrix_ms(places, places, Mode.ORDINARY, 0)
    assert table.dtype == np.int32
    assert (table == table.T).all()
    assert (np.diag(table) == 0).all()
    one = crow.to_one_ms(places, places[2], Mode.ORDINARY, 0)
    assert (one == table[:, 2]).all()
    assert (
        crow.pairs_ms(places, np.roll(places, 1), Mode.ORDINARY, 0) == table[[0, 1, 2], [2, 0, 1]]
    ).all()
    halfway = crow.after(places[0], places[2], Mode.ORDINARY, 0, int(table[0, 2]) // 2)
    assert crow.lonlat(halfway).lon == pytest.approx(at(20).lon, abs=1e-4)
    assert crow.after(places[0], places[2], Mode.ORDINARY, 0, int(table[0, 2])) == places[2]


def test_a_guard_names_what_failed_and_keeps_what_it_is_told() -> None:
    road = BrokenRoad()
    guard = GuardedTimes(road)
    assert guard.version == road.version
    road.is_broken = True
    with pytest.raises(TravelUnavailableError, match="RuntimeError: out of order"):
        guard.from_one_ms(guard.snap(at(0)), np.zeros(1, np.int64), Mode.ORDINARY, 0)


# -- stale positions -------------------------------------------------------------------------

FRESH = Settings(freshness=FreshnessRules(applies=True))


def test_a_stale_position_costs_a_unit_its_advantage_and_is_reported() -> None:
    room = ControlRoom(FRESH)
    room.sign_on("stale", 4)
    room.now_ms += 3 * MINUTE
    room.sign_on("fresh", 3)
    off = wanting(room.dispatcher.picture(room.now_ms))
    assert off[Feed.POSITIONS].startswith("1 units have sent none for 120 s")
    room.report("i", Category.C2, 0)
    (order,) = orders(room)
    assert order.unit == "fresh"


def test_a_position_of_half_an_hour_is_not_believed_at_all() -> None:
    room = ControlRoom(FRESH)
    room.sign_on("lost", 4)
    room.now_ms += 31 * MINUTE
    entry = room.report("i", Category.C2, 0)
    (wait,) = [d for d in entry.decisions if type(d).__name__ == "Wait"]
    assert "with an old position" in decision_sentence(wait)


# -- overload --------------------------------------------------------------------------------


def crowded(most: int) -> ControlRoom:
    """Return a room of one C2 and three C3 that wait, and no unit yet."""
    settings = Settings(
        name="joint",
        policies=PolicyNames(assign="joint"),
        degraded=DegradedRules(joint_incidents_max=most),
    )
    room = ControlRoom(settings)
    for name, category, minutes in (
        ("old", Category.C3, 50),
        ("mid", Category.C3, 40),
        ("new", Category.C3, 10),
        ("grave", Category.C2, 20),
    ):
        room.report(name, category, minutes, after_min=0.5)
    return room


def test_an_overloaded_round_weighs_the_most_urgent_and_serves_the_others_by_the_rule() -> None:
    room = crowded(most=1)
    assert set(wanting(room.dispatcher.picture(room.now_ms))) == {Feed.OVERLOAD}
    room.sign_on("A", 12)
    room.sign_on("B", 39)
    sent = {order.incident: order for order in orders(room)}
    assert sent["grave"].unit == "A"
    assert sent["mid"].unit == "B"
    for order in sent.values():
        assert any("overload: nearest rule" in word for word in order.why.degraded)


def test_a_round_within_its_size_says_nothing_of_overload() -> None:
    room = crowded(most=10)
    assert wanting(room.dispatcher.picture(room.now_ms)) == {}
    room.sign_on("A", 12)
    assert all(not order.why.degraded for order in orders(room))


def test_a_unit_on_its_way_to_somebody_left_out_is_not_taken_for_free() -> None:
    room = crowded(most=1)
    room.sign_on("A", 19)
    room.sign_on("B", 11)
    assert {(o.unit, o.incident) for o in orders(room)} == {("A", "grave"), ("B", "new")}
    room.tell(an_incident("second", Category.C2, minutes=12, now_ms=room.now_ms))
    assert room.state.units["B"].incident == "new"


@pytest.mark.parametrize(
    "wrong",
    [
        {"detour_factor": 0.9},
        {"blue_light_kmh": 0.0},
        {"ordinary_kmh": -3.0},
        {"joint_incidents_max": 0},
    ],
)
def test_rules_that_cannot_be_reckoned_with_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        DegradedRules(**wrong)


def test_settings_changed_while_routing_is_down_do_not_bring_it_back() -> None:
    room = ControlRoom(Settings())
    room.sign_on("A", 5)
    room.tell(DOWN)
    room.tell(ev.SettingsChanged(settings=JOINT, by="duty manager", reason="try"))
    room.report("i", Category.C2, 0)
    (order,) = orders(room)
    assert order.why.degraded
