"""Put the core together: a region and a configuration become a dispatcher ready for events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.dispatcher import Dispatcher, Roads
from dispatch.domain.event import PictureOpened
from dispatch.domain.facility import Hospital, Post
from dispatch.domain.hospital_settings import DEFAULT_ESCALATION, DEFAULT_HOSPITALS
from dispatch.domain.ids import HospitalId, PostId, TrustCode, UnitId
from dispatch.domain.incident import Pathway
from dispatch.domain.settings import DiversionRules, PolicyNames, Settings
from dispatch.domain.unit import Skill, UnitKind, UnitSpec
from dispatch.domain.weighing import HarmParameters
from dispatch.ground import lay
from dispatch.policies.tables import POLICIES
from dispatch.ports import TravelTimes
from maps.facilities import FleetUnit
from maps.region import Region

NAMED_SETTINGS: Final[dict[str, Settings]] = {
    "b1": Settings(
        name="b1",
        policies=PolicyNames(assign="first_come", convey="nearest", relocate="home"),
        diversion=DiversionRules(by_rank=(1,)),
    ),
    "b2": Settings(
        name="b2",
        policies=PolicyNames(assign="nearest", convey="nearest", relocate="home"),
    ),
    "default": Settings(
        name="default",
        policies=PolicyNames(
            assign="joint", convey="nearest", relocate="cover", rebalance="cover", redirect="ranked"
        ),
        diversion=DiversionRules(gain_min_s=60, spare_s=120),
        harm=HarmParameters(weight_by_rank=(25.0, 1.0, 0.15, 0.1, 0.1), growth_min=1e6),
        hospital=DEFAULT_HOSPITALS,
        escalation=DEFAULT_ESCALATION,
    ),
}
"""Configurations by name: the two baselines that are kept for ever, and what is recommended.

The recommended one weighs a minute of C3 less than harm is reported with, and every minute of C2
alike (record 0090): matching serves C3 a third sooner than the good dispatcher all the same.
"""


REACH_AT_MS: Final = 1_772_625_600_000
"""Wednesday, 4 March 2026, 12:00 UTC."""


def settings_named(name: str) -> Settings:
    """Return a named configuration.

    Raises
    ------
    ValueError
        When there is none of that name.
    """
    if name not in NAMED_SETTINGS:
        raise ValueError(f"Expected a policy of {', '.join(NAMED_SETTINGS)}, was {name!r}.")
    return NAMED_SETTINGS[name]


def settings_from_json(data: bytes) -> Settings:
    """Return a configuration from JSON; unknown fields and wrong types are errors.

    Raises
    ------
    ValueError
        When the data is not a configuration; the message names the field.
    """
    try:
        return msgspec.json.decode(data, type=Settings)
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected a configuration, was not: {error}") from error


def opening(region: Region, settings: Settings) -> PictureOpened:
    """Return the first event of a journal: the places of a region, and the configuration.

    Raises
    ------
    ValueError
        When a hospital names a pathway that the engine does not know.
    """
    return PictureOpened(
        region=region.name,
        region_version=region.version,
        hospitals=tuple(
            Hospital(
                id=HospitalId(site.id),
                name=site.name,
                at=site.at,
                has_emergency_department=site.emergency_department,
                pathways=tuple(Pathway(name) for name in site.pathways),
                bays=site.bays,
            )
            for site in region.hospitals
        ),
        posts=tuple(
            Post(
                id=PostId(post.id),
                trust=TrustCode(post.trust),
                at=post.at,
                is_station=post.is_station,
            )
            for post in region.posts
        ),
        settings=settings,
    )


def unit_spec(unit: FleetUnit) -> UnitSpec:
    """Return the core's description of a unit of a region's fleet.

    Raises
    ------
    ValueError
        When kind or skill is not one that the engine knows.
    """
    if unit.kind not in UnitKind.__members__:
        raise ValueError(
            f"Unit {unit.id}: expected kind of {', '.join(UnitKind.__members__)}, "
            f"was {unit.kind!r}."
        )
    if unit.skill not in Skill.__members__:
        raise ValueError(
            f"Unit {unit.id}: expected skill of {', '.join(Skill.__members__)}, was {unit.skill!r}."
        )
    return UnitSpec(
        id=UnitId(unit.id),
        trust=TrustCode(unit.trust),
        kind=UnitKind[unit.kind],
        skill=Skill[unit.skill],
        home=PostId(unit.home),
    )


def open_dispatcher(
    travel: TravelTimes,
    *,
    region: Region | None = None,
    roads: Roads | None = None,
    commit: Callable[[Any], None] | None = None,
) -> Dispatcher:
    """Return a dispatcher with every policy that this distribution has; feed it `opening` first.

    ``region`` gives the ground for policies that weigh cover. The reach of posts is measured
    under the roads of a Wednesday noon, so that it does not depend on when a process starts.
    """
    ground = None if region is None else lay(region.demand, region.posts, travel, REACH_AT_MS)
    return Dispatcher(travel, POLICIES, ground=ground, roads=roads, commit=commit)
