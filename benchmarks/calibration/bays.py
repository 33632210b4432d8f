"""Fit the bays of hospitals to published months of handovers, and test the fit on other months.

Nobody publishes how many patients a hospital can take over at once. So the queue is run for a
trust's hospitals with the published number of arrivals, and what its bays are is searched for.
How long a bay is held and its spread, how far hospitals and days differ, how much room a queue
makes and how many crews leave after 45 minutes are the trust's own, for all months: they give the
shares over 15, 30 and 60 minutes that belong to a mean. How many bays are staffed is the month's:
they give its mean, as published for a month that is fitted and as expected for another one
(`benchmarks.calibration.bays_months`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.calibration.bays_months import alone_at_month, at_mean, month_answers
from benchmarks.calibration.bays_queue import HANDOVERS_MIN, HandoverShape, Queues
from benchmarks.calibration.hospitals import own_deviates
from benchmarks.calibration.patients import Patients, patients_of
from benchmarks.published import month
from benchmarks.simulator.staffed_bays import BayFit
from maps.region import Region

Float64s = npt.NDArray[np.float64]

SHARES: Final = ("over_15", "over_30", "over_60")

NEAR_SHARE: Final = 0.1
NEAR_POINTS: Final = 0.02
"""A modelled share is near a published one when it is off by a tenth of it or by two percentage
points, whichever is more: of a quiet trust the share over an hour is a handful of patients."""

STARTS: Final = ((16.0, 0.5, 0.4, 0.08, 0.1), (16.0, 0.5, 0.2, 0.02, 0.8))
STEPS: Final = (2.5, 0.12, 0.15, 0.06, 0.2)
LOWEST: Final = (4.0, 0.1, 0.0, 0.0, 0.0)
HIGHEST: Final = (40.0, 1.3, 1.5, 0.6, 1.0)
"""Where searches begin, their first steps, and bounds: minutes in a bay and their spread, the
spread of bays between hospitals and days, bays more for each who waits, crews who leave."""

BAYS_TRIED: Final = np.exp(np.linspace(log(0.12), log(4.5), 14))
"""Bays for the load at which a curve is drawn."""

MEAN_WEIGHT: Final = 1_000.0
"""What a squared error of the logarithm of the mean counts: a curve has to reach every month's."""

REACH: Final = 1.3
"""A curve has to reach a mean so many times the worst that was fitted: worse months come."""

CURVE_RUNS: Final = 8
"""A curve, and a month, is the mean of so many runs: bad days come in rows, and long queues."""

CURVE_SEED: Final = 1_000
MONTH_SEED: Final = 2_000
"""Shape, curve and months each have a chance of their own: the fit's seed plus these."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How thoroughly bays are searched for.

    So many of the last ``shape_months`` give the shape, since services change their ways; each run
    takes ``handovers`` at least; ``evaluations`` shapes are tried at most from each of two starts.
    ``seed`` is the chance of arrivals, days and times.
    """

    shape_months: int = 6
    handovers: int = HANDOVERS_MIN
    evaluations: int = 120
    seed: int = 1


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
            for name in ("mean_min", *SHARES)
        }

    @property
    def near(self) -> dict[str, bool]:
        """Return which figures are near: a mean within a tenth, shares as `NEAR_POINTS` says."""
        found = {"mean_min": abs(self.errors["mean_min"]) <= NEAR_SHARE}
        for name in SHARES:
            wanted = getattr(self.published, name)
            found[name] = abs(getattr(self.modelled, name) - wanted) <= tolerance(wanted)
        return found


def tolerance(share: float) -> float:
    """Return by how much a modelled share may be off a published one to be called near."""
    return max(NEAR_SHARE * share, NEAR_POINTS)


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


def fit_bays(trust: str, months: Sequence[str], region: Region, depth: Depth = Depth()) -> BayFit:
    """Return the bays that give a trust's published months.

    Parameters
    ----------
    trust
        Code of an ambulance trust of the region.
    months
        Published months to fit: all of them say how the mean answers to a month.
    region
        Its places and hospitals: they say who comes where.
    depth
        How thoroughly.

    Raises
    ------
    ValueError
        When no month is given, one is not published, or the trust has no emergency department.
    """
    if not months:
        raise ValueError("Expected at least one month to fit, was none.")
    ordered = sorted(months)
    shaping = ordered[-depth.shape_months :]
    wanted = [published_shape(trust, [name]) for name in shaping]
    patients = patients_of(trust, ordered[-1], region)
    a_day = sum(shape.a_day for shape in wanted) / len(wanted)
    queues = Queues(patients, a_day, depth.seed, depth.handovers)
    names = [site.id for site, _ in patients.departments]
    plain = _fit_at(trust, np.array(STARTS[0]), own_deviates(names))
    shaped = _shaped(plain, queues, wanted, depth.evaluations)
    fit = msgspec.structs.replace(
        shaped,
        months=tuple(ordered),
        curve=_curve(shaped, _queues(patients, a_day, depth, CURVE_SEED)),
        answer=month_answers(ordered)[trust],
    )
    # Where no month is named, the bays are those of the months of the shape together.
    return at_mean(fit, published_shape(trust, shaping).mean_min)


