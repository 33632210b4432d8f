"""Live changes of the roads: closures and speeds, by edge, by road name and area, by polygon."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from maps.geo import checked
from maps.road_network import Bools, Float64s, Int32s, RoadNetwork
from maps.shapes import segment_lines
from routing.weights import UNREACHABLE_MS, DriveMode

AGE_MAX_MS: Final = 366 * 86_400_000
"""A report older than a year is a slip of the pen, or of a clock."""

SPEED_KMH_MAX: Final = 200.0
FACTOR_MAX: Final = 5.0


class OnEdges(msgspec.Struct, frozen=True, tag="edges", forbid_unknown_fields=True):
    """Edges by number; ``both_directions`` adds the opposite edges."""

    edges: tuple[int, ...]
    both_directions: bool = True


class OnRoad(msgspec.Struct, frozen=True, tag="road", forbid_unknown_fields=True):
    """All edges of a road by its name, whatever its case; within a GeoJSON area if one is given."""

    name: str
    area: dict[str, Any] | None = None


class WithinArea(msgspec.Struct, frozen=True, tag="area", forbid_unknown_fields=True):
    """All edges that touch a GeoJSON polygon or multipolygon, in WGS84 degrees."""

    area: dict[str, Any]


Where: TypeAlias = OnEdges | OnRoad | WithinArea


class Closed(msgspec.Struct, frozen=True, tag="closed", forbid_unknown_fields=True):
    """Nobody drives through. Journeys may still begin and end there: crews go to their patient."""


class Factor(msgspec.Struct, frozen=True, tag="factor", forbid_unknown_fields=True):
    """The usual speed of the hour, multiplied: 0.5 is half as fast."""

    factor: float


class Speed(msgspec.Struct, frozen=True, tag="speed", forbid_unknown_fields=True):
    """A measured speed, whatever the hour."""

    kmh: float


Effect: TypeAlias = Closed | Factor | Speed


class RoadChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One live change, as the API receives it and a journal keeps it.

    Instants are UTC milliseconds. Without ``expires_at_ms`` it holds until withdrawn. ``modes``
    are those whom it concerns.
    """

    id: str
    where: Where
    effect: Effect
    reported_at_ms: int
    expires_at_ms: int | None = None
    modes: tuple[DriveMode, ...] = (DriveMode.BLUE_LIGHT, DriveMode.ORDINARY)
    reason: str = ""
    by: str = ""


class NoRoadThereError(ValueError):
    """A description is sound, and there is no road that it describes."""


class EdgeTimes(NamedTuple):
    """Times of edges to drive through, and the times that measure positions on them.

    They differ where driving through is not allowed but starting and ending is.
    """

    weight_ms: Int32s
    offset_ms: Int32s


@dataclass(frozen=True, eq=False)
class _Placed:
    change: RoadChange
    edges: Int32s


