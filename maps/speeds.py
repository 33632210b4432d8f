"""How fast an ambulance drives: a documented profile, and the time along every edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from maps.road_network import Access, Bools, Int32s, RoadNetwork

IMPASSABLE_MS: Final = 2**30 - 1
"""Time along an edge that the vehicle may not use. Two of them still fit an int32."""

BUILT_UP_KMH_MAX: Final = 65
"""A road signed 40 mph (64 km/h) or less is built-up.

Department for Transport, *Speeds statistics: technical information*: "the term 'built-up' is used
to describe roads on which a 40 miles per hour or lower limit applies".
"""

HOURS_OF_WEEK: Final = 168
_QUARTER_MS: Final = 900_000
_MS_PER_M_AT_1_KMH: Final = 3_600.0

Floats = npt.NDArray[np.float64]


class HourClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours of the week with like traffic, and the share of the free speed that it leaves."""

    name: str
    weekdays: tuple[int, ...]
    hours: tuple[int, ...]
    built_up_factor: float
    open_factor: float
    source: str


class ClassSpeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speeds of one road class with traffic out of the way, in km/h.

    ``built_up_kmh`` and ``open_kmh`` hold where no limit is mapped. Where one is, the speed is
    ``posted_share`` of it, at most ``posted_max_kmh``. The blue-light factors multiply the speed
    up to ``blue_light_max_kmh``. A ``walking`` class knows neither traffic nor blue lights.
    A name that ends in ``*`` stands for all classes with that beginning.
    """

    name: str
    built_up_kmh: float
    open_kmh: float
    posted_share: float
    posted_max_kmh: float
    blue_light_built_up_factor: float
    blue_light_open_factor: float
    blue_light_max_kmh: float
    source: str
    blue_light_source: str
    is_built_up: bool = False
    walking: bool = False
    keeps_fixed_time: bool = False


class SpeedProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speeds by road class, area and hour of the week; each number with its source.

    ``blue_light_delay_share`` is the part of traffic's delay that blue lights do not save.
    ``fixed_time_hour_class`` names the hours for which given times (strategic links) hold.
    ``week`` is the index into ``hour_classes`` for each of 168 local hours, from Monday 00:00.
    """

    name: str
    version: str
    description: str
    blue_light_delay_share: float
    blue_light_delay_share_source: str
    fixed_time_hour_class: str
    fixed_time_hour_class_source: str
    hour_classes: tuple[HourClass, ...]
    road_classes: tuple[ClassSpeed, ...]
    week: tuple[int, ...] = ()


