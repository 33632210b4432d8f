"""What a fleet gives: composed days of one trust under a policy, beside what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import msgspec
import numpy as np

from benchmarks.calibration.crews import TrustCrews, crewed
from benchmarks.call_log.compose import compose
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.plan import month_days
from benchmarks.metrics_ambsys import ambsys
from benchmarks.metrics_table import table_of
from benchmarks.published import month as published_month
from benchmarks.replay import replay
from benchmarks.simulator.settings import BayAssumptions, HandoverModel, WorldSettings
from dispatch.domain.settings import Settings
from dispatch.ports import TravelTimes
from maps.region import Region

WARM_UP_MS: Final = 12 * 3_600_000
"""A trial begins at noon and is counted from midnight: by then there are as many queues as at the
end of any day."""

COMPARED: Final = ("A25", "A26", "A31", "A32", "A142", "A143")
"""Published figures beside which a trial is held, in seconds: mean and 90th centile of C1, of C2
and of handover at emergency departments."""

DAYS_MAX: Final = 27


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one month, modelled or published; seconds, and shares of patients seen.

    ``conveyed`` is the share of patients seen face to face who are conveyed, ``to_ed`` the share
    of all seen who go to an emergency department.
    """

    month: str
    c1_mean_s: float
    c1_p90_s: float
    c2_mean_s: float
    c2_p90_s: float
    handover_mean_s: float
    handover_p90_s: float
    conveyed: float
    to_ed: float
    incidents: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A trust's region, roads and policy, on which fleets are tried.

    ``incidents`` is how many incidents of each month are counted at least; the days they take are
    composed with the month's mean volume. ``seed`` stands for calls and world: two fleets meet
    the same. With ``bays`` crews queue for them; without, handover times are drawn as published.
    """

    region: Region
    travel: TravelTimes
    settings: Settings
    seed: int
    incidents: int
    bays: BayAssumptions | None = None

    def counting(self, incidents: int) -> Trial:
        """Return the same trial with another number of incidents."""
        return replace(self, incidents=incidents)

    def modelled(self, month: str, crews: TrustCrews) -> Figures:
        """Return what some crews of the trust give in a month."""
        return figures_of(month, self.indicators(month, crews))

    def indicators(self, month: str, crews: TrustCrews) -> Mapping[str, int | None]:
        """Return what some crews of the trust give in a month, by AmbSYS code."""
        trust = self.region.trusts[0].code
        log = self._log(month)
        midnight_ms = int(log.received_at_ms[0]) // WARM_UP_MS * WARM_UP_MS + WARM_UP_MS
        run = replay(
            log,
            crewed(self.region, {trust: crews}),
            self.settings,
            self._world(month),
            travel=self.travel,
        )
        table = table_of(run.records)
        return ambsys(table.where(table.connected_ms >= midnight_ms))

    def _world(self, month: str) -> WorldSettings:
        if self.bays is None:
            return WorldSettings(seed=self.seed, month=month)
        return WorldSettings(
            seed=self.seed, month=month, handover=HandoverModel.BAYS, bays=self.bays
        )

    def published(self, month: str) -> Figures:
        """Return what was published of the trust in a month."""
        return figures_of(month, published_month(self.region.trusts[0].code, month).values)

    def _log(self, month: str) -> CallLog:
        """Return calls from a noon to a midnight some days later, of the month's mean volume."""
        trust, length = self.region.trusts[0].code, len(month_days(month))
        mean = published_month(trust, month).known("A7") / length
        days = min(DAYS_MAX, ceil(self.incidents / mean))
        first = max(1, min(8, length - days))
        counted = compose(self.region, month, self.seed, first_day=first + 1, days=days)
        scale = mean * days / counted.expected_count
        log = compose(
            self.region, month, self.seed, first_day=first, days=days + 1, scale=scale
        ).log
        noon_ms = int(log.received_at_ms[0]) // (2 * WARM_UP_MS) * (2 * WARM_UP_MS) + WARM_UP_MS
        return log.taken(np.flatnonzero(log.received_at_ms >= noon_ms))


def figures_of(month: str, found: Mapping[str, int | None]) -> Figures:
    """Return the figures of a month by AmbSYS code.

    Raises
    ------
    ValueError
        When one of them is not there.
    """
    wanted = (*COMPARED, "A53", "A54", "A56", "A7")
    if missing := [code for code in wanted if found.get(code) is None]:
        raise ValueError(f"Expected {', '.join(missing)} of {month}, was nothing.")
    known = {code: found[code] or 0 for code in wanted}
    return Figures(
        month=month,
        c1_mean_s=known["A25"],
        c1_p90_s=known["A26"],
        c2_mean_s=known["A31"],
        c2_p90_s=known["A32"],
        handover_mean_s=known["A142"],
        handover_p90_s=known["A143"],
        conveyed=(known["A53"] + known["A54"]) / known["A56"],
        to_ed=known["A53"] / known["A56"],
        incidents=known["A7"],
    )
