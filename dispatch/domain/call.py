"""A call: a telephone contact, its life from connect to end, and how quickly it was answered."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.domain.incident import Outcome
from maps.geo import LonLat


class CallStatus(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    """Still waiting at its own trust, and offered to a buddy: whoever answers first has it."""
    ANSWERED = "answered"
    ENDED = "ended"
    ABANDONED = "abandoned"


class CallStep(StrEnum):
    """What can happen to a call."""

    OFFER = "offer"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    ABANDON = "abandon"
    END = "end"


STEPS: Final[dict[tuple[CallStatus, CallStep], CallStatus]] = {
    (CallStatus.WAITING, CallStep.OFFER): CallStatus.OFFERED,
    (CallStatus.WAITING, CallStep.ANSWER): CallStatus.ANSWERED,
    (CallStatus.WAITING, CallStep.ABANDON): CallStatus.ABANDONED,
    (CallStatus.OFFERED, CallStep.OFFER): CallStatus.OFFERED,
    (CallStatus.OFFERED, CallStep.WITHDRAW): CallStatus.WAITING,
    (CallStatus.OFFERED, CallStep.ANSWER): CallStatus.ANSWERED,
    (CallStatus.OFFERED, CallStep.ABANDON): CallStatus.ABANDONED,
    (CallStatus.ANSWERED, CallStep.END): CallStatus.ENDED,
}
"""The life of a call; a pair that is not listed is refused."""


class CallDisposition(StrEnum):
    """What a call turned out to be about, said by the handler when it ends."""

    NEW_INCIDENT = "new_incident"
    SAME_INCIDENT = "same_incident"
    """A second caller, or the first one again, about an incident that is already known."""
    HANDED_TO_HOME_TRUST = "handed_to_home_trust"
    NO_INCIDENT = "no_incident"
    """A question, a silent or false call, a call for another service."""


class CallOutcome(StrEnum):
    """How a call ended for the person who made it: every call ends in exactly one."""

    ABANDONED = "abandoned"
    NO_INCIDENT = "no_incident"
    HANDED_TO_HOME_TRUST = "handed_to_home_trust"
    SAME_INCIDENT = "same_incident"
    CONVEYED_TO_ED = "conveyed_to_ed"
    CONVEYED_ELSEWHERE = "conveyed_elsewhere"
    SEE_AND_TREAT = "see_and_treat"
    HEAR_AND_TREAT = "hear_and_treat"
    REFERRED = "referred"
    CANCELLED = "cancelled"


class CallOrderError(ValueError):
    """Something happened to a call that cannot have happened where it stands."""


class Handler(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person who answers calls: on duty for a trust until a time (None: until they sign off)."""

    id: str
    trust: TrustCode
    is_clinician: bool = False
    until_ms: int | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A telephone contact.

    ``trust`` is the trust whose line rang; ``answered_by`` the trust that answered. ``caller`` is
    a pseudonym under which the same line is recognised. Instants: ``connected_at_ms`` (T0),
    ``answered_at_ms`` (T1).
    """

    id: CallId
    trust: TrustCode
    connected_at_ms: int
    status: CallStatus = CallStatus.WAITING
    caller: str | None = None
    at: LonLat | None = None
    offered_to: TrustCode | None = None
    offered_at_ms: int | None = None
    answered_by: TrustCode | None = None
    handler: str | None = None
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None
    disposition: CallDisposition | None = None
    incident: IncidentId | None = None

    @property
    def answer_s(self) -> float | None:
        """Time to answer (T1 - T0) in seconds; None while waiting or when abandoned."""
        if self.answered_at_ms is None:
            return None
        return (self.answered_at_ms - self.connected_at_ms) / 1000


def offered(call: Call, to: TrustCode, now_ms: int) -> Call:
    """Return a waiting call that is offered to a buddy trust too.

    Raises
    ------
    CallOrderError
        When the call is no longer waiting, the time runs backwards, or it is its own buddy.
    """
    if to == call.trust:
        raise CallOrderError(f"Expected another trust than {call.trust} for call {call.id}.")
    return _stepped(call, CallStep.OFFER, now_ms, offered_to=to, offered_at_ms=now_ms)


def withdrawn(call: Call, now_ms: int) -> Call:
    """Return a call whose offer to a buddy was taken back or ran out."""
    return _stepped(call, CallStep.WITHDRAW, now_ms, offered_to=None, offered_at_ms=None)


def answered(call: Call, by: TrustCode, handler: str, now_ms: int) -> Call:
    """Return a call that a handler answered.

    Raises
    ------
    CallOrderError
        When the call does not wait, or a trust answers to which it was never presented.
    """
    if by not in (call.trust, call.offered_to):
        raise CallOrderError(f"Expected call {call.id} to be answered by {call.trust}, was {by}.")
    return _stepped(
        call, CallStep.ANSWER, now_ms, answered_by=by, handler=handler, answered_at_ms=now_ms
    )


def abandoned(call: Call, now_ms: int) -> Call:
    """Return a call whose caller hung up before anyone answered."""
    return _stepped(call, CallStep.ABANDON, now_ms, ended_at_ms=now_ms)


def ended(
    call: Call,
    disposition: CallDisposition,
    now_ms: int,
    incident: IncidentId | None = None,
) -> Call:
    """Return an answered call that has ended, with what it was about.

    Raises
    ------
    CallOrderError
        When the call was not answered, or an incident is missing where the disposition names
        one, or named where it has none.
    """
    about = (CallDisposition.NEW_INCIDENT, CallDisposition.SAME_INCIDENT)
    if (disposition in about) != (incident is not None):
        raise CallOrderError(
            f"Expected {'an' if disposition in about else 'no'} incident with {disposition}, "
            f"was {incident}."
        )
    return _stepped(
        call, CallStep.END, now_ms, ended_at_ms=now_ms, disposition=disposition, incident=incident
    )


def call_queue(calls: Iterable[Call], trust: TrustCode) -> list[Call]:
    """Return the calls that a trust may answer now, the longest waiting first; ties by id.

    Holds its own waiting calls, and those of other trusts that are offered to it.
    """
    waiting = (CallStatus.WAITING, CallStatus.OFFERED)
    mine = [
        call for call in calls if call.status in waiting and trust in (call.trust, call.offered_to)
    ]
    return sorted(mine, key=lambda call: (call.connected_at_ms, call.id))


class AnswerTimes(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Answer-time indicators of some calls, in seconds (A1 to A6, A114); None without calls.

    Centiles are nearest-rank: the smallest time that at least that share of calls did not exceed.
    """

    answered: int
    abandoned: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    p95_s: float | None
    p99_s: float | None
    longest_s: float | None
    elsewhere: int
    """Calls of this trust that another answered (A125)."""


