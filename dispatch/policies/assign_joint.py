"""Default: C1 first and by itself, then C2 to C4 together as one matching problem.

The cost of a pair is that of `dispatch.policies.joint_cost`; the matching that of
`dispatch.policies.matching`. Incidents whose unit is still on its way take part, so that a better
pairing may be found until shortly before arrival; units about to be clear take part, so that a
patient may wait for one rather than call a farther crew away. Only immediate orders are given.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from dispatch.domain.decision import Assign, Explanation, StandDown
from dispatch.domain.incident import Role
from dispatch.domain.weighing import JointRules
from dispatch.policies.assign_nearest import serve_category
from dispatch.policies.degraded import flagged, overloaded
from dispatch.policies.joint_cost import PairCosts, pair_costs
from dispatch.policies.joint_problem import JointProblem, build
from dispatch.policies.joint_reasons import Reasons
from dispatch.policies.joint_scope import scope_of
from dispatch.policies.matching import NO_UNIT, Matching, match
from dispatch.policies.overload import by_the_rule, most_urgent
from dispatch.policies.relieve_gravest import relieve_gravest
from dispatch.policies.round import Round, by_urgency
from dispatch.ports import Picture, position_now
from dispatch.state import Incident


def assign_joint(picture: Picture, waiting: Sequence[Incident]) -> list[Assign | StandDown]:
    """Send units to C1 by the nearest, then match the others for the least harm of waiting."""
    round_ = Round(picture)
    first = by_urgency([incident for incident in waiting if incident.rank == 1])
    orders: list[Assign | StandDown] = list(serve_category(round_, first))
    orders += relieve_gravest(round_)
    most = picture.settings.degraded.joint_incidents_max
    scope = scope_of(round_, waiting)
    scope, left_out = most_urgent(picture, scope, most)
    problem = build(round_, scope)
    if problem is not None:
        orders += _matched(round_, problem)
    if not left_out:
        return orders
    orders += by_the_rule(round_, left_out)
    return list(flagged(orders, overloaded(len(left_out))))


def _matched(round_: Round, problem: JointProblem) -> list[Assign | StandDown]:
    """Match the incidents of a problem to its units, and return the orders that follow."""
    settings = round_.picture.settings
    rules = settings.joint
    if not settings.terms.switch:
        rules = msgspec.structs.replace(rules, switch_s=0, gain_min_s=0)
    costs = pair_costs(
        problem.waiting,
        problem.fleet,
        problem.start,
        problem.units,
        problem.travel_ms,
        rules,
        settings.harm.growth_ms,
        lend_us=problem.lend_us,
        crew_us=problem.crew_us,
    )
    # Refused pairs are not below nought: the matching takes none of them.
    matching = match(
        costs.incident, costs.unit, costs.net_us, len(problem.slots), len(problem.rows)
    )
    return _orders(round_, problem, costs, matching)


def _orders(
    round_: Round, problem: JointProblem, costs: PairCosts, matching: Matching
) -> list[Assign | StandDown]:
    """Turn a matching into orders: only changes, and only to units that can go now."""
    unit_of, holders = matching.unit_of, problem.waiting.holder
    can_go = problem.fleet.clear_ms[unit_of] == 0
    changed = np.flatnonzero((unit_of != NO_UNIT) & (unit_of != holders) & can_go)
    if len(changed) == 0:
        return []
    rules = round_.picture.settings.joint
    reasons = Reasons(round_, problem, costs, matching, changed)
    goes_elsewhere = set(unit_of[unit_of != holders].tolist())
    rows, pairs = unit_of[changed], reasons.pair_of[changed]
    columns = (
        changed.tolist(),
        holders[changed].tolist(),
        problem.rows[rows].tolist(),
        problem.origins[rows].tolist(),
        costs.eta_ms[pairs].tolist(),
    )
    orders: list[Assign | StandDown] = []
    for k, holder, slot, origin, eta_ms in zip(*columns, strict=True):
        if holder >= 0 and holder not in goes_elsewhere:
            if not _worth_exchanging(rules, costs, problem, reasons, k):
                continue
            orders.append(_stand_down(round_, problem, k, holder))
        incident, why = problem.incident(round_, k), reasons.explain(k)
        orders.append(
            round_.assign(slot, incident, Role.CONVEYING, origin=origin, eta_ms=eta_ms, why=why)
        )
    return orders


def _worth_exchanging(
    rules: JointRules, costs: PairCosts, problem: JointProblem, reasons: Reasons, k: int
) -> bool:
    """Test whether a free unit arrives so much earlier that the one on its way turns back."""
    holder, pair = int(problem.waiting.holder[k]), reasons.pair_of[k]
    gain_ms = int(costs.eta_ms[reasons.holder_pair_of[k]]) - int(costs.eta_ms[pair])
    near = int(problem.fleet.arrives_in_ms[holder]) < rules.spare_s * 1000
    return not near and gain_ms >= rules.gain_min_s * 1000


def _stand_down(round_: Round, problem: JointProblem, k: int, row: int) -> StandDown:
    unit = round_.take(int(problem.rows[row]))
    why = Explanation(note="a unit that became free arrives earlier")
    return StandDown(
        incident=problem.incident(round_, k).id,
        unit=unit.spec.id,
        origin=position_now(unit, round_.picture.travel, round_.picture.now_ms),
        why=why,
    )
