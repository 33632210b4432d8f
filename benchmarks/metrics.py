"""What a run amounts to: national indicators, standards, fleet, hours, harm and equality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.ledger import Ledger, Spells
from benchmarks.metrics_ambsys import Indicators, ambsys, handover_ms, in_order
from benchmarks.metrics_care import (
    CallMeasures,
    CareMeasures,
    ReviewTime,
    answer_indicators,
    call_measures,
    care_measures,
    review_indicators,
    review_times,
)
from benchmarks.metrics_hours import (
    OFF_DUTY_NUMBER,
    ON_JOB_NUMBERS,
    HospitalHours,
    Hours,
    hospital_hours,
    hours_of,
)
from benchmarks.metrics_places import Equality, equality
from benchmarks.metrics_sample import Sample, sample_of, whole_seconds
from benchmarks.metrics_table import ABSENT, RecordTable, table_of
from benchmarks.replay import Run
from dispatch.domain.call import Call
from dispatch.domain.category import Category
from dispatch.domain.incident import Outcome
from dispatch.domain.unit import CONVEYING_KINDS, STATUS_NUMBER, UnitKind, UnitStatus
from dispatch.domain.weighing import HarmParameters
from dispatch.policies.harm import harms_us, minutes

Int64s = npt.NDArray[np.int64]

REPORTED: Final = (Category.C1, Category.C2, Category.C3, Category.C4)
"""Categories with a response standard, as AmbSYS counts them."""

HANDOVER_STANDARD_S: Final = 900
"""Hours are lost beyond 15 minutes, the national expectation."""


class KindHours(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of the units of one kind."""

    kind: str
    units: int
    on_duty_h: float
    on_job_h: float


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hours of the units went; times in hours.

    ``busy_fraction`` is of the units that convey: responders and volunteers stand by for most of
    their time, and would make a busy service look idle.
    """

    units: int
    on_duty_h: float
    on_job_h: float
    busy_fraction: float | None
    kinds: tuple[KindHours, ...]
    drive_to_scene_h: float
    drive_to_hospital_h: float
    drive_to_post_h: float
    at_hospital_h: float
    assignments: int
    diversions: int
    stand_downs: int
    relocations: int
    returns: int


class Handovers(msgspec.Struct, frozen=True, kw_only=True):
    """Handovers at emergency departments: times, shares over the limits, hours lost."""

    times: Sample
    share_over_15: float | None
    share_over_30: float | None
    share_over_60: float | None
    hours_lost: float


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One trust, or all of a run: responses by category, waits, handovers, harm, and AmbSYS.

    ``allocation`` is the time from clock start to the first unit assigned; ``diversion_share``
    the diversions over the incidents with a response; ``harm_c2_minutes`` the harm of all waiting
    in minutes of a C2 that has just begun to wait.
    """

    trust: str | None
    incidents: int
    responses: dict[str, Sample]
    c1_transport: Sample
    allocation: dict[str, Sample]
    handovers: Handovers
    diversions: int
    diversion_share: float | None
    aided: int
    harm_c2_minutes: float
    indicators: Indicators


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is measured of one run.

    ``outcomes`` counts incidents by how they ended: with those refused and those unfinished they
    are the incidents of the log and the second calls of redirected patients, each once. ``care``
    and ``telephone`` are None where nobody was described, and where no call rang.
    """

    calls: int
    refused: int
    unfinished: int
    start_ms: int
    end_ms: int
    total: Part
    trusts: tuple[Part, ...]
    fleet: Fleet
    hours: Hours
    hospitals: tuple[HospitalHours, ...]
    equality: Equality | None
    outcomes: dict[str, int]
    care: CareMeasures | None
    telephone: CallMeasures | None


def measure(run: Run) -> Measures:
    """Return what a run amounts to."""
    table = table_of(run.records)
    spells = run.ledger.spells()
    codes = [trust.code for trust in run.region.trusts]
    reviews = review_times(run.ledger.care.reviews, run.records)
    desks = Desks(run.telephone, reviews)
    return Measures(
        calls=run.calls,
        refused=len(run.refused),
        unfinished=run.unfinished,
        start_ms=run.ledger.start_ms,
        end_ms=run.ledger.end_ms,
        total=part_of(table, None, desks),
        trusts=tuple(
            part_of(table.of_trust(code), code, desks) for code in codes if len(codes) > 1
        ),
        fleet=fleet_of(run.ledger, spells),
        hours=hours_of(table, run.ledger, spells, run.region.timezone),
        hospitals=hospital_hours(table, run.ledger, run.region.timezone),
        equality=equality(table, run.region),
        outcomes={
            outcome.value: int(table.is_outcome(outcome).sum())
            for outcome in Outcome
            if table.is_outcome(outcome).any()
        },
        care=care_measures(run.ledger.care, reviews, run.second_calls),
        telephone=call_measures(run.telephone, run.records, run.region.timezone),
    )


class Desks(NamedTuple):
    """What call rooms and clinicians left behind, of all trusts."""

    calls: Sequence[Call] = ()
    reviews: Sequence[ReviewTime] = ()


def part_of(table: RecordTable, trust: str | None, desks: Desks | None = None) -> Part:
    """Return the figures of some incidents, and of a trust's call room and clinicians."""
    desks = desks or Desks()
    seen = table.arrived > 0
    waited = np.where(table.assigned_ms != ABSENT, table.assigned_ms - table.clock_ms, ABSENT)
    diversions = int(table.diversions.sum())
    return Part(
        trust=trust,
        incidents=len(table),
        responses={c.value: sample_of(table.response_ms[table.is_category(c)]) for c in REPORTED},
        c1_transport=sample_of(table.transport_ms),
        allocation={c.value: sample_of(waited[table.is_category(c)]) for c in REPORTED},
        handovers=handovers_of(table),
        diversions=diversions,
        diversion_share=diversions / int(seen.sum()) if seen.any() else None,
        aided=int((table.aided_by != ABSENT).sum()),
        harm_c2_minutes=harm_c2_minutes(table),
        indicators=in_order(
            ambsys(table)
            | answer_indicators(desks.calls, trust)
            | review_indicators(desks.reviews, trust)
        ),
    )


