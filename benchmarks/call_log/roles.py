"""Which column of a foreign file means what: by its name, and by what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.call_log.column_profile import Profile

_STAMP_NAMES: Final = (
    ("handed_over_at", r"hand.?over|handed.?over|off.?load|transfer.?of.?care"),
    ("at_hospital_at", r"(arriv|at|reach).*(hosp|destination)|hosp.*arriv|at.?dest"),
    (
        "left_scene_at",
        r"transport|(left|leav|depart|clear).*scene|to.?hosp|convey|patient.?on.?board",
    ),
    ("at_hospital_at", r"hosp"),
    ("call_answered_at", r"answer"),
    ("first_on_scene_at", r"scene|arriv|attended|at.?incident|reach"),
    ("first_mobile_at", r"mobile|mobili[sz]|en.?route|response|respond|turn.?out|activat|rolling"),
    ("first_assigned_at", r"assign|dispatch|alloc|despatch|alert|tone"),
    ("clear_at", r"clear|avail|clos|complet|free|end.?(time|date)|return"),
    (
        "received_at",
        r"receiv|connect|start|incident|event|alarm|creat|report|origin|entry|call|time|date|\bt0\b",
    ),
)
"""Names of stamps, the more particular before the more general."""

_ID: Final = (
    r"(incident|call|event|case|cad|run|job|master|cfs).?(incident)?.?(id|num|no\b|ref|key)|"
    r"^(id|incident|event|case|call|run|job)$"
)
_UNIT: Final = r"unit|vehicle|call.?sign|apparatus|resource|ambulance.?(id|no|num)|crew"
_UNIT_NOT: Final = r"type|count|number of|sequence|als|kind|status"
_CATEGORY: Final = (
    r"final.?(priority|severity)|categor|severity|determinant|ampds|mpds|triage|acuity|"
    r"priority|dx|disposition.?code|urgency|response.?(code|level)"
)
_OUTCOME: Final = r"disposition|outcome|result|stop.?code"
_COMPLAINT: Final = (
    r"complaint|nature|problem|call.?type|incident.?type|event.?type|chief|reason|type|title|desc"
)
_PERSONAL: Final = (
    r"name|phone|tel\b|mobile.?(no|num)|address|street|note|comment|narrat|remark|birth|dob|nhs|"
    r"email|caller"
)
_LON: Final = r"^(lon|long|longitude|lng|x)$|longitude|_lon$|_lng$"
_LAT: Final = r"^(lat|latitude|y)$|latitude|_lat$"
_EAST: Final = r"east"
_NORTH: Final = r"north"
_ELAPSED: Final = r"attendance|response|arriv|travel"


def named(profile: Profile, pattern: str) -> bool:
    """Test whether the name of a column fits a pattern."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", profile.name)
    return re.search(pattern, words.replace("_", " "), re.IGNORECASE) is not None or (
        re.search(pattern, profile.name, re.IGNORECASE) is not None
    )


def first(profiles: Sequence[Profile], test: Callable[[Profile], bool]) -> Profile | None:
    """Return the first column that passes a test."""
    return next((p for p in profiles if p.filled > 0 and test(p)), None)


def stamps(profiles: Sequence[Profile]) -> dict[str, Profile]:
    """Return the column of each stamp, of those that hold times; received_at is always found.

    Of two columns for one stamp the first in the file is taken. Without a name that fits, the
    earliest column of times is when the call was received.
    """
    times = [p for p in profiles if p.formats and not _is_small_number(p)]
    found: dict[str, Profile] = {}
    for column in times:
        role = next((role for role, pattern in _STAMP_NAMES if named(column, pattern)), None)
        if role is not None and role not in found:
            found[role] = column
    taken = {column.name for column in found.values()}
    rest = [column for column in times if column.name not in taken]
    if "received_at" not in found and rest:
        found["received_at"] = rest[0]
    if "received_at" not in found and times:
        role = next(iter(found))
        found["received_at"] = found.pop(role)
    return found


def _is_small_number(profile: Profile) -> bool:
    """Test whether a number only looks like a day of a spreadsheet."""
    return profile.formats == ("excel_days",) and not named(profile, r"time|date|_at\b|dt\b|stamp")


