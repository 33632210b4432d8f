"""The clairvoyant bound of a simulated world: from a call log and its fates to jobs and crews.

Two bounds are given, and they answer different questions. The *strict* one holds for every policy:
between two patients a unit may go anywhere, even towards a call that has not come in, so it limits
by the number of crews only. The *standing* one is a reference: units are sent from a post, a
hospital or where they became free. See ``docs/explanation/clairvoyant-bound.md``.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.bound import NEVER_MS, Bound, Crews, Jobs, TravelFloor, mean_bounds_ms
from benchmarks.bound import response_bound as bound_of
from benchmarks.call_log.log import CallLog
from benchmarks.replay import month_of, travel_times
from benchmarks.simulator.assumptions import published_month
from benchmarks.simulator.duty import duties
from benchmarks.simulator.fate import ABSENT, BY_TELEPHONE, CONVEYED, fates
from benchmarks.simulator.home_trust import home_trusts
from benchmarks.simulator.hospital import service_ms
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from dispatch.domain.category import RANK, Category, reported_as
from dispatch.domain.clock import clock_start_ms
from dispatch.domain.settings import ClockRules
from dispatch.domain.travel import UNREACHABLE_MS, Mode
from dispatch.domain.unit import CONVEYING_KINDS, UnitKind
from dispatch.domain.weighing import HarmParameters
from dispatch.ports import TravelTimes
from maps.geo import LonLat
from maps.region import Region

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

HOSPITALS_TRIED: Final = 6
"""Nearest hospitals among which a policy may choose; further ones end a job later."""

PROBED_HOURS: Final = tuple(range(0, 168, 3))
"""Hours of a week at which travel times are compared to find every hour class."""

ASSUMPTIONS: Final = (
    "Counted is the unit that stops the clock; second units, breaks and faults are not.",
    "No unit is sent after its shift has ended; it may finish late.",
    "A patient goes where the log says, or to one of the six nearest hospitals, without a queue.",
    "Roads are as in their quickest hour; a journey has its incident's luck (strict: if good).",
    "Strict: a unit may be anywhere on the road between two patients, even on purpose.",
    "Standing: it is sent from a post, a hospital or where it became free, not from the road.",
    "The mean of a category is bounded with all other categories left out.",
)
"""What must hold for the bounds to hold, in words."""


class CategoryBound(msgspec.Struct, frozen=True, kw_only=True):
    """Lower bounds of one category's mean response, in seconds from clock start."""

    category: str
    incidents: int
    strict_s: float
    standing_s: float


class WorldBound(msgspec.Struct, frozen=True, kw_only=True):
    """Lower bounds of a simulated world.

    ``harm_strict`` and ``harm_standing`` bound the harm of waiting of all incidents together, in
    C2-minutes an incident, clock start to arrival.
    """

    categories: dict[str, CategoryBound]
    harm_strict: float
    harm_standing: float
    assumptions: tuple[str, ...] = ASSUMPTIONS


def world_bound(
    log: CallLog,
    region: Region,
    world: WorldSettings | None = None,
    *,
    travel: TravelTimes | None = None,
    clock: ClockRules | None = None,
) -> WorldBound:
    """Return lower bounds of the response times that any policy could reach on a log.

    Parameters
    ----------
    log, region, world
        As for `benchmarks.replay.replay`; the same fates are drawn.
    travel
        The region's travel times, when the caller has them already.
    clock
        Rules of the clock; the default ones if None.

    Notes
    -----
    Seconds to minutes for a trust's days; national logs need memory for all pairs of places.
    """
    world = world or WorldSettings()
    travel = travel or travel_times(region)
    problem = _Problem(log, region, world, travel, clock or ClockRules())
    strict, standing = problem.ways(exact=False), problem.ways(exact=True)
    stands = problem.stands
    loose = mean_bounds_ms(problem.jobs, problem.crews, strict, problem.category)
    tight = mean_bounds_ms(problem.jobs, problem.crews, standing, problem.category, stands=stands)
    growth = HarmParameters().growth_ms
    return WorldBound(
        categories={
            name: CategoryBound(
                category=name,
                incidents=int((problem.category == name).sum()),
                strict_s=problem.from_clock_s(name, loose[name]),
                standing_s=problem.from_clock_s(name, tight[name]),
            )
            for name in loose
        },
        harm_strict=problem.harm(bound_of(problem.jobs, problem.crews, strict, growth_ms=growth)),
        harm_standing=problem.harm(
            bound_of(problem.jobs, problem.crews, standing, growth_ms=growth, stands=stands)
        ),
    )


