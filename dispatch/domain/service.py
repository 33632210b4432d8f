"""A service of the directory: whom it takes, when, from where, and how much room it has."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum
from itertools import pairwise

import msgspec

from dispatch.domain.complaint import COMPLAINTS, EXCLUDABLE, check_codes
from dispatch.domain.ids import ServiceId, TrustCode
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.opening_hours import OpeningHours
from dispatch.domain.patient import AGE_MAX_DAYS, Sex, check_disposition
from dispatch.domain.service_type import TYPE_RULES, Delivery, Referrer, ServiceType
from maps.geo import LonLat, checked


class ReferralMethod(StrEnum):
    """How a service is asked."""

    TELEPHONE = "telephone"
    ITK = "itk"
    BARS = "bars"
    PORTAL = "portal"
    WALK_IN = "walk_in"


class AgeRange(msgspec.Struct, frozen=True, gc=False, order=True):
    """Ages that a service takes, in days, both ends included.

    Raises
    ------
    ValueError
        When the range is reversed or outside 0 to about 130 years.
    """

    from_days: int
    to_days: int = AGE_MAX_DAYS

    def __post_init__(self) -> None:
        if not 0 <= self.from_days <= self.to_days <= AGE_MAX_DAYS:
            raise ValueError(
                f"Expected an age range that rises within 0 to {AGE_MAX_DAYS} days, "
                f"was {self.from_days} to {self.to_days}."
            )


class SymptomCode(msgspec.Struct, frozen=True, gc=False, order=True):
    """A symptom group and discriminator (SG and SD); no discriminator means any."""

    group: int
    discriminator: int | None = None

    def __post_init__(self) -> None:
        if self.group <= 0 or (self.discriminator is not None and self.discriminator <= 0):
            raise ValueError(
                f"Expected symptom codes above 0, was {self.group}:{self.discriminator}."
            )


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the directory.

    What is left out comes from the rule of its type: ``hours``, ``referrers``, ``reach_min``,
    ``respond_min``, and ``ages`` when empty. ``complaints``, ``symptoms`` and ``dispositions``
    are inclusions: a service that lists none takes what its type takes. ``frailty_min`` and
    ``frailty_max`` bound the Clinical Frailty Scale. ``trusts`` may ask it (empty: all).
    ``polygon_wkb_hex`` (WGS84) and ``radius_m`` (great circle) bound its catchment.

    Raises
    ------
    ValueError
        When an identifier or name is missing, a service that patients or crews travel to or from
        has no coordinates, a code is unknown, or a bound is impossible.
    """

    id: ServiceId
    name: str
    type: ServiceType
    at: LonLat | None = None
    hours: OpeningHours | None = None
    ages: tuple[AgeRange, ...] = ()
    sexes: tuple[Sex, ...] = ()
    complaints: tuple[str, ...] = ()
    symptoms: tuple[SymptomCode, ...] = ()
    dispositions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    frailty_min: int | None = None
    frailty_max: int | None = None
    referrers: tuple[Referrer, ...] | None = None
    methods: tuple[ReferralMethod, ...] = (ReferralMethod.TELEPHONE,)
    trusts: tuple[TrustCode, ...] = ()
    polygon_wkb_hex: str | None = None
    radius_m: float | None = None
    reach_min: int | None = None
    respond_min: int | None = None
    books_slots: bool = False
    is_active: bool = True
    ods_code: str | None = None
    telephone: str | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not self.id.strip() or not self.name.strip():
            raise ValueError(f"Expected an id and a name, was {self.id!r} and {self.name!r}.")
        self._check_place()
        check_codes(self.complaints, COMPLAINTS, "complaints")
        check_codes(self.exclusions, EXCLUDABLE, "exclusions")
        both = set(self.complaints) & set(self.exclusions)
        if both:
            raise ValueError(f"Expected a complaint once, was {sorted(both)} also excluded.")
        for code in self.dispositions:
            check_disposition(code)
        self._check_bounds()

    def _check_place(self) -> None:
        if self.at is not None:
            checked(*self.at)
        elif TYPE_RULES[self.type].delivery is not Delivery.TELEPHONE:
            raise ValueError(f"Expected coordinates of {self.id} ({self.type}), was none.")
        if self.radius_m is not None:
            if not self.radius_m > 0:
                raise ValueError(f"Expected radius_m above 0, was {self.radius_m}.")
            if self.at is None:
                raise ValueError("Expected coordinates with radius_m, was none.")
        if self.polygon_wkb_hex is not None:
            _check_polygon(self.polygon_wkb_hex)

    def _check_bounds(self) -> None:
        low, high = self.frailty_min or 1, self.frailty_max or 9
        if not 1 <= low <= high <= 9 or self.frailty_min == 0 or self.frailty_max == 0:
            raise ValueError(
                f"Expected frailty bounds that rise within 1 to 9, "
                f"was {self.frailty_min} to {self.frailty_max}."
            )
        for name, value in (("reach_min", self.reach_min), ("respond_min", self.respond_min)):
            if value is not None and not 0 <= value <= 24 * 60:
                raise ValueError(f"Expected {name} of 0 to 1440, was {value}.")
        ordered = sorted(self.ages)
        for one, other in pairwise(ordered):
            if other.from_days <= one.to_days:
                raise ValueError(
                    f"Expected age ranges that do not overlap, was {one.from_days} to "
                    f"{one.to_days} and {other.from_days} to {other.to_days}."
                )


