"""What remains unexplained: residuals by distance, hour, area and station."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.travel_calibration.calibration import (
    Calibration,
    hour_classes,
    predicted_s,
    squares_of,
)
from benchmarks.travel_calibration.curve import crow_m
from benchmarks.travel_calibration.journeys import Journeys
from benchmarks.travel_calibration.validation import BANDS_M
from maps.speeds import load_profile

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

JOURNEYS_MIN: Final = 10
"""Groups with fewer journeys are left out of tables and map: their median says nothing."""


class Residual(msgspec.Struct, frozen=True, kw_only=True):
    """Journeys of one group: observed over predicted time.

    ``ratio`` is the median of observed over predicted (above 1: slower than said), before the
    effects of groups (``curve_ratio``) and after; ``median_abs_s`` the median absolute error after.
    """

    kind: str
    group: str
    journeys: int
    curve_ratio: float
    ratio: float
    median_abs_s: float


def residuals(calibration: Calibration, journeys: Journeys) -> tuple[Residual, ...]:
    """Return residuals by distance, hour class, area and station, groups in order."""
    hour = hour_classes(journeys.started_at_ms, load_profile(), calibration.timezone)
    distance_m = crow_m(journeys.origin_lon, journeys.origin_lat, journeys.lon, journeys.lat)
    plain_s = calibration.curve.at(journeys.routed_s, distance_m, hour)
    whole_s = predicted_s(calibration, journeys)
    band = np.searchsorted(np.array(BANDS_M[1:]), distance_m, side="right")
    squares = squares_of(journeys.lon, journeys.lat, calibration.area_degrees)
    names, area = np.unique(squares, axis=0, return_inverse=True)
    groups: list[tuple[str, Sequence[str], Int64s]] = [
        ("distance", BAND_NAMES, np.asarray(band, np.int64)),
        ("hour", list(calibration.hours), hour),
        ("area", [f"{w},{s}" for w, s in names.tolist()], area.reshape(-1)),
        ("station", journeys.station.vocabulary, journeys.station.code.astype(np.int64)),
    ]
    found: list[Residual] = []
    for kind, words, group in groups:
        found += _of_kind(kind, words, group, journeys.observed_s, plain_s, whole_s)
    return tuple(found)


BAND_NAMES: Final = ("under 1 km", "1 to 2 km", "2 to 3 km", "3 to 5 km", "over 5 km")


def _of_kind(
    kind: str,
    words: Sequence[str],
    group: Int64s,
    observed_s: Float64s,
    plain_s: Float64s,
    whole_s: Float64s,
) -> Iterator[Residual]:
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(words) + 1))
    for number, word in enumerate(words):
        rows = order[edges[number] : edges[number + 1]]
        if len(rows) < JOURNEYS_MIN:
            continue
        observed = observed_s[rows]
        yield Residual(
            kind=kind,
            group=word,
            journeys=len(rows),
            curve_ratio=round(float(np.median(observed / plain_s[rows])), 4),
            ratio=round(float(np.median(observed / whole_s[rows])), 4),
            median_abs_s=round(float(np.median(np.abs(whole_s[rows] - observed))), 1),
        )


def write_residuals(found: Sequence[Residual], path: Path) -> None:
    """Write residuals as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Residual.__struct_fields__)
        writer.writerows([getattr(r, name) for name in Residual.__struct_fields__] for r in found)


def write_area_map(calibration: Calibration, path: Path) -> None:
    """Write the areas and their effects as GeoJSON squares."""
    features = [
        {
            "type": "Feature",
            "properties": {"journeys": a.journeys, "factor": round(float(np.exp(a.effect)), 4)},
            "geometry": {"type": "Polygon", "coordinates": [_ring(a.west, a.south, calibration)]},
        }
        for a in calibration.areas
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _ring(west: int, south: int, calibration: Calibration) -> list[list[float]]:
    high = calibration.area_degrees
    wide = high * 1.6
    lon, lat = west * wide, south * high
    corners = [(lon, lat), (lon + wide, lat), (lon + wide, lat + high), (lon, lat + high)]
    return [[round(x, 6), round(y, 6)] for x, y in (*corners, corners[0])]
