"""What decides the time along a link: length, density, place, and the link itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from maps.strategic_links import SPACINGS_M, Links
from maps.strategic_places import Floats

DENSITY_KNOTS: Final = (10.0, 50.0, 200.0, 630.0, 1_600.0, 4_000.0, 10_000.0, 31_600.0)
"""People per km² at which the pace curve has a value; it is linear in the logarithm between."""

FIELD_CELLS_M: Final = (60_000.0, 20_000.0, 7_000.0)
"""Cells of the grids whose sum is the field of local pace: region, county, district."""

_START_LOCAL_MIN_PER_KM: Final = (1.35, 1.46, 1.57, 1.93, 2.37, 2.69, 2.87, 3.2)
_START_LONG_MIN_PER_KM: Final = (1.15, 1.17, 1.21, 1.35, 1.70, 2.02, 2.33, 2.5)


@dataclass(slots=True, eq=False)
class Parameters:
    """Numbers of the model: all arrays that the fit may move.

    ``curve`` is the logarithm of minutes a kilometre, float64[levels, knots]; ``field`` holds the
    grids' values and ``link`` each link's own, both in logarithms.
    """

    curve: Floats
    field: Floats
    link: Floats

    def arrays(self) -> dict[str, Floats]:
        """Return the arrays by name; they are views, not copies."""
        return {"curve": self.curve, "field": self.field, "link": self.link}


class PaceModel:
    """Times along links as a function of `Parameters`, and the derivatives.

    log minutes = log km + curve of the level at the link's density + field at its place + own.
    """

    def __init__(self, links: Links, plane_m: Floats, density: Floats) -> None:
        self._log_km: Floats = np.log(links.length_m / 1_000.0)
        self._level = links.level
        ends = np.log(np.maximum(density[links.pair], DENSITY_KNOTS[0]))
        self._hats = _hats(ends.mean(axis=1), np.log(np.array(DENSITY_KNOTS)))
        grids = sparse.hstack([_grid(plane_m, cell_m) for cell_m in FIELD_CELLS_M]).tocsr()
        count = len(links)
        halves = sparse.csr_matrix(
            (np.full(2 * count, 0.5), (np.repeat(np.arange(count), 2), links.pair.ravel())),
            shape=(count, len(plane_m)),
        )
        self._field: Any = (halves @ grids).tocsr()

    def start(self) -> Parameters:
        """Return the parameters from which a fit starts: no field, no link of its own pace."""
        curve = np.log(np.array([_START_LOCAL_MIN_PER_KM] + [_START_LONG_MIN_PER_KM] * 3))
        return Parameters(
            curve=curve[: len(SPACINGS_M)],
            field=np.zeros(self._field.shape[1]),
            link=np.zeros(len(self._log_km)),
        )

    def link_min(self, parameters: Parameters) -> Floats:
        """Return the minutes along each link, float64[m]."""
        pace = (self._hats * parameters.curve[self._level]).sum(axis=1)
        field: Floats = self._field @ parameters.field
        minutes: Floats = np.exp(self._log_km + pace + field + parameters.link)
        return minutes

    def gradients(self, by_link: Floats) -> dict[str, Floats]:
        """Return the gradient of each parameter array from that of log link minutes."""
        curve = np.zeros((len(SPACINGS_M), len(DENSITY_KNOTS)))
        np.add.at(curve, self._level, self._hats * by_link[:, None])
        return {
            "curve": curve,
            "field": self._field.T @ by_link,
            "link": by_link,
        }


def _hats(value: Floats, knots: Floats) -> Floats:
    """Return the weights of linear interpolation between knots, float64[len(value), len(knots)]."""
    inside = np.clip(value, knots[0], knots[-1])
    left = np.clip(np.searchsorted(knots, inside, side="right") - 1, 0, len(knots) - 2)
    share = (inside - knots[left]) / (knots[left + 1] - knots[left])
    hats = np.zeros((len(value), len(knots)))
    rows = np.arange(len(value))
    hats[rows, left] = 1.0 - share
    hats[rows, left + 1] = share
    return hats


def _grid(plane_m: Floats, cell_m: float) -> Any:
    """Return bilinear weights of the corners of square cells, one column a corner that is used."""
    cell = np.floor(plane_m / cell_m).astype(np.int64)
    share = plane_m / cell_m - cell
    width = int(cell[:, 1].max()) + 2
    corners, weights = [], []
    for east in (0, 1):
        for north in (0, 1):
            corners.append((cell[:, 0] + east) * width + cell[:, 1] + north)
            weights.append(np.abs(1 - east - share[:, 0]) * np.abs(1 - north - share[:, 1]))
    used, which = np.unique(np.concatenate(corners), return_inverse=True)
    rows = np.tile(np.arange(len(plane_m)), 4)
    return sparse.csr_matrix(
        (np.concatenate(weights), (rows, which.ravel())), shape=(len(plane_m), len(used))
    )
