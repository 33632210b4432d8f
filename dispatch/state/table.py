"""The units' changing facts in columns, for reading all units at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.travel import Position
from dispatch.state.columns import Columns
from dispatch.state.incident_table import NO_INCIDENT
from dispatch.state.rows import Unit

NOWHERE: Final = Position(-1)
"""In the unit table: the unit goes nowhere."""

NO_HOSPITAL: Final = -1
"""In the unit table: the unit is bound for no hospital, nor at one."""

NO_TRUST: Final = -1
"""In the unit table: the unit serves nobody."""

FAR_FUTURE_MS: Final = 2**62
"""In the unit table: no end of duty is known."""


class UnitTable(Columns):
    """The units' changing facts in columns, one row a slot, for reading all units at once.

    ``since_ms`` is the start of the status; ``incident`` a slot of the incident table, ``hospital``
    an index into the hospitals in their order. ``moves`` counts changes of trust: who keeps the
    slots of a trust sees by it, and by ``size``, whether they still hold.
    """

    __slots__ = (
        "break_ms",
        "departed_at_ms",
        "destination",
        "due_at_ms",
        "end_ms",
        "hospital",
        "incident",
        "kind",
        "moves",
        "origin",
        "position_at_ms",
        "rank",
        "serves",
        "since_ms",
        "size",
        "skill",
        "status",
        "trust",
        "units",
    )

    def __init__(self) -> None:
        self.size = 0
        self.moves = 0
        self.units: list[Unit] = []
        self._allocate(64)

    def _allocate(self, capacity: int) -> None:
        self.status: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.kind: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.skill: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.rank: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.serves: npt.NDArray[np.int16] = np.full(capacity, NO_TRUST, np.int16)
        self.incident: npt.NDArray[np.int32] = np.full(capacity, NO_INCIDENT, np.int32)
        self.hospital: npt.NDArray[np.int16] = np.full(capacity, NO_HOSPITAL, np.int16)
        self.trust: npt.NDArray[np.int16] = np.zeros(capacity, np.int16)
        self.origin: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.destination: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.departed_at_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.due_at_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.end_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.break_ms: npt.NDArray[np.int64] = np.full(capacity, FAR_FUTURE_MS, np.int64)
        self.position_at_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.since_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)

    def add(self) -> int:
        """Return a fresh slot, doubling the columns when they are full."""
        if self.size == len(self.status):
            self._double(self.size)
        self.size += 1
        return self.size - 1
