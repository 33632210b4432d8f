"""Nobody who needs an ambulance is redirected without a person: over the whole space of rules."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.category import RANK, Category, Segment
from dispatch.domain.complaint import COMPLAINTS, FINDINGS, RED_FLAGS
from dispatch.domain.ids import ServiceId
from dispatch.domain.patient import Patient, SafetyRules, ambulance_reasons
from dispatch.domain.redirection import Course, Protocol, Redirection, RedirectRules, Situation
from dispatch.domain.service import Service
from dispatch.domain.service_type import Referrer, ServiceType
from dispatch.policies.redirect_none import redirect as redirect_none
from dispatch.policies.redirect_ranked import RedirectRanked
from dispatch.policies.service_index import Capacities, ServiceIndex
from maps.geo import LonLat

HERE = LonLat(-1.2926, 50.7005)
NOON = 1_795_521_600_000

EAGER = RedirectRules(
    protocols=(
        Protocol(
            name="everything",
            types=tuple(ServiceType),
            complaints=tuple(COMPLAINTS),
            switched_on_by="Nobody sensible",
        ),
    ),
    p_serious_max=1.0,
    shadow_price=100.0,
)
"""A trust that has switched on every protocol there can be, and finds every ambulance dear."""

WILLING = [
    Service(
        id=ServiceId(kind),
        name=kind,
        type=kind,
        at=HERE,
        complaints=tuple(COMPLAINTS),
        referrers=tuple(Referrer),
    )
    for kind in ServiceType
]
"""Services that say they take everybody for everything."""

INDEX = ServiceIndex(WILLING)
POLICY = RedirectRanked(INDEX, rules=EAGER)
GREEN = Capacities(INDEX)


def ask(patient: Patient, category: Category, segment: Segment | None, **more: Any) -> Redirection:
    situation = Situation(at=HERE, now_ms=NOON, category=category, segment=segment, **more)
    return POLICY.redirect(patient, situation, GREEN)


def is_immediate(category: Category, segment: Segment | None) -> bool:
    return RANK[category] == 1 or (RANK[category] == 2 and segment not in (Segment.B, Segment.C))


def closes_alone(answer: Redirection) -> bool:
    return any(offer.protocol is not None for offer in answer.offers)


def a_patient(complaint: str, **changes: Any) -> Patient:
    fields: dict[str, Any] = {
        "age_days": 12_000,
        "on_anticoagulants": False,
        "lie_min": 0,
        "has_transport": True,
    }
    return Patient(complaint=complaint, **(fields | changes))


@pytest.mark.parametrize("category", list(Category))
def test_every_category_segment_complaint_and_count_of_contacts(category: Category) -> None:
    """Exhaustive: 14 categories, 4 segments, all complaints, first and repeat contact."""
    seen_alone = False
    for segment, complaint, earlier in product((None, *Segment), COMPLAINTS, (0, 1, 2)):
        patient = a_patient(complaint, earlier_contacts_24h=earlier)
        answer = ask(patient, category, segment)
        grave = bool(ambulance_reasons(patient, EAGER.safety))
        if is_immediate(category, segment) or grave:
            assert answer.course is Course.AMBULANCE
            assert answer.offers == ()
            assert answer.barriers
        if RANK[category] == 2:
            assert answer.course is not Course.OFFERS
        if is_immediate(category, segment) or grave or earlier or RANK[category] <= 2:
            assert not closes_alone(answer)
        seen_alone |= closes_alone(answer)
    # The test would prove nothing if nothing were ever closed by protocol.
    assert seen_alone == (RANK[category] >= 3)


@pytest.mark.parametrize("flag", sorted(RED_FLAGS))
def test_every_red_flag_stops_every_complaint_in_every_category(flag: str) -> None:
    for category, complaint in product(Category, COMPLAINTS):
        answer = ask(a_patient(complaint, red_flags=(flag,)), category, Segment.C)
        assert answer.course is Course.AMBULANCE
        assert answer.offers == ()
        assert flag in [reason.code for reason in answer.barriers] or RANK[category] == 1


@pytest.mark.parametrize("who", list(Referrer))
@pytest.mark.parametrize(
    "hard",
    [
        {"lie_min": 60.5},
        {"findings": ("head_injury",), "on_anticoagulants": True},
        {"findings": ("head_injury",), "on_anticoagulants": None, "age_days": 30_000},
        {"red_flags": ("suspected_fracture",)},
        {"red_flags": ("syncope",)},
        {"red_flags": ("new_confusion",)},
    ],
)
def test_the_hard_rules_of_falls_hold_whoever_asks(hard: dict[str, Any], who: Referrer) -> None:
    for category in (Category.C3, Category.C4, Category.C5, Category.HCP4):
        answer = ask(a_patient("fall", **hard), category, None, asked_by=who)
        assert answer.course is Course.AMBULANCE
        assert answer.offers == ()


patients = st.builds(
    Patient,
    complaint=st.sampled_from(sorted(COMPLAINTS)),
    age_days=st.one_of(st.none(), st.integers(0, 40_000)),
    findings=st.lists(st.sampled_from(sorted(FINDINGS)), max_size=4, unique=True).map(tuple),
    red_flags=st.lists(st.sampled_from(sorted(RED_FLAGS)), max_size=1).map(tuple),
    frailty_cfs=st.one_of(st.none(), st.integers(1, 9)),
    news2=st.one_of(st.none(), st.integers(0, 20)),
    on_anticoagulants=st.one_of(st.none(), st.booleans()),
    lie_min=st.one_of(st.none(), st.floats(0, 400)),
    has_transport=st.one_of(st.none(), st.booleans()),
    earlier_contacts_24h=st.integers(0, 4),
)


@given(
    patient=patients,
    category=st.sampled_from(Category),
    segment=st.sampled_from([None, *Segment]),
    who=st.sampled_from(Referrer),
    price=st.floats(0, 1000),
)
@settings(max_examples=400)
def test_no_mixture_of_facts_closes_what_only_a_person_may(
    patient: Patient, category: Category, segment: Segment | None, who: Referrer, price: float
) -> None:
    answer = ask(patient, category, segment, asked_by=who, shadow_price=price)
    reasons = ambulance_reasons(patient, SafetyRules())
    if is_immediate(category, segment) or reasons:
        assert answer.course is Course.AMBULANCE
        assert not answer.offers
    if patient.is_repeat or RANK[category] <= 2:
        assert not closes_alone(answer)
    for offer in answer.offers:
        assert offer.fail_safe_at_ms >= NOON
        assert not (offer.protocol and (offer.ask or offer.is_amber or not offer.is_worth_it))
    assert {offer.service for offer in answer.offers}.isdisjoint(
        refusal.service for refusal in answer.refused
    )


@given(patient=patients, category=st.sampled_from(Category), segment=st.sampled_from(Segment))
def test_the_baseline_offers_nothing_to_anybody(
    patient: Patient, category: Category, segment: Segment
) -> None:
    situation = Situation(at=HERE, now_ms=NOON, category=category, segment=segment)
    answer = redirect_none(patient, situation, EAGER)
    assert not answer.offers
    if is_immediate(category, segment) or ambulance_reasons(patient, EAGER.safety):
        assert answer.course is Course.AMBULANCE


@given(patient=patients, category=st.sampled_from(Category), order=st.randoms())
def test_the_order_of_the_directory_changes_nothing(
    patient: Patient, category: Category, order: Any
) -> None:
    shuffled = list(WILLING)
    order.shuffle(shuffled)
    index = ServiceIndex(shuffled)
    policy = RedirectRanked(index, rules=EAGER)
    situation = Situation(at=HERE, now_ms=NOON, category=category)
    assert policy.redirect(patient, situation, Capacities(index)) == POLICY.redirect(
        patient, situation, GREEN
    )
