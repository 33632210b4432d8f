"""Expected incidents before anything is drawn: by trust of a region, kind, day and hour."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import fsum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from benchmarks import published
from benchmarks.call_log.assumptions import Assumptions
from benchmarks.call_log.places import person_weights
from benchmarks.call_log.streams import Float64s, Int64s, Stream
from benchmarks.call_log.volumes import MonthOfTrust, kind_of, month_of_trust
from maps.region import Region

HOUR_MS: Final = 3_600_000
WHOLE: Final = 0.98
"""A region with this share of a trust's people has all of it; the rest is rounding of borders."""


@dataclass(frozen=True, slots=True, eq=False)
class TrustPlan:
    """One trust of a region: its month, scaled to the region, and its places with weights.

    ``place`` holds indices into the region's demand, ``weight`` their running weights' steps.
    """

    trust: str
    month: MonthOfTrust
    place: Int64s
    weight: Float64s


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Stretches of time with constant rates: UTC milliseconds from ``start`` to ``end``.

    ``rate`` is float64[hours, flows]: expected incidents in the stretch.
    """

    start_ms: Int64s
    end_ms: Int64s
    rate: Float64s


def month_days(month: str) -> list[date]:
    """Return the days of a month written ``2026-03``.

    Raises
    ------
    ValueError
        When the month is not written so.
    """
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise ValueError(f"Expected a month such as 2026-03, was {month!r}.") from None
    count = calendar.monthrange(first.year, first.month)[1]
    return [first + timedelta(days=n) for n in range(count)]


def trust_plans(
    region: Region,
    month: str,
    trusts: Sequence[str] | None,
    incidents_per_day: float | None,
    assumptions: Assumptions,
) -> tuple[list[TrustPlan], list[str]]:
    """Return a plan for each trust asked for, in order of code, and notes for the person.

    A region that holds only a part of a trust's people gets that part of its incidents. A trust
    of which nothing is published gets England's incidents per person. ``incidents_per_day``
    replaces the total and leaves the mix.

    Raises
    ------
    ValueError
        When a trust is not in the region or has no places, or no volume can be known.
    """
    codes = sorted({t.code for t in region.trusts}) if trusts is None else sorted(set(trusts))
    known = {t.code for t in region.trusts}
    if strangers := [code for code in codes if code not in known]:
        raise ValueError(
            f"Expected trusts of region {region.name} ({', '.join(sorted(known))}), "
            f"was {', '.join(strangers)}."
        )
    weights = person_weights(region.demand, assumptions)
    has_people = bool(region.demand.population.any())
    notes: list[str] = []
    plans = []
    for code in codes:
        place = np.flatnonzero(np.array([t == code for t in region.demand.trust], dtype=np.bool_))
        if not len(place):
            notes.append(f"{code}: no places of demand in the region, so no incidents.")
            continue
        share, source = _share(
            code, fsum(weights[place].tolist()) if has_people else None, assumptions
        )
        if share is None and incidents_per_day is None:
            raise ValueError(
                f"Expected a published trust or people at the places of {code}, was neither: "
                "give the number of incidents a day."
            )
        if note := _note(code, source, share):
            notes.append(note)
        volume = month_of_trust(source, month, assumptions)
        plans.append(
            TrustPlan(code, _scaled(volume, 1.0 if share is None else share), place, weights[place])
        )
    if not plans:
        raise ValueError(f"Expected places of demand in region {region.name}, was none.")
    if incidents_per_day is not None:
        plans = _to_total(plans, incidents_per_day * len(month_days(month)))
    return plans, notes


def _share(code: str, weight: float | None, assumptions: Assumptions) -> tuple[float | None, str]:
    """Return which share of whose published incidents a set of places has.

    ``weight`` is that of the people at the places, None when nobody knows of any.
    """
    is_published = code in published.trusts()
    source = code if is_published else published.ENGLAND
    if weight is None:
        return (1.0 if is_published else None), source
    people = assumptions.places
    wholes = [published.trust(c) for c in ((code,) if is_published else published.trusts())]
    whole = fsum(
        (t.population - t.aged_65_plus) * people.weight_under_65
        + t.aged_65_plus * people.weight_65_plus
        for t in wholes
    )
    share = weight / whole
    return (1.0 if is_published and share >= WHOLE else share), source


def _note(code: str, source: str, share: float | None) -> str:
    if source != code:
        return f"{code}: nothing is published; England's incidents per person are taken."
    if share is not None and share < 1.0:
        return f"{code}: the region holds {share:.1%} of the trust's people, so of its incidents."
    return ""


def _scaled(month: MonthOfTrust, factor: float) -> MonthOfTrust:
    flows = tuple(msgspec.structs.replace(f, count=f.count * factor) for f in month.flows)
    return msgspec.structs.replace(month, flows=flows)


def _to_total(plans: list[TrustPlan], total: float) -> list[TrustPlan]:
    now = fsum(flow.count for plan in plans for flow in plan.month.flows)
    return [TrustPlan(p.trust, _scaled(p.month, total / now), p.place, p.weight) for p in plans]


def day_shares(
    days: Sequence[date], seed: int, zone: ZoneInfo, assumptions: Assumptions
) -> list[float]:
    """Return the daily level of each day of a month, relative to the month's incidents.

    The weekday's share times a level of the day that all trusts have in common, such that the
    hours that the days really have give the whole month: a day of 23 hours has fewer incidents.
    """
    shape = published.day_shape()
    cv = assumptions.day.level_cv
    levels, present = [], []
    for day in days:
        level = 1.0 + cv * Stream(seed, "day level", day.isoformat()).normal_like()
        levels.append(shape.weekday_share[day.weekday()] * max(0.5, level))
        hours = _local_hours(_hour_starts(day, zone)[0], zone)
        present.append(levels[-1] * fsum(shape.hour_share[hour] for hour in hours))
    total = fsum(present)
    return [level / total for level in levels]


def _hour_starts(day: date, zone: ZoneInfo) -> tuple[Int64s, int]:
    """Return the UTC instants at which the hours of a local day begin, and its end."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    next_day = day + timedelta(days=1)
    end = datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone)
    first_ms, last_ms = int(start.timestamp()) * 1000, int(end.timestamp()) * 1000
    return np.arange(first_ms, last_ms, HOUR_MS, dtype=np.int64), last_ms