def handovers_of(table: RecordTable) -> Handovers:
    """Return the handovers of some incidents."""
    times = handover_ms(table)
    seconds = whole_seconds(times)
    return Handovers(
        times=sample_of(times),
        share_over_15=_share(seconds > 900),
        share_over_30=_share(seconds > 1800),
        share_over_60=_share(seconds > 3600),
        hours_lost=float(np.maximum(0, seconds - HANDOVER_STANDARD_S).sum() / 3600.0),
    )


def harm_c2_minutes(table: RecordTable) -> float:
    """Return the harm of all response times, in C2-minutes (see `dispatch.policies.harm`)."""
    parameters = HarmParameters()
    rows = table.response_ms != ABSENT
    weights = parameters.weights_milli[table.rank[rows] - 1]
    harm = harms_us(table.response_ms[rows], weights, parameters.growth_ms)
    # Python's integers do not overflow, however long the waits of a nation were.
    return minutes(sum(harm.tolist()))


def fleet_of(ledger: Ledger, spells: Spells) -> Fleet:
    """Return where the hours of the units went."""
    kinds = tuple(_kind_hours(ledger, spells, kind) for kind in sorted(set(ledger.kind)))
    duty_h = sum(row.on_duty_h for row in kinds if row.kind in CONVEYING_KINDS)
    job_h = sum(row.on_job_h for row in kinds if row.kind in CONVEYING_KINDS)
    return Fleet(
        units=len(ledger.units),
        on_duty_h=sum(row.on_duty_h for row in kinds),
        on_job_h=sum(row.on_job_h for row in kinds),
        busy_fraction=job_h / duty_h if duty_h else None,
        kinds=kinds,
        drive_to_scene_h=_hours_in(spells, UnitStatus.MOBILE),
        drive_to_hospital_h=_hours_in(spells, UnitStatus.CONVEYING),
        drive_to_post_h=_hours_in(spells, UnitStatus.RELOCATING),
        at_hospital_h=_hours_in(spells, UnitStatus.AT_HOSPITAL)
        + _hours_in(spells, UnitStatus.HANDED_OVER),
        assignments=ledger.assignments,
        diversions=ledger.diversions,
        stand_downs=ledger.stand_downs,
        relocations=ledger.relocations,
        returns=ledger.returns,
    )


def _kind_hours(ledger: Ledger, spells: Spells, kind: UnitKind) -> KindHours:
    is_kind = np.array([other is kind for other in ledger.kind], bool)[spells.unit]
    return KindHours(
        kind=kind.value,
        units=sum(other is kind for other in ledger.kind),
        on_duty_h=_hours(spells, is_kind & (spells.status != OFF_DUTY_NUMBER)),
        on_job_h=_hours(spells, is_kind & np.isin(spells.status, ON_JOB_NUMBERS)),
    )


def to_builtins(measures: Measures) -> dict[str, Any]:
    """Return measures as plain dictionaries, lists and numbers, for JSON."""
    found: dict[str, Any] = msgspec.to_builtins(measures)
    return found


def _hours_in(spells: Spells, status: UnitStatus) -> float:
    return _hours(spells, spells.status == STATUS_NUMBER[status])


def _hours(spells: Spells, rows: npt.NDArray[np.bool_]) -> float:
    return float((spells.end_ms[rows] - spells.start_ms[rows]).sum() / 3_600_000)


def _share(rows: npt.NDArray[np.bool_]) -> float | None:
    return float(rows.mean()) if len(rows) else None
