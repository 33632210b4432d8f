"""How fast a replay is: incidents a CPU-second and peak memory, from one trust to all."""

from __future__ import annotations

import math
import multiprocessing
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from benchmarks.call_log.compose import compose
from benchmarks.call_log.log import CallLog
from benchmarks.places import BUNDLED_CREWS, places_of
from benchmarks.replay import replay
from dispatch.engine import settings_named
from maps.region_file import load_region

MONTH: Final = "2026-03"

STEPS: Final = (1, 2, 4, 8)
"""Numbers of trusts at which growth is measured, before all of them."""

FEW_TRUSTS: Final = 3
"""Regions of so many trusts at most are measured over a month, larger ones over a day."""

RUN_IN_DAYS: Final = 1
"""What a stretch of days that another process ended replays before its own begins: its queues and
its crews on the way are then as if the days had come one after another, but for chance."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is replayed."""

    region: str
    policy: str
    first_day: int = 1
    days: int
    run_in_days: int = 0
    trusts: tuple[str, ...]
    seed: int
    calibrated: bool = False
    travel_profile: str | None = None


def bench_replay(  # noqa: PLR0913 - each is a thing that a person chooses
    region: str,
    *,
    policy: str,
    days: int | None,
    trusts: Sequence[str] | None,
    seed: int,
    calibrated: bool = False,
    travel_profile: str | None = None,
    growth: bool = True,
    jobs: int = 1,
) -> dict[str, Any]:
    """Replay composed days and return what they cost, for all trusts and for some of them.

    Every number of trusts has a process of its own, so that each has its own peak of memory. A
    first, short replay compiles and warms what is compiled; it is not counted. Days may be cut
    into stretches that are replayed side by side; the run-in of a stretch costs time, and its
    incidents are not counted.

    Parameters
    ----------
    region
        A bundled region, or a file.
    policy
        Configuration that decides.
    days
        Days of composed calls; None: a month of few trusts, a day of many.
    trusts
        Codes; None: all.
    seed
        Which calls are composed.
    calibrated
        With the crews that were fitted to published months.
    travel_profile
        File of travel times fitted to journeys.
    growth
        Measure 1, 2, 4 and 8 trusts too, where there are more.
    jobs
        Processes at once, each with a stretch of the days.

    Returns
    -------
    dict
        ``incidents``, ``cpu_s`` of all processes, ``wall_s`` of the slowest,
        ``incidents_per_cpu_s``, ``day_s`` (CPU-seconds a day), ``england_day_s`` (the same, for
        all trusts of region england), ``peak_mb`` of the largest process, ``peak_mb_together``;
        ``growth``: the same of fewer trusts; ``cpu_exponent``: the power of the incidents
        with which CPU time grows (1: linear; None for one size).

    Raises
    ------
    ValueError
        When region, policy or a trust is unknown, or there are more processes than days.
    """
    settings_named(policy)
    codes = [trust.code for trust in load_region(region).trusts]
    wanted = tuple(codes if trusts is None else trusts)
    days = days or (31 if len(wanted) <= FEW_TRUSTS else 1)
    sizes = [n for n in STEPS if n < len(wanted)] if growth else []
    cases = [
        Case(
            region=region,
            policy=policy,
            first_day=first_day,
            days=length,
            run_in_days=min(RUN_IN_DAYS, first_day - 1),
            trusts=wanted[:size],
            seed=seed,
            calibrated=calibrated,
            travel_profile=travel_profile,
        )
        for size in (*sizes, len(wanted))
        for first_day, length in stretches(days, jobs)
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        parts = list(pool.map(measured, cases))
    found = [_together(parts[at : at + jobs], days) for at in range(0, len(parts), jobs)]
    whole = found[-1]
    is_england = region == "england" and set(wanted) == set(codes)
    return {
        "region": region,
        "policy": policy,
        "days": days,
        "jobs": jobs,
        "calibrated": calibrated,
        **whole,
        "england_day_s": whole["day_s"] if is_england else None,
        "growth": found,
        "cpu_exponent": _exponent(found),
    }


def measured(case: Case) -> dict[str, Any]:
    """Replay one case in this process and return what it cost."""
    crews = BUNDLED_CREWS if case.calibrated else None
    ground, travel = places_of(case.region, case.trusts, crews, case.travel_profile)
    settings = settings_named(case.policy)
    warm = compose(ground, MONTH, case.seed, days=1, scale=0.02).log
    replay(warm, ground, settings, travel=travel)
    first_day, days = case.first_day - case.run_in_days, case.days + case.run_in_days
    log = compose(ground, MONTH, case.seed, first_day=first_day, days=days).log
    began, began_wall = time.process_time(), time.perf_counter()
    run = replay(log, ground, settings, travel=travel)
    return {
        "trusts": len(ground.trusts),
        "units": len(ground.fleet),
        "incidents": len(log) - _in_run_in(case, log),
        "run_in_incidents": _in_run_in(case, log),
        "allocations": run.ledger.assignments,
        "cpu_s": time.process_time() - began,
        "wall_s": time.perf_counter() - began_wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _in_run_in(case: Case, log: CallLog) -> int:
    """Return how many incidents of a log come before the days that are counted."""
    if not case.run_in_days:
        return 0
    zone = ZoneInfo(load_region(case.region).timezone)
    day = datetime.strptime(MONTH, "%Y-%m").replace(day=case.first_day, tzinfo=zone)
    return int(np.searchsorted(log.received_at_ms, int(day.timestamp()) * 1000))


def stretches(days: int, jobs: int) -> list[tuple[int, int]]:
    """Cut days into stretches, each its first day (from 1) and length; the first is the longest.

    It has no run-in to replay besides.

    Raises
    ------
    ValueError
        When there are more stretches than days, or none.
    """
    if not 1 <= jobs <= days:
        raise ValueError(f"Expected at least 1 process and at most one a day ({days}), was {jobs}.")
    ends = [(days * number + jobs - 1) // jobs for number in range(jobs + 1)]
    return [(start + 1, end - start) for start, end in pairwise(ends)]


def _together(parts: Sequence[dict[str, Any]], days: int) -> dict[str, Any]:
    """Return what stretches of days cost that were replayed side by side."""
    incidents, cpu_s = sum(p["incidents"] for p in parts), math.fsum(p["cpu_s"] for p in parts)
    return {
        "trusts": parts[0]["trusts"],
        "units": parts[0]["units"],
        "incidents": incidents,
        "run_in_incidents": sum(p["run_in_incidents"] for p in parts),
        "allocations": sum(p["allocations"] for p in parts),
        "cpu_s": round(cpu_s, 3),
        "wall_s": round(max(p["wall_s"] for p in parts), 3),
        "incidents_per_cpu_s": round(incidents / cpu_s, 1),
        "day_s": round(cpu_s / days, 3),
        "peak_mb": round(max(p["peak_mb"] for p in parts), 1),
        "peak_mb_together": round(math.fsum(p["peak_mb"] for p in parts), 1),
    }


def _exponent(found: Sequence[dict[str, Any]]) -> float | None:
    """Return the slope of CPU time over incidents on logarithmic axes, by least squares."""
    if len(found) < 2:
        return None
    x = [math.log(row["incidents"]) for row in found]
    y = [math.log(row["cpu_s"]) for row in found]
    middle_x, middle_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    over = math.fsum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return round(over / math.fsum((a - middle_x) ** 2 for a in x), 3)
