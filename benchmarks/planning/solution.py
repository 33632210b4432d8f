"""What a siting model answers, and the one solver behind all of them."""

from __future__ import annotations

from typing import Final

import msgspec
from ortools.linear_solver import pywraplp

SOLVER: Final = "SCIP"
"""SCIP within OR-Tools: quickest and steadiest of four here (docs/decisions/0042)."""

RELATIVE_GAP: Final = 1e-4
"""Answers are optimal up to one part in ten thousand."""


class Siting(msgspec.Struct, frozen=True, kw_only=True):
    """Chosen sites in ascending order, the units at each, and how good that is.

    ``bound`` limits what any siting could reach: equal to ``value`` when the answer is proved.
    """

    chosen: tuple[int, ...]
    units: tuple[int, ...]
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Share of the value by which a better siting could differ, at most."""
        return abs(self.value - self.bound) / max(abs(self.value), 1e-12)


def open_solver() -> pywraplp.Solver:
    """Return an empty model of the mixed integer solver."""
    solver = pywraplp.Solver.CreateSolver(SOLVER)
    if solver is None:
        raise ValueError(f"Expected OR-Tools with {SOLVER}, was without it.")
    return solver


def solve(solver: pywraplp.Solver, time_limit_s: float) -> float:
    """Solve a model and return the proved bound of its objective.

    Raises
    ------
    ValueError
        When no feasible answer was found within the limit.
    """
    solver.SetTimeLimit(int(time_limit_s * 1_000))
    settings = pywraplp.MPSolverParameters()
    settings.SetDoubleParam(settings.RELATIVE_MIP_GAP, RELATIVE_GAP)
    status = solver.Solve(settings)
    if status not in {pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE}:
        raise ValueError(
            f"Expected an answer within {time_limit_s:.0f} s, was status {status}: "
            "allow more time or fewer candidate sites."
        )
    return float(solver.Objective().BestBound())
