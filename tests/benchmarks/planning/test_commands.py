"""The command ``bluelight plan standby``."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from benchmarks.planning.commands import app
from maps.region_file import save_region
from tests.benchmarks.planning.builders import a_planned_region


@pytest.fixture
def region_file(tmp_path):
    path = tmp_path / "grid.region"
    save_region(a_planned_region(), path)
    return path


def invoke(region_file, *options):
    return CliRunner().invoke(app, ["standby", "--region", str(region_file), *options])


def test_writes_map_tables_and_json(region_file, tmp_path):
    out = tmp_path / "plan"

    done = invoke(
        region_file, "--points", "3", "--units", "R1F=5", "--hour", "9", "--out", str(out), "--json"
    )

    assert done.exit_code == 0, done.output
    plan = json.loads(done.stdout)
    assert len(plan["trusts"][0]["points"]) == 3
    assert {path.name for path in out.iterdir()} == {
        "standby.html",
        "standby_points.csv",
        "hours.csv",
        "plan.json",
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--points", "3", "--units", "5"), "either --hour or --day"),
        (("--points", "3", "--units", "5", "--hour", "9", "--day"), "either --hour or --day"),
        (("--points", "three", "--units", "5", "--hour", "9"), "--points as 12 or"),
        (("--points", "99", "--units", "5", "--hour", "9", "--trust", "RX6"), "RX6"),
    ],
)
def test_says_what_was_expected(region_file, options, said):
    done = invoke(region_file, *options)

    assert done.exit_code != 0
    assert said in " ".join(done.output.replace("│", " ").split())
