"""AM.01 and AM.10 through the running core: falls and mental health, from call to follow-up."""

from __future__ import annotations

from dispatch.domain import event_care as care
from dispatch.domain.category import Category, Segment
from dispatch.domain.decision_care import (
    FailSafeDispatch,
    FollowUpDue,
    HoldForClinician,
    KeepForAmbulance,
    OfferServices,
)
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.service import Slot
from dispatch.domain.service_type import Referrer
from dispatch.domain.unit import UnitStatus
from dispatch.domain.validation import ValidationResult
from tests.dispatch.builders import MINUTE, NOON
from tests.dispatch.care_room import CareRoom, every, fallen, only
from tests.dispatch.redirection_builders import a_patient

I1, R1 = IncidentId("I1"), ReferralId("R1")


def test_am_01_a_fall_is_lifted_by_a_falls_team_and_followed_up() -> None:
    room = CareRoom()
    entry = room.fell()
    assert only(entry, OfferServices).answer.offers[0].service == "LIFT"
    room.tell(care.ValidationStarted(incident=I1, clinician="nurse"))
    room.refer()
    room.tell(
        care.ClinicianReviewed(incident=I1, clinician="nurse", result=ValidationResult.REFERRED)
    )
    assert I1 in room.state.waiting
    entry = room.tell(care.ReferralConfirmed(referral=R1, by="falls team"))
    assert [r.outcome for r in room.state.closed] == [Outcome.REFERRED]
    assert only(entry, FollowUpDue).incident == I1
    room.tell(care.ReferralCompleted(referral=R1, by="falls team"))
    assert not room.state.care.follow_ups.rows


def test_am_01_a_fall_with_a_long_lie_is_an_ambulance() -> None:
    room = CareRoom()
    entry = room.fell(patient=fallen(lie_min=75.0))
    assert only(entry, KeepForAmbulance).answer.barriers[0].code == "long_lie"
    assert every(entry, HoldForClinician) == []


def test_am_01_a_mental_health_crisis_is_held_softly_and_taken_by_the_line() -> None:
    room = CareRoom()
    room.report("I1", Category.C2, segment=Segment.C)
    entry = room.describe("I1", a_patient("mental_health_crisis", 30))
    assert only(entry, OfferServices).answer.offers[0].service == "LINE"
    assert only(entry, HoldForClinician).breach_at_ms == NOON + 15 * MINUTE
    assert I1 in room.state.waiting
    room.refer(service="LINE")
    room.tell(care.ReferralConfirmed(referral=R1, by="line"), after_min=5)
    assert [r.outcome for r in room.state.closed] == [Outcome.REFERRED]


def test_am_01_a_crew_on_scene_asks_before_it_conveys_and_leaves_the_patient_with_the_car() -> None:
    room = CareRoom()
    room.sign_on("A", 1)
    room.report("I1", Category.C3)
    room.status("A", UnitStatus.AT_SCENE, after_min=3)
    patient = a_patient("suicidal_thoughts", 30)
    entry = room.describe("I1", patient, asked_by=Referrer.CREW)
    assert "CAR" in [offer.service for offer in only(entry, OfferServices).answer.offers]
    room.refer(service="CAR", asked_by=Referrer.CREW)
    room.tell(care.ReferralConfirmed(referral=R1, by="car"))
    room.status("A", UnitStatus.AVAILABLE, after_min=20)
    assert [r.outcome for r in room.state.closed] == [Outcome.REFERRED]


def test_am_01_silence_is_an_ambulance_at_the_second() -> None:
    room = CareRoom()
    room.fell()
    room.refer()
    (entry,) = [e for e in room.wait(30) if any(d.referral for d in every(e, FailSafeDispatch))]
    assert entry.now_ms == NOON + 15 * MINUTE


def test_am_10_a_slot_is_booked_for_a_redirected_patient() -> None:
    room = CareRoom()
    slot = Slot(
        id="S1",
        service=ServiceId("UTC"),
        starts_at_ms=NOON + 60 * MINUTE,
        ends_at_ms=NOON + 80 * MINUTE,
    )
    room.tell(care.SlotsOffered(service=ServiceId("UTC"), slots=(slot,)))
    room.report("I1", Category.C4)
    room.describe("I1", a_patient("wound"))
    room.refer(service="UTC")
    room.tell(care.ReferralBooked(referral=R1, slot="S1", by="nurse"))
    room.tell(care.ReferralConfirmed(referral=R1, by="utc"))
    assert [r.outcome for r in room.state.closed] == [Outcome.REFERRED]
    assert room.state.care.referrals.rows[R1].slot == "S1"
