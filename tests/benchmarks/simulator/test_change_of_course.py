from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.journal_file import opened_journal
from benchmarks.replay import replay, travel_times
from benchmarks.simulator.settings import BayAssumptions, HandoverModel, WorldSettings
from benchmarks.verify import verify
from dispatch.domain.decision import Convey
from dispatch.domain.settings import PolicyNames, Settings
from tests.benchmarks.towns import a_busy_day, a_town, a_unit


def test_crews_turn_to_another_hospital_arrive_there_and_the_journal_verifies(
    tmp_path: Path,
) -> None:
    town = a_town(*(a_unit(f"A{i}", i % 7) for i in range(14)), hospitals=(3, 3.4), bays=1)
    settings = Settings(
        name="switching",
        policies=PolicyNames(assign="joint", convey="least_wait"),
        destination_every_s=60,
    )
    world = WorldSettings(
        seed=3,
        handover=HandoverModel.BAYS,
        bays=BayAssumptions(service_mean_min=40.0, service_log_sd=1.0),
    )
    path = tmp_path / "j.jsonl"
    run = replay(a_busy_day(160), town, settings, world, journal=path)
    last: dict[str, str] = {}
    changed = 0
    with opened_journal(path) as (_, entries):
        for entry in entries:
            for decision in entry.decisions:
                if isinstance(decision, Convey):
                    last[decision.incident] = decision.hospital
                    changed += decision.origin is not None
    assert changed > 0
    for record in run.records:
        if record.incident in last and record.at_hospital_at_ms is not None:
            assert record.hospital == last[record.incident]
    assert verify(path, town, travel_times(town)).different == 0
    plain = msgspec.structs.replace(settings, destination_every_s=None)
    assert len(replay(a_busy_day(160), town, plain, world).records) == len(run.records)
