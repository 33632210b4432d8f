"""What the core knows of patients, services and referrals."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from dispatch.domain.follow_up import FollowUp, follow_up
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.patient import Patient
from dispatch.domain.recontact import Contact
from dispatch.domain.referral import Referral, ReferralStatus, withdrawn
from dispatch.domain.service import CapacityReport, Service, Slot
from dispatch.domain.service import released as slot_released
from dispatch.domain.service_type import Referrer
from dispatch.domain.validation import Validation
from dispatch.domain.validation import ended as validation_ended
from dispatch.domain.welfare import WelfareCall
from dispatch.state.book import Book, Timers, books_json
from dispatch.state.rows import Incident

LIVE: Final = frozenset({ReferralStatus.OFFERED, ReferralStatus.BOOKED, ReferralStatus.CONFIRMED})
"""A referral in one of these may still become something else."""


def validation_timer(incident: IncidentId) -> str:
    """Return the name of the timer at which a validation fails safe."""
    return f"{VALIDATION_TIMER}{incident}"


def referral_timer(referral: ReferralId) -> str:
    """Return the name of the timer at which a referral fails safe, or is forgotten."""
    return f"{REFERRAL_TIMER}{referral}"


VALIDATION_TIMER: Final = "validation:"
REFERRAL_TIMER: Final = "referral:"


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an incident's patient, and what is under way for them.

    ``referral`` is the last one that was made; ``refused_by`` the services that have said no.
    ``is_closing`` says that a clinician, a crew or a protocol has agreed that a confirmed referral
    ends the incident.
    """

    incident: IncidentId
    patient: Patient | None = None
    asked_by: Referrer = Referrer.CALL_HANDLER
    validation: Validation | None = None
    referral: ReferralId | None = None
    referrals: int = 0
    refused_by: tuple[ServiceId, ...] = ()
    is_closing: bool = False


class Welfare(msgspec.Struct, frozen=True, kw_only=True):
    """The welfare calls of one wait; ``asked_at_ms``: one is due and nobody has rung yet."""

    calls: tuple[WelfareCall, ...] = ()
    asked_at_ms: int | None = None


