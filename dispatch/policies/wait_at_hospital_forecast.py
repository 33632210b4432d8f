"""How long a patient would be at each hospital before the crew is free, as a control room can tell.

From what its board shows: which crews are there, with what category and since when; who is on the
way; and how long handovers took with so many ahead (`dispatch.domain.queueing`). Bays, walk-in
patients and staffing are not known and not needed: what they do to handovers is in the line.

A hospital that hands nobody over any more is **stalled**: crews wait, and none has cleared for four
times as long as usual with so many there. A wait of which only that is known is expected to last
as long again as it has lasted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.ids import UnitId
from dispatch.domain.queueing import (
    MINUTE_MS,
    URGENT_RANK,
    USUAL_OTHER,
    USUAL_URGENT,
    HandoverLine,
)
from dispatch.domain.travel import UNREACHABLE_MS
from dispatch.policies.wait_at_hospital import (
    NO_CAP,
    DestinationRules,
    HospitalLoad,
    is_capped,
)
from dispatch.ports import Picture
from dispatch.state import HospitalBoard, State, Unit

Bools = npt.NDArray[np.bool_]
Int32s = npt.NDArray[np.int32]

HOUR_MS: Final = 3_600_000

STALLED_AFTER: Final = 4.0
"""Usual times between two handovers without one: by chance alone in 2 of 100 (they come about as
if at random, and e^-4 is 0.018). Assumed."""


@dataclass(frozen=True, slots=True)
class _Door:
    """One hospital now: its two lines, who is there, who is coming, for how long it has stalled."""

    urgent: HandoverLine
    other: HandoverLine
    urgent_here: int
    other_here: int
    due_ms: tuple[tuple[int, UnitId, bool], ...]
    stalled_ms: int

    def wait_ms(self, travel_ms: int, now_ms: int, *, is_urgent: bool, without: UnitId) -> int:
        """Return the time at the hospital that an arrival after so long a drive can expect."""
        urgent = self._still_here(self.urgent_here, self.urgent, self.urgent_here, travel_ms)
        here = self.urgent_here + self.other_here
        other = self._still_here(self.other_here, self.other, here, travel_ms)
        for due_ms, unit, graver in self.due_ms:
            if due_ms <= now_ms + travel_ms and unit != without:
                urgent += graver
                other += not graver
        if is_urgent:
            found_min = self.urgent.expected_min(urgent)
        else:
            found_min = self.other.expected_min(urgent + other)
        return round(found_min * MINUTE_MS) + self.stalled_ms

    @staticmethod
    def _still_here(count: int, line: HandoverLine, ahead: int, travel_ms: int) -> float:
        """Return how many of those who are here will be here after so long a drive."""
        usual_ms = max(1.0, line.expected_min(ahead)) * MINUTE_MS
        return count * math.exp(-travel_ms / usual_ms)


class WaitForecast:
    """The hospitals of a picture and what is to be expected there; one for each decision.

    Notes
    -----
    Only hospitals that may be chosen are looked at in full: a control room of England has 180.
    """

    __slots__ = ("_doors", "_now_ms", "_sent", "_state", "_turned", "boards")

    def __init__(self, picture: Picture) -> None:
        self._state, self._now_ms = picture.state, picture.now_ms
        self.boards: list[HospitalBoard] = list(picture.state.hospitals.values())
        self._doors: dict[int, _Door] = {}
        self._turned: dict[UnitId, tuple[int, int]] = {}
        self._sent = [0] * len(self.boards)

    def turn(self, unit: Unit, row: int, due_ms: int) -> None:
        """Count a patient on the way as bound for another hospital from now on."""
        self._turned[unit.spec.id] = (row, due_ms)
        self._sent[row] += 1
        self._doors.clear()

    def load(
        self,
        travel_ms: Int32s,
        suitable: Bools,
        rank: int,
        rules: DestinationRules,
        *,
        unit: Unit,
        incumbent: int | None = None,
        agreed: Bools | None = None,
    ) -> HospitalLoad:
        """Return what is known of each hospital for one patient.

        ``agreed`` says which deflect by agreement. ``wait_ms`` is nought for hospitals that are
        too far to be chosen.
        """
        count = len(self.boards)
        shut = np.array([not board.is_accepting for board in self.boards])
        load = HospitalLoad(
            wait_ms=np.zeros(count, np.int64),
            is_stalled=np.zeros(count, np.bool_),
            is_deflecting=shut if agreed is None else shut | agreed,
            sent_last_hour=self._sent_last_hour(),
            cap_per_hour=np.array([board.cap_per_hour for board in self.boards], np.int32),
        )
        is_urgent = rank <= URGENT_RANK
        for row in self._in_reach(travel_ms, suitable, load, rules, incumbent):
            door = self._door(row)
            load.is_stalled[row] = door.stalled_ms > 0
            load.wait_ms[row] = door.wait_ms(
                int(travel_ms[row]), self._now_ms, is_urgent=is_urgent, without=unit.spec.id
            )
        return load

    def _in_reach(
        self,
        travel_ms: Int32s,
        suitable: Bools,
        load: HospitalLoad,
        rules: DestinationRules,
        incumbent: int | None,
    ) -> Iterator[int]:
        """Yield hospitals from the nearest until no further one can be chosen."""
        if incumbent is not None:
            yield incumbent
        limit_ms = None
        for row in np.argsort(travel_ms, kind="stable").tolist():
            if travel_ms[row] >= UNREACHABLE_MS or (limit_ms and travel_ms[row] > limit_ms):
                return
            if not suitable[row] or row == incumbent:
                continue
            yield row
            is_open = not (load.is_deflecting[row] or is_capped(load, row))
            if limit_ms is None and is_open and not load.is_stalled[row]:
                limit_ms = int(travel_ms[row]) + 1000 * rules.detour_max_s

    def _sent_last_hour(self) -> Int32s:
        since = self._now_ms - HOUR_MS
        sent = [
            sum(at > since for at in board.sent_at_ms) if board.cap_per_hour != NO_CAP else 0
            for board in self.boards
        ]
        found: Int32s = np.array(sent, np.int32) + np.array(self._sent, np.int32)
        return found

    def _door(self, row: int) -> _Door:
        door = self._doors.get(row)
        if door is None:
            self._doors[row] = door = self._looked_at(row)
        return door

    def _looked_at(self, row: int) -> _Door:
        board = self.boards[row]
        here = [is_urgent_unit(self._state, unit) for unit, _ in board.waiting]
        urgent, other = board.urgent.line(USUAL_URGENT), board.other.line(USUAL_OTHER)
        coming = [
            (due_ms, unit, is_urgent_unit(self._state, unit))
            for unit, due_ms in board.inbound
            if unit not in self._turned
        ]
        coming += [
            (due_ms, unit, is_urgent_unit(self._state, unit))
            for unit, (to, due_ms) in self._turned.items()
            if to == row
        ]
        return _Door(
            urgent=urgent,
            other=other,
            urgent_here=sum(here),
            other_here=len(here) - sum(here),
            due_ms=tuple(coming),
            stalled_ms=stalled_ms(board, urgent, self._now_ms),
        )


def stalled_ms(board: HospitalBoard, line: HandoverLine, now_ms: int) -> int:
    """Return for how long crews have waited without a handover, if that is long; else nought."""
    if not board.waiting:
        return 0
    since_ms = min(arrived_ms for _, arrived_ms in board.waiting)
    if board.last_handover_at_ms is not None:
        since_ms = max(since_ms, board.last_handover_at_ms)
    here = len(board.waiting)
    usual_ms = line.expected_min(here) / here * MINUTE_MS
    quiet_ms = now_ms - since_ms
    return quiet_ms if quiet_ms > STALLED_AFTER * usual_ms else 0


def is_urgent_unit(state: State, unit: UnitId) -> bool:
    """Test whether the patient of a unit goes before others at a door."""
    incident = state.units[unit].incident if unit in state.units else None
    found = None if incident is None else state.incidents.get(incident)
    return found is not None and found.rank <= URGENT_RANK