def answer_times(calls: Iterable[Call], trust: TrustCode | None = None) -> AnswerTimes:
    """Return the indicators over calls; of one trust's lines when a trust is given."""
    mine = [call for call in calls if trust is None or call.trust == trust]
    times = sorted(call.answer_s for call in mine if call.answer_s is not None)

    def centile(share: float) -> float | None:
        return times[math.ceil(share * len(times)) - 1] if times else None

    return AnswerTimes(
        answered=len(times),
        abandoned=sum(call.status is CallStatus.ABANDONED for call in mine),
        mean_s=sum(times) / len(times) if times else None,
        median_s=centile(0.5),
        p90_s=centile(0.90),
        p95_s=centile(0.95),
        p99_s=centile(0.99),
        longest_s=times[-1] if times else None,
        elsewhere=sum(call.answered_by not in (None, call.trust) for call in mine),
    )


def outcome_of(call: Call, incident_outcome: Outcome | None) -> CallOutcome | None:
    """Return the one outcome of a call, given how its incident ended; None while it is open.

    A call about a known incident keeps the outcome of being the same incident, so that outcomes
    of incidents are counted once. An incident that was merged away counts as the same incident.
    """
    if call.status is CallStatus.ABANDONED:
        return CallOutcome.ABANDONED
    if call.status is not CallStatus.ENDED:
        return None
    if call.disposition is not CallDisposition.NEW_INCIDENT:
        return CallOutcome(str(call.disposition))
    if incident_outcome is None:
        return None
    if incident_outcome is Outcome.DUPLICATE:
        return CallOutcome.SAME_INCIDENT
    return CallOutcome(incident_outcome.value)


def _stepped(call: Call, step: CallStep, now_ms: int, **changes: object) -> Call:
    status = STEPS.get((call.status, step))
    if status is None:
        raise CallOrderError(f"Expected call {call.id} not to {step} while {call.status}.")
    last_ms = max(
        call.connected_at_ms, call.offered_at_ms or 0, call.answered_at_ms or call.connected_at_ms
    )
    if now_ms < last_ms:
        raise CallOrderError(
            f"Expected call {call.id} to {step} at {last_ms} or later, was {now_ms}."
        )
    return msgspec.structs.replace(call, status=status, **changes)
