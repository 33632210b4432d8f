"""Why an event is not believed: the errors that every question of admission shares."""

from __future__ import annotations

from typing import Final

LATE_MAX_MS: Final = 6 * 3_600_000
"""A report from longer ago than this is refused rather than filed under a wrong time (assumed)."""

EARLY_MAX_MS: Final = 5 * 60_000
"""A report from further in the future than this shows a clock that is wrong (assumed)."""


class RejectedEventError(Exception):
    """An event contradicts the picture: it is kept as rejected, a person is told."""


class UnknownIdError(RejectedEventError):
    """An event speaks of something that the picture does not hold."""

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"Expected a known {kind}, was {identifier!r}.")
        self.kind, self.identifier = kind, identifier


class DuplicateIdError(RejectedEventError):
    """An event introduces something that the picture holds already."""

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"Expected a new {kind}, but {identifier!r} is known already.")
        self.kind, self.identifier = kind, identifier


class ClockSkewError(RejectedEventError):
    """A stamp is too far from now to be believed, or older than what is known already."""

    def __init__(self, what: str, at_ms: int, now_ms: int) -> None:
        super().__init__(
            f"Expected {what} between {LATE_MAX_MS // 60_000} min ago and "
            f"{EARLY_MAX_MS // 60_000} min ahead, was {(now_ms - at_ms) / 60_000:.1f} min ago."
        )
        self.at_ms, self.now_ms = at_ms, now_ms


def check_stamp(what: str, at_ms: int, now_ms: int) -> None:
    """Refuse a stamp that is too far from now to be believed."""
    if not now_ms - LATE_MAX_MS <= at_ms <= now_ms + EARLY_MAX_MS:
        raise ClockSkewError(what, at_ms, now_ms)
