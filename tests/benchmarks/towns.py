"""A town on one line, ten minutes between places, and call logs for it: small worlds for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.call_log.columns import Ids, Words
from benchmarks.call_log.log import CallLog, assembled
from benchmarks.call_log.schema import ABSENT_MS, INSTANTS, NUMBERS, WORDS
from maps.facilities import Demand, FleetUnit, Hospital, Post, Shift, Trust
from maps.geo import LonLat
from maps.region import Region, TravelMatrix

MIDNIGHT = 1_772_323_200_000
"""1 March 2026, 00:00 UTC, a Sunday; summer time has not begun."""

MINUTE = 60_000
HOUR = 60 * MINUTE
PLACES = 7
STEP_MIN = 10


def at(place: float) -> LonLat:
    """Return the scene at a place of the line; places lie 0.1 degree apart."""
    return LonLat(-1.0 + 0.1 * place, 52.0)


def a_unit(name: str, home: int = 0, **more: Any) -> FleetUnit:
    return FleetUnit(
        **{"id": name, "trust": "T1", "kind": "DCA", "skill": "PARAMEDIC", "home": f"post{home}"}
        | more
    )


def a_shift(start_h: float, end_h: float, **more: Any) -> Shift:
    return Shift(start_min=round(60 * start_h), end_min=round(60 * end_h), **more)


def a_town(*fleet: FleetUnit, hospitals: tuple[int, ...] = (3,), bays: int = 2) -> Region:
    """Return places 0 to 6 on a line, ten minutes apart on blue lights and twenty without."""
    lon = np.array([at(i).lon for i in range(PLACES)])
    steps = np.abs(np.subtract.outer(np.arange(PLACES), np.arange(PLACES)))
    blue_light_ms = (steps * STEP_MIN * MINUTE).astype(np.int32)
    return Region(
        name="town",
        version="7" * 64,
        attribution=("A town that nobody built",),
        trusts=(Trust(code="T1", name="Town Ambulance Trust"),),
        hospitals=tuple(
            Hospital(id=f"hospital{i}", name=f"Hospital {i}", at=at(i), bays=bays)
            for i in hospitals
        ),
        posts=tuple(
            Post(id=f"post{i}", name=f"Post {i}", trust="T1", at=at(i)) for i in range(PLACES)
        ),
        fleet=fleet or (a_unit("A1", 0), a_unit("A2", 3), a_unit("A3", 6)),
        demand=Demand(
            id=tuple(f"place{i}" for i in range(PLACES)),
            lon=lon,
            lat=np.full(PLACES, 52.0),
            population=np.array([100, 900, 900, 900, 900, 900, 900], np.int32),
            aged_65_plus=np.full(PLACES, 50, np.int32),
            is_rural=np.zeros(PLACES, np.bool_),
            trust=("T1",) * PLACES,
        ),
        matrix=TravelMatrix(
            place_id=tuple(f"place{i}" for i in range(PLACES)),
            lon=lon,
            lat=np.full(PLACES, 52.0),
            blue_light_ms=blue_light_ms,
            ordinary_ms=2 * blue_light_ms,
        ),
    )


def a_call(
    minute: float = 0.0, place: float = 0, category: str = "C2", **more: Any
) -> dict[str, Any]:
    """Return one row of a log; ``minute`` counts from midnight."""
    return {"minute": minute, "place": place, "category": category} | more


def a_log(*calls: dict[str, Any]) -> CallLog:
    """Return a log of calls, named i0, i1, … in the order given."""
    columns: dict[str, Any] = {
        "incident_id": Ids.of(call.get("id", f"i{n}") for n, call in enumerate(calls)),
        "received_at": np.array([MIDNIGHT + round(c["minute"] * MINUTE) for c in calls], np.int64),
        "lon": np.array([at(call["place"]).lon for call in calls]),
        "lat": np.array([call.get("lat", 52.0) for call in calls]),
        "category": Words.of(call["category"] for call in calls),
    }
    for name in WORDS:
        if any(name in call for call in calls):
            columns[name] = Words.of(call.get(name) for call in calls)
    for name in NUMBERS:
        if any(name in call for call in calls):
            columns[name] = np.array([call.get(name, np.nan) for call in calls], np.float64)
    for name in INSTANTS:
        if any(name in call for call in calls):
            columns[name] = np.array([call.get(name, ABSENT_MS) for call in calls], np.int64)
    return assembled(columns)


def a_busy_day(calls: int = 80, seed: int = 5) -> CallLog:
    """Return a day with calls of every category all over the town."""
    rng = np.random.Generator(np.random.PCG64(seed))
    minutes = np.sort(rng.integers(0, 24 * 60, calls)).tolist()
    places = rng.integers(0, PLACES, calls).tolist()
    names = ("C1", "C2", "C2", "C2", "C3", "C4", "C5", "HCP3", "IFT2")
    categories = [names[i] for i in rng.integers(0, len(names), calls).tolist()]
    rows = zip(minutes, places, categories, strict=True)
    return a_log(*(a_call(m, p, c) for m, p, c in rows))
