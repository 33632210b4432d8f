"""Carry decisions about telephone calls into the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain.call import offered
from dispatch.domain.decision_call import HandBack, OfferCall, RingHomeTrust
from dispatch.state.rows_call import HandBackDue
from dispatch.state.state import State


def _offer(state: State, decision: OfferCall, now_ms: int) -> None:
    row = state.calls.calls.rows[decision.call]
    state.calls.move(offered(row.call, decision.trust, now_ms))


def _hand_back(state: State, decision: HandBack, _now_ms: int) -> None:
    due = HandBackDue(trust=decision.trust, due_at_ms=decision.due_at_ms)
    state.calls.hand_backs.put(decision.incident, due)


def _ring(_state: State, _decision: RingHomeTrust, _now_ms: int) -> None:
    """Leave the hand-back open: a person rings, and the home trust still says that it has it."""


APPLY_CALL: Final[dict[type, Callable[[State, Any, int], None]]] = {
    OfferCall: _offer,
    HandBack: _hand_back,
    RingHomeTrust: _ring,
}
