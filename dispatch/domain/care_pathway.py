"""Which types of service suit which need, best first, and how far such a need may be wrong.

A pathway is configuration: a trust edits the table, each row with its source. The first row whose
conditions a patient meets is the patient's pathway.
"""

from __future__ import annotations

from typing import Final

import msgspec

from dispatch.domain.complaint import (
    COMPLAINTS,
    FINDINGS,
    ComplaintFamily,
    check_codes,
)
from dispatch.domain.patient import Patient
from dispatch.domain.service_type import ServiceType

CALL_MISSED: Final = 0.005
"""Default chance that a patient on a pathway is an unseen emergency: the ceiling under which
redirection was judged acceptable (half a percent; decision model, section 3). Assumed for a
pathway until a trust has counted its own."""

RECONTACT: Final = 0.07
"""Default chance of another call within 24 hours: 5 to 10 % after advice alone (background
knowledge)."""


class CarePathway(msgspec.Struct, frozen=True, kw_only=True):
    """One row: a need, and the service types that meet it, best first.

    A patient is on it with one of the ``complaints`` or ``families``, at least one of
    ``any_findings`` when there are some, and none of ``no_findings``. ``p_serious`` is the chance
    that the patient is an emergency after all, ``p_recontact`` of another call within 24 hours.

    Raises
    ------
    ValueError
        When a code is unknown or a probability is outside [0, 1].
    """

    name: str
    types: tuple[ServiceType, ...]
    complaints: tuple[str, ...] = ()
    families: tuple[ComplaintFamily, ...] = ()
    any_findings: tuple[str, ...] = ()
    no_findings: tuple[str, ...] = ()
    p_serious: float = CALL_MISSED
    p_recontact: float = RECONTACT
    advice: tuple[str, ...] = ()
    source: str = "assumed"

    def __post_init__(self) -> None:
        check_codes(self.complaints, COMPLAINTS, "complaints")
        check_codes((*self.any_findings, *self.no_findings), FINDINGS, "findings")
        for name, value in (("p_serious", self.p_serious), ("p_recontact", self.p_recontact)):
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"Expected {name} of pathway {self.name} in [0, 1], was {value}.")
        if len(set(self.types)) != len(self.types):
            raise ValueError(f"Expected each type once in pathway {self.name}.")

    def suits(self, patient: Patient) -> bool:
        """Test whether a patient is on this pathway."""
        if patient.complaint not in self.complaints and patient.family not in self.families:
            return False
        if self.any_findings and not set(self.any_findings) & set(patient.findings):
            return False
        return not set(self.no_findings) & set(patient.findings)


_T = ServiceType
_F = ComplaintFamily
_INJURED: Final = ("possible_injury", "minor_injury", "wound", "head_injury")

CALL_BACK_ADVICE: Final = "Ring 999 again at once if anything gets worse or changes."
"""Said to everyone who is not sent an ambulance. Callers must know that they may ring back
(prevention of future deaths report, Wales 2024)."""

