"""Cost of a replay: measured for one trust and for more, and drawn."""

import json

import pytest
from typer.testing import CliRunner

from benchmarks.speed.commands import app
from benchmarks.speed.growth_plot import growth_plot
from benchmarks.speed.replay_bench import bench_replay, stretches

RUN = CliRunner()

GROWTH = [
    {"trusts": n, "incidents": 1000 * n, "cpu_s": 2.0 * n, "peak_mb": 300.0 + n} for n in (1, 2, 4)
]


def test_a_day_of_the_island_is_measured_in_its_own_process(tmp_path):
    plot = tmp_path / "growth.svg"
    words = ["replay", "--days", "1", "--policy", "b2", "--json", "--plot", str(plot)]
    told = RUN.invoke(app, words)
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert found["incidents_per_cpu_s"] == pytest.approx(
        found["incidents"] / found["cpu_s"], rel=0.05
    )
    assert found["peak_mb"] > 50
    assert found["england_day_s"] is None
    assert found["cpu_exponent"] is None
    assert [row["trusts"] for row in found["growth"]] == [1]
    assert plot.read_text().startswith("<svg xmlns=")


def test_growth_is_drawn_with_the_line_of_proportion():
    drawn = growth_plot({"growth": GROWTH, "policy": "b2"})
    assert drawn.count("<circle") == 2 * len(GROWTH)
    assert "in proportion to the first" in drawn


def test_an_unknown_policy_or_trust_is_refused():
    with pytest.raises(ValueError, match="was 'b9'"):
        bench_replay("isle-of-wight", policy="b9", days=1, trusts=None, seed=1)
    told = RUN.invoke(app, ["replay", "--trusts", "RX9", "--days", "1"])
    assert told.exit_code == 2
    assert "RX9" in told.output


@pytest.mark.parametrize(
    ("days", "jobs", "cut"),
    [(31, 2, [(1, 16), (17, 15)]), (3, 3, [(1, 1), (2, 1), (3, 1)]), (1, 1, [(1, 1)])],
)
def test_days_are_cut_into_stretches_that_follow_each_other(days, jobs, cut):
    assert stretches(days, jobs) == cut


def test_two_processes_count_each_day_once():
    asked = {"policy": "b2", "days": 2, "trusts": None, "seed": 1, "growth": False}
    one = bench_replay("isle-of-wight", **asked)
    two = bench_replay("isle-of-wight", **asked, jobs=2)
    assert one["run_in_incidents"] == 0
    assert two["run_in_incidents"] > 20
    # Who called before is not known where a log begins: a repeat or two may fall otherwise.
    assert two["incidents"] == pytest.approx(one["incidents"], rel=0.03)
    assert two["peak_mb_together"] > 1.5 * two["peak_mb"]


def test_more_processes_than_days_are_refused():
    told = RUN.invoke(app, ["replay", "--days", "2", "--jobs", "3"])
    assert told.exit_code == 2
    assert "Expected at least 1 process and at most one a day (2), was 3." in told.output
