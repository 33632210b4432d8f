"""Baseline of redirection: nobody is redirected, and the degraded mode when the directory is down.

Category 2 segments B and C still get their clinician: that needs no directory.
"""

from __future__ import annotations

from typing import Final

from dispatch.domain.patient import AmbulanceReason, Patient, ambulance_reasons
from dispatch.domain.redirection import (
    Course,
    Redirection,
    RedirectRules,
    Situation,
    category_barrier,
    is_soft_hold,
)

NAME: Final = "redirect_none"


def redirect(patient: Patient, situation: Situation, rules: RedirectRules) -> Redirection:
    """Return that the incident is dispatched, or held softly where its category says so."""
    barrier = category_barrier(situation.category, situation.segment)
    barriers = ((barrier,) if barrier else ()) + ambulance_reasons(patient, rules.safety)
    if not barriers and is_soft_hold(situation.category):
        return Redirection(course=Course.SOFT_HOLD, policy=NAME)
    if not barriers:
        barriers = (AmbulanceReason("off", "redirection is switched off"),)
    return Redirection(course=Course.AMBULANCE, barriers=barriers, policy=NAME)
