"""AM.01: low acuity, triage scheme, follow-up; the falls and mental-health pathways whole."""

from __future__ import annotations

import msgspec
import pytest

from dispatch.domain.category import Category, Segment
from dispatch.domain.follow_up import follow_up
from dispatch.domain.ids import IncidentId, ReferralId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.patient import Mobility, Patient, TriageOutcome, TriageScheme
from dispatch.domain.recontact import Contact, earlier_contacts
from dispatch.domain.redirection import Course, Offer, Protocol, RedirectRules
from dispatch.domain.referral import (
    Consequence,
    Referral,
    completed,
    confirmed,
    due_fail_safe,
    failed_safe,
    refused,
    returned,
)
from dispatch.domain.service import AgeRange, CapacityLevel, Service, capacity_report
from dispatch.domain.service_type import Referrer
from dispatch.domain.validation import (
    Validation,
    ValidationResult,
    breach_at_ms,
    finished,
    started,
    validation_queue,
)
from maps.geo import LonLat
from tests.dispatch.redirection_builders import (
    NEWPORT,
    YEAR,
    T,
    a_patient,
    a_service,
    a_situation,
    ask,
    at,
    offered,
)
from tests.dispatch.redirection_builders import (
    refused as refused_by,
)

NEAR = LonLat(NEWPORT.lon + 0.02, NEWPORT.lat)
MINUTE = 60_000

ISLAND: list[Service] = [
    a_service(T.FALLS_RESPONSE_1, "FALLS-LIFT", at=NEAR, hours="daily 07:00-22:00"),
    a_service(T.FALLS_RESPONSE_2, "FALLS-CLINIC", at=NEAR, hours="daily 08:00-20:00"),
    a_service(T.URGENT_COMMUNITY_RESPONSE, "UCR", at=NEAR, frailty_min=4),
    a_service(T.MENTAL_HEALTH_LINE, "MH-LINE", at=None),
    a_service(T.MENTAL_HEALTH_VEHICLE, "MH-CAR", at=NEAR, hours="daily 12:00-02:00"),
    a_service(T.URGENT_TREATMENT_CENTRE, "UTC", at=NEAR),
    a_service(T.MINOR_INJURY_UNIT, "MIU", at=NEAR, ages=(AgeRange(730),)),
    a_service(T.WALK_IN_CENTRE, "WIC", at=NEAR),
    a_service(T.SAME_DAY_EMERGENCY_CARE, "SDEC", at=NEAR),
    a_service(T.GP, "GP", at=NEAR),
    a_service(T.GP_OUT_OF_HOURS, "OOH", at=None),
    a_service(T.PHARMACY, "PHARMACY", at=NEAR),
    a_service(T.CLINICAL_ASSESSMENT, "CAS", at=None),
    a_service(T.VIRTUAL_WARD, "WARD", at=None),
    a_service(T.SOCIAL_CARE, "SOCIAL", at=None),
    a_service(T.CASE_MANAGER, "MANAGER", at=None),
    a_service(T.HOSPICE, "HOSPICE", at=None),
    a_service(T.AUXILIARY, "ST-JOHN", at=NEAR),
    a_service(T.COMMUNITY_FIRST_RESPONDER, "CFR", at=NEAR),
    a_service(T.PATIENT_TRANSPORT, "PTS", at=NEAR),
]


def a_referral(offer: Offer, now_ms: int, category: Category = Category.C3) -> Referral:
    return Referral(
        id=ReferralId("R1"),
        incident=IncidentId("I1"),
        service=offer.service,
        category=category,
        offered_at_ms=now_ms,
        fail_safe_at_ms=offer.fail_safe_at_ms,
        by="Clinician on desk",
        protocol=offer.protocol,
    )


