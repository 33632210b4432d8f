"""What remains unexplained: residuals by distance, hour, area and station; tables and a page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.report import page, svg
from benchmarks.travel_calibration.calibration import (
    Calibration,
    hour_classes,
    predicted_s,
    squares_of,
)
from benchmarks.travel_calibration.curve import crow_m
from benchmarks.travel_calibration.journeys import Journeys
from benchmarks.travel_calibration.validation import BANDS_M, Errors, Validation
from maps.speeds import load_profile

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

JOURNEYS_MIN: Final = 10
"""Groups with fewer journeys are left out of tables and map: their median says nothing."""
_WIDE: Final = 640
_DIVERGING: Final = ("#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b")
"""From faster than expected to slower. ColorBrewer RdBu (Brewer and Harrower, Apache licence)."""
_STEPS: Final = (-0.1, -0.03, 0.03, 0.1)


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


def calibration_page(
    calibration: Calibration, found: Sequence[Residual], validation: Validation | None
) -> str:
    """Return a page that shows a calibration: what was fitted, where it errs, how it validates."""
    head = ("group", "journeys", "observed / curve", "observed / calibrated", "median error, s")
    body = [
        f"<h1>{page.escaped(calibration.name)}: travel times from journeys</h1>",
        page.paragraph(_summary(calibration), "lead"),
        page.section("Areas", page.figure(_area_map(found, calibration), _MAP_WORDS), _key()),
    ]
    if validation is not None:
        body.append(page.section("Stations that were held out", *_validated(validation)))
    for kind, title in (
        ("distance", "By distance"),
        ("hour", "By hour"),
        ("station", "By station"),
    ):
        rows = [_row(r) for r in found if r.kind == kind]
        body.append(page.section(title, page.table(head, rows)))
    footer = [
        page.escaped(f"Version {calibration.version} on {calibration.base}."),
        f"Journeys from {calibration.first_at} to {calibration.last_at}.",
        page.escaped(calibration.attribution),
    ]
    footer = [row for row in footer if row]
    return page.page(f"Travel times: {calibration.name}", body, footer)


_MAP_WORDS: Final = (
    "Journeys into each square against the curve alone: blue is faster than the curve says, red is "
    "slower. Only squares with at least 10 journeys, each about 3.3 km wide; north is up, and the "
    "degrees are those of the corners."
)


def _summary(calibration: Calibration) -> str:
    curve = calibration.curve
    starts = ", ".join(
        f"{name} {start:.0f} s"
        for name, start in zip(calibration.hours, curve.start_s, strict=True)
    )
    return (
        f"{calibration.journeys:,} journeys. Start (before it gets anywhere, any journey takes): "
        f"{starts}. A usual journey (5 min routed, 2 km) "
        f"drives {curve.usual_s:.0f} s; times grow with the routed time to the power "
        f"{curve.routed_power:.2f} and the distance to the power {curve.distance_power:.2f}. "
        f"Areas differ by {calibration.prior_sd['area']:.1%}, stations by "
        f"{calibration.prior_sd['station']:.1%}, journeys alike by {calibration.noise_sd:.0%}."
    )


def _row(residual: Residual) -> tuple[str, ...]:
    return (
        residual.group,
        f"{residual.journeys:,}",
        f"{residual.curve_ratio:.3f}",
        f"{residual.ratio:.3f}",
        f"{residual.median_abs_s:.0f}",
    )


def _validated(validation: Validation) -> Iterator[str]:
    yield page.paragraph(
        f"Each of {validation.stations} stations was predicted by a fit that had not seen it, in "
        f"{validation.folds} parts. Median observed time {validation.median_observed_s:.0f} s."
    )
    head = ("model", "median error, s", "mean error, s", "90th, s", "bias, s", "correlation")
    yield page.table(head, [_error_row(errors) for errors in validation.errors])


MODEL_WORDS: Final = {
    "base": "the region's own times",
    "base and start": "the region's own times, and a start",
    "curve": "the fitted curve alone",
    "calibrated": "the fit: curve, hours, areas, stations",
}
"""What the models of a validation are, for who reads the page."""


def _error_row(errors: Errors) -> tuple[str, ...]:
    return (
        MODEL_WORDS.get(errors.model, errors.model),
        f"{errors.median_abs_s:.1f}",
        f"{errors.mean_abs_s:.1f}",
        f"{errors.centile_90_abs_s:.0f}",
        f"{errors.bias_s:+.1f}",
        f"{errors.correlation:.3f}",
    )


def _key() -> str:
    words = (
        "over 10 % faster",
        "over 3 % faster",
        "as said",
        "over 3 % slower",
        "over 10 % slower",
    )
    return page.legend(zip(_DIVERGING, words, strict=True))


def _area_map(found: Sequence[Residual], calibration: Calibration) -> str:
    of_areas = [r for r in found if r.kind == "area"]
    if not of_areas:
        return svg.chart(_WIDE, 40, "Areas", [svg.text(8, 24, "No area has enough journeys.")])
    squares = [tuple(map(int, r.group.split(","))) for r in of_areas]
    west_first, west_last = min(w for w, _ in squares), max(w for w, _ in squares)
    south_first, south_last = min(s for _, s in squares), max(s for _, s in squares)
    side = _WIDE / (west_last - west_first + 1)
    # A square is 1.6 times as wide as high in degrees, so that it is about square on the ground.
    lat = (south_first + south_last) / 2 * calibration.area_degrees
    tall = side / (1.6 * float(np.cos(np.radians(lat))))
    height = round(tall * (south_last - south_first + 1))
    parts = []
    for (west, south), residual in zip(squares, of_areas, strict=True):
        change = float(np.log(residual.curve_ratio))
        colour = _DIVERGING[sum(change > step for step in _STEPS)]
        x, y = (west - west_first) * side, height - (south - south_first + 1) * tall
        note = f"{residual.journeys:,} journeys, {residual.curve_ratio - 1:+.1%}"
        parts.append(svg.box(x, y, side - 1, tall - 1, colour=colour, note=note))
    wide, high = calibration.area_degrees * 1.6, calibration.area_degrees
    corners = (
        (4, 14, "start", west_first, south_last + 1),
        (_WIDE - 4, height - 6, "end", west_last + 1, south_first),
    )
    for at, y, anchor, west, south in corners:
        words = f"{south * high:.2f}°, {west * wide:.2f}°"
        parts.append(svg.text(at, y, words, size=12, anchor=anchor, halo=True))
    return svg.chart(_WIDE, height, "Residuals by area", parts, shrinks=True)
