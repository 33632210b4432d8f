"""The harm of waiting: how much a minute costs, by category and by how long it has been already.

``H_c(t) = w_c (t + t²/120)`` with t in minutes: the first minute of a C2 costs 1, the minute after
an hour costs 2. Everything is computed in integers, so that equal waits give equal harm on every
machine and ties are real ties: time in milliseconds, weights in thousandths, harm in *weighted
microseconds* (``_us``), of which 60 million are one C2-minute.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

HARM_US_PER_MINUTE: Final = 60_000_000
"""Weighted microseconds in one minute of weight 1 (a "C2-minute")."""

WAITED_MS_MAX: Final = 3_000_000_000
"""Longest wait whose square fits 63 bits (34.7 days); longer waits are cut to it."""

MS_PER_MINUTE: Final = 60_000


class HarmParameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Weights of `H_c(t) = w_c (t + t² / growth_min)`.

    Attributes
    ----------
    weight_by_rank
        Weight of one minute by rank of service (C1, C2, C3, C4, C5 and what is served with each),
        relative to C2. 25, 1, 0.35 and 0.2 are the design's judgement; simulated results do not
        depend on C3 between 0.35 and 0.5. C5 is set like C4 (assumed).
    growth_min
        Minutes over which the quadratic part becomes as large as the linear one. Simulated results
        do not depend on it between 60 and infinity.
    """

    weight_by_rank: tuple[float, ...] = (25.0, 1.0, 0.35, 0.2, 0.2)
    growth_min: float = 120.0

    def __post_init__(self) -> None:
        """Refuse weights that are not positive and growth that is."""
        if not self.weight_by_rank or min(self.weight_by_rank) <= 0:
            raise ValueError(f"Expected positive weights, was {self.weight_by_rank}.")
        if self.growth_min <= 0:
            raise ValueError(f"Expected growth_min above 0, was {self.growth_min}.")

    @property
    def weights_milli(self) -> npt.NDArray[np.int64]:
        """Weights in thousandths, row 0 for rank 1."""
        return np.array([round(1000 * w) for w in self.weight_by_rank], dtype=np.int64)

    @property
    def growth_ms(self) -> int:
        """Growth in milliseconds."""
        return round(self.growth_min * MS_PER_MINUTE)

    def weight_milli(self, rank: int) -> int:
        """Return the weight of a rank (1 is served first) in thousandths."""
        if not 1 <= rank <= len(self.weight_by_rank):
            raise ValueError(f"Expected a rank in 1..{len(self.weight_by_rank)}, was {rank}.")
        return round(1000 * self.weight_by_rank[rank - 1])


def harm_us(waited_ms: int, weight_milli: int, growth_ms: int) -> int:
    """Return the harm of having waited, in weighted microseconds.

    Parameters
    ----------
    waited_ms
        Milliseconds since clock start. A clock that has not started yet (negative) harms nothing.
    weight_milli
        Weight of the category in thousandths.
    growth_ms
        `HarmParameters.growth_ms`.

    Examples
    --------
    >>> round(harm_us(60_000, 1000, 7_200_000) / HARM_US_PER_MINUTE, 5)
    1.00833
    """
    waited = min(max(waited_ms, 0), WAITED_MS_MAX)
    return weight_milli * (waited + waited * waited // growth_ms)


def harms_us(
    waited_ms: npt.NDArray[np.int64], weight_milli: npt.NDArray[np.int64], growth_ms: int
) -> npt.NDArray[np.int64]:
    """Return `harm_us` of each wait with its weight, in their order."""
    waited = np.clip(waited_ms, 0, WAITED_MS_MAX)
    return weight_milli * (waited + waited * waited // growth_ms)


def extra_harm_us(waited_ms: int, more_ms: int, weight_milli: int, growth_ms: int) -> int:
    """Return how much harm grows when a wait becomes ``more_ms`` longer."""
    return harm_us(waited_ms + more_ms, weight_milli, growth_ms) - harm_us(
        waited_ms, weight_milli, growth_ms
    )


def minutes(harm: int) -> float:
    """Return harm in C2-minutes, for people to read."""
    return harm / HARM_US_PER_MINUTE
