"""Compose a call log from what is published: volumes, mix, hours, places, patients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import fsum
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.call_log.assumptions import Assumptions, load_assumptions
from benchmarks.call_log.columns import Ids, Words
from benchmarks.call_log.log import CallLog, assembled
from benchmarks.call_log.patients import drawn_patients
from benchmarks.call_log.places import Scatter, scatter_of
from benchmarks.call_log.plan import (
    HOUR_MS,
    Hours,
    TrustPlan,
    clipped,
    day_hours,
    day_shares,
    month_days,
    trust_plans,
)
from benchmarks.call_log.schema import BY_NAME
from benchmarks.call_log.streams import Float64s, Int64s, Quantiles, Stream, chosen, poisson
from benchmarks.call_log.volumes import ANSWER_SHARES, MonthOfTrust, kind_of
from dispatch.domain.category import Category
from maps.region import Region

_STREAMS: Final = (
    "count",
    "arrival",
    "flow",
    "place",
    "along",
    "across",
    "stretch",
    "complaint",
    "age group",
    "age",
    "frail",
    "segment",
    "outcome",
    "destination",
    "pathway",
    "responders",
    "answer",
    "found early",
    "coding",
    "caller",
    "repeat",
    "repeat of",
)
"""What is drawn; each has a stream of its own for each trust and day."""

_PROFESSIONAL: Final = ("HCP", "IFT")
"""Kinds that come from professionals, who ring about different patients."""


class Surge(msgspec.Struct, frozen=True, kw_only=True):
    """Demand times a factor within a window, for some trusts and categories (empty: all).

    A factor above 1 adds incidents and leaves all others as they were; one below 1 takes some
    away and leaves the rest. So logs with and without it are comparable call by call.
    """

    name: str
    factor: float
    from_ms: int
    to_ms: int
    trusts: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """A composed log, with what the person should know of how it was made.

    ``expected_count`` is the mean number of incidents of which ``log`` is one draw.
    """

    log: CallLog
    expected_count: float
    notes: tuple[str, ...]


Columns = dict[str, npt.NDArray[Any]]
"""Columns of incidents by their names in files; texts are arrays of objects."""


class _World(NamedTuple):
    """What all draws share."""

    seed: int
    scatter: Scatter
    assumptions: Assumptions


def compose(  # noqa: PLR0913 - each is a thing that a person chooses
    region: Region,
    month: str,
    seed: int,
    *,
    trusts: Sequence[str] | None = None,
    first_day: int = 1,
    days: int | None = None,
    scale: float = 1.0,
    incidents_per_day: float | None = None,
    surges: Sequence[Surge] = (),
    assumptions: Assumptions | None = None,
) -> Composition:
    """Compose a call log of a region and month.

    Equal arguments give equal logs on every platform. A shorter log is the beginning of a longer
    one, and each trust's incidents are the same with or without the others. (A log that begins
    later knows no earlier callers, so its first repeat contacts are of its own incidents.)

    Parameters
    ----------
    region
        Where; its demand says how the incidents are spread.
    month
        ``2026-03``; must be published (see `benchmarks.published.months`).
    seed
        Any whole number.
    trusts
        Codes of the trusts of the region to compose; None: all.
    first_day, days
        Day of the month with which the log begins, and how many it has; None: to the end.
    scale
        Factor of all volumes.
    incidents_per_day
        Mean incidents a day for all trusts together, in place of the published volume.
    surges
        Changes of demand.
    assumptions
        None: the bundled ones.

    Raises
    ------
    ValueError
        When the month, a trust, the number of days or the scale cannot be.
    """
    assumed = assumptions or load_assumptions()
    every_day = month_days(month)
    part = _part_of_month(every_day, first_day, days)
    if not 0.0 < scale <= 1000.0:
        raise ValueError(f"Expected a scale above 0 and at most 1000, was {scale}.")
    plans, notes = trust_plans(region, month, trusts, incidents_per_day, assumed)
    scatter = scatter_of(region, assumed)
    zone = ZoneInfo(region.timezone)
    shares = day_shares(every_day, seed, zone, assumed)
    world = _World(seed, scatter, assumed)
    parts: list[Columns] = []
    expected = 0.0
    for plan in plans:
        hours = [
            (day, day_hours(plan.month, day, share * scale, zone))
            for day, share in zip(every_day[part], shares[part], strict=True)
        ]
        expected += fsum(value for _, h in hours for value in h.rate.ravel().tolist())
        parts += _of_trust(plan, hours, surges, world)
    log = assembled(_log_columns(_joined(parts)))
    return Composition(log=log, expected_count=expected, notes=tuple(notes))


def _part_of_month(every_day: Sequence[date], first_day: int, days: int | None) -> slice:
    length = len(every_day)
    if not 1 <= first_day <= length:
        raise ValueError(f"Expected a first day from 1 to {length}, was {first_day}.")
    left = length - first_day + 1
    count = left if days is None else days
    if not 1 <= count <= left:
        raise ValueError(f"Expected 1 to {left} days from day {first_day}, was {days}.")
    return slice(first_day - 1, first_day - 1 + count)


def _of_trust(
    plan: TrustPlan, days: Sequence[tuple[date, Hours]], surges: Sequence[Surge], world: _World
) -> list[Columns]:
    """Return one trust's incidents: those of every month, and those that surges add."""
    base = _process(plan, days, "", world)
    extra = []
    for surge in surges:
        if surge.trusts and plan.trust not in surge.trusts:
            continue
        if surge.factor < 1.0:
            base = _thinned(base, plan.trust, surge, world.seed)
        elif surge.factor > 1.0:
            flows = plan.month.flows
            mark = [not surge.categories or f.category in surge.categories for f in flows]
            marked = np.array(mark, dtype=np.float64)
            more = [
                (day, clipped(hours, surge.from_ms, surge.to_ms, (surge.factor - 1.0) * marked))
                for day, hours in days
            ]
            extra.append(_process(plan, more, surge.name, world))
    return [base, *extra]


