"""From sources to a region: a map or a table, and what is known or assumed of its services."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from maps.assumed import assumed_demand, assumed_fleet, assumed_post, with_assumed_emergency
from maps.boundary import with_boundaries
from maps.demand_csv import read_demand
from maps.facilities import Demand, Trust
from maps.facility_toml import DemandEntry, Facilities, read_facilities
from maps.geo import LonLat
from maps.network_builder import COMPONENT_NODES_MIN, NetworkReport, build_network
from maps.osm import OsmExtract, read_osm
from maps.place import PlaceServers, read_graphml, read_place
from maps.region import CrowFlies, Region
from maps.region_file import sealed
from maps.region_rules import check_region
from maps.road_network import Access, Int32s, RoadNetwork
from maps.site_facilities import hospitals_of, stations_of
from maps.snapping import Snapper
from maps.table_region import travel_of
from maps.trusts import TrustFinder

ROAD_GAP_MAX_M: Final = 1_000.0
"""A facility or demand place farther than this from every road does not belong to the map."""

OSM_ATTRIBUTION: Final = "Map data © OpenStreetMap contributors, ODbL 1.0"

OnNetwork = Callable[[RoadNetwork], dict[str, Int32s]]
"""Another room's door: arrays to keep with a region, made of its network when it is built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSources:
    """Where a region comes from: one of ``pbf``, ``place``, ``graphml``, ``toml``, and the rest.

    ``facilities``, ``demand`` and ``boundary`` are optional; what they do not tell is read off
    the map, or assumed, and said in the report. ``timezone`` overrules that of the file.
    """

    name: str
    pbf: Path | None = None
    place: str | None = None
    graphml: Path | None = None
    toml: Path | None = None
    facilities: Path | None = None
    demand: Path | None = None
    boundary: Path | None = None
    timezone: str | None = None
    component_nodes_min: int = COMPONENT_NODES_MIN
    servers: PlaceServers | None = None


class BuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a build found: of the map, and remarks for people on what was assumed or left out."""

    network: NetworkReport | None
    remarks: tuple[str, ...]


def build_region(
    sources: RegionSources, on_network: OnNetwork | None = None
) -> tuple[Region, BuildReport]:
    """Return a region with its version, and a report. Equal sources give equal regions.

    ``on_network`` may make arrays that another room wants kept with the region (``extras``).

    Raises
    ------
    ValueError
        When sources are missing, contradict each other or break a rule; the message names the
        file and the entry.
    """
    given = [kind for kind in ("pbf", "place", "graphml", "toml") if getattr(sources, kind)]
    if len(given) != 1:
        raise ValueError(f"Expected one of --pbf, --place, --graphml and --toml, was {given}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", sources.name):
        raise ValueError(
            f"Expected a name of small letters, digits and hyphens, was {sources.name!r}."
        )
    builder = _Builder(sources)
    region = builder.table() if sources.toml else builder.streets()
    check_region(region)
    if on_network is not None and region.roads is not None:
        region = replace(region, extras=on_network(region.roads))
    report = BuildReport(network=builder.network_report, remarks=tuple(builder.remarks))
    return sealed(region), report


class _Builder:
    """One build under way: the sources, and what there is to say about them."""

    def __init__(self, sources: RegionSources) -> None:
        self._sources = sources
        self.network_report: NetworkReport | None = None
        self.remarks: list[str] = []

    def table(self) -> Region:
        path = self._sources.toml
        assert path is not None
        told = read_facilities(path)
        travel = travel_of(told, path)
        trusts = self._bounded(told.trusts or self._lone_trust())
        entries = self._demand_entries(told) or ()
        if not entries:
            self.remarks.append("no demand places: no calls can be composed")
        return Region(
            name=self._sources.name,
            version="",
            attribution=told.attribution,
            trusts=trusts,
            hospitals=told.hospitals,
            posts=told.posts,
            fleet=told.fleet,
            demand=self._demand(entries, trusts),
            timezone=self._sources.timezone or told.timezone,
            matrix=None if isinstance(travel, CrowFlies) else travel,
            crow_flies=travel if isinstance(travel, CrowFlies) else None,
        )

    def streets(self) -> Region:
        extract = self._extract()
        network, self.network_report = build_network(
            extract.roads, self._sources.component_nodes_min
        )
        told = self._facilities()
        trusts = self._bounded(told.trusts or self._lone_trust(), extract.border_wkb_hex)
        told = self._completed(told, extract, network, trusts)
        snapper = Snapper(network, Access.ORDINARY)
        for what, places in (("hospital", told.hospitals), ("post", told.posts)):
            for place in places:
                self._check_near_road(snapper, f"{what} {place.id!r}", place.at)
        entries = self._demand_entries(told)
        if entries is None:
            entries = assumed_demand(network)
            self.remarks.append(f"{len(entries)} demand places assumed from residential streets")
        demand = self._demand(self._near_roads(snapper, entries), trusts)
        if not told.fleet:
            people = int(demand.population.sum())
            told = msgspec.structs.replace(told, fleet=assumed_fleet(told.posts, people))
            self.remarks.append(f"a fleet of {len(told.fleet)} assumed for {people} people")
        return Region(
            name=self._sources.name,
            version="",
            attribution=told.attribution or (OSM_ATTRIBUTION,),
            trusts=trusts,
            hospitals=told.hospitals,
            posts=told.posts,
            fleet=told.fleet,
            demand=demand,
            timezone=self._sources.timezone or told.timezone,
            roads=network,
        )

    def _extract(self) -> OsmExtract:
        if self._sources.pbf is not None:
            return read_osm(self._sources.pbf)
        if self._sources.graphml is not None:
            return read_graphml(self._sources.graphml)
        assert self._sources.place is not None
        return read_place(self._sources.place, self._sources.servers)

    def _facilities(self) -> Facilities:
        path = self._sources.facilities
        if path is None:
            nothing: tuple[()] = ()
            return Facilities(
                attribution=(),
                timezone="Europe/London",
                trusts=nothing,
                hospitals=nothing,
                posts=nothing,
                fleet=nothing,
                places=nothing,
                travel=None,
            )
        told = read_facilities(path)
        if told.travel is not None:
            raise ValueError(f"{path}: Expected no [travel] beside streets, was {told.travel}.")
        return told

    def _completed(
        self,
        told: Facilities,
        extract: OsmExtract,
        network: RoadNetwork,
        trusts: Sequence[Trust],
    ) -> Facilities:
        """Return facilities with hospitals and posts from the map where the file names none."""
        middle = network.node_count // 2
        somewhere = LonLat(float(network.lon[middle]), float(network.lat[middle]))
        hospitals, posts = told.hospitals, told.posts
        if not hospitals:
            hospitals = hospitals_of(extract.sites)
            self.remarks.append(f"{len(hospitals)} hospitals read off the map, their bays assumed")
            if not any(site.emergency_department for site in hospitals):
                hospitals = with_assumed_emergency(hospitals, somewhere)
                self.remarks.append(
                    f"no emergency department on the map: assumed at {hospitals[0].name}"
                )
        if not posts:
            posts = stations_of(extract.sites, trusts[0].code)
            self.remarks.append(f"{len(posts)} ambulance stations read off the map")
        if not posts:
            posts = (assumed_post(trusts[0].code, hospitals[0]),)
            self.remarks.append("a standby point assumed at the first hospital")
        return msgspec.structs.replace(told, hospitals=hospitals, posts=posts)

    def _lone_trust(self) -> tuple[Trust, ...]:
        code = self._sources.name.upper()
        self.remarks.append(f"one trust assumed for the whole region, {code}")
        return (Trust(code=code, name=self._sources.name, source="assumed"),)

    def _bounded(
        self, trusts: tuple[Trust, ...], border_wkb_hex: str | None = None
    ) -> tuple[Trust, ...]:
        path = self._sources.boundary
        if path is not None:
            return with_boundaries(trusts, path)
        if border_wkb_hex is None or len(trusts) != 1:
            return trusts
        return (msgspec.structs.replace(trusts[0], polygon_wkb_hex=border_wkb_hex),)

    def _demand_entries(self, told: Facilities) -> tuple[DemandEntry, ...] | None:
        if self._sources.demand is not None:
            return read_demand(self._sources.demand)
        return told.places or None

    def _check_near_road(self, snapper: Snapper, what: str, at: LonLat) -> None:
        if snapper.nearest(at, ROAD_GAP_MAX_M) is None:
            raise ValueError(
                f"Expected a road within {ROAD_GAP_MAX_M:.0f} m of {what}, was none at "
                f"({at.lon}, {at.lat}).{self._swap_hint(snapper, at)}"
            )

    def _near_roads(
        self, snapper: Snapper, entries: Sequence[DemandEntry]
    ) -> tuple[DemandEntry, ...]:
        """Return the demand places that a vehicle can reach; the others become a remark."""
        lon = np.array([entry.at.lon for entry in entries])
        lat = np.array([entry.at.lat for entry in entries])
        found = snapper.nearest_many(lon, lat, ROAD_GAP_MAX_M).edge >= 0
        lost = [entry for entry, near in zip(entries, found.tolist(), strict=True) if not near]
        if len(lost) == len(entries):
            raise ValueError(
                f"Expected demand places within {ROAD_GAP_MAX_M:.0f} m of a road, was none of "
                f"{len(entries)}; the first is {lost[0].id!r} at ({lost[0].at.lon}, "
                f"{lost[0].at.lat}).{self._swap_hint(snapper, lost[0].at)}"
            )
        if lost:
            shown = ", ".join(entry.id for entry in lost[:3])
            self.remarks.append(
                f"{len(lost)} demand places left out, over {ROAD_GAP_MAX_M:.0f} m from every "
                f"road: {shown}{', …' if len(lost) > 3 else ''}"
            )
        return tuple(entry for entry, near in zip(entries, found.tolist(), strict=True) if near)

    def _swap_hint(self, snapper: Snapper, at: LonLat) -> str:
        turned = LonLat(at.lat, at.lon)
        swapped = abs(at.lon) <= 90 and snapper.nearest(turned, ROAD_GAP_MAX_M) is not None
        return " Are lon and lat swapped?" if swapped else ""

    def _demand(self, entries: Sequence[DemandEntry], trusts: Sequence[Trust]) -> Demand:
        lon = np.array([entry.at.lon for entry in entries], dtype=np.float64)
        lat = np.array([entry.at.lat for entry in entries], dtype=np.float64)
        homes = TrustFinder(trusts).home_many(lon, lat)
        return Demand(
            id=tuple(entry.id for entry in entries),
            lon=lon,
            lat=lat,
            population=np.array([entry.population for entry in entries], dtype=np.int32),
            aged_65_plus=np.array([entry.aged_65_plus for entry in entries], dtype=np.int32),
            is_rural=np.array([entry.is_rural for entry in entries], dtype=np.bool_),
            trust=tuple(
                entry.trust or home or "" for entry, home in zip(entries, homes, strict=True)
            ),
        )
