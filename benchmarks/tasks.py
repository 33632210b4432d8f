"""What the commands do: files in, a run, files and words out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Final

import msgspec
import typer

from benchmarks.call_log.log import CallLog
from benchmarks.call_log.read import Reading, bounds_of, read_log
from benchmarks.comparison import COMPARED, Comparison, Plan, compare, runs_of
from benchmarks.comparison import document as comparison_document
from benchmarks.comparison_plan import followed_journeys
from benchmarks.executors import opened_executor
from benchmarks.forecast_fit import load_forecast
from benchmarks.frames import write_beside
from benchmarks.journal_file import opened_journal
from benchmarks.metrics import measure
from benchmarks.metrics_table import table_of
from benchmarks.moment import moment
from benchmarks.places import Where
from benchmarks.reopen import reopened
from benchmarks.replay import Progress, Run, replay
from benchmarks.report.ablation_words import lines as ablation_lines
from benchmarks.report.comparison_report import ComparisonReport
from benchmarks.report.moment_report import MomentReport, in_short, patients_of
from benchmarks.report.observed import observed_of
from benchmarks.report.run_report import RunReport, Source
from benchmarks.report.wording import clock, instant, signed
from benchmarks.results import document, in_words, summary, write_json
from benchmarks.scenario.plan import planned
from benchmarks.scenario.scenario_file import load_scenario
from benchmarks.simulator.disruption import Disruptions
from benchmarks.simulator.settings import WorldSettings
from benchmarks.story import TIMEZONE, local_words, story
from benchmarks.switches import Asked, switches, table, worth
from benchmarks.verify import Verification, verify
from dispatch.domain.demand_model import Forecast
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.engine import settings_from_json, settings_named
from dispatch.policies.tables import POLICIES
from dispatch.ports import TravelTimes
from maps.region import Region
from maps.region_file import load_region

FIXED_JOURNEYS: Final = (
    "The log says how long journeys took, and that is kept whichever unit makes them:"
)
DEFAULT_REGION: Final = "isle-of-wight"


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go; None: nowhere."""

    journal: Path | None = None
    report: Path | None = None
    rejects: Path | None = None
    json: bool = False


def replay_file(
    path: Path,
    where: Where,
    policy: str,
    world: WorldSettings,
    outputs: Outputs,
    forecast: Path | None = None,
) -> None:
    """Replay a call log from a file and write what was asked for."""
    places = where.opened(DEFAULT_REGION)
    reading = read_log(path, bounds=bounds_of(places[0]), rejects_path=outputs.rejects)
    _demand_calls(reading, path)
    notes = (*_notes(reading), *where.notes())
    source = Source(path.name, reading.rejects, notes, observed_of(reading.log))
    expected = _expected(forecast, places[0])
    _replay(reading.log, places, (settings_of(policy), world), source, outputs, forecast=expected)


def replay_scenario(
    name: str,
    where: Where,
    policy: str,
    world: WorldSettings,
    outputs: Outputs,
    forecast: Path | None = None,
) -> None:
    """Replay the log of a scenario and what else it changes, and write what was asked for.

    The world's seed counts from the scenario's own: seed 1 is the log that `bluelight scenario
    compose` writes.
    """
    scenario = load_scenario(name)
    region, travel = where.opened(scenario.log.region)
    drawn = msgspec.structs.replace(scenario, seed=scenario.seed + world.seed - 1)
    plan = planned(drawn, region)
    source = Source(f"scenario {name}: {scenario.title}", None, (*plan.notes, *where.notes()))
    places = replace(region, fleet=plan.fleet), travel
    _replay(
        plan.log,
        places,
        (settings_of(policy), world),
        source,
        outputs,
        plan.disruptions(),
        forecast=_expected(forecast, region),
    )


def _expected(forecast: Path | None, region: Region) -> Forecast | None:
    return None if forecast is None else load_forecast(forecast, region.name)


def _replay(
    log: CallLog,
    places: tuple[Region, TravelTimes],
    how: tuple[Settings, WorldSettings],
    source: Source,
    outputs: Outputs,
    disruptions: Disruptions | None = None,
    *,
    forecast: Forecast | None = None,
) -> None:
    region, travel = places
    began = process_time()
    with progress_bar("Replaying", len(log)) as progress:
        run = replay(
            log,
            region,
            *how,
            travel=travel,
            journal=outputs.journal,
            progress=progress,
            disruptions=disruptions,
            forecast=forecast,
        )
    took_s = process_time() - began
    tell(run, source, outputs)
    speed = (
        f"{run.calls:,} incidents in {took_s:.2f} CPU-seconds: {run.calls / took_s:,.0f} a second."
    )
    typer.echo(speed, err=True)
    homes = {record.trust for record in run.records}
    if len(homes) == 1 < len(region.trusts):
        (home,) = homes
        words = f"All incidents are of {home}: --trusts {home} limits crews and figures to it."
        typer.echo(words, err=True)


