"""Where units could wait in one trust's area, and how far that is from its patients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from benchmarks.planning.demand import TrustDemand
from dispatch.ports import UNREACHABLE_MS, Mode, OffNetworkError, TravelTimes
from maps.geo import LonLat
from maps.region import Region

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

_DEGREE_M: Final = 111_195.0
_MS_PER_MIN: Final = 60_000.0


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a unit could wait; ``post`` is the existing post that stands there."""

    id: str
    name: str
    at: LonLat
    post: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One trust's candidate sites, its places, and cells of places for the solver.

    ``cell_place`` are indices into the trust's places, one that stands for each cell;
    ``cell_weight`` is the share of incidents in each cell, summing to 1.
    """

    trust: str
    sites: tuple[Site, ...]
    places: tuple[LonLat, ...]
    share: Floats
    is_rural: npt.NDArray[np.bool_]
    cell_place: Indices
    cell_weight: Floats


def ground_of(region: Region, demand: TrustDemand, site_max: int, cell_max: int) -> Ground:
    """Return the ground of one trust.

    Candidates are the known posts of the trust and places spread over its area, the busiest of
    each neighbourhood, up to ``site_max`` in all. Places are gathered into at most ``cell_max``
    cells in the same way.
    """
    lon, lat = region.demand.lon[demand.place], region.demand.lat[demand.place]
    plane_m = _plane(lon, lat)
    known = [post for post in region.posts if post.trust == demand.trust and not post.assumed]
    sites = [Site(post.id, post.name, post.at, post.id) for post in known]
    room = max(site_max - len(sites), 1)
    sites += [
        Site(
            id=region.demand.id[demand.place[row]],
            name=region.demand.id[demand.place[row]],
            at=LonLat(float(lon[row]), float(lat[row])),
            post=None,
        )
        for row in spread(plane_m, demand.share, room)
    ]
    cells = spread(plane_m, demand.share, cell_max)
    _, cell = KDTree(plane_m[cells]).query(plane_m)
    return Ground(
        trust=demand.trust,
        sites=tuple(sites),
        places=tuple(LonLat(float(x), float(y)) for x, y in zip(lon, lat, strict=True)),
        share=demand.share,
        is_rural=region.demand.is_rural[demand.place],
        cell_place=cells,
        cell_weight=np.bincount(cell, demand.share, len(cells)).astype(np.float64),
    )


def spread(plane_m: Floats, weight: Floats, count_max: int) -> Indices:
    """Return at most so many rows, spread out: each the heaviest of its neighbourhood.

    The least distance between two of them is found by bisection; ascending order.
    """
    if len(plane_m) <= count_max:
        return np.arange(len(plane_m))
    tree = KDTree(plane_m)
    near, far = 0.0, float(np.ptp(plane_m, axis=0).sum()) + 1.0
    for _ in range(20):
        middle = (near + far) / 2.0
        if len(_spaced(tree, weight, middle)) > count_max:
            near = middle
        else:
            far = middle
    return _spaced(tree, weight, far)


def minutes(
    times: TravelTimes, origins: tuple[LonLat, ...], places: tuple[LonLat, ...], now_ms: int
) -> Floats:
    """Return blue-light minutes from each origin to each place, float64; infinite without a way.

    A point off the roads has no way to anywhere.
    """
    from_road, rows = _snapped(times, origins)
    to_road, columns = _snapped(times, places)
    table = np.full((len(origins), len(places)), np.inf)
    found = times.matrix_ms(from_road, to_road, Mode.BLUE_LIGHT, now_ms)
    table[np.ix_(rows, columns)] = np.where(found >= UNREACHABLE_MS, np.inf, found / _MS_PER_MIN)
    return table


def _snapped(
    times: TravelTimes, points: tuple[LonLat, ...]
) -> tuple[npt.NDArray[np.int64], Indices]:
    positions, rows = [], []
    for row, at in enumerate(points):
        try:
            positions.append(times.snap(at))
        except OffNetworkError:
            continue
        rows.append(row)
    return np.array(positions, dtype=np.int64), np.array(rows, dtype=np.intp)


def _plane(lon: Floats, lat: Floats) -> Floats:
    scale = math.cos(math.radians(float(lat.mean()))) if len(lat) else 1.0
    return np.column_stack((lon * scale, lat)) * _DEGREE_M


def _spaced(tree: KDTree, weight: Floats, spacing_m: float) -> Indices:
    is_taken = np.zeros(len(weight), dtype=np.bool_)
    chosen = []
    for row in np.argsort(-weight, kind="stable"):
        if not is_taken[row]:
            chosen.append(row)
            is_taken[tree.query_ball_point(tree.data[row], spacing_m)] = True
    return np.sort(np.array(chosen, dtype=np.intp))
