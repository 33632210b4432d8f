"""The dispatcher: the one mutable object, with one door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np

from dispatch.admit import RejectedEventError, admit
from dispatch.decide import decide
from dispatch.domain import event as ev
from dispatch.domain.decision import Decision
from dispatch.domain.degraded_rules import DegradedRules
from dispatch.domain.escalation import LevelChange, LevelLog
from dispatch.domain.event_feed import RoutingLost, RoutingRestored
from dispatch.domain.event_hospital import LevelConfirmed
from dispatch.domain.ids import HospitalId, IncidentId, UnitId
from dispatch.domain.settings import Settings
from dispatch.domain.travel import Mode
from dispatch.journal import Entry
from dispatch.policies.degraded import flagged, without_routing
from dispatch.policies.travel_by_crow import GuardedTimes, TravelByCrow
from dispatch.ports import Ground, Picture, PolicySet, TravelTimes, position_now
from dispatch.state import HospitalBoard, Incident, State, Unit, apply, observe
from dispatch.state.levels import check_levels, effective
from dispatch.state.reroute import expect_after, moving, stand_at

Roads = Callable[[TravelTimes, ev.TravelTimesChanged], TravelTimes]
"""Leads from the roads before to those that a change names; neither is altered."""


class OtherVersionError(RejectedEventError):
    """An event belongs to other roads or another region than the dispatcher was given."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(f"Expected {what} {expected}, was {found}.")
        self.what, self.expected, self.found = what, expected, found


