"""Properties of the matching: as cheap as brute force, and the first of all equals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.policies.matching import NO_UNIT, Matching, match

Pairs = dict[tuple[int, int], int]
Found = tuple[int, tuple[int, ...]]


def solve(pairs: Pairs, incidents: int, units: int) -> Matching:
    rows = np.array([k for k, _ in pairs], dtype=np.int32)
    columns = np.array([v for _, v in pairs], dtype=np.int32)
    costs = np.array(list(pairs.values()), dtype=np.int64)
    return match(rows, columns, costs, incidents, units)


def every_matching(pairs: Pairs, incidents: int) -> Iterator[Found]:
    """Yield total and units of every matching over worthwhile pairs."""
    neighbours = [
        [(v, cost) for (k2, v), cost in pairs.items() if k2 == k and cost < 0]
        for k in range(incidents)
    ]

    def extend(k: int, total: int, chosen: tuple[int, ...]) -> Iterator[Found]:
        if k == incidents:
            yield total, chosen
            return
        yield from extend(k + 1, total, (*chosen, NO_UNIT))
        for v, cost in neighbours[k]:
            if v not in chosen:
                yield from extend(k + 1, total + cost, (*chosen, v))

    yield from extend(0, 0, ())


def tie_key(found: Found) -> tuple[int, tuple[float, ...]]:
    total, chosen = found
    return total, tuple(float("inf") if v == NO_UNIT else v for v in chosen)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Pairs, int, int]:
    incidents = draw(st.integers(1, 5))
    units = draw(st.integers(1, 5))
    lowest = draw(st.sampled_from([-2, -5, -1000]))
    all_pairs = st.tuples(st.integers(0, incidents - 1), st.integers(0, units - 1))
    pairs = draw(st.dictionaries(all_pairs, st.integers(lowest, 1), max_size=25))
    return pairs, incidents, units


@settings(max_examples=1500, deadline=None)
@given(problems())
def test_is_the_first_of_all_cheapest_matchings(problem: tuple[Pairs, int, int]) -> None:
    pairs, incidents, units = problem
    found = solve(pairs, incidents, units)
    best_total, best_units = min(every_matching(pairs, incidents), key=tie_key)
    assert found.total == best_total
    assert tuple(found.unit_of.tolist()) == best_units


@settings(max_examples=300, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_does_not_depend_on_the_order_of_the_pairs(problem, random) -> None:
    pairs, incidents, units = problem
    shuffled = list(pairs.items())
    random.shuffle(shuffled)
    one, two = solve(pairs, incidents, units), solve(dict(shuffled), incidents, units)
    assert one.unit_of.tolist() == two.unit_of.tolist()
    assert one.component_of.tolist() == two.component_of.tolist()


@settings(max_examples=300, deadline=None)
@given(problems())
def test_prices_prove_the_answer(problem: tuple[Pairs, int, int]) -> None:
    pairs, incidents, units = problem
    found = solve(pairs, incidents, units)
    assert (found.incident_price <= 0).all()
    assert (found.unit_price <= 0).all()
    for (k, v), cost in pairs.items():
        if cost < 0:
            assert cost >= found.incident_price[k] + found.unit_price[v]
    chosen = sum(pairs[k, v] for k, v in enumerate(found.unit_of.tolist()) if v != NO_UNIT)
    assert chosen == found.total == found.incident_price.sum() + found.unit_price.sum()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 1000, 10**9]))
def test_is_as_cheap_as_the_dense_solver_of_scipy(seed: int, spread: int) -> None:
    from scipy.optimize import linear_sum_assignment

    draw = np.random.default_rng(seed)
    incidents, units = draw.integers(1, 60, 2)
    dense = draw.integers(-spread, spread // 3 + 1, (incidents, units))
    dense[draw.random((incidents, units)) < 0.6] = 1
    rows, columns = np.nonzero(dense <= 0)
    found = match(
        rows.astype(np.int32),
        columns.astype(np.int32),
        dense[rows, columns],
        int(incidents),
        int(units),
    )
    padded = np.concatenate([np.minimum(dense, 0), np.zeros((incidents, incidents))], axis=1)
    chosen = linear_sum_assignment(padded)
    assert found.total == int(padded[chosen].sum())
