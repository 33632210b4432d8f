"""What is to happen, and in which order: a heap with a total order."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any

Step = Callable[[Any], None]
Item = tuple[int, int, int, Step, Any]
"""Instant in UTC milliseconds, turn, number, what to do, and with what."""


class Turn(IntEnum):
    """Order of things that happen in the same millisecond.

    Timers come first, so that a timer due now fires before the next fact. Crews report before
    shifts change, and the world is up to date before a new call comes in.
    """

    TIMER = 0
    CREW = 1
    HOSPITAL = 2
    SHIFT = 3
    CALL = 4


class Agenda:
    """Things to come, in the order of (instant, turn, the order in which they were entered)."""

    __slots__ = ("_heap", "_next")

    def __init__(self) -> None:
        self._heap: list[Item] = []
        self._next = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_at_ms(self) -> int | None:
        """When the first thing to come comes; None when nothing is entered."""
        return self._heap[0][0] if self._heap else None

    def add(self, at_ms: int, turn: int, step: Step, subject: Any) -> None:
        """Enter something to do: ``step(subject)`` at an instant."""
        heappush(self._heap, (at_ms, turn, self._next, step, subject))
        self._next += 1

    def is_before(self, at_ms: int, turn: int) -> bool:
        """Test whether something is entered before an instant and turn."""
        return bool(self._heap) and self._heap[0][:2] < (at_ms, turn)

    def pop(self) -> Item:
        """Take out what comes first."""
        return heappop(self._heap)
