from __future__ import annotations

import pytest

from dispatch.domain.escalation import LEVELS, Scheme, propose_level
from dispatch.domain.escalation_default import (
    OPEL_PLANS,
    REAP_PLANS,
    SAFETY_PLANS,
    default_rules,
)
from dispatch.domain.trigger_quantity import TRUST_QUANTITIES, Quantity

CALM = {
    Quantity(name, minutes): 0.0
    for name in TRUST_QUANTITIES
    for minutes in (None, 30.0, 40.0, 60.0, 90.0, 360.0)
}


def test_every_level_above_normal_has_a_rule_and_a_plan() -> None:
    rules = default_rules("RYF")
    low, high = LEVELS[Scheme.OPEL]
    assert [plan.level for plan in OPEL_PLANS] == list(range(low + 1, high + 1))
    assert all(plan.scheme is Scheme.OPEL and plan.actions for plan in OPEL_PLANS)
    for scheme, plans in ((Scheme.REAP, REAP_PLANS), (Scheme.SAFETY_PLAN, SAFETY_PLANS)):
        low, high = LEVELS[scheme]
        levels = list(range(low + 1, high + 1))
        assert [rule.level for rule in rules if rule.scheme is scheme] == levels
        assert [plan.level for plan in plans] == levels
        assert all(plan.actions for plan in plans)


@pytest.mark.parametrize(
    ("scheme", "changes", "level"),
    [
        (Scheme.REAP, {}, 1),
        (Scheme.REAP, {Quantity("c2_mean", 360): 31.0}, 2),
        (Scheme.REAP, {Quantity("c2_mean", 360): 50.0}, 3),
        (Scheme.REAP, {Quantity("c2_mean", 360): 80.0}, 3),
        (Scheme.REAP, {Quantity("c2_mean", 360): 80.0, Quantity("unassigned_c1"): 1.0}, 4),
        (Scheme.SAFETY_PLAN, {}, 0),
        (Scheme.SAFETY_PLAN, {Quantity("unassigned_c2_over", 30): 6.0}, 1),
        (Scheme.SAFETY_PLAN, {Quantity("unassigned_c1"): 2.0}, 3),
        (Scheme.SAFETY_PLAN, {Quantity("unassigned_c1"): 5.0}, 4),
    ],
)
def test_pressure_proposes_the_level(
    scheme: Scheme, changes: dict[Quantity, float], level: int
) -> None:
    proposal = propose_level(scheme, "RYF", default_rules("RYF"), CALM | changes, 0)
    assert proposal.level == level
