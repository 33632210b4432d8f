"""Named streams of chance: each kind of draw has its own, so that one more moves no other.

Only the raw integers of the Philox generator are used, whose sequence numpy guarantees for ever
(NEP 19), and only additions, multiplications, divisions and comparisons follow. So equal seeds
give equal numbers on every version of Python and numpy, and on every processor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]

_UNIT: Final = 2.0**-53
_NEGLIGIBLE: Final = 1e-18


class Stream:
    """A sequence of random numbers, told apart by a seed and a name."""

    __slots__ = ("_bits",)

    def __init__(self, seed: int, *name: str) -> None:
        text = "\x1f".join((str(seed), *name)).encode("utf-8")
        key = int.from_bytes(hashlib.sha256(text).digest()[:16], "little")
        self._bits = np.random.Philox(key=key)

    def raw(self, count: int) -> UInt64s:
        """Return the next 64-bit integers."""
        return np.asarray(self._bits.random_raw(count), dtype=np.uint64)

    def uniform(self, count: int) -> Float64s:
        """Return the next numbers in [0, 1), multiples of 2**-53."""
        return (self.raw(count) >> np.uint64(11)).astype(np.float64) * _UNIT

    def normal_like(self) -> float:
        """Return one number with mean 0 and deviation 1: the sum of twelve uniforms, less 6."""
        return float(np.cumsum(self.uniform(12))[-1]) - 6.0


def poisson(uniform: float, mean: float) -> int:
    """Return the Poisson count at a given share of its distribution, by inversion.

    Weights start from 1 at the mode, so that no exponential is needed and none underflows.
    O(sqrt(mean)).

    Examples
    --------
    >>> poisson(0.5, 3.0), poisson(0.0, 3.0), poisson(0.999, 3.0)
    (3, 0, 9)
    """
    if mean <= 0.0:
        return 0
    mode = int(mean)
    above, below = [1.0], []
    while above[-1] > _NEGLIGIBLE:
        above.append(above[-1] * mean / (mode + len(above)))
    weight = 1.0
    for k in range(mode, 0, -1):
        weight *= k / mean
        if weight < _NEGLIGIBLE:
            break
        below.append(weight)
    share = np.cumsum(np.array([*reversed(below), *above]))
    step = int(np.searchsorted(share, uniform * float(share[-1]), side="right"))
    return mode - len(below) + min(step, len(share) - 1)


def chosen(uniform: Float64s, weights: Float64s) -> Int64s:
    """Return indices into weights, each in proportion to its weight."""
    share = np.cumsum(weights)
    index: Int64s = np.searchsorted(share, uniform * share[-1], side="right")
    return np.clip(index, 0, len(share) - 1)


class Quantiles:
    """A distribution given by its values at some shares, straight between them."""

    __slots__ = ("_shares", "_slopes", "_values")

    def __init__(self, shares: Sequence[float], values: Sequence[float]) -> None:
        self._shares = np.array(shares, dtype=np.float64)
        self._values = np.array(values, dtype=np.float64)
        steps = np.diff(self._shares)
        if len(shares) < 2 or shares[0] != 0 or shares[-1] != 1 or not (steps > 0).all():
            raise ValueError(f"Expected rising shares from 0 to 1, was {list(shares)}.")
        if not (np.diff(self._values) >= 0).all():
            raise ValueError(f"Expected values that never fall, was {list(values)}.")
        self._slopes = np.diff(self._values) / steps

    def at(self, uniform: Float64s) -> Float64s:
        """Return the value at each share."""
        part = np.searchsorted(self._shares, uniform, side="right") - 1
        part = np.minimum(part, len(self._slopes) - 1)
        inside: Float64s = uniform - self._shares[part]
        inside *= self._slopes[part]
        inside += self._values[part]
        return inside
