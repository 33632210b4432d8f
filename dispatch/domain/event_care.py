"""Facts about patients, services, referrals and clinicians that reach the core."""

from __future__ import annotations

from dispatch.domain.category import Category, Segment
from dispatch.domain.event_base import EventBase
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.patient import Patient
from dispatch.domain.service import CapacityLevel, Service, Slot
from dispatch.domain.service_type import Referrer
from dispatch.domain.validation import ValidationResult
from dispatch.domain.welfare import WelfareResult


class PatientDescribed(EventBase, frozen=True, kw_only=True):
    """What is known of an incident's patient became known, or changed.

    ``line`` is a pseudonym of the telephone line; with it, the patient's own pseudonym, and the
    place, contacts of the last 24 hours are found. ``asked_by`` is who describes, and so who asks
    for services: a crew on scene is a clinician.
    """

    incident: IncidentId
    patient: Patient
    asked_by: Referrer = Referrer.CALL_HANDLER
    line: str | None = None


class ServicesAsked(EventBase, frozen=True, kw_only=True):
    """Somebody asks again which services could take the patient: a crew before it conveys."""

    incident: IncidentId
    asked_by: Referrer
    by: str


class ServicesLoaded(EventBase, frozen=True, kw_only=True):
    """A person put another directory of services into force; it replaces the one before."""

    services: tuple[Service, ...]
    by: str
    source: str = ""
    rejects: int = 0
    """Entries of the source that could not be taken."""


class ServiceCapacityReported(EventBase, frozen=True, kw_only=True):
    """A service said how much room it has; amber and red are forgotten at their reset."""

    service: ServiceId
    level: CapacityLevel
    by: str
    reason: str = ""


class SlotsOffered(EventBase, frozen=True, kw_only=True):
    """A service said which times may be booked; they replace those it offered before."""

    service: ServiceId
    slots: tuple[Slot, ...]


class ReferralOffered(EventBase, frozen=True, kw_only=True):
    """A person offers a patient to a service; ``asked_by`` is what that person is."""

    referral: ReferralId
    incident: IncidentId
    service: ServiceId
    asked_by: Referrer
    by: str


class ReferralBooked(EventBase, frozen=True, kw_only=True):
    """A slot of the service was booked for a referral; its answer is still awaited."""

    referral: ReferralId
    slot: str
    by: str


class ReferralConfirmed(EventBase, frozen=True, kw_only=True):
    """The service takes the patient."""

    referral: ReferralId
    by: str


class ReferralRefused(EventBase, frozen=True, kw_only=True):
    """The service does not take the patient; ``code`` is one of the directory's (21 to 99)."""

    referral: ReferralId
    code: int
    by: str
    reason: str = ""


class ReferralWithdrawn(EventBase, frozen=True, kw_only=True):
    """A person took a referral back; the incident goes its own way."""

    referral: ReferralId
    by: str
    reason: str


class ReferralCompleted(EventBase, frozen=True, kw_only=True):
    """The service has seen or spoken to the patient."""

    referral: ReferralId
    by: str


class ReferralReturned(EventBase, frozen=True, kw_only=True):
    """The service, having taken the patient, asks for an ambulance after all."""

    referral: ReferralId
    by: str
    reason: str


class ReferralNotAttended(EventBase, frozen=True, kw_only=True):
    """The patient did not come to the service, or was not found by it."""

    referral: ReferralId
    by: str


class ValidationStarted(EventBase, frozen=True, kw_only=True):
    """A clinician has begun to speak with a patient who waits for validation."""

    incident: IncidentId
    clinician: str


class ValidationAttempted(EventBase, frozen=True, kw_only=True):
    """A clinician rang a patient who waits for validation, and nobody answered."""

    incident: IncidentId
    clinician: str


class ClinicianReviewed(EventBase, frozen=True, kw_only=True):
    """A clinician has decided about an incident that was held for them."""

    incident: IncidentId
    clinician: str
    result: ValidationResult
    new_category: Category | None = None
    new_segment: Segment | None = None


class WelfareCalled(EventBase, frozen=True, kw_only=True):
    """Somebody rang a waiting patient."""

    incident: IncidentId
    by: str
    result: WelfareResult


class FollowUpMade(EventBase, frozen=True, kw_only=True):
    """Somebody followed a patient up who was not conveyed."""

    incident: IncidentId
    by: str
    note: str = ""


ReferralEvent = (
    ReferralBooked
    | ReferralConfirmed
    | ReferralRefused
    | ReferralWithdrawn
    | ReferralCompleted
    | ReferralReturned
    | ReferralNotAttended
)
"""What may become known about a referral that was offered."""

CareEvent = (
    PatientDescribed
    | ServicesAsked
    | ServicesLoaded
    | ServiceCapacityReported
    | SlotsOffered
    | ReferralOffered
    | ReferralEvent
    | ValidationStarted
    | ValidationAttempted
    | ClinicianReviewed
    | WelfareCalled
    | FollowUpMade
)
