"""Carry decisions about patients, clinicians and services into the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain.decision_care import (
    FollowUpDue,
    FollowUpOverdue,
    HoldForClinician,
    Refer,
    WelfareCallDue,
)
from dispatch.domain.validation import Validation
from dispatch.state.observe_care import enter_referral
from dispatch.state.rows_care import Welfare
from dispatch.state.state import State


def _hold(state: State, decision: HoldForClinician, now_ms: int) -> None:
    board, incident = state.care, state.incidents[decision.incident]
    validation = Validation(
        incident=incident.id,
        category=incident.category,
        since_ms=now_ms,
        breach_at_ms=decision.breach_at_ms,
        segment=incident.segment,
    )
    care = board.care_of(incident.id)
    board.by_incident.put(incident.id, msgspec.structs.replace(care, validation=validation))


def _refer(state: State, decision: Refer, _now_ms: int) -> None:
    enter_referral(state, decision.referral, is_closing=True)


def _ring(state: State, decision: WelfareCallDue, now_ms: int) -> None:
    known = state.care.welfare.get(decision.incident) or Welfare()
    state.care.welfare.put(decision.incident, msgspec.structs.replace(known, asked_at_ms=now_ms))


def _follow_up(state: State, decision: FollowUpDue, _now_ms: int) -> None:
    alert = state.care.untold.drop(decision.incident)
    if alert is not None:
        state.care.follow_ups.put(decision.incident, alert)


def _overdue(state: State, decision: FollowUpOverdue, _now_ms: int) -> None:
    alert = state.care.follow_ups.get(decision.incident)
    if alert is not None:
        told = msgspec.structs.replace(alert, is_overdue=True)
        state.care.follow_ups.put(decision.incident, told)


APPLY_CARE: Final[dict[type, Callable[[State, Any, int], None]]] = {
    HoldForClinician: _hold,
    Refer: _refer,
    WelfareCallDue: _ring,
    FollowUpDue: _follow_up,
    FollowUpOverdue: _overdue,
}
