"""A rule tried on a journal fires where the engine, with the rule on, has proposed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.halo_trial import try_rule
from benchmarks.journal_file import opened_journal
from benchmarks.replay import replay, travel_times
from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
from benchmarks.simulator.settings import BayAssumptions, HandoverModel, WorldSettings
from dispatch.domain.decision_hospital import ProposeHalo
from dispatch.domain.hospital_settings import HospitalSettings
from dispatch.domain.settings import Settings
from dispatch.domain.trigger_language import RuleError
from dispatch.domain.trigger_rule import TriggerRule
from tests.benchmarks.towns import a_busy_day, a_town, a_unit

RULE = "when waiting_over(20 min) >= 2 for 4 min until waiting = 0 hold 600 min"
TOWN = a_town(*(a_unit(f"A{i}", i) for i in range(7)), hospitals=(3,), bays=1)
WORLD = WorldSettings(
    seed=3,
    handover=HandoverModel.BAYS,
    bays=BayAssumptions(service_mean_min=40.0),
    hospital=HospitalBehaviour(halo=True, confirm_min=0.0, arrive_min=0.0, cohort_patients=1),
)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trial") / "day.jsonl"
    rule = TriggerRule(id="halo", about="hospital", subject="*", text=RULE)
    settings = Settings(hospital=HospitalSettings(halo_rules=(rule,)))
    replay(a_busy_day(60), TOWN, settings, WORLD, journal=path)
    return path


def test_the_first_firing_is_when_the_engine_proposed_to_the_millisecond(journal: Path) -> None:
    with opened_journal(journal) as (_, entries):
        proposed = [
            entry.now_ms
            for entry in entries
            if any(isinstance(decision, ProposeHalo) for decision in entry.decisions)
        ]
    (found,) = try_rule(RULE, journal, TOWN, travel_times(TOWN))
    assert found.hospital == "hospital3"
    assert found.trial.firings[0].at_ms == proposed[0]
    assert found.trial.breaches > 0
    assert 0 < found.trial.breaches_foreseen <= found.trial.breaches


def test_a_rule_that_nothing_meets_never_fires(journal: Path) -> None:
    (found,) = try_rule("when waiting >= 50", journal, TOWN, travel_times(TOWN))
    assert found.trial.firings == ()


def test_what_cannot_be_tried_is_refused(journal: Path) -> None:
    travel = travel_times(TOWN)
    with pytest.raises(RuleError):
        try_rule("when waitin >= 3", journal, TOWN, travel)
    with pytest.raises(ValueError, match="hospitals of the journal"):
        try_rule(RULE, journal, TOWN, travel, ("moon",))
