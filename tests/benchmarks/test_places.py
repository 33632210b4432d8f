"""Region, crews and travel times by the words of a person."""

import json
from datetime import date

import msgspec
import pytest
from typer.testing import CliRunner

from benchmarks.calibration.crew_file import (
    CrewCalibration,
    TrustCalibration,
    load_crews,
    save_crews,
)
from benchmarks.calibration.crews import TrustCrews
from benchmarks.commands import app
from benchmarks.places import BUNDLED_CREWS, Where, crews_of, places_of
from benchmarks.scenario.scenario_file import stamped
from benchmarks.travel_calibration.calibration import content_version, fit
from benchmarks.travel_calibration.profile_file import save_profile
from tests.benchmarks.travel_calibration.worlds import made_journeys

RUN = CliRunner()
SCENARIO = """
checksum = ""
title = "A day"
description = "Nothing is out of the ordinary."
seed = 3

[log]
region = "isle-of-wight"
month = "2026-03"
days = 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("places")
    _, travel = places_of("isle-of-wight")
    calibration = fit(
        made_journeys(2_000, usual_s=700.0), name="slow", base=travel.version, timezone="UTC"
    )
    moved = msgspec.structs.replace(calibration, base=travel.version, version="")
    save_profile(
        msgspec.structs.replace(moved, version=content_version(moved)), found / "slow.toml"
    )
    crews = CrewCalibration(
        region="isle-of-wight",
        made=date(2026, 11, 22),
        policy="b2",
        trusts={"R1F": TrustCalibration(crews=TrustCrews(day=3.0, night=3.0))},
    )
    save_crews(crews, found / "many.toml")
    (found / "day.toml").write_text(stamped(SCENARIO, "day"))
    return found


def replayed(folder, *more):
    words = ["replay", "--scenario", str(folder / "day.toml"), "--json", *map(str, more)]
    told = RUN.invoke(app, words)
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_more_crews_answer_sooner(folder):
    usual, many = replayed(folder), replayed(folder, "--crews", folder / "many.toml")
    assert many["fleet"]["units"] > usual["fleet"]["units"]
    assert c2(many) < c2(usual)
    assert many["versions"]["region"] == usual["versions"]["region"]


def test_bundled_crews_are_taken_by_a_word(folder):
    assert replayed(folder, "--calibrated")["fleet"]["units"] == len(
        places_of("isle-of-wight", (), BUNDLED_CREWS)[0].fleet
    )


def test_journeys_take_as_long_as_the_profile_says(folder):
    usual, slow = replayed(folder), replayed(folder, "--travel-profile", folder / "slow.toml")
    assert "+travel." in slow["versions"]["travel_times"]
    assert "+travel." not in usual["versions"]["travel_times"]
    assert slow["fleet"]["drive_to_scene_h"] > 1.3 * usual["fleet"]["drive_to_scene_h"]


def test_a_journal_on_fitted_times_is_verified_on_these_only(folder):
    journal, profile = folder / "j.jsonl.gz", folder / "slow.toml"
    replayed(folder, "--travel-profile", profile, "--journal", journal)
    told = RUN.invoke(app, ["replay", "--verify", str(journal), "--travel-profile", str(profile)])
    assert told.exit_code == 0, told.output
    other = RUN.invoke(app, ["replay", "--verify", str(journal)])
    assert other.exit_code == 1
    assert "travel" in other.output


def test_a_report_says_whose_crews_and_times_these_are(folder):
    where = Where(None, BUNDLED_CREWS, str(folder / "slow.toml"))
    assert "Crews fitted" in where.notes()[0]
    assert "slow.toml" in where.notes()[1]


def test_one_kind_of_crews_at_a_time(tmp_path):
    with pytest.raises(ValueError, match="was both"):
        crews_of(calibrated=True, crews=tmp_path)
    assert crews_of(calibrated=False, crews=None) is None


def test_the_calibration_of_crews_is_read_back(folder):
    assert load_crews(folder / "many.toml").trusts["R1F"].crews.day == 3.0


def c2(result):
    return result["total"]["responses"]["C2"]["mean_s"]


def test_one_trust_of_england_is_replayed_and_its_journal_opened_again(tmp_path):
    log, journal = tmp_path / "log.csv", tmp_path / "one.jsonl"
    log.write_text(
        "incident_id,received_at,lon,lat,category\n"
        "a,2026-03-01T08:00:00Z,-1.55,53.80,C2\nb,2026-03-01T09:00:00Z,-1.08,53.96,C1\n"
    )
    options = ["--region", "england", "--trusts", "RX8", "--journal", str(journal)]
    done = RUN.invoke(app, ["replay", str(log), *options, "--json"])
    assert done.exit_code == 0, done.output
    again = RUN.invoke(app, ["report", str(journal), "--json"])
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["total"]["incidents"] == 2
