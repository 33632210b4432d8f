"""Expected cover: what an idle unit is worth where it is, and where one would be worth more.

MEXCLP: demand d_j at point j is covered with probability ``1 - q**n_j`` when n_j idle units are
within the standard and each is busy by the time of the call with probability q. A unit's loss is
what vanishes with it, a place's gain what one more unit there adds. Demand may be in any unit;
with shares that sum to 1, losses and gains are shares of demand.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.weighing import CoverRules
from dispatch.policies.harm import HARM_US_PER_MINUTE

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

Drives = Callable[[Rows, Rows], Floats]
"""Minutes from some units (rows) to some posts (columns), asked for where they matter."""

ROUNDING: Final = 1e-9
"""More than sums of shares of demand can differ by the order in which they are added up."""


class Move(msgspec.Struct, frozen=True, gc=False):
    """One relocation: which unit row goes to which post row, how far, and the plan's gain."""

    unit: int
    post: int
    drive_min: float
    gain: float


class Reached(NamedTuple):
    """The points that each of some places reaches, row after row: few of all there are.

    Those of place p are ``points[start[p] : start[p + 1]]``, of ``size`` points in all.
    """

    start: Rows
    points: npt.NDArray[np.int32]
    size: int


def reached(reach: Bools) -> Reached:
    """Return which points (columns) each place (row) reaches."""
    from dispatch.policies import coverage_kernel as kernel

    return Reached(*kernel.points_of(reach), reach.shape[1])


def busy_fraction(arrivals_per_h: float, job_min: float, units: int) -> float:
    """Return the long-run share of time that a unit is busy, cut to [0.3, 0.95].

    Parameters
    ----------
    arrivals_per_h
        Jobs per hour that need one of these units.
    job_min
        Mean minutes that a job occupies a unit.
    units
        Units on duty, at least 1.
    """
    if units < 1:
        raise ValueError(f"Expected at least 1 unit, was {units}.")
    return min(max(arrivals_per_h * job_min / 60.0 / units, 0.3), 0.95)


def cover_counts(reach: Bools) -> Counts:
    """Return how many of the units (rows) cover each point (columns)."""
    counts: Counts = reach.sum(axis=0, dtype=np.int32)
    return counts


def expected_cover(demand: Floats, counts: Counts, busy: float) -> float:
    """Return the demand that finds a free unit within the standard."""
    return float((demand * (1.0 - busy**counts)).sum())


def cover_losses(demand: Floats, counts: Counts, reach: Bools, busy: float) -> Floats:
    """Return the marginal cover of each unit: what is lost when it alone becomes busy.

    Parameters
    ----------
    demand
        Of each of the n points, not negative.
    counts
        Idle units that cover each point, these units included.
    reach
        One row a unit: which points it covers.
    busy
        Busy fraction, in [0, 1).

    References
    ----------
    .. [1] Jagtenberg, C.J., S. Bhulai, and R.D. van der Mei (2017). Dynamic ambulance dispatching:
           is the closest-idle policy always optimal? *Health Care Management Science*, 20,
           517-531. doi:10.1007/s10729-016-9368-0
    """
    from dispatch.policies import coverage_kernel as kernel

    _check(demand, counts, reach.shape[1], busy)
    return kernel.losses(demand, counts, reach, busy)


def counts_from(places: Rows, reach: Reached) -> Counts:
    """Return how many units cover each point, when one stands at each of the places."""
    from dispatch.policies import coverage_kernel as kernel

    return kernel.counts_at(places, reach.start, reach.points, reach.size)


def cover_gains(demand: Floats, counts: Counts, reach: Reached, busy: float) -> Floats:
    """Return what one more idle unit at each place would add.

    ``counts`` are without it. Other arguments as in `cover_losses`.

    Examples
    --------
    >>> import numpy as np
    >>> here = reached(np.array([[True, True]]))
    >>> cover_gains(np.array([10.0, 10.0]), np.array([0, 1], np.int32), here, 0.25).tolist()
    [9.375]
    """
    from dispatch.policies import coverage_kernel as kernel

    _check(demand, counts, reach.size, busy)
    return kernel.sums_at(demand, counts, reach.start, reach.points, busy, 0)


def cover_costs_us(losses: Floats, minutes_of_unit: float) -> npt.NDArray[np.int64]:
    """Return losses as costs in weighted microseconds: the average unit costs so many minutes."""
    mean = float(losses.mean()) if losses.size else 0.0
    if mean <= 0.0:
        return np.zeros(losses.size, np.int64)
    return np.rint(losses / mean * (minutes_of_unit * HARM_US_PER_MINUTE)).astype(np.int64)


