"""Where incidents happen: places of demand by their people, and points near roads around them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.assumptions import Assumptions
from benchmarks.call_log.streams import Float64s, Int64s, chosen
from maps.facilities import Demand
from maps.region import Region
from maps.road_network import DEGREE_SCALE, Access, RoadNetwork

METRES_A_DEGREE: Final = 111_195.0
"""Length of a degree of latitude on the sphere of `maps.geo`."""
PIECE_M_MAX: Final = 150.0
"""A stretch between two bends counts at most this much: long empty roads have few homes."""
JITTER_M: Final = 40.0
"""Half side of the square around a place of which no road is known."""


def person_weights(demand: Demand, assumptions: Assumptions) -> Float64s:
    """Return the weight of each place: its people, those aged 65 and over counting more.

    Where no place has any people, all weigh the same.
    """
    people = assumptions.places
    older = np.minimum(demand.aged_65_plus, demand.population).astype(np.float64)
    younger = demand.population - older
    weights: Float64s = younger * people.weight_under_65 + older * people.weight_65_plus
    return weights if weights.any() else np.ones(len(demand))


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """Stretches of road around each place of demand, on which scenes are put.

    Stretches ``first[p]:first[p + 1]`` belong to place ``p``; ``weight`` is running within the
    place. ``lon_degree_m`` is the length of a degree of longitude, one for the whole region.
    """

    demand: Demand
    first: Int64s
    share: Float64s
    start_lon: Float64s
    start_lat: Float64s
    end_lon: Float64s
    end_lat: Float64s
    lon_degree_m: float
    setback_m: float

    def scenes(
        self, places: Int64s, along: Float64s, across: Float64s, which: Float64s
    ) -> tuple[Float64s, Float64s]:
        """Return longitude and latitude of scenes at the given places, from three uniforms each.

        A scene lies beside a stretch of road, up to the setback to either side; a place without
        any road gives points within `JITTER_M`.
        """
        first, last = self.first[places], self.first[places + 1]
        lon = self.demand.lon[places] + (2 * along - 1) * (JITTER_M / self.lon_degree_m)
        lat = self.demand.lat[places] + (2 * across - 1) * (JITTER_M / METRES_A_DEGREE)
        on_road = np.flatnonzero(last > first)
        if not len(on_road):
            return lon, lat
        base = np.where(first > 0, self.share[np.maximum(first - 1, 0)], 0.0)[on_road]
        top = self.share[last[on_road] - 1]
        piece = np.searchsorted(self.share, base + which[on_road] * (top - base), side="right")
        piece = np.clip(piece, first[on_road], last[on_road] - 1)
        lon[on_road], lat[on_road] = self._beside(piece, along[on_road], across[on_road])
        return lon, lat

    def _beside(
        self, piece: Int64s, along: Float64s, across: Float64s
    ) -> tuple[Float64s, Float64s]:
        east = self.end_lon[piece] - self.start_lon[piece]
        north = self.end_lat[piece] - self.start_lat[piece]
        east_m, north_m = east * self.lon_degree_m, north * METRES_A_DEGREE
        length_m = np.maximum(np.sqrt(east_m * east_m + north_m * north_m), 1.0)
        aside_m = (2 * across - 1) * self.setback_m
        lon = self.start_lon[piece] + east * along
        lat = self.start_lat[piece] + north * along
        lon -= north_m / length_m * aside_m / self.lon_degree_m
        lat += east_m / length_m * aside_m / METRES_A_DEGREE
        return lon, lat


def scatter_of(region: Region, assumptions: Assumptions) -> Scatter:
    """Return where scenes can be in a region: beside its streets, or at its places.

    Each stretch of street belongs to the nearest place of demand. Strategic links, whose times
    are given, are no streets.
    """
    demand = region.demand
    lat_mid = float(demand.lat.min() + demand.lat.max()) / 2 if len(demand) else 0.0
    # Four decimals hide the last bits, in which mathematical libraries differ.
    lon_degree_m = METRES_A_DEGREE * round(math.cos(math.radians(lat_mid)), 4)
    setback_m = assumptions.roads["setback_m"]
    ends, weight = np.empty((0, 4)), np.empty(0)
    if region.roads is not None:
        ends, weight = _stretches(region.roads, assumptions, lon_degree_m)
    place = _nearest_place(ends, demand, lon_degree_m)
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(len(demand) + 1)).astype(np.int64)
    start_lon, start_lat, end_lon, end_lat = (column[order] for column in ends.T)
    share = np.cumsum(weight[order])
    return Scatter(
        demand, first, share, start_lon, start_lat, end_lon, end_lat, lon_degree_m, setback_m
    )


def _stretches(
    roads: RoadNetwork, assumptions: Assumptions, lon_degree_m: float
) -> tuple[Float64s, Float64s]:
    """Return the straight stretches of all streets (lon, lat, lon, lat) and their weights."""
    factor = np.array([assumptions.roads.get(c, assumptions.roads["other"]) for c in roads.classes])
    drivable = (roads.access & np.uint8(Access.ORDINARY)) > 0
    edges = np.flatnonzero(drivable & (roads.fixed_ms == 0) & (factor[roads.road_class] > 0))
    # Of the two directions of a street, the first edge stands for it.
    _, once = np.unique(roads.segment[edges], return_index=True)
    edges = edges[once]
    segment = roads.segment[edges]
    tail, head = roads.tails()[edges], roads.head[edges]
    forward = roads.is_forward[edges]
    start, end = np.where(forward, tail, head), np.where(forward, head, tail)
    inner = (roads.shape_first[segment + 1] - roads.shape_first[segment]).astype(np.int64)
    lines = np.repeat(np.arange(len(edges)), inner + 2)
    rank = np.arange(len(lines)) - np.repeat(np.cumsum(inner + 2) - inner - 2, inner + 2)
    lon, lat = np.empty(len(lines)), np.empty(len(lines))
    at_start, at_end = rank == 0, rank == (inner + 1)[lines]
    lon[at_start], lat[at_start] = roads.lon[start], roads.lat[start]
    lon[at_end], lat[at_end] = roads.lon[end], roads.lat[end]
    between = ~at_start & ~at_end
    point = roads.shape_first[segment[lines[between]]] + rank[between] - 1
    lon[between] = roads.shape_lon[point] / DEGREE_SCALE
    lat[between] = roads.shape_lat[point] / DEGREE_SCALE
    steps = np.flatnonzero(lines[1:] == lines[:-1])
    ends = np.column_stack((lon[steps], lat[steps], lon[steps + 1], lat[steps + 1]))
    east_m = (ends[:, 2] - ends[:, 0]) * lon_degree_m
    north_m = (ends[:, 3] - ends[:, 1]) * METRES_A_DEGREE
    length_m = np.minimum(np.sqrt(east_m * east_m + north_m * north_m), PIECE_M_MAX)
    weight = length_m * factor[roads.road_class[edges[lines[steps]]]]
    return ends[weight > 0], weight[weight > 0]


def _nearest_place(ends: Float64s, demand: Demand, lon_degree_m: float) -> npt.NDArray[np.int64]:
    from scipy.spatial import cKDTree

    scale = np.array([lon_degree_m, METRES_A_DEGREE])
    tree = cKDTree(np.column_stack((demand.lon, demand.lat)) * scale)
    middle = (ends[:, :2] + ends[:, 2:]) / 2 * scale
    # Rounded to centimetres: the same neighbour on every processor, but for exact ties.
    _, place = tree.query(np.round(middle, 2))
    return np.asarray(place, dtype=np.int64)


def places_at(uniform: Float64s, weights: Float64s) -> Int64s:
    """Return places of demand drawn in proportion to their weights."""
    return chosen(uniform, weights)
