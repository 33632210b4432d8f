"""Configuration of hospitals and of escalation: dated, per hospital, with sources."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from dispatch.domain.dated import in_force
from dispatch.domain.escalation import OPEL_TABLE, LevelPlan, LevelRule, Scheme, ScoringTable
from dispatch.domain.escalation_default import (
    OPEL_PLANS,
    REAP_PLANS,
    REAP_RULES,
    SAFETY_PLAN_RULES,
    SAFETY_PLANS,
)
from dispatch.domain.handover import HandoverRules
from dispatch.domain.handover_prediction import PredictRules
from dispatch.domain.ids import HospitalId
from dispatch.domain.immediate_release import ImmediateReleaseRules
from dispatch.domain.local_time import DAY_MS, LONDON, MINUTE_MS, day_number, local_to_utc_ms
from dispatch.domain.trigger_rule import DEFAULT_HALO_RULE, TriggerRule

EVERYWHERE: Final = "*"
"""Subject of a rule that is in force for every hospital, or every trust."""

WINDOW_MAX_MIN: Final = 24 * 60
"""Longest duration of a quantity in a live rule: visits are remembered for a day."""


class HospitalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about handovers that a trust or hospital may set.

    ``handover`` are dated versions for every hospital, ``by_hospital`` those of single ones.
    ``usual_handover_min`` is the mean handover of a hospital, from its own past; where it lacks,
    the prediction falls back on England's. ``deflects_c1`` says whether a deflection applies to
    a C1: assumed not, its drive is part of its treatment.

    Raises
    ------
    ValueError
        When two versions begin on one day, or a rule cannot be evaluated live.
    """

    handover: tuple[HandoverRules, ...] = (HandoverRules(),)
    by_hospital: dict[HospitalId, tuple[HandoverRules, ...]] = {}
    immediate_release: tuple[ImmediateReleaseRules, ...] = (ImmediateReleaseRules(),)
    halo_rules: tuple[TriggerRule, ...] = ()
    prediction: tuple[PredictRules, ...] = (PredictRules(),)
    predicts: bool = True
    usual_handover_min: dict[HospitalId, float] = {}
    opel_table: ScoringTable = OPEL_TABLE
    deflects_c1: bool = False

    def __post_init__(self) -> None:
        for versions in (self.handover, *self.by_hospital.values()):
            in_force(versions, 0)
        in_force(self.immediate_release, 0)
        in_force(self.prediction, 0)
        names = [(rule.id, rule.subject) for rule in self.halo_rules]
        if len(set(names)) != len(names):
            raise ValueError("Expected each HALO rule once for a hospital, was twice.")
        for rule in self.halo_rules:
            check_live_rule(rule)

    def handover_rules(self, hospital: HospitalId, now_ms: int) -> HandoverRules:
        """Return the minutes in force at a hospital."""
        versions = self.by_hospital.get(hospital, self.handover)
        return _handover_in_force(versions, now_ms)

    def release_rules(self, now_ms: int) -> ImmediateReleaseRules:
        """Return the rules of immediate release in force."""
        found = in_force(self.immediate_release, now_ms)
        return ImmediateReleaseRules() if found is None else found

    def predict_rules(self, now_ms: int) -> PredictRules:
        """Return the settings of the prediction in force."""
        return _prediction_in_force(self.prediction, day_number(LONDON, now_ms))


class EscalationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When levels of trusts are proposed, and what each level changes.

    Rules are looked at every ``look_every_s`` while ``tight_from`` incidents or more wait for a
    unit, else every ``quiet_look_every_s`` (all assumed), and at once when a level or a pressure
    is reported; a rule whose subject is ``*`` is in force for every trust.
    """

    rules: tuple[LevelRule, ...] = ()
    plans: tuple[LevelPlan, ...] = (*OPEL_PLANS, *REAP_PLANS, *SAFETY_PLANS)
    look_every_s: int = 60
    quiet_look_every_s: int = 300
    tight_from: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.look_every_s <= self.quiet_look_every_s:
            raise ValueError(
                "Expected look_every_s of 1 or more and no more than quiet_look_every_s, was "
                f"{self.look_every_s} and {self.quiet_look_every_s}."
            )
        for item in self.rules:
            check_live_rule(item.rule)
        levels = [(plan.scheme, plan.level) for plan in self.plans]
        if len(set(levels)) != len(levels):
            raise ValueError("Expected one plan for each level, was more.")


def check_live_rule(rule: TriggerRule) -> None:
    """Check that what is remembered reaches as far back as a rule asks.

    Raises
    ------
    ValueError
        When it does not.
    """
    for need in rule.needs:
        if need.minutes is not None and need.minutes > WINDOW_MAX_MIN:
            raise ValueError(
                f"Expected durations of up to {WINDOW_MAX_MIN // 60} h in rule {rule.id}, "
                f"was {need.text()}."
            )


DEFAULT_HOSPITALS: Final = HospitalSettings(
    halo_rules=(
        TriggerRule(id="halo", about="hospital", subject=EVERYWHERE, text=DEFAULT_HALO_RULE),
    )
)
"""Timers, prediction, and the default rule for a liaison officer at every emergency department."""

DEFAULT_ESCALATION: Final = EscalationSettings(
    rules=tuple(
        LevelRule(
            scheme=scheme,
            level=level,
            rule=TriggerRule(
                id=f"{scheme}-{level}",
                about="trust",
                subject=EVERYWHERE,
                text=text,
                action=scheme,
            ),
        )
        for scheme, texts in (
            (Scheme.REAP, REAP_RULES),
            (Scheme.SAFETY_PLAN, SAFETY_PLAN_RULES),
        )
        for level, text in texts.items()
    )
)
"""The rules to begin with, in force for every trust."""


def _handover_in_force(versions: tuple[HandoverRules, ...], now_ms: int) -> HandoverRules:
    known = _KNOWN.get(id(versions))
    # The very object is kept beside its number: a number alone may be given again.
    if known is not None and known[0] is versions and known[1] <= now_ms < known[2]:
        return known[3]
    day = day_number(LONDON, now_ms)
    found = in_force(versions, _noon_ms(day)) or HandoverRules()
    if len(_KNOWN) >= _KNOWN_MAX:
        _KNOWN.clear()
    midnights_ms = (local_to_utc_ms(LONDON, day, 0), local_to_utc_ms(LONDON, day + 1, 0))
    _KNOWN[id(versions)] = (versions, *midnights_ms, found)
    return found


_KNOWN: Final[dict[int, tuple[tuple[HandoverRules, ...], int, int, HandoverRules]]] = {}
"""The versions asked about last, when their day begins and ends, and which was in force: asked at
every event."""

_KNOWN_MAX: Final = 1024


@lru_cache(maxsize=256)
def _prediction_in_force(versions: tuple[PredictRules, ...], day: int) -> PredictRules:
    found = in_force(versions, _noon_ms(day))
    return PredictRules() if found is None else found


def _noon_ms(day: int) -> int:
    return (day - date(1970, 1, 1).toordinal()) * DAY_MS + 12 * 60 * MINUTE_MS
