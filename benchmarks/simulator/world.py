"""The truth: crews obey, journeys take as long as they take, patients are treated.

The world knows what was drawn; the core knows what it is told. They share the roads and nothing
else: the core's estimate of where a crew is may be wrong, its idea of when it will arrive too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.crew import Crew, Job
from benchmarks.simulator.fate import ABSENT, CONVEYED, Fates
from benchmarks.simulator.handover import Handovers
from benchmarks.simulator.hospital_staff import Cohorted, HospitalStaff
from benchmarks.simulator.meal_break import MealBreaks
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.admit import NoDestinationError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.decision import Assign, Convey, Relocate, SetTimer, StandDown
from dispatch.domain.ids import HospitalId, IncidentId, UnitId
from dispatch.domain.incident import Outcome
from dispatch.domain.travel import UNREACHABLE_MS, Mode, Position
from dispatch.domain.unit import UnitStatus
from dispatch.journal import Entry
from dispatch.state import BLUE_LIGHT_RANK_MAX

LOST_MS: Final = 3_600_000
"""A journey for which routing knows no way takes an hour: somebody is fetched. Assumed."""

NO_BED_RETRY_MS: Final = 5 * 60_000
"""A crew whose patient no hospital takes asks again after this. Assumed."""

_Step = tuple[Crew, int]
"""A crew and the order under which a step was entered; under another order the step is void."""


class World:
    """Crews and patients in truth, around a dispatcher that is told of them.

    Parameters
    ----------
    dispatcher
        The core, its picture opened.
    fates
        What was drawn for every incident of the log.
    destinations
        By row of the log: the hospital that it names; None where the core decides.
    settings
        Assumptions.
    watch
        Called with every entry of the core.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        fates: Fates,
        destinations: list[HospitalId | None],
        settings: WorldSettings,
        watch: Callable[[Entry], None],
    ) -> None:
        self.dispatcher: Final = dispatcher
        self.agenda: Final = Agenda()
        self.crews: Final[dict[UnitId, Crew]] = {}
        self.now_ms = 0
        self.handovers = Handovers(self.agenda, self._through)
        self._jobs: dict[IncidentId, Job] = {}
        self._travel = dispatcher.travel
        self._fates, self._destinations = fates, destinations
        self._queues = settings.handover is HandoverModel.BAYS
        self._stay_ms = round(settings.responder_stays_s * 1000)
        self._watch = watch
        self._timers: dict[str, int] = {}
        self._obey: dict[type, Callable[[Any], None]] = {
            Assign: self._assigned,
            StandDown: self._stood_down,
            Convey: self._convey,
            Relocate: self._relocate,
            SetTimer: self._set_timer,
        }
        self._staff = HospitalStaff(self, settings)
        self._obey |= self._staff.answers()
        self._breaks = MealBreaks(self, settings.crew)
        self._obey |= self._breaks.answers()

    def heed(self, answers: dict[type, Callable[[Any], None]]) -> None:
        """Let somebody beside crews and hospitals act on decisions."""
        self._obey |= answers

    def tell(self, event: ev.Event) -> Entry:
        """Tell the core of something, now, and do what it decides."""
        entry = self.dispatcher.handle(event, self.now_ms)
        self.obey(entry)
        return entry

    def obey(self, entry: Entry) -> None:
        """Do what the core decided."""
        self._watch(entry)
        for decision in entry.decisions:
            act = self._obey.get(type(decision))
            if act is not None:
                act(decision)

    def step(self) -> None:
        """Let the next thing on the agenda happen."""
        self.now_ms, _, _, step, subject = self.agenda.pop()
        step(subject)

    def report(self, event: ev.IncidentReported, row: int, outcome: Outcome | None = None) -> None:
        """Report an incident of the log, or with an ``outcome`` of its own a second one of a row.

        Raises
        ------
        RejectedEventError, ValueError
            As the core does, when it cannot believe the report; then nothing has happened.
        """
        entry = self.dispatcher.handle(event, self.now_ms)
        incident = self.dispatcher.state.incidents[event.incident]
        ends = self._fates.outcome[row] if outcome is None else outcome
        self._jobs[event.incident] = Job(row, incident.position, incident.rank, ends)
        self.obey(entry)

    def row_of(self, incident: IncidentId) -> int:
        """Return the row of the log that an incident belongs to."""
        return self._jobs[incident].row

    def finish(self, incident: IncidentId) -> None:
        """Forget an incident that has ended for good."""
        self._jobs.pop(incident, None)

    # -- orders ----------------------------------------------------------------------------

    def _assigned(self, order: Assign) -> None:
        crew, job = self.crews[order.unit], self._jobs[order.incident]
        drawn = self._fates.mobilisation_ms if crew.is_at_post else self._fates.road_mobilisation_ms
        crew.halt(self.where(crew))
        crew.job, crew.incident = job, order.incident
        crew.is_free = crew.is_at_post = False
        self._enter(crew, drawn[job.row], self._set_off)

    def _stood_down(self, order: StandDown) -> None:
        crew = self.crews[order.unit]
        crew.halt(self.where(crew))
        self._free(crew)
        if crew.duty[1] is not None and crew.duty[1] <= self.now_ms:
            self.agenda.add(self.now_ms, Turn.SHIFT, self.go_home_if_over, crew)

    def _relocate(self, order: Relocate) -> None:
        crew = self.crews[order.unit]
        crew.halt(self.where(crew))
        crew.is_at_post = False
        to = self.dispatcher.state.post_positions[order.post]
        routed_ms = self._routed_ms(crew.origin, to, Mode.ORDINARY)
        crew.depart(to, Mode.ORDINARY, self.now_ms, (routed_ms, routed_ms))
        self._enter(crew, routed_ms, self._reach_post)

    def _convey(self, order: Convey) -> None:
        crew = self.crews[order.unit]
        assert crew.job is not None
        row = crew.job.row
        mode = Mode.BLUE_LIGHT if crew.job.rank == 1 else Mode.ORDINARY
        to = self.dispatcher.state.hospitals[order.hospital].position
        crew.halt(self.where(crew))
        crew.hospital = order.hospital
        # The log's own time is that of the way that the crew first took.
        own_ms = self._fates.conveyance_ms[row] if order.origin is None else ABSENT
        self._drive(crew, to, mode, own_ms, self._fates.conveyance_factor[row])
        self._enter(crew, crew.travel_ms, self._reach_hospital)

    def _set_timer(self, order: SetTimer) -> None:
        self._timers[order.timer] = order.due_at_ms
        self.agenda.add(
            max(order.due_at_ms, self.now_ms),
            Turn.TIMER,
            self._fire,
            (order.timer, order.due_at_ms),
        )

    def _fire(self, timer: tuple[str, int]) -> None:
        name, due_at_ms = timer
        if self._timers.get(name) == due_at_ms:
            del self._timers[name]
            self.tell(ev.TimerFired(timer=name, due_at_ms=due_at_ms))

    # -- the journey to the patient ----------------------------------------------------------

    def where(self, crew: Crew) -> Position:
        """Return where a crew really is."""
        if not crew.is_driving:
            return crew.origin
        return self._travel.after(
            crew.origin,
            crew.destination,
            crew.mode,
            crew.departed_at_ms,
            crew.routed_so_far_ms(self.now_ms),
        )

    def _set_off(self, step: _Step) -> None:
        crew, order = step
        if crew.order != order:
            return
        job = crew.job
        assert job is not None
        self._say(crew, UnitStatus.MOBILE)
        mode = Mode.BLUE_LIGHT if job.rank <= BLUE_LIGHT_RANK_MAX else Mode.ORDINARY
        row = job.row
        self._drive(
            crew, job.position, mode, self._fates.travel_ms[row], self._fates.travel_factor[row]
        )
        self._enter(crew, crew.travel_ms, self._reach_scene)

    def _reach_scene(self, step: _Step) -> None:
        crew, order = step
        if crew.order != order:
            return
        job = crew.job
        assert job is not None
        crew.halt(crew.destination)
        if crew.spec.conveys and job.conveyor is None:
            job.conveyor = crew
            self._enter(crew, self._fates.scene_ms[job.row], self._leave_scene)
            for responder in job.responders:
                self._relieve(responder)
        else:
            job.responders.append(crew)
            if job.conveyor is not None:
                self._relieve(crew)
            elif crew.can_close and job.outcome not in CONVEYED:
                self._enter(crew, self._fates.scene_ms[job.row], self._leave_scene)
        self._say(crew, UnitStatus.AT_SCENE)

    # -- with the patient ----------------------------------------------------------------------

    def _relieve(self, responder: Crew) -> None:
        """Let a first responder go soon: the conveying crew is there."""
        responder.order += 1
        self._enter(responder, self._stay_ms, self._leave_to_others)

    def _leave_to_others(self, step: _Step) -> None:
        crew, order = step
        if crew.order == order:
            assert crew.job is not None
            crew.job.responders.remove(crew)
            self._clear(crew, None)

    def _leave_scene(self, step: _Step) -> None:
        crew, order = step
        if crew.order != order:
            return
        job = crew.job
        assert job is not None
        if job.outcome in CONVEYED:
            self._set_out(crew, job)
        else:
            # Paperwork after a patient who stays at home; the crew is not free before.
            self._enter(crew, self._fates.clear_ms[job.row], self._close)
        for responder in list(job.responders):
            if responder is not crew:
                responder.order += 1
                self._leave_to_others((responder, responder.order))

    def _set_out(self, crew: Crew, job: Job) -> None:
        """Take the patient on board and ask where to; when no hospital can be named, ask again."""
        try:
            entry = self.dispatcher.handle(
                self._status(crew, UnitStatus.CONVEYING, hospital=self._destinations[job.row]),
                self.now_ms,
            )
        except NoDestinationError:
            self._enter(crew, NO_BED_RETRY_MS, self._leave_scene)
            return
        self.obey(entry)
        if crew.hospital is None:
            # No way is known to any hospital, and still the patient has to get there.
            hospitals = self.dispatcher.state.hospitals
            crew.hospital = min(hospitals)
            to = hospitals[crew.hospital].position
            crew.depart(to, Mode.ORDINARY, self.now_ms, (LOST_MS, LOST_MS))
            self._enter(crew, LOST_MS, self._reach_hospital)

    def _reach_hospital(self, step: _Step) -> None:
        crew, order = step
        if crew.order != order:
            return
        job = crew.job
        assert job is not None
        crew.halt(crew.destination)
        self.tell(self._status(crew, UnitStatus.AT_HOSPITAL, hospital=crew.hospital))
        queues = self._queues and job.outcome is Outcome.CONVEYED_TO_ED
        self.handovers.arrive(crew, self.now_ms, self._fates.handover_ms[job.row], queues=queues)

    def _through(self, who: Crew | Cohorted) -> None:
        """Say whose patient a bay has taken: a crew's, or a cohort's whose crew is long gone."""
        if isinstance(who, Cohorted):
            self._staff.received(who)
        else:
            self._say(who, UnitStatus.HANDED_OVER)
            self.let_go(who)

    def let_go(self, crew: Crew) -> None:
        """Let a crew without its patient clear in its own time."""
        assert crew.job is not None
        self._enter(crew, self._fates.clear_ms[crew.job.row], self._close)

    def _close(self, step: _Step) -> None:
        crew, order = step
        if crew.order == order:
            assert crew.job is not None
            self._clear(crew, crew.job.outcome)

    def _clear(self, crew: Crew, outcome: Outcome | None) -> None:
        """Report a crew available; what it is given next follows from the answer."""
        event = self._status(crew, UnitStatus.AVAILABLE, outcome=outcome)
        self._free(crew)
        self.tell(event)
        self.go_home_if_over(crew)

    # -- between jobs --------------------------------------------------------------------------

    def _free(self, crew: Crew) -> None:
        crew.order += 1
        crew.job, crew.incident, crew.hospital = None, None, None
        crew.is_free = True

    def _reach_post(self, step: _Step) -> None:
        crew, order = step
        if crew.order == order:
            crew.halt(crew.destination)
            crew.is_at_post = True
            self.tell(
                ev.UnitStatusReported(
                    unit=crew.spec.id, status=UnitStatus.ON_STATION, reported_at_ms=self.now_ms
                )
            )

    def go_home_if_over(self, crew: Crew) -> None:
        """Sign a free crew off whose duty is over; it drives home in its own time."""
        ends_ms = crew.duty[1]
        if crew.is_free and crew.is_on_duty and ends_ms is not None and ends_ms <= self.now_ms:
            at = self.where(crew)
            crew.halt(at)
            crew.is_on_duty = False
            crew.ready_at_ms = self.now_ms + self._routed_ms(at, crew.home, Mode.ORDINARY)
            self.tell(ev.UnitSignedOff(unit=crew.spec.id))
            self.await_duty(crew)

    def await_duty(self, crew: Crew) -> None:
        """Enter a crew's next duty, when the vehicle is back by then; else a later start."""
        for duty in crew.duties:
            begins_ms = max(duty[0], crew.ready_at_ms)
            if duty[1] is None or begins_ms < duty[1]:
                crew.duty = duty
                self.agenda.add(begins_ms, Turn.SHIFT, self._sign_on, crew)
                return

    def _sign_on(self, crew: Crew) -> None:
        crew.halt(crew.home)
        crew.is_free = crew.is_at_post = crew.is_on_duty = True
        ends_ms = crew.duty[1]
        if ends_ms is not None:
            self.agenda.add(ends_ms, Turn.SHIFT, self.go_home_if_over, crew)
        owed = self._breaks.window(crew.duty)
        self.tell(
            ev.UnitSignedOn(unit=crew.spec, at=crew.home_at, until_ms=ends_ms, meal_break=owed)
        )

    # -- small steps -----------------------------------------------------------------------------

    def _drive(self, crew: Crew, to: Position, mode: Mode, own_ms: int, factor: float) -> None:
        routed_ms = self._routed_ms(crew.origin, to, mode)
        real_ms = own_ms if own_ms != ABSENT else round(routed_ms * factor)
        crew.depart(to, mode, self.now_ms, (routed_ms, real_ms))

    def _routed_ms(self, origin: Position, to: Position, mode: Mode) -> int:
        if origin == to:
            return 0
        here, there = np.array([origin], np.int64), np.array([to], np.int64)
        found = int(self._travel.pairs_ms(here, there, mode, self.now_ms)[0])
        return found if found < UNREACHABLE_MS else LOST_MS

    def _enter(self, crew: Crew, after_ms: int, step: Callable[[_Step], None]) -> None:
        self.agenda.add(self.now_ms + after_ms, Turn.CREW, step, (crew, crew.order))

    def _say(self, crew: Crew, status: UnitStatus) -> None:
        self.tell(self._status(crew, status))

    def _status(self, crew: Crew, status: UnitStatus, **more: Any) -> ev.UnitStatusReported:
        return ev.UnitStatusReported(
            unit=crew.spec.id,
            status=status,
            reported_at_ms=self.now_ms,
            incident=crew.incident,
            **more,
        )
