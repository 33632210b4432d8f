"""What redirection knows of a patient: never who they are, only what decides where help comes from.

A patient is known by a pseudonym at most. Absent facts are None, and a rule that needs one treats
it as the unsafe answer.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

from dispatch.domain.complaint import (
    COMPLAINTS,
    FINDINGS,
    RED_FLAGS,
    ComplaintFamily,
    check_codes,
    family_of,
)
from dispatch.domain.ids import ServiceId

DAYS_PER_YEAR: Final = 365.25

AGE_MAX_DAYS: Final = 47_500
"""A little over 130 years."""


DX_CODE: Final = re.compile(r"Dx[0-9]{1,5}[A-Z]?")
"""The form of a disposition code of NHS Pathways, such as Dx012 or Dx0121."""


class TriageScheme(StrEnum):
    """A triage scheme approved for ambulance or emergency care."""

    NHS_PATHWAYS = "nhs_pathways"
    PACCS = "paccs"
    AMPDS = "ampds"
    MANCHESTER = "manchester"


class TriageOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a triage scheme said, kept as it was said.

    ``code`` is the scheme's own (a Dx code, an AMPDS determinant, a Manchester category).
    """

    scheme: TriageScheme
    code: str
    text: str = ""
    at_ms: int | None = None

    def __post_init__(self) -> None:
        if not self.code.strip():
            raise ValueError(f"Expected a {self.scheme} code, was none.")


class Mobility(StrEnum):
    """How a patient can move."""

    WALKS = "walks"
    WHEELCHAIR = "wheelchair"
    STRETCHER = "stretcher"


class Sex(StrEnum):
    """Sex as the directory of services tells it apart."""

    FEMALE = "female"
    MALE = "male"


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a patient.

    Ages are in days. ``symptom_group``, ``symptom_discriminator`` and ``disposition`` are the
    codes of NHS Pathways (SG, SD, Dx). ``frailty_cfs`` is the Clinical Frailty Scale, 1 to 9;
    ``news2`` the early warning score, where somebody measured it. ``lie_min`` is how long the
    patient has lain on the floor. ``earlier_contacts_24h`` counts contacts in the 24 hours before
    this one. ``case_manager``, ``virtual_ward`` and ``gp`` name the services that know the
    patient; ``has_care_plan`` says that a plan for such a crisis exists.

    Raises
    ------
    ValueError
        When a code is unknown or a number is outside its range.
    """

    complaint: str
    age_days: int | None = None
    sex: Sex | None = None
    findings: tuple[str, ...] = ()
    red_flags: tuple[str, ...] = ()
    symptom_group: int | None = None
    symptom_discriminator: int | None = None
    disposition: str | None = None
    triage: TriageOutcome | None = None
    frailty_cfs: int | None = None
    news2: int | None = None
    on_anticoagulants: bool | None = None
    lie_min: float | None = None
    mobility: Mobility | None = None
    has_transport: bool | None = None
    earlier_contacts_24h: int = 0
    has_care_plan: bool = False
    case_manager: ServiceId | None = None
    virtual_ward: ServiceId | None = None
    gp: ServiceId | None = None
    pseudonym: str | None = None

    def __post_init__(self) -> None:
        check_codes((self.complaint,), COMPLAINTS, "complaints")
        check_codes(self.findings, FINDINGS, "findings")
        check_codes(self.red_flags, RED_FLAGS, "red flags")
        if self.disposition is not None:
            check_disposition(self.disposition)
        _check_range("age_days", self.age_days, 0, AGE_MAX_DAYS)
        _check_range("frailty_cfs", self.frailty_cfs, 1, 9)
        _check_range("news2", self.news2, 0, 20)
        _check_range("lie_min", self.lie_min, 0, 60 * 24 * 14)
        _check_range("earlier_contacts_24h", self.earlier_contacts_24h, 0, 10_000)

    @property
    def family(self) -> ComplaintFamily:
        """The family of the complaint."""
        return family_of(self.complaint)

    @property
    def age_years(self) -> float | None:
        """Age in years of 365.25 days."""
        return None if self.age_days is None else self.age_days / DAYS_PER_YEAR

    @property
    def is_repeat(self) -> bool:
        """Whether somebody called about this patient in the last 24 hours already."""
        return self.earlier_contacts_24h > 0


class AmbulanceReason(msgspec.Struct, frozen=True, gc=False):
    """Why a patient needs an ambulance whatever other services could offer."""

    code: str
    why: str


class SafetyRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The hard rules that turn what is known into a need for an ambulance.

    ``lie_max_min``: a lie of more than an hour is strongly linked to harm (NHS England PR2063,
    October 2022). From ``anticoagulants_unknown_from_days`` a patient whose medicines are not
    known is taken to be on anticoagulants (65 years: assumed). ``infant_fever_max_days``: a fever
    under three months is taken for serious (background knowledge). ``news2_max``: a score above
    it needs an ambulance (from 5 a review is urgent: Royal College of Physicians, 2017).
    """

    lie_max_min: float = 60.0
    anticoagulants_unknown_from_days: int = 23_741
    infant_fever_max_days: int = 91
    news2_max: int = 4
    more_red_flags: tuple[str, ...] = ()
    """Findings that this trust treats as red flags besides the fixed ones."""

    def __post_init__(self) -> None:
        check_codes(self.more_red_flags, FINDINGS, "findings")
        # A trust may be stricter than the rule, never laxer.
        if not 0 <= self.lie_max_min <= 60:
            raise ValueError(f"Expected lie_max_min of at most 60, was {self.lie_max_min}.")


