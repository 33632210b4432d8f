"""What callers send about hospitals and escalation: strict models."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator

from api.inputs import Id, Input, Instant, Person, Reason
from dispatch.domain.escalation import Scheme
from dispatch.domain.trigger_language import RULE_LENGTH_MAX
from dispatch.domain.trigger_state import TriggerOrder

OptionalReason = Annotated[str, Field(max_length=500)]
Name = Annotated[
    str, Field(min_length=1, max_length=100, description="A person: a role or a staff number.")
]
Minutes = Annotated[StrictInt, Field(ge=1, le=1_440)]


class HandoverStart(Input):
    """A handover begins."""

    unit: Id
    reported_at: Instant | None = Field(default=None, description="Now when missing.")


class Release(Input):
    """A patient is taken at the limit by a named recipient; the crew may then clear."""

    unit: Id
    is_stable: StrictBool | None = Field(
        default=None, description="What the clinician says; missing: not known, the crew stays."
    )
    clinician: Name
    recipient: Name


class Sitting(Input):
    """An ambulatory patient walks to the waiting room."""

    unit: Id
    is_ambulatory: StrictBool
    recipient: Name


class CohortOpening(Input):
    """Patients of several crews may stay with one clinician."""

    cohort: Id
    clinician: Name
    authorised_by: Name
    patients_max: Annotated[StrictInt, Field(ge=1, le=50)] | None = Field(
        default=None, description="As configured when missing."
    )


class CohortPatient(Input):
    """A crew's patient joins a cohort."""

    unit: Id


class CohortHandover(Input):
    """The hospital takes a patient out of a cohort."""

    recipient: Name
    reported_at: Instant | None = Field(default=None, description="Now when missing.")


class ReleaseRequest(Input):
    """A trust asks for a crew, for an emergency that nobody can go to."""

    request: Id
    incident: Id
    by: Person


class ReleaseReply(Input):
    """A hospital answers; with a yes it names the crew whose patient it takes."""

    accepts: StrictBool
    by: Person
    reason: OptionalReason = Field(default="", description="Needed with a refusal.")
    unit: Id | None = None


class DeflectionAgreement(Input):
    """Two hospitals and the trust agree to deflect ambulances, for up to four hours."""

    deflection: Id
    to: Id = Field(description="The hospital that takes the patients.")
    starts_at: Instant | None = Field(default=None, description="Now when missing.")
    ends_at: Instant
    agreed_from: Name
    agreed_to: Name
    authorised_by: Name
    reason: OptionalReason = ""


class DeflectionEnd(Input):
    """Somebody ends a deflection before its time."""

    by: Person


class PressureValue(Input):
    """One value of a feed, and until when it may be believed."""

    name: Id
    value: Annotated[float, Field(allow_inf_nan=False, ge=0, le=100_000)]
    reported_at: Instant | None = Field(default=None, description="Now when missing.")
    valid_until: Instant | None = Field(
        default=None, description="Missing: until the next report of this name."
    )
    source: OptionalReason = ""


class PressureReport(Input):
    """Values of a hospital's, or a trust's, pressure."""

    pressures: Annotated[list[PressureValue], Field(min_length=1, max_length=50)]


class MinuteValues(Input):
    """Minutes after arrival; ``release_min`` missing: release to respond is not agreed."""

    amber_min: Minutes = 15
    arm_min: Minutes = 30
    release_min: Minutes | None = None
    breach_min: Minutes = 60
    standard_min: Minutes = 15

    @model_validator(mode="after")
    def _rise(self) -> Self:
        release = self.breach_min if self.release_min is None else self.release_min
        if not self.amber_min <= self.arm_min <= release <= self.breach_min:
            raise ValueError("Expected minutes that rise.")
        return self


class Minuting(Input):
    """Another set of minutes for a hospital; without ``minutes``, back to the configuration."""

    minutes: MinuteValues | None = None
    by: Person
    reason: Reason


class HaloRule(Input):
    """A rule for a liaison officer, in the language of triggers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "text": "when waiting_over(15 min) >= 3 until waiting < 2 hold 60 min",
                    "by": "Duty manager",
                    "reason": "Winter plan",
                }
            ]
        }
    )

    text: Annotated[str, Field(min_length=1, max_length=RULE_LENGTH_MAX)]
    is_on: StrictBool = True
    by: Person
    reason: Reason


class HaloDecision(Input):
    """A person decides about what a rule has proposed."""

    order: TriggerOrder
    by: Person
    reason: OptionalReason = ""


class LevelOrder(Input):
    """A person puts a level into force."""

    scheme: Scheme
    subject: Id = Field(description="A hospital for opel; a trust's code for the others.")
    level: Annotated[StrictInt, Field(ge=0, le=4)]
    by: Person
    reason: Reason


class LevelUndo(Input):
    """A person takes the last level back."""

    scheme: Scheme
    subject: Id
    by: Person
    reason: Reason