class LiveChanges:
    """The changes in force at once: an immutable set, whose order of arrival does not matter."""

    def __init__(self, placed: Iterable[_Placed] = ()) -> None:
        self._placed = {one.change.id: one for one in sorted(placed, key=lambda p: p.change.id)}

    @property
    def changes(self) -> tuple[RoadChange, ...]:
        """The changes in force, by identifier."""
        return tuple(one.change for one in self._placed.values())

    def edges_of(self, change_id: str) -> Int32s:
        """Return the edges that a change touches, ascending.

        Raises
        ------
        ValueError
            When no such change is in force.
        """
        if change_id not in self._placed:
            raise ValueError(f"Expected a change in force, was {change_id!r}.")
        return self._placed[change_id].edges

    def with_change(self, change: RoadChange, edges: Int32s) -> LiveChanges:
        """Return the set with one more change, or with a new text of one that it has."""
        others = (one for one in self._placed.values() if one.change.id != change.id)
        return LiveChanges((*others, _Placed(change, edges)))

    def without(self, change_ids: Iterable[str]) -> LiveChanges:
        """Return the set without some changes."""
        gone = frozenset(change_ids)
        return LiveChanges(one for one in self._placed.values() if one.change.id not in gone)

    def expired(self, now_ms: int) -> tuple[str, ...]:
        """Return the identifiers of changes whose time has passed."""
        return tuple(
            one.id
            for one in self.changes
            if one.expires_at_ms is not None and one.expires_at_ms <= now_ms
        )

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that stand for the changes; empty if there are none."""
        if not self._placed:
            return ""
        plain = msgspec.to_builtins(
            [(one.id, one.where, one.effect, one.modes) for one in self.changes]
        )
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def edges(self) -> Int32s:
        """All edges that any change touches, ascending."""
        every = [one.edges for one in self._placed.values()]
        return np.unique(np.concatenate(every)) if every else np.zeros(0, dtype=np.int32)

    def times(
        self, network: RoadNetwork, edges: Int32s, base: EdgeTimes, mode: DriveMode
    ) -> EdgeTimes:
        """Return the times of some edges from their times without any change.

        A closure beats a speed; of several speeds the slowest holds.
        """
        changed = np.full(len(edges), -1.0)
        shut: Bools = np.zeros(len(edges), dtype=np.bool_)
        for one in self._placed.values():
            if mode not in one.change.modes:
                continue
            concerned = np.isin(edges, one.edges)
            if isinstance(one.change.effect, Closed):
                shut |= concerned
            else:
                slowed = _changed_ms(one.change.effect, network, edges, base.offset_ms)
                changed = np.where(concerned, np.maximum(changed, slowed), changed)
        is_changed = (changed >= 0) & (base.offset_ms < UNREACHABLE_MS)
        offsets = np.where(is_changed, changed, base.offset_ms).astype(np.int32)
        impassable = shut | (base.weight_ms >= UNREACHABLE_MS)
        return EdgeTimes(np.where(impassable, np.int32(UNREACHABLE_MS), offsets), offsets)


def _changed_ms(
    effect: Factor | Speed, network: RoadNetwork, edges: Int32s, base_ms: Int32s
) -> Float64s:
    if isinstance(effect, Factor):
        times = base_ms / effect.factor
    else:
        times = network.length_m[edges].astype(np.float64) * 3_600.0 / effect.kmh
    return np.clip(np.rint(times), 1, UNREACHABLE_MS - 1)


class RoadFinder:
    """Finds the edges that a change means."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._opposite = network.opposites()

    def edges_of(self, where: Where) -> Int32s:
        """Return the edges meant, ascending.

        Raises
        ------
        ValueError
            When an edge does not exist, no road has the name, the area is not a valid polygon, or
            nothing lies there.
        """
        match where:
            case OnEdges():
                edges = self._numbered(where)
            case OnRoad():
                edges = self._named(where)
            case WithinArea():
                edges = self._within(_area_of(where.area))
        if not len(edges):
            raise NoRoadThereError(f"Expected at least one road there, was none ({where!r:.200}).")
        return np.unique(edges).astype(np.int32)

    def _numbered(self, where: OnEdges) -> Int32s:
        count = self._network.edge_count
        for edge in where.edges:
            if not 0 <= edge < count:
                raise ValueError(f"Expected edges from 0 to {count - 1}, was {edge}.")
        edges = np.array(where.edges, dtype=np.int32)
        if not where.both_directions or not len(edges):
            return edges
        back = self._opposite[edges]
        return np.concatenate((edges, back[back >= 0]))

    def _named(self, where: OnRoad) -> Int32s:
        wanted = where.name.strip().casefold()
        entries = [at for at, name in enumerate(self._folded_names) if name == wanted and name]
        if not entries:
            near = get_close_matches(wanted, [name for name in self._folded_names if name], n=3)
            hint = f"; close to it are {', '.join(map(repr, near))}" if near else ""
            raise ValueError(f"Expected the name of a road here, was {where.name!r}{hint}.")
        named = np.isin(self._network.name_index, entries)[self._network.segment]
        edges = np.flatnonzero(named).astype(np.int32)
        if where.area is None:
            return edges
        return np.intersect1d(edges, self._within(_area_of(where.area)))

    def _within(self, area: BaseGeometry) -> Int32s:
        west, south, east, north = area.bounds
        bounds, lines = self._bounds, self._lines
        near = np.flatnonzero(
            (bounds[:, 0] <= east)
            & (bounds[:, 2] >= west)
            & (bounds[:, 1] <= north)
            & (bounds[:, 3] >= south)
        )
        shapely.prepare(area)
        hit = near[shapely.intersects(area, lines[near])]
        chosen = np.zeros(len(lines), dtype=np.bool_)
        chosen[hit] = True
        return np.flatnonzero(chosen[self._network.segment]).astype(np.int32)

    @cached_property
    def _folded_names(self) -> list[str]:
        return [name.strip().casefold() for name in self._network.names]

    @cached_property
    def _lines(self) -> Any:
        lines = segment_lines(self._network)
        owner = np.repeat(np.arange(len(lines.first) - 1), np.diff(lines.first))
        return shapely.linestrings(np.column_stack((lines.lon, lines.lat)), indices=owner)

    @cached_property
    def _bounds(self) -> Float64s:
        return np.asarray(shapely.bounds(self._lines), dtype=np.float64)


