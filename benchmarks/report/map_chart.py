"""A map of a region as a drawing: land, main roads, places by how they were served."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.metrics_places import PlaceFigures
from benchmarks.report.palette import INK, LINE, RAMP, SOFT
from benchmarks.report.svg import box, chart, dot, line, nice_step, text
from maps.region import Region
from maps.shapes import segment_lines

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WIDTH: Final = 1060
HEIGHT_MAX: Final = 1100
MARGIN: Final = 14
EDGE: Final = 7
"""Marks nearer to the edge would be cut."""

DRAWN_CLASSES: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
"""Roads that make a map recognisable."""

KM_PER_DEGREE: Final = 111.2
"""Of latitude; longitudes are squeezed to it."""
SCALE_BAR_PX: Final = 150

LIMITS_MIN: Final = (12.0, 18.0, 25.0, 30.0, 40.0)
"""Bands of C2 means: the standard is 18, the targets of recent years 30 and 25 minutes."""
LIMITS_QUICK_MIN: Final = (4.0, 6.0, 8.0, 10.0, 12.0)
"""Bands where nearly all patients are reached within the first of the others."""
QUICK_SHARE_MIN: Final = 0.95

CROWDED_PLACES: Final = 1000

NAME_PX: Final = 6.6
"""Width of a letter in the name of a hospital."""
NAME_LETTERS: Final = 26


class Sheet:
    """A sheet of paper for a region: longitudes and latitudes become pixels."""

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self._left, self._top = float(lon.min()), float(lat.max())
        squeeze = math.cos(math.radians(float(lat.mean())))
        wide = max((float(lon.max()) - self._left) * squeeze, 1e-6)
        high = max(self._top - float(lat.min()), 1e-6)
        scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT_MAX - 2 * MARGIN) / high)
        self._x, self._y = scale * squeeze, scale
        self.pixel_degrees = 1.0 / scale
        self.shift = (WIDTH - wide * scale) / 2
        self.height = round(high * scale + 2 * MARGIN)

    def holds(self, x: float, y: float) -> bool:
        """Test whether a mark at a pixel is on the sheet."""
        return EDGE <= x <= WIDTH - EDGE and EDGE <= y <= self.height - EDGE

    def xy(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return pixels."""
        return (lon - self._left) * self._x + self.shift, (self._top - lat) * self._y + MARGIN


def response_map(
    region: Region, counts: Int64s, total_s: Int64s, worst: Sequence[PlaceFigures] = ()
) -> tuple[str, list[tuple[str, str]]]:
    """Return a map of places, and its legend: larger for more incidents, darker for longer waits.

    Parameters
    ----------
    region
        Its demand places are drawn.
    counts, total_s
        Incidents with a C2 response by place, and their response times together.
    worst
        Places to mark with a numbered ring, the first with 1.
    """
    demand = region.demand
    sheet = sheet_of(region)
    parts = [ground_of(region, sheet)]
    x, y = sheet.xy(demand.lon, demand.lat)
    most = max(1, int(counts.max(initial=1)))
    is_crowded = len(demand) >= CROWDED_PLACES
    # On paper the rims of so many dots would make all of them black.
    largest, rim = (4.0, 0.3) if is_crowded else (13.0, 0.5)
    order = np.argsort(-counts, kind="stable")
    limits_min = _limits_of(counts, total_s)
    for i in order.tolist():
        n = int(counts[i])
        if not n:
            continue
        mean_min = int(total_s[i]) / n / 60
        radius = max(largest * 0.3, largest * math.sqrt(n / most))
        note = f"{demand.id[i]}: {n} C2 incidents, mean {mean_min:.1f} min"
        colour = band(mean_min, limits_min)
        parts.append(dot(float(x[i]), float(y[i]), radius, colour=colour, note=note, rim=rim))
    parts += [*_sites(region, sheet), *_hospital_names(region, sheet, worst)]
    marks = [_ring(sheet, place, number) for number, place in enumerate(worst, start=1)]
    parts += [part for layer in zip(*marks, strict=True) for part in layer]
    parts.append(scale_bar(sheet))
    drawing = chart(WIDTH, sheet.height, "Mean C2 response by place", parts, shrinks=True)
    return drawing, _legend(limits_min)


