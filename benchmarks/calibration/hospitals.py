"""Which emergency departments an ambulance trust conveys to, and which of them are worse off."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

import numpy as np

from benchmarks.simulator.quantile import normal
from maps.region import Region


def hospitals_of(trust: str, region: Region) -> list[str]:
    """Return the emergency departments of a trust's area: nearest to one of its places."""
    demand = region.demand
    found = []
    for site in region.hospitals:
        if site.emergency_department:
            # Degrees of longitude are shorter by about 0.6 in England; only the nearest counts.
            gap = ((demand.lon - site.at.lon) * 0.6) ** 2 + (demand.lat - site.at.lat) ** 2
            if demand.trust[int(np.argmin(gap))] == trust:
                found.append(site.id)
    return found


def own_deviates(names: list[str]) -> dict[str, float]:
    """Return how far each hospital's bays are from the mean, in standard deviations.

    They are the even quantiles of the normal distribution, so that a trust's hospitals are spread
    as far as its fit says, and no seed moves them. Where more patients wait over 12 hours for a bed
    there are fewer bays; a hospital of which that is not known stands in the middle.
    """
    waits = _over_12h()
    known = sorted(waits[name] for name in names if name in waits)
    middle = known[len(known) // 2] if known else 0.0
    order = sorted(names, key=lambda name: (-waits.get(name, middle), name))
    quantiles = normal((np.arange(len(order)) + 0.5) / len(order)).tolist()
    return {name: round(z, 4) for name, z in zip(order, quantiles, strict=True)}


@lru_cache(maxsize=1)
def _over_12h() -> dict[str, float]:
    """Return 12-hour waits for each emergency admission, by hospital."""
    file = resources.files(__package__).joinpath("pressure_hospitals.csv")
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["hospital"]: float(row["over_12h"]) for row in rows}
