"""Arrays as few bytes: laid out so that zlib finds the likeness of neighbours.

Neighbours in the arrays of a map are close, so differences are small; and bytes of like
significance compress best side by side.
"""

from __future__ import annotations

import zlib
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.road_network import DEGREE_SCALE

Array = npt.NDArray[Any]
Shape = tuple[int, ...]

ARRAY_BYTES_MAX: Final = 1 << 32
"""Largest array that is read: a bound on what a damaged table can make the reader allocate."""

_LEVEL: Final = 9
_KINDS: Final = frozenset("biuf")


class Packed(NamedTuple):
    """An array as bytes, and the layout that was chosen for it."""

    layout: str
    data: bytes


def pack(array: Array) -> Packed:
    """Return an array as bytes. Equal arrays give equal bytes with one version of zlib."""
    array = np.ascontiguousarray(array)
    width = array.dtype.itemsize
    if array.dtype == np.float64 and array.ndim == 1 and _fits_degrees(array):
        steps = np.rint(array * DEGREE_SCALE).astype(np.int32)
        return Packed("degrees", zlib.compress(_differences(steps), _LEVEL))
    if array.dtype.kind in "iu" and width > 1 and array.ndim == 1:
        return Packed("differences", zlib.compress(_differences(array), _LEVEL))
    if width > 1:
        return Packed("planes", zlib.compress(_planes(array), _LEVEL))
    return Packed("plain", zlib.compress(array.tobytes(), _LEVEL))


def unpack(packed: Packed, dtype: str, shape: Shape) -> Array:
    """Return the array of some bytes.

    Raises
    ------
    ValueError
        When the bytes are damaged, or are not an array of this type and shape.
    """
    kind = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    stored = np.dtype(np.int32) if packed.layout == "degrees" else kind
    size = count * stored.itemsize
    if kind.kind not in _KINDS or min(shape, default=0) < 0 or size > ARRAY_BYTES_MAX:
        raise ValueError(f"Expected an array of numbers, was {dtype} of shape {shape}.")
    try:
        # One byte more than due, so that surplus shows without unpacking all of it.
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(packed.data, size + 1)
    except zlib.error as error:
        raise ValueError(f"Expected compressed bytes, was: {error}.") from error
    if len(raw) != size:
        raise ValueError(f"Expected {size} bytes, was {len(raw)} or more.")
    if not unpacking.eof or unpacking.unused_data:
        # The numbers are whole, but not the checksum behind them.
        raise ValueError(f"Expected an end after {size} bytes, was none or something beyond it.")
    return _laid_out(packed.layout, raw, kind, shape)


def _laid_out(layout: str, raw: bytes, dtype: np.dtype[Any], shape: Shape) -> Array:
    match layout:
        case "plain":
            return np.frombuffer(raw, dtype=dtype).reshape(shape).copy()
        case "planes":
            return _unplaned(raw, dtype).reshape(shape)
        case "differences":
            return _summed(raw, dtype).reshape(shape)
        case "degrees":
            steps = _summed(raw, np.dtype(np.int32)).reshape(shape)
            return (steps / DEGREE_SCALE).astype(dtype)
        case _:
            raise ValueError(f"Expected a known layout, was {layout!r}.")


def _fits_degrees(array: Array) -> bool:
    """Test whether float64 degrees are whole 1e-7 steps, as map coordinates are."""
    if not np.isfinite(array).all() or (np.abs(array) > 180.0).any():
        return False
    steps = np.rint(array * DEGREE_SCALE).astype(np.int32)
    return bool((steps / DEGREE_SCALE).tobytes() == array.tobytes())


def _planes(array: Array) -> bytes:
    width = array.dtype.itemsize
    return array.reshape(-1).view(np.uint8).reshape(-1, width).T.tobytes()


def _unplaned(raw: bytes, dtype: np.dtype[Any]) -> Array:
    bytewise = np.frombuffer(raw, dtype=np.uint8).reshape(dtype.itemsize, -1).T
    return np.ascontiguousarray(bytewise).reshape(-1).view(dtype)


def _differences(array: Array) -> bytes:
    unsigned = array.view(f"u{array.dtype.itemsize}")
    # Unsigned numbers wrap around, so no difference overflows.
    return _planes(np.diff(unsigned, prepend=unsigned.dtype.type(0)))


def _summed(raw: bytes, dtype: np.dtype[Any]) -> Array:
    steps = _unplaned(raw, np.dtype(f"u{dtype.itemsize}"))
    return np.cumsum(steps, dtype=steps.dtype).view(dtype)
