"""The command ``bluelight calibrate check``: given crews in a month of choice."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.calibration.check import SHARES, TIMES, Verdict, is_near
from benchmarks.calibration.commands import app
from benchmarks.calibration.crew_file import CrewCalibration, TrustCalibration, save_crews
from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.search import Pair
from benchmarks.calibration.trial import figures_of
from benchmarks.published import month
from benchmarks.simulator.settings import bay_assumptions

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
        assert told.count(f"| {name} |") == 4  # two months, both together, and the verdict
    assert "| R1F | 2026-03 not used | C1 mean | 7:42 | " in told
    assert "| R1F | 2026-02 fitted | C1 mean | 8:54 | " in told
    assert "| R1F | 2 months | C1 mean | " in told
    verdict = told[told.index("near in 2026-02, 2026-03 together") :]
    assert "| conveyed to an ED | 1 of 1 | 1 of 1 |" in verdict
    for name in ("C2 mean and handover mean", "all shares of handovers", "whole split"):
        assert name in verdict


def test_the_verdict_counts_trusts_and_what_saying_the_fitted_months_again_would_have_done():
    was = {name: 1000.0 for name, _ in TIMES} | {name: 0.3 for name, *_ in SHARES}
    verdict = Verdict()
    verdict.add(was, was, was | {"C2 mean": 1200.0})
    verdict.add(was, was | {"handover mean": 800.0}, None)
    told = "\n".join(verdict.lines("2025-09"))
    assert "| C2 mean | 2 of 2 | 0 of 1 |" in told
    assert "| handover mean | 1 of 2 | 1 of 1 |" in told
    assert "| **C2 mean and handover mean** | 1 of 2 | 0 of 1 |" in told
    assert "| **the whole split of incidents** | 2 of 2 | 1 of 1 |" in told


def test_a_month_that_only_the_bays_were_fitted_to_is_said_to_be_fitted(file):
    fits = bay_assumptions(Path("england")).fits["R1F"].months
    only = next(name for name in fits if name >= "2025-01")
    told = checked(file, "--months", only, "--fitted-bays", "england")
    assert f"| R1F | {only} fitted (bays) | C1 mean | " in told


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
