"""Road graphs of the 9th DIMACS Implementation Challenge, as road networks."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.road_network import Access, RoadNetwork

NOISE_SHARE: Final = 0.1
"""Arcs of the challenge are equal both ways; a tenth of noise makes a directed graph of them."""

_COORDINATE_SCALE: Final = 1_000_000
_LENGTHS_IN_M: Final = 10.0

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Arcs(NamedTuple):
    """A directed graph as arcs, without loops and duplicates, sorted by tail and head."""

    lon: Floats
    lat: Floats
    tail: Int64s
    head: Int64s
    ms: Int64s
    length_m: Floats


def read_dimacs(folder: Path, name: str = "NY", *, seed: int = 1) -> Arcs:
    """Return a road graph from ``USA-road-{t,d}.NAME.gr.gz`` and ``USA-road-d.NAME.co.gz``.

    Times are taken as milliseconds, with uniform noise of `NOISE_SHARE` on each direction; of
    parallel arcs the quickest stays.

    Raises
    ------
    ValueError
        When a file is missing, or its arcs are not those of its twin; the message names it.
    """
    times = _numbers(folder / f"USA-road-t.{name}.gr.gz", b"a").reshape(-1, 3)
    lengths = _numbers(folder / f"USA-road-d.{name}.gr.gz", b"a").reshape(-1, 3)
    places = _numbers(folder / f"USA-road-d.{name}.co.gz", b"v").reshape(-1, 3)
    if not np.array_equal(times[:, :2], lengths[:, :2]):
        raise ValueError(f"Expected the same arcs in both graphs {name} of {folder}, was not so.")
    noise = np.random.default_rng(seed).uniform(1 - NOISE_SHARE, 1 + NOISE_SHARE, len(times))
    ms = np.maximum(np.rint(times[:, 2] * noise), 1).astype(np.int64)
    order = np.lexsort((ms, times[:, 1], times[:, 0]))
    tail, head = times[order, 0] - 1, times[order, 1] - 1
    keep = np.ones(len(order), dtype=np.bool_)
    keep[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    keep &= tail != head
    return Arcs(
        lon=places[:, 1] / _COORDINATE_SCALE,
        lat=places[:, 2] / _COORDINATE_SCALE,
        tail=tail[keep],
        head=head[keep],
        ms=ms[order][keep],
        length_m=np.maximum(lengths[order, 2][keep] / _LENGTHS_IN_M, 0.1),
    )


def network_of(arcs: Arcs) -> RoadNetwork:
    """Return a graph as a road network whose edge times are given times, edge i being arc i."""
    count = len(arcs.lon)
    low, high = np.minimum(arcs.tail, arcs.head), np.maximum(arcs.tail, arcs.head)
    streets, segment = np.unique(low * count + high, return_inverse=True)
    first_out = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(arcs.tail, minlength=count), out=first_out[1:])
    edge_count, street_count = len(arcs.tail), len(streets)
    return RoadNetwork(
        lon=arcs.lon,
        lat=arcs.lat,
        first_out=first_out,
        head=arcs.head.astype(np.int32),
        length_m=arcs.length_m.astype(np.float32),
        road_class=np.zeros(edge_count, dtype=np.uint8),
        posted_kmh=np.zeros(edge_count, dtype=np.uint8),
        fixed_ms=arcs.ms.astype(np.int32),
        access=np.full(edge_count, int(Access.ORDINARY | Access.BLUE_LIGHT), dtype=np.uint8),
        segment=segment.astype(np.int32),
        is_forward=arcs.tail <= arcs.head,
        shape_first=np.zeros(street_count + 1, dtype=np.int32),
        shape_lon=np.zeros(0, dtype=np.int32),
        shape_lat=np.zeros(0, dtype=np.int32),
        way_id=np.zeros(street_count, dtype=np.int64),
        name_index=np.zeros(street_count, dtype=np.int32),
        banned_turns=np.zeros((0, 2), dtype=np.int32),
        banned_paths=(),
        classes=("unclassified",),
        names=("",),
    )


def _numbers(path: Path, kind: bytes) -> Int64s:
    """Return the numbers of all lines of a kind ("a": arcs, "v": nodes), one after the other."""
    if not path.is_file():
        raise ValueError(f"Expected a DIMACS file {path}, was nothing there.")
    with gzip.open(path) as file:
        text = b"\n" + file.read()
    start = text.find(b"\n" + kind + b" ")
    if start < 0:
        raise ValueError(f"Expected lines that begin with {kind.decode()!r} in {path}, was none.")
    body = text[start:].replace(b"\n" + kind + b" ", b" ")
    return np.fromstring(body.decode("ascii"), dtype=np.int64, sep=" ")
