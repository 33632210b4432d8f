"""How many bays of a hospital are really open: staffed by its load, and blocked more on some days.

Two hospitals with as many bays differ, and so do two days of one: wards that are full keep
patients in the bays. The factor is lognormal, half of its variance a hospital's own and half of
its days, which follow each other, good and bad ones spread evenly over four weeks. Where many wait,
room is made: some bays more for those who do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, fsum, log
from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.simulator.quantile import Float64s, exponential, lognormal, normal
from benchmarks.simulator.streams import Streams, UInt64s, key_of, numbered

Int64s = npt.NDArray[np.int64]

PERIOD_MS: Final = 4 * 3_600_000
"""Bays are opened and closed this often. Assumed."""

OWN_SHARE: Final = 0.5
"""Share of the variance between hospitals; the rest is between days. Assumed: published figures
of a whole trust cannot tell them apart."""

DAY_TO_DAY: Final = 0.7
"""Correlation of one day with the next. Assumed."""

BLOCK_DAYS: Final = 28
"""So many days are always spread alike: what a month has more than others is told apart
(`MonthAnswer`), and must not be drawn a second time (decision 0096)."""

_PERIODS_A_DAY: Final = 6


LEAVES_AFTER_MS: Final = 45 * 60_000
"""Crews that do not wait for a bay to the end leave their patient after so long: release to respond
at 45 minutes (NHS England, 2024)."""

NEAR_MONTHS: Final = 12.0
"""Over so many months what is a month's own fades to 1/e."""


class MonthAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How a trust's handovers answer to a month.

    The logarithm of the mean in minutes is ``level``, plus ``over_4h`` and ``over_12h`` times the
    pressure on its emergency departments (the share over four hours, and the logarithm of 12-hour
    waits for each admission), plus what fitted months nearby had more than that: ``near``, with
    weights that fade over `NEAR_MONTHS`.
    """

    level: float
    over_4h: float
    over_12h: float
    near: tuple[tuple[str, float], ...] = ()


class WorldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the handovers of a whole world answer to those of its queues alone.

    The logarithm of the world's mean is ``level`` plus ``slope`` times that of the queues alone:
    crews that wait bring nobody, so arrivals slacken where handovers are long. ``months`` are the
    fitted months that were replayed to find it.
    """

    level: float
    slope: float
    months: tuple[str, ...] = ()

    def alone(self, mean: float) -> float:
        """Return the mean that queues alone need for a world to have ``mean``, both in minutes."""
        return exp((log(mean) - self.level) / self.slope)


class BayFit(msgspec.Struct, frozen=True, kw_only=True):
    """How the hospitals that one trust conveys to hand over, as fitted to published months.

    ``bays_per_load`` is how many bays are staffed for each bay that patients would hold on average
    if nobody waited; ``pressure_log_sd`` its spread. ``months`` are those it was fitted on.
    """

    trust: str
    service_mean_min: float
    service_log_sd: float
    bays_per_load: float
    pressure_log_sd: float
    relief: float = 0.0
    """Bays more for each patient who waits: a full department makes room."""
    leaves: float = 0.0
    """Share of crews who leave a patient that still waits after `LEAVES_AFTER_MS`."""
    months: tuple[str, ...] = ()
    hospitals: dict[str, float] = {}
    """How far each hospital's bays are from the mean, in standard deviations; one that is not
    named has a deviate that is drawn."""
    curve: tuple[tuple[float, float], ...] = ()
    """Mean handover in minutes and the bays for the load that give it to queues alone, the shortest
    first."""
    answer: MonthAnswer | None = None
    """How the mean answers to a month. None: every month has ``bays_per_load``."""
    world: WorldAnswer | None = None
    """How a whole world answers to the queues. None: as if crews that wait brought others too."""


class Walking(Protocol):
    """What is assumed of patients who walk in."""

    @property
    def walk_ins_per_conveyance(self) -> float:
        """Patients who walk in for each who comes by ambulance."""

    @property
    def walk_in_share_of_bays(self) -> float:
        """Share of them who need a place where ambulance patients are received."""

    @property
    def walk_in_service_mean_min(self) -> float:
        """How long they hold it."""


class BayFits(msgspec.Struct, frozen=True, kw_only=True):
    """A file of fits, by trust."""

    fits: dict[str, BayFit]
    source: str = "AmbSYS A140 to A147"


