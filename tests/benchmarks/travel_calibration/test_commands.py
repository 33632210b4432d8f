"""The commands ``bluelight travel``: fit, validate, refuse."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.call_log.gathering import instant_text
from benchmarks.travel_calibration.commands import app
from benchmarks.travel_calibration.profile_file import load_profile_file
from maps.region_file import save_region
from tests.benchmarks.call_log.regions import a_region
from tests.benchmarks.travel_calibration.worlds import made_journeys

RUN = CliRunner()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a region, a log of journeys in it, and its stations, as files."""
    folder = tmp_path_factory.mktemp("travel")
    save_region(a_region(), folder / "grid.region")
    journeys = made_journeys(2_000)
    arrived = journeys.started_at_ms + np.rint(journeys.observed_s * 1000).astype(np.int64)
    columns = {
        "incident_id": [f"i{n}" for n in range(len(journeys))],
        "received_at": instant_text(journeys.started_at_ms - 60_000),
        "first_mobile_at": instant_text(journeys.started_at_ms),
        "first_on_scene_at": instant_text(arrived),
        "lon": journeys.lon.tolist(),
        "lat": journeys.lat.tolist(),
        "category": ["C2"] * len(journeys),
        "observed_from": list(journeys.station),
    }
    with (folder / "log.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    homes = set(zip(journeys.station, journeys.origin_lon, journeys.origin_lat, strict=True))
    lines = [f"{name},{lon},{lat}" for name, lon, lat in sorted(homes)]
    (folder / "stations.csv").write_text("\n".join(["name,lon,lat", *lines]) + "\n")
    return folder


def run(command, files, *more):
    options = ["--region", files / "grid.region", "--stations", files / "stations.csv"]
    return RUN.invoke(app, [str(a) for a in (command, files / "log.csv", *options, *more)])


def test_fit_writes_a_profile_residuals_a_map_and_a_page(files):
    targets = ("profile.toml", "residuals.csv", "areas.geojson", "report.html")
    names = ("--out", "--residuals", "--area-map", "--report")
    more = [part for pair in zip(names, (files / t for t in targets), strict=True) for part in pair]
    result = run("fit", files, *more)
    assert result.exit_code == 0, result.output
    assert all((files / target).stat().st_size > 500 for target in targets)
    assert load_profile_file(files / "profile.toml").version in result.output


def test_validate_tells_errors_in_words_and_as_json(files):
    words = run("validate", files)
    assert words.exit_code == 0, words.output
    assert "one constant speed, and a start" in words.output
    told = json.loads(run("validate", files, "--json").stdout)
    error = {row["model"]: row["median_abs_s"] for row in told["errors"]}
    assert error["calibrated"] < error["constant speed"]


def test_a_log_without_the_stamps_is_refused(files):
    result = run("validate", files, "--measured-from", "first_assigned_at")
    assert result.exit_code == 2
    assert "Expected a log with observed_from, first_assigned_at" in result.output