def _local_hours(starts: Int64s, zone: ZoneInfo) -> list[int]:
    return [datetime.fromtimestamp(ms // 1000, zone).hour for ms in starts.tolist()]


def day_hours(month: MonthOfTrust, day: date, share: float, zone: ZoneInfo) -> Hours:
    """Return the expected incidents of a local day, by UTC hour and flow.

    A day on which the clocks change has 23 or 25 hours, each with the rate of its local hour.
    """
    starts, last_ms = _hour_starts(day, zone)
    local = _local_hours(starts, zone)
    columns = [
        np.array(_hour_shares(kind_of(flow.category)))[local] * (flow.count * share)
        for flow in month.flows
    ]
    return Hours(starts, np.minimum(starts + HOUR_MS, last_ms), np.column_stack(columns))


def _hour_shares(kind: str) -> list[float]:
    """Return the share of a kind's incidents in each local hour; C1 is commoner in the evening."""
    shape = published.day_shape()
    mix = shape.category_share.get(kind)
    if mix is None:
        return list(shape.hour_share)
    weights = [hour * part for hour, part in zip(shape.hour_share, mix, strict=True)]
    total = fsum(weights)
    return [weight / total for weight in weights]


def clipped(hours: Hours, start_ms: int, end_ms: int, factor: Float64s) -> Hours:
    """Return the rates within a window only, times a factor for each flow."""
    start = np.maximum(hours.start_ms, start_ms)
    end = np.minimum(hours.end_ms, end_ms)
    inside = end > start
    part = (end - start)[inside] / (hours.end_ms - hours.start_ms)[inside]
    return Hours(start[inside], end[inside], hours.rate[inside] * part[:, None] * factor[None, :])
