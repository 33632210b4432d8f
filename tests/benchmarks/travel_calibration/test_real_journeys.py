"""Validation on real journeys: stations that were held out, beside simpler models."""

import csv
import gzip
import re
from collections import defaultdict

import numpy as np
import pytest

from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.mapping_file import load_mapping
from benchmarks.call_log.read import read_log
from benchmarks.travel_calibration.journeys import journeys_of, read_stations, routed
from benchmarks.travel_calibration.validation import validated
from maps.geo import LonLat
from maps.region import CrowFlies
from maps.region_file import load_region
from routing.crow_flies import CrowFliesTimes
from routing.engine import travel_times_for

pytestmark = [pytest.mark.needs_data, pytest.mark.slow]


def errors_on(source, mapping, folder, stations, times, measured_from, timezone="Europe/London"):
    bring_in(source, load_mapping(mapping), folder / "log.parquet")
    found, _ = journeys_of(read_log(folder / "log.parquet").log, stations, measured_from)
    journeys, _ = routed(found, times)
    validation = validated(journeys, base=times.version, timezone=timezone)
    return validation, {errors.model: errors.median_abs_s for errors in validation.errors}


@pytest.mark.parametrize(
    ("file", "mapping", "journeys_min", "calibrated_max"),
    [
        ("lfb_london_2024/lfb_2024_first_pump_response.csv.gz", "london-fire-2024", 60_000, 52.0),
        ("lfb_dwelling_fires_2009/fstimes.csv", "london-dwelling-fires-2009", 6_000, 45.0),
    ],
)
def test_london_engines(data_folder, tmp_path, file, mapping, journeys_min, calibrated_max):
    calls = data_folder / "calls"
    stations = read_stations(calls / "lfb_london_2024" / "FireStationInfo_2.csv", ";")
    times = travel_times_for(load_region("england"))
    validation, error = errors_on(calls / file, mapping, tmp_path, stations, times, "received_at")
    assert validation.journeys >= journeys_min
    assert validation.stations >= 95
    assert error["calibrated"] <= calibrated_max
    assert error["calibrated"] < error["constant speed and start"]
    assert error["calibrated"] < 0.6 * error["constant speed"]
    assert error["calibrated"] < 0.7 * error["base"]


def test_san_francisco_engines(data_folder, tmp_path):
    source = data_folder / "calls" / "sf_fire_ems" / "sf_calls_2020-04-07_20.csv.gz"
    stations = stations_in_the_middle(source)
    times = CrowFliesTimes(CrowFlies(45.0, 32.0, 1.3), "san-francisco@0+crow")
    zone = "America/Los_Angeles"
    options = (tmp_path, stations, times, "first_mobile_at", zone)
    validation, error = errors_on(source, "san-francisco-engines", *options)
    assert (validation.stations, validation.journeys) == (44, 2_513)
    assert error["calibrated"] < 0.7 * error["constant speed"]
    assert error["calibrated"] < 0.5 * error["base"]


def stations_in_the_middle(source):
    """Return where stations are about: nobody says, so the middle of the calls of their area."""
    calls = defaultdict(list)
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lat, lon = map(float, re.findall(r"-?\d+\.\d+", row["Location"])[:2])
            calls[row["Station Area"]].append((lon, lat))
    found = {}
    for area, spots in calls.items():
        if area.isdigit():
            middle = LonLat(*np.median(np.array(spots), axis=0).tolist())
            found[f"e{int(area)}"] = found[f"e{int(area):02d}"] = middle
    return found
