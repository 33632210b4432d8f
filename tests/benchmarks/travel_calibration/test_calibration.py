"""A calibration finds what is in the journeys, and is used where it belongs."""

import dataclasses

import msgspec
import numpy as np
import pytest

from benchmarks.travel_calibration.calibrated_times import CalibratedTimes
from benchmarks.travel_calibration.calibration import Effects, fit, predicted_s
from benchmarks.travel_calibration.fit_page import calibration_page, shade_of
from benchmarks.travel_calibration.profile_file import load_profile_file, save_profile
from benchmarks.travel_calibration.residuals import (
    Residual,
    residuals,
    write_area_map,
    write_residuals,
)
from benchmarks.travel_calibration.validation import validated
from dispatch.ports import UNREACHABLE_MS, Mode, Position, TravelTimes
from maps.geo import LonLat
from maps.region import CrowFlies
from routing.crow_flies import CrowFliesTimes
from tests.benchmarks.travel_calibration.worlds import BASE, MARCH, crow_times, made_journeys


@pytest.fixture(scope="module")
def slow_east():
    journeys = made_journeys(area_factor=1.25)
    return journeys, fit(journeys, name="made up", base=BASE)


def test_the_curve_is_found():
    journeys = made_journeys(12_000, start_s=60, usual_s=240, power=0.7)
    curve = fit(journeys, name="x", base=BASE).curve
    assert curve.start_s[1] == pytest.approx(60, abs=25)
    # Routed time and distance are the same thing here, so only the sum of powers is known.
    assert curve.routed_power + curve.distance_power == pytest.approx(0.7, abs=0.12)
    way_m = np.array([1_000.0, 2_000.0, 3_000.0])
    found_s = curve.at(way_m * 1.33 / (60 / 3.6), way_m, np.array([1, 1, 1]))
    assert found_s == pytest.approx(60 + 240 * (way_m / 2_000) ** 0.7, rel=0.05)


def test_a_slow_area_is_found(slow_east):
    _, calibration = slow_east
    effects = Effects(calibration)
    rows = effects.area_rows(np.array([-0.4, -0.05]), np.array([51.5, 51.5]))
    zeros = np.zeros(2, dtype=np.int64)
    west, east = effects.factor(rows, zeros, zeros)
    assert 1.12 < east / west < 1.35


def test_a_calibrated_time_is_as_often_too_long_as_too_short(slow_east):
    journeys, calibration = slow_east
    share = np.mean(predicted_s(calibration, journeys) > journeys.observed_s)
    assert share == pytest.approx(0.5, abs=0.02)


def test_held_out_stations_are_predicted_better_than_by_simpler_models():
    found = validated(made_journeys(8_000, area_factor=1.35), base=BASE)
    error = {errors.model: errors.median_abs_s for errors in found.errors}
    assert error["calibrated"] < error["curve"]
    assert error["calibrated"] < error["constant speed and start"]
    assert error["constant speed and start"] < error["constant speed"]
    assert error["base and start"] < error["base"]
    assert (found.stations, found.folds, found.journeys) == (40, 5, 8_000)


def test_too_few_journeys_or_stations_are_refused():
    with pytest.raises(ValueError, match="at least 100 routed journeys, was 60"):
        fit(made_journeys(60), name="x", base=BASE)
    with pytest.raises(ValueError, match="at least 10 stations, was 3"):
        validated(made_journeys(300, stations=3), base=BASE)


def test_a_profile_is_read_as_it_was_written(slow_east, tmp_path):
    _, calibration = slow_east
    path = tmp_path / "profile.toml"
    save_profile(calibration, path)
    assert load_profile_file(path) == calibration
    again = tmp_path / "again.toml"
    save_profile(load_profile_file(path), again)
    assert again.read_bytes() == path.read_bytes()


def test_equal_journeys_give_equal_profiles(slow_east):
    journeys, calibration = slow_east
    assert fit(journeys, name="other name", base=BASE).version == calibration.version


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("usual_s = ", "usual_s = 1"), "it was changed"),
        (("journeys = ", "travels = "), "missing required field"),
        (("name = ", "name := "), "Expected TOML"),
    ],
)
def test_a_changed_profile_is_refused(slow_east, tmp_path, change, message):
    path = tmp_path / "profile.toml"
    save_profile(slow_east[1], path)
    path.write_text(path.read_text().replace(*change, 1))
    with pytest.raises(ValueError, match=message):
        load_profile_file(path)


def positions(times):
    spots = [LonLat(-0.4 + 0.02 * i, 51.5) for i in range(12)]
    return np.array([times.snap(spot) for spot in spots])


def test_calibrated_times_are_travel_times_with_a_version_of_their_own(slow_east):
    base = crow_times()
    times = CalibratedTimes(base, slow_east[1])
    assert isinstance(times, TravelTimes)
    assert times.version == f"{BASE}+travel.{slow_east[1].version[:12]}"
    assert times.lonlat(times.snap(LonLat(-0.3, 51.5))) == base.lonlat(
        base.snap(LonLat(-0.3, 51.5))
    )


def test_all_questions_have_one_answer(slow_east):
    times = CalibratedTimes(crow_times(), slow_east[1])
    spots = positions(times)
    whole = times.matrix_ms(spots, spots, Mode.BLUE_LIGHT, MARCH)
    for i, origin in enumerate(spots):
        assert (times.from_one_ms(origin, spots, Mode.BLUE_LIGHT, MARCH) == whole[i]).all()
        assert (times.to_one_ms(spots, origin, Mode.BLUE_LIGHT, MARCH) == whole[:, i]).all()
    pairs = times.pairs_ms(spots[:-1], spots[1:], Mode.BLUE_LIGHT, MARCH)
    assert (pairs == np.diagonal(whole, 1)).all()
    assert (np.diagonal(whole) == 0).all()
    assert whole.dtype == np.int32


