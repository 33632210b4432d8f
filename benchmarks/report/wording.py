"""How numbers are said: minutes and seconds, shares, differences; never a false precision."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo

NOTHING = "\N{EN DASH}"
"""Stands where there is no figure."""

KINDS: Final = {
    "DCA": "double-crewed ambulance (DCA)",
    "RRV": "rapid response vehicle (RRV)",
    "HEMS": "helicopter (HEMS)",
    "CFR": "community first responder (CFR)",
    "FALLS": "falls team",
    "MENTAL_HEALTH": "mental health team",
    "URGENT_CARE": "urgent care vehicle",
    "PTS": "patient transport (PTS)",
    "AUXILIARY": "auxiliary service",
}
"""Kinds of unit in words."""

POLICY_WORDS: Final = {
    "b1": "the nearest free unit, in the order of calls",
    "b2": "gravest category first, nearest unit, diversions: a good human dispatcher",
    "default": "the recommended policy: patients and units weighed together",
}
"""The configurations that come with the engine, for readers who know none of them."""

READING: Final = (
    "Category 1 (C1) is life-threatening, C2 an emergency, C3 urgent, C4 less urgent. Times are "
    "minutes:seconds, from an hour on hours:minutes:seconds. Nine of ten patients waited less than "
    "the 90th centile."
)
"""What the page of a run takes for granted, for readers who know none of it."""

MINUS = "\N{MINUS SIGN}"


def clock(seconds: float | None) -> str:
    """Return a duration as ``m:ss``, or ``h:mm:ss`` from an hour on.

    Examples
    --------
    >>> clock(462), clock(11347.4)
    ('7:42', '3:09:07')
    """
    if seconds is None:
        return NOTHING
    whole = round(abs(seconds))
    sign = MINUS if seconds < 0 and whole else ""
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{sign}{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{sign}{rest // 60}:{rest % 60:02d}"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as a percentage."""
    return NOTHING if share is None else f"{100 * share:.{digits}f} %".replace("-", MINUS)


def signed(value: float | None, digits: int = 1, unit: str = "") -> str:
    """Return a difference with its sign.

    Examples
    --------
    >>> signed(21.34, unit=" %"), signed(0.0)
    ('+21.3 %', '±0.0')
    """
    if value is None:
        return NOTHING
    text = f"{abs(value):.{digits}f}"
    if not float(text):
        return f"±{text}{unit}"
    return f"{'+' if value > 0 else MINUS}{text}{unit}"


def count(value: float | None) -> str:
    """Return a number of things with thousands set apart."""
    return NOTHING if value is None else f"{value:,.0f}"


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with thousands set apart."""
    return NOTHING if value is None else f"{value:,.{digits}f}".replace("-", MINUS)


def day(at_ms: int, timezone: str) -> str:
    """Return a local date such as 1 March 2026."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%B %Y}"


def instant(at_ms: int, timezone: str) -> str:
    """Return a local date and time such as 1 March 2026 18:40."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%B %Y %H:%M}"


_SMALL: Final = frozenset({"and", "in", "of", "on", "the", "under", "upon"})


def place(region: str) -> str:
    """Return the name of a region, or its file, as people write it: Isle of Wight."""
    words = PurePath(region).stem.replace("_", "-").split("-")
    return " ".join(
        word if word in _SMALL and number else word[:1].upper() + word[1:]
        for number, word in enumerate(words)
    )
