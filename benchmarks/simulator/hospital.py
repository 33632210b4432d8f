"""The door of a hospital: how long crews wait to hand over, drawn or as a queue for bays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import accumulate
from math import fsum
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.published import day_shape
from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.quantile import Float64s, exponential, lognormal, natural_log
from benchmarks.simulator.settings import BayAssumptions
from benchmarks.simulator.streams import Streams, key_of, numbered

HOUR_MS: Final = 3_600_000
WALK_IN_RANK: Final = 3
"""Walk-in patients queue with C3: behind C1 and C2, by arrival. Assumed."""

Release = Callable[[Any], None]
"""Called with a crew, now, when its patient has been handed over."""


class HandoverDesk:
    """Bays of one hospital: a patient waits for one, holds it for the service time, frees it.

    Graver patients go first, then who came first; a C1 that finds every bay taken is received at
    once all the same (resuscitation), and the bays are one over until somebody leaves. ``relief``
    is how many bays more there are for each patient who waits.
    """

    __slots__ = (
        "_agenda",
        "_factor",
        "_is_open",
        "_next",
        "_queue",
        "_release",
        "_staffed",
        "_taken",
        "relief",
    )

    def __init__(self, bays: int, agenda: Agenda, release: Release, *, relief: float = 0.0) -> None:
        self._staffed, self._agenda, self._release = bays, agenda, release
        self.relief = relief
        self._factor = 1.0
        self._taken = 0
        self._is_open = True
        self._next = 0
        self._queue: list[tuple[int, int, int, Any]] = []

    @property
    def queue_length(self) -> int:
        """Patients who wait for a bay."""
        return len(self._queue)

    def arrive(self, now_ms: int, rank: int, service_ms: int, crew: Any) -> None:
        """Take in a patient; ``crew`` is None for one who walked in."""
        if self._is_open and rank == 1:
            self._receive(now_ms, service_ms, crew)
            return
        heappush(self._queue, (rank, self._next, service_ms, crew))
        self._next += 1
        self._let_in(now_ms)

    def set_door(self, now_ms: int, factor: float, *, is_open: bool) -> None:
        """Change bays, and whether anybody is received; who waits goes in when there is room."""
        self._factor, self._is_open = factor, is_open
        self._let_in(now_ms)

    def swap(self, crew: Any, other: Any) -> bool:
        """Let another stand for a crew whose patient waits; False when it is in a bay or gone."""
        for place, (rank, number, service_ms, waiting) in enumerate(self._queue):
            if waiting is crew:
                # Rank and number order the heap, and stay.
                self._queue[place] = (rank, number, service_ms, other)
                return True
        return False

    def walk_in(self, patient: tuple[int, int]) -> None:
        """Take in a walk-in patient: arrival and service time in milliseconds."""
        now_ms, service_ms = patient
        self.arrive(now_ms, WALK_IN_RANK, service_ms, None)

    def staff(self, change: tuple[int, int]) -> None:
        """Open or close bays: the instant, and how many are open; nobody is put out of one."""
        now_ms, self._staffed = change
        self._let_in(now_ms)

    def _receive(self, now_ms: int, service_ms: int, crew: Any) -> None:
        self._taken += 1
        self._agenda.add(
            now_ms + service_ms, Turn.HOSPITAL, self._finish, (now_ms + service_ms, crew)
        )

    def _finish(self, done: tuple[int, Any]) -> None:
        now_ms, crew = done
        self._taken -= 1
        self._let_in(now_ms)
        if crew is not None:
            self._release(crew)

    def _room(self) -> int:
        """Return how many patients there is room for now."""
        bays = max(1, round(self._staffed * self._factor))
        return bays + int(self.relief * len(self._queue))

    def _let_in(self, now_ms: int) -> None:
        while self._is_open and self._queue and self._taken < self._room():
            _, _, service_ms, waiting = heappop(self._queue)
            self._receive(now_ms, service_ms, waiting)


def service_ms(mean_min: float, log_sd: float, uniform: Float64s) -> list[int]:
    """Return lognormal service times with a given mean, in whole milliseconds."""
    scale = mean_min * 60_000.0 * float(exponential(np.array([-log_sd * log_sd / 2.0]))[0])
    whole: list[int] = np.rint(scale * lognormal(uniform, 0.0, log_sd)).astype(np.int64).tolist()
    return whole


def walk_ins(
    hospital: str,
    per_day: float,
    period_ms: tuple[int, int],
    timezone: str,
    drawing: tuple[Streams, BayAssumptions],
) -> list[tuple[int, int]]:
    """Return arrival and service time of each walk-in patient, both in milliseconds.

    Arrivals are a Poisson process with the hour profile of a day. The nth patient is the same
    whatever else happens.
    """
    (start_ms, end_ms), (streams, bays) = period_ms, drawing
    hours = -(-(end_ms - start_ms) // HOUR_MS)
    expected = per_day * hours / 24.0
    if expected <= 0.0:
        return []
    most = int(expected + 8.0 * expected**0.5) + 8
    keys = numbered(key_of(hospital), np.arange(most))
    gaps = -natural_log(1.0 - streams.uniform("walk-in", keys))
    rates = _hourly(per_day, start_ms, hours, timezone)
    until = [0.0, *accumulate(rates)]
    service = service_ms(
        bays.walk_in_service_mean_min,
        bays.service_log_sd,
        streams.uniform("walk-in service", keys),
    )
    found: list[tuple[int, int]] = []
    for amount, duration in zip(accumulate(gaps.tolist()), service, strict=True):
        if amount >= until[-1]:
            break
        hour = bisect_right(until, amount) - 1
        share = (amount - until[hour]) / rates[hour]
        found.append((start_ms + round((hour + share) * HOUR_MS), duration))
    return found


def usual_days(period_ms: tuple[int, int], timezone: str) -> float:
    """Return how many days' patients come in a period: an afternoon has more than a night."""
    start_ms, end_ms = period_ms
    hours = -(-(end_ms - start_ms) // HOUR_MS)
    return fsum(_hourly(1.0, start_ms, hours, timezone))


def _hourly(per_day: float, start_ms: int, hours: int, timezone: str) -> list[float]:
    """Return the expected arrivals of each hour of a period."""
    zone, profile = ZoneInfo(timezone), day_shape().hour_share
    starts = (start_ms + i * HOUR_MS for i in range(hours))
    local = (datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).hour for at_ms in starts)
    return [per_day * profile[hour] for hour in local]
