"""Fit the bays of hospitals to published months of handovers, and test the fit on other months.

Nobody publishes how many patients a hospital can take over at once. So the queue is run for a
trust's hospitals with the published number of arrivals, and what its bays are is searched for:
how long a bay is held, how many are staffed for the load, and how far hospitals and days differ.
The same bays then meet the arrivals of months that were not fitted.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.calibration.bays_kernel import handover_ms
from benchmarks.calibration.pressure import Pressure, pressure
from benchmarks.published import month
from benchmarks.simulator.hospital import HOUR_MS, WALK_IN_RANK, service_ms, walk_ins
from benchmarks.simulator.settings import BayAssumptions
from benchmarks.simulator.staffed_bays import PERIOD_MS, BayFit, open_bays, staffed_bays
from benchmarks.simulator.streams import Streams, key_of, numbered
from maps.region import Region

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

DAY_MS: Final = 24 * HOUR_MS

RANK_SHARES: Final = (0.09, 0.73)
"""Share of patients conveyed to an emergency department who are C1, and who are C2; the rest are
C3 and below. From counts of incidents with a response and shares conveyed in 2025/26."""

START: Final = (15.0, 0.5, 1.6, 0.4)
LOWEST: Final = (5.0, 0.15, 0.7, 0.0)
HIGHEST: Final = (45.0, 1.2, 6.0, 1.6)
"""Where the search begins, and within which bounds: minutes in a bay and their spread, bays for
the load, and their spread."""

WEIGHTS: Final = {"mean_min": 1.0, "over_15": 1.0, "over_30": 1.0, "over_60": 0.5}
"""What a relative error of each figure counts in the search."""

ANSWER_MONTHS_MIN: Final = 6
"""Fewer months say nothing of how bays answer to pressure."""


class HandoverShape(msgspec.Struct, frozen=True, kw_only=True):
    """Handovers of a month: arrivals a day, mean in minutes, shares over 15, 30 and 60 minutes."""

    a_day: float
    mean_min: float
    over_15: float
    over_30: float
    over_60: float


class BayMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month as published, and as the fitted bays give it."""

    month: str
    published: HandoverShape
    modelled: HandoverShape

    @property
    def errors(self) -> dict[str, float]:
        """Relative errors of mean and shares, the model's over the published less one."""
        return {
            name: getattr(self.modelled, name) / getattr(self.published, name) - 1.0
            for name in WEIGHTS
        }


@dataclass(frozen=True, slots=True)
class _Site:
    """A hospital in the search: its id, and its share of the trust's arrivals."""

    id: str
    share: float


def published_shape(trust: str, months: Sequence[str]) -> HandoverShape:
    """Return what was published of a trust's handovers in some months together.

    Raises
    ------
    ValueError
        When nothing was published for one of them.
    """
    rows = [month(trust, name) for name in months]
    count = sum(row.known("A140") for row in rows)
    return HandoverShape(
        a_day=count / sum(_days(name) for name in months),
        mean_min=sum(row.known("A141") for row in rows) / count / 60.0,
        over_15=sum(row.known("A144") for row in rows) / count,
        over_30=sum(row.known("A145") for row in rows) / count,
        over_60=sum(row.known("A146") for row in rows) / count,
    )


def fit_bays(
    trust: str,
    months: Sequence[str],
    region: Region,
    *,
    seed: int = 1,
    days: int = 56,
    evaluations: int = 260,
) -> BayFit:
    """Return the bays that give a trust's published months.

    Parameters
    ----------
    trust
        Code of an ambulance trust of the region.
    months
        Published months to fit, together.
    region
        Its hospitals, each with the share of arrivals that its bays have of all.
    seed
        Chance of arrivals, days and times.
    days
        How many days each trial runs.
    evaluations
        Trials at most.

    Raises
    ------
    ValueError
        When no month is given, one is not published, or the trust has no emergency department.
    """
    if not months:
        raise ValueError("Expected at least one month to fit, was none.")
    from scipy.optimize import minimize

    wanted = published_shape(trust, months)
    queues = _Queues(_sites(trust, region), wanted.a_day, days, seed)

    def loss(at: Float64s) -> float:
        return _distance(queues.shape(_fit_at(trust, at), wanted.a_day), wanted)

    start = np.array(START)
    found = minimize(
        loss,
        start,
        method="Nelder-Mead",
        bounds=list(zip(LOWEST, HIGHEST, strict=True)),
        options={
            "maxfev": evaluations,
            "xatol": 1e-3,
            "fatol": 1e-6,
            "initial_simplex": _simplex(start),
        },
    )
    fit = _fit_at(trust, np.round(found.x, 4))
    return msgspec.structs.replace(fit, months=tuple(months))


