"""A country of three trusts along the straight road, each with a post and two units."""

from __future__ import annotations

from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.facility import Post
from dispatch.domain.ids import PostId, TrustCode
from dispatch.domain.settings import AidRules, AidScope, PolicyNames, Settings
from dispatch.policies.tables import POLICIES
from tests.dispatch.builders import NOON, StraightRoad, a_unit, at

# Posts along the straight road: 1 minute is a kilometre on the plane of the builders.
PLACES = {"NEAR": 0.0, "NEXT": 50.0, "FAR": 200.0}


def a_country(scope: AidScope, assign: str = "nearest") -> Dispatcher:
    """Return three trusts along one road, each with a post and two units."""
    rules = Settings(aid=AidRules(scope=scope), policies=PolicyNames(assign=assign))
    dispatcher = Dispatcher(StraightRoad(), POLICIES)
    posts = tuple(
        Post(id=PostId(name), trust=TrustCode(name), at=at(minutes), is_station=True)
        for name, minutes in PLACES.items()
    )
    opened = ev.PictureOpened(
        region="road", region_version="road@1", hospitals=(), posts=posts, settings=rules
    )
    dispatcher.handle(opened, NOON)
    for name, minutes in PLACES.items():
        for number in (1, 2):
            unit = a_unit(f"{name}-{number}", trust=name, home=PostId(name))
            dispatcher.handle(ev.UnitSignedOn(unit=unit, at=at(minutes), until_ms=None), NOON)
    return dispatcher
