"""The harm of waiting: how much a minute costs, by category and by how long it has been already.

``H_c(t) = w_c (t + t²/120)`` with t in minutes: the first minute of a C2 costs 1, the minute after
an hour costs 2. Everything is computed in integers, so that equal waits give equal harm on every
machine and ties are real ties: time in milliseconds, weights in thousandths, harm in *weighted
microseconds* (``_us``), of which 60 million are one C2-minute.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

HARM_US_PER_MINUTE: Final = 60_000_000
"""Weighted microseconds in one minute of weight 1 (a "C2-minute")."""

WAITED_MS_MAX: Final = 3_000_000_000
"""Longest wait whose square fits 63 bits (34.7 days); longer waits are cut to it."""


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
