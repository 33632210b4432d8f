"""Small road networks for tests: only what the test is about needs to be said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from maps.road_network import Access, RoadNetwork


@dataclass(frozen=True)
class Road:
    """A street between two junctions: its time in ms each way, None where it may not be driven."""

    start: int
    end: int
    ms: int
    back_ms: int | None
    road_class: str = "residential"
    access: Access = Access.ORDINARY | Access.BLUE_LIGHT
    name: str = ""


def street(start: int, end: int, ms: int, back_ms: int | None = None, **more: object) -> Road:
    """Return a two-way street, as long one way as the other unless said otherwise."""
    return Road(start, end, ms, ms if back_ms is None else back_ms, **more)  # type: ignore[arg-type]


def one_way(start: int, end: int, ms: int, **more: object) -> Road:
    """Return a one-way street."""
    return Road(start, end, ms, None, **more)  # type: ignore[arg-type]


def a_network(
    roads: Iterable[Road],
    *,
    node_count: int | None = None,
    banned_turns: Iterable[tuple[int, int]] = (),
    banned_paths: Iterable[Sequence[int]] = (),
    spacing_deg: float = 0.01,
) -> RoadNetwork:
    """Return a network of streets, with junctions on a square lattice near Newport.

    ``banned_turns`` and ``banned_paths`` are edge numbers: edges are sorted by (tail, head, road).
    Times are given times (``fixed_ms``), so that weights are exactly what the test says.
    """
    listed = list(roads)
    ends = [node for road in listed for node in (road.start, road.end)]
    count = max(ends, default=-1) + 1 if node_count is None else node_count
    edges = sorted(
        [(road.start, road.end, index, road.ms, True) for index, road in enumerate(listed)]
        + [
            (road.end, road.start, index, road.back_ms, False)
            for index, road in enumerate(listed)
            if road.back_ms is not None
        ]
    )
    segment = np.array([edge[2] for edge in edges], dtype=np.int32)
    tails = np.array([edge[0] for edge in edges], dtype=np.int64)
    first_out = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(tails, minlength=count), out=first_out[1:])
    side = max(math.isqrt(max(count - 1, 0)) + 1, 1)
    classes = tuple(sorted({road.road_class for road in listed})) or ("residential",)
    names = ("", *sorted({road.name for road in listed} - {""}))
    return RoadNetwork(
        lon=-1.3 + spacing_deg * (np.arange(count) % side).astype(np.float64),
        lat=50.7 + spacing_deg * (np.arange(count) // side).astype(np.float64),
        first_out=first_out,
        head=np.array([edge[1] for edge in edges], dtype=np.int32),
        length_m=np.array([max(edge[3], 1) / 60.0 for edge in edges], dtype=np.float32),
        road_class=np.array([classes.index(listed[s].road_class) for s in segment], dtype=np.uint8),
        posted_kmh=np.zeros(len(edges), dtype=np.uint8),
        fixed_ms=np.array([edge[3] for edge in edges], dtype=np.int32),
        access=np.array([int(listed[s].access) for s in segment], dtype=np.uint8),
        segment=segment,
        is_forward=np.array([edge[4] for edge in edges], dtype=np.bool_),
        shape_first=np.zeros(len(listed) + 1, dtype=np.int32),
        shape_lon=np.zeros(0, dtype=np.int32),
        shape_lat=np.zeros(0, dtype=np.int32),
        way_id=np.arange(1, len(listed) + 1, dtype=np.int64),
        name_index=np.array([names.index(road.name) for road in listed], dtype=np.int32),
        banned_turns=np.array(list(banned_turns), dtype=np.int32).reshape(-1, 2),
        banned_paths=tuple(tuple(path) for path in banned_paths),
        classes=classes,
        names=names,
    )


def times_of(network: RoadNetwork) -> np.ndarray:
    """Return the times that the test gave each edge."""
    return network.fixed_ms.copy()


def edge_between(network: RoadNetwork, tail: int, head: int) -> int:
    """Return the first edge from one junction to another."""
    begin, end = network.first_out[tail], network.first_out[tail + 1]
    return int(begin + np.flatnonzero(network.head[begin:end] == head)[0])
