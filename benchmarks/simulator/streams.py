"""Named random streams without a state: a draw depends on seed, stream and subject, on no order.

Two policies on one log meet the same patients, the same traffic and the same handovers, whatever
they decide (common random numbers): a draw is a hash of what it is for, not the next of a row.
The hash is the finaliser of SplitMix64, applied twice; integers only, so that every platform and
every version of numpy draws the same.

References
----------
.. [1] Steele, G.L., D. Lea, and C.H. Flood (2014). Fast splittable pseudorandom number
       generators. OOPSLA '14, 453-472. doi:10.1145/2660193.2660195
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

UInt64s = npt.NDArray[np.uint64]
Float64s = npt.NDArray[np.float64]

_SPREAD_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_SPREAD_2: Final = np.uint64(0x94D049BB133111EB)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_ULP: Final = 2.0**-53


class Streams:
    """Uniform numbers by stream name and subject, for one seed.

    Examples
    --------
    >>> keys = keys_of(["i1", "i2"])
    >>> bool((Streams(1).uniform("scene", keys) == Streams(1).uniform("scene", keys)).all())
    True
    """

    __slots__ = ("seed",)

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise ValueError(f"Expected a seed of 0 or more, was {seed}.")
        self.seed = seed

    def uniform(self, name: str, keys: UInt64s) -> Float64s:
        """Return one number in (0, 1) for each subject; never 0 or 1 itself."""
        stream = key_of(f"{self.seed}/{name}")
        bits = _mixed(_mixed(keys ^ stream) + stream * _GOLDEN)
        return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * _ULP


def key_of(name: str) -> UInt64s:
    """Return the key of one name, as an array of one."""
    return keys_of([name])


def keys_of(names: Iterable[str]) -> UInt64s:
    """Return the keys of subjects: 64 bits that depend on the name alone."""
    digests = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def numbered(keys: UInt64s, numbers: npt.NDArray[np.int64]) -> UInt64s:
    """Return keys for the numbered parts of subjects: the nth walk-in patient of a hospital."""
    return _mixed(keys + (numbers.astype(np.uint64) + np.uint64(1)) * _GOLDEN)


def _mixed(bits: UInt64s) -> UInt64s:
    bits = (bits ^ (bits >> np.uint64(30))) * _SPREAD_1
    bits = (bits ^ (bits >> np.uint64(27))) * _SPREAD_2
    return bits ^ (bits >> np.uint64(31))
