"""A position is one integer that says all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.position import (
    FRACTION_BITS,
    FULL,
    behind_ms,
    checked_positions,
    edge_of,
    fraction_of,
    pack,
)


@given(st.integers(0, 2**31 - 1), st.floats(0, 1))
def test_a_position_gives_back_its_edge_and_fraction(edge, fraction):
    position = pack(edge, fraction)
    assert edge_of(position) == edge
    assert fraction_of(position) == pytest.approx(fraction, abs=1 / FULL)
    assert np.int64(position) == position


@given(st.integers(0, FULL), st.integers(0, FULL))
def test_what_lies_behind_never_shrinks_and_ends_at_the_whole(whole_ms, fraction):
    behind = behind_ms(np.int32(whole_ms), np.int64(fraction))
    assert 0 <= behind <= whole_ms
    assert behind_ms(np.int32(whole_ms), np.int64(FULL)) == whole_ms
    if fraction < FULL:
        assert behind <= behind_ms(np.int32(whole_ms), np.int64(fraction + 1))


@pytest.mark.parametrize(("edge", "fraction"), [(-1, 0.5), (0, -0.1), (0, 1.1), (0, float("nan"))])
def test_what_is_no_place_on_an_edge_is_refused(edge, fraction):
    with pytest.raises(ValueError, match="Expected"):
        pack(edge, fraction)


def test_positions_of_another_network_are_refused():
    assert checked_positions([5 << FRACTION_BITS], 6).tolist() == [5 << FRACTION_BITS]
    with pytest.raises(ValueError, match="Expected positions of this road network"):
        checked_positions([6 << FRACTION_BITS], 6)
    with pytest.raises(ValueError, match="Expected positions of this road network, was -1"):
        checked_positions([-1], 6)
    with pytest.raises(ValueError, match="Expected a row of integers"):
        checked_positions([0.5], 6)
    with pytest.raises(ValueError, match="Expected a row of integers"):
        checked_positions(np.zeros((2, 2), dtype=np.int64), 6)


def test_read_only_positions_are_copied_for_the_kernels():
    frozen = np.array([0], dtype=np.int64)
    frozen.flags.writeable = False
    assert checked_positions(frozen, 1).flags.writeable


def test_no_positions_are_fine():
    assert checked_positions([], 0).tolist() == []
