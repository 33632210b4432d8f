"""Handing patients over: one desk a hospital, or a time drawn for each patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.crew import Crew
from benchmarks.simulator.fate import Fates
from benchmarks.simulator.hospital import (
    WALK_IN_RANK,
    HandoverDesk,
    Release,
    service_ms,
    usual_days,
    walk_ins,
)
from benchmarks.simulator.settings import WorldSettings
from benchmarks.simulator.staffed_bays import (
    LEAVES_AFTER_MS,
    PERIOD_MS,
    fitted_service_ms,
    mean_fit,
    open_bays,
    staffed_bays,
)
from benchmarks.simulator.streams import Streams
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Outcome
from maps.region import Region

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Door:
    """How a hospital's door differs from its usual state.

    ``shut_until_ms``: no patient is taken before; None: it is open. ``bays_factor`` multiplies
    bays (at least one stays), ``handover_factor`` the time that a handover takes.
    """

    shut_until_ms: int | None = None
    bays_factor: float = 1.0
    handover_factor: float = 1.0


AS_USUAL: Final = Door()


class Handovers:
    """The doors of all hospitals.

    Parameters
    ----------
    agenda
        Where ends of handovers are entered.
    release
        Called with a crew when its patient has been handed over.

    Notes
    -----
    Handover times are drawn, and nobody waits for anybody, until `open_bays` is called.
    """

    __slots__ = ("_agenda", "_desks", "_doors", "_leaves", "_release", "_service_ms")

    def __init__(self, agenda: Agenda, release: Release) -> None:
        self._agenda, self._release = agenda, release
        self._desks: dict[HospitalId, HandoverDesk] = {}
        self._doors: dict[HospitalId, Door] = {}
        self._service_ms: list[int] = []
        self._leaves: list[bool] = []

    def open_bays(
        self, bays: Mapping[HospitalId, int], service_ms: list[int], leaves: list[bool]
    ) -> None:
        """Let crews wait for bays from now on.

        ``service_ms`` is the time in one, by row; ``leaves`` says who does not wait to the end.
        """
        self._desks = {
            hospital: HandoverDesk(number, self._agenda, self._release)
            for hospital, number in bays.items()
        }
        self._service_ms, self._leaves = service_ms, leaves

    def set_door(self, hospital: HospitalId, door: Door, now_ms: int) -> None:
        """Change a hospital's door from now on; patients who are in a bay stay there."""
        self._doors[hospital] = door
        desk = self._desks.get(hospital)
        if desk is not None:
            desk.set_door(now_ms, door.bays_factor, is_open=door.shut_until_ms is None)

    def queue_length(self, hospital: HospitalId) -> int:
        """Return how many patients wait for a bay; 0 where times are drawn."""
        desk = self._desks.get(hospital)
        return 0 if desk is None else desk.queue_length

    def swap(self, hospital: HospitalId, crew: Crew, other: object) -> bool:
        """Let another stand for a crew whose patient waits; False when nobody waits there."""
        desk = self._desks.get(hospital)
        return desk is not None and desk.swap(crew, other)

    def staff(self, hospital: HospitalId, changes: list[tuple[int, int]], relief: float) -> None:
        """Enter how many bays of a hospital are open from which instants on.

        ``relief`` is how many more there are for each patient who waits.
        """
        desk = self._desks[hospital]
        desk.relief = relief
        for change in changes:
            self._agenda.add(change[0], Turn.HOSPITAL, desk.staff, change)

    def walk_in(self, hospital: HospitalId, arrivals: list[tuple[int, int]]) -> None:
        """Enter the walk-in patients of a hospital: arrival and time in a bay, in milliseconds."""
        desk = self._desks[hospital]
        for patient in arrivals:
            self._agenda.add(patient[0], Turn.HOSPITAL, desk.walk_in, patient)

    def arrive(self, crew: Crew, now_ms: int, drawn_ms: int, *, queues: bool) -> None:
        """Take in the patient of a crew that has arrived.

        ``drawn_ms`` is the time drawn for this patient; it is used as it is where there are no
        bays, or when ``queues`` is false (the log brings the time, or the place has no queue).
        """
        assert crew.hospital is not None
        door = self._doors.get(crew.hospital, AS_USUAL)
        desk = self._desks.get(crew.hospital) if queues else None
        if desk is None:
            begins_ms = now_ms if door.shut_until_ms is None else door.shut_until_ms
            ends_ms = begins_ms + round(drawn_ms * door.handover_factor)
            self._agenda.add(ends_ms, Turn.HOSPITAL, self._release, crew)
            return
        assert crew.job is not None
        service_ms = round(self._service_ms[crew.job.row] * door.handover_factor)
        # At the door nobody is behind those who walked in.
        desk.arrive(now_ms, min(crew.job.rank, WALK_IN_RANK), service_ms, crew)
        if self._leaves[crew.job.row]:
            waiting = (desk, crew, crew.job)
            self._agenda.add(now_ms + LEAVES_AFTER_MS, Turn.HOSPITAL, self._leave, waiting)

    def _leave(self, waiting: tuple[HandoverDesk, Crew, object]) -> None:
        """Let a crew go whose patient still waits; somebody there looks after the patient."""
        desk, crew, job = waiting
        # A crew that is here again with another patient is not meant.
        if crew.job is job and desk.swap(crew, None):
            self._release(crew)


