"""The road network as immutable arrays: junctions, directed edges, shapes and turn restrictions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Final

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]
Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DEGREE_SCALE: Final = 10_000_000
"""Shape coordinates are integers of 1e-7 degree, as OpenStreetMap stores them."""


class Access(IntFlag):
    """Who may use an edge; the bits of ``RoadNetwork.access``."""

    ORDINARY = 1
    """An ambulance under ordinary driving: what the law allows any car."""
    BLUE_LIGHT = 2
    """An ambulance on blue lights: ordinary access plus bus gates and walking-speed paths."""


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """A directed road graph in compressed sparse rows, with n nodes, m edges and s segments.

    Nodes are junctions; the bends between two junctions are the *shape* of a segment. A two-way
    road is one segment and two directed edges. Edges are sorted by (tail, head, segment), so that
    equal input gives equal arrays.

    Attributes
    ----------
    lon, lat
        Node coordinates in WGS84 degrees, float64[n].
    first_out
        int32[n + 1]; the edges out of node v are ``first_out[v]:first_out[v + 1]``.
    head
        Node at which each edge ends, int32[m].
    length_m
        Length along the shape, float32[m], positive.
    road_class
        Index into ``classes``, uint8[m].
    posted_kmh
        Signed speed limit, uint8[m]; 0 where none is mapped.
    fixed_ms
        Ordinary driving time in ms where it is given rather than derived (ferries, strategic
        links), int32[m]; 0 where length and speed decide.
    access
        Bits of `Access`, uint8[m].
    segment
        Index of the undirected segment that an edge runs along, int32[m].
    is_forward
        Whether the edge runs in the direction in which the segment's shape is stored, bool[m].
    shape_first, shape_lon, shape_lat
        int32[s + 1] into int32[k] interior points in 1e-7 degrees; end points are the nodes.
    way_id
        OpenStreetMap way of each segment, int64[s]; 0 where there is none.
    name_index
        Index into ``names`` of each segment, int32[s]; entry 0 is the empty name.
    banned_turns
        int32[t, 2] rows (edge in, edge out) that no vehicle may drive, sharing a node.
    banned_paths
        Longer banned sequences of edges (restrictions via a way), each with at least 3 edges.
    classes
        Names of road classes, in the order of ``road_class``.
    names
        Road names.
    built_up
        Whether an edge without a mapped limit runs through a built-up area, bool[m]; None where
        nobody looked.
    """

    lon: Float64s
    lat: Float64s
    first_out: Int32s
    head: Int32s
    length_m: Float32s
    road_class: UInt8s
    posted_kmh: UInt8s
    fixed_ms: Int32s
    access: UInt8s
    segment: Int32s
    is_forward: Bools
    shape_first: Int32s
    shape_lon: Int32s
    shape_lat: Int32s
    way_id: Int64s
    name_index: Int32s
    banned_turns: Int32s
    banned_paths: tuple[tuple[int, ...], ...]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    built_up: Bools | None = None

    @property
    def node_count(self) -> int:
        """Number of junctions."""
        return len(self.lon)

    @property
    def edge_count(self) -> int:
        """Number of directed edges."""
        return len(self.head)

    def tails(self) -> Int32s:
        """Return the node at which each edge starts, int32[m]. O(m)."""
        degree = np.diff(self.first_out)
        return np.repeat(np.arange(self.node_count, dtype=np.int32), degree)

    def opposites(self) -> Int32s:
        """Return, for each edge, the edge along the same segment the other way; -1 where one-way.

        The -1 is an array convention of this one method; callers turn it into absence.
        """
        forward = np.full(len(self.way_id), -1, dtype=np.int32)
        backward = np.full(len(self.way_id), -1, dtype=np.int32)
        edges = np.arange(self.edge_count, dtype=np.int32)
        forward[self.segment[self.is_forward]] = edges[self.is_forward]
        backward[self.segment[~self.is_forward]] = edges[~self.is_forward]
        return np.where(self.is_forward, backward[self.segment], forward[self.segment])
