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
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.bound_flow import Shape, solve

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

NEVER_MS: Final = 2**53
"""End of a shift that has none, in UTC milliseconds."""

UNSERVED_MS: Final = 3 * 3_600_000
"""Response beyond which an incident counts as unserved, at this response: only lowers the bound."""

_COLUMNS_AT_ONCE: Final = 128
_MORE_PAIRS: Final = 40
_CLOSE_ENOUGH: Final = 0.998
"""Share of the value over the pairs so far at which a bound over all pairs is left as it is."""

Pairs = tuple[Int32s, Int32s, Int64s]
"""Jobs, predecessor rows, costs."""


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
    mobilise_ms
        Least time from an order, which is not given before the incident is known, until the unit
        moves; it stands still meanwhile.
    exit_place, exit_after_ms
        One row a job, one column a way to become free: where, and how long after arrival at the
        earliest. A conveyed patient has a column for each hospital that any policy might choose
        (scene, drive, bay and clearing, without any queue). Unused columns hold place -1.
    weight_milli
        Weight of the response in thousandths; 0 for jobs that only occupy a unit.
    """

    at_ms: Int64s
    place: Int32s
    mobilise_ms: Int64s
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
    mean_at_most_ms
        The same over the pairs looked at so far: the exact value of the assignment problem lies
        between the two.
    is_optimal
        Whether the two agree, as no left-out pair can lower the cost.
    rounds, pairs
        Effort: times solved, and pairs in the last problem.
    """

    total: int
    mean_ms: float
    mean_at_most_ms: float
    is_optimal: bool
    rounds: int
    pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class _Exits:
    """All ways to become free, latest first."""

    row: Int32s
    at_ms: Int64s
    place: Int32s
    pooled_ms: Int64s
    """How long after it the row is as good as any other that became free long ago."""


def response_bound(
    jobs: Jobs,
    crews: Crews,
    travel: TravelFloor,
    *,
    growth_ms: int | None = None,
    stands: Int32s | None = None,
    pairs_per_job: int = 100,
    rounds_max: int = 12,
    tighten: int = 1,
) -> Bound:
    """Return a lower bound of the weighted cost of responses of all policies.

    Parameters
    ----------
    growth_ms
        None: the cost is ``weight x response``. Else ``weight x (response + response² / growth)``.
    stands
        None: the strict bound, for policies of any kind. Between two jobs a unit may go anywhere
        beforehand, even towards an incident that nobody knows yet. With the places where units
        stand (posts, and the hospitals, where they become free) it is the cost of units that are
        sent from such a place or from where they became free, but not from the road: a reference
        value, higher, and a bound only for policies that keep to that.
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
    Pairs that the prices show to be missing are added and the problem is solved again. Each pass
    looks at every pair of jobs that could matter once, 128 jobs at a time.
    """
    _check(jobs, crews)
    task = _task(jobs, crews, travel, growth_ms or 0, stands)
    least_response = task.jobs.mobilise_ms.astype(np.int64)
    best, responses = _solve(task, least_response, pairs_per_job, rounds_max)
    for _ in range(tighten):
        raised = np.maximum(responses, least_response)
        if np.array_equal(raised, least_response):
            break
        least_response = raised
        found, responses = _solve(task, least_response, pairs_per_job, rounds_max)
        if found.total > best.total:
            best = found
    return best


def mean_bounds_ms(
    jobs: Jobs,
    crews: Crews,
    travel: TravelFloor,
    category: npt.NDArray[np.str_],
    *,
    stands: Int32s | None = None,
) -> dict[str, Bound]:
    """Return the bound of the mean response of each category by itself.

    The other categories are left out altogether: the bound of C2 holds whatever is done to C3 for
    its sake, even not to serve it.
    """
    bounds = {}
    for name in sorted(set(category.tolist())):
        chosen = np.flatnonzero(category == name)
        alone = Jobs(
            jobs.at_ms[chosen],
            jobs.place[chosen],
            jobs.mobilise_ms[chosen],
            jobs.exit_place[chosen],
            jobs.exit_after_ms[chosen],
            np.full(chosen.size, 1000, np.int64),
        )
        bounds[name] = response_bound(alone, crews, travel, stands=stands)
    return bounds


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
    """A problem with its jobs in order of time."""

    jobs: Jobs
    crews: Crews
    travel: TravelFloor
    growth_ms: int
    stands: Int32s
    unserved: int
    places: Int32s
    """Every place where something can become free."""
    pooled_ms: Int64s
    """Of each of these: how long after it a unit is as good as anyone else's."""
    job_pooled_ms: Int64s
    """Of each job: its least response by such a unit."""

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
        pooled_ms = self.pooled_ms[np.searchsorted(self.places, place[order])]
        return _Exits(row[order].astype(np.int32), at_ms[order], place[order], pooled_ms)

    def shape(self, exits: _Exits) -> Shape:
        """Return what of the flow does not change while pairs are added."""
        pooled_from = np.full(self.rows, NEVER_MS)
        np.minimum.at(pooled_from, exits.row, exits.at_ms + exits.pooled_ms)
        response = self.job_pooled_ms
        if self.growth_ms:
            response = response + response * response // self.growth_ms
        return Shape(
            job_at_ms=self.jobs.at_ms,
            pooled_cost=self.jobs.weight_milli * response // 1000,
            pooled_from_ms=pooled_from,
            known_ms=np.concatenate([self.crews.start_ms, self.jobs.at_ms]),
            end_ms=np.sort(self.crews.end_ms),
            unserved=self.unserved,
        )


