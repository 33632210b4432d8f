"""Lower bounds of response times, against exact optima of small worlds."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bound import (
    NEVER_MS,
    Crews,
    Jobs,
    gap_closed,
    mean_bounds_ms,
    response_bound,
)

sys.path.insert(0, str(Path(__file__).parent))
from exact_schedule import least_total

MINUTE = 60_000


class Plane:
    """Places on a plane, a kilometre a minute, rounded up so that triangles stay triangles."""

    def __init__(self, x_km, y_km) -> None:
        gap = np.hypot(np.subtract.outer(x_km, x_km), np.subtract.outer(y_km, y_km))
        ms = np.ceil(gap * MINUTE).astype(np.int32)
        # Rounding may break a triangle by a millisecond: close under shortest paths.
        for via in range(ms.shape[0]):
            ms = np.minimum(ms, ms[:, [via]] + ms[[via], :])
        self.ms = ms

    def __call__(self, origins, destinations):
        return np.ascontiguousarray(self.ms[np.ix_(origins, destinations)])


def a_world(seed: int, n: int = 6, units: int = 2, *, shifts: bool = False):
    draw = np.random.default_rng(seed)
    places = n + units + 4  # jobs, bases, two hospitals, two posts
    plane = Plane(draw.random(places) * 30, draw.random(places) * 30)
    hospitals = np.array([n + units, n + units + 1])
    place = np.arange(n, dtype=np.int32)
    exits = np.full((n, 2), -1, np.int32)
    after = np.zeros((n, 2), np.int64)
    for i in range(n):
        if draw.random() < 0.6:
            exits[i] = hospitals
            after[i] = 40 * MINUTE + plane(place[[i]], hospitals)[0]
        else:
            exits[i, 0], after[i, 0] = i, 30 * MINUTE
    jobs = Jobs(
        at_ms=np.sort(draw.integers(0, 150 * MINUTE, n)),
        place=place,
        mobilise_ms=draw.integers(0, 2, n) * MINUTE,
        exit_place=exits,
        exit_after_ms=after,
        weight_milli=draw.choice([1000, 350, 2000], n).astype(np.int64),
    )
    end = np.full(units, NEVER_MS)
    if shifts:
        end[0] = 80 * MINUTE
    crews = Crews(
        start_ms=draw.integers(0, 30 * MINUTE, units),
        place=(n + np.arange(units)).astype(np.int32),
        end_ms=end,
    )
    posts = np.array([n + units + 2, n + units + 3], np.int32)
    return jobs, crews, plane, posts


@pytest.mark.parametrize("seed", range(12))
def test_never_exceeds_the_optimum_with_perfect_information(seed: int) -> None:
    jobs, crews, plane, _ = a_world(seed)
    exact = least_total(jobs, crews, plane)
    bound = response_bound(jobs, crews, plane)
    assert bound.is_optimal
    assert 0 < bound.total <= exact


@pytest.mark.parametrize("seed", range(100, 106))
def test_holds_for_harm_that_grows_with_the_wait(seed: int) -> None:
    jobs, crews, plane, _ = a_world(seed, n=5)
    growth = 120 * MINUTE
    exact = least_total(jobs, crews, plane, growth_ms=growth)
    bound = response_bound(jobs, crews, plane, growth_ms=growth)
    # CP-SAT rounds down at each step, too: one unit a job.
    assert 0 < bound.total <= exact + 5


@pytest.mark.parametrize("seed", range(200, 208))
def test_shifts_that_end_are_respected(seed: int) -> None:
    jobs, crews, plane, _ = a_world(seed, n=5, units=3, shifts=True)
    endless = Crews(crews.start_ms, crews.place, np.full(3, NEVER_MS))
    exact = least_total(jobs, crews, plane)
    bound = response_bound(jobs, crews, plane)
    assert response_bound(jobs, endless, plane).total <= bound.total <= exact


@pytest.mark.parametrize("seed", range(300, 310))
def test_the_standing_form_bounds_policies_that_send_only_standing_units(seed: int) -> None:
    jobs, crews, plane, posts = a_world(seed)
    exact = least_total(jobs, crews, plane, posts=posts)
    standing = response_bound(jobs, crews, plane, stands=posts)
    assert standing.total <= exact
    assert response_bound(jobs, crews, plane).total <= standing.total


@pytest.mark.parametrize("seed", range(5))
def test_few_pairs_give_the_bound_of_all_within_their_own_margin(seed: int) -> None:
    jobs, crews, plane, _ = a_world(seed, n=40, units=4, shifts=True)
    exact = response_bound(jobs, crews, plane, pairs_per_job=60)
    few = response_bound(jobs, crews, plane, pairs_per_job=2, rounds_max=30)
    assert exact.is_optimal
    assert few.total <= exact.total <= few.mean_at_most_ms * jobs.weight_milli.sum() / 1000 + 1
    assert few.total >= 0.998 * exact.total
    assert few.pairs < exact.pairs


def test_a_bound_from_too_few_rounds_is_lower_and_says_so() -> None:
    jobs, crews, plane, _ = a_world(1, n=60, units=4, shifts=True)
    best = response_bound(jobs, crews, plane, tighten=0)
    hasty = response_bound(jobs, crews, plane, pairs_per_job=1, rounds_max=1, tighten=0)
    assert not hasty.is_optimal
    assert hasty.total < best.total


def test_each_category_has_a_bound_of_its_own_mean() -> None:
    jobs, crews, plane, _ = a_world(3, n=30, units=3)
    category = np.where(np.arange(30) % 3 == 0, "C3", "C2")
    bounds = mean_bounds_ms(jobs, crews, plane, category)
    assert sorted(bounds) == ["C2", "C3"]
    all_at_once = Jobs(
        jobs.at_ms,
        jobs.place,
        jobs.mobilise_ms,
        jobs.exit_place,
        jobs.exit_after_ms,
        np.full(30, 1000, np.int64),
    )
    together = response_bound(all_at_once, crews, plane)
    assert sum(bound.total for bound in bounds.values()) <= together.total


def test_one_unit_and_two_incidents_by_hand() -> None:
    plane = Plane(np.array([0.0, 10.0, 0.0]), np.array([0.0, 0.0, 5.0]))
    jobs = Jobs(
        at_ms=np.array([0, 1 * MINUTE]),
        place=np.array([0, 1], np.int32),
        mobilise_ms=np.zeros(2, np.int64),
        exit_place=np.array([[0], [1]], np.int32),
        exit_after_ms=np.full((2, 1), 30 * MINUTE),
        weight_milli=np.full(2, 1000, np.int64),
    )
    crews = Crews(np.array([0]), np.array([2], np.int32), np.array([NEVER_MS]))
    # First place 0 (5 min), then 30 min there and 10 min to place 1, known since minute 1.
    tight = response_bound(jobs, crews, plane)
    assert tight.total == (5 + 5 + 30 + 10 - 1) * MINUTE
    assert tight.mean_ms == tight.total / 2
    # Without feeding the 5 minutes back, the second could begin 5 minutes earlier.
    assert response_bound(jobs, crews, plane, tighten=0).total == (5 + 30 + 10 - 1) * MINUTE


def test_the_share_of_the_gap_needs_a_gap() -> None:
    assert gap_closed(30.0, 20.0, 10.0) == 0.5
    assert gap_closed(10.0, 9.0, 10.0) is None


def test_refuses_worlds_that_do_not_fit_together() -> None:
    jobs, crews, plane, _ = a_world(0)
    stuck = Jobs(
        jobs.at_ms,
        jobs.place,
        jobs.mobilise_ms,
        np.full_like(jobs.exit_place, -1),
        jobs.exit_after_ms,
        jobs.weight_milli,
    )
    with pytest.raises(ValueError, match="way to become free"):
        response_bound(stuck, crews, plane)
    backwards = Crews(crews.start_ms, crews.place, crews.start_ms - 1)
    with pytest.raises(ValueError, match="end after they start"):
        response_bound(jobs, backwards, plane)
