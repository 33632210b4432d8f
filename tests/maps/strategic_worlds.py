"""Made-up countries for the strategic network: places on a plane whose true times are known."""

from __future__ import annotations

import numpy as np

from maps.geo import from_national_grid
from maps.strategic_fit import entries
from maps.strategic_kernel import Adjacency, Trees
from maps.strategic_links import Links, strategic_links
from maps.strategic_matrix import PublishedTimes
from maps.strategic_places import Places, people_per_km2
from maps.strategic_water import Ferries

NO_PAIRS = np.zeros((0, 2), dtype=np.int32)
NO_FERRIES = Ferries(name=(), pairs=NO_PAIRS, minutes=np.zeros(0))


def some_places(count: int = 150, seed: int = 1, side_m: float = 60_000.0) -> Places:
    """Return places scattered over a square in the Midlands, dense in the middle."""
    random = np.random.default_rng(seed)
    spread = random.normal(0.0, 0.22, (count, 2)).clip(-0.5, 0.5) * side_m
    plane_m = spread + np.array([440_000.0, 300_000.0])
    points = [from_national_grid(*row) for row in plane_m]
    people = random.integers(1_000, 2_000, count).astype(np.int32)
    return Places(
        code=tuple(f"E{row:08d}" for row in range(count)),
        name=tuple(f"Midtown {row:03d}A" for row in range(count)),
        easting_m=plane_m[:, 0],
        northing_m=plane_m[:, 1],
        lon=np.array([at.lon for at in points]),
        lat=np.array([at.lat for at in points]),
        area_km2=random.uniform(0.5, 20.0, count),
        population=people,
        aged_65_plus=people // 5,
        is_rural=random.random(count) < 0.3,
        area_short_name=("EMAS",) * count,
    )


def links_of(places: Places) -> Links:
    """Return the candidate links on dry land."""
    return strategic_links(places.plane_m, people_per_km2(places), None, NO_PAIRS)


def made_up_times(places: Places, hospitals: int = 12, seed: int = 2) -> PublishedTimes:
    """Return a table of six minutes and shortest ways; the west is half as fast as the east."""
    random = np.random.default_rng(seed)
    stand = places.plane_m[random.choice(len(places), hospitals, replace=False)] + 50.0
    links = links_of(places)
    middle = places.easting_m[links.pair].mean(axis=1)
    link_min = links.length_m / 1_000.0 * np.where(middle < 440_000.0, 2.6, 1.3)
    trees = Trees(Adjacency.of(links, len(places)), *entries(places.plane_m, stand))
    minutes = 6.0 + trees.grow(link_min).T
    is_held_out = np.arange(hospitals) % 3 == 0
    return PublishedTimes(
        postcode=tuple(f"MT{row}1AA" for row in range(hospitals)),
        easting_m=stand[:, 0],
        northing_m=stand[:, 1],
        minutes=minutes.astype(np.float32),
        is_held_out=is_held_out,
    )
