"""The base curve: how observed times grow with the routed time and with distance."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from maps.geo import EARTH_RADIUS_M

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

ROUTED_S_USUAL: Final = 300.0
DISTANCE_M_USUAL: Final = 2_000.0
"""Where powers are 1: a usual journey, so that ``usual_s`` is a time that one can picture."""
ROUTED_S_MIN: Final = 10.0
DISTANCE_M_MIN: Final = 50.0
"""Shorter ones count as these: a logarithm needs a floor, and nobody measures a doorstep."""
_JOURNEYS_MAX: Final = 30_000
"""A curve of a few numbers needs no more; every n-th is taken."""
_CLOSE_S: Final = 15.0


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """``start_s[hour class] + usual_s * (routed / 300 s)**routed_power * (distance / 2 km)**…``.

    The start is what does not grow with the way: turning out, the first and the last metres. A
    sum of both powers below 1 says that longer journeys are faster.
    """

    start_s: tuple[float, ...]
    usual_s: float
    routed_power: float
    distance_power: float

    def at(self, routed_s: Float64s, distance_m: Float64s, hour_class: Int64s) -> Float64s:
        """Return the time of each journey in seconds."""
        return np.array(self.start_s)[hour_class] + self.driving(routed_s, distance_m)

    def driving(self, routed_s: Float64s, distance_m: Float64s) -> Float64s:
        """Return the part of the time that grows with the way, in seconds."""
        routed = np.log(np.maximum(routed_s, ROUTED_S_MIN) / ROUTED_S_USUAL)
        distance = np.log(np.maximum(distance_m, DISTANCE_M_MIN) / DISTANCE_M_USUAL)
        grown: Float64s = np.exp(self.routed_power * routed + self.distance_power * distance)
        return self.usual_s * grown


def fit_curve(
    observed_s: Float64s,
    routed_s: Float64s,
    distance_m: Float64s,
    hour_class: Int64s,
    hour_classes: int,
) -> Curve:
    """Return the curve that lies closest to observed times, a few wild ones notwithstanding.

    Errors are counted quadratically up to a quarter of a minute and linearly beyond (soft L1), so
    that half of the journeys are slower and half are faster, whatever the slowest did.
    Starts and powers are not negative. An hour class without journeys gets the mean start.
    """
    from scipy.optimize import least_squares

    step = max(1, len(observed_s) // _JOURNEYS_MAX)
    part = slice(None, None, step)
    observed, hours = observed_s[part], hour_class[part]
    routed = np.log(np.maximum(routed_s[part], ROUTED_S_MIN) / ROUTED_S_USUAL)
    distance = np.log(np.maximum(distance_m[part], DISTANCE_M_MIN) / DISTANCE_M_USUAL)
    present = np.unique(hours)
    column = np.searchsorted(present, hours)
    n = len(present)

    def errors(x: Float64s) -> Float64s:
        driving = np.exp(x[n] + x[n + 1] * routed + x[n + 2] * distance)
        missed: Float64s = (x[:n][column] + driving - observed) / _CLOSE_S
        return missed

    usual_s = max(30.0, float(np.median(observed)))
    first = np.array([*([usual_s / 4] * n), np.log(usual_s), 0.5, 0.3])
    low = np.array([*([0.0] * n), 0.0, 0.0, 0.0])
    high = np.array([*([600.0] * n), 10.0, 2.0, 2.0])
    found = least_squares(errors, first, bounds=(low, high), loss="soft_l1")
    starts = found.x[:n]
    by_class = dict(zip(present.tolist(), starts.tolist(), strict=True))
    mean_s = float(starts.mean())
    return Curve(
        start_s=tuple(round(by_class.get(k, mean_s), 3) for k in range(hour_classes)),
        usual_s=round(float(np.exp(found.x[n])), 4),
        routed_power=round(float(found.x[n + 1]), 5),
        distance_power=round(float(found.x[n + 2]), 5),
    )


def crow_m(lon1: Float64s, lat1: Float64s, lon2: Float64s, lat2: Float64s) -> Float64s:
    """Return great-circle distances in metres."""
    a, b, c, d = map(np.radians, (lon1, lat1, lon2, lat2))
    h = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    distance: Float64s = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return distance
