"""People at hospitals: they release crews at the limit, and answer proposals of officers.

They do what the engine tells or proposes, through the same events as a control room, and nothing
that it has not asked for. A patient who was released or cohorted stays in the queue for a bay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.crew import Crew
from benchmarks.simulator.handover import Handovers
from benchmarks.simulator.settings import WorldSettings
from benchmarks.simulator.streams import Streams, key_of
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event_hospital as eh
from dispatch.domain.decision_hospital import HandoverAlert, ProposeHalo, ProposeHaloEnd
from dispatch.domain.event import Event
from dispatch.domain.handover import HandoverTimer, VisitId
from dispatch.domain.ids import HospitalId, UnitId
from dispatch.domain.trigger_state import TriggerOrder, TriggerStatus
from dispatch.journal import Entry

MINUTE_MS: Final = 60_000
OFFICER: Final = "HALO"
MANAGER: Final = "duty manager"


class Floor(Protocol):
    """What staff need of the world."""

    dispatcher: Dispatcher
    agenda: Agenda
    crews: dict[UnitId, Crew]
    handovers: Handovers
    now_ms: int

    def tell(self, event: Event) -> Entry:
        """Tell the core of something."""

    def let_go(self, crew: Crew) -> None:
        """Let a crew clear in its own time."""


@dataclass(frozen=True, slots=True)
class Cohorted:
    """A patient in a cohort, who still waits for a bay."""

    hospital: HospitalId
    visit: VisitId


class HospitalStaff:
    """The staff of every hospital of a world."""

    def __init__(self, floor: Any, settings: WorldSettings) -> None:
        self._floor: Final[Floor] = floor
        self._behaviour = settings.hospital
        self._streams = Streams(settings.seed)
        self._cohorts: dict[HospitalId, str] = {}
        self._opened = 0

    def answers(self) -> dict[type, Callable[[Any], None]]:
        """Return what staff do about which decision."""
        found: dict[type, Callable[[Any], None]] = {}
        if self._behaviour.releases:
            found[HandoverAlert] = self._alerted
        if self._behaviour.halo:
            found[ProposeHalo] = self._proposed
            found[ProposeHaloEnd] = self._end_proposed
        return found

    # -- release to respond --------------------

    def _alerted(self, alert: HandoverAlert) -> None:
        if alert.timer is HandoverTimer.RELEASE and self._is_stable(alert):
            self._later(0.0, self._release, alert)

    def _is_stable(self, alert: HandoverAlert) -> bool:
        key = key_of(alert.incident or alert.visit)
        drawn = float(self._streams.uniform("stable at the limit", key)[0])
        return drawn < self._behaviour.stable_share

    def _release(self, alert: HandoverAlert) -> None:
        crew = self._floor.crews[alert.unit]
        # In a bay already: the handover is nearly over, nobody interrupts it.
        if crew.incident != alert.incident or not self._swap(alert.hospital, crew, None):
            return
        self._floor.tell(
            eh.ReleasedToRespond(
                hospital=alert.hospital,
                unit=alert.unit,
                is_stable=True,
                clinician=f"clinician of {alert.unit}",
                recipient="nurse in charge",
            )
        )
        self._floor.let_go(crew)

    # -- liaison officer --------------------

    def _proposed(self, proposal: ProposeHalo) -> None:
        self._later(self._behaviour.confirm_min, self._confirm, proposal)

    def _confirm(self, proposal: ProposeHalo) -> None:
        if self._order(proposal.hospital, proposal.rule, TriggerOrder.CONFIRM):
            self._later(self._behaviour.arrive_min, self._deploy, proposal)

    def _deploy(self, proposal: ProposeHalo) -> None:
        if not self._order(proposal.hospital, proposal.rule, TriggerOrder.DEPLOY):
            return
        self._opened += 1
        cohort = f"cohort-{self._opened}"
        self._floor.tell(
            eh.CohortOpened(
                hospital=proposal.hospital,
                cohort=cohort,
                clinician=OFFICER,
                authorised_by=MANAGER,
                patients_max=self._behaviour.cohort_patients,
            )
        )
        self._cohorts[proposal.hospital] = cohort
        self._tend(proposal)

    def _end_proposed(self, proposal: ProposeHaloEnd) -> None:
        self._later(self._behaviour.confirm_min, self._stand_down, proposal)

    def _stand_down(self, proposal: ProposeHaloEnd) -> None:
        memory = self._floor.dispatcher.state.flow.desk(proposal.hospital).memory(proposal.rule)
        if memory.can_end and self._order(
            proposal.hospital, proposal.rule, TriggerOrder.STAND_DOWN
        ):
            # Whoever is in the cohort stays with the officer until there is a bay.
            self._cohorts.pop(proposal.hospital, None)

    def _tend(self, proposal: ProposeHalo) -> None:
        """Take those who have waited longest into the cohort while it has places."""
        hospital = proposal.hospital
        cohort = self._cohorts.get(hospital)
        if cohort is None:
            return
        desk = self._floor.dispatcher.state.flow.desk(hospital)
        # Those whom an earlier officer kept count too: there is one clinician for all.
        taken = sum(
            row.visit.cohorted_at_ms is not None and row.visit.handed_over_at_ms is None
            for row in desk.rows
        )
        free = self._behaviour.cohort_patients - taken
        for visit in [row.visit for row in desk.rows if row.visit.is_waiting]:
            crew = self._floor.crews[visit.unit]
            if free > 0 and self._swap(hospital, crew, Cohorted(hospital, visit.id)):
                self._floor.tell(
                    eh.PatientCohorted(hospital=hospital, unit=visit.unit, cohort=cohort)
                )
                self._floor.let_go(crew)
                free -= 1
        self._later(self._behaviour.tend_min, self._tend, proposal)

    def received(self, patient: Cohorted) -> None:
        """Say that a bay has taken a patient of a cohort, all the way through."""
        self._floor.tell(
            eh.CohortHandedOver(
                hospital=patient.hospital,
                visit=patient.visit,
                recipient="nurse in charge",
                reported_at_ms=self._floor.now_ms,
            )
        )

    def _order(self, hospital: HospitalId, rule: str, order: TriggerOrder) -> bool:
        """Give an order if it still fits; return whether it was given."""
        fits = {
            TriggerOrder.CONFIRM: (TriggerStatus.PROPOSED,),
            TriggerOrder.DEPLOY: (TriggerStatus.CONFIRMED,),
            TriggerOrder.STAND_DOWN: (TriggerStatus.CONFIRMED, TriggerStatus.DEPLOYED),
        }[order]
        if self._floor.dispatcher.state.flow.desk(hospital).memory(rule).status not in fits:
            return False
        self._floor.tell(
            eh.HaloOrdered(hospital=hospital, rule=rule, order=order, by=MANAGER, reason="rule")
        )
        return True

    def _swap(self, hospital: HospitalId, crew: Crew, other: Cohorted | None) -> bool:
        return self._floor.handovers.swap(hospital, crew, other)

    def _later(self, minutes: float, step: Callable[[Any], None], subject: Any) -> None:
        at_ms = self._floor.now_ms + round(minutes * MINUTE_MS)
        self._floor.agenda.add(at_ms, Turn.HOSPITAL, step, subject)
