"""Roads that change under a dispatcher: an event leads from the ones before to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dispatch.dispatcher import Dispatcher, OtherVersionError
from dispatch.domain import event as ev
from dispatch.domain.ids import UnitId
from dispatch.domain.unit import UnitStatus
from dispatch.domain.wording import event_sentence
from dispatch.policies.tables import POLICIES
from tests.dispatch.builders import MINUTE, ControlRoom, StraightRoad


class SlowRoad(StraightRoad):
    """The straight road, where everything takes some times as long as usual."""

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self.version = f"slow-{factor}"

    def pairs_ms(self, *args: Any) -> Any:
        return super().pairs_ms(*args) * self.factor

    def to_one_ms(self, *args: Any) -> Any:
        return super().to_one_ms(*args) * self.factor


def follow(before: Any, event: ev.TravelTimesChanged) -> Any:
    """Multiply how slow the roads are by what the event says."""
    assert event.changes is not None
    return SlowRoad(getattr(before, "factor", 1) * int(event.changes))


def slower(version: str = "slow-2", changes: str | None = "2") -> ev.TravelTimesChanged:
    return ev.TravelTimesChanged(version=version, changes=changes, begun=("c",), by="control-7")


@pytest.fixture
def room() -> ControlRoom:
    room = ControlRoom()
    room.dispatcher._roads = follow
    room.sign_on("A1", 10)
    room.report("i", minutes=0)
    room.tell(
        ev.UnitStatusReported(
            unit=UnitId("A1"), status=UnitStatus.MOBILE, reported_at_ms=room.now_ms
        )
    )
    return room


def test_a_moving_unit_goes_on_from_where_it_is_on_the_new_roads(room: ControlRoom) -> None:
    unit = room.state.units["A1"]
    assert unit.due_at_ms == room.now_ms + 10 * MINUTE
    room.tell(slower(), after_min=4)
    assert room.state.travel_version == room.dispatcher.travel.version == "slow-2"
    assert unit.origin == 6 * MINUTE
    assert unit.due_at_ms == room.now_ms + 12 * MINUTE
    assert room.state.table.due_at_ms[unit.slot] == unit.due_at_ms


def test_following_the_entries_leads_to_the_same_picture(room: ControlRoom) -> None:
    room.tell(slower(), after_min=4)
    room.tell(slower("slow-6", "3"), after_min=1)
    other = Dispatcher(StraightRoad(), POLICIES, roads=follow)
    for entry in room.entries:
        other.follow(entry)
    assert other.travel.version == "slow-6"
    assert other.state.digest() == room.state.digest()


def test_asking_what_would_follow_changes_neither_roads_nor_picture(room: ControlRoom) -> None:
    before = room.state.digest()
    room.dispatcher.recommend(slower(), room.now_ms + MINUTE)
    assert room.dispatcher.travel is room.travel
    assert room.state.digest() == before


def test_roads_of_another_version_than_the_event_names_are_refused(room: ControlRoom) -> None:
    before = room.state.digest()
    with pytest.raises(OtherVersionError, match="Expected travel times slow-9, was slow-2"):
        room.tell(slower("slow-9"))
    assert room.dispatcher.travel is room.travel
    assert room.state.digest() == before


def test_a_failure_puts_roads_and_moving_units_back(room: ControlRoom) -> None:
    def full(_: Any) -> None:
        raise OSError("disk full")

    before, row = room.state.digest(), room.state.table.due_at_ms.copy()
    room.dispatcher._commit = full
    with pytest.raises(OSError, match="disk full"):
        room.tell(slower(), after_min=4)
    assert room.dispatcher.travel is room.travel
    assert room.state.digest() == before
    assert np.array_equal(room.state.table.due_at_ms, row)


def test_roads_that_never_change_refuse_the_event() -> None:
    with pytest.raises(OtherVersionError):
        ControlRoom().tell(slower())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "Roads change to v."),
        ({"begun": ("a",), "by": "me"}, "me closes or slows roads (a)."),
        ({"ended": ("a",), "by": "me"}, "me ends what was said of roads (a)."),
        ({"ended": ("a", "b")}, "The time of a, b is up: roads are as they were before it."),
    ],
)
def test_the_event_is_told_in_words(more: dict[str, Any], words: str) -> None:
    assert event_sentence(ev.TravelTimesChanged(version="v", **more)) == words
