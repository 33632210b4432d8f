"""What an area loses with the unit that leaves it: the coverage term of the joint problem."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatch.domain.unit import STATUS_NUMBER, UnitKind, UnitStatus
from dispatch.policies.coverage import cover_costs_us, cover_counts, cover_losses
from dispatch.policies.expected_demand import demand_of
from dispatch.policies.relocate_cover import busy_share
from dispatch.ports import Picture
from dispatch.state import Unit

_ON_STATION = STATUS_NUMBER[UnitStatus.ON_STATION]


def coverage_us(picture: Picture, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the cost of the cover that is lost with each unit, in weighted microseconds.

    Nought for units that do not wait at a post, of trusts whose demand is not known, and where
    hardly any unit is idle: then cover is no criterion.
    """
    cost = np.zeros(len(rows), np.int64)
    if picture.ground is None:
        return cost
    table = picture.state.table
    waits = table.status[rows] == _ON_STATION
    for trust, number in picture.state.trusts.items():
        area = picture.ground.get(trust)
        if area is None:
            continue
        row_of = {post: row for row, post in enumerate(area.posts)}
        own = np.flatnonzero(waits & (table.trust[rows] == number))
        units: list[Unit] = [table.units[slot] for slot in rows[own].tolist()]
        kept = [
            i
            for i, unit in enumerate(units)
            if unit.spec.kind is UnitKind.DCA and unit.post in row_of
        ]
        on_duty = int((table.trust[: table.size] == number).sum())
        if not kept or len(kept) < picture.settings.cover.idle_share_min * on_duty:
            continue
        reach = np.array([area.reach[row_of[units[i].post]] for i in kept])  # type: ignore[index]
        demand, _ = demand_of(picture, trust, area)
        losses = cover_losses(demand, cover_counts(reach), reach, busy_share(picture, trust))
        cost[own[kept]] = cover_costs_us(losses, picture.settings.cover.minutes_of_unit)
    return cost
