"""Journeys come from logs and stations; what is none is counted."""

import pytest

from benchmarks.travel_calibration.journeys import journeys_of, read_stations, routed
from dispatch.ports import Mode
from maps.geo import LonLat
from tests.benchmarks.call_log.builders import reading_of
from tests.benchmarks.travel_calibration.worlds import crow_times

STATIONS = {"newport": LonLat(-1.30, 50.70)}


def a_journey(minutes=6, **change):
    stamps = {
        "first_mobile_at": "2026-03-01T08:16:00Z",
        "first_on_scene_at": f"2026-03-01T08:{16 + minutes:02d}:00Z",
    }
    return {"observed_from": "Newport ", **stamps} | change


def test_a_journey_is_from_the_station_to_the_scene(tmp_path):
    log = reading_of(tmp_path, a_journey(6), a_journey(7, category="C4")).log
    journeys, left_out = journeys_of(log, STATIONS)
    assert journeys.observed_s.tolist() == [360.0, 420.0]
    assert journeys.origin_lon.tolist() == [-1.30, -1.30]
    assert journeys.lat.tolist() == [50.6994, 50.6994]
    assert journeys.mode.tolist() == [Mode.BLUE_LIGHT, Mode.ORDINARY]
    assert left_out.without_times == left_out.without_station == 0


def test_what_is_no_journey_is_counted(tmp_path):
    log = reading_of(
        tmp_path,
        a_journey(),
        a_journey(first_on_scene_at=""),
        a_journey(observed_from="Atlantis"),
        a_journey(0),
    ).log
    journeys, left_out = journeys_of(log, STATIONS)
    assert len(journeys) == 1
    assert (left_out.without_times, left_out.without_station, left_out.too_short_or_long) == (
        1,
        1,
        1,
    )


def test_the_clock_may_start_at_the_call(tmp_path):
    log = reading_of(tmp_path, a_journey(6)).log
    journeys, _ = journeys_of(log, STATIONS, "received_at")
    assert journeys.observed_s.tolist() == [420.0]
    with pytest.raises(ValueError, match="with observed_from, first_assigned_at"):
        journeys_of(log, STATIONS, "first_assigned_at")
    with pytest.raises(ValueError, match="Expected one of first_mobile_at"):
        journeys_of(log, STATIONS, "clear_at")


def test_journeys_are_routed_by_the_base(tmp_path):
    log = reading_of(tmp_path, a_journey(6), a_journey(6, lon="-1.20")).log
    journeys, _ = journeys_of(log, STATIONS)
    found, off = routed(journeys, crow_times())
    assert off == 0
    assert found.routed_s[1] > 20 * found.routed_s[0] > 0


def test_stations_are_read_by_common_names_of_columns(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("Station name;Longitude;Latitude\nOld  Town;-1.3;50.7\n")
    assert read_stations(path) == read_stations(path, ";") == {"old town": LonLat(-1.3, 50.7)}
    path.write_text("Station;Longitude;Latitude\nOld  Town;-1,3;50,7\n")
    assert read_stations(path) == {"old town": LonLat(-1.3, 50.7)}
    path.write_text("name,lon,lat\nx,east,50\n")
    with pytest.raises(ValueError, match="lon and lat of 'x' as numbers"):
        read_stations(path)
    path.write_text("name,lon\nx,1\n")
    with pytest.raises(ValueError, match="lat or latitude"):
        read_stations(path)
