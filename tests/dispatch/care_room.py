"""A control room with a directory of services, and short words to redirect in it."""

from __future__ import annotations

from typing import Any, TypeVar

from dispatch.domain import event_care as care
from dispatch.domain.care_settings import CareSettings
from dispatch.domain.category import Category
from dispatch.domain.decision import Decision
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.patient import Patient
from dispatch.domain.redirection import RedirectRules
from dispatch.domain.service import Service
from dispatch.domain.service_type import Referrer, ServiceType
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.domain.welfare import WelfareRules
from dispatch.journal import Entry
from tests.dispatch.builders import MINUTE, ControlRoom, at
from tests.dispatch.redirection_builders import a_patient, a_service

T = ServiceType
D = TypeVar("D", bound=Decision)

ROAD: tuple[Service, ...] = (
    a_service(T.FALLS_RESPONSE_1, "LIFT", at=at(4)),
    a_service(T.FALLS_RESPONSE_2, "CLINIC", at=at(5)),
    a_service(T.URGENT_TREATMENT_CENTRE, "UTC", at=at(6), hours="24/7", books_slots=True),
    a_service(T.MENTAL_HEALTH_LINE, "LINE", at=None),
    a_service(T.MENTAL_HEALTH_VEHICLE, "CAR", at=at(8)),
    a_service(T.SAME_DAY_EMERGENCY_CARE, "SDEC", at=at(2), hours="24/7"),
    a_service(T.CLINICAL_ASSESSMENT, "CAS", at=None),
)


def ranked(rules: RedirectRules | None = None, **more: Any) -> Settings:
    """Return a configuration that redirects, with rules of its own where given."""
    care_settings = CareSettings(
        redirect=(rules or RedirectRules(),), welfare=more.pop("welfare", ())
    )
    return Settings(
        name="ranked", policies=PolicyNames(redirect="ranked"), care=care_settings, **more
    )


def fallen(**changes: Any) -> Patient:
    """Return somebody of 80 who has fallen, is not hurt and cannot get up."""
    facts = {"findings": ("cannot_get_up", "no_injury"), "lie_min": 20.0}
    return a_patient("fall", 80, **(facts | changes))


WELFARE = (WelfareRules(),)


class CareRoom(ControlRoom):
    """A control room that redirects."""

    def __init__(self, settings: Settings | None = None, services: Any = ROAD) -> None:
        super().__init__(settings or ranked())
        self.tell(care.ServicesLoaded(services=tuple(services), by="manager"))

    def describe(self, name: str, patient: Patient | None = None, **more: Any) -> Entry:
        chosen = fallen() if patient is None else patient
        return self.tell(care.PatientDescribed(incident=IncidentId(name), patient=chosen, **more))

    def fell(self, name: str = "I1", category: Category = Category.C3, **more: Any) -> Entry:
        """Report somebody who has fallen, and say what is known of them."""
        patient = more.pop("patient", None)
        self.report(name, category, **more)
        return self.describe(name, patient)

    def refer(
        self,
        name: str = "I1",
        service: str = "LIFT",
        referral: str = "R1",
        asked_by: Referrer = Referrer.CLINICIAN,
    ) -> Entry:
        return self.tell(
            care.ReferralOffered(
                referral=ReferralId(referral),
                incident=IncidentId(name),
                service=ServiceId(service),
                asked_by=asked_by,
                by="nurse",
            )
        )

    def wait(self, minutes: float) -> list[Entry]:
        """Let time go by, firing each timer at its own second; return what happened."""
        until = self.now_ms + round(minutes * MINUTE)
        seen = len(self.entries)
        while due := [(ms, n) for n, ms in self.state.timers.items() if ms <= until]:
            ms, name = min(due)
            self.now_ms = max(self.now_ms, ms)
            self.fire(name, ms)
        self.now_ms = until
        return self.entries[seen:]

    def fire(self, name: str, due_ms: int) -> None:
        from dispatch.domain.event import TimerFired

        self.tell(TimerFired(timer=name, due_at_ms=due_ms))


def only(entry: Entry | list[Entry], kind: type[D]) -> D:
    """Return the one decision of a kind."""
    found = every(entry, kind)
    assert len(found) == 1, found
    return found[0]


def every(entry: Entry | list[Entry], kind: type[D]) -> list[D]:
    """Return the decisions of a kind, in order."""
    entries = entry if isinstance(entry, list) else [entry]
    return [d for e in entries for d in e.decisions if isinstance(d, kind)]