def _process(
    plan: TrustPlan, days: Sequence[tuple[date, Hours]], label: str, world: _World
) -> Columns:
    """Draw one stream of incidents of a trust, day by day, then join repeat contacts."""
    drawn = [_day(plan, day, hours, label, world) for day, hours in days if len(hours.start_ms)]
    if not drawn:
        return {}
    return _repeated(_joined(drawn), world.assumptions.repeat.within_h)


def _day(plan: TrustPlan, day: date, hours: Hours, label: str, world: _World) -> Columns:
    """Draw one trust's incidents of one day, in order of time."""
    key = (plan.trust, day.isoformat(), label)
    stream = {name: Stream(world.seed, name, *key) for name in _STREAMS}
    in_hour = np.cumsum(hours.rate, axis=1)[:, -1]
    mean = float(np.cumsum(in_hour)[-1])
    n = poisson(float(stream["count"].uniform(1)[0]), mean)
    hour, received_at_ms = _arrivals(hours, in_hour, np.sort(stream["arrival"].uniform(n)))
    flow = _flows(hours.rate, hour, stream["flow"].uniform(n))
    spot = chosen(stream["place"].uniform(n), plan.weight)
    place = plan.place[spot]
    lon, lat = world.scatter.scenes(
        place, *(stream[name].uniform(n) for name in ("along", "across", "stretch"))
    )
    demand = world.scatter.demand
    people = np.maximum(demand.population[place], 1)
    patients = drawn_patients(
        plan.month, flow, demand.aged_65_plus[place] / people, stream, world.assumptions
    )
    answer_s = Quantiles(ANSWER_SHARES, plan.month.answer_s).at(stream["answer"].uniform(n))
    coded_s = _coded_after_s(plan.month, flow, answer_s, stream, world.assumptions)
    professional = np.isin(flow, _professional_flows(plan.month))
    is_repeat = stream["repeat"].uniform(n) < world.assumptions.repeat.share
    prefix = f"{plan.trust}-{day:%y%m%d}-" + (f"{label}-" if label else "")
    return {
        "incident_id": _texts(f"{prefix}{serial:05d}" for serial in range(1, n + 1)),
        "received_at": received_at_ms,
        "lon": lon,
        "lat": lat,
        "trust": _texts([plan.trust] * n),
        "category": _texts(patients.category),
        "segment": _texts(patients.segment),
        "complaint": _texts(patients.complaint),
        "pathway": _texts(patients.pathway),
        "outcome": _texts(patients.outcome),
        "age_years": patients.age_years,
        "frail": patients.frail,
        "responders_needed": patients.responders_needed,
        "call_answered_at": received_at_ms + np.rint(answer_s * 1000).astype(np.int64),
        "coded_after_s": np.round(coded_s, 1),
        "caller_id": _texts(f"{raw >> 16:012x}" for raw in stream["caller"].raw(n).tolist()),
        "repeat": is_repeat & ~professional,
        "repeat of": stream["repeat of"].uniform(n),
    }


def _texts(words: Iterable[str]) -> npt.NDArray[Any]:
    return np.array([*words, None], dtype=object)[:-1]


