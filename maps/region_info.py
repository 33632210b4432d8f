"""What there is to say of a region in a few lines."""

from __future__ import annotations

from collections import Counter

import msgspec

from maps.components import component_sizes
from maps.facilities import Shift
from maps.region import Region
from maps.road_network import Access, RoadNetwork


class RoadsInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes of a road network; ``islands`` are the junctions of each part, the largest first."""

    junctions: int
    edges: int
    length_km: float
    blue_light_only_edges: int
    edges_with_posted_limit: int
    banned_turns: int
    banned_paths: int
    islands: tuple[int, ...]
    bounds: tuple[float, float, float, float]


class RegionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A region in a few lines: what it holds, and what of it is assumed."""

    name: str
    version: str
    attribution: tuple[str, ...]
    timezone: str
    travel: str
    roads: RoadsInfo | None
    trusts: dict[str, str]
    hospitals: tuple[str, ...]
    stations: tuple[str, ...]
    standby_points: tuple[str, ...]
    fleet_by_kind: dict[str, int]
    ambulance_hours_a_day: float
    demand_places: int
    population: int
    aged_65_plus: int
    extras: tuple[str, ...]
    assumed: tuple[str, ...]


def region_info(region: Region) -> RegionInfo:
    """Return what there is to say of a region."""
    travel = "streets" if region.roads is not None else "matrix"
    kinds = Counter(unit.kind for unit in region.fleet)
    dca_minutes = sum(
        sum(_minutes_a_week(shift) for shift in unit.shifts) if unit.shifts else 7 * 1440
        for unit in region.fleet
        if unit.kind == "DCA"
    )
    return RegionInfo(
        name=region.name,
        version=region.version,
        attribution=region.attribution,
        timezone=region.timezone,
        travel="great circle" if region.crow_flies is not None else travel,
        roads=None if region.roads is None else _roads_info(region.roads),
        trusts={trust.code: trust.name for trust in region.trusts},
        hospitals=tuple(site.name for site in region.hospitals),
        stations=tuple(post.name for post in region.posts if post.is_station),
        standby_points=tuple(post.name for post in region.posts if not post.is_station),
        fleet_by_kind=dict(sorted(kinds.items())),
        ambulance_hours_a_day=round(dca_minutes / 60 / 7, 1),
        demand_places=len(region.demand),
        population=int(region.demand.population.sum()),
        aged_65_plus=int(region.demand.aged_65_plus.sum()),
        extras=tuple(sorted(region.extras)),
        assumed=tuple(_assumed(region)),
    )


def _roads_info(roads: RoadNetwork) -> RoadsInfo:
    segment_m = dict(zip(roads.segment.tolist(), roads.length_m.tolist(), strict=True))
    return RoadsInfo(
        junctions=roads.node_count,
        edges=roads.edge_count,
        length_km=round(sum(segment_m.values()) / 1000, 1),
        blue_light_only_edges=int((roads.access == int(Access.BLUE_LIGHT)).sum()),
        edges_with_posted_limit=int((roads.posted_kmh > 0).sum()),
        banned_turns=len(roads.banned_turns),
        banned_paths=len(roads.banned_paths),
        islands=component_sizes(roads, Access.ORDINARY),
        bounds=(
            round(float(roads.lon.min()), 5),
            round(float(roads.lat.min()), 5),
            round(float(roads.lon.max()), 5),
            round(float(roads.lat.max()), 5),
        ),
    )


def _minutes_a_week(shift: Shift) -> int:
    length_min = (shift.end_min - shift.start_min) % (24 * 60) or 24 * 60
    return length_min * len(shift.weekdays)


def _assumed(region: Region) -> list[str]:
    told: list[str] = []
    for site in region.hospitals:
        told.extend(f"{field} of {site.name}" for field in site.assumed)
    posts = sum(post.assumed for post in region.posts)
    units = sum(unit.assumed for unit in region.fleet)
    told.extend([f"{posts} of {len(region.posts)} posts"] if posts else [])
    told.extend([f"{units} of {len(region.fleet)} units"] if units else [])
    return told
