"""One patient's story: in local time, with when somebody came and how it ended."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from benchmarks.call_log.write import write_log
from benchmarks.commands import app
from benchmarks.story import local_words, story
from maps.region_file import save_region
from tests.benchmarks.towns import MIDNIGHT, a_call, a_log, a_town, a_unit


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("story")
    save_region(a_town(a_unit("A1", 0), a_unit("A2", 3)), here / "town.region")
    conveyed = a_call(300.0, 1, outcome="conveyed_to_ed")
    calls = (a_call(5.0, 2, outcome="see_and_treat"), a_call(7.0, 4, "C5"), conveyed)
    write_log(a_log(*calls), here / "calls.csv")
    done = say(
        *("replay", str(here / "calls.csv"), "--region", str(here / "town.region")),
        *("--journal", str(here / "town.journal")),
    )
    assert done.exit_code == 0, done.output
    return here


def say(*words):
    return CliRunner().invoke(app, list(words))


def test_a_story_ends_with_the_wait_and_the_outcome(folder):
    last = story(folder / "town.journal", "i0")[-1]
    assert last.words.startswith("A unit was there ")
    assert last.words.endswith("after the report. Outcome: see and treat.")


def test_hospitals_are_told_by_their_names(folder):
    lines = story(folder / "town.journal", "i2")
    (taken,) = [line for line in lines if "takes the patient" in line.words]
    assert "to Hospital 3" in taken.words
    assert taken.considered == ("Hospital 3, 40 min, is chosen.",)


def test_a_story_of_advice_has_no_unit(folder):
    last = story(folder / "town.journal", "i1")[-1]
    assert last.words == "Outcome: hear and treat."


def test_times_are_those_of_the_region(folder):
    whole = say(
        "explain", str(folder / "town.journal"), "i0", "--region", str(folder / "town.region")
    )
    assert whole.exit_code == 0
    assert "Times are those of" not in whole.output
    assert local_words(MIDNIGHT, "America/New_York").startswith("Sat 28 Feb 19:00:00")


def test_where_the_region_is_not_known_the_zone_is_said(folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = say("explain", str(folder / "town.journal"), "i0")
    assert done.exit_code == 0
    assert "Times are those of Europe/London: the region town is not known here" in done.output


def test_a_region_that_was_named_and_is_not_there_is_an_error(folder):
    done = say("explain", str(folder / "town.journal"), "i0", "--region", "nowhere.region")
    assert done.exit_code == 1
    assert "nowhere.region" in done.output


def test_a_page_out_of_a_journal_says_what_it_is_and_what_it_does_not_know(folder):
    page = folder / "again.html"
    done = say(
        *("report", str(folder / "town.journal"), "--region", str(folder / "town.region")),
        *("--report", str(page)),
    )
    assert done.exit_code == 0, done.output
    words = page.read_text(encoding="utf-8")
    assert "In this simulated replay" in words
    assert "were read again out of the journal town.journal" in words
