"""Redirection in the simulated world: everyone ends once, nobody urgent is redirected."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

from benchmarks.metrics import measure
from benchmarks.reopen import reopened
from benchmarks.replay import Run, replay, travel_times
from benchmarks.simulator.care_behaviour import CareBehaviour, ServiceAssumptions
from benchmarks.simulator.directory import assumed_directory, directory_of
from benchmarks.simulator.redirected import AGAIN
from benchmarks.simulator.settings import WorldSettings
from benchmarks.verify import followed, verify
from dispatch.domain import event_care as care
from dispatch.domain.category import Category, Segment
from dispatch.domain.incident import Outcome
from dispatch.domain.redirection import Protocol, RedirectRules
from dispatch.domain.service_type import ServiceType
from dispatch.domain.settings import Settings
from dispatch.domain.validation import validation_queue
from dispatch.engine import settings_named
from tests.benchmarks.towns import a_log, a_town, a_unit

TOWN = a_town(*(a_unit(f"A{i}", i % 7) for i in range(10)))
COMPLAINTS = ("fall", "trauma", "mental_health", "back_pain", "sick_person", "chest_pain")


def a_redirectable_day(calls: int = 120):
    """Return a day of C2 segments B and C, C3, C4 and C5, with some C1 and C2A between."""
    kinds = (("C3", {}), ("C2", {"segment": "B"}), ("C4", {}), ("C5", {}), ("C1", {}), ("C2", {}))
    ends = ("see_and_treat", "see_and_treat", "conveyed_to_ed")
    rows = []
    for i in range(calls):
        category, more = kinds[i % len(kinds)]
        outcome = "hear_and_treat" if category == "C5" else ends[i % len(ends)]
        rows.append(
            {
                "minute": 8 * 60 + 4 * i,
                "place": i % 7,
                "category": category,
                "outcome": outcome,
                "complaint": COMPLAINTS[i % len(COMPLAINTS)] if i % 5 else "fall",
                "age_years": float(20 + i % 70),
                "caller_id": f"caller {i}",
            }
            | more
        )
    return a_log(*rows)


def a_ranked() -> Settings:
    base = settings_named("b2")
    names = msgspec.structs.replace(base.policies, redirect="ranked")
    return msgspec.structs.replace(base, name="ranked", policies=names)


@cache
def run_of(seed: int = 3, journal: Path | None = None, **behaviour: float) -> Run:
    """Replay with every patient who may be redirected redirectable, and many clinicians."""
    care_ = CareBehaviour(
        is_on=True,
        redirectable={Outcome.SEE_AND_TREAT: 0.8, Outcome.CONVEYED_TO_ED: 0.3},
        **{"clinicians_per_1000_a_day": 100.0, **behaviour},
    )
    world = WorldSettings(seed=seed, care=care_, drain_h=48.0)
    return replay(a_redirectable_day(), TOWN, a_ranked(), world, journal=journal)


@pytest.mark.parametrize("seed", range(6))
def test_every_incident_and_every_second_call_ends_in_exactly_one_record(seed):
    run = run_of(seed)
    assert run.unfinished == 0
    assert len(run.records) == run.calls + run.second_calls - len(run.refused)
    assert len({record.incident for record in run.records}) == len(run.records)
    measures = measure(run)
    assert sum(measures.outcomes.values()) == len(run.records)


def test_patients_are_referred_and_nobody_urgent_is():
    records = [record for seed in range(6) for record in run_of(seed).records]
    referred = [r for r in records if r.outcome is Outcome.REFERRED]
    assert len(referred) > 40
    assert all(r.category is not Category.C1 for r in records if r in referred)
    urgent = [r for r in referred if r.category is Category.C2]
    assert all(r.segment in (Segment.B, Segment.C) for r in urgent)


def test_a_redirected_patient_is_nobody_whom_a_crew_has_reached():
    for record in run_of(1).records:
        if record.outcome is Outcome.REFERRED:
            assert record.units_arrived == 0


def test_some_services_refuse_and_some_give_back_and_both_end_with_an_ambulance():
    counts = Counter[str]()
    for seed in range(6):
        counts += run_of(seed).ledger.care.count
    assert counts["referrals_refused"] > 5
    assert counts["referrals_completed"] > 40
    run = run_of(2, missed_share=1.0, red_flag_share=0.0)
    assert run.ledger.care.count["referrals_returned"] > 0
    assert run.unfinished == 0


def test_a_redirected_patient_may_call_again_and_is_then_no_protocols_case():
    runs = [run_of(seed) for seed in range(6)]
    again = [r for run in runs for r in run.records if r.incident.endswith(AGAIN)]
    assert sum(run.second_calls for run in runs) == len(again) > 0
    assert all(r.outcome in (Outcome.CONVEYED_TO_ED, Outcome.SEE_AND_TREAT) for r in again)


def test_without_the_policy_the_world_with_services_is_the_world_without():
    off = settings_named("b2")
    described = replay(
        a_redirectable_day(), TOWN, off, WorldSettings(care=CareBehaviour(is_on=True))
    )
    alone = replay(a_redirectable_day(), TOWN, off, WorldSettings())
    outcomes = {r.incident: (r.outcome, r.assigned_at_ms) for r in alone.records}
    assert {r.incident: (r.outcome, r.assigned_at_ms) for r in described.records} == outcomes


def test_no_clinician_at_all_leaves_everything_to_ambulances_at_the_breach():
    run = run_of(4, no_reply_share=1.0, ring_again_min=600.0)
    assert run.unfinished == 0
    assert run.ledger.care.count["fail_safe"] > 0
    assert run.ledger.care.count["referrals_by_persons"] == 0


def test_a_protocol_refers_by_itself_and_its_refusals_end_once_too():
    protocol = Protocol(
        name="falls",
        types=(ServiceType.FALLS_RESPONSE_1, ServiceType.FALLS_RESPONSE_2),
        complaints=("fall",),
        switched_on_by="medical director",
    )
    settings = a_ranked()
    care_ = msgspec.structs.replace(settings.care, redirect=(RedirectRules(protocols=(protocol,)),))
    settings = msgspec.structs.replace(settings, care=care_)
    services = ServiceAssumptions(refuse_share=0.5)
    world = WorldSettings(care=CareBehaviour(is_on=True, services=services), drain_h=48.0)
    run = replay(a_redirectable_day(), TOWN, settings, world)
    assert run.ledger.care.count["referrals_by_protocol"] > 3
    assert run.unfinished == 0
    assert len(run.records) == run.calls + run.second_calls


def test_a_run_with_redirection_is_byte_equal_verified_and_opened_again(tmp_path):
    path = tmp_path / "j.jsonl"
    run = run_of(3, path)
    again = run_of(3, tmp_path / "k.jsonl")
    assert path.read_bytes() == (tmp_path / "k.jsonl").read_bytes()
    assert verify(path, TOWN, travel_times(TOWN)).different == 0
    opened = reopened(path, TOWN, travel_times(TOWN))
    assert opened.records == run.records == again.records
    assert opened.ledger.care.reviews == run.ledger.care.reviews
    assert (opened.calls, opened.second_calls) == (run.calls, run.second_calls)


def test_clinicians_take_the_next_breach_first(tmp_path):
    path = tmp_path / "j.jsonl"
    run_of(5, path, clinicians_per_1000_a_day=1.0, no_reply_share=0.0)
    started = []

    def see(entry, dispatcher):
        if isinstance(entry.event, care.ValidationStarted):
            board = dispatcher.state.care
            mine = board.care_of(entry.event.incident).validation
            open_ = [known.validation for known in board.by_incident.rows.values()]
            waiting = validation_queue(v for v in open_ if v is not None)
            started.append((mine.breach_at_ms, [v.breach_at_ms for v in waiting]))

    followed(path, TOWN, travel_times(TOWN), see)
    assert sum(bool(waiting) for _, waiting in started) > 5
    assert all(breach <= min(waiting, default=breach) for breach, waiting in started)


def test_the_assumed_directory_is_the_same_for_one_seed_and_lies_in_the_region():
    one = assumed_directory(TOWN, ServiceAssumptions(), 1)
    assert one == assumed_directory(TOWN, ServiceAssumptions(), 1)
    assert len({service.id for service in one}) == len(one)
    kinds = {service.type for service in one}
    assert {ServiceType.FALLS_RESPONSE_1, ServiceType.URGENT_TREATMENT_CENTRE} <= kinds
    assert all(service.source.startswith("assumed") for service in one)


def test_a_directory_file_is_read_and_an_empty_one_refused(tmp_path):
    path = tmp_path / "services.csv"
    path.write_text("id,name,type,lon,lat\nU,Urgent,urgent_treatment_centre,-0.8,52.0\n")
    found = directory_of(TOWN, ServiceAssumptions(), str(path), 1)
    assert [service.id for service in found.services] == ["U"]
    path.write_text("id,name,type,lon,lat\nU,Urgent,urgent_treatment_centre,,\n")
    with pytest.raises(ValueError, match="usable service"):
        directory_of(TOWN, ServiceAssumptions(), str(path), 1)