@pytest.mark.parametrize(
    ("patient", "time", "best", "never"),
    [
        (
            a_patient("fall", 82, findings=("cannot_get_up", "no_injury"), lie_min=20),
            "2026-11-24T10:00",
            "FALLS-LIFT",
            {"UTC", "MIU", "CAS", "SOCIAL", "MANAGER"},
        ),
        (
            a_patient("fall", 82, findings=("cannot_get_up", "wound"), lie_min=20),
            "2026-11-24T10:00",
            "FALLS-CLINIC",
            {"FALLS-LIFT", "CFR"},
        ),
        (a_patient("limb_injury", 30), "2026-11-24T10:00", "MIU", {"PHARMACY", "UCR"}),
        (a_patient("wound", 1.5), "2026-11-24T10:00", "UTC", {"MIU"}),
        (a_patient("suicidal_thoughts", 30), "2026-11-24T10:00", "MH-LINE", {"MH-CAR", "UTC"}),
        (a_patient("sore_throat", 30), "2026-11-24T10:00", "PHARMACY", {"SDEC"}),
        (a_patient("sore_throat", 30), "2026-11-24T22:00", "OOH", {"PHARMACY", "GP", "UTC"}),
        (
            a_patient("frailty_decline", 88, frailty_cfs=6),
            "2026-11-24T10:00",
            "UCR",
            {"SDEC", "WARD", "MANAGER"},
        ),
        (
            a_patient("frailty_decline", 88, frailty_cfs=6),
            "2026-11-24T20:00",
            "OOH",
            {"UCR", "GP"},
        ),
        (a_patient("frailty_decline", 88, frailty_cfs=3), "2026-11-24T10:00", "GP", {"UCR"}),
        (
            a_patient("frailty_decline", 88, case_manager="MANAGER", has_care_plan=True),
            "2026-11-24T10:00",
            "MANAGER",
            {"UCR"},
        ),
        (a_patient("discharge", 70), "2026-11-24T10:00", "PTS", {"UTC", "GP"}),
        (
            a_patient("discharge", 70, findings=("needs_oxygen",)),
            "2026-11-24T10:00",
            "ST-JOHN",
            {"PTS"},
        ),
        (a_patient("welfare_concern", 70), "2026-11-24T10:00", "SOCIAL", {"UCR"}),
        (a_patient("unknown", 40), "2026-11-24T10:00", "CAS", {"UTC"}),
    ],
)
def test_am_01_01_each_need_is_offered_what_fits_and_nothing_that_does_not(
    patient: Patient, time: str, best: str, never: set[str]
) -> None:
    answer = ask(ISLAND, patient, a_situation(Category.C4, now_ms=at(time)))
    assert answer.course is Course.OFFERS
    assert offered(answer)[0] == best
    assert never.isdisjoint(offered(answer))
    assert answer.advice[-1].startswith("Ring 999 again at once")


def test_am_01_01_only_clinicians_and_crews_are_offered_what_wants_them() -> None:
    patient = a_patient("cellulitis", 50)
    by_handler = ask(ISLAND, patient, a_situation(Category.C3))
    by_crew = ask(ISLAND, patient, a_situation(Category.C3, asked_by=Referrer.CREW))
    assert {"SDEC", "WARD"}.isdisjoint(offered(by_handler))
    assert offered(by_crew)[0] in ("SDEC", "WARD")
    dying = a_patient("palliative_crisis", 80, frailty_cfs=8)
    crew = a_situation(Category.C3, asked_by=Referrer.CREW)
    assert offered(ask(ISLAND, dying, crew))[0] == "HOSPICE"


def test_am_01_the_falls_pathway_from_call_to_confirmation() -> None:
    """An 82-year-old cannot get up, is not hurt: lifted, seen, followed up by nobody else."""
    now = at("2026-11-24T10:00")
    patient = a_patient(
        "fall", 82, findings=("cannot_get_up", "no_injury"), lie_min=25, gp="GP", frailty_cfs=5
    )
    answer = ask(ISLAND, patient, a_situation(Category.C3, now_ms=now))
    referral = a_referral(answer.offers[0], now)
    assert referral.consequence is Consequence.WAITS
    referral = confirmed(referral, by="Falls team", now_ms=now + 2 * MINUTE)
    assert referral.consequence is Consequence.ENDS
    assert due_fail_safe([referral], now + 60 * MINUTE) == []
    referral = completed(referral, by="Falls team", now_ms=now + 50 * MINUTE)
    assert follow_up(IncidentId("I1"), Outcome.REFERRED, patient, now, referral) is None


def test_am_01_a_falls_team_that_is_silent_means_an_ambulance_at_the_breach() -> None:
    now = at("2026-11-24T10:00")
    patient = a_patient("fall", 82, findings=("cannot_get_up", "no_injury"), lie_min=25)
    situation = a_situation(Category.C3, now_ms=now, breach_at_ms=now + 10 * MINUTE)
    referral = a_referral(ask(ISLAND, patient, situation).offers[0], now)
    assert due_fail_safe([referral], now + 10 * MINUTE - 1) == []
    (due,) = due_fail_safe([referral], now + 10 * MINUTE)
    assert failed_safe(due, now + 10 * MINUTE).consequence is Consequence.DISPATCHES


def test_am_01_a_falls_team_that_is_full_says_so_and_the_next_is_asked() -> None:
    now = at("2026-11-24T10:00")
    patient = a_patient("fall", 82, findings=("cannot_get_up", "no_injury"), lie_min=25)
    situation = a_situation(Category.C3, now_ms=now)
    referral = refused(
        a_referral(ask(ISLAND, patient, situation).offers[0], now),
        22,
        by="Falls team",
        now_ms=now + MINUTE,
    )
    assert referral.consequence is Consequence.DISPATCHES
    full = capacity_report(ISLAND[0], CapacityLevel.RED, now + MINUTE, by="Falls team")
    again = ask(ISLAND, patient, a_situation(Category.C3, now_ms=now + MINUTE), reports=(full,))
    assert offered(again)[0] == "FALLS-CLINIC"
    assert refused_by(again)["FALLS-LIFT"] == "full"


def test_am_01_what_was_unsafe_to_redirect_is_an_ambulance_with_every_reason() -> None:
    patient = a_patient("fall", 82, findings=("head_injury",), lie_min=75, on_anticoagulants=True)
    answer = ask(ISLAND, patient, a_situation(Category.C3))
    assert answer.course is Course.AMBULANCE
    assert [reason.code for reason in answer.barriers] == [
        "long_lie",
        "head_injury_on_anticoagulants",
    ]


