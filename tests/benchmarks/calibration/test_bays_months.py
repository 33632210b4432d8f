"""What a month does to handovers: levels, pressure, and the months nearby."""

from __future__ import annotations

from importlib import resources
from math import exp, log

import msgspec
import pytest

from benchmarks.calibration.bays_months import (
    alone_at_month,
    alone_min,
    at_mean,
    at_month,
    expected_mean_min,
    month_answers,
)
from benchmarks.calibration.hospitals import hospitals_of, own_deviates
from benchmarks.calibration.pressure import Pressure, pressure
from benchmarks.calibration.pressure_build import main, trust_of_provider
from benchmarks.published import month, trusts
from benchmarks.simulator.staffed_bays import BayFit, MonthAnswer, WorldAnswer
from maps.region_file import load_region

CURVED = BayFit(
    trust="A",
    service_mean_min=15.0,
    service_log_sd=0.5,
    bays_per_load=1.0,
    pressure_log_sd=0.3,
    curve=((15.0, 3.0), (20.0, 2.0), (40.0, 1.0)),
)

YEAR = [f"2025-{number:02d}" for number in range(1, 10)]


def mean_of(trust: str, name: str) -> float:
    row = month(trust, name)
    return row.known("A141") / row.known("A140") / 60.0


def test_one_month_is_expected_again_whatever_the_pressure():
    answer = month_answers(["2025-09"])["RYE"]
    for found in (Pressure(over_4h=0.2, over_12h=0.01), Pressure(over_4h=0.6, over_12h=0.3)):
        again = expected_mean_min(answer, "2025-09", found)
        assert again == pytest.approx(mean_of("RYE", "2025-09"), rel=1e-3)


def test_more_pressure_is_a_longer_handover_in_every_trust():
    quiet = Pressure(over_4h=0.30, over_12h=0.05)
    full = Pressure(over_4h=0.50, over_12h=0.20)
    for answer in month_answers(YEAR).values():
        assert expected_mean_min(answer, "2025-10", full) > expected_mean_min(
            answer, "2025-10", quiet
        )


def test_a_fitted_month_is_told_nearly_and_what_was_its_own_fades():
    answers = month_answers(YEAR)
    for trust in trusts():
        answer = answers[trust]
        found = pressure(trust, "2025-09")
        assert found is not None
        told = expected_mean_min(answer, "2025-09", found)
        assert told == pytest.approx(mean_of(trust, "2025-09"), rel=0.08)
        plain = exp(
            answer.level + answer.over_4h * found.over_4h + answer.over_12h * log(found.over_12h)
        )
        far = expected_mean_min(answer, "2040-01", found)
        assert far == pytest.approx(plain, rel=1e-4)


def test_months_that_were_not_fitted_are_told_better_than_by_the_last_months():
    tested = ["2025-10", "2025-11", "2025-12", "2026-01"]
    answers = month_answers(YEAR)
    model, again = 0.0, 0.0
    for trust in trusts():
        last = sum(mean_of(trust, name) for name in YEAR[-3:]) / 3.0
        for name in tested:
            found = pressure(trust, name)
            assert found is not None
            wanted = log(mean_of(trust, name))
            model += (log(expected_mean_min(answers[trust], name, found)) - wanted) ** 2
            again += (log(last) - wanted) ** 2
    assert model < 0.6 * again


def test_months_without_a_known_pressure_are_refused():
    with pytest.raises(ValueError, match="known pressure"):
        month_answers(["1999-01"])


def test_a_mean_has_the_bays_of_its_curve_or_of_its_ends():
    fit = CURVED
    assert at_mean(fit, 20.0).bays_per_load == 2.0
    assert 1.0 < at_mean(fit, 30.0).bays_per_load < 2.0
    assert [at_mean(fit, mean).bays_per_load for mean in (5.0, 500.0)] == [3.0, 1.0]
    with pytest.raises(ValueError, match="with its curve"):
        at_mean(BayFit(**{name: getattr(fit, name) for name in fit.__struct_fields__[:5]}), 20.0)


def test_a_world_has_fewer_bays_than_queues_alone_where_crews_that_wait_bring_nobody():
    answer = MonthAnswer(level=log(30.0), over_4h=0.0, over_12h=0.0)
    world = WorldAnswer(level=log(30.0) - 0.8 * log(36.0), slope=0.8)
    fit = msgspec.structs.replace(CURVED, trust="RYE", answer=answer, world=world)
    assert at_month(fit, "2026-03") == at_mean(fit, 36.0)
    assert alone_at_month(fit, "2026-03") == at_mean(fit, 30.0)
    assert alone_min(fit, 20.0) < 36.0 * 20.0 / 30.0
    plain = msgspec.structs.replace(fit, world=None)
    assert at_month(plain, "2026-03") == alone_at_month(plain, "2026-03")
    assert at_month(fit, "1999-01") == alone_at_month(fit, "1999-01") == fit


def test_the_pressure_of_every_trust_is_known_and_is_a_share():
    for trust in trusts():
        found = pressure(trust, "2026-03")
        assert found is not None
        assert 0.1 < found.over_4h < 0.7
        assert 0.0 <= found.over_12h < 1.0
    assert pressure("RYE", "1999-01") is None


def test_every_department_of_england_belongs_to_one_trust():
    england = load_region("england")
    found = [name for trust in england.trusts for name in hospitals_of(trust.code, england)]
    departments = [site.id for site in england.hospitals if site.emergency_department]
    assert sorted(found) == sorted(departments)
    assert trust_of_provider(england)["R1F"] == "R1F"


def test_hospitals_are_spread_evenly_and_the_worst_has_the_fewest_bays():
    found = own_deviates(hospitals_of("RYA", load_region("england")))
    assert sum(found.values()) == pytest.approx(0.0, abs=1e-3)
    assert found["RXWAS"] == min(found.values())  # Royal Shrewsbury: most 12-hour waits
    assert own_deviates(["St Elsewhere"]) == {"St Elsewhere": 0.0}


def test_the_bundled_pressure_is_that_of_the_published_files(data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.calibration.pressure_build.HERE", tmp_path)
    main(data_folder)
    bundled = resources.files("benchmarks.calibration")
    for name in ("pressure.csv", "pressure_hospitals.csv"):
        wanted = bundled.joinpath(name).read_text(encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == wanted
