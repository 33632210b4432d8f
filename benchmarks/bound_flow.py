"""The assignment of predecessors as a flow, solved by OR-Tools, with its prices recovered.

Units flow from rows (unit starts, then jobs) to columns (jobs, then shift ends). A row that became
free long ago is as good as any other for all later jobs: such rows flow through a *pool*, a binary
tree over the jobs in order of time, which replaces most of the quadratic number of pairs exactly.
(A chain would do, but long chains make the solver slow.) A second tree does the same for shift
ends: a unit's last job is known before its shift ends. A job may go unserved at a price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What does not change while pairs are added; jobs and ends in rising order of time.

    Attributes
    ----------
    job_at_ms
        Of the n jobs.
    pooled_cost
        Of each job: cost of being served by a row from the pool.
    pooled_from_ms
        Of each row: when it enters the pool.
    known_ms
        Of each row: before which shift ends it may be the last.
    end_ms
        Of the u shift ends.
    unserved
        Price of a job without predecessor.
    """

    job_at_ms: Int64s
    pooled_cost: Int64s
    pooled_from_ms: Int64s
    known_ms: Int64s
    end_ms: Int64s
    unserved: int


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Least cost over the given pairs, and the price of each row (not above 0)."""

    total: int
    row_price: Int64s


class _Arcs:
    def __init__(self) -> None:
        self._parts: list[tuple[Int64s, Int64s, Int64s, Int64s]] = []

    def add(
        self,
        tail: npt.ArrayLike,
        head: npt.ArrayLike,
        cost: npt.ArrayLike = 0,
        capacity: int = 1,
    ) -> None:
        tails = np.atleast_1d(np.asarray(tail, np.int64))
        heads = np.atleast_1d(np.asarray(head, np.int64))
        costs = np.broadcast_to(np.asarray(cost, np.int64), tails.shape)
        self._parts.append((tails, heads, costs, np.full(tails.shape, capacity, np.int64)))

    def add_suffixes(
        self, first: Int64s, tree: int, leaves: int, cost: Int64s, capacity: int
    ) -> None:
        """Join each row with all columns from its first one on, through a tree of nodes.

        Node 1 of the tree is the root, node i has the children 2 i and 2 i + 1; leaf j stands
        before column j.
        """
        size = _leaves(cost.size)
        row, left = np.arange(first.size), first + size
        inside = first < cost.size
        row, left = row[inside], left[inside]
        right = 2 * size
        while row.size:
            odd = (left & 1) == 1
            self.add(row[odd], tree + left[odd])
            left, right = (left + odd) >> 1, right >> 1
            row, left = row[left < right], left[left < right]
        node = np.arange(2, 2 * size)
        self.add(tree + (node >> 1), tree + node, 0, capacity)
        self.add(tree + size + np.arange(cost.size), leaves + np.arange(cost.size), cost)

    def joined(self) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        tail, head, cost, capacity = (
            np.concatenate(part) for part in zip(*self._parts, strict=True)
        )
        return tail, head, cost, capacity


def _leaves(columns: int) -> int:
    """Return the number of leaves of a tree over so many columns: a power of two."""
    return 1 << max(columns - 1, 0).bit_length()


def solve(shape: Shape, job: Int32s, row: Int32s, cost: Int64s, *, want_prices: bool) -> Solution:
    """Return the cheapest choice of predecessors over given pairs, pools, and going unserved.

    Parameters
    ----------
    job, row, cost
        Pairs of jobs and predecessor rows with their costs.
    want_prices
        Without them all row prices are 0.
    """
    from ortools.graph.python import min_cost_flow

    n, u, rows = shape.job_at_ms.size, shape.end_ms.size, shape.known_ms.size
    jobs_from, ends_from = rows, rows + n
    pool_from = ends_from + u
    tree_from = pool_from + 2 * _leaves(n)
    spare = tree_from + 2 * _leaves(u)
    sink = spare + 1
    arcs = _Arcs()
    arcs.add(row, jobs_from + job, cost)
    enters = np.searchsorted(shape.job_at_ms, shape.pooled_from_ms)
    arcs.add_suffixes(enters, pool_from, jobs_from, shape.pooled_cost, rows)
    first_end = np.searchsorted(shape.end_ms, shape.known_ms, side="right")
    arcs.add_suffixes(first_end, tree_from, ends_from, np.zeros(u, np.int64), rows)
    arcs.add(np.full(n, spare), jobs_from + np.arange(n), shape.unserved)
    arcs.add(spare, sink, 0, n + u)
    # What nobody needs flows out: rows stand still when jobs go unserved, ends may lack a row.
    arcs.add(np.arange(rows), np.full(rows, sink))
    arcs.add(np.full(u, spare), ends_from + np.arange(u), shape.unserved)
    supply = np.zeros(sink + 1, np.int64)
    supply[:rows] = 1
    supply[jobs_from:pool_from] = -1
    supply[spare], supply[sink] = n + u, -rows
    return _flow(min_cost_flow.SimpleMinCostFlow(), arcs.joined(), supply, rows, want_prices)


def _flow(
    flow: object,
    arcs: tuple[Int64s, Int64s, Int64s, Int64s],
    supply: Int64s,
    rows: int,
    want_prices: bool,  # noqa: FBT001
) -> Solution:
    tail, head, cost, capacity = arcs
    numbers = flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)  # type: ignore[attr-defined]
    flow.set_nodes_supplies(np.arange(supply.size), supply)  # type: ignore[attr-defined]
    status = flow.solve()  # type: ignore[attr-defined]
    if status != flow.OPTIMAL:  # type: ignore[attr-defined]
        raise AssertionError(f"Going unserved is always possible, but the flow is {status}.")
    total = int(flow.optimal_cost())  # type: ignore[attr-defined]
    if not want_prices:
        return Solution(total, np.zeros(rows, np.int64))
    from benchmarks.bound_kernel import node_prices

    used = np.asarray(flow.flows(numbers), np.int64)  # type: ignore[attr-defined]
    prices = node_prices(
        tail.astype(np.int32), head.astype(np.int32), cost, capacity, used, supply.size
    )
    return Solution(total, np.minimum(prices[-1] - prices[:rows], 0))
