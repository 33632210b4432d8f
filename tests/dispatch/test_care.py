"""Redirection through the one core: holds, referrals, fail-safes, welfare and follow-up."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.admit_care import BarredError, ImpossibleStepError, NotTakenError
from dispatch.domain import event as ev
from dispatch.domain import event_care as care
from dispatch.domain.category import Category, Segment
from dispatch.domain.decision import Assign, StandDown
from dispatch.domain.decision_care import (
    FailSafeDispatch,
    FollowUpDue,
    HoldForClinician,
    KeepForAmbulance,
    OfferServices,
    Refer,
    WelfareCallDue,
)
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.patient import Patient
from dispatch.domain.redirection import Protocol, RedirectRules
from dispatch.domain.referral import ReferralStatus
from dispatch.domain.service import CapacityLevel, Slot
from dispatch.domain.service_type import Referrer
from dispatch.domain.unit import UnitStatus
from dispatch.domain.validation import ValidationResult, ValidationStatus
from dispatch.domain.welfare import WelfareResult
from dispatch.rejection import DuplicateIdError, RejectedEventError, UnknownIdError
from tests.dispatch.builders import MINUTE, NOON
from tests.dispatch.care_room import (
    ROAD,
    WELFARE,
    CareRoom,
    T,
    every,
    fallen,
    only,
    ranked,
)
from tests.dispatch.redirection_builders import a_patient

I1, R1 = IncidentId("I1"), ReferralId("R1")
PROTOCOL = Protocol(
    name="lift", types=(T.FALLS_RESPONSE_1,), complaints=("fall",), switched_on_by="Dr A"
)


def names(offers: OfferServices) -> list[str]:
    return [offer.service for offer in offers.answer.offers]


def records(room: CareRoom) -> list[tuple[str, Outcome]]:
    return [(record.incident, record.outcome) for record in room.state.closed]


def test_a_described_patient_is_offered_services_and_waits_on_for_an_ambulance() -> None:
    room = CareRoom()
    entry = room.fell()
    assert names(only(entry, OfferServices))[:2] == ["LIFT", "CLINIC"]
    hold = only(entry, HoldForClinician)
    assert hold.breach_at_ms == room.now_ms + 30 * MINUTE
    assert I1 in room.state.waiting
    # A unit that comes free takes the patient, hold or not.
    assert only(room.sign_on("A", 1), Assign).incident == I1


def test_a_confirmed_referral_takes_the_incident_out_of_the_queue() -> None:
    room = CareRoom()
    room.fell()
    room.sign_on("A", 30)
    room.refer()
    entry = room.tell(care.ReferralConfirmed(referral=R1, by="team"))
    assert only(entry, StandDown).unit == "A"
    assert not room.state.incidents
    assert not room.state.waiting
    assert records(room) == [("I1", Outcome.REFERRED)]
    assert only(entry, FollowUpDue).incident == I1
    assert I1 in room.state.care.follow_ups.rows
    room.tell(care.ReferralCompleted(referral=R1, by="team"))
    assert not room.state.care.follow_ups.rows
    assert not room.state.care.by_incident.rows
    assert [r.status for r in room.state.care.take_ended()] == [ReferralStatus.COMPLETED]


def test_a_silent_service_fails_safe_to_the_second() -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    due_ms = room.now_ms + 15 * MINUTE
    assert room.state.care.referrals.rows[R1].fail_safe_at_ms == due_ms
    room.wait(15 - 1 / 60_000)
    assert every(room.entries, FailSafeDispatch) == []
    entries = room.wait(1 / 60_000)
    fail_safe = only(entries, FailSafeDispatch)
    assert (fail_safe.referral, fail_safe.category) == (R1, Category.C3)
    assert entries[0].now_ms == due_ms
    with pytest.raises(UnknownIdError):
        room.tell(care.ReferralConfirmed(referral=R1, by="team"))
    assert I1 in room.state.waiting
    assert room.state.incidents[I1].clock_start_at_ms == NOON


def test_nobody_validates_and_the_breach_dispatches_to_the_second() -> None:
    room = CareRoom()
    room.report("I1", Category.C2, segment=Segment.C)
    hold = only(room.describe("I1", a_patient("wound")), HoldForClinician)
    assert hold.breach_at_ms == room.now_ms + 15 * MINUTE
    entries = room.wait(16)
    assert only(entries, FailSafeDispatch).incident == I1
    assert next(e for e in entries if every(e, FailSafeDispatch)).now_ms == hold.breach_at_ms
    assert room.state.care.care_of(I1).validation.status is ValidationStatus.FAILED_SAFE


def test_a_service_that_refuses_is_not_asked_again_and_the_next_is_offered() -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    refusal = care.ReferralRefused(referral=R1, code=22, by="team", reason="full")
    entry = room.tell(refusal)
    assert "LIFT" not in names(only(entry, OfferServices))
    assert I1 in room.state.waiting
    room.refer(service="CLINIC", referral="R2")
    room.tell(care.ReferralConfirmed(referral=ReferralId("R2"), by="team"))
    assert records(room) == [("I1", Outcome.REFERRED)]


@pytest.mark.parametrize(
    "event",
    [
        care.ReferralRefused(referral=R1, code=23, by="team"),
        care.ReferralReturned(referral=R1, by="team", reason="worse than was said"),
    ],
)
def test_a_patient_whom_a_service_gives_back_returns_with_the_old_clock(event: Any) -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    room.tell(care.ReferralConfirmed(referral=R1, by="team"))
    room.sign_on("A", 1)
    entry = room.tell(event, after_min=40)
    assert only(entry, FailSafeDispatch).category is Category.C3
    assert only(entry, Assign).incident == I1
    assert room.state.incidents[I1].clock_start_at_ms == NOON
    assert not room.state.care.follow_ups.rows
    room.status("A", UnitStatus.AT_SCENE, after_min=5)
    room.status("A", UnitStatus.AVAILABLE, after_min=20)
    assert records(room)[-1] == ("I1", Outcome.SEE_AND_TREAT)


def test_whoever_did_not_come_is_looked_for_and_a_day_later_all_is_forgotten() -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    room.tell(care.ReferralConfirmed(referral=R1, by="team"))
    entry = room.tell(care.ReferralNotAttended(referral=R1, by="team"), after_min=60)
    assert only(entry, FollowUpDue).due_at_ms == room.now_ms + 240 * MINUTE
    room.tell(care.FollowUpMade(incident=I1, by="desk"))
    assert not room.state.care.follow_ups.rows

    room.fell("I2")
    room.refer("I2", referral="R2")
    room.tell(care.ReferralConfirmed(referral=ReferralId("R2"), by="team"))
    room.wait(24 * 60)
    assert not room.state.care.referred.rows
    assert not room.state.care.referrals.rows
    assert not room.state.timers


def test_a_crew_asks_on_scene_refers_and_ends_the_incident_by_clearing() -> None:
    room = CareRoom()
    room.sign_on("A", 1)
    room.report("I1", Category.C3)
    room.status("A", UnitStatus.AT_SCENE, after_min=3)
    patient = a_patient("cellulitis", 60)
    entry = room.describe("I1", patient, asked_by=Referrer.CREW)
    assert "SDEC" in names(only(entry, OfferServices))
    assert every(entry, HoldForClinician) == []
    room.refer(service="SDEC", asked_by=Referrer.CREW)
    room.tell(care.ReferralConfirmed(referral=R1, by="ward"))
    assert room.state.units["A"].incident == I1
    entry = room.status("A", UnitStatus.AVAILABLE, after_min=9)
    assert records(room) == [("I1", Outcome.REFERRED)]
    assert every(entry, FollowUpDue)


def test_a_crew_that_conveys_after_all_withdraws_the_referral() -> None:
    room = CareRoom()
    room.sign_on("A", 1)
    room.report("I1", Category.C3)
    room.status("A", UnitStatus.AT_SCENE, after_min=3)
    room.describe("I1", a_patient("cellulitis", 60), asked_by=Referrer.CREW)
    room.refer(service="SDEC", asked_by=Referrer.CREW)
    room.status("A", UnitStatus.CONVEYING)
    room.status("A", UnitStatus.AT_HOSPITAL, after_min=10)
    room.status("A", UnitStatus.HANDED_OVER, after_min=1)
    room.status("A", UnitStatus.AVAILABLE, after_min=1)
    assert records(room) == [("I1", Outcome.CONVEYED_TO_ED)]
    assert [r.status for r in room.state.care.ended] == [ReferralStatus.WITHDRAWN]
    assert not room.state.care.untold.rows


def test_a_handlers_referral_ends_nothing_before_a_clinician_agrees() -> None:
    room = CareRoom()
    room.fell()
    room.refer(asked_by=Referrer.CALL_HANDLER)
    room.tell(care.ReferralConfirmed(referral=R1, by="team"))
    assert I1 in room.state.waiting
    room.tell(care.ValidationStarted(incident=I1, clinician="nurse"))
    room.tell(
        care.ClinicianReviewed(incident=I1, clinician="nurse", result=ValidationResult.REFERRED)
    )
    assert records(room) == [("I1", Outcome.REFERRED)]


def test_a_handlers_referral_that_no_clinician_sees_is_an_ambulance_at_the_breach() -> None:
    room = CareRoom()
    room.fell()
    room.refer(asked_by=Referrer.CALL_HANDLER)
    room.tell(care.ReferralConfirmed(referral=R1, by="team"))
    assert only(room.wait(30), FailSafeDispatch).incident == I1
    assert [r.status for r in room.state.care.ended] == [ReferralStatus.WITHDRAWN]


@pytest.mark.parametrize(
    ("result", "more"),
    [
        (ValidationResult.UPGRADED, {"new_category": Category.C1}),
        (ValidationResult.DOWNGRADED, {"new_category": Category.C4}),
        (ValidationResult.KEPT, {}),
        (ValidationResult.HEAR_AND_TREAT, {}),
    ],
)
def test_a_clinician_decides(result: ValidationResult, more: dict[str, Any]) -> None:
    room = CareRoom()
    room.fell()
    room.tell(care.ValidationAttempted(incident=I1, clinician="nurse"))
    room.tell(care.ValidationStarted(incident=I1, clinician="nurse"))
    room.tell(
        care.ClinicianReviewed(incident=I1, clinician="nurse", result=result, **more),
        after_min=5,
    )
    assert not [timer for timer in room.state.timers if timer.startswith("validation")]
    if result is ValidationResult.HEAR_AND_TREAT:
        assert records(room) == [("I1", Outcome.HEAR_AND_TREAT)]
        return
    incident = room.state.incidents[I1]
    assert incident.category == more.get("new_category", Category.C3)
    upgraded = result is ValidationResult.UPGRADED
    assert incident.clock_start_at_ms == (NOON + 5 * MINUTE if upgraded else NOON)


def test_a_protocol_refers_by_itself_and_may_close() -> None:
    room = CareRoom(ranked(RedirectRules(protocols=(PROTOCOL,))))
    entry = room.fell()
    referral = only(entry, Refer).referral
    assert (referral.service, referral.protocol) == ("LIFT", "lift")
    room.tell(care.ReferralConfirmed(referral=referral.id, by="team"))
    assert records(room) == [("I1", Outcome.REFERRED)]


def test_no_protocol_refers_whoever_calls_again_within_a_day() -> None:
    room = CareRoom(ranked(RedirectRules(protocols=(PROTOCOL,))))
    room.fell("I1", patient=fallen(pseudonym="p"))
    room.tell(ev.IncidentClosed(incident=I1, outcome=Outcome.CANCELLED))
    entry = room.fell("I2", patient=fallen(pseudonym="p"), minutes=5, after_min=60)
    assert every(entry, Refer) == []
    assert only(entry, HoldForClinician)
    assert room.state.care.care_of(IncidentId("I2")).patient.earlier_contacts_24h == 1
    room.tell(ev.IncidentClosed(incident=IncidentId("I2"), outcome=Outcome.CANCELLED))
    room.wait(25 * 60)
    assert only(room.fell("I3", patient=fallen(pseudonym="p")), Refer)


def test_a_red_flag_that_is_found_later_takes_everything_back() -> None:
    room = CareRoom(ranked(RedirectRules(protocols=(PROTOCOL,))))
    room.fell()
    entry = room.describe("I1", fallen(red_flags=("new_confusion",)))
    assert only(entry, KeepForAmbulance).answer.barriers[0].code == "new_confusion"
    assert [r.status for r in room.state.care.ended] == [ReferralStatus.WITHDRAWN]
    with pytest.raises(BarredError, match="newly confused"):
        room.refer(referral="R9")
    assert I1 in room.state.waiting


def test_an_upgrade_takes_everything_back() -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    room.tell(ev.IncidentRecoded(incident=I1, category=Category.C1, coded_at_ms=room.now_ms))
    assert [r.status for r in room.state.care.ended] == [ReferralStatus.WITHDRAWN]
    assert room.state.care.care_of(I1).validation.status is ValidationStatus.ENDED


def test_capacity_is_forgotten_at_its_reset() -> None:
    room = CareRoom()
    red = care.ServiceCapacityReported(service=ServiceId("LIFT"), level=CapacityLevel.RED, by="t")
    room.tell(red)
    assert "LIFT" not in names(only(room.fell(), OfferServices))
    asked = care.ServicesAsked(incident=I1, asked_by=Referrer.CALL_HANDLER, by="h")
    assert "LIFT" in names(only(room.tell(asked, after_min=240), OfferServices))


def test_the_baseline_redirects_nobody() -> None:
    room = CareRoom(ranked().__class__())
    entry = room.fell()
    assert only(entry, KeepForAmbulance).answer.barriers[0].code == "off"
    assert every(entry, HoldForClinician) == []


def test_a_slot_is_taken_by_a_booking_and_given_back_by_a_refusal() -> None:
    room = CareRoom()
    slots = tuple(
        Slot(
            id=f"S{n}",
            service=ServiceId("UTC"),
            starts_at_ms=NOON + n * 60 * MINUTE,
            ends_at_ms=NOON + (n + 1) * 60 * MINUTE,
        )
        for n in (1, 2)
    )
    room.tell(care.SlotsOffered(service=ServiceId("UTC"), slots=slots))
    room.report("I1", Category.C4)
    offers = only(room.describe("I1", a_patient("wound")), OfferServices).answer.offers
    utc = next(offer for offer in offers if offer.service == "UTC")
    assert utc.slot == slots[0]
    room.refer(service="UTC")
    room.tell(care.ReferralBooked(referral=R1, slot="S1", by="nurse"))
    assert [slot.free for slot in room.state.care.slots.rows[ServiceId("UTC")]] == [0, 1]
    room.tell(care.ReferralRefused(referral=R1, code=31, by="utc"))
    assert [slot.free for slot in room.state.care.slots.rows[ServiceId("UTC")]] == [1, 1]


def test_those_who_wait_are_rung_to_the_second() -> None:
    room = CareRoom(ranked(welfare=WELFARE))
    room.report("I1", Category.C3)
    room.report("I2", Category.C2, after_min=10)
    room.report("I0", Category.C1, after_min=1)
    entries = room.wait(120)
    calls = [(e.now_ms - NOON, d.incident) for e in entries for d in every(e, WelfareCallDue)]
    assert calls == [(40 * MINUTE, "I2"), (60 * MINUTE, "I1")]
    entry = room.tell(care.WelfareCalled(incident=I1, by="desk", result=WelfareResult.NO_ANSWER))
    assert room.state.timers["welfare"] == room.now_ms + 5 * MINUTE
    del entry
    worse = care.WelfareCalled(incident=I1, by="desk", result=WelfareResult.WORSE)
    assert only(room.tell(worse, after_min=5), HoldForClinician).incident == I1


def test_nobody_is_rung_with_whom_a_crew_is() -> None:
    room = CareRoom(ranked(welfare=WELFARE))
    room.sign_on("A", 1)
    room.report("I1", Category.C3)
    room.status("A", UnitStatus.AT_SCENE, after_min=3)
    assert every(room.wait(300), WelfareCallDue) == []


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (care.PatientDescribed(incident=IncidentId("?"), patient=fallen()), UnknownIdError),
        (care.ServicesLoaded(services=(ROAD[0], ROAD[0]), by="m"), DuplicateIdError),
        (care.ServicesLoaded(services=(), by=" "), ImpossibleStepError),
        (
            care.ServiceCapacityReported(service=ServiceId("?"), level=CapacityLevel.RED, by="m"),
            UnknownIdError,
        ),
        (care.ReferralConfirmed(referral=ReferralId("?"), by="t"), UnknownIdError),
        (care.ReferralRefused(referral=R1, code=1, by="t"), ImpossibleStepError),
        (care.ReferralCompleted(referral=R1, by="t"), ImpossibleStepError),
        (care.ReferralConfirmed(referral=R1, by=" "), ImpossibleStepError),
        (
            care.ClinicianReviewed(incident=I1, clinician="n", result=ValidationResult.KEPT),
            ImpossibleStepError,
        ),
        (care.ValidationStarted(incident=I1, clinician=" "), ImpossibleStepError),
        (care.FollowUpMade(incident=I1, by="d"), UnknownIdError),
        (
            care.ReferralOffered(
                referral=ReferralId("R2"),
                incident=I1,
                service=ServiceId("SDEC"),
                asked_by=Referrer.CALL_HANDLER,
                by="h",
            ),
            NotTakenError,
        ),
        (
            care.ReferralOffered(
                referral=ReferralId("R2"),
                incident=I1,
                service=ServiceId("CAS"),
                asked_by=Referrer.CALL_HANDLER,
                by="h",
            ),
            ImpossibleStepError,
        ),
        (care.ReferralBooked(referral=R1, slot="S", by="n"), None),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    event: Any, error: type[RejectedEventError] | None
) -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    if error is None:
        room.tell(event)
        return
    before = room.state.digest()
    with pytest.raises(error):
        room.tell(event)
    assert room.state.digest() == before


def test_recommending_services_changes_nothing() -> None:
    room = CareRoom(ranked(RedirectRules(protocols=(PROTOCOL,))))
    room.report("I1", Category.C3)
    before = room.state.digest()
    described = care.PatientDescribed(incident=I1, patient=fallen())
    decisions = room.dispatcher.recommend(described, room.now_ms)
    assert isinstance(decisions[0], OfferServices)
    assert room.state.digest() == before


def test_a_day_of_redirection_replays_to_the_same_picture() -> None:
    from dispatch.dispatcher import Dispatcher
    from dispatch.journal import entry_of, to_line
    from dispatch.policies.tables import POLICIES

    room = CareRoom(ranked(RedirectRules(protocols=(PROTOCOL,)), welfare=WELFARE))
    room.fell("I1")
    room.fell("I2", patient=fallen(pseudonym="x"))
    room.tell(care.ReferralConfirmed(referral=ReferralId("I1-P1"), by="team"))
    room.tell(care.ReferralReturned(referral=ReferralId("I1-P1"), by="team", reason="hurt"))
    room.wait(90)
    again, followed = Dispatcher(room.travel, POLICIES), Dispatcher(room.travel, POLICIES)
    for entry in room.entries:
        recorded = entry_of(to_line(entry))
        assert again.handle(recorded.event, recorded.now_ms) == entry
        followed.follow(recorded)
    assert again.state.digest() == followed.state.digest() == room.state.digest()


def test_a_patient_knows_nothing_of_who_they_are() -> None:
    assert "name" not in Patient.__struct_fields__
