"""The commands ``bluelight scenario``."""

import pytest
from typer.testing import CliRunner

from benchmarks.call_log.read import read_log
from benchmarks.scenario.commands import app
from benchmarks.scenario.scenario_file import load_scenario
from maps.region_file import save_region
from tests.benchmarks.call_log.regions import a_region
from tests.benchmarks.scenario.test_scenario_file import PLAIN

RUN = CliRunner()


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "plain.toml"
    path.write_text(PLAIN)
    assert RUN.invoke(app, ["stamp", str(path)]).exit_code == 0
    return path


def test_scenarios_are_listed():
    assert "winter-peak: Winter peak" in RUN.invoke(app, ["list"]).output


def test_a_stamped_file_can_be_shown_and_composed(tmp_path, scenario):
    assert load_scenario(scenario).seed == 7
    assert '"title": "Plain"' in RUN.invoke(app, ["show", str(scenario)]).output
    region = tmp_path / "grid.region"
    save_region(a_region(), region)
    out = tmp_path / "log.csv"
    options = ["compose", str(scenario), "--region", str(region), "--days", "1", "--out", str(out)]
    result = RUN.invoke(app, options)
    assert result.exit_code == 0, result.output
    assert read_log(out).log.sha256 in result.output


def test_what_is_no_scenario_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("title = 'x'")
    result = RUN.invoke(app, ["show", str(path)])
    assert result.exit_code == 2
    assert "Expected a scenario" in result.output
