"""What is compared on what, and what one worker does of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from benchmarks.bound_world import WorldBound, world_bound
from benchmarks.call_log.compose import compose
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.read import bounds_of, read_log
from benchmarks.call_log.rejects import Rejects
from benchmarks.call_log.source import open_source
from benchmarks.comparison_sample import Sample, sample_of_run
from benchmarks.forecast_fit import load_forecast
from benchmarks.places import places_of
from benchmarks.replay import replay
from benchmarks.scenario.plan import Plan as Staging
from benchmarks.scenario.plan import planned
from benchmarks.scenario.scenario_file import load_scenario
from benchmarks.simulator.home_trust import home_trusts
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain.demand_model import Forecast
from dispatch.domain.settings import Settings
from dispatch.ports import TravelTimes
from maps.region import Region
from maps.region_file import load_region

DAY_MS: Final = 86_400_000


def followed_journeys(plan: Plan) -> tuple[str, ...]:
    """Return the columns of a plan's log that fix journeys whichever unit makes them.

    Under them policies differ by less than they would on the road.
    """
    if not isinstance(plan.log, str) or not Path(plan.log).is_file():
        return ()
    names = {name.lower() for name in open_source(Path(plan.log), Rejects()).names}
    ignored = set(plan.world.ignored_columns)
    return tuple(name for name in OF_ONE_JOURNEY if name in names and name not in ignored)


class Composed(msgspec.Struct, frozen=True, kw_only=True):
    """A log composed anew for each seed."""

    month: str
    days: int | None = None
    scale: float = 1.0
    incidents_per_day: float | None = None


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """The log of a scenario, drawn anew for each seed, and what else the scenario changes.

    Seed 1 is the scenario's own, seed 2 the next number, and so on. ``days`` shortens the log.
    """

    scenario: str
    days: int | None = None

    @classmethod
    def of(cls, name: str, days: int | None = None) -> Staged:
        """Return what stands for a scenario, so that it is found from any folder."""
        path = Path(name)
        return cls(scenario=str(path.resolve()) if path.is_file() else name, days=days)


OF_ONE_JOURNEY: Final = ("travel_s", "conveyance_s")
"""Columns of a log that say how long journeys took that another policy may not make."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared on what.

    ``region`` is the name of a bundled region or a file; ``log`` a file, the same for each seed,
    or how to compose one for each, or a scenario. ``trusts`` limits the region; ``crews`` and
    ``travel_profile`` are as in `benchmarks.places.places_of`. ``warm_up_h`` is how much of the
    beginning is not counted; None: a day, of a log of a week or more, or of a scenario. With
    ``bound`` the clairvoyant bound is computed for each seed, and everything is counted.
    ``ablate`` names the policy whose terms are switched in turn; ``forecast`` is the file of a
    forecast that is given to every run, for the configurations that use one.
    """

    region: str
    log: str | Composed | Staged
    policies: tuple[Settings, ...]
    seeds: tuple[int, ...]
    world: WorldSettings = WorldSettings()
    trusts: tuple[str, ...] = ()
    warm_up_h: float | None = None
    bound: bool = False
    crews: str | None = None
    travel_profile: str | None = None
    ablate: str | None = None
    forecast: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One policy on one seed of a plan: what one worker does."""

    plan: Plan
    policy: int
    seed: int


def run_job(job: Job) -> Sample:
    """Run one policy on one seed; what a worker does, wherever it is."""
    plan = job.plan
    region, travel = place(plan)
    log, disruptions = _log_of(plan, job.seed), None
    if isinstance(plan.log, Staged):
        staging = _staged(plan, job.seed)
        region, disruptions = replace(region, fleet=staging.fleet), staging.disruptions()
    world = msgspec.structs.replace(plan.world, seed=job.seed)
    settings = plan.policies[job.policy]
    run = replay(
        log,
        region,
        settings,
        world,
        travel=travel,
        disruptions=disruptions,
        forecast=_forecast(plan),
    )
    return sample_of_run(run, job.seed, _warm_up_ms(plan, log))


def run_bound(plan: Plan, seed: int) -> WorldBound:
    """Return the clairvoyant bound of one seed of a plan.

    Raises
    ------
    ValueError
        When the plan is of a scenario: the bound knows nothing of absences and shut doors.
    """
    if isinstance(plan.log, Staged):
        # What a person asked for is at fault, not the type that a caller passed.
        raise ValueError("Expected a log or a month for a bound, was a scenario.")  # noqa: TRY004
    region, travel = place(plan)
    world = msgspec.structs.replace(plan.world, seed=seed)
    return world_bound(_log_of(plan, seed), region, world, travel=travel)


def _forecast(plan: Plan) -> Forecast | None:
    return None if plan.forecast is None else _loaded(plan.forecast, plan.region)


@lru_cache(maxsize=2)
def _loaded(path: str, region: str) -> Forecast:
    return load_forecast(Path(path), load_region(region).name)


def place(plan: Plan) -> tuple[Region, TravelTimes]:
    """Return the region of a plan and its travel times; kept for the next job."""
    return places_of(plan.region, plan.trusts, plan.crews, plan.travel_profile)


def _log_of(plan: Plan, seed: int) -> CallLog:
    if isinstance(plan.log, Staged):
        return _staged(plan, seed).log
    if isinstance(plan.log, Composed):
        return _composed(plan.region, plan.trusts, plan.log, seed)
    return _read(plan.region, plan.trusts, plan.log)


def _staged(plan: Plan, seed: int) -> Staging:
    assert isinstance(plan.log, Staged)
    return _staging(plan.region, plan.trusts, plan.crews, plan.log, seed)


@lru_cache(maxsize=2)
def _staging(
    region_name: str, trusts: tuple[str, ...], crews: str | None, asked: Staged, seed: int
) -> Staging:
    region, _ = places_of(region_name, trusts, crews)
    scenario = load_scenario(asked.scenario)
    drawn = msgspec.structs.replace(scenario, seed=scenario.seed + seed - 1)
    return planned(drawn, region, days=asked.days)


@lru_cache(maxsize=2)
def _composed(region_name: str, trusts: tuple[str, ...], asked: Composed, seed: int) -> CallLog:
    region, _ = places_of(region_name, trusts)
    return compose(
        region,
        asked.month,
        seed,
        days=asked.days,
        scale=asked.scale,
        incidents_per_day=asked.incidents_per_day,
    ).log


@lru_cache(maxsize=2)
def _read(region_name: str, trusts: tuple[str, ...], path: str) -> CallLog:
    whole = load_region(region_name)
    log = read_log(Path(path), bounds=bounds_of(whole)).log
    if not len(log):
        raise ValueError(f"Expected at least one usable incident in {path}, was none.")
    if not trusts:
        return log
    kept = np.isin(np.array(home_trusts(log, whole)), list(trusts))
    if not kept.any():
        raise ValueError(f"Expected incidents of {', '.join(trusts)} in {path}, was none.")
    return log.taken(np.flatnonzero(kept))


def _warm_up_ms(plan: Plan, log: CallLog) -> int:
    if plan.bound:
        # The bound is of every incident.
        return 0
    if plan.warm_up_h is not None:
        return round(plan.warm_up_h * 3_600_000)
    span_ms = int(log.received_at_ms[-1] - log.received_at_ms[0])
    enough = 1.5 if isinstance(plan.log, Staged) else 6.5
    return DAY_MS if span_ms >= enough * DAY_MS else 0
