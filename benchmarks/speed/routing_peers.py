"""Other libraries asked the same questions in the same run; none of them is a dependency.

Each peer gets the expanded graph (turn restrictions as split junctions) and answers between nodes.
A peer that is not installed is left out.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from routing.weights import UNREACHABLE_MS

Times = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class PeerGraph(NamedTuple):
    """A directed graph without parallel arcs: what every library can take."""

    node_count: int
    tail: Ints
    head: Ints
    ms: Ints
    lon: Times
    lat: Times


class Peer(Protocol):
    """A library that knows the way from every node to one, and from node to node."""

    def to_node_ms(self, node: int) -> Times:
        """Return the time from every node to one; not below `UNREACHABLE_MS` without a way."""
        ...

    def route_ms(self, origin: int, destination: int) -> float:
        """Return the time of a route after finding all of its nodes."""
        ...


class _Scipy:
    def __init__(self, graph: PeerGraph) -> None:
        from scipy.sparse import csr_matrix

        size = (graph.node_count, graph.node_count)
        times = graph.ms.astype(np.float64)
        self._forward = csr_matrix((times, (graph.tail, graph.head)), shape=size)
        self._backward = csr_matrix((times, (graph.head, graph.tail)), shape=size)

    def to_node_ms(self, node: int) -> Times:
        from scipy.sparse.csgraph import dijkstra

        times: Times = dijkstra(self._backward, indices=[node])[0]
        return times

    def route_ms(self, origin: int, destination: int) -> float:
        from scipy.sparse.csgraph import dijkstra

        times, before = dijkstra(self._forward, indices=[origin], return_predecessors=True)
        at = destination
        while at != origin and before[0, at] >= 0:
            at = int(before[0, at])
        return float(times[0, destination])


class _Networkx:
    def __init__(self, graph: PeerGraph) -> None:
        import networkx as nx

        self._forward: Any = nx.DiGraph()
        self._forward.add_nodes_from(range(graph.node_count))
        arcs = zip(graph.tail.tolist(), graph.head.tolist(), graph.ms.tolist(), strict=True)
        self._forward.add_weighted_edges_from(arcs)
        self._backward = self._forward.reverse(copy=False)
        self._node_count = graph.node_count

    def to_node_ms(self, node: int) -> Times:
        import networkx as nx

        found = nx.single_source_dijkstra_path_length(self._backward, node)
        return _dense(found.items(), self._node_count)

    def route_ms(self, origin: int, destination: int) -> float:
        import networkx as nx

        try:
            time_ms, _ = nx.bidirectional_dijkstra(self._forward, origin, destination)
        except nx.NetworkXNoPath:
            return float(UNREACHABLE_MS)
        return float(time_ms)


class _Rustworkx:
    def __init__(self, graph: PeerGraph) -> None:
        import rustworkx as rx

        self._forward: Any = rx.PyDiGraph(multigraph=False)
        self._backward: Any = rx.PyDiGraph(multigraph=False)
        rows = list(zip(graph.tail.tolist(), graph.head.tolist(), graph.ms.tolist(), strict=True))
        for made, arcs in (
            (self._forward, rows),
            (self._backward, [(head, tail, ms) for tail, head, ms in rows]),
        ):
            made.add_nodes_from(range(graph.node_count))
            made.add_edges_from(arcs)
        self._node_count = graph.node_count

    def to_node_ms(self, node: int) -> Times:
        import rustworkx as rx

        found = rx.dijkstra_shortest_path_lengths(self._backward, node, float)
        times = _dense(found.items(), self._node_count)
        times[node] = 0.0
        return times

    def route_ms(self, origin: int, destination: int) -> float:
        import rustworkx as rx

        ways = rx.dijkstra_shortest_paths(
            self._forward, origin, target=destination, weight_fn=float
        )
        if destination not in ways:
            return float(UNREACHABLE_MS) if origin != destination else 0.0
        way = list(ways[destination])
        return float(sum(self._forward.get_edge_data(a, b) for a, b in pairwise(way)))


class _Networkit:
    def __init__(self, graph: PeerGraph) -> None:
        import networkit as nk

        nk.setNumberOfThreads(1)
        times = graph.ms.astype(np.float64)
        size = graph.node_count
        self._forward = nk.GraphFromCoo(
            (times, (graph.tail, graph.head)), n=size, weighted=True, directed=True
        )
        self._backward = nk.GraphFromCoo(
            (times, (graph.head, graph.tail)), n=size, weighted=True, directed=True
        )

    def to_node_ms(self, node: int) -> Times:
        import networkit as nk

        search = nk.distance.Dijkstra(self._backward, node, False, False)
        search.run()
        return np.asarray(search.getDistances(asarray=True))

    def route_ms(self, origin: int, destination: int) -> float:
        import networkit as nk

        search = nk.distance.BidirectionalDijkstra(self._forward, origin, destination)
        search.run()
        search.getPath()
        return float(search.getDistance())


class _Pandana:
    def __init__(self, graph: PeerGraph) -> None:
        import pandas as pd

        pandana: Any = importlib.import_module("pandana")

        # In seconds: milliseconds overflow its internal integers, and building then never ends.
        self._network = pandana.Network(
            pd.Series(graph.lon),
            pd.Series(graph.lat),
            pd.Series(graph.tail),
            pd.Series(graph.head),
            pd.DataFrame({"seconds": graph.ms / 1000.0}),
            twoway=False,
        )
        self._nodes = np.arange(graph.node_count)

    def to_node_ms(self, node: int) -> Times:
        return self.to_one_ms(self._nodes, node)

    def to_one_ms(self, origins: Ints, node: int) -> Times:
        found = self._network.shortest_path_lengths(origins, np.full(len(origins), node))
        return np.asarray(found) * 1000.0

    def route_ms(self, origin: int, destination: int) -> float:
        self._network.shortest_path(origin, destination)
        return float(self.to_one_ms(np.array([origin]), destination)[0])


PEERS: Final[dict[str, Callable[[PeerGraph], Peer]]] = {
    "scipy": _Scipy,
    "networkx": _Networkx,
    "rustworkx": _Rustworkx,
    "networkit": _Networkit,
    "pandana": _Pandana,
}

_MEMORY_HUNGRY: Final = frozenset({"networkx", "rustworkx"})
"""Python objects for every arc: gigabytes at England's size."""

