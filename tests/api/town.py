"""A town of four streets behind the server: a square, whose north-east is the short way round."""

from __future__ import annotations

from typing import Any, cast

from api.ground import Ground
from dispatch.domain.event import PictureOpened
from dispatch.domain.facility import Hospital, Post
from dispatch.domain.settings import Settings
from dispatch.ports import TravelTimes
from maps.geo import LonLat
from routing.live import live_roads
from tests.api.builders import a_ground
from tests.dispatch.builders import HOME, HOSPITAL, TRUST
from tests.routing.builders import a_network, street
from tests.routing.snapshots import a_snapshot

WEST, EAST, SOUTH, NORTH = -1.30, -1.29, 50.70, 50.71

CORNER = LonLat(WEST, SOUTH)
PATIENT = LonLat(-1.295, NORTH)
"""In the middle of the northern street: 170 s from the corner by the east, 350 s by the west."""

EAST_SIDE = [[-1.291, 50.704], [-1.289, 50.704], [-1.289, 50.706], [-1.291, 50.706]]
"""A box about the middle of the eastern street."""


def polygon(corners: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def opening(settings: Settings) -> PictureOpened:
    return PictureOpened(
        region="road",
        region_version="1",
        hospitals=(Hospital(id=HOSPITAL, name="St Mary's", at=CORNER),),
        posts=(Post(id=HOME, trust=TRUST, at=CORNER),),
        settings=settings,
    )


def a_town(**more: Any) -> Ground:
    streets = [
        street(0, 1, 60_000, name="High Street"),
        street(1, 3, 60_000, name="Mill Lane"),
        street(0, 2, 300_000, name="Back Road"),
        street(2, 3, 100_000, name="Back Road"),
    ]
    times = a_snapshot(a_network(streets))
    fields: dict[str, Any] = {
        "travel": cast("TravelTimes", times),
        "opening": opening,
        "home_trust": lambda _place: TRUST,
        "fleet": {},
        "live": live_roads(times),
    }
    return a_ground(**(fields | more))
