"""How fast a replay is: incidents a CPU-second and peak memory, from one trust to all."""

from __future__ import annotations

import math
import multiprocessing
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final

import msgspec

from benchmarks.call_log.compose import compose
from benchmarks.places import BUNDLED_CREWS, places_of
from benchmarks.replay import replay
from dispatch.engine import settings_named
from maps.region_file import load_region

MONTH: Final = "2026-03"

STEPS: Final = (1, 2, 4, 8)
"""Numbers of trusts at which growth is measured, before all of them."""

FEW_TRUSTS: Final = 3
"""Regions of so many trusts at most are measured over a month, larger ones over a day."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is replayed."""

    region: str
    policy: str
    days: int
    trusts: tuple[str, ...]
    seed: int
    calibrated: bool = False
    travel_profile: str | None = None


def bench_replay(
    region: str,
    *,
    policy: str,
    days: int | None,
    trusts: Sequence[str] | None,
    seed: int,
    calibrated: bool = False,
    travel_profile: str | None = None,
    growth: bool = True,
) -> dict[str, Any]:
    """Replay composed days and return what they cost, for all trusts and for some of them.

    Every number of trusts has a process of its own, so that each has its own peak of memory. A
    first, short replay compiles and warms what is compiled; it is not counted.

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

    Returns
    -------
    dict
        ``incidents``, ``cpu_s``, ``incidents_per_cpu_s``, ``day_s`` (CPU-seconds a day),
        ``england_day_s`` (the same, for all trusts of region england), ``peak_mb`` of the process;
        ``growth``: the same of fewer trusts; ``cpu_exponent``: the power of the incidents
        with which CPU time grows (1: linear; None for one size).

    Raises
    ------
    ValueError
        When region, policy or a trust is unknown.
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
            days=days,
            trusts=wanted[:size],
            seed=seed,
            calibrated=calibrated,
            travel_profile=travel_profile,
        )
        for size in (*sizes, len(wanted))
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        found = list(pool.map(measured, cases))
    whole = found[-1]
    is_england = region == "england" and set(wanted) == set(codes)
    return {
        "region": region,
        "policy": policy,
        "days": days,
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
    log = compose(ground, MONTH, case.seed, days=case.days).log
    began = time.process_time()
    run = replay(log, ground, settings, travel=travel)
    cpu_s = time.process_time() - began
    return {
        "trusts": len(ground.trusts),
        "units": len(ground.fleet),
        "incidents": len(log),
        "allocations": run.ledger.assignments,
        "cpu_s": round(cpu_s, 3),
        "incidents_per_cpu_s": round(len(log) / cpu_s, 1),
        "day_s": round(cpu_s / case.days, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
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
