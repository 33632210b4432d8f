"""For notebooks and scripts: load a log, replay it, compare policies; results show themselves."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import comparison
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.read import bounds_of, read_log
from benchmarks.call_log.write import write_log
from benchmarks.comparison import Comparison, Composed, Plan, Staged
from benchmarks.executors import opened_executor
from benchmarks.places import BUNDLED_CREWS, places_of
from benchmarks.replay import Run, replay
from benchmarks.simulator.settings import world_settings
from benchmarks.tasks import settings_of
from dispatch.domain.settings import Settings
from maps.region_file import load_region

_MONTH = re.compile(r"\d{4}-\d{2}")


def load_log(path: str | Path, *, region: str = "isle-of-wight") -> CallLog:
    """Return the call log of a file: CSV, JSON or Parquet.

    Rows that cannot be used are left out; `bluelight calls inspect` says which. In a notebook the
    log shows what it holds; ``to_pandas()`` and ``to_polars()`` give frames.

    Raises
    ------
    ValueError
        When no row can be used.
    """
    reading = read_log(Path(path), bounds=bounds_of(load_region(region)))
    if not len(reading.log):
        raise ValueError(f"Expected at least one usable incident in {path}, was none.")
    return reading.log


def replay_log(
    log: CallLog | str | Path,
    *,
    region: str = "isle-of-wight",
    policy: str | Settings = "b2",
    seed: int = 1,
    calibrated: bool = False,
    handover: str = "drawn",
) -> Run:
    """Return the run of a log under one policy.

    Parameters
    ----------
    log
        A log, or its file.
    region
        Name of a bundled region, or its file.
    policy
        Name, JSON file, or a configuration.
    seed
        Of the simulated world.
    calibrated
        With the crews that were fitted to published months.
    handover
        Handover times: ``drawn``, or from a queue for ``bays``.

    Raises
    ------
    ValueError
        When one of these is not known, or nothing can be replayed.
    """
    place, travel = places_of(region, (), BUNDLED_CREWS if calibrated else None)
    calls = log if isinstance(log, CallLog) else load_log(log, region=region)
    world = world_settings(seed=seed, handover=handover)
    return replay(calls, place, _settings(policy), world, travel=travel)


def compare(  # noqa: PLR0913 - each is a thing that a person chooses
    log: CallLog | Plan | str | Path,
    *,
    region: str | None = None,
    policies: Sequence[str | Settings] = ("b2", "default"),
    seeds: int = 5,
    trusts: Sequence[str] = (),
    days: int | None = None,
    scale: float = 1.0,
    calibrated: bool = False,
    handover: str = "drawn",
    jobs: int = 1,
) -> Comparison:
    """Return policies compared on the same calls, seed by seed, with 95 % intervals.

    Parameters
    ----------
    log
        A log, its file, a month to compose anew for each seed (``2026-03``), the name of a
        scenario, or a whole `Plan`, for which everything else but ``jobs`` is ignored.
    region
        Name of a bundled region, or its file; None: the island, or the scenario's own.
    policies
        Names, JSON files, or configurations; the baseline is b2 when it is among them.
    seeds
        How many.
    trusts
        Codes to which the region is limited; none: all.
    days, scale
        Of a composed log: only the first days, and times the volume.
    calibrated
        With the crews that were fitted to published months.
    handover
        Handover times: ``drawn``, or from a queue for ``bays``.
    jobs
        Local processes.

    Raises
    ------
    ValueError
        When one of these is not known, or nothing can be compared.
    """
    if isinstance(log, Plan):
        return _compared(log, jobs)
    with _as_source(log, days, scale) as (source, home):
        plan = Plan(
            region=region or home,
            log=source,
            policies=tuple(map(_settings, policies)),
            seeds=tuple(range(1, seeds + 1)),
            world=world_settings(handover=handover),
            trusts=tuple(trusts),
            crews=BUNDLED_CREWS if calibrated else None,
        )
        return _compared(plan, jobs)


def _compared(plan: Plan, jobs: int) -> Comparison:
    with opened_executor(min(jobs, comparison.runs_of(plan))) as executor:
        return comparison.compare(plan, executor=executor)


def _settings(policy: str | Settings) -> Settings:
    return policy if isinstance(policy, Settings) else settings_of(policy)


@contextmanager
def _as_source(log: CallLog | str | Path, days: int | None, scale: float) -> Iterator[Any]:
    """Give what a plan takes for a log, and the region that it belongs to."""
    home = "isle-of-wight"
    if isinstance(log, CallLog):
        with tempfile.TemporaryDirectory(prefix="bluelight-") as folder:
            path = Path(folder) / "log.parquet"
            write_log(log, path)
            yield str(path), home
    elif _MONTH.fullmatch(str(log)):
        yield Composed(month=str(log), days=days, scale=scale), home
    elif Path(log).suffix in ("", ".toml"):
        from benchmarks.scenario.scenario_file import load_scenario

        yield Staged.of(str(log), days), load_scenario(log).log.region
    else:
        yield str(Path(log).resolve()), home