def test_am_01_a_crew_on_scene_asks_before_it_conveys() -> None:
    """A crew finds a fall with a wound: the patient cannot travel alone, but the crew can help."""
    scene = a_situation(Category.C3, asked_by=Referrer.CREW, now_ms=at("2026-11-24T10:00"))
    patient = a_patient(
        "fall", 82, findings=("wound",), lie_min=5, mobility=Mobility.STRETCHER, frailty_cfs=5
    )
    answer = ask(ISLAND, patient, scene)
    assert offered(answer)[0] == "FALLS-CLINIC"
    assert {"UCR", "UTC", "MIU"} <= set(offered(answer))
    by_phone = ask(ISLAND, patient, a_situation(Category.C3, now_ms=scene.now_ms))
    assert refused_by(by_phone)["UTC"] == "cannot_travel"


def test_am_01_the_mental_health_pathway_from_soft_hold_to_line() -> None:
    """A 2C keeps its place while a clinician speaks with the caller, who is then put through."""
    now = at("2026-11-24T15:00")
    patient = a_patient("mental_health_crisis", 30)
    situation = a_situation(Category.C2, segment=Segment.C, now_ms=now)
    answer = ask(ISLAND, patient, situation)
    assert answer.course is Course.SOFT_HOLD
    assert offered(answer)[:2] == ["MH-LINE", "MH-CAR"]
    held = Validation(
        incident=IncidentId("I1"),
        category=Category.C2,
        segment=Segment.C,
        since_ms=now,
        breach_at_ms=breach_at_ms(Category.C2, now, RedirectRules().validate_within_min),
    )
    assert validation_queue([held]) == [held]
    done = finished(
        started(held, "Mental-health nurse", now + 3 * MINUTE),
        ValidationResult.REFERRED,
        now + 9 * MINUTE,
    )
    assert done.result is ValidationResult.REFERRED
    referral = a_referral(answer.offers[0], now + 9 * MINUTE, Category.C2)
    referral = confirmed(referral, by="MH line", now_ms=now + 10 * MINUTE)
    back = returned(referral, by="MH line", now_ms=now + 20 * MINUTE, reason="has taken tablets")
    assert back.consequence is Consequence.DISPATCHES


def test_am_01_in_mental_health_physical_need_and_danger_change_the_answer() -> None:
    hurt = a_patient("self_harm", 30, findings=("physical_need", "wound"))
    assert {"MH-LINE", "MH-CAR"}.isdisjoint(
        offered(ask(ISLAND, hurt, a_situation(Category.C3, now_ms=at("2026-11-24T15:00"))))
    )
    danger = a_patient("suicidal_thoughts", 30, red_flags=("immediate_danger",))
    assert ask(ISLAND, danger, a_situation(Category.C3)).course is Course.AMBULANCE


def test_am_01_a_frequent_caller_with_a_plan_meets_their_case_manager_by_a_person() -> None:
    rules = RedirectRules(
        protocols=(
            Protocol(
                name="mental health",
                types=(T.CASE_MANAGER, T.MENTAL_HEALTH_LINE),
                complaints=("anxiety_or_low_mood",),
                switched_on_by="Medical director",
            ),
        )
    )
    now = at("2026-11-24T15:00")
    history = [Contact(call="C1", at_ms=now - 3_600_000, patient="P7")]  # type: ignore[arg-type]
    contact = Contact(call="C2", at_ms=now, patient="P7")  # type: ignore[arg-type]
    earlier = len(earlier_contacts(contact, history))
    patient = a_patient(
        "anxiety_or_low_mood",
        45,
        earlier_contacts_24h=earlier,
        has_care_plan=True,
        case_manager="MANAGER",
        has_transport=True,
    )
    answer = ask(ISLAND, patient, a_situation(Category.C4, now_ms=now), rules)
    assert offered(answer)[0] == "MANAGER"
    assert all(offer.protocol is None for offer in answer.offers)
    first = msgspec.structs.replace(patient, earlier_contacts_24h=0)
    assert ask(ISLAND, first, a_situation(Category.C4, now_ms=now), rules).offers[0].protocol == (
        "mental health"
    )


@pytest.mark.parametrize("scheme", list(TriageScheme))
def test_am_01_02_the_outcome_of_the_triage_scheme_is_kept(scheme: TriageScheme) -> None:
    said = TriageOutcome(scheme=scheme, code="26-A-3", text="Sick person", at_ms=7)
    patient = Patient(complaint="unwell", age_days=round(40 * YEAR), triage=said)
    assert msgspec.json.decode(msgspec.json.encode(patient), type=Patient).triage == said


def test_am_01_whoever_is_not_conveyed_is_followed_up() -> None:
    patient = a_patient("fall", 82, gp="GP", frailty_cfs=6)
    alert = follow_up(IncidentId("I1"), Outcome.SEE_AND_TREAT, patient, 0)
    assert alert is not None
    assert alert.to == ServiceId("GP")
    assert "frail (CFS 6)" in alert.why
