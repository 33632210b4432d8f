"""One sample of durations in a few numbers: count, total, mean, median, 90th centile."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Durations in seconds; None where there are no durations.

    Each duration is rounded to whole seconds before anything is computed, as a control room
    records them, so that ``mean_s`` is exactly ``total_s / count``.
    """

    count: int
    total_s: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    max_s: int | None


def sample_of(durations_ms: Int64s) -> Sample:
    """Return the numbers of durations in milliseconds; negative ones are absent and left out."""
    seconds = whole_seconds(durations_ms[durations_ms >= 0])
    if not len(seconds):
        return Sample(count=0, total_s=0, mean_s=None, median_s=None, p90_s=None, max_s=None)
    total = int(seconds.sum())
    return Sample(
        count=len(seconds),
        total_s=total,
        mean_s=total / len(seconds),
        median_s=centile(seconds, 50),
        p90_s=centile(seconds, 90),
        max_s=int(seconds.max()),
    )


def whole_seconds(durations_ms: Int64s) -> Int64s:
    """Return milliseconds as whole seconds, halves up."""
    return (durations_ms + 500) // 1000


def centile(values: Int64s, percent: int) -> float:
    """Return a centile: linear between the two nearest ranks, the lowest is 0 and the highest 100.

    This is definition 7 of Hyndman and Fan, PERCENTILE.INC of spreadsheets. How NHS England
    interpolates is not published with the figures; in a month of a trust the definitions differ
    by seconds.

    Raises
    ------
    ValueError
        When there are no values.

    Examples
    --------
    >>> import numpy as np
    >>> centile(np.array([10, 20, 30, 40]), 90)
    37.0
    """
    if not len(values):
        raise ValueError("Expected at least one value, was none.")
    ordered = np.sort(values)
    rank, rest = divmod((len(ordered) - 1) * percent, 100)
    low = int(ordered[rank])
    if not rest:
        return float(low)
    return low + (int(ordered[rank + 1]) - low) * rest / 100
