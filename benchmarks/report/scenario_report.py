"""The page of a scenario: what is out of the ordinary, and its standing comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.comparison import COMPARED, Comparison
from benchmarks.report import page
from benchmarks.report.comparison_report import ComparisonReport
from benchmarks.report.wording import clock, number, signed
from benchmarks.scenario.scenario import Question, Scenario
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
            page.table(("what", "when and where", "how"), list(self._changes()), "words"),
        ]
        footer: list[str] = []
        for question, comparison in self.found.items():
            report = ComparisonReport(comparison)
            body += [f"<h1>{page.escaped(TITLES[question])}</h1>", _table(comparison)]
            body += report.sections()
            footer = report.footer()
        seeds = f"Scenario {self.scenario.name}, {self.scenario.checksum}."
        return page.page(self.scenario.title, [part for part in body if part], [seeds, *footer])

    def _changes(self) -> Iterator[tuple[str, str, str]]:
        said = self.scenario
        log = said.log
        days = "" if log.days is None else f", {log.days} days"
        yield ("calls", f"{log.region}, {log.month} from day {log.first_day}{days}", "composed")
        for change in said.demand:
            where = ", ".join((*change.trusts, *change.categories)) or "everywhere"
            yield ("demand", where, f"x {change.factor:g}")
        for fleet in said.fleet:
            where = ", ".join((*fleet.trusts, *fleet.kinds)) or "everywhere"
            yield ("fleet", where, f"x {fleet.factor:g}")
        for site in said.hospital:
            where = f"{site.hospital} hospital of {', '.join(site.trusts) or 'all trusts'}"
            how = f"bays x {site.bays_factor:g}, handover x {site.handover_factor:g}"
            yield ("hospital", where, how if site.takes_handovers else "takes no handovers")
        for room in said.call_room:
            yield ("control room", room.trust, f"answered by {', '.join(room.buddies)}")
        for incident in said.major_incident:
            yield ("major incident", incident.trust, f"{incident.patients} patients")


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
