"""The demonstration: a composed day, simulated crews, and the real server, in one process.

The crews live on the desk's own thread: whenever the desk looks at its timers it lets the world
catch up with the clock first. What a visitor posts is an event like any other, and the crews obey
whatever the core decides about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from api.clock import Clock, PacedClock
from api.desk import Desk
from api.ground import Ground
from api.problems import ProblemError
from api.store.sqlite import SqliteStore
from benchmarks.call_log.log import CallLog
from benchmarks.simulator.agenda import Turn
from benchmarks.simulator.call_behaviour import CallBehaviour
from benchmarks.simulator.call_plan import rings_of
from benchmarks.simulator.callers import Callers
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.crew import Crew, Job
from benchmarks.simulator.directory import directory_of
from benchmarks.simulator.duty import duties
from benchmarks.simulator.fate import BY_TELEPHONE, Fates
from benchmarks.simulator.need import needs
from benchmarks.simulator.redirected import Redirected, clinicians_on_duty
from benchmarks.simulator.settings import WorldSettings
from benchmarks.simulator.world import World
from dispatch.admit import RejectedEventError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category, Segment
from dispatch.domain.decision import SetTimer
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode
from dispatch.domain.incident import Outcome
from dispatch.domain.travel import OffNetworkError
from dispatch.domain.unit import Skill, UnitKind
from dispatch.engine import unit_spec
from dispatch.journal import Entry
from dispatch.state import State
from maps.geo import LonLat
from maps.region import Region

WARM_UP_MS: Final = 10 * 3_600_000
"""The day begins this long before the visitor comes, so that crews are at work."""

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

MONTH: Final = "2026-03"
"""The month whose published figures the day is composed from."""

CLOSING_KINDS: Final = frozenset({UnitKind.RRV, UnitKind.HEMS})


@dataclass(frozen=True, slots=True)
class Day:
    """A composed day: its calls, what was drawn for each, and where it is played."""

    region: Region
    log: CallLog
    fates: Fates
    settings: WorldSettings

    @property
    def starts_at_ms(self) -> int:
        """The hour of the first call."""
        return int(self.log.received_at_ms[0]) // HOUR_MS * HOUR_MS


class _Door:
    """The dispatcher as the crews see it: what they say goes through the desk's journal."""

    def __init__(self, desk: DemoDesk) -> None:
        self._desk = desk
        self.travel: Final = desk.dispatcher.travel

    @property
    def state(self) -> State:
        return self._desk.dispatcher.state

    def handle(self, event: ev.Event, now_ms: int) -> Entry:
        """Tell the desk; a report that a visitor's order has overtaken is journalled as refused."""
        return self._desk.hear(event, now_ms)


class _LiveWorld(World):
    """Crews around a desk that fires its own timers and hears of incidents from visitors too."""

    def obey(self, entry: Entry) -> None:
        """Do what was decided; an incident that a visitor reported gets a fate of the day's."""
        event = entry.event
        if isinstance(event, ev.IncidentReported) and event.incident not in self._jobs:
            incident = self.dispatcher.state.incidents.get(event.incident)
            if incident is not None:
                row = entry.seq % len(self._fates.outcome)
                self._jobs[event.incident] = Job(
                    row, incident.position, incident.rank, self._fates.outcome[row]
                )
        super().obey(entry)

    def take_in(self, event: ev.IncidentReported, row: int) -> bool:
        """Report an incident of the day with its own fate; False when the core refused it."""
        entry = self.dispatcher.handle(event, self.now_ms)
        incident = self.dispatcher.state.incidents.get(event.incident)
        if incident is not None:
            outcome = self._fates.outcome[row]
            self._jobs[event.incident] = Job(row, incident.position, incident.rank, outcome)
        self.obey(entry)
        return incident is not None

    def _set_timer(self, order: SetTimer) -> None:
        """Leave timers to the desk."""