_ARCS_OF_OBJECTS_MAX: Final = 2_000_000


class PeerResult(NamedTuple):
    """What a peer was measured at; times are medians. ``worst_error_ms`` is against ours."""

    version: str
    prepare_s: float
    to_one_ms: dict[int, float]
    route_ms: float
    worst_error_ms: float


def installed_peers(graph: PeerGraph) -> Iterator[str]:
    """Yield the names of the peers that can be asked about a graph."""
    for name in PEERS:
        if name in _MEMORY_HUNGRY and len(graph.tail) > _ARCS_OF_OBJECTS_MAX:
            continue
        if importlib.util.find_spec(name) is not None:
            yield name


def measure_peer(
    name: str,
    graph: PeerGraph,
    origins: dict[int, Ints],
    destinations: Ints,
    expected: Callable[[Ints, int], npt.NDArray[np.int32]],
) -> PeerResult:
    """Return how quickly a peer answers, and how far its answers are from ours.

    A library that only knows one-to-all takes as long for 50 origins as for 3,500.
    """
    begun = time.perf_counter()
    peer = PEERS[name](graph)
    prepare_s = time.perf_counter() - begun
    worst = 0.0
    to_one: dict[int, float] = {}
    for count, nodes in origins.items():
        ask = _asked(peer, nodes)
        taken = []
        for destination in destinations.tolist():
            begun = time.perf_counter()
            found = ask(destination)
            taken.append((time.perf_counter() - begun) * 1000.0)
            ours = expected(nodes, destination)
            theirs = np.minimum(found, float(UNREACHABLE_MS))
            worst = max(worst, float(np.abs(theirs - ours).max()))
        to_one[count] = float(np.median(taken))
    routes = []
    starts = next(iter(origins.values()))
    for origin, destination in zip(starts.tolist(), destinations.tolist(), strict=False):
        begun = time.perf_counter()
        peer.route_ms(origin, destination)
        routes.append((time.perf_counter() - begun) * 1000.0)
    version = importlib.metadata.version(name)
    return PeerResult(version, prepare_s, to_one, float(np.median(routes)), worst)


def _asked(peer: Peer, nodes: Ints) -> Callable[[int], Times]:
    to_one = getattr(peer, "to_one_ms", None)
    if to_one is not None:
        return lambda destination: np.asarray(to_one(nodes, destination))
    return lambda destination: peer.to_node_ms(destination)[nodes]


def _dense(found: Any, node_count: int) -> Times:
    times = np.full(node_count, float(UNREACHABLE_MS))
    for node, time_ms in found:
        times[node] = time_ms
    return times
