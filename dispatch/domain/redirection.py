"""What redirection answers: whether, why not, which services in which order, and who may close."""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

from dispatch.domain.category import RANK, Category, Segment
from dispatch.domain.explanation import Term
from dispatch.domain.ids import ServiceId, TrustCode
from dispatch.domain.patient import AmbulanceReason, SafetyRules
from dispatch.domain.service import Slot
from dispatch.domain.service_type import Delivery, Referrer, ServiceType
from maps.geo import LonLat


class RefusalCode(StrEnum):
    """Why a service cannot take a patient."""

    NOT_FOR_TYPE = "not_for_type"
    """This type of service is not on the patient's pathway."""
    INACTIVE = "inactive"
    TRUST = "trust"
    """Does not take referrals of this ambulance trust."""
    COMPLAINT = "complaint"
    DISPOSITION = "disposition"
    AGE = "age"
    AGE_UNKNOWN = "age_unknown"
    SEX = "sex"
    FRAILTY = "frailty"
    FRAILTY_UNKNOWN = "frailty_unknown"
    EXCLUDED = "excluded"
    NOT_KNOWN_THERE = "not_known_there"
    """Takes only patients that it knows, and this is not one."""
    REFERRER = "referrer"
    """Wants to be asked by a clinician."""
    CATCHMENT = "catchment"
    FULL = "full"
    CLOSED = "closed"
    OUT_OF_REACH = "out_of_reach"
    CLOSES_TOO_SOON = "closes_too_soon"
    CANNOT_TRAVEL = "cannot_travel"
    """The patient would have to get there, and cannot."""
    NEEDS_A_VISIT = "needs_a_visit"
    """Somebody must come to the patient, and this service does not."""
    NO_SLOT = "no_slot"


class ServiceRefusal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A service that was considered and cannot take the patient, and why."""

    service: ServiceId
    code: RefusalCode
    why: str


class Offer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A service that can take the patient.

    ``cost`` is in weighted minutes, lower is better, and the sum of ``terms``. ``care_at_ms`` is
    when somebody is expected to see or speak to the patient. ``closes_at_ms`` is when the service
    closes; None: not within a day. ``fail_safe_at_ms`` is when the
    incident is dispatched as first triaged, unless the service has confirmed. ``protocol`` names
    the switched-on protocol that may close the incident by itself; None: a clinician must.
    ``is_worth_it`` is the price test of the decision model.
    """

    service: ServiceId
    name: str
    type: ServiceType
    delivery: Delivery
    cost: float
    terms: tuple[Term, ...]
    travel_s: int
    care_at_ms: int
    closes_at_ms: int | None
    fail_safe_at_ms: int
    slot: Slot | None = None
    protocol: str | None = None
    is_worth_it: bool = True
    is_amber: bool = False
    ask: tuple[str, ...] = ()


class Course(StrEnum):
    """What is to become of the incident while services are considered."""

    AMBULANCE = "ambulance"
    """Dispatch; nothing is offered."""
    SOFT_HOLD = "soft_hold"
    """A clinician looks at it, it keeps its place and clock, and goes if a unit is best there."""
    OFFERS = "offers"
    """Services are offered; until one confirms, the incident stays what it is."""
    CALL_BACK = "call_back"
    """Needs no ambulance (C5), and no service can take it now: a clinician rings back."""


