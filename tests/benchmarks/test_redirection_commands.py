"""Replay and compare with redirection and call answering, as a person types it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from benchmarks.call_log.write import write_log
from benchmarks.commands import app
from benchmarks.tasks import settings_of
from maps.region_file import save_region
from tests.benchmarks.simulator.test_redirected import TOWN, a_redirectable_day


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("redirection")
    save_region(TOWN, here / "town.region")
    write_log(a_redirectable_day(), here / "calls.csv")
    return here


def call(folder, *words):
    paths = [w if not w.startswith("@") else str(folder / w[1:]) for w in words]
    return CliRunner().invoke(app, paths)


REPLAY = ("replay", "@calls.csv", "--region", "@town.region", "--policy", "b2+redirect=ranked")


def test_a_replay_tells_what_became_of_patients_and_calls(folder):
    told = call(folder, *REPLAY, "--redirection", "--call-answering")
    assert told.exit_code == 0, told.output
    words = " ".join(told.output.split())
    assert "Services took" in words
    assert "calls were answered after" in words


def test_json_counts_every_incident_once(folder):
    found = json.loads(call(folder, *REPLAY, "--redirection", "--json").stdout)
    ended = sum(found["outcomes"].values())
    assert ended == found["calls"] + found["care"]["second_calls"] - found["refused"]
    assert found["care"]["counts"]["referrals_confirmed"] >= found["outcomes"]["referred"] > 0
    assert found["total"]["indicators"]["A19"] > 0
    assert found["settings"]["policies"]["redirect"] == "ranked"


def test_redirection_is_compared_by_policy_in_one_world(folder):
    told = call(
        folder,
        *("compare", "--log", "@calls.csv", "--region", "@town.region", "--seeds", "2"),
        *("--policies", "b2,b2+redirect=ranked", "--redirection", "--jobs", "1", "--json"),
    )
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    change = found["paired"]["b2+redirect=ranked-b2"]["measures"]["referred"]
    assert change["baseline"] == 0.0
    assert change["policy"] > 0.0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--services", "none.csv"), "--redirection"),
        (("--buddies-after", "60"), "--call-answering"),
        (("--redirection", "--services", "none.csv"), "none.csv"),
        (("--call-answering", "--room-down", "T1:9:6"), "hours that rise"),
        (("--fitted-bays", "none.json"), "none.json"),
    ],
)
def test_mistakes_are_one_line(folder, words, says):
    told = call(folder, *REPLAY, *words)
    assert told.exit_code == 1
    assert says in told.output
    assert "Traceback" not in told.output


def test_a_policy_may_change_one_answer_and_no_unknown_one():
    assert settings_of("default+redirect=none").policies.redirect == "none"
    assert settings_of("default+redirect=none").name == "default+redirect=none"
    with pytest.raises(ValueError, match=r"\+question=policy"):
        settings_of("default+colour=red")
    with pytest.raises(ValueError, match="magic"):
        settings_of("default+redirect=magic")
