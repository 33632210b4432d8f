"""Anything that may be said of hospitals, drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from dispatch.domain import event_hospital as eh
from dispatch.domain.deflection import Deflection
from dispatch.domain.escalation import Scheme
from dispatch.domain.handover import HandoverRules, VisitId
from dispatch.domain.handover_board import Pressure
from dispatch.domain.ids import HospitalId, IncidentId, UnitId
from dispatch.domain.trigger_rule import DEFAULT_HALO_RULE, TriggerRule
from dispatch.domain.trigger_state import TriggerOrder
from tests.dispatch.builders import HOSPITAL, TRUST

Make = Callable[[int], Any]
FAR = HospitalId("far")
SHORT = HandoverRules(amber_min=1, arm_min=2, release_min=3, breach_min=4)


@st.composite
def hospital_events(draw: st.DrawFn) -> Make:
    """Return how to make an event about a hospital, at the time that it then is."""
    unit = UnitId(f"U{draw(st.integers(0, 4))}")
    incident = IncidentId(f"I{draw(st.integers(0, 7))}")
    at = draw(st.sampled_from([HOSPITAL, FAR]))
    yes, number = draw(st.booleans()), draw(st.integers(0, 4))
    who = draw(st.sampled_from(["P", "P", "P", ""]))
    visit = VisitId(f"{at}-{number + 1}")
    order = draw(st.sampled_from(list(TriggerOrder)))
    scheme = draw(st.sampled_from(list(Scheme)))
    subject = at if scheme is Scheme.OPEL else TRUST
    text = draw(st.sampled_from([DEFAULT_HALO_RULE, "when waiting >= 1 for 3 min hold 5 min"]))
    rule = TriggerRule(id=f"r{number % 2}", about="hospital", subject=at, text=text, is_on=yes)
    choices: list[Make] = [
        lambda now: eh.HandoverStarted(hospital=at, unit=unit, reported_at_ms=now),
        lambda _: eh.ReleasedToRespond(
            hospital=at, unit=unit, is_stable=yes, clinician=who, recipient="N"
        ),
        lambda _: eh.FitToSit(hospital=at, unit=unit, is_ambulatory=yes, recipient=who),
        lambda _: eh.CohortOpened(
            hospital=at, cohort=f"c{number}", clinician=who, authorised_by="M", patients_max=1
        ),
        lambda _: eh.PatientCohorted(hospital=at, unit=unit, cohort=f"c{number}"),
        lambda now: eh.CohortHandedOver(
            hospital=at, visit=visit, recipient=who, reported_at_ms=now
        ),
        lambda _: eh.ImmediateReleaseRequested(
            hospital=at, request=f"q{number}", incident=incident, by=who
        ),
        lambda _: eh.ImmediateReleaseAnswered(
            hospital=at, request=f"q{number}", accepts=yes, by=who, unit=unit if yes else None
        ),
        lambda now: eh.DeflectionAgreed(deflection=_deflection(f"d{number}", at, now)),
        lambda _: eh.DeflectionEnded(deflection=f"d{number}", by=who),
        lambda now: eh.PressureReported(
            hospital=at,
            pressures=(
                Pressure(
                    name="bed_occupancy",
                    value=90.0 + number * 3,
                    reported_at_ms=now,
                    valid_until_ms=now + 300_000,
                ),
            ),
        ),
        lambda _: eh.HandoverRulesSet(
            hospital=at, rules=SHORT if yes else None, by=who, reason="r"
        ),
        lambda _: eh.HaloRuleSet(hospital=at, rule=rule, by=who, reason="r"),
        lambda _: eh.HaloOrdered(hospital=at, rule=rule.id, order=order, by=who),
        lambda _: eh.HaloOrdered(hospital=at, rule="halo", order=order, by=who),
        lambda _: eh.LevelConfirmed(
            scheme=scheme, subject=subject, level=number, by=who, reason="r"
        ),
        lambda _: eh.LevelUndone(scheme=scheme, subject=subject, by=who, reason="r"),
    ]
    return draw(st.sampled_from(choices))


def _deflection(name: str, source: HospitalId, now_ms: int) -> Deflection:
    return Deflection(
        id=name,
        from_hospital=source,
        to_hospital=FAR if source == HOSPITAL else HOSPITAL,
        starts_at_ms=now_ms,
        ends_at_ms=now_ms + 600_000,
        agreed_from="A",
        agreed_to="B",
        authorised_by="C",
    )
