"""Default: C1 first and by itself, then C2 to C4 together as one matching problem.

The cost of a pair is that of `dispatch.policies.joint_cost`; the matching that of
`dispatch.policies.matching`. Incidents whose unit is still on its way take part, so that a better
pairing may be found until shortly before arrival; units about to be clear take part, so that a
patient may wait for one rather than call a farther crew away. Only immediate orders are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from dispatch.domain.decision import Assign, Candidate, Explanation, StandDown, Term, Verdict
from dispatch.domain.incident import Role
from dispatch.domain.travel import Position
from dispatch.domain.unit import EN_ROUTE
from dispatch.policies.assign_nearest import serve_category
from dispatch.policies.harm import HARM_US_PER_MINUTE, HarmParameters
from dispatch.policies.joint_cost import JointRules, PairCosts, PairRefusal, pair_costs
from dispatch.policies.joint_problem import JointProblem, build
from dispatch.policies.matching import NO_UNIT, Matching, match
from dispatch.policies.round import Round, by_urgency
from dispatch.ports import Picture
from dispatch.state import Incident, Unit

HARM: Final = HarmParameters()
RULES: Final = JointRules()


def assign_joint(picture: Picture, waiting: Sequence[Incident]) -> list[Assign | StandDown]:
    """Send units to C1 by the nearest, then match the others for the least harm of waiting."""
    round_ = Round(picture)
    first = by_urgency([incident for incident in waiting if incident.rank == 1])
    orders: list[Assign | StandDown] = list(serve_category(round_, first))
    problem = build(round_, _taking_part(round_, waiting))
    if problem is None:
        return orders
    costs = pair_costs(
        problem.waiting,
        problem.fleet,
        problem.start,
        problem.units,
        problem.travel_ms,
        RULES,
        HARM.growth_ms,
        lend_us=problem.lend_us,
    )
    allowed = costs.refusal == PairRefusal.NONE
    matching = match(
        costs.incident[allowed],
        costs.unit[allowed],
        costs.net_us[allowed],
        len(problem.incidents),
        len(problem.rows),
    )
    return orders + _orders(round_, problem, costs, matching)


def _taking_part(round_: Round, waiting: Sequence[Incident]) -> list[Incident]:
    """Return incidents below C1 that wait, or whose conveying unit may still be exchanged."""
    picture = round_.picture
    waits = [incident for incident in waiting if incident.rank > 1]
    known = {incident.id for incident in waits}
    assign = picture.settings.policies_of
    for slot in np.flatnonzero(round_.is_en_route).tolist():
        unit = round_.table.units[slot]
        incident = picture.state.incidents[unit.incident]  # type: ignore[index]
        joint = assign(incident.trust).assign == "joint"
        if incident.rank > 1 and joint and incident.id not in known and unit.spec.conveys:
            waits.append(incident)
            known.add(incident.id)
    for unit_id in sorted(round_.diverted):
        lost = picture.state.units[unit_id].incident
        if lost is not None and lost not in known and picture.state.incidents[lost].rank > 1:
            waits.append(picture.state.incidents[lost])
            known.add(lost)
    return by_urgency(waits)


def _orders(
    round_: Round, problem: JointProblem, costs: PairCosts, matching: Matching
) -> list[Assign | StandDown]:
    """Turn a matching into orders: only changes, and only to units that can go now."""
    unit_of = matching.unit_of.tolist()
    holders = problem.waiting.holder.tolist()
    goes_elsewhere = {row for k, row in enumerate(unit_of) if row != holders[k]}
    orders: list[Assign | StandDown] = []
    for k, row in enumerate(unit_of):
        if row in (NO_UNIT, holders[k]) or problem.fleet.clear_ms[row] > 0:
            continue
        pair = _pair(costs, problem, k, row)
        if holders[k] >= 0 and holders[k] not in goes_elsewhere:
            if not _worth_exchanging(costs, problem, k, pair):
                continue
            orders.append(_stand_down(round_, problem, k, holders[k]))
        orders.append(_assign(round_, problem, costs, matching, k, pair))
    return orders


def _pair(costs: PairCosts, problem: JointProblem, k: int, row: int) -> int:
    start, end = int(problem.start[k]), int(problem.start[k + 1])
    return start + int(np.flatnonzero(costs.unit[start:end] == row)[0])


def _worth_exchanging(costs: PairCosts, problem: JointProblem, k: int, pair: int) -> bool:
    """Test whether a free unit arrives so much earlier that the one on its way turns back."""
    holder = int(problem.waiting.holder[k])
    gain_ms = int(costs.eta_ms[_pair(costs, problem, k, holder)]) - int(costs.eta_ms[pair])
    near = int(problem.fleet.arrives_in_ms[holder]) < RULES.spare_s * 1000
    return not near and gain_ms >= RULES.gain_min_s * 1000


def _stand_down(round_: Round, problem: JointProblem, k: int, row: int) -> StandDown:
    unit = round_.take(int(problem.rows[row]))
    why = Explanation(note="a unit that became free arrives earlier")
    return StandDown(
        incident=problem.incidents[k].id,
        unit=unit.spec.id,
        origin=Position(int(problem.origins[row])),
        why=why,
    )


def _assign(
    round_: Round,
    problem: JointProblem,
    costs: PairCosts,
    matching: Matching,
    k: int,
    pair: int,
) -> Assign:
    row = int(costs.unit[pair])
    return round_.assign(
        int(problem.rows[row]),
        problem.incidents[k],
        Role.CONVEYING,
        origin=int(problem.origins[row]),
        eta_ms=int(costs.eta_ms[pair]),
        why=_explain(round_, problem, costs, matching, k, pair),
    )


_OPEN: Final = int(PairRefusal.NONE)

_REFUSED: Final = {
    PairRefusal.NO_WAY: Verdict.UNREACHABLE,
    PairRefusal.NEAR_ITS_PATIENT: Verdict.NEARLY_THERE,
    PairRefusal.DIVERTED_BEFORE: Verdict.ALREADY_DIVERTED,
    PairRefusal.GAIN_TOO_SMALL: Verdict.GAIN_TOO_SMALL,
    PairRefusal.NOT_NEAREST: Verdict.SLOWER,
    PairRefusal.DEARER_THAN_WAITING: Verdict.COSTLIER,
}


def _explain(
    round_: Round,
    problem: JointProblem,
    costs: PairCosts,
    matching: Matching,
    k: int,
    chosen: int,
) -> Explanation:
    """Return every term of the chosen pair's cost, and what became of the other candidates."""
    start, end = int(problem.start[k]), int(problem.start[k + 1])
    etas = costs.eta_ms[start:end].tolist()
    order = sorted(range(start, end), key=lambda p: (p != chosen, etas[p - start]))
    candidates: list[Candidate] = []
    for pair in order[: round_.picture.settings.candidates_max]:
        unit = problem.unit(round_, int(costs.unit[pair]))
        refusal = PairRefusal(int(costs.refusal[pair]))
        eta = None if refusal is PairRefusal.NO_WAY else int(costs.eta_ms[pair])
        verdict = _REFUSED.get(refusal, Verdict.CHOSEN if pair == chosen else Verdict.COSTLIER)
        if verdict is Verdict.COSTLIER and eta is not None and eta >= costs.eta_ms[chosen]:
            verdict = Verdict.SLOWER
        candidates.append(Candidate(unit.spec.id, verdict, eta))
    return Explanation(
        candidates=tuple(candidates),
        terms=_terms(costs, k, chosen),
        note=_trade(round_, problem, costs, matching, k, chosen),
        degraded=problem.degraded,
    )


