"""The standing comparisons of a scenario: what is always asked of it, as configurations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.comparison import Plan, Staged
from benchmarks.scenario.scenario import Question, Scenario
from benchmarks.simulator.settings import (
    BayAssumptions,
    WorldSettings,
    bay_assumptions,
    care_behaviour,
    world_settings,
)
from dispatch.domain.settings import AidScope, Settings

TITLES: Final[dict[Question, str]] = {
    "mutual-aid": "Silos, mutual aid, one pool",
    "destination": "The nearest hospital, or the least wait",
    "redirection": "Redirection off, and on",
}


def configurations(question: Question, base: Settings) -> tuple[Settings, ...]:
    """Return the configurations that a standing comparison holds against each other.

    The first is the baseline. All other answers are those of ``base``.
    """
    if question == "mutual-aid":
        scopes = {
            "silos": AidScope.SILO,
            "mutual-aid": AidScope.PRICED,
            "one-pool": AidScope.POOLED,
        }
        return tuple(
            msgspec.structs.replace(
                base, name=name, aid=msgspec.structs.replace(base.aid, scope=scope)
            )
            for name, scope in scopes.items()
        )
    if question == "destination":
        return tuple(
            _answering(base, name, convey=policy)
            for name, policy in (("nearest-hospital", "nearest"), ("least-wait", "least_wait"))
        )
    return tuple(
        _answering(base, name, redirect=policy)
        for name, policy in (("redirection-off", "none"), ("redirection-on", "ranked"))
    )


def world_of(question: Question, bays: BayAssumptions | None = None) -> WorldSettings:
    """Return the world in which a question can be answered.

    Where to go matters only where crews queue: bays instead of drawn handover times, and fitted
    ones wherever they are given. Who needs no ambulance matters only where patients are described.
    """
    care = care_behaviour(redirection=True) if question == "redirection" else None
    queues = question == "destination" or bays is not None
    return world_settings(handover="bays" if queues else "drawn", care=care, bays=bays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """On what the questions are put; None: as the scenario or the region says.

    Attributes
    ----------
    policy
        Name or file of the configuration whose other answers all have in common.
    crews
        Calibrated crews, as a plan of a comparison names them.
    bays
        Fitted bays, as `bay_assumptions` takes them.
    jobs
        Processes.
    """

    policy: str = "default"
    seeds: int = 3
    days: int | None = None
    region: str | None = None
    trusts: tuple[str, ...] = ()
    crews: str | None = None
    bays: Path | None = None
    jobs: int = 2


def standing_plan(scenario: Scenario, question: Question, base: Settings, asked: Asked) -> Plan:
    """Return the plan of one standing comparison of a scenario."""
    bays = None if asked.bays is None else bay_assumptions(asked.bays)
    return Plan(
        region=asked.region or scenario.log.region,
        log=Staged.of(scenario.name, asked.days),
        policies=configurations(question, base),
        seeds=tuple(range(1, asked.seeds + 1)),
        world=world_of(question, bays),
        trusts=asked.trusts,
        crews=asked.crews,
    )


def _answering(base: Settings, name: str, **answers: str) -> Settings:
    policies = msgspec.structs.replace(base.policies, **answers)
    return msgspec.structs.replace(base, name=name, policies=policies)
