"""What the server answers: models of the wire. Absent fields are unknown or do not apply."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

InstantText = Annotated[
    str, Field(description="RFC 3339 in UTC.", json_schema_extra={"format": "date-time"})
]


class View(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def encoded(self) -> bytes:
        """Return this view as JSON, without fields that are None."""
        return self.model_dump_json(exclude_none=True).encode()


class Versions(View):
    """What decisions were made with."""

    engine: str
    region: str
    region_version: str
    travel: str
    policy: str = Field(description="Name of the configuration in force.")


class CandidateView(View):
    """One unit or hospital that was considered."""

    id: str
    verdict: str
    words: str
    eta_s: float | None = None


class TermView(View):
    """One addend of a cost, in weighted minutes."""

    name: str
    value: float


class DecisionView(View):
    """One decision and the whole of its reasons."""

    type: str = Field(description="Assign, Wait, StandDown, Convey, Relocate, SetTimer, …")
    words: str = Field(description="The decision and why, as a dispatcher would say it.")
    incident: str | None = None
    unit: str | None = None
    hospital: str | None = None
    post: str | None = None
    role: str | None = None
    eta_s: float | None = None
    eta_at: InstantText | None = None
    due_at: InstantText | None = None
    timer: str | None = None
    diverted_from: str | None = None
    ordered_by: str | None = None
    candidates: list[CandidateView] = Field(default_factory=list)
    others: dict[str, int] = Field(
        default_factory=dict, description="Candidates not named, counted by verdict."
    )
    terms: list[TermView] = Field(default_factory=list)
    degraded: list[str] = Field(
        default_factory=list, description="What could not be taken into account."
    )
    note: str = ""
    more: dict[str, Any] | None = Field(
        default=None, description="Fields of a kind of decision newer than this list."
    )


class EntryView(View):
    """One entry of the journal: what happened, and what was decided about it."""

    seq: int
    at: InstantText
    type: str
    words: str
    event: dict[str, Any] = Field(
        description="The event's own fields; instants end in _at, durations in _s."
    )
    decisions: list[DecisionView] = Field(default_factory=list)


class UnitView(View):
    """A unit as the engine knows it; lat and lon are where it is believed to be now."""

    unit: str
    trust: str
    kind: str
    skill: str
    home: str
    conveys: bool
    status: str
    lat: float
    lon: float
    position_at: InstantText
    incident: str | None = None
    hospital: str | None = None
    post: str | None = None
    departed_at: InstantText | None = None
    due_at: InstantText | None = Field(
        default=None, description="When it is expected where it goes; kept up to date."
    )
    eta_s: float | None = None
    until: InstantText | None = None
    route: list[tuple[float, float]] | None = Field(
        default=None,
        description="Coordinates (lon, lat) of the way it is on, as in a GeoJSON LineString.",
    )
    route_s: list[float] | None = Field(
        default=None, description="When each point of the route is passed, after departed_at."
    )


class UnitsView(View):
    """Units, sorted by identifier."""

    seq: int
    at: InstantText
    units: list[UnitView]


class ResponseView(View):
    """One unit's part in an incident."""

    unit: str
    role: str
    assigned_at: InstantText
    on_scene_at: InstantText | None = None
    due_at: InstantText | None = None
    eta_s: float | None = None


class IncidentView(View):
    """An incident with every stamp so far."""

    incident: str
    state: str = Field(
        description="waiting, assigned, mobile, at_scene, conveying, at_hospital, handed_over "
        "or closed."
    )
    trust: str
    category: str
    first_category: str
    segment: str | None = None
    pathway: str | None = None
    lat: float
    lon: float
    connected_at: InstantText
    coded_at: InstantText | None = None
    clock_start_at: InstantText
    waiting_s: float | None = Field(
        default=None, description="Since the clock started, while nobody has reached the patient."
    )
    needs: list[str] = Field(default_factory=list, description="Roles nobody is sent for yet.")
    units: list[ResponseView] = Field(default_factory=list)
    hospital: str | None = None
    assigned_at: InstantText | None = None
    responder_on_scene_at: InstantText | None = None
    conveying_on_scene_at: InstantText | None = None
    left_scene_at: InstantText | None = None
    at_hospital_at: InstantText | None = None
    handed_over_at: InstantText | None = None
    closed_at: InstantText | None = None
    outcome: str | None = None
    response_s: float | None = None
    units_allocated: int = 0
    units_arrived: int = 0
    diversions: int = 0
    aided_by: str | None = None


class IncidentsView(View):
    """Incidents: the open ones, gravest first; then the closed ones, latest first, if asked."""

    seq: int
    at: InstantText
    incidents: list[IncidentView]