def snapped(times, lon, lat):
    return np.array([times.snap(LonLat(*spot)) for spot in zip(lon, lat, strict=True)])


def test_calibrated_times_are_what_the_calibration_predicts(slow_east):
    journeys, calibration = slow_east
    times = CalibratedTimes(crow_times(), calibration)
    few = journeys.taken(np.arange(50))
    origins = np.array(
        [times.snap(LonLat(*p)) for p in zip(few.origin_lon, few.origin_lat, strict=True)]
    )
    ends = np.array([times.snap(LonLat(*p)) for p in zip(few.lon, few.lat, strict=True)])
    asked = [
        int(times.pairs_ms(origins[i : i + 1], ends[i : i + 1], Mode.BLUE_LIGHT, at)[0]) / 1000
        for i, at in enumerate(few.started_at_ms.tolist())
    ]
    unnamed = dataclasses.replace(few, station=few.station.of([""] * 50))
    assert asked == pytest.approx(predicted_s(calibration, unnamed).tolist(), rel=0.02)


def test_a_mode_without_journeys_keeps_the_bases_times(slow_east):
    base = crow_times()
    times = CalibratedTimes(base, slow_east[1])
    spots = positions(times)
    found = times.matrix_ms(spots, spots, Mode.ORDINARY, MARCH)
    assert (found == base.matrix_ms(spots, spots, Mode.ORDINARY, MARCH)).all()


def test_turning_out_is_no_part_of_driving(slow_east):
    _, calibration = slow_east
    called = msgspec.structs.replace(calibration, measured_from="received_at")
    base = crow_times()
    spots = positions(base)
    with_start, without = (
        CalibratedTimes(base, c).pairs_ms(spots[:1], spots[1:2], Mode.BLUE_LIGHT, MARCH)[0]
        for c in (calibration, called)
    )
    assert with_start - without > 30_000


class Nowhere(CrowFliesTimes):
    """Roads that lead nowhere."""

    def pairs_ms(self, origins, destinations, mode, now_ms):
        found = super().pairs_ms(origins, destinations, mode, now_ms)
        return np.full_like(found, UNREACHABLE_MS)


def test_no_way_stays_no_way(slow_east):
    times = CalibratedTimes(Nowhere(CrowFlies(60.0, 40.0, 1.3), BASE), slow_east[1])
    spots = positions(times)
    assert (times.pairs_ms(spots, spots, Mode.BLUE_LIGHT, MARCH) == UNREACHABLE_MS).all()


def test_a_vehicle_is_on_its_way_and_then_there(slow_east):
    times = CalibratedTimes(crow_times(), slow_east[1])
    start, end = (times.snap(LonLat(lon, 51.5)) for lon in (-0.4, -0.3))
    whole_ms = int(times.pairs_ms(np.array([start]), np.array([end]), Mode.BLUE_LIGHT, MARCH)[0])
    where = [
        times.lonlat(times.after(start, end, Mode.BLUE_LIGHT, MARCH, whole_ms * share // 4)).lon
        for share in range(6)
    ]
    assert where == sorted(where)
    assert where[2] == pytest.approx(-0.35, abs=0.005)
    assert where[4] == where[5] == times.lonlat(Position(end)).lon


def test_another_regions_calibration_is_refused(slow_east):
    with pytest.raises(ValueError, match="Expected a calibration of moon, was of grid"):
        CalibratedTimes(crow_times("moon@1"), slow_east[1])


def test_residuals_are_shown_by_distance_hour_area_and_station(slow_east, tmp_path):
    journeys, calibration = slow_east
    found = residuals(calibration, journeys)
    assert {r.kind for r in found} == {"distance", "hour", "area", "station"}
    by_kind = {k: sum(r.journeys for r in found if r.kind == k) for k in ("distance", "hour")}
    assert by_kind == {"distance": len(journeys), "hour": len(journeys)}
    areas = [r for r in found if r.kind == "area" and r.journeys > 50]
    before = np.mean([abs(np.log(r.curve_ratio)) for r in areas])
    after = np.mean([abs(np.log(r.ratio)) for r in areas])
    assert after < before / 2
    write_residuals(found, tmp_path / "r.csv")
    write_area_map(calibration, tmp_path / "a.geojson")
    squares = msgspec.json.decode((tmp_path / "a.geojson").read_bytes())["features"]
    assert len(squares) == len(calibration.areas)
    assert (
        squares[0]["geometry"]["coordinates"][0][0] == squares[0]["geometry"]["coordinates"][0][4]
    )
    text = calibration_page(calibration, found, validated(journeys, base=BASE))
    assert "the region's own times" in text.replace("&#x27;", "'")
    assert "<td>base</td>" not in text
    assert "<p></p>" not in text
    assert "°, " in text
    assert "<h2>Stations that were held out</h2>" in text
    assert "To stations that it never saw the fit is" in text
    assert "one constant speed, 2 to 3 km" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_square_that_chance_explains_is_pale():
    slow = Residual(
        kind="area", group="0,0", journeys=10, curve_ratio=1.08, ratio=1.0, median_abs_s=9.0
    )
    pale, sure = (
        shade_of(msgspec.structs.replace(slow, journeys=n), noise_sd=0.17) for n in (10, 400)
    )
    assert pale == shade_of(msgspec.structs.replace(slow, curve_ratio=1.0), noise_sd=0.17)
    assert sure != pale
    assert shade_of(msgspec.structs.replace(slow, curve_ratio=1.4), noise_sd=0.17) != pale