def refit_months(fit: BayFit, months: Sequence[str]) -> BayFit:
    """Return a fit that keeps its shape, with the months that say how its mean answers to one.

    Raises
    ------
    ValueError
        When no month is given or one is not published.
    """
    if not months:
        raise ValueError("Expected at least one month to fit, was none.")
    ordered = sorted(months)
    return msgspec.structs.replace(
        fit, months=tuple(ordered), answer=month_answers(ordered)[fit.trust]
    )


def run_bays(fit: BayFit, at: str, region: Region, depth: Depth = Depth()) -> BayMonth:
    """Return what queues alone for fitted bays give in a month, beside what was published.

    Only its arrivals and its pressure are taken from the month. Chance is not that of the fit.
    """
    published = published_shape(fit.trust, [at])
    patients = patients_of(fit.trust, at, region)
    queues = _queues(patients, published.a_day, depth, MONTH_SEED)
    there = alone_at_month(fit, at)
    return BayMonth(
        month=at, published=published, modelled=_mean_of([one.shape(there) for one in queues])
    )


def together(months: Sequence[BayMonth]) -> BayMonth:
    """Return some months of a trust as one: means of shapes, by their handovers."""
    weights = [one.published.a_day * _days(one.month) for one in months]
    return BayMonth(
        month=f"{len(months)} months",
        published=_mean_of([one.published for one in months], weights),
        modelled=_mean_of([one.modelled for one in months], weights),
    )


def _mean_of(
    shapes: Sequence[HandoverShape], weights: Sequence[float] | None = None
) -> HandoverShape:
    """Return the mean of some shapes, weighted or not."""
    named = ("a_day", "mean_min", *SHARES)
    rows = [[getattr(shape, name) for name in named] for shape in shapes]
    found = np.average(np.array(rows), axis=0, weights=weights).tolist()
    return HandoverShape(**dict(zip(named, found, strict=True)))


def _queues(patients: Patients, a_day: float, depth: Depth, chance: int) -> list[Queues]:
    """Return the runs of which a curve or a month is the mean."""
    seeds = range(depth.seed + chance, depth.seed + chance + CURVE_RUNS)
    return [Queues(patients, a_day, seed, depth.handovers) for seed in seeds]


def _shaped(
    plain: BayFit, queues: Queues, wanted: Sequence[HandoverShape], evaluations: int
) -> BayFit:
    """Return the shape whose curve comes nearest to some months, with each one's own bays."""
    from scipy.optimize import minimize

    def loss(at: Float64s) -> float:
        held = np.clip(at, LOWEST, HIGHEST)
        # Beyond its bounds a shape is that of the bounds, and worse the further it is.
        beyond = float(np.abs(at - held).sum())
        points = _points(_fit_at(plain.trust, held, plain.hospitals), [queues])
        return _distance(points, wanted) + 10.0 * beyond

    found = [
        minimize(
            loss,
            np.array(start),
            method="Nelder-Mead",
            options={"maxfev": evaluations, "initial_simplex": _simplex(np.array(start))},
        )
        for start in STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    return _fit_at(plain.trust, np.round(best.x, 4), plain.hospitals)


def _points(fit: BayFit, runs: Sequence[Queues]) -> list[tuple[float, HandoverShape]]:
    """Return what every number of bays gives, the shortest mean first."""
    found = []
    for bays in BAYS_TRIED[::-1].tolist():
        tried = msgspec.structs.replace(fit, bays_per_load=bays)
        found.append((bays, _mean_of([queues.shape(tried) for queues in runs])))
    return found


def _curve(fit: BayFit, runs: Sequence[Queues]) -> tuple[tuple[float, float], ...]:
    """Return means and the bays that give them, means in rising order."""
    found: list[tuple[float, float]] = []
    for bays, shape in _points(fit, runs):
        if not found or shape.mean_min > found[-1][0]:
            found.append((round(shape.mean_min, 4), round(bays, 4)))
    return tuple(found)


def _distance(
    points: Sequence[tuple[float, HandoverShape]], wanted: Sequence[HandoverShape]
) -> float:
    """Return how far some months are from a curve, at the places of their means."""
    means = np.maximum.accumulate(np.log([shape.mean_min for _, shape in points]))
    worst = max(log(shape.mean_min) for shape in wanted)
    short = max(0.0, worst + log(REACH) - float(means[-1]))
    total = MEAN_WEIGHT * short * short * len(wanted)
    for month_shape in wanted:
        at = log(month_shape.mean_min)
        held = min(max(at, means[0]), means[-1])
        total += MEAN_WEIGHT * (held - at) ** 2
        for name in SHARES:
            shares = [getattr(shape, name) for _, shape in points]
            share = getattr(month_shape, name)
            off = (float(np.interp(at, means, shares)) - share) / tolerance(share)
            total += off * off / len(SHARES)
    return total / len(wanted)


def _simplex(start: Float64s) -> Float64s:
    return np.vstack([start, start + np.diag(np.array(STEPS))])


def _fit_at(trust: str, at: Float64s, hospitals: dict[str, float]) -> BayFit:
    held = np.clip(at, LOWEST, HIGHEST).tolist()
    return BayFit(
        trust=trust,
        service_mean_min=held[0],
        service_log_sd=held[1],
        bays_per_load=1.0,
        pressure_log_sd=held[2],
        relief=held[3],
        leaves=held[4],
        hospitals=hospitals,
    )


def _days(name: str) -> int:
    year, number = (int(part) for part in name.split("-"))
    return monthrange(year, number)[1]