def load_profile(name: str = "default") -> SpeedProfile:
    """Return a speed profile: a bundled name, or the path of a TOML file of the same form.

    Raises
    ------
    ValueError
        When the file is missing, is not TOML of the documented form, or breaks a rule (a speed
        that is not positive, an hour in no class or in two); the message names file and entry.
    """
    bundled = resources.files("maps") / "data" / "profiles" / f"{name}.toml"
    looks_like_a_name = re.fullmatch(r"[a-z0-9-]+", name) is not None
    source = bundled if looks_like_a_name and bundled.is_file() else Path(name)
    if not source.is_file():
        raise ValueError(f"Expected a bundled speed profile or a TOML file, was {name!r}.")
    try:
        profile = msgspec.toml.decode(source.read_bytes(), type=SpeedProfile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Expected a speed profile in {source}, was: {error}.") from error
    try:
        _check_speeds(profile)
        return msgspec.structs.replace(profile, week=_week(profile))
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error


def hour_class_count(profile: SpeedProfile) -> int:
    """Return the number of hour classes; their indices are 0 to this, exclusive."""
    return len(profile.hour_classes)


def hour_class_of(profile: SpeedProfile, now_ms: int, timezone: str = "Europe/London") -> int:
    """Return the hour class at an instant in UTC milliseconds, by the local hour of a timezone.

    A cached look-up, below a microsecond: offsets from UTC change on quarter hours only.
    """
    return profile.week[_hour_of_week(timezone, now_ms // _QUARTER_MS)]


def edge_ms(
    network: RoadNetwork, profile: SpeedProfile, *, blue_light: bool, hour_class: int
) -> Int32s:
    """Return the time along each edge in ms, int32[m]: from 1 to `IMPASSABLE_MS`.

    An edge whose access bit is missing is impassable. Given times are kept on ferries; on other
    edges (strategic links) they are scaled from the profile's ``fixed_time_hour_class`` to this
    hour, and by the blue-light factor.

    Raises
    ------
    ValueError
        When the network has a road class that the profile does not know, or ``hour_class`` is
        not one of the profile's.
    """
    if not 0 <= hour_class < hour_class_count(profile):
        raise ValueError(
            f"Expected hour_class in [0, {hour_class_count(profile)}), was {hour_class}."
        )
    pace = _Pace(network, profile, hour_class)
    time_ms = network.length_m * _MS_PER_M_AT_1_KMH / pace.speed_kmh(blue_light=blue_light)
    if network.fixed_ms.any():
        given_ms = pace.fixed_ms(blue_light=blue_light)
        time_ms = np.where(network.fixed_ms > 0, given_ms, time_ms)
    whole = np.clip(np.rint(time_ms), 1, IMPASSABLE_MS - 1).astype(np.int32)
    wanted = Access.BLUE_LIGHT if blue_light else Access.ORDINARY
    whole[(network.access & int(wanted)) == 0] = IMPASSABLE_MS
    return whole


def built_up_edges(network: RoadNetwork, profile: SpeedProfile) -> Bools:
    """Return whether each edge runs through a built-up area, bool[m].

    A mapped limit decides (`BUILT_UP_KMH_MAX`); then what the builder saw around the road, where
    the network has it; then the road class.
    """
    posted = network.posted_kmh
    by_class = _column(profile, _class_rows(network, profile), "is_built_up").astype(np.bool_)
    unposted = by_class if network.built_up is None else network.built_up
    return np.where(posted > 0, posted <= BUILT_UP_KMH_MAX, unposted)


class _Pace:
    """Speeds of every edge of a network in one hour class."""

    def __init__(self, network: RoadNetwork, profile: SpeedProfile, hour_class: int) -> None:
        self._network, self._profile = network, profile
        self._rows = _class_rows(network, profile)
        self._built_up = built_up_edges(network, profile)
        self._walking = self._column("walking").astype(np.bool_)
        self._hour_class = hour_class

    def speed_kmh(self, *, blue_light: bool) -> Floats:
        posted = self._network.posted_kmh.astype(np.float64)
        unposted_kmh = self._by_area("built_up_kmh", "open_kmh")
        posted_kmh = np.minimum(
            posted * self._column("posted_share"), self._column("posted_max_kmh")
        )
        free_kmh = np.where((posted > 0) & ~self._walking, posted_kmh, unposted_kmh)
        driven_kmh = free_kmh * self.factor(self._hour_class, blue_light=blue_light)
        if blue_light:
            # The ceiling binds what the lights add; it never slows a road below its free speed.
            ceiling_kmh = np.maximum(self._column("blue_light_max_kmh"), free_kmh)
            driven_kmh = np.minimum(driven_kmh, ceiling_kmh)
        return np.where(self._walking, free_kmh, driven_kmh)

    def factor(self, hour_class: int, *, blue_light: bool) -> Floats:
        """Return the factor on the free speed: traffic of the hour, and blue lights."""
        hours = self._profile.hour_classes[hour_class]
        traffic: Floats = np.where(self._built_up, hours.built_up_factor, hours.open_factor)
        if not blue_light:
            return traffic
        # Delay counts in time, so the share that remains is a share of (1 / traffic - 1).
        eased = 1.0 / (1.0 + self._profile.blue_light_delay_share * (1.0 / traffic - 1.0))
        lights = self._by_area("blue_light_built_up_factor", "blue_light_open_factor")
        return eased * lights

    def fixed_ms(self, *, blue_light: bool) -> Floats:
        """Return given times, scaled from the hours for which they hold to these."""
        names = [hours.name for hours in self._profile.hour_classes]
        given = names.index(self._profile.fixed_time_hour_class)
        then = self.factor(given, blue_light=False)
        now = self.factor(self._hour_class, blue_light=blue_light)
        keeps = self._column("keeps_fixed_time").astype(np.bool_)
        return self._network.fixed_ms.astype(np.float64) * np.where(keeps, 1.0, then / now)

    def _by_area(self, built_up_field: str, open_field: str) -> Floats:
        return np.where(self._built_up, self._column(built_up_field), self._column(open_field))

    def _column(self, field: str) -> Floats:
        return _column(self._profile, self._rows, field)


def _class_rows(network: RoadNetwork, profile: SpeedProfile) -> npt.NDArray[np.intp]:
    """Return, for each edge, the row of ``profile.road_classes`` that holds for it."""
    exact = {entry.name: row for row, entry in enumerate(profile.road_classes)}
    rows = [_row_of(name, exact, profile.name) for name in network.classes]
    return np.array(rows, dtype=np.intp)[network.road_class]


def _row_of(name: str, exact: Mapping[str, int], profile_name: str) -> int:
    if name in exact:
        return exact[name]
    beginnings = [known for known in exact if known.endswith("*") and name.startswith(known[:-1])]
    if not beginnings:
        raise ValueError(
            f"Expected road classes of the profile {profile_name!r} ({', '.join(sorted(exact))}), "
            f"was {name!r}."
        )
    return exact[max(beginnings, key=len)]


def _column(profile: SpeedProfile, rows: npt.NDArray[np.intp], field: str) -> Floats:
    values = [float(getattr(entry, field)) for entry in profile.road_classes]
    return np.array(values, dtype=np.float64)[rows]


@lru_cache(maxsize=65_536)
def _hour_of_week(timezone: str, quarter: int) -> int:
    """Return the local hour of the week, from Monday 00:00, in a quarter hour since 1970."""
    local = datetime.fromtimestamp(quarter * (_QUARTER_MS // 1000), tz=ZoneInfo(timezone))
    return local.weekday() * 24 + local.hour


def _week(profile: SpeedProfile) -> tuple[int, ...]:
    owner: list[int | None] = [None] * HOURS_OF_WEEK
    for index, entry in enumerate(profile.hour_classes):
        for weekday in entry.weekdays:
            for hour in entry.hours:
                if not (1 <= weekday <= 7 and 0 <= hour <= 23):
                    raise ValueError(
                        f"Expected weekdays 1 to 7 and hours 0 to 23 in hour class "
                        f"{entry.name!r}, was weekday {weekday}, hour {hour}."
                    )
                slot = (weekday - 1) * 24 + hour
                if owner[slot] is not None:
                    raise ValueError(
                        f"Expected weekday {weekday} hour {hour} in one hour class, was in "
                        f"{profile.hour_classes[owner[slot] or 0].name!r} and {entry.name!r}."
                    )
                owner[slot] = index
    week = tuple(index for index in owner if index is not None)
    if len(week) < HOURS_OF_WEEK:
        slot = owner.index(None)
        raise ValueError(
            f"Expected every hour of the week in an hour class, was none for weekday "
            f"{slot // 24 + 1} hour {slot % 24}."
        )
    return week


_POSITIVE_FIELDS: Final = (
    "built_up_kmh",
    "open_kmh",
    "posted_share",
    "posted_max_kmh",
    "blue_light_built_up_factor",
    "blue_light_open_factor",
    "blue_light_max_kmh",
)


def _check_speeds(profile: SpeedProfile) -> None:
    for entry in profile.road_classes:
        for field in _POSITIVE_FIELDS:
            _check_positive(f"road class {entry.name!r}", field, getattr(entry, field))
    for hours in profile.hour_classes:
        for field in ("built_up_factor", "open_factor"):
            _check_positive(f"hour class {hours.name!r}", field, getattr(hours, field))
    if not 0.0 <= profile.blue_light_delay_share <= 1.0:
        raise ValueError(
            f"Expected blue_light_delay_share in [0, 1], was {profile.blue_light_delay_share}."
        )
    names = [hours.name for hours in profile.hour_classes]
    if profile.fixed_time_hour_class not in names:
        raise ValueError(
            f"Expected fixed_time_hour_class among {names}, was {profile.fixed_time_hour_class!r}."
        )
    if profile.week:
        raise ValueError("Expected no 'week' entry (it follows from the hour classes), was one.")


def _check_positive(where: str, field: str, value: float) -> None:
    if not 0.0 < value < float("inf"):
        raise ValueError(f"Expected a positive {field} in {where}, was {value}.")
