from __future__ import annotations

import pytest

from dispatch.domain.care_pathway import CARE_PATHWAYS, CarePathway, pathway_of
from dispatch.domain.complaint import COMPLAINTS, ComplaintFamily
from dispatch.domain.patient import Patient, SafetyRules, ambulance_reasons
from dispatch.domain.service_type import ServiceType

T = ServiceType


def name_of(complaint: str, *findings: str) -> str | None:
    pathway = pathway_of(Patient(complaint=complaint, findings=findings), CARE_PATHWAYS)
    return None if pathway is None else pathway.name


def test_every_complaint_is_an_ambulances_or_on_a_pathway() -> None:
    for code in COMPLAINTS:
        patient = Patient(complaint=code, on_anticoagulants=False)
        needs_ambulance = bool(ambulance_reasons(patient, SafetyRules()))
        assert needs_ambulance == (pathway_of(patient, CARE_PATHWAYS) is None), code


def test_every_type_of_service_is_on_some_pathway() -> None:
    assert {kind for pathway in CARE_PATHWAYS for kind in pathway.types} == set(ServiceType)


@pytest.mark.parametrize(
    ("complaint", "findings", "name"),
    [
        ("fall", (), "fall without injury"),
        ("fall", ("cannot_get_up", "no_injury"), "fall without injury"),
        ("fall", ("minor_injury",), "fall with minor injury"),
        ("fall", ("head_injury",), "fall with minor injury"),
        ("wound", (), "minor injury"),
        ("suicidal_thoughts", (), "mental health"),
        ("sore_throat", (), "skin, mouth and pharmacy conditions"),
        ("fever", (), "minor illness"),
        ("cellulitis", (), "urgent illness"),
        ("catheter", (), "frailty"),
        ("palliative_crisis", (), "end of life"),
        ("carer_breakdown", (), "breakdown of care"),
        ("welfare_concern", (), "social need"),
        ("discharge", (), "transport"),
        ("unknown", (), "to be assessed"),
        ("stroke", (), None),
        ("labour", (), None),
    ],
)
def test_each_need_finds_its_pathway(
    complaint: str, findings: tuple[str, ...], name: str | None
) -> None:
    assert name_of(complaint, *findings) == name


def test_a_fall_without_injury_asks_first_for_somebody_who_lifts() -> None:
    pathway = pathway_of(Patient(complaint="fall"), CARE_PATHWAYS)
    assert pathway is not None
    assert pathway.types[0] is T.FALLS_RESPONSE_1
    hurt = pathway_of(Patient(complaint="fall", findings=("wound",)), CARE_PATHWAYS)
    assert hurt is not None
    assert T.FALLS_RESPONSE_1 not in hurt.types


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"complaints": ("sneeze",)}, "known complaints"),
        ({"any_findings": ("x",)}, "known findings"),
        ({"p_serious": 1.5}, "p_serious of pathway P"),
        ({"p_recontact": -0.1}, "p_recontact of pathway P"),
        ({"types": (T.GP, T.GP)}, "each type once"),
    ],
)
def test_an_impossible_pathway_is_refused(changes: dict[str, object], says: str) -> None:
    fields: dict[str, object] = {"types": (T.GP,), "families": (ComplaintFamily.FALL,)}
    with pytest.raises(ValueError, match=says):
        CarePathway(name="P", **(fields | changes))  # type: ignore[arg-type]
