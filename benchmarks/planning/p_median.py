"""The p-median problem: which p sites bring a unit nearest to patients on average."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ortools.linear_solver import pywraplp

from benchmarks.planning.solution import Siting, open_solver, solve

Floats = npt.NDArray[np.float64]

_FIRST_REACH = 12


def p_median(
    travel_min: Floats,
    weight: Floats,
    count: int,
    *,
    kept: tuple[int, ...] = (),
    time_limit_s: float = 120.0,
) -> Siting:
    """Return the ``count`` sites with the least weighted time from the nearest one.

    Parameters
    ----------
    travel_min
        Minutes from each of s sites to each of n places, float64[s, n]; infinite where there is
        no way.
    weight
        Weight of each place, float64[n], not negative.
    count
        Sites to open, from 1 to s.
    kept
        Sites that are open in any case; they count.
    time_limit_s
        Of the solver; when it strikes, ``bound`` says how far the answer is from the best.

    Returns
    -------
    Siting
        ``value`` is the weighted mean of minutes from the nearest open site.

    Raises
    ------
    ValueError
        When ``count`` does not fit, a place has no site, or sizes disagree.

    Notes
    -----
    The classical mixed integer programme. A place may at first be served by its nearest few
    sites only, or by a stand-in as near as the next one; where the answer leans on a stand-in,
    the place's list is doubled and the programme solved again. An answer that leans on none is
    an optimum of the whole problem.

    References
    ----------
    .. [1] Hakimi, S.L. (1964). Optimum locations of switching centers and the absolute centers
           and medians of a graph. *Operations Research*, 12, 450-459.
    """
    _check(travel_min, weight, count, kept)
    order = np.argsort(travel_min, axis=0, kind="stable")
    counted = np.flatnonzero(weight > 0.0)
    reach = np.full(travel_min.shape[1], min(_FIRST_REACH, len(travel_min)))
    while True:
        siting, leaning = _restricted(travel_min, weight, count, kept, order, reach, time_limit_s)
        leaning = np.intersect1d(leaning, counted)
        if not len(leaning):
            return siting
        reach[leaning] = np.minimum(reach[leaning] * 2, len(travel_min))


def mean_min(travel_min: Floats, weight: Floats, chosen: tuple[int, ...]) -> float:
    """Return the weighted mean of minutes from the nearest chosen site."""
    nearest = travel_min[list(chosen)].min(axis=0)
    counted = weight > 0.0
    return float(nearest[counted] @ weight[counted] / weight[counted].sum())


def _check(travel_min: Floats, weight: Floats, count: int, kept: tuple[int, ...]) -> None:
    sites, places = travel_min.shape
    if len(weight) != places:
        raise ValueError(f"Expected {places} weights, was {len(weight)}.")
    if (weight < 0.0).any() or not weight.any():
        raise ValueError("Expected weights that are not negative, and one that is positive.")
    if not max(1, len(kept)) <= count <= sites:
        raise ValueError(f"Expected from {max(1, len(kept))} to {sites} sites, was {count}.")
    lost = np.flatnonzero(np.isinf(travel_min).all(axis=0) & (weight > 0.0))
    if len(lost):
        raise ValueError(f"Expected a way to every place, was none to place {lost[0]}.")


def _restricted(
    travel_min: Floats,
    weight: Floats,
    count: int,
    kept: tuple[int, ...],
    order: npt.NDArray[np.intp],
    reach: npt.NDArray[np.int64],
    time_limit_s: float,
) -> tuple[Siting, npt.NDArray[np.intp]]:
    """Solve with short lists; return the siting and the places that lean on a stand-in."""
    solver = open_solver()
    is_open = [solver.BoolVar(f"open_{site}") for site in range(len(travel_min))]
    solver.Add(solver.Sum(is_open) == count)
    for site in kept:
        solver.Add(is_open[site] == 1)
    objective = solver.Objective()
    objective.SetMinimization()
    stand_ins: dict[int, pywraplp.Variable] = {}
    total = float(weight.sum())
    for place in np.flatnonzero(weight > 0.0):
        near = order[: reach[place], place]
        near = near[np.isfinite(travel_min[near, place])]
        served = solver.Constraint(1.0, 1.0)
        for site in near:
            share = solver.NumVar(0.0, 1.0, "")
            served.SetCoefficient(share, 1.0)
            objective.SetCoefficient(share, weight[place] * travel_min[site, place] / total)
            link = solver.Constraint(-solver.infinity(), 0.0)
            link.SetCoefficient(share, 1.0)
            link.SetCoefficient(is_open[site], -1.0)
        if reach[place] < len(travel_min):
            beyond = float(travel_min[order[reach[place], place], place])
            if np.isfinite(beyond):
                stand_in = solver.NumVar(0.0, 1.0, "")
                served.SetCoefficient(stand_in, 1.0)
                objective.SetCoefficient(stand_in, weight[place] * beyond / total)
                stand_ins[int(place)] = stand_in
    bound = solve(solver, time_limit_s)
    chosen = tuple(site for site, is_in in enumerate(is_open) if is_in.solution_value() > 0.5)
    leaning = [place for place, share in stand_ins.items() if share.solution_value() > 1e-6]
    value = mean_min(travel_min, weight, chosen)
    siting = Siting(chosen=chosen, units=(1,) * len(chosen), value=value, bound=min(bound, value))
    return siting, np.array(leaning, dtype=np.intp)
