"""What OpenStreetMap tags mean for an ambulance: class, direction, access, limits, ferries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from maps.road_network import Access

Tags = Mapping[str, str]

EVERYONE: Final = Access.ORDINARY | Access.BLUE_LIGHT
NOBODY: Final = Access(0)

CLASSES: Final = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "driveway",
    "track",
    "busway",
    "pedestrian",
    "ferry",
)
"""Road classes of a network built from OpenStreetMap; ``RoadNetwork.road_class`` indexes them."""

STREETS: Final = frozenset(CLASSES[:13])
_LESSER_SERVICE: Final = frozenset({"driveway", "parking_aisle", "drive-through", "parking"})
_PATHS: Final = frozenset({"footway", "path", "cycleway", "bridleway"})

_ALLOWED: Final = frozenset(
    {
        "yes", "designated", "official", "permissive", "destination", "customers", "delivery",
        "private", "permit", "residents", "public", "unknown", "emergency", "seasonal",
    }
)  # fmt: skip
"""Access values under which an ambulance on duty drives in.

A patient behind a "private" sign is a patient: private and permit roads count as passable.
"""

_DENIED: Final = frozenset(
    {"no", "agricultural", "forestry", "use_sidepath", "military", "restricted", "none"}
)

_PAVED: Final = frozenset(
    {
        "paved",
        "asphalt",
        "concrete",
        "concrete:plates",
        "concrete:lanes",
        "paving_stones",
        "chipseal",
    }
)

_MOTOR_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
"""From the most to the least specific: the first one present decides."""

VEHICLE_HEIGHT_M: Final = 2.9
"""Height of a double-crewed ambulance in metres (assumed: van conversion with light bar)."""

MPH_IN_KMH: Final = 1.609344
_KNOT_IN_KMH: Final = 1.852

NATIONAL_LIMITS_MPH: Final[Mapping[str, int]] = {
    "nsl_single": 60,
    "nsl_dual": 70,
    "motorway": 70,
    "nsl_restricted": 30,
    "urban": 30,
    "rural": 60,
}
"""National speed limits of Great Britain by OpenStreetMap's ``maxspeed:type`` words.

GOV.UK, *Speed limits*: 30 mph where streets are lit, 60 on single carriageways, 70 on dual
carriageways and motorways, for cars; ambulances on blue lights are exempt (Road Traffic
Regulation Act 1984, section 87).
"""

_BARRIERS_OPEN: Final = frozenset(
    {
        "arch", "border_control", "cattle_grid", "entrance", "gate", "hampshire_gate",
        "height_restrictor", "kerb", "lift_gate", "no", "sally_port", "sliding_gate", "spikes",
        "swing_gate", "toll_booth",
    }
)  # fmt: skip
"""Barriers that a crew can drive through or open; all others stop a vehicle.