def compare_policies(plan: Plan, outputs: Outputs, jobs: int, cluster: str | None) -> None:
    """Compare policies and write what was asked for."""
    runs = runs_of(plan)
    if fixed := followed_journeys(plan):
        words = " ".join(f"--ignore-column {name}" for name in fixed)
        typer.echo(f"{FIXED_JOURNEYS} {words} lets the roads decide.", err=True)
    with (
        opened_executor(min(jobs, runs), cluster) as executor,
        progress_bar("Comparing", runs) as progress,
    ):
        found = compare(plan, executor=executor, progress=progress)
    if outputs.report is not None:
        outputs.report.write_text(ComparisonReport(found).html(), encoding="utf-8")
        write_beside(outputs.report, found.to_arrow(), "changes")
    if outputs.json:
        typer.echo(write_json(comparison_document(found)).decode(), nl=False)
        return
    tell_comparison(found)
    if found.ablation is not None:
        typer.echo("\n".join(ablation_lines(found.ablation)))
    if outputs.report is not None:
        typer.echo(f"Written: {outputs.report}")


def tell_comparison(found: Comparison) -> None:
    """Print a comparison: levels, changes, and broken guard-rails."""
    typer.echo(f"{'':<6}{'policy':<16}{'mean':>9}{'90th':>9}{'mean change':>30}{'90th':>12}")
    for category in COMPARED:
        for name, levels in found.policies.items():
            level = levels[category.value]
            if level is None:
                continue
            row = f"{category.value:<6}{name:<16}{clock(level.mean_s):>9}{clock(level.p90_s):>9}"
            pair = found.paired.get(f"{name}-{found.baseline}")
            change = None if pair is None else pair[category.value]
            if change is not None:
                ends = ""
                if change.mean_pct_lower is not None:
                    lower, upper = signed(change.mean_pct_lower), signed(change.mean_pct_upper)
                    ends = f" ({lower} to {upper})"
                row += f"{signed(change.mean_pct, 1, ' %') + ends:>30}"
                row += f"{signed(change.p90_pct, 1, ' %'):>12}"
            typer.echo(row)
    for name, rows in found.guard_rails.items():
        for rail in rows:
            if not rail.held:
                typer.echo(f"{name} broke a guard-rail: {rail.words}: {rail.figure:.1f}.")


def tell_switches(asked: Asked, names: Sequence[str], *, json: bool) -> None:
    """Compare switches of the world one after another and print them as a table."""
    chosen = switches(names, asked.trusts)
    found = []
    for switch in chosen:
        with progress_bar(switch.name, len(asked.seeds)) as progress:
            found.append(worth(asked, switch, progress))
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    for line in table(found):
        typer.echo(line)


def report_journal(path: Path, where: Where, outputs: Outputs) -> None:
    """Report what a journal records."""
    region, travel = where.opened(*region_of(path))
    with opened_journal(path) as (header, _):
        is_simulated = header.seed is not None
    source = Source(path.name, is_journal=True, is_simulated=is_simulated)
    tell(reopened(path, region, travel), source, outputs)


def explain_incident(
    path: Path, incident: str, *, region: str | None = None, json: bool = False
) -> None:
    """Tell one patient's story, in the local time of the region."""
    found = story(path, incident)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    zone = _zone_of(path, region)
    for row in found:
        mark = "→ " if row.is_decision else ""
        typer.echo(f"{local_words(row.at_ms, zone)}  {mark}{row.words}")
        for words in row.considered:
            typer.echo(f"{'':24}{words}")


def _zone_of(journal: Path, region: str | None) -> str:
    """Return the time zone in which a journal's times are told, and say so where it is a guess."""
    name = region or region_of(journal)[0]
    try:
        return load_region(name).timezone
    except ValueError:
        if region is not None:
            raise
        typer.echo(
            f"Times are those of {TIMEZONE}: the region {name} is not known here; --region names "
            "its file.",
            err=True,
        )
        return TIMEZONE


def show_moment(path: Path, where: Where, asked: str, outputs: Outputs) -> None:
    """Show the picture of a moment."""
    region, travel = where.opened(*region_of(path))
    found = moment(path, region, travel, asked)
    if outputs.report is not None:
        versions = f"Journal {path.name}, {found.entries} entries. Region {region.version[:16]}."
        page = MomentReport(found, region, versions).html()
        outputs.report.write_text(page, encoding="utf-8")
    if outputs.json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    typer.echo(f"{instant(found.at_ms, region.timezone)}: {in_short(found)}")
    for incident, _ in patients_of(found):
        units = ", ".join(incident.units) or "nobody yet"
        typer.echo(
            f"  {incident.category:<5}{incident.id:<22}{clock(incident.waited_s):>9}  {units}"
        )
    for unit in found.units:
        status = unit.status.replace("_", " ").lower()
        typer.echo(f"  {unit.id:<22}{unit.kind:<14}{status:<14}{unit.incident or ''}")
    for site in found.hospitals:
        if site.waiting:
            crews = f"{site.waiting} crew{'s' if site.waiting > 1 else ''} there, the longest for"
            typer.echo(f"  {site.name}: {crews} {clock(site.longest_s)}; {site.inbound} coming")
        elif site.inbound:
            typer.echo(f"  {site.name}: {site.inbound} coming")
    if outputs.report is not None:
        typer.echo(f"Written: {outputs.report}")


