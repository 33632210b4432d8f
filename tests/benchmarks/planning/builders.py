"""Small worlds for planning: a grid of places under a crow-flies model."""

from __future__ import annotations

import numpy as np

from maps.facilities import Demand, Post, Trust
from maps.geo import LonLat
from maps.region import CrowFlies, Region


def a_planned_region(side: int = 6, trusts: tuple[str, ...] = ("R1F",)) -> Region:
    """Return side x side places about 1.5 km apart for each trust, each trust a degree east."""
    rows = np.arange(side * side)
    lon, lat, codes, ids = [], [], [], []
    for number, code in enumerate(trusts):
        lon.append(-1.5 + number + 0.02 * (rows % side))
        lat.append(50.6 + 0.014 * (rows // side))
        codes += [code] * len(rows)
        ids += [f"{code}-p{row:02d}" for row in rows]
    count = len(ids)
    people = np.tile(1_000 + 100 * (rows % 7), len(trusts)).astype(np.int32)
    return Region(
        name="grid",
        version="0" * 64,
        attribution=("drawn by hand",),
        trusts=tuple(Trust(code=code, name=code) for code in trusts),
        hospitals=(),
        posts=tuple(
            Post(id=f"{code}-A1", name="Old station", trust=code, at=LonLat(-1.5 + n, 50.6))
            for n, code in enumerate(trusts)
        ),
        fleet=(),
        demand=Demand(
            id=tuple(ids),
            lon=np.concatenate(lon),
            lat=np.concatenate(lat),
            population=people,
            aged_65_plus=people // 4,
            is_rural=np.arange(count) % 3 == 0,
            trust=tuple(codes),
        ),
        crow_flies=CrowFlies(60.0, 40.0, 1.3),
    )
