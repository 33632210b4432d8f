"""The desk in the control room: one dispatcher, its journal, and what it remembers to show.

Everything here runs on the runner's thread, one job at a time: nothing needs a lock.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from api.clock import Clock
from api.closures import Closures
from api.ground import Ground
from api.leg_shape import LegShapes
from api.metrics import Metrics
from api.problems import ProblemError, defect, refusal
from api.routing_watch import RoutingWatch
from api.store.sqlite import SqliteStore, StoreError
from api.views import EntryView, PictureView
from dispatch.admit import RejectedEventError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.call import Call
from dispatch.domain.decision import Decision, SetTimer
from dispatch.domain.event_feed import RoutingLost
from dispatch.domain.ids import HospitalId, IncidentId, ReferralId, UnitId
from dispatch.domain.incident import IncidentRecord
from dispatch.domain.referral import Referral
from dispatch.domain.travel import TravelUnavailableError
from dispatch.domain.unit import UnitSpec
from dispatch.domain.wording import Directory
from dispatch.journal import Entry
from maps.geo import OffNetworkError

RECENT_MAX: Final = 200
"""Entries with decisions that are kept to be shown."""

CLOSED_MAX: Final = 5_000
"""Closed incidents that are kept to be shown; the journal has them all."""

TIMERS_AT_ONCE_MAX: Final = 1_000
"""Timers that may fire at one instant: more shows a policy that wakes itself for ever."""

ROADS: Final = "roads"
"""Where a closure that could not be ended is noted, among timers that could not fire."""

_log = logging.getLogger("bluelight")


class TornError(StoreError):
    """The picture was changed only in part after its entry was journalled: it must be rebuilt."""


class Desk:
    """Takes events, journals what follows, and remembers what screens ask for."""

    def __init__(
        self, dispatcher: Dispatcher, ground: Ground, store: SqliteStore, clock: Clock
    ) -> None:
        self.dispatcher = dispatcher
        self.ground = ground
        self.store = store
        self.clock = clock
        self.metrics = Metrics()
        self.shapes = LegShapes(dispatcher.travel)
        self.closures = Closures(dispatcher, ground.live)
        self.routing = RoutingWatch(dispatcher)
        self.recent: deque[Entry] = deque(maxlen=RECENT_MAX)
        self.closed: OrderedDict[IncidentId, IncidentRecord] = OrderedDict()
        self.referrals: OrderedDict[ReferralId, Referral] = OrderedDict()
        """Referrals that are over, oldest first."""
        self.calls: deque[Call] = deque(maxlen=CLOSED_MAX)
        """Telephone calls that are over, oldest first."""
        self.entry_views: dict[int, EntryView] = {}
        """Entries as they go over the wire, by number, oldest first."""
        self.kept_picture: tuple[int, int, PictureView] | None = None
        """The last picture that was drawn, with its entry and time."""
        self.told: list[Entry] = []
        """Entries since the runner last took them for the stream."""
        self.directory = Directory(unit=self.spec_of, hospital=self.name_of)
        self._now_ms = 0
        self._stuck: set[tuple[str, int]] = set()

    # -- time ------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return the time; it never goes back, whatever the machine's clock does."""
        self._now_ms = max(self._now_ms, self.clock.now_ms())
        return self._now_ms

    def not_before(self, at_ms: int) -> None:
        """Let the time never be before this: the last entry of a journal."""
        self._now_ms = max(self._now_ms, at_ms)

    def next_timer_ms(self) -> int | None:
        """Return when the next timer is due, or the next closure ends; None when nothing is."""
        timers = self.dispatcher.state.timers.items()
        due = [due for name, due in timers if (name, due) not in self._stuck]
        ends_ms = self._roads_due_ms()
        return min(due if ends_ms is None else [*due, ends_ms], default=None)

    def _roads_due_ms(self) -> int | None:
        ends = self.closures.expiries_ms()
        return min((at_ms for at_ms in ends if (ROADS, at_ms) not in self._stuck), default=None)

    # -- events ----------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """Number of the last entry; -1 before the first."""
        return self.dispatcher.next_seq - 1

    def tell(self, event: ev.Event, named: tuple[str, ...] = ()) -> list[Entry]:
        """Handle an event and the timers that it makes due; return the entries.

        ``named`` are identifiers of the request's path, see `refusal`.

        Raises
        ------
        ProblemError
            When the event cannot be believed: it is journalled as rejected.
        StoreError
            When the journal cannot be written: nothing may be acknowledged any more.
        """
        return self.tell_made(lambda _now_ms: event, named)

    def tell_made(
        self, make: Callable[[int], ev.Event], named: tuple[str, ...] = ()
    ) -> list[Entry]:
        """Let due timers fire, make an event of the picture as it is then, and handle it.

        Raises
        ------
        ProblemError
            When the event cannot be made, or not believed: see `tell`.
        StoreError
            When the journal cannot be written: nothing may be acknowledged any more.
        """
        self.fire_due()
        now_ms = self.now_ms()
        event = make(now_ms)
        try:
            entries = [self._handle(event, now_ms)]
        except (RejectedEventError, OffNetworkError) as error:
            problem = refusal(error, named)
            self.metrics.refused.add(reason=problem.code)
            self._note(self.dispatcher.reject(event, error, now_ms))
            raise problem from error
        except StoreError:
            raise
        except Exception as error:
            self._defect(error, type(event).__name__)
            self._note(self.dispatcher.reject(event, RuntimeError("a defect"), now_ms))
            raise defect() from error
        return entries + self.fire_due()

    def refuse(self, subject: str, problem: ProblemError) -> ProblemError:
        """Journal that something was refused before it became an event; return the problem."""
        self.metrics.refused.add(reason=problem.code)
        event = ev.EventRejected(subject=subject, reason=problem.detail)
        self._handle(event, self.now_ms())
        return problem

    def recommend(self, event: ev.Event, named: tuple[str, ...] = ()) -> tuple[Decision, ...]:
        """Return what would be decided about an event, and change nothing.

        Raises
        ------
        ProblemError
            When the event could not be believed.
        """
        try:
            return self._recommend(event, self.now_ms())
        except (RejectedEventError, OffNetworkError) as error:
            raise refusal(error, named) from error

    def _recommend(self, event: ev.Event, now_ms: int) -> tuple[Decision, ...]:
        try:
            return self.dispatcher.recommend(event, now_ms)
        except TravelUnavailableError as error:
            self._handle(self.routing.lost(error, now_ms), now_ms)
            return self.dispatcher.recommend(event, now_ms)

    def fire_due(self) -> list[Entry]:
        """Fire the timers whose time has come, in the order of their times; return the entries."""
        fired: list[Entry] = []
        now_ms = self.now_ms()
        restored = self.routing.restored(now_ms)
        if restored is not None:
            fired.append(self._handle(restored, now_ms))
        while (due := self.next_timer_ms()) is not None and due <= now_ms:
            if due == self._roads_due_ms():
                fired += self._end_closures(due, now_ms)
                continue
            name = min(
                name
                for name, at_ms in self.dispatcher.state.timers.items()
                if at_ms == due and (name, at_ms) not in self._stuck
            )
            if len(fired) >= TIMERS_AT_ONCE_MAX:
                self._stuck.add((name, due))
                self._defect(RuntimeError("timers without end"), name)
                continue
            try:
                fired.append(self._handle(ev.TimerFired(timer=name, due_at_ms=due), now_ms))
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - the other timers must still fire
                # The timer stays in the picture; it must not be tried for ever.
                self._stuck.add((name, due))
                self._defect(error, f"timer {name}")
        return fired

    def _end_closures(self, due_ms: int, now_ms: int) -> list[Entry]:
        """Let the closures end whose time has come."""
        try:
            return [self._handle(self.closures.expiry(now_ms), now_ms)]
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a road that stays shut must not stop dispatch
            self._stuck.add((ROADS, due_ms))
            self._defect(error, "end of a closure")
            return []

    def _handle(self, event: ev.Event, now_ms: int) -> Entry:
        appended, begun = self.store.appended, time.perf_counter()
        try:
            entry = self.dispatcher.handle(event, now_ms)
        except TravelUnavailableError as error:
            if isinstance(event, RoutingLost):
                raise
            self._handle(self.routing.lost(error, now_ms), now_ms)
            return self._handle(event, now_ms)
        except Exception as error:
            if self.store.appended != appended:
                raise TornError(f"An entry was journalled and then met {error!r}.") from error
            raise
        self.metrics.handle_s.observe(time.perf_counter() - begun)
        self._note(entry)
        return entry

    def _defect(self, error: Exception, at: str) -> None:
        self.metrics.defects.add(kind=type(error).__name__)
        _log.error("A defect at %s; the event is refused.", at, exc_info=error)

    def _note(self, entry: Entry) -> None:
        self.metrics.events.add(type=type(entry.event).__name__)
        for decision in entry.decisions:
            self.metrics.decisions.add(type=type(decision).__name__)
        self.told.append(entry)
        self.remember(entry)

    def remember(self, entry: Entry) -> None:
        """Keep what screens will ask of an entry, and of the incidents that it closed."""
        if any(not isinstance(decision, SetTimer) for decision in entry.decisions):
            self.recent.append(entry)
        for record in self.dispatcher.state.take_closed():
            self.closed[record.incident] = record
            self.closed.move_to_end(record.incident)
        if self.shapes.travel is not self.dispatcher.travel:
            self.shapes = LegShapes(self.dispatcher.travel)
        self._remember_referrals()
        while len(self.closed) > CLOSED_MAX:
            self.closed.popitem(last=False)

    def _remember_referrals(self) -> None:
        """Keep referrals that ended, and show no incident as closed that was opened again."""
        state = self.dispatcher.state
        for referral in state.care.take_ended():
            self.referrals[referral.id] = referral
            if referral.incident in state.incidents:
                self.closed.pop(referral.incident, None)
        self.calls.extend(state.calls.take_ended())
        while len(self.referrals) > CLOSED_MAX:
            self.referrals.popitem(last=False)

    def take_told(self) -> list[Entry]:
        """Return the entries since this was last asked."""
        told, self.told = self.told, []
        return told

    # -- names -----------------------------------------------------------------------------

    def spec_of(self, unit: UnitId) -> UnitSpec | None:
        """Return what a unit is, if it was ever on duty or is of the region's fleet."""
        known = self.dispatcher.state.units.get(unit)
        if known is not None:
            return known.spec
        member = self.ground.fleet.get(unit)
        return None if member is None else member.spec

    def name_of(self, hospital: HospitalId) -> str | None:
        """Return a hospital's name."""
        board = self.dispatcher.state.hospitals.get(hospital)
        return None if board is None else board.spec.name
