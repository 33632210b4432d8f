"""The travel-time engine measured beside its peers: ``bluelight bench routing``.

Everything is measured in one process and one run: what the engine answers is compared with scipy's
Dijkstra to the millisecond, and each peer is asked the same questions on the same graph.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.speed.road_graphs import BenchGraph, load_graph
from benchmarks.speed.routing_peers import (
    PeerGraph,
    PeerResult,
    installed_peers,
    measure_peer,
)
from benchmarks.speed.routing_reference import ScipyReference
from maps.speeds import load_profile
from routing.fleet import Fleet
from routing.kernel import release_memory
from routing.leg import leg_between
from routing.position import FRACTION_BITS, FULL
from routing.prepared_file import load_prepared, save_prepared
from routing.query import WeightedRoads, weighted
from routing.roads import PreparedRoads, prepare
from routing.snapshot import RoadTimes
from routing.sweep import node_times
from routing.warm import warm_up
from routing.weights import UNREACHABLE_MS, DriveMode

UNITS: Final = (50, 500, 3_500)
INCIDENTS: Final = 1_000
HOSPITALS: Final = 200
NEAREST: Final = 10
MOVED: Final = 100

_MODE: Final = DriveMode.BLUE_LIGHT
_NOW_MS: Final = 0

Positions = npt.NDArray[np.int64]
Result = dict[str, Any]


class Questions(NamedTuple):
    """Positions that the engine is asked about: anywhere along an edge, by a fixed seed."""

    units: Positions
    incidents: Positions
    hospitals: Positions


def bench_routing(name: str, *, peers: bool = True, seed: int = 1) -> Result:
    """Return all figures of one graph, in the units that their names end in.

    Raises
    ------
    ValueError
        When the graph is unknown or its data are not there.
    """
    warm_up()
    graph = load_graph(name)
    rng = np.random.default_rng(seed)
    roads, prepare_s = _timed_once(lambda: prepare(graph.network))
    result: Result = {
        "graph": name,
        "nodes": roads.graph.node_count,
        "arcs": len(roads.graph.tail),
        "up_arcs": roads.hierarchy.up_count,
        "label_size": roads.hierarchy.label_size,
        "prepare_s": prepare_s,
        "load_s": _load_s(roads),
        "customise_ms": _median_ms(lambda: weighted(roads, graph.edge_ms, graph.edge_ms), 5),
    }
    times = _snapshot(roads, graph)
    weights = times.weights(_MODE, 0)
    asked = _questions(graph, rng)
    result |= _measure_queries(weights, asked)
    result |= _measure_fleet(times, asked, rng, graph)
    result |= _measure_changes(weights, graph, rng)
    result["memory_mb"] = _resident_mb()
    exactness = _check(weights, asked, rng)
    result |= exactness
    if peers:
        result |= _measure_peers(weights, rng, result)
    result["cores"] = os.cpu_count()
    result["load"] = os.getloadavg()[0]
    return result


def _snapshot(roads: PreparedRoads, graph: BenchGraph) -> RoadTimes:
    """Return a snapshot whose weights are the graph's own times, whatever the hour."""
    times = RoadTimes(
        roads,
        load_profile(),
        version=f"bench of {len(graph.edge_ms)} edges",
        timezone="UTC",
    )
    made = weighted(roads, graph.edge_ms, graph.edge_ms)
    for hour_class in range(len(times.profile.hour_classes)):
        times.put_weights(_MODE, hour_class, made)
    return times


def _questions(graph: BenchGraph, rng: np.random.Generator) -> Questions:
    passable = np.flatnonzero(graph.edge_ms < UNREACHABLE_MS)

    def somewhere(count: int) -> Positions:
        edges = rng.choice(passable, count).astype(np.int64)
        return (edges << FRACTION_BITS) | rng.integers(0, FULL + 1, count)

    return Questions(somewhere(max(UNITS)), somewhere(INCIDENTS), somewhere(HOSPITALS))


