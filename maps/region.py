"""A region: everything the engine must know of a piece of country, in one versioned file."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from maps.facilities import Demand, FleetUnit, Hospital, Post, Trust
from maps.road_network import RoadNetwork


@dataclass(frozen=True, slots=True, eq=False)
class TravelMatrix:
    """Travel times between places where no streets are known.

    ``place_id`` names the p places, ``lon`` and ``lat`` locate them; ``blue_light_ms`` and
    ``ordinary_ms`` are int32[p, p], from row to column; 2**30 - 1 where there is no way.
    """

    place_id: tuple[str, ...]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    blue_light_ms: npt.NDArray[np.int32]
    ordinary_ms: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CrowFlies:
    """A great-circle model of travel: speed by mode and a detour factor."""

    blue_light_kmh: float
    ordinary_kmh: float
    detour_factor: float


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A named piece of country: roads or a stand-in for them, trusts, facilities, demand, fleet.

    Exactly one of ``roads``, ``matrix`` and ``crow_flies`` is present. ``version`` is the SHA-256
    of the content in hexadecimal: two regions with one version give the same answers.
    """

    name: str
    version: str
    attribution: tuple[str, ...]
    trusts: tuple[Trust, ...]
    hospitals: tuple[Hospital, ...]
    posts: tuple[Post, ...]
    fleet: tuple[FleetUnit, ...]
    demand: Demand
    timezone: str = "Europe/London"
    roads: RoadNetwork | None = None
    matrix: TravelMatrix | None = None
    crow_flies: CrowFlies | None = None
    extras: dict[str, npt.NDArray[np.int32]] = field(default_factory=dict)
    """Arrays that other rooms keep with the region (the routing order); checked, not read here."""
