"""The way that a unit is on, as coordinates for a map."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from typing import Final

from dispatch.domain.travel import Position
from dispatch.ports import TravelTimes
from dispatch.state import Unit
from routing.leg import Leg
from routing.position import FULL
from routing.snapshot import RoadTimes

Points = list[tuple[float, float]]

SHAPES_KEPT: Final = 4_096
"""Ways kept for the next look: a unit keeps its way until it is sent elsewhere."""

DIGITS: Final = 6
"""Decimals of a degree in a shape: about 10 cm."""


class LegShapes:
    """Draws the current leg of units, and keeps what it has drawn."""

    def __init__(self, travel: TravelTimes) -> None:
        self.travel = travel
        self._kept: OrderedDict[tuple[Position, Position, int, int], Points | None] = OrderedDict()

    def of(self, unit: Unit) -> Points | None:
        """Return the (lon, lat) points of the way that a unit is on; None if it stands still.

        On streets the way follows them; elsewhere it is the straight line between its ends.
        """
        if unit.destination is None:
            return None
        key = (unit.origin, unit.destination, int(unit.mode), unit.departed_at_ms)
        if key not in self._kept:
            self._kept[key] = self._drawn(unit, unit.destination)
            if len(self._kept) > SHAPES_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def _drawn(self, unit: Unit, destination: Position) -> Points | None:
        if isinstance(self.travel, RoadTimes):
            leg = self.travel.leg(unit.origin, destination, unit.mode, unit.departed_at_ms)
            return None if leg is None else _along(self.travel, leg)
        ends = (self.travel.lonlat(unit.origin), self.travel.lonlat(destination))
        return [(round(at.lon, DIGITS), round(at.lat, DIGITS)) for at in ends]


def _along(travel: RoadTimes, leg: Leg) -> Points:
    points: Points = []
    for piece in leg.pieces:
        lon, lat = travel.line_of(piece.edge)
        for x, y in _cut(
            list(zip(lon.tolist(), lat.tolist(), strict=True)), piece.start, piece.end
        ):
            point = (round(x, DIGITS), round(y, DIGITS))
            if not points or points[-1] != point:
                points.append(point)
    if not points:
        at = travel.lonlat(leg.destination)
        points = [(round(at.lon, DIGITS), round(at.lat, DIGITS))]
    return points if len(points) > 1 else points * 2


def _cut(line: Points, start: int, end: int) -> Points:
    """Return the part of a line between two fractions of its length, in units of `FULL`."""
    if start == 0 and end == FULL:
        return line
    # Edges are short: a degree of longitude may count as one of latitude here.
    steps = [((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 for (ax, ay), (bx, by) in _pairs(line)]
    length = sum(steps)
    begin_at, end_at = length * start / FULL, length * end / FULL
    out, gone = [_between(line, steps, begin_at)], 0.0
    for step, point in zip(steps, line[1:], strict=True):
        gone += step
        if begin_at < gone < end_at:
            out.append(point)
    return [*out, _between(line, steps, end_at)]


def _between(line: Points, steps: list[float], at: float) -> tuple[float, float]:
    for step, ((ax, ay), (bx, by)) in zip(steps, _pairs(line), strict=True):
        if at <= step and step > 0.0:
            share = at / step
            return ax + (bx - ax) * share, ay + (by - ay) * share
        at -= step
    return line[-1]


def _pairs(line: Points) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return list(pairwise(line))
