from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.complaint import (
    COMPLAINTS,
    EXCLUDABLE,
    FINDINGS,
    RED_FLAGS,
    ComplaintFamily,
)
from dispatch.domain.patient import (
    Patient,
    SafetyRules,
    TriageOutcome,
    TriageScheme,
    ambulance_reasons,
)

RULES = SafetyRules()
AGE_65 = RULES.anticoagulants_unknown_from_days


def reasons(complaint: str = "fall", rules: SafetyRules = RULES, **changes: Any) -> list[str]:
    patient = Patient(complaint=complaint, **changes)
    return [reason.code for reason in ambulance_reasons(patient, rules)]


def test_a_plain_fall_needs_no_ambulance() -> None:
    assert reasons(age_days=29_000, findings=("cannot_get_up", "no_injury"), lie_min=20) == []


@pytest.mark.parametrize("flag", sorted(RED_FLAGS))
def test_every_red_flag_means_an_ambulance(flag: str) -> None:
    assert reasons(red_flags=(flag,)) == [flag]


@pytest.mark.parametrize(("minutes", "long"), [(59, False), (60, False), (60.1, True), (600, True)])
def test_a_lie_of_more_than_an_hour_is_long(minutes: float, long: bool) -> None:
    assert ("long_lie" in reasons(lie_min=minutes)) == long


@pytest.mark.parametrize("complaint", ["fall", "head_injury"])
@pytest.mark.parametrize(
    ("age_days", "on_anticoagulants", "ambulance"),
    [
        (10_000, True, True),
        (10_000, False, False),
        (10_000, None, False),
        (AGE_65 - 1, None, False),
        (AGE_65, None, True),
        (AGE_65, False, False),
        (None, None, True),
        (None, False, False),
    ],
)
def test_a_head_injury_on_anticoagulants_means_an_ambulance(
    complaint: str, age_days: int | None, on_anticoagulants: bool | None, ambulance: bool
) -> None:
    found = reasons(
        complaint,
        age_days=age_days,
        on_anticoagulants=on_anticoagulants,
        findings=("head_injury",) if complaint == "fall" else (),
    )
    assert ("head_injury_on_anticoagulants" in found) == ambulance


def test_anticoagulants_without_a_head_injury_are_no_reason() -> None:
    assert reasons(on_anticoagulants=True) == []


def test_life_threats_and_maternity_are_never_redirected() -> None:
    for code, complaint in COMPLAINTS.items():
        grave = complaint.family in (ComplaintFamily.LIFE_THREAT, ComplaintFamily.MATERNITY)
        assert (reasons(code) == [code]) == grave


def test_a_high_score_and_a_young_infants_fever_mean_an_ambulance() -> None:
    assert reasons("unwell", news2=4) == []
    assert reasons("unwell", news2=5) == ["news2"]
    assert reasons("fever", age_days=90) == ["infant_fever"]
    assert reasons("fever", age_days=91) == []


def test_a_trust_may_add_red_flags_and_only_tighten_the_lie() -> None:
    strict = SafetyRules(more_red_flags=("immunosuppressed",), lie_max_min=30)
    assert reasons("fever", strict, age_days=9000, findings=("immunosuppressed",)) == [
        "immunosuppressed"
    ]
    assert reasons(rules=strict, lie_min=31) == ["long_lie"]
    with pytest.raises(ValueError, match="at most 60"):
        SafetyRules(lie_max_min=61)
    with pytest.raises(ValueError, match="known findings, was 'nonsense'"):
        SafetyRules(more_red_flags=("nonsense",))


def test_every_reason_is_given_not_only_the_first() -> None:
    found = reasons(
        red_flags=("syncope", "new_confusion"),
        lie_min=90,
        findings=("head_injury",),
        on_anticoagulants=True,
    )
    assert found == ["syncope", "new_confusion", "long_lie", "head_injury_on_anticoagulants"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"complaint": "sneeze"}, "known complaints, was 'sneeze'"),
        ({"findings": ("x", "y")}, "known findings, was 'x', 'y'"),
        ({"red_flags": ("no_injury",)}, "known red flags"),
        ({"age_days": -1}, "age_days in 0 to 47500, was -1"),
        ({"age_days": 47_501}, "age_days"),
        ({"frailty_cfs": 0}, "frailty_cfs in 1 to 9"),
        ({"frailty_cfs": 10}, "frailty_cfs"),
        ({"news2": 21}, "news2"),
        ({"lie_min": -1}, "lie_min"),
        ({"lie_min": float("nan")}, "lie_min"),
        ({"earlier_contacts_24h": -1}, "earlier_contacts_24h"),
        ({"disposition": "D12"}, "disposition such as Dx012"),
    ],
)
def test_what_cannot_be_is_refused_in_words(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Patient(**({"complaint": "fall"} | changes))


def test_the_triage_outcome_is_kept_as_it_was_said() -> None:
    said = TriageOutcome(scheme=TriageScheme.AMPDS, code="17-B-1", text="Falls", at_ms=5)
    patient = Patient(complaint="fall", triage=said)
    assert msgspec.json.decode(msgspec.json.encode(patient), type=Patient).triage == said
    with pytest.raises(ValueError, match="a manchester code, was none"):
        TriageOutcome(scheme=TriageScheme.MANCHESTER, code=" ")


def test_words_are_distinct_and_complete() -> None:
    assert not set(RED_FLAGS) & set(FINDINGS)
    assert all(complaint.words for complaint in COMPLAINTS.values())
    assert set(COMPLAINTS) | set(FINDINGS) == EXCLUDABLE
    assert {complaint.family for complaint in COMPLAINTS.values()} == set(ComplaintFamily)


def test_age_in_years_is_of_365_and_a_quarter_days() -> None:
    assert Patient(complaint="fall", age_days=14_610).age_years == 40
    assert Patient(complaint="fall").age_years is None


@given(
    red_flags=st.lists(st.sampled_from(sorted(RED_FLAGS)), max_size=3, unique=True),
    findings=st.lists(st.sampled_from(sorted(FINDINGS)), max_size=4, unique=True),
    lie_min=st.one_of(st.none(), st.floats(0, 500)),
)
def test_more_knowledge_of_danger_never_removes_a_reason(
    red_flags: list[str], findings: list[str], lie_min: float | None
) -> None:
    less = set(reasons(findings=tuple(findings)))
    more = set(reasons(findings=tuple(findings), red_flags=tuple(red_flags), lie_min=lie_min))
    assert less <= more
    assert set(red_flags) <= more
