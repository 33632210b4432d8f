"""A predicted handover, its settings, and what came true of earlier predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from dispatch.domain.explanation import Term

ENGLAND_MEAN_MIN: Final = 29.9
"""England's mean handover of 2025/26 in minutes (AmbSYS): the base where nothing is known."""


class PressureSlope(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a hospital's pressure shifts what is usual: by a share for each point off its normal.

    ``normal`` is the value at which nothing shifts; a trust sets each hospital's own.
    """

    name: str
    normal: float
    per_point: float


PRESSURE_SLOPES: Final = (
    PressureSlope(name="bed_occupancy", normal=94.6, per_point=0.063),
    PressureSlope(name="four_hour_performance", normal=73.0, per_point=-0.041),
)
"""Regression of the logarithm of England's monthly mean handover (AmbSYS) on adult general and
acute bed occupancy and all-type 4-hour performance, October 2023 to August 2025, 23 months:
0.063 (standard error 0.032) and -0.041 (0.010) a point, R² 0.70. An association between months,
not a cause; patients ready for discharge added nothing of the expected sign and are left out."""

PRESSURE_FACTOR_MAX: Final = 2.0
"""Pressures never shift what is usual by more than this factor, up or down. Assumed."""


class PredictRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Settings of the prediction; assumed where no source is named, to be fitted per trust.

    ``last_k`` handovers are averaged; ``usual_weight`` is how many of them the usual handover of
    the hour counts for. ``bay_min`` is how long one handover holds a bay. ``interval`` is the
    share of outcomes that the interval is to hold; until ``errors_min`` outcomes are known it
    spans ``ratio_low`` to ``ratio_high`` times the prediction.
    """

    last_k: int = 10
    usual_weight: float = 5.0
    bay_min: float = 15.0
    interval: float = 0.8
    errors_min: int = 20
    errors_max: int = 200
    pressure_slopes: tuple[PressureSlope, ...] = PRESSURE_SLOPES
    ratio_low: float = 0.5
    ratio_high: float = 2.0
    effective_from: str = "2026-04-01"


class HandoverPrediction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The expected handover of an arrival in minutes, its interval, and what it is made of."""

    expected_min: float
    lower_min: float
    upper_min: float
    interval: float
    terms: tuple[Term, ...]


class PredictionErrors(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What came true of earlier predictions, the latest last.

    ``ratios`` are natural logarithms of actual over uncorrected prediction; ``errors_min`` actual
    minus corrected prediction; ``inside`` whether the interval held the outcome.
    """

    ratios: tuple[float, ...] = ()
    errors_min: tuple[float, ...] = ()
    inside: tuple[bool, ...] = ()

    @property
    def mean_absolute_min(self) -> float | None:
        """Mean size of the error in minutes; None before the first outcome."""
        return _mean([abs(error) for error in self.errors_min])

    @property
    def median_absolute_min(self) -> float | None:
        """Median size of the error in minutes; None before the first outcome."""
        sizes = sorted(abs(error) for error in self.errors_min)
        return quantile(sizes, 0.5) if sizes else None

    @property
    def bias_min(self) -> float | None:
        """Mean error in minutes: above 0 it took longer than predicted."""
        return _mean(self.errors_min)

    @property
    def covered(self) -> float | None:
        """Share of outcomes that lay inside their interval."""
        return _mean([float(held) for held in self.inside])


def recorded(
    errors: PredictionErrors,
    prediction: HandoverPrediction,
    actual_min: float,
    rules: PredictRules | None = None,
) -> PredictionErrors:
    """Return the errors with one more outcome; the oldest beyond the limit are dropped.

    Raises
    ------
    ValueError
        When the actual handover is negative.
    """
    if actual_min < 0:
        raise ValueError(f"Expected a handover of 0 min or more, was {actual_min}.")
    keep = (PredictRules() if rules is None else rules).errors_max
    # Rounded once: plain sums of floats changed with Python 3.12.
    corrected = math.fsum(term.value for term in prediction.terms)
    raw = corrected - prediction.terms[-1].value
    ratio = math.log(max(actual_min, 1.0) / max(raw, 1.0))
    held = prediction.lower_min <= actual_min <= prediction.upper_min
    return PredictionErrors(
        ratios=(*errors.ratios, ratio)[-keep:],
        errors_min=(*errors.errors_min, actual_min - corrected)[-keep:],
        inside=(*errors.inside, held)[-keep:],
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile by linear interpolation between order statistics."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
