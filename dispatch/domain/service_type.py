"""The types of service in the directory, and the rules that come with each type.

A service may narrow or widen its type's defaults by its own entries; what it leaves out is taken
from here. Everything is configuration: `ServiceTypeRule` values with a source each.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from dispatch.domain.opening_hours import ALWAYS_OPEN, OpeningHours, parse_opening_hours


class ServiceType(StrEnum):
    """What a service is."""

    URGENT_TREATMENT_CENTRE = "urgent_treatment_centre"
    MINOR_INJURY_UNIT = "minor_injury_unit"
    WALK_IN_CENTRE = "walk_in_centre"
    FALLS_RESPONSE_1 = "falls_response_1"
    FALLS_RESPONSE_2 = "falls_response_2"
    URGENT_COMMUNITY_RESPONSE = "urgent_community_response"
    MENTAL_HEALTH_LINE = "mental_health_line"
    MENTAL_HEALTH_VEHICLE = "mental_health_vehicle"
    SAME_DAY_EMERGENCY_CARE = "same_day_emergency_care"
    GP = "gp"
    GP_OUT_OF_HOURS = "gp_out_of_hours"
    PHARMACY = "pharmacy"
    CLINICAL_ASSESSMENT = "clinical_assessment"
    VIRTUAL_WARD = "virtual_ward"
    SOCIAL_CARE = "social_care"
    CASE_MANAGER = "case_manager"
    HOSPICE = "hospice"
    AUXILIARY = "auxiliary"
    COMMUNITY_FIRST_RESPONDER = "community_first_responder"
    PATIENT_TRANSPORT = "patient_transport"


TYPE_NUMBER: Final[dict[ServiceType, int]] = {kind: i for i, kind in enumerate(ServiceType)}
"""Row of each type in tables."""


class Delivery(StrEnum):
    """How patient and service come together."""

    PATIENT_GOES = "patient_goes"
    SERVICE_COMES = "service_comes"
    TELEPHONE = "telephone"


class Referrer(StrEnum):
    """Who asks for a service on the patient's behalf."""

    CALL_HANDLER = "call_handler"
    CLINICIAN = "clinician"
    CREW = "crew"


class RedSemantics(StrEnum):
    """What a red capacity does to a service of a type."""

    HIDES = "hides"
    LOWERS = "lowers"


ANYONE: Final = (Referrer.CALL_HANDLER, Referrer.CLINICIAN, Referrer.CREW)
CLINICIANS: Final = (Referrer.CLINICIAN, Referrer.CREW)

ADULT_DAYS: Final = 6_575
"""The eighteenth birthday: 18 years with at least four leap days."""

YEAR_DAYS: Final = 365

DAYTIME: Final = parse_opening_hours("daily 08:00-20:00")
"""Least hours of urgent community response: 08:00 to 20:00 on seven days (NHS England)."""


