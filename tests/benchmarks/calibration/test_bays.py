"""Bays fitted to published handovers: the compiled queue is the world's, and a fit is a fit."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.calibration.bays import (
    BayMonth,
    at_pressure,
    fit_answer,
    fit_bays,
    hospitals_of,
    published_shape,
    run_bays,
)
from benchmarks.calibration.bays_kernel import handover_ms
from benchmarks.calibration.bays_tasks import month_range, rows_of
from benchmarks.calibration.pressure import REGION_OF_TRUST, Pressure, pressure
from benchmarks.published import month
from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.hospital import HandoverDesk
from benchmarks.simulator.staffed_bays import (
    BayFit,
    BayFits,
    fits_from_json,
    mean_fit,
    staffed_bays,
)
from benchmarks.simulator.streams import Streams
from maps.region_file import load_region

PERIOD = 100

PATIENTS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 3), st.integers(1, 120)),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[0],
)


@settings(max_examples=60, deadline=None)
@given(PATIENTS, st.lists(st.integers(1, 4), min_size=1, max_size=9))
def test_the_compiled_queue_is_the_desk_of_the_simulated_world(patients, bays):
    rows = sorted(patients)
    at, rank, service = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    took = handover_ms(at, rank, service, np.array(bays, np.int64), 0, PERIOD)
    agenda, gone = Agenda(), {}
    now = [0]

    def release(who):
        gone[who] = now[0]

    desk = HandoverDesk(bays[0], agenda, release)
    for i, count in enumerate(bays[1:], start=1):
        agenda.add(i * PERIOD, Turn.TIMER, desk.staff, (i * PERIOD, count))
    for i, (at_ms, of_rank, service_ms) in enumerate(rows):
        agenda.add(
            at_ms,
            Turn.CALL,
            lambda row: desk.arrive(row[0], row[1], row[2], row[3]),
            (at_ms, of_rank, service_ms, str(i)),
        )
    while len(agenda):
        now[0], _, _, step, subject = agenda.pop()
        step(subject)
    assert [gone[str(i)] - row[0] for i, row in enumerate(rows)] == took.tolist()


def test_more_bays_never_make_all_of_them_wait_longer():
    rng = np.random.Generator(np.random.PCG64(3))
    at = np.sort(rng.integers(0, 10_000, 300)).astype(np.int64)
    rank = rng.integers(1, 4, 300).astype(np.int64)
    service = rng.integers(10, 200, 300).astype(np.int64)
    totals = [
        int(handover_ms(at, rank, service, np.array([n], np.int64), 0, PERIOD).sum())
        for n in (1, 2, 4, 300)
    ]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == service.sum()


@pytest.fixture(scope="module")
def england():
    return load_region("england")


@pytest.fixture(scope="module")
def fitted(england):
    months = ("2025-10", "2025-11", "2025-12")
    return fit_bays("RYE", months, england, days=28, evaluations=140)


def test_a_fit_gives_the_months_that_it_was_fitted_on(england, fitted):
    wanted = published_shape("RYE", fitted.months)
    found = run_bays(fitted, "2025-11", england, days=28).modelled
    assert found.mean_min == pytest.approx(wanted.mean_min, rel=0.1)
    assert found.over_15 == pytest.approx(wanted.over_15, rel=0.1)
    assert found.over_30 == pytest.approx(wanted.over_30, rel=0.2)


def test_a_fit_is_the_same_twice(england):
    one = fit_bays("R1F", ("2025-10",), england, days=21, evaluations=40)
    assert one == fit_bays("R1F", ("2025-10",), england, days=21, evaluations=40)


def test_bays_answer_to_pressure_the_worse_it_is_the_fewer(england, fitted):
    months = month_range(["2025-03:2026-02"])
    answered = fit_answer(fitted, months, england, days=21)
    quiet = at_pressure(answered, Pressure(over_4h=0.25, over_12h=0.05))
    full = at_pressure(answered, Pressure(over_4h=0.45, over_12h=0.20))
    assert full.bays_per_load < quiet.bays_per_load
    assert at_pressure(answered, None) == answered
    with pytest.raises(ValueError, match="known pressure"):
        fit_answer(fitted, months[:3], england)


def test_a_trust_without_hospitals_or_months_is_refused(england):
    with pytest.raises(ValueError, match="at least one month"):
        fit_bays("RYE", (), england)
    with pytest.raises(ValueError, match="emergency department"):
        fit_bays("RYE", ("2025-10",), load_region("isle-of-wight"))


def test_every_department_of_england_belongs_to_one_trust(england):
    found = [name for trust in england.trusts for name in hospitals_of(trust.code, england)]
    departments = [site.id for site in england.hospitals if site.emergency_department]
    assert sorted(found) == sorted(departments)


def test_the_pressure_of_every_trust_is_known_and_is_a_share():
    for trust in REGION_OF_TRUST:
        found = pressure(trust, "2026-03")
        assert found is not None
        assert 0.1 < found.over_4h < 0.7
        assert 0.0 <= found.over_12h < 1.0
    assert pressure("RYE", "1999-01") is None


def test_published_shapes_of_months_together_are_weighted_by_their_handovers():
    one, both = published_shape("RYE", ["2026-03"]), published_shape("RYE", ["2026-02", "2026-03"])
    figures = month("RYE", "2026-03")
    assert one.mean_min == pytest.approx(figures.known("A142") / 60, abs=0.01)
    assert one.mean_min < both.mean_min


def test_days_of_one_hospital_are_the_same_in_a_longer_run_and_never_without_a_bay():
    short = staffed_bays("h", 2.0, 0.8, 30, Streams(1))
    assert short.tolist() == staffed_bays("h", 2.0, 0.8, 90, Streams(1))[:30].tolist()
    assert short.min() >= 1
    many = staffed_bays("h", 50.0, 0.0, 60, Streams(1))
    assert set(many.tolist()) == {50}


def test_a_file_of_fits_is_read_and_another_refused():
    fit = BayFit(
        trust="A",
        service_mean_min=15.0,
        service_log_sd=0.5,
        bays_per_load=2.0,
        pressure_log_sd=0.3,
        answer=(0.7, -2.0, -0.1),
    )
    data = msgspec.json.encode(BayFits(fits={"A": fit}))
    assert fits_from_json(data) == {"A": fit}
    with pytest.raises(ValueError, match="file of fitted bays"):
        fits_from_json(b"[]")
    other = msgspec.structs.replace(fit, service_mean_min=25.0)
    assert mean_fit([fit, other]).service_mean_min == 20.0


def test_words_of_months_and_rows_of_the_table():
    assert month_range(["2025-11:2026-01", "2025-11"]) == ["2025-11", "2025-12", "2026-01"]
    with pytest.raises(ValueError, match="was 1999-01"):
        month_range(["1999-01"])
    shape = published_shape("RYE", ["2026-03"])
    rows = rows_of("RYE", "tested", BayMonth(month="2026-03", published=shape, modelled=shape))
    assert rows[1].count("(+0 %)") == 4
