"""Builders: units, incidents and pictures that show only what a test is about."""

from __future__ import annotations

from typing import Any

import numpy as np

from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.facility import Hospital, Post
from dispatch.domain.ids import HospitalId, IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.settings import Settings
from dispatch.domain.travel import (
    Metres,
    Milliseconds,
    Mode,
    OffNetworkError,
    Position,
    Positions,
)
from dispatch.domain.unit import Skill, UnitKind, UnitSpec, UnitStatus
from dispatch.journal import Entry
from dispatch.policies.tables import POLICIES
from maps.geo import LonLat

NOON = 1_772_366_400_000
"""1 March 2026, 12:00 UTC."""

MINUTE = 60_000
TRUST = TrustCode("R1F")
HOME = PostId("home")
HOSPITAL = HospitalId("st-marys")


class StraightRoad:
    """Travel along one straight road: longitude in thousandths of a degree is minutes."""

    version = "straight-road"

    def snap(self, at: LonLat) -> Position:
        if abs(at.lat) > 1:
            raise OffNetworkError(at, 111_000.0 * abs(at.lat), 5_000.0)
        return Position(round(at.lon * 1000 * MINUTE))

    def lonlat(self, position: Position) -> LonLat:
        return LonLat(position / 1000 / MINUTE, 0.0)

    def to_one_ms(
        self, origins: Positions, destination: Position, mode: Mode, now_ms: int
    ) -> Milliseconds:
        del now_ms
        slow = 2 if mode is Mode.ORDINARY else 1
        return (np.abs(np.asarray(origins) - destination) * slow).astype(np.int32)

    def from_one_ms(
        self, origin: Position, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        return self.to_one_ms(destinations, origin, mode, now_ms)

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        rows = [self.from_one_ms(Position(int(o)), destinations, mode, now_ms) for o in origins]
        return np.array(rows, np.int32).reshape(len(origins), len(destinations))

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        del now_ms
        slow = 2 if mode is Mode.ORDINARY else 1
        return (np.abs(np.asarray(origins) - np.asarray(destinations)) * slow).astype(np.int32)

    def plane_m(self, positions: Positions) -> tuple[Metres, Metres]:
        east = np.asarray(positions, np.float64) / 60.0
        return east, np.zeros_like(east)

    def after(
        self,
        origin: Position,
        destination: Position,
        mode: Mode,
        departed_ms: int,
        elapsed_ms: int,
    ) -> Position:
        del departed_ms
        way = destination - origin
        done = elapsed_ms // (2 if mode is Mode.ORDINARY else 1)
        if done >= abs(way):
            return destination
        return Position(origin + (done if way > 0 else -done))


def at(minutes: float) -> LonLat:
    """Return the point that many blue-light minutes along the road."""
    return LonLat(minutes / 1000, 0.0)


def a_unit(
    name: str,
    *,
    kind: UnitKind = UnitKind.DCA,
    skill: Skill = Skill.PARAMEDIC,
    trust: str = TRUST,
    home: PostId = HOME,
) -> UnitSpec:
    return UnitSpec(id=UnitId(name), trust=TrustCode(trust), kind=kind, skill=skill, home=home)


def an_incident(
    name: str,
    category: Category = Category.C2,
    *,
    minutes: float = 0.0,
    now_ms: int = NOON,
    trust: str = TRUST,
    **more: Any,
) -> ev.IncidentReported:
    return ev.IncidentReported(
        incident=IncidentId(name),
        trust=TrustCode(trust),
        at=at(minutes),
        category=category,
        connected_at_ms=now_ms,
        coded_at_ms=now_ms,
        **more,
    )


class ControlRoom:
    """A dispatcher on the straight road, and short words to drive it."""

    def __init__(self, settings: Settings | None = None, policies: Any = POLICIES) -> None:
        self.travel = StraightRoad()
        self.dispatcher = Dispatcher(self.travel, policies)
        self.now_ms = NOON
        self.entries: list[Entry] = []
        self.tell(
            ev.PictureOpened(
                region="road",
                region_version="1",
                hospitals=(
                    Hospital(id=HOSPITAL, name="St Mary's", at=at(0)),
                    Hospital(id=HospitalId("far"), name="Far", at=at(100)),
                ),
                posts=(
                    Post(id=HOME, trust=TRUST, at=at(0)),
                    Post(id=PostId("east"), trust=TRUST, at=at(10), is_station=False),
                ),
                settings=settings or Settings(),
            )
        )

    @property
    def state(self) -> Any:
        return self.dispatcher.state

    def tell(self, event: ev.Event, *, after_min: float = 0.0) -> Entry:
        self.now_ms += round(after_min * MINUTE)
        entry = self.dispatcher.handle(event, self.now_ms)
        self.entries.append(entry)
        for timer, due in sorted(self.state.timers.items()):
            if due <= self.now_ms:
                self.tell(ev.TimerFired(timer=timer, due_at_ms=due))
        return entry

    def sign_on(self, name: str, minutes: float = 0.0, **more: Any) -> Entry:
        return self.tell(ev.UnitSignedOn(unit=a_unit(name, **more), at=at(minutes)))

    def report(
        self,
        name: str,
        category: Category = Category.C2,
        minutes: float = 0.0,
        *,
        after_min: float = 0.0,
        **more: Any,
    ) -> Entry:
        self.now_ms += round(after_min * MINUTE)
        return self.tell(an_incident(name, category, minutes=minutes, now_ms=self.now_ms, **more))

    def status(
        self, name: str, status: UnitStatus, *, after_min: float = 0.0, **more: Any
    ) -> Entry:
        self.now_ms += round(after_min * MINUTE)
        return self.tell(
            ev.UnitStatusReported(
                unit=UnitId(name), status=status, reported_at_ms=self.now_ms, **more
            )
        )
