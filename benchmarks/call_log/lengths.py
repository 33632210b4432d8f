"""Columns of a foreign file that hold lengths of time: from which stamp to which, in which unit."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from benchmarks.call_log import role_names
from benchmarks.call_log.column_profile import Profile
from benchmarks.call_log.mapping import CLOCKS_S
from benchmarks.call_log.role_names import plain
from benchmarks.call_log.roles import first, named
from benchmarks.call_log.schema import BY_NAME
from benchmarks.call_log.translate import clock_seconds

LENGTH_S_MAX: Final = 3 * 3600.0
"""Texts such as 01:02:03 that are all below are lengths; times of day go on to midnight."""
DISTINCT_MIN: Final = 20

_RESPONSE: Final = r"attendance|response|arriv|resp\b|to scene"
_WHOLE: Final = (
    r"\b(total|whole|overall) (time|duration|length|minutes|min|sec|seconds)\b"
    r"|\b(incident|job|event|mission) (duration|length)\b"
)
_HANDOVER: Final = r"hand ?over|off ?load"
_TURN_OUT: Final = r"turn ?out|chute|mobili[sz]ation|activation"
_UNITS: Final = re.compile(
    r"\b(s|sec|secs|seconds|m|min|mins|minutes|h|hrs?|hours|time|times|duration|elapsed|interval|tm"
    r"|qty?|in|from|first|unit|average|avg)\b"
)


class Length(NamedTuple):
    """A column that holds a length of time, its unit, and the stamp after which it is counted."""

    column: Profile
    unit: str
    after: str = "received_at"

    @property
    def extent(self) -> str:
        """What the lengths are, for a person to check the unit."""
        if self.column.low is None or self.column.high is None:
            return f"such as {self.column.common[0]}"
        return f"{self.column.low:g} to {self.column.high:g}"


def elapsed(profiles: Sequence[Profile], pattern: str) -> Length | None:
    """Return a column of lengths of time whose name fits a pattern, when the file has one."""
    column = first(profiles, lambda p: named(p, pattern) and _is_length(p) and _says_length(p))
    return None if column is None else Length(column, _unit(column, profiles))


def stamps_by_length(profiles: Sequence[Profile], known: Collection[str]) -> dict[str, Length]:
    """Return the stamps that a file gives as lengths of time, each after one that is known.

    ``known`` are the stamps that have columns of their own. ``seconds_to_scene`` is counted from
    the call, ``dispatch to arrival`` from when a unit was assigned; the response is counted from
    the call, the whole length too, turning out from when the unit was assigned.
    """
    found: dict[str, Length] = {}
    for column in profiles:
        ends = _ends(plain(column.name)) if _is_length(column) else None
        if ends is not None and ends[1] not in known:
            found.setdefault(ends[1], Length(column, _unit(column, profiles), ends[0]))
    for name, pattern, after in (
        ("first_mobile_at", _TURN_OUT, "first_assigned_at"),
        ("first_on_scene_at", _RESPONSE, "received_at"),
        ("handed_over_at", _HANDOVER, "at_hospital_at"),
        ("clear_at", _WHOLE, "received_at"),
    ):
        lasted = elapsed(profiles, pattern)
        if lasted is not None and name not in known:
            found.setdefault(name, lasted._replace(after=after))
    return _that_follow(found, {"received_at", *known})


def _that_follow(found: dict[str, Length], known: set[str]) -> dict[str, Length]:
    """Return the lengths of which the beginning is known, in the order of a job."""
    kept: dict[str, Length] = {}
    for name in (column for column in BY_NAME if column in found):
        if found[name].after in known | kept.keys():
            kept[name] = found[name]
    return kept


def _ends(name: str) -> tuple[str, str] | None:
    """Return from which stamp to which a length counts by its name, such as ``call to arrival``."""
    before, parted, after = name.partition(" to ")
    if not parted:
        return None
    start, end = (_role(text) for text in (before, after))
    order = list(BY_NAME)
    if not start or not end or order.index(start) >= order.index(end):
        return None
    return start, end


def _role(text: str) -> str | None:
    words = " ".join(_UNITS.sub(" ", text).split())
    if not words or words in {"received", "call", "alarm"}:
        return "received_at"
    return next((role for role, p in role_names.STAMPS if re.search(p, words)), None)


def _is_length(p: Profile) -> bool:
    if p.formats or named(p, r"code|level|priority|mode|zone|number|percent"):
        return False
    if p.low is not None:
        return p.low >= 0 and p.distinct > 2 and not p.clocks
    return _is_clock_length(p)


def _is_clock_length(p: Profile) -> bool:
    """Test whether a column holds lengths of time written as 00:07:45."""
    if p.length_form != "h:m:s" or p.distinct < DISTINCT_MIN:
        return False
    texts = [clock_seconds(text, CLOCKS_S["h:m:s"]) for text in p.common]
    numbers = [float(text) for text in texts if ":" not in text]
    return bool(numbers) and min(numbers) >= 0 and max(numbers) < LENGTH_S_MAX


def _says_length(p: Profile) -> bool:
    words = r"\bs\b|sec|time|duration|min|tm\b|delay|interval|hours|dauer|duree|durata|duur"
    return named(p, words) and not named(p, r"\bunit\b")


def _unit(column: Profile, profiles: Sequence[Profile]) -> str:
    """Return the unit of a column of lengths: as its name says, else as the numbers tell.

    Lengths of which no name says the unit are all in one; the longest of them is a whole job.
    """
    if column.low is None:
        return column.length_form
    if (unit := _named_unit(column)) is not None:
        return unit
    others = [p for p in profiles if _is_length(p) and _says_length(p) and p.low is not None]
    silent = [p.middle or 0 for p in others if _named_unit(p) is None]
    longest = max(silent, default=column.middle or 0)
    return "s" if longest > (_JOB_MIN_MAX if len(silent) > 1 else _RESPONSE_MIN_MAX) else "min"


def _named_unit(column: Profile) -> str | None:
    units = (("s", r"\bs\b|sec"), ("min", r"min"), ("h", r"hour|\bh\b"))
    return next((unit for unit, pattern in units if named(column, pattern)), None)


_RESPONSE_MIN_MAX: Final = 60
_JOB_MIN_MAX: Final = 300
"""Greater than so many minutes are no usual response, and no usual job."""
