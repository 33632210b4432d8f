"""Who the patients of a log are: what they say, what a handler finds, and what they need.

The need is the world's secret: the engine hears age, complaint and findings, and clinicians and
services learn more when they speak to the patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.call_log.log import CallLog
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.fate import BY_TELEPHONE, Fates
from benchmarks.simulator.quantile import Float64s, lognormal
from benchmarks.simulator.streams import Streams, keys_of
from dispatch.domain.complaint import COMPLAINTS, ComplaintFamily, family_of
from dispatch.domain.patient import AGE_MAX_DAYS, DAYS_PER_YEAR, Mobility, Patient

COMPLAINT_CODES: Final = {
    "breathing": "breathing_difficulty",
    "sick_person": "unwell",
    "convulsions": "seizure",
    "trauma": "minor_injury",
    "road_traffic": "road_traffic_collision",
    "allergic_reaction": "mild_allergy",
    "mental_health": "mental_health_crisis",
    "diabetic": "diabetes",
    "social": "social_need",
    "burns": "minor_burn",
    "maternity": "pregnancy_problem",
    "unconscious": "unconscious",
}
"""The words of composed logs that are not those of redirection. A patient with the need of an
ambulance whose complaint sounds minor is found by red flags, or not at all."""

_FLAGS: Final = {
    ComplaintFamily.FALL: "suspected_fracture",
    ComplaintFamily.INJURY: "suspected_fracture",
    ComplaintFamily.MENTAL_HEALTH: "immediate_danger",
    ComplaintFamily.ILLNESS: "sepsis_signs",
    ComplaintFamily.FRAILTY: "new_confusion",
}

LIE_MEDIAN_MIN: Final = 30.0
LIE_LOG_SD: Final = 0.8
"""How long somebody who fell has lain on the floor when they call. Assumed."""

_INJURED: Final = 0.4
_CANNOT_GET_UP: Final = 0.6
_HAS_TRANSPORT: Final = 0.6
_ANTICOAGULATED: Final = 0.2
"""Shares of those who fell, of all, and of those aged 65 and over. Assumed."""


@dataclass(frozen=True, slots=True)
class Needs:
    """One entry an incident, in the order of the log.

    ``needs_ambulance`` is the truth; of a patient whom the log closes by telephone it is False.
    """

    patient: list[Patient]
    needs_ambulance: list[bool]


def needs(log: CallLog, drawn: Fates, behaviour: CareBehaviour, seed: int) -> Needs:
    """Draw who the patients are."""
    streams, keys = Streams(seed), keys_of(log.incident_id)

    def uniform(name: str) -> Float64s:
        return streams.uniform(name, keys)

    share = np.array([behaviour.redirectable.get(outcome, 0.0) for outcome in drawn.outcome])
    by_phone = np.array([outcome in BY_TELEPHONE for outcome in drawn.outcome], bool)
    ambulance = ~by_phone & (uniform("need") >= share)
    flagged = uniform("red flag") < behaviour.red_flag_share * np.where(ambulance, 1.0, 0.1)
    flagged &= ~by_phone
    lie_min = LIE_MEDIAN_MIN * lognormal(uniform("lie"), 0.0, LIE_LOG_SD)
    draws = {
        name: uniform(name).tolist() for name in ("injury", "floor", "transport", "anticoagulants")
    }
    found = []
    for row in range(len(log)):
        complaint = complaint_of(log, row)
        found.append(
            Patient(
                complaint=complaint,
                age_days=_age_days(log, row),
                frailty_cfs=_frailty(log, row),
                red_flags=_flags(complaint) if flagged[row] else (),
                findings=_findings(complaint, draws["injury"][row], draws["floor"][row]),
                lie_min=round(float(lie_min[row]), 1) if complaint == "fall" else None,
                on_anticoagulants=_is_old(log, row)
                and draws["anticoagulants"][row] < _ANTICOAGULATED,
                mobility=Mobility.WALKS,
                has_transport=draws["transport"][row] < _HAS_TRANSPORT,
                pseudonym=_word(log, "caller_id", row),
            )
        )
    return Needs(found, ambulance.tolist())


def complaint_of(log: CallLog, row: int) -> str:
    """Return the complaint of a row in the words of redirection; ``unknown`` where it has none."""
    word = _word(log, "complaint", row) or ""
    code = COMPLAINT_CODES.get(word, word)
    return code if code in COMPLAINTS else "unknown"


def _findings(complaint: str, injury: float, floor: float) -> tuple[str, ...]:
    if complaint != "fall":
        return ()
    hurt = "minor_injury" if injury < _INJURED else "no_injury"
    return (hurt, "cannot_get_up") if floor < _CANNOT_GET_UP else (hurt,)


def _flags(complaint: str) -> tuple[str, ...]:
    return (_FLAGS.get(family_of(complaint), "severe_pain"),)


def _word(log: CallLog, name: str, row: int) -> str | None:
    column = log.words.get(name)
    return None if column is None else column[row]


def _number(log: CallLog, name: str, row: int) -> float | None:
    column = log.numbers.get(name)
    if column is None or np.isnan(column[row]):
        return None
    return float(column[row])


def _age_days(log: CallLog, row: int) -> int | None:
    years = _number(log, "age_years", row)
    # The middle of the year: ages of a log are whole years.
    return None if years is None else min(int((years + 0.5) * DAYS_PER_YEAR), AGE_MAX_DAYS)


def _is_old(log: CallLog, row: int) -> bool:
    return (_number(log, "age_years", row) or 0.0) >= 65.0


def _frailty(log: CallLog, row: int) -> int | None:
    """Return a place on the Clinical Frailty Scale: 6 for the frail, 3 for the others."""
    frail = _number(log, "frail", row)
    return None if frail is None else (6 if frail else 3)
