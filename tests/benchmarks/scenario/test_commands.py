"""The commands ``bluelight scenario``."""

import json

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


TROUBLE = """
checksum = ""
title = "Fewer crews"
description = "Half of the island's crews stay away."
seed = 5
compare = ["mutual-aid", "destination"]

[log]
region = "isle-of-wight"
month = "2026-03"
days = 1

[[fleet]]
name = "loss"
factor = 0.5

[[hospital]]
name = "shut"
hospital = "largest"
takes_handovers = false
from = 2026-03-01T10:00:00
to = 2026-03-01T14:00:00
"""


@pytest.fixture(scope="module")
def trouble(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "trouble.toml"
    path.write_text(TROUBLE)
    assert RUN.invoke(app, ["stamp", str(path)]).exit_code == 0
    return path


def test_a_scenario_is_replayed_with_its_fleet_and_doors(trouble, tmp_path):
    from benchmarks.commands import app as analyst

    page = tmp_path / "page.html"
    words = ["replay", "--scenario", str(trouble), "--report", str(page), "--json"]
    told = RUN.invoke(analyst, words)
    assert told.exit_code == 0, told.output
    result = json.loads(told.stdout)
    usual = RUN.invoke(analyst, ["compare", "--compose", "2026-03", "--days", "1", *FEW])
    assert usual.exit_code == 0, usual.output
    assert result["fleet"]["on_duty_h"] > 0
    assert result["total"]["responses"]["C2"]["mean_s"] > 1.3 * c2(json.loads(usual.stdout))
    assert "trouble.toml: Fewer crews" in page.read_text()
    assert page.with_name("page-incidents.parquet").exists()


FEW = ["--policies", "b2", "--seeds", "1", "--jobs", "1", "--json"]


def c2(comparison):
    return comparison["policies"]["b2"]["C2"]["mean_s"]


def test_a_comparison_on_a_scenario_draws_each_seed_anew(trouble):
    from benchmarks.comparison import Plan, Staged, compare
    from dispatch.engine import settings_named

    plan = Plan(
        region="isle-of-wight",
        log=Staged.of(str(trouble)),
        policies=(settings_named("b2"),),
        seeds=(1, 2),
    )
    first, second = compare(plan).samples["b2"]
    assert first.response_ms.tolist() != second.response_ms.tolist()


def test_the_standing_comparisons_make_one_page(trouble, tmp_path):
    page = tmp_path / "page.html"
    options = ["--policy", "b2", "--seeds", "1", "--jobs", "1", "--report", str(page)]
    told = RUN.invoke(app, ["compare", str(trouble), *options])
    assert told.exit_code == 0, told.output
    assert "Silos, mutual aid, one pool" in told.output
    assert "least-wait" in told.output
    text = page.read_text()
    assert "takes no handovers" in text
    assert text.count("<h1>") == 3


def test_a_question_that_is_not_a_standing_one_is_refused(trouble):
    told = RUN.invoke(app, ["compare", str(trouble), "--what", "weather"])
    assert told.exit_code == 2
    assert "was weather" in told.output


def test_all_standing_comparisons_can_be_asked_for_in_one_word(trouble):
    options = ["--what", "all", "--policy", "b2", "--seeds", "1", "--jobs", "1", "--json"]
    told = RUN.invoke(app, ["compare", str(trouble), *options])
    assert told.exit_code == 0, told.output
    assert list(json.loads(told.stdout)) == ["mutual-aid", "destination", "redirection"]
