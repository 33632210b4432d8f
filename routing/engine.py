"""The door of this room: travel times for a region, by whatever the region has."""

from __future__ import annotations

from maps.region import Region
from maps.speeds import SpeedProfile, load_profile
from routing.crow_flies import CrowFliesTimes
from routing.roads import ORDER_KEY, order_for, prepare
from routing.snapshot import RoadTimes, road_snapper
from routing.table import TableTimes

__all__ = ["order_for", "travel_times_for"]


def travel_times_for(
    region: Region, profile: SpeedProfile | None = None
) -> RoadTimes | TableTimes | CrowFliesTimes:
    """Return the travel times of a region: on its roads, from its table, or as the crow flies.

    Raises
    ------
    ValueError
        When the region has none of the three, or they break a rule; the message says which.
    """
    if region.roads is not None:
        profile = load_profile() if profile is None else profile
        roads = prepare(region.roads, region.extras.get(ORDER_KEY))
        return RoadTimes(
            roads,
            profile,
            version=f"{region.name}@{region.version[:12]}+{profile.name}@{profile.version}",
            timezone=region.timezone,
            snapper=road_snapper(roads),
        )
    version = f"{region.name}@{region.version[:12]}"
    if region.matrix is not None:
        return TableTimes(region.matrix, version)
    if region.crow_flies is not None:
        return CrowFliesTimes(region.crow_flies, version)
    raise ValueError(
        f"Expected roads, a matrix or a crow-flies model in region {region.name!r}, was none."
    )
