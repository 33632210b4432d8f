"""Which column of a foreign file means what: by its name, and by what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from benchmarks.call_log import role_names
from benchmarks.call_log.column_profile import Profile
from benchmarks.call_log.guesses import category_guesses
from benchmarks.call_log.role_names import plain
from benchmarks.call_log.schema import BY_NAME

POSTCODE_SHARE_MIN: Final = 0.6
"""Share of cells that must be postcodes in a column that is named so; some are always odd."""
AMPDS_SHARE_MIN: Final = 0.6
SURE_SHARE_MIN: Final = 0.6
"""Share of the different texts of a column that must mean a category, for it to be one."""

_plain = lru_cache(maxsize=10_000)(plain)


def named(profile: Profile, pattern: str) -> bool:
    """Test whether the name of a column, in plain words, fits a pattern."""
    return re.search(pattern, _plain(profile.name)) is not None


def first(profiles: Sequence[Profile], test: Callable[[Profile], bool]) -> Profile | None:
    """Return the first column that passes a test."""
    return next((p for p in profiles if p.filled > 0 and test(p)), None)


def stamps(profiles: Sequence[Profile]) -> dict[str, Profile]:
    """Return the column of each stamp, of those that hold times; received_at is always found.

    Of two columns for one stamp the first in the file is taken; of the times of the call itself,
    one that is named so. Without a name that fits, the first column of times is when the call was
    received.
    """
    times = [p for p in profiles if p.formats and not _is_small_number(p)]
    found = _by_name([column for column in times if not column.dates] or times)
    _add_departure(times, found)
    taken = {column.name for column in found.values()}
    of_call = [p for p in times if p.name not in taken and stamp_role(p) in {"received_at", None}]
    rest = [p for p in of_call if not p.dates] or ([] if found else of_call)
    if "received_at" not in found and rest:
        found["received_at"] = rest[0]
    if "received_at" not in found and found:
        found["received_at"] = found.pop(min(found, key=list(BY_NAME).index))
    return found


def _add_departure(times: Sequence[Profile], found: dict[str, Profile]) -> None:
    """Take a mere departure for that from the scene, where the way to the scene is known."""
    if "left_scene_at" not in found and {"first_mobile_at", "at_hospital_at"} <= found.keys():
        departed = first(times, lambda p: named(p, r"\b(depart\w*|left)$"))
        if departed is not None and departed not in found.values():
            found["left_scene_at"] = departed


def _by_name(columns: Sequence[Profile]) -> dict[str, Profile]:
    found: dict[str, Profile] = {}
    for column in columns:
        role = stamp_role(column)
        is_better = role == "received_at" and _is_of_call(column) > _is_of_call(found.get(role))
        if role and (role not in found or is_better):
            found[role] = column
    _part_mobilised_from_mobile(columns, found)
    return found


def _part_mobilised_from_mobile(columns: Sequence[Profile], found: dict[str, Profile]) -> None:
    """Take ``Mobilised`` for the order to a crew where another column says when it was moving."""
    if "first_assigned_at" in found or "first_mobile_at" not in found:
        return
    moving = [p for p in columns if stamp_role(p) == "first_mobile_at"]
    ordered = first(moving, lambda p: named(p, r"mobili[sz]|activat|alert"))
    rest = [p for p in moving if p is not ordered]
    if ordered is not None and rest:
        found["first_assigned_at"], found["first_mobile_at"] = ordered, rest[0]


def stamp_role(column: Profile) -> str | None:
    """Return which stamp a column is by its name: "" none of ours, None where nothing tells."""
    return next((role for role, pattern in role_names.STAMPS if named(column, pattern)), None)


def _is_of_call(column: Profile | None) -> bool:
    return column is not None and named(column, role_names.RECEIVED_FIRST)


def _is_small_number(profile: Profile) -> bool:
    """Test whether a number only looks like a day of a spreadsheet: whole, and not named so."""
    if profile.formats != ("excel_days",) or named(profile, r"time|date|\bat\b|dt\b|stamp|when"):
        return False
    return not any({".", ","} & {*text} for text in profile.common)


def date_and_clock(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return a column of dates and one of times of day, when the file has such a pair."""
    day = first(profiles, lambda p: bool(p.dates) and not p.clocks)
    clock = clock_of_call(profiles)
    return (day, clock) if day is not None and clock is not None else None


