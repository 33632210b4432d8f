"""How many units to have on duty at each hour, by whole shifts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.planning.solution import open_solver, solve

Floats = npt.NDArray[np.float64]

SHIFT_HOURS: Final = (12,)
"""Lengths of shifts that a plan may use, in hours: twelve is the rule in English trusts."""

START_HOURS: Final = (6, 7, 8, 10, 11, 12, 14, 16, 18, 19, 20, 22)
"""Local hours at which shifts may start: the usual ones, none in the small hours (assumed)."""


class HourlyFleet(msgspec.Struct, frozen=True, kw_only=True):
    """Units on duty by hour and the shifts that give them.

    ``shifts`` are (start hour, length in hours, how many). ``value`` is the expected number of
    incidents a day that meet a free unit; ``bound`` what no plan of these unit-hours exceeds.
    """

    units: tuple[int, ...]
    shifts: tuple[tuple[int, int, int], ...]
    value: float
    bound: float


def hourly_fleet(
    incidents_per_hour: Sequence[float],
    job_h: float,
    unit_hours: int,
    *,
    shift_hours: Sequence[int] = SHIFT_HOURS,
    start_hours: Sequence[int] | None = None,
    time_limit_s: float = 30.0,
) -> HourlyFleet:
    """Return shifts of a daily pattern whose units meet as many incidents as possible.

    Parameters
    ----------
    incidents_per_hour
        Expected incidents in each of the hours of a day (24, or fewer in small examples).
    job_h
        Mean time that a unit is taken up by an incident, in hours.
    unit_hours
        Hours on duty to spend in a day.
    shift_hours
        Lengths that shifts may have.
    start_hours
        Hours at which shifts may start; None for every hour.

    Raises
    ------
    ValueError
        When a number is not positive, no shift fits into the unit-hours, or no answer is found
        in time.

    Notes
    -----
    An hour with offered load a and n units meets a share 1 - B(n, a) of its incidents, B being
    Erlang's loss formula: concave in n, and defined under overload too. Each hour is taken for
    itself; what queues from hour to hour is left to the simulation. As each further unit of an
    hour adds less than the one before, only the numbers of shifts need be whole.
    """
    rates = np.asarray(incidents_per_hour, dtype=np.float64)
    hours = len(rates)
    possible = range(hours) if start_hours is None else sorted(set(start_hours))
    _check(rates, job_h, unit_hours, shift_hours, possible)
    solver = open_solver()
    starts = {
        (start, length): solver.IntVar(0, unit_hours // length, "")
        for length in sorted(set(shift_hours))
        for start in possible
    }
    solver.Add(solver.Sum(length * n for (_, length), n in starts.items()) <= unit_hours)
    objective = solver.Objective()
    objective.SetMaximization()
    for hour in range(hours):
        on_duty = solver.Constraint(-solver.infinity(), 0.0)
        for shift, count in starts.items():
            if _covers(shift, hour, hours):
                on_duty.SetCoefficient(count, -1.0)
        met = met_incidents(float(rates[hour]), job_h, unit_hours // min(shift_hours))
        for gain in np.diff(met):
            level = solver.NumVar(0.0, 1.0, "")
            on_duty.SetCoefficient(level, 1.0)
            objective.SetCoefficient(level, float(gain))
    bound = solve(solver, time_limit_s)
    shifts = tuple(
        (start, length, round(count.solution_value()))
        for (start, length), count in sorted(starts.items())
        if round(count.solution_value())
    )
    units = tuple(
        sum(n for start, length, n in shifts if _covers((start, length), hour, hours))
        for hour in range(hours)
    )
    value = expected_met(rates.tolist(), job_h, units)
    return HourlyFleet(units=units, shifts=shifts, value=value, bound=max(bound, value))


def expected_met(rates: Sequence[float], job_h: float, units: Sequence[int]) -> float:
    """Return the expected incidents a day that meet a free unit, for units by hour."""
    return sum(
        float(met_incidents(rate, job_h, count)[-1])
        for rate, count in zip(rates, units, strict=True)
    )


def met_incidents(rate: float, job_h: float, unit_count: int) -> Floats:
    """Return the incidents of an hour that meet a free unit, for 0 to ``unit_count`` units."""
    offered = rate * job_h
    loss = np.ones(unit_count + 1)
    for count in range(1, unit_count + 1):
        loss[count] = offered * loss[count - 1] / (count + offered * loss[count - 1])
    met: Floats = rate * (1.0 - loss)
    return met


def _covers(shift: tuple[int, int], hour: int, hours: int) -> bool:
    start, length = shift
    return (hour - start) % hours < length


def _check(
    rates: Floats,
    job_h: float,
    unit_hours: int,
    shift_hours: Sequence[int],
    start_hours: Sequence[int],
) -> None:
    if not len(rates) or not np.isfinite(rates).all() or (rates < 0.0).any():
        raise ValueError("Expected rates of incidents that are finite and not negative.")
    if not 0.0 < job_h < float("inf"):
        raise ValueError(f"Expected a positive job_h, was {job_h}.")
    if not shift_hours or not all(0 < length <= len(rates) for length in shift_hours):
        raise ValueError(f"Expected shifts of 1 to {len(rates)} hours, was {list(shift_hours)}.")
    if not start_hours or not all(0 <= start < len(rates) for start in start_hours):
        raise ValueError(f"Expected starts from 0 to {len(rates) - 1}, was {list(start_hours)}.")
    if unit_hours < min(shift_hours):
        raise ValueError(
            f"Expected unit_hours for one shift of {min(shift_hours)} h, was {unit_hours}."
        )
