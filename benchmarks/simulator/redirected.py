"""Redirection in truth: patients are described, clinicians and services take them or do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import msgspec

from benchmarks.simulator.agenda import Turn
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.clinicians import Clinicians
from benchmarks.simulator.fate import BY_TELEPHONE, Fates
from benchmarks.simulator.need import Needs
from benchmarks.simulator.services import Services, Street
from benchmarks.simulator.streams import Streams, key_of
from dispatch.domain import event as ev
from dispatch.domain import event_care as care
from dispatch.domain.care_pathway import CARE_PATHWAYS, pathway_of
from dispatch.domain.category import RANK, Segment
from dispatch.domain.decision_care import (
    FailSafeDispatch,
    FollowUpDue,
    HoldForClinician,
    OfferServices,
    Refer,
)
from dispatch.domain.ids import IncidentId, ReferralId, TrustCode
from dispatch.domain.incident import Outcome
from dispatch.domain.local_time import HOUR_MS, MINUTE_MS
from dispatch.domain.redirection import Offer
from dispatch.domain.referral import Referral
from dispatch.domain.service_type import Referrer
from dispatch.domain.validation import ValidationResult, ValidationStatus
from dispatch.journal import Entry

RECONTACT_H: Final = (1.0, 23.0)
"""A patient who calls again does so evenly between these hours after care. Assumed."""

RECONTACT_TO_ED: Final = 0.5
"""Share of those who call again and are conveyed then. Assumed; the others are seen and treated."""

PROTOCOL_CARE_MIN: Final = 30
"""When care begins of a patient whom a protocol has referred. Assumed."""

AGAIN: Final = "-again"
"""What the incident of a second call has after the name of the first."""


class Reporter(Street, Protocol):
    """The world, as redirection needs it."""

    def report(self, event: ev.IncidentReported, row: int, outcome: Outcome | None = None) -> None:
        """Report an incident."""

    def row_of(self, incident: IncidentId) -> int:
        """Return the row of the log that an incident belongs to."""


class Redirected:
    """Everyone beside crews and hospitals who decides what becomes of a patient.

    Parameters
    ----------
    floor
        The world.
    behaviour, seed
        How people behave, and their chance.
    patients
        Who the patients are.
    fates
        What was drawn for every incident of the log.
    on_duty
        Clinicians of each trust.
    """

    def __init__(
        self,
        floor: Any,
        behaviour: CareBehaviour,
        seed: int,
        patients: Needs,
        fates: Fates,
        on_duty: dict[TrustCode, int],
    ) -> None:
        self._floor: Final[Reporter] = floor
        self._behaviour, self._patients, self._fates = behaviour, patients, fates
        self._streams = Streams(seed)
        self._services = Services(
            floor, behaviour, seed, self._needs_ambulance, self._said_no, self._seen
        )
        self._clinicians = Clinicians(floor, behaviour, seed, on_duty, self._decide)
        self._tries: dict[IncidentId, int] = {}
        self._first: dict[IncidentId, ev.IncidentReported] = {}
        self.recontacts_due = 0
        """Patients who are still to call again."""

    def answers(self) -> dict[type, Callable[[Any], None]]:
        """Return what people do about which decision."""
        return {
            HoldForClinician: self._held,
            Refer: self._referred_by_protocol,
            FollowUpDue: self._follow_up,
            FailSafeDispatch: self._failed_safe,
        }

    def describe(self, event: ev.IncidentReported, row: int) -> bool:
        """Let the handler describe the patient; True when somebody will take care of the incident.

        Patients of whom no answer but an ambulance can follow are not described.
        """
        if not _may_ask(event):
            return False
        self._first[event.incident] = event
        entry = self._floor.tell(
            care.PatientDescribed(
                incident=event.incident,
                patient=self._patients.patient[row],
                line=self._patients.patient[row].pseudonym,
            )
        )
        return any(isinstance(decision, HoldForClinician | Refer) for decision in entry.decisions)

    # -- clinicians ------------------------------------------------------------------------------

    def _held(self, hold: HoldForClinician) -> None:
        trust = self._floor.dispatcher.state.incidents[hold.incident].trust
        self._clinicians.await_one(trust, hold.incident, hold.breach_at_ms)

    def _decide(self, incident: IncidentId, clinician: str) -> None:
        """Decide as a clinician who has spoken to a patient."""
        validation = self._clinicians.validation_of(incident)
        row = self._floor.row_of(incident)
        log_says = self._fates.outcome[row] if not incident.endswith(AGAIN) else None
        if validation is None or validation.status is not ValidationStatus.IN_PROGRESS:
            # Too late to validate, or a call-back: what needs no ambulance is closed all the same.
            if log_says in BY_TELEPHONE:
                self._floor.tell(ev.IncidentClosed(incident=incident, outcome=log_says))
            return
        if log_says in BY_TELEPHONE and log_says is not Outcome.REFERRED:
            self._review(incident, clinician, ValidationResult.HEAR_AND_TREAT)
        elif self._keeps(incident):
            self._review(incident, clinician, ValidationResult.KEPT)
        elif self._refer(incident, clinician):
            self._review(incident, clinician, ValidationResult.REFERRED)
        else:
            closes = log_says in BY_TELEPHONE
            result = ValidationResult.HEAR_AND_TREAT if closes else ValidationResult.KEPT
            self._review(incident, clinician, result)

    def _keeps(self, incident: IncidentId) -> bool:
        missed = self._chance("missed by clinician", incident) < self._behaviour.missed_share
        return self._needs_ambulance(incident) and not missed

    def _review(self, incident: IncidentId, clinician: str, result: ValidationResult) -> None:
        known = self._floor.dispatcher.state.incidents.get(incident)
        if known is None:
            return
        if result is not ValidationResult.KEPT and known.responder_on_scene_at_ms is not None:
            result = ValidationResult.KEPT
        self._floor.tell(
            care.ClinicianReviewed(incident=incident, clinician=clinician, result=result)
        )

    def _refer(self, incident: IncidentId, clinician: str) -> bool:
        """Ask for services and refer to the best; False when there is none."""
        known = self._floor.dispatcher.state.incidents[incident]
        if known.responder_on_scene_at_ms is not None:
            return False
        live = self._floor.dispatcher.state.care.referral_of(incident)
        if live is not None:
            return True
        entry = self._floor.tell(
            care.ServicesAsked(incident=incident, asked_by=Referrer.CLINICIAN, by=clinician)
        )
        return self._take_first(incident, clinician, _offers(entry))

    def _take_first(self, incident: IncidentId, by: str, offers: tuple[Offer, ...]) -> bool:
        tries = self._tries.get(incident, 0) + 1
        if not offers or tries > self._behaviour.tries_max:
            return False
        self._tries[incident] = tries
        name = ReferralId(f"{incident}-R{tries}")
        self._floor.tell(
            care.ReferralOffered(
                referral=name,
                incident=incident,
                service=offers[0].service,
                asked_by=Referrer.CLINICIAN,
                by=by,
            )
        )
        referral = self._floor.dispatcher.state.care.referrals.get(name)
        if referral is None:
            # Somebody else at the control room was quicker.
            return False
        self._services.ask(referral, offers[0].care_at_ms)
        return True

    # -- services --------------------------------------------------------------------------------

    def _referred_by_protocol(self, order: Refer) -> None:
        self._services.ask(order.referral, self._floor.now_ms + PROTOCOL_CARE_MIN * MINUTE_MS)

    def _said_no(self, referral: Referral, entry: Entry) -> None:
        """Ask the next service after a refusal, else leave the patient to the ambulance."""
        incident = referral.incident
        state = self._floor.dispatcher.state
        if incident not in state.incidents or referral.protocol is not None:
            self._call_back(incident)
            return
        live = state.care.referral_of(incident)
        if live is None and not self._take_first(incident, "clinician", _offers(entry)):
            self._call_back(incident)

    def _failed_safe(self, order: FailSafeDispatch) -> None:
        if order.referral is not None:
            self._call_back(order.incident)

    def _call_back(self, incident: IncidentId) -> None:
        """Have a clinician ring whom no service took and no ambulance is sent to."""
        known = self._floor.dispatcher.state.incidents.get(incident)
        if known is None or RANK[known.category] < 5:
            return
        self._clinicians.await_one(known.trust, incident, self._floor.now_ms)

    def _seen(self, referral: Referral) -> None:
        """Let some patients call again within a day of the care that they had."""
        incident = referral.incident
        row = self._floor.row_of(incident)
        if incident.endswith(AGAIN) or not self._behaviour.recontacts:
            return
        if self._fates.outcome[row] in BY_TELEPHONE:
            # The second calls of those whom the trust does not send an ambulance are in the log.
            return
        pathway = pathway_of(self._patients.patient[row], CARE_PATHWAYS)
        if pathway is None or self._chance("calls again", incident) >= pathway.p_recontact:
            return
        early, late = RECONTACT_H
        after_h = early + (late - early) * self._chance("calls again after", incident)
        self.recontacts_due += 1
        self._later(after_h * HOUR_MS, self._call_again, (incident, row))

    def _call_again(self, patient: tuple[IncidentId, int]) -> None:
        incident, row = patient
        self.recontacts_due -= 1
        first = self._first.pop(incident)
        again = msgspec.structs.replace(
            first,
            incident=IncidentId(f"{incident}{AGAIN}"),
            connected_at_ms=self._floor.now_ms,
            coded_at_ms=self._floor.now_ms,
        )
        to_ed = self._chance("conveyed after calling again", incident) < RECONTACT_TO_ED
        outcome = Outcome.CONVEYED_TO_ED if to_ed else Outcome.SEE_AND_TREAT
        self._floor.report(again, row, outcome)
        self.describe(again, row)

    # -- small steps -----------------------------------------------------------------------------

    def _follow_up(self, alert: FollowUpDue) -> None:
        after_ms = min(self._behaviour.follow_up_min * MINUTE_MS, alert.due_at_ms)
        self._later(after_ms, self._ring_up, alert.incident)

    def _ring_up(self, incident: IncidentId) -> None:
        if incident in self._floor.dispatcher.state.care.follow_ups.rows:
            self._floor.tell(care.FollowUpMade(incident=incident, by="follow-up desk"))

    def _needs_ambulance(self, incident: IncidentId) -> bool:
        if incident.endswith(AGAIN):
            return True
        return self._patients.needs_ambulance[self._floor.row_of(incident)]

    def _chance(self, stream: str, subject: str) -> float:
        return float(self._streams.uniform(stream, key_of(subject))[0])

    def _later(self, after_ms: float, step: Callable[[Any], None], subject: Any) -> None:
        at_ms = self._floor.now_ms + round(after_ms)
        self._floor.agenda.add(at_ms, Turn.HOSPITAL, step, subject)


def clinicians_on_duty(
    trusts: Iterable[str], days: float, behaviour: CareBehaviour
) -> dict[TrustCode, int]:
    """Return the clinicians of each trust for the incidents of some days, given by home trust."""
    found = Counter(trusts)
    rate = behaviour.clinicians_per_1000_a_day / 1000.0 / max(1.0, days)
    return {TrustCode(name): max(1, round(rate * found[name])) for name in sorted(found)}


def _may_ask(event: ev.IncidentReported) -> bool:
    """Test whether anything but an ambulance can follow for a report of this category."""
    if not event.category.startswith("C") or RANK[event.category] == 1:
        return False
    return RANK[event.category] > 2 or event.segment in (Segment.B, Segment.C)


def _offers(entry: Entry) -> tuple[Offer, ...]:
    for decision in entry.decisions:
        if isinstance(decision, OfferServices):
            return decision.answer.offers
    return ()