def verify_journal(path: Path, where: Where, *, json: bool) -> Verification:
    """Decide a journal's events anew and say whether every decision is the same."""
    region, travel = where.opened(*region_of(path))
    with progress_bar("Verifying", None) as progress:
        found = verify(path, region, travel, progress=progress)
    if json:
        rows = [
            {"seq": d.seq, "event": d.event, "recorded": d.recorded, "decided": d.decided}
            for d in found.first
        ]
        facts = {
            "journal": path.name,
            "entries": found.entries,
            "decisions": found.decisions,
            "different": found.different,
            "engine": found.engine,
            "verified_by": found.verified_by,
            "first": rows,
        }
        typer.echo(write_json(facts).decode(), nl=False)
        return found
    typer.echo(
        f"{found.entries:,} entries with {found.decisions:,} decisions decided anew: "
        f"{found.different:,} different."
    )
    for difference in found.first:
        typer.echo(f"Entry {difference.seq}, {difference.event}:")
        typer.echo(f"  recorded {difference.recorded}")
        typer.echo(f"  decided  {difference.decided}")
    return found


def tell(run: Run, source: Source, outputs: Outputs) -> None:
    """Print a run's result, and write its page with the incidents as CSV and Parquet beside it."""
    measures = measure(run)
    beside: tuple[Path, ...] = ()
    if outputs.report is not None:
        page = RunReport(run, measures, table_of(run.records), source).html()
        outputs.report.write_text(page, encoding="utf-8")
        beside = write_beside(outputs.report, run.to_arrow(), "incidents")
    if outputs.json:
        result = document(run, measures, source.rejects)
        typer.echo(write_json(result).decode(), nl=False)
        return
    head = ("", "incidents", "mean", "90th", "wait for a unit")
    for row in (head, *summary(measures)):
        typer.echo(f"{row[0]:<9}{row[1]:>10}{row[2]:>10}{row[3]:>10}{row[4]:>17}")
    typer.echo(in_words(run, measures))
    if source.rejects is not None and source.rejects.count:
        where = f" See {source.rejects.path}." if source.rejects.path else ""
        typer.echo(f"{source.rejects.count:,} rows of the log were set aside.{where}")
    for path in (outputs.report, *beside, outputs.journal):
        if path is not None:
            typer.echo(f"Written: {path}")


def settings_of(policy: str) -> Settings:
    """Return a configuration by name, or from a JSON file; ``+question=policy`` changes one answer.

    So ``default+redirect=none`` is the default configuration in which nobody is redirected.

    Raises
    ------
    ValueError
        When the name, the question or the policy is not known.
    """
    base, *changes = policy.split("+")
    path = Path(base)
    found = (
        settings_from_json(path.read_bytes()) if base.endswith(".json") else settings_named(base)
    )
    if not changes:
        return found
    names = found.policies
    for change in changes:
        question, _, answer = change.partition("=")
        if question not in PolicyNames.__struct_fields__ or not answer:
            known = ", ".join(PolicyNames.__struct_fields__)
            raise ValueError(f"Expected +question=policy of {known}, was {change!r}.")
        names = msgspec.structs.replace(names, **{question: answer})
    changed = msgspec.structs.replace(found, name="+".join((found.name, *changes)), policies=names)
    missing = POLICIES.missing(changed)
    if missing:
        raise ValueError(" ".join(missing))
    return changed


def region_of(journal: Path) -> tuple[str, str]:
    """Return the region in which a journal was written: its name, and its version."""
    with opened_journal(journal) as (header, _):
        return header.region, header.region_version


@contextmanager
def progress_bar(title: str, total: int | None) -> Iterator[Progress | None]:
    """Show a bar while something runs, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def _demand_calls(reading: Reading, path: Path) -> None:
    if not len(reading.log):
        first = f" The first: {reading.rejects.first[0]}." if reading.rejects.first else ""
        raise ValueError(
            f"Expected at least one usable incident in {path}, was none of {reading.row_count} "
            f"rows.{first} For a log from elsewhere: bluelight calls sketch."
        )


def _notes(reading: Reading) -> tuple[str, ...]:
    if not reading.columns_left_out:
        return ()
    names = ", ".join(reading.columns_left_out[:12])
    return (f"Columns of the file that are not part of a call log were not read: {names}.",)
