"""Who comes to the emergency departments of a trust: which of them, and how urgent.

The bays of the simulated world are staffed for the patients of its log, each at the department that
is expected to receive them. What fits those bays must meet the same patients: so they are counted
from calls that are composed as those of the world are.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import ceil
from typing import Final

import msgspec

from benchmarks.call_log.compose import compose
from benchmarks.call_log.plan import month_days
from benchmarks.published import month as published_month
from benchmarks.region_part import region_of_trusts
from benchmarks.replay import travel_times
from benchmarks.simulator.fate import fates
from benchmarks.simulator.home_trust import home_trusts
from benchmarks.simulator.hospital import WALK_IN_RANK
from benchmarks.simulator.nearest_department import Department, nearest_departments
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain.category import RANK, Category
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Outcome, Pathway
from maps.facilities import Hospital
from maps.geo import LonLat
from maps.region import Region

INCIDENTS: Final = 8_000
"""So many incidents are composed, if a month has them: shares of hospitals to half a point."""

SHARE_MIN: Final = 0.01
"""A department with fewer of the trust's patients is left out."""

SEED: Final = 1


class Patients(msgspec.Struct, frozen=True):
    """Departments with their share of a trust's patients, and shares of C1 and of C2 at the door.

    The rest come as C3, with those below and those who walk in.
    """

    departments: tuple[tuple[Hospital, float], ...]
    ranks: tuple[float, float]


_travel = lru_cache(maxsize=2)(travel_times)


@lru_cache(maxsize=128)
def patients_of(trust: str, month: str, region: Region) -> Patients:
    """Return who comes to the departments of a trust in a month, in the region's order.

    Raises
    ------
    ValueError
        When the region lacks the trust, or no department of it receives anybody.
    """
    if trust not in {one.code for one in region.trusts}:
        raise ValueError(f"Expected an emergency department in the area of {trust}, was none.")
    part = region_of_trusts(region, [trust])
    length = len(month_days(month))
    days = min(length, ceil(INCIDENTS * length / published_month(trust, month).known("A7")))
    log = compose(part, month, SEED, days=days).log
    drawn = fates(log, home_trusts(log, part), month, WorldSettings(seed=SEED, month=month))
    rows = [row for row, said in enumerate(drawn.outcome) if said is Outcome.CONVEYED_TO_ED]
    pathways = log.words.get("pathway")
    words = ["" if pathways is None else pathways[row] for row in rows]
    met = nearest_departments(
        _departments(region),
        [
            (LonLat(float(log.lon[row]), float(log.lat[row])), Pathway(word) if word else None)
            for row, word in zip(rows, words, strict=True)
        ],
        _travel(region),
    )
    count = Counter(met)
    counted = sum(number for name, number in count.items() if name is not None)
    kept = [
        (site, count[HospitalId(site.id)])
        for site in region.hospitals
        if counted and count[HospitalId(site.id)] >= SHARE_MIN * counted
    ]
    if not kept:
        raise ValueError(f"Expected an emergency department in the area of {trust}, was none.")
    total = sum(number for _, number in kept)
    graver = Counter(
        min(RANK[Category(word)], WALK_IN_RANK) for row in rows if (word := log.category[row])
    )
    return Patients(
        departments=tuple((site, number / total) for site, number in kept),
        ranks=(graver[1] / len(rows), graver[2] / len(rows)),
    )


def _departments(region: Region) -> list[Department]:
    travel = _travel(region)
    return [
        Department(HospitalId(site.id), travel.snap(site.at), frozenset(site.pathways))
        for site in region.hospitals
        if site.emergency_department
    ]