def _task(
    jobs: Jobs, crews: Crews, travel: TravelFloor, growth_ms: int, stands: Int32s | None
) -> _Task:
    order = np.argsort(jobs.at_ms, kind="stable")
    jobs = Jobs(
        jobs.at_ms[order],
        jobs.place[order],
        jobs.mobilise_ms[order],
        jobs.exit_place[order],
        jobs.exit_after_ms[order],
        jobs.weight_milli[order],
    )
    free = jobs.exit_place[jobs.exit_place >= 0]
    places = np.unique(np.concatenate([crews.place, free])).astype(np.int32)
    goals = np.unique(jobs.place) if stands is None else stands
    pooled_ms = np.zeros(places.size, np.int64)
    for first in range(0, places.size, _COLUMNS_AT_ONCE):
        block = slice(first, first + _COLUMNS_AT_ONCE)
        pooled_ms[block] = travel(places[block], goals).max(axis=1, initial=0)
    nearest_ms = np.zeros(jobs.place.size, np.int64)
    if stands is not None:
        nearest_ms = travel(stands, jobs.place).min(axis=0).astype(np.int64)
    return _Task(
        jobs=jobs,
        crews=crews,
        travel=travel,
        growth_ms=growth_ms,
        stands=np.zeros(0, np.int32) if stands is None else stands,
        unserved=int(jobs.weight_milli.max(initial=1)) * _grown(UNSERVED_MS, growth_ms) // 1000,
        places=places,
        pooled_ms=pooled_ms,
        job_pooled_ms=jobs.mobilise_ms + nearest_ms,
    )


