"""From the engine's words to those of the wire: names, instants, durations and coordinates.

Inside, instants are ``…_at_ms``, durations ``…_ms`` and places `LonLat`; on the wire they are
RFC 3339 UTC under ``…_at``, seconds under ``…_s``, and ``lat`` and ``lon`` by name. Because names
carry their unit, the translation needs no list of types: a new event has its wire form at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from dispatch.domain.unit import Skill

_HIDDEN: Final = frozenset({"origin", "position", "destination"})
"""Positions in the travel engine's own words: numbers that mean nothing outside."""

_INSTANTS: Final = frozenset({"until_ms", "now_ms"})
"""Instants whose name does not end in ``_at_ms``."""


def instant(at_ms: int) -> str:
    """Return UTC milliseconds as RFC 3339 with milliseconds and ``Z``."""
    whole = datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()[:19]
    return f"{whole}.{at_ms % 1000:03d}Z"


def instant_or_none(at_ms: int | None) -> str | None:
    """Return UTC milliseconds as RFC 3339; None stays None."""
    return None if at_ms is None else instant(at_ms)


def to_ms(at: datetime) -> int:
    """Return an aware instant in UTC milliseconds since 1970.

    Raises
    ------
    ValueError
        When the instant has no offset from UTC.
    """
    if at.tzinfo is None:
        raise ValueError("Expected an instant with an offset from UTC, was without.")
    return round(at.timestamp() * 1000)


def seconds(ms: int | None) -> float | None:
    """Return milliseconds in seconds; None stays None."""
    return None if ms is None else ms / 1000


def wire_form(thing: msgspec.Struct) -> dict[str, Any]:
    """Return an event of the engine as plain data for the wire, ``type`` included.

    Fields that are None are left out.
    """
    # JSON has no other keys than text: tables by rank or level are keyed by numbers inside.
    plain: dict[str, Any] = msgspec.to_builtins(thing, str_keys=True)
    return _renamed(plain)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or (name in _HIDDEN and isinstance(value, int)):
            continue
        if name == "at" and isinstance(value, list | tuple) and len(value) == 2:
            out["lat"], out["lon"] = value[1], value[0]
        elif name == "skill" and isinstance(value, int):
            out[name] = Skill(value).name
        elif isinstance(value, int) and (name.endswith("_at_ms") or name in _INSTANTS):
            out[name.removesuffix("_ms")] = instant(value)
        elif isinstance(value, int | float) and name.endswith("_ms"):
            out[name.removesuffix("_ms") + "_s"] = value / 1000
        else:
            out[name] = _inside(value)
    return out


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return _renamed(value)
    if isinstance(value, list | tuple):
        return [_inside(item) for item in value]
    return value
