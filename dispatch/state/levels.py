"""The configuration under the levels in force: named sets laid over a base, and taken off again."""

from __future__ import annotations

from typing import Final

import msgspec

from dispatch.domain.escalation import LevelLog, LevelPlan, Scheme, check_plans, configured
from dispatch.domain.ids import TrustCode
from dispatch.domain.settings import Settings

_POLICIES: Final = "policies."


def effective(base: Settings, levels: LevelLog) -> Settings:
    """Return the configuration under the levels in force.

    What a plan says of ``policies`` holds for the trust whose level it is, through
    ``trust_policies``; anything else holds for the whole control room. The base is not changed,
    so that going down takes off what a higher level has laid on.

    Raises
    ------
    ValueError
        When a plan names a setting that does not exist, or a value that it cannot take.
    """
    result = base
    subjects = sorted({(change.scheme, change.subject) for change in levels.changes})
    for scheme, subject in subjects:
        mine = [plan for plan in base.escalation.plans if plan.scheme is scheme]
        result = configured(
            result, levels, subject, [_part(plan, of_policies=False) for plan in mine]
        )
        if scheme is Scheme.OPEL:
            continue
        names = result.policies_of(TrustCode(subject))
        changed = configured(names, levels, subject, [_part(p, of_policies=True) for p in mine])
        if changed != names:
            own = result.trust_policies | {TrustCode(subject): changed}
            result = msgspec.structs.replace(result, trust_policies=own)
    return result


def check_levels(base: Settings) -> None:
    """Check at the door that every plan of a configuration could take effect on it.

    Raises
    ------
    ValueError
        When one could not.
    """
    check_plans(base, base.escalation.plans)


def _part(plan: LevelPlan, *, of_policies: bool) -> LevelPlan:
    """Return a plan with only its settings about policies, by their short names, or the others."""
    settings = {
        path.removeprefix(_POLICIES) if of_policies else path: value
        for path, value in plan.settings.items()
        if path.startswith(_POLICIES) is of_policies
    }
    return msgspec.structs.replace(plan, settings=settings)
