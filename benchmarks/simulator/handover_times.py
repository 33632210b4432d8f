"""Handover times as published: a distribution through every published figure of a trust.

Published are the mean, the 90th centile the shares over 15, 30 and 60 minutes, and the total
beyond 30. One lognormal cannot meet them all: real handovers have a body of quick ones and a long
tail. So the logarithm of time is a broken line over the normal quantile, through the published
points; the slopes of its ends are those that give the published mean and total.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import fsum
from typing import Final

import numpy as np

from benchmarks.published import Indicators
from benchmarks.simulator.quantile import Float64s, exponential, natural_log, normal

LEFT_Z: Final = -4.0
RIGHT_Z: Final = 4.0
LONGEST_S: Final = 12 * 3600.0
"""No handover is drawn longer than this. Assumed."""

SLOPE_MIN: Final = 0.02
"""Least rise of log time by normal deviate: times differ at least this much."""

LIMITS_S: Final = ((900.0, "A144"), (1800.0, "A145"), (3600.0, "A146"))


@dataclass(frozen=True, slots=True, eq=False)
class TimesOfTrust:
    """A broken line from normal deviates ``z`` to ``log_s``, the logarithm of seconds."""

    z: Float64s
    log_s: Float64s
    mean_s: float

    def seconds(self, uniform: Float64s) -> Float64s:
        """Return the times at which the share of shorter ones is ``uniform``, in (0, 1)."""
        return self.seconds_at(normal(uniform))

    def seconds_at(self, z: Float64s) -> Float64s:
        """Return the times at normal deviates."""
        piece = np.clip(np.searchsorted(self.z, z) - 1, 0, len(self.z) - 2)
        low, high = self.z[piece], self.z[piece + 1]
        share = (z - low) / (high - low)
        logs = self.log_s[piece] + share * (self.log_s[piece + 1] - self.log_s[piece])
        return np.minimum(exponential(logs), LONGEST_S)


def times_of(published: Indicators) -> TimesOfTrust:
    """Return the handover times of a trust in a month.

    Centile and shares are met exactly; the total beyond 30 minutes by the slope of the right end,
    then the mean by that of the left one, unless the figures contradict one another.
    """
    z, log_s = _knots(published)
    mean_s = float(published.known("A142"))
    right = (log_s[-1] - log_s[-2]) / (z[-1] - z[-2]) if len(z) > 1 else 1.0
    if published["A147"] is not None:
        excess_s = published.known("A147") / published.known("A140")
        right = _slope(lambda slope: _excess_s(_line(z, log_s, (1.0, slope))) < excess_s)
    # A flatter left end means longer short handovers, and a higher mean.
    left = _slope(lambda slope: _mean_s(_line(z, log_s, (slope, right))) > mean_s)
    return _line(z, log_s, (left, right), mean_s)


def _slope(is_too_flat: Callable[[float], bool]) -> float:
    """Return the slope at which a line ceases to be too flat, by bisection."""
    low, high = SLOPE_MIN, 4.0
    for _ in range(40):
        slope = (low + high) / 2.0
        low, high = (slope, high) if is_too_flat(slope) else (low, slope)
    return high


def _knots(published: Indicators) -> tuple[list[float], list[float]]:
    """Return the published points, in rising order; a point that does not rise is left out."""
    count = published.known("A140")
    points = [(float(published.known("A143")), 0.9)]
    for limit_s, code in LIMITS_S:
        over = published[code]
        if over is not None and 0 < over < count:
            points.append((limit_s, 1.0 - over / count))
    z: list[float] = []
    log_s: list[float] = []
    for seconds, share in sorted(points):
        deviate = float(normal(np.array([share]))[0])
        if not z or deviate > z[-1] + 0.01:
            z.append(deviate)
            log_s.append(float(natural_log(np.array([seconds]))[0]))
    return z, log_s


def _line(
    z: list[float], log_s: list[float], slopes: tuple[float, float], mean_s: float = 0.0
) -> TimesOfTrust:
    """Return the whole line: the knots, with a left and a right end of given slopes."""
    left, right = slopes
    first = log_s[0] - left * (z[0] - LEFT_Z)
    last = log_s[-1] + right * (RIGHT_Z - z[-1])
    return TimesOfTrust(
        z=np.array([LEFT_Z, *z, RIGHT_Z]), log_s=np.array([first, *log_s, last]), mean_s=mean_s
    )


def _mean_s(times: TimesOfTrust) -> float:
    return fsum(times.seconds_at(_grid_z()).tolist()) / GRID_SIZE


def _excess_s(times: TimesOfTrust) -> float:
    """Return the mean time beyond 30 minutes."""
    return fsum(np.maximum(0.0, times.seconds_at(_grid_z()) - 1800.0).tolist()) / GRID_SIZE


GRID_SIZE: Final = 4000


@cache
def _grid_z() -> Float64s:
    """Return the deviates at the middles of equal shares, at which means are taken."""
    return normal((np.arange(GRID_SIZE) + 0.5) / GRID_SIZE)
