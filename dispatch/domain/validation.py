"""Clinical validation: the queue of incidents that a clinician looks at, ordered by breach time.

An incident that waits for a clinician keeps its category, clock and place in the dispatch queue.
If nobody has finished with it at its breach time, it is dispatched as first triaged.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from dispatch.domain.category import RANK, Category, Segment, is_graver
from dispatch.domain.ids import IncidentId
from dispatch.domain.local_time import MINUTE_MS


class ValidationStatus(StrEnum):
    """Where a validation stands."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED_SAFE = "failed_safe"
    ENDED = "ended"
    """The incident needed no clinician any more: a unit went, or the caller cancelled."""


class ValidationResult(StrEnum):
    """What a clinician decided."""

    UPGRADED = "upgraded"
    KEPT = "kept"
    DOWNGRADED = "downgraded"
    HEAR_AND_TREAT = "hear_and_treat"
    REFERRED = "referred"


class ValidationOrderError(ValueError):
    """Something happened to a validation that cannot happen where it stands."""


class Validation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One incident before a clinician.

    ``attempts`` counts calls that did not reach the patient: they start nothing, and neither does
    a welfare call (BaRS application 4).
    """

    incident: IncidentId
    category: Category
    since_ms: int
    breach_at_ms: int
    segment: Segment | None = None
    status: ValidationStatus = ValidationStatus.WAITING
    clinician: str | None = None
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    attempts: int = 0
    result: ValidationResult | None = None
    new_category: Category | None = None

    @property
    def is_open(self) -> bool:
        """Whether a clinician is still awaited or at work."""
        return self.status in (ValidationStatus.WAITING, ValidationStatus.IN_PROGRESS)


def breach_at_ms(category: Category, since_ms: int, within_min: dict[int, int]) -> int:
    """Return when a validation must be done, by rank of category (minutes; 30 where absent)."""
    return since_ms + within_min.get(RANK[category], 30) * MINUTE_MS


def validation_queue(validations: Iterable[Validation]) -> list[Validation]:
    """Return the incidents that wait for a clinician, the next first.

    By breach time; then the graver category, the longer wait, and the incident's id.
    """
    waiting = [item for item in validations if item.status is ValidationStatus.WAITING]
    return sorted(
        waiting,
        key=lambda item: (item.breach_at_ms, RANK[item.category], item.since_ms, item.incident),
    )


def overdue(validations: Iterable[Validation], now_ms: int) -> list[Validation]:
    """Return the open validations whose breach time has come, longest overdue first.

    Their incidents are dispatched as first triaged; a clinician at work may go on meanwhile.
    """
    due = [item for item in validations if item.is_open and item.breach_at_ms <= now_ms]
    return sorted(due, key=lambda item: (item.breach_at_ms, item.incident))


def started(validation: Validation, clinician: str, now_ms: int) -> Validation:
    """Return a validation on which a clinician has begun to speak with the patient."""
    _check(validation, (ValidationStatus.WAITING,), "start", now_ms)
    if not clinician.strip():
        raise ValidationOrderError("Expected the name of a clinician, was none.")
    return msgspec.structs.replace(
        validation,
        status=ValidationStatus.IN_PROGRESS,
        clinician=clinician.strip(),
        started_at_ms=now_ms,
    )


def not_reached(validation: Validation, now_ms: int) -> Validation:
    """Return a validation with one more call that nobody answered; it keeps its place."""
    _check(validation, (ValidationStatus.WAITING,), "ring in vain", now_ms)
    return msgspec.structs.replace(validation, attempts=validation.attempts + 1)


def finished(
    validation: Validation,
    result: ValidationResult,
    now_ms: int,
    new_category: Category | None = None,
) -> Validation:
    """Return a validation with the clinician's decision.

    Raises
    ------
    ValidationOrderError
        When no clinician has started, or the new category contradicts the result.
    """
    _check(validation, (ValidationStatus.IN_PROGRESS,), "finish", now_ms)
    _check_category(validation.category, result, new_category)
    return msgspec.structs.replace(
        validation,
        status=ValidationStatus.DONE,
        result=result,
        new_category=new_category,
        ended_at_ms=now_ms,
    )


def failed_safe(validation: Validation, now_ms: int) -> Validation:
    """Return a validation whose breach time has come: the incident is dispatched."""
    _check(
        validation, (ValidationStatus.WAITING, ValidationStatus.IN_PROGRESS), "fail safe", now_ms
    )
    if now_ms < validation.breach_at_ms:
        raise ValidationOrderError(
            f"Expected a breach at {validation.breach_at_ms} of {validation.incident}, "
            f"was {now_ms}."
        )
    return msgspec.structs.replace(
        validation, status=ValidationStatus.FAILED_SAFE, ended_at_ms=now_ms
    )


def ended(validation: Validation, now_ms: int) -> Validation:
    """Return a validation that is not needed any more."""
    _check(validation, (ValidationStatus.WAITING, ValidationStatus.IN_PROGRESS), "end", now_ms)
    return msgspec.structs.replace(validation, status=ValidationStatus.ENDED, ended_at_ms=now_ms)


def _check(
    validation: Validation, fitting: tuple[ValidationStatus, ...], what: str, now_ms: int
) -> None:
    if validation.status not in fitting:
        raise ValidationOrderError(
            f"Expected {validation.incident} not to {what} while {validation.status}."
        )
    last_ms = max(validation.since_ms, validation.started_at_ms or validation.since_ms)
    if now_ms < last_ms:
        raise ValidationOrderError(
            f"Expected {validation.incident} to {what} at {last_ms} or later, was {now_ms}."
        )


def _check_category(was: Category, result: ValidationResult, new: Category | None) -> None:
    changes = result in (ValidationResult.UPGRADED, ValidationResult.DOWNGRADED)
    if changes != (new is not None):
        raise ValidationOrderError(
            f"Expected {'a' if changes else 'no'} new category with {result}, was {new}."
        )
    if new is None:
        return
    fits = is_graver(new, was) if result is ValidationResult.UPGRADED else is_graver(was, new)
    if not fits:
        raise ValidationOrderError(f"Expected a category {result} from {was}, was {new}.")
