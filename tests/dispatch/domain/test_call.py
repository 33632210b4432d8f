from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.call import (
    Call,
    CallDisposition,
    CallOrderError,
    CallOutcome,
    CallStatus,
    CallStep,
    abandoned,
    answer_times,
    answered,
    call_queue,
    ended,
    offered,
    outcome_of,
    withdrawn,
)
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.domain.incident import Outcome

YAS, LAS = TrustCode("RX8"), TrustCode("RRU")
INCIDENT = IncidentId("I1")


def a_call(
    name: str = "C1", connected_at_ms: int = 0, trust: TrustCode = YAS, **changes: Any
) -> Call:
    return Call(id=CallId(name), trust=trust, connected_at_ms=connected_at_ms, **changes)


def test_a_call_is_answered_after_t1_minus_t0() -> None:
    call = answered(a_call(connected_at_ms=1000), YAS, "H1", 4500)
    assert call.answer_s == 3.5
    assert call.status is CallStatus.ANSWERED
    assert ended(call, CallDisposition.NEW_INCIDENT, 9000, INCIDENT).incident == INCIDENT


def test_an_offered_call_may_be_answered_by_either_trust() -> None:
    call = offered(a_call(), LAS, 5000)
    assert answered(call, LAS, "H", 6000).answered_by == LAS
    assert answered(call, YAS, "H", 6000).answered_by == YAS
    assert withdrawn(call, 6000).offered_to is None
    with pytest.raises(CallOrderError, match="answered by RX8, was RRU"):
        answered(withdrawn(call, 6000), LAS, "H", 7000)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: answered(abandoned(a_call(), 10), YAS, "H", 20),
        lambda: answered(answered(a_call(), YAS, "H", 10), YAS, "H", 20),
        lambda: abandoned(answered(a_call(), YAS, "H", 10), 20),
        lambda: ended(a_call(), CallDisposition.NO_INCIDENT, 10),
        lambda: answered(a_call(connected_at_ms=100), YAS, "H", 99),
        lambda: offered(a_call(), YAS, 10),
        lambda: ended(answered(a_call(), YAS, "H", 10), CallDisposition.NEW_INCIDENT, 20),
        lambda: ended(answered(a_call(), YAS, "H", 10), CallDisposition.NO_INCIDENT, 20, INCIDENT),
        lambda: withdrawn(a_call(), 10),
    ],
)
def test_what_cannot_have_happened_is_refused(wrong: Any) -> None:
    with pytest.raises(CallOrderError):
        wrong()


def test_the_queue_is_longest_waiting_first_with_offered_calls() -> None:
    mine, newer = a_call("B", 100), a_call("A", 200)
    theirs = offered(a_call("C", 50, LAS), YAS, 60)
    done = answered(a_call("D", 10), YAS, "H", 20)
    assert [c.id for c in call_queue([newer, mine, theirs, done], YAS)] == ["C", "B", "A"]
    assert [c.id for c in call_queue([newer, mine, theirs, done], LAS)] == ["C"]


def test_answer_times_are_nearest_rank() -> None:
    calls = [answered(a_call(f"C{i}"), YAS, "H", i * 1000) for i in range(1, 101)]
    calls += [abandoned(a_call("X"), 5), a_call("Y"), answered(a_call("Z", trust=LAS), LAS, "H", 1)]
    times = answer_times(calls, YAS)
    assert (times.answered, times.abandoned, times.elsewhere) == (100, 1, 0)
    assert (times.mean_s, times.median_s, times.p90_s) == (50.5, 50.0, 90.0)
    assert (times.p95_s, times.p99_s, times.longest_s) == (95.0, 99.0, 100.0)
    assert answer_times([a_call()]).mean_s is None


def test_calls_answered_elsewhere_are_counted() -> None:
    call = answered(offered(a_call(), LAS, 5), LAS, "H", 6)
    assert answer_times([call]).elsewhere == 1


def test_every_incident_outcome_is_an_outcome_of_its_call() -> None:
    call = ended(answered(a_call(), YAS, "H", 1), CallDisposition.NEW_INCIDENT, 2, INCIDENT)
    assert outcome_of(call, None) is None
    found = {outcome_of(call, outcome) for outcome in Outcome}
    assert outcome_of(call, Outcome.DUPLICATE) is CallOutcome.SAME_INCIDENT
    assert None not in found
    assert len(found) == len(Outcome)


@given(
    steps=st.lists(st.sampled_from(CallStep), max_size=8),
    disposition=st.sampled_from(CallDisposition),
    outcome=st.sampled_from(Outcome),
)
def test_every_finished_call_has_exactly_one_outcome_and_no_other_has(
    steps: list[CallStep], disposition: CallDisposition, outcome: Outcome
) -> None:
    call, now = a_call(), 0
    about = disposition in (CallDisposition.NEW_INCIDENT, CallDisposition.SAME_INCIDENT)
    for step in steps:
        now += 10
        before = call
        try:
            call = {
                CallStep.OFFER: lambda c=call, n=now: offered(c, LAS, n),
                CallStep.WITHDRAW: lambda c=call, n=now: withdrawn(c, n),
                CallStep.ANSWER: lambda c=call, n=now: answered(c, YAS, "H", n),
                CallStep.ABANDON: lambda c=call, n=now: abandoned(c, n),
                CallStep.END: lambda c=call, n=now: ended(
                    c, disposition, n, INCIDENT if about else None
                ),
            }[step]()
        except CallOrderError:
            assert call == before
    finished = call.status in (CallStatus.ENDED, CallStatus.ABANDONED)
    assert (outcome_of(call, outcome) is not None) == finished
