"""What the core asks of others: travel times and policies, as Protocols that it owns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Assign, Convey, Relocate, StandDown
from dispatch.domain.ids import IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.patient import Patient
from dispatch.domain.redirection import Redirection, Situation
from dispatch.domain.settings import Settings
from dispatch.domain.travel import (
    UNREACHABLE_MS,
    Metres,
    Milliseconds,
    Mode,
    OffNetworkError,
    Position,
    Positions,
)
from dispatch.state import Incident, State, Unit
from maps.geo import LonLat

__all__ = [
    "UNREACHABLE_MS",
    "Area",
    "AssignPolicy",
    "ConveyPolicy",
    "Ground",
    "Metres",
    "Milliseconds",
    "Mode",
    "News",
    "OffNetworkError",
    "Picture",
    "PolicySet",
    "Position",
    "Positions",
    "ReachTimes",
    "RebalancePolicy",
    "RedirectPolicy",
    "RelocatePolicy",
    "TravelTimes",
    "position_now",
]


@runtime_checkable
class TravelTimes(Protocol):
    """How long journeys take: one snapshot of the roads, with a version.

    All times are whole milliseconds. ``now_ms`` (UTC, since 1970) selects the hour class of the
    week; a journey keeps the class at its start. Equal arguments give equal answers under one
    version. Methods may be called from several threads.
    """

    @property
    def version(self) -> str:
        """Name of region, profile and live changes that these times belong to."""
        ...

    def snap(self, at: LonLat) -> Position:
        """Return the nearest position to a coordinate; raise `OffNetworkError` if none is near."""
        ...

    def lonlat(self, position: Position) -> LonLat:
        """Return the coordinate of a position."""
        ...

    def to_one_ms(
        self, origins: Positions, destination: Position, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to one destination, in the order of the origins."""
        ...

    def from_one_ms(
        self, origin: Position, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from one origin to each destination, in their order."""
        ...

    def matrix_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return times from each origin (row) to each destination (column)."""
        ...

    def pairs_ms(
        self, origins: Positions, destinations: Positions, mode: Mode, now_ms: int
    ) -> Milliseconds:
        """Return the time from each origin to the destination at the same index."""
        ...

    def plane_m(self, positions: Positions) -> tuple[Metres, Metres]:
        """Return eastward and northward metres on a common plane, good enough to rank by crow."""
        ...

    def after(
        self,
        origin: Position,
        destination: Position,
        mode: Mode,
        departed_ms: int,
        elapsed_ms: int,
    ) -> Position:
        """Return where a vehicle is that left ``elapsed_ms`` ago on the fastest way.

        The destination once it must have arrived; the origin when there is no way.
        """
        ...


@runtime_checkable
class ReachTimes(Protocol):
    """What travel times may offer beside: who is within reach of whom, sooner than all times."""

    def reaches(
        self,
        origins: Positions,
        destinations: Positions,
        limit_ms: int,
        mode: Mode,
        now_ms: int,
    ) -> npt.NDArray[np.bool_]:
        """Return which origins (rows) reach which destinations (columns) within a time."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """One trust's places and posts.

    Attributes
    ----------
    demand
        Share of the trust's demand that each place has, float64[places]; sums to 1.
    positions
        Each place, on the roads.
    posts
        Posts in the order of the rows of ``reach``.
    post_positions
        Each post, on the roads.
    reach
        bool[posts, places]: whether a unit at the post reaches the place in the cover standard.
    places
        Name of each place; empty where they have none, and then no forecast knows them.
    """

    demand: npt.NDArray[np.float64]
    positions: Positions
    posts: tuple[PostId, ...]
    post_positions: Positions
    reach: npt.NDArray[np.bool_]
    places: tuple[str, ...] = ()


Ground = dict[TrustCode, Area]
"""Each trust's area. A trust without demand places has none, and cover is no criterion there."""


def position_now(unit: Unit, travel: TravelTimes, now_ms: int) -> Position:
    """Return where a unit is believed to be: on its leg, or where it stands."""
    if unit.destination is None or now_ms <= unit.departed_at_ms:
        return unit.origin
    return travel.after(
        unit.origin,
        unit.destination,
        unit.mode,
        unit.departed_at_ms,
        now_ms - unit.departed_at_ms,
    )


class News(NamedTuple):
    """The patients and the units of whom an event tells something new."""

    patients: frozenset[IncidentId] = frozenset()
    units: frozenset[UnitId] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """What a policy may read: the state after the event, the roads, and now."""

    state: State
    travel: TravelTimes
    now_ms: int
    ground: Ground | None = None
    memo: dict[str, Any] = field(default_factory=dict)
    """What policies have worked out and may forget: it never changes an answer."""
    focus: frozenset[TrustCode] | None = None
    """The trusts whose patients and units are to be looked at now; None: all of them."""
    news: News | None = None
    """Of whom the event tells something new; None: it may be of anybody."""

    def is_in_focus(self, trust: TrustCode) -> bool:
        """Test whether the event concerns a trust."""
        return self.focus is None or trust in self.focus

    @property
    def settings(self) -> Settings:
        """The configuration in force."""
        return self.state.settings


class AssignPolicy(Protocol):
    """Who goes: given incidents with open roles, decide which unit is sent to which."""

    def __call__(
        self, picture: Picture, waiting: Sequence[Incident]
    ) -> Sequence[Assign | StandDown]:
        """Return assignments, gravest incident first, and whom they make needless.

        A unit is named at most once.
        """
        ...


class ConveyPolicy(Protocol):
    """Where does the patient go: the question of the destination."""

    def __call__(self, picture: Picture, unit: Unit, incident: Incident) -> Convey | None:
        """Return the destination; None when no hospital can take the patient."""
        ...


class RelocatePolicy(Protocol):
    """Where does a unit wait that has nothing to do."""

    def __call__(self, picture: Picture, unit: Unit) -> Relocate | None:
        """Return the post to go to; None to stay."""
        ...


class RebalancePolicy(Protocol):
    """Which waiting units move, now and then, although nothing has happened."""

    def __call__(self, picture: Picture, trust: TrustCode) -> list[Relocate]:
        """Return the moves; a unit is named at most once."""
        ...


class RedirectPolicy(Protocol):
    """Who else could take the patient."""

    def __call__(self, picture: Picture, patient: Patient, situation: Situation) -> Redirection:
        """Return what may be done instead of sending an ambulance, and why not."""
        ...


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policies that settings may name, by question.

    ``exchanging`` names the assignment policies that want to be asked also when nobody waits,
    because they may exchange units that are still on their way.
    """

    assign: dict[str, AssignPolicy]
    convey: dict[str, ConveyPolicy]
    relocate: dict[str, RelocatePolicy]
    rebalance: dict[str, RebalancePolicy]
    exchanging: frozenset[str] = frozenset()
    redirect: dict[str, RedirectPolicy] = field(default_factory=dict)

    def missing(self, settings: Settings) -> list[str]:
        """Return a sentence for each name in the settings that no policy answers to."""
        sets = [settings.policies, *settings.trust_policies.values()]
        asked: list[tuple[str, str, Sequence[str]]] = []
        for names in sets:
            asked.append(("assign", names.assign, sorted(self.assign)))
            asked.append(("convey", names.convey, sorted(self.convey)))
            asked.append(("relocate", names.relocate, sorted(self.relocate)))
            asked.append(("rebalance", names.rebalance, sorted(self.rebalance)))
            asked.append(("redirect", names.redirect, sorted({"none", *self.redirect})))
        return [
            f"Expected {question} policy to be one of {', '.join(known)}, was {name!r}."
            for question, name, known in asked
            if name not in known
        ]
