"""How fast a replay is: incidents a CPU-second and peak memory, one trust or many."""

from __future__ import annotations

import dataclasses
import resource
import time
from typing import Any, Final

from benchmarks.call_log.compose import compose
from benchmarks.replay import replay, travel_times
from dispatch.engine import settings_named
from maps.region_file import load_region

MONTH: Final = "2026-03"


def bench_replay(
    region: str, *, policy: str, days: int, trusts: list[str] | None, seed: int
) -> dict[str, Any]:
    """Replay composed days and return what they cost.

    A first, short replay compiles and warms what is compiled; it is not counted.

    Returns
    -------
    dict
        ``incidents``, ``cpu_s``, ``incidents_per_cpu_s``, ``day_s`` (CPU-seconds a day),
        ``england_day_s`` (the same, for all trusts of region england), ``peak_mb`` of the process.

    Raises
    ------
    ValueError
        When region, policy or a trust is unknown.
    """
    ground = load_region(region)
    if trusts is not None:
        kept = [unit for unit in ground.fleet if unit.trust in trusts]
        ground = dataclasses.replace(ground, fleet=tuple(kept))
    travel = travel_times(ground)
    settings = settings_named(policy)
    warm = compose(ground, MONTH, seed, trusts=trusts, days=1, scale=0.02).log
    replay(warm, ground, settings, travel=travel)
    log = compose(ground, MONTH, seed, trusts=trusts, days=days).log
    began = time.process_time()
    replay(log, ground, settings, travel=travel)
    cpu_s = time.process_time() - began
    whole_england = region == "england" and trusts is None
    return {
        "region": region,
        "policy": policy,
        "trusts": len(trusts) if trusts else len(ground.trusts),
        "days": days,
        "incidents": len(log),
        "cpu_s": round(cpu_s, 3),
        "incidents_per_cpu_s": round(len(log) / cpu_s, 1),
        "day_s": round(cpu_s / days, 3),
        "england_day_s": round(cpu_s / days, 3) if whole_england else None,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
