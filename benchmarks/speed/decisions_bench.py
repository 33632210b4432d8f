"""How long decisions take in a national picture: ``bluelight bench decisions``.

The real dispatcher, policies, roads and region; only places and times of incidents are drawn. A
decision is timed from the event to its orders and reasons, belief and all: admit, observe, decide,
and the picture put back as it was, so that every decision meets the same load.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from benchmarks.replay import travel_times
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, StandDown
from dispatch.domain.ids import IncidentId, TrustCode, UnitId
from dispatch.domain.settings import AidRules, AidScope, PolicyNames, Settings
from dispatch.engine import opening, settings_named, unit_spec
from dispatch.ground import lay
from dispatch.policies.tables import POLICIES
from dispatch.ports import Picture, PolicySet, TravelTimes
from dispatch.state import Incident
from maps.facilities import FleetUnit
from maps.geo import LonLat
from maps.region import Region
from maps.region_file import load_region

NOW_MS: Final = 1_772_625_600_000
"""Wednesday, 4 March 2026, 12:00 UTC."""

UNITS: Final = 3_500
JOINT_INCIDENTS: Final = 600
JOINT_UNITS: Final = 1_200
ON_THEIR_WAY: Final = 200
"""Of the units of the joint round, those already sent; their incidents take part besides."""

_HOLD: Final = "hold"
_HOUR_MS: Final = 3_600_000


def run(json: bool = False, seed: int = 1, repeats: int = 300) -> dict[str, Any]:  # noqa: FBT001, FBT002
    """Return the milliseconds of each decision, and print them unless asked for JSON.

    ``c1_3500_units_ms``: a C1 is reported in all England, 3,500 units of eleven trusts on duty, all
    of them candidates. ``joint_600x1200_ms``: one round over 600 waiting incidents of C2 to C4 and
    1,200 units, travel times included. ``c2_3500_units_ms`` is a C2 in the first picture.
    """
    region = load_region("england")
    travel = travel_times(region)
    draw = np.random.default_rng(seed)
    result: dict[str, Any] = {
        "region": region.name,
        "travel_version": travel.version,
        "c1_3500_units_ms": _reports(region, travel, Category.C1, draw, repeats),
        "c2_3500_units_ms": _reports(region, travel, Category.C2, draw, repeats),
        "joint_600x1200_ms": _joint(region, travel, draw, repeats),
    }
    if not json:
        for name, spread in result.items():
            print(f"{name:20} {_shown(spread)}")
    return result


def _shown(spread: object) -> str:
    if not isinstance(spread, dict):
        return str(spread)
    return "  ".join(f"{key} {value:.3g}" for key, value in spread.items())


def _settings() -> Settings:
    """Return the recommended configuration, with every trust ready to help for C1."""
    return msgspec.structs.replace(
        settings_named("default"), aid=AidRules(scope=AidScope.C1_NEAREST)
    )


def _reports(
    region: Region, travel: TravelTimes, category: Category, draw: np.random.Generator, n: int
) -> dict[str, float]:
    """Time reports of incidents while 3,500 units stand by, some of which move in between."""
    places = _Places(region)
    dispatcher = _with_units(region, travel, UNITS, draw)
    dispatcher.state.settings = _settings()
    reports = _incidents(places, draw, n, [category], "R")

    def prepare(_: int) -> None:
        _move_some(places, dispatcher, draw)

    def decide(turn: int) -> Sequence[object]:
        return dispatcher.recommend(reports[turn], NOW_MS)

    return _spread(prepare, decide, n)


def _joint(
    region: Region, travel: TravelTimes, draw: np.random.Generator, n: int
) -> dict[str, float]:
    """Time whole rounds; every few of them another picture is drawn."""
    places = _Places(region)
    pictures: list[tuple[Picture, list[Incident]]] = []
    for picture in range(3):
        dispatcher = _with_units(region, travel, JOINT_UNITS, draw)
        dispatcher.state.settings = msgspec.structs.replace(
            _settings(), policies=PolicyNames(assign="nearest"), round_every_s=None
        )
        for report in _incidents(places, draw, ON_THEIR_WAY, [Category.C3], f"W{picture}-"):
            dispatcher.handle(report, NOW_MS)
        dispatcher.state.settings = _holding()
        for report in _incidents(places, draw, JOINT_INCIDENTS, _BELOW_C1, f"J{picture}-"):
            dispatcher.handle(report, NOW_MS)
        dispatcher.state.settings = _settings()
        waiting = list(dispatcher.state.waiting.values())
        pictures.append((Picture(dispatcher.state, travel, NOW_MS), waiting))

    def decide(turn: int) -> Sequence[object]:
        picture, waiting = pictures[turn % len(pictures)]
        return POLICIES.assign["joint"](picture, waiting)

    return _spread(lambda _: None, decide, n)


class _Places:
    """Places of incidents and units: demand places of a trust, in proportion to people."""

    def __init__(self, region: Region) -> None:
        self.trusts = [trust.code for trust in region.trusts]
        of = np.array(region.demand.trust)
        self._lon, self._lat = region.demand.lon, region.demand.lat
        self._rows = {trust: np.flatnonzero(of == trust) for trust in self.trusts}
        self._sums = {
            trust: np.cumsum(region.demand.population[rows]) for trust, rows in self._rows.items()
        }

    def draw(self, trust: str, draw: np.random.Generator) -> LonLat:
        sums = self._sums[trust]
        row = self._rows[trust][np.searchsorted(sums, draw.integers(sums[-1]), side="right")]
        return LonLat(float(self._lon[row]), float(self._lat[row]))


_BELOW_C1: Final = [Category.C2] * 13 + [Category.C3] * 6 + [Category.C4]


def _holding() -> Settings:
    """Return a configuration under which nobody is sent, to let incidents pile up."""
    return msgspec.structs.replace(
        _settings(), policies=PolicyNames(assign=_HOLD), round_every_s=None
    )


def _hold(picture: Picture, waiting: Sequence[Incident]) -> Sequence[Assign | StandDown]:
    del picture, waiting
    return ()


def _with_units(
    region: Region, travel: TravelTimes, count: int, draw: np.random.Generator
) -> Dispatcher:
    """Return a dispatcher with so many conveying units on duty, taken evenly from the fleet."""
    policies = PolicySet(
        assign={**POLICIES.assign, _HOLD: _hold},
        convey=POLICIES.convey,
        relocate=POLICIES.relocate,
        rebalance=POLICIES.rebalance,
        exchanging=POLICIES.exchanging,
    )
    ground = lay(region.demand, region.posts, travel, NOW_MS)
    dispatcher = Dispatcher(travel, policies, ground=ground)
    dispatcher.handle(opening(region, _holding()), NOW_MS - _HOUR_MS)
    posts = {post.id: post.at for post in region.posts}
    for unit in _evenly(region.fleet, count):
        spec = unit_spec(unit)
        dispatcher.handle(
            ev.UnitSignedOn(unit=spec, at=posts[unit.home], until_ms=NOW_MS + 8 * _HOUR_MS),
            NOW_MS - _HOUR_MS,
        )
    places = _Places(region)
    for _ in range(10):
        _move_some(places, dispatcher, draw, share=0.05)
    return dispatcher


def _evenly(fleet: Sequence[FleetUnit], count: int) -> Iterator[FleetUnit]:
    conveying = [unit for unit in fleet if unit.kind == "DCA"]
    if len(conveying) < count:
        raise ValueError(f"Expected {count} conveying units in the fleet, was {len(conveying)}.")
    for row in np.linspace(0, len(conveying) - 1, count).round().astype(int).tolist():
        yield conveying[row]


def _move_some(
    places: _Places,
    dispatcher: Dispatcher,
    draw: np.random.Generator,
    share: float = 0.002,
) -> None:
    """Report new positions of a few units, near where people live in their trust."""
    units = list(dispatcher.state.units)
    moved = draw.choice(len(units), max(1, int(share * len(units))), replace=False).tolist()
    for row in moved:
        unit = dispatcher.state.units[units[row]]
        place = places.draw(unit.spec.trust, draw)
        dispatcher.handle(
            ev.UnitPositionReported(unit=UnitId(unit.spec.id), at=place, reported_at_ms=NOW_MS),
            NOW_MS,
        )


def _incidents(
    places: _Places,
    draw: np.random.Generator,
    count: int,
    categories: Sequence[Category],
    prefix: str,
) -> list[ev.IncidentReported]:
    reports = []
    for number in range(count):
        trust = places.trusts[int(draw.integers(len(places.trusts)))]
        connected = NOW_MS - int(draw.integers(0, 60)) * 60_000
        reports.append(
            ev.IncidentReported(
                incident=IncidentId(f"{prefix}{number}"),
                trust=TrustCode(trust),
                at=places.draw(trust, draw),
                category=categories[int(draw.integers(len(categories)))],
                connected_at_ms=connected,
                coded_at_ms=connected,
            )
        )
    return reports


def _spread(
    prepare: Callable[[int], None], decide: Callable[[int], Sequence[object]], n: int
) -> dict[str, float]:
    """Return centiles over n turns after a warm-up, the collector off while the clock runs.

    ``cpu`` is the time that this thread worked: on a machine that is busy with other things the
    two differ, and only the first counts.
    """
    spent_ms, worked_ms = np.empty(n), np.empty(n)
    for turn in range(min(5, n)):
        prepare(turn)
        decide(turn)
    gc.collect()
    gc.disable()
    try:
        for turn in range(n):
            prepare(turn)
            began, began_work = time.perf_counter_ns(), time.thread_time_ns()
            decided = decide(turn)
            worked_ms[turn] = (time.thread_time_ns() - began_work) / 1e6
            spent_ms[turn] = (time.perf_counter_ns() - began) / 1e6
            if not decided:
                raise AssertionError("A decision was expected of every turn.")
    finally:
        gc.enable()
    p50, p99 = np.percentile(spent_ms, [50, 99]).tolist()
    cpu_p50, cpu_p99 = np.percentile(worked_ms, [50, 99]).tolist()
    return {"p50": p50, "p99": p99, "cpu_p50": cpu_p50, "cpu_p99": cpu_p99, "turns": float(n)}
