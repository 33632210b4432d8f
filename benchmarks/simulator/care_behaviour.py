"""What patients, services and clinicians do in the simulated world; every number is changeable."""

from __future__ import annotations

import msgspec

from dispatch.domain.incident import Outcome
from dispatch.domain.service_type import ServiceType

_T = ServiceType


def _places() -> dict[ServiceType, int]:
    return {
        _T.URGENT_TREATMENT_CENTRE: 8,
        _T.MINOR_INJURY_UNIT: 5,
        _T.FALLS_RESPONSE_1: 1,
        _T.FALLS_RESPONSE_2: 1,
        _T.URGENT_COMMUNITY_RESPONSE: 3,
        _T.MENTAL_HEALTH_LINE: 8,
        _T.MENTAL_HEALTH_VEHICLE: 1,
        _T.SAME_DAY_EMERGENCY_CARE: 4,
        _T.GP: 3,
        _T.GP_OUT_OF_HOURS: 10,
        _T.PHARMACY: 2,
        _T.CLINICAL_ASSESSMENT: 12,
        _T.VIRTUAL_WARD: 4,
        _T.SOCIAL_CARE: 6,
        _T.HOSPICE: 2,
        _T.PATIENT_TRANSPORT: 2,
    }


def _persons() -> dict[ServiceType, int]:
    return {
        _T.MINOR_INJURY_UNIT: 500_000,
        _T.FALLS_RESPONSE_1: 150_000,
        _T.FALLS_RESPONSE_2: 250_000,
        _T.URGENT_COMMUNITY_RESPONSE: 150_000,
        _T.MENTAL_HEALTH_VEHICLE: 600_000,
        _T.GP: 60_000,
        _T.PHARMACY: 30_000,
        _T.PATIENT_TRANSPORT: 500_000,
    }


class ServiceAssumptions(msgspec.Struct, frozen=True, kw_only=True):
    """The services of a region that brings no directory, and how any service behaves.

    No national file of services is public: all numbers are assumed, except that there are about
    as many urgent treatment centres as emergency departments (190 to 200 and 175 to 180).
    """

    persons_each: dict[ServiceType, int] = msgspec.field(default_factory=_persons)
    """Residents for each service of a type that comes to patients or is spread over the area.
    Beside them each emergency department has an urgent treatment centre, same-day care and a
    virtual ward, each trust's area its telephone services."""
    places: dict[ServiceType, int] = msgspec.field(default_factory=_places)
    """Patients whom a service has on its hands at once before it is full; 4 where absent."""
    seen_min: float = 45.0
    """How long a patient keeps a place, from the time at which care begins."""
    own_load: float = 0.4
    """Share of the places that other patients hold, on average."""
    answer_min: float = 4.0
    """Mean time until a service answers a referral."""
    answer_log_sd: float = 0.7
    refuse_share: float = 0.10
    """Share of referrals that a service turns away although it has room."""
    finds_need_share: float = 0.5
    """Share of patients who need an ambulance after all whom the service turns away when it is
    told of them; the others it gives back when it sees them."""
    not_attended_share: float = 0.05
    """Share of patients who do not come where they would have to travel."""


def _redirectable() -> dict[Outcome, float]:
    return {
        Outcome.SEE_AND_TREAT: 0.5,
        Outcome.CONVEYED_ELSEWHERE: 0.2,
        Outcome.CONVEYED_TO_ED: 0.05,
    }


class CareBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """Whether patients are described to the engine, and who takes them on. Durations in minutes."""

    is_on: bool = False
    services: ServiceAssumptions = ServiceAssumptions()
    directory: str | None = None
    """A directory of services (CSV or JSON); None: one is assumed from the region."""
    redirectable: dict[Outcome, float] = msgspec.field(default_factory=_redirectable)
    """Share of patients who need no ambulance at all, by how their incident ends when one comes.
    Assumed: half of those who are seen and left at home."""
    red_flag_share: float = 0.5
    """Share of patients who need an ambulance in whom the call handler finds a red flag. Assumed;
    of those who need none a tenth of it are flagged too."""
    missed_share: float = 0.02
    """Share of patients who need an ambulance for whom a clinician refers them all the same.
    Assumed; telephone advice had 1.3 % adverse outcomes (remote triage of 40,261 patients)."""
    clinicians_per_1000_a_day: float = 3.0
    """Clinicians on duty for 1,000 incidents a day, one at least. Assumed: then they finish about
    as many validations as were published in 2025/26 (4,405 a day of 25,886 incidents)."""
    review_min: float = 12.0
    """Mean length of a clinician's conversation. Assumed."""
    review_log_sd: float = 0.5
    no_reply_share: float = 0.1
    """Share of a clinician's calls that nobody answers. Assumed."""
    ring_again_min: float = 10.0
    tries_max: int = 3
    """Services asked for one patient before an ambulance is left to come. Assumed."""
    recontacts: bool = True
    """Some redirected patients call again within a day, by the chance of their pathway."""
    follow_up_min: float = 240.0
    """From an alert to somebody ringing a patient who was not conveyed. Assumed."""
