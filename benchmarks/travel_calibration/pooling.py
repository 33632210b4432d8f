"""Partial pooling: effects of many groups, each drawn towards nothing as far as it is unsure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

PRIOR_SD: Final = 0.15
"""How far groups differ at most, as a deviation of the logarithm of time (reference: t0)."""
NOISE_SD: Final = 0.30
"""How far journeys of one group differ to begin with, likewise (reference: s)."""
_ROUNDS: Final = 40
_PRIOR_MIN: Final = 1e-8


class Pooled(NamedTuple):
    """Effects by kind and group, and the deviations that they were drawn together with."""

    effects: dict[str, Float64s]
    prior_sd: dict[str, float]
    noise_sd: float


def pooled_effects(
    residual: Float64s, groups: Mapping[str, Int64s], sizes: Mapping[str, int]
) -> Pooled:
    """Return the effect of each group of each kind on a residual, fitted together.

    A group of ``n`` journeys with mean residual ``y`` (after the other kinds of effects) gets the
    posterior mean ``(n y / s**2) / (n / s**2 + 1 / t**2)``; one without journeys gets 0. Kinds take
    turns until nothing moves, which is the joint posterior mean. How far the groups of a kind
    differ (``t``) and the journeys of a group (``s``) begin at the reference values and are then
    learnt from the journeys (expectation and maximisation), so that a kind of effect that the
    journeys do not show fades away.

    Parameters
    ----------
    residual
        Logarithms of observed over expected time.
    groups
        For each kind the group of each journey, from 0.
    sizes
        For each kind the number of groups.
    """
    counts = {k: np.bincount(g, minlength=sizes[k]).astype(np.float64) for k, g in groups.items()}
    effects = {kind: np.zeros(sizes[kind]) for kind in groups}
    prior = dict.fromkeys(groups, PRIOR_SD**2)
    noise = NOISE_SD**2
    fitted = np.zeros(len(residual))
    for _ in range(_ROUNDS):
        for kind, group in groups.items():
            fitted -= effects[kind][group]
            total = np.bincount(group, residual - fitted, minlength=sizes[kind])
            effects[kind] = total / (counts[kind] + noise / prior[kind])
            fitted += effects[kind][group]
        for kind in groups:
            seen = counts[kind] > 0
            unsure = 1.0 / (counts[kind][seen] / noise + 1.0 / prior[kind])
            spread = float(np.mean(effects[kind][seen] ** 2 + unsure))
            # More than the reference allows is a fault of the map, not a quality of the group.
            prior[kind] = min(max(spread, _PRIOR_MIN), PRIOR_SD**2)
        noise = max(float(np.var(residual - fitted)), _PRIOR_MIN)
    return Pooled(effects, {k: float(np.sqrt(v)) for k, v in prior.items()}, float(np.sqrt(noise)))


def explained(effects: Mapping[str, Float64s], groups: Mapping[str, Int64s]) -> Float64s:
    """Return the sum of the effects of each journey; a group of -1 has none."""
    kinds: Sequence[str] = list(groups)
    total = np.zeros(len(groups[kinds[0]])) if kinds else np.zeros(0)
    for kind in kinds:
        known = groups[kind] >= 0
        total[known] += effects[kind][groups[kind][known]]
    return total
