"""What is compared on what, and what one worker does of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from benchmarks.bound_world import WorldBound, world_bound
from benchmarks.call_log.compose import compose
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.read import bounds_of, read_log
from benchmarks.comparison_sample import Sample, sample_of_run
from benchmarks.region_part import region_of_trusts
from benchmarks.replay import replay, travel_times
from benchmarks.simulator.home_trust import home_trusts
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain.settings import Settings
from dispatch.ports import TravelTimes
from maps.region import Region
from maps.region_file import load_region

DAY_MS: Final = 86_400_000


class Composed(msgspec.Struct, frozen=True, kw_only=True):
    """A log composed anew for each seed."""

    month: str
    days: int | None = None
    scale: float = 1.0
    incidents_per_day: float | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared on what.

    ``region`` is the name of a bundled region or a file; ``log`` a file, the same for each seed,
    or how to compose one for each. ``trusts`` limits the region. ``warm_up_h`` is how much of the
    beginning is not counted; None: a day, of a log of a week or more. With ``bound`` the
    clairvoyant bound is computed for each seed, and everything is counted.
    """

    region: str
    log: str | Composed
    policies: tuple[Settings, ...]
    seeds: tuple[int, ...]
    world: WorldSettings = WorldSettings()
    trusts: tuple[str, ...] = ()
    warm_up_h: float | None = None
    bound: bool = False


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One policy on one seed of a plan: what one worker does."""

    plan: Plan
    policy: int
    seed: int


def run_job(job: Job) -> Sample:
    """Run one policy on one seed; what a worker does, wherever it is."""
    plan = job.plan
    region, travel = place(plan.region, plan.trusts)
    log = _log_of(plan, job.seed)
    world = msgspec.structs.replace(plan.world, seed=job.seed)
    run = replay(log, region, plan.policies[job.policy], world, travel=travel)
    return sample_of_run(run, job.seed, _warm_up_ms(plan, log))


def run_bound(plan: Plan, seed: int) -> WorldBound:
    """Return the clairvoyant bound of one seed of a plan."""
    region, travel = place(plan.region, plan.trusts)
    world = msgspec.structs.replace(plan.world, seed=seed)
    return world_bound(_log_of(plan, seed), region, world, travel=travel)


@lru_cache(maxsize=2)
def place(name: str, trusts: tuple[str, ...]) -> tuple[Region, TravelTimes]:
    """Return the region of a plan and its travel times; kept for the next job."""
    region = load_region(name)
    if trusts:
        region = region_of_trusts(region, trusts)
    return region, travel_times(region)


def _log_of(plan: Plan, seed: int) -> CallLog:
    if isinstance(plan.log, Composed):
        return _composed(plan.region, plan.trusts, plan.log, seed)
    return _read(plan.region, plan.trusts, plan.log)


@lru_cache(maxsize=2)
def _composed(region_name: str, trusts: tuple[str, ...], asked: Composed, seed: int) -> CallLog:
    region, _ = place(region_name, trusts)
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
    return DAY_MS if span_ms >= 6.5 * DAY_MS else 0