class ServiceTypeRule(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a type where a service says nothing else.

    ``reach_min`` is how far a patient is asked to travel, or the service comes, one way.
    ``respond_min`` is the usual time until somebody sees, or speaks to, the patient, beyond the
    travel. ``resets_after_min`` turns a reported amber or red back to green. ``confirm_min`` is
    how long a service has to confirm before the referral fails safe. ``exclusions`` come on top
    of a service's own.
    """

    delivery: Delivery
    referrers: tuple[Referrer, ...] = ANYONE
    hours: OpeningHours = ALWAYS_OPEN
    reach_min: int = 30
    respond_min: int = 30
    resets_after_min: int = 240
    red: RedSemantics = RedSemantics.HIDES
    confirm_min: int = 15
    age_from_days: int = 0
    exclusions: tuple[str, ...] = ()
    only_known_patients: bool = False
    source: str = "assumed"


_T = ServiceType
_GOES, _COMES, _LINE = Delivery.PATIENT_GOES, Delivery.SERVICE_COMES, Delivery.TELEPHONE

TYPE_RULES: Final[dict[ServiceType, ServiceTypeRule]] = {
    _T.URGENT_TREATMENT_CENTRE: ServiceTypeRule(
        delivery=_GOES,
        hours=DAYTIME,
        reach_min=40,
        respond_min=60,
        source="all ages, 7 days, at least 12 h: NHS England UTC standards 2023; times assumed",
    ),
    _T.MINOR_INJURY_UNIT: ServiceTypeRule(
        delivery=_GOES, hours=DAYTIME, reach_min=40, respond_min=45, age_from_days=YEAR_DAYS
    ),
    _T.WALK_IN_CENTRE: ServiceTypeRule(
        delivery=_GOES, hours=DAYTIME, reach_min=30, respond_min=60, age_from_days=YEAR_DAYS
    ),
    _T.FALLS_RESPONSE_1: ServiceTypeRule(
        delivery=_COMES,
        reach_min=45,
        respond_min=10,
        age_from_days=ADULT_DAYS,
        exclusions=("possible_injury", "minor_injury", "wound", "head_injury", "violent"),
        source="lift by trained staff, no apparent injury: NHS England PR2063 (Oct 2022)",
    ),
    _T.FALLS_RESPONSE_2: ServiceTypeRule(
        delivery=_COMES,
        reach_min=45,
        respond_min=10,
        age_from_days=ADULT_DAYS,
        exclusions=("violent",),
        source="clinical responder, minor or possible injury: NHS England PR2063 (Oct 2022)",
    ),
    _T.URGENT_COMMUNITY_RESPONSE: ServiceTypeRule(
        delivery=_COMES,
        hours=DAYTIME,
        reach_min=60,
        respond_min=60,
        age_from_days=ADULT_DAYS,
        exclusions=("violent",),
        source="2-hour response, 08:00 to 20:00 on 7 days: NHS England; exclusions local",
    ),
    _T.MENTAL_HEALTH_LINE: ServiceTypeRule(
        delivery=_LINE,
        respond_min=10,
        confirm_min=10,
        exclusions=("physical_need",),
        source="NHS 111, mental-health option: day and night, all ages",
    ),
    _T.MENTAL_HEALTH_VEHICLE: ServiceTypeRule(
        delivery=_COMES,
        reach_min=60,
        respond_min=10,
        exclusions=("physical_need", "violent"),
    ),
    _T.SAME_DAY_EMERGENCY_CARE: ServiceTypeRule(
        delivery=_GOES,
        referrers=CLINICIANS,
        hours=DAYTIME,
        reach_min=45,
        respond_min=60,
        age_from_days=ADULT_DAYS,
        source="at least 12 h on 7 days, local pathways (background knowledge)",
    ),
    _T.GP: ServiceTypeRule(
        delivery=_GOES,
        hours=parse_opening_hours("Mon-Fri 08:00-18:30; BH closed"),
        reach_min=30,
        respond_min=180,
        confirm_min=30,
        source="core hours of the GP contract",
    ),
    _T.GP_OUT_OF_HOURS: ServiceTypeRule(
        delivery=_LINE,
        hours=parse_opening_hours(
            "Mon-Fri 00:00-08:00, 18:30-24:00; Sat-Sun 00:00-24:00; BH 00:00-24:00"
        ),
        respond_min=90,
        confirm_min=30,
        source="the hours outside the GP contract's core hours",
    ),
    _T.PHARMACY: ServiceTypeRule(
        delivery=_GOES,
        hours=parse_opening_hours("Mon-Fri 09:00-17:30; Sat 09:00-13:00; BH closed"),
        reach_min=20,
        respond_min=15,
        age_from_days=YEAR_DAYS,
        exclusions=("pregnant", "immunosuppressed"),
    ),
    _T.CLINICAL_ASSESSMENT: ServiceTypeRule(
        delivery=_LINE,
        respond_min=60,
        source="call-back mean about 60 min in 2025/26 (AmbSYS A130, meaning inferred)",
    ),
    _T.VIRTUAL_WARD: ServiceTypeRule(
        delivery=_LINE,
        referrers=CLINICIANS,
        hours=DAYTIME,
        respond_min=60,
        age_from_days=ADULT_DAYS,
    ),
    _T.SOCIAL_CARE: ServiceTypeRule(delivery=_LINE, respond_min=120, confirm_min=30),
    _T.CASE_MANAGER: ServiceTypeRule(
        delivery=_LINE, hours=DAYTIME, respond_min=30, only_known_patients=True
    ),
    _T.HOSPICE: ServiceTypeRule(
        delivery=_LINE, referrers=CLINICIANS, respond_min=30, confirm_min=20
    ),
    _T.AUXILIARY: ServiceTypeRule(
        delivery=_COMES,
        reach_min=60,
        respond_min=15,
        exclusions=("violent",),
        source="auxiliary ambulance, St John contract from August 2022",
    ),
    _T.COMMUNITY_FIRST_RESPONDER: ServiceTypeRule(
        delivery=_COMES,
        reach_min=15,
        respond_min=3,
        age_from_days=ADULT_DAYS,
        exclusions=("violent", "uses_alcohol_or_drugs", "pregnant", "under_arrest"),
        source="not sent to violence, drugs and alcohol, often children and obstetrics (Lyme 2018)",
    ),
    _T.PATIENT_TRANSPORT: ServiceTypeRule(
        delivery=_COMES,
        reach_min=90,
        respond_min=60,
        confirm_min=30,
        exclusions=("violent", "needs_oxygen"),
    ),
}
"""The rules of every type. Where no source is named a number is assumed."""
