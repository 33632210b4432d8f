"""Validation on stations that the fit never saw, beside simpler models."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.travel_calibration.calibration import (
    AREA_DEGREES,
    fit,
    hour_classes,
    predicted_s,
)
from benchmarks.travel_calibration.curve import crow_m, fit_curve
from benchmarks.travel_calibration.journeys import Journeys
from maps.speeds import load_profile

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

FOLDS: Final = 5
BANDS_M: Final = (0.0, 1_000.0, 2_000.0, 3_000.0, 5_000.0, 1e9)


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """How far a model is from observed times, in seconds; ``bias_s`` is the median error.

    ``median_by_distance_s`` is the median absolute error in bands of great-circle distance with
    edges at 1, 2, 3 and 5 km, None in a band without journeys.
    """

    model: str
    median_abs_s: float
    mean_abs_s: float
    centile_90_abs_s: float
    bias_s: float
    correlation: float
    median_by_distance_s: tuple[float | None, ...]


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of holding stations out: each was predicted by a fit without its journeys."""

    journeys: int
    stations: int
    folds: int
    median_observed_s: float
    errors: tuple[Errors, ...]


Model = Callable[[Journeys, Journeys], Float64s]
"""From journeys to learn from and journeys to predict, to predicted seconds."""


def validated(
    journeys: Journeys,
    *,
    base: str,
    timezone: str = "Europe/London",
    area_degrees: float = AREA_DEGREES,
) -> Validation:
    """Hold out a fifth of the stations at a time, and compare models on their journeys.

    Models: *constant speed* (one speed over the great circle), *constant speed and start* (a
    straight line over it), *base* (the travel times as they are), *base and start* (with one time
    for all added), *curve* (the fitted curve without effects), *calibrated* (with the effects of
    hour, mode and area; the station's own is unknown). Every model is fitted on the other
    stations only.

    Raises
    ------
    ValueError
        When there are fewer than two stations a fold.
    """
    fold = _folds(journeys)
    stations = len(np.unique(journeys.station.code))
    if stations < 2 * FOLDS:
        raise ValueError(f"Expected at least {2 * FOLDS} stations, was {stations}.")

    def calibrated(learn: Journeys, test: Journeys) -> Float64s:
        found = fit(learn, name="", base=base, timezone=timezone, area_degrees=area_degrees)
        return predicted_s(found, test)

    models: dict[str, Model] = {
        "constant speed": _constant_speed,
        "constant speed and start": _line,
        "base": lambda _, test: test.routed_s,
        "base and start": _base_and_start,
        "curve": lambda learn, test: _curve(learn, test, timezone),
        "calibrated": calibrated,
    }
    predicted = {name: np.empty(len(journeys)) for name in models}
    for number in range(FOLDS):
        test = np.flatnonzero(fold == number)
        learn = journeys.taken(np.flatnonzero(fold != number))
        held_out = journeys.taken(test)
        for name, model in models.items():
            predicted[name][test] = model(learn, held_out)
    distance_m = _distance_m(journeys)
    return Validation(
        journeys=len(journeys),
        stations=stations,
        folds=FOLDS,
        median_observed_s=round(float(np.median(journeys.observed_s)), 1),
        errors=tuple(
            errors_of(name, values, journeys.observed_s, distance_m)
            for name, values in predicted.items()
        ),
    )


def _folds(journeys: Journeys) -> Int64s:
    """Return the fold of each journey: by a hash of its station, so that names decide alone."""
    of_word = [
        hashlib.sha256(word.encode()).digest()[0] % FOLDS for word in journeys.station.vocabulary
    ]
    return np.array(of_word, dtype=np.int64)[journeys.station.code]


def _distance_m(journeys: Journeys) -> Float64s:
    return crow_m(journeys.origin_lon, journeys.origin_lat, journeys.lon, journeys.lat)


def _constant_speed(learn: Journeys, test: Journeys) -> Float64s:
    """Predict by the speed with the least median absolute error."""
    distance_m = _distance_m(learn)
    speeds = np.arange(2.0, 30.0, 0.1)
    missed = [np.median(np.abs(distance_m / v - learn.observed_s)) for v in speeds.tolist()]
    return _distance_m(test) / float(speeds[int(np.argmin(missed))])


def _base_and_start(learn: Journeys, test: Journeys) -> Float64s:
    """Predict by the base plus the median of what it lacks."""
    return test.routed_s + float(np.median(learn.observed_s - learn.routed_s))


def _line(learn: Journeys, test: Journeys) -> Float64s:
    """Predict by the straight line with the least absolute errors (reweighted least squares)."""
    x = np.column_stack((np.ones(len(learn)), _distance_m(learn)))
    weight = np.ones(len(learn))
    line: Float64s = np.zeros(2)
    for _ in range(30):
        scaled = x * weight[:, None]
        line = np.asarray(np.linalg.solve(scaled.T @ x, scaled.T @ learn.observed_s), np.float64)
        weight = 1.0 / np.maximum(np.abs(learn.observed_s - x @ line), 1.0)
    return float(line[0]) + float(line[1]) * _distance_m(test)


def _curve(learn: Journeys, test: Journeys, timezone: str) -> Float64s:
    profile = load_profile()
    hours = hour_classes(learn.started_at_ms, profile, timezone)
    count = len(profile.hour_classes)
    curve = fit_curve(learn.observed_s, learn.routed_s, _distance_m(learn), hours, count)
    test_hours = hour_classes(test.started_at_ms, profile, timezone)
    return curve.at(test.routed_s, _distance_m(test), test_hours)


def errors_of(
    model: str, predicted: Float64s, observed_s: Float64s, distance_m: Float64s
) -> Errors:
    """Return the errors of one model."""
    error = predicted - observed_s
    size = np.abs(error)
    return Errors(
        model=model,
        median_abs_s=round(float(np.median(size)), 1),
        mean_abs_s=round(float(np.mean(size)), 1),
        centile_90_abs_s=round(float(np.quantile(size, 0.9)), 1),
        bias_s=round(float(np.median(error)), 1),
        correlation=round(float(np.corrcoef(predicted, observed_s)[0, 1]), 3),
        median_by_distance_s=tuple(_by_band(size, distance_m)),
    )


def _by_band(size: Float64s, distance_m: Float64s) -> Iterator[float | None]:
    for low, high in pairwise(BANDS_M):
        inside = size[(distance_m >= low) & (distance_m < high)]
        yield round(float(np.median(inside)), 1) if len(inside) else None