class InboundView(View):
    """A unit on its way to a hospital."""

    unit: str
    due_at: InstantText


class QueueView(View):
    """A unit that waits to hand over its patient."""

    unit: str
    arrived_at: InstantText
    waiting_s: float


class HospitalView(View):
    """A hospital and its handover board."""

    hospital: str
    name: str
    lat: float
    lon: float
    has_emergency_department: bool
    pathways: list[str]
    bays: int
    is_accepting: bool
    inbound: list[InboundView]
    waiting: list[QueueView]
    recent_handover_s: list[float] = Field(description="Last handover times, newest last.")


class HospitalsView(View):
    """Every hospital's handover board, sorted by identifier."""

    seq: int
    at: InstantText
    hospitals: list[HospitalView]


class PostView(View):
    """A station or standby point."""

    post: str
    name: str
    trust: str
    lat: float
    lon: float
    is_station: bool


class RegionView(View):
    """The region that the server stands on."""

    name: str
    attribution: list[str]
    west: float
    south: float
    east: float
    north: float
    has_streets: bool


class ClosureView(View):
    """Roads that are closed, or driven at another speed than usual."""

    closure: str
    effect: str = Field(description="closed, factor or speed.")
    speed_factor: float | None = None
    speed_kmh: float | None = None
    concerns: list[str] = Field(description="Whom it concerns: blue_light, ordinary.")
    road: str | None = None
    edge_count: int = Field(description="Edges that it touches; each direction is one.")
    reason: str
    by: str
    since: InstantText
    until: InstantText | None = Field(default=None, description="Absent: until it is ended.")
    geometry: dict[str, Any] = Field(
        description="The stretches as a GeoJSON MultiLineString; at most the first 2,000."
    )


class ClosuresView(View):
    """Closures and live speeds in force, by identifier."""

    seq: int
    at: InstantText
    closures: list[ClosureView]


class PictureView(View):
    """Everything that a map shows, as of one entry of the journal."""

    seq: int
    at: InstantText
    versions: Versions
    region: RegionView
    units: list[UnitView]
    incidents: list[IncidentView]
    hospitals: list[HospitalView]
    posts: list[PostView]
    closures: list[ClosureView] = Field(
        default_factory=list, description="Closures and live speeds of roads in force."
    )
    degraded: dict[str, str] = Field(
        default_factory=dict,
        description="Terms of the model that are off for want of something, and what is done "
        "instead; empty when all is well.",
    )
    recent: list[EntryView] = Field(
        description="Latest entries that decided something, newest first."
    )


class Decided(View):
    """What followed from a report or an order."""

    seq: int = Field(description="Last entry of the journal that this answer knows of.")
    at: InstantText
    decisions: list[DecisionView]
    incident: IncidentView | None = None
    unit: UnitView | None = None
    hospital: HospitalView | None = None
    closure: ClosureView | None = None
    versions: Versions


class PositionRefused(View):
    """A position of a batch that was refused."""

    unit: str
    code: str
    detail: str


class PositionsTaken(View):
    """What became of a batch of positions."""

    seq: int
    at: InstantText
    accepted: int
    refused: list[PositionRefused]
    decisions: list[DecisionView]


class UnitCandidateView(View):
    """A unit that could, or could not, be sent: what it is, how far, and why not."""

    rank: int
    unit: str
    verdict: str
    words: str
    eta_s: float | None = None
    trust: str | None = None
    kind: str | None = None
    skill: str | None = None
    status: str | None = None
    conveys: bool | None = None


class RoleAdvice(View):
    """Who should go in one role, and who else was considered, best first."""

    role: str
    decision: DecisionView | None = Field(
        default=None, description="What the engine would decide; absent when nobody should go now."
    )
    words: str
    candidates: list[UnitCandidateView]
    others: dict[str, int] = Field(default_factory=dict)


class Advice(View):
    """Recommendations for an incident. Nothing was changed."""

    seq: int
    at: InstantText
    incident: str | None = None
    advice: list[RoleAdvice]
    versions: Versions


class EventsView(View):
    """A run of entries."""

    events: list[EntryView]
    next: int = Field(description="Ask again with this as `after`.")


class DigestView(View):
    """What the picture hashes to after an entry: equal pictures, equal digests."""

    seq: int
    digest: str


class VersionView(View):
    """What is running."""

    bluelight: str
    python: str
    sqlite: str
    versions: Versions


class HealthView(View):
    """Whether the server is well, check by check."""

    status: str
    checks: dict[str, str]
