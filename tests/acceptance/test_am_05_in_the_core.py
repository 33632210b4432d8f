"""AM.05 through the running core: the call queue, answer times, repeat and duplicate callers."""

from __future__ import annotations

from dispatch.domain import event_call as call
from dispatch.domain.call import CallOutcome, answer_times, call_queue, outcome_of
from dispatch.domain.call_rules import BuddyRules, CallSettings, Likelihood
from dispatch.domain.category import Category
from dispatch.domain.decision_call import HandBack, OfferCall, ProposeSameIncident, RingHomeTrust
from dispatch.domain.decision_care import OfferServices
from dispatch.domain.event import IncidentClosed
from dispatch.domain.ids import CallId, IncidentId
from dispatch.domain.incident import Outcome
from dispatch.domain.settings import Settings
from tests.dispatch.builders import MINUTE, NOON, TRUST, at
from tests.dispatch.care_room import CareRoom, fallen, only
from tests.dispatch.redirection_builders import a_patient
from tests.dispatch.test_calls import C1, I1, OTHER, THIRD, Switchboard

SECOND = 1_000


def test_am_05_the_queue_is_answered_longest_wait_first_and_times_are_kept() -> None:
    room = Switchboard(R1F=1)
    for number in (1, 2, 3):
        room.rings(f"C{number}")
        room.now_ms += 10 * SECOND
    calls = [row.call for row in room.state.calls.calls.rows.values()]
    assert [c.id for c in call_queue(calls, TRUST)] == ["C1", "C2", "C3"]
    for number in (1, 2, 3):
        room.answers(f"C{number}")
        room.now_ms += 30 * SECOND
        room.ends(f"C{number}")
    times = answer_times(room.state.calls.take_ended(), TRUST)
    assert (times.answered, times.abandoned) == (3, 0)
    assert (times.mean_s, times.median_s, times.longest_s) == (50.0, 50.0, 70.0)
    assert (times.p90_s, times.p95_s, times.p99_s) == (70.0, 70.0, 70.0)


def test_am_05_every_call_ends_in_exactly_one_outcome() -> None:
    room = Switchboard()
    for number in range(1, 6):
        room.rings(f"C{number}")
    room.tell(call.CallAbandoned(call=CallId("C1")))
    for number in range(2, 6):
        room.answers(f"C{number}")
    room.report("I1", Category.C3)
    room.tell(call.CallDescribed(call=CallId("C2"), incident=I1))
    room.ends("C2", "new_incident", I1)
    room.ends("C3", "same_incident", I1)
    room.ends("C4", "no_incident")
    room.ends("C5", "handed_to_home_trust")
    ended = room.state.calls.take_ended()
    outcomes = {c.id: outcome_of(c, Outcome.CONVEYED_TO_ED) for c in ended}
    assert outcomes == {
        "C1": CallOutcome.ABANDONED,
        "C2": CallOutcome.CONVEYED_TO_ED,
        "C3": CallOutcome.SAME_INCIDENT,
        "C4": CallOutcome.NO_INCIDENT,
        "C5": CallOutcome.HANDED_TO_HOME_TRUST,
    }
    assert not room.state.calls.calls.rows


def test_am_05_a_buddy_answers_and_the_home_trust_is_told_and_rung() -> None:
    rules = BuddyRules(order=(OTHER, THIRD), after_s=60, predicted_after_s=60)
    room = Switchboard(Settings(calls=CallSettings(buddies={TRUST: (rules,)})), R1F=0)
    entry = room.rings()
    offer = only(entry, OfferCall)
    assert offer.trust == OTHER
    room.now_ms += 5 * SECOND
    room.answers(by=OTHER)
    room.report("I1", Category.C1)
    entry = room.tell(call.CallDescribed(call=C1, incident=I1))
    told = only(entry, HandBack)
    assert (told.trust, told.answered_by, told.use_case) == (TRUST, OTHER, "a6t1")
    assert told.due_at_ms == NOON + 35 * SECOND
    entries = room.wait(1)
    assert only(entries, RingHomeTrust).trust == TRUST
    room.tell(call.CallHandedBack(incident=I1, by=TRUST))
    room.ends(what="new_incident", incident=I1)
    (ended,) = room.state.calls.take_ended()
    assert answer_times([ended], TRUST).elsewhere == 1


def test_am_05_a_second_caller_is_proposed_to_a_person_and_never_merged_silently() -> None:
    room = Switchboard()
    room.rings("C1", caller="first")
    room.answers("C1")
    room.report("I1", Category.C3, minutes=5)
    room.tell(call.CallDescribed(call=C1, incident=I1, at=at(5), complaint="fall"))
    room.rings("C2", caller="second")
    room.answers("C2")
    entry = room.tell(call.CallDescribed(call=CallId("C2"), at=at(5.0005), complaint="fall"))
    (proposal,) = only(entry, ProposeSameIncident).proposals
    assert (proposal.incident, proposal.likelihood) == ("I1", Likelihood.LIKELY)
    assert set(room.state.incidents) == {"I1"}
    room.report("I2", Category.C2, minutes=5)
    room.tell(call.IncidentsMatched(incident=IncidentId("I2"), into=I1, by="handler"))
    assert room.state.incidents[I1].category is Category.C2
    assert [r.outcome for r in room.state.closed] == [Outcome.DUPLICATE]


def test_am_05_a_repeat_caller_is_flagged_and_no_protocol_closes() -> None:
    room = CareRoom()
    room.fell("I1", patient=fallen(pseudonym="P1"))
    room.now_ms += 23 * 60 * MINUTE
    entry = room.fell("I2", patient=a_patient("fall", 80, pseudonym="P1", lie_min=5.0))
    patient = room.state.care.care_of(IncidentId("I2")).patient
    assert patient is not None
    assert patient.earlier_contacts_24h == 1
    offers = only(entry, OfferServices).answer
    assert all(offer.protocol is None for offer in offers.offers)
    assert any("contact 2 within 24 h" in caution for caution in offers.cautions)


def test_am_05_a_call_ends_after_the_incident_that_it_opened() -> None:
    """A caller may hang up when the incident is over already: advice given, or cancelled."""
    room = Switchboard()
    room.rings()
    room.answers()
    room.report("I1", Category.C5)
    room.tell(call.CallDescribed(call=C1, incident=I1))
    room.tell(IncidentClosed(incident=I1, outcome=Outcome.HEAR_AND_TREAT))
    room.ends(what="new_incident", incident=I1)
    (ended,) = room.state.calls.take_ended()
    assert outcome_of(ended, Outcome.HEAR_AND_TREAT) is CallOutcome.HEAR_AND_TREAT
    assert not room.state.calls.about.rows
