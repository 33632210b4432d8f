"""Equality: how people in remote places and in the worst-served ones fare."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.metrics_sample import Sample, sample_of
from benchmarks.metrics_table import RecordTable
from dispatch.domain.category import Category
from maps.facilities import Demand
from maps.region import Region

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

REMOTE_SHARE: Final = 0.1
NEIGHBOURS: Final = 5
"""Places whose people are counted with a place's own when its density is measured."""

WORST_PLACES: Final = 10
INCIDENTS_MIN: Final = 5
"""A place with fewer incidents is not called badly served: its mean says too little."""


class PlaceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How one place was served: its C2 response, or that of all C1 to C4 where ``of`` says so."""

    place: str
    trust: str
    lon: float
    lat: float
    count: int
    mean_s: float


class Equality(msgspec.Struct, frozen=True, kw_only=True):
    """C1 and C2 responses in the rural tenth of places and in the others, and the worst places."""

    places: int
    rural_places: int
    rural: dict[str, Sample]
    other: dict[str, Sample]
    worst: tuple[PlaceFigures, ...]


def place_of(table: RecordTable, region: Region) -> Int64s:
    """Return the number of the demand place nearest to each incident; -1 in a region of none."""
    demand = region.demand
    if not len(demand):
        return np.full(len(table), -1, np.int64)
    tree, scale = _tree(demand)
    _, found = tree.query(np.column_stack((table.lon * scale, table.lat)))
    return np.asarray(found, np.int64)


def is_rural_tenth(region: Region) -> Bools:
    """Return which places are the rural tenth: the tenth with the fewest people around them.

    Density is the people of a place and its five nearest neighbours, over the square of the
    distance to the fifth; ties by the order of places. It depends on the region alone, not on
    where anybody waits or how long anything took.
    """
    demand = region.demand
    count = len(demand)
    rural = np.zeros(count, np.bool_)
    if not count:
        return rural
    tree, scale = _tree(demand)
    near = min(NEIGHBOURS + 1, count)
    distance, found = tree.query(np.column_stack((demand.lon * scale, demand.lat)), k=near)
    people = demand.population[np.reshape(found, (count, near))].sum(axis=1)
    reach = np.reshape(distance, (count, near))[:, -1]
    density = people / np.maximum(reach, 1e-9) ** 2
    rural[np.argsort(density, kind="stable")[: max(1, round(REMOTE_SHARE * count))]] = True
    return rural


def equality(table: RecordTable, region: Region) -> Equality | None:
    """Return how places compare; None in a region without demand places."""
    place = place_of(table, region)
    if not len(region.demand):
        return None
    rural = is_rural_tenth(region)
    at_rural = rural[place]
    return Equality(
        places=len(rural),
        rural_places=int(rural.sum()),
        rural=_samples(table, at_rural),
        other=_samples(table, ~at_rural),
        worst=_worst(table, place, region.demand),
    )


def place_means(table: RecordTable, region: Region, category: Category) -> tuple[Int64s, Int64s]:
    """Return, by place, how many responses of a category there were and their total in seconds."""
    count = len(region.demand)
    place = place_of(table, region)
    rows = table.is_category(category) & (table.response_ms >= 0) & (place >= 0)
    counts = np.bincount(place[rows], minlength=count)
    totals = np.bincount(place[rows], weights=table.response_ms[rows] / 1000.0, minlength=count)
    return counts.astype(np.int64), np.rint(totals).astype(np.int64)


def _samples(table: RecordTable, rows: Bools) -> dict[str, Sample]:
    wanted = (Category.C1, Category.C2, Category.C3)
    return {
        category.value: sample_of(table.response_ms[rows & table.is_category(category)])
        for category in wanted
    }


def _worst(table: RecordTable, place: Int64s, demand: Demand) -> tuple[PlaceFigures, ...]:
    rows = table.is_category(Category.C2) & (table.response_ms >= 0)
    count = np.bincount(place[rows], minlength=len(demand))
    total = np.bincount(place[rows], weights=table.response_ms[rows], minlength=len(demand))
    enough = np.flatnonzero(count >= INCIDENTS_MIN)
    mean = total[enough] / count[enough] / 1000.0
    order = enough[np.argsort(-mean, kind="stable")][:WORST_PLACES]
    usual = float(total.sum()) / max(1, int(count.sum()))
    order = order[total[order] > usual * count[order]]
    return tuple(
        PlaceFigures(
            place=demand.id[i],
            trust=demand.trust[i],
            lon=float(demand.lon[i]),
            lat=float(demand.lat[i]),
            count=int(count[i]),
            mean_s=float(total[i] / count[i] / 1000.0),
        )
        for i in order.tolist()
    )


@lru_cache(maxsize=4)
def _tree(demand: Demand) -> tuple[Any, float]:
    from scipy.spatial import cKDTree

    scale = float(np.cos(np.radians(demand.lat.mean())))
    return cKDTree(np.column_stack((demand.lon * scale, demand.lat))), scale