def net_gains(gains: Floats, drive_min: Floats, rules: CoverRules) -> Floats:
    """Return gains less the price of the drive; minus infinity where the drive is too long."""
    net = gains - rules.drive_price_per_min * drive_min
    return np.where(drive_min <= rules.drive_min_max, net, -np.inf)


def best_place(net: Floats) -> int | None:
    """Return the row of the highest net gain, the first of equals; None if all are too far."""
    if not net.size:
        return None
    best = int(np.argmax(net))
    return best if np.isfinite(net[best]) else None


def rebalance(
    demand: Floats,
    reach: Reached,
    standing: Rows,
    posts: Rows,
    drives: Drives,
    is_movable: Bools,
    busy: float,
    rules: CoverRules,
) -> list[Move]:
    """Return the moves of idle units that are worth it now, best pair first, at most a few.

    Units and posts are chosen one move at a time, each the best after the ones before; then the
    chosen units are shared among the chosen posts so that the longest drive is as short as
    possible (bottleneck assignment), then the sum of drives, then by rows.

    Parameters
    ----------
    demand
        Of each point, as shares.
    reach
        Which points are covered from places.
    standing, posts
        The place of each idle unit, and the place of each post.
    drives
        Asked for the drives of units and posts that may be worth a move, whatever the drive.
    is_movable
        Whether a unit may be asked: caps of crew and shift are the caller's.
    """
    counts = counts_from(standing, reach)
    _check(demand, counts, reach.size, busy)
    movable = is_movable.copy()
    chosen: list[tuple[int, int, float]] = []
    while len(chosen) < rules.moves_max:
        units = np.flatnonzero(movable)
        unit, post, gain = _best_move(
            demand, counts, reach, (standing, posts), units, drives, busy, rules
        )
        if unit < 0 or gain < rules.gain_min:
            break
        counts += counts_from(posts[post : post + 1], reach)
        counts -= counts_from(standing[unit : unit + 1], reach)
        movable[unit] = False
        chosen.append((unit, post, gain))
    return _shared_out(chosen, drives)


def _best_move(
    demand: Floats,
    counts: Counts,
    reach: Reached,
    between: tuple[Rows, Rows],
    units: Rows,
    drives: Drives,
    busy: float,
    rules: CoverRules,
) -> tuple[int, int, float]:
    """Return the best single move and its net gain, where one is worth it; -1, -1, 0 if none.

    A unit brings to a post at most what one is worth there that all others but one cover; only
    where that is more than the unit is worth where it stands can a drive matter.
    """
    from dispatch.policies import coverage_kernel as kernel

    standing, posts = between
    worth = kernel.sums_at(demand, counts, reach.start, reach.points, busy, 1)
    stays, most = worth[standing], worth[posts]
    least = max(rules.gain_min, 0.0) - ROUNDING
    units = units[most.max(initial=0.0) - stays[units] >= least]
    if not units.size:
        return -1, -1, 0.0
    places = np.flatnonzero(most - stays[units].min() >= least)
    unit, post, gain = kernel.best_move(
        demand,
        counts,
        standing[units],
        posts[places],
        reach.start,
        reach.points,
        drives(units, places),
        stays[units],
        busy,
        rules.drive_price_per_min,
        rules.drive_min_max,
    )
    return (-1, -1, 0.0) if unit < 0 else (int(units[unit]), int(places[post]), gain)


def _shared_out(chosen: list[tuple[int, int, float]], drives: Drives) -> list[Move]:
    if not chosen:
        return []
    numbers = range(len(chosen))
    drive_min = drives(
        np.array([unit for unit, _, _ in chosen]), np.array([post for _, post, _ in chosen])
    )

    def longest_then_sum(order: tuple[int, ...]) -> tuple[float, float, tuple[int, ...]]:
        taken = [float(drive_min[row, column]) for row, column in zip(numbers, order, strict=True)]
        return max(taken), sum(taken), tuple(chosen[column][1] for column in order)

    order = min(permutations(numbers), key=longest_then_sum)
    return [
        Move(chosen[row][0], chosen[column][1], float(drive_min[row, column]), chosen[row][2])
        for row, column in zip(numbers, order, strict=True)
    ]


def _check(demand: Floats, counts: Counts, size: int, busy: float) -> None:
    if not demand.size == counts.size == size:
        raise ValueError(
            f"Expected {demand.size} points in counts and reach, was {counts.size} and {size}."
        )
    if not 0.0 <= busy < 1.0:
        raise ValueError(f"Expected a busy fraction in [0, 1), was {busy}.")