CARE_PATHWAYS: Final[tuple[CarePathway, ...]] = (
    CarePathway(
        name="fall with minor injury",
        complaints=("fall",),
        any_findings=_INJURED,
        types=(
            *(_T.FALLS_RESPONSE_2, _T.URGENT_COMMUNITY_RESPONSE, _T.URGENT_TREATMENT_CENTRE),
            *(_T.MINOR_INJURY_UNIT, _T.AUXILIARY, _T.CLINICAL_ASSESSMENT),
        ),
        advice=("Do not lift someone who may be hurt; keep them warm.",),
        source="NHS England PR2063 (October 2022), level 2",
    ),
    CarePathway(
        name="fall without injury",
        complaints=("fall",),
        no_findings=_INJURED,
        types=(
            *(_T.FALLS_RESPONSE_1, _T.FALLS_RESPONSE_2, _T.URGENT_COMMUNITY_RESPONSE),
            *(_T.CASE_MANAGER, _T.COMMUNITY_FIRST_RESPONDER, _T.AUXILIARY),
            *(_T.SOCIAL_CARE, _T.CLINICAL_ASSESSMENT),
        ),
        advice=("Keep the person warm; let them move if it does not hurt.",),
        source="NHS England PR2063 (October 2022), level 1",
    ),
    CarePathway(
        name="minor injury",
        families=(_F.INJURY,),
        types=(
            *(_T.MINOR_INJURY_UNIT, _T.URGENT_TREATMENT_CENTRE, _T.WALK_IN_CENTRE),
            *(_T.GP, _T.CLINICAL_ASSESSMENT),
        ),
        advice=("Rest and raise an injured limb; press on a bleeding wound.",),
        source="UTC standards 2023 (injury); order assumed",
    ),
    CarePathway(
        name="mental health",
        families=(_F.MENTAL_HEALTH,),
        types=(
            *(_T.MENTAL_HEALTH_LINE, _T.MENTAL_HEALTH_VEHICLE, _T.CASE_MANAGER),
            *(_T.CLINICAL_ASSESSMENT, _T.GP, _T.GP_OUT_OF_HOURS),
        ),
        advice=("Stay with the person; ring 111 and choose the mental-health option at any time.",),
        source="NHS 111 mental-health option, mental-health response vehicles; order assumed",
    ),
    CarePathway(
        name="skin, mouth and pharmacy conditions",
        complaints=(
            *("cough_or_cold", "sore_throat", "earache", "mild_allergy", "constipation"),
            *("eye_problem", "medication", "rash"),
        ),
        types=(
            *(_T.PHARMACY, _T.GP, _T.GP_OUT_OF_HOURS, _T.URGENT_TREATMENT_CENTRE),
            *(_T.WALK_IN_CENTRE, _T.CLINICAL_ASSESSMENT),
        ),
        advice=("A pharmacist can help without an appointment.",),
    ),
    CarePathway(
        name="minor illness",
        families=(_F.MINOR_ILLNESS,),
        types=(
            *(_T.URGENT_TREATMENT_CENTRE, _T.GP, _T.GP_OUT_OF_HOURS, _T.WALK_IN_CENTRE),
            *(_T.PHARMACY, _T.URGENT_COMMUNITY_RESPONSE, _T.CLINICAL_ASSESSMENT),
        ),
        advice=("Rest, drink, and take usual medicines.",),
    ),
    CarePathway(
        name="urgent illness",
        families=(_F.ILLNESS,),
        types=(
            *(_T.SAME_DAY_EMERGENCY_CARE, _T.VIRTUAL_WARD, _T.URGENT_TREATMENT_CENTRE),
            *(_T.URGENT_COMMUNITY_RESPONSE, _T.GP, _T.GP_OUT_OF_HOURS, _T.CLINICAL_ASSESSMENT),
        ),
        p_serious=0.02,
        source="self-care group of remote triage had 1.3 % adverse outcomes; rounded up, assumed",
    ),
    CarePathway(
        name="frailty",
        families=(_F.FRAILTY,),
        types=(
            *(_T.CASE_MANAGER, _T.URGENT_COMMUNITY_RESPONSE, _T.VIRTUAL_WARD, _T.GP),
            *(_T.GP_OUT_OF_HOURS, _T.SAME_DAY_EMERGENCY_CARE, _T.SOCIAL_CARE),
            _T.CLINICAL_ASSESSMENT,
        ),
        source="nine needs of the 2-hour urgent community response; order assumed",
    ),
    CarePathway(
        name="end of life",
        families=(_F.END_OF_LIFE,),
        types=(
            *(_T.HOSPICE, _T.URGENT_COMMUNITY_RESPONSE, _T.CASE_MANAGER, _T.GP),
            *(_T.GP_OUT_OF_HOURS, _T.VIRTUAL_WARD, _T.CLINICAL_ASSESSMENT),
        ),
        source="palliative crisis is one of the nine needs of urgent community response",
    ),
    CarePathway(
        name="breakdown of care",
        complaints=("carer_breakdown",),
        types=(
            *(_T.URGENT_COMMUNITY_RESPONSE, _T.CASE_MANAGER, _T.SOCIAL_CARE),
            _T.CLINICAL_ASSESSMENT,
        ),
        source="carer breakdown is one of the nine needs of urgent community response",
    ),
    CarePathway(
        name="social need",
        families=(_F.SOCIAL,),
        types=(_T.CASE_MANAGER, _T.SOCIAL_CARE, _T.CLINICAL_ASSESSMENT),
    ),
    CarePathway(
        name="transport",
        families=(_F.TRANSPORT,),
        types=(_T.PATIENT_TRANSPORT, _T.AUXILIARY),
        p_serious=0.002,
    ),
    CarePathway(
        name="to be assessed",
        families=(_F.UNKNOWN,),
        types=(_T.CLINICAL_ASSESSMENT,),
        p_serious=0.05,
    ),
)
"""The pathways as they ship. Life-threatening complaints and maternity have none: an ambulance."""


def pathway_of(patient: Patient, pathways: tuple[CarePathway, ...]) -> CarePathway | None:
    """Return the first pathway that suits a patient; None when only an ambulance does."""
    return next((pathway for pathway in pathways if pathway.suits(patient)), None)
