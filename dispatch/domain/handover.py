"""One ambulance at one hospital: arrival, handover, clear; its timers, and the ways to free a crew.

The handover clock runs from arrival (wheels stop) until care has passed to hospital staff. Nothing
here clears a crew: only the crew does, and only when it may.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NewType

import msgspec

from dispatch.domain.ids import HospitalId, IncidentId, TrustCode, UnitId
from dispatch.domain.local_time import MINUTE_MS

VisitId = NewType("VisitId", str)


class HandoverTimer(StrEnum):
    """What a timer of a visit means."""

    AMBER = "amber"
    ARM = "arm"
    RELEASE = "release"
    BREACH = "breach"


class HandoverRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Minutes after arrival at which something is due; per hospital and dated.

    15 min: the national standard (Lords Library; NHS Standard Contract). 30 min: arm (one
    published description of withdrawal at 45). 45 min: release to respond (UEC plan, June 2025).
    60 min: breach (reporting band A146). ``release_min`` None: release to respond is not agreed
    here. ``clear_min``: from handover to clear (background knowledge).

    Raises
    ------
    ValueError
        When the minutes do not rise.
    """

    amber_min: int = 15
    arm_min: int = 30
    release_min: int | None = 45
    breach_min: int = 60
    standard_min: int = 15
    clear_min: int = 15
    cohort_max: int = 4
    """Patients for one registered clinician in a cohort (background knowledge)."""
    effective_from: str = "2025-06-06"

    def __post_init__(self) -> None:
        release = self.breach_min if self.release_min is None else self.release_min
        if not 0 < self.amber_min <= self.arm_min <= release <= self.breach_min:
            raise ValueError(
                f"Expected minutes that rise, was {self.amber_min}, {self.arm_min}, "
                f"{self.release_min}, {self.breach_min}."
            )

    def minutes_of(self, timer: HandoverTimer) -> int | None:
        """Return after how many minutes a timer is due; None when it is not used here."""
        if timer is HandoverTimer.AMBER:
            return self.amber_min
        if timer is HandoverTimer.ARM:
            return self.arm_min
        return self.release_min if timer is HandoverTimer.RELEASE else self.breach_min


class HandoverKind(StrEnum):
    """How care passed to the hospital."""

    FULL = "full"
    """To a nurse, at a bay."""
    FIT_TO_SIT = "fit_to_sit"
    """An ambulatory patient, to the waiting room."""
    RELEASE_TO_RESPOND = "release_to_respond"
    """At the limit, to a named recipient in an agreed space."""
    IMMEDIATE_RELEASE = "immediate_release"
    """At the trust's request, for a patient in the community."""


class HandoverOrderError(ValueError):
    """Something is said to have happened at a hospital that cannot have happened then."""


class Visit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ambulance at one hospital.

    ``handed_over_at_ms`` ends the patient's handover clock; ``cohorted_at_ms`` frees the crew
    while that clock goes on.
    """

    id: VisitId
    hospital: HospitalId
    unit: UnitId
    arrived_at_ms: int
    incident: IncidentId | None = None
    trust: TrustCode | None = None
    started_at_ms: int | None = None
    handed_over_at_ms: int | None = None
    kind: HandoverKind | None = None
    recipient: str | None = None
    cohort: str | None = None
    cohorted_at_ms: int | None = None
    cleared_at_ms: int | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the handover has not begun; a cohorted patient does not hold an ambulance."""
        return (
            self.started_at_ms is None
            and self.handed_over_at_ms is None
            and self.cohorted_at_ms is None
        )

    @property
    def is_in_handover(self) -> bool:
        """Whether the handover has begun and not ended."""
        return self.started_at_ms is not None and self.handed_over_at_ms is None

    @property
    def is_clear_pending(self) -> bool:
        """Whether the crew may clear and has not."""
        return self.crew_free_at_ms is not None and self.cleared_at_ms is None

    @property
    def crew_free_at_ms(self) -> int | None:
        """Since when the crew is free of the patient: handed over or cohorted, the earlier."""
        if self.cohorted_at_ms is None:
            return self.handed_over_at_ms
        if self.handed_over_at_ms is None:
            return self.cohorted_at_ms
        return min(self.handed_over_at_ms, self.cohorted_at_ms)

    @property
    def handover_ms(self) -> int | None:
        """The handover time, arrival to completion; None while it goes on."""
        if self.handed_over_at_ms is None:
            return None
        return self.handed_over_at_ms - self.arrived_at_ms