def _limits_of(counts: Int64s, total_s: Int64s) -> tuple[float, ...]:
    """Return the bands of means that tell the places of a map apart."""
    reached = counts > 0
    means_min = total_s[reached] / counts[reached] / 60
    share = (
        float(np.average(means_min <= LIMITS_MIN[0], weights=counts[reached]))
        if len(means_min)
        else 0.0
    )
    return LIMITS_QUICK_MIN if share >= QUICK_SHARE_MIN else LIMITS_MIN


def _hospital_names(region: Region, sheet: Sheet, worst: Sequence[PlaceFigures]) -> list[str]:
    """Return the names of hospitals beside them, those that leave each other and the rings room."""
    taken = []
    for place in worst:
        x, y = _pixel(sheet, place.lon, place.lat)
        taken.append((x - 18, y - 22, x + 36, y + 18))
    named = sorted(region.hospitals, key=lambda s: (-(s.beds or 0), s.name))
    spots = [(site.name, *_pixel(sheet, site.at.lon, site.at.lat)) for site in named]
    spots = [spot for spot in spots if sheet.holds(*spot[1:])]
    taken += [(x - 9, y - 9, x + 9, y + 9) for _, x, y in spots]
    parts = []
    for name, x, y in spots:
        words = _short(name)
        width = NAME_PX * len(words)
        for left in (x + 12, x - 12 - width):
            plate = (left, y - 9, left + width, y + 7)
            if left >= 0 and plate[2] <= WIDTH and not any(_meet(plate, other) for other in taken):
                taken.append(plate)
                parts.append(text(left, y + 4, words, size=12, halo=True))
                break
    return parts


