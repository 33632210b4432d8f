"""Random road networks and weights for property tests, and the oracle beside the engine."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from maps.road_network import RoadNetwork
from routing.dijkstra import Dijkstra
from routing.position import FRACTION_BITS, FULL
from routing.query import WeightedRoads, weighted
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.builders import Road, a_network, times_of


class World(NamedTuple):
    """A network, its weights, the times that measure positions, and some positions."""

    network: RoadNetwork
    weight_ms: np.ndarray
    offset_ms: np.ndarray
    positions: np.ndarray

    def engine(self) -> WeightedRoads:
        return weighted(prepare(self.network), self.weight_ms, self.offset_ms)

    def oracle(self) -> Dijkstra:
        return Dijkstra(self.network, self.weight_ms, self.offset_ms)


times = st.one_of(st.integers(0, 5), st.integers(1, 100_000), st.just(UNREACHABLE_MS))
fractions = st.one_of(st.sampled_from([0, FULL, 1, FULL // 2]), st.integers(0, FULL))


@st.composite
def worlds(draw, *, restricted: bool = True) -> World:
    """Draw a network of up to 9 junctions: loops, parallels, one-ways, dead parts, banned turns."""
    count = draw(st.integers(1, 9))
    node = st.integers(0, count - 1)
    roads = draw(
        st.lists(
            st.builds(Road, node, node, times, st.one_of(st.none(), times)),
            min_size=1,
            max_size=18,
        )
    )
    network = a_network(roads, node_count=count)
    if restricted:
        sequences = draw(st.lists(_sequences(network), max_size=5))
        network = a_network(
            roads,
            node_count=count,
            banned_turns=[s for s in sequences if len(s) == 2],
            banned_paths=[s for s in sequences if len(s) > 2],
        )
    weights = times_of(network)
    fallback = draw(times)
    offsets = np.where(weights < UNREACHABLE_MS, weights, np.int32(fallback))
    return World(network, weights, offsets, draw(positions_on(network)))


@st.composite
def positions_on(draw, network: RoadNetwork, size: int = 6) -> np.ndarray:
    edge = st.integers(0, network.edge_count - 1)
    pairs = draw(st.lists(st.tuples(edge, fractions), min_size=1, max_size=size))
    return np.array([(edge << FRACTION_BITS) | part for edge, part in pairs], dtype=np.int64)


@st.composite
def _sequences(draw, network: RoadNetwork) -> tuple[int, ...]:
    """Draw a drivable sequence of 2 to 4 edges; shorter where the road ends, but at least one."""
    sequence = [draw(st.integers(0, network.edge_count - 1))]
    for _ in range(draw(st.integers(1, 3))):
        node = int(network.head[sequence[-1]])
        begin, end = int(network.first_out[node]), int(network.first_out[node + 1])
        if begin == end:
            break
        sequence.append(draw(st.integers(begin, end - 1)))
    return tuple(sequence)


def random_positions(network: RoadNetwork, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, network.edge_count, count)
    return (edges << FRACTION_BITS) | rng.integers(0, FULL + 1, count)


def a_grid(side: int, seed: int = 1, *, banned: int = 0) -> RoadNetwork:
    """Return a town of side x side crossings, streets of random times, a few one-way."""
    rng = np.random.default_rng(seed)
    roads = []
    for row in range(side):
        for column in range(side):
            here = row * side + column
            for onward in ([here + 1] if column + 1 < side else []) + (
                [here + side] if row + 1 < side else []
            ):
                there, back = rng.integers(1_000, 60_000, 2).tolist()
                roads.append(Road(here, onward, there, None if rng.random() < 0.15 else back))
    network = a_network(roads, node_count=side * side)
    tails, turns = network.tails(), []
    while len(turns) < banned:
        first = int(rng.integers(network.edge_count))
        node = int(network.head[first])
        onward = int(rng.integers(network.first_out[node], network.first_out[node + 1]))
        if network.head[onward] != tails[first]:
            turns.append((first, onward))
    return a_network(roads, node_count=side * side, banned_turns=turns)