def fits_from_json(data: bytes) -> Mapping[str, BayFit]:
    """Return the fits of a file.

    Raises
    ------
    ValueError
        When it is not one.
    """
    try:
        return msgspec.json.decode(data, type=BayFits).fits
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ValueError(f"Expected a file of fitted bays, was not: {error}") from error


def staffed_bays(
    hospital: tuple[str, float | None],
    mean: float,
    log_sd: float,
    periods: int,
    streams: Streams,
) -> Int64s:
    """Return the open bays of each period, one at least.

    Parameters
    ----------
    hospital
        Its id, and its own deviate; None: drawn. The same hospital has the same days whatever
        its neighbours do.
    mean
        Bays open on average.
    log_sd
        Spread of the factor.
    periods
        How many periods of `PERIOD_MS`.
    streams
        The chance of the world.
    """
    name, own = hospital
    key = key_of(name)
    if own is None:
        own = float(normal(streams.uniform("bays of hospital", key))[0])
    level = _day_levels(key, -(-periods // _PERIODS_A_DAY), streams)
    z = OWN_SHARE**0.5 * own + (1.0 - OWN_SHARE) ** 0.5 * level
    factor = exponential(log_sd * z - log_sd * log_sd / 2.0)
    each = np.repeat(mean * factor, _PERIODS_A_DAY)[:periods]
    part = streams.uniform("bays of period", numbered(key, np.arange(periods)))
    # A share of a bay is a bay for that share of the time.
    return np.maximum(1, np.floor(each + part)).astype(np.int64)


def _day_levels(key: UInt64s, days: int, streams: Streams) -> Float64s:
    """Return how good each day is, in standard deviations.

    Days follow one another as they are drawn; the values of each `BLOCK_DAYS` are the even
    quantiles of the normal distribution, the best of them for the best day that was drawn.
    """
    blocks = -(-days // BLOCK_DAYS)
    fresh = normal(streams.uniform("bays of day", numbered(key, np.arange(blocks * BLOCK_DAYS))))
    drawn, of_day = [], float(fresh[0]) if days else 0.0
    for deviate in fresh.tolist():
        of_day = DAY_TO_DAY * of_day + (1.0 - DAY_TO_DAY**2) ** 0.5 * deviate
        drawn.append(of_day)
    each = np.array(drawn).reshape(blocks, BLOCK_DAYS)
    ranks = np.argsort(np.argsort(each, axis=1, kind="stable"), axis=1, kind="stable")
    even = normal((np.arange(BLOCK_DAYS) + 0.5) / BLOCK_DAYS)
    found: Float64s = even[ranks].ravel()[:days]
    return found


def open_bays(fit: BayFit, ambulances_a_day: float, assumed: Walking) -> float:
    """Return how many bays a fit opens on average for a hospital's usual arrivals."""
    walking = assumed.walk_ins_per_conveyance * assumed.walk_in_share_of_bays
    each_min = fit.service_mean_min + walking * assumed.walk_in_service_mean_min
    return fit.bays_per_load * ambulances_a_day * each_min / 1440.0


def mean_fit(fits: Sequence[BayFit]) -> BayFit:
    """Return the means of some fits, for a trust that has none."""
    count = len(fits)
    return BayFit(
        trust="mean",
        service_mean_min=fsum(fit.service_mean_min for fit in fits) / count,
        service_log_sd=fsum(fit.service_log_sd for fit in fits) / count,
        bays_per_load=fsum(fit.bays_per_load for fit in fits) / count,
        pressure_log_sd=fsum(fit.pressure_log_sd for fit in fits) / count,
        relief=fsum(fit.relief for fit in fits) / count,
        leaves=fsum(fit.leaves for fit in fits) / count,
    )


def fitted_service_ms(fits: Sequence[BayFit], uniform: Float64s) -> list[int]:
    """Return the time in a bay of each row, with its own fit: lognormal, whole milliseconds."""
    mean_ms = np.array([fit.service_mean_min * 60_000.0 for fit in fits])
    sd = np.array([fit.service_log_sd for fit in fits])
    drawn = mean_ms * exponential(-sd * sd / 2.0) * lognormal(uniform, 0.0, sd)
    whole: list[int] = np.rint(drawn).astype(np.int64).tolist()
    return whole
