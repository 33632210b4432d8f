"""The commands: files in, words, JSON, journals and pages out; mistakes in one line."""

import json

import pytest
from typer.testing import CliRunner

from benchmarks.call_log.write import write_log
from benchmarks.commands import app
from maps.region_file import save_region
from tests.benchmarks.towns import a_busy_day, a_town


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("commands")
    save_region(a_town(), here / "town.region")
    write_log(a_busy_day(30), here / "calls.csv")
    return here


def call(folder, *words):
    paths = [w if not w.startswith("@") else str(folder / w[1:]) for w in words]
    return CliRunner().invoke(app, paths)


def test_a_log_is_replayed_into_words_a_journal_and_a_page(folder):
    told = call(
        folder,
        *("replay", "@calls.csv", "--region", "@town.region", "--policy", "b2", "--seed", "3"),
        *("--journal", "@a.jsonl.gz", "--report", "@a.html"),
    )
    assert told.exit_code == 0, told.output
    assert "C2" in told.output
    assert (folder / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    verified = call(folder, "replay", "--verify", "@a.jsonl.gz", "--region", "@town.region")
    assert verified.exit_code == 0
    assert "0 different" in verified.output


def test_json_is_equal_for_equal_runs(folder):
    words = ("replay", "@calls.csv", "--region", "@town.region", "--json")
    first, second = call(folder, *words), call(folder, *words)
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert found["incidents"] == found["calls"] == 30
    assert found["total"]["indicators"]["A7"] <= 30
    assert found["seed"] == 1


def test_noise_can_be_switched_off_and_columns_ignored(folder):
    told = call(
        folder,
        *("replay", "@calls.csv", "--region", "@town.region", "--no-noise", "--json"),
        *("--ignore-column", "outcome", "--handover", "bays"),
    )
    world = json.loads(told.stdout)["world"]
    assert (world["noise"], world["handover"], world["ignored_columns"]) == (
        False,
        "bays",
        ["outcome"],
    )


def test_rows_that_cannot_be_used_are_set_aside_and_counted(folder):
    text = (folder / "calls.csv").read_text(encoding="utf-8").splitlines()
    spoilt = [text[0], text[1].replace("-0.", "-999.").replace("-1.", "-999."), *text[2:]]
    (folder / "bad.csv").write_text("\n".join(spoilt) + "\n", encoding="utf-8")
    told = call(
        folder,
        *("replay", "@bad.csv", "--region", "@town.region", "--rejects", "@out.csv", "--json"),
    )
    found = json.loads(told.stdout)
    assert found["rejects"]["count"] == 1
    assert found["incidents"] == 29
    assert "lon" in (folder / "out.csv").read_text(encoding="utf-8")


def test_a_journal_is_reported_again(folder):
    call(folder, "replay", "@calls.csv", "--region", "@town.region", "--journal", "@b.jsonl")
    told = call(folder, "report", "@b.jsonl", "--region", "@town.region")
    assert told.exit_code == 0, told.output
    assert (folder / "b.html").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("replay",), "Expected a call log or a scenario, or --verify"),
        (("replay", "@nothing.csv", "--region", "@town.region"), "nothing.csv"),
        (("replay", "@calls.csv", "--region", "atlantis"), "atlantis"),
        (("replay", "@calls.csv", "--region", "@town.region", "--policy", "x"), "was 'x'"),
        (("replay", "@calls.csv", "--region", "@town.region", "--month", "1999-01"), "1999-01"),
        (("replay", "@calls.csv", "--region", "@town.region", "--handover", "x"), "drawn, bays"),
        (("replay", "--verify", "@calls.csv", "--region", "@town.region"), "Line 1"),
    ],
)
def test_a_mistake_is_told_in_one_line(folder, words, expected):
    told = call(folder, *words)
    assert told.exit_code == 1
    assert expected in told.output
    assert "Traceback" not in told.output


def test_a_patients_story_is_told(folder):
    call(folder, "replay", "@calls.csv", "--region", "@town.region", "--journal", "@c.jsonl")
    told = call(folder, "explain", "@c.jsonl", "i0")
    assert told.exit_code == 0, told.output
    assert "incident i0 is reported" in told.output
    assert "→ " in told.output
    rows = json.loads(call(folder, "explain", "@c.jsonl", "i0", "--json").stdout)
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)


def test_an_unknown_incident_is_told_with_some_that_are_known(folder):
    call(folder, "replay", "@calls.csv", "--region", "@town.region", "--journal", "@c.jsonl")
    told = call(folder, "explain", "@c.jsonl", "i999")
    assert told.exit_code == 1
    assert "such as" in told.output


def test_a_moment_is_shown_and_drawn(folder):
    call(folder, "replay", "@calls.csv", "--region", "@town.region", "--journal", "@c.jsonl")
    words = ("show", "@c.jsonl", "--region", "@town.region", "--at", "12:00")
    told = call(folder, *words, "--report", "@m.html")
    assert told.exit_code == 0, told.output
    assert "1 March 2026 12:00" in told.output
    assert (folder / "m.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    found = json.loads(call(folder, *words, "--json").stdout)
    assert [unit["id"] for unit in found["units"]] == ["A1", "A2", "A3"]


@pytest.mark.parametrize("asked", ["25:99", "yesterday", "2026-02-30T12:00", "2020-01-01T00:00"])
def test_a_moment_that_is_not_in_the_journal_is_refused(folder, asked):
    call(folder, "replay", "@calls.csv", "--region", "@town.region", "--journal", "@c.jsonl")
    told = call(folder, "show", "@c.jsonl", "--region", "@town.region", "--at", asked)
    assert told.exit_code == 1
    assert "Expected a time" in told.output
