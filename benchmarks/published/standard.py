"""National response standards and targets, each in force from one date to another."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from importlib import resources

import msgspec


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """A standard: what is measured, of whom, the most it may be, and while it is in force.

    ``measure`` is ``mean``, ``90th``, ``share_within`` or ``max``. ``limit_s`` is in seconds;
    for ``share_within``, ``share`` of all must be within it. ``kind`` is ``constitution`` (the
    NHS standard), ``target`` (a year's operational ambition) or ``local`` (a common shadow
    target). ``to`` is the last day in force; None while no end is known.
    """

    subject: str
    measure: str
    limit_s: int
    kind: str
    since: date
    to: date | None = None
    share: float | None = None
    source: str
    confidence: str


def standards(on: date) -> tuple[Standard, ...]:
    """Return the standards in force on a day, in the order of the configuration."""
    return tuple(s for s in _standards() if s.since <= on and (s.to is None or on <= s.to))


def standard_s(subject: str, measure: str, on: date, kind: str = "constitution") -> int | None:
    """Return a limit in seconds on a day, or None when there is none.

    Parameters
    ----------
    subject
        ``C1``, ``C1T``, ``C2``, ``C3``, ``C4``, ``handover``, ``clear`` or ``call_answer``.
    measure
        ``mean``, ``90th`` or ``max``; shares are read from `standards`.
    on
        The day.
    kind
        ``constitution``, ``target`` or ``local``.

    Examples
    --------
    >>> standard_s("C2", "mean", date(2026, 3, 1)), standard_s(
    ...     "C2", "mean", date(2026, 3, 1), kind="target"
    ... )
    (1080, 1800)
    """
    for entry in standards(on):
        if (entry.subject, entry.measure, entry.kind) == (subject, measure, kind):
            return entry.limit_s
    return None


@lru_cache(maxsize=1)
def _standards() -> tuple[Standard, ...]:
    text = resources.files(__package__).joinpath("standards.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["standards"], list[Standard]))