def run_bays(
    fit: BayFit, at_month: str, region: Region, *, seed: int = 1, days: int = 56
) -> BayMonth:
    """Return what fitted bays give with the arrivals of a month, beside what was published.

    The bays are those that were staffed for the arrivals of the months of the fit.
    """
    published = published_shape(fit.trust, [at_month])
    usual = published_shape(fit.trust, fit.usual_months or fit.months).a_day
    queues = _Queues(_sites(fit.trust, region), published.a_day, days, seed)
    there = at_pressure(fit, pressure(fit.trust, at_month))
    return BayMonth(month=at_month, published=published, modelled=queues.shape(there, usual))


def fit_answer(
    fit: BayFit, months: Sequence[str], region: Region, *, seed: int = 1, days: int = 56
) -> BayFit:
    """Return a fit whose bays answer to the pressure on emergency departments of a month.

    For each month the bays are found that give its handovers, everything else as fitted; a plane
    through them, by least squares, then says how many a month of some pressure has. A trust whose
    months are told better by their mean, each left out in turn, keeps its fit as it is.

    Raises
    ------
    ValueError
        When fewer than six of the months have a known pressure.
    """
    known = [(name, found) for name in months if (found := pressure(fit.trust, name)) is not None]
    if len(known) < ANSWER_MONTHS_MIN:
        raise ValueError(
            f"Expected {ANSWER_MONTHS_MIN} months of {fit.trust} with a known pressure, "
            f"was {len(known)}."
        )
    rows = [[1.0, found.over_4h, log(max(found.over_12h, 1e-4))] for _, found in known]
    bays = [log(_bays_of_month(fit, name, region, seed, days)) for name, _ in known]
    told, level = np.array(rows), np.ones((len(rows), 1))
    if _left_out_error(told, np.array(bays)) >= _left_out_error(level, np.array(bays)):
        return fit
    found = np.linalg.lstsq(told, np.array(bays), rcond=None)[0]
    answer = (round(float(found[0]), 4), round(float(found[1]), 4), round(float(found[2]), 4))
    return msgspec.structs.replace(
        fit,
        answer=answer,
        seen=(round(exp(min(bays)), 4), round(exp(max(bays)), 4)),
        usual_months=fit.months,
        months=tuple(months),
    )


def _left_out_error(rows: Float64s, values: Float64s) -> float:
    """Return the squared error of a plane at each point when fitted on the others."""
    total = 0.0
    for i in range(len(values)):
        others = np.arange(len(values)) != i
        plane = np.linalg.lstsq(rows[others], values[others], rcond=None)[0]
        total += float(rows[i] @ plane - values[i]) ** 2
    return total


def _bays_of_month(fit: BayFit, name: str, region: Region, seed: int, days: int) -> float:
    """Return the bays for the load with which a month comes nearest to what was published."""
    from scipy.optimize import minimize_scalar

    wanted = published_shape(fit.trust, [name])
    usual = published_shape(fit.trust, fit.usual_months or fit.months).a_day
    queues = _Queues(_sites(fit.trust, region), wanted.a_day, days, seed)

    def loss(log_bays: float) -> float:
        tried = msgspec.structs.replace(fit, bays_per_load=float(np.exp(log_bays)))
        return _distance(queues.shape(tried, usual), wanted)

    middle = log(fit.bays_per_load)
    found = minimize_scalar(
        loss, bounds=(middle - 0.8, middle + 0.8), method="bounded", options={"maxiter": 14}
    )
    return float(np.exp(found.x))


def at_pressure(fit: BayFit, found: Pressure | None) -> BayFit:
    """Return a fit with the bays of a month of some pressure; unchanged when it is not known."""
    if fit.answer is None or found is None:
        return fit
    level, over_4h, over_12h = fit.answer
    log_bays = level + over_4h * found.over_4h + over_12h * log(max(found.over_12h, 1e-4))
    low, high = fit.seen or (0.0, float("inf"))
    return msgspec.structs.replace(fit, bays_per_load=min(max(exp(log_bays), low), high))


