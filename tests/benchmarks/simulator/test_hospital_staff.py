"""Release at the limit and liaison officers, in the world whose queue for bays emerges."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest

from benchmarks.journal_file import opened_journal
from benchmarks.replay import Run, replay, travel_times
from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
from benchmarks.simulator.settings import (
    BayAssumptions,
    HandoverModel,
    WorldSettings,
    world_settings,
)
from benchmarks.verify import verify
from dispatch.domain import event_hospital as eh
from dispatch.domain.incident import IncidentRecord
from dispatch.engine import settings_named
from maps.region import Region
from tests.benchmarks.towns import MINUTE, a_busy_day, a_town, a_unit

BAYS = BayAssumptions(service_mean_min=55.0)


@cache
def run_of(
    *,
    releases: bool = False,
    halo: bool = False,
    stable: float = 1.0,
    journal: Path | None = None,
) -> Run:
    behaviour = HospitalBehaviour(
        releases=releases, halo=halo, stable_share=stable, confirm_min=1.0, arrive_min=5.0
    )
    world = WorldSettings(
        seed=3, handover=HandoverModel.BAYS, bays=BAYS, hospital=behaviour, drain_h=72.0
    )
    base = settings_named("b2")
    hospital = settings_named("default").hospital
    settings = msgspec.structs.replace(base, hospital=hospital)
    return replay(a_busy_day(70), a_queue(), settings, world, journal=journal)


def a_queue() -> Region:
    """Return a town with one hospital that has one bay."""
    return a_town(*(a_unit(f"A{i}", i) for i in range(7)), hospitals=(3,), bays=1)


def handovers(run: Run) -> list[float]:
    return sorted(_handover_min(r) for r in run.records if r.handed_over_at_ms is not None)


def _handover_min(record: IncidentRecord) -> float:
    assert record.handed_over_at_ms is not None
    assert record.at_hospital_at_ms is not None
    return (record.handed_over_at_ms - record.at_hospital_at_ms) / MINUTE


def test_without_either_a_queue_emerges_and_somebody_waits_beyond_an_hour() -> None:
    assert handovers(run_of())[-1] > 60


def test_crews_are_released_at_45_minutes_and_no_sooner() -> None:
    released = handovers(run_of(releases=True))
    assert 45.0 in released
    before, after = handovers(run_of()), released
    assert sum(max(0, m - 15) for m in after) < sum(max(0, m - 15) for m in before)
    assert sum(m > 45 for m in after) < sum(m > 45 for m in before)


def test_no_patient_who_is_not_stable_is_left() -> None:
    assert handovers(run_of(releases=True, stable=0.0)) == handovers(run_of())


def test_every_incident_ends_whatever_staff_do() -> None:
    runs = (run_of(), run_of(releases=True), run_of(halo=True), run_of(releases=True, halo=True))
    for run in runs:
        assert run.unfinished == 0
        assert {r.incident for r in run.records} == {r.incident for r in runs[0].records}


def test_an_officer_is_confirmed_deployed_and_cohorts_patients(tmp_path: Path) -> None:
    path = tmp_path / "halo.jsonl"
    run_of.__wrapped__(halo=True, journal=path)
    with opened_journal(path) as (_, entries):
        told = [type(entry.event) for entry in entries]
    assert eh.CohortOpened in told
    assert eh.PatientCohorted in told
    # The world stops when every crew has cleared: the last patients may still wait.
    left = told.count(eh.PatientCohorted) - told.count(eh.CohortHandedOver)
    assert 0 <= left <= 4
    found = verify(path, a_queue(), travel_times(a_queue()))
    assert found.different == 0


def test_drawn_handovers_know_no_queue_and_refuse_both() -> None:
    with pytest.raises(ValueError, match="bays"):
        world_settings(hospital=HospitalBehaviour(releases=True))
