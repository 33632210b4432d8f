"""Nothing is lost: every referred incident ends by a confirmation or is dispatched in time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch.domain.call import (
    Call,
    CallDisposition,
    CallOutcome,
    CallStatus,
    abandoned,
    answered,
    ended,
    outcome_of,
)
from dispatch.domain.category import Category
from dispatch.domain.ids import CallId, IncidentId, ReferralId, ServiceId, TrustCode
from dispatch.domain.incident import Outcome
from dispatch.domain.referral import (
    Consequence,
    Referral,
    ReferralOrderError,
    ReferralStatus,
    booked,
    confirmed,
    due_fail_safe,
    failed_safe,
    refused,
    withdrawn,
)

HOME = TrustCode("RYF")


def after_answer(referral: Referral, what: str, now_ms: int) -> Referral:
    """Return the referral after what a service says; too late or out of turn changes nothing."""
    try:
        if what == "confirm":
            return confirmed(referral, by="S", now_ms=now_ms)
        if what == "refuse":
            return refused(referral, 22, by="S", now_ms=now_ms)
        if what == "book":
            return booked(referral, "slot", by="N", now_ms=now_ms)
    except ReferralOrderError:
        return referral
    return referral


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3600),
            st.integers(1, 1800),
            st.sampled_from(["confirm", "refuse", "silence", "book"]),
            st.integers(0, 3600),
        ),
        max_size=25,
    )
)
def test_whatever_services_do_each_referral_is_confirmed_or_dispatched_in_time(
    stories: list[tuple[int, int, str, int]],
) -> None:
    """Replays answers and fail-safes second by second, in the order in which they come."""
    referrals: dict[str, Referral] = {}
    answers: list[tuple[int, str, str]] = []
    for number, (start_s, patience_s, answer, after_s) in enumerate(stories):
        name = f"R{number}"
        referrals[name] = Referral(
            id=ReferralId(name),
            incident=IncidentId(f"I{number}"),
            service=ServiceId("S"),
            category=Category.C4,
            offered_at_ms=start_s * 1000,
            fail_safe_at_ms=(start_s + patience_s) * 1000,
            by="Nurse",
        )
        answers.append((start_s + after_s, name, answer))
    dispatched_at_s: dict[str, int] = {}
    answers.sort()
    for now_s in range(0, 9000, 60):
        now_ms = now_s * 1000
        while answers and answers[0][0] <= now_s:
            _, name, what = answers.pop(0)
            referrals[name] = after_answer(referrals[name], what, now_ms)
        for due in due_fail_safe(referrals.values(), now_ms):
            referrals[due.id] = failed_safe(due, now_ms)
            dispatched_at_s[due.id] = now_s
    for name, referral in referrals.items():
        assert referral.consequence in (Consequence.ENDS, Consequence.DISPATCHES)
        if referral.status is ReferralStatus.FAILED_SAFE:
            assert 0 <= dispatched_at_s[name] * 1000 - referral.fail_safe_at_ms < 60_000
        else:
            assert referral.changed_at_ms <= referral.fail_safe_at_ms + 60_000


class CallsOfADay(RuleBasedStateMachine):
    """Calls come, are answered, abandoned and ended, incidents end: each call ends once."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.calls: dict[str, Call] = {}
        self.incidents: dict[IncidentId, Outcome | None] = {}
        self.counted: dict[str, CallOutcome] = {}

    @initialize()
    def begin(self) -> None:
        self.now_ms = 1

    @rule(later=st.integers(1, 100_000))
    def a_call_comes(self, later: int) -> None:
        self.now_ms += later
        name = f"C{len(self.calls)}"
        self.calls[name] = Call(id=CallId(name), trust=HOME, connected_at_ms=self.now_ms)

    def _first(self, status: CallStatus) -> str | None:
        return next((n for n, call in self.calls.items() if call.status is status), None)

    @rule()
    def one_is_answered(self) -> None:
        if name := self._first(CallStatus.WAITING):
            self.calls[name] = answered(self.calls[name], HOME, "H", self.now_ms)

    @rule()
    def one_hangs_up(self) -> None:
        if name := self._first(CallStatus.WAITING):
            self.calls[name] = abandoned(self.calls[name], self.now_ms)

    @rule(disposition=st.sampled_from(CallDisposition))
    def one_ends(self, disposition: CallDisposition) -> None:
        name = self._first(CallStatus.ANSWERED)
        if name is None:
            return
        incident: IncidentId | None = None
        if disposition is CallDisposition.NEW_INCIDENT:
            incident = IncidentId(f"I{len(self.incidents)}")
            self.incidents[incident] = None
        elif disposition is CallDisposition.SAME_INCIDENT:
            if not self.incidents:
                return
            incident = next(iter(self.incidents))
        self.calls[name] = ended(self.calls[name], disposition, self.now_ms, incident)

    @rule(outcome=st.sampled_from(Outcome))
    def an_incident_ends(self, outcome: Outcome) -> None:
        open_ones = [i for i, was in self.incidents.items() if was is None]
        if open_ones:
            self.incidents[open_ones[0]] = outcome

    @invariant()
    def every_outcome_is_one_and_stays(self) -> None:
        for name, call in self.calls.items():
            of_incident = None if call.incident is None else self.incidents[call.incident]
            outcome = outcome_of(call, of_incident)
            if name in self.counted:
                assert outcome is self.counted[name]
            elif outcome is not None:
                self.counted[name] = outcome
            is_open = call.status in (CallStatus.WAITING, CallStatus.OFFERED, CallStatus.ANSWERED)
            awaits = (
                call.disposition is CallDisposition.NEW_INCIDENT
                and of_incident is None
                and not is_open
            )
            assert (outcome is None) == (is_open or awaits)


TestCallsOfADay = CallsOfADay.TestCase


def test_a_withdrawn_referral_leaves_the_incident_to_its_own_way() -> None:
    referral = Referral(
        id=ReferralId("R"),
        incident=IncidentId("I"),
        service=ServiceId("S"),
        category=Category.C3,
        offered_at_ms=0,
        fail_safe_at_ms=1000,
        by="N",
    )
    gone = withdrawn(referral, by="N", now_ms=10, reason="a unit is on its way")
    assert due_fail_safe([gone], 10**9) == []
    assert gone.consequence is Consequence.NONE
