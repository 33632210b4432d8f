"""Call answering through the one core."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.admit_care import ImpossibleStepError
from dispatch.domain import event_call as call
from dispatch.domain.call import CallDisposition, CallStatus, answer_times, outcome_of
from dispatch.domain.call_rules import BuddyRules, CallSettings, Likelihood
from dispatch.domain.category import Category
from dispatch.domain.decision import StandDown
from dispatch.domain.decision_call import HandBack, OfferCall, ProposeSameIncident, RingHomeTrust
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.domain.incident import Outcome
from dispatch.domain.settings import Settings
from dispatch.rejection import DuplicateIdError, RejectedEventError, UnknownIdError
from tests.dispatch.builders import MINUTE, NOON, TRUST, at
from tests.dispatch.care_room import CareRoom, every, only

OTHER, THIRD = TrustCode("RYF"), TrustCode("RRU")
C1, I1 = CallId("C1"), IncidentId("I1")
BUDDIES = Settings(
    calls=CallSettings(buddies={TRUST: (BuddyRules(order=(OTHER, THIRD), predicted_after_s=9000),)})
)


class Switchboard(CareRoom):
    """A control room with call handlers at three trusts."""

    def __init__(self, settings: Settings = BUDDIES, **handlers: int) -> None:
        super().__init__(settings)
        for trust in (TRUST, OTHER, THIRD):
            self.tell(call.HandlersOnDuty(trust=trust, handlers=handlers.get(trust, 5)))

    def rings(self, name: str = "C1", **more: Any) -> Any:
        return self.tell(call.CallPresented(call=CallId(name), trust=TRUST, **more))

    def answers(self, name: str = "C1", by: TrustCode = TRUST) -> Any:
        return self.tell(call.CallAnswered(call=CallId(name), by=by, handler="H"))

    def ends(self, name: str = "C1", what: str = "no_incident", incident: Any = None) -> Any:
        return self.tell(
            call.CallEnded(call=CallId(name), disposition=CallDisposition(what), incident=incident)
        )


def test_a_call_is_answered_and_ends_as_the_incident_that_it_opened() -> None:
    room = Switchboard()
    room.rings(caller="line")
    room.now_ms += 4_000
    room.answers()
    room.report("I1")
    room.tell(call.CallDescribed(call=C1, incident=I1, complaint="fall", at=at(1)))
    assert room.state.calls.about.rows[I1].lines == ("line",)
    room.ends(what="new_incident", incident=I1)
    (ended,) = room.state.calls.take_ended()
    assert answer_times([ended]).mean_s == 4
    assert outcome_of(ended, Outcome.SEE_AND_TREAT) is not None
    assert not room.state.calls.calls.rows


def test_an_unanswered_call_is_offered_to_the_second_and_stays_at_home_too() -> None:
    room = Switchboard(R1F=0)
    room = Switchboard(
        Settings(calls=CallSettings(buddies={TRUST: (BuddyRules(order=(OTHER, THIRD)),)})), R1F=1
    )
    room.rings("C0")
    room.answers("C0")
    room.tell(call.HandlersOnDuty(trust=TRUST, handlers=1, handle_s=100.0))
    entry = room.rings()
    assert every(entry, OfferCall) == []
    entries = room.wait(5)
    offer = only(entries, OfferCall)
    assert (offer.trust, offer.until_ms) == (OTHER, NOON + 6 * MINUTE)
    assert next(e for e in entries if every(e, OfferCall)).now_ms == NOON + 5 * MINUTE
    with pytest.raises(ImpossibleStepError):
        room.answers(by=THIRD)
    room.answers(by=OTHER)
    assert room.state.calls.calls.rows[C1].call.answered_by == OTHER
    assert "call:C1" not in room.state.timers


def test_an_offer_that_nobody_answers_is_withdrawn_and_made_anew() -> None:
    room = Switchboard(BUDDIES, R1F=1)
    room.rings("C0")
    room.answers("C0")
    room.rings()
    only(room.wait(5), OfferCall)
    room.tell(call.HandlersOnDuty(trust=OTHER, handlers=0))
    offer = only(room.wait(1), OfferCall)
    assert offer.trust == THIRD
    assert offer.refused[0].trust == OTHER


def test_whoever_hangs_up_is_abandoned_and_nothing_else() -> None:
    room = Switchboard()
    room.rings()
    room.tell(call.CallAbandoned(call=C1))
    assert [c.status for c in room.state.calls.ended] == [CallStatus.ABANDONED]
    with pytest.raises(UnknownIdError):
        room.answers()
    assert every(room.wait(60), OfferCall) == []


def test_an_incident_answered_elsewhere_goes_home_and_a_person_rings_if_nobody_takes_it() -> None:
    room = Switchboard(BUDDIES, R1F=1)
    room.rings("C0")
    room.answers("C0")
    room.rings()
    room.wait(5)
    room.answers(by=OTHER)
    room.report("I1", Category.C1)
    entry = room.tell(call.CallDescribed(call=C1, incident=I1))
    back = only(entry, HandBack)
    assert (back.trust, back.use_case, back.due_at_ms) == (TRUST, "a6t1", room.now_ms + 30_000)
    with pytest.raises(ImpossibleStepError):
        room.tell(call.CallHandedBack(incident=I1, by=THIRD))
    assert only(room.wait(0.5), RingHomeTrust).incident == I1
    room.tell(call.CallHandedBack(incident=I1, by=TRUST))
    assert not room.state.calls.hand_backs.rows
    assert every(room.ends(what="new_incident", incident=I1), HandBack)


def test_a_second_caller_is_proposed_and_never_merged_silently() -> None:
    room = Switchboard()
    room.rings(caller="line")
    room.answers()
    room.report("I1")
    room.ends(what="new_incident", incident=I1)
    entry = room.rings("C2", caller="line")
    proposal = only(entry, ProposeSameIncident).proposals[0]
    assert (proposal.incident, proposal.likelihood) == ("I1", Likelihood.SAME_CALLER)
    room.rings("C3", at=at(0.5))
    assert every(room.rings("C4", at=at(50)), ProposeSameIncident) == []
    room.answers("C2")
    room.ends("C2", "same_incident", I1)
    assert list(room.state.incidents) == ["I1"]


@pytest.mark.parametrize(
    ("first", "second", "category"),
    [
        (Category.C3, Category.C1, Category.C1),
        (Category.C1, Category.C3, Category.C1),
        (Category.C2, Category.C2, Category.C2),
    ],
)
def test_a_duplicate_ends_and_the_priority_is_never_lower(
    first: Category, second: Category, category: Category
) -> None:
    room = Switchboard()
    room.report("I1", first)
    room.sign_on("A", 50)
    room.report("I2", second, after_min=1)
    room.sign_on("B", 40)
    entry = room.tell(
        call.IncidentsMatched(incident=IncidentId("I2"), into=I1, by="handler"), after_min=1
    )
    assert [(r.incident, r.outcome) for r in room.state.closed] == [("I2", Outcome.DUPLICATE)]
    assert room.state.incidents[I1].category is category
    assert len(every(entry, StandDown)) == 1
    if first is Category.C3:
        assert room.state.incidents[I1].clock_start_at_ms == NOON + MINUTE


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (call.CallPresented(call=C1, trust=TRUST), DuplicateIdError),
        (call.CallAnswered(call=CallId("?"), by=TRUST, handler="H"), UnknownIdError),
        (call.CallDescribed(call=C1), ImpossibleStepError),
        (call.CallEnded(call=C1, disposition=CallDisposition.NO_INCIDENT), ImpossibleStepError),
        (
            call.CallEnded(
                call=C1, disposition=CallDisposition.NEW_INCIDENT, incident=IncidentId("?")
            ),
            UnknownIdError,
        ),
        (call.HandlersOnDuty(trust=TRUST, handlers=-1), ImpossibleStepError),
        (call.HandlersOnDuty(trust=TRUST, handlers=1, handle_s=0.0), ImpossibleStepError),
        (call.IncidentsMatched(incident=I1, into=I1, by="h"), ImpossibleStepError),
        (call.CallHandedBack(incident=I1, by=TRUST), UnknownIdError),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    event: Any, error: type[RejectedEventError]
) -> None:
    room = Switchboard()
    room.rings()
    room.report("I1")
    before = room.state.digest()
    with pytest.raises(error):
        room.tell(event)
    assert room.state.digest() == before
