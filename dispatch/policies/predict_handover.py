"""How long the handover of an ambulance arriving at a hospital will take, and how sure that is.

Last handovers and the usual ones of the hour give a base; queue, bays and inbound units say how
much worse it gets. The prediction watches its own errors: they correct it, give its interval, and
are reported against what came true. More elaborate models do no better (Walker et al. 2021: linear
models, forests and the rolling average alike, median error 6 to 16 min by site).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from dispatch.domain.decision import Term

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


class HospitalLoad(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What stands before an arriving ambulance: bays, those in them, the queue, and who comes.

    ``inbound`` counts units expected before it, one's own and lent ones.
    """

    bays: int
    in_bay: int = 0
    queue: int = 0
    inbound: int = 0

    def __post_init__(self) -> None:
        if self.bays < 1 or min(self.in_bay, self.queue, self.inbound) < 0:
            raise ValueError(f"Expected 1 or more bays and counts of 0 or more, was {self}.")


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
        return _quantile(sizes, 0.5) if sizes else None

    @property
    def bias_min(self) -> float | None:
        """Mean error in minutes: above 0 it took longer than predicted."""
        return _mean(self.errors_min)

    @property
    def covered(self) -> float | None:
        """Share of outcomes that lay inside their interval."""
        return _mean([float(held) for held in self.inside])


def predict_handover(
    recent_min: Sequence[float],
    usual_min: float | None,
    load: HospitalLoad,
    errors: PredictionErrors | None = None,
    rules: PredictRules | None = None,
    *,
    ahead_min: float = 0.0,
    pressures: Mapping[str, float | None] | None = None,
) -> HandoverPrediction:
    """Return the expected handover of an ambulance that arrives ``ahead_min`` from now.

    ``recent_min`` are the hospital's completed handovers, the latest last; ``usual_min`` is the
    mean of this hour of the week, which the ``pressures`` (by name, None when not known or stale)
    shift; the last handovers have felt them already. The base is multiplied by 1 + max(0, queue +
    in bay + inbound + 1 - bays) / bays (decision model, section 5), the queue being what the bays
    leave of it by then, and by the correction that earlier errors ask for.
    """
    rules = PredictRules() if rules is None else rules
    errors = PredictionErrors() if errors is None else errors
    last = list(recent_min)[-rules.last_k :]
    shift = _pressure_factor(pressures or {}, rules)
    base, terms = _base(last, usual_min, shift, rules)
    served = load.bays * ahead_min / rules.bay_min
    before = max(0.0, load.queue + load.inbound + load.in_bay - served)
    factor = 1.0 + max(0.0, before + 1 - load.bays) / load.bays
    terms.append(Term("queue, bays and inbound", base * (factor - 1.0)))
    raw = base * factor
    correction = _correction(errors, rules)
    terms.append(Term("correction by earlier errors", raw * (correction - 1.0)))
    expected = raw * correction
    low, high = _interval_ratios(errors, rules)
    return HandoverPrediction(
        expected_min=expected,
        lower_min=min(expected, raw * low),
        upper_min=max(expected, raw * high),
        interval=rules.interval,
        terms=tuple(terms),
    )


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
    corrected = sum(term.value for term in prediction.terms)
    raw = corrected - prediction.terms[-1].value
    ratio = math.log(max(actual_min, 1.0) / max(raw, 1.0))
    held = prediction.lower_min <= actual_min <= prediction.upper_min
    return PredictionErrors(
        ratios=(*errors.ratios, ratio)[-keep:],
        errors_min=(*errors.errors_min, actual_min - corrected)[-keep:],
        inside=(*errors.inside, held)[-keep:],
    )


def _base(
    last: Sequence[float], usual_min: float | None, shift: float, rules: PredictRules
) -> tuple[float, list[Term]]:
    usual = ENGLAND_MEAN_MIN if usual_min is None else usual_min
    name = "England's mean" if usual_min is None else "usual at this hour"
    share = len(last) / (len(last) + rules.usual_weight) if last else 0.0
    terms = [Term(f"last {len(last)}", share * sum(last) / len(last))] if last else []
    terms.append(Term(name, (1.0 - share) * usual))
    if shift != 1.0:
        terms.append(Term("hospital pressure", (1.0 - share) * usual * (shift - 1.0)))
    return sum(term.value for term in terms), terms


def _pressure_factor(pressures: Mapping[str, float | None], rules: PredictRules) -> float:
    exponent = 0.0
    for slope in rules.pressure_slopes:
        value = pressures.get(slope.name)
        if value is not None:
            exponent += slope.per_point * (value - slope.normal)
    limit = math.log(PRESSURE_FACTOR_MAX)
    return math.exp(min(limit, max(-limit, exponent)))


def _correction(errors: PredictionErrors, rules: PredictRules) -> float:
    """Return the median ratio of what came true, drawn towards 1 while few outcomes are known."""
    if not errors.ratios:
        return 1.0
    known = len(errors.ratios)
    return math.exp(_quantile(sorted(errors.ratios), 0.5) * known / (known + rules.errors_min))


def _interval_ratios(errors: PredictionErrors, rules: PredictRules) -> tuple[float, float]:
    if len(errors.ratios) < rules.errors_min:
        return rules.ratio_low, rules.ratio_high
    ordered = sorted(errors.ratios)
    beyond = (1.0 - rules.interval) / 2
    return math.exp(_quantile(ordered, beyond)), math.exp(_quantile(ordered, 1.0 - beyond))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile by linear interpolation between order statistics."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