def handover_started(visit: Visit, now_ms: int) -> Visit:
    """Return a visit whose handover has begun.

    Raises
    ------
    HandoverOrderError
        Before the arrival, a second time, or after it has ended.
    """
    if visit.started_at_ms is not None or visit.handed_over_at_ms is not None:
        raise HandoverOrderError(f"Expected handover {visit.id} to begin once, was begun before.")
    _after(visit, "handover to begin", now_ms, visit.arrived_at_ms)
    return msgspec.structs.replace(visit, started_at_ms=now_ms)


def handover_completed(
    visit: Visit,
    now_ms: int,
    *,
    recipient: str | None = None,
    kind: HandoverKind = HandoverKind.FULL,
) -> Visit:
    """Return a visit whose patient is in the hospital's care.

    Raises
    ------
    HandoverOrderError
        When it ended before it began or before the arrival, or a second time.
    """
    if visit.handed_over_at_ms is not None:
        raise HandoverOrderError(f"Expected handover {visit.id} to end once, was ended before.")
    earliest_ms = max(
        visit.arrived_at_ms, visit.started_at_ms or 0, visit.cohorted_at_ms or visit.arrived_at_ms
    )
    _after(visit, "handover to end", now_ms, earliest_ms)
    return msgspec.structs.replace(
        visit, handed_over_at_ms=now_ms, kind=kind, recipient=recipient or visit.recipient
    )


def crew_cleared(visit: Visit, now_ms: int) -> Visit:
    """Return a visit whose crew is clear.

    Raises
    ------
    HandoverOrderError
        When the patient is still the crew's, the crew cleared before, or the time runs backwards.
    """
    if visit.cleared_at_ms is not None:
        raise HandoverOrderError(f"Expected the crew of {visit.id} to clear once, was clear.")
    if visit.crew_free_at_ms is None:
        raise HandoverOrderError(
            f"Expected the handover of {visit.id} to end before its crew clears."
        )
    _after(visit, "crew to clear", now_ms, visit.crew_free_at_ms)
    return msgspec.structs.replace(visit, cleared_at_ms=now_ms)


def fit_to_sit(visit: Visit, now_ms: int, *, recipient: str, is_ambulatory: bool) -> Visit:
    """Return a visit whose patient walked to the waiting room.

    Raises
    ------
    HandoverOrderError
        When the patient cannot walk and sit, nobody takes them, or the handover has ended.
    """
    if not is_ambulatory:
        raise HandoverOrderError(
            f"Expected a patient who can sit in {visit.id}, was one who cannot."
        )
    return handover_completed(
        visit, now_ms, recipient=_named(recipient, visit), kind=HandoverKind.FIT_TO_SIT
    )


class ReleaseRefusal(StrEnum):
    """Why a crew cannot be released to respond."""

    NOT_AGREED = "not_agreed"
    TOO_EARLY = "too_early"
    UNSTABLE = "unstable"
    NO_RECIPIENT = "no_recipient"
    NO_CLINICIAN = "no_clinician"
    ENDED = "ended"


_RELEASE_WORDS: Final = {
    ReleaseRefusal.NOT_AGREED: "release to respond is not agreed with this hospital",
    ReleaseRefusal.TOO_EARLY: "the time of release has not come",
    ReleaseRefusal.UNSTABLE: "the patient is not stable: the crew stays",
    ReleaseRefusal.NO_RECIPIENT: "nobody is named who takes the patient",
    ReleaseRefusal.NO_CLINICIAN: "no clinician is named who calls the patient stable",
    ReleaseRefusal.ENDED: "the handover has ended already",
}


class ReleaseAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether a crew is released: the changed visit, or the reason why not."""

    visit: Visit
    refusal: ReleaseRefusal | None
    why: str


def release_to_respond(
    visit: Visit,
    now_ms: int,
    rules: HandoverRules,
    *,
    is_stable: bool | None,
    recipient: str,
    clinician: str,
) -> ReleaseAnswer:
    """Return whether a crew may leave a patient at the limit, and the visit after it.

    From ``release_min`` on, when a clinician calls the patient stable and a named recipient takes
    them. Not stable, or not known to be: the crew stays until the handover. Clearing remains the
    crew's own act.
    """
    refusal: ReleaseRefusal | None = None
    if visit.crew_free_at_ms is not None:
        refusal = ReleaseRefusal.ENDED
    elif rules.release_min is None:
        refusal = ReleaseRefusal.NOT_AGREED
    elif now_ms < visit.arrived_at_ms + rules.release_min * MINUTE_MS:
        refusal = ReleaseRefusal.TOO_EARLY
    elif not is_stable:
        refusal = ReleaseRefusal.UNSTABLE
    elif not clinician.strip():
        refusal = ReleaseRefusal.NO_CLINICIAN
    elif not recipient.strip():
        refusal = ReleaseRefusal.NO_RECIPIENT
    if refusal is not None:
        return ReleaseAnswer(visit=visit, refusal=refusal, why=_RELEASE_WORDS[refusal])
    released = handover_completed(
        visit, now_ms, recipient=recipient.strip(), kind=HandoverKind.RELEASE_TO_RESPOND
    )
    why = f"stable ({clinician.strip()}), taken by {recipient.strip()}"
    return ReleaseAnswer(visit=released, refusal=None, why=why)


class TimerDue(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A timer that has come: of which visit, exactly when, who is told, and what may be done."""

    visit: VisitId
    timer: HandoverTimer
    at_ms: int
    tells: tuple[str, ...]
    why: str


_TELLS: Final = {
    HandoverTimer.AMBER: ("board",),
    HandoverTimer.ARM: ("emergency department", "HALO", "duty manager"),
    HandoverTimer.RELEASE: ("crew", "nurse in charge", "duty manager"),
    HandoverTimer.BREACH: ("emergency department", "duty manager", "on-call executive"),
}
_MEANS: Final = {
    HandoverTimer.AMBER: "past the standard",
    HandoverTimer.ARM: "prepare the release: a space and a recipient",
    HandoverTimer.RELEASE: "stable and a recipient named: the crew may clear; else it stays",
    HandoverTimer.BREACH: "breach",
}


def timers_due(
    visit: Visit, after_ms: int, to_ms: int, rules: HandoverRules
) -> tuple[TimerDue, ...]:
    """Return the timers of a visit that came after one instant and up to another, in order.

    A timer comes at its exact millisecond unless the handover has ended by then. The release
    timer does not come to a crew that is free already.
    """
    ended_ms = visit.handed_over_at_ms
    last_ms = to_ms if ended_ms is None else min(to_ms, ended_ms - 1)
    if not _has_come(visit.arrived_at_ms, after_ms, last_ms, rules):
        return ()
    found = []
    for timer in HandoverTimer:
        at_ms = timer_at_ms(visit, timer, rules)
        if at_ms is not None and after_ms < at_ms <= to_ms:
            minutes = rules.minutes_of(timer)
            found.append(
                TimerDue(
                    visit=visit.id,
                    timer=timer,
                    at_ms=at_ms,
                    tells=_TELLS[timer],
                    why=f"{minutes} min since arrival: {_MEANS[timer]}",
                )
            )
    return tuple(sorted(found, key=lambda due: due.at_ms))


def _has_come(arrived_at_ms: int, after_ms: int, to_ms: int, rules: HandoverRules) -> bool:
    """Test whether any limit of a visit fell after one instant and up to another."""
    if to_ms - arrived_at_ms < rules.amber_min * MINUTE_MS or after_ms >= to_ms:
        return False
    for minutes in (rules.amber_min, rules.arm_min, rules.release_min, rules.breach_min):
        if minutes is not None and after_ms < arrived_at_ms + minutes * MINUTE_MS <= to_ms:
            return True
    return False


