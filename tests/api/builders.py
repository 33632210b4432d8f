"""Builders: a server on the straight road of the core's tests, and a client with short words."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx

from api.fleet import FleetMember
from api.ground import Ground
from api.server import running
from api.settings import ServerSettings
from api.views import RegionView
from dispatch.domain.event import PictureOpened
from dispatch.domain.facility import Hospital, Post
from dispatch.domain.ids import HospitalId, PostId
from dispatch.domain.settings import Settings
from dispatch.ports import TravelTimes
from maps.facilities import Shift
from tests.dispatch.builders import HOME, HOSPITAL, NOON, TRUST, StraightRoad, a_unit, at

KEYS = itertools.count()
"""No two requests of a test run share a key, not even across servers."""


class HandClock:
    """A clock that a test sets; timers are looked at whenever a request comes."""

    def __init__(self, now_ms: int = NOON) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms

    def seconds_until(self, at_ms: int) -> float:
        return max(0.0, (at_ms - self.time_ms) / 1000)

    def go_on(self, minutes: float) -> None:
        self.time_ms += round(minutes * 60_000)


def opening(settings: Settings) -> PictureOpened:
    return PictureOpened(
        region="road",
        region_version="1",
        hospitals=(
            Hospital(id=HOSPITAL, name="St Mary's", at=at(0)),
            Hospital(id=HospitalId("far"), name="Far", at=at(100)),
        ),
        posts=(
            Post(id=HOME, trust=TRUST, at=at(0)),
            Post(id=PostId("east"), trust=TRUST, at=at(30), is_station=False),
        ),
        settings=settings,
    )


def a_ground(**more: Any) -> Ground:
    member = FleetMember(a_unit("F1"), at(0), (Shift(start_min=7 * 60, end_min=19 * 60),))
    fields: dict[str, Any] = {
        "view": RegionView(
            name="road",
            attribution=["none"],
            west=0.0,
            south=-1.0,
            east=1.0,
            north=1.0,
            has_streets=False,
        ),
        "version": "1",
        "travel": cast("TravelTimes", StraightRoad()),
        "opening": opening,
        "home_trust": lambda place: TRUST if place.lon < 5 else None,
        "fleet": {member.spec.id: member},
        "post_names": {HOME: "Home station"},
    }
    return Ground(**(fields | more))


class Client:
    """Talks to a server; every POST gets a fresh key unless one is given."""

    def __init__(self, address: str) -> None:
        # On a new machine the first orders wait for kernels to be compiled.
        self.http = httpx.Client(base_url=address, timeout=90)

    def post(
        self, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key or f"key-{next(KEYS)}"}
        return self.http.post(path, json=body, headers=headers, **more)

    def get(self, path: str, **params: Any) -> Any:
        response = self.http.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def sign_on(self, unit: str, minutes: float = 0.0, **more: Any) -> Any:
        body = {"unit": unit, "kind": "DCA", "skill": "PARAMEDIC", "home": "home"}
        body |= {"lat": 0.0, "lon": minutes / 1000}
        return self._done(self.post("/v1/units", body | more), 201)

    def report(self, incident: str, category: str = "C2", minutes: float = 0.0, **more: Any) -> Any:
        body = {"incident": incident, "category": category, "lat": 0.0, "lon": minutes / 1000}
        return self._done(self.post("/v1/incidents", body | more), 201)

    def status(self, unit: str, status: str, **more: Any) -> Any:
        return self._done(self.post(f"/v1/units/{unit}/status", {"status": status} | more), 200)

    def _done(self, response: httpx.Response, status: int) -> Any:
        assert response.status_code == status, response.text
        return response.json()

    def close(self) -> None:
        self.http.close()


@contextlib.contextmanager
def a_server(
    store: Path, *, clock: Any = None, ground: Ground | None = None, **settings: Any
) -> Iterator[Client]:
    chosen = ServerSettings(store=store, port=0, console=False, **settings)
    with running(chosen, ground=ground or a_ground(), clock=clock or HandClock()) as address:
        client = Client(address)
        try:
            yield client
        finally:
            client.close()
