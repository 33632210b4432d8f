"""A referral: one patient's need handed to one service, from the offer to what became of it.

Until a service has confirmed, the incident stays in the dispatch queue as it was first triaged. If
nothing is confirmed by the fail-safe time, it is dispatched, whatever anybody says later.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId


class ReferralStatus(StrEnum):
    """Where a referral stands."""

    OFFERED = "offered"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    FAILED_SAFE = "failed_safe"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"
    RETURNED = "returned"
    NOT_ATTENDED = "not_attended"


class ReferralStep(StrEnum):
    """What can happen to a referral."""

    BOOK = "book"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    FAIL_SAFE = "fail_safe"
    WITHDRAW = "withdraw"
    COMPLETE = "complete"
    RETURN = "return"
    MISS = "miss"


_S, _E = ReferralStatus, ReferralStep

STEPS: Final[dict[tuple[ReferralStatus, ReferralStep], ReferralStatus]] = {
    (_S.OFFERED, _E.BOOK): _S.BOOKED,
    (_S.OFFERED, _E.CONFIRM): _S.CONFIRMED,
    (_S.OFFERED, _E.REFUSE): _S.REFUSED,
    (_S.OFFERED, _E.FAIL_SAFE): _S.FAILED_SAFE,
    (_S.OFFERED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.BOOKED, _E.CONFIRM): _S.CONFIRMED,
    (_S.BOOKED, _E.REFUSE): _S.REFUSED,
    (_S.BOOKED, _E.FAIL_SAFE): _S.FAILED_SAFE,
    (_S.BOOKED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.CONFIRMED, _E.COMPLETE): _S.COMPLETED,
    (_S.CONFIRMED, _E.RETURN): _S.RETURNED,
    (_S.CONFIRMED, _E.REFUSE): _S.REFUSED,
    (_S.CONFIRMED, _E.MISS): _S.NOT_ATTENDED,
    (_S.CONFIRMED, _E.WITHDRAW): _S.WITHDRAWN,
}
"""The life of a referral; a pair that is not listed is refused."""


class Consequence(StrEnum):
    """What a referral's status means for its incident."""

    WAITS = "waits"
    """It stays in the dispatch queue, with its category and its clock."""
    ENDS = "ends"
    """It may end as referred."""
    DISPATCHES = "dispatches"
    """It is dispatched as first triaged; if it had ended, it is opened again."""
    FOLLOWS_UP = "follows_up"
    """Somebody rings the patient: they did not come."""
    NONE = "none"
    """Nothing: the incident goes its own way."""


CONSEQUENCES: Final[dict[ReferralStatus, Consequence]] = {
    _S.OFFERED: Consequence.WAITS,
    _S.BOOKED: Consequence.WAITS,
    _S.CONFIRMED: Consequence.ENDS,
    _S.COMPLETED: Consequence.ENDS,
    _S.REFUSED: Consequence.DISPATCHES,
    _S.FAILED_SAFE: Consequence.DISPATCHES,
    _S.RETURNED: Consequence.DISPATCHES,
    _S.NOT_ATTENDED: Consequence.FOLLOWS_UP,
    _S.WITHDRAWN: Consequence.NONE,
}
"""What each status means for the incident."""


class RefusalReason(IntEnum):
    """Why a service turned a patient away: rejection codes of the directory of services."""

    TRANSPORT = 21
    CAPACITY = 22
    NOT_CLINICALLY_APPROPRIATE = 23
    DECLINED = 24
    PATIENT_CHOICE = 26
    NOT_CONTACTABLE = 27
    NO_APPOINTMENT = 31
    UNSUITABLE = 32
    NOT_ELIGIBLE = 40
    HOME_VISIT_ASKED = 41
    DISTANCE = 42
    OTHER = 99


class ReferralOrderError(ValueError):
    """Something happened to a referral that cannot happen where it stands."""


class ReferralMark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One step in a referral's history: what it became, when, and who said so."""

    status: ReferralStatus
    at_ms: int
    by: str


class Referral(msgspec.Struct, frozen=True, kw_only=True):
    """One patient's need handed to one service.

    ``category`` is the incident's as first triaged: what it is dispatched as when the referral
    fails. ``protocol`` names the protocol under which it may close without a clinician.

    Raises
    ------
    ValueError
        When nobody made it, or its fail-safe lies before the offer.
    """

    id: ReferralId
    incident: IncidentId
    service: ServiceId
    category: Category
    offered_at_ms: int
    fail_safe_at_ms: int
    by: str
    protocol: str | None = None
    slot: str | None = None
    status: ReferralStatus = ReferralStatus.OFFERED
    refusal: RefusalReason | None = None
    reason: str = ""
    history: tuple[ReferralMark, ...] = ()

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise ValueError(f"Expected who made referral {self.id}, was nobody.")
        if self.fail_safe_at_ms < self.offered_at_ms:
            raise ValueError(
                f"Expected the fail-safe of {self.id} at {self.offered_at_ms} or later, "
                f"was {self.fail_safe_at_ms}."
            )

    @property
    def changed_at_ms(self) -> int:
        """When the status last changed."""
        return self.history[-1].at_ms if self.history else self.offered_at_ms

    @property
    def consequence(self) -> Consequence:
        """What the status means for the incident."""
        return CONSEQUENCES[self.status]

    @property
    def is_open(self) -> bool:
        """Whether an answer of the service is still awaited."""
        return self.consequence is Consequence.WAITS