class Dispatcher:
    """Take events one at a time: admit, decide, journal, apply.

    Parameters
    ----------
    travel
        The roads to begin with.
    policies
        Every policy that a configuration may name.
    ground
        Where demand lives, for policies that weigh cover; None where it is not known.
    roads
        Leads to the roads of a version when a `TravelTimesChanged` names it; None when roads never
        change. The same roads and the same event must always lead to the same roads.
    commit
        Called with each entry after the decision and before its orders enter the picture. If it
        raises, the picture is as it was: journal first, then state.
    """

    def __init__(
        self,
        travel: TravelTimes,
        policies: PolicySet,
        *,
        ground: Ground | None = None,
        roads: Roads | None = None,
        commit: Callable[[Entry], None] | None = None,
    ) -> None:
        self.state: Final = State()
        self.travel = travel
        self._policies = policies
        self._ground = ground
        self._roads = roads
        self._commit = commit
        self._next_seq = 0
        self._memo: dict[str, Any] = {}
        self._asked: tuple[TravelTimes, DegradedRules | None, TravelTimes] | None = None

    def twin(self) -> Dispatcher:
        """Return another with the same roads, policies and ground: an empty picture, no journal."""
        return Dispatcher(self.travel, self._policies, ground=self._ground, roads=self._roads)

    @property
    def next_seq(self) -> int:
        """Number of the next entry; equally, how many there were."""
        return self._next_seq

    def handle(self, event: ev.Event, now_ms: int) -> Entry:
        """Carry one event into the picture and return what was decided about it.

        Raises
        ------
        RejectedEventError, OffNetworkError
            When the event cannot be believed. The picture is as it was, and nothing is journalled;
            the driver records an `EventRejected`.
        TravelUnavailableError
            When routing failed on the way. The picture is as it was: the driver tells
            `RoutingLost`, and then this event again.
        """
        travel, asked = self.travel, self.travel_in_use
        self._prepare(event)
        at = admit(self.state, event, self.travel_in_use, now_ms)
        before = _Memento(self.state, event)
        try:
            observe(self.state, event, now_ms, at)
            self._carry_over(asked, now_ms)
            decisions = self._decide(event, now_ms)
            entry = Entry(self._next_seq, now_ms, event, decisions)
            if self._commit is not None:
                self._commit(entry)
        except BaseException:
            before.restore()
            self.travel = travel
            raise
        for decision in decisions:
            apply(self.state, decision, now_ms)
        self._next_seq += 1
        return entry

    def follow(self, entry: Entry) -> None:
        """Carry an entry of a journal into the picture as it was decided then.

        Nothing is decided anew: after a restart the orders that crews were given stand, whatever
        a newer engine would have decided.

        Raises
        ------
        ValueError
            When the entry is not the next one.
        RejectedEventError, OffNetworkError
            When its event does not fit the picture: the journal belongs to other places or roads.
        """
        if entry.seq != self._next_seq:
            raise ValueError(f"Expected entry {self._next_seq}, was {entry.seq}.")
        asked = self.travel_in_use
        self._prepare(entry.event)
        at = admit(self.state, entry.event, self.travel_in_use, entry.now_ms)
        self.state.mark()
        observe(self.state, entry.event, entry.now_ms, at)
        self._carry_over(asked, entry.now_ms)
        for decision in entry.decisions:
            apply(self.state, decision, entry.now_ms)
        self._next_seq += 1

    def recommend(self, event: ev.Event, now_ms: int) -> tuple[Decision, ...]:
        """Return what would be decided about an event, and change nothing."""
        travel, asked = self.travel, self.travel_in_use
        if isinstance(event, ev.TravelTimesChanged):
            self._prepare(event)
        at = admit(self.state, event, self.travel_in_use, now_ms)
        before = _Memento(self.state, event)
        try:
            observe(self.state, event, now_ms, at)
            self._carry_over(asked, now_ms)
            return self._decide(event, now_ms)
        finally:
            before.restore()
            self.travel = travel

    def reject(self, event: ev.Event, error: Exception, now_ms: int) -> Entry:
        """Journal that an event was refused, and why, and return the entry."""
        kind = type(event).__name__
        subject = getattr(event, "incident", None) or getattr(event, "unit", "")
        subject = subject if isinstance(subject, str) else getattr(subject, "id", "")
        return self.handle(ev.EventRejected(subject=f"{kind} {subject}", reason=str(error)), now_ms)

    @property
    def travel_in_use(self) -> TravelTimes:
        """The roads as decisions see them: by crow while routing is down."""
        state = self.state
        rules = None if state.feeds.routing_lost is None else state.settings.degraded
        known = self._asked
        if known is not None and known[0] is self.travel and known[1] == rules:
            return known[2]
        asked: TravelTimes = GuardedTimes(self.travel)
        if rules is not None:
            asked = TravelByCrow(self.travel, rules)
        self._asked = self.travel, rules, asked
        return asked

    def picture(self, now_ms: int) -> Picture:
        """Return what policies may read, as of now."""
        return Picture(self.state, self.travel_in_use, now_ms, self._ground, self._memo)

    def _decide(self, event: ev.Event, now_ms: int) -> tuple[Decision, ...]:
        decisions = decide(self.picture(now_ms), event, self._policies)
        return flagged(decisions, without_routing(self.state))

    def _prepare(self, event: ev.Event) -> None:
        """Fetch what an event refers to and check that it is what the event says."""
        if isinstance(event, ev.PictureOpened):
            self._open(event)
        elif isinstance(event, ev.TravelTimesChanged):
            if self._roads is None:
                raise OtherVersionError("travel times", self.travel.version, event.version)
            travel = self._roads(self.travel, event)
            if travel.version != event.version:
                raise OtherVersionError("travel times", event.version, travel.version)
            self.travel = travel
        elif isinstance(event, ev.SettingsChanged):
            self._check_policies(event.settings)
        elif isinstance(event, LevelConfirmed):
            self._check_level(event)

    def _carry_over(self, before: TravelTimes, now_ms: int) -> None:
        """Let moving units go on from where they are, if the roads are no longer those before.

        Where a unit is was reckoned on the way that it took, which the old roads know; when it
        arrives is reckoned on the new ones.
        """
        travel = self.travel_in_use
        if travel is before:
            return
        # Roads that have just failed cannot say where a unit is.
        known = travel if self.state.feeds.routing_lost is not None else before
        for mode in Mode:
            units = [unit for unit in moving(self.state) if unit.mode == mode]
            stand_at(units, [position_now(unit, known, now_ms) for unit in units], now_ms)
            origins = np.array([unit.origin for unit in units], np.int64)
            destinations = np.array([unit.destination for unit in units], np.int64)
            takes_ms = travel.pairs_ms(origins, destinations, mode, now_ms)
            expect_after(self.state, units, takes_ms.tolist())

    def _open(self, event: ev.PictureOpened) -> None:
        if self._next_seq:
            raise RejectedEventError("Expected a picture to be opened once, as its first event.")
        self._check_policies(event.settings)
        snap = self.travel.snap
        self.state.travel_version = self.travel.version
        self.state.settings = event.settings
        self.state.locate(
            [(hospital, snap(hospital.at)) for hospital in event.hospitals],
            {post.id: snap(post.at) for post in event.posts},
        )

    def _check_policies(self, settings: Settings) -> None:
        try:
            check_levels(settings)
            under_levels = effective(settings, self.state.flow.levels)
        except ValueError as error:
            raise RejectedEventError(str(error)) from error
        missing = self._policies.missing(settings) or self._policies.missing(under_levels)
        if missing:
            raise RejectedEventError(" ".join(missing))

    def _check_level(self, event: LevelConfirmed) -> None:
        """Refuse a level whose plan names a policy that does not exist."""
        flow = self.state.flow
        change = LevelChange(
            scheme=event.scheme,
            subject=event.subject,
            level=event.level,
            by=event.by,
            reason=event.reason,
            at_ms=0,
        )
        base = self.state.settings if flow.base is None else flow.base
        levels = LevelLog(changes=(*flow.levels.changes, change))
        missing = self._policies.missing(effective(base, levels))
        if missing:
            raise RejectedEventError(" ".join(missing))


