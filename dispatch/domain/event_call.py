"""Facts about telephone calls and call rooms that reach the core."""

from __future__ import annotations

from dispatch.domain.call import CallDisposition
from dispatch.domain.event_base import EventBase
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from maps.geo import LonLat


class HandlersOnDuty(EventBase, frozen=True, kw_only=True):
    """How many call handlers a trust has on duty, and whether it takes calls of others.

    ``handle_s`` is its mean handling time; ``is_linked`` whether messages reach it.
    """

    trust: TrustCode
    handlers: int
    takes_calls: bool = True
    handle_s: float = 360.0
    is_linked: bool = True


class CallPresented(EventBase, frozen=True, kw_only=True):
    """A 999 call was connected to a trust's line (T0). ``caller`` is a pseudonym of the line."""

    call: CallId
    trust: TrustCode
    caller: str | None = None
    at: LonLat | None = None
    """Where the network places the caller; provisional."""


class CallDescribed(EventBase, frozen=True, kw_only=True):
    """A handler learned where the caller is, what it is about, or opened an incident for it."""

    call: CallId
    at: LonLat | None = None
    complaint: str | None = None
    incident: IncidentId | None = None


class CallAnswered(EventBase, frozen=True, kw_only=True):
    """A handler answered a call (T1), at its own trust or at the one it was offered to."""

    call: CallId
    by: TrustCode
    handler: str


class CallAbandoned(EventBase, frozen=True, kw_only=True):
    """A caller hung up before anyone answered."""

    call: CallId


class CallEnded(EventBase, frozen=True, kw_only=True):
    """An answered call has ended, with what it turned out to be about."""

    call: CallId
    disposition: CallDisposition
    incident: IncidentId | None = None


class CallHandedBack(EventBase, frozen=True, kw_only=True):
    """The home trust has taken over an incident whose call another trust answered."""

    incident: IncidentId
    by: TrustCode


class IncidentsMatched(EventBase, frozen=True, kw_only=True):
    """A person found that an incident is the same as another: it ends as a duplicate of that."""

    incident: IncidentId
    into: IncidentId
    by: str


CallEvent = (
    HandlersOnDuty
    | CallPresented
    | CallDescribed
    | CallAnswered
    | CallAbandoned
    | CallEnded
    | CallHandedBack
    | IncidentsMatched
)
