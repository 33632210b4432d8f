"""What callers send: strict models of reports and orders. Unknown fields are refused."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from api.wire import to_ms
from dispatch.domain.category import Category, Segment
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.incident import Outcome, Pathway
from dispatch.domain.unit import Skill, UnitKind, UnitStatus
from maps.geo import LonLat

ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"

_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _written_as_instant(value: object) -> object:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("Expected an instant as RFC 3339 with an offset, was something else.")
    return value


def _in_range(value: datetime) -> datetime:
    if not 1971 <= value.year <= 2999:
        raise ValueError("Expected an instant between the years 1971 and 2999, was outside.")
    return value


Id = Annotated[str, Field(pattern=ID_PATTERN, description="Letters, digits and ``. _ : -``.")]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_as_instant),
    AfterValidator(_in_range),
    Field(description="RFC 3339 with an offset, for instance 2026-03-01T12:00:00Z."),
]
Lat = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Lon = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Person = Annotated[
    str,
    Field(min_length=1, max_length=100, description="Who orders it: a role or a staff number."),
]

_BOTH_OR_NEITHER: Final[dict[str, Any]] = {
    "dependentRequired": {"lat": ["lon"], "lon": ["lat"]},
}


class Input(BaseModel):
    """Base of all that callers send."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Placed(Input):
    """Something that may say where it is."""

    lat: Lat | None = None
    lon: Lon | None = None

    model_config = ConfigDict(json_schema_extra=_BOTH_OR_NEITHER)

    @model_validator(mode="after")
    def _have_both(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("Expected both lat and lon, or neither.")
        return self

    @property
    def at(self) -> LonLat | None:
        """The place, if one was sent."""
        if self.lat is None or self.lon is None:
            return None
        return LonLat(self.lon, self.lat)


class IncidentReport(Input):
    """An incident became known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "incident": "I-2026-0001",
                    "category": "C2",
                    "lat": 50.6995,
                    "lon": -1.2966,
                    "connected_at": "2026-03-01T12:00:00Z",
                    "coded_at": "2026-03-01T12:01:10Z",
                }
            ]
        }
    )

    incident: Id | None = Field(
        default=None, description="The caller's own identifier; made from the key when missing."
    )
    category: Category
    lat: Lat
    lon: Lon
    trust: Id | None = Field(
        default=None, description="ODS code of the home trust; found by the place when missing."
    )
    connected_at: Instant | None = Field(
        default=None, description="When the call was connected; now when missing."
    )
    coded_at: Instant | None = Field(
        default=None, description="When the category was determined; missing while triage goes on."
    )
    segment: Segment | None = None
    pathway: Pathway | None = None

    @property
    def at(self) -> LonLat:
        """The place of the incident."""
        return LonLat(self.lon, self.lat)


class Recoding(Input):
    """Triage gave an incident another category, or its first one."""

    category: Category
    coded_at: Instant | None = Field(default=None, description="Now when missing.")
    segment: Segment | None = None
    pathway: Pathway | None = None


class Closing(Input):
    """An incident ended without, or before, its units did."""

    outcome: Outcome
    reason: Annotated[str, Field(max_length=500)] = ""


SkillName = Annotated[
    str, Field(pattern=f"^({'|'.join(Skill.__members__)})$", examples=["PARAMEDIC"])
]


class MealBreakWindow(Input):
    """When a crew's meal break is to be."""

    from_at: Instant = Field(description="It is to begin then or later.")
    window_min: int = Field(ge=60, le=720, description="It is to be over so long after that.")
    minutes: int = Field(default=30, ge=1, le=60, description="How long it lasts.")


class SignOn(_Placed):
    """A crew came on duty. What the region's fleet knows of the unit need not be sent."""

    unit: Id
    kind: UnitKind | None = None
    skill: SkillName | None = None
    trust: Id | None = None
    home: Id | None = Field(default=None, description="Post to which the unit returns.")
    until: Instant | None = Field(default=None, description="End of the shift, if known.")
    meal_break: MealBreakWindow | None = Field(
        default=None, description="Window of the break that the crew is owed."
    )


class StatusReport(_Placed):
    """A crew reports where it stands in its job."""

    status: UnitStatus
    reported_at: Instant | None = Field(default=None, description="Now when missing.")
    incident: Id | None = Field(
        default=None, description="Guards against a report that crossed an order."
    )
    hospital: Id | None = Field(default=None, description="The crew's own choice of destination.")
    outcome: Outcome | None = Field(default=None, description="How the incident ended, on clear.")


class PositionReport(Input):
    """A unit's position became known."""

    lat: Lat
    lon: Lon
    reported_at: Instant | None = Field(default=None, description="Now when missing.")

    @property
    def at(self) -> LonLat:
        """The place of the unit."""
        return LonLat(self.lon, self.lat)


class UnitPosition(PositionReport):
    """A position and the unit that it belongs to."""

    unit: Id


class PositionBatch(Input):
    """Positions of many units."""

    positions: Annotated[list[UnitPosition], Field(min_length=1, max_length=1_000)]


class RecommendationRequest(_Placed):
    """Ask who should go: to an open incident, or to one that was not reported yet."""

    model_config = ConfigDict(
        json_schema_extra={
            **_BOTH_OR_NEITHER,
            "oneOf": [{"required": ["incident"]}, {"required": ["category", "lat", "lon"]}],
            "examples": [{"incident": "I-2026-0001"}],
        }
    )

    incident: Id | None = None
    category: Category | None = None
    trust: Id | None = None
    pathway: Pathway | None = None

    @model_validator(mode="after")
    def _is_one_question(self) -> Self:
        hypothetical = (self.category, self.lat, self.trust, self.pathway)
        if self.incident is None:
            if self.category is None or self.lat is None:
                raise ValueError("Expected an incident, or a category with lat and lon.")
        elif any(value is not None for value in hypothetical):
            raise ValueError("Expected either an incident or a category with lat and lon.")
        return self


class AssignmentOrder(Input):
    """A person sends a unit: a recommendation taken, or an override with its reason."""

    incident: Id
    unit: Id
    by: Person
    reason: Reason


class StandDownOrder(Input):
    """A person takes a unit off an incident."""

    incident: Id
    unit: Id
    by: Person
    reason: Reason


class RelocationOrder(Input):
    """A person sends an idle unit to a post."""

    unit: Id
    post: Id
    by: Person
    reason: Reason


class Capacity(Input):
    """A hospital's capacity to receive patients changed."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["bays"]}, {"required": ["is_accepting"]}]}
    )

    bays: Annotated[StrictInt, Field(ge=1, le=1_000)] | None = Field(
        default=None, description="Handovers that can go on at once."
    )
    is_accepting: StrictBool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.bays is None and self.is_accepting is None:
            raise ValueError("Expected bays, is_accepting or both.")
        return self


def ms_or(at: datetime | None, now_ms: int) -> int:
    """Return an instant in UTC milliseconds, or now where none was sent."""
    return now_ms if at is None else to_ms(at)


def meal_break_of(window: MealBreakWindow | None) -> MealBreak | None:
    """Return the window of a break as the core knows it; None stays None."""
    if window is None:
        return None
    begins_ms = to_ms(window.from_at)
    ends_ms = begins_ms + window.window_min * 60_000
    return MealBreak(from_ms=begins_ms, until_ms=ends_ms, minutes=window.minutes)


def ms_or_none(at: datetime | None) -> int | None:
    """Return an instant in UTC milliseconds; None stays None."""
    return None if at is None else to_ms(at)
