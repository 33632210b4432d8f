"""Arrays as bytes and back."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.region_codec import Packed, pack, unpack

ARRAYS = hnp.arrays(
    dtype=st.sampled_from(["<f8", "<f4", "<i4", "<i8", "|u1", "|b1", "<u2"]),
    shape=hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=30),
)
DEGREES = st.lists(st.integers(-1_800_000_000, 1_800_000_000), max_size=30).map(
    lambda steps: np.array(steps, dtype=np.float64) / 10_000_000
)


@given(ARRAYS | DEGREES)
def test_every_array_comes_back_bit_for_bit(array):
    back = unpack(pack(array), array.dtype.str, array.shape)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()


def test_coordinates_are_kept_as_whole_steps():
    array = np.linspace(-1.3, -1.2, 1000).round(7)
    assert pack(array).layout == "degrees"


@pytest.mark.parametrize("odd", [0.1 + 1e-12, np.nan, -0.0, 200.0])
def test_what_is_no_map_coordinate_is_kept_as_it_is(odd):
    array = np.array([0.5, odd])
    assert pack(array).layout == "planes"
    assert unpack(pack(array), "<f8", (2,)).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("packed", "dtype", "shape", "expected"),
    [
        (Packed("plain", b"no zlib"), "|u1", (3,), "compressed bytes"),
        (Packed("plain", zlib.compress(b"abcd")), "|u1", (3,), "Expected 3 bytes, was 4 or more"),
        (Packed("plain", zlib.compress(b"ab")), "|u1", (3,), "Expected 3 bytes, was 2"),
        (Packed("wild", zlib.compress(b"abc")), "|u1", (3,), "a known layout"),
        (Packed("plain", zlib.compress(b"abc")), "|O", (3,), "an array of numbers"),
        (Packed("plain", zlib.compress(b"abc")), "|u1", (2**40,), "an array of numbers"),
        (Packed("plain", zlib.compress(b"abc")), "|u1", (-3,), "an array of numbers"),
    ],
)
def test_damaged_bytes_are_refused(packed, dtype, shape, expected):
    with pytest.raises(ValueError, match=expected):
        unpack(packed, dtype, shape)
