"""The ground under the picture: where demand lives and which posts cover it; it never changes."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.ids import PostId, TrustCode
from dispatch.domain.travel import Mode, Position, Positions
from dispatch.ports import Area, Ground, ReachTimes, TravelTimes
from maps.facilities import Demand, Post
from maps.geo import LonLat, OffNetworkError

REACH_MS: Final = 480_000
"""A post covers a place within this blue-light time: 8 minutes, the older national standard that
the relocation literature uses."""

AGED_WEIGHT: Final = 4.0
"""How much more often a person aged 65 or over needs an ambulance than a younger one (assumed;
about half of patients are over 65, a fifth of people)."""


def lay(demand: Demand, posts: tuple[Post, ...], travel: TravelTimes, at_ms: int) -> Ground:
    """Return the ground of a region: O(posts x places) travel times, once at the start.

    ``at_ms`` chooses the hour class under which reach is measured. Places off the roads are left
    out: nobody can be sent there.
    """
    ground: Ground = {}
    trusts = sorted({post.trust for post in posts} & set(demand.trust))
    of = np.array(demand.trust)
    for trust in trusts:
        area = _area(demand, np.flatnonzero(of == trust), trust, posts, travel, at_ms)
        if area is not None:
            ground[TrustCode(trust)] = area
    return ground


def _area(
    demand: Demand,
    rows: npt.NDArray[np.int64],
    trust: str,
    posts: tuple[Post, ...],
    travel: TravelTimes,
    at_ms: int,
) -> Area | None:
    kept: list[int] = []
    positions: list[Position] = []
    for row in rows.tolist():
        try:
            positions.append(travel.snap(LonLat(float(demand.lon[row]), float(demand.lat[row]))))
        except OffNetworkError:
            continue
        kept.append(row)
    own = sorted((post for post in posts if post.trust == trust), key=lambda post: post.id)
    weight = demand.population[kept] + (AGED_WEIGHT - 1.0) * demand.aged_65_plus[kept]
    if not kept or weight.sum() <= 0:
        return None
    places = np.array(positions, np.int64)
    stands = np.array([travel.snap(post.at) for post in own], np.int64)
    return Area(
        demand=weight / weight.sum(),
        positions=places,
        posts=tuple(PostId(post.id) for post in own),
        post_positions=stands,
        reach=_reach(travel, stands, places, at_ms),
        places=tuple(demand.id[row] for row in kept),
    )


def _reach(
    travel: TravelTimes, stands: Positions, places: Positions, at_ms: int
) -> npt.NDArray[np.bool_]:
    if isinstance(travel, ReachTimes):
        return travel.reaches(stands, places, REACH_MS, Mode.BLUE_LIGHT, at_ms)
    return travel.matrix_ms(stands, places, Mode.BLUE_LIGHT, at_ms) <= REACH_MS
