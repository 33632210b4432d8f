"""Rows and timers whose last changes can be taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.state.book import Timers

names = st.sampled_from(["round", "rebalance", "hospital:A", "hospital:B"])
writes = st.lists(st.tuples(names, st.one_of(st.none(), st.integers(0, 9))), max_size=12)


def write(timers: Timers, changes: list[tuple[str, int | None]]) -> None:
    for name, due_at_ms in changes:
        if due_at_ms is None:
            timers.pop(name, None)
        else:
            timers[name] = due_at_ms


@given(writes, writes)
def test_timers_are_as_they_were_at_the_mark(
    before: list[tuple[str, int | None]], after: list[tuple[str, int | None]]
) -> None:
    timers = Timers()
    write(timers, before)
    known = dict(timers)
    timers.mark()
    write(timers, after)
    timers.restore()
    assert dict(timers) == known
    assert [timers.get(name) for name in known] == list(known.values())


def test_a_timer_that_does_not_run_cannot_be_stopped() -> None:
    timers = Timers()
    timers["round"] = 5
    assert "round" in timers
    assert len(timers) == 1
    assert timers.get("rebalance") is None
    assert timers.get("rebalance", 3) == 3
    with pytest.raises(KeyError):
        del timers["rebalance"]
