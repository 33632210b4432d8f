"""Some trusts of a region, as a region of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from maps.facilities import Demand
from maps.region import Region


def region_of_trusts(region: Region, trusts: Sequence[str]) -> Region:
    """Return a region with only some trusts: their crews, posts and places; all roads, all sites.

    Its version is derived from the whole region's and the names, so that a journal of one part is
    not taken for a journal of another.

    Raises
    ------
    ValueError
        When the region lacks one of the trusts.
    """
    known = [trust.code for trust in region.trusts]
    foreign = sorted(set(trusts) - set(known))
    if foreign or not trusts:
        raise ValueError(
            f"Expected trusts of {', '.join(known)}, was {', '.join(foreign) or 'none'}."
        )
    kept = [code for code in known if code in set(trusts)]
    if kept == known:
        return region
    return replace(
        region,
        version=_version(region, kept),
        trusts=tuple(trust for trust in region.trusts if trust.code in kept),
        posts=tuple(post for post in region.posts if post.trust in kept),
        fleet=tuple(unit for unit in region.fleet if unit.trust in kept),
        demand=_demand_of(region.demand, kept),
    )


def trusts_of_version(region: Region, version: str) -> tuple[str, ...]:
    """Return the one trust of a region whose part has this version; none when no part has."""
    if version == region.version:
        return ()
    codes = (trust.code for trust in region.trusts)
    return next(((code,) for code in codes if _version(region, [code]) == version), ())


def _version(region: Region, trusts: Sequence[str]) -> str:
    return hashlib.sha256("+".join((region.version, *trusts)).encode()).hexdigest()


def _demand_of(demand: Demand, trusts: Sequence[str]) -> Demand:
    rows = np.flatnonzero(np.isin(np.array(demand.trust), list(trusts)))
    return Demand(
        id=tuple(demand.id[i] for i in rows.tolist()),
        lon=demand.lon[rows],
        lat=demand.lat[rows],
        population=demand.population[rows],
        aged_65_plus=demand.aged_65_plus[rows],
        is_rural=demand.is_rural[rows],
        trust=tuple(demand.trust[i] for i in rows.tolist()),
    )
