"""The clairvoyant bound of a simulated world: no policy that runs in it is better."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bound_world import world_bound
from benchmarks.replay import Run, replay
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.domain.category import RANK, reported_as
from dispatch.domain.clock import response_ms
from dispatch.domain.weighing import HarmParameters
from dispatch.engine import settings_named
from dispatch.policies.harm import harm_us, minutes
from tests.benchmarks.towns import a_busy_day, a_call, a_log, a_shift, a_town, a_unit

FLEET = (
    a_unit("A1", 0),
    a_unit("A2", 3, shifts=(a_shift(6, 18),)),
    a_unit("A3", 6),
    a_unit("A4", 2),
    a_unit("R1", 3, kind="RRV"),
)
TOWN = a_town(*FLEET, hospitals=(1, 5))
QUIET = WorldSettings(noise=False)


def means_s(run: Run) -> dict[str, float]:
    of: dict[str, list[int]] = {}
    for record in run.records:
        response = response_ms(record)
        if response is not None:
            of.setdefault(str(reported_as(record.category)), []).append(response)
    return {name: float(np.mean(found)) / 1000 for name, found in of.items()}


def harms(run: Run) -> list[float]:
    weights = HarmParameters()
    waits = [(record, response_ms(record)) for record in run.records]
    return [
        minutes(harm_us(wait, weights.weight_milli(RANK[record.category]), weights.growth_ms))
        for record, wait in waits
        if wait is not None
    ]


def harm(run: Run) -> float:
    return float(np.mean(harms(run)))


@pytest.mark.parametrize("policy", ["b1", "b2", "default"])
@pytest.mark.parametrize("calls", [40, 80])
@pytest.mark.parametrize("handover", list(HandoverModel))
def test_no_policy_is_better_than_the_strict_bound(policy, calls, handover) -> None:
    world = WorldSettings(noise=False, handover=handover)
    log = a_busy_day(calls)
    run = replay(log, TOWN, settings_named(policy), world)
    bound = world_bound(log, TOWN, world)
    assert run.unfinished == 0
    for name, mean_s in means_s(run).items():
        assert bound.categories[name].strict_s <= mean_s
    assert bound.harm_strict <= harm(run)


@pytest.mark.parametrize("seed", range(3))
def test_no_policy_is_better_when_journeys_have_luck(seed: int) -> None:
    world = WorldSettings(seed=seed)
    log = a_busy_day(60, seed=seed)
    bound = world_bound(log, TOWN, world)
    for policy in ("b2", "default"):
        for name, mean_s in means_s(replay(log, TOWN, settings_named(policy), world)).items():
            assert bound.categories[name].strict_s <= mean_s


def test_the_reference_is_above_the_strict_bound_and_counts_every_incident() -> None:
    bound = world_bound(a_busy_day(60), TOWN, QUIET)
    for part in bound.categories.values():
        assert 0 <= part.strict_s <= part.standing_s
    assert bound.harm_strict <= bound.harm_standing
    run = replay(a_busy_day(60), TOWN, settings_named("b2"), QUIET)
    reached = [r for r in run.records if response_ms(r) is not None]
    assert sum(part.incidents for part in bound.categories.values()) == len(reached)


@pytest.mark.parametrize("policy", ["b2", "default"])
def test_a_telephone_job_that_a_crew_saw_is_counted_as_the_run_counts_it(policy: str) -> None:
    seen = {"category": "C5", "outcome": "see_and_treat"}
    log = a_log(
        a_call(0.0, 4, **seen),
        a_call(1.0, 5, "C2", outcome="conveyed_to_ed"),
        a_call(2.0, 2, **seen | {"outcome": "conveyed_to_ed"}),
        a_call(3.0, 1, "C5"),
    )
    run = replay(log, TOWN, settings_named(policy), QUIET)
    bound = world_bound(log, TOWN, QUIET)
    counts: dict[str, int] = {}
    for record in run.records:
        if response_ms(record) is not None:
            name = str(reported_as(record.category))
            counts[name] = counts.get(name, 0) + 1
    assert counts == {"C2": 1, "C4": 2}
    assert {name: part.incidents for name, part in bound.categories.items()} == counts
    for name, mean_s in means_s(run).items():
        assert bound.categories[name].strict_s <= mean_s
    assert len(harms(run)) == sum(counts.values())
    assert bound.harm_strict <= harm(run)


def test_one_call_takes_mobilisation_and_the_way_from_the_nearest_stand() -> None:
    log = a_log(a_call(630, place=4, category="C2", outcome="see_and_treat"))
    bound = world_bound(log, TOWN, QUIET).categories["C2"]
    # In the vehicle 15 s; half an hour is enough to be there, or at the post there, beforehand.
    assert bound.strict_s == bound.standing_s == 15.0


def test_a_journey_that_the_log_brings_takes_its_time_for_everybody() -> None:
    log = a_log(a_call(600, place=4, category="C2", travel_s=500.0, outcome="see_and_treat"))
    assert world_bound(log, TOWN, QUIET).categories["C2"].strict_s == 515.0