class CareBoard:
    """Patients, referrals and services as the core knows them.

    ``referred`` keeps incidents that ended by a confirmed referral as they were, so that one can
    come back with its clock. ``untold`` holds follow-ups that no decision has told yet.
    """

    __slots__ = (
        "_books",
        "by_incident",
        "capacity",
        "contacts",
        "directory",
        "ended",
        "ended_before",
        "follow_ups",
        "referrals",
        "referred",
        "slots",
        "untold",
        "welfare",
    )

    def __init__(self) -> None:
        self.by_incident: Book[IncidentId, Care] = Book()
        self.referrals: Book[ReferralId, Referral] = Book()
        self.referred: Book[IncidentId, Incident] = Book()
        self.follow_ups: Book[IncidentId, FollowUp] = Book()
        self.untold: Book[IncidentId, FollowUp] = Book()
        self.welfare: Book[IncidentId, Welfare] = Book()
        self.capacity: Book[ServiceId, CapacityReport] = Book()
        self.slots: Book[ServiceId, tuple[Slot, ...]] = Book()
        self.directory: Book[str, ServiceDirectory] = Book()
        self.contacts: Book[str, tuple[Contact, ...]] = Book()
        self.ended: list[Referral] = []
        """Referrals that are over, until the driver takes them."""
        self.ended_before = 0
        self._books: Final[dict[str, Book[Any, Any]]] = {
            "patients": self.by_incident,
            "referrals": self.referrals,
            "referred": self.referred,
            "follow_ups": self.follow_ups,
            "untold": self.untold,
            "welfare": self.welfare,
            "capacity": self.capacity,
            "slots": self.slots,
            "services": self.directory,
            "contacts": self.contacts,
        }

    def mark(self) -> None:
        """Begin an event: what it changes can be taken back."""
        for book in self._books.values():
            book.mark()
        self.ended_before = len(self.ended)

    def restore(self) -> None:
        """Take back what an event changed."""
        for book in self._books.values():
            book.restore()
        del self.ended[self.ended_before :]

    def care_of(self, incident: IncidentId) -> Care:
        """Return what is known of an incident's patient: nothing, when nobody said anything."""
        known = self.by_incident.get(incident)
        return Care(incident=incident) if known is None else known

    @property
    def services(self) -> ServiceDirectory:
        """The directory in force."""
        return self.directory.get(IN_FORCE) or NO_SERVICES

    def end_validation(self, incident: IncidentId, now_ms: int, timers: Timers) -> None:
        """End a validation that is not needed any more: a unit went, or nothing may be offered."""
        care = self.by_incident.get(incident)
        if care is None or care.validation is None or not care.validation.is_open:
            return
        timers.pop(validation_timer(incident), None)
        done = validation_ended(care.validation, now_ms)
        self.by_incident.put(incident, msgspec.structs.replace(care, validation=done))

    def withdraw(self, incident: IncidentId, reason: str, now_ms: int) -> None:
        """Take back the referral of an incident, if one is open or has only been confirmed."""
        referral = self.referral_of(incident)
        if referral is not None:
            self.move(withdrawn(referral, by="the core", now_ms=now_ms, reason=reason))

    def referral_of(self, incident: IncidentId) -> Referral | None:
        """Return the referral of an incident that is not over."""
        care = self.by_incident.get(incident)
        return None if care is None or care.referral is None else self.referrals.get(care.referral)

    def incident_of(self, referral: ReferralId | None) -> IncidentId | None:
        """Return the incident of a live referral; None when it is not one."""
        known = None if referral is None else self.referrals.get(referral)
        return None if known is None else known.incident

    def move(self, referral: Referral) -> None:
        """Enter what became of a referral; one that is over leaves the board."""
        if referral.status in LIVE:
            self.referrals.put(referral.id, referral)
            return
        self.referrals.drop(referral.id)
        self.ended.append(referral)
        if referral.slot is not None and referral.status is not ReferralStatus.COMPLETED:
            self._release(referral.service, referral.slot)
        care = self.by_incident.get(referral.incident)
        if care is None:
            return
        refused_by = care.refused_by
        if referral.status is ReferralStatus.REFUSED:
            refused_by = (*refused_by, referral.service)
        self.by_incident.put(
            care.incident,
            msgspec.structs.replace(care, referral=None, refused_by=refused_by, is_closing=False),
        )

    def _release(self, service: ServiceId, slot_id: str) -> None:
        slots = self.slots.get(service)
        if slots is not None:
            self.slots.put(
                service, tuple(slot_released(s) if s.id == slot_id else s for s in slots)
            )

    def incident_ended(
        self, incident: Incident, outcome: Outcome, now_ms: int, timers: Timers
    ) -> None:
        """Carry through what the end of an incident means for patient, clinician and service."""
        self.welfare.drop(incident.id)
        care = self.by_incident.get(incident.id)
        if care is None:
            return
        self.end_validation(incident.id, now_ms, timers)
        referral = self.referral_of(incident.id)
        goes_there = outcome is Outcome.REFERRED and referral is not None
        if goes_there and referral is not None and referral.status is ReferralStatus.CONFIRMED:
            self.referred.put(incident.id, incident)
        else:
            self.withdraw(incident.id, f"the incident ended: {outcome.value}", now_ms)
            self.by_incident.drop(incident.id)
        if care.patient is not None:
            alert = follow_up(incident.id, outcome, care.patient, now_ms, referral)
            if alert is not None:
                self.untold.put(incident.id, alert)

    def forget(self, incident: IncidentId) -> None:
        """Forget a referred incident whose referral is over: it will not come back."""
        self.referred.drop(incident)
        self.by_incident.drop(incident)

    def ended_now(self) -> list[Referral]:
        """Return the referrals that this event has ended."""
        return self.ended[self.ended_before :]

    def take_ended(self) -> list[Referral]:
        """Return the referrals that ended since the last call, and forget them."""
        ended, self.ended, self.ended_before = self.ended, [], 0
        return ended

    def to_builtins(self) -> dict[str, Any]:
        """Return everything for the canonical picture; nothing while there is nothing."""
        return books_json(self._books)


class ServiceDirectory(msgspec.Struct, frozen=True):
    """A directory of services in force, and where it came from."""

    services: tuple[Service, ...] = ()
    by: str = ""
    source: str = ""
    loaded_at_ms: int = 0
    rejects: int = 0

    def find(self, service: ServiceId) -> Service | None:
        """Return a service; None when it is not in the directory."""
        return next((item for item in self.services if item.id == service), None)


IN_FORCE: Final = "in force"

NO_SERVICES: Final = ServiceDirectory()
