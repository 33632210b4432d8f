"""Rules and plans of escalation to begin with: what a trust edits, and then calls its own.

No national thresholds exist for REAP or for clinical safety plans: every number is assumed.
"""

from __future__ import annotations

from typing import Final

from dispatch.domain.escalation import LevelPlan, LevelRule, Scheme
from dispatch.domain.trigger_rule import TriggerRule

REAP_RULES: Final[dict[int, str]] = {
    2: "when c2_mean(360 min) > 30 min or hours_lost_today > 60 h for 60 min",
    3: (
        "when c2_mean(360 min) > 45 min or c1_mean(360 min) > 9 min "
        "or unfilled_shifts > 15 % or hospitals_at_opel_4 >= 3 for 120 min"
    ),
    4: (
        "when c2_mean(360 min) > 75 min and (unassigned_c1 >= 1 or busy_share > 97 %) "
        "or demand_over_forecast > 130 % and unfilled_shifts > 20 % for 120 min"
    ),
}
"""When a level of REAP is proposed; the strategic commander decides (EMAS)."""

SAFETY_PLAN_RULES: Final[dict[int, str]] = {
    1: "when unassigned_c2_over(30 min) >= 5 for 15 min until unassigned_c2_over(30 min) < 3",
    2: "when unassigned_c2_over(40 min) >= 10 for 15 min until unassigned_c2_over(40 min) < 5",
    3: (
        "when unassigned_c1 >= 2 or unassigned_c2_over(60 min) >= 15 for 10 min "
        "until unassigned_c1 = 0 and unassigned_c2_over(60 min) < 8"
    ),
    4: (
        "when unassigned_c1 >= 5 or unassigned_c2_over(90 min) >= 30 for 10 min "
        "until unassigned_c1 <= 1 and unassigned_c2_over(90 min) < 15"
    ),
}
"""When a level of the clinical safety plan is proposed: unassigned incidents by category and age
against crews, the common design of such plans (background knowledge)."""

OPEL_PLANS: Final = (
    LevelPlan(
        scheme=Scheme.OPEL,
        level=2,
        name="OPEL 2, moderate pressure",
        actions=("handovers looked at every hour", "officer on call told"),
    ),
    LevelPlan(
        scheme=Scheme.OPEL,
        level=3,
        name="OPEL 3, severe pressure",
        actions=(
            "liaison officer proposed",
            "cohorting and fit to sit looked at for everyone who waits",
            "release to respond rehearsed with the nurse in charge",
        ),
    ),
    LevelPlan(
        scheme=Scheme.OPEL,
        level=4,
        name="OPEL 4, extreme pressure",
        actions=(
            "regional call about handover delays",
            "deflection to neighbours looked at, time-boxed and agreed by both",
            "executive of the hospital and the trust's strategic commander told",
        ),
    ),
)
"""Actions of an ambulance trust at a hospital's level. The national framework of 2024 to 2026 asks
for actions by level; these are assumed, and each trust's own to change."""

REAP_PLANS: Final = (
    LevelPlan(
        scheme=Scheme.REAP,
        level=2,
        name="REAP 2, moderate pressure",
        actions=("review of rotas and leave", "regional call about handover delays"),
    ),
    LevelPlan(
        scheme=Scheme.REAP,
        level=3,
        name="REAP 3, severe pressure",
        actions=(
            "clinicians in offices back to patients",
            "patient transport crews to low-acuity work",
            "single managers respond to C1",
            "private and auxiliary ambulances",
            "overtime incentives",
        ),
    ),
    LevelPlan(
        scheme=Scheme.REAP,
        level=4,
        name="REAP 4, extreme pressure",
        actions=(
            "command cell, doctor in the control room",
            "community responders to more categories",
            "patients asked to make their own way where safe",
            "mutual aid asked for",
        ),
    ),
)
"""Actions at levels 3 and 4 as published by several trusts; settings are each trust's own."""

SAFETY_PLANS: Final = (
    LevelPlan(
        scheme=Scheme.SAFETY_PLAN,
        level=1,
        name="Plan 1",
        actions=("clinical review of the waiting list", "welfare calls as planned"),
    ),
    LevelPlan(
        scheme=Scheme.SAFETY_PLAN,
        level=2,
        name="Plan 2",
        actions=("more call-backs by clinicians", "auxiliary and community responders widened"),
    ),
    LevelPlan(
        scheme=Scheme.SAFETY_PLAN,
        level=3,
        name="Plan 3",
        actions=("no unit sent to C4, C5 and HCP level 4 without review", "cohorting asked for"),
    ),
    LevelPlan(
        scheme=Scheme.SAFETY_PLAN,
        level=4,
        name="Plan 4",
        actions=(
            "no unit sent to lower C3 without review",
            "C2 held only with medical sign-off",
        ),
    ),
)
"""Actions that rise with the level, the common design (background knowledge). None takes effect on
C1, and none closes an incident."""


def default_rules(trust: str) -> tuple[LevelRule, ...]:
    """Return the rules that propose REAP and safety-plan levels for a trust."""
    return tuple(
        LevelRule(
            scheme=scheme,
            level=level,
            rule=TriggerRule(
                id=f"{scheme}-{level}", about="trust", subject=trust, text=text, action=scheme
            ),
        )
        for scheme, texts in (
            (Scheme.REAP, REAP_RULES),
            (Scheme.SAFETY_PLAN, SAFETY_PLAN_RULES),
        )
        for level, text in texts.items()
    )
