"""Bays fitted to published handovers: a fit is a fit, and says how near it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from benchmarks.calibration.bays import (
    BayMonth,
    Depth,
    fit_bays,
    published_shape,
    run_bays,
    together,
    tolerance,
)
from benchmarks.calibration.bays_months import at_month
from benchmarks.calibration.bays_queue import Queues
from benchmarks.calibration.bays_tasks import (
    calibrate_handover,
    month_range,
    row_of,
    write_fits,
)
from benchmarks.calibration.patients import patients_of
from benchmarks.published import month
from benchmarks.simulator.settings import bay_assumptions
from benchmarks.simulator.staffed_bays import (
    BayFit,
    BayFits,
    fits_from_json,
    mean_fit,
    staffed_bays,
)
from benchmarks.simulator.streams import Streams
from maps.region_file import load_region

MONTHS = ("2025-10", "2025-11", "2025-12")
QUICK = Depth(shape_months=2, handovers=6_000, evaluations=20)
FIT = BayFit(
    trust="A",
    service_mean_min=15.0,
    service_log_sd=0.5,
    bays_per_load=2.0,
    pressure_log_sd=0.3,
    leaves=0.4,
)


@dataclass
class Told:
    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def england():
    return load_region("england")


@pytest.fixture(scope="module")
def fitted(england):
    return fit_bays("R1F", MONTHS, england, QUICK)


def test_a_fit_gives_the_mean_of_a_month_that_it_was_fitted_on(england, fitted):
    found = run_bays(fitted, "2025-11", england, QUICK)
    assert abs(found.errors["mean_min"]) < 0.15
    assert found.modelled.over_15 > found.modelled.over_30 > found.modelled.over_60


def test_a_fit_is_the_same_twice(england, fitted):
    assert fitted == fit_bays("R1F", MONTHS[::-1], england, QUICK)


def test_a_month_of_more_pressure_has_fewer_bays_and_another_one_those_of_the_fit(fitted):
    quiet, full = at_month(fitted, "2025-11"), at_month(fitted, "2026-01")
    assert full.bays_per_load < quiet.bays_per_load
    assert at_month(fitted, "1999-01") == fitted
    means = [mean for mean, _ in fitted.curve]
    assert means == sorted(means)


def test_crews_who_leave_after_45_minutes_wait_no_longer(england):
    queues = Queues(patients_of("R1F", "2026-03", england), 50.0, 1, 10_000)
    stay, leave = (
        queues.shape(msgspec.structs.replace(FIT, bays_per_load=0.8, leaves=share))
        for share in (0.0, 1.0)
    )
    assert stay.over_30 == pytest.approx(leave.over_30)
    assert leave.over_60 < 0.2 * stay.over_60


def test_a_trust_without_hospitals_or_months_is_refused(england):
    with pytest.raises(ValueError, match="at least one month"):
        fit_bays("RYE", (), england)
    with pytest.raises(ValueError, match="emergency department"):
        fit_bays("RYE", ("2025-10",), load_region("isle-of-wight"))


def test_published_shapes_of_months_together_are_weighted_by_their_handovers():
    one, both = published_shape("RYE", ["2026-03"]), published_shape("RYE", ["2026-02", "2026-03"])
    figures = month("RYE", "2026-03")
    assert one.mean_min == pytest.approx(figures.known("A142") / 60, abs=0.01)
    assert one.mean_min < both.mean_min
    months = [
        BayMonth(month=name, published=shape, modelled=shape)
        for name in ("2026-02", "2026-03")
        for shape in [published_shape("RYE", [name])]
    ]
    assert together(months).published.mean_min == pytest.approx(both.mean_min)


def test_a_share_is_near_within_a_tenth_or_two_points():
    assert tolerance(0.5) == pytest.approx(0.05)
    assert tolerance(0.01) == pytest.approx(0.02)
    shape = published_shape("RYE", ["2026-03"])
    off = msgspec.structs.replace(shape, over_15=shape.over_15 * 1.11, over_60=shape.over_60 + 0.01)
    found = BayMonth(month="2026-03", published=shape, modelled=off)
    assert [name for name, near in found.near.items() if not near] == ["over_15"]
    row = row_of("RYE", "tested", found)
    assert row.count("✗") == 1
    assert "(+0 %)" in row


def test_days_of_one_hospital_are_the_same_in_a_longer_run_and_never_without_a_bay():
    short = staffed_bays(("h", None), 2.0, 0.8, 30, Streams(1))
    assert short.tolist() == staffed_bays(("h", None), 2.0, 0.8, 90, Streams(1))[:30].tolist()
    assert short.min() >= 1
    many = staffed_bays(("h", None), 50.0, 0.0, 60, Streams(1))
    assert set(many.tolist()) == {50}


def test_a_hospital_with_a_deviate_of_its_own_has_it_under_every_seed():
    few, more = (
        sum(
            staffed_bays(("h", own), 20.0, 0.5, 600, Streams(seed)).sum().item()
            for seed in range(3)
        )
        for own in (-1.5, 1.5)
    )
    assert more > 1.8 * few


def test_a_file_of_fits_is_read_and_another_refused(tmp_path, fitted):
    write_fits({"R1F": fitted}, tmp_path / "bays.json")
    assert fits_from_json((tmp_path / "bays.json").read_bytes()) == {"R1F": fitted}
    assert fits_from_json(msgspec.json.encode(BayFits(fits={"A": FIT}))) == {"A": FIT}
    with pytest.raises(ValueError, match="file of fitted bays"):
        fits_from_json(b"[]")
    other = msgspec.structs.replace(FIT, service_mean_min=25.0, leaves=0.0)
    assert mean_fit([FIT, other]).service_mean_min == 20.0
    assert mean_fit([FIT, other]).leaves == 0.2
    assert bay_assumptions(tmp_path / "bays.json").fits == {"R1F": fitted}


def test_the_bundled_bays_are_those_of_every_trust_and_of_months_that_are_named(england):
    bundled = bay_assumptions(Path("england")).fits
    assert set(bundled) == {trust.code for trust in england.trusts}
    for fit in bundled.values():
        assert fit.answer is not None
        assert "2025-12" in fit.months
        assert not {"2025-09", "2026-01"} & set(fit.months)  # tested
        assert fit.world is not None
        assert set(fit.world.months) < set(fit.months)
        here = patients_of(fit.trust, fit.months[-1], england).departments
        assert set(fit.hospitals) == {site.id for site, _ in here}
    assert at_month(bundled["RYA"], "2026-01").bays_per_load < bundled["RYA"].bays_per_load


def test_months_are_fitted_and_tested_beside_the_last_months_again(tmp_path):
    told = Told()
    asked = (["2025-10:2025-11"], ["2025-12"], ["R1F"])
    file = tmp_path / "bays.json"
    calibrate_handover("england", asked, file, depth=QUICK, say=told)
    text = "\n".join(told.lines)
    assert "| R1F | 2025-12 tested | 20.1 → " in text
    assert "| R1F | 1 months **tested** | 20.1 → " in text
    assert "single months tested, by the last fitted months" in text
    assert fits_from_json(file.read_bytes())["R1F"].months == ("2025-10", "2025-11")
    with pytest.raises(ValueError, match="not fitted, was 2025-10"):
        calibrate_handover("england", (["2025-10"], ["2025-10"], []), None, depth=QUICK, say=told)


def test_words_of_months():
    assert month_range(["2025-11:2026-01", "2025-11"]) == ["2025-11", "2025-12", "2026-01"]
    with pytest.raises(ValueError, match="was '1999-01'"):
        month_range(["1999-01"])
