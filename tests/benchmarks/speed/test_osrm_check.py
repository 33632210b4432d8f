"""The island beside OSRM, where OSRM is installed; a clear word where it is not."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from benchmarks.speed import osrm_check
from benchmarks.speed.commands import app
from maps.geo import LonLat
from tests.routing.builders import a_network, one_way, street
from tests.routing.snapshots import a_snapshot


@pytest.mark.needs_data
def test_the_island_is_driven_beside_osrm(data_folder):
    if not osrm_check.is_osrm_installed():
        pytest.skip("Expected osrm-bindings (Python 3.12 or later), was not installed: optional.")
    pbf = next((data_folder / "isle_of_wight").glob("*.pbf"))
    done = CliRunner().invoke(app, ["osrm", "--pbf", str(pbf), "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["correlation"] > 0.95
    assert 0.8 < result["time_ratio"]["p50"] < 1.25
    assert result["only_we_reach"] == result["only_they_reach"] == 0


def test_without_osrm_the_command_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(osrm_check, "is_osrm_installed", lambda: False)
    done = CliRunner().invoke(app, ["osrm", "--pbf", str(tmp_path / "map.osm.pbf")])
    assert done.exit_code == 2
    assert "Expected osrm-bindings (Python 3.12 or later)" in done.stderr


def test_a_line_against_a_one_way_street_cannot_be_driven():
    lanes = [one_way(node, node + 1, 60_000) for node in range(4)]
    back = street(4, 0, 600_000)
    network = a_network([*lanes, back])
    times = a_snapshot(network)
    places = [LonLat(float(network.lon[node]), float(network.lat[node])) for node in range(3)]
    assert osrm_check._can_drive(times, places)
    assert not osrm_check._can_drive(times, places[::-1])
