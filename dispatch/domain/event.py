"""Facts that reach the core, in the past tense: the only things that change the picture."""

from __future__ import annotations

from dispatch.domain.category import Category, Segment
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.event_base import EventBase
from dispatch.domain.event_call import CallEvent
from dispatch.domain.event_care import CareEvent
from dispatch.domain.event_feed import FeedEvent
from dispatch.domain.event_hospital import HospitalEvent
from dispatch.domain.facility import Hospital, Post
from dispatch.domain.ids import HospitalId, IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.incident import Outcome, Pathway
from dispatch.domain.settings import Settings
from dispatch.domain.unit import UnitSpec, UnitStatus
from maps.geo import LonLat


class PictureOpened(EventBase, frozen=True, kw_only=True):
    """The first event of a journal: the places and the configuration that everything refers to."""

    region: str
    region_version: str
    hospitals: tuple[Hospital, ...]
    posts: tuple[Post, ...]
    settings: Settings


class IncidentReported(EventBase, frozen=True, kw_only=True):
    """An incident became known, coded or not yet.

    ``trust`` is the home trust: the one whose polygon holds the incident. ``coded_at_ms`` is when
    the category was determined; None while triage goes on ("dispatch first, code later").
    """

    incident: IncidentId
    trust: TrustCode
    at: LonLat
    category: Category
    connected_at_ms: int
    coded_at_ms: int | None = None
    segment: Segment | None = None
    pathway: Pathway | None = None


class IncidentRecoded(EventBase, frozen=True, kw_only=True):
    """Triage gave an incident another category, or its first one."""

    incident: IncidentId
    category: Category
    coded_at_ms: int
    segment: Segment | None = None
    pathway: Pathway | None = None


class IncidentClosed(EventBase, frozen=True, kw_only=True):
    """An incident ended without, or before, its units did: advice, referral, cancellation.

    ``category`` is the code under which it is counted, where that is another than it was handled
    under; it changes nothing else.
    """

    incident: IncidentId
    outcome: Outcome
    reason: str = ""
    category: Category | None = None


class UnitSignedOn(EventBase, frozen=True, kw_only=True):
    """A crew came on duty with a unit, at a place, until a time (None: until it signs off).

    ``meal_break`` is the window of the break that the crew is owed; None where it takes its own.
    """

    unit: UnitSpec
    at: LonLat
    until_ms: int | None = None
    meal_break: MealBreak | None = None


class UnitSignedOff(EventBase, frozen=True, kw_only=True):
    """A crew went off duty."""

    unit: UnitId


class UnitStatusReported(EventBase, frozen=True, kw_only=True):
    """A crew, or its terminal, reported where it stands in its job.

    ``incident`` guards against a report that crossed an order; ``hospital`` is the crew's own
    choice of destination; ``outcome`` says how the incident ended when the crew clears.
    """

    unit: UnitId
    status: UnitStatus
    reported_at_ms: int
    at: LonLat | None = None
    incident: IncidentId | None = None
    hospital: HospitalId | None = None
    outcome: Outcome | None = None


class UnitPositionReported(EventBase, frozen=True, kw_only=True):
    """A unit's position became known."""

    unit: UnitId
    at: LonLat
    reported_at_ms: int


class AssignmentOrdered(EventBase, frozen=True, kw_only=True):
    """A person sent a unit to an incident: a recommendation taken, or an override with a reason."""

    incident: IncidentId
    unit: UnitId
    by: str
    reason: str


class StandDownOrdered(EventBase, frozen=True, kw_only=True):
    """A person took a unit off an incident."""

    incident: IncidentId
    unit: UnitId
    by: str
    reason: str


class RelocationOrdered(EventBase, frozen=True, kw_only=True):
    """A person sent an idle unit to a post."""

    unit: UnitId
    post: PostId
    by: str
    reason: str


class HospitalUpdated(EventBase, frozen=True, kw_only=True):
    """A hospital's capacity to receive patients changed."""

    hospital: HospitalId
    bays: int | None = None
    is_accepting: bool | None = None


class TravelTimesChanged(EventBase, frozen=True, kw_only=True):
    """Roads, speeds or closures changed: from now on decisions use this version.

    ``changes`` leads there from the version before, in words that only the travel engine reads;
    None where the version alone says enough. ``begun`` and ``ended`` name the changes, ``by`` the
    person who asked; empty where nobody did, because a time was up.
    """

    version: str
    changes: str | None = None
    begun: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    by: str = ""


class SettingsChanged(EventBase, frozen=True, kw_only=True):
    """A person put another configuration into force."""

    settings: Settings
    by: str
    reason: str


class TimerFired(EventBase, frozen=True, kw_only=True):
    """A time that a decision asked to be woken at has come."""

    timer: str
    due_at_ms: int


class EventRejected(EventBase, frozen=True, kw_only=True):
    """An event could not be believed: it is kept, with the reason, and changed nothing.

    ``subject`` is the name of the event's type and the identifier it speaks of; the event itself
    is not repeated, because it may hold what should not be kept.
    """

    subject: str
    reason: str


Event = (
    PictureOpened
    | IncidentReported
    | IncidentRecoded
    | IncidentClosed
    | UnitSignedOn
    | UnitSignedOff
    | UnitStatusReported
    | UnitPositionReported
    | AssignmentOrdered
    | StandDownOrdered
    | RelocationOrdered
    | HospitalUpdated
    | TravelTimesChanged
    | SettingsChanged
    | TimerFired
    | EventRejected
    | HospitalEvent
    | CareEvent
    | CallEvent
    | FeedEvent
)