def _terms(costs: PairCosts, k: int, pair: int) -> tuple[Term, ...]:
    named = (
        ("harm", costs.harm_us[pair]),
        ("coverage", costs.coverage_us[pair]),
        ("switch", costs.switch_us[pair]),
        ("lend", costs.lend_us[pair]),
        ("crew", costs.crew_us[pair]),
        ("wait", -costs.wait_us[k]),
    )
    return tuple(Term(name, round(int(us) / HARM_US_PER_MINUTE, 2)) for name, us in named if us)


def _trade(
    round_: Round,
    problem: JointProblem,
    costs: PairCosts,
    matching: Matching,
    k: int,
    chosen: int,
) -> str:
    """Say what this patient pays, and what others gain, when the nearest unit is not the one."""
    start, end = int(problem.start[k]), int(problem.start[k + 1])
    refusal = costs.refusal[start:end].tolist()
    etas, rows = costs.eta_ms[start:end].tolist(), costs.unit[start:end].tolist()
    nearest = start + min(
        (i for i, code in enumerate(refusal) if code == _OPEN), key=lambda i: (etas[i], rows[i])
    )
    if nearest == chosen:
        return ""
    costs_min = (int(costs.eta_ms[chosen]) - int(costs.eta_ms[nearest])) / 60_000
    price_us = int(matching.unit_price[int(costs.unit[nearest])])
    unit = problem.unit(round_, int(costs.unit[nearest])).spec.id
    where = _where_else(round_, problem, matching, int(costs.unit[nearest]))
    return (
        f"nearest was {unit}{where}: costs this patient {costs_min:.1f} min, "
        f"saves others {max(0, -price_us) / HARM_US_PER_MINUTE:.1f} weighted minutes"
    )


def _where_else(round_: Round, problem: JointProblem, matching: Matching, row: int) -> str:
    """Say where a unit goes that this patient does not get."""
    for k, other in enumerate(matching.unit_of.tolist()):
        if other == row:
            incident = problem.incidents[k]
            return f", which goes to {incident.category} {incident.id}"
    unit: Unit = problem.unit(round_, row)
    return "" if unit.status not in EN_ROUTE else ", which is on its way elsewhere"
