"""What the core asks of others: travel times and policies, as Protocols that it owns."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dispatch.domain.travel import (
    UNREACHABLE_MS,
    Milliseconds,
    Mode,
    OffNetworkError,
    Position,
    Positions,
)
from maps.geo import LonLat

__all__ = [
    "UNREACHABLE_MS",
    "Milliseconds",
    "Mode",
    "OffNetworkError",
    "Position",
    "Positions",
    "TravelTimes",
]


@runtime_checkable
class TravelTimes(Protocol):
    """How long journeys take: one snapshot of the roads, with a version.

    All times are whole milliseconds. ``now_ms`` (UTC, since 1970) selects the hour class of the
    week; a journey keeps the class at its start. Equal arguments give equal answers under one
    version. Methods may be called from several threads.
    """

    @property
    def version(self) -> str:
        """Name of region, profile and live changes that these times belong to."""
        ...

    def snap(self, at: LonLat) -> Position:
        """Return the nearest position to a coordinate; raise `OffNetworkError` if none is near."""
        ...

    def lonlat(self, position: Position) -> LonLat:
        """Return the coordinate of a position."""
        ...

    def to_one_ms(
        self, origins: Positions, destination: Position, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to one destination, in the order of the origins."""
        ...

    def from_one_ms(
        self, origin: Position, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from one origin to each destination, in their order."""
        ...

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return times from each origin (row) to each destination (column)."""
        ...

    def after(
        self,
        origin: Position,
        destination: Position,
        mode: Mode,
        departed_ms: int,
        elapsed_ms: int,
    ) -> Position:
        """Return where a vehicle is that left ``elapsed_ms`` ago on the fastest way.

        The destination once it must have arrived; the origin when there is no way.
        """
        ...
