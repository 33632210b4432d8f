"""AM.05: the call queue, answer times, repeat and duplicate callers, and other trusts' help."""

from __future__ import annotations

from dispatch.domain.call import Call, answer_times, answered, call_queue, offered
from dispatch.domain.category import Category
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.domain.recontact import Contact, Likeness, earlier_contacts
from dispatch.policies.answer_buddy import BuddyRules, CallRoom, hand_back, offer_to_buddy
from dispatch.policies.answer_erlang import AnswerTarget, CallLoad, forecast, handlers_needed
from dispatch.policies.match_calls import (
    KnownIncident,
    Likelihood,
    NewReport,
    category_after_repeat,
    match_calls,
)
from maps.geo import LonLat

HOME, BUDDY = TrustCode("RX8"), TrustCode("RYD")
HERE = LonLat(-1.55, 53.8)


def test_am_05_an_unanswered_call_is_taken_by_a_buddy_and_handed_home() -> None:
    call = Call(id=CallId("C"), trust=HOME, connected_at_ms=0)
    rooms = {
        HOME: CallRoom(trust=HOME, handlers=40, busy=40, waiting=12),
        BUDDY: CallRoom(trust=BUDDY, handlers=50, busy=31, waiting=0),
    }
    rules = BuddyRules(order=(BUDDY,))
    assert offer_to_buddy(120, 0, HOME, rooms, rules).to is None
    offer = offer_to_buddy(300, 0, HOME, rooms, rules)
    assert offer.to == BUDDY
    call = offered(call, BUDDY, 300_000)
    assert call_queue([call], BUDDY) == [call]
    call = answered(call, BUDDY, "Handler 9", 304_000)
    assert answer_times([call], HOME).mean_s == 304.0
    assert answer_times([call], HOME).elsewhere == 1
    plan = hand_back(BUDDY, HOME, Category.C1, home_is_linked=True)
    assert (plan.triage_by, plan.dispatch_by, plan.use_case) == (BUDDY, HOME, "a6t1")


def test_am_05_a_second_caller_is_proposed_and_never_lowers_a_priority() -> None:
    known = KnownIncident(
        incident=IncidentId("I1"), at=HERE, reported_at_ms=0, complaint="road_traffic_collision"
    )
    report = NewReport(
        at_ms=120_000, at=LonLat(-1.5495, 53.8), complaint="road_traffic_collision", line="L2"
    )
    (match,) = match_calls(report, [known])
    assert match.likelihood is Likelihood.LIKELY
    assert category_after_repeat(Category.C2, Category.C3) is Category.C2
    assert category_after_repeat(Category.C2, Category.C1) is Category.C1


def test_am_05_a_repeat_caller_is_recognised_for_a_day() -> None:
    first = Contact(call=CallId("C1"), at_ms=0, patient="P1")
    again = Contact(call=CallId("C2"), at_ms=20 * 3_600_000, patient="P1")
    (link,) = earlier_contacts(again, [first])
    assert (link.call, link.likeness) == ("C1", Likeness.SAME_PATIENT)


def test_am_05_handlers_are_planned_for_the_target() -> None:
    """London's peak: 4,514 calls a day, 1.47 times the mean hour, about 6 minutes each."""
    load = CallLoad(calls_per_h=4514 / 24 * 1.47, handle_s=360, patience_s=120)
    target = AnswerTarget(mean_s=10, share=0.95, within_s=5)
    needed = handlers_needed(load, target)
    enough = forecast(load, needed, target)
    assert enough.mean_s <= 10
    assert enough.within_target >= 0.95
    assert forecast(load, needed - 1, target).within_target < 0.95
