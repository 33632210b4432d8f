"""Sentences about telephone calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import decision_call as dec
from dispatch.domain import event_call as ev


def _proposals(decision: dec.ProposeSameIncident) -> str:
    found = "; ".join(f"{p.incident} ({p.why})" for p in decision.proposals)
    return f"Call {decision.call} may be about {found}. A person decides."


def _hand_back(decision: dec.HandBack) -> str:
    how = "by voice" if decision.by_voice else f"by message {decision.use_case}"
    return f"{decision.trust} is told of {decision.incident} {how}: {decision.note}."


CALL_DECISIONS: Final[dict[type, Callable[[Any, Any], str]]] = {
    dec.OfferCall: lambda d, _: f"Call {d.call} is offered to {d.trust} too: {d.note}.",
    dec.ProposeSameIncident: lambda d, _: _proposals(d),
    dec.HandBack: lambda d, _: _hand_back(d),
    dec.RingHomeTrust: lambda d, _: (
        f"Nobody at {d.trust} has taken {d.incident} over: a person rings."
    ),
}

CALL_EVENTS: Final[dict[type, Callable[[Any, Any], str]]] = {
    ev.HandlersOnDuty: lambda e, _: f"{e.trust} has {e.handlers} call handlers on duty.",
    ev.CallPresented: lambda e, _: f"Call {e.call} rings at {e.trust}.",
    ev.CallDescribed: lambda e, _: f"Call {e.call} is described.",
    ev.CallAnswered: lambda e, _: f"{e.by} answers call {e.call}.",
    ev.CallAbandoned: lambda e, _: f"The caller of {e.call} hangs up.",
    ev.CallEnded: lambda e, _: f"Call {e.call} ends: {e.disposition.replace('_', ' ')}.",
    ev.CallHandedBack: lambda e, _: f"{e.by} takes {e.incident} over.",
    ev.IncidentsMatched: lambda e, _: f"{e.by} finds {e.incident} the same as {e.into}.",
}
