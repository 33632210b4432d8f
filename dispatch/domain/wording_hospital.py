"""What was decided and what happened at hospitals, in sentences that a dispatcher would say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import decision_hospital as dc
from dispatch.domain import event_hospital as eh
from dispatch.domain.ids import HospitalId

Name = Callable[[HospitalId], str | None]
"""Finds a hospital's name; None where it is not known."""

SCHEME_WORDS: Final = {"opel": "OPEL", "reap": "REAP", "safety_plan": "clinical safety plan"}


def _alert(d: dc.HandoverAlert, name: str) -> str:
    tells = ", ".join(d.tells)
    return f"{d.unit} at {name}: {d.why.note}. Tell: {tells}."


def _predict(d: dc.PredictHandover, name: str) -> str:
    p = d.prediction
    return (
        f"Expects {d.unit} to hand over at {name} in {p.expected_min:.0f} min "
        f"({p.lower_min:.0f} to {p.upper_min:.0f})."
    )


def _lapse_request(d: dc.LapseImmediateRelease, name: str) -> str:
    tells = ", ".join(d.tells)
    return f"{name} has not answered request {d.request} for {d.incident} in time. Tell: {tells}."


def _level(d: dc.ProposeLevel, name: str) -> str:
    of = name if d.scheme == "opel" else d.subject
    to = "" if d.level_max == d.level else f" (up to {d.level_max}, with what is not known)"
    return f"Proposes {SCHEME_WORDS[d.scheme]} {d.level}{to} of {of}: {d.why.note}."


DECISION_WORDS: Final[dict[type, Callable[[Any, str], str]]] = {
    dc.HandoverAlert: _alert,
    dc.PredictHandover: _predict,
    dc.ProposeHalo: lambda d, n: f"Proposes a liaison officer at {n}: {d.why.note}.",
    dc.ProposeHaloEnd: lambda d, n: f"Proposes to stand the officer at {n} down: {d.why.note}.",
    dc.LapseHalo: lambda d, n: f"The proposal for {n} lapses: {d.why.note}.",
    dc.NoteHalo: lambda d, n: f"Notes a look at rule {d.rule} of {n}.",
    dc.LapseImmediateRelease: _lapse_request,
    dc.EndImmediateRelease: lambda d, n: f"Request {d.request} to {n} is not needed any more.",
    dc.ExpireDeflection: lambda d, n: f"Deflection {d.deflection} of {n} is over.",
    dc.ProposeLevel: _level,
    dc.NoteLevelRule: lambda d, _: f"Notes a look at rule {d.rule} of {d.trust}.",
}
"""For each decision about a hospital, its sentence; the second argument names the hospital."""


def _pressure(e: eh.PressureReported, name: str) -> str:
    return f"{name if e.trust is None else e.trust} reports {len(e.pressures)} pressures."


def _release(e: eh.ReleasedToRespond, name: str) -> str:
    return f"{e.unit} is released to respond at {name}."


def _answer(e: eh.ImmediateReleaseAnswered, name: str) -> str:
    return f"{name} {'accepts' if e.accepts else 'refuses'} request {e.request}."


def _confirmed(e: eh.LevelConfirmed, _name: str) -> str:
    return f"{e.by} puts {SCHEME_WORDS[e.scheme]} {e.level} of {e.subject} into force."


EVENT_WORDS: Final[dict[type, Callable[[Any, str], str]]] = {
    eh.HandoverStarted: lambda e, n: f"The handover of {e.unit} begins at {n}.",
    eh.ReleasedToRespond: _release,
    eh.FitToSit: lambda e, n: f"The patient of {e.unit} is fit to sit at {n}.",
    eh.CohortOpened: lambda e, n: f"Cohort {e.cohort} is opened at {n}.",
    eh.PatientCohorted: lambda e, n: f"The patient of {e.unit} joins cohort {e.cohort} at {n}.",
    eh.CohortHandedOver: lambda e, n: f"{n} takes the patient of visit {e.visit}.",
    eh.ImmediateReleaseRequested: lambda e, n: f"{n} is asked to release a crew: {e.incident}.",
    eh.ImmediateReleaseAnswered: _answer,
    eh.DeflectionAgreed: lambda e, _: (
        f"{e.deflection.from_hospital} deflects to {e.deflection.to_hospital}."
    ),
    eh.DeflectionEnded: lambda e, _: f"{e.by} ends deflection {e.deflection}.",
    eh.PressureReported: _pressure,
    eh.HandoverRulesSet: lambda e, n: f"{e.by} sets the minutes of {n}.",
    eh.HaloRuleSet: lambda e, n: f"{e.by} sets rule {e.rule.id} of {n}.",
    eh.HaloOrdered: lambda e, n: f"{e.by} orders {e.order.replace('_', ' ')} at {n} ({e.rule}).",
    eh.LevelConfirmed: _confirmed,
    eh.LevelUndone: lambda e, _: f"{e.by} takes {SCHEME_WORDS[e.scheme]} of {e.subject} back.",
}
"""For each event about a hospital, its sentence; it names identifiers, never a free text."""


def hospital_named(thing: Any, find: Name) -> str:
    """Return the name of the hospital that a decision or event speaks of; else its identifier."""
    hospital = getattr(thing, "hospital", None)
    if hospital is None and getattr(thing, "scheme", None) == "opel":
        hospital = HospitalId(thing.subject)
    return "" if hospital is None else find(hospital) or str(hospital)
