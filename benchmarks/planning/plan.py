"""A plan of standby points and units for a region, each trust for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.planning.demand import HOURS, TrustDemand, shared_out, trust_demands
from benchmarks.planning.ground import Ground, ground_of, minutes
from benchmarks.planning.hourly_fleet import START_HOURS, HourlyFleet, hourly_fleet
from benchmarks.planning.mexclp import expected_coverage, mexclp
from benchmarks.planning.p_median import p_median
from benchmarks.planning.solution import Siting
from dispatch.ports import TravelTimes
from maps.geo import LonLat
from maps.region import Region

Floats = npt.NDArray[np.float64]

BUSY_FRACTION_RANGE: Final = (0.3, 0.95)
"""Bounds of the busy fraction (reference: Daskin's model is meaningless at 1)."""


class PlanSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What to plan for.

    Attributes
    ----------
    siting
        ``p-median``: least mean time from the nearest point, which leaves nobody out.
        ``mexclp``: greatest expected coverage within the standard, which favours towns.
    standard_min
        Blue-light minutes within which a place counts as covered.
    job_min
        Mean minutes of unit time for an incident, over all units sent: 1.2 units of 90 minutes
        (NHS England, AmbSYS A39 to A48 and AmbModelOpen's job cycles).
    hour
        Local hour to plan for; None plans the whole day.
    day
        A day whose traffic to use.
    month
        Published month whose volumes to use.
    site_max, cell_max
        Candidate sites and demand cells for each trust.
    """

    siting: Literal["p-median", "mexclp"] = "p-median"
    standard_min: float = 8.0
    job_min: float = 108.0
    hour: int | None = None
    day: date = date(2026, 3, 4)
    month: str = "2026-03"
    incidents_per_day: float | None = None
    site_max: int = 300
    cell_max: int = 1_000
    time_limit_s: float = 120.0


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How near points are to patients, by share of incidents, whatever the units do.

    ``unreached`` is the share of incidents to which no road leads; the other figures leave
    them out, except ``within_standard``.
    """

    mean_min: float
    p90_min: float
    within_standard: float
    rural_within_standard: float | None
    unreached: float


class HourPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One hour: units on duty, their busy fraction, the coverage expected, and its bound."""

    hour: int
    incidents: float
    units: int
    busy_fraction: float
    expected_coverage: float
    bound: float


class PlannedPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A standby point: where, the post that stands there, and its units in each planned hour.

    ``incident_share`` is the share of the trust's incidents that are nearest to it.
    """

    id: str
    name: str
    trust: str
    lon: float
    lat: float
    post: str | None
    incident_share: float
    mean_min: float | None
    units: tuple[int, ...]


class TrustPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of one trust; ``existing`` measures the posts that the region already has."""

    trust: str
    incidents_per_day: float
    points: tuple[PlannedPoint, ...]
    hours: tuple[HourPlan, ...]
    shifts: tuple[tuple[int, int, int], ...]
    reach: Reach
    existing: Reach | None
    existing_count: int
    siting_value: float
    siting_gap: float


class StandbyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of a region, with what it was made from."""

    region: str
    region_version: str
    travel_times: str
    settings: PlanSettings
    trusts: tuple[TrustPlan, ...]


Amount = int | dict[str, int]
"""A total to share out among trusts by incidents, or a number for each trust."""


def plan_standby(
    region: Region,
    times: TravelTimes,
    points: Amount,
    units: Amount,
    settings: PlanSettings | None = None,
    trusts: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> StandbyPlan:
    """Return standby points and units by hour for a region, trust by trust.

    Parameters
    ----------
    points
        Standby points to site.
    units
        Units on duty at ``settings.hour``, or on average over the day.
    trusts
        ODS codes to plan for; None for all.
    progress
        Called with the code of each trust when it is planned.

    Raises
    ------
    ValueError
        When amounts do not fit, a trust is unknown, or a solver finds no answer in time.
    """
    settings = settings or PlanSettings()
    demands = trust_demands(region, settings.month, trusts, settings.incidents_per_day)
    points_of, units_of = _amounts(points, demands), _amounts(units, demands)
    plans = []
    for demand in demands:
        plans.append(
            _plan_trust(
                region, times, demand, points_of[demand.trust], units_of[demand.trust], settings
            )
        )
        if progress is not None:
            progress(demand.trust)
    return StandbyPlan(
        region=region.name,
        region_version=region.version,
        travel_times=times.version,
        settings=settings,
        trusts=tuple(plans),
    )


def nearest_minutes(plan: StandbyPlan, region: Region, times: TravelTimes) -> Floats:
    """Return minutes from the nearest point of its trust to each place of a region, float64[n].

    Infinite where no road leads, NaN at places of trusts without a plan; at the planned hour,
    or at noon where the whole day is planned.
    """
    hour = 12 if plan.settings.hour is None else plan.settings.hour
    now_ms = instant_ms(plan.settings.day, hour, region.timezone)
    nearest = np.full(len(region.demand), np.nan)
    trust_of = np.array(region.demand.trust)
    for trust in plan.trusts:
        rows = np.flatnonzero(trust_of == trust.trust)
        stands = tuple(LonLat(point.lon, point.lat) for point in trust.points)
        places = tuple(
            LonLat(float(region.demand.lon[row]), float(region.demand.lat[row])) for row in rows
        )
        nearest[rows] = minutes(times, stands, places, now_ms).min(axis=0)
    return nearest


def instant_ms(day: date, hour: int, timezone: str) -> int:
    """Return the UTC milliseconds of a local hour of a day."""
    local = datetime.combine(day, time(hour), tzinfo=ZoneInfo(timezone))
    return int(local.astimezone(UTC).timestamp() * 1_000)


def _amounts(amount: Amount, demands: Sequence[TrustDemand]) -> dict[str, int]:
    if isinstance(amount, int):
        return shared_out(amount, demands)
    missing = [demand.trust for demand in demands if demand.trust not in amount]
    if missing:
        raise ValueError(f"Expected a number for {', '.join(missing)}, was none.")
    return amount


def _plan_trust(
    region: Region,
    times: TravelTimes,
    demand: TrustDemand,
    point_count: int,
    unit_count: int,
    settings: PlanSettings,
) -> TrustPlan:
    ground = ground_of(region, demand, settings.site_max, settings.cell_max)
    busiest = int(np.argmax(demand.by_hour)) if settings.hour is None else settings.hour
    noon_ms = instant_ms(settings.day, busiest, region.timezone)
    siting = _sited(ground, times, demand, point_count, unit_count, noon_ms, settings)
    chosen = [ground.sites[site] for site in siting.chosen]
    stands = tuple(site.at for site in chosen)
    table = minutes(times, stands, ground.places, noon_ms)
    fleet = _fleet(demand, unit_count, settings)
    hours, units = _allocated(region, times, ground, stands, demand, fleet, settings)
    existing = tuple(post.at for post in region.posts if post.trust == demand.trust)
    return TrustPlan(
        trust=demand.trust,
        incidents_per_day=float(demand.by_hour.sum()),
        points=_points(ground, siting, table, units),
        hours=hours,
        shifts=fleet.shifts,
        reach=reach_of(table, ground, settings.standard_min),
        existing=(
            reach_of(
                minutes(times, existing, ground.places, noon_ms), ground, settings.standard_min
            )
            if existing
            else None
        ),
        existing_count=len(existing),
        siting_value=siting.value,
        siting_gap=siting.gap,
    )


def _sited(
    ground: Ground,
    times: TravelTimes,
    demand: TrustDemand,
    point_count: int,
    unit_count: int,
    now_ms: int,
    settings: PlanSettings,
) -> Siting:
    """Return the points among the candidate sites, by the model asked for."""
    cells = tuple(ground.places[row] for row in ground.cell_place)
    table = minutes(times, tuple(site.at for site in ground.sites), cells, now_ms)
    # An island without a road to any site is served by nobody's choice of sites.
    weight = np.where(np.isfinite(table).any(axis=0), ground.cell_weight, 0.0)
    count = min(point_count, len(ground.sites))
    if settings.siting == "p-median":
        return p_median(table, weight, count, time_limit_s=settings.time_limit_s)
    return mexclp(
        table <= settings.standard_min,
        weight,
        unit_count,
        busy_fraction(float(demand.by_hour.mean()), settings.job_min, unit_count),
        site_count_max=count,
        time_limit_s=settings.time_limit_s,
    )


def busy_fraction(incidents_per_hour: float, job_min: float, unit_count: int) -> float:
    """Return the share of time on jobs of each unit, within `BUSY_FRACTION_RANGE`."""
    low, high = BUSY_FRACTION_RANGE
    return min(max(incidents_per_hour * job_min / 60.0 / unit_count, low), high)


def _fleet(demand: TrustDemand, unit_count: int, settings: PlanSettings) -> HourlyFleet:
    if settings.hour is not None:
        return HourlyFleet(units=(unit_count,), shifts=(), value=0.0, bound=0.0)
    return hourly_fleet(
        demand.by_hour.tolist(),
        settings.job_min / 60.0,
        unit_count * HOURS,
        start_hours=START_HOURS,
        time_limit_s=settings.time_limit_s,
    )


def _allocated(
    region: Region,
    times: TravelTimes,
    ground: Ground,
    stands: tuple[LonLat, ...],
    demand: TrustDemand,
    fleet: HourlyFleet,
    settings: PlanSettings,
) -> tuple[tuple[HourPlan, ...], npt.NDArray[np.int64]]:
    """Return each planned hour, and the units at each point in each of them, int64[p, hours]."""
    wanted = range(HOURS) if settings.hour is None else (settings.hour,)
    cells, weight = tuple(ground.places[row] for row in ground.cell_place), ground.cell_weight
    plans = []
    units = np.zeros((len(stands), len(fleet.units)), dtype=np.int64)
    for column, hour in enumerate(wanted):
        now_ms = instant_ms(settings.day, hour, region.timezone)
        covers = minutes(times, stands, cells, now_ms) <= settings.standard_min
        count, rate = fleet.units[column], float(demand.by_hour[hour])
        busy = busy_fraction(rate, settings.job_min, max(count, 1))
        bound = 0.0
        if count:
            found = mexclp(covers, weight, count, busy, time_limit_s=settings.time_limit_s)
            units[list(found.chosen), column] = found.units
            bound = found.bound
        plans.append(
            HourPlan(
                hour=hour,
                incidents=rate,
                units=count,
                busy_fraction=busy,
                expected_coverage=expected_coverage(covers, weight, units[:, column], busy),
                bound=bound,
            )
        )
    return tuple(plans), units


def reach_of(table: Floats, ground: Ground, standard_min: float) -> Reach:
    """Return how near the nearest of some points is to incidents; ``table`` is [points, places]."""
    nearest = table.min(axis=0)
    share, found = ground.share, np.isfinite(nearest)
    order = np.argsort(nearest[found], kind="stable")
    running = np.cumsum(share[found][order])
    p90 = nearest[found][order][np.searchsorted(running, 0.9 * running[-1])]
    is_near = nearest <= standard_min
    rural = float(share[ground.is_rural].sum())
    return Reach(
        mean_min=float(nearest[found] @ share[found] / share[found].sum()),
        p90_min=float(p90),
        within_standard=float(share[is_near].sum()),
        rural_within_standard=(
            float(share[is_near & ground.is_rural].sum()) / rural if rural > 0.0 else None
        ),
        unreached=float(share[~found].sum()),
    )


def _points(
    ground: Ground, siting: Siting, table: Floats, units: npt.NDArray[np.int64]
) -> tuple[PlannedPoint, ...]:
    found = np.isfinite(table).any(axis=0)
    nearest = np.where(found, table.argmin(axis=0), -1)
    points = []
    for row, site_row in enumerate(siting.chosen):
        site, own = ground.sites[site_row], nearest == row
        share = float(ground.share[own].sum())
        mean = float(table[row, own] @ ground.share[own] / share) if share > 0.0 else None
        points.append(
            PlannedPoint(
                id=f"{ground.trust}-S{row + 1:03d}",
                name=site.name,
                trust=ground.trust,
                lon=site.at.lon,
                lat=site.at.lat,
                post=site.post,
                incident_share=share,
                mean_min=mean,
                units=tuple(units[row].tolist()),
            )
        )
    return tuple(points)
