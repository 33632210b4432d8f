"""The cheapest matching of units to incidents."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.policies.matching import NO_UNIT, match


def of(*pairs: tuple[int, int, int], incidents: int, units: int):
    rows = np.array([p[0] for p in pairs], dtype=np.int32)
    columns = np.array([p[1] for p in pairs], dtype=np.int32)
    costs = np.array([p[2] for p in pairs], dtype=np.int64)
    return match(rows, columns, costs, incidents, units)


def test_sends_the_second_nearest_when_the_nearest_is_worth_more_elsewhere() -> None:
    found = of((0, 0, -10), (0, 1, -9), (1, 0, -8), incidents=2, units=2)
    assert found.unit_of.tolist() == [1, 0]
    assert found.total == -17


def test_leaves_an_incident_waiting_when_every_unit_costs_more_than_waiting() -> None:
    found = of((0, 0, 0), (0, 1, 5), (1, 1, -1), incidents=2, units=2)
    assert found.unit_of.tolist() == [NO_UNIT, 1]


def test_takes_the_lowest_rows_among_equals() -> None:
    pairs = [(k, v, -7) for k in range(3) for v in range(4)]
    assert of(*pairs, incidents=3, units=4).unit_of.tolist() == [0, 1, 2]


def test_gives_the_only_unit_to_the_gravest_of_equals() -> None:
    assert of((0, 0, -7), (1, 0, -7), incidents=2, units=1).unit_of.tolist() == [0, NO_UNIT]


def test_numbers_components_by_their_gravest_incident() -> None:
    found = of((0, 0, -1), (2, 0, -1), (3, 2, -1), incidents=4, units=3)
    assert found.component_of.tolist() == [0, 1, 0, 2]


def test_has_nothing_to_say_about_nobody() -> None:
    found = of(incidents=0, units=3)
    assert found.unit_of.size == 0
    assert found.total == 0


def test_a_pair_given_twice_counts_with_its_lower_cost() -> None:
    assert of((0, 0, -3), (0, 0, -5), incidents=1, units=1).total == -5


def test_refuses_rows_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"units in 0\.\.1, was 0\.\.0 and 0\.\.2"):
        of((0, 0, -1), (0, 2, -1), incidents=1, units=2)
    with pytest.raises(ValueError, match="as many incidents"):
        match(np.zeros(1, np.int32), np.zeros(2, np.int32), np.zeros(1, np.int64), 1, 1)


def test_an_entirely_tied_national_round_is_still_the_first_in_order() -> None:
    draw = np.random.default_rng(1)
    rows = np.repeat(np.arange(300, dtype=np.int32), 15)
    columns = draw.integers(0, 500, rows.size).astype(np.int32)
    costs = np.full(rows.size, -1000, dtype=np.int64)
    found = match(rows, columns, costs, 300, 500)
    # Every incident can have a unit here, so each gets one and the first gets its lowest.
    assert found.total == -300_000
    assert found.unit_of[0] == columns[:15].min()