def _measure_queries(weights: WeightedRoads, asked: Questions) -> Result:
    units, incidents, hospitals = asked
    result: Result = {}
    cold_ms = _once_ms(lambda: weights.to_one_ms(units, int(incidents[0])))
    result[f"to_one_{max(UNITS)}_cold_ms"] = cold_ms
    for count in UNITS:
        asking = partial(_ask_to_one, weights, units[:count].copy(), incidents)
        result[f"to_one_{count}_ms"] = _centiles(asking, len(incidents))
    weights.from_one_ms(int(incidents[0]), hospitals)
    result[f"to_many_{HOSPITALS}_ms"] = _centiles(
        lambda at: weights.from_one_ms(int(incidents[-1 - at]), hospitals), len(incidents)
    )
    origins, destinations = units[-500:].copy(), incidents[:500].copy()
    fresh = WeightedRoads.like(weights)
    result["matrix_500_ms"] = _once_ms(lambda: fresh.matrix_ms(origins, destinations))
    result["matrix_500_kept_ms"] = _median_ms(lambda: fresh.matrix_ms(origins, destinations), 3)
    ways = _centiles(lambda at: weights.way(int(units[at]), int(incidents[at])), len(incidents))
    result["route_ms"] = ways
    result["leg_ms"] = _centiles(
        lambda at: leg_between(weights, int(units[at]), int(incidents[at])), 300
    )
    result["sweep_ms"] = _centiles(lambda at: node_times(weights, int(incidents[at])), 20)
    return result


def _ask_to_one(weights: WeightedRoads, units: Positions, incidents: Positions, at: int) -> None:
    weights.to_one_ms(units, int(incidents[at]))


def _measure_fleet(
    times: RoadTimes, asked: Questions, rng: np.random.Generator, graph: BenchGraph
) -> Result:
    fleet = Fleet(times, max(UNITS))
    fleet.move(range(max(UNITS)), asked.units)
    fleet.refresh(_MODE, _NOW_MS)
    fleet.nearest(int(asked.incidents[0]), NEAREST, _MODE, _NOW_MS)
    moved = [_questions(graph, rng).units[:MOVED] for _ in range(20)]
    slots = [rng.choice(max(UNITS), MOVED, replace=False) for _ in moved]

    def move(at: int) -> None:
        fleet.move(slots[at], moved[at])
        fleet.refresh(_MODE, _NOW_MS)

    incidents = asked.incidents
    return {
        f"move_{MOVED}_units_ms": _centiles(move, len(moved)),
        f"fleet_{max(UNITS)}_ms": _centiles(
            lambda at: fleet.to_one_ms(int(incidents[at]), _MODE, _NOW_MS), len(incidents)
        ),
        f"nearest_{NEAREST}_ms": _centiles(
            lambda at: fleet.nearest(int(incidents[at]), NEAREST, _MODE, _NOW_MS), len(incidents)
        ),
    }


def _measure_changes(weights: WeightedRoads, graph: BenchGraph, rng: np.random.Generator) -> Result:
    """Close one, ten and a hundred random edges and open them again, in a chain of snapshots."""
    passable = np.flatnonzero(graph.edge_ms < UNREACHABLE_MS).astype(np.int32)
    shut = np.int32(UNREACHABLE_MS)
    result: Result = {}
    # The first changes copy the weights; from then on their arrays are used in turn.
    chain = WeightedRoads.like(weights)
    for at in range(3):
        edge = passable[at : at + 1]
        chain = chain.changed(edge, graph.edge_ms[edge], graph.edge_ms[edge])
    for count in (1, 10, 100):
        taken = []
        for _ in range(100 if count == 1 else 20):
            edges = np.sort(rng.choice(passable, count, replace=False))
            plain = graph.edge_ms[edges]
            begun = time.perf_counter()
            chain = chain.changed(edges, np.full(count, shut, dtype=np.int32), plain)
            taken.append((time.perf_counter() - begun) * 1000.0)
            chain = chain.changed(edges, plain, plain)
        result[f"close_{count}_ms"] = _summary(taken)
    return result


def _check(weights: WeightedRoads, asked: Questions, rng: np.random.Generator) -> Result:
    """Compare with scipy to the millisecond, sum up routes, and repeat after closures."""
    reference = ScipyReference(weights)
    units, incidents = asked.units[:500].copy(), asked.incidents
    wrong, compared = 0, 0
    for destination in incidents[:10].tolist():
        expected = reference.to_one_ms(units, destination)
        wrong += int((weights.to_one_ms(units, destination) != expected).sum())
        compared += len(units)
        for origin, time_ms in zip(units[:20].tolist(), expected[:20].tolist(), strict=True):
            leg = leg_between(weights, origin, destination)
            wrong += (UNREACHABLE_MS if leg is None else leg.total_ms) != time_ms
            wrong += leg is not None and (leg.ends_ms[-1] if leg.ends_ms else 0) != time_ms
    wrong_closed = _check_closures(weights, units, incidents[:3], rng)
    return {"exact": wrong == 0 and wrong_closed == 0, "compared": compared}