def _arrivals(hours: Hours, in_hour: Float64s, uniform: Float64s) -> tuple[Int64s, Int64s]:
    """Return the hour and the instant of each arrival: the inverse of the cumulative rate."""
    share = np.cumsum(in_hour)
    at = uniform * share[-1]
    hour = np.minimum(np.searchsorted(share, at, side="right"), len(share) - 1)
    before = np.where(hour > 0, share[np.maximum(hour - 1, 0)], 0.0)
    # A stretch without any rate is never chosen, but numpy divides before it knows.
    part = (at - before) / np.where(in_hour[hour] > 0, in_hour[hour], 1.0)
    length_ms = (hours.end_ms - hours.start_ms)[hour]
    within = np.minimum(np.floor(part * length_ms).astype(np.int64), length_ms - 1)
    return hour, hours.start_ms[hour] + within


def _flows(rate: Float64s, hour: Int64s, uniform: Float64s) -> Int64s:
    """Return the flow of each arrival, in proportion to the rates of its hour."""
    share = np.cumsum(rate, axis=1)[hour]
    at = uniform * share[:, -1]
    passed: Int64s = np.sum(share <= at[:, None], axis=1, dtype=np.int64)
    return np.clip(passed, 0, rate.shape[1] - 1)


def _professional_flows(month: MonthOfTrust) -> list[int]:
    return [i for i, flow in enumerate(month.flows) if kind_of(flow.category) in _PROFESSIONAL]


def _coded_after_s(
    month: MonthOfTrust,
    flow: Int64s,
    answer_s: Float64s,
    stream: Mapping[str, Stream],
    assumptions: Assumptions,
) -> Float64s:
    """Return seconds from call connect to category; a C1 found early is coded before triage."""
    coding = assumptions.coding
    uniform = stream["coding"].uniform(len(flow))
    early_s = _early(month).at(uniform)
    triage_s = answer_s + Quantiles(coding.shares, coding.triage_s).at(uniform)
    desk_s = answer_s + Quantiles(coding.shares, coding.professional_s).at(uniform)
    is_c1 = np.isin(flow, [i for i, f in enumerate(month.flows) if f.category == Category.C1])
    found = is_c1 & (stream["found early"].uniform(len(flow)) < month.early_c1)
    professional = np.isin(flow, _professional_flows(month))
    return np.where(found, np.maximum(early_s, answer_s), np.where(professional, desk_s, triage_s))


def _early(month: MonthOfTrust) -> Quantiles:
    """Return the time to find a C1 early: straight pieces with the published mean and 90th.

    From 5 s to two and a half times the 90th centile; the median makes the mean right.
    """
    low, top = min(5.0, month.early_90th_s), 2.5 * month.early_90th_s
    rest = 0.25 * low + 0.2 * month.early_90th_s + 0.05 * (month.early_90th_s + top)
    median = min(max((month.early_mean_s - rest) / 0.45, low), month.early_90th_s)
    return Quantiles((0.0, 0.5, 0.9, 1.0), (low, median, month.early_90th_s, top))


def _repeated(columns: Columns, within_h: float) -> Columns:
    """Return the incidents with repeat contacts joined to an earlier one of the same patient.

    The later incident takes the caller, the place and the person of the earlier; its category and
    complaint are its own, for needs change.
    """
    received = columns["received_at"]
    earliest = np.searchsorted(received, received - int(within_h * HOUR_MS), side="left")
    for row in np.flatnonzero(columns["repeat"]).tolist():
        span = row - int(earliest[row])
        if span <= 0:
            continue
        source = int(earliest[row]) + int(columns["repeat of"][row] * span)
        for name in ("caller_id", "lon", "lat", "age_years", "frail"):
            columns[name][row] = columns[name][source]
    return columns


def _thinned(columns: Columns, trust: str, surge: Surge, seed: int) -> Columns:
    """Return the incidents without those that a surge below 1 takes away."""
    if not columns:
        return columns
    received = columns["received_at"]
    inside = (received >= surge.from_ms) & (received < surge.to_ms)
    if surge.categories:
        inside &= np.isin(columns["category"].astype(str), [c.value for c in surge.categories])
    lost = inside & (Stream(seed, "thin", surge.name, trust).uniform(len(received)) >= surge.factor)
    return {name: column[~lost] for name, column in columns.items()}


def _joined(parts: Sequence[Columns]) -> Columns:
    filled = [part for part in parts if part]
    return {name: np.concatenate([part[name] for part in filled]) for name in filled[0]}


def _log_columns(columns: Columns) -> dict[str, Any]:
    """Return the columns in the form that a log keeps."""
    found: dict[str, Any] = {}
    for name, column in columns.items():
        if name == "incident_id":
            found[name] = Ids.of(column.tolist())
        elif name in BY_NAME and BY_NAME[name].kind == "word":
            found[name] = Words.of(column.tolist())
        elif name in BY_NAME:
            found[name] = column
    return found