def ambulance_reasons(patient: Patient, rules: SafetyRules) -> tuple[AmbulanceReason, ...]:
    """Return every reason for which a patient must not be redirected; none means none applies.

    Red flags that were found, those that follow from several facts together (head injury on
    anticoagulants, a long lie), and complaints that are life-threatening in themselves.
    """
    found = [AmbulanceReason(code, RED_FLAGS[code]) for code in patient.red_flags]
    found += [
        AmbulanceReason(code, FINDINGS[code])
        for code in patient.findings
        if code in rules.more_red_flags
    ]
    if patient.family in (ComplaintFamily.LIFE_THREAT, ComplaintFamily.MATERNITY):
        found.append(AmbulanceReason(patient.complaint, COMPLAINTS[patient.complaint].words))
    if patient.lie_min is not None and patient.lie_min > rules.lie_max_min:
        found.append(
            AmbulanceReason(
                "long_lie",
                f"on the floor for {patient.lie_min:.0f} min, limit {rules.lie_max_min:.0f} min",
            )
        )
    found += _head_injury_reasons(patient, rules)
    if patient.news2 is not None and patient.news2 > rules.news2_max:
        found.append(AmbulanceReason("news2", f"NEWS2 {patient.news2}, limit {rules.news2_max}"))
    if (
        patient.complaint == "fever"
        and patient.age_days is not None
        and patient.age_days < rules.infant_fever_max_days
    ):
        found.append(AmbulanceReason("infant_fever", "a fever in the first three months of life"))
    return tuple(found)


def check_disposition(code: str) -> None:
    """Check that a disposition has the form of a Dx code.

    Raises
    ------
    ValueError
        When it has not.
    """
    if not DX_CODE.fullmatch(code):
        raise ValueError(f"Expected a disposition such as Dx012, was {code!r}.")


def _head_injury_reasons(patient: Patient, rules: SafetyRules) -> list[AmbulanceReason]:
    if patient.complaint != "head_injury" and "head_injury" not in patient.findings:
        return []
    if patient.on_anticoagulants:
        return [AmbulanceReason("head_injury_on_anticoagulants", "a head injury on anticoagulants")]
    may_be = patient.age_days is None or patient.age_days >= rules.anticoagulants_unknown_from_days
    if patient.on_anticoagulants is None and may_be:
        return [
            AmbulanceReason(
                "head_injury_on_anticoagulants",
                "a head injury, and it is not known whether on anticoagulants",
            )
        ]
    return []


def _check_range(name: str, value: float | None, low: int, high: int) -> None:
    # The negated form refuses NaN as well.
    if value is not None and not low <= value <= high:
        raise ValueError(f"Expected {name} in {low} to {high}, was {value}.")
