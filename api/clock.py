"""The wall clock, and one that runs at another pace for a demonstration."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and how long to wait until another time."""

    def now_ms(self) -> int:
        """Return the time in UTC milliseconds since 1970."""
        ...

    def seconds_until(self, at_ms: int) -> float:
        """Return how many real seconds pass until a time; 0 when it has come."""
        ...


class WallClock:
    """The clock of the machine."""

    def now_ms(self) -> int:
        """Return the time in UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def seconds_until(self, at_ms: int) -> float:
        """Return how many real seconds pass until a time; 0 when it has come."""
        return max(0.0, (at_ms - self.now_ms()) / 1000)


class PacedClock:
    """A clock that starts at any time and runs faster or slower than the real one.

    Parameters
    ----------
    start_ms
        What it shows when it is made, in UTC milliseconds.
    pace
        Its seconds in a real second; positive.
    """

    def __init__(self, start_ms: int, pace: float = 1.0) -> None:
        self._start_ms = start_ms
        self._started_ns = time.monotonic_ns()
        self.pace = _checked_pace(pace)

    def now_ms(self) -> int:
        """Return the time that this clock shows."""
        gone_ns = time.monotonic_ns() - self._started_ns
        return self._start_ms + int(gone_ns * self.pace / 1_000_000)

    def seconds_until(self, at_ms: int) -> float:
        """Return how many real seconds pass until this clock shows a time; 0 when it has."""
        return max(0.0, (at_ms - self.now_ms()) / 1000 / self.pace)

    def skip_to(self, at_ms: int) -> None:
        """Go on from a later time; an earlier one is ignored, as time does not go back."""
        now_ms = self.now_ms()
        self._started_ns = time.monotonic_ns()
        self._start_ms = max(now_ms, at_ms)

    def set_pace(self, pace: float) -> None:
        """Go on from the time shown at another pace."""
        pace = _checked_pace(pace)
        now_ms = self.now_ms()
        self._started_ns = time.monotonic_ns()
        self._start_ms, self.pace = now_ms, pace


def _checked_pace(pace: float) -> float:
    if not 0.0 < pace <= 10_000.0:
        raise ValueError(f"Expected a pace in (0, 10000], was {pace}.")
    return pace
