"""Immediate release: a trust asks a hospital for a crew, for an emergency that nobody can go to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from dispatch.domain.category import RANK, Category
from dispatch.domain.handover import HandoverOrderError
from dispatch.domain.ids import HospitalId, IncidentId
from dispatch.domain.local_time import MINUTE_MS


class ImmediateReleaseStatus(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """Not answered in time: treated and escalated as a refusal."""
    ENDED = "ended"
    """Not needed any more: another unit went."""


class ImmediateReleaseRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """For which ranks of category a crew may be asked for, and how soon a hospital must answer.

    C1 always, C2 by local agreement; 5 to 15 minutes are typical (background knowledge).
    """

    ranks: tuple[int, ...] = (1, 2)
    answer_min: int = 5
    effective_from: str = "2026-04-01"


class ImmediateRelease(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request. A refusal, or silence, is escalated: ``escalates_to`` says to whom."""

    id: str
    hospital: HospitalId
    incident: IncidentId
    category: Category
    requested_at_ms: int
    answer_by_ms: int
    by: str
    status: ImmediateReleaseStatus = ImmediateReleaseStatus.REQUESTED
    answered_at_ms: int | None = None
    answered_by: str = ""
    reason: str = ""

    @property
    def escalates_to(self) -> tuple[str, ...]:
        """Who is told: nobody while the answer is open or yes."""
        if self.status in (ImmediateReleaseStatus.REFUSED, ImmediateReleaseStatus.LAPSED):
            return ("hospital on-call executive", "ambulance on-call executive")
        return ()


def requested(
    identifier: str,
    hospital: HospitalId,
    incident: IncidentId,
    category: Category,
    *,
    is_assigned: bool,
    by: str,
    now_ms: int,
    rules: ImmediateReleaseRules,
) -> ImmediateRelease:
    """Return a request for a crew.

    Raises
    ------
    HandoverOrderError
        When the incident is not urgent enough or has a unit, or nobody asks.
    """
    if RANK[category] not in rules.ranks:
        raise HandoverOrderError(
            f"Expected an incident of rank {rules.ranks} for immediate release, was {category}."
        )
    if is_assigned:
        raise HandoverOrderError(f"Expected incident {incident} to have no unit, was assigned.")
    if not by.strip():
        raise HandoverOrderError("Expected who asks for immediate release, was nobody.")
    return ImmediateRelease(
        id=identifier,
        hospital=hospital,
        incident=incident,
        category=category,
        requested_at_ms=now_ms,
        answer_by_ms=now_ms + rules.answer_min * MINUTE_MS,
        by=by.strip(),
    )


def answered(
    request: ImmediateRelease, *, accepts: bool, by: str, reason: str, now_ms: int
) -> ImmediateRelease:
    """Return a request with the hospital's answer; a refusal needs a reason.

    Raises
    ------
    HandoverOrderError
        When it is not open, nobody answers, or a refusal gives no reason. A late answer is
        taken while the request has not lapsed.
    """
    _check_open(request, now_ms)
    if not by.strip():
        raise HandoverOrderError(f"Expected who answers request {request.id}, was nobody.")
    if not accepts and not reason.strip():
        raise HandoverOrderError(f"Expected a reason for refusing request {request.id}.")
    yes, no = ImmediateReleaseStatus.ACCEPTED, ImmediateReleaseStatus.REFUSED
    return msgspec.structs.replace(
        request,
        status=yes if accepts else no,
        answered_at_ms=now_ms,
        answered_by=by.strip(),
        reason=reason.strip(),
    )


def lapsed(request: ImmediateRelease, now_ms: int) -> ImmediateRelease:
    """Return a request that nobody answered in time.

    Raises
    ------
    HandoverOrderError
        When it is not open, or there is still time.
    """
    _check_open(request, now_ms)
    if now_ms < request.answer_by_ms:
        raise HandoverOrderError(
            f"Expected request {request.id} to be open until {request.answer_by_ms}, was {now_ms}."
        )
    return msgspec.structs.replace(request, status=ImmediateReleaseStatus.LAPSED)


def not_needed(request: ImmediateRelease, now_ms: int) -> ImmediateRelease:
    """Return a request that is taken back because another unit went."""
    _check_open(request, now_ms)
    return msgspec.structs.replace(request, status=ImmediateReleaseStatus.ENDED)


def due_to_lapse(requests: Iterable[ImmediateRelease], now_ms: int) -> list[ImmediateRelease]:
    """Return the open requests whose time is up, longest overdue first; ties by id."""
    due = [
        request
        for request in requests
        if request.status is ImmediateReleaseStatus.REQUESTED and request.answer_by_ms <= now_ms
    ]
    return sorted(due, key=lambda request: (request.answer_by_ms, request.id))


def _check_open(request: ImmediateRelease, now_ms: int) -> None:
    if request.status is not ImmediateReleaseStatus.REQUESTED:
        raise HandoverOrderError(f"Expected request {request.id} open, was {request.status}.")
    if now_ms < request.requested_at_ms:
        raise HandoverOrderError(
            f"Expected an answer to {request.id} at {request.requested_at_ms} or later, "
            f"was {now_ms}."
        )
