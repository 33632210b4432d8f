"""Calibrations on disk: what is written is read, and what is not one is refused."""

from datetime import date

import pytest

from benchmarks.calibration.crew_file import (
    CrewCalibration,
    TrustCalibration,
    bundled_crews,
    calibrated,
    load_crews,
    save_crews,
)
from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.search import Pair
from benchmarks.calibration.trial import figures_of
from benchmarks.published import month
from benchmarks.region_part import region_of_trusts
from maps.region_file import load_region
from tests.benchmarks.towns import a_town, a_unit

FIGURES = figures_of("2026-03", month("R1F", "2026-03").values)
PAIR = Pair(published=FIGURES, modelled=FIGURES)
CREWS = TrustCrews(day=0.8, night=0.9, responders=3, without=("A1",), part_time=True)


def a_calibration(**more):
    trust = TrustCalibration(crews=CREWS, fitted=(PAIR,), tested=(PAIR, PAIR))
    said = {"region": "town", "made": date(2026, 11, 22), "policy": "b2", "trusts": {"T1": trust}}
    return CrewCalibration(**said | more)


def test_what_is_written_is_read(tmp_path):
    save_crews(a_calibration(), tmp_path / "a.toml")
    found = load_crews(tmp_path / "a.toml")
    save_crews(found, tmp_path / "b.toml")
    assert (tmp_path / "a.toml").read_bytes() == (tmp_path / "b.toml").read_bytes()
    assert found.trusts["T1"].crews == CREWS
    assert found.trusts["T1"].tested[1].published.c2_mean_s == FIGURES.c2_mean_s


def test_a_calibration_of_another_region_is_refused(tmp_path):
    save_crews(a_calibration(region="city", trusts={}), tmp_path / "a.toml")
    with pytest.raises(ValueError, match="calibration of town, was of city"):
        calibrated(a_town(), tmp_path / "a.toml")


@pytest.mark.parametrize("text", ["", "region = ", "region = 1\nmade = 2026-01-01\npolicy = 'b2'"])
def test_what_is_no_calibration_is_refused(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match="Expected a calibration of crews in"):
        load_crews(path)


def test_a_file_changes_the_fleet(tmp_path):
    save_crews(a_calibration(), tmp_path / "a.toml")
    town = a_town(*(a_unit(f"A{n}", n % 7) for n in range(1, 11)))
    fleet = calibrated(town, tmp_path / "a.toml").fleet
    assert sum(unit.kind == "DCA" for unit in fleet) == 8  # 7 and one on some days


@pytest.mark.parametrize("name", ["england", "isle-of-wight"])
def test_the_bundled_regions_have_calibrations_that_fit_them(name):
    region = load_region(name)
    calibration = bundled_crews(name)
    assert set(calibration.trusts) == {trust.code for trust in region.trusts}
    found = calibrated(region)
    assert found.fleet != region.fleet
    part = region_of_trusts(region, ["R1F"])
    own = [unit for unit in found.fleet if unit.trust == "R1F"]
    assert list(calibrated(part).fleet) == own


def test_bundled_calibrations_were_tested_on_months_that_were_not_fitted():
    for name in ("england", "isle-of-wight"):
        for trust in bundled_crews(name).trusts.values():
            fitted = {pair.published.month for pair in trust.fitted}
            tested = {pair.published.month for pair in trust.tested}
            assert fitted
            assert tested
            assert not fitted & tested


def test_a_region_without_a_calibration_is_told_so():
    with pytest.raises(ValueError, match="was atlantis"):
        bundled_crews("atlantis")