class Redirection(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer for one patient.

    ``barriers`` are reasons for an ambulance. ``cautions`` say why no protocol may close by
    itself. ``refused`` lists the nearest services that cannot take the patient, ``others`` counts
    the rest by reason. ``degraded`` names what could not be taken into account.
    """

    course: Course
    pathway: str | None = None
    barriers: tuple[AmbulanceReason, ...] = ()
    cautions: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    refused: tuple[ServiceRefusal, ...] = ()
    others: dict[RefusalCode, int] = {}
    advice: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    policy: str = ""


class Situation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a patient is, how urgent it is, and who asks, at one instant.

    ``breach_at_ms`` is when validation must be done; None: the default for the category counts
    from now. ``shadow_price`` is what a unit-minute is worth now, in weighted minutes of waiting;
    ``job_min`` what a job would take a unit.
    """

    at: LonLat
    now_ms: int
    category: Category
    segment: Segment | None = None
    trust: TrustCode | None = None
    asked_by: Referrer = Referrer.CALL_HANDLER
    breach_at_ms: int | None = None
    shadow_price: float | None = None
    job_min: float | None = None


class Protocol(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A protocol that a trust has switched on by name: it may close without a clinician.

    Only for the listed types and complaints, from a category of rank ``rank_min`` (3: C3) on.
    """

    name: str
    types: tuple[ServiceType, ...]
    complaints: tuple[str, ...]
    rank_min: int = 3
    switched_on_by: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.switched_on_by.strip():
            raise ValueError(
                f"Expected a protocol with a name and the person who switched it on, "
                f"was {self.name!r} by {self.switched_on_by!r}."
            )
        if self.rank_min < 3:
            raise ValueError(f"Expected rank_min of 3 or more, was {self.rank_min}.")


class RedirectRules(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration of redirection. Where no source is named a number is assumed.

    ``validate_within_min`` by rank: 30 min for C3 and C4 (the window of NHS 111 validation,
    background knowledge); C2 segments 15 min, C5 60 min. ``p_serious_max`` is the ceiling above
    which no protocol closes (0.5 %, decision model). ``missed_harm`` is the harm of one missed
    emergency: an hour's wait of a C2, 60 + 60²/120 weighted minutes. ``recontact_min`` is what
    another call costs. The cost of an offer is ``wait_weight`` a minute until care, ``fit_min`` for
    each place down the pathway, ``amber_min`` when capacity is amber, less ``own_plan_min`` for
    the patient's own case manager or virtual ward. ``arrive_before_close_min`` must be left when a
    patient arrives. ``shadow_price`` and ``job_min`` (75 min: AACE 2022, 110,000 job cycles in
    138,000 hours) stand in when the core knows none.
    """

    safety: SafetyRules = SafetyRules()
    protocols: tuple[Protocol, ...] = ()
    validate_within_min: dict[int, int] = msgspec.field(
        default_factory=lambda: {2: 15, 3: 30, 4: 30, 5: 60}
    )
    p_serious_max: float = 0.005
    missed_harm: float = 90.0
    recontact_min: float = 20.0
    shadow_price: float = 0.2
    job_min: float = 75.0
    wait_weight: float = 0.2
    fit_min: float = 15.0
    amber_min: float = 20.0
    own_plan_min: float = 60.0
    arrive_before_close_min: int = 0
    offers_max: int = 8
    refusals_max: int = 20
    slot_within_min: int = 240
    effective_from: str = "2026-04-01"

    def __post_init__(self) -> None:
        for name in ("missed_harm", "recontact_min", "shadow_price", "job_min", "wait_weight"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"Expected {name} of 0 or more, was {value}.")
        if not 0 <= self.p_serious_max <= 1:
            raise ValueError(f"Expected p_serious_max in [0, 1], was {self.p_serious_max}.")
        if self.offers_max < 1 or self.refusals_max < 0 or self.slot_within_min < 0:
            raise ValueError("Expected offers_max of 1 or more, other limits of 0 or more.")


def category_barrier(category: Category, segment: Segment | None) -> AmbulanceReason | None:
    """Return why a category may never be redirected; None when it may.

    C1 and its HCP and IFT equals never; of C2 and its equals only segments B and C. A C2 without
    a segment counts as 2A.
    """
    rank = RANK[category]
    if rank == 1:
        return AmbulanceReason("category_1", f"{category} is dispatched at once")
    if rank == 2 and segment not in (Segment.B, Segment.C):
        named = f"{category} segment {segment}" if segment else f"{category} without a segment"
        return AmbulanceReason("category_2a", f"{named} is dispatched at once")
    return None


def is_soft_hold(category: Category) -> bool:
    """Test whether an incident that may be redirected stays in the dispatch queue meanwhile."""
    return RANK[category] == 2