class CapacityLevel(IntEnum):
    """How much room a service has (the red, amber, green of the directory)."""

    GREEN = 0
    AMBER = 1
    RED = 2


class CapacityReport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a service said about its capacity, and when that is forgotten.

    From ``resets_at_ms`` on it counts as green again; None: only another report ends it.
    """

    service: ServiceId
    level: CapacityLevel
    reported_at_ms: int
    resets_at_ms: int | None = None
    by: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.resets_at_ms is not None and self.resets_at_ms <= self.reported_at_ms:
            raise ValueError(
                f"Expected a reset after the report at {self.reported_at_ms}, "
                f"was {self.resets_at_ms}."
            )

    def level_at(self, now_ms: int) -> CapacityLevel:
        """Return the level in force at an instant: green from the reset on."""
        if self.resets_at_ms is not None and now_ms >= self.resets_at_ms:
            return CapacityLevel.GREEN
        return self.level


def capacity_report(
    service: Service, level: CapacityLevel, now_ms: int, *, by: str = "", reason: str = ""
) -> CapacityReport:
    """Return a report that resets itself after the time that the service's type sets."""
    resets = TYPE_RULES[service.type].resets_after_min * MINUTE_MS
    return CapacityReport(
        service=service.id,
        level=level,
        reported_at_ms=now_ms,
        resets_at_ms=None if level is CapacityLevel.GREEN else now_ms + resets,
        by=by,
        reason=reason,
    )


class SlotTakenError(ValueError):
    """A slot that has no place left, or is no longer offered."""


class Slot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A bookable time at a service, with the places that are left."""

    id: str
    service: ServiceId
    starts_at_ms: int
    ends_at_ms: int
    free: int = 1

    def __post_init__(self) -> None:
        if self.ends_at_ms <= self.starts_at_ms or self.free < 0:
            raise ValueError(
                f"Expected a slot that ends after it starts with 0 or more places, was "
                f"{self.starts_at_ms} to {self.ends_at_ms} with {self.free}."
            )


def first_slot(slots: Iterable[Slot], not_before_ms: int) -> Slot | None:
    """Return the earliest slot with a place that starts at or after an instant; ties by id."""
    able = [slot for slot in slots if slot.free > 0 and slot.starts_at_ms >= not_before_ms]
    return min(able, key=lambda slot: (slot.starts_at_ms, slot.id), default=None)


def booked(slot: Slot) -> Slot:
    """Return a slot with one place fewer.

    Raises
    ------
    SlotTakenError
        When no place is left.
    """
    if slot.free == 0:
        raise SlotTakenError(f"Expected a free place in slot {slot.id}, was none.")
    return msgspec.structs.replace(slot, free=slot.free - 1)


def released(slot: Slot) -> Slot:
    """Return a slot with one place more: a booking was refused or cancelled."""
    return msgspec.structs.replace(slot, free=slot.free + 1)


def _check_polygon(wkb_hex: str) -> None:
    import shapely

    try:
        shape = shapely.from_wkb(wkb_hex)
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise ValueError(f"Expected a polygon as WKB in hexadecimal, was {error}.") from None
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise ValueError(f"Expected a polygon, was {shape.geom_type}.")
    if not shape.is_valid:
        raise ValueError(f"Expected a valid polygon, was {shapely.is_valid_reason(shape)}.")
    west, south, east, north = shape.bounds
    checked(west, south)
    checked(east, north)
