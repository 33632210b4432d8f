"""Solvers of the joint problem beside each other, on the same rounds: speed, and equal totals.

Run: ``python -m benchmarks.speed.assignment_solvers``. Decision record 0060 holds the table.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.speed.joint_instances import a_round, costs_of
from dispatch.domain.weighing import JointRules
from dispatch.policies.joint_cost import PairRefusal
from dispatch.policies.matching import match

SIZES: Final = ((10, 20), (50, 100), (100, 300), (300, 600), (600, 1200))


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """Worthwhile pairs of one round."""

    incident: npt.NDArray[np.int32]
    unit: npt.NDArray[np.int32]
    cost: npt.NDArray[np.int64]
    incidents: int
    units: int


def instance(seed: int, incidents: int, units: int) -> Instance:
    """Return a round as its worthwhile pairs, 15 nearest units an incident."""
    costs = costs_of(a_round(seed, incidents, units), JointRules())
    kept = costs.refusal == PairRefusal.NONE
    return Instance(costs.incident[kept], costs.unit[kept], costs.net_us[kept], incidents, units)


def compiled(case: Instance) -> int:
    """Return the total by our own kernel."""
    return match(case.incident, case.unit, case.cost, case.incidents, case.units).total


def scipy_dense(case: Instance) -> int:
    """Return the total by scipy's dense Jonker-Volgenant."""
    from scipy.optimize import linear_sum_assignment

    dense = np.zeros((case.incidents, case.units))
    dense[case.incident, case.unit] = case.cost
    return round(float(dense[linear_sum_assignment(dense)].sum()))


def scipy_sparse(case: Instance) -> int:
    """Return the total by scipy's sparse Jonker-Volgenant, with a column of waiting for each."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    own = np.arange(case.incidents)
    rows = np.concatenate([case.incident, own])
    columns = np.concatenate([case.unit, case.units + own])
    # Its graphs cannot hold zeros, so everything is lifted; each row pays the lift exactly once.
    lift = float(1 - case.cost.min())
    costs = np.concatenate([case.cost, np.zeros(case.incidents)]) + lift
    graph = csr_array((costs, (rows, columns)), (case.incidents, case.units + case.incidents))
    chosen = min_weight_full_bipartite_matching(graph)
    return round(float(graph[chosen].sum()) - lift * case.incidents)


def ortools_flow(case: Instance) -> int:
    """Return the total by OR-Tools' min-cost flow."""
    from ortools.graph.python import min_cost_flow

    flow = min_cost_flow.SimpleMinCostFlow()
    n, m = case.incidents, case.units
    source, sink = n + m, n + m + 1
    own, unit = np.arange(n), np.arange(m)
    tails = np.concatenate([case.incident, own, np.full(n, source), n + unit])
    heads = np.concatenate([n + case.unit, np.full(n, sink), own, np.full(m, sink)])
    costs = np.concatenate([case.cost, np.zeros(2 * n + m, np.int64)])
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(tails.size, np.int64), costs)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([n, -n]))
    if flow.solve() != flow.OPTIMAL:
        raise AssertionError("A flow through waiting always exists.")
    return int(flow.optimal_cost())


def ortools_assignment(case: Instance) -> int:
    """Return the total by OR-Tools' cost-scaling assignment, on the doubled perfect problem."""
    from ortools.graph.python import linear_sum_assignment

    n, m = case.incidents, case.units
    own, unit = np.arange(n), np.arange(m)
    lefts = np.concatenate([case.incident, own, n + unit, n + case.unit])
    rights = np.concatenate([case.unit, m + own, unit, m + case.incident])
    costs = np.concatenate([case.cost, np.zeros(n + m + case.cost.size, np.int64)])
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(lefts, rights, costs)
    if solver.solve() != solver.OPTIMAL:
        raise AssertionError("Waiting is always possible.")
    return int(solver.optimal_cost())


def ortools_cp_sat(case: Instance) -> int:
    """Return the total by CP-SAT on one thread."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in range(case.cost.size)]
    for side in (case.incident, case.unit):
        order = np.argsort(side, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(side[order])) + 1):
            model.add_at_most_one(chosen[p] for p in group)
    model.minimize(cp_model.LinearExpr.weighted_sum(chosen, case.cost.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError("Waiting is always possible.")
    return round(solver.objective_value)


SOLVERS: Final[dict[str, Callable[[Instance], int]]] = {
    "compiled": compiled,
    "scipy_dense": scipy_dense,
    "scipy_sparse": scipy_sparse,
    "ortools_flow": ortools_flow,
    "ortools_assignment": ortools_assignment,
    "ortools_cp_sat": ortools_cp_sat,
}


def compare(
    sizes: tuple[tuple[int, int], ...] = SIZES, seeds: int = 20, cp_sat_seeds: int = 3
) -> list[dict[str, float | int | str]]:
    """Return p50 and p99 milliseconds of each solver at each size; totals must agree.

    The solvers take turns on each instance, so that a busy machine slows all alike.
    """
    rows: list[dict[str, float | int | str]] = []
    for incidents, units in sizes:
        spent_ms: dict[str, list[float]] = {name: [] for name in SOLVERS}
        pairs = 0
        for seed in range(seeds):
            case = instance(seed, incidents, units)
            pairs += case.cost.size
            totals = set()
            for name, solver in SOLVERS.items():
                if name == "ortools_cp_sat" and seed >= cp_sat_seeds:
                    continue
                if seed == 0:
                    solver(case)
                began = time.perf_counter()
                totals.add(solver(case))
                spent_ms[name].append(1000 * (time.perf_counter() - began))
            if len(totals) != 1:
                raise AssertionError(f"Expected equal totals, was {totals}.")
        rows += [
            {
                "incidents": incidents,
                "units": units,
                "pairs": pairs // seeds,
                "solver": name,
                "p50_ms": statistics.median(spent),
                "max_ms": max(spent),
            }
            for name, spent in spent_ms.items()
        ]
    return rows


if __name__ == "__main__":
    for line in compare():
        print(
            f"{line['incidents']:>4} x {line['units']:>5}  {line['pairs']:>6} pairs"
            f"  {line['solver']:<19} {line['p50_ms']:9.3f} {line['max_ms']:9.3f} ms"
        )
