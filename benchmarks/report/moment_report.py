"""The page of one moment: a map of units, patients and hospitals, and the same as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.moment import IncidentThen, Moment, UnitThen
from benchmarks.report import page
from benchmarks.report.map_chart import WIDTH, ground_of, scale_bar, sheet_of
from benchmarks.report.palette import CATEGORY, INK, SERIES, SOFT
from benchmarks.report.svg import box, chart, dot, line, text
from benchmarks.report.wording import KINDS, clock, instant
from dispatch.domain.category import Category, reported_as
from maps.geo import LonLat
from maps.region import Region

FREE: Final = frozenset({"ON_STATION", "AVAILABLE", "RELOCATING"})
"""Statuses in which a unit may be sent."""

WITH_PATIENT: Final = frozenset({"CONVEYING", "AT_HOSPITAL", "HANDED_OVER"})
"""Statuses in which the patient is no longer at the scene."""

LABEL_PX: Final = 150
LINE_PX: Final = 12
"""Room for a label: two that are nearer to each other are written under one another."""

TOGETHER_PX: Final = 16
"""Units this near to each other share a label."""

LABELS_MAX: Final = 60
"""With more units on the map, callsigns would cover each other."""


class MomentReport:
    """Everything that the page of a moment shows."""

    def __init__(self, moment: Moment, region: Region, versions: str) -> None:
        self.moment, self.region, self.versions = moment, region, versions

    def html(self) -> str:
        """Return the page."""
        moment = self.moment
        waiting = [i for i in moment.incidents if not i.units]
        free = [unit for unit in moment.units if unit.status in FREE]
        words = (
            f"{len(moment.incidents)} incidents open, {len(waiting)} of them without a unit; "
            f"{len(moment.units)} units on duty, {len(free)} of them free; "
            f"{sum(site.waiting for site in moment.hospitals)} crews at hospital doors."
        )
        title = f"{self.region.name}, {instant(moment.at_ms, self.region.timezone)}"
        body = [
            f"<h1>{page.escaped(title)}</h1>",
            page.paragraph(words, "lead"),
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

        parts = [ground_of(self.region, sheet)]
        parts += [
            line(*xy(unit.at), *xy(unit.to), colour=SOFT, dash="5 4", width=1.3)
            for unit in self.moment.units
            if unit.to is not None
        ]
        for site in self.moment.hospitals:
            x, y = xy(site.at)
            note = f"{site.name}: {site.waiting} crews there, {site.inbound} coming"
            parts.append(box(x - 9, y - 9, 18, 18, colour=INK, note=note, round_by=2))
            parts.append(text(x, y + 4.5, "H", size=13, anchor="middle", colour="#fff", bold=True))
        gone = self._gone()
        for incident in self.moment.incidents:
            if incident.id in gone:
                continue
            colour = category_colour(incident)
            parts.append(dot(*xy(incident.at), 8, colour=colour, note=_patient_words(incident)))
        parts += self._marks(xy)
        parts.append(scale_bar(sheet))
        return chart(WIDTH, sheet.height, "The picture of this moment", parts, shrinks=True)

    def _marks(self, xy: Callable[[LonLat], tuple[float, float]]) -> list[str]:
        """Return a mark for each unit, and one label for those that stand together."""
        parts: list[str] = []
        together: dict[tuple[int, int], list[str]] = {}
        for unit in self.moment.units:
            x, y = xy(unit.at)
            colour = "#fff" if unit.status in FREE else SERIES[0]
            parts.append(box(x - 6, y - 4, 12, 8, colour=INK, note=_unit_words(unit), round_by=2))
            parts.append(box(x - 4.6, y - 2.6, 9.2, 5.2, colour=colour, round_by=1))
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

    def _gone(self) -> frozenset[str]:
        """Return the incidents whose patients have left the scene with a unit."""
        units = self.moment.units
        return frozenset(u.incident for u in units if u.incident and u.status in WITH_PATIENT)

    def _patients(self) -> str:
        gone = self._gone()
        rows = [
            (
                incident.id,
                incident.category,
                clock(incident.waited_s),
                ", ".join(incident.units) or "nobody yet",
                "left the scene"
                if incident.id in gone
                else "with a unit"
                if incident.has_unit_on_scene
                else "waits",
            )
            for incident in sorted(self.moment.incidents, key=lambda i: (i.category, -i.waited_s))
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
