"""A region's crews, more or fewer of them: what a calibration says of each trust's fleet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from maps.facilities import FleetUnit, Post, Shift
from maps.region import Region

DAY_STARTS: Final = range(4, 16)
"""Local hours in which duties begin that count as duties by day."""

WEEKDAYS: Final = (1, 5, 3, 7, 2, 6, 4)
"""In which order days of the week are added to a crew's duty; ISO numbers."""

CAR_KINDS: Final = frozenset({"RRV"})


class TrustCrews(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a trust's assumed fleet.

    ``day`` and ``night`` multiply the units that convey whose duty begins from 04:00 to 15:59,
    and at other hours; ``cars`` multiplies rapid response vehicles; ``responders`` is how many
    posts have a first responder round the clock beside the units that the region has already:
    officers, fire crews and volunteers, of whom nothing is published; ``without`` names units that
    are left out. With ``part_time`` what is left of a unit is one on so many days of the week;
    without, it is rounded: of a service with a dozen crews each is a twelfth.
    """

    day: float = 1.0
    night: float = 1.0
    cars: float = 1.0
    responders: int = 0
    without: tuple[str, ...] = ()
    part_time: bool = False


def crewed(region: Region, crews: Mapping[str, TrustCrews]) -> Region:
    """Return a region with the fleets of some trusts changed; equal arguments, equal fleets.

    Places and roads, and so the region's version, stay: a journal says itself who signed on.

    Raises
    ------
    ValueError
        When a factor is below 0, or a unit to be left out is not there.
    """
    fleet: list[FleetUnit] = []
    for trust in sorted({unit.trust for unit in region.fleet}):
        own = [unit for unit in region.fleet if unit.trust == trust]
        change = crews.get(trust)
        if change is None:
            fleet += own
        else:
            fleet += _changed(own, _lonely_first(region, trust), change)
    return replace(region, fleet=tuple(sorted(fleet, key=lambda unit: unit.id)))


def _changed(
    own: Sequence[FleetUnit], posts: Sequence[Post], change: TrustCrews
) -> list[FleetUnit]:
    """Return a trust's units as a calibration changes them."""
    if missing := sorted(set(change.without) - {unit.id for unit in own}):
        raise ValueError(f"Expected units of {own[0].trust}, was {', '.join(missing)}.")
    left = [unit for unit in own if unit.id not in change.without]
    parts: dict[str, list[FleetUnit]] = defaultdict(list)
    for unit in left:
        parts[_part(unit)].append(unit)
    factors = {"day": change.day, "night": change.night, "cars": change.cars, "others": 1.0}
    found = [
        unit
        for name, units in parts.items()
        for unit in _times(units, factors[name], part_time=change.part_time)
    ]
    return found + _responders(posts[: change.responders], own)


def _part(unit: FleetUnit) -> str:
    """Return by which factor a unit is multiplied."""
    if unit.kind in CAR_KINDS:
        return "cars"
    if unit.kind != "DCA":
        return "others"
    start_h = unit.shifts[0].start_min // 60 if unit.shifts else DAY_STARTS.start
    return "day" if start_h in DAY_STARTS else "night"


def _times(units: Sequence[FleetUnit], factor: float, *, part_time: bool) -> list[FleetUnit]:
    """Return so many times the units: the first of them in an even order, or all and some twice.

    With one factor above another, whoever is there with the lower is there with the higher.
    """
    if factor < 0.0:
        raise ValueError(f"Expected a factor of 0 or more, was {factor}.")
    order = _evenly(units)
    count, days = round(factor * len(order)), 0
    if part_time:
        count, days = divmod(round(7.0 * factor * len(order)), 7)
    found = [_again(order, number) for number in range(count + (days > 0))]
    if days:
        found[-1] = _on_days(found[-1], days)
    return found


def _again(order: Sequence[FleetUnit], number: int) -> FleetUnit:
    """Return the unit of a number; beyond the last, the first ones again under other ids."""
    round_, place = divmod(number, len(order))
    unit = order[place]
    return msgspec.structs.replace(unit, id=f"{unit.id}.{round_ + 1}") if round_ else unit


def _on_days(unit: FleetUnit, days: int) -> FleetUnit:
    """Return a unit on some of the days of the week on which it was on duty."""
    weekdays = frozenset(WEEKDAYS[:days])
    shifts = [
        msgspec.structs.replace(
            shift, weekdays=tuple(day for day in shift.weekdays if day in weekdays)
        )
        for shift in unit.shifts or (Shift(start_min=0, end_min=0),)
    ]
    return msgspec.structs.replace(unit, shifts=tuple(shifts))


def _evenly(units: Sequence[FleetUnit]) -> list[FleetUnit]:
    """Return units in an order whose beginnings have each shift and kind in its share.

    Within a shift they stay in order of their ids: those of region england are dealt to posts so
    that every beginning serves people evenly.
    """
    groups: dict[tuple[object, ...], list[FleetUnit]] = defaultdict(list)
    for unit in sorted(units, key=lambda unit: unit.id):
        groups[(unit.shifts, unit.kind)].append(unit)
    placed = [
        ((place + 0.5) / len(group), unit.id, unit)
        for group in groups.values()
        for place, unit in enumerate(group)
    ]
    return [unit for _, _, unit in sorted(placed, key=lambda row: row[:2])]


def _responders(posts: Sequence[Post], own: Sequence[FleetUnit]) -> list[FleetUnit]:
    known = {unit.id for unit in own}
    found = []
    for post in posts:
        name = f"CFR-{post.id}"
        found.append(
            FleetUnit(
                id=f"{name}.2" if name in known else name,
                trust=post.trust,
                kind="CFR",
                skill="RESPONDER",
                home=post.id,
            )
        )
    return found


def _lonely_first(region: Region, trust: str) -> list[Post]:
    """Return a trust's posts, those with the fewest units first: there they matter most."""
    units: dict[str, int] = defaultdict(int)
    for unit in region.fleet:
        units[unit.home] += unit.trust == trust
    own = [post for post in region.posts if post.trust == trust]
    return sorted(own, key=lambda post: (units[post.id], post.id))
