"""What the core asks of others: travel times and policies, as Protocols that it owns."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NewType, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from maps.geo import LonLat

Position = NewType("Position", int)
"""Where something is, in the travel engine's own words: one opaque 64-bit integer.

It is a value, not a handle: equal positions are equal integers, for ever under one version of the
engine, so that positions can stand in arrays, in the journal and in keys. Only the engine that
made a position can read it.
"""

Positions = npt.NDArray[np.int64]
Milliseconds = npt.NDArray[np.int32]

UNREACHABLE_MS: Final = 2**30 - 1
"""In arrays of travel times: there is no way. Two of them still fit an int32."""


class Mode(IntEnum):
    """How a vehicle drives."""

    BLUE_LIGHT = 0
    ORDINARY = 1


class OffNetworkError(ValueError):
    """A coordinate is too far from anything on which a vehicle can drive."""

    def __init__(self, at: LonLat, gap_m: float, gap_max_m: float) -> None:
        super().__init__(
            f"Expected a point within {gap_max_m:.0f} m of a road, was {gap_m:.0f} m away."
        )
        self.at, self.gap_m, self.gap_max_m = at, gap_m, gap_max_m


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
