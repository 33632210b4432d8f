"""Services in truth: they answer referrals, fill up, see patients, and sometimes give them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import numpy as np

from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.quantile import lognormal
from benchmarks.simulator.streams import Streams, key_of
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event_care as care
from dispatch.domain.event import Event
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.local_time import HOUR_MS, MINUTE_MS
from dispatch.domain.referral import Referral, RefusalReason
from dispatch.domain.service import CapacityLevel
from dispatch.domain.service_type import TYPE_RULES, Delivery
from dispatch.journal import Entry

PLACES: Final = 4
"""Patients at once of a type for which nothing is assumed."""

AMBER_SHARE: Final = 0.8
"""From this share of its places a service says amber. Assumed."""

_REFUSALS: Final = (
    RefusalReason.NOT_CLINICALLY_APPROPRIATE,
    RefusalReason.NO_APPOINTMENT,
    RefusalReason.NOT_ELIGIBLE,
    RefusalReason.PATIENT_CHOICE,
)


class Street(Protocol):
    """What services and clinicians need of the world."""

    dispatcher: Dispatcher
    agenda: Agenda
    now_ms: int

    def tell(self, event: Event) -> Entry:
        """Tell the core of something."""


Ended = Callable[[Referral, Entry], None]
"""Called when a service has refused or given back a patient, with what the core decided."""


class Services:
    """The staff of every service of a directory.

    Parameters
    ----------
    floor
        The world.
    behaviour, seed
        How services behave, and their chance.
    needs_ambulance
        Tells of an incident whether its patient needs one: the truth.
    said_no, seen
        Called when a service turned a patient away, and when it has seen one (or missed them).
    """

    def __init__(
        self,
        floor: Street,
        behaviour: CareBehaviour,
        seed: int,
        needs_ambulance: Callable[[IncidentId], bool],
        said_no: Ended,
        seen: Callable[[Referral], None],
    ) -> None:
        self._floor, self._assumed = floor, behaviour.services
        self._streams = Streams(seed)
        self._needs, self._said_no, self._seen = needs_ambulance, said_no, seen
        self._busy: dict[ServiceId, int] = {}
        self._level: dict[ServiceId, CapacityLevel] = {}

    def ask(self, referral: Referral, care_at_ms: int) -> None:
        """Let a service answer a referral in its own time; care begins when it is expected to."""
        deviates = lognormal(
            self._streams.uniform("service answer", key_of(referral.id)),
            -(self._assumed.answer_log_sd**2) / 2.0,
            self._assumed.answer_log_sd,
        )
        after_ms = round(self._assumed.answer_min * MINUTE_MS * float(deviates[0]))
        self._later(after_ms, self._answer, (referral.id, care_at_ms))

    def _answer(self, asked: tuple[ReferralId, int]) -> None:
        name, care_at_ms = asked
        referral = self._live(name)
        if referral is None or not referral.is_open:
            return
        if self._has_crew(referral.incident):
            self._floor.tell(
                care.ReferralWithdrawn(referral=name, by="crew", reason="a crew is there")
            )
            return
        code = self._refusal(referral)
        if code is not None:
            entry = self._floor.tell(
                care.ReferralRefused(referral=name, code=int(code), by=referral.service)
            )
            self._said_no(referral, entry)
            return
        self._floor.tell(care.ReferralConfirmed(referral=name, by=referral.service))
        self._busy[referral.service] = self._busy.get(referral.service, 0) + 1
        self._report(referral.service)
        wait_ms = max(0, care_at_ms - self._floor.now_ms)
        self._later(wait_ms, self._begin_care, name)
        leaves_ms = wait_ms + round(self._assumed.seen_min * MINUTE_MS)
        self._later(leaves_ms, self._leave, referral.service)

    def _refusal(self, referral: Referral) -> RefusalReason | None:
        if self._free(referral.service) <= 0:
            self._say(referral.service, CapacityLevel.RED)
            return RefusalReason.CAPACITY
        finds = self._chance("finds need", referral.id) < self._assumed.finds_need_share
        if finds and self._needs(referral.incident):
            return RefusalReason.NOT_CLINICALLY_APPROPRIATE
        drawn = self._chance("refuses", referral.id) / self._assumed.refuse_share
        return _REFUSALS[int(drawn * len(_REFUSALS))] if drawn < 1.0 else None

    def _begin_care(self, name: ReferralId) -> None:
        referral = self._live(name)
        if referral is None:
            return
        if self._needs(referral.incident):
            entry = self._floor.tell(
                care.ReferralReturned(
                    referral=name, by=referral.service, reason="needs an ambulance"
                )
            )
            self._said_no(referral, entry)
            return
        goes = TYPE_RULES[self._type(referral.service)].delivery is Delivery.PATIENT_GOES
        missed = self._chance("attends", name) < self._assumed.not_attended_share
        if goes and missed:
            self._floor.tell(care.ReferralNotAttended(referral=name, by=referral.service))
        else:
            self._floor.tell(care.ReferralCompleted(referral=name, by=referral.service))
        self._seen(referral)

    # -- capacity ------------------------------------------------------------------------------

    def _leave(self, service: ServiceId) -> None:
        self._busy[service] -= 1
        self._report(service)

    def _report(self, service: ServiceId) -> None:
        """Say how much room there is, when that is news."""
        free, places = self._free(service), self._places(service)
        full = CapacityLevel.AMBER if free <= (1.0 - AMBER_SHARE) * places else CapacityLevel.GREEN
        self._say(service, CapacityLevel.RED if free <= 0 else full)

    def _say(self, service: ServiceId, level: CapacityLevel) -> None:
        if self._level.get(service, CapacityLevel.GREEN) is level:
            return
        self._level[service] = level
        self._floor.tell(care.ServiceCapacityReported(service=service, level=level, by=service))

    def _free(self, service: ServiceId) -> int:
        """Return the places that neither ours nor other patients of this hour hold."""
        hour = self._floor.now_ms // HOUR_MS
        others = 2.0 * self._assumed.own_load * self._chance("own patients", f"{service}/{hour}")
        places = self._places(service)
        return places - int(others * places) - self._busy.get(service, 0)

    def _places(self, service: ServiceId) -> int:
        return self._assumed.places.get(self._type(service), PLACES)

    def _type(self, service: ServiceId) -> Any:
        found = self._floor.dispatcher.state.care.services.find(service)
        assert found is not None
        return found.type

    # -- small steps ---------------------------------------------------------------------------

    def _has_crew(self, incident: IncidentId) -> bool:
        known = self._floor.dispatcher.state.incidents.get(incident)
        return known is not None and known.responder_on_scene_at_ms is not None

    def _live(self, name: ReferralId) -> Referral | None:
        return self._floor.dispatcher.state.care.referrals.get(name)

    def _chance(self, stream: str, subject: str) -> float:
        return float(np.asarray(self._streams.uniform(stream, key_of(subject)))[0])

    def _later(self, after_ms: int, step: Callable[[Any], None], subject: Any) -> None:
        self._floor.agenda.add(self._floor.now_ms + after_ms, Turn.HOSPITAL, step, subject)
