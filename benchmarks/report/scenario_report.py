"""The page of a scenario: what is out of the ordinary, and its standing comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final

from benchmarks.comparison import COMPARED, Comparison, Staged
from benchmarks.report import page
from benchmarks.report.comparison_report import ComparisonReport
from benchmarks.report.wording import clock, number, signed
from benchmarks.scenario.scenario import HospitalChange, Question, Scenario, Window
from benchmarks.scenario.standing import TITLES


class ScenarioReport:
    """Everything that the page of a scenario shows; comparisons by their question."""

    def __init__(self, scenario: Scenario, found: Mapping[Question, Comparison]) -> None:
        self.scenario, self.found = scenario, found

    def html(self) -> str:
        """Return the page."""
        body = [
            f"<h1>{page.escaped(self.scenario.title)}</h1>",
            page.paragraph(" ".join(self.scenario.description.split()), "lead"),
            page.table(("what", "where", "when", "how"), list(self._changes()), "words"),
        ]
        footer: list[str] = []
        for question, comparison in self.found.items():
            report = ComparisonReport(comparison)
            body.append(f"<h1>{page.escaped(TITLES[question])}</h1>")
            body += [page.paragraph(_words(question, comparison)), _table(comparison)]
            body += report.sections()
            footer = report.footer()
        seeds = f"Scenario {Path(self.scenario.name).name}, {self.scenario.checksum}."
        return page.page(self.scenario.title, [part for part in body if part], [seeds, *footer])

    def _changes(self) -> Iterator[tuple[str, str, str, str]]:
        said = self.scenario
        log = said.log
        days = "the whole month" if log.days is None else f"{log.days} days"
        since = "" if log.first_day == 1 else f" from day {log.first_day}"
        month = f"{date.fromisoformat(log.month + '-01'):%B %Y}{since}"
        where = f"{log.region}{' ' + ', '.join(log.trusts) if log.trusts else ''}"
        yield ("calls", where, f"{month}, {days}", "composed from published figures")
        for change in said.demand:
            where = ", ".join((*change.trusts, *change.categories)) or "everywhere"
            yield ("demand", where, _when(change), _more_or_less(change.factor, "incidents"))
        for fleet in said.fleet:
            where = ", ".join((*fleet.trusts, *fleet.kinds)) or "everywhere"
            yield ("fleet", where, _when(fleet), _more_or_less(fleet.factor, "units"))
        for site in said.hospital:
            where = f"{site.hospital} hospital of {', '.join(site.trusts) or 'all trusts'}"
            yield ("hospital", where, _when(site), _door(site))
        for room in said.call_room:
            how = f"{', '.join(room.buddies)} answer, {room.delay_s:g} s later"
            yield ("control room", room.trust, _when(room), how)
        for incident in said.major_incident:
            how = f"{incident.patients} patients within {incident.over_min:g} minutes"
            yield ("major incident", incident.trust, _moment(incident.at), how)


WORDS: Final[dict[Question, str]] = {
    "mutual-aid": "Silos: each trust sends its own units only. Mutual aid: a unit is lent where it "
    "is worth more than its own trust loses by it. One pool: anybody's unit. Aided are incidents "
    "to which another trust's unit came.",
    "destination": "The nearest hospital that fits the patient, or that where the way and the wait "
    "for a bay are shortest together.",
    "redirection": "Patients who need no emergency department are offered nothing else, or are "
    "ranked for the services that could take them.",
}


def _words(question: Question, found: Comparison) -> str:
    """Return what is held against each other, and on how much that rests."""
    plan = found.plan
    seeds = f"{len(plan.seeds)} seed{'s' if len(plan.seeds) > 1 else ''}"
    days = plan.log.days if isinstance(plan.log, Staged) else None
    where = plan.region + (f" ({', '.join(plan.trusts)})" if plan.trusts else "")
    said = f"{WORDS[question]} Compared on {where}"
    return f"{said}{f', the first {days} days' if days else ''}: {seeds}, the same calls for each."


def _when(window: Window) -> str:
    """Return the time of a change in words."""
    if window.start is None and window.end is None:
        words = "the whole log"
    else:
        since = "the start" if window.start is None else _moment(window.start)
        words = f"{since} to {'the end' if window.end is None else _moment(window.end)}"
    return words + (f", {window.hours[0]} to {window.hours[1]} h" if window.hours else "")


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%B %Y %H:%M}"


def _more_or_less(factor: float, what: str) -> str:
    """Return a factor as so many per cent more or fewer."""
    share = 100 * (factor - 1)
    return f"{abs(share):.3g} % {'more' if share > 0 else 'fewer'} {what}"


def _door(site: HospitalChange) -> str:
    if not site.takes_handovers:
        return "takes no handovers" + (", control rooms know" if site.announced else "")
    found = []
    if site.bays_factor != 1.0:
        found.append(f"{_more_or_less(site.bays_factor, 'bays')}")
    if site.handover_factor != 1.0:
        longer = 100 * (site.handover_factor - 1)
        found.append(f"handovers {abs(longer):.3g} % {'longer' if longer > 0 else 'shorter'}")
    return ", ".join(found) or "no change"


def _table(found: Comparison) -> str:
    """Return the levels side by side: the first thing that a reader looks for."""
    rows = []
    for name, levels in found.policies.items():
        cells = [name]
        pair = found.paired.get(f"{name}-{found.baseline}")
        for category in COMPARED[:3]:
            level = levels[category.value]
            change = None if pair is None else pair[category.value]
            words = clock(None if level is None else level.mean_s)
            cells.append(words + ("" if change is None else f" ({signed(change.mean_pct, 1)} %)"))
        measures = levels["measures"]
        cells += [number(measures["hours_lost"], 0), number(measures["aided"], 1)]
        rows.append(cells)
    head = ("", "C1 mean", "C2 mean", "C3 mean", "hours lost a day", "aided per 100")
    return page.table(head, rows)
