"""Which pairs a joint round weighs."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.policies.joint_candidates_kernel import (
    NONE,
    all_pairs,
    nearest_pairs,
    reached,
    visible,
    ways_to_ask,
)

NOBODY = np.full(30, NONE, np.int32)
ALL = np.ones(90, np.bool_)
NO_WAY_MS = 2**30 - 1


def test_candidates_are_the_nearest_visible_ones_and_the_holder() -> None:
    may = np.array([[True, False, True, True, True]])
    x, zero = np.array([3.0, 1.0, 2.0, 2.0, 9.0]), np.zeros(1)
    start, units = nearest_pairs(
        x, np.zeros(5), zero, zero, may, np.array([4], np.int32), ALL[:5], 2
    )
    assert start.tolist() == [0, 3]
    assert units.tolist() == [2, 3, 4]


@pytest.mark.parametrize("grid", [0, 1])
@pytest.mark.parametrize("stretch", [1.0, 3.0])
def test_candidates_agree_with_sorting_everything(grid: int, stretch: float) -> None:
    draw = np.random.default_rng(3)
    # On a coarse grid many gaps are equal: then the lower row comes first.
    x, y = np.round(draw.random((2, 120)) * 5) if grid else draw.random((2, 120))
    y *= stretch
    may = draw.random((30, 90)) < 0.6
    start, units = nearest_pairs(x[30:], y[30:], x[:30], y[:30], may, NOBODY, ALL, 7)
    for k in range(30):
        gaps = (x[30:] - x[k]) ** 2 + (y[30:] - y[k]) ** 2
        seen = np.flatnonzero(may[k])
        expected = seen[np.argsort(gaps[seen], kind="stable")][:7]
        assert units[start[k] : start[k + 1]].tolist() == expected.tolist()


def test_of_whom_no_near_unit_goes_now_nothing_is_returned() -> None:
    draw = np.random.default_rng(4)
    x, y = draw.random((2, 120))
    may, goes_now = draw.random((30, 90)) < 0.6, draw.random(90) < 0.06
    holder = NOBODY.copy()
    holder[3] = np.flatnonzero(goes_now)[0]
    places = x[30:], y[30:], x[:30], y[:30]
    everything = nearest_pairs(*places, may, holder, ALL, 7)
    start, units = nearest_pairs(*places, may, holder, goes_now, 7)
    left_out = 0
    for k in range(30):
        all_of_k = everything[1][everything[0][k] : everything[0][k + 1]]
        reaches = goes_now[all_of_k].any()
        left_out += not reaches
        expected = all_of_k.tolist() if reaches else []
        assert units[start[k] : start[k + 1]].tolist() == expected
    assert 0 < left_out < 30


def test_all_pairs_are_those_that_may_be_and_each_holder_in_the_order_of_units() -> None:
    may = np.array([[True, False, True], [False, False, False]])
    start, units = all_pairs(may, np.array([1, NONE], np.int32))
    assert start.tolist() == [0, 3, 3]
    assert units.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("left_rank", "takes"), [(3, True), (2, False)])
def test_a_unit_on_its_way_is_for_who_may_divert_and_one_that_relieves_for_who_is_held(
    left_rank: int, takes: bool
) -> None:
    moving, fresh, idle = 0, 1, 2
    may, holder = visible(
        np.ones((1, 3), np.bool_),
        np.zeros(4, np.int64),
        np.array([1, NONE, NONE], np.int32),
        np.array([2, left_rank, 2, 2], np.uint8),
        np.array([True, False, False, False]),
        np.array([False, True, True, False]),
        np.array([False, True, False]),
    )
    assert holder.tolist() == [NONE, moving, NONE, NONE]
    new, held, held_by_nobody_here, waits = range(4)
    assert may[new].tolist() == [takes, True, True], "only from somebody less ill"
    assert may[held].tolist() == [False, True, False], "only the fresh one may relieve"
    assert not may[held_by_nobody_here].any(), "nothing can be exchanged for a unit without a row"
    assert np.flatnonzero(may[waits]).tolist() == [fresh, idle]


def test_the_rest_of_a_begun_way_is_known_and_the_others_are_asked_by_mode() -> None:
    incident, travel_ms, blue, ordinary = ways_to_ask(
        np.array([0, 2, 3], np.int32),
        np.array([0, 1, 0], np.int32),
        np.array([0, NONE], np.int32),
        np.array([2**40, 5]),
        np.array([True, False]),
        NO_WAY_MS,
    )
    assert incident.tolist() == [0, 0, 1]
    assert travel_ms[0] == NO_WAY_MS, "a unit that is left no way"
    assert blue.tolist() == [1]
    assert ordinary.tolist() == [2]


def test_who_has_no_candidate_that_goes_now_is_left_out_with_his_pairs() -> None:
    start, units = np.array([0, 2, 3, 5], np.int32), np.array([0, 1, 1, 1, 2], np.int32)
    goes_now = np.array([True, False, True])
    rows, left, pairs, going_to = reached(start, units, goes_now, np.array([2, 1, NONE], np.int32))
    assert rows.tolist() == [0, 2]
    assert left.tolist() == [0, 2, 4]
    assert pairs.tolist() == [0, 1, 1, 2]
    assert going_to.tolist() == [1, NONE, NONE]
