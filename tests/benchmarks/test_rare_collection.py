"""The collector of cycles during a run."""

from __future__ import annotations

import gc

import pytest

from benchmarks.rare_collection import YOUNG_MAX, rare_collection


def test_the_collector_is_as_it_was_afterwards_even_when_a_run_fails() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="fails"):
        fail(before)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def fail(before: tuple[int, int, int]) -> None:
    with rare_collection():
        assert gc.get_threshold() == (YOUNG_MAX, *before[1:])
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
        raise ValueError("fails")
