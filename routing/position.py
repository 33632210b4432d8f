"""Positions on the road: an edge and how far along it, packed into one 64-bit integer.

The high bits are the edge, the low 24 bits how much of the edge's *time* lies behind, from 0 at
its start to `FULL` at its end. A position is a value: it needs no table to be read.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from routing.kernel import kernel

Positions = npt.NDArray[np.int64]

FRACTION_BITS: Final = 24
FULL: Final = 2**FRACTION_BITS - 1
"""The fraction at the end of an edge. As it exceeds the milliseconds of any edge shorter than
4.6 hours, every whole millisecond along an edge is a position of its own."""

HALF: Final = FULL // 2
"""The last fraction of an edge's first half; seen from the opposite edge, of its second half."""


def pack(edge: int, fraction: float) -> int:
    """Return the position at a fraction, in [0, 1], of an edge."""
    if edge < 0:
        raise ValueError(f"Expected an edge number, was {edge}.")
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"Expected a fraction in [0, 1], was {fraction}.")
    return (edge << FRACTION_BITS) | round(fraction * FULL)


def edge_of(position: int) -> int:
    """Return the edge on which a position lies."""
    return position >> FRACTION_BITS


def fraction_of(position: int) -> float:
    """Return how far along its edge a position lies, in [0, 1]."""
    return (position & FULL) / FULL


def row_of(positions: npt.ArrayLike) -> Positions:
    """Return positions as a row of int64 that kernels take as it is; they check each on the way.

    Raises
    ------
    ValueError
        When they are not one-dimensional, or not integers.
    """
    given = np.asarray(positions)
    flags = given.flags
    if given.dtype == np.int64 and given.ndim == 1 and flags.c_contiguous and flags.writeable:
        return given
    if given.ndim != 1 or (given.dtype.kind not in "iu" and given.size):
        raise ValueError(f"Expected a row of integers, was {given.dtype} of shape {given.shape}.")
    # A copy where need be: kernels would be compiled anew for a read-only argument.
    return np.array(given, dtype=np.int64)


def checked_positions(positions: npt.ArrayLike, edge_count: int) -> Positions:
    """Return positions as a row of int64 after checking that each names one of the edges.

    Raises
    ------
    ValueError
        When they are not one-dimensional, not integers, or name an edge that does not exist.
    """
    rows = row_of(positions)
    if rows.size and (rows.min() < 0 or rows.max() >= edge_count << FRACTION_BITS):
        wrong = (rows < 0) | (rows >= edge_count << FRACTION_BITS)
        raise foreign_position(int(rows[wrong][0]))
    return rows


def foreign_position(position: int) -> ValueError:
    """Return the error for a position that names no edge of a network."""
    return ValueError(f"Expected positions of this road network, was {position}.")


@kernel
def behind_ms(edge_ms: Any, fraction: Any) -> Any:
    """Return the whole milliseconds of an edge that lie behind a fraction of it."""
    return np.int64(edge_ms) * np.int64(fraction) // np.int64(FULL)
