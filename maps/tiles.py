"""Vector tiles of a region, drawn straight from its roads: the Mapbox format, in numpy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from maps.region import Region
from maps.road_network import Access
from maps.shapes import segment_lines
from maps.tile_encoding import EXTENT, LineGroup, encode_tile

ZOOM_MAX: Final = 22
BUFFER: Final = 96
"""Margin around a tile in its units of `EXTENT`: wide enough that thick lines meet at the seam."""

_FULL_DETAIL_ZOOM: Final = 16
_JOIN_ZOOM: Final = 13
_TOLERANCE: Final = 6.0
"""How far a simplified line may stray, in units of `EXTENT`: a third of a pixel on a 256 tile."""

Floats = npt.NDArray[np.float64]


class Style(NamedTuple):
    """How a road class is drawn: its name in style sheets, and the zoom at which it starts."""

    name: str
    zoom_min: int


_STYLES: Final[Mapping[str, Style]] = {
    "motorway": Style("motorway", 0),
    "trunk": Style("trunk", 0),
    "primary": Style("primary", 6),
    "secondary": Style("secondary", 8),
    "tertiary": Style("tertiary", 9),
    "unclassified": Style("minor", 11),
    "residential": Style("minor", 12),
    "living_street": Style("minor", 12),
    "busway": Style("service", 13),
    "service": Style("service", 13),
    "track": Style("service", 14),
    "driveway": Style("service", 15),
    "pedestrian": Style("path", 14),
    "ferry": Style("ferry", 7),
}
_STRATEGIC: Final = Style("strategic", 0)


class TileBounds(msgspec.Struct, frozen=True):
    """The box of a region in degrees, and the zooms at which its tiles differ."""

    west: float
    south: float
    east: float
    north: float
    zoom_min: int = 0
    zoom_max: int = _FULL_DETAIL_ZOOM


class TileMaker:
    """Draws the tiles of one region; thread-safe, and the same bytes every time.

    Layer ``roads``: lines with the properties ``class`` (motorway, trunk, primary, secondary,
    tertiary, minor, service, path, ferry, strategic) and ``blue_light_only``. Layer ``trusts``:
    the borders of trusts, with the property ``class`` = ``border``.
    """

    def __init__(self, region: Region) -> None:
        self.version = region.version
        self._lines, self._group, self._zoom_min, self._groups = _drawn(region)
        self._details: dict[int, _Detail] = {}

    def bounds(self) -> TileBounds | None:
        """Return the box in which there is anything to draw; None for an empty region."""
        if len(self._lines) == 0:
            return None
        x0, y0, x1, y1 = shapely.total_bounds(self._lines).tolist()
        return TileBounds(_lon(x0), _lat(y1), _lon(x1), _lat(y0))

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return one tile as bytes; empty where there is nothing to draw.

        Raises
        ------
        ValueError
            When there is no tile of these numbers.
        """
        if not 0 <= z <= ZOOM_MAX or not (0 <= x < 2**z and 0 <= y < 2**z):
            raise ValueError(f"Expected a tile z/x/y with z in [0, {ZOOM_MAX}], was {z}/{x}/{y}.")
        pieces = self._detail(z).clipped(z, x, y)
        groups = [
            LineGroup(layer, properties, *pieces.of_group(number))
            for number, (layer, properties) in enumerate(self._groups)
            if pieces.has_group(number)
        ]
        return encode_tile(groups)

    def _detail(self, z: int) -> _Detail:
        level = min(z, _FULL_DETAIL_ZOOM)
        detail = self._details.get(level)
        if detail is None:
            # Two threads may both make it; they make the same, and one of them stays.
            shown = self._zoom_min <= level
            lines, group = self._lines[shown], self._group[shown]
            if level < _JOIN_ZOOM:
                lines, group = _joined(lines, group)
            if level < _FULL_DETAIL_ZOOM:
                tolerance = _TOLERANCE / EXTENT / 2**level
                lines = np.asarray(shapely.simplify(lines, tolerance), dtype=object)
            detail = _Detail(lines, group)
            self._details[level] = detail
        return detail