class _Problem:
    """Jobs and crews of a log. Places are numbered: jobs, hospitals, posts."""

    def __init__(
        self,
        log: CallLog,
        region: Region,
        world: WorldSettings,
        travel: TravelTimes,
        clock: ClockRules,
    ) -> None:
        self._region, self._world = region, world
        month = published_month(world.month or month_of(log.received_at_ms))
        self._fates = fates(log, home_trusts(log, region), month, world)
        codes = [Category(word or "C5") for word in log.category]
        self._rows = np.array(
            [row for row, end in enumerate(self._fates.outcome) if end not in BY_TELEPHONE],
            np.int64,
        )
        # A C5 that a crew saw, as its log says, runs as a C4 (see `benchmarks.replay`).
        seen = [codes[row] for row in self._rows.tolist()]
        self._codes = [Category.C4 if code is Category.C5 else code for code in seen]
        self.category = np.array([str(reported_as(code)) for code in self._codes])
        received = log.received_at_ms[self._rows]
        self._known_ms = received + _column(self._fates.coded_after_ms, self._rows)
        self._lead_ms = self._known_ms - np.array(
            [
                clock_start_ms(
                    clock, code, connected_at_ms=at, coded_at_ms=known, assigned_at_ms=None
                )
                for code, at, known in zip(
                    self._codes, received.tolist(), self._known_ms.tolist(), strict=True
                )
            ]
        )
        self._own_travel_ms = _column(self._fates.travel_ms, self._rows)
        self._places(log, travel)
        self.jobs = self._jobs(log)
        self.crews = self._crews()

    def ways(self, *, exact: bool) -> TravelFloor:
        """Return travel times whose journeys to an incident carry its luck."""
        factor = np.ones(self._size)
        own = np.array(self._fates.travel_factor)[self._rows]
        factor[: self._rows.size] = own if exact else np.minimum(own, 1.0)
        # Where the log brings the journey, it counts with mobilisation, from wherever it begins.
        factor[: self._rows.size][self._own_travel_ms >= 0] = 0.0
        modes = self._mode if exact else np.zeros_like(self._mode)
        tables, place = self._tables, self._place

        def travel(origins: Int32s, destinations: Int32s) -> Int32s:
            rows, columns = place[origins], place[destinations]
            found = np.empty((rows.size, columns.size), np.float64)
            for mode, table in enumerate(tables):
                chosen = modes[destinations] == mode
                found[:, chosen] = table[np.ix_(rows, columns[chosen])]
            found = np.where(found >= UNREACHABLE_MS, found, np.floor(found * factor[destinations]))
            return found.astype(np.int32)

        return travel

    @property
    def stands(self) -> Int32s:
        """Hospitals and posts."""
        return np.arange(self._rows.size, self._size, dtype=np.int32)

    def from_clock_s(self, category: str, bound: Bound) -> float:
        """Return the bound of a mean, in seconds from clock start instead of from the report."""
        return (bound.mean_ms + float(self._lead_ms[self.category == category].mean())) / 1000.0

    def harm(self, bound: Bound) -> float:
        """Return the bound of harm an incident, in C2-minutes (weights are those of harm)."""
        return bound.total / 60_000.0 / max(self._rows.size, 1)

    def _places(self, log: CallLog, travel: TravelTimes) -> None:
        region = self._region
        at = [LonLat(float(log.lon[row]), float(log.lat[row])) for row in self._rows.tolist()]
        at += [hospital.at for hospital in region.hospitals]
        at += [post.at for post in region.posts]
        positions, self._place = np.unique(
            np.array([travel.snap(point) for point in at], np.int64), return_inverse=True
        )
        self._size = len(at)
        hours = _distinct_hours(travel, positions, int(self._known_ms[0]))
        self._tables = [
            _quickest(travel, positions, mode, hours) for mode in (Mode.BLUE_LIGHT, Mode.ORDINARY)
        ]
        ordinary = np.array([RANK[code] > _BLUE_LIGHT_RANK_MAX for code in self._codes], np.int8)
        self._mode = np.zeros(self._size, np.int8)
        self._mode[: self._rows.size] = ordinary

    def _jobs(self, log: CallLog) -> Jobs:
        """Return the incidents, with the ways in which the unit that stops the clock is freed."""
        drawn, rows, n = self._fates, self._rows, self._rows.size
        mobilise = np.minimum(
            _column(drawn.mobilisation_ms, rows), _column(drawn.road_mobilisation_ms, rows)
        )
        place = np.full((n, HOSPITALS_TRIED + 1), -1, np.int32)
        after = np.zeros((n, HOSPITALS_TRIED + 1), np.int64)
        scene = _column(drawn.scene_ms, rows)
        clear = _column(drawn.clear_ms, rows)
        named = self._named_hospitals(log)
        for k, row in enumerate(rows.tolist()):
            if drawn.outcome[row] in CONVEYED:
                sites, conveyance = self._conveyances(k, row, named[k])
                place[k, : sites.size] = n + sites
                stay = self._stay_ms(row) + int(clear[k])
                after[k, : sites.size] = int(scene[k]) + conveyance + stay
            else:
                place[k, 0], after[k, 0] = k, int(scene[k]) + int(clear[k])
            if self._responder_may_stop(row, self._codes[k]):
                early = min(int(scene[k]), round(self._world.responder_stays_s * 1000))
                place[k, -1], after[k, -1] = k, early
        weights = HarmParameters()
        return Jobs(
            at_ms=self._known_ms,
            place=np.arange(n, dtype=np.int32),
            mobilise_ms=mobilise + np.maximum(self._own_travel_ms, 0),
            exit_place=place,
            exit_after_ms=after,
            weight_milli=np.array([weights.weight_milli(RANK[c]) for c in self._codes], np.int64),
        )

    def _responder_may_stop(self, row: int, code: Category) -> bool:
        """Test whether a unit that does not convey can stop this incident's clock."""
        stops = RANK[code] == 1 or self._fates.outcome[row] not in CONVEYED
        return stops and any(
            UnitKind[unit.kind] not in CONVEYING_KINDS for unit in self._region.fleet
        )

    def _conveyances(self, k: int, row: int, named: int | None) -> tuple[Int64s, Int64s]:
        """Return hospitals that a patient may go to, and the drive to each."""
        n = self._rows.size
        mode = Mode.BLUE_LIGHT if RANK[self._codes[k]] == 1 else Mode.ORDINARY
        sites = np.arange(len(self._region.hospitals))
        drive = self._tables[mode][self._place[k], self._place[n + sites]].astype(np.int64)
        own = self._fates.conveyance_ms[row]
        real = np.floor(drive * self._fates.conveyance_factor[row]).astype(np.int64)
        if own != ABSENT:
            real = np.full(sites.size, own, np.int64)
        chosen = np.argsort(drive, kind="stable")[:HOSPITALS_TRIED]
        if named is not None:
            chosen = np.array([named])
        return chosen, real[chosen]

    def _stay_ms(self, row: int) -> int:
        """Return the least time at the hospital."""
        drawn = self._fates.handover_ms[row]
        if self._world.handover is HandoverModel.DRAWN:
            return drawn
        assumed = self._world.bays
        uniform = self._fates.service_uniform[row : row + 1]
        own = service_ms(assumed.service_mean_min, assumed.service_log_sd, uniform)[0]
        return min(drawn, own)

    def _named_hospitals(self, log: CallLog) -> list[int | None]:
        said = log.words.get("destination")
        if said is None or "destination" in self._world.ignored_columns:
            return [None] * self._rows.size
        number = {site.id: i for i, site in enumerate(self._region.hospitals)}
        words = list(said)
        return [number.get(words[row] or "") for row in self._rows.tolist()]

    def _crews(self) -> Crews:
        first = self._rows.size + len(self._region.hospitals)
        post = {site.id: first + i for i, site in enumerate(self._region.posts)}
        start_ms = int(self._known_ms.min()) // _HOUR_MS * _HOUR_MS
        end_ms = int(self._known_ms.max())
        shifts = [
            (begins, post[unit.home], NEVER_MS if ends is None else ends)
            for unit in self._region.fleet
            for begins, ends in duties(unit, start_ms, end_ms + 1, self._region.timezone)
        ]
        starts, places, ends = (np.array(part) for part in zip(*shifts, strict=True))
        return Crews(starts.astype(np.int64), places.astype(np.int32), ends.astype(np.int64))


_BLUE_LIGHT_RANK_MAX: Final = 2
_HOUR_MS: Final = 3_600_000


def _column(values: list[int], rows: Int64s) -> Int64s:
    return np.array(values, np.int64)[rows]


def _distinct_hours(travel: TravelTimes, positions: Int64s, from_ms: int) -> list[int]:
    """Return an instant of each hour class, told apart by the times of a few journeys."""
    spread = positions[np.linspace(0, positions.size - 1, min(positions.size, 12)).astype(int)]
    seen: dict[bytes, int] = {}
    for hour in PROBED_HOURS:
        at_ms = from_ms + hour * _HOUR_MS
        seen.setdefault(travel.matrix_ms(spread, spread, Mode.BLUE_LIGHT, at_ms).tobytes(), at_ms)
    return list(seen.values())


def _quickest(travel: TravelTimes, positions: Int64s, mode: Mode, hours: list[int]) -> Int32s:
    """Return the least time from each position to each other over the hours of the week."""
    least = travel.matrix_ms(positions, positions, mode, hours[0])
    for at_ms in hours[1:]:
        np.minimum(least, travel.matrix_ms(positions, positions, mode, at_ms), out=least)
    return least
