"""Where units are and the ways that they are on, as points for a map."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from dispatch.domain.travel import Position
from dispatch.ports import TravelTimes
from dispatch.state import Unit
from routing.route import route_between
from routing.snapshot import RoadTimes
from routing.weights import DriveMode

SHAPES_KEPT: Final = 4_096
"""Ways kept for the next look: a unit keeps its way until it is sent elsewhere."""

PLACES_KEPT: Final = 65_536
"""Coordinates kept: most units stand still between two looks."""

DIGITS: Final = 6
"""Decimals of a degree in a shape: about 10 cm."""


@dataclass(frozen=True, slots=True)
class LegShape:
    """Points (lon, lat) of a way, and the seconds after departure at which each is passed."""

    points: list[tuple[float, float]]
    passed_s: list[float]


class LegShapes:
    """Finds the coordinates of units and of their legs, and keeps what it has found."""

    def __init__(self, travel: TravelTimes) -> None:
        self.travel = travel
        self._kept: OrderedDict[tuple[Position, Position, int, int], LegShape | None] = (
            OrderedDict()
        )
        self._places: dict[Position, tuple[float, float]] = {}

    def place(self, position: Position) -> tuple[float, float]:
        """Return the longitude and latitude of a position, rounded for a screen."""
        found = self._places.get(position)
        if found is None:
            if len(self._places) >= PLACES_KEPT:
                self._places.clear()
            at = self.travel.lonlat(position)
            found = self._places[position] = (round(at.lon, DIGITS), round(at.lat, DIGITS))
        return found

    def of(self, unit: Unit) -> LegShape | None:
        """Return the way that a unit is on; None if it stands still, or there is no way.

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

    def _drawn(self, unit: Unit, destination: Position) -> LegShape | None:
        if isinstance(self.travel, RoadTimes):
            return _on_streets(self.travel, unit, destination)
        return LegShape(
            points=[self.place(unit.origin), self.place(destination)],
            passed_s=[0.0, max(0, unit.due_at_ms - unit.departed_at_ms) / 1000],
        )


def _on_streets(travel: RoadTimes, unit: Unit, destination: Position) -> LegShape | None:
    mode = DriveMode(int(unit.mode))
    route = route_between(travel, unit.origin, destination, mode, unit.departed_at_ms)
    if route is None:
        return None
    line = route.line if len(route.line) > 1 else route.line * 2
    return LegShape(
        points=[(round(point.lon, DIGITS), round(point.lat, DIGITS)) for point in line],
        passed_s=[point.at_ms / 1000 for point in line],
    )
