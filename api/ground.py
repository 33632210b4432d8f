"""What a server stands on: the places, roads and crews of a region, opened once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from api.fleet import FleetMember
from api.views import RegionView
from dispatch.dispatcher import Roads
from dispatch.domain.event import PictureOpened
from dispatch.domain.ids import PostId, UnitId
from dispatch.domain.settings import Settings
from dispatch.ports import TravelTimes
from maps.geo import LonLat
from maps.region import Region
from routing.live import LiveRoads

Tile = Callable[[int, int, int], bytes]
"""Draws the tile at zoom, column and row as a Mapbox vector tile."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A region as the server uses it.

    ``opening`` makes the first event of a journal under a configuration; ``home_trust`` finds the
    trust whose polygon holds a point, None where there is none; ``tile`` is None where there is
    no map to draw.
    """

    view: RegionView
    version: str
    travel: TravelTimes
    opening: Callable[[Settings], PictureOpened]
    home_trust: Callable[[LonLat], str | None]
    fleet: Mapping[UnitId, FleetMember] = field(default_factory=dict)
    post_names: Mapping[PostId, str] = field(default_factory=dict)
    timezone: str = "Europe/London"
    tile: Tile | None = None
    region: Region | None = None
    """The region itself, for policies that weigh cover; None where there is none to weigh."""
    live: LiveRoads | None = None
    """What leads from one version of the roads to the next; None where there are no roads."""

    @property
    def name(self) -> str:
        """Name of the region."""
        return self.view.name


def open_ground(name_or_path: str) -> Ground:
    """Return the ground of a bundled region or a region file, with its roads ready to be asked.

    Raises
    ------
    ValueError
        When there is no such region or its file is broken; the message says what was found.
    """
    from dispatch.engine import opening, unit_spec
    from maps.region_file import load_region
    from maps.tiles import TileMaker
    from maps.trusts import TrustFinder
    from routing.engine import travel_times_for
    from routing.live import live_roads

    region = load_region(name_or_path)
    # Strangers: routing fits the core's Protocol by shape, its positions are plain integers.
    times = travel_times_for(region)
    travel = cast("TravelTimes", times)
    maker = TileMaker(region)
    base = {post.id: post.at for post in region.posts}
    fleet = {
        UnitId(unit.id): FleetMember(unit_spec(unit), base[unit.home], unit.shifts)
        for unit in region.fleet
    }
    return Ground(
        view=_view(region),
        version=region.version,
        travel=travel,
        opening=lambda settings: opening(region, settings),
        home_trust=TrustFinder(region.trusts).home,
        fleet=fleet,
        post_names={PostId(post.id): post.name for post in region.posts},
        timezone=region.timezone,
        tile=None if maker.bounds() is None else maker.tile,
        region=region,
        live=live_roads(times),
    )


def roads_of(ground: Ground) -> Roads | None:
    """Return what leads a dispatcher from its roads to those of an event; None without roads."""
    # Strangers: what routing makes of an event fits the core's type by shape.
    return None if ground.live is None else cast("Roads", ground.live.follow)


def _view(region: Region) -> RegionView:
    """Return name, attribution and extent of a region: of its roads, else of its places."""
    if region.roads is not None:
        lon, lat = region.roads.lon, region.roads.lat
    else:
        places = [*(post.at for post in region.posts), *(site.at for site in region.hospitals)]
        lon = np.concatenate((region.demand.lon, [at.lon for at in places]))
        lat = np.concatenate((region.demand.lat, [at.lat for at in places]))
    return RegionView(
        name=region.name,
        attribution=list(region.attribution),
        west=float(lon.min()),
        south=float(lat.min()),
        east=float(lon.max()),
        north=float(lat.max()),
        has_streets=region.roads is not None,
    )