def _short(name: str) -> str:
    """Return the name of a hospital without the word that all have, as long as a map bears."""
    words = name.removesuffix(" Hospital")
    return (
        words
        if len(words) <= NAME_LETTERS
        else words[: NAME_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _pixel(sheet: Sheet, lon: float, lat: float) -> tuple[float, float]:
    x, y = sheet.xy(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


def scale_bar(sheet: Sheet) -> str:
    """Return a bar of so many kilometres, low on the left."""
    km_per_pixel = sheet.pixel_degrees * KM_PER_DEGREE
    km = nice_step(SCALE_BAR_PX * km_per_pixel, 1)
    km = km if km <= SCALE_BAR_PX * km_per_pixel * 1.5 else km / 2
    y, end = sheet.height - 12.0, 16.0 + km / km_per_pixel
    parts = [line(16, y, end, y, colour=INK, width=2)]
    parts += [line(x, y - 5, x, y + 1, colour=INK, width=2) for x in (16, end)]
    return "".join([*parts, text(16, y - 9, f"{km:g} km", size=13, halo=True)])


def _ring(sheet: Sheet, place: PlaceFigures, number: int) -> tuple[str, str]:
    """Return a ring around a place, and its number, which lies over all rings."""
    x, y = _pixel(sheet, place.lon, place.lat)
    ring = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="16" fill="none" stroke="#fff" stroke-width="5"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="16" fill="none" stroke="{INK}" stroke-width="2.2"/>'
    )
    at = x + 20 if x < WIDTH - 40 else x - 34
    plate = box(at - 3, y - 22, 11 + 8 * len(str(number)), 18, colour="#fff", round_by=3)
    return ring, plate + text(at, y - 8, str(number), size=15, bold=True)


def band(mean_min: float, limits_min: Sequence[float] = LIMITS_MIN) -> str:
    """Return the colour of a mean response in minutes."""
    return RAMP[sum(mean_min > limit for limit in limits_min)]


def _legend(limits_min: Sequence[float]) -> list[tuple[str, str]]:
    bounds = [f"up to {limits_min[0]:g} min"]
    bounds += [f"{a:g} to {b:g}" for a, b in pairwise(limits_min)]
    bounds.append(f"over {limits_min[-1]:g} min")
    return list(zip(RAMP, bounds, strict=True))


def sheet_of(region: Region) -> Sheet:
    """Return a sheet on which a region lies: its trusts' areas, or else all places and roads.

    A region of some trusts keeps the roads and hospitals of all; these do not belong on its map.
    """
    drawn = [bytes.fromhex(t.polygon_wkb_hex) for t in region.trusts if t.polygon_wkb_hex]
    if drawn and len(drawn) == len(region.trusts):
        import shapely

        west, south, east, north = shapely.total_bounds(shapely.from_wkb(drawn)).tolist()
        return Sheet(np.array([west, east]), np.array([south, north]))
    lon = [region.demand.lon, np.array([site.at.lon for site in region.hospitals])]
    lat = [region.demand.lat, np.array([site.at.lat for site in region.hospitals])]
    if region.roads is not None:
        lon.append(region.roads.lon)
        lat.append(region.roads.lat)
    return Sheet(np.concatenate(lon), np.concatenate(lat))


def ground_of(region: Region, sheet: Sheet) -> str:
    """Return land and main roads."""
    return _land(region, sheet) + _roads(region, sheet)


def _land(region: Region, sheet: Sheet) -> str:
    """Return the trusts' areas, no finer than a pixel shows."""
    import shapely

    rings: list[str] = []
    for trust in region.trusts:
        if trust.polygon_wkb_hex is None:
            continue
        shape = shapely.from_wkb(bytes.fromhex(trust.polygon_wkb_hex))
        for polygon in shapely.get_parts(shape.simplify(sheet.pixel_degrees * 0.7)):
            ring = np.asarray(polygon.exterior.coords)
            x, y = sheet.xy(ring[:, 0], ring[:, 1])
            if float(np.ptp(x)) < 2 and float(np.ptp(y)) < 2:
                continue
            way = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
            rings.append(f"M{way}Z")
    return f'<path d="{"".join(rings)}" fill="#f1f3f5" stroke="{SOFT}" stroke-width="0.8"/>'


def _roads(region: Region, sheet: Sheet) -> str:
    """Return the main roads as one faint drawing."""
    network = region.roads
    if network is None:
        return ""
    drawn = [i for i, name in enumerate(network.classes) if name in DRAWN_CLASSES]
    if not drawn:
        return ""
    lines = segment_lines(network)
    segments = np.unique(network.segment[np.isin(network.road_class, drawn)])
    x, y = sheet.xy(lines.lon, lines.lat)
    ways: list[str] = []
    for segment in segments.tolist():
        run = slice(int(lines.first[segment]), int(lines.first[segment + 1]))
        ways.append(_thinned(x[run].tolist(), y[run].tolist()))
    return f'<path d="{"".join(ways)}" fill="none" stroke="{LINE}" stroke-width="1.1"/>'


def _thinned(x: list[float], y: list[float]) -> str:
    """Return a way without the bends that are closer than 2 pixels to the last one drawn."""
    kept = [(x[0], y[0])]
    last = len(x) - 1
    for i in range(1, len(x)):
        if i == last or abs(x[i] - kept[-1][0]) + abs(y[i] - kept[-1][1]) > 2.0:
            kept.append((x[i], y[i]))
    return "M" + "L".join(f"{a:.0f} {b:.0f}" for a, b in kept)


def _sites(region: Region, sheet: Sheet) -> list[str]:
    """Return hospitals as an H on blue, posts as small black squares."""
    parts: list[str] = []
    many = len(region.posts) > 60
    for post in region.posts:
        x, y = sheet.xy(np.array([post.at.lon]), np.array([post.at.lat]))
        size = 3.0 if many else 7.0
        kind = "station" if post.is_station else "standby point"
        words = f"{post.name} ({kind}{', assumed' if post.assumed else ''})"
        corner = (float(x[0]) - size / 2, float(y[0]) - size / 2)
        parts.append(box(*corner, size, size, colour=INK, note=words))
    for site in region.hospitals:
        x, y = sheet.xy(np.array([site.at.lon]), np.array([site.at.lat]))
        if not sheet.holds(float(x[0]), float(y[0])):
            continue
        size = 7.0 if many else 18.0
        corner = (float(x[0]) - size / 2, float(y[0]) - size / 2)
        parts.append(box(*corner, size, size, colour="#c44601", note=site.name, round_by=2))
        if not many:
            parts.append(
                text(
                    float(x[0]),
                    float(y[0]) + 4.5,
                    "H",
                    size=13,
                    anchor="middle",
                    colour="#fff",
                    bold=True,
                )
            )
    return parts
