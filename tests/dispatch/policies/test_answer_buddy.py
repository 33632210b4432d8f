from __future__ import annotations

import pytest

from dispatch.domain.category import Category
from dispatch.domain.ids import TrustCode
from dispatch.policies.answer_buddy import BuddyRules, CallRoom, hand_back, offer_to_buddy

HOME, A, B, C = (TrustCode(code) for code in ("HOME", "A", "B", "C"))


def a_room(
    trust: TrustCode,
    handlers: int = 20,
    busy: int = 10,
    waiting: int = 0,
    *,
    takes_calls: bool = True,
) -> CallRoom:
    return CallRoom(
        trust=trust, handlers=handlers, busy=busy, waiting=waiting, takes_calls=takes_calls
    )


def rooms(*others: CallRoom) -> dict[TrustCode, CallRoom]:
    return {room.trust: room for room in (a_room(HOME, busy=20, waiting=3), *others)}


RULES = BuddyRules(order=(A, B, C))


def test_nothing_is_offered_before_the_threshold() -> None:
    answer = offer_to_buddy(10, 0, HOME, rooms(a_room(A)), RULES)
    assert answer.to is None
    assert answer.why == "expected to be answered after 28 s, limit 300 s"


def test_the_threshold_counts_to_the_second() -> None:
    short = BuddyRules(order=(A,), predicted_after_s=10_000)
    assert offer_to_buddy(299.9, 0, HOME, rooms(a_room(A)), short).to is None
    assert offer_to_buddy(300, 0, HOME, rooms(a_room(A)), RULES).to == A


def test_a_predicted_wait_is_offered_early() -> None:
    answer = offer_to_buddy(0, 30, HOME, rooms(a_room(A)), RULES)
    assert answer.to == A
    assert answer.why.startswith("expected to wait 558 s")


def test_a_free_handler_at_home_keeps_the_call() -> None:
    home = {HOME: a_room(HOME, busy=19), A: a_room(A)}
    assert offer_to_buddy(400, 0, HOME, home, RULES).why == "a handler of the home trust is free"
    assert offer_to_buddy(400, 1, HOME, home, RULES).to == A


def test_the_most_slack_wins_and_order_settles_ties() -> None:
    answer = offer_to_buddy(300, 0, HOME, rooms(a_room(A, busy=15), a_room(B), a_room(C)), RULES)
    assert answer.to == B
    assert [(r.trust, r.why) for r in answer.refused] == [
        (C, "slack 10 handlers, B has 10"),
        (A, "slack 5 handlers, B has 10"),
    ]
    turned = BuddyRules(order=(C, B, A))
    assert offer_to_buddy(300, 0, HOME, rooms(a_room(B), a_room(C)), turned).to == C


def test_who_cannot_take_it_is_refused_with_a_reason() -> None:
    rules = BuddyRules(order=(HOME, A, B, C))
    answer = offer_to_buddy(
        300, 0, HOME, rooms(a_room(A, busy=19), a_room(B, takes_calls=False)), rules
    )
    assert answer.to is None
    assert [r.why for r in answer.refused] == [
        "is the home trust",
        "slack 1 handlers, at least 2 asked",
        "does not take calls of others now",
        "its call room is not known",
    ]


def test_nobody_on_duty_is_an_endless_wait() -> None:
    home = {HOME: a_room(HOME, handlers=0, busy=0), A: a_room(A)}
    assert offer_to_buddy(0, 0, HOME, home, RULES).to == A


@pytest.mark.parametrize(
    ("category", "within_s"), [(Category.C1, 30), (Category.C2, 120), (Category.C3, 300)]
)
def test_an_out_of_area_call_goes_home_by_message(category: Category, within_s: int) -> None:
    answer = hand_back(A, HOME, category, home_is_linked=True)
    assert (answer.triage_by, answer.dispatch_by, answer.use_case) == (A, HOME, "a6t1")
    assert (answer.by_voice, answer.within_s) == (False, within_s)


def test_without_a_link_it_goes_home_by_voice_at_once() -> None:
    answer = hand_back(A, HOME, Category.C1, home_is_linked=False)
    assert (answer.use_case, answer.by_voice, answer.within_s) == (None, True, 0)


def test_a_call_in_ones_own_area_goes_nowhere() -> None:
    answer = hand_back(HOME, HOME, Category.C1, home_is_linked=True)
    assert answer.use_case is None
    assert not answer.by_voice
