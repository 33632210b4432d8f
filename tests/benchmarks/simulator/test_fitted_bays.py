"""Fitted bays in the simulated world: fewer bays, longer waits; released crews leave the queue."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.metrics import measure
from benchmarks.replay import replay
from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
from benchmarks.simulator.settings import (
    BayAssumptions,
    HandoverModel,
    WorldSettings,
    bay_assumptions,
    in_month,
    world_settings,
)
from benchmarks.simulator.staffed_bays import (
    BLOCK_DAYS,
    BayFit,
    BayFits,
    MonthAnswer,
    staffed_bays,
)
from benchmarks.simulator.streams import Streams
from dispatch.engine import settings_named
from tests.benchmarks.towns import a_busy_day, a_town, a_unit

TOWN = a_town(*(a_unit(f"A{i}", i) for i in range(7)), hospitals=(2, 5))
FIT = BayFit(
    trust="T1",
    service_mean_min=40.0,
    service_log_sd=0.4,
    bays_per_load=2.0,
    pressure_log_sd=0.2,
    months=("2026-02",),
)


@cache
def run_of(bays_per_load: float, *, releases: bool = False, **more: float):
    fit = msgspec.structs.replace(FIT, bays_per_load=bays_per_load, **more)
    world = WorldSettings(
        seed=2,
        handover=HandoverModel.BAYS,
        bays=BayAssumptions(fits={"T1": fit}),
        hospital=HospitalBehaviour(releases=releases, stable_share=1.0),
        drain_h=96.0,
    )
    hospital = settings_named("default").hospital
    settings = msgspec.structs.replace(settings_named("b2"), hospital=hospital)
    return replay(a_busy_day(90), TOWN, settings, world)


def mean_min(run) -> float:
    return measure(run).total.handovers.times.mean_s / 60


def test_every_incident_ends_whatever_the_bays_are():
    for bays in (0.5, 2.0):
        run = run_of(bays)
        assert len(run.records) == run.calls
        assert run.unfinished == 0


def test_fewer_bays_for_the_load_are_longer_handovers():
    assert mean_min(run_of(0.5)) > 1.2 * mean_min(run_of(4.0))


def test_room_that_is_made_shortens_handovers_and_crews_who_leave_wait_45_minutes():
    assert mean_min(run_of(0.5, relief=0.5)) < 0.9 * mean_min(run_of(0.5))
    run = run_of(0.5, leaves=1.0)
    assert run.unfinished == 0
    waits = [
        (r.handed_over_at_ms - r.at_hospital_at_ms) / 60_000
        for r in run.records
        if r.handed_over_at_ms is not None and r.at_hospital_at_ms is not None
    ]
    assert sum(wait == 45.0 for wait in waits) > 3


def test_crews_are_released_from_a_queue_for_fitted_bays_at_the_limit():
    run = run_of(0.5, releases=True)
    assert run.unfinished == 0
    waits = [
        (r.handed_over_at_ms - r.at_hospital_at_ms) / 60_000
        for r in run.records
        if r.handed_over_at_ms is not None and r.at_hospital_at_ms is not None
    ]
    released = [wait for wait in waits if 45.0 <= wait < 45.01]
    assert len(released) > 3
    assert measure(run).total.handovers.hours_lost < measure(run_of(0.5)).total.handovers.hours_lost


def test_a_file_of_fits_is_taken_at_the_pressure_of_the_month(tmp_path):
    path = tmp_path / "bays.json"
    answer = MonthAnswer(level=3.2, over_4h=2.0, over_12h=0.1, near=(("2026-02", 0.05),))
    curve = ((15.0, 4.0), (30.0, 1.5), (90.0, 0.8))
    fit = msgspec.structs.replace(FIT, trust="RRU", answer=answer, curve=curve)
    path.write_bytes(msgspec.json.encode(BayFits(fits={"RRU": fit})))
    bays = bay_assumptions(path)
    assert bays.fits["RRU"] == fit
    world = world_settings(handover="bays", bays=bays)
    of_march = in_month(world, "2026-03").bays.fits["RRU"]
    assert of_march.bays_per_load != fit.bays_per_load
    assert in_month(in_month(world, "2025-06"), "2026-03").bays.fits["RRU"] == of_march
    assert bay_assumptions(None) == BayAssumptions()
    with pytest.raises(ValueError, match="handover of bays with fitted bays"):
        world_settings(bays=bays)
    with pytest.raises(ValueError, match="file of fitted bays, or england, was 'nowhere'"):
        bay_assumptions(Path("nowhere"))
    path.write_text("id,lon,lat")
    with pytest.raises(ValueError, match=r"bays\.json: Expected a file of fitted bays"):
        bay_assumptions(path)


def test_a_trust_without_a_fit_has_the_mean_of_the_others():
    fits = {"X": msgspec.structs.replace(FIT, trust="X")}
    world = WorldSettings(handover=HandoverModel.BAYS, bays=BayAssumptions(fits=fits))
    run = replay(a_busy_day(30), TOWN, settings_named("b2"), world)
    assert len(run.records) == 30


def test_a_replay_takes_the_bays_of_its_month_though_nobody_names_it():
    answer = MonthAnswer(level=3.2, over_4h=2.0, over_12h=0.1, near=(("2026-02", 0.05),))
    curve = ((15.0, 4.0), (30.0, 1.5), (90.0, 0.8))
    fit = msgspec.structs.replace(FIT, trust="RRU", answer=answer, curve=curve)
    world = world_settings(handover="bays", bays=BayAssumptions(fits={"T1": fit}))
    run = replay(a_busy_day(5), TOWN, settings_named("b2"), world)
    assert run.world.bays == in_month(world, run.month).bays
    assert run.world.bays.fits["T1"].bays_per_load != fit.bays_per_load


def test_the_days_of_every_four_weeks_are_spread_alike_whatever_the_seed():
    days = [
        staffed_bays(("h", 0.0), 1000.0, 0.5, 6 * 2 * BLOCK_DAYS, Streams(seed))[::6]
        for seed in (1, 2)
    ]
    blocks = [sorted((bays // 2).tolist()) for one in days for bays in one.reshape(2, BLOCK_DAYS)]
    assert all(block == pytest.approx(blocks[0], abs=1) for block in blocks)
    assert days[0].tolist() != days[1].tolist()
    # They follow one another: a good day is seldom followed by a bad one.
    assert all(np.corrcoef(one[:-1], one[1:])[0, 1] > 0.3 for one in days)
