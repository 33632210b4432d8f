"""The schema of a call log: one row an incident, every column with its kind, unit and limits."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from dispatch.domain.category import Category, Segment
from dispatch.domain.incident import Outcome, Pathway

Kind = Literal["id", "instant", "degree", "word", "number", "flag"]

DAY_S: Final = 86_400
EARLIEST_MS: Final = 631_152_000_000
"""1990-01-01: an instant before it is a mistake of format, not a call."""
LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01."""
ABSENT_MS: Final = -(2**63)
"""In arrays of instants: nothing is known. It is also numpy's NaT."""


DEGREE_DECIMALS: Final = 7
"""Coordinates are kept to 1e-7 degree (1 cm), as OpenStreetMap keeps them."""
SECOND_DECIMALS: Final = 3
"""Numbers are kept to three decimals: times to the millisecond."""


class Column(msgspec.Struct, frozen=True):
    """A column of a call log.

    ``minimum`` and ``maximum`` bound numbers (inclusive); ``words`` lists the only values allowed,
    or is empty where any word is.
    """

    name: str
    kind: Kind
    meaning: str
    minimum: float = 0.0
    maximum: float = 0.0
    words: tuple[str, ...] = ()
    required: bool = False


def _seconds(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, maximum=DAY_S)


def _instant(name: str, meaning: str) -> Column:
    return Column(name, "instant", meaning)


COLUMNS: Final[tuple[Column, ...]] = (
    Column("incident_id", "id", "Name of the incident, unique in the log.", required=True),
    Column("received_at", "instant", "Call connect (T0), RFC 3339 with offset.", required=True),
    Column("lon", "degree", "Longitude of the scene, WGS84.", -180.0, 180.0, required=True),
    Column("lat", "degree", "Latitude of the scene, WGS84.", -90.0, 90.0, required=True),
    Column(
        "category",
        "word",
        "Category after triage.",
        words=tuple(category.value for category in Category),
        required=True,
    ),
    Column(
        "segment",
        "word",
        "Segment of Category 2: A goes at once, B and C may be reviewed first.",
        words=tuple(segment.value for segment in Segment),
    ),
    Column("trust", "word", "Home trust, ODS code; empty: the polygon that holds the scene."),
    Column("complaint", "word", "What the caller said is wrong, one word of a small list."),
    Column("pathway", "word", "Specialist pathway.", words=tuple(p.value for p in Pathway)),
    Column(
        "outcome",
        "word",
        "How the incident ended; empty: the simulated world draws it.",
        words=tuple(o.value for o in Outcome),
    ),
    Column("destination", "word", "Hospital that received the patient, by its id in the region."),
    Column("caller_id", "word", "Pseudonym of the caller; equal pseudonyms are repeat contacts."),
    Column("observed_from", "word", "Station, post or unit that the first responder came from."),
    Column("age_years", "number", "Age of the patient.", maximum=130.0),
    Column("frail", "flag", "Whether the patient lives with frailty (true or false)."),
    Column("responders_needed", "number", "Units needed at the scene.", 1.0, 1000.0),
    _seconds("coded_after_s", "From call connect until the category was known."),
    _seconds("mobilisation_s", "From assigned until the first unit moved."),
    _seconds("travel_s", "From moving until the first unit was at the scene."),
    _seconds("scene_s", "From arrival of the conveying unit until it left the scene."),
    _seconds("conveyance_s", "From leaving the scene until arrival at the hospital."),
    _seconds("handover_s", "From arrival at the hospital until care was handed over."),
    _seconds("clear_s", "From handover, or from leaving without a patient, until available."),
    _instant("call_answered_at", "Call answered (T1)."),
    _instant("first_assigned_at", "First unit assigned, as observed."),
    _instant("first_mobile_at", "First unit moving, as observed."),
    _instant("first_on_scene_at", "First unit at the scene, as observed."),
    _instant("transporting_on_scene_at", "Conveying unit at the scene, as observed."),
    _instant("left_scene_at", "Conveying unit left the scene, as observed."),
    _instant("at_hospital_at", "Conveying unit at the hospital, as observed."),
    _instant("handed_over_at", "Care handed over, as observed."),
    _instant("clear_at", "Last unit available again, as observed."),
)
"""Every column, in the order in which files are written. Others are not read and not kept."""

BY_NAME: Final = {column.name: column for column in COLUMNS}
REQUIRED: Final = tuple(column.name for column in COLUMNS if column.required)
INSTANTS: Final = tuple(c.name for c in COLUMNS if c.kind == "instant" and not c.required)
NUMBERS: Final = tuple(c.name for c in COLUMNS if c.kind in {"number", "flag"})
WORDS: Final = tuple(c.name for c in COLUMNS if c.kind == "word" and not c.required)

FIRST_IN_ORDER: Final = ("first_assigned_at", "first_mobile_at", "first_on_scene_at")
"""Observed stamps of the first unit, in the order in which they mostly come."""

IN_ORDER: Final = ("left_scene_at", "at_hospital_at", "handed_over_at", "clear_at")
"""Observed stamps of one patient that cannot come in another order."""


class Call(msgspec.Struct, frozen=True, gc=False):
    """One row of a call log; None where the log says nothing. Instants are UTC milliseconds."""

    incident_id: str
    received_at_ms: int
    lon: float
    lat: float
    category: Category
    segment: Segment | None = None
    trust: str | None = None
    complaint: str | None = None
    pathway: Pathway | None = None
    outcome: Outcome | None = None
    destination: str | None = None
    caller_id: str | None = None
    observed_from: str | None = None
    age_years: float | None = None
    frail: bool | None = None
    responders_needed: int | None = None
    coded_after_s: float | None = None
    mobilisation_s: float | None = None
    travel_s: float | None = None
    scene_s: float | None = None
    conveyance_s: float | None = None
    handover_s: float | None = None
    clear_s: float | None = None
    call_answered_at_ms: int | None = None
    first_assigned_at_ms: int | None = None
    first_mobile_at_ms: int | None = None
    first_on_scene_at_ms: int | None = None
    transporting_on_scene_at_ms: int | None = None
    left_scene_at_ms: int | None = None
    at_hospital_at_ms: int | None = None
    handed_over_at_ms: int | None = None
    clear_at_ms: int | None = None