class DemoDesk(Desk):
    """A desk with a simulated day around it."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        ground: Ground,
        store: SqliteStore,
        clock: Clock,
        day: Day,
    ) -> None:
        super().__init__(dispatcher, ground, store, clock)
        self._day = day
        self._world: _LiveWorld | None = None
        self._redirected: Redirected | None = None
        self._advised: dict[IncidentId, Outcome] = {}
        self._is_catching_up = False

    def begin(self) -> None:
        """Put crews and calls of the day into the world; the picture must be open."""
        day = self._day
        door = cast("Dispatcher", _Door(self))
        destinations: list[HospitalId | None] = [None] * len(day.log)
        self._world = _LiveWorld(door, day.fates, destinations, day.settings, _ignore)
        first_ms = day.starts_at_ms
        last_ms = int(day.log.received_at_ms[-1]) + 24 * HOUR_MS
        self._world.now_ms = first_ms
        self._crew_up(first_ms, last_ms)
        self._world.agenda.add(first_ms, Turn.SHIFT, self._open_rooms, None)

    def _begin_once(self) -> None:
        """Begin when the picture is open, and let the first hours pass at once."""
        if self._world is not None or self.dispatcher.next_seq == 0:
            return
        self.begin()
        if isinstance(self.clock, PacedClock):
            self.clock.skip_to(self._day.starts_at_ms + WARM_UP_MS)

    def next_timer_ms(self) -> int | None:
        """Return when something is next due: a timer of the core, or a step of the world."""
        due = super().next_timer_ms()
        if self._world is None or self._is_catching_up:
            return due
        item = self._world.agenda.next_at_ms
        return min((at for at in (due, item) if at is not None), default=None)

    def now_ms(self) -> int:
        """Return the time: that of the world while it catches up with the clock."""
        if self._is_catching_up and self._world is not None:
            return self._world.now_ms
        return super().now_ms()

    def fire_due(self) -> list[Entry]:
        """Let world and timers catch up with the clock, in the order of their times."""
        if self._is_catching_up:
            return super().fire_due()
        self._begin_once()
        if self._world is None:
            return super().fire_due()
        now_ms = self.now_ms()
        before = len(self.told)
        self._is_catching_up = True
        try:
            self._catch_up(self._world, now_ms)
        finally:
            self._is_catching_up = False
        return self.told[before:]

    def _catch_up(self, world: _LiveWorld, now_ms: int) -> None:
        while True:
            timer = super().next_timer_ms()
            step = world.agenda.next_at_ms
            if timer is not None and timer <= now_ms and (step is None or timer <= step):
                world.now_ms = max(world.now_ms, timer)
                for entry in super().fire_due():
                    world.obey(entry)
            elif step is not None and step <= now_ms:
                world.step()
            else:
                world.now_ms = max(world.now_ms, now_ms)
                return

    def tell(self, event: ev.Event, named: tuple[str, ...] = ()) -> list[Entry]:
        """Handle a visitor's event and let the crews obey what is decided."""
        entries = super().tell(event, named)
        if self._world is not None and not isinstance(event, ev.PictureOpened):
            # The first entry is the event's own; later ones were obeyed as they came.
            self._world.obey(entries[0])
        return entries

    def hear(self, event: ev.Event, now_ms: int) -> Entry:
        """Take a report of the simulated crews."""
        try:
            return self._handle(event, now_ms)
        except (RejectedEventError, OffNetworkError, ProblemError) as error:
            entry = self.dispatcher.reject(event, error, now_ms)
            self._note(entry)
            return entry

    def _open_rooms(self, _nothing: None) -> None:
        """Open the call rooms, put clinicians on duty and a directory of services into force."""
        assert self._world is not None
        day, world = self._day, self._world
        care, calls, seed = day.settings.care, day.settings.calls, day.settings.seed
        days = (int(day.log.received_at_ms[-1]) - day.starts_at_ms) / DAY_MS
        world.tell(directory_of(day.region, care.services, care.directory, seed))
        patients = needs(day.log, day.fates, care, seed)
        on_duty = clinicians_on_duty(day.fates.trust, days, care)
        self._redirected = Redirected(world, care, seed, patients, day.fates, on_duty)
        world.heed(self._redirected.answers())
        rings = rings_of(day.log, day.fates, MONTH, calls, seed)
        callers = Callers(world, calls, seed, day.log, rings, (self._report, self._hang_up))
        world.heed(callers.answers())
        callers.staff(days, MONTH)
        by_telephone = {ring.row for ring in rings}
        for row in range(len(day.log)):
            if row not in by_telephone:
                at_ms = int(day.log.received_at_ms[row]) + int(day.fates.coded_after_ms[row])
                world.agenda.add(at_ms, Turn.CALL, self._come_in, row)

    def _come_in(self, row: int) -> None:
        """Take in an incident that comes from NHS 111 or a professional, not by a 999 call."""
        self._hang_up(self._report(row))

    def _report(self, row: int) -> IncidentId | None:
        """Report an incident of the day; return its name, or None when the core refused it."""
        assert self._world is not None
        log, fates = self._day.log, self._day.fates
        outcome = fates.outcome[row]
        by_telephone = outcome in BY_TELEPHONE
        segment = log.words["segment"][row] if "segment" in log.words else None
        event = ev.IncidentReported(
            incident=IncidentId(log.incident_id[row]),
            trust=TrustCode(fates.trust[row]),
            at=LonLat(float(log.lon[row]), float(log.lat[row])),
            category=Category.C5 if by_telephone else Category(log.category[row] or "C5"),
            connected_at_ms=int(log.received_at_ms[row]),
            coded_at_ms=self._world.now_ms,
            segment=None if segment is None else Segment(segment),
        )
        if not self._world.take_in(event, row):
            return None
        assert self._redirected is not None
        if not self._redirected.describe(event, row) and by_telephone:
            self._advised[event.incident] = outcome
        return event.incident

    def _hang_up(self, incident: IncidentId | None) -> None:
        """Close an incident whose caller needed no more than the conversation."""
        outcome = None if incident is None else self._advised.pop(incident, None)
        if incident is not None and outcome is not None and self._world is not None:
            self._world.tell(ev.IncidentClosed(incident=incident, outcome=outcome))

    def _crew_up(self, first_ms: int, last_ms: int) -> None:
        assert self._world is not None
        region, state = self._day.region, self.dispatcher.state
        places = {post.id: post.at for post in region.posts}
        for unit in region.fleet:
            spec = unit_spec(unit)
            crew = Crew(
                spec,
                state.post_positions[spec.home],
                places[unit.home],
                duties(unit, first_ms, last_ms, region.timezone),
                can_close=spec.kind in CLOSING_KINDS and spec.skill >= Skill.PARAMEDIC,
            )
            self._world.crews[spec.id] = crew
            self._world.await_duty(crew)