def _solve(
    task: _Task, least_response_ms: Int64s, pairs_per_job: int, rounds_max: int
) -> tuple[Bound, Int64s]:
    """Return the bound for given least responses, and the least responses that follow from it."""
    exits = task.exits(least_response_ms)
    shape = task.shape(exits)
    prices = np.zeros(task.rows, np.int64)
    seen = _look(task, exits, shape, prices, pairs_per_job, None)
    pairs, responses = [seen.pairs], seen.responses
    total, at_most, rounds = int(seen.keys.sum()), 0, 0
    while rounds < rounds_max:
        rounds += 1
        job, row, cost = (np.concatenate(part) for part in zip(*pairs, strict=True))
        found = solve(shape, job, row, cost, want_prices=seen.dropped > 0)
        at_most = found.total
        if not seen.dropped:
            total = found.total
            break
        prices = found.row_price
        paid = np.full(shape.job_at_ms.size, shape.unserved)
        np.minimum.at(paid, job, cost - prices[row])
        again = _look(task, exits, shape, prices, _MORE_PAIRS, paid)
        total = max(total, int(again.keys.sum() + _end_keys(shape, prices).sum() + prices.sum()))
        if not again.pairs[0].size or total >= _CLOSE_ENOUGH * at_most:
            break
        pairs.append(again.pairs)
    weight = int(task.jobs.weight_milli.sum()) / 1000
    bound = Bound(
        total=total,
        mean_ms=total / weight if weight else 0.0,
        mean_at_most_ms=at_most / weight if weight else 0.0,
        is_optimal=total == at_most,
        rounds=rounds,
        pairs=sum(part[0].size for part in pairs),
    )
    return bound, responses


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What a look at all pairs finds under given row prices.

    ``keys`` are the least ``cost - price`` of each job over all predecessors, pool and going
    unserved; ``responses`` the least responses; ``pairs`` the best pairs, or, where prices were
    paid already, the ones that are cheaper; ``dropped`` counts pairs that did not fit.
    """

    keys: Int64s
    responses: Int64s
    pairs: Pairs
    dropped: int


def _look(
    task: _Task, exits: _Exits, shape: Shape, prices: Int64s, keep: int, paid: Int64s | None
) -> _Seen:
    """Look at every predecessor of every job."""
    by_pool, is_pooled = _pool_keys(shape, prices)
    keys = by_pool.copy()
    responses = np.where(is_pooled, task.job_pooled_ms, UNSERVED_MS)
    found: list[Pairs] = []
    dropped = 0
    for block, rows, costs, of_pair, least, response, left in _blocks(task, exits, prices, keep):
        keys[block] = np.minimum(keys[block], least)
        responses[block] = np.minimum(responses[block], response)
        wanted = rows >= 0
        if paid is not None:
            wanted &= of_pair < np.minimum(paid, by_pool)[block][:, None]
        at, way = np.nonzero(wanted)
        found.append(((block.start + at).astype(np.int32), rows[at, way], costs[at, way]))
        dropped += left
    job, row, cost = (np.concatenate(part) for part in zip(*found, strict=True))
    return _Seen(keys, responses, (job, row, cost), dropped)


def _blocks(
    task: _Task, exits: _Exits, prices: Int64s, keep: int
) -> Iterator[tuple[slice, Int32s, Int64s, Int64s, Int64s, Int64s, int]]:
    """Yield, of some jobs at a time, the best rows, their costs and keys, and the least of all."""
    from benchmarks.bound_kernel import best_predecessors

    jobs, n = task.jobs, task.jobs.place.size
    latest_first = -exits.at_ms
    for first in range(0, n, _COLUMNS_AT_ONCE):
        block = slice(first, min(first + _COLUMNS_AT_ONCE, n))
        at_ms, places = jobs.at_ms[block], jobs.place[block]
        # Not the exits that are too late for the last job, nor those pooled before the first.
        last = np.searchsorted(latest_first, -(at_ms[-1] + UNSERVED_MS))
        near = np.arange(last, exits.at_ms.size)
        if not task.stands.size:
            near = near[(exits.at_ms + exits.pooled_ms)[near] > at_ms[0]]
        origins = exits.place[near]
        onward = np.ascontiguousarray(task.travel(task.stands, places).T)
        rows = np.empty((places.size, keep), np.int32)
        costs, keys = (
            np.empty((places.size, keep), np.int64),
            np.empty((places.size, keep), np.int64),
        )
        least, response, dropped = best_predecessors(
            task.travel(origins, places),
            exits.row[near],
            exits.at_ms[near],
            exits.pooled_ms[near],
            prices,
            (task.crews.place.size + np.arange(block.start, block.stop)).astype(np.int32),
            at_ms,
            jobs.mobilise_ms[block],
            jobs.weight_milli[block],
            task.growth_ms,
            task.unserved,
            task.travel(origins, task.stands),
            np.argsort(onward, axis=1, kind="stable").astype(np.int32),
            onward,
            rows,
            costs,
            keys,
        )
        yield block, rows, costs, keys, least, response, dropped


def _pool_keys(shape: Shape, prices: Int64s) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """Return of each job the least key by pool or going unserved, and whether the pool has any."""
    order = np.argsort(shape.pooled_from_ms, kind="stable")
    highest = np.maximum.accumulate(prices[order])
    inside = np.searchsorted(shape.pooled_from_ms[order], shape.job_at_ms, side="right")
    is_pooled = inside > 0
    keys = np.full(shape.job_at_ms.size, shape.unserved)
    by_pool = shape.pooled_cost[is_pooled] - highest[inside[is_pooled] - 1]
    keys[is_pooled] = np.minimum(by_pool, shape.unserved)
    return keys, is_pooled


def _end_keys(shape: Shape, prices: Int64s) -> Int64s:
    """Return of each shift end the least ``-price`` over all rows that may be its last job."""
    order = np.argsort(shape.known_ms, kind="stable")
    highest = np.maximum.accumulate(prices[order])
    before = np.searchsorted(shape.known_ms[order], shape.end_ms, side="left")
    return np.minimum(-highest[before - 1], shape.unserved)


def _grown(response_ms: int, growth_ms: int) -> int:
    return response_ms + (response_ms * response_ms // growth_ms if growth_ms else 0)


def _check(jobs: Jobs, crews: Crews) -> None:
    n = jobs.at_ms.size
    sizes = {jobs.place.size, jobs.mobilise_ms.size, jobs.weight_milli.size, len(jobs.exit_place)}
    if sizes != {n} or jobs.exit_place.shape != jobs.exit_after_ms.shape:
        raise ValueError(f"Expected {n} of everything about jobs, was {sorted(sizes)}.")
    if n and not (jobs.exit_place >= 0).any(axis=1).all():
        raise ValueError("Expected a way to become free of every job, was none for some.")
    if not crews.start_ms.size == crews.place.size == crews.end_ms.size:
        raise ValueError("Expected a start, a place and an end for every crew.")
    if (crews.end_ms <= crews.start_ms).any():
        raise ValueError("Expected shifts to end after they start.")
