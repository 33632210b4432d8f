"""The commands ``bluelight calls``: what they write, say and refuse."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from benchmarks.call_log.commands import app
from benchmarks.call_log.read import read_log
from maps.region_file import save_region
from tests.benchmarks.call_log.builders import rows, written
from tests.benchmarks.call_log.regions import a_region

RUN = CliRunner()


@pytest.fixture
def region(tmp_path):
    path = tmp_path / "grid.region"
    save_region(a_region(), path)
    return str(path)


def run(*arguments):
    return RUN.invoke(app, [str(argument) for argument in arguments])


def test_compose_writes_a_log_and_says_which(tmp_path, region):
    out = tmp_path / "log.parquet"
    options = ("--region", region, "--month", "2026-03", "--days", 2, "--out", out, "--json")
    result = run("compose", *options)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    log = read_log(out).log
    assert told["incidents"] == len(log)
    assert told["sha256"] == log.sha256
    assert 120 < len(log) < 210


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--month", "2019-01", "--out", "log.csv"), "2023-04 to 2026-03"),
        (("--month", "2026-03", "--out", "log.txt"), ".parquet, was log.txt"),
        (("--month", "2026-03", "--out", "log.csv", "--trusts", "RRU"), "was RRU"),
    ],
)
def test_compose_refuses_what_cannot_be(region, options, message):
    result = run("compose", "--region", region, *options)
    assert result.exit_code == 2
    assert message in result.output.replace("\n", "")


def test_validate_is_content_with_a_good_log(tmp_path, region):
    log = written(tmp_path / "log.csv", rows({}, {}))
    result = run("validate", log, "--region", region)
    assert result.exit_code == 0
    assert "incidents: 2" in result.output


def test_validate_tells_bad_rows_and_where_they_are(tmp_path, region):
    log = written(tmp_path / "log.csv", rows({}, {"lon": "50.7", "lat": "-1.3"}, {"category": "?"}))
    result = run("validate", log, "--region", region, "--rejects", tmp_path / "r.csv")
    assert result.exit_code == 1
    assert "1 rows: lon, lat: swapped coordinates" in result.output
    assert "row 4, category: expected one of C1" in result.output
    assert (tmp_path / "r.csv").exists()


def test_validate_gives_json(tmp_path):
    log = written(tmp_path / "log.csv", rows({}, {"lon": "x"}))
    result = run("validate", log, "--json")
    told = json.loads(result.stdout)
    assert told["rejects"]["first"][0]["field"] == "lon"


def test_a_file_that_is_no_log_is_refused(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("a,b\n1,2\n")
    result = run("validate", log)
    assert result.exit_code == 2
    assert "was without incident_id" in result.output
    assert run("validate", tmp_path / "none.csv").exit_code == 2


FOREIGN = "id,received,lon,lat,cat\n1,01/03/2026 08:00:00,-1.3,50.7,C2\n2,soon,-1.3,50.7,C1\n"


def test_inspect_then_import_brings_a_foreign_log_in(tmp_path, region):
    foreign = tmp_path / "foreign.csv"
    more = "".join(f"{n},13/03/2026 09:00:00,-1.3,50.7,C3\n" for n in range(3, 60))
    foreign.write_text(FOREIGN + more)
    mapping, out = tmp_path / "m.toml", tmp_path / "log.csv"
    inspected = run("inspect", foreign, "--out", mapping, "--region", region)
    assert inspected.exit_code == 0, inspected.output
    assert "1 cannot be used" in inspected.output
    brought = run("import", foreign, "--mapping", mapping, "--out", out, "--region", region)
    assert brought.exit_code == 0, brought.output
    assert "incident count: 58" in brought.output
    assert len(read_log(out).log) == 58
    assert (tmp_path / "log.csv.rejects.csv").exists()


def test_inspect_prints_the_mapping_and_tries_another(tmp_path):
    foreign = tmp_path / "foreign.csv"
    foreign.write_text(FOREIGN)
    assert 'incident_id = "id"' in run("inspect", foreign).output
    mapping = tmp_path / "m.toml"
    mapping.write_text("title = 'x'")
    assert "not complete yet" in run("inspect", foreign, "--mapping", mapping).output


def test_import_gives_json_with_every_count(tmp_path):
    foreign = tmp_path / "foreign.csv"
    more = "".join(f"{n},13/03/2026 09:00:00,-1.3,50.7,C3\n" for n in range(3, 60))
    foreign.write_text(FOREIGN + more)
    mapping = tmp_path / "m.toml"
    run("inspect", foreign, "--out", mapping)
    out = tmp_path / "log.csv"
    told = json.loads(run("import", foreign, "--mapping", mapping, "--out", out, "--json").stdout)
    assert (told["row_count"], told["incident_count"], told["set aside"]) == (59, 58, 1)
    assert told["rejects"]["first"][0]["row"] == 3


def test_an_import_of_which_nothing_can_be_used_fails(tmp_path, region):
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("id,at,lon,lat,cat\na,2026-03-13T09:00:00Z,-79.4,43.7,C2\n")
    mapping = tmp_path / "m.toml"
    run("inspect", foreign, "--out", mapping)
    out = tmp_path / "log.csv"
    result = run("import", foreign, "--mapping", mapping, "--out", out, "--region", region)
    assert result.exit_code == 1
    assert "was no row that can be used" in result.output
    assert "outside the region" in result.output


def test_a_spot_for_the_grid_is_checked(tmp_path):
    foreign = tmp_path / "foreign.csv"
    foreign.write_text(FOREIGN)
    for words in ("here", "-37.8,144.9"):
        result = run("inspect", foreign, f"--near={words}")
        assert result.exit_code == 2
        assert "Expected --near" in result.output


def test_the_bundled_mappings_are_listed():
    assert "san-francisco-units: San Francisco" in run("mappings").output


def test_the_commands_are_light_to_import():
    code = (
        "import sys, benchmarks.call_log.commands\n"
        "heavy = {'numpy', 'duckdb', 'pyarrow', 'scipy', 'pandas'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
