"""Hour by hour: who waits, who is busy, who stands at the hospital doors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.ledger import Ledger, Spells
from benchmarks.metrics_table import ABSENT, RecordTable
from dispatch.domain.incident import Outcome
from dispatch.domain.unit import CONVEYING_KINDS, ON_JOB, STATUS_NUMBER, UnitStatus

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

LOOK_MS: Final = 5 * 60_000
"""The picture is looked at this often; a mean is the mean of the looks."""

ON_JOB_NUMBERS: Final = tuple(sorted(STATUS_NUMBER[status] for status in ON_JOB))
OFF_DUTY_NUMBER: Final = STATUS_NUMBER[UnitStatus.OFF_DUTY]


class HourOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """One local hour of the day, over all days of a run; units are those that convey."""

    hour: int
    calls_per_day: float
    waiting_mean: float
    waiting_p90: float
    on_duty_mean: float
    busy_mean: float
    at_hospital_mean: float
    at_hospital_p90: float

    @property
    def busy_fraction(self) -> float | None:
        """Busy units over units on duty; None while nobody is on duty."""
        return self.busy_mean / self.on_duty_mean if self.on_duty_mean else None


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """The 24 hours of the day, and the queue of every hour of every day.

    ``waiting_by_day`` has a row a local day and 24 columns: the mean number of incidents without
    a unit; None where the run did not cover the hour.
    """

    hours: tuple[HourOfDay, ...]
    first_day: str
    waiting_by_day: tuple[tuple[float | None, ...], ...]


class HospitalHours(msgspec.Struct, frozen=True, kw_only=True):
    """Crews at the door of one hospital by local hour: mean, and the most at any look."""

    hospital: str
    handovers: int
    mean: tuple[float, ...]
    most: tuple[int, ...]


class Clock:
    """The looks of a run, and the local hour of each."""

    def __init__(self, start_ms: int, end_ms: int, timezone: str) -> None:
        first = -(-start_ms // LOOK_MS) * LOOK_MS
        self.looks_ms = np.arange(first, max(end_ms, first + LOOK_MS), LOOK_MS, dtype=np.int64)
        zone = ZoneInfo(timezone)
        hours, hour_of_look = np.unique(self.looks_ms // 3_600_000, return_inverse=True)
        local = [datetime.fromtimestamp(h * 3600, UTC).astimezone(zone) for h in hours.tolist()]
        self.hour: Int64s = np.array([t.hour for t in local], np.int64)[hour_of_look]
        first_day = local[0].date()
        self.first_day = first_day.isoformat()
        self.day: Int64s = np.array([(t.date() - first_day).days for t in local], np.int64)[
            hour_of_look
        ]
        self.zone = zone

    def counts(self, start_ms: Int64s, end_ms: Int64s) -> Int64s:
        """Return how many of some periods hold each look; a period ends before its end."""
        begun = np.searchsorted(np.sort(start_ms), self.looks_ms, side="right")
        ended = np.searchsorted(np.sort(end_ms), self.looks_ms, side="right")
        return begun - ended

    def local_hours(self, instants_ms: Int64s) -> Int64s:
        """Return the local hour of instants."""
        hours, index = np.unique(instants_ms // 3_600_000, return_inverse=True)
        local = [
            datetime.fromtimestamp(h * 3600, UTC).astimezone(self.zone).hour for h in hours.tolist()
        ]
        return np.array(local, np.int64)[index]


def hours_of(table: RecordTable, ledger: Ledger, spells: Spells, timezone: str) -> Hours:
    """Return the day hour by hour, for all trusts together."""
    clock = Clock(ledger.start_ms, ledger.end_ms, timezone)
    waiting = clock.counts(*waits(table))
    conveys = np.array([kind in CONVEYING_KINDS for kind in ledger.kind], bool)[spells.unit]
    on_job = conveys & np.isin(spells.status, ON_JOB_NUMBERS)
    on_duty = conveys & (spells.status != OFF_DUTY_NUMBER)
    busy = clock.counts(spells.start_ms[on_job], spells.end_ms[on_job])
    duty = clock.counts(spells.start_ms[on_duty], spells.end_ms[on_duty])
    door = clock.counts(*at_doors(table))
    calls = np.bincount(clock.local_hours(table.connected_ms), minlength=24)
    days = max(1.0, (ledger.end_ms - ledger.start_ms) / 86_400_000)
    found = []
    for hour in range(24):
        rows = clock.hour == hour
        found.append(
            HourOfDay(
                hour=hour,
                calls_per_day=float(calls[hour] / days),
                waiting_mean=_mean(waiting[rows]),
                waiting_p90=_p90(waiting[rows]),
                on_duty_mean=_mean(duty[rows]),
                busy_mean=_mean(busy[rows]),
                at_hospital_mean=_mean(door[rows]),
                at_hospital_p90=_p90(door[rows]),
            )
        )
    return Hours(
        hours=tuple(found), first_day=clock.first_day, waiting_by_day=_by_day(clock, waiting)
    )


def waits(table: RecordTable) -> tuple[Int64s, Int64s]:
    """Return when incidents began and ceased to wait for a first unit; those that got one."""
    rows = table.assigned_ms != ABSENT
    return table.clock_ms[rows], np.maximum(table.assigned_ms[rows], table.clock_ms[rows])


def at_doors(table: RecordTable, hospital: int | None = None) -> tuple[Int64s, Int64s]:
    """Return when crews came to emergency departments and had handed over."""
    rows = (
        (table.at_hospital_ms != ABSENT)
        & (table.handed_over_ms != ABSENT)
        & table.is_outcome(Outcome.CONVEYED_TO_ED)
    )
    if hospital is not None:
        rows &= table.hospital == hospital
    return table.at_hospital_ms[rows], table.handed_over_ms[rows]


def hospital_hours(table: RecordTable, ledger: Ledger, timezone: str) -> tuple[HospitalHours, ...]:
    """Return the handover board of each hospital through the day, busiest first."""
    clock = Clock(ledger.start_ms, ledger.end_ms, timezone)
    found = []
    for number, name in enumerate(table.hospitals):
        came, left = at_doors(table, number)
        if not len(came):
            continue
        there = clock.counts(came, left)
        by_hour = [there[clock.hour == hour] for hour in range(24)]
        found.append(
            HospitalHours(
                hospital=name,
                handovers=len(came),
                mean=tuple(_mean(counts) for counts in by_hour),
                most=tuple(int(counts.max(initial=0)) for counts in by_hour),
            )
        )
    return tuple(sorted(found, key=lambda row: (-row.handovers, row.hospital)))


def _by_day(clock: Clock, waiting: Int64s) -> tuple[tuple[float | None, ...], ...]:
    days = int(clock.day.max()) + 1
    cell = clock.day * 24 + clock.hour
    looks = np.bincount(cell, minlength=days * 24)
    total = np.bincount(cell, weights=waiting, minlength=days * 24)
    means = [
        float(t / n) if n else None for t, n in zip(total.tolist(), looks.tolist(), strict=True)
    ]
    return tuple(tuple(means[24 * day : 24 * day + 24]) for day in range(days))


def _mean(values: Int64s) -> float:
    return float(values.mean()) if len(values) else 0.0


def _p90(values: Int64s) -> float:
    return float(np.quantile(values, 0.9)) if len(values) else 0.0
