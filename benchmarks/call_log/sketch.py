"""A region for a log from anywhere: a TOML file to be corrected by whoever knows the place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.gathering import far_off
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.schema import DAY_S
from benchmarks.call_log.sites import Site
from benchmarks.call_log.zones import zone_at

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

PLACES_MAX: Final = 400
"""Demand places of a sketch; cells grow until no more of them hold calls."""
CELL_KM_MIN: Final = 1.0

PEOPLE_PER_DAILY_CALL: Final = 2_170
"""England has 56.5 million people and about 26,000 incidents a day."""
PEOPLE_PER_DEPARTMENT: Final = 330_000
"""England has 170 emergency departments."""
PEOPLE_PER_POST: Final = 67_000
"""The region ``england`` has 846 posts."""
DUTY_H_PER_CALL: Final = 2.2
"""Hours on duty for each incident with a face-to-face response, as assumed of ``england``."""
RURAL_PEOPLE_PER_KM2_MAX: Final = 150.0
AGED_65_PLUS_SHARE: Final = 0.184
"""Census 2021, England."""

BLUE_LIGHT_KMH: Final = 60.0
ORDINARY_KMH: Final = 40.0
DETOUR_FACTOR: Final = 1.3
"""Over 4 to 20 km of the region ``england``, journeys between people's homes make 46 to 60 km/h
as the crow flies under blue lights, and 24 to 36 km/h ordinarily."""

_KM_PER_DEGREE: Final = 111.195
_DAY_SHIFT: Final = "07:00-19:00"
_NIGHT_SHIFT: Final = "19:00-07:00"
_BY_TELEPHONE: Final = frozenset({"hear_and_treat", "referred", "duplicate"})


@dataclass(frozen=True, slots=True)
class Places:
    """Cells of a grid that hold calls: their middles, calls, people and area of a cell."""

    lon: Float64s
    lat: Float64s
    calls: Int64s
    people: Int64s
    cell_km: float


def sketched(
    log: CallLog,
    name: str,
    *,
    hospitals: Sequence[Site] = (),
    posts: Sequence[Site] = (),
    units: int | None = None,
    timezone: str | None = None,
) -> str:
    """Return a region around the calls of a log, as TOML for ``bluelight maps build --toml``.

    People live where calls come from; crews are as many as England would have for so many calls,
    by day and by night; where no hospital or station is named, they are sited so that people are
    near one. All of that is marked as assumed.

    Parameters
    ----------
    log
        Calls in the engine's schema.
    name
        Of the region; in capitals the code of its one trust, where the log names none.
    hospitals, posts
        Sites that are known; a log whose ``destination`` has their ids keeps it.
    units
        Crews on duty by day; None: by the number of calls.
    timezone
        None: by where the calls are.

    Raises
    ------
    ValueError
        When the log has no calls, or is of several trusts.
    """
    if not len(log):
        raise ValueError("Expected calls to sketch a region around, was none.")
    whole, log = len(log), _together(log)
    days = max(1.0, float(np.ptp(log.received_at_ms)) / (DAY_S * 1000))
    places = _places(log, days)
    zone = timezone or zone_at(float(np.median(log.lon)), float(np.median(log.lat))) or "UTC"
    people = int(places.people.sum())
    departments = list(hospitals) or _sited("hospital", places, people / PEOPLE_PER_DEPARTMENT, 1)
    stations = list(posts) or _sited("post", places, people / PEOPLE_PER_POST, 2)
    by_day, by_night = _crews(log, days, zone)
    if units is not None:
        by_day, by_night = units, max(1, round(units * by_night / by_day))
    code = _trust_of(log) or name.upper()
    return "\n".join(
        [
            f"# A sketch of a region around {len(log):,} calls in {days:.0f} days. What is assumed",
            "# is marked so: put in what you know, then build it:",
            *_left_out(whole - len(log)),
            f"#   bluelight maps build --toml {name}.toml --name {name}",
            f'timezone = "{zone}"',
            "attribution = []",
            f"\n[[trusts]]\ncode = {_text(code)}\nname = {_text(name)}",
            *_hospital_tables(departments, assumed=not hospitals),
            *_post_tables(stations, code, assumed=not posts),
            *_fleet_tables(stations, places, code, (by_day, by_night)),
            *_place_tables(places),
            "\n# Speeds along the great circle times the detour. Streets are better: build from an",
            "# OpenStreetMap extract with --pbf and --facilities, and take this table away.",
            f"[travel]\nblue_light_kmh = {BLUE_LIGHT_KMH}\nordinary_kmh = {ORDINARY_KMH}",
            f"detour_factor = {DETOUR_FACTOR}",
            "",
        ]
    )


def _trust_of(log: CallLog) -> str | None:
    """Return the one home trust that a log names; None where it names none.

    Raises
    ------
    ValueError
        When it names several: a sketch has one.
    """
    named = sorted({word for word in log.words.get("trust", ()) if word})
    if len(named) > 1:
        raise ValueError(
            f"Expected one home trust in a log to sketch a region around, was {', '.join(named)}: "
            "take trust out of the mapping, or sketch each apart."
        )
    return named[0] if named else None


def _together(log: CallLog) -> CallLog:
    """Return the calls without those that lie so far off that their place is surely wrong."""
    far = far_off(log.lon, log.lat)
    return log.taken(np.delete(np.arange(len(log)), far)) if len(far) else log


def _left_out(count: int) -> Iterator[str]:
    if count:
        yield f"# {count:,} calls lie far from all others and count for nothing here."


def _places(log: CallLog, days: float) -> Places:
    """Return the cells that hold calls, grown until there are few enough of them."""
    cell_km = CELL_KM_MIN
    shrink = math.cos(math.radians(float(np.median(log.lat))))
    while True:
        column = np.floor(log.lon * shrink * _KM_PER_DEGREE / cell_km).astype(np.int64)
        row = np.floor(log.lat * _KM_PER_DEGREE / cell_km).astype(np.int64)
        cells, cell, calls = np.unique(
            np.column_stack((row, column)), axis=0, return_inverse=True, return_counts=True
        )
        if len(cells) <= PLACES_MAX:
            break
        cell_km *= 1.3
    cell = cell.reshape(-1)
    lon = np.bincount(cell, weights=log.lon) / calls
    lat = np.bincount(cell, weights=log.lat) / calls
    people = np.maximum(1, np.rint(calls / days * PEOPLE_PER_DAILY_CALL)).astype(np.int64)
    return Places(lon, lat, calls.astype(np.int64), people, cell_km)


def _sited(what: str, places: Places, wanted: float, least: int) -> list[Site]:
    """Return sites at cells, one after another where it brings people nearest to a site."""
    count = min(max(least, round(wanted)), len(places.lon))
    shrink = math.cos(math.radians(float(np.median(places.lat))))
    x, y = places.lon * shrink * _KM_PER_DEGREE, places.lat * _KM_PER_DEGREE
    apart_km = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    nearest_km = np.full(len(x), np.inf)
    chosen: list[int] = []
    for _ in range(count):
        far_km = places.people @ np.minimum(nearest_km[:, None], apart_km)
        far_km[chosen] = np.inf
        chosen.append(int(np.argmin(far_km)))
        nearest_km = np.minimum(nearest_km, apart_km[chosen[-1]])
    return [
        Site(
            f"{what}-{number}",
            f"Assumed {what} {number}",
            round(float(places.lon[cell]), 6),
            round(float(places.lat[cell]), 6),
        )
        for number, cell in enumerate(chosen, start=1)
    ]


def _crews(log: CallLog, days: float, zone: str) -> tuple[int, int]:
    """Return crews on duty by day and by night, in shifts of twelve hours from 07:00."""
    outcomes = log.words.get("outcome") or [None] * len(log)
    needs_crew = np.array(
        [c != "C5" and o not in _BY_TELEPHONE for c, o in zip(log.category, outcomes, strict=True)]
    )
    tz = ZoneInfo(zone)
    quarter_h = np.unique(log.received_at_ms // 3_600_000, return_inverse=True)
    hours = np.array(
        [datetime.fromtimestamp(h * 3600, UTC).astimezone(tz).hour for h in quarter_h[0].tolist()]
    )[quarter_h[1]]
    is_day = (hours >= 7) & (hours < 19)
    calls = int((needs_crew & is_day).sum()), int((needs_crew & ~is_day).sum())
    by_day, by_night = (round(c / days * DUTY_H_PER_CALL / 12.0) for c in calls)
    return max(2, by_day), max(2, by_night)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _hospital_tables(sites: Sequence[Site], *, assumed: bool) -> Iterator[str]:
    fields = '["name", "at", "emergency_department", "bays"]' if assumed else '["bays"]'
    for site in sites:
        yield f"\n[[hospitals]]\nid = {_text(site.id)}\nname = {_text(site.name)}"
        yield f"lon = {site.lon}\nlat = {site.lat}\nassumed = {fields}"


def _post_tables(sites: Sequence[Site], trust: str, *, assumed: bool) -> Iterator[str]:
    for site in sites:
        yield f"\n[[posts]]\nid = {_text(site.id)}\nname = {_text(site.name)}"
        yield f"trust = {_text(trust)}\nlon = {site.lon}\nlat = {site.lat}"
        if assumed:
            yield "assumed = true"


def _fleet_tables(
    posts: Sequence[Site], places: Places, trust: str, crews: tuple[int, int]
) -> Iterator[str]:
    """Yield crews at posts, as the calls nearest to each post demand."""
    shrink = math.cos(math.radians(float(np.median(places.lat))))
    x = np.array([post.lon for post in posts]) * shrink
    y = np.array([post.lat for post in posts])
    nearest = np.argmin(
        np.hypot(places.lon[:, None] * shrink - x[None, :], places.lat[:, None] - y[None, :]),
        axis=1,
    )
    weight = np.bincount(nearest, weights=places.calls, minlength=len(posts))
    for word, shift, count in (("D", _DAY_SHIFT, crews[0]), ("N", _NIGHT_SHIFT, crews[1])):
        for post, number in zip(posts, _shared(weight, count), strict=True):
            if number:
                yield f'\n[[fleet]]\nid = {_text(f"{post.id}-{word}")}\nkind = "DCA"'
                yield f'skill = "PARAMEDIC"\ntrust = {_text(trust)}\nhome = {_text(post.id)}'
                yield f'count = {number}\nshifts = ["{shift}"]\nassumed = true'


def _shared(weight: npt.NDArray[Any], count: int) -> list[int]:
    """Return whole numbers in proportion to weights, by the largest remainders."""
    exact = weight / weight.sum() * count
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: count - int(whole.sum())]] += 1
    return [int(number) for number in whole]


def _place_tables(places: Places) -> Iterator[str]:
    yield "\n# Places: where calls came from, people as England has for so many calls."
    rural_max = RURAL_PEOPLE_PER_KM2_MAX * places.cell_km**2
    for number in range(len(places.lon)):
        people = int(places.people[number])
        yield f'\n[[places]]\nid = "cell-{number + 1}"'
        yield f"lon = {places.lon[number]:.6f}\nlat = {places.lat[number]:.6f}"
        yield f"population = {people}\naged_65_plus = {round(people * AGED_65_PLUS_SHARE)}"
        yield f"is_rural = {str(people < rural_max).lower()}"
