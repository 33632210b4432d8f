"""The commands ``bluelight scenario``: list scenarios, show one, compose its log, stamp a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmarks.scenario.plan import Plan

app = typer.Typer(help="List, show, compose and stamp scenarios.", no_args_is_help=True)

ScenarioArgument = Annotated[str, typer.Argument(help="Name of a bundled scenario, or a file.")]


@app.command(name="list")
def list_scenarios() -> None:
    """List the scenarios that come with the package."""
    from benchmarks.scenario.scenario_file import bundled_scenarios, load_scenario

    for name in bundled_scenarios():
        typer.echo(f"{name}: {load_scenario(name).title}")


@app.command()
def show(scenario: ScenarioArgument) -> None:
    """Show what a scenario says."""
    with _told_plainly():
        from msgspec import to_builtins
        from msgspec.json import encode
        from msgspec.json import format as indented

        from benchmarks.scenario.scenario_file import load_scenario

        told = to_builtins(load_scenario(scenario))
        typer.echo(indented(encode(told)).decode())


@app.command()
def compose(
    scenario: ScenarioArgument,
    *,
    out: Annotated[Path, typer.Option(help="Log to write: .csv, .csv.gz or .parquet.")],
    region: Annotated[
        str | None, typer.Option(help="Another region than the scenario's own.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Another number of days.")] = None,
) -> None:
    """Compose the log of a scenario, and say what else changes."""
    with _told_plainly():
        from benchmarks.call_log.sink import demand_ending
        from benchmarks.call_log.write import write_log
        from benchmarks.scenario.plan import planned
        from benchmarks.scenario.scenario_file import load_scenario
        from maps.region_file import load_region

        demand_ending(out)
        said = load_scenario(scenario)
        plan = planned(said, load_region(region or said.log.region), days=days)
        write_log(plan.log, out)
        for line in _lines(plan, out):
            typer.echo(line)


@app.command()
def compare(
    scenario: ScenarioArgument,
    *,
    what: Annotated[
        str | None,
        typer.Option(
            help="Of mutual-aid, destination, redirection, or all; without, as the file says."
        ),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="Configuration whose other answers all have in common.")
    ] = "default",
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 3,
    days: Annotated[int | None, typer.Option(min=1, help="Another number of days.")] = None,
    region: Annotated[
        str | None, typer.Option(help="Another region than the scenario's own.")
    ] = None,
    trusts: Annotated[
        str | None, typer.Option(help="Limit the region to these trusts, comma-separated codes.")
    ] = None,
    calibrated: Annotated[
        bool, typer.Option("--calibrated", help="Crews fitted to published months.")
    ] = False,
    fitted_bays: Annotated[
        Path | None,
        typer.Option("--fitted-bays", help="Crews queue for bays fitted by calibrate handover."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Local processes.")] = 2,
    report: Annotated[Path | None, typer.Option(help="Write a page here (HTML).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run the standing comparisons of a scenario: the same days under each answer."""
    with _told_plainly():
        from benchmarks.places import BUNDLED_CREWS
        from benchmarks.scenario.standing import Asked
        from benchmarks.scenario.tasks import compare_scenario

        asked = Asked(
            policy=policy,
            seeds=seeds,
            days=days,
            region=region,
            trusts=tuple(t.strip() for t in (trusts or "").split(",") if t.strip()),
            crews=BUNDLED_CREWS if calibrated else None,
            bays=fitted_bays,
            jobs=jobs,
        )
        questions = [word.strip() for word in (what or "").split(",") if word.strip()]
        compare_scenario(scenario, questions, asked, report, json=json)


@app.command()
def stamp(file: Annotated[Path, typer.Argument(help="Scenario file to change.")]) -> None:
    """Write the checksum of what a file says into it."""
    with _told_plainly():
        from benchmarks.scenario.scenario_file import stamped

        file.write_text(stamped(file.read_text(encoding="utf-8"), str(file)), encoding="utf-8")
        typer.echo(f"{file} is stamped.")


def _lines(plan: Plan, out: Path) -> Iterator[str]:
    yield f"{plan.scenario.title}: {len(plan.log):,} incidents in {out}"
    yield f"sha256: {plan.log.sha256}"
    away = len({absence.unit for absence in plan.absences})
    if away:
        yield f"{away:,} of {len(plan.fleet):,} units are away for a part of it"
    for window in plan.hospitals[:10]:
        door = "takes handovers" if window.takes_handovers else "takes no handovers"
        yield f"{window.hospital} {door}, bays x {window.bays_factor:g}"
    for room in plan.call_rooms:
        yield f"{room.trust} is answered by {', '.join(room.buddies)}, {room.delay_s:g} s later"
    yield from plan.notes


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn errors of the user's making into a message and exit code 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