def clock_of_call(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column of the time of day at which calls came, when the file has one."""
    clocks = [p for p in profiles if p.filled > 0 and p.clocks and not p.formats]
    of_call = [p for p in clocks if stamp_role(p) in {"received_at", None}]
    return next(iter([p for p in of_call if _is_of_call(p)] or of_call or clocks), None)


def date_parts(profiles: Sequence[Profile]) -> tuple[Profile, Profile, Profile] | None:
    """Return columns of day, month and year, when the file has its dates in three."""

    def named(*names: str) -> Profile | None:
        return first(profiles, lambda profile: _plain(profile.name) in names)

    day = named("day", "tag", "jour", "dia")
    month = named("month", "monat", "mois", "mes")
    year = named(*_YEARS)
    if day is None or month is None or year is None or (day.high or 0) > 31:
        return None
    return day, month, year


_YEARS: Final = ("year", "jahr", "annee", "ano")


def other_clocks(profiles: Sequence[Profile], of_call: Profile) -> dict[str, Profile]:
    """Return the stamps of which a file gives only the time of day, besides that of the call."""
    clocks = [p for p in profiles if p.filled > 0 and p.clocks and not p.formats and p != of_call]
    found = _by_name(clocks)
    found.pop("received_at", None)
    return found


def weekday_and_hour(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return columns of weekday and hour, when the file has no better."""
    day = first(profiles, lambda p: named(p, role_names.WEEKDAY))
    hour = first(profiles, lambda p: named(p, role_names.HOUR) and p.high is not None)
    return (day, hour) if day is not None and hour is not None else None


def identifier(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that names incidents: by its name, and with many different values."""
    fitting = [
        p
        for p in profiles
        if named(p, role_names.IDENTIFIER) and p.filled > 0.99 and not (p.formats and not p.high)
    ]
    incident = [p for p in fitting if named(p, role_names.INCIDENT)]
    best = max(incident or fitting, key=lambda p: p.distinct, default=None)
    if best is not None:
        return best
    return first(profiles, lambda p: named(p, role_names.ROW_NUMBER) and p.distinct == p.rows)


class Events(NamedTuple):
    """The columns of a file with a row for each status that a unit takes."""

    incident_id: str
    unit: str
    status: str
    status_at: str


STATUSES_MIN: Final = 3
"""So many different stamps must be among the texts of a column, for it to hold statuses."""


def events(profiles: Sequence[Profile]) -> Events | None:
    """Return what the columns say, of a file with a row for each status of a unit; else None."""
    name, unit_column = identifier(profiles), unit(profiles)
    times = [p for p in profiles if p.formats and not p.dates and not _is_small_number(p)]
    if name is None or unit_column is None or not times or name.distinct > name.rows / 2:
        return None
    at = max(times, key=lambda p: p.distinct)
    status = max(profiles, key=_stamps_named)
    # A second column of times is mostly that of the call, and then says less than the statuses.
    many_times = len(times) == 1 or at.distinct > 2 * name.distinct
    is_certain = _stamps_named(status) >= STATUSES_MIN and many_times
    return Events(name.name, unit_column.name, status.name, at.name) if is_certain else None


def _stamps_named(profile: Profile) -> int:
    """Return how many different stamps the texts of a column name."""
    if profile.distinct > len(profile.common) or profile.formats or profile.low is not None:
        return 0
    texts = map(_plain, profile.common)
    found = {next((r for r, p in role_names.STAMPS if re.search(p, text)), "") for text in texts}
    return len(found - {""})


def unit(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that names units, when the file has one."""
    return first(profiles, lambda p: named(p, role_names.UNIT) and _may_name_units(p))


def _may_name_units(profile: Profile) -> bool:
    is_count = profile.high is not None and profile.high < 20
    return not (
        named(profile, role_names.UNIT_NOT) or profile.formats or profile.clocks or is_count
    )


def origin(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says where the first unit came from: its station, or the unit."""
    station = first(profiles, lambda p: named(p, role_names.STATION) and not p.formats)
    return station or unit(profiles)


def category(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says how urgent an incident is.

    One whose texts nearly all mean a category, then one of known codes, then one that is only
    named so.
    """
    few = _few_words(profiles)
    order = role_names.CATEGORY_ORDER
    sure = ranked_categories(profiles)
    says_it = [p for p in sure if named(p, "categor") and _sure_share(p) == 1.0]
    coded = [p for p in profiles if is_ampds(p) or p.is_pathways]
    ranked = min(sure, key=lambda p: _rank(p, order), default=None)
    levels = [p for p in profiles if _is_of_levels(p)]
    found = [*says_it, *coded, *([ranked] if ranked else []), *levels, *sorted(few, key=_unsure)]
    return found[0] if found else None


def _is_of_levels(profile: Profile) -> bool:
    """Test whether a column holds the levels of AMPDS, whatever its name."""
    found = {_plain(text) for text in profile.common}
    return len(found) >= LEVELS_MIN and found <= _LEVELS


LEVELS_MIN: Final = 3
_LEVELS: Final = frozenset({"alpha", "bravo", "charlie", "delta", "echo", "omega"})


def _few_words(profiles: Sequence[Profile]) -> list[Profile]:
    few = [p for p in profiles if 1 < p.distinct <= 60 and named(p, role_names.CATEGORY)]
    return [p for p in few if not named(p, role_names.CATEGORY_NOT) and not p.formats]


def ranked_categories(profiles: Sequence[Profile]) -> list[Profile]:
    """Return the columns of few words, of which most mean a category."""
    return [
        p
        for p in _few_words(profiles)
        if _sure_share(p) >= SURE_SHARE_MIN and p.ampds_share < AMPDS_SHARE_MIN
    ]


def is_ampds(profile: Profile) -> bool:
    """Test whether a column holds AMPDS determinants, a few odd cells aside."""
    return profile.ampds_share >= AMPDS_SHARE_MIN and profile.distinct > 1


def _sure_share(profile: Profile) -> float:
    guesses = category_guesses(profile.common)
    return sum(1 for guess in guesses.values() if guess) / len(guesses)


def _unsure(profile: Profile) -> tuple[float, int]:
    return -_sure_share(profile), _rank(profile, role_names.CATEGORY_ORDER)


def _rank(profile: Profile, order: Sequence[str]) -> int:
    return next((i for i, word in enumerate(order) if named(profile, word)), len(order))


def outcome(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says how an incident ended."""
    return first(
        profiles,
        lambda p: (
            named(p, role_names.OUTCOME)
            and 1 < p.distinct <= 100
            and not p.formats
            and not p.clocks
            and not is_ampds(p)
            and not p.is_pathways
        ),
    )


def complaint(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that says what is wrong with the patient."""
    fitting = [
        p
        for p in profiles
        if named(p, role_names.COMPLAINT)
        and 1 < p.distinct <= 1_000
        and p.low is None
        and not p.formats
        and not is_ampds(p)
        and p.length < 60
        and not named(p, role_names.COMPLAINT_NOT)
    ]
    return min(fitting, key=lambda p: _rank(p, role_names.COMPLAINT_ORDER), default=None)


def age(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column of ages in years."""
    return first(
        profiles,
        lambda p: (
            named(p, role_names.AGE) and p.low is not None and p.low >= 0 and (p.high or 0) <= 130
        ),
    )


def hospital(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that names the receiving hospital."""
    return first(
        profiles,
        lambda p: (
            named(p, role_names.HOSPITAL)
            and not p.formats
            and not p.clocks
            and not named(p, role_names.OUTCOME)
            and 1 <= p.distinct <= 500
        ),
    )


def is_personal(profile: Profile) -> bool:
    """Test whether a column seems to tell who somebody is, or is free text."""
    if profile.formats or profile.clocks:
        return named(profile, r"birth|\bdob\b")
    is_named = named(profile, role_names.PERSONAL) and not named(profile, role_names.HOSPITAL)
    return is_named or (profile.length > 60 and not profile.is_point)


def numbers(profiles: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """Return two columns of numbers that are named as coordinates, whatever their unit."""
    for names in ((role_names.LON, role_names.LAT), (role_names.EAST, role_names.NORTH)):
        x, y = (first(profiles, _is_coordinate(name)) for name in names)
        if x is not None and y is not None and x != y:
            return (y, x) if is_exchanged((x, y)) else (x, y)
    return None


def is_exchanged(pair: tuple[Profile, Profile]) -> bool:
    """Test whether what is named longitude is the latitude: at the other, nobody lives."""
    x, y = (column.middle or 0.0 for column in pair)
    is_named = named(pair[0], role_names.LON) and named(pair[1], role_names.LAT)
    is_on_globe = max(abs(x), abs(y)) <= 180
    wrong_way = not role_names.LAT_MIN < y < role_names.LAT_MAX
    return is_named and is_on_globe and wrong_way and role_names.LAT_MIN < x < role_names.LAT_MAX


def _is_coordinate(pattern: str) -> Callable[[Profile], bool]:
    return lambda p: named(p, pattern) and p.low is not None and (p.low, p.high) != (0, 0)


def is_degrees(pair: tuple[Profile, Profile]) -> bool:
    """Test whether two columns of numbers can be longitude and latitude."""
    return _within(pair[0], 180) and _within(pair[1], 90)


def is_microdegrees(pair: tuple[Profile, Profile]) -> bool:
    """Test whether two columns are named as degrees, and hold millionths of a degree."""
    is_named = named(pair[0], role_names.LON) and named(pair[1], role_names.LAT)
    # A bare X and Y are a grid's.
    is_named = is_named and not (named(pair[0], "^x$") and named(pair[1], "^y$"))
    return is_named and not is_degrees(pair) and _within(pair[0], 180e6) and _within(pair[1], 90e6)


def _within(profile: Profile, most: float) -> bool:
    return profile.low is not None and profile.low >= -most and (profile.high or 0) <= most


def point(profiles: Sequence[Profile]) -> Profile | None:
    """Return a column that holds both coordinates in one text."""
    return first(profiles, lambda p: p.is_point)


def postcode(profiles: Sequence[Profile]) -> Profile | None:
    """Return a column of postcodes."""
    fitting = [
        p
        for p in profiles
        if p.postcode_share >= POSTCODE_SHARE_MIN and named(p, role_names.POSTCODE)
    ]
    return max(fitting, key=lambda p: p.distinct, default=None)


def area(profiles: Sequence[Profile]) -> Profile | None:
    """Return a column of names of areas, the finest, when the file says no more of the place."""
    fitting = [
        p
        for p in profiles
        if named(p, role_names.AREA) and 1 < p.distinct <= 5_000 and not p.formats and p.length < 40
    ]
    return max(fitting, key=lambda p: p.distinct, default=None)
