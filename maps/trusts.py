"""Whose patient is this: the home trust of a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from maps.facilities import Trust
from maps.geo import EARTH_RADIUS_M, LonLat

COAST_GAP_M: Final = 5_000.0
"""How far outside every border a point still belongs to the nearest trust: piers, beaches, boats.

Borders are drawn along the shore at some resolution; an incident is not refused for that.
"""

Floats = npt.NDArray[np.float64]


class TrustFinder:
    """Finds the trust whose polygon holds a point.

    A point on a common border belongs to the trust with the lower code. A point in no polygon
    belongs to the nearest within `COAST_GAP_M`; else to the one trust without a polygon, if there
    is exactly one; else to none.
    """

    def __init__(self, trusts: Sequence[Trust]) -> None:
        drawn = sorted(
            (trust for trust in trusts if trust.polygon_wkb_hex is not None),
            key=lambda trust: trust.code,
        )
        undrawn = [trust.code for trust in trusts if trust.polygon_wkb_hex is None]
        self._codes = [trust.code for trust in drawn]
        self._elsewhere = undrawn[0] if len(undrawn) == 1 else None
        polygons = np.asarray(
            shapely.from_wkb([trust.polygon_wkb_hex for trust in drawn]), dtype=object
        )
        # Mercator stretches alike in all directions, so that "nearest" is right on it.
        self._polygons = shapely.transform(polygons, _mercator)
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)

    def home(self, at: LonLat) -> str | None:
        """Return the code of the home trust of a point, or None where there is none."""
        return self.home_many(np.array([at.lon]), np.array([at.lat]))[0]

    def home_many(self, lon: Floats, lat: Floats) -> list[str | None]:
        """Return the code of the home trust of each of n points, in their order."""
        homes: list[str | None] = [self._elsewhere] * len(lon)
        if not self._codes:
            return homes
        points = np.asarray(shapely.points(_mercator(np.column_stack((lon, lat)))), dtype=object)
        reach = COAST_GAP_M / np.cos(np.radians(lat))
        for row in range(len(lon)):
            inside = self._tree.query(points[row], predicate="intersects")
            if len(inside) == 0:
                inside = self._tree.query_nearest(points[row], max_distance=float(reach[row]))
            if len(inside):
                homes[row] = self._codes[int(inside.min())]
        return homes


def _mercator(degrees: Floats) -> Floats:
    radians = np.radians(degrees)
    plane = np.column_stack((radians[:, 0], np.arcsinh(np.tan(radians[:, 1]))))
    return EARTH_RADIUS_M * plane
