"""Paired comparison: differences seed by seed, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]

CONFIDENCE: Final = 0.95


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One policy's responses in one group: over all seeds, in seconds.

    ``mean_s`` is the mean of the seeds' means, with its 95 % interval (None with fewer than two
    seeds); ``p90_s`` the centile of all responses of all seeds together, with the interval of the
    seeds' own centiles laid around it.
    """

    seeds: int
    count: float
    mean_s: float
    mean_s_lower: float | None
    mean_s_upper: float | None
    p90_s: float
    p90_s_lower: float | None = None
    p90_s_upper: float | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One policy against another in one group, paired by seed, in per cent of the other.

    Negative is faster. An interval is None with fewer than two seeds.
    """

    seeds: int
    mean_s: float
    mean_pct: float
    mean_pct_lower: float | None
    mean_pct_upper: float | None
    p90_pct: float
    p90_pct_lower: float | None
    p90_pct_upper: float | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one policy against another: both levels, and the paired difference."""

    policy: float
    baseline: float
    difference: float
    lower: float | None
    upper: float | None


def half_width(values: Float64s) -> float | None:
    """Return the half width of the 95 % interval of a mean (Student's t); None below two values."""
    count = len(values)
    if count < 2:
        return None
    from scipy.special import stdtrit

    spread: float = float(values.std(ddof=1)) / math.sqrt(count)
    deviate = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2))
    return deviate * spread


def ratio_half_width(policy: Float64s, baseline: Float64s) -> float | None:
    """Return the half width, in per cent, of the interval of a ratio of paired means.

    With R the ratio of the two means, each seed leaves ``a - R b``, whose spread over the mean of
    the baseline is that of R (Student's t, paired). Where nothing changes, R is 1 and this is the
    paired t interval of the difference; where all seeds change in the same proportion, whatever
    their level, it is narrow, as it should be. None below two seeds.

    References
    ----------
    .. [1] Cochran, W.G. (1977). *Sampling Techniques*, 3rd ed., section 6.4 (ratio estimates).
    """
    ratio = float(policy.mean()) / float(baseline.mean())
    half = half_width(policy - ratio * baseline)
    return None if half is None else 100.0 * half / float(baseline.mean())


def share_interval(part: Float64s, whole: Float64s) -> tuple[float, float] | None:
    """Return the ends of the interval of a share: the mean of parts over the mean of wholes.

    Paired by seed, as in `ratio_half_width`. None below two seeds, or where the whole is none.
    """
    if len(whole) < 2 or float(whole.mean()) <= 0.0:
        return None
    share = float(part.mean()) / float(whole.mean())
    half = half_width(part - share * whole)
    assert half is not None
    half /= float(whole.mean())
    return share - half, share + half


def level(groups: Sequence[Float64s]) -> Level | None:
    """Return the level of a policy from its responses in seconds, one array a seed.

    Seeds without a response in the group are left out; None when all are.
    """
    known = [group for group in groups if len(group)]
    if not known:
        return None
    means = np.array([group.mean() for group in known])
    half = half_width(means)
    mean = float(means.mean())
    high = pooled_p90(known)
    half_90 = half_width(np.array([np.quantile(group, 0.9) for group in known]))
    return Level(
        seeds=len(known),
        count=float(np.mean([len(group) for group in known])),
        mean_s=mean,
        mean_s_lower=None if half is None else max(0.0, mean - half),
        mean_s_upper=None if half is None else mean + half,
        p90_s=high,
        p90_s_lower=None if half_90 is None else max(0.0, high - half_90),
        p90_s_upper=None if half_90 is None else high + half_90,
    )


def difference(policy: Sequence[Float64s], baseline: Sequence[Float64s]) -> Difference | None:
    """Return the paired difference of two policies, from responses in seconds by seed.

    The mean difference is in per cent of the baseline's mean over all seeds: a seed in which the
    service broke down counts by its minutes, not by its ratio. The 90th centile compares the
    centiles of all responses pooled; its interval is that of the seeds' centiles, laid around the
    pooled figure. See `ratio_half_width` for the intervals.
    """
    pairs = [(a, b) for a, b in zip(policy, baseline, strict=True) if len(a) and len(b)]
    if not pairs:
        return None
    mine = np.array([a.mean() for a, _ in pairs])
    other = np.array([b.mean() for _, b in pairs])
    centre = 100.0 * (float(mine.mean()) / float(other.mean()) - 1.0)
    half = ratio_half_width(mine, other)
    pooled = pooled_p90([b for _, b in pairs])
    centre_90 = 100.0 * (pooled_p90([a for a, _ in pairs]) / pooled - 1.0)
    half_90 = ratio_half_width(
        np.array([np.quantile(a, 0.9) for a, _ in pairs]),
        np.array([np.quantile(b, 0.9) for _, b in pairs]),
    )
    return Difference(
        seeds=len(pairs),
        mean_s=float((mine - other).mean()),
        mean_pct=centre,
        mean_pct_lower=None if half is None else centre - half,
        mean_pct_upper=None if half is None else centre + half,
        p90_pct=centre_90,
        p90_pct_lower=None if half_90 is None else centre_90 - half_90,
        p90_pct_upper=None if half_90 is None else centre_90 + half_90,
    )


def change(policy: Sequence[float], baseline: Sequence[float]) -> Change:
    """Return how a measure differs, paired by seed."""
    mine, other = np.array(policy, np.float64), np.array(baseline, np.float64)
    half = half_width(mine - other)
    middle = float((mine - other).mean())
    return Change(
        policy=float(mine.mean()),
        baseline=float(other.mean()),
        difference=middle,
        lower=None if half is None else middle - half,
        upper=None if half is None else middle + half,
    )


def pooled_p90(groups: Sequence[Float64s]) -> float:
    """Return the 90th centile of all responses of all seeds together."""
    return float(np.quantile(np.concatenate(groups), 0.9))
