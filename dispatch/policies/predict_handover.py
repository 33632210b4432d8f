"""How long the handover of an ambulance arriving at a hospital will take, and how sure that is.

Last handovers and the usual ones of the hour give a base; queue, bays and inbound units say how
much worse it gets. The prediction watches its own errors: they correct it, give its interval, and
are reported against what came true. More elaborate models do no better (Walker et al. 2021: linear
models, forests and the rolling average alike, median error 6 to 16 min by site).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from dispatch.domain.explanation import Term
from dispatch.domain.handover_prediction import (
    ENGLAND_MEAN_MIN,
    PRESSURE_FACTOR_MAX,
    PRESSURE_SLOPES,
    HandoverPrediction,
    PredictionErrors,
    PredictRules,
    PressureSlope,
    quantile,
    recorded,
)

__all__ = [
    "ENGLAND_MEAN_MIN",
    "PRESSURE_SLOPES",
    "HandoverPrediction",
    "HospitalLoad",
    "PredictRules",
    "PredictionErrors",
    "PressureSlope",
    "predict_handover",
    "recorded",
]


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


def _base(
    last: Sequence[float], usual_min: float | None, shift: float, rules: PredictRules
) -> tuple[float, list[Term]]:
    usual = ENGLAND_MEAN_MIN if usual_min is None else usual_min
    name = "England's mean" if usual_min is None else "usual at this hour"
    share = len(last) / (len(last) + rules.usual_weight) if last else 0.0
    terms = [Term(f"last {len(last)}", share * math.fsum(last) / len(last))] if last else []
    terms.append(Term(name, (1.0 - share) * usual))
    if shift != 1.0:
        terms.append(Term("hospital pressure", (1.0 - share) * usual * (shift - 1.0)))
    # A sum that rounds once: plain sums of floats changed with Python 3.12.
    return math.fsum(term.value for term in terms), terms


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
    return math.exp(quantile(sorted(errors.ratios), 0.5) * known / (known + rules.errors_min))


def _interval_ratios(errors: PredictionErrors, rules: PredictRules) -> tuple[float, float]:
    if len(errors.ratios) < rules.errors_min:
        return rules.ratio_low, rules.ratio_high
    ordered = sorted(errors.ratios)
    beyond = (1.0 - rules.interval) / 2
    return math.exp(quantile(ordered, beyond)), math.exp(quantile(ordered, 1.0 - beyond))
