"""The command ``bluelight calibrate check``: given crews in a month of choice."""

from datetime import date

import pytest
from typer.testing import CliRunner

from benchmarks.calibration.check import is_near
from benchmarks.calibration.commands import app
from benchmarks.calibration.crew_file import CrewCalibration, TrustCalibration, save_crews
from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.search import Pair
from benchmarks.calibration.trial import figures_of
from benchmarks.published import month

RUN = CliRunner()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("crews") / "crews.toml"
    known = figures_of("2026-02", month("R1F", "2026-02").values)
    trust = TrustCalibration(
        crews=TrustCrews(day=0.83, night=0.83),
        fitted=(Pair(published=known, modelled=known),),
    )
    said = {"region": "isle-of-wight", "made": date(2026, 11, 22), "policy": "b2"}
    save_crews(CrewCalibration(**said, trusts={"R1F": trust}), path)
    return path


def checked(file, *more):
    told = RUN.invoke(app, ["check", str(file), "--incidents", "200", *more])
    assert told.exit_code == 0, told.output
    return told.output


def test_every_figure_is_shown_beside_the_published_one_and_months_say_how_they_were_used(file):
    told = checked(file, "--months", "2026-02:2026-03")
    for name in ("C1 mean", "C2 90th", "handovers over 60 min", "conveyed to an ED"):
        assert told.count(f"| {name} |") == 3  # two months, and both together
    assert "| R1F | 2026-03 not used | C1 mean | 7:42 | " in told
    assert "| R1F | 2026-02 fitted | C1 mean | 8:54 | " in told
    assert "| R1F | 2 months | C1 mean | " in told
    assert "2026-02, 2026-03 together, of 1 trusts: C1 mean " in told


def test_the_same_check_twice_says_the_same_and_another_seed_does_not(file):
    one = checked(file, "--months", "2026-03")
    assert one == checked(file, "--months", "2026-03", "--trusts", "R1F")
    assert one != checked(file, "--months", "2026-03", "--seed", "2")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--months", "1999-01"], "was '1999-01'"),
        (["--months", ""], "at least one month"),
        (["--months", "2026-03", "--trusts", "RYA"], "trusts of R1F, was RYA"),
        (["--months", "2026-03", "--fitted-bays", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_cannot_be_checked_is_told(file, more, expected):
    told = RUN.invoke(app, ["check", str(file), *more])
    assert told.exit_code == 2
    assert expected in told.output


def test_a_time_is_near_within_a_tenth_and_a_share_within_a_tenth_or_two_points():
    assert is_near("C2 mean", 1800.0, 1979.0)
    assert not is_near("C2 mean", 1800.0, 1981.0)
    assert is_near("conveyed elsewhere", 0.01, 0.029)
    assert not is_near("conveyed to an ED", 0.6, 0.67)
