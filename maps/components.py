"""Parts of a network between which no vehicle can drive: the islands of a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maps.road_network import Access, Bools, Int32s, RoadNetwork, UInt8s


@dataclass(frozen=True, slots=True)
class Directed:
    """A bare directed graph with access bits: what the search for components needs."""

    node_count: int
    tail: Int32s
    head: Int32s
    access: UInt8s


def trimmed_access(graph: Directed, nodes_min: int) -> UInt8s:
    """Return access bits without those that lead into a trap, uint8[m].

    An edge keeps a bit when a vehicle of that access can drive from its head back to its tail,
    in a component of at least ``nodes_min`` nodes. Afterwards every place that a vehicle can be
    put on is one that it can leave again: one-way stubs at the border of an extract, courtyards
    behind closed gates and specks of road that touch nothing else are gone.
    """
    kept = np.zeros(len(graph.access), dtype=np.uint8)
    for bit in Access:
        usable = (graph.access & int(bit)) != 0
        label = strong_labels(graph, usable)
        size = np.bincount(label, minlength=1)
        stays = (label[graph.tail] == label[graph.head]) & (size[label[graph.tail]] >= nodes_min)
        kept[usable & stays] |= int(bit)
    return kept


def strong_labels(graph: Directed, usable: Bools) -> Int32s:
    """Return the strongly connected component of each node, int32[n], along usable edges."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    tail, head = graph.tail[usable], graph.head[usable]
    ones = np.ones(len(tail), dtype=np.int8)
    matrix = coo_array((ones, (tail, head)), shape=(graph.node_count, graph.node_count))
    _, label = connected_components(matrix.tocsr(), directed=True, connection="strong")
    return np.asarray(label, dtype=np.int32)


def component_sizes(network: RoadNetwork, access: Access) -> tuple[int, ...]:
    """Return the number of nodes of each part of a network, the largest first.

    Nodes that the access does not reach at all are left out.
    """
    graph = Directed(network.node_count, network.tails(), network.head, network.access)
    usable = (graph.access & int(access)) != 0
    touched: npt.NDArray[np.intp] = np.unique(
        np.concatenate((graph.tail[usable], graph.head[usable]))
    ).astype(np.intp)
    if len(touched) == 0:
        return ()
    size = np.bincount(strong_labels(graph, usable)[touched])
    return tuple(int(nodes) for nodes in sorted(size[size > 0], reverse=True))