def date_and_clock(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return a column of dates and one of times of day, when the file has such a pair."""
    day = first(profiles, lambda p: bool(p.dates) and not p.clocks)
    clock = first(profiles, lambda p: bool(p.clocks) and not p.formats)
    return (day, clock) if day is not None and clock is not None else None


def weekday_and_hour(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return columns of weekday and hour, when the file has no better."""
    day = first(profiles, lambda p: named(p, r"week.?day|day.?of.?week|^dow$"))
    hour = first(profiles, lambda p: named(p, r"^hour|hour$") and p.high is not None)
    return (day, hour) if day is not None and hour is not None else None


def elapsed(profiles: Sequence[Profile]) -> Profile | None:
    """Return a column of seconds from the call until arrival, when the file has one."""
    return first(
        profiles,
        lambda p: (
            named(p, _ELAPSED)
            and named(p, r"_s$|sec|time|duration")
            and p.low is not None
            and p.low >= 0
            and (p.high or 0) > 60
        ),
    )


def identifier(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that names incidents: by its name, and with many different values."""
    fitting = [p for p in profiles if named(p, _ID) and p.filled > 0.99 and not p.formats]
    incident = [p for p in fitting if named(p, r"incident|event|case|master")]
    return max(incident or fitting, key=lambda p: p.distinct, default=None)


def unit(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that names units, when the file has one."""
    return first(profiles, lambda p: named(p, _UNIT) and not named(p, _UNIT_NOT))


def origin(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says where the first unit came from: its station, or the unit."""
    station = first(profiles, lambda p: named(p, r"deployed.?from|from.?station|(home|base).?st"))
    return station or unit(profiles)


def category(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says how urgent an incident is: few values, or known codes."""
    for profile in profiles:
        if profile.is_ampds or profile.is_pathways:
            return profile
    few = [p for p in profiles if 1 < p.distinct <= 60 and named(p, _CATEGORY)]
    few = [p for p in few if not named(p, r"date|time|zip|post|status|alarm")]
    order = ("final", "categor", "severity", "priority", "triage", "acuity")
    return min(few, key=lambda p: _rank(p, order), default=None)


def _rank(profile: Profile, order: Sequence[str]) -> int:
    return next((i for i, word in enumerate(order) if named(profile, word)), len(order))


def outcome(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says how an incident ended."""
    return first(profiles, lambda p: named(p, _OUTCOME) and 1 < p.distinct <= 100 and not p.formats)


def complaint(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says what is wrong with the patient."""
    fitting = [
        p
        for p in profiles
        if named(p, _COMPLAINT)
        and 1 < p.distinct <= 1_000
        and p.low is None
        and not p.formats
        and p.length < 60
        and not named(p, r"unit|property|group|vehicle|address")
    ]
    order = ("complaint", "nature", "problem", "chief", "call", "incident", "event", "title")
    return min(fitting, key=lambda p: _rank(p, order), default=None)


def age(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column of ages in years."""
    return first(
        profiles,
        lambda p: (
            named(p, r"^age\b|patient.?age|age.?(in.?)?years")
            and p.low is not None
            and p.low >= 0
            and (p.high or 0) <= 130
        ),
    )


def hospital(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that names the receiving hospital."""
    return first(
        profiles,
        lambda p: (
            named(p, r"hospital|destination|receiving") and not p.formats and 1 <= p.distinct <= 500
        ),
    )


def is_personal(profile: Profile) -> bool:
    """Test whether a column seems to tell who somebody is, or is free text."""
    return named(profile, _PERSONAL) or (profile.length > 60 and not profile.is_point)


def grid(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return columns of British National Grid metres."""
    east = first(profiles, lambda p: named(p, _EAST) and _within(p, 0, 700_000))
    north = first(profiles, lambda p: named(p, _NORTH) and _within(p, 0, 1_300_000))
    return (east, north) if east is not None and north is not None else None


def degrees(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return columns of longitude and latitude."""
    lon = first(profiles, lambda p: named(p, _LON) and _within(p, -180, 180))
    lat = first(profiles, lambda p: named(p, _LAT) and _within(p, -90, 90))
    return (lon, lat) if lon is not None and lat is not None else None


def point(profiles: Sequence[Profile]) -> Profile | None:
    """Return a column that holds both coordinates in one text."""
    return first(profiles, lambda p: p.is_point)


def postcode(profiles: Sequence[Profile]) -> Profile | None:
    """Return a column of postcodes."""
    fitting = [p for p in profiles if p.is_postcode and named(p, r"post|zip|pcd")]
    return max(fitting, key=lambda p: p.distinct, default=None)


def _within(profile: Profile, low: float, high: float) -> bool:
    return profile.low is not None and profile.low >= low and (profile.high or 0) <= high
