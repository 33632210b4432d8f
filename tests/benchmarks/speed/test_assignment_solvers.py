"""Solvers of the joint problem agree on every instance."""

from __future__ import annotations

import pytest

from benchmarks.speed.assignment_solvers import SOLVERS, compare, instance


@pytest.mark.parametrize("seed", range(4))
def test_every_solver_finds_the_same_total(seed: int) -> None:
    case = instance(seed, 40, 80)
    totals = {name: solver(case) for name, solver in SOLVERS.items()}
    assert set(totals.values()) == {totals["compiled"]}
    assert totals["compiled"] < 0


def test_the_table_has_a_line_for_each_solver() -> None:
    lines = compare(sizes=((10, 20),), seeds=2, cp_sat_seeds=1)
    assert [line["solver"] for line in lines] == list(SOLVERS)
    assert all(line["p50_ms"] > 0 for line in lines)
