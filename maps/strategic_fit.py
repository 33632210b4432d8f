"""The fit of link times to published journeys, and its test on hospitals that it never saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from maps.strategic_kernel import Adjacency, Trees
from maps.strategic_links import Links
from maps.strategic_matrix import PublishedTimes
from maps.strategic_model import PaceModel, Parameters
from maps.strategic_places import Floats, Places, people_per_km2

ENTRY_COUNT: Final = 3
"""How many of the nearest places a facility is joined to."""

ENTRY_MIN_PER_KM: Final = 2.2
"""Minutes a straight kilometre from a facility to those places: about 27 km/h, town streets."""

_HUBER: Final = 0.05
_MOMENTUM: Final = 0.9
_SCALE_MEMORY: Final = 0.98
_SMALLEST_STEP_SCALE: Final = {"curve": 1e-12, "field": 1e-7, "link": 3e-8}
_STEP: Final = {"curve": 0.015, "field": 0.015, "link": 0.03}
_NEAR_MIN: Final = 10.0


class FitSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how stiffly to fit.

    Attributes
    ----------
    rounds
        Steps of the descent.
    journey_min_max
        Longer published journeys do not count in the fit.
    access_min
        Minutes of every journey beside the links, at both ends together. Not fitted: links around
        the hospitals of the fit would take it over, and journeys elsewhere come out short. 7
        leaves no bias near hospitals that were set aside *within* the training part
        (docs/decisions/0041). 4.7 of them are a constant of the published table.
    link_stiffness, field_stiffness
        Pull of each link's own pace, and of the field, towards none: a link that few journeys
        use stays with its density and its surroundings.
    """

    rounds: int = 300
    journey_min_max: float = 150.0
    access_min: float = 7.0
    link_stiffness: float = 1e-2
    field_stiffness: float = 1e-3


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How fitted and published times agree over some journeys.

    ``correlation`` is Pearson's r; errors are medians of the absolute difference, in percent of
    the published time and in minutes.
    """

    journeys: int
    correlation: float
    median_error_pct: float
    median_error_min: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Fitted times: minutes of each link, minutes of access at both ends together, and proof.

    ``minutes`` are float64[h, n] from every hospital of the table to every place, access
    included; infinite where there is no way.
    """

    link_min: Floats
    access_min: float
    minutes: Floats
    parameters: Parameters


def fit_links(
    places: Places,
    links: Links,
    published: PublishedTimes,
    settings: FitSettings,
    progress: Callable[[int, float], None] | None = None,
) -> Fit:
    """Return link times that reproduce the published journeys of the training hospitals.

    Each round grows the shortest-path tree of each training hospital, finds how much every link
    carries of the error of all journeys beyond it, and moves the parameters against it (Adam
    with a falling step). Held-out hospitals are only measured at the end.

    Parameters
    ----------
    progress
        Called with the round and the mean absolute log error, if given.
    """
    plane_m = places.plane_m
    model = PaceModel(links, plane_m, people_per_km2(places))
    net = Adjacency.of(links, len(places))
    entry_place, entry_min = entries(plane_m, published.plane_m)
    seen = np.flatnonzero(~published.is_held_out)
    truth = published.minutes[:, seen].T.astype(np.float64)
    truth[~(truth < settings.journey_min_max)] = np.nan
    trees = Trees(net, entry_place[seen], entry_min[seen])
    parameters = model.start()
    descent = _Descent(parameters)
    for number in range(settings.rounds):
        link_min = model.link_min(parameters)
        minutes = trees.grow(link_min, settings.journey_min_max * 1.15)
        slope, error = _slope(minutes + settings.access_min, truth)
        by_link = trees.carried(link_min, slope)
        gradients = model.gradients(by_link)
        gradients["link"] = (
            gradients["link"] + settings.link_stiffness / len(links) * parameters.link
        )
        gradients["field"] = (
            gradients["field"] + settings.field_stiffness / len(links) * parameters.field
        )
        descent.step(gradients, min(1.0, 2.0 * (1.0 - number / settings.rounds) + 0.02))
        if progress is not None:
            progress(number, error)
    link_min = model.link_min(parameters)
    everywhere = Trees(net, entry_place, entry_min).grow(link_min) + settings.access_min
    return Fit(link_min, settings.access_min, everywhere, parameters)


def entries(
    plane_m: Floats, facility_m: Floats, count: int = ENTRY_COUNT
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return where each facility enters the network: places int64[f, k] and minutes [f, k]."""
    gap_m, place = KDTree(plane_m).query(facility_m, k=count)
    shape = (len(facility_m), count)
    minutes: Floats = np.asarray(gap_m).reshape(shape) / 1_000.0 * ENTRY_MIN_PER_KM
    return np.asarray(place, dtype=np.int64).reshape(shape), minutes


def agreement(fitted: Floats, published: Floats, under_min: float = np.inf) -> Agreement:
    """Return how two arrays of minutes agree where the published one is under a limit."""
    counts = np.isfinite(fitted) & np.isfinite(published) & (published < under_min)
    a, b = fitted[counts], published[counts].astype(np.float64)
    if len(a) < 2:
        raise ValueError(f"Expected at least 2 journeys to compare, was {len(a)}.")
    return Agreement(
        journeys=len(a),
        correlation=float(np.corrcoef(a, b)[0, 1]),
        median_error_pct=float(np.median(np.abs(a / b - 1.0)) * 100.0),
        median_error_min=float(np.median(np.abs(a - b))),
    )


def _slope(fitted: Floats, truth: Floats) -> tuple[Floats, float]:
    """Return the derivative of the loss by fitted minutes, and the mean absolute log error.

    The loss is Huber's of the log ratio; near journeys weigh more than far ones, by the root of
    their time, for there are fewer of them.
    """
    counts = np.isfinite(truth) & np.isfinite(fitted)
    safe = np.where(counts, fitted, 1.0)
    known = np.where(counts, truth, 1.0)
    ratio = np.where(counts, np.log(safe / known), 0.0)
    weight = np.where(counts, 1.0 / np.sqrt(np.maximum(known, _NEAR_MIN)), 0.0)
    total = float(weight.sum())
    slope: Floats = np.clip(ratio, -_HUBER, _HUBER) * weight / safe / total
    return slope, float((np.abs(ratio) * weight).sum() / total)


class _Descent:
    """Adam: steps of about equal size in every parameter, against the smoothed gradient."""

    def __init__(self, parameters: Parameters) -> None:
        self._arrays = parameters.arrays()
        self._mean = {name: np.zeros_like(array) for name, array in self._arrays.items()}
        self._square = {name: np.zeros_like(array) for name, array in self._arrays.items()}
        self._count = 0

    def step(self, gradients: dict[str, Floats], share: float) -> None:
        self._count += 1
        for name, parameter in self._arrays.items():
            slope, mean, square = gradients[name], self._mean[name], self._square[name]
            mean += (1.0 - _MOMENTUM) * (slope - mean)
            square += (1.0 - _SCALE_MEMORY) * (slope**2 - square)
            centre = mean / (1.0 - _MOMENTUM**self._count)
            scale = np.sqrt(square / (1.0 - _SCALE_MEMORY**self._count))
            move = _STEP[name] * share * centre / (scale + _SMALLEST_STEP_SCALE[name])
            np.subtract(parameter, move, out=parameter)
