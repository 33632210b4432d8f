"""Expected cover, its losses and gains, and the moves that follow."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.weighing import CoverRules
from dispatch.policies.coverage import (
    Move,
    best_place,
    busy_fraction,
    counts_from,
    cover_costs_us,
    cover_counts,
    cover_gains,
    cover_losses,
    expected_cover,
    net_gains,
    reached,
    rebalance,
)
from dispatch.policies.harm import HARM_US_PER_MINUTE

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

FREELY = CoverRules(drive_price_per_min=0.0, gain_min=1e-9)


def moves_of(
    demand: Floats,
    units: Bools,
    posts: Bools,
    drive: Floats,
    is_movable: Bools,
    busy: float,
    rules: CoverRules,
) -> list[Move]:
    """Return the moves of units that cover what their rows say, each standing at its own place."""
    return rebalance(
        demand,
        reached(np.vstack((units, posts))),
        np.arange(len(units)),
        len(units) + np.arange(len(posts)),
        lambda rows, columns: drive[np.ix_(rows, columns)],
        is_movable,
        busy,
        rules,
    )


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.95))
def test_losses_and_gains_are_differences_of_expected_cover(seed: int, busy: float) -> None:
    draw = np.random.default_rng(seed)
    demand = draw.random(12)
    units, posts = draw.random((5, 12)) < 0.4, draw.random((3, 12)) < 0.4
    counts = cover_counts(units)
    now = expected_cover(demand, counts, busy)
    lost = cover_losses(demand, counts, units, busy)
    won = cover_gains(demand, counts, reached(posts), busy)
    for v in range(5):
        without = cover_counts(np.delete(units, v, axis=0))
        assert lost[v] == pytest.approx(now - expected_cover(demand, without, busy))
    for p in range(3):
        more = counts + posts[p].astype(np.int32)
        assert won[p] == pytest.approx(expected_cover(demand, more, busy) - now)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 4), max_size=8))
def test_units_at_posts_cover_what_the_posts_reach(seed: int, places: list[int]) -> None:
    posts = np.random.default_rng(seed).random((5, 10)) < 0.3
    rows = np.array(places, np.int64)
    assert counts_from(rows, reached(posts)).tolist() == cover_counts(posts[rows]).tolist()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 0.1))
def test_no_drive_is_asked_for_that_could_not_matter_and_none_is_missed(
    seed: int, gain_min: float
) -> None:
    draw = np.random.default_rng(seed)
    demand = draw.random(10)
    demand /= demand.sum()
    units, posts = draw.random((6, 10)) < 0.3, draw.random((5, 10)) < 0.3
    drive = draw.random((6, 5)) * 40
    asked = np.zeros((6, 5), np.bool_)
    rules = CoverRules(drive_price_per_min=1e-3, gain_min=gain_min, moves_max=1)

    def drives(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Floats:
        asked[np.ix_(rows, columns)] = True
        return drive[np.ix_(rows, columns)]

    everybody = np.ones(6, np.bool_)
    rebalance(
        demand,
        reached(np.vstack((units, posts))),
        np.arange(6),
        6 + np.arange(5),
        drives,
        everybody,
        0.7,
        rules,
    )
    for v, p in zip(*np.nonzero(~asked), strict=True):
        # Were it next door, the move would still not be worth it.
        near = np.full((6, 5), 1000.0)
        near[v, p] = 0.0
        assert moves_of(demand, units, posts, near, everybody, 0.7, rules) == []


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_first_move_is_the_best_of_all_single_moves(seed: int) -> None:
    draw = np.random.default_rng(seed)
    demand = draw.random(10)
    demand /= demand.sum()
    units, posts = draw.random((4, 10)) < 0.3, draw.random((5, 10)) < 0.3
    drive = draw.random((4, 5)) * 40
    rules = CoverRules(drive_price_per_min=1e-3, gain_min=1e-6, moves_max=1)
    now = expected_cover(demand, cover_counts(units), 0.7)

    def gain(v: int, p: int) -> float:
        moved = units.copy()
        moved[v] = posts[p]
        return expected_cover(demand, cover_counts(moved), 0.7) - now - 1e-3 * drive[v, p]

    allowed = [(v, p) for v, p in product(range(4), range(5)) if drive[v, p] <= 25]
    best = max([gain(v, p) for v, p in allowed], default=0.0)
    moves = moves_of(demand, units, posts, drive, np.ones(4, np.bool_), 0.7, rules)
    assert [m.gain for m in moves] == ([pytest.approx(best)] if best >= 1e-6 else [])


def test_two_moves_are_shared_out_so_that_the_longest_drive_is_short() -> None:
    demand = np.full(3, 1 / 3)
    units = np.array([[True, False, False]] * 3)
    posts = np.array([[False, True, False], [False, False, True]])
    # Unit 0 is nearest to both posts; going to the nearer one would leave a drive of 20.
    drive = np.array([[2.0, 5.0], [9.0, 20.0], [24.0, 24.0]])
    moves = moves_of(demand, units, posts, drive, np.ones(3, np.bool_), 0.5, FREELY)
    assert sorted((m.unit, m.post) for m in moves) == [(0, 1), (1, 0)]


def test_never_moves_a_unit_that_may_not_or_too_far() -> None:
    demand, units = np.ones(2) / 2, np.array([[True, False], [True, False]])
    posts = np.array([[False, True]])
    near, far = np.full((2, 1), 5.0), np.full((2, 1), 26.0)
    nobody = np.zeros(2, np.bool_)
    assert moves_of(demand, units, posts, near, nobody, 0.5, FREELY) == []
    assert moves_of(demand, units, posts, far, ~nobody, 0.5, FREELY) == []
    assert moves_of(demand, units, posts, near, ~nobody, 0.5, FREELY) == [Move(0, 0, 5.0, 0.125)]


def test_the_drive_has_its_price_and_its_limit() -> None:
    rules = CoverRules(drive_price_per_min=0.01, drive_min_max=25)
    net = net_gains(np.array([0.30, 0.29, 0.9]), np.array([10.0, 5.0, 25.1]), rules)
    assert net[:2].tolist() == pytest.approx([0.20, 0.24])
    assert best_place(net) == 1
    assert best_place(np.array([-np.inf])) is None
    assert best_place(np.array([])) is None


def test_the_average_unit_costs_the_configured_minutes() -> None:
    costs = cover_costs_us(np.array([0.1, 0.3]), 20.0)
    assert costs.tolist() == [10 * HARM_US_PER_MINUTE, 30 * HARM_US_PER_MINUTE]
    assert cover_costs_us(np.zeros(2), 20.0).tolist() == [0, 0]


def test_the_busy_fraction_stays_within_its_limits() -> None:
    assert busy_fraction(60.0, 90.0, 100) == pytest.approx(0.9)
    assert busy_fraction(1.0, 90.0, 100) == 0.3
    assert busy_fraction(600.0, 90.0, 100) == 0.95
    with pytest.raises(ValueError, match="at least 1 unit"):
        busy_fraction(1.0, 90.0, 0)


def test_refuses_what_does_not_fit_together() -> None:
    with pytest.raises(ValueError, match="Expected 2 points"):
        cover_losses(np.ones(2), np.ones(3, np.int32), np.ones((1, 2), np.bool_), 0.5)
    with pytest.raises(ValueError, match=r"busy fraction in \[0, 1\)"):
        cover_gains(np.ones(1), np.ones(1, np.int32), reached(np.ones((1, 1), np.bool_)), 1.0)
