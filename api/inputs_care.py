"""What callers send about patients, services, referrals and clinicians."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from api.inputs import Id, Input, Instant, Person, Reason
from dispatch.domain.category import Category, Segment
from dispatch.domain.complaint import COMPLAINTS, FINDINGS, RED_FLAGS
from dispatch.domain.ids import ServiceId
from dispatch.domain.patient import (
    AGE_MAX_DAYS,
    Mobility,
    Patient,
    Sex,
    TriageOutcome,
    TriageScheme,
)
from dispatch.domain.referral import RefusalReason
from dispatch.domain.service_type import Referrer
from dispatch.domain.validation import ValidationResult
from dispatch.domain.welfare import WelfareResult


def _in(codes: Collection[Any]) -> Callable[[Any], Any]:
    """Return a check that a code is one of a fixed list."""

    def check(value: Any) -> Any:
        if value not in codes:
            raise ValueError("Expected one of the known codes, was another.")
        return value

    return check


def _enum(codes: Collection[Any]) -> dict[str, Any]:
    return {"enum": sorted(codes)}


ComplaintCode = Annotated[
    str, AfterValidator(_in(COMPLAINTS)), Field(json_schema_extra=_enum(COMPLAINTS))
]
FindingCode = Annotated[
    str, AfterValidator(_in(FINDINGS)), Field(json_schema_extra=_enum(FINDINGS))
]
RedFlagCode = Annotated[
    str, AfterValidator(_in(RED_FLAGS)), Field(json_schema_extra=_enum(RED_FLAGS))
]
REFUSALS = tuple(int(reason) for reason in RefusalReason)
RefusalCode = Annotated[
    StrictInt, AfterValidator(_in(REFUSALS)), Field(json_schema_extra=_enum(REFUSALS))
]
Whole = StrictInt


class TriageSaid(Input):
    """What a triage scheme said, kept as it was said."""

    scheme: TriageScheme
    code: Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]
    text: Annotated[str, Field(max_length=200)] = ""


class PatientDescription(Input):
    """What is known of a patient; what is left out counts as not known, which is the unsafe answer.

    Never who they are: ``pseudonym`` and ``line`` only let contacts be recognised.
    """

    complaint: ComplaintCode
    asked_by: Referrer = Referrer.CALL_HANDLER
    age_days: Annotated[Whole, Field(ge=0, le=AGE_MAX_DAYS)] | None = None
    sex: Sex | None = None
    findings: Annotated[list[FindingCode], Field(max_length=40, default_factory=list)]
    red_flags: Annotated[list[RedFlagCode], Field(max_length=40, default_factory=list)]
    symptom_group: Annotated[Whole, Field(ge=1, le=99_999)] | None = None
    symptom_discriminator: Annotated[Whole, Field(ge=1, le=99_999)] | None = None
    disposition: Annotated[str, Field(pattern=r"^Dx[0-9]{1,5}[A-Z]?$")] | None = None
    triage: TriageSaid | None = None
    frailty_cfs: Annotated[Whole, Field(ge=1, le=9)] | None = None
    news2: Annotated[Whole, Field(ge=0, le=20)] | None = None
    on_anticoagulants: StrictBool | None = None
    lie_min: Annotated[float, Field(strict=True, ge=0, le=20_160, allow_inf_nan=False)] | None = (
        None
    )
    mobility: Mobility | None = None
    has_transport: StrictBool | None = None
    earlier_contacts_24h: Annotated[Whole, Field(ge=0, le=10_000)] = 0
    has_care_plan: StrictBool = False
    case_manager: Id | None = None
    virtual_ward: Id | None = None
    gp: Id | None = None
    pseudonym: Id | None = None
    line: Id | None = Field(default=None, description="Pseudonym of the telephone line.")

    def patient(self, now_ms: int) -> Patient:
        """Return the patient as the engine knows them."""
        fields = self.model_dump(exclude={"asked_by", "line", "triage", "findings", "red_flags"})
        for name in ("case_manager", "virtual_ward", "gp"):
            if fields[name] is not None:
                fields[name] = ServiceId(fields[name])
        said = self.triage
        return Patient(
            **fields,
            findings=tuple(self.findings),
            red_flags=tuple(self.red_flags),
            triage=None
            if said is None
            else TriageOutcome(scheme=said.scheme, code=said.code, text=said.text, at_ms=now_ms),
        )


class ReferralOffer(Input):
    """A person offers a patient to a service."""

    incident: Id
    service: Id
    by: Person
    asked_by: Referrer = Field(default=Referrer.CALL_HANDLER, description="What that person is.")
    referral: Id | None = Field(default=None, description="Made from the key when missing.")


class Said(Input):
    """Who says it."""

    by: Person


class SaidWhy(Said):
    """Who says it, and why."""

    reason: Reason


class Booking(Said):
    """Which slot was booked."""

    slot: Id


class Refusal(Said):
    """A service does not take a patient; the code is one of the directory's."""

    code: RefusalCode
    reason: Annotated[str, Field(max_length=500)] = ""


class Clinician(Input):
    """Who looks at the incident."""

    clinician: Person


class Review(Clinician):
    """What a clinician decided; an upgrade or downgrade names the new category."""

    result: ValidationResult
    new_category: Category | None = None
    new_segment: Segment | None = None


class WelfareAnswer(Said):
    """What a welfare call showed."""

    result: WelfareResult


class FollowUpDone(Said):
    """A patient was followed up."""

    note: Annotated[str, Field(max_length=500)] = ""


class DirectoryFile(Said):
    """A directory of services: CSV as text, or a list of services as in JSON. One of them."""

    csv: str | None = None
    services: list[dict[str, Any]] | None = None
    source: Annotated[str, Field(max_length=200)] = ""


class CapacityWord(Input):
    """How much room a service has."""

    level: Annotated[str, Field(pattern=r"^(GREEN|AMBER|RED)$")]
    by: Person
    reason: Annotated[str, Field(max_length=500)] = ""


class SlotTime(Input):
    """A time that may be booked."""

    slot: Id
    starts_at: Instant
    ends_at: Instant
    free: Annotated[StrictInt, Field(ge=0, le=1_000)] = 1


class SlotTimes(Input):
    """All the times that a service offers now."""

    slots: Annotated[list[SlotTime], Field(max_length=2_000)]
