"""Which places are joined: neighbours, and longer links between ever sparser places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import Delaunay, KDTree

from maps.strategic_places import Floats
from maps.strategic_water import WATER_MAX_M, Land, Pairs

UInt8s = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.intp]

SPACINGS_M: Final = (0.0, 4_000.0, 12_000.0, 30_000.0)
"""Least distance between two places of each level; level 0 holds every place.

Links of level 1 stand for main roads, of levels 2 and 3 for trunk roads and motorways: towns a
junction apart. The fit gives them the speeds.
"""

LENGTHS_MAX_M: Final = (25_000.0, 25_000.0, 45_000.0, 90_000.0)
"""Longest link of each level: on the hull of a triangulation links span whole counties."""

LENGTH_MIN_M: Final = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Undirected links between places, sorted by pair, each pair once.

    ``pair`` is int32[m, 2] with the smaller index first, ``level`` uint8[m] indexes
    `SPACINGS_M`, ``length_m`` is the straight distance, float64[m].
    """

    pair: Pairs
    level: UInt8s
    length_m: Floats

    def __len__(self) -> int:
        return len(self.pair)


def strategic_links(plane_m: Floats, density: Floats, land: Land | None, crossings: Pairs) -> Links:
    """Return the candidate links: Delaunay neighbours on each level, and crossings.

    Links over water are left out; ``crossings`` are added whatever lies under them. Where a pair
    is joined on several levels, the lowest is kept. ``density`` decides who represents an area
    on the sparser levels: the busiest place.
    """
    pairs = [crossings]
    levels = [np.zeros(len(crossings), dtype=np.uint8)]
    for level, spacing_m in enumerate(SPACINGS_M):
        chosen = spaced_places(plane_m, density, spacing_m)
        found = _neighbours(plane_m, chosen)
        found = found[_length_m(plane_m, found) <= LENGTHS_MAX_M[level]]
        if land is not None:
            found = found[land.water_m(plane_m, found) <= WATER_MAX_M]
        pairs.append(found)
        levels.append(np.full(len(found), level, dtype=np.uint8))
    together, level_of = np.vstack(pairs), np.concatenate(levels)
    unique, first = np.unique(together, axis=0, return_index=True)
    length_m = np.maximum(_length_m(plane_m, unique), LENGTH_MIN_M)
    return Links(unique.astype(np.int32), level_of[first], length_m)


def spaced_places(plane_m: Floats, priority: Floats, spacing_m: float) -> Indices:
    """Return places of which no two are nearer than a distance, the highest priority first.

    Ties go to the lower index; the answer is in ascending order.
    """
    if spacing_m <= 0.0:
        return np.arange(len(plane_m))
    tree = KDTree(plane_m)
    is_taken = np.zeros(len(plane_m), dtype=np.bool_)
    chosen = []
    for place in np.argsort(-priority, kind="stable"):
        if not is_taken[place]:
            chosen.append(place)
            is_taken[tree.query_ball_point(plane_m[place], spacing_m)] = True
    return np.sort(np.array(chosen, dtype=np.intp))


def _neighbours(plane_m: Floats, chosen: Indices) -> Pairs:
    if len(chosen) < 3:
        return np.column_stack((chosen[:-1], chosen[1:])).astype(np.int32)
    # "QJ" joggles points that lie on one line, which would have no triangulation.
    corners = Delaunay(plane_m[chosen], qhull_options="Qbb Qc QJ").simplices
    sides = np.vstack((corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]))
    return chosen[np.unique(np.sort(sides, axis=1), axis=0)].astype(np.int32)


def _length_m(plane_m: Floats, pairs: Pairs) -> Floats:
    step = plane_m[pairs[:, 0]] - plane_m[pairs[:, 1]]
    return np.hypot(step[:, 0], step[:, 1])