def _check_closures(
    weights: WeightedRoads, units: Positions, incidents: Positions, rng: np.random.Generator
) -> int:
    edge_count = weights.roads.network.edge_count
    edges = np.sort(rng.choice(edge_count, 20, replace=False)).astype(np.int32)
    closed = np.full(len(edges), UNREACHABLE_MS, dtype=np.int32)
    after = weights.changed(edges, closed, weights.offset_ms[edges])
    reference = ScipyReference(after)
    return sum(
        int((after.to_one_ms(units, to) != reference.to_one_ms(units, to)).sum())
        for to in incidents.tolist()
    )


def _measure_peers(weights: WeightedRoads, rng: np.random.Generator, result: Result) -> Result:
    graph = _peer_graph(weights)
    junctions = _plain_junctions(weights)
    origins = {count: rng.choice(junctions, count) for count in UNITS}
    destinations = rng.choice(junctions, 7)

    def ours(nodes: npt.NDArray[np.int64], destination: int) -> npt.NDArray[np.int32]:
        return weights.to_one_ms(_at(weights, nodes), int(_at(weights, np.array([destination]))[0]))

    measured: dict[str, PeerResult] = {}
    for name in installed_peers(graph):
        measured[name] = measure_peer(name, graph, origins, destinations, ours)
        gc.collect()
    most = max(UNITS)
    own_ms = result[f"to_one_{most}_ms"]["p50"]
    added: Result = {
        name: {
            "version": peer.version,
            "prepare_s": peer.prepare_s,
            **{f"to_one_{count}_ms": taken for count, taken in peer.to_one_ms.items()},
            "route_ms": peer.route_ms,
            "worst_error_ms": peer.worst_error_ms,
            "ratio_to_one": peer.to_one_ms[most] / own_ms,
        }
        for name, peer in measured.items()
    }
    for name in ("scipy", "networkx"):
        added[f"ratio_{name}_to_one"] = added[name]["ratio_to_one"] if name in added else None
    return added


def _plain_junctions(weights: WeightedRoads) -> npt.NDArray[np.int64]:
    """Return junctions that can be reached and left, and are one node of the graph only."""
    network = weights.roads.network
    reached = np.isin(np.arange(network.node_count), network.head)
    left = np.diff(network.first_out) > 0
    whole = np.diff(weights.roads.graph.state_first) == 0
    return np.flatnonzero(reached & left & whole).astype(np.int64)


def _peer_graph(weights: WeightedRoads) -> PeerGraph:
    reference = ScipyReference(weights).reversed_graph.tocoo()
    network = weights.roads.network
    states = weights.roads.graph.node_count - network.node_count
    return PeerGraph(
        node_count=weights.roads.graph.node_count,
        tail=reference.col.astype(np.int64),
        head=reference.row.astype(np.int64),
        ms=reference.data.astype(np.int64),
        lon=np.concatenate((network.lon, np.zeros(states))),
        lat=np.concatenate((network.lat, np.zeros(states))),
    )


def _at(weights: WeightedRoads, junctions: Positions) -> Positions:
    """Return the positions at junctions: the beginnings of edges that leave them."""
    return weights.roads.network.first_out[junctions].astype(np.int64) << FRACTION_BITS


def _load_s(roads: PreparedRoads) -> float:
    """Return the time to load the prepared roads from a file, checksum included."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roads.prepared"
        save_prepared(roads, path)
        _, taken = _timed_once(lambda: load_prepared(roads.network, path))
    return taken


def _timed_once(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    made = work()
    return made, time.perf_counter() - begun


def _once_ms(work: Callable[[], Any]) -> float:
    return _timed_once(work)[1] * 1000.0


def _median_ms(work: Callable[[], Any], times: int) -> float:
    return float(np.median([_once_ms(work) for _ in range(times)]))


def _centiles(work: Callable[[int], Any], times: int) -> dict[str, float]:
    taken = []
    for at in range(times):
        begun = time.perf_counter()
        work(at)
        taken.append((time.perf_counter() - begun) * 1000.0)
    return _summary(taken)


def _summary(taken_ms: list[float]) -> dict[str, float]:
    return {"p50": float(np.percentile(taken_ms, 50)), "p99": float(np.percentile(taken_ms, 99))}


def _resident_mb() -> float:
    """Return the resident memory of this process, all libraries included (Linux)."""
    gc.collect()
    release_memory()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
