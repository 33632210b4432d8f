"""The page of one moment: a map of units, patients and hospitals, and the same as tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.moment import IncidentThen, Moment, UnitThen
from benchmarks.report import page
from benchmarks.report.map_chart import WIDTH, ground_of, scale_bar, sheet_of
from benchmarks.report.palette import CATEGORY, INK, SERIES, SOFT
from benchmarks.report.svg import box, chart, dot, line, text
from benchmarks.report.wording import KINDS, clock, instant, place
from dispatch.domain.category import Category, reported_as
from dispatch.domain.unit import CONVEYING_KINDS, UnitKind
from maps.geo import LonLat
from maps.region import Region

FREE: Final = frozenset({"ON_STATION", "AVAILABLE", "RELOCATING"})
"""Statuses in which a unit may be sent."""

WITH_PATIENT: Final = frozenset({"CONVEYING", "AT_HOSPITAL", "HANDED_OVER"})
"""Statuses in which the patient is no longer at the scene."""

AT_DOOR: Final = frozenset({"AT_HOSPITAL", "HANDED_OVER"})
"""Statuses of a crew at a hospital."""

LABEL_PX: Final = 150
LINE_PX: Final = 12
"""Room for a label: two that are nearer to each other are written under one another."""

TOGETHER_PX: Final = 16
"""Units this near to each other share a label."""

FULL_SIZE_MAX: Final = 300
"""With more on the map marks are smaller, so that they take no more room together."""

SIZE_MIN: Final = 0.35
"""Smaller marks could not be told apart."""

LABELS_MAX: Final = 60
"""With more units on the map, callsigns would cover each other."""


class MomentReport:
    """Everything that the page of a moment shows."""

    def __init__(self, moment: Moment, region: Region, versions: str) -> None:
        self.moment, self.region, self.versions = moment, region, versions
        self._codes = sorted(
            {*(u.trust for u in moment.units), *(i.trust for i in moment.incidents)}
        )
        self._names = {trust.code: trust.name for trust in region.trusts}
        shown = len(moment.units) + len(moment.incidents)
        self._size = max(SIZE_MIN, min(1.0, math.sqrt(FULL_SIZE_MAX / max(shown, 1))))

    def html(self) -> str:
        """Return the page."""
        moment = self.moment
        where = place(self.region.name)
        if len(self.region.trusts) == 1:
            where = self.region.trusts[0].name
        title = f"{where}, {instant(moment.at_ms, self.region.timezone)}"
        body = [
            f"<h1>{page.escaped(title)}</h1>",
            page.paragraph(in_short(moment), "lead"),
            page.legend(
                [
                    *((colour, f"patient, {name}") for name, colour in CATEGORY.items()),
                    (SOFT, "patient, other requests"),
                    (SERIES[0], "unit on a job"),
                    ("#fff", "unit free"),
                    (INK, "hospital (H)"),
                ]
            ),
            page.figure(
                self._map(),
                "Lines lead from units to where they are going. Patients on their way to a "
                "hospital, or there, are with their unit.",
            ),
            *([page.section("Trust by trust", self._trusts())] if len(self._codes) > 1 else []),
            page.section("Patients", self._patients()),
            page.section("Units", self._units()),
            page.section("Hospital doors", self._doors()),
        ]
        return page.page(title, body, page.footer_of([self.versions], self.region.attribution))

    def _map(self) -> str:
        sheet = sheet_of(self.region)

        def xy(at: LonLat) -> tuple[float, float]:
            x, y = sheet.xy(np.array([at.lon]), np.array([at.lat]))
            return float(x[0]), float(y[0])

        size = self._size
        parts = [ground_of(self.region, sheet)]
        parts += [
            line(*xy(unit.at), *xy(unit.to), colour=SOFT, dash="5 4", width=1.3 * size)
            for unit in self.moment.units
            if unit.to is not None
        ]
        for site in self.moment.hospitals:
            x, y = xy(site.at)
            note = f"{site.name}: {site.waiting} crews there, {site.inbound} coming"
            side = 18 * size
            parts.append(
                box(
                    x - side / 2, y - side / 2, side, side, colour=INK, note=note, round_by=2 * size
                )
            )
            letter = 13 * size
            parts.append(
                text(
                    x,
                    y + 0.35 * letter,
                    "H",
                    size=letter,
                    anchor="middle",
                    colour="#fff",
                    bold=True,
                )
            )
        gone = gone_of(self.moment)
        for incident in self.moment.incidents:
            if incident.id in gone:
                continue
            colour = category_colour(incident)
            parts.append(
                dot(*xy(incident.at), 8 * size, colour=colour, note=_patient_words(incident))
            )
        parts += self._marks(xy)
        parts.append(scale_bar(sheet))
        return chart(WIDTH, sheet.height, "The picture of this moment", parts, shrinks=True)

    def _marks(self, xy: Callable[[LonLat], tuple[float, float]]) -> list[str]:
        """Return a mark for each unit, and one label for those that stand together."""
        parts: list[str] = []
        size = self._size
        together: dict[tuple[int, int], list[str]] = {}
        for unit in self.moment.units:
            x, y = xy(unit.at)
            colour = "#fff" if unit.status in FREE else SERIES[0]
            for width, height, fill, note in (
                (12 * size, 8 * size, INK, _unit_words(unit)),
                (9.2 * size, 5.2 * size, colour, ""),
            ):
                corner = x - width / 2, y - height / 2
                parts.append(box(*corner, width, height, colour=fill, note=note, round_by=2 * size))
            cell = (round(x / TOGETHER_PX), round(y / TOGETHER_PX))
            together.setdefault(cell, []).append(unit.id)
        if len(self.moment.units) > LABELS_MAX:
            return parts
        written: list[tuple[float, float]] = []
        for (column, row), names in together.items():
            words = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
            x, y = column * TOGETHER_PX, row * TOGETHER_PX + 4.0
            while any(abs(x - a) < LABEL_PX and abs(y - b) < LINE_PX for a, b in written):
                y += LINE_PX
            written.append((x, y))
            is_late = x > WIDTH - LABEL_PX
            anchor, shift = ("end", -10) if is_late else ("start", 10)
            parts.append(text(x + shift, y, words, size=10, anchor=anchor, halo=True))
        return parts

    def _trusts(self) -> str:
        """Return what each trust has to do, and with whom."""
        rows = []
        for code in self._codes:
            incidents = [i for i in self.moment.incidents if i.trust == code]
            units = [unit for unit in self.moment.units if unit.trust == code]
            waiting = [i for i in incidents if not i.units]
            crews = [unit for unit in units if conveys(unit)]
            grave = [i.waited_s for i in waiting if i.category in ("C1", "C2")]
            rows.append(
                (
                    self._names.get(code, code),
                    f"{len(incidents):,}",
                    f"{len(waiting):,}",
                    clock(max(grave, default=None)),
                    f"{len(crews):,}",
                    f"{sum(is_free(unit) for unit in crews):,}",
                    f"{sum(unit.status in AT_DOOR for unit in crews):,}",
                )
            )
        head = (
            "trust",
            "incidents open",
            "nobody sent yet",
            "longest of them, C1 and C2",
            "ambulances on duty",
            "free",
            "at a hospital",
        )
        return page.table(head, rows)

    def _patients(self) -> str:
        """Return the patients: first who waits, then who has somebody with him, then who left."""
        rows = [
            (
                incident.id,
                incident.category,
                clock(incident.waited_s),
                ", ".join(incident.units) or "nobody yet",
                where,
            )
            for incident, where in patients_of(self.moment)
        ]
        head = ("incident", "category", "since clock start", "units", "patient")
        return page.table(head, rows, "words")

    def _units(self) -> str:
        rows = [
            (
                unit.id,
                KINDS.get(unit.kind, unit.kind),
                unit.status.replace("_", " ").lower(),
                unit.incident or "",
            )
            for unit in self.moment.units
        ]
        return page.table(("unit", "kind", "status", "incident"), rows, "words")

    def _doors(self) -> str:
        rows = [
            (site.name, str(site.waiting), clock(site.longest_s), str(site.inbound))
            for site in self.moment.hospitals
        ]
        return page.table(("hospital", "crews there", "longest there", "coming"), rows)


WAITS: Final = "waits"
COMING: Final = "waits, a unit is on its way"
HELPED: Final = "with a unit"
LEFT: Final = "left the scene"


def _where(incident: IncidentThen, gone: frozenset[str]) -> str:
    if incident.id in gone:
        return LEFT
    if incident.has_unit_on_scene:
        return HELPED
    return COMING if incident.units else WAITS


def gone_of(moment: Moment) -> frozenset[str]:
    """Return the incidents whose patients have left the scene with a unit."""
    return frozenset(u.incident for u in moment.units if u.incident and u.status in WITH_PATIENT)


def patients_of(moment: Moment) -> list[tuple[IncidentThen, str]]:
    """Return the incidents with where their patients are.

    First who waits, then who has somebody with him, then who has left; the gravest first.
    """
    gone, order = gone_of(moment), (WAITS, COMING, HELPED, LEFT)
    found = [(incident, _where(incident, gone)) for incident in moment.incidents]
    return sorted(found, key=lambda f: (order.index(f[1]), f[0].category, -f[0].waited_s, f[0].id))


def conveys(unit: UnitThen) -> bool:
    """Test whether a unit can take a patient to a hospital."""
    return UnitKind(unit.kind) in CONVEYING_KINDS


def is_free(unit: UnitThen) -> bool:
    """Test whether a unit could be sent."""
    return unit.status in FREE


def _incidents(number: int) -> str:
    return "1 incident" if number == 1 else f"{number:,} incidents"


def in_short(moment: Moment) -> str:
    """Return a moment in one sentence. Who cannot convey is counted apart: he ends no wait."""
    waiting = sum(not incident.units for incident in moment.incidents)
    crews = [unit for unit in moment.units if conveys(unit)]
    others = [unit for unit in moment.units if not conveys(unit)]
    return (
        f"{_incidents(len(moment.incidents))} open, nobody sent yet to {waiting:,}; "
        f"{len(crews):,} ambulances on duty, {sum(map(is_free, crews)):,} of them free; "
        f"{len(others):,} responders and cars, {sum(map(is_free, others)):,} free; "
        f"{sum(site.waiting for site in moment.hospitals):,} crews at hospital doors."
    )


def category_colour(incident: IncidentThen) -> str:
    """Return the colour of an incident's category, as AmbSYS counts it."""
    reported = reported_as(Category(incident.category)).value
    return CATEGORY.get(reported, CATEGORY["C3"] if "3" in reported else SOFT)


def _patient_words(incident: IncidentThen) -> str:
    units = ", ".join(incident.units) or "nobody yet"
    return f"{incident.id}, {incident.category}, {clock(incident.waited_s)}: {units}"


def _unit_words(unit: UnitThen) -> str:
    words = f"{unit.id} ({unit.kind}), {unit.status.replace('_', ' ').lower()}"
    return words if unit.incident is None else f"{words}, {unit.incident}"
