"""What a run leaves behind of clinicians, referrals and telephone calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from dispatch.domain import event_care as care
from dispatch.domain.decision_care import (
    FailSafeDispatch,
    FollowUpDue,
    HoldForClinician,
    OfferServices,
    Refer,
    WelfareCallDue,
)
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.referral import RefusalReason
from dispatch.domain.service_type import ServiceType
from dispatch.domain.validation import ValidationResult
from dispatch.journal import Entry


class Review(NamedTuple):
    """A clinician's decision about an incident: since when it was held, and when it was made."""

    incident: IncidentId
    since_ms: int
    done_ms: int
    result: ValidationResult


class CareLedger:
    """Sees every entry of a run and counts what became of patients who might be redirected.

    ``count`` has the words of `COUNTED`; ``refusals`` counts services' refusals by code,
    ``confirmed`` confirmed referrals by type of service, ``steps`` every step of referrals
    (`STEPS`) by type of service.
    """

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.refusals: Counter[int] = Counter()
        self.confirmed: Counter[str] = Counter()
        self.steps: dict[str, Counter[str]] = {}
        self.reviews: list[Review] = []
        self._held: dict[IncidentId, int] = {}
        self._type: dict[ServiceId, ServiceType] = {}
        self._service: dict[ReferralId, ServiceId] = {}
        self._see: Final[dict[type, Callable[[Any, int], None]]] = {
            care.ServicesLoaded: self._loaded,
            care.ReferralOffered: self._referred,
            care.ReferralConfirmed: self._taken,
            care.ReferralRefused: self._refused,
            care.ReferralWithdrawn: self._withdrawn,
            care.ReferralReturned: self._returned,
            care.ReferralCompleted: self._completed,
            care.ReferralNotAttended: self._missed,
            care.ClinicianReviewed: self._reviewed,
            HoldForClinician: self._hold,
            Refer: self._protocol,
        }

    def see(self, entry: Entry) -> None:
        """Take in one entry."""
        kind = type(entry.event)
        word = COUNTED.get(kind)
        if word is not None:
            self.count[word] += 1
            step = self._see.get(kind)
            if step is not None:
                step(entry.event, entry.now_ms)
        for decision in entry.decisions:
            word = COUNTED.get(type(decision))
            if word is not None:
                self.count[word] += 1
                step = self._see.get(type(decision))
                if step is not None:
                    step(decision, entry.now_ms)

    def _loaded(self, event: care.ServicesLoaded, _now_ms: int) -> None:
        self._type = {service.id: service.type for service in event.services}

    def _referred(self, event: care.ReferralOffered, _now_ms: int) -> None:
        self._service[event.referral] = event.service
        self._step(event.referral, "referred")

    def _protocol(self, decision: Refer, _now_ms: int) -> None:
        self._service[decision.referral.id] = decision.service
        self._step(decision.referral.id, "referred")

    def _taken(self, event: care.ReferralConfirmed, _now_ms: int) -> None:
        self.confirmed[self._step(event.referral, "confirmed")] += 1

    def _refused(self, event: care.ReferralRefused, _now_ms: int) -> None:
        self.refusals[int(RefusalReason(event.code))] += 1
        self._step(event.referral, "refused")

    def _withdrawn(self, event: care.ReferralWithdrawn, _now_ms: int) -> None:
        self._step(event.referral, "withdrawn")

    def _returned(self, event: care.ReferralReturned, _now_ms: int) -> None:
        self._step(event.referral, "returned")

    def _completed(self, event: care.ReferralCompleted, _now_ms: int) -> None:
        self._step(event.referral, "completed")

    def _missed(self, event: care.ReferralNotAttended, _now_ms: int) -> None:
        self._step(event.referral, "not_attended")

    def _step(self, referral: ReferralId, word: str) -> str:
        """Count a step of a referral; return the type of the service that it was made to."""
        kind = self._type.get(self._service.get(referral, ServiceId("")))
        name = "unknown" if kind is None else kind.value
        self.steps.setdefault(name, Counter())[word] += 1
        return name

    def _hold(self, decision: HoldForClinician, now_ms: int) -> None:
        self._held[decision.incident] = now_ms

    def _reviewed(self, event: care.ClinicianReviewed, now_ms: int) -> None:
        since_ms = self._held.pop(event.incident, now_ms)
        self.reviews.append(Review(event.incident, since_ms, now_ms, event.result))


STEPS: Final = (
    *("referred", "confirmed", "completed", "returned", "not_attended", "refused", "withdrawn"),
)
"""What happens to referrals, in the order in which it is told."""

COUNTED: Final[dict[type, str]] = {
    care.ServicesLoaded: "directories_loaded",
    care.PatientDescribed: "patients_described",
    care.ServiceCapacityReported: "capacity_reports",
    care.ReferralOffered: "referrals_by_persons",
    care.ReferralConfirmed: "referrals_confirmed",
    care.ReferralRefused: "referrals_refused",
    care.ReferralWithdrawn: "referrals_withdrawn",
    care.ReferralReturned: "referrals_returned",
    care.ReferralCompleted: "referrals_completed",
    care.ReferralNotAttended: "referrals_not_attended",
    care.ValidationAttempted: "clinicians_calls_unanswered",
    care.ClinicianReviewed: "reviews",
    care.WelfareCalled: "welfare_calls",
    care.FollowUpMade: "follow_ups_made",
    OfferServices: "offers",
    HoldForClinician: "held_for_clinician",
    Refer: "referrals_by_protocol",
    FailSafeDispatch: "fail_safe",
    WelfareCallDue: "welfare_calls_due",
    FollowUpDue: "follow_ups_due",
}
"""What is counted, by event or decision."""