class _Memento:
    """Copies of the rows that an event may touch, to put them back if it comes to nothing."""

    __slots__ = (
        "_arrivals",
        "_closed",
        "_feeds",
        "_flow",
        "_hospitals",
        "_incidents",
        "_rest",
        "_size",
        "_state",
        "_trusts",
        "_units",
    )

    def __init__(self, state: State, event: ev.Event) -> None:
        self._state = state
        self._units: dict[UnitId, Unit | None] = {}
        self._incidents: dict[IncidentId, Incident | None] = {}
        self._hospitals: dict[HospitalId, HospitalBoard] = {}
        self._closed = len(state.closed)
        self._size = state.table.size
        self._trusts = len(state.trusts)
        self._rest = (state.settings, state.travel_version, state.orphans)
        self._feeds = state.feeds
        self._arrivals = dict(state.arrivals)
        self._flow = state.flow.copy()
        state.mark()
        unit_id: UnitId | None = getattr(event, "unit", None)
        if isinstance(event, ev.UnitSignedOn):
            unit_id = event.unit.id
        incident_id: IncidentId | None = getattr(event, "incident", None)
        hospital_id: HospitalId | None = getattr(event, "hospital", None)
        if unit_id is not None:
            unit = state.units.get(unit_id)
            self._units[unit_id] = None if unit is None else msgspec.structs.replace(unit)
            if unit is not None:
                incident_id = incident_id or unit.incident
                self._keep_hospital(unit.hospital)
        self._keep_incident(incident_id)
        self._keep_incident(getattr(event, "into", None))
        self._keep_incident(state.care.incident_of(getattr(event, "referral", None)))
        self._keep_hospital(hospital_id)
        if isinstance(event, ev.TravelTimesChanged | RoutingLost | RoutingRestored):
            for moved in moving(state):
                self._units[moved.spec.id] = msgspec.structs.replace(moved)
                self._keep_hospital(moved.hospital)

    def _keep_incident(self, incident_id: IncidentId | None) -> None:
        if incident_id is not None:
            incident = self._state.incidents.get(incident_id)
            self._incidents[incident_id] = (
                None if incident is None else msgspec.structs.replace(incident)
            )

    def _keep_hospital(self, hospital_id: HospitalId | None) -> None:
        if hospital_id is not None and hospital_id in self._state.hospitals:
            self._hospitals[hospital_id] = msgspec.structs.replace(
                self._state.hospitals[hospital_id]
            )

    def restore(self) -> None:
        """Put the picture back as it was when this was made."""
        state = self._state
        state.settings, state.travel_version, state.orphans = self._rest
        state.arrivals = self._arrivals
        state.flow = self._flow
        state.feeds = self._feeds
        del state.closed[self._closed :]
        for trust in list(state.trusts)[self._trusts :]:
            del state.trusts[trust]
        state.hospitals.update(self._hospitals)
        state.timers.restore()
        state.care.restore()
        state.calls.restore()
        state.restore_rows(self._units, self._incidents, self._size)
