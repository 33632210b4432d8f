"""The commands of the room."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from maps.commands import app, make_app
from maps.region_file import load_region
from tests.maps.builders import a_lattice


@pytest.fixture
def pbf(tmp_path):
    return a_lattice(5, 5).save(tmp_path / "map.osm.pbf")


def run(*arguments, commands=app):
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


def test_build_info_and_export_work_together(tmp_path, pbf):
    out = tmp_path / "toy.region"
    built = run("build", "--pbf", pbf, "--name", "toy", "--out", out)
    assert built.exit_code == 0, built.output
    assert "junctions: 25" in built.output
    assert "a fleet of" in built.output
    info = run("info", out)
    assert info.exit_code == 0
    assert "name: toy" in info.output
    exported = run("export", out, "--out", tmp_path / "toy.geojson", "--layer", "roads")
    assert exported.exit_code == 0
    assert "40 features" in exported.output


def test_reports_can_be_json(tmp_path, pbf):
    out = tmp_path / "toy.region"
    built = json.loads(run("build", "--pbf", pbf, "--name", "toy", "--out", out, "--json").output)
    assert built["network"]["junctions"] == 25
    assert built["version"] == load_region(out).version
    info = json.loads(run("info", out, "--json").output)
    assert info["name"] == "toy"


def test_the_file_is_named_after_the_region(tmp_path, pbf, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("build", "--pbf", pbf, "--name", "toy").exit_code == 0
    assert load_region("toy.region").name == "toy"


def test_another_room_adds_arrays_through_its_door(tmp_path, pbf):
    def load_on_network():
        return lambda network: {"order": np.arange(network.node_count, dtype=np.int32)}

    commands = make_app(load_on_network)
    out = tmp_path / "toy.region"
    assert (
        run("build", "--pbf", pbf, "--name", "toy", "--out", out, commands=commands).exit_code == 0
    )
    assert list(load_region(out).extras) == ["order"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("build", "--name", "toy"), "Expected one of --pbf"),
        (("build", "--name", "toy", "--pbf", "gone.osm.pbf"), "was nothing at gone.osm.pbf"),
        (("info", "atlantis"), "Expected a bundled region"),
        (("export", "atlantis", "--out", "x.geojson"), "Expected a bundled region"),
    ],
)
def test_a_mistake_is_told_in_one_line_without_a_traceback(arguments, expected):
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert expected in result.output
    assert "Traceback" not in result.output


def test_bundled_regions_are_listed():
    assert "isle-of-wight" in run("list").output.splitlines()


def test_help_of_the_room_is_light():
    code = (
        "import sys, maps.commands\n"
        "heavy = {'numpy', 'osmnx', 'osmium', 'shapely', 'numba', 'pandas', 'pyarrow', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
