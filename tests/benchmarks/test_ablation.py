from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.ablation import variants
from benchmarks.call_log.write import write_log
from benchmarks.commands import app
from benchmarks.comparison import Plan, compare, document, runs_of
from benchmarks.report.ablation_words import lines
from benchmarks.report.comparison_report import ComparisonReport
from dispatch.domain.settings import AidRules, AidScope
from dispatch.engine import NAMED_SETTINGS, settings_named
from maps.region_file import save_region
from tests.benchmarks.towns import a_busy_day, a_town, a_unit

DEFAULT = settings_named("default")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("ablation")
    save_region(a_town(*(a_unit(f"A{i}", i) for i in (0, 3, 6))), here / "town.region")
    write_log(a_busy_day(40), here / "calls.csv")
    return here


@pytest.fixture(scope="module")
def found(folder):
    plan = Plan(
        region=str(folder / "town.region"),
        log=str(folder / "calls.csv"),
        policies=(settings_named("b2"), DEFAULT),
        seeds=(1, 2, 3),
        ablate="default",
    )
    return compare(plan)


@pytest.mark.parametrize("name", NAMED_SETTINGS)
def test_each_variant_differs_from_its_base_in_one_field_of_one_part(name):
    base = settings_named(name)
    for variant in variants(base, has_forecast=True):
        before, after = msgspec.to_builtins(base), msgspec.to_builtins(variant.settings)
        before.pop("name")
        after.pop("name")
        changed = [key for key in before if before[key] != after[key]]
        assert len(changed) == 1, variant.term
        (part,) = changed
        if isinstance(before[part], dict):
            inner = [k for k in before[part] if before[part][k] != after[part][k]]
            assert len(inner) == 1, variant.term


def test_names_of_variants_tell_what_is_left_out_and_what_is_added():
    names = {variant.term: variant.settings.name for variant in variants(DEFAULT)}
    assert names["look_ahead"] == "default-look_ahead"
    assert names["coverage"] == "default+coverage"
    assert len(set(names.values())) == len(names)


def test_terms_that_a_base_cannot_show_are_left_out():
    terms = {variant.term for variant in variants(settings_named("b2"))}
    assert "joint" in terms
    assert not terms & {"look_ahead", "exchange", "crew", "price", "mutual_aid", "forecast_cover"}
    priced = msgspec.structs.replace(DEFAULT, aid=AidRules(scope=AidScope.PRICED))
    assert {"price", "mutual_aid"} <= {variant.term for variant in variants(priced)}


def test_each_term_is_compared_with_and_without_on_the_same_seeds(found):
    assert found.ablation.base == "default"
    assert {row.term for row in found.ablation.rows} == {v.term for v in variants(DEFAULT)}
    for row in found.ablation.rows:
        assert row.categories["C2"].seeds == 3
        assert row.verdict in {"earns", "costs", "not shown"}
    assert runs_of(found.plan) == 3 * (2 + len(found.ablation.rows))


def test_the_sign_says_what_the_term_brings_whether_it_was_on_or_not(found):
    """The row of a term that is on is the base against the variant, paired."""
    row = next(row for row in found.ablation.rows if row.term == "joint")
    assert row.was_on
    (variant,) = [v for v in variants(DEFAULT) if v.term == "joint"]
    plan = msgspec.structs.replace(found.plan, policies=(variant.settings, DEFAULT), ablate=None)
    pair = compare(plan).paired[f"default-{variant.settings.name}"]
    assert row.categories["C2"] == pair["C2"]


def test_the_document_the_page_and_the_lines_show_every_term(found):
    rows = document(found)["ablation"]["rows"]
    assert [row["term"] for row in rows] == [row.term for row in found.ablation.rows]
    page, text = ComparisonReport(found).html(), "\n".join(lines(found.ablation))
    for row in found.ablation.rows:
        assert row.words in page
        assert row.term in text
    assert np.isfinite(rows[0]["categories"]["C2"]["mean_pct"])


def test_the_command_ablates_a_policy_and_refuses_one_that_is_not_compared(folder):
    command = ["compare", "--region", str(folder / "town.region")]
    command += ["--log", str(folder / "calls.csv"), "--seeds", "2", "--jobs", "1"]
    done = CliRunner().invoke(app, [*command, "--policies", "b2", "--ablate", "b2", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["ablation"]["base"] == "b2"
    wrong = CliRunner().invoke(app, [*command, "--policies", "b2", "--ablate", "default"])
    assert wrong.exit_code == 1
    assert "Expected to ablate a policy of b2, was 'default'." in wrong.output


def test_the_command_leaves_a_column_of_the_log_unread(folder):
    command = ["compare", "--region", str(folder / "town.region"), "--policies", "b2", "--json"]
    command += ["--log", str(folder / "calls.csv"), "--seeds", "1", "--jobs", "1"]
    done = CliRunner().invoke(app, [*command, "--ignore-column", "destination"])
    assert done.exit_code == 0, done.output
    world = json.loads(done.stdout)["plan"]["world"]
    assert world["ignored_columns"] == ["destination"]