def timer_at_ms(visit: Visit, timer: HandoverTimer, rules: HandoverRules) -> int | None:
    """Return when a timer comes; None when it is not used or was forestalled."""
    minutes = rules.minutes_of(timer)
    if minutes is None:
        return None
    at_ms = visit.arrived_at_ms + minutes * MINUTE_MS
    ended_ms = visit.crew_free_at_ms if timer is HandoverTimer.RELEASE else visit.handed_over_at_ms
    return None if ended_ms is not None and ended_ms <= at_ms else at_ms


def next_timer_ms(visit: Visit, now_ms: int, rules: HandoverRules) -> int | None:
    """Return when the next timer of a visit comes, after now; None when no more will."""
    if visit.handed_over_at_ms is not None:
        return None
    arrived_ms = visit.arrived_at_ms
    waited_ms = now_ms - arrived_ms
    # Limits rise, so the first that has not passed is the next.
    if waited_ms < rules.amber_min * MINUTE_MS:
        return arrived_ms + rules.amber_min * MINUTE_MS
    if waited_ms < rules.arm_min * MINUTE_MS:
        return arrived_ms + rules.arm_min * MINUTE_MS
    if rules.release_min is not None and waited_ms < rules.release_min * MINUTE_MS:
        release_ms = arrived_ms + rules.release_min * MINUTE_MS
        # A crew whose patient joined a cohort is free already.
        if visit.cohorted_at_ms is None or visit.cohorted_at_ms > release_ms:
            return release_ms
    if waited_ms < rules.breach_min * MINUTE_MS:
        return arrived_ms + rules.breach_min * MINUTE_MS
    return None


def lost_ms(visit: Visit, from_ms: int, to_ms: int, rules: HandoverRules) -> int:
    """Return how much ambulance time a visit lost in [from, to): handover beyond the standard.

    Σ max(0, handover - 15 min), counted where it falls, so that days add up. It ends when the
    crew is free of the patient.
    """
    starts_ms = visit.arrived_at_ms + rules.standard_min * MINUTE_MS
    ends_ms = to_ms if visit.crew_free_at_ms is None else visit.crew_free_at_ms
    return max(0, min(ends_ms, to_ms) - max(starts_ms, from_ms))


class Cohort(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Patients of several crews under one clinician, so that the other crews can clear.

    Raises
    ------
    ValueError
        When nobody authorised it or looks after it, or it has no place.
    """

    id: str
    hospital: HospitalId
    clinician: str
    authorised_by: str
    opened_at_ms: int
    patients_max: int = 4

    def __post_init__(self) -> None:
        if not self.clinician.strip() or not self.authorised_by.strip():
            raise ValueError(f"Expected a clinician and an authoriser of cohort {self.id}.")
        if self.patients_max < 1:
            raise ValueError(f"Expected patients_max of 1 or more, was {self.patients_max}.")


def cohorted(visit: Visit, cohort: Cohort, patients: int, now_ms: int) -> Visit:
    """Return a visit whose patient joined a cohort: the crew is free, the patient still waits.

    ``patients`` is how many the cohort has already.

    Raises
    ------
    HandoverOrderError
        When the cohort is full or at another hospital, or the patient is no longer the crew's.
    """
    if cohort.hospital != visit.hospital:
        raise HandoverOrderError(
            f"Expected a cohort at {visit.hospital}, was one at {cohort.hospital}."
        )
    if patients >= cohort.patients_max:
        raise HandoverOrderError(
            f"Expected a place in cohort {cohort.id}, was full with {patients}."
        )
    if visit.crew_free_at_ms is not None:
        raise HandoverOrderError(f"Expected {visit.id} to be with its crew, was not.")
    _after(visit, "patient to join a cohort", now_ms, visit.arrived_at_ms)
    _after(visit, "patient to join a cohort", now_ms, cohort.opened_at_ms)
    return msgspec.structs.replace(visit, cohort=cohort.id, cohorted_at_ms=now_ms)


def _named(recipient: str, visit: Visit) -> str:
    if not recipient.strip():
        raise HandoverOrderError(f"Expected who takes the patient of {visit.id}, was nobody.")
    return recipient.strip()


def _after(visit: Visit, what: str, now_ms: int, earliest_ms: int) -> None:
    if now_ms < earliest_ms:
        raise HandoverOrderError(
            f"Expected {what} in {visit.id} at {earliest_ms} or later, was {now_ms}."
        )
