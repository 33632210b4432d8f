"""A plan as one self-contained page: a map of places and points, and tables."""

from __future__ import annotations

import math
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from benchmarks.planning.plan import PlannedPoint, Reach, StandbyPlan, TrustPlan
from benchmarks.planning.table import shift_words
from maps.region import Region

WIDTH: Final = 900.0
_MARGIN: Final = 12.0

BANDS: Final = ((4.0, "#1b6ca8"), (6.0, "#4fa3c7"), (8.0, "#a8d5ba"), (12.0, "#f2b134"))
"""Minutes up to which a place has a colour; blue to amber can be told apart without red-green."""

BEYOND: Final = "#b3261e"
_UNREACHED: Final = "#777777"

_STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:62rem;color:#1d1d1f}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;margin:.6rem 0}td,th{padding:.2rem .7rem;text-align:right}
th{border-bottom:2px solid #1d1d1f;font-weight:600}td{border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}figure{margin:0}figcaption{color:#555}
svg{width:100%;height:auto;background:#f7f7f5}.key i{display:inline-block;width:.9em;height:.9em;
margin:0 .3em 0 1em;vertical-align:-.1em}details{margin:.4rem 0}
@media print{body{margin:0}details{display:none}}
"""

Floats = npt.NDArray[np.float64]


def plan_page(plan: StandbyPlan, region: Region, place_min: Floats) -> str:
    """Return the page of a plan as HTML, without any outside request.

    Parameters
    ----------
    place_min
        Minutes from the nearest point to each place of the region, float64[n]; infinite where no
        road leads, NaN for places that the plan leaves out.
    """
    settings = plan.settings
    when = "the whole day" if settings.hour is None else f"{settings.hour:02d}:00"
    title = f"Standby points for {region.name}, {when}"
    parts = [
        "<!doctype html><html lang=en-GB><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>",
        f"<p>{escape(_made_from(plan))}</p>",
        "<figure>",
        _map(plan, region, place_min),
        _key(),
        "</figure>",
        _summary(plan),
        *(_trust_part(trust) for trust in plan.trusts),
        "<p>" + escape("; ".join(region.attribution)) + "</p></html>",
    ]
    return "\n".join(parts)


def _made_from(plan: StandbyPlan) -> str:
    settings = plan.settings
    return (
        f"Sited by {settings.siting}, units placed by expected coverage within "
        f"{settings.standard_min:g} blue-light minutes; volumes of {settings.month}, "
        f"traffic of {settings.day.isoformat()}. Times: {plan.travel_times}."
    )


class _Frame:
    """From degrees to the units of the drawing: equal scale both ways at the middle latitude."""

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self._west, self._north = float(lon.min()), float(lat.max())
        self._narrow = math.cos(math.radians(float(lat.mean())))
        span = max(float(np.ptp(lon)) * self._narrow, float(np.ptp(lat)), 1e-6)
        self._unit = (WIDTH - 2 * _MARGIN) / span
        corner = self.xy(np.array([lon.max()]), np.array([lat.min()]))[0] + _MARGIN
        self.width, self.height = float(corner[0]), float(corner[1])

    def xy(self, lon: Floats, lat: Floats) -> Floats:
        """Return drawing coordinates, float64[n, 2], to a tenth."""
        x = _MARGIN + (lon - self._west) * self._narrow * self._unit
        y = _MARGIN + (self._north - lat) * self._unit
        return np.asarray(np.round(np.column_stack((x, y)), 1), dtype=np.float64)


def _map(plan: StandbyPlan, region: Region, place_min: Floats) -> str:
    shown = np.flatnonzero(~np.isnan(place_min))
    planned = {trust.trust for trust in plan.trusts}
    drawn = [
        trust.polygon_wkb_hex
        for trust in region.trusts
        if trust.code in planned and trust.polygon_wkb_hex is not None
    ]
    corners = [shapely.get_coordinates(shapely.from_wkb(border)) for border in drawn]
    places = np.column_stack((region.demand.lon[shown], region.demand.lat[shown]))
    reach = np.vstack((places, *corners))
    frame = _Frame(reach[:, 0], reach[:, 1])
    borders = [_border(border, frame) for border in drawn]
    label = "Map of places coloured by minutes from the nearest standby point"
    return "".join(
        [
            f"<svg viewBox='0 0 {frame.width:.0f} {frame.height:.0f}' role=img ",
            f"aria-label='{label}'>",
            *borders,
            _places(region, frame, shown, place_min),
            *(_point(point, frame) for trust in plan.trusts for point in trust.points),
            "</svg>",
        ]
    )


def _border(wkb_hex: str, frame: _Frame) -> str:
    parts = []
    for polygon in shapely.get_parts(shapely.from_wkb(wkb_hex)):
        ring = shapely.get_coordinates(shapely.get_exterior_ring(polygon))
        points = " ".join(f"{x:g},{y:g}" for x, y in frame.xy(ring[:, 0], ring[:, 1]))
        parts.append(f"<polygon points='{points}'/>")
    return "<g fill='#fff' stroke='#999' stroke-width='.8'>" + "".join(parts) + "</g>"


def _places(region: Region, frame: _Frame, shown: npt.NDArray[np.intp], place_min: Floats) -> str:
    """Return one path a colour: a page of 33,000 circles would not open."""
    xy = frame.xy(region.demand.lon[shown], region.demand.lat[shown])
    dot = min(7.0, max(1.6, 260.0 / math.sqrt(len(shown))))
    paths = []
    for colour, rows in _by_band(place_min[shown]):
        if not len(rows):
            continue
        path = "".join(f"M{x:g} {y:g}h0" for x, y in xy[rows])
        paths.append(
            f"<path d='{path}' stroke='{colour}' stroke-width='{dot:.1f}' "
            "stroke-linecap='round' opacity='.75'/>"
        )
    return "".join(paths)


def _point(point: PlannedPoint, frame: _Frame) -> str:
    ((x, y),) = frame.xy(np.array([point.lon]), np.array([point.lat])).tolist()
    units = max(point.units, default=0)
    label = f"{point.id} {point.name}: up to {units} units"
    return (
        f"<circle cx='{x}' cy='{y}' r='{2.2 + 1.1 * math.sqrt(units):.1f}' fill='#fff' "
        f"stroke='#111' stroke-width='1.4'><title>{escape(label)}</title></circle>"
    )


def _by_band(place_min: Floats) -> list[tuple[str, npt.NDArray[np.intp]]]:
    limits = np.array([limit for limit, _ in BANDS])
    band = np.searchsorted(limits, place_min, side="left")
    colours = [colour for _, colour in BANDS] + [BEYOND]
    found = np.isfinite(place_min)
    by_band = [
        (colour, np.flatnonzero((band == number) & found)) for number, colour in enumerate(colours)
    ]
    return [*by_band, (_UNREACHED, np.flatnonzero(~found))]


def _key() -> str:
    lower, items = 0.0, []
    for limit, colour in BANDS:
        items.append(f"<i style='background:{colour}'></i>{lower:g} to {limit:g}")
        lower = limit
    items.append(f"<i style='background:{BEYOND}'></i>over {lower:g} minutes")
    items.append(f"<i style='background:{_UNREACHED}'></i>no road")
    return (
        "<figcaption class=key>Blue-light minutes from the nearest point: "
        + "".join(items)
        + ". Circles: points, their area by units.</figcaption>"
    )


def _summary(plan: StandbyPlan) -> str:
    head = (
        "<h2>How near</h2><table><tr><th>Trust<th>Points<th>Mean, min<th>90th, min"
        f"<th>Within {plan.settings.standard_min:g} min<th>of rural<th>Existing posts"
        "<th>Mean, min<th>Within<th>Proved within"
    )
    rows = []
    for trust in plan.trusts:
        cells = [trust.trust, str(len(trust.points)), *_reach_cells(trust.reach)]
        cells += [str(trust.existing_count)]
        if trust.existing is None:
            cells += ["", ""]
        else:
            now = trust.existing
            cells += [f"{now.mean_min:.2f}", f"{now.within_standard:.1%}"]
        cells.append(f"{trust.siting_gap:.2%}")
        rows.append("<tr><td>" + "<td>".join(map(escape, cells)))
    return head + "".join(rows) + "</table>"


def _reach_cells(reach: Reach) -> list[str]:
    rural = reach.rural_within_standard
    return [
        f"{reach.mean_min:.2f}",
        f"{reach.p90_min:.2f}",
        f"{reach.within_standard:.1%}",
        "" if rural is None else f"{rural:.1%}",
    ]


def _trust_part(trust: TrustPlan) -> str:
    parts = [f"<h2>{escape(trust.trust)}: {trust.incidents_per_day:,.0f} incidents a day</h2>"]
    if trust.shifts:
        parts.append(f"<p>Shifts: {escape(shift_words(trust))}.</p>")
    hours = "".join(
        f"<tr><td>{hour.hour:02d}:00<td>{hour.incidents:.1f}<td>{hour.units}"
        f"<td>{hour.busy_fraction:.2f}<td>{hour.expected_coverage:.1%}<td>{hour.bound:.1%}"
        for hour in trust.hours
    )
    parts.append(
        "<table><tr><th>Hour<th>Incidents<th>Units<th>Busy fraction<th>Expected coverage"
        f"<th>At most{hours}</table>"
    )
    points = "".join(
        f"<tr><td>{escape(point.id)}<td>{escape(point.name)}<td>{escape(point.post or '')}"
        f"<td>{point.lon:.5f}, {point.lat:.5f}<td>{point.incident_share:.1%}"
        f"<td>{'' if point.mean_min is None else f'{point.mean_min:.1f}'}"
        f"<td>{min(point.units, default=0)} to {max(point.units, default=0)}"
        for point in trust.points
    )
    parts.append(
        f"<details><summary>{len(trust.points)} points</summary><table><tr><th>Point<th>Place"
        "<th>Post<th>Lon, lat<th>Incidents<th>Mean, min<th>Units"
        f"{points}</table></details>"
    )
    return "".join(parts)
