"""The live quantities that trigger rules may speak of: their names, units and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec


class Measure(StrEnum):
    """What a value is measured in; only equal measures can be compared."""

    COUNT = "count"
    LEVEL = "level"
    MINUTES = "minutes"
    PERCENT = "percent"
    CLOCK = "time of day"


class QuantityKind(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One name of the language.

    ``takes_minutes`` says that the name needs a duration in brackets. ``falls_with_it`` is True
    when a longer duration can only give a smaller value, False when only a larger one, None when
    neither. ``part_of`` names the quantity that it can never exceed, ``witness`` the one that is
    at least the duration exactly when this one is at least 1.
    """

    measure: Measure
    phrase: str
    low: float = 0.0
    high: float = float("inf")
    takes_minutes: bool = False
    falls_with_it: bool | None = None
    part_of: str | None = None
    witness: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether values are whole numbers."""
        return self.measure in (Measure.COUNT, Measure.LEVEL)


Vocabulary = dict[str, QuantityKind]

_M = Measure
_K = QuantityKind

HOSPITAL_QUANTITIES: Final[Vocabulary] = {
    "waiting": _K(measure=_M.COUNT, phrase="ambulances waiting to hand over"),
    "waiting_over": _K(
        measure=_M.COUNT,
        phrase="ambulances that have waited {} or longer",
        takes_minutes=True,
        falls_with_it=True,
        part_of="waiting",
        witness="longest_wait",
    ),
    "longest_wait": _K(measure=_M.MINUTES, phrase="the longest wait"),
    "in_handover": _K(measure=_M.COUNT, phrase="handovers in progress"),
    "not_handed_over": _K(measure=_M.COUNT, phrase="patients not yet handed over"),
    "not_handed_over_over": _K(
        measure=_M.COUNT,
        phrase="patients not handed over for {} or longer",
        takes_minutes=True,
        falls_with_it=True,
        part_of="not_handed_over",
        witness="longest_not_handed_over",
    ),
    "longest_not_handed_over": _K(
        measure=_M.MINUTES, phrase="the longest time since arrival without handover"
    ),
    "clear_pending": _K(measure=_M.COUNT, phrase="crews handed over but not clear"),
    "mean_handover": _K(
        measure=_M.MINUTES, phrase="the mean handover of the last {}", takes_minutes=True
    ),
    "predicted_handover": _K(
        measure=_M.MINUTES, phrase="the handover predicted in {}", takes_minutes=True
    ),
    "inbound": _K(
        measure=_M.COUNT,
        phrase="ambulances due within {}",
        takes_minutes=True,
        falls_with_it=False,
    ),
    "hours_lost_today": _K(measure=_M.MINUTES, phrase="ambulance time lost today"),
    "opel": _K(measure=_M.LEVEL, phrase="the hospital's OPEL", low=1, high=4),
    "reap": _K(measure=_M.LEVEL, phrase="the trust's REAP", low=1, high=4),
    "bed_occupancy": _K(measure=_M.PERCENT, phrase="bed occupancy", high=200),
    "majors_occupancy": _K(measure=_M.PERCENT, phrase="majors and resus occupancy", high=400),
    "four_hour_performance": _K(measure=_M.PERCENT, phrase="4-hour performance", high=100),
    "discharge_ready": _K(measure=_M.COUNT, phrase="patients ready for discharge still in a bed"),
    "community_beds_free": _K(measure=_M.COUNT, phrase="community beds free"),
    "local_time": _K(measure=_M.CLOCK, phrase="the local time", high=1440),
}
"""What a rule of one hospital may speak of."""

TRUST_QUANTITIES: Final[Vocabulary] = {
    "unassigned_c1": _K(measure=_M.COUNT, phrase="C1 incidents without a unit"),
    "unassigned_c2": _K(measure=_M.COUNT, phrase="C2 incidents without a unit"),
    "unassigned": _K(measure=_M.COUNT, phrase="incidents without a unit"),
    "unassigned_c2_over": _K(
        measure=_M.COUNT,
        phrase="C2 incidents without a unit for {} or longer",
        takes_minutes=True,
        falls_with_it=True,
        part_of="unassigned_c2",
    ),
    "unassigned_c3_over": _K(
        measure=_M.COUNT,
        phrase="C3 incidents without a unit for {} or longer",
        takes_minutes=True,
        falls_with_it=True,
    ),
    "units_free": _K(measure=_M.COUNT, phrase="units free"),
    "busy_share": _K(measure=_M.PERCENT, phrase="share of units busy", high=100),
    "c1_mean": _K(
        measure=_M.MINUTES, phrase="the C1 mean response of the last {}", takes_minutes=True
    ),
    "c2_mean": _K(
        measure=_M.MINUTES, phrase="the C2 mean response of the last {}", takes_minutes=True
    ),
    "calls_waiting": _K(measure=_M.COUNT, phrase="calls waiting to be answered"),
    "longest_call_wait": _K(measure=_M.MINUTES, phrase="the longest unanswered call"),
    "mean_answer": _K(
        measure=_M.MINUTES, phrase="the mean time to answer of the last {}", takes_minutes=True
    ),
    "hours_lost_today": _K(measure=_M.MINUTES, phrase="ambulance time lost at hospitals today"),
    "hospitals_at_opel_4": _K(measure=_M.COUNT, phrase="hospitals at OPEL 4"),
    "demand_over_forecast": _K(
        measure=_M.PERCENT, phrase="demand as a share of its forecast", high=1000
    ),
    "unfilled_shifts": _K(measure=_M.PERCENT, phrase="shifts unfilled", high=100),
    "sickness": _K(measure=_M.PERCENT, phrase="staff off sick", high=100),
    "reap": _K(measure=_M.LEVEL, phrase="REAP", low=1, high=4),
    "local_time": _K(measure=_M.CLOCK, phrase="the local time", high=1440),
}
"""What a rule of a whole trust (REAP, clinical safety plan) may speak of."""


class Quantity(msgspec.Struct, frozen=True, gc=False, order=True, cache_hash=True):
    """One quantity as a rule names it: a name and, where it takes one, a duration in minutes."""

    name: str
    minutes: float | None = None

    def text(self) -> str:
        """Return the quantity as a rule writes it; also the key of its value."""
        return (
            self.name if self.minutes is None else f"{self.name}({number_text(self.minutes)} min)"
        )


Values = Mapping[Quantity, float | None]
"""The values of quantities at one instant, in the unit of their measure; None: not known now."""


def number_text(value: float) -> str:
    """Return a number without a needless decimal point."""
    return format(Decimal(repr(value)).normalize(), "f")


def value_text(measure: Measure, value: float) -> str:
    """Return a value with its unit, as a rule writes it."""
    if measure is Measure.CLOCK:
        return f"{int(value) // 60:02d}:{int(value) % 60:02d}"
    suffix = {Measure.MINUTES: " min", Measure.PERCENT: " %"}.get(measure, "")
    return f"{number_text(value)}{suffix}"
