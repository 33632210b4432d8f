"""What no dispatcher could beat: lower bounds of response times from perfect information.

Every incident is served by one unit, which comes from the start of its shift or from the incident
before. If ``i`` is served before ``k``, the unit reaches ``k`` no earlier than it can become free
of ``i`` and drive there. Choosing one predecessor for each incident, one successor for each unit
start and each incident, at least cost, is an assignment problem; every schedule is one such
choice, and costs at least as much. So its optimum is a lower bound for every policy, however it
diverts, relocates, chooses hospitals or knows the future. See ``docs/explanation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.policies.matching_kernel import cheapest, worthwhile_by_row

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

NEVER_MS: Final = 2**53
"""End of a shift that has none, in UTC milliseconds."""

UNSERVED_MS: Final = 48 * 3_600_000
"""Response at which an incident may go without a predecessor; only lowers the bound."""

_COLUMNS_AT_ONCE: Final = 128


class TravelFloor(Protocol):
    """Least travel times between places, as integers that a caller numbers.

    They must not exceed any drive that the world allows (no traffic, blue light, least noise) and
    must obey the triangle inequality.
    """

    def __call__(self, origins: Int32s, destinations: Int32s) -> Int32s:
        """Return milliseconds from each origin (row) to each destination (column)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Jobs:
    """Incidents that need a unit.

    Attributes
    ----------
    at_ms
        When each becomes known; its response is counted from here.
    place
        Where, in the numbers of the travel times.
    floor_ms
        Least response of all: what passes before any unit can be there (0 if one may happen to
        pass by).
    exit_place, exit_after_ms
        One row a job, one column a way to become free: where, and how long after arrival at the
        earliest. A conveyed patient has a column for each hospital that any policy might choose
        (scene, drive, bay and clearing, without any queue). Unused columns hold place -1.
    weight_milli
        Weight of the response in thousandths; 0 for jobs that only occupy a unit.
    """

    at_ms: Int64s
    place: Int32s
    floor_ms: Int64s
    exit_place: Int32s
    exit_after_ms: Int64s
    weight_milli: Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Crews:
    """Shifts of units: from when and where each may be sent, until when.

    A unit is never sent at or after ``end_ms`` (`NEVER_MS` for no end) but may finish late.
    """

    start_ms: Int64s
    place: Int32s
    end_ms: Int64s


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A lower bound and how it was reached.

    Attributes
    ----------
    total
        Lower bound of the sum of weighted costs, in milliseconds of weight 1.
    mean_ms
        The same for each unit of weight; with unit weights, of the mean response.
    is_optimal
        Whether no left-out pair could raise the assignment further down: the bound is then the
        exact value of the assignment problem. Otherwise it is still a bound, only lower.
    rounds, pairs
        Effort: times solved, and pairs in the last problem.
    """

    total: int
    mean_ms: float
    is_optimal: bool
    rounds: int
    pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class _Exits:
    """All ways to become free, latest first."""

    row: Int32s
    at_ms: Int64s
    place: Int32s


def response_bound(
    jobs: Jobs,
    crews: Crews,
    travel: TravelFloor,
    *,
    growth_ms: int | None = None,
    posts: Int32s | None = None,
    pairs_per_job: int = 40,
    rounds_max: int = 12,
    tighten: int = 2,
) -> Bound:
    """Return a lower bound of the weighted cost of responses of all policies.

    Parameters
    ----------
    growth_ms
        None: the cost is ``weight x response``. Else ``weight x (response + response² / growth)``.
    posts
        None: the strict bound, for policies of any kind: between two jobs a unit may go anywhere
        beforehand, even towards an incident that nobody knows yet. With the places of all posts
        the cost is that of units that are sent from where they became free or from a post that
        they could reach in between, not while driving: a reference value, higher, and a bound only
        for policies that keep to that.
    pairs_per_job
        Predecessors of each job in the first problem; more enter as they are needed.
    rounds_max
        How often the problem is solved at most at each tightening.
    tighten
        How often the least response of each job is fed back into when it can end.

    Raises
    ------
    ValueError
        When arrays do not fit together.

    Notes
    -----
    The assignment is solved over few pairs; its row prices, put into the Lagrangian of the whole
    problem, give a bound over *all* pairs, so that leaving pairs out never makes it too high.
    Pairs that the prices show to be missing are added and the problem is solved again. Memory
    grows with the pairs kept; each pass looks at every pair of jobs once, 128 columns at a time.
    """
    _check(jobs, crews)
    task = _Task(jobs, crews, travel, growth_ms or 0, posts)
    least_response = jobs.floor_ms.astype(np.int64)
    best: Bound | None = None
    for _ in range(tighten + 1):
        found, responses = _solve(task, least_response, pairs_per_job, rounds_max)
        if best is None or found.total > best.total:
            best = found
        raised = np.maximum(responses, least_response)
        if np.array_equal(raised, least_response):
            break
        least_response = raised
    return best


def mean_bounds_ms(
    jobs: Jobs,
    crews: Crews,
    travel: TravelFloor,
    category: npt.NDArray[np.str_],
    *,
    posts: Int32s | None = None,
) -> dict[str, Bound]:
    """Return the bound of the mean response of each category by itself.

    The others only occupy units: the bound of C2 holds whatever is done to C3 for its sake.
    """
    return {
        name: response_bound(
            replace(jobs, weight_milli=np.where(category == name, 1000, 0).astype(np.int64)),
            crews,
            travel,
            posts=posts,
        )
        for name in sorted(set(category.tolist()))
    }


def gap_closed(baseline: float, policy: float, bound: float) -> float | None:
    """Return the share of the way from the baseline to the bound that a policy goes.

    Examples
    --------
    >>> gap_closed(30.0, 24.0, 10.0)
    0.3
    """
    if baseline <= bound:
        return None
    return (baseline - policy) / (baseline - bound)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    jobs: Jobs
    crews: Crews
    travel: TravelFloor
    growth_ms: int
    posts: Int32s | None

    @property
    def rows(self) -> int:
        """Predecessors: unit starts, then jobs."""
        return self.crews.place.size + self.jobs.place.size

    def exits(self, least_response_ms: Int64s) -> _Exits:
        """Return when and where each predecessor becomes free at the earliest, latest first."""
        jobs, crews = self.jobs, self.crews
        job, way = np.nonzero(jobs.exit_place >= 0)
        row = np.concatenate([np.arange(crews.place.size), crews.place.size + job])
        free_ms = (jobs.at_ms + least_response_ms)[job] + jobs.exit_after_ms[job, way]
        at_ms = np.concatenate([crews.start_ms, free_ms])
        place = np.concatenate([crews.place, jobs.exit_place[job, way]])
        order = np.argsort(-at_ms, kind="stable")
        return _Exits(
            row[order].astype(np.int32), at_ms[order].astype(np.int64), place[order]
        )


@dataclass(slots=True, eq=False)
class _Pairs:
    """Pairs of columns (jobs, then shift ends) and predecessor rows, with costs."""

    column: list[Int32s]
    row: list[Int32s]
    cost: list[Int64s]

    def add(self, column: Int32s, row: Int32s, cost: Int64s) -> None:
        self.column.append(column.astype(np.int32))
        self.row.append(row.astype(np.int32))
        self.cost.append(cost)

    def joined(self) -> tuple[Int32s, Int32s, Int64s]:
        return np.concatenate(self.column), np.concatenate(self.row), np.concatenate(self.cost)


def _solve(
    task: _Task, least_response_ms: Int64s, pairs_per_job: int, rounds_max: int
) -> tuple[Bound, Int64s]:
    """Return the bound for given least responses, and the least responses that follow from it."""
    jobs, crews = task.jobs, task.crews
    n, u = jobs.place.size, crews.place.size
    exits = task.exits(least_response_ms)
    lift = int(jobs.weight_milli.max(initial=1)) * _grown(UNSERVED_MS, task.growth_ms) // 1000 + 1
    prices = np.zeros(task.rows, np.int64)
    pairs = _Pairs([], [], [])
    ends = _end_pairs(task)
    pairs.add(*ends)
    known = _price_jobs(task, exits, prices, lift, pairs_per_job, pairs, None)
    responses = known.responses
    best_total, is_optimal, rounds, size = -1, False, 0, 0
    while rounds < rounds_max and not is_optimal:
        rounds += 1
        columns, rows, costs = pairs.joined()
        size = columns.size
        start, heads, lifted = worthwhile_by_row(
            columns, rows, costs - lift, n + u, task.rows
        )
        _, _, column_price, prices = cheapest(start, heads, lifted, task.rows)
        known = _price_jobs(task, exits, prices, lift, 10, pairs, column_price[:n] + lift)
        end_keys, missing = _price_ends(task, prices, lift, column_price[n:], pairs)
        total = int(known.keys.sum() + end_keys.sum() + prices.sum())
        best_total = max(best_total, total)
        is_optimal = known.missing + missing == 0
    weight = int(jobs.weight_milli.sum()) / 1000
    bound = Bound(
        total=max(best_total, 0),
        mean_ms=max(best_total, 0) / weight if weight else 0.0,
        is_optimal=is_optimal,
        rounds=rounds,
        pairs=size,
    )
    return bound, responses


@dataclass(slots=True, eq=False)
class _Priced:
    keys: Int64s
    """Of each job: least ``cost - price`` over all predecessors, and going unserved."""
    responses: Int64s
    missing: int
    """Jobs for which a better predecessor than in the problem was found."""


def _price_jobs(
    task: _Task,
    exits: _Exits,
    prices: Int64s,
    lift: int,
    keep: int,
    pairs: _Pairs,
    paid: Int64s | None,
) -> _Priced:
    """Look at every predecessor of every job; add the best ones that the problem lacks."""
    n = task.jobs.place.size
    priced = _Priced(np.empty(n, np.int64), np.empty(n, np.int64), 0)
    for block, rows, costs, keys, responses in _blocks(task, exits, prices, lift, keep):
        priced.keys[block], priced.responses[block] = keys, responses
        wanted = rows >= 0
        if paid is not None:
            gap = costs - prices[np.maximum(rows, 0)] < paid[block][:, None]
            wanted &= gap
            priced.missing += int(wanted.any(axis=1).sum())
        at, way = np.nonzero(wanted)
        column = np.arange(block.start, block.stop)[at]
        pairs.add(column, rows[at, way], costs[at, way])
    return priced


def _blocks(
    task: _Task, exits: _Exits, prices: Int64s, lift: int, keep: int
) -> Iterator[tuple[slice, Int32s, Int64s, Int64s, Int64s]]:
    from benchmarks.bound_kernel import best_predecessors

    jobs, starts = task.jobs, task.crews.place.size
    n = jobs.place.size
    posts = np.zeros(0, np.int32) if task.posts is None else task.posts
    to_posts = (
        task.travel(exits.place, posts) if posts.size else np.zeros((exits.row.size, 0), np.int32)
    )
    for first in range(0, n, _COLUMNS_AT_ONCE):
        block = slice(first, min(first + _COLUMNS_AT_ONCE, n))
        size = block.stop - block.start
        from_posts = (
            np.ascontiguousarray(task.travel(posts, jobs.place[block]).T)
            if posts.size
            else np.zeros((size, 0), np.int32)
        )
        rows, costs = np.empty((size, keep), np.int32), np.empty((size, keep), np.int64)
        keys, responses = best_predecessors(
            task.travel(exits.place, jobs.place[block]),
            exits.row,
            exits.at_ms,
            prices,
            jobs.at_ms[block],
            jobs.floor_ms[block],
            jobs.weight_milli[block],
            task.growth_ms,
            lift,
            to_posts,
            np.argsort(from_posts, axis=1, kind="stable").astype(np.int32),
            from_posts,
            (starts + np.arange(block.start, block.stop)).astype(np.int32),
            rows,
            costs,
            np.empty(keep, np.int64),
        )
        yield block, rows, costs, keys, responses


def _end_pairs(task: _Task, latest: int = 40) -> tuple[Int32s, Int32s, Int64s]:
    """Return pairs of shift ends: with their own start, and with jobs known shortly before."""
    jobs, crews = task.jobs, task.crews
    n, u = jobs.place.size, crews.place.size
    order = np.argsort(jobs.at_ms, kind="stable")
    before = np.searchsorted(jobs.at_ms[order], crews.end_ms, side="left")
    column, row = [n + np.arange(u)], [np.arange(u)]
    for back in range(1, latest + 1):
        has = before >= back
        column.append(n + np.flatnonzero(has))
        row.append(u + order[before[has] - back])
    columns = np.concatenate(column)
    return columns.astype(np.int32), np.concatenate(row).astype(np.int32), np.zeros(
        columns.size, np.int64
    )


def _price_ends(
    task: _Task, prices: Int64s, lift: int, paid: Int64s, pairs: _Pairs
) -> tuple[Int64s, int]:
    """Return of each shift end the least ``-price`` over all last jobs; add the ones it lacks."""
    jobs, crews = task.jobs, task.crews
    n, u = jobs.place.size, crews.place.size
    known_ms = np.concatenate([crews.start_ms, jobs.at_ms])
    order = np.argsort(known_ms, kind="stable")
    highest = np.maximum.accumulate(prices[order])
    # The row that holds the highest price among those known before each moment.
    is_new = np.r_[True, highest[1:] > highest[:-1]]
    holder = order[np.maximum.accumulate(np.where(is_new, np.arange(order.size), 0))]
    last = np.searchsorted(known_ms[order], crews.end_ms, side="left") - 1
    own = prices[:u]
    best = np.maximum(np.where(last >= 0, highest[last], own), own)
    keys = np.minimum(-best, lift)
    lacking = np.flatnonzero((last >= 0) & (highest[last] > own) & (keys - lift < paid))
    if lacking.size:
        pairs.add(n + lacking, holder[last[lacking]], np.zeros(lacking.size, np.int64))
    return keys, int(lacking.size)


def _grown(response_ms: int, growth_ms: int) -> int:
    return response_ms + (response_ms * response_ms // growth_ms if growth_ms else 0)


def _check(jobs: Jobs, crews: Crews) -> None:
    n = jobs.at_ms.size
    sizes = {jobs.place.size, jobs.floor_ms.size, jobs.weight_milli.size, len(jobs.exit_place)}
    if sizes != {n} or jobs.exit_place.shape != jobs.exit_after_ms.shape:
        raise ValueError(f"Expected {n} of everything about jobs, was {sorted(sizes)}.")
    if n and not (jobs.exit_place >= 0).any(axis=1).all():
        raise ValueError("Expected a way to become free of every job, was none for some.")
    if not crews.start_ms.size == crews.place.size == crews.end_ms.size:
        raise ValueError("Expected a start, a place and an end for every crew.")
    if (crews.end_ms < crews.start_ms).any():
        raise ValueError("Expected shifts to end after they start.")