Access tags at the node say otherwise. A gate without tags counts as openable: on the Isle of
Wight 97 in 100 gates have none, and farms and care homes lie behind them.
"""


@dataclass(frozen=True, slots=True)
class RoadFacts:
    """What an ambulance needs to know of one way; "forward" is the direction in which it is drawn.

    ``built_up`` is True or False where tags tell, None where they are silent.
    """

    road_class: str
    forward: Access
    backward: Access
    forward_kmh: int
    backward_kmh: int
    duration_ms: int
    name: str
    built_up: bool | None


def road_facts(tags: Tags) -> RoadFacts | None:
    """Return what the tags of a way mean for ambulances, or None if none may ever drive on it."""
    if tags.get("route") == "ferry" and "highway" not in tags:
        return _ferry(tags)
    road_class = _road_class(tags)
    if road_class is None:
        return None
    road_class, forward, backward = _access(tags, road_class)
    if not forward and not backward:
        return None
    return RoadFacts(
        road_class=road_class,
        forward=forward,
        backward=backward,
        forward_kmh=_posted_kmh(tags, road_class, "forward"),
        backward_kmh=_posted_kmh(tags, road_class, "backward"),
        duration_ms=0,
        name=tags.get("name") or tags.get("ref", ""),
        built_up=_built_up(tags),
    )


def node_access(tags: Tags) -> Access:
    """Return who may pass a node: everyone, blue lights only (a bus gate), or nobody."""
    barrier = tags.get("barrier")
    is_bus_gate = tags.get("highway") == "bus_gate"
    if barrier is None and not is_bus_gate:
        return EVERYONE
    if _is_too_low(tags):
        return NOBODY
    rises = tags.get("bollard") == "rising"
    explicit = _first(tags, _MOTOR_KEYS)
    stands_open = barrier is None or barrier in _BARRIERS_OPEN
    is_open = stands_open and not rises and not is_bus_gate
    if explicit in _ALLOWED or (explicit not in _DENIED and is_open):
        return EVERYONE
    for_buses = is_bus_gate or rises or _first(tags, ("bus", "psv")) in _ALLOWED
    return Access.BLUE_LIGHT if _opens_for_emergency(tags, otherwise=for_buses) else NOBODY


def parse_maxspeed_kmh(text: str) -> int | None:
    """Return a speed limit in km/h, or None where the text holds no number.

    Understands km/h without a unit, ``mph``, ``knots``, ``walk``, and lists (the lowest counts).
    """
    limits: list[float] = []
    for part in re.split(r"[;|,]", text):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?\s*", part)
        if part.strip() == "walk":
            limits.append(5.0)
        elif found:
            unit = {"mph": MPH_IN_KMH, "knots": _KNOT_IN_KMH}.get(found[2] or "", 1.0)
            limits.append(float(found[1]) * unit)
    plausible = [limit for limit in limits if 1.0 <= limit <= 200.0]
    return round(min(plausible)) if plausible else None


def parse_duration_ms(text: str) -> int | None:
    """Return a duration in ms from ``MM``, ``H:MM``, ``H:MM:SS`` or ISO 8601, or None."""
    clock = re.fullmatch(r"\s*(?:(\d{1,3}):)?(\d{1,3})(?::(\d{2}))?\s*", text)
    iso = re.fullmatch(r"\s*PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?\s*", text)
    found = clock or iso
    if not found or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    duration_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000
    return duration_ms if 0 < duration_ms < 2**30 - 1 else None


def parse_metres(text: str) -> float | None:
    """Return a length in metres from ``2.1``, ``2.1 m`` or feet and inches (``7'6"``), or None."""
    metres = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*m?\s*", text)
    if metres:
        return float(metres[1])
    feet = re.fullmatch(r"\s*(\d+)\s*(?:'|ft)\s*(?:(\d+)\s*(?:\"|in)?)?\s*", text)
    if feet:
        return int(feet[1]) * 0.3048 + int(feet[2] or 0) * 0.0254
    return None


_SAME_CLASS: Final = {highway: highway for highway in (*STREETS, "busway", "pedestrian")}


def _road_class(tags: Tags) -> str | None:
    highway = tags.get("highway", "")
    is_area = tags.get("area") == "yes" and highway != "pedestrian"
    road_class = None
    if tags.get("impassable") == "yes" or is_area:
        return None
    if highway == "service":
        road_class = "driveway" if tags.get("service") in _LESSER_SERVICE else "service"
    elif highway == "track":
        road_class = "track" if _is_drivable_track(tags) else None
    elif highway in _PATHS:
        road_class = _path_class(tags)
    else:
        road_class = "unclassified" if highway == "road" else _SAME_CLASS.get(highway)
    return road_class


def _path_class(tags: Tags) -> str | None:
    """Return how a path counts: opened to vehicles, or to emergency vehicles, or not at all.

    The width of most paths is unknown, so only a tag opens one; "pedestrian" streets are wide.
    """
    opened = _first(tags, _MOTOR_KEYS[:3])
    if opened in _ALLOWED - {"private", "unknown", "seasonal"}:
        return "track"
    return "pedestrian" if tags.get("emergency") in _ALLOWED else None


def _is_drivable_track(tags: Tags) -> bool:
    opened = _first(tags, _MOTOR_KEYS)
    if opened in _ALLOWED - {"private", "unknown", "seasonal"} or "emergency" in tags:
        return True
    return tags.get("tracktype") == "grade1" or tags.get("surface") in _PAVED


def _access(tags: Tags, road_class: str) -> tuple[str, Access, Access]:
    """Return the class, which access may change, and who may drive forward and backward."""
    forward = _access_one_way(tags, road_class, "forward")
    backward = _access_one_way(tags, road_class, "backward")
    if not forward and not backward and _is_walkers_street(tags, road_class):
        road_class = "pedestrian"
        forward = backward = Access.BLUE_LIGHT
    closed_forward, closed_backward = _oneway(tags, road_class)
    # A one-way rule binds ambulances too, unless the street has a lane against the stream.
    lane = Access.BLUE_LIGHT if _has_contraflow(tags) else NOBODY
    if closed_forward:
        forward &= lane
    if closed_backward:
        backward &= lane
    return road_class, forward, backward


def _access_one_way(tags: Tags, road_class: str, direction: str) -> Access:
    """Return who may drive in one direction, one-way rules apart. Blue lights include ordinary."""
    if _is_too_low(tags):
        return NOBODY
    by_direction = tuple(f"{key}:{direction}" for key in _MOTOR_KEYS)
    explicit = _first(tags, by_direction + _MOTOR_KEYS)
    reserved = road_class in {"busway", "pedestrian"} or tags.get("service") == "emergency_access"
    if road_class == "pedestrian":
        # "Except for loading" lets few in, and walkers have the street.
        ordinary = explicit in {"yes", "designated", "permissive"}
    else:
        ordinary = explicit in _ALLOWED or (explicit not in _DENIED and not reserved)
    if ordinary:
        return EVERYONE
    for_buses = _first(tags, ("bus", "psv")) in _ALLOWED
    by_nature = reserved and tags.get("access") != "no"
    opens = _opens_for_emergency(tags, otherwise=for_buses or by_nature)
    return Access.BLUE_LIGHT if opens else NOBODY


def _opens_for_emergency(tags: Tags, *, otherwise: bool) -> bool:
    emergency = tags.get("emergency")
    return emergency in _ALLOWED or (otherwise and emergency not in _DENIED)


def _is_too_low(tags: Tags) -> bool:
    height_m = parse_metres(tags.get("maxheight", ""))
    return height_m is not None and height_m < VEHICLE_HEIGHT_M


def _is_walkers_street(tags: Tags, road_class: str) -> bool:
    """Test whether a street is closed to motors but not to people: blue lights at walking pace."""
    closed_to_motors = _first(tags, _MOTOR_KEYS[:3]) == "no"
    open_to_people = tags.get("foot") in _ALLOWED or "access" not in tags
    is_street = road_class in STREETS and road_class not in {"service", "motorway", "trunk"}
    return closed_to_motors and open_to_people and is_street and tags.get("emergency") != "no"


def _oneway(tags: Tags, road_class: str) -> tuple[bool, bool]:
    """Return whether the forward and the backward direction are closed by a one-way rule."""
    oneway = _first(tags, ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"))
    if oneway in {"yes", "true", "1"}:
        return False, True
    if oneway in {"-1", "reverse"}:
        return True, False
    if oneway == "reversible":
        return True, True
    implied = tags.get("junction") in {"roundabout", "circular"} or road_class.startswith(
        "motorway"
    )
    return False, implied and oneway not in {"no", "false", "0", "alternating"}


def _has_contraflow(tags: Tags) -> bool:
    """Test whether buses or emergency vehicles may drive against a one-way: they have a lane."""
    if tags.get("oneway:emergency") == "no":
        return True
    if "no" in {tags.get("oneway:bus"), tags.get("oneway:psv")}:
        return True
    return any(tags.get(key, "").startswith("opposite") for key in ("busway", "psv", "bus"))


def _posted_kmh(tags: Tags, road_class: str, direction: str) -> int:
    """Return the signed limit in km/h, or 0 where none is mapped."""
    if road_class in {"pedestrian", "ferry"}:
        return 0
    text = tags.get(f"maxspeed:{direction}") or tags.get("maxspeed", "")
    kmh = parse_maxspeed_kmh(text)
    if kmh is not None:
        return min(kmh, 255)
    for key in ("maxspeed", "maxspeed:type", "source:maxspeed"):
        kmh = _national_kmh(tags.get(key, ""), tags, road_class)
        if kmh:
            return kmh
    return 0


def _national_kmh(text: str, tags: Tags, road_class: str) -> int:
    word = text.lower().replace("gb_", "gb:").replace("uk_", "uk:")
    if not word.startswith(("gb", "uk", "national", "nsl")):
        return 0
    limit_mph = 0
    zone = re.search(r"zone:?(\d+)", word)
    if zone:
        limit_mph = int(zone[1])
    elif word.endswith("national") or word in {"nsl", "gb:nsl", "uk:nsl"}:
        is_dual = _oneway(tags, road_class)[1] and tags.get("junction") is None
        dual = is_dual and not road_class.endswith("_link")
        limit_mph = 70 if dual or road_class == "motorway" else 60
    else:
        key = word.split(":", 1)[-1].replace(":", "_")
        limit_mph = NATIONAL_LIMITS_MPH.get(key, 0)
    return round(limit_mph * MPH_IN_KMH)


def _built_up(tags: Tags) -> bool | None:
    """Return what tags say of the surroundings: street lights make a restricted road in law."""
    for key in ("maxspeed:type", "source:maxspeed"):
        word = tags.get(key, "").lower()
        if "nsl_single" in word or "nsl_dual" in word or word.endswith(":rural"):
            return False
        if word.endswith((":urban", "nsl_restricted")) or "zone" in word:
            return True
    if tags.get("lit") in {"yes", "24/7", "automatic"}:
        return True
    if tags.get("sidewalk") in {"both", "left", "right", "yes", "separate"}:
        return True
    return False if tags.get("lit") == "no" else None


def _ferry(tags: Tags) -> RoadFacts | None:
    """Return a ferry that carries cars; it must say so, for most take passengers only."""
    carries_cars = _first(tags, ("motorcar", "motor_vehicle"))
    if carries_cars not in _ALLOWED or tags.get("access") in _DENIED:
        return None
    return RoadFacts(
        road_class="ferry",
        forward=EVERYONE,
        backward=NOBODY if tags.get("oneway") == "yes" else EVERYONE,
        forward_kmh=0,
        backward_kmh=0,
        duration_ms=parse_duration_ms(tags.get("duration", "")) or 0,
        name=tags.get("name", ""),
        built_up=False,
    )


def _first(tags: Tags, keys: tuple[str, ...]) -> str | None:
    """Return the value of the first key present."""
    return next((tags[key] for key in keys if key in tags), None)
