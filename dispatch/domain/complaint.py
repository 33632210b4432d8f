"""The words in which redirection speaks of a patient's need: complaints, findings, red flags.

Triage schemes have their own codes, and those are kept beside these words. Each trust maps its
scheme's outcomes to these words once; an unknown word is an error at the door.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec


class ComplaintFamily(StrEnum):
    """Complaints that the same kinds of service take, and that two callers may confuse."""

    FALL = "fall"
    INJURY = "injury"
    MENTAL_HEALTH = "mental_health"
    MINOR_ILLNESS = "minor_illness"
    ILLNESS = "illness"
    FRAILTY = "frailty"
    END_OF_LIFE = "end_of_life"
    SOCIAL = "social"
    TRANSPORT = "transport"
    MATERNITY = "maternity"
    LIFE_THREAT = "life_threat"
    UNKNOWN = "unknown"


class Complaint(msgspec.Struct, frozen=True, gc=False):
    """One complaint: its family, and how it is said."""

    family: ComplaintFamily
    words: str


_F = ComplaintFamily

COMPLAINTS: Final[dict[str, Complaint]] = {
    code: Complaint(family, words)
    for family, entries in {
        _F.FALL: {"fall": "a fall"},
        _F.INJURY: {
            "minor_injury": "a minor injury",
            "wound": "a wound",
            "limb_injury": "an injured limb",
            "head_injury": "a head injury",
            "back_pain": "back pain without injury",
            "minor_burn": "a small burn or scald",
            "bite_or_sting": "a bite or sting",
            "eye_injury": "an eye injury",
            "assault": "injuries from an assault",
            "road_traffic_collision": "a road traffic collision",
        },
        _F.MENTAL_HEALTH: {
            "mental_health_crisis": "a mental-health crisis",
            "suicidal_thoughts": "suicidal thoughts",
            "self_harm": "self-harm",
            "anxiety_or_low_mood": "anxiety or low mood",
            "psychosis": "unusual beliefs or behaviour",
        },
        _F.MINOR_ILLNESS: {
            "cough_or_cold": "a cough or cold",
            "sore_throat": "a sore throat",
            "earache": "earache",
            "fever": "a fever",
            "rash": "a rash",
            "vomiting_or_diarrhoea": "vomiting or diarrhoea",
            "constipation": "constipation",
            "urinary_symptoms": "urinary symptoms",
            "eye_problem": "a sore or red eye",
            "dental_pain": "toothache",
            "nosebleed": "a nosebleed",
            "mild_allergy": "a mild allergic reaction",
            "medication": "a question or need of medicines",
            "headache": "a headache",
        },
        _F.ILLNESS: {
            "abdominal_pain": "abdominal pain",
            "palpitations": "palpitations",
            "dizziness": "dizziness",
            "cellulitis": "a hot swollen limb or skin infection",
            "suspected_dvt": "a suspected leg clot",
            "diabetes": "a diabetes problem",
            "breathing_difficulty": "shortness of breath",
            "infection": "an infection",
            "unwell": "being generally unwell",
        },
        _F.FRAILTY: {
            "frailty_decline": "a decline of a frail person",
            "reduced_mobility": "being less able to move",
            "confusion": "confusion",
            "catheter": "a catheter problem",
            "equipment": "broken or missing care equipment",
        },
        _F.END_OF_LIFE: {"palliative_crisis": "a crisis in end-of-life care"},
        _F.SOCIAL: {
            "carer_breakdown": "the breakdown of unpaid care",
            "welfare_concern": "concern for someone's welfare",
            "social_need": "a social need",
        },
        _F.TRANSPORT: {
            "transfer": "a transfer between facilities",
            "discharge": "transport home",
            "admission": "transport to an agreed admission",
        },
        _F.MATERNITY: {
            "pregnancy_problem": "a problem in pregnancy",
            "labour": "labour",
        },
        _F.LIFE_THREAT: {
            "cardiac_arrest": "a cardiac arrest",
            "chest_pain": "chest pain",
            "unconscious": "unconsciousness",
            "choking": "choking",
            "anaphylaxis": "anaphylaxis",
            "stroke": "a suspected stroke",
            "seizure": "a seizure",
            "sepsis": "suspected sepsis",
            "overdose": "an overdose or poisoning",
            "major_trauma": "major trauma",
            "haemorrhage": "heavy bleeding",
            "burns": "serious burns",
            "drowning": "drowning",
            "hanging": "hanging",
            "collapse": "a collapse",
        },
        _F.UNKNOWN: {"unknown": "an unknown complaint"},
    }.items()
    for code, words in entries.items()
}
"""Every complaint by its code. Ours, shaped by the service catalogue of the reference
(nine needs of urgent community response, minor injury and illness, mental health); not a
national list."""

RED_FLAGS: Final[dict[str, str]] = {
    "not_breathing_normally": "not breathing normally",
    "unresponsive": "not responding normally",
    "loss_of_consciousness": "lost consciousness",
    "syncope": "fainted",
    "new_confusion": "newly confused",
    "chest_pain": "chest pain",
    "breathless_at_rest": "breathless at rest",
    "stroke_signs": "signs of a stroke",
    "sepsis_signs": "signs of sepsis",
    "shock_signs": "signs of shock",
    "uncontrolled_bleeding": "bleeding that does not stop",
    "suspected_fracture": "a suspected fracture",
    "suspected_hip_fracture": "a suspected hip fracture",
    "neck_or_spine_pain": "pain in the neck or spine after injury",
    "fall_from_height": "fell from a height",
    "high_energy_injury": "a high-energy injury",
    "severe_pain": "severe pain",
    "seizing_now": "having a seizure",
    "severe_allergic_reaction": "a severe allergic reaction",
    "overdose_taken": "has taken an overdose",
    "serious_self_harm": "serious self-harm",
    "immediate_danger": "in immediate danger from self or others",
    "weapon": "a weapon is involved",
    "non_blanching_rash": "a rash that does not fade",
    "bleeding_in_pregnancy": "bleeding in pregnancy",
    "new_weakness": "new weakness",
    "vomiting_blood": "vomiting blood",
    "floppy_infant": "a floppy or unrousable infant",
}
"""Findings for which an ambulance is sent. Falls: exclusions of falls response in NHS England's
letter PR2063 (October 2022) and local practice; the others are background knowledge. A trust may
add to them, never take away."""

FINDINGS: Final[dict[str, str]] = {
    "no_injury": "no apparent injury",
    "possible_injury": "a possible injury",
    "minor_injury": "a minor injury",
    "wound": "a wound",
    "head_injury": "has hit the head",
    "cannot_get_up": "cannot get up without help",
    "uses_alcohol_or_drugs": "alcohol or drugs are involved",
    "violent": "violent or threatening",
    "known_to_mental_health": "known to mental-health services",
    "physical_need": "has a physical need as well",
    "blocked_catheter": "the catheter is blocked",
    "needs_oxygen": "needs oxygen on the way",
    "needs_stretcher": "needs a stretcher",
    "bariatric": "needs bariatric equipment",
    "infectious": "needs isolation",
    "immunosuppressed": "has a weakened immune system",
    "pregnant": "pregnant",
    "needs_home_visit": "cannot leave home",
    "needs_interpreter": "needs an interpreter",
    "under_arrest": "in police custody",
}
"""Other findings: they choose between services, or exclude single ones."""

EXCLUDABLE: Final = frozenset(COMPLAINTS) | frozenset(FINDINGS)
"""What a service may name as an exclusion; red flags exclude everywhere already."""


def check_codes(codes: Iterable[str], known: Iterable[str], what: str) -> None:
    """Check that codes are known.

    Raises
    ------
    ValueError
        When one is not, naming it.
    """
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise ValueError(f"Expected known {what}, was {', '.join(map(repr, unknown))}.")


def family_of(complaint: str) -> ComplaintFamily:
    """Return the family of a complaint."""
    return COMPLAINTS[complaint].family
