"""The queues of a trust's emergency departments, run by themselves: arrivals in, handovers out."""

from __future__ import annotations

from math import ceil
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.calibration.bays_kernel import handover_ms
from benchmarks.calibration.patients import Patients
from benchmarks.simulator.hospital import HOUR_MS, WALK_IN_RANK, service_ms, walk_ins
from benchmarks.simulator.quantile import exponential, normal
from benchmarks.simulator.settings import BayAssumptions
from benchmarks.simulator.staffed_bays import (
    LEAVES_AFTER_MS,
    PERIOD_MS,
    BayFit,
    open_bays,
    staffed_bays,
)
from benchmarks.simulator.streams import Streams, key_of, numbered
from maps.facilities import Hospital

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

DAY_MS: Final = 24 * HOUR_MS

DAYS_MIN: Final = 56
HANDOVERS_MIN: Final = 60_000
"""A run takes so many days, and usually so many handovers at least: a long tail needs many."""

DAYS_MAX: Final = 1_100

START_MS: Final = 1_772_323_200_000
"""Sunday, 1 March 2026: any start does, arrivals follow the hours of a day."""

WARM_UP_MS: Final = 7 * DAY_MS


class HandoverShape(msgspec.Struct, frozen=True, kw_only=True):
    """Handovers of a month: arrivals a day, mean in minutes, shares over 15, 30 and 60 minutes."""

    a_day: float
    mean_min: float
    over_15: float
    over_30: float
    over_60: float


class _Patients(msgspec.Struct, frozen=True):
    """The patients of one hospital in order: when, of which rank, and their chances.

    ``bay`` is the normal deviate of the time in a bay, ``walking_ms`` that time of who walked in.
    """

    site: Hospital
    a_day: float
    at_ms: Int64s
    rank: Int64s
    bay: Float64s
    walking_ms: Int64s
    leaves: Float64s


class Queues:
    """The hospitals of a trust with so many arrivals a day; equal chance for every fit.

    Parameters
    ----------
    patients
        The emergency departments, the share of arrivals that each has, and how urgent they are.
    a_day
        Arrivals by ambulance a day, all together.
    seed
        Chance of arrivals, days and times.
    handovers
        How many are run at least, unless that takes more than `DAYS_MAX` days.
    """

    def __init__(
        self,
        patients: Patients,
        a_day: float,
        seed: int,
        handovers: int = HANDOVERS_MIN,
    ) -> None:
        self._streams, self._assumed = Streams(seed), BayAssumptions()
        self.days = min(DAYS_MAX, max(DAYS_MIN, ceil(handovers / a_day) + 7))
        self._sites = [
            self._patients(site, a_day * share, patients.ranks)
            for site, share in patients.departments
        ]

    def _patients(self, site: Hospital, a_day: float, shares: tuple[float, float]) -> _Patients:
        period = (START_MS, START_MS + self.days * DAY_MS)
        drawing, zone = (self._streams, self._assumed), "Europe/London"
        by_ambulance = walk_ins(f"{site.id} ambulances", a_day, period, zone, drawing)
        on_foot = walk_ins(site.id, self._walking * a_day, period, zone, drawing)
        at_ms = np.array([row[0] for row in by_ambulance] + [row[0] for row in on_foot], np.int64)
        keys = numbered(key_of(site.id), np.arange(len(at_ms)))
        drawn = self._streams.uniform("rank", keys[: len(by_ambulance)])
        rank = 1 + (drawn >= shares[0]) + (drawn >= shares[0] + shares[1])
        ranks = np.concatenate([rank, np.full(len(on_foot), -WALK_IN_RANK)])
        order = np.argsort(at_ms, kind="stable")
        bay = self._streams.uniform("bay", keys)[order]
        walking_ms = service_ms(
            self._assumed.walk_in_service_mean_min, self._assumed.service_log_sd, bay
        )
        return _Patients(
            site,
            a_day,
            at_ms[order],
            ranks[order],
            normal(bay),
            np.array(walking_ms, np.int64),
            self._streams.uniform("leaves the queue", keys)[order],
        )

    @property
    def _walking(self) -> float:
        return self._assumed.walk_ins_per_conveyance * self._assumed.walk_in_share_of_bays

    def shape(self, fit: BayFit) -> HandoverShape:
        """Return the handovers of ambulance patients with some bays; the first week warms up."""
        found = [self._took(fit, patients) for patients in self._sites]
        minutes = np.concatenate(found) / 60_000.0
        return HandoverShape(
            a_day=len(minutes) / (self.days - 7),
            mean_min=float(minutes.mean()),
            over_15=float((minutes > 15).mean()),
            over_30=float((minutes > 30).mean()),
            over_60=float((minutes > 60).mean()),
        )

    def _took(self, fit: BayFit, patients: _Patients) -> Int64s:
        """Return the handover times of a hospital's ambulance patients."""
        assumed, site = self._assumed, patients.site
        bays = staffed_bays(
            (site.id, fit.hospitals.get(site.id)),
            open_bays(fit, patients.a_day, assumed),
            fit.pressure_log_sd,
            self.days * DAY_MS // PERIOD_MS,
            self._streams,
        )
        by_ambulance, sd = patients.rank > 0, fit.service_log_sd
        own = fit.service_mean_min * 60_000.0 * exponential(sd * patients.bay - sd * sd / 2.0)
        times = np.where(by_ambulance, np.rint(own).astype(np.int64), patients.walking_ms)
        took = handover_ms(
            patients.at_ms, np.abs(patients.rank), times, bays, START_MS, PERIOD_MS, fit.relief
        )
        # Their patients stay in the queue: who leaves shortens nobody else's wait.
        left = (took - times > LEAVES_AFTER_MS) & (patients.leaves < fit.leaves)
        took = np.where(left, LEAVES_AFTER_MS, took)
        return took[by_ambulance & (patients.at_ms >= START_MS + WARM_UP_MS)]
