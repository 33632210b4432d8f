"""What a run leaves behind beside its incident records: who did what when, and how often."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.ledger_care import CareLedger
from dispatch.domain import event as ev
from dispatch.domain.decision import Assign, Relocate, StandDown
from dispatch.domain.ids import TrustCode, UnitId
from dispatch.domain.unit import STATUS_NUMBER, UnitKind, UnitStatus
from dispatch.journal import Entry

Int64s = npt.NDArray[np.int64]

_ALLOCATED: Final = STATUS_NUMBER[UnitStatus.ALLOCATED]
_AVAILABLE: Final = STATUS_NUMBER[UnitStatus.AVAILABLE]
_RELOCATING: Final = STATUS_NUMBER[UnitStatus.RELOCATING]
_OFF_DUTY: Final = STATUS_NUMBER[UnitStatus.OFF_DUTY]
_ON_STATION: Final = STATUS_NUMBER[UnitStatus.ON_STATION]


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Time that units spent in one status after another; arrays of one length.

    ``unit`` indexes the ledger's units, ``status`` is a `STATUS_NUMBER`; a spell lasts from
    ``start_ms`` up to ``end_ms``. Ordered by unit, then by time.
    """

    unit: Int64s
    status: Int64s
    start_ms: Int64s
    end_ms: Int64s


class Ledger:
    """Sees every entry of a run and keeps what reports need: changes of status, and counts."""

    def __init__(self) -> None:
        self.units: list[UnitId] = []
        self.trust: list[TrustCode] = []
        self.kind: list[UnitKind] = []
        self.start_ms = 0
        self.end_ms = 0
        self.entries = 0
        self.assignments = 0
        self.diversions = 0
        self.stand_downs = 0
        self.relocations = 0
        self.returns = 0
        self.rejected = 0
        self.care = CareLedger()
        self._home: list[str] = []
        self._number: dict[UnitId, int] = {}
        # A month of England has ten million: numbers as such, not an object for each.
        self._unit = array("i")
        self._status = array("b")
        self._at_ms = array("q")

    def see(self, entry: Entry) -> None:
        """Take in one entry."""
        self.entries += 1
        self.end_ms = entry.now_ms
        event = entry.event
        kind = type(event)
        if kind is ev.UnitStatusReported:
            self._note(event.unit, STATUS_NUMBER[event.status], entry.now_ms)  # type: ignore[union-attr,arg-type]
        elif kind is not ev.IncidentReported:
            self._see_rarer(event, entry.now_ms)
        self.care.see(entry)
        for decision in entry.decisions:
            what = type(decision)
            if what is Assign:
                self._see_assignment(decision, entry.now_ms)  # type: ignore[arg-type]
            elif what is Relocate:
                self._see_relocation(decision, entry.now_ms)  # type: ignore[arg-type]
            elif what is StandDown:
                self.stand_downs += 1
                self._note(decision.unit, _AVAILABLE, entry.now_ms)  # type: ignore[union-attr]

    def _see_rarer(self, event: ev.Event, now_ms: int) -> None:
        if isinstance(event, ev.UnitSignedOn):
            spec = event.unit
            if spec.id not in self._number:
                self._number[spec.id] = len(self.units)
                self.units.append(spec.id)
                self.trust.append(spec.trust)
                self.kind.append(spec.kind)
                self._home.append(spec.home)
            self._note(spec.id, _ON_STATION, now_ms)
        elif isinstance(event, ev.UnitSignedOff):
            self._note(event.unit, _OFF_DUTY, now_ms)
        elif isinstance(event, ev.EventRejected):
            self.rejected += 1
        elif isinstance(event, ev.PictureOpened):
            self.start_ms = now_ms

    def _see_assignment(self, decision: Assign, now_ms: int) -> None:
        self.assignments += 1
        self.diversions += decision.diverted_from is not None
        self._note(decision.unit, _ALLOCATED, now_ms)

    def _see_relocation(self, decision: Relocate, now_ms: int) -> None:
        home = self._home[self._number[decision.unit]]
        self.relocations += decision.post != home
        self.returns += decision.post == home
        self._note(decision.unit, _RELOCATING, now_ms)

    def _note(self, unit: UnitId, status: int, now_ms: int) -> None:
        self._unit.append(self._number[unit])
        self._status.append(status)
        self._at_ms.append(now_ms)

    def spells(self) -> Spells:
        """Return how long each unit was in each status; the last spell ends with the run."""
        unit = np.array(self._unit, np.int64)
        order = np.argsort(unit, kind="stable")
        unit = unit[order]
        start = np.array(self._at_ms, np.int64)[order]
        status = np.array(self._status, np.int64)[order]
        end = np.full(len(unit), self.end_ms, np.int64)
        if len(unit) > 1:
            same = unit[1:] == unit[:-1]
            end[:-1][same] = start[1:][same]
        kept = end > start
        return Spells(unit[kept], status[kept], start[kept], end[kept])