def booked(referral: Referral, slot: str, *, by: str, now_ms: int) -> Referral:
    """Return a referral with a slot booked at the service."""
    return _stepped(referral, ReferralStep.BOOK, by, now_ms, slot=slot)


def confirmed(referral: Referral, *, by: str, now_ms: int) -> Referral:
    """Return a referral that the service has accepted.

    Raises
    ------
    ReferralOrderError
        When it does not wait for an answer, nobody is named, or the fail-safe time has passed: an
        ambulance is due, and a late yes does not call it back.
    """
    if now_ms > referral.fail_safe_at_ms:
        raise ReferralOrderError(
            f"Expected {referral.id} to be confirmed by {referral.fail_safe_at_ms}, was {now_ms}."
        )
    return _stepped(referral, ReferralStep.CONFIRM, by, now_ms)


def refused(referral: Referral, code: int, *, by: str, now_ms: int, reason: str = "") -> Referral:
    """Return a referral that the service has turned away, with its code (21 to 99).

    Raises
    ------
    ReferralOrderError
        When the referral cannot be refused any more.
    ValueError
        When the code is not one of the directory's.
    """
    try:
        refusal = RefusalReason(code)
    except ValueError:
        known = ", ".join(str(int(item)) for item in RefusalReason)
        raise ValueError(f"Expected a refusal code of {known}, was {code}.") from None
    return _stepped(referral, ReferralStep.REFUSE, by, now_ms, refusal=refusal, reason=reason)


def failed_safe(referral: Referral, now_ms: int) -> Referral:
    """Return a referral that was not confirmed in time: its incident is dispatched.

    Raises
    ------
    ReferralOrderError
        When it does not wait for an answer, or its time has not come.
    """
    if now_ms < referral.fail_safe_at_ms:
        raise ReferralOrderError(
            f"Expected the fail-safe of {referral.id} at {referral.fail_safe_at_ms}, was {now_ms}."
        )
    return _stepped(referral, ReferralStep.FAIL_SAFE, "fail-safe", now_ms)


def withdrawn(referral: Referral, *, by: str, now_ms: int, reason: str) -> Referral:
    """Return a referral that we took back: a unit went, the patient got worse or changed mind."""
    return _stepped(referral, ReferralStep.WITHDRAW, by, now_ms, reason=reason)


def completed(referral: Referral, *, by: str, now_ms: int) -> Referral:
    """Return a referral whose patient the service has seen or spoken to."""
    return _stepped(referral, ReferralStep.COMPLETE, by, now_ms)


def returned(referral: Referral, *, by: str, now_ms: int, reason: str) -> Referral:
    """Return a referral whose service asks for an ambulance after all."""
    return _stepped(referral, ReferralStep.RETURN, by, now_ms, reason=reason)


def missed(referral: Referral, *, by: str, now_ms: int) -> Referral:
    """Return a referral whose patient did not come or was not found."""
    return _stepped(referral, ReferralStep.MISS, by, now_ms)


def due_fail_safe(referrals: Iterable[Referral], now_ms: int) -> list[Referral]:
    """Return the referrals whose incidents must be dispatched now, longest overdue first."""
    due = [r for r in referrals if r.is_open and r.fail_safe_at_ms <= now_ms]
    return sorted(due, key=lambda r: (r.fail_safe_at_ms, r.id))


def next_fail_safe_ms(referrals: Iterable[Referral]) -> int | None:
    """Return the next instant at which a referral fails safe; None when none waits."""
    return min((r.fail_safe_at_ms for r in referrals if r.is_open), default=None)


def _stepped(
    referral: Referral, step: ReferralStep, by: str, now_ms: int, **changes: object
) -> Referral:
    status = STEPS.get((referral.status, step))
    if status is None:
        raise ReferralOrderError(
            f"Expected referral {referral.id} not to {step} while {referral.status}."
        )
    if not by.strip():
        raise ReferralOrderError(f"Expected who said {step} of referral {referral.id}, was nobody.")
    if now_ms < referral.changed_at_ms:
        raise ReferralOrderError(
            f"Expected {step} of {referral.id} at {referral.changed_at_ms} or later, was {now_ms}."
        )
    mark = ReferralMark(status, now_ms, by.strip())
    return msgspec.structs.replace(
        referral, status=status, history=(*referral.history, mark), **changes
    )
