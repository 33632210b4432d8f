"""The standing comparisons of a scenario: what is always asked of it, as configurations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from benchmarks.comparison import Plan, Staged
from benchmarks.scenario.scenario import Question, Scenario
from benchmarks.simulator.settings import WorldSettings, care_behaviour, world_settings
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


def world_of(question: Question) -> WorldSettings:
    """Return the world in which a question can be answered.

    Where to go matters only where crews queue: bays instead of drawn handover times. Who needs no
    ambulance matters only where patients are described.
    """
    if question == "destination":
        return world_settings(handover="bays")
    if question == "redirection":
        return world_settings(care=care_behaviour(redirection=True))
    return WorldSettings()


def standing_plan(
    scenario: Scenario,
    question: Question,
    base: Settings,
    *,
    seeds: int,
    region: str | None = None,
    days: int | None = None,
    trusts: Sequence[str] = (),
    crews: str | None = None,
) -> Plan:
    """Return the plan of one standing comparison of a scenario."""
    return Plan(
        region=region or scenario.log.region,
        log=Staged.of(scenario.name, days),
        policies=configurations(question, base),
        seeds=tuple(range(1, seeds + 1)),
        world=world_of(question),
        trusts=tuple(trusts),
        crews=crews,
    )


def _answering(base: Settings, name: str, **answers: str) -> Settings:
    policies = msgspec.structs.replace(base.policies, **answers)
    return msgspec.structs.replace(base, name=name, policies=policies)
