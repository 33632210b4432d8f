"""How long it takes to bring a patient and a service together, by road or by rule of thumb."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.travel import UNREACHABLE_MS, Mode, OffNetworkError
from dispatch.policies.service_index import Rows, ServiceIndex
from dispatch.ports import TravelTimes
from maps.geo import LonLat

DETOUR_FACTOR: Final = 1.3
"""Road distance over great-circle distance in Britain; assumed where no road engine answers."""

ESTIMATE_MS: Final = 11.0
"""Mean speed in metres a second (40 km/h) of that rule of thumb; assumed."""

TOP_SPEED_MS: Final = 31.0
"""Faster than 70 mph nobody is brought: beyond reach at this speed is beyond reach."""


def estimated_s(distance_m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return rule-of-thumb journey times in seconds for great-circle distances."""
    return distance_m * (DETOUR_FACTOR / ESTIMATE_MS)


class ServiceJourneys:
    """Journeys between a patient and services, under one version of the travel times.

    Services that lie off the road network, or all of them without travel times, are given the
    rule of thumb; `degraded` says so.
    """

    def __init__(self, index: ServiceIndex, travel: TravelTimes | None) -> None:
        self._index = index
        self._travel = travel
        self._position = np.zeros(len(index), np.int64)
        self._on_network = np.zeros(len(index), np.bool_)
        if travel is None:
            return
        for row, service in enumerate(index.services):
            if service.at is not None and not index.calls[row]:
                try:
                    self._position[row] = travel.snap(service.at)
                except OffNetworkError:
                    continue
                self._on_network[row] = True

    @property
    def version(self) -> str | None:
        """The version of the travel times; None without any."""
        return None if self._travel is None else self._travel.version

    def travel_s(
        self, at: LonLat, rows: Rows, estimate_s: npt.NDArray[np.float64], now_ms: int
    ) -> tuple[npt.NDArray[np.float64], bool]:
        """Return the seconds that patient or service travel, and whether all came from roads.

        ``rows`` are the services, ``estimate_s`` their rule-of-thumb times in the same order.
        Nobody travels for a service by telephone. No way at all is infinite.
        """
        result = np.where(self._index.calls[rows], 0.0, estimate_s)
        wanted = ~self._index.calls[rows]
        if self._travel is None:
            return result, not wanted.any()
        try:
            here = self._travel.snap(at)
        except OffNetworkError:
            return result, not wanted.any()
        on = self._on_network[rows]
        for towards, mask in ((True, self._index.goes[rows]), (False, self._index.comes[rows])):
            chosen = np.flatnonzero(mask & on)
            if not len(chosen):
                continue
            places = self._position[rows[chosen]]
            if towards:
                found = self._travel.from_one_ms(here, places, Mode.ORDINARY, now_ms)
            else:
                found = self._travel.to_one_ms(places, here, Mode.ORDINARY, now_ms)
            result[chosen] = np.where(found >= UNREACHABLE_MS, np.inf, found / 1000.0)
        return result, not (wanted & ~on).any()
