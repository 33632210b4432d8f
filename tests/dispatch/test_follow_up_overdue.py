"""A follow-up that nobody makes is told once, at its time; call rooms feed the rules of trusts."""

from __future__ import annotations

from dispatch.decide_care import FOLLOW_UP
from dispatch.domain import event_care as care
from dispatch.domain.decision_care import FollowUpDue, FollowUpOverdue
from dispatch.domain.event import IncidentClosed
from dispatch.domain.ids import CallId, IncidentId
from dispatch.domain.incident import Outcome
from dispatch.domain.trigger_quantity import Quantity
from dispatch.domain.wording import decision_sentence
from dispatch.policies.trust_values import trust_values
from tests.dispatch.builders import MINUTE, NOON, TRUST
from tests.dispatch.care_room import CareRoom, every, fallen, only
from tests.dispatch.test_calls import Switchboard

DAY = 24 * 60


def a_room_with_two_at_home() -> CareRoom:
    """Return a room that left I1 at home at noon (a day to follow up) and I2, who is frail."""
    room = CareRoom()
    for name, patient in (("I1", fallen()), ("I2", fallen(frailty_cfs=6))):
        room.fell(name, patient=patient)
        room.tell(IncidentClosed(incident=IncidentId(name), outcome=Outcome.HEAR_AND_TREAT))
    return room


def test_a_follow_up_is_overdue_at_its_time_and_told_once() -> None:
    room = a_room_with_two_at_home()
    assert room.state.timers[FOLLOW_UP] == NOON + 4 * 60 * MINUTE
    assert every(room.wait(4 * 60 - 1 / 60_000), FollowUpOverdue) == []
    told = only(room.wait(1 / 60_000), FollowUpOverdue)
    assert (told.incident, told.due_at_ms) == ("I2", NOON + 4 * 60 * MINUTE)
    assert room.state.care.follow_ups.rows[IncidentId("I2")].is_overdue
    assert every(room.wait(2 * DAY), FollowUpOverdue)[0].incident == "I1"
    assert every(room.wait(2 * DAY), FollowUpOverdue) == []
    assert "followed I2 up" in decision_sentence(told)


def test_a_follow_up_that_was_made_is_never_overdue() -> None:
    room = a_room_with_two_at_home()
    for name in ("I1", "I2"):
        room.tell(care.FollowUpMade(incident=IncidentId(name), by="desk"))
    assert every(room.wait(2 * DAY), FollowUpOverdue) == []
    assert FOLLOW_UP not in room.state.timers


def test_an_overdue_follow_up_can_still_be_made() -> None:
    room = a_room_with_two_at_home()
    assert len(every(room.entries, FollowUpDue)) == 2
    room.wait(2 * DAY)
    room.tell(care.FollowUpMade(incident=IncidentId("I2"), by="desk"))
    assert set(room.state.care.follow_ups.rows) == {"I1"}


def values(room: Switchboard, *needs: Quantity) -> list[float | None]:
    found = trust_values(room.state, TRUST, needs, room.now_ms)
    return [found[need] for need in needs]


WAITING, LONGEST = Quantity("calls_waiting"), Quantity("longest_call_wait")
HALF_HOUR = Quantity("mean_answer", 30.0)


def test_a_call_room_feeds_what_rules_may_speak_of() -> None:
    room = Switchboard()
    assert values(room, WAITING, LONGEST, HALF_HOUR) == [0.0, 0.0, None]
    room.rings("C1")
    room.now_ms += 3 * MINUTE
    room.rings("C2")
    room.now_ms += MINUTE
    assert values(room, WAITING, LONGEST, HALF_HOUR) == [2.0, 4.0, None]
    room.answers("C1")
    room.answers("C2")
    assert values(room, WAITING, LONGEST, HALF_HOUR) == [0.0, 0.0, 2.5]
    room.now_ms += 31 * MINUTE
    assert values(room, HALF_HOUR) == [None]


def test_a_trust_that_tells_of_no_calls_keeps_what_it_is_told_by_a_feed() -> None:
    room = CareRoom()
    assert trust_values(room.state, TRUST, (WAITING,), room.now_ms)[WAITING] is None


def test_only_so_many_answers_are_kept() -> None:
    room = Switchboard(R1F=900)
    for number in range(450):
        room.rings(f"C{number}")
        room.answers(f"C{number}")
    assert len(room.state.calls.answers.rows[TRUST]) == 400
    assert CallId("C449") in room.state.calls.calls.rows
