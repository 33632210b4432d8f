"""Replay: a call log through the live decision code, in a simulated world and a virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.log import CallLog
from benchmarks.journal_file import JournalWriter, engine_version
from benchmarks.ledger import Ledger
from benchmarks.simulator.agenda import Turn
from benchmarks.simulator.assumptions import published_month
from benchmarks.simulator.crew import Crew
from benchmarks.simulator.disruption import Disruptions, Doors, present
from benchmarks.simulator.duty import duties
from benchmarks.simulator.fate import BY_TELEPHONE, Fates, fates
from benchmarks.simulator.handover import enter_bays
from benchmarks.simulator.home_trust import home_trusts
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from benchmarks.simulator.world import World
from dispatch.admit import RejectedEventError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category, Segment
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode
from dispatch.domain.incident import IncidentRecord, Pathway
from dispatch.domain.settings import Settings
from dispatch.domain.unit import Skill, UnitKind
from dispatch.engine import open_dispatcher, opening, unit_spec
from dispatch.journal import Header
from dispatch.ports import TravelTimes
from maps.geo import LonLat
from maps.region import Region

HOUR_MS: Final = 3_600_000

CLOSING_KINDS: Final = frozenset({UnitKind.RRV, UnitKind.HEMS})
"""Kinds that do not convey, but whose clinician may treat a patient and leave. Assumed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An incident of the log that the core would not believe, and why."""

    incident: str
    reason: str


@dataclass(slots=True)
class Run:
    """What one replay was given, and what it left behind.

    ``records`` are of the incidents that ended, in the order in which they did; ``unfinished``
    counts those that were still open when the world stopped. ``world`` is None of a run that a
    journal was opened for: what the world assumed is not in it.
    """

    region: Region
    settings: Settings
    world: WorldSettings | None
    month: str
    log_sha256: str
    travel_version: str
    engine: str
    calls: int
    records: list[IncidentRecord] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    refused: list[Refused] = field(default_factory=list)
    unknown_destinations: int = 0
    unfinished: int = 0


Progress = Callable[[int], None]
"""Called now and then with the number of calls that have come in."""


def replay(
    log: CallLog,
    region: Region,
    settings: Settings,
    world: WorldSettings | None = None,
    *,
    travel: TravelTimes | None = None,
    journal: Path | None = None,
    progress: Progress | None = None,
    disruptions: Disruptions | None = None,
) -> Run:
    """Run a call log through the core in a simulated world.

    Equal arguments give an equal run and a byte-equal journal.

    Parameters
    ----------
    log
        The incidents, at least one.
    region
        Where they happen, with its fleet.
    settings
        The core's configuration: which policies decide.
    world
        Seed and assumptions of the simulated world.
    travel
        The region's travel times, when the caller has them already.
    journal
        Where the journal is written; None: nowhere.
    progress
        Told how many calls have come in.
    disruptions
        What is out of the ordinary meanwhile: absences and shut doors.

    Raises
    ------
    ValueError
        When the log is empty or names trusts that the region does not have, or the region has no
        fleet or no hospital.
    """
    _check(log, region)
    world = world or WorldSettings()
    travel = travel or travel_times(region)
    month = published_month(world.month or month_of(log.received_at_ms))
    drawn = fates(log, home_trusts(log, region), month, world)
    run = Run(
        region=region,
        settings=settings,
        world=world,
        month=month,
        log_sha256=log.sha256,
        travel_version=travel.version,
        engine=engine_version(),
        calls=len(log),
    )
    header = Header(
        engine=run.engine,
        region=region.name,
        region_version=region.version,
        travel_version=travel.version,
    )
    with JournalWriter(journal, header) if journal else nullcontext() as writer:
        commit = None if writer is None else writer.write
        _Driver(
            run, world, log, drawn, open_dispatcher(travel, region=region, commit=commit)
        ).drive(progress, disruptions or Disruptions())
    return run


def travel_times(region: Region) -> TravelTimes:
    """Return the travel times of a region; compiled code and prepared roads load here."""
    from routing.engine import travel_times_for

    # Strangers are joined by shape only: routing has its own names for mode and position.
    return cast("TravelTimes", travel_times_for(region))


class _Driver:
    """One run: opens the picture, lets calls and world happen in order, collects the records."""

    def __init__(
        self,
        run: Run,
        settings: WorldSettings,
        log: CallLog,
        drawn: Fates,
        dispatcher: Dispatcher,
    ) -> None:
        self._run, self._settings, self._fates = run, settings, drawn
        self._calls = _Calls(log, drawn)
        self._first_ms = self._calls.at_ms[0] // HOUR_MS * HOUR_MS
        self._last_ms = self._calls.at_ms[-1] + round(settings.drain_h * HOUR_MS)
        self._dispatcher = dispatcher
        run.ledger.see(dispatcher.handle(opening(run.region, run.settings), self._first_ms))
        destinations = self._destinations(log)
        self._world = World(dispatcher, drawn, destinations, settings, run.ledger.see)
        self._world.now_ms = self._first_ms

    def drive(self, progress: Progress | None, disruptions: Disruptions) -> None:
        """Run until every incident has ended, or the time to drain is over."""
        world, agenda, calls = self._world, self._world.agenda, self._calls
        self._crew_up(disruptions)
        if self._settings.handover is HandoverModel.BAYS:
            self._open_bays()
        Doors(world, disruptions.doors)
        for number, (row, at_ms) in enumerate(zip(calls.row, calls.at_ms, strict=True)):
            while agenda.is_before(at_ms, Turn.CALL):
                world.step()
            world.now_ms = at_ms
            self._report(row)
            if number % CALLS_A_LOOK == 0:
                self._collect()
                if progress is not None:
                    progress(number)
        state = self._dispatcher.state
        while state.incidents and agenda.is_before(self._last_ms, Turn.CALL):
            world.step()
        self._collect()
        self._run.unfinished = len(state.incidents)
        if progress is not None:
            progress(len(calls.row))

    def _report(self, row: int) -> None:
        event = self._calls.event(row, self._world.now_ms)
        try:
            self._world.report(event, row)
        except (RejectedEventError, ValueError) as error:
            self._world.obey(self._dispatcher.reject(event, error, self._world.now_ms))
            self._run.refused.append(Refused(event.incident, str(error)))
            return
        outcome = self._fates.outcome[row]
        if outcome in BY_TELEPHONE:
            self._world.tell(ev.IncidentClosed(incident=event.incident, outcome=outcome))

    def _collect(self) -> None:
        closed = self._dispatcher.state.take_closed()
        self._run.records += closed
        for record in closed:
            self._world.finish(record.incident)

    def _crew_up(self, disruptions: Disruptions) -> None:
        """Put every unit of the fleet into the world, with its duties to come."""
        region, state = self._run.region, self._dispatcher.state
        places = {post.id: post.at for post in region.posts}
        for unit in region.fleet:
            spec = unit_spec(unit)
            crew = Crew(
                spec,
                state.post_positions[spec.home],
                places[unit.home],
                present(
                    duties(unit, self._first_ms, self._last_ms, region.timezone),
                    disruptions.absences.get(unit.id, ()),
                ),
                can_close=spec.kind in CLOSING_KINDS and spec.skill >= Skill.PARAMEDIC,
            )
            self._world.crews[spec.id] = crew
            self._world.await_duty(crew)

    def _open_bays(self) -> None:
        enter_bays(
            self._world.handovers,
            self._run.region,
            self._fates,
            self._settings,
            (self._first_ms, self._calls.at_ms[-1]),
        )

    def _destinations(self, log: CallLog) -> list[HospitalId | None]:
        """Return the hospitals that the log names; those that the region lacks are counted."""
        said = log.words.get("destination")
        if said is None or "destination" in self._settings.ignored_columns:
            return [None] * len(log)
        known = self._dispatcher.state.hospitals
        found = [HospitalId(w) if w and HospitalId(w) in known else None for w in said]
        named = sum(1 for word in said if word)
        self._run.unknown_destinations = named - sum(1 for hospital in found if hospital)
        return found


CALLS_A_LOOK: Final = 256
"""How often records are collected and progress is told."""


class _Calls:
    """The incidents of a log in the order in which they are reported: when they are coded."""

    __slots__ = ("_columns", "at_ms", "row")

    def __init__(self, log: CallLog, drawn: Fates) -> None:
        reported = log.received_at_ms + np.array(drawn.coded_after_ms, np.int64)
        order = np.argsort(reported, kind="stable")
        self.row: list[int] = order.tolist()
        self.at_ms: list[int] = reported[order].tolist()
        category = [Category(word) for word in log.category if word]
        for row, outcome in enumerate(drawn.outcome):
            if outcome in BY_TELEPHONE:
                # What is closed by telephone is no ambulance's job, whatever its code was.
                category[row] = Category.C5
        self._columns = (
            [IncidentId(name) for name in log.incident_id],
            [TrustCode(name) for name in drawn.trust],
            [LonLat(*at) for at in zip(log.lon.tolist(), log.lat.tolist(), strict=True)],
            category,
            log.received_at_ms.tolist(),
            _words(log, "segment", Segment),
            _words(log, "pathway", Pathway),
        )

    def event(self, row: int, now_ms: int) -> ev.IncidentReported:
        """Return the report of one incident."""
        incident, trust, at, category, connected, segment, pathway = self._columns
        return ev.IncidentReported(
            incident=incident[row],
            trust=trust[row],
            at=at[row],
            category=category[row],
            connected_at_ms=connected[row],
            coded_at_ms=now_ms,
            segment=segment[row],
            pathway=pathway[row],
        )


def _words(log: CallLog, name: str, kind: Callable[[str], Any]) -> list[Any]:
    column = log.words.get(name)
    if column is None:
        return [None] * len(log)
    return [kind(word) if word else None for word in column]


def month_of(instants_ms: Sequence[int] | npt.NDArray[np.int64]) -> str:
    """Return the month (``2026-03``) in the middle of some instants, which are in order."""
    middle = int(instants_ms[len(instants_ms) // 2])
    return datetime.fromtimestamp(middle / 1000, UTC).strftime("%Y-%m")


def _check(log: CallLog, region: Region) -> None:
    if not len(log):
        raise ValueError("Expected a call log with at least one incident, was empty.")
    if not region.fleet:
        raise ValueError(f"Expected region {region.name!r} to have a fleet, was none.")
    if not region.hospitals:
        raise ValueError(f"Expected region {region.name!r} to have a hospital, was none.")
