"""The commands ``bluelight calibrate fleet`` and ``show``."""

import pytest
from typer.testing import CliRunner

from benchmarks.calibration.commands import app
from benchmarks.calibration.crew_file import load_crews

RUN = CliRunner()
FLEET = ["fleet", "--region", "isle-of-wight", "--incidents", "200", "--evaluations", "2"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("crews") / "crews.toml"
    months = ["--months", "2026-02", "--test", "2026-03"]
    told = RUN.invoke(app, [*FLEET, *months, "--out", str(path)])
    assert told.exit_code == 0, told.output
    return path


def test_a_trust_is_fitted_and_tested_on_other_months(file):
    found = load_crews(file).trusts["R1F"]
    assert [pair.published.month for pair in found.fitted] == ["2026-02"]
    assert [pair.published.month for pair in found.tested] == ["2026-03"]
    assert found.tested[0].modelled.incidents > 100
    assert 0.3 <= found.crews.day <= 2.0


def test_a_search_that_begins_at_given_crews_tries_them_first(file, tmp_path):
    begun = RUN.invoke(
        app,
        [*FLEET, "--months", "2026-02", "--start", str(file), "--out", str(tmp_path / "x.toml")],
    )
    assert begun.exit_code == 0, begun.output
    crews = load_crews(file).trusts["R1F"].crews
    assert f"day {crews.day:.3f}, cars {crews.cars:.2f}" in begun.output.splitlines()[0]


def test_what_was_found_is_shown_beside_what_was_published(file):
    told = RUN.invoke(app, ["show", str(file)])
    assert told.exit_code == 0
    assert "2026-03 tested" in told.output
    assert "7:42 → " in told.output
    assert "Within a tenth, of 1 trusts: C1 mean " in told.output
    assert told.output.rstrip().endswith("tested.")


def test_a_bundled_calibration_is_shown_by_the_name_of_its_region():
    assert "R1F" in RUN.invoke(app, ["show", "isle-of-wight"]).output


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--months", "2026-02", "--test", "2026-02"], "not fitted, was 2026-02"),
        (["--months", ""], "was 0 and 2"),
        (["--months", "1999-01"], "1999-01"),
        (["--months", "2026-02", "--trusts", "RX9"], "was RX9"),
        (["--months", "2026-02", "--policy", "b9"], "was 'b9'"),
        (["--months", "2026-02", "--start", "atlantis"], "was atlantis"),
    ],
)
def test_what_cannot_be_fitted_is_told(tmp_path, more, expected):
    told = RUN.invoke(app, [*FLEET, *more, "--out", str(tmp_path / "x.toml")])
    assert told.exit_code == 2
    assert expected in told.output


def test_a_file_of_another_policy_is_not_added_to(file):
    months = ["--months", "2026-02", "--policy", "b1"]
    told = RUN.invoke(app, [*FLEET, *months, "--out", str(file)])
    assert told.exit_code == 2
    assert "of isle-of-wight under b1" in told.output