def _joined(
    lines: npt.NDArray[np.object_], group: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.intp]]:
    """Return lines of one group joined end to end, so that they simplify across junctions."""
    merged: list[npt.NDArray[np.object_]] = [np.zeros(0, dtype=object)]
    owners: list[npt.NDArray[np.intp]] = [np.zeros(0, dtype=np.intp)]
    for number in np.unique(group):
        mine = shapely.line_merge(shapely.multilinestrings(lines[group == number]))
        parts = np.asarray(shapely.get_parts(mine), dtype=object)
        merged.append(parts)
        owners.append(np.full(len(parts), number, dtype=np.intp))
    return np.concatenate(merged), np.concatenate(owners)


class _Pieces(NamedTuple):
    """Clipped lines in units of a tile: points, the line of each, the group of each line."""

    points: npt.NDArray[np.int64]
    first: npt.NDArray[np.intp]
    group: npt.NDArray[np.intp]

    def has_group(self, number: int) -> bool:
        return bool((self.group == number).any())

    def of_group(self, number: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
        mine = np.flatnonzero(self.group == number)
        sizes = self.first[mine + 1] - self.first[mine]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        take = np.repeat(self.first[mine] - starts[:-1], sizes) + np.arange(starts[-1])
        return self.points[take], starts


class _Detail:
    """Lines at one level of detail, as straight stretches ready for clipping."""

    def __init__(self, lines: npt.NDArray[np.object_], group: npt.NDArray[np.intp]) -> None:
        points, line = shapely.get_coordinates(lines, return_index=True)
        follows = line[1:] == line[:-1]
        self._line = line[:-1][follows]
        self._start, self._end = points[:-1][follows], points[1:][follows]
        self._group = group
        low, high = np.minimum(self._start, self._end), np.maximum(self._start, self._end)
        # One pass over the boxes of a county takes a tenth of a millisecond: no index is needed.
        self._west, self._north = np.ascontiguousarray(low[:, 0]), np.ascontiguousarray(low[:, 1])
        self._east, self._south = np.ascontiguousarray(high[:, 0]), np.ascontiguousarray(high[:, 1])

    def clipped(self, z: int, x: int, y: int) -> _Pieces:
        """Return what of the lines lies in a tile and its margin (Liang and Barsky 1984)."""
        scale = 2.0**z
        margin = BUFFER / EXTENT
        low = (np.array([x, y]) - margin) / scale
        high = (np.array([x + 1, y + 1]) + margin) / scale
        across = (self._east >= low[0]) & (self._west <= high[0])
        near = np.flatnonzero(across & (self._south >= low[1]) & (self._north <= high[1]))
        start, end, line = self._start[near], self._end[near], self._line[near]
        enters, leaves = _clip(start, end - start, low, high)
        inside = enters < leaves
        start, end, line = start[inside], end[inside], line[inside]
        enters, leaves = enters[inside, None], leaves[inside, None]
        step = end - start
        whole = EXTENT * scale
        shift = np.array([x, y]) * EXTENT
        begins = np.rint((start + enters * step) * whole - shift).astype(np.int64)
        ends = np.rint((start + leaves * step) * whole - shift).astype(np.int64)
        joins = (line[1:] == line[:-1]) & (begins[1:] == ends[:-1]).all(axis=1)
        return _strung(begins, ends, joins, self._group[line])


def _clip(start: Floats, step: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return where each stretch enters and leaves a box, as parts of its length."""
    enters, leaves = np.zeros(len(start)), np.ones(len(start))
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in (0, 1):
            to_low = (low[axis] - start[:, axis]) / step[:, axis]
            to_high = (high[axis] - start[:, axis]) / step[:, axis]
            # A stretch along the edge of the box divides nothing by nothing: it is inside.
            first = np.nan_to_num(np.minimum(to_low, to_high), nan=0.0)
            last = np.nan_to_num(np.maximum(to_low, to_high), nan=1.0)
            enters, leaves = np.maximum(enters, first), np.minimum(leaves, last)
    return enters, leaves


def _strung(
    begins: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    joins: npt.NDArray[np.bool_],
    group: npt.NDArray[np.intp],
) -> _Pieces:
    """Return stretches strung into lines, without points that rounding has made equal."""
    count = len(begins)
    is_first = np.ones(count, dtype=np.bool_)
    is_first[1:] = ~joins
    line = np.cumsum(is_first) - 1
    # Each line has its first beginning and every end, in the order of the stretches.
    points = np.concatenate((begins[is_first], ends))
    owner = np.concatenate((line[is_first], line))
    order = np.concatenate((np.flatnonzero(is_first) * 2, np.arange(count) * 2 + 1)).argsort()
    points, owner = points[order], owner[order]
    differs = np.ones(len(points), dtype=np.bool_)
    differs[1:] = (owner[1:] != owner[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    points, owner = points[differs], owner[differs]
    size = np.bincount(owner, minlength=int(is_first.sum()))
    long_enough = size >= 2
    kept = long_enough[owner]
    first = np.concatenate(([0], np.cumsum(size[long_enough])))
    return _Pieces(points[kept], first, group[is_first][long_enough])


Drawn = tuple[
    npt.NDArray[np.object_],
    npt.NDArray[np.intp],
    npt.NDArray[np.intp],
    tuple[tuple[str, dict[str, str | bool]], ...],
]


def _drawn(region: Region) -> Drawn:
    """Return lines on the unit square of the world, their groups, first zooms, and group names."""
    lines: list[npt.NDArray[np.object_]] = []
    keys: list[tuple[str, str, bool]] = []
    zooms: list[int] = []
    if region.roads is not None:
        styles, blue_only = _styled(region)
        lines.append(_road_lines(region))
        keys += [("roads", style.name, blue) for style, blue in zip(styles, blue_only, strict=True)]
        zooms += [style.zoom_min for style in styles]
    for trust in region.trusts:
        if trust.polygon_wkb_hex is not None:
            border = shapely.boundary(shapely.from_wkb(trust.polygon_wkb_hex))
            rings = np.asarray(shapely.get_parts(border), dtype=object)
            lines.append(np.asarray(shapely.transform(rings, _world), dtype=object))
            keys += [("trusts", "border", False)] * len(rings)
            zooms += [0] * len(rings)
    groups = sorted(set(keys))
    number = {key: index for index, key in enumerate(groups)}
    named: list[tuple[str, dict[str, str | bool]]] = []
    for layer, style, blue in groups:
        extra = {"blue_light_only": blue} if layer == "roads" else {}
        named.append((layer, {"class": style, **extra}))
    return (
        np.concatenate(lines) if lines else np.zeros(0, dtype=object),
        np.array([number[key] for key in keys], dtype=np.intp),
        np.array(zooms, dtype=np.intp),
        tuple(named),
    )


def _styled(region: Region) -> tuple[list[Style], list[bool]]:
    """Return the style of each segment, and whether only blue lights may use it."""
    roads = region.roads
    assert roads is not None
    of_class = [_style_of(name) for name in roads.classes]
    road_class = np.zeros(len(roads.way_id), dtype=np.intp)
    access = np.zeros(len(roads.way_id), dtype=np.uint8)
    road_class[roads.segment] = roads.road_class
    np.bitwise_or.at(access, roads.segment, roads.access)
    blue_only = (access & int(Access.ORDINARY)) == 0
    return [of_class[index] for index in road_class.tolist()], blue_only.tolist()


def _style_of(road_class: str) -> Style:
    if road_class.startswith("strategic"):
        return _STRATEGIC
    return _STYLES.get(road_class.removesuffix("_link"), Style("minor", 12))


def _road_lines(region: Region) -> npt.NDArray[np.object_]:
    assert region.roads is not None
    lines = segment_lines(region.roads)
    points = _world(np.column_stack((lines.lon, lines.lat)))
    owner = np.repeat(np.arange(len(lines.first) - 1), np.diff(lines.first))
    return np.atleast_1d(np.asarray(shapely.linestrings(points, indices=owner), dtype=object))


def _world(degrees: Floats) -> Floats:
    """Return web-Mercator coordinates on the unit square: x east, y south."""
    lat = np.clip(np.radians(degrees[:, 1]), -1.4844222297453324, 1.4844222297453324)
    x = degrees[:, 0] / 360.0 + 0.5
    y = 0.5 - np.arcsinh(np.tan(lat)) / (2.0 * math.pi)
    return np.column_stack((x, y))


def _lon(x: float) -> float:
    return (x - 0.5) * 360.0


def _lat(y: float) -> float:
    return math.degrees(math.atan(math.sinh((0.5 - y) * 2.0 * math.pi)))