def _ignore(entry: Entry) -> None:
    del entry


def seat(day: Day) -> Callable[[Dispatcher, Ground, SqliteStore, Clock], Desk]:
    """Return what makes a desk with a day around it."""

    def make(dispatcher: Dispatcher, ground: Ground, store: SqliteStore, clock: Clock) -> Desk:
        return DemoDesk(dispatcher, ground, store, clock, day)

    return make


def compose_day(region: Region, seed: int) -> Day:
    """Return days of calls from published volumes, and what is drawn for each call."""
    from benchmarks.call_log.compose import compose
    from benchmarks.simulator.assumptions import published_month
    from benchmarks.simulator.fate import fates
    from benchmarks.simulator.home_trust import home_trusts

    log = compose(region, MONTH, seed, days=DAYS).log
    settings = WorldSettings(
        seed=seed, care=CareBehaviour(is_on=True), calls=CallBehaviour(is_on=True)
    )
    drawn = fates(log, home_trusts(log, region), published_month(MONTH), settings)
    return Day(region, log, drawn, settings)


DAYS: Final = 7
"""Days of calls that a demonstration has in store."""


def run(region: str, *, policy: str, pace: float, port: int, seed: int, store: Path) -> None:
    """Serve a demonstration until it is stopped.

    Raises
    ------
    ValueError, StoreError
        When the region is unknown or the journal cannot be opened.
    """
    from api.ground import open_ground
    from api.server import serve
    from api.settings import ServerSettings

    ground = open_ground(region)
    assert ground.region is not None
    day = compose_day(ground.region, seed)
    settings = ServerSettings(region=region, store=store, policy=policy, port=port)
    clock = PacedClock(day.starts_at_ms, pace)
    serve(settings, ground=ground, clock=clock, seat=seat(day))
