"""Integer milliseconds for every edge: by profile, by way of driving, by hour class."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from maps.road_network import Int32s, RoadNetwork
from maps.speeds import SpeedProfile, edge_ms

UNREACHABLE_MS: Final = 2**30 - 1
"""There is no way. Two of these still fit an int32, so that sums need no wider integer."""


class DriveMode(IntEnum):
    """How a vehicle drives; the values are those of the core's own enumeration."""

    BLUE_LIGHT = 0
    ORDINARY = 1


def edge_weights(
    network: RoadNetwork, profile: SpeedProfile, mode: DriveMode, hour_class: int
) -> Int32s:
    """Return the time along each edge in ms, int32[m]; `UNREACHABLE_MS` where it is impassable.

    Raises
    ------
    ValueError
        When the profile does not know the hour class, or gives an edge an impossible time.
    """
    blue_light = mode == DriveMode.BLUE_LIGHT
    times = edge_ms(network, profile, blue_light=blue_light, hour_class=hour_class)
    return checked_weights(times, network.edge_count)


def checked_weights(weight_ms: npt.ArrayLike, edge_count: int) -> Int32s:
    """Return edge times as int32[m] after checking that they are whole and from 0 to unreachable.

    Raises
    ------
    ValueError
        When there is not one time for each edge, or a time is not a number, not whole, negative
        or above `UNREACHABLE_MS`; the message names the first such edge.
    """
    given = np.asarray(weight_ms)
    if given.shape != (edge_count,):
        raise ValueError(f"Expected {edge_count} edge times in ms, was shape {given.shape}.")
    if given.dtype.kind not in "iuf":
        raise ValueError(f"Expected whole edge times in ms, was dtype {given.dtype}.")
    fine = (given >= 0) & (given <= UNREACHABLE_MS)
    if given.dtype.kind == "f":
        fine &= np.isfinite(given) & (given == np.rint(given))
    if not fine.all():
        edge = int(np.argmin(fine))
        raise ValueError(
            f"Expected a whole time from 0 to {UNREACHABLE_MS} ms on edge {edge}, "
            f"was {given[edge]}."
        )
    return np.ascontiguousarray(given, dtype=np.int32)
