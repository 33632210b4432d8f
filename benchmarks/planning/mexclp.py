"""The maximum expected covering location problem: where units go, as each is often busy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from ortools.linear_solver import pywraplp

from benchmarks.planning.solution import Siting, open_solver, solve

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EXACT_UNITS: Final = 24
"""Up to so many units in reach of a place, each has its own step in the model."""

_SMALLEST_GAIN: Final = 1e-6
"""Units beyond a cover that is complete but for this share are not modelled."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverSteps:
    """Cover as a chain of straight steps: how many units each spans and what each unit adds.

    ``left_out`` is the most by which the true cover can exceed the chain.
    """

    width: npt.NDArray[np.int64]
    gain: Floats
    left_out: float


def mexclp(
    covers: Bools,
    weight: Floats,
    unit_count: int,
    busy_fraction: float,
    *,
    site_count_max: int | None = None,
    time_limit_s: float = 120.0,
) -> Siting:
    """Return how many units to put at each site so that expected coverage is greatest.

    Parameters
    ----------
    covers
        Whether a unit at each of s sites reaches each of n places in time, bool[s, n].
    weight
        Weight of each place, float64[n], not negative.
    unit_count
        Units to place, at least 1.
    busy_fraction
        Share of the time that a unit is on a job, in [0, 1).
    site_count_max
        How many sites may be used; None for any number.

    Returns
    -------
    Siting
        ``value`` is the expected share of the weight that a free unit covers.

    Raises
    ------
    ValueError
        When sizes disagree or a number is out of its range.

    Notes
    -----
    Units are busy independently of one another, as in [1]; that flatters crowded places. As each
    further unit covers a place less than the one before, shares of cover need no integrality.
    Places that the same sites cover are one place to the solver.

    References
    ----------
    .. [1] Daskin, M.S. (1983). A maximum expected covering location model: formulation,
           properties and heuristic solution. *Transportation Science*, 17, 48-70.
    """
    _check(covers, weight, unit_count, busy_fraction, site_count_max)
    patterns, pattern_weight = merged(covers, weight)
    solver = open_solver()
    units = [solver.IntVar(0, unit_count, f"units_{site}") for site in range(len(covers))]
    solver.Add(solver.Sum(units) <= unit_count)
    if site_count_max is not None and site_count_max < len(covers):
        _limit_sites(solver, units, unit_count, site_count_max)
    steps = cover_steps(unit_count, busy_fraction)
    objective = solver.Objective()
    objective.SetMaximization()
    total = float(weight.sum())
    for pattern, share in zip(patterns.T, pattern_weight, strict=True):
        cover = solver.Constraint(-solver.infinity(), 0.0)
        for site in np.flatnonzero(pattern):
            cover.SetCoefficient(units[site], -1.0)
        for width, gain in zip(steps.width, steps.gain, strict=True):
            level = solver.NumVar(0.0, float(width), "")
            cover.SetCoefficient(level, 1.0)
            objective.SetCoefficient(level, float(share * gain / total))
    bound = solve(solver, time_limit_s)
    placed = np.array([round(unit.solution_value()) for unit in units])
    chosen = tuple(np.flatnonzero(placed).tolist())
    value = expected_coverage(covers, weight, placed, busy_fraction)
    return Siting(
        chosen=chosen,
        units=tuple(placed[list(chosen)].tolist()),
        value=value,
        bound=max(bound + steps.left_out, value),
    )


def expected_coverage(
    covers: Bools, weight: Floats, units: npt.NDArray[np.int64], busy_fraction: float
) -> float:
    """Return the expected share of the weight covered by a free unit, for units at each site."""
    around = covers.T.astype(np.int64) @ units
    covered = 1.0 - np.power(busy_fraction, around)
    covered[around == 0] = 0.0
    return float(covered @ weight / weight.sum())


def cover_steps(unit_count: int, busy_fraction: float) -> CoverSteps:
    """Return the steps of cover by the number of units in reach.

    One unit a step up to `EXACT_UNITS`, then ever wider steps; steps that add next to nothing
    are left away.
    """
    ends = list(range(1, min(unit_count, EXACT_UNITS) + 1))
    while ends[-1] < unit_count and busy_fraction ** ends[-1] > _SMALLEST_GAIN:
        ends.append(min(unit_count, ends[-1] + max(1, ends[-1] // 8)))
    at_end = np.concatenate(([0], ends))
    cover_at_end = 1.0 - np.power(busy_fraction, at_end)
    width = np.diff(at_end)
    count = np.arange(unit_count + 1)
    cover = 1.0 - np.power(busy_fraction, count)
    return CoverSteps(
        width=width,
        gain=np.diff(cover_at_end) / width,
        left_out=float((cover - np.interp(count, at_end, cover_at_end)).max()),
    )


def merged(covers: Bools, weight: Floats) -> tuple[Bools, Floats]:
    """Return the distinct non-empty columns of ``covers`` and the weight of each."""
    useful = covers.any(axis=0) & (weight > 0.0)
    packed = np.packbits(covers[:, useful], axis=0)
    _, first, which = np.unique(packed, axis=1, return_index=True, return_inverse=True)
    together = np.bincount(which.ravel(), weights=weight[useful], minlength=len(first))
    return covers[:, useful][:, first], together.astype(np.float64)


def _check(
    covers: Bools,
    weight: Floats,
    unit_count: int,
    busy_fraction: float,
    site_count_max: int | None,
) -> None:
    if len(weight) != covers.shape[1]:
        raise ValueError(f"Expected {covers.shape[1]} weights, was {len(weight)}.")
    if (weight < 0.0).any() or not weight.any():
        raise ValueError("Expected weights that are not negative, and one that is positive.")
    if unit_count < 1:
        raise ValueError(f"Expected at least 1 unit, was {unit_count}.")
    if not 0.0 <= busy_fraction < 1.0:
        raise ValueError(f"Expected busy_fraction in [0, 1), was {busy_fraction}.")
    if site_count_max is not None and site_count_max < 1:
        raise ValueError(f"Expected at least 1 site, was {site_count_max}.")


def _limit_sites(
    solver: pywraplp.Solver, units: list[pywraplp.Variable], unit_count: int, site_count_max: int
) -> None:
    is_open = [solver.BoolVar(f"open_{site}") for site in range(len(units))]
    solver.Add(solver.Sum(is_open) <= site_count_max)
    for placed, opened in zip(units, is_open, strict=True):
        solver.Add(placed <= unit_count * opened)
