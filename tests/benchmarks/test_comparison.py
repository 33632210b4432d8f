"""Comparison: common random numbers, paired intervals, guard-rails, one document."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from typer.testing import CliRunner

from benchmarks.call_log.write import write_log
from benchmarks.commands import app
from benchmarks.comparison import Composed, Plan, compare, document
from benchmarks.comparison_plan import followed_journeys
from benchmarks.comparison_rails import rails
from benchmarks.comparison_stats import (
    Change,
    Difference,
    change,
    difference,
    half_width,
    level,
    ratio_half_width,
)
from benchmarks.executors import opened_executor
from benchmarks.report.comparison_report import ComparisonReport
from benchmarks.simulator.settings import world_settings
from dispatch.engine import settings_named
from maps.region_file import save_region
from tests.benchmarks.report.test_run_report import Page
from tests.benchmarks.towns import a_busy_day, a_town, a_unit

CATEGORIES = ("C1", "C2", "C3", "C4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("compare")
    units = (a_unit("A1", 0), a_unit("A2", 3), a_unit("A3", 6), a_unit("R1", 3, kind="RRV"))
    save_region(a_town(*units), here / "town.region")
    write_log(a_busy_day(40), here / "calls.csv")
    return here


def a_plan(folder, *names, seeds=(1, 2, 3), **more):
    return Plan(
        region=str(folder / "town.region"),
        log=str(folder / "calls.csv"),
        policies=tuple(settings_named(name) for name in names or ("b1", "b2")),
        seeds=seeds,
        **more,
    )


@pytest.fixture(scope="module")
def found(folder):
    return compare(a_plan(folder))


# -- statistics ------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_interval_is_students(values):
    expected = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    assert half_width(np.array(values)) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_without_a_change_the_interval_of_the_ratio_is_that_of_the_difference():
    mine, other = np.array([10.0, 12.0, 11.0]), np.array([12.0, 10.0, 11.0])
    expected = 100.0 * half_width(mine - other) / other.mean()
    assert ratio_half_width(mine, other) == pytest.approx(expected)


def test_one_seed_has_no_interval():
    found = difference([np.array([10.0, 20.0])], [np.array([20.0, 40.0])])
    assert (found.mean_pct, found.mean_pct_lower, found.p90_pct_upper) == (-50.0, None, None)


def test_a_policy_does_not_differ_from_itself():
    rows = [np.array([1.0, 2.0, 5.0]), np.array([4.0, 9.0])]
    found = difference(rows, rows)
    assert (found.mean_pct, found.mean_pct_lower, found.mean_pct_upper) == (0.0, 0.0, 0.0)
    assert (found.p90_pct, found.p90_pct_lower, found.p90_pct_upper) == (0.0, 0.0, 0.0)


def test_pairing_takes_away_what_all_policies_share():
    rng = np.random.default_rng(1)
    base = [rng.exponential(scale, 400) for scale in (100, 1000, 3000, 500, 2000)]
    found = difference([0.9 * row for row in base], base)
    assert found.mean_pct == pytest.approx(-10.0)
    assert found.mean_pct_upper == pytest.approx(-10.0)


def test_the_90th_centile_is_that_of_all_seeds_together():
    rows = [np.arange(100.0), np.arange(100.0, 200.0)]
    assert level(rows).p90_s == pytest.approx(np.quantile(np.arange(200.0), 0.9))


def test_a_seed_without_the_group_is_left_out():
    found = difference([np.array([5.0]), np.array([])], [np.array([10.0]), np.array([1.0])])
    assert (found.seeds, found.mean_pct) == (1, -50.0)
    assert difference([np.array([])], [np.array([])]) is None
    assert level([np.array([])]) is None


def test_a_measure_is_compared_in_its_own_unit():
    found = change([8.0, 10.0], [7.0, 7.0])
    assert (found.policy, found.baseline, found.difference) == (9.0, 7.0, 2.0)
    assert found.lower < 2.0 < found.upper


# -- guard-rails -----------------------------------------------------------------------------


def a_difference(mean_pct, half=1.0):
    return Difference(
        seeds=20,
        mean_s=0.0,
        mean_pct=mean_pct,
        mean_pct_lower=mean_pct - half,
        mean_pct_upper=mean_pct + half,
        p90_pct=0.0,
        p90_pct_lower=None,
        p90_pct_upper=None,
    )


def judged(c1=0.0, c3=0.0, c2=0.0, rural=0.0, diversions=(6.0, 6.0), donors=()):
    of_trust = {"C1": a_difference(c1), "C2": a_difference(c2)}
    mine, other = diversions
    moved = Change(policy=mine, baseline=other, difference=mine - other, lower=-1.0, upper=1.0)
    rows = rails(
        {"T1": of_trust, "T0": {"C1": a_difference(-9.0), "C2": a_difference(-9.0)}},
        {"C3": a_difference(c3)},
        a_difference(rural),
        moved,
        frozenset(donors),
    )
    return {rail.name: rail for rail in rows}


def test_no_change_breaks_no_rail():
    assert all(rail.held for rail in judged().values())


def test_a_c1_that_is_shown_to_be_slower_breaks_the_rail_in_the_worst_trust():
    assert judged(c1=0.9)["c1"].held
    broken = judged(c1=1.1)["c1"]
    assert (broken.held, broken.proven, broken.where) == (False, False, "T1")
    assert judged(c1=-1.5)["c1"].proven


def test_too_many_diversions_break_a_rail():
    found = judged(diversions=(8.1, 8.0))
    assert not found["diversions"].held
    assert found["diversion_rise"].held
    assert not judged(diversions=(6.7, 6.0))["diversion_rise"].held


def test_only_donors_are_watched_for_their_own_patients():
    assert judged(c2=3.5)["donor_c2"].held
    assert not judged(c2=3.5, donors=("T1",))["donor_c2"].held
    assert judged(c2=2.5, donors=("T1",))["donor_c2"].where == "T1"


def test_the_rural_tenth_may_lose_five_per_cent_and_no_more():
    assert judged(rural=4.9)["rural_c2"].held
    assert not judged(rural=5.1)["rural_c2"].held


# -- runs ------------------------------------------------------------------------------------


def test_a_policy_under_two_names_is_the_same_policy(folder):
    import msgspec

    twin = msgspec.structs.replace(settings_named("b2"), name="twin")
    plan = a_plan(folder, "b2")
    plan = msgspec.structs.replace(plan, policies=(*plan.policies, twin))
    pair = compare(plan).paired["twin-b2"]
    for category in CATEGORIES:
        assert pair[category].mean_pct == 0.0
        assert pair[category].p90_pct == 0.0


def test_the_baseline_is_the_good_dispatcher_and_else_the_first(folder):
    assert compare(a_plan(folder, "b1", "b2", seeds=(1,))).baseline == "b2"
    import msgspec

    first = msgspec.structs.replace(settings_named("b1"), name="silos")
    second = msgspec.structs.replace(settings_named("b1"), name="aid")
    plan = msgspec.structs.replace(a_plan(folder, seeds=(1,)), policies=(first, second))
    assert list(compare(plan).paired) == ["aid-silos"]


def test_any_executor_gives_the_same_comparison(folder, found):
    with ThreadPoolExecutor(2) as pool:
        again = compare(a_plan(folder), executor=pool)
    assert document(again) == document(found)


def test_the_bound_lies_below_every_policy_and_the_gap_is_shared_out(folder):
    found = compare(a_plan(folder, seeds=(1, 2), bound=True))
    plain = document(found)
    for category in ("C1", "C2"):
        bound = plain["bound"][category]
        assert 0.0 < bound["strict_s"] <= bound["standing_s"]
        for name in ("b1", "b2"):
            assert bound["strict_s"] <= found.policies[name][category].mean_s
        share = plain["gap_closed"]["b1"][category]
        b1, b2 = (found.policies[name][category].mean_s for name in ("b1", "b2"))
        assert share == pytest.approx((b2 - b1) / (b2 - bound["strict_s"]))
    assert plain["bound"]["assumptions"]
    assert "What nobody could beat" in ComparisonReport(found).html()


def test_progress_counts_the_runs(folder):
    heard = []
    compare(a_plan(folder, "b2", seeds=(1, 2)), progress=heard.append)
    assert heard == [1, 2]


def test_the_document_has_the_promised_keys(found):
    plain = json.loads(json.dumps(document(found)))
    pair = plain["paired"]["b1-b2"]
    for category in CATEGORIES:
        for which in ("mean_pct", "p90_pct"):
            assert {which, f"{which}_lower", f"{which}_upper"} <= set(pair[category])
        assert {"mean_s", "p90_s"} <= set(plain["policies"]["b1"][category])
    assert {"trusts", "rural", "measures", "survival"} <= set(pair)
    for rail in plain["guard_rails"]["b1"]:
        assert {"name", "figure", "limit", "held"} <= set(rail)
    assert set(pair["survival"]) == {"De Maio 2003", "O'Keeffe 2011"}


def test_warm_up_is_not_counted(folder, found):
    shorter = compare(a_plan(folder, warm_up_h=12.0))
    whole = found.policies["b2"]["C2"].count
    assert 0 < shorter.policies["b2"]["C2"].count < whole


def test_the_page_of_a_comparison_is_whole_and_self_contained(found):
    page = Page(ComparisonReport(found).html())
    assert page.open == []
    assert page.addresses == []
    assert "script" not in page.tags
    assert "b1 against b2" in " ".join(page.words)


def test_the_page_shows_the_measures_of_each_policy_in_its_own_column(found):
    html = ComparisonReport(found).html()
    head = re.search(r"<th></th><th>(\w+)</th><th>(\w+)</th></tr>", html).groups()
    assert head == ("b2", "b1")
    row = re.search(
        r"<td>minutes of driving per incident seen</td><td>([^<]*)</td><td>([^<]*)", html
    )
    for name, cell in zip(head, row.groups(), strict=True):
        assert cell.startswith(f"{found.policies[name]['measures']['drive_min']:,.2f}")


def test_the_page_of_one_seed_speaks_of_no_intervals(folder):
    html = ComparisonReport(compare(a_plan(folder, seeds=(1,)))).html()
    assert "Response times of one seed: what happened, without intervals" in html
    assert "an arrow goes on" not in html


def test_the_page_says_on_how_few_seeds_it_rests_and_leaves_out_what_was_not_simulated(found):
    words = " ".join(Page(ComparisonReport(found).html()).words)
    assert "Response times of 3 seeds" in words
    assert "From so few seeds the intervals are wide" in words
    assert "where calls are simulated" not in words
    assert "the same" in words


@pytest.mark.parametrize(
    ("names", "seeds", "expected"),
    [
        (("b2", "b2"), (1,), "twice: b2"),
        (("b2",), (1, 1), "Expected each seed once"),
        (("b2",), (), "one policy and one seed, was 1 and 0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(folder, names, seeds, expected):
    with pytest.raises(ValueError, match=expected):
        compare(a_plan(folder, *names, seeds=seeds))


def test_a_cluster_without_dask_is_told_plainly(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ValueError, match="was not installed"),
        opened_executor(1, "tcp://x:1"),
    ):
        pass


@pytest.mark.slow
def test_local_processes_give_the_same_comparison(folder, found):
    with opened_executor(2) as pool:
        again = compare(a_plan(folder), executor=pool)
    assert document(again) == document(found)


def test_the_command_compares_and_writes_a_page(folder):
    told = CliRunner().invoke(
        app,
        [
            *("compare", "--region", str(folder / "town.region"), "--policies", "b1,b2"),
            *("--log", str(folder / "calls.csv"), "--seeds", "2", "--jobs", "1", "--json"),
            *("--report", str(folder / "c.html")),
        ],
    )
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["baseline"] == "b2"
    assert (folder / "c.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_wants_one_source_of_calls(folder):
    told = CliRunner().invoke(app, ["compare", "--region", str(folder / "town.region")])
    assert told.exit_code == 1
    assert "one of --log, --compose and --scenario" in told.output


def test_journeys_that_a_log_fixes_are_named(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("incident_id,received_at,lon,lat,category,travel_s,conveyance_s\n")
    plan = Plan(region="isle-of-wight", log=str(path), policies=(), seeds=(1,))
    assert followed_journeys(plan) == ("travel_s", "conveyance_s")
    world = world_settings(ignored_columns=("travel_s",))
    assert followed_journeys(msgspec.structs.replace(plan, world=world)) == ("conveyance_s",)
    composed = msgspec.structs.replace(plan, log=Composed(month="2026-03"))
    assert followed_journeys(composed) == ()
