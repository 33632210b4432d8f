"""Default: an idle unit goes where it adds most expected cover, less the price of the drive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Candidate, Explanation, Relocate, Term, Verdict
from dispatch.domain.ids import PostId, TrustCode
from dispatch.domain.travel import UNREACHABLE_MS, Mode, Position
from dispatch.domain.unit import KIND_NUMBER, ON_JOB, STATUS_NUMBER, UnitKind, UnitStatus
from dispatch.policies.coverage import (
    Reached,
    best_place,
    counts_from,
    cover_gains,
    net_gains,
    reached,
    rebalance,
)
from dispatch.policies.expected_demand import demand_of
from dispatch.policies.relocate_home import relocate_home
from dispatch.ports import Area, Picture, position_now
from dispatch.state import Unit

Rows = npt.NDArray[np.int64]

BUSY_MIN: Final = 0.3
BUSY_MAX: Final = 0.95
"""Bounds of the busy fraction in the cover formula (reference: Daskin's MEXCLP needs q < 1)."""

_DCA: Final = KIND_NUMBER[UnitKind.DCA]
_WAITS: Final = np.isin(
    np.arange(len(UnitStatus)),
    [STATUS_NUMBER[UnitStatus.ON_STATION], STATUS_NUMBER[UnitStatus.RELOCATING]],
)
_WORKS: Final = np.isin(np.arange(len(UnitStatus)), [STATUS_NUMBER[s] for s in ON_JOB])
_ON_DUTY: Final = (
    _WORKS | _WAITS | (np.arange(len(UnitStatus)) == STATUS_NUMBER[UnitStatus.AVAILABLE])
)


def relocate_cover(picture: Picture, unit: Unit) -> Relocate | None:
    """Send a unit that became free to the post where it covers most that is not covered.

    Only ambulances cover; other kinds, units of trusts without known demand, and units within the
    last hour of their duty go home.
    """
    area = None if picture.ground is None else picture.ground.get(unit.spec.trust)
    ends_soon = unit.until_ms is not None and unit.until_ms - picture.now_ms < GO_HOME_MS
    if area is None or unit.spec.kind is not UnitKind.DCA or ends_soon:
        return relocate_home(picture, unit)
    origin = position_now(unit, picture.travel, picture.now_ms)
    times = picture.travel.from_one_ms(origin, area.post_positions, Mode.ORDINARY, picture.now_ms)
    drive_min = np.where(times < UNREACHABLE_MS, times / 60_000.0, np.inf)
    busy = busy_share(picture, unit.spec.trust)
    demand, degraded = demand_of(picture, unit.spec.trust, area)
    posts = _posts(picture, unit.spec.trust, area)
    counts = counts_from(_others_places(picture, unit, posts), posts.reach)
    gains = cover_gains(demand, counts, posts.reach, busy)
    best = best_place(net_gains(gains, drive_min, picture.settings.cover))
    if best is None:
        return relocate_home(picture, unit)
    return Relocate(
        unit=unit.spec.id,
        post=area.posts[best],
        origin=origin,
        eta_ms=int(times[best]),
        why=msgspec.structs.replace(
            _why(area, best, gains, times, picture.settings.candidates_max), degraded=degraded
        ),
    )


GO_HOME_MS: Final = 3_600_000
"""Within this time of the end of duty a unit waits at its base (assumed)."""


def rebalance_cover(picture: Picture, trust: TrustCode) -> list[Relocate]:
    """Return the few moves of waiting units that are worth their drive; none while anyone waits."""
    area = None if picture.ground is None else picture.ground.get(trust)
    if area is None or picture.state.waiting.of(trust):
        return []
    posts = _posts(picture, trust, area)
    units = [
        unit
        for unit in _idle(picture, trust)
        if unit.status is UnitStatus.ON_STATION and unit.post in posts.row_of
    ]
    if not units:
        return []
    origins = np.array([unit.origin for unit in units], np.int64)
    standing = np.array([posts.row_of[unit.post] for unit in units if unit.post], np.int64)
    movable = _one_of_each_post(units, np.array([_may_move(picture, unit) for unit in units]))
    busy = busy_share(picture, trust)
    demand, degraded = demand_of(picture, trust, area)

    def drives_ms(rows: Rows, places: Rows) -> npt.NDArray[np.int32]:
        return picture.travel.matrix_ms(
            origins[rows], area.post_positions[places], Mode.ORDINARY, picture.now_ms
        )

    def drives_min(rows: Rows, places: Rows) -> npt.NDArray[np.float64]:
        times = drives_ms(rows, places)
        return np.where(times < UNREACHABLE_MS, times / 60_000.0, np.inf)

    moves = rebalance(
        demand,
        posts.reach,
        standing,
        np.arange(len(area.posts)),
        drives_min,
        movable,
        busy,
        picture.settings.cover,
    )
    return [
        Relocate(
            unit=units[move.unit].spec.id,
            post=area.posts[move.post],
            origin=Position(int(origins[move.unit])),
            eta_ms=int(drives_ms(np.array([move.unit]), np.array([move.post]))[0, 0]),
            why=Explanation(
                candidates=(Candidate(area.posts[move.post], Verdict.CHOSEN),),
                terms=(Term("cover", round(move.gain, 4)),),
                note="rebalancing while nobody waits",
                degraded=degraded,
            ),
        )
        for move in moves
    ]


def _one_of_each_post(units: list[Unit], movable: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the first unit of each post that may be asked: those that stand together are alike."""
    seen: set[PostId | None] = set()
    chosen = np.zeros(len(units), np.bool_)
    for row in np.flatnonzero(movable).tolist():
        if units[row].post not in seen:
            chosen[row] = True
            seen.add(units[row].post)
    return chosen


def _may_move(picture: Picture, unit: Unit) -> bool:
    near_end = unit.until_ms is not None and unit.until_ms - picture.now_ms < GO_HOME_MS
    return unit.relocations < picture.settings.relocations_max and not near_end


def busy_share(picture: Picture, trust: TrustCode) -> float:
    """Return the share of a trust's ambulances on duty that are on a job, within bounds."""
    table, index = picture.state.table, picture.state.trusts.get(trust, -1)
    size = table.size
    own = (table.trust[:size] == index) & (table.kind[:size] == _DCA)
    status = table.status[:size][own]
    on_duty = int(_ON_DUTY[status].sum())
    busy = int(_WORKS[status].sum()) / on_duty if on_duty else BUSY_MAX
    return min(max(busy, BUSY_MIN), BUSY_MAX)


def _idle(picture: Picture, trust: TrustCode) -> list[Unit]:
    """Return a trust's ambulances that wait at a post or are on their way to one."""
    table, index = picture.state.table, picture.state.trusts.get(trust, -1)
    size = table.size
    mask = (table.trust[:size] == index) & (table.kind[:size] == _DCA) & _WAITS[table.status[:size]]
    return [table.units[slot] for slot in np.flatnonzero(mask).tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class _Posts:
    """The posts of an area: the row of each by name, and the places that each reaches."""

    area: Area
    row_of: dict[PostId, int]
    reach: Reached


def _posts(picture: Picture, trust: TrustCode, area: Area) -> _Posts:
    """Return the posts of a trust's area, worked out once."""
    kept: dict[TrustCode, _Posts] = picture.memo.setdefault("posts of areas", {})
    known = kept.get(trust)
    if known is None or known.area is not area:
        row_of = {post: row for row, post in enumerate(area.posts)}
        known = kept[trust] = _Posts(area, row_of, reached(area.reach))
    return known


def _others_places(picture: Picture, unit: Unit, posts: _Posts) -> Rows:
    """Return the post of each waiting unit other than this one."""
    rows = [
        posts.row_of.get(other.post)
        for other in _idle(picture, unit.spec.trust)
        if other.post is not None and other.spec.id != unit.spec.id
    ]
    return np.array([row for row in rows if row is not None], np.int64)


def _why(
    area: Area,
    best: int,
    gains: npt.NDArray[np.float64],
    times: npt.NDArray[np.int32],
    most: int,
) -> Explanation:
    by_gain: list[int] = np.argsort(-gains, kind="stable").tolist()
    order = [best, *(row for row in by_gain[: min(most, 4)] if row != best)]
    candidates = tuple(
        Candidate(
            PostId(area.posts[row]),
            Verdict.CHOSEN if row == best else Verdict.COSTLIER,
            int(times[row]) if times[row] < UNREACHABLE_MS else None,
        )
        for row in order[: min(most, 4)]
    )
    return Explanation(candidates=candidates, terms=(Term("cover", round(float(gains[best]), 4)),))
