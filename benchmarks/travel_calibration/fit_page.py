"""The page of a calibration: how far off it is beside simpler models, where, and by distance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.report import page, svg
from benchmarks.report.palette import INK, SERIES, SOFT
from benchmarks.report.wording import signed
from benchmarks.travel_calibration.calibration import Calibration
from benchmarks.travel_calibration.residuals import BAND_NAMES, JOURNEYS_MIN, Residual
from benchmarks.travel_calibration.validation import Errors, Validation

_KM_PER_DEGREE: Final = 111.2
_WIDE: Final = 640
_CHART_WIDE: Final = 1060
_DIVERGING: Final = ("#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b")
"""From faster than expected to slower. ColorBrewer RdBu (Brewer and Harrower, Apache licence)."""
_STEPS: Final = (-0.1, -0.03, 0.03, 0.1)
MEDIAN_ERROR: Final = 1.2533
"""Standard error of a median over that of a mean, of normal numbers: the root of half of pi."""
ERRORS_OF_CHANCE: Final = 3.0
"""Of a hundred squares two standard errors would colour five by chance, three hardly any."""

MODEL_WORDS: Final = {
    "constant speed": "one constant speed",
    "constant speed and start": "one constant speed, and a start",
    "base": "the region's own times",
    "base and start": "the region's own times, and a start",
    "curve": "the fitted curve alone",
    "calibrated": "the fit: curve, hours, areas, stations",
}
"""What the models of a validation are, for who reads of them."""

_DRAWN: Final = ("constant speed", "constant speed and start", "base", "calibrated")
_COLOURS: Final = (SERIES[6], SERIES[5], SERIES[4], SERIES[1])


def calibration_page(
    calibration: Calibration, found: Sequence[Residual], validation: Validation | None
) -> str:
    """Return a page that shows a calibration: how it validates, where it errs, what was fitted."""
    body = [f"<h1>{page.escaped(calibration.name)}: travel times from journeys</h1>"]
    if validation is not None:
        body.append(page.paragraph(_in_short(validation), "lead"))
        body.append(page.section("Stations that were held out", *_validated(validation)))
    body.append(page.section("Where journeys are slower or faster", *_areas(found, calibration)))
    head = ("group", "journeys", "against the curve", "against the fit", "median error, s")
    body.append(page.section("What the fit leaves over", page.paragraph(_LEFT_OVER)))
    for kind, title in (
        ("distance", "By distance"),
        ("hour", "By hour"),
        ("station", "By station"),
    ):
        rows = [_row(r) for r in found if r.kind == kind]
        body.append(f"<h3>{title}</h3>{page.table(head, rows)}")
    body.append(page.section("What was fitted", page.paragraph(_summary(calibration))))
    footer = [
        page.escaped(f"Version {calibration.version} on {calibration.base}."),
        f"Journeys from {calibration.first_at} to {calibration.last_at}.",
        page.escaped(calibration.attribution),
    ]
    return page.page(f"Travel times: {calibration.name}", body, [row for row in footer if row])


_LEFT_OVER: Final = (
    "Median of observed over predicted time, on all journeys: +5 % says that half of the journeys "
    "of a group took at least 5 % longer than said."
)


def _in_short(validation: Validation) -> str:
    off = {errors.model: errors.median_abs_s for errors in validation.errors}
    return (
        f"{validation.journeys:,} journeys, half of them longer than "
        f"{validation.median_observed_s:.0f} s. To stations that it never saw the fit is "
        f"{off['calibrated']:.0f} s off in the median; one constant speed is "
        f"{off['constant speed']:.0f} s off, the region's own times {off['base']:.0f} s."
    )


def _validated(validation: Validation) -> Iterator[str]:
    yield page.paragraph(
        f"Each of {validation.stations} stations was predicted by a fit that had not seen it, in "
        f"{validation.folds} parts. A start is the time that any journey takes before it gets "
        "anywhere."
    )
    head = ("model", "median error, s", "mean error, s", "90th, s", "bias, s", "correlation")
    yield page.table(head, [_error_row(errors) for errors in validation.errors])
    drawn = [errors for errors in validation.errors if errors.model in _DRAWN]
    colours = dict(zip(_DRAWN, _COLOURS, strict=True))
    yield "<h3>Median error by distance</h3>"
    yield page.legend([(colours[e.model], MODEL_WORDS[e.model]) for e in drawn])
    yield page.figure(
        _by_distance(drawn, colours),
        "Stations held out; distance as the crow flies, from the station to the scene.",
    )


def _by_distance(drawn: Sequence[Errors], colours: dict[str, str]) -> str:
    """Return bars of the median error of each model, side by side in each band of distance."""
    known = [s for errors in drawn for s in errors.median_by_distance_s if s is not None]
    ticks = svg.nice_ticks(max(known, default=1.0), 4)
    y = svg.Scale(0, ticks[-1], 190, 20)
    room = (_CHART_WIDE - 70) / len(BAND_NAMES)
    bar = (room - 24) / max(1, len(drawn))
    parts = [svg.left_axis(y, ticks, 60, _CHART_WIDE - 10, " s")]
    for band, name in enumerate(BAND_NAMES):
        left = 60 + band * room + 12
        for place, errors in enumerate(drawn):
            off_s = errors.median_by_distance_s[band]
            if off_s is None:
                continue
            x = left + place * bar
            note = f"{MODEL_WORDS[errors.model]}, {name}: {off_s:.0f} s"
            parts.append(
                svg.box(
                    x, y(off_s), bar - 2, 190 - y(off_s), colour=colours[errors.model], note=note
                )
            )
            words = f"{off_s:.0f}"
            at = x + bar / 2 - 1
            parts.append(svg.text(at, y(off_s) - 4, words, size=11, anchor="middle", colour=SOFT))
        middle = left + (room - 24) / 2
        parts.append(svg.text(middle, 208, name, size=12, anchor="middle", colour=INK))
    return svg.chart(_CHART_WIDE, 216, "Median error by distance", parts)


def _areas(found: Sequence[Residual], calibration: Calibration) -> Iterator[str]:
    words = (
        *("over 10 % faster", "over 3 % faster", "as the curve says, or by chance"),
        *("over 3 % slower", "over 10 % slower"),
    )
    yield page.legend(zip(_DIVERGING, words, strict=True))
    yield page.figure(
        _area_map(found, calibration),
        "Journeys into each square against the curve alone: blue is faster than the curve says, "
        "red is slower. A square that differs by no more than chance would make so few journeys "
        f"differ is left pale. Only squares with at least {JOURNEYS_MIN} journeys, each "
        f"{calibration.area_degrees * _KM_PER_DEGREE:.1f} km high; north is up, and the degrees "
        "are those of the corners.",
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
        signed(100 * (residual.curve_ratio - 1), 1, " %"),
        signed(100 * (residual.ratio - 1), 1, " %"),
        f"{residual.median_abs_s:.0f}",
    )


def _error_row(errors: Errors) -> tuple[str, ...]:
    return (
        MODEL_WORDS.get(errors.model, errors.model),
        f"{errors.median_abs_s:.1f}",
        f"{errors.mean_abs_s:.1f}",
        f"{errors.centile_90_abs_s:.0f}",
        signed(errors.bias_s, 1),
        f"{errors.correlation:.3f}",
    )


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
    tall = side / (1.6 * math.cos(math.radians(lat)))
    height = round(tall * (south_last - south_first + 1))
    parts = []
    for (west, south), residual in zip(squares, of_areas, strict=True):
        x, y = (west - west_first) * side, height - (south - south_first + 1) * tall
        note = f"{residual.journeys:,} journeys, {residual.curve_ratio - 1:+.1%}"
        colour = shade_of(residual, calibration.noise_sd)
        parts.append(svg.box(x, y, side - 1, tall - 1, colour=colour, note=note))
    wide, high = calibration.area_degrees * 1.6, calibration.area_degrees
    corners = (
        (4, 14, "start", west_first, south_last + 1),
        (_WIDE - 4, height - 6, "end", west_last + 1, south_first),
    )
    for at, y, anchor, west, south in corners:
        words = f"{south * high:.2f}°, {west * wide:.2f}°"
        parts.append(svg.text(at, y, words, size=9, anchor=anchor, halo=True))
    return svg.chart(_WIDE, height, "Residuals by area", parts, shrinks=True)


def shade_of(residual: Residual, noise_sd: float) -> str:
    """Return the colour of an area: pale where chance alone explains how it differs.

    ``noise_sd`` is by how much journeys alike differ, in logarithms.
    """
    change = math.log(residual.curve_ratio)
    chance = ERRORS_OF_CHANCE * MEDIAN_ERROR * noise_sd / math.sqrt(residual.journeys)
    return _DIVERGING[2 if abs(change) <= chance else sum(change > step for step in _STEPS)]
