"""The bench measures what it says, on a small town."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import benchmarks.speed.routing_bench as bench
from benchmarks.speed.commands import app
from benchmarks.speed.road_graphs import GRAPHS, BenchGraph, load_graph
from tests.routing.worlds import a_grid

KEYS = {
    "exact", "nodes", "arcs", "prepare_s", "customise_ms", "memory_mb", "to_one_50_ms",
    "to_one_500_ms", "to_one_3500_ms", "to_many_200_ms", "matrix_500_ms", "route_ms",
    "move_100_units_ms", "nearest_10_ms", "ratio_scipy_to_one", "ratio_networkx_to_one", "scipy",
    "networkx",
}  # fmt: skip


@pytest.fixture
def town(monkeypatch):
    network = a_grid(12, seed=2, banned=6)
    monkeypatch.setitem(GRAPHS, "isle-of-wight", lambda: BenchGraph(network, network.fixed_ms))
    monkeypatch.setattr(bench, "INCIDENTS", 500)


@pytest.mark.usefixtures("town")
def test_it_prints_every_figure_as_json_and_is_exact():
    done = CliRunner().invoke(app, ["routing", "--graph", "isle-of-wight", "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert set(result) >= KEYS
    assert result["exact"] is True
    assert result["compared"] >= 5_000
    for key in ("to_one_50_ms", "to_one_500_ms", "to_one_3500_ms", "to_many_200_ms"):
        assert set(result[key]) == {"p50", "p99"}
        assert 0 < result[key]["p50"] <= result[key]["p99"]
    assert result["scipy"]["worst_error_ms"] == 0


@pytest.mark.usefixtures("town")
def test_an_engine_that_is_wrong_is_called_inexact(monkeypatch):
    honest = bench.ScipyReference.to_one_ms
    monkeypatch.setattr(
        bench.ScipyReference,
        "to_one_ms",
        lambda self, origins, to: honest(self, origins, to) + np.int32(1),
    )
    assert bench.bench_routing("isle-of-wight", peers=False)["exact"] is False


@pytest.mark.usefixtures("town")
def test_without_peers_it_still_measures():
    done = CliRunner().invoke(app, ["routing", "--no-peers"])
    assert done.exit_code == 0
    assert "to_one_3500_ms" in done.stdout
    assert "networkx" not in done.stdout


def test_an_unknown_graph_and_missing_data_are_refused_in_words(monkeypatch):
    done = CliRunner().invoke(app, ["routing", "--graph", "atlantis"])
    assert done.exit_code == 2
    assert "Expected one of isle-of-wight" in done.stderr
    monkeypatch.setenv("BLUELIGHT_DATA", "/nowhere")
    with pytest.raises(ValueError, match="Expected BLUELIGHT_DATA to name the folder"):
        load_graph("new-york")


def test_the_bundled_island_is_a_graph():
    graph = load_graph("isle-of-wight")
    assert graph.network.node_count > 10_000
    assert len(graph.edge_ms) == graph.network.edge_count