def enter_bays(
    handovers: Handovers,
    region: Region,
    drawn: Fates,
    settings: WorldSettings,
    period_ms: tuple[int, int],
    nearest: Callable[[], list[HospitalId | None]],
) -> None:
    """Let crews queue for the bays of a region's hospitals, walk-in patients among them.

    Walk-in patients come in proportion to the ambulance patients of the log, shared among the
    emergency departments by their bays. With fitted bays hospitals are staffed for the patients
    of the log to whom they are ``nearest`` (by row), and walk-in patients come in proportion.
    """
    assumed = settings.bays
    streams = Streams(settings.seed)
    if assumed.fits:
        _enter_fitted(handovers, region, drawn, settings, (period_ms, nearest()))
        return
    departments = [site for site in region.hospitals if site.emergency_department]
    handovers.open_bays(
        {HospitalId(site.id): site.bays for site in region.hospitals},
        service_ms(assumed.service_mean_min, assumed.service_log_sd, drawn.service_uniform),
        [False] * len(drawn.trust),
    )
    days = max(1.0, (period_ms[1] - period_ms[0]) / DAY_MS)
    conveyed = sum(outcome is Outcome.CONVEYED_TO_ED for outcome in drawn.outcome)
    walking = conveyed / days * assumed.walk_ins_per_conveyance * assumed.walk_in_share_of_bays
    all_bays = sum(site.bays for site in departments)
    for site in departments:
        arrivals = walk_ins(
            site.id, walking * site.bays / all_bays, period_ms, region.timezone, (streams, assumed)
        )
        handovers.walk_in(HospitalId(site.id), arrivals)


def _enter_fitted(
    handovers: Handovers,
    region: Region,
    drawn: Fates,
    settings: WorldSettings,
    load: tuple[tuple[int, int], list[HospitalId | None]],
) -> None:
    """Open the bays that were fitted; a trust without a fit has the mean of the others."""
    assumed, streams = settings.bays, Streams(settings.seed)
    (start_ms, end_ms), nearest = load
    usual = mean_fit(list(assumed.fits.values()))
    of_row = [assumed.fits.get(trust, usual) for trust in drawn.trust]
    handovers.open_bays(
        {HospitalId(site.id): site.bays for site in region.hospitals},
        fitted_service_ms(of_row, drawn.service_uniform),
        (drawn.leaves_uniform < np.array([fit.leaves for fit in of_row])).tolist(),
    )
    days = max(1.0, usual_days((start_ms, end_ms), region.timezone))
    for site in region.hospitals:
        rows = [row for row, name in enumerate(nearest) if name == site.id]
        if not site.emergency_department or not rows:
            continue
        a_day = len(rows) / days
        fit = of_row[rows[len(rows) // 2]]
        periods = (end_ms - start_ms) // PERIOD_MS + AFTER_PERIODS
        bays = staffed_bays(
            (site.id, fit.hospitals.get(site.id)),
            open_bays(fit, a_day, assumed),
            fit.pressure_log_sd,
            periods,
            streams,
        )
        handovers.staff(
            HospitalId(site.id),
            [(start_ms + i * PERIOD_MS, count) for i, count in enumerate(bays.tolist())],
            fit.relief,
        )
        walking = a_day * assumed.walk_ins_per_conveyance * assumed.walk_in_share_of_bays
        period_ms = (start_ms, end_ms)
        handovers.walk_in(
            HospitalId(site.id),
            walk_ins(site.id, walking, period_ms, region.timezone, (streams, assumed)),
        )


AFTER_PERIODS: Final = 12
"""Bays are staffed for two days beyond the last call."""
