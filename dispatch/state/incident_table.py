"""The open incidents' facts in columns, for reading a whole queue at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.domain.category import Category, Segment
from dispatch.domain.ids import IncidentId
from dispatch.domain.incident import Pathway
from dispatch.state.columns import Columns
from dispatch.state.rows import Incident

NO_INCIDENT: Final = -1
"""In tables: there is no incident."""


class Asked(NamedTuple):
    """What an incident is, apart from whose: it decides which kinds and skills of unit fit it."""

    category: Category
    pathway: Pathway | None
    segment: Segment | None


class IncidentTable(Columns):
    """The open incidents' facts in columns, one row a slot; slots of ended ones are used again.

    Attributes
    ----------
    rank, position, began_ms, diversions
        As in `Incident`; ``began_ms`` is the start of its clock.
    trust
        Number of its home trust.
    is_first
        Whether nobody has been assigned to it yet.
    asked
        Number of its `Asked`: index into ``kinds``, which only grows.
    incidents
        By slot; None where the slot is not in use.
    slot_of
        Slot of each open incident.
    """

    __slots__ = (
        "_number_of",
        "_unused",
        "asked",
        "began_ms",
        "diversions",
        "incidents",
        "is_first",
        "kinds",
        "position",
        "rank",
        "slot_of",
        "trust",
    )

    def __init__(self) -> None:
        self.incidents: list[Incident | None] = []
        self.slot_of: dict[IncidentId, int] = {}
        self.kinds: list[Asked] = []
        self._number_of: dict[Asked, int] = {}
        self._unused: list[int] = []
        self._allocate(64)

    def _allocate(self, capacity: int) -> None:
        self.rank: npt.NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        self.position: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.began_ms: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.diversions: npt.NDArray[np.int32] = np.zeros(capacity, np.int32)
        self.trust: npt.NDArray[np.int16] = np.zeros(capacity, np.int16)
        self.is_first: npt.NDArray[np.bool_] = np.zeros(capacity, np.bool_)
        self.asked: npt.NDArray[np.int16] = np.zeros(capacity, np.int16)

    def at(self, slot: int) -> Incident:
        """Return the incident of a slot that is in use."""
        incident = self.incidents[slot]
        assert incident is not None
        return incident

    def write(self, incident: Incident, trust: int) -> None:
        """Copy an incident's facts into its row, giving it one if it has none.

        ``trust`` is the number of its home trust.
        """
        slot = self.slot_of.get(incident.id)
        if slot is None:
            slot = self.slot_of[incident.id] = self._fresh()
        self.incidents[slot] = incident
        self.rank[slot] = incident.rank
        self.position[slot] = incident.position
        self.began_ms[slot] = incident.clock_start_at_ms
        self.diversions[slot] = incident.diversions
        self.trust[slot] = trust
        self.is_first[slot] = incident.assigned_at_ms is None
        self.asked[slot] = self._number(
            Asked(incident.category, incident.pathway, incident.segment)
        )

    def drop(self, incident: IncidentId) -> None:
        """Free the slot of an incident that has ended, if it has one."""
        slot = self.slot_of.pop(incident, None)
        if slot is not None:
            self.incidents[slot] = None
            self._unused.append(slot)

    def _number(self, asked: Asked) -> int:
        number = self._number_of.get(asked)
        if number is None:
            number = self._number_of[asked] = len(self.kinds)
            self.kinds.append(asked)
        return number

    def _fresh(self) -> int:
        """Return a free slot, doubling the columns when they are full."""
        if self._unused:
            return self._unused.pop()
        slot = len(self.incidents)
        if slot == len(self.rank):
            self._double(slot)
        self.incidents.append(None)
        return slot