def check_change(change: RoadChange, now_ms: int) -> None:
    """Refuse a change that cannot be meant.

    Raises
    ------
    ValueError
        When it has no identifier or concerns nobody, when it was reported more than a year ago or
        in the future, when it has expired, or when its speed is absurd.
    """
    if not change.id.strip():
        raise ValueError("Expected an identifier of the change, was empty.")
    if not change.modes:
        raise ValueError(f"Expected at least one mode in change {change.id!r}, was none.")
    if not now_ms - AGE_MAX_MS <= change.reported_at_ms <= now_ms + 86_400_000:
        raise ValueError(
            f"Expected change {change.id!r} to be reported within the last year, "
            f"was {_instant(change.reported_at_ms)}."
        )
    if change.expires_at_ms is not None and change.expires_at_ms <= now_ms:
        raise ValueError(
            f"Expected change {change.id!r} to expire after {_instant(now_ms)}, "
            f"was {_instant(change.expires_at_ms)}."
        )
    effect = change.effect
    if isinstance(effect, Factor) and not 0.0 < effect.factor <= FACTOR_MAX:
        raise ValueError(
            f"Expected a speed factor in (0, {FACTOR_MAX:g}] in change {change.id!r}, "
            f"was {effect.factor}."
        )
    if isinstance(effect, Speed) and not 0.0 < effect.kmh <= SPEED_KMH_MAX:
        raise ValueError(
            f"Expected a speed in (0, {SPEED_KMH_MAX:g}] km/h in change {change.id!r}, "
            f"was {effect.kmh}."
        )


def _instant(at_ms: int) -> str:
    try:
        return f"{np.datetime64(at_ms, 'ms')}Z"
    except OverflowError:
        return f"{at_ms} ms"


def _area_of(geojson: dict[str, Any]) -> BaseGeometry:
    """Return a polygon after checking that it is one, on the globe, and does not cross itself."""
    plain = geojson.get("geometry", geojson) if geojson.get("type") == "Feature" else geojson
    kind = plain.get("type") if isinstance(plain, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ValueError(f"Expected a GeoJSON Polygon or MultiPolygon, was {kind!r}.")
    try:
        # A coordinate that is not finite is named below; on the way it only warns.
        with np.errstate(invalid="ignore"):
            area = shape(plain)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(f"Expected coordinates of a GeoJSON {kind}, was: {error}.") from error
    if area.is_empty:
        raise ValueError(f"Expected a {kind} with an area, was empty.")
    for lon, lat in shapely.get_coordinates(area):
        checked(float(lon), float(lat))
    if not area.is_valid:
        raise ValueError(f"Expected a {kind} that is valid, was: {explain_validity(area)}.")
    return area
