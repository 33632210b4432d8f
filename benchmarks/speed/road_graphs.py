"""The graphs on which the travel-time engine is measured."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.speed.big_graph import middle_of, tiled
from benchmarks.speed.dimacs import Arcs, network_of, read_dimacs
from maps.region_file import load_region
from maps.road_network import Int32s, RoadNetwork
from maps.speeds import load_profile
from routing.weights import DriveMode, edge_weights


class BenchGraph(NamedTuple):
    """A road network, its edge times in ms, and an order of contraction if it came with one."""

    network: RoadNetwork
    edge_ms: Int32s


def data_folder() -> Path:
    """Return the folder of reference data that ``BLUELIGHT_DATA`` names.

    Raises
    ------
    ValueError
        When the variable is not set, or names no folder.
    """
    named = os.environ.get("BLUELIGHT_DATA", "")
    if not named or not Path(named).is_dir():
        raise ValueError(
            "Expected BLUELIGHT_DATA to name the folder of reference data with "
            f"scale/USA-road-t.NY.gr.gz, was {named!r}."
        )
    return Path(named)


def load_graph(name: str) -> BenchGraph:
    """Return a graph by name, one of `GRAPHS`.

    Raises
    ------
    ValueError
        When the name is unknown, or its data are not there.
    """
    if name not in GRAPHS:
        raise ValueError(f"Expected one of {', '.join(GRAPHS)}, was {name!r}.")
    return GRAPHS[name]()


def graph_of(arcs: Arcs) -> BenchGraph:
    """Return arcs as a network under their own times."""
    network = network_of(arcs)
    return BenchGraph(network, network.fixed_ms)


def new_york() -> Arcs:
    """Return the DIMACS graph of New York."""
    return read_dimacs(data_folder() / "scale")


def _isle_of_wight() -> BenchGraph:
    network = load_region("isle-of-wight").roads
    assert network is not None, "the bundled island has streets"
    return BenchGraph(network, edge_weights(network, load_profile(), DriveMode.BLUE_LIGHT, 0))


GRAPHS: Final[dict[str, Callable[[], BenchGraph]]] = {
    "isle-of-wight": _isle_of_wight,
    "new-york-17k": lambda: graph_of(middle_of(new_york(), 17_000)),
    "new-york-66k": lambda: graph_of(middle_of(new_york(), 66_000)),
    "new-york": lambda: graph_of(new_york()),
    "england-size": lambda: graph_of(tiled(new_york())),
}
