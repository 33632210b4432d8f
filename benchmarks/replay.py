"""Replay: a call log through the live decision code, in a simulated world and a virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.call_log.log import CallLog
from benchmarks.journal_file import JournalWriter, engine_version
from benchmarks.ledger import Ledger
from benchmarks.rare_collection import rare_collection
from benchmarks.simulator.agenda import Turn
from benchmarks.simulator.assumptions import published_month
from benchmarks.simulator.call_plan import rings_of
from benchmarks.simulator.callers import Callers
from benchmarks.simulator.crew import Crew
from benchmarks.simulator.directory import directory_of
from benchmarks.simulator.disruption import Disruptions, Doors, present
from benchmarks.simulator.duty import duties
from benchmarks.simulator.fate import BY_TELEPHONE, Fates, fates
from benchmarks.simulator.handover import enter_bays
from benchmarks.simulator.home_trust import home_trusts
from benchmarks.simulator.nearest_department import Department, nearest_departments
from benchmarks.simulator.need import needs
from benchmarks.simulator.redirected import AGAIN, Redirected, clinicians_on_duty
from benchmarks.simulator.settings import HandoverModel, WorldSettings, in_month
from benchmarks.simulator.world import World
from dispatch.admit import RejectedEventError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.call import Call
from dispatch.domain.call_rules import BuddyRules
from dispatch.domain.category import Category, Segment
from dispatch.domain.demand_model import Forecast
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode
from dispatch.domain.incident import IncidentRecord, Outcome, Pathway
from dispatch.domain.settings import Settings
from dispatch.domain.unit import Skill, UnitKind
from dispatch.engine import open_dispatcher, opening, unit_spec
from dispatch.journal import Header
from dispatch.policies.forecast_file import given
from dispatch.ports import TravelTimes
from maps.geo import LonLat
from maps.region import Region

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

CLOSING_KINDS: Final = frozenset({UnitKind.RRV, UnitKind.HEMS})
"""Kinds that do not convey, but whose clinician may treat a patient and leave. Assumed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An incident of the log that the core would not believe, and why."""

    incident: str
    reason: str


@dataclass(slots=True, repr=False)
class Run:
    """What one replay was given, and what it left behind.

    ``records`` are of the incidents that ended, one each, in the order in which they last did;
    ``unfinished`` counts those that were still open when the world stopped, ``second_calls`` the
    incidents beyond the log: patients who called again. ``telephone`` holds the calls that ended,
    where calls are simulated. ``world`` is None of a run that a
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
    second_calls: int = 0
    telephone: list[Call] = field(default_factory=list)

    def to_arrow(self) -> Any:
        """Return the incidents as a pyarrow table; see `benchmarks.frames`."""
        from benchmarks.frames import run_table

        return run_table(self)

    def to_pandas(self) -> Any:
        """Return the same as a pandas frame; needs pandas."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the same as a polars frame; needs polars."""
        from benchmarks.frames import to_polars

        return to_polars(self.to_arrow())

    def __repr__(self) -> str:
        """Return what it is in a line: all that it holds would fill the terminal."""
        return (
            f"Run({self.calls} calls, region={self.region.name!r}, policy={self.settings.name!r}, "
            f"{len(self.records)} ended)"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from benchmarks.frames import run_html

        return run_html(self)


Progress = Callable[[int], None]
"""Called now and then with the number of calls that have come in."""


def replay(  # noqa: PLR0913 -- everything that makes a run, by name
    log: CallLog,
    region: Region,
    settings: Settings,
    world: WorldSettings | None = None,
    *,
    travel: TravelTimes | None = None,
    journal: Path | None = None,
    progress: Progress | None = None,
    disruptions: Disruptions | None = None,
    forecast: Forecast | None = None,
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
    forecast
        What is expected, for configurations that use a forecast; None: none is given.

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
    world = in_month(world, month)
    drawn = fates(log, home_trusts(log, region), month, world)
    settings = _with_buddies(settings, sorted(set(drawn.trust)), world.calls.buddies_after_s)
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
        seed=world.seed,
        log_sha256=log.sha256,
    )
    with JournalWriter(journal, header) if journal else nullcontext() as writer:
        commit = None if writer is None else writer.write
        driver = _Driver(
            run, world, log, drawn, open_dispatcher(travel, region=region, commit=commit)
        )
        driver.expect(forecast)
        with rare_collection():
            driver.drive(progress, disruptions or Disruptions())
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
        self._records: dict[IncidentId, IncidentRecord] = {}
        self._by_telephone: frozenset[int] = frozenset()
        self._advised: dict[IncidentId, Outcome] = {}
        self._coded: dict[IncidentId, Category | None] = {}
        self._redirected = self._open_services(log) if settings.care.is_on else None
        self._callers = self._open_rooms(log) if settings.calls.is_on else None

    def expect(self, forecast: Forecast | None) -> None:
        """Put a forecast into force at the beginning."""
        if forecast is not None:
            self._world.tell(given(forecast, self._first_ms))

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
            if row not in self._by_telephone:
                self._hang_up(self._report(row))
            if number % CALLS_A_LOOK == 0:
                self._collect()
                if progress is not None:
                    progress(number)
        state = self._dispatcher.state
        while self._goes_on() and agenda.is_before(self._last_ms, Turn.CALL):
            world.step()
        self._collect()
        self._run.records = list(self._records.values())
        self._run.unfinished = len(state.incidents)
        if progress is not None:
            progress(len(calls.row))

    def _report(self, row: int) -> IncidentId | None:
        """Report an incident; return its name, or None when the core refused it."""
        event = self._calls.event(row, self._world.now_ms)
        try:
            self._world.report(event, row)
        except (RejectedEventError, ValueError) as error:
            self._world.obey(self._dispatcher.reject(event, error, self._world.now_ms))
            self._run.refused.append(Refused(event.incident, str(error)))
            return None
        outcome = self._fates.outcome[row]
        is_advice = outcome in (Outcome.HEAR_AND_TREAT, Outcome.REFERRED)
        if self._redirected is not None and (is_advice or outcome not in BY_TELEPHONE):
            is_cared_for = self._redirected.describe(event, row)
        else:
            is_cared_for = False
        if outcome in BY_TELEPHONE and not is_cared_for:
            self._advised[event.incident] = outcome
            self._coded[event.incident] = self._calls.code(row)
        return event.incident

    def _hang_up(self, incident: IncidentId | None) -> None:
        """Close an incident whose caller needed no more than the conversation."""
        outcome = None if incident is None else self._advised.pop(incident, None)
        if incident is not None and outcome is not None:
            code = self._coded.pop(incident)
            self._world.tell(ev.IncidentClosed(incident=incident, outcome=outcome, category=code))

    def _goes_on(self) -> bool:
        """Test whether anything is still to happen to a patient of the log."""
        state, redirected = self._dispatcher.state, self._redirected
        if state.incidents or state.calls.calls.rows:
            return True
        if self._callers is not None and self._callers.to_come:
            return True
        if redirected is None:
            return False
        return bool(redirected.recontacts_due or state.care.referred.rows)

    def _collect(self) -> None:
        """Keep the last record of each incident: one that a service gave back ends again."""
        state = self._dispatcher.state
        state.care.take_ended()
        self._run.telephone += state.calls.take_ended()
        for record in state.take_closed():
            self._records.pop(record.incident, None)
            self._records[record.incident] = record
            self._run.second_calls += record.incident.endswith(AGAIN)
            if record.outcome is not Outcome.REFERRED:
                self._world.finish(record.incident)

    def _open_rooms(self, log: CallLog) -> Callers:
        """Let calls ring, and put handlers on duty in proportion to them."""
        behaviour, seed = self._settings.calls, self._settings.seed
        rings = rings_of(log, self._fates, self._run.month, behaviour, seed)
        self._by_telephone = frozenset(ring.row for ring in rings if ring.row is not None)
        callers = Callers(self._world, behaviour, seed, log, rings, (self._report, self._hang_up))
        self._world.heed(callers.answers())
        days = (int(log.received_at_ms[-1]) - self._first_ms) / DAY_MS
        callers.staff(days, self._run.month)
        return callers

    def _open_services(self, log: CallLog) -> Redirected:
        """Put a directory into force, and clinicians on duty in proportion to the log."""
        region, settings, behaviour = self._run.region, self._settings, self._settings.care
        self._world.tell(
            directory_of(region, behaviour.services, behaviour.directory, settings.seed)
        )
        days = (int(log.received_at_ms[-1]) - self._first_ms) / DAY_MS
        redirected = Redirected(
            self._world,
            behaviour,
            settings.seed,
            needs(log, self._fates, behaviour, settings.seed),
            self._fates,
            clinicians_on_duty(self._fates.trust, days, behaviour),
        )
        self._world.heed(redirected.answers())
        return redirected

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
            self._nearest_departments,
        )

    def _nearest_departments(self) -> list[HospitalId | None]:
        """Return the emergency department nearest to each patient whom one will receive."""
        hospitals = self._dispatcher.state.hospitals
        departments = [
            Department(
                HospitalId(site.id),
                hospitals[HospitalId(site.id)].position,
                frozenset(site.pathways),
            )
            for site in self._run.region.hospitals
            if site.emergency_department
        ]
        patients = (
            self._calls.patient(row) if outcome is Outcome.CONVEYED_TO_ED else None
            for row, outcome in enumerate(self._fates.outcome)
        )
        return nearest_departments(departments, patients, self._dispatcher.travel, self._first_ms)

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

    __slots__ = ("_columns", "_own", "at_ms", "row")

    def __init__(self, log: CallLog, drawn: Fates) -> None:
        reported = log.received_at_ms + np.array(drawn.coded_after_ms, np.int64)
        order = np.argsort(reported, kind="stable")
        self.row: list[int] = order.tolist()
        self.at_ms: list[int] = reported[order].tolist()
        category = [Category(word) for word in log.category if word]
        self._own: dict[int, Category] = {}
        for row, outcome in enumerate(drawn.outcome):
            if outcome in BY_TELEPHONE:
                # What is closed by telephone is no ambulance's job, whatever its code was; but
                # it is counted under its code.
                self._own[row] = category[row]
                category[row] = Category.C5
            elif category[row] is Category.C5:
                # A log in which somebody went to a C5: nobody would, so it is one of the next.
                category[row] = Category.C4
        self._columns = (
            [IncidentId(name) for name in log.incident_id],
            [TrustCode(name) for name in drawn.trust],
            [LonLat(*at) for at in zip(log.lon.tolist(), log.lat.tolist(), strict=True)],
            category,
            log.received_at_ms.tolist(),
            _words(log, "segment", Segment),
            _words(log, "pathway", Pathway),
        )

    def code(self, row: int) -> Category | None:
        """Return the log's own code of an incident reported under another; None: the same."""
        own = self._own.get(row)
        return None if own is Category.C5 else own

    def patient(self, row: int) -> tuple[LonLat, Pathway | None]:
        """Return the scene of one incident, and the pathway of its patient."""
        return self._columns[2][row], self._columns[6][row]

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


def _with_buddies(settings: Settings, trusts: list[str], after_s: int | None) -> Settings:
    """Return a configuration in which trusts answer each other's calls, if the world asks so."""
    if after_s is None or settings.calls.buddies:
        return settings
    buddies = {
        TrustCode(trust): (
            BuddyRules(
                order=tuple(TrustCode(other) for other in trusts if other != trust),
                after_s=after_s,
                predicted_after_s=after_s,
            ),
        )
        for trust in trusts
    }
    calls = msgspec.structs.replace(settings.calls, buddies=buddies)
    return msgspec.structs.replace(settings, calls=calls)


def _check(log: CallLog, region: Region) -> None:
    if not len(log):
        raise ValueError("Expected a call log with at least one incident, was empty.")
    if not region.fleet:
        raise ValueError(f"Expected region {region.name!r} to have a fleet, was none.")
    if not region.hospitals:
        raise ValueError(f"Expected region {region.name!r} to have a hospital, was none.")
