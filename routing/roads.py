"""A road network prepared for queries: expanded at restrictions, ordered, and contracted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from maps.road_network import Access, Float64s, Int32s, RoadNetwork
from maps.snapping import Snapper
from routing.hierarchy import Hierarchy, build
from routing.kernel import Arrays, release_memory, unlocked
from routing.order import contraction_order
from routing.plane import Plane, write_points
from routing.position import Positions
from routing.restrictions import ExpandedGraph, expand

ORDER_KEY = "routing/order"
"""Where a region keeps the order of contraction among its extras."""


@dataclass(frozen=True, eq=False)
class PreparedRoads:
    """All that queries need of a network whatever its weights; immutable, shared by snapshots."""

    network: RoadNetwork
    graph: ExpandedGraph
    hierarchy: Hierarchy
    opposite: Int32s

    @cached_property
    def snapper(self) -> Snapper:
        """What finds the nearest road on which an ambulance may drive; made when first needed."""
        return Snapper(self.network, Access.BLUE_LIGHT)

    @cached_property
    def seed_size(self) -> int:
        """Upper bound on the nodes at which a position can join the graph."""
        per_junction = np.diff(self.graph.state_first)
        states = int(per_junction.max()) if len(per_junction) else 0
        return 8 + 4 * (1 + states)

    @cached_property
    def has_blue_light_roads(self) -> bool:
        """Whether there are edges that may be driven on blue lights only."""
        return bool(((self.network.access & int(Access.ORDINARY)) == 0).any())

    @cached_property
    def graph_arrays(self) -> Arrays:
        """What the kernels read of the graph, in their order."""
        graph = self.graph
        return (
            graph.tail,
            graph.head,
            unlocked(self.network.head),
            self.opposite,
            graph.is_split,
            graph.copied_edge,
            graph.state_first,
            graph.state_node,
        )

    @cached_property
    def label_arrays(self) -> Arrays:
        """What the kernels of labels read of the hierarchy, in their order."""
        tree = self.hierarchy
        return (tree.rank, tree.parent, tree.depth, tree.lowest, tree.up_first, tree.up_depth)

    @cached_property
    def way_arrays(self) -> Arrays:
        """What the kernels of ways read of the hierarchy, in their order."""
        tree = self.hierarchy
        return (
            tree.rank,
            tree.parent,
            tree.depth,
            tree.up_first,
            tree.up_depth,
            tree.up_head,
            tree.down_first,
            tree.down_arc,
            tree.down_tail,
        )

    @cached_property
    def arc_arrays(self) -> Arrays:
        """What the kernels of re-customisation read of the hierarchy, in their order."""
        tree = self.hierarchy
        return (tree.up_first, tree.up_head, tree.down_first, tree.down_arc, tree.down_tail)

    @cached_property
    def side_arrays(self) -> Arrays:
        """What leads from the hierarchy back to road arcs, in the kernels' order."""
        node_at = np.empty(self.hierarchy.node_count, dtype=np.int32)
        node_at[self.hierarchy.rank] = np.arange(self.hierarchy.node_count, dtype=np.int32)
        has_road = np.zeros(self.hierarchy.up_count, dtype=np.bool_)
        slots = self.hierarchy.arc_slot
        has_road[slots[slots >= 0] >> 1] = True
        return (
            node_at,
            unlocked(self.network.first_out),
            self.graph.state_arc_first,
            self.graph.state_arc,
            slots,
            has_road,
        )

    def edges_of(self, arcs: Int32s) -> Int32s:
        """Return the edges of the network that arcs of the expanded graph stand for."""
        edge_count = self.network.edge_count
        if not len(self.graph.copied_edge):
            return arcs
        copies = np.maximum(arcs - edge_count, 0)
        return np.where(arcs < edge_count, arcs, self.graph.copied_edge[copies])

    @cached_property
    def shape_arrays(self) -> Arrays:
        """What the kernel of points reads of the network, in its order."""
        network = self.network
        return (
            unlocked(network.lon),
            unlocked(network.lat),
            self.graph.tail,
            unlocked(network.head),
            unlocked(network.segment),
            unlocked(network.is_forward),
            unlocked(network.shape_first),
            unlocked(network.shape_lon),
            unlocked(network.shape_lat),
        )

    @cached_property
    def plane(self) -> Plane:
        """The plane on which the network lies flat."""
        return Plane.around(self.network.lon, self.network.lat)

    def points(self, positions: Positions) -> tuple[Float64s, Float64s]:
        """Return longitudes and latitudes of positions, along the shapes of their edges."""
        lon = np.empty(len(positions), dtype=np.float64)
        lat = np.empty(len(positions), dtype=np.float64)
        write_points(positions, lon, lat, self.shape_arrays)
        return lon, lat

    def arcs_of(self, edges: Int32s) -> Int32s:
        """Return the arcs of the expanded graph that stand for edges: themselves and copies."""
        copied = np.isin(self.graph.copied_edge, edges)
        if not copied.any():
            return edges
        copies = np.flatnonzero(copied) + self.network.edge_count
        return np.concatenate((edges, copies)).astype(np.int32)

    def arc_weights(self, edge_ms: Int32s) -> Int32s:
        """Return the weight of every arc of the expanded graph from those of the edges."""
        if not len(self.graph.copied_edge):
            return edge_ms
        return np.concatenate((edge_ms, edge_ms[self.graph.copied_edge]))


def prepare(network: RoadNetwork, order: Int32s | None = None) -> PreparedRoads:
    """Return a network prepared for queries: seconds for a city, once for all weights.

    Parameters
    ----------
    network
        The roads.
    order
        The order of contraction that `order_for` gave for the same network; computed if None.

    Raises
    ------
    ValueError
        When the order is not one of this network's nodes and states.
    """
    graph = expand(network)
    if order is None:
        order = _order_of(graph)
    prepared = PreparedRoads(
        network=network,
        graph=graph,
        hierarchy=build(graph, order),
        opposite=network.opposites(),
    )
    release_memory()
    return prepared


def order_for(network: RoadNetwork) -> dict[str, Int32s]:
    """Return the order of contraction of a network, as extras to keep with its region."""
    return {ORDER_KEY: _order_of(expand(network))}


def _order_of(graph: ExpandedGraph) -> Int32s:
    return contraction_order(graph.node_count, *graph.joined())