class _Queues:
    """The hospitals of a trust with the arrivals of a month; equal chance for every fit."""

    def __init__(self, sites: Sequence[_Site], a_day: float, days: int, seed: int) -> None:
        self._streams, self._days = Streams(seed), days
        self._assumed = BayAssumptions()
        # Sunday, 1 March 2026: any start does, arrivals follow the hours of a day.
        self._start_ms = 1_772_323_200_000
        self._sites = [self._arrivals(site, a_day) for site in sites]

    def _arrivals(self, site: _Site, a_day: float) -> tuple[_Site, Int64s, Int64s, Float64s]:
        """Return a hospital's patients in order: when, of which rank, and their chance."""
        period = (self._start_ms, self._start_ms + self._days * DAY_MS)
        drawing = (self._streams, self._assumed)
        zone = "Europe/London"
        by_ambulance = walk_ins(f"{site.id} ambulances", a_day * site.share, period, zone, drawing)
        walking = _walking(self._assumed) * a_day * site.share
        on_foot = walk_ins(site.id, walking, period, zone, drawing)
        at_ms = np.array([row[0] for row in by_ambulance] + [row[0] for row in on_foot], np.int64)
        keys = numbered(key_of(site.id), np.arange(len(by_ambulance)))
        drawn = self._streams.uniform("rank", keys)
        rank = 1 + (drawn >= RANK_SHARES[0]) + (drawn >= sum(RANK_SHARES))
        ranks = np.concatenate([rank, np.full(len(on_foot), -WALK_IN_RANK)])
        chance = self._streams.uniform("bay", numbered(key_of(site.id), np.arange(len(at_ms))))
        order = np.argsort(at_ms, kind="stable")
        return site, at_ms[order], ranks[order], chance[order]

    def shape(self, fit: BayFit, usual_a_day: float) -> HandoverShape:
        """Return the handovers of ambulance patients with some bays; the first week warms up."""
        found: list[Int64s] = []
        counted_from_ms = self._start_ms + 7 * DAY_MS
        for site, at_ms, rank, chance in self._sites:
            took = self._took(fit, site, usual_a_day, (at_ms, rank, chance))
            found.append(took[(rank > 0) & (at_ms >= counted_from_ms)])
        minutes = np.concatenate(found) / 60_000.0
        return HandoverShape(
            a_day=len(minutes) / (self._days - 7),
            mean_min=float(minutes.mean()),
            over_15=float((minutes > 15).mean()),
            over_30=float((minutes > 30).mean()),
            over_60=float((minutes > 60).mean()),
        )

    def _took(
        self,
        fit: BayFit,
        site: _Site,
        usual_a_day: float,
        patients: tuple[Int64s, Int64s, Float64s],
    ) -> Int64s:
        at_ms, rank, chance = patients
        bays = staffed_bays(
            site.id,
            open_bays(fit, usual_a_day * site.share, self._assumed),
            fit.pressure_log_sd,
            self._days * DAY_MS // PERIOD_MS,
            self._streams,
        )
        own = np.array(service_ms(fit.service_mean_min, fit.service_log_sd, chance), np.int64)
        walking = np.array(
            service_ms(
                self._assumed.walk_in_service_mean_min, self._assumed.service_log_sd, chance
            ),
            np.int64,
        )
        times = np.where(rank > 0, own, walking)
        return handover_ms(at_ms, np.abs(rank), times, bays, self._start_ms, PERIOD_MS)


def _walking(assumed: BayAssumptions) -> float:
    return assumed.walk_ins_per_conveyance * assumed.walk_in_share_of_bays


def hospitals_of(trust: str, region: Region) -> list[str]:
    """Return the emergency departments of a trust's area: nearest to one of its places."""
    demand = region.demand
    found = []
    for site in region.hospitals:
        if site.emergency_department:
            # Degrees of longitude are shorter by about 0.6 in England; only the nearest counts.
            gap = ((demand.lon - site.at.lon) * 0.6) ** 2 + (demand.lat - site.at.lat) ** 2
            if demand.trust[int(np.argmin(gap))] == trust:
                found.append(site.id)
    return found


def _sites(trust: str, region: Region) -> list[_Site]:
    names = set(hospitals_of(trust, region))
    mine = [site for site in region.hospitals if site.id in names]
    if not mine:
        raise ValueError(f"Expected an emergency department in the area of {trust}, was none.")
    bays = sum(site.bays for site in mine)
    return [_Site(site.id, site.bays / bays) for site in mine]


def _simplex(start: Float64s) -> Float64s:
    steps = np.diag(np.array([3.0, 0.15, 0.5, 0.25]))
    return np.vstack([start, start + steps])


def _fit_at(trust: str, at: Float64s) -> BayFit:
    held = np.clip(at, LOWEST, HIGHEST)
    return BayFit(
        trust=trust,
        service_mean_min=float(held[0]),
        service_log_sd=float(held[1]),
        bays_per_load=float(held[2]),
        pressure_log_sd=float(held[3]),
    )


def _distance(found: HandoverShape, wanted: HandoverShape) -> float:
    """Return how far two shapes are apart: squared relative errors of mean and shares.

    The share over an hour counts half: of a quiet trust it is a handful of patients.
    """
    total = 0.0
    for name, weight in WEIGHTS.items():
        error = getattr(found, name) / getattr(wanted, name) - 1.0
        total += weight * error * error
    return total


def _days(name: str) -> int:
    year, number = (int(part) for part in name.split("-"))
    return monthrange(year, number)[1]
