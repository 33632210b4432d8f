"""Words about travel that state and policies share: positions, modes, and 'no way'."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NewType

import numpy as np
import numpy.typing as npt

from maps.geo import OffNetworkError

__all__ = [
    "UNREACHABLE_MS",
    "Metres",
    "Milliseconds",
    "Mode",
    "OffNetworkError",
    "Position",
    "Positions",
    "TravelUnavailableError",
]

Position = NewType("Position", int)
"""Where something is, in the travel engine's own words: one opaque 64-bit integer.

It is a value, not a handle: equal positions are equal integers, for ever under one version of the
engine, so that positions can stand in arrays, in the journal and in keys. Only the engine that
made a position can read it.
"""

Positions = npt.NDArray[np.int64]
Milliseconds = npt.NDArray[np.int32]
Metres = npt.NDArray[np.float64]

UNREACHABLE_MS: Final = 2**30 - 1
"""In arrays of travel times: there is no way. Two of them still fit an int32."""


class TravelUnavailableError(Exception):
    """Travel times cannot be had: not a wrong question, but no answer."""


class Mode(IntEnum):
    """How a vehicle drives."""

    BLUE_LIGHT = 0
    ORDINARY = 1
