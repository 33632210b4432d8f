"""The commands of the analyst: ``bluelight replay``, ``report`` and ``compare``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import options

app = typer.Typer(help="Replay call logs and compare policies.", no_args_is_help=True)


@app.command()
def replay(
    log: Annotated[Path | None, typer.Argument(help="Call log: CSV, JSON or Parquet.")] = None,
    *,
    region: options.Region = None,
    trusts: options.Trusts = None,
    scenario: options.Scenario = None,
    calibrated: options.Calibrated = False,
    crews: options.Crews = None,
    travel_profile: options.TravelProfile = None,
    policy: Annotated[
        str, typer.Option(help="Configuration: b1, b2, default, or a JSON file.")
    ] = "b2",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated world.")] = 1,
    journal: Annotated[
        Path | None, typer.Option(help="Write the journal here; .gz compresses it.")
    ] = None,
    report: options.Report = None,
    json: options.Json = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Write rows that cannot be used here, with reasons.")
    ] = None,
    noise: Annotated[
        bool, typer.Option(help="Draw durations; without, each is its mean or the log's own.")
    ] = True,
    handover: options.Handover = "drawn",
    month: options.Month = None,
    ignore_column: options.IgnoreColumn = None,
    forecast: options.Forecast = None,
    meal_breaks: options.MealBreaks = False,
    release_to_respond: options.ReleaseToRespond = False,
    halo: options.Halo = False,
    fitted_bays: options.FittedBays = None,
    redirection: options.Redirection = False,
    services: options.Services = None,
    call_answering: options.CallAnswering = False,
    handlers: options.Handlers = 1.0,
    buddies_after: options.BuddiesAfter = None,
    room_down: options.RoomDown = None,
    verify: Annotated[
        Path | None, typer.Option(help="Verify this journal instead of replaying a log.")
    ] = None,
) -> None:
    """Replay a call log through the dispatch engine, or verify a journal."""
    with _told_plainly():
        from benchmarks.places import Where, crews_of
        from benchmarks.simulator.crew_behaviour import CrewBehaviour
        from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
        from benchmarks.simulator.settings import (
            bay_assumptions,
            call_behaviour,
            care_behaviour,
            world_settings,
        )
        from benchmarks.tasks import Outputs, replay_file, replay_scenario, verify_journal

        where = Where(
            region,
            crews_of(calibrated=calibrated, crews=crews),
            options.resolved(travel_profile),
            tuple(options.listed(trusts)),
        )
        if verify is not None:
            if verify_journal(verify, where, json=json).different:
                raise typer.Exit(1)
            return
        if (log is None) == (scenario is None):
            raise ValueError(
                "Expected a call log or a scenario, or --verify and a journal, was "
                + ("neither." if log is None else "both.")
            )
        world = world_settings(
            seed=seed,
            noise=noise,
            month=month,
            handover=handover,
            ignored_columns=tuple(ignore_column or ()),
            hospital=HospitalBehaviour(releases=release_to_respond, halo=halo),
            crew=CrewBehaviour(meal_breaks=meal_breaks),
            bays=bay_assumptions(fitted_bays),
            care=care_behaviour(redirection=redirection, services=services),
            calls=call_behaviour(
                answering=call_answering,
                handlers=handlers,
                buddies_after_s=buddies_after,
                down=room_down,
            ),
        )
        outputs = Outputs(journal, report, rejects, json)
        if scenario is not None:
            replay_scenario(scenario, where, policy, world, outputs, forecast)
        elif log is not None:
            replay_file(log, where, policy, world, outputs, forecast)


@app.command()
def report(
    journal: Annotated[Path, typer.Argument(help="Journal of a replay or of a live service.")],
    *,
    region: options.Region = None,
    trusts: options.Trusts = None,
    travel_profile: options.TravelProfile = None,
    report: options.Report = None,
    json: options.Json = False,
) -> None:
    """Open a journal again and report what it records."""
    with _told_plainly():
        from benchmarks.places import Where
        from benchmarks.tasks import Outputs, report_journal

        page = report
        if page is None and not json:
            page = journal.with_name(journal.name.split(".")[0] + ".html")
        where = Where(
            region,
            travel_profile=options.resolved(travel_profile),
            trusts=tuple(options.listed(trusts)),
        )
        report_journal(journal, where, Outputs(report=page, json=json))


@app.command()
def explain(
    journal: Annotated[Path, typer.Argument(help="Journal of a replay or of a live service.")],
    incident: Annotated[str, typer.Argument(help="Name of the incident.")],
    *,
    region: options.Region = None,
    json: options.Json = False,
) -> None:
    """Tell one patient's story out of a journal, decision by decision."""
    with _told_plainly():
        from benchmarks.tasks import explain_incident

        explain_incident(journal, incident, region=region, json=json)


@app.command()
def show(
    journal: Annotated[Path, typer.Argument(help="Journal of a replay or of a live service.")],
    *,
    at: Annotated[
        str, typer.Option(help="Local time: 2026-03-10T18:40, or 18:40 of the first day.")
    ],
    region: options.Region = None,
    trusts: options.Trusts = None,
    travel_profile: options.TravelProfile = None,
    report: options.Report = None,
    json: options.Json = False,
) -> None:
    """Show the picture of one moment out of a journal; --report draws it."""
    with _told_plainly():
        from benchmarks.places import Where
        from benchmarks.tasks import Outputs, show_moment

        where = Where(
            region,
            travel_profile=options.resolved(travel_profile),
            trusts=tuple(options.listed(trusts)),
        )
        show_moment(journal, where, at, Outputs(report=report, json=json))


@app.command()
def compare(
    *,
    region: options.Region = None,
    log: Annotated[Path | None, typer.Option(help="Call log, the same for each seed.")] = None,
    compose: Annotated[
        str | None, typer.Option(help="Month to compose a log from, anew for each seed (2026-03).")
    ] = None,
    scenario: options.Scenario = None,
    calibrated: options.Calibrated = False,
    crews: options.Crews = None,
    travel_profile: options.TravelProfile = None,
    days: options.Days = None,
    scale: options.Scale = 1.0,
    policies: Annotated[
        str, typer.Option(help="Configurations, comma-separated: names, or JSON files.")
    ] = "b1,b2,default",
    seeds: options.Seeds = 20,
    first_seed: options.FirstSeed = 1,
    trusts: options.Trusts = None,
    jobs: Annotated[int, typer.Option(min=1, help="Local processes.")] = 2,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")
    ] = None,
    handover: options.Handover = "drawn",
    month: options.Month = None,
    ignore_column: options.IgnoreColumn = None,
    forecast: options.Forecast = None,
    meal_breaks: options.MealBreaks = False,
    release_to_respond: options.ReleaseToRespond = False,
    halo: options.Halo = False,
    fitted_bays: options.FittedBays = None,
    redirection: options.Redirection = False,
    services: options.Services = None,
    call_answering: options.CallAnswering = False,
    handlers: options.Handlers = 1.0,
    buddies_after: options.BuddiesAfter = None,
    room_down: options.RoomDown = None,
    warm_up_h: Annotated[
        float | None, typer.Option(help="Hours not counted; a day, of a week or more.")
    ] = None,
    bound: Annotated[
        bool, typer.Option("--bound", help="Add what perfect information could not beat.")
    ] = False,
    ablate: Annotated[
        str | None, typer.Option(help="Switch each term of this one of the policies in turn.")
    ] = None,
    report: options.Report = None,
    json: options.Json = False,
) -> None:
    """Compare policies on the same calls, seed by seed, with 95 % intervals."""
    with _told_plainly():
        from benchmarks.comparison import Composed, Plan, Staged
        from benchmarks.places import crews_of
        from benchmarks.simulator.crew_behaviour import CrewBehaviour
        from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
        from benchmarks.simulator.settings import (
            bay_assumptions,
            call_behaviour,
            care_behaviour,
            world_settings,
        )
        from benchmarks.tasks import Outputs, compare_policies, settings_of

        given = sum(one is not None for one in (log, compose, scenario))
        if given != 1:
            raise ValueError(f"Expected one of --log, --compose and --scenario, was {given}.")
        calls: str | Composed | Staged = str(log)
        if compose is not None:
            calls = Composed(month=compose, days=days, scale=scale)
        home = "isle-of-wight"
        if scenario is not None:
            from benchmarks.scenario.scenario_file import load_scenario

            calls, home = Staged.of(scenario, days), load_scenario(scenario).log.region
        plan = Plan(
            region=region or home,
            log=calls,
            policies=tuple(settings_of(name) for name in options.listed(policies)),
            seeds=tuple(range(first_seed, first_seed + seeds)),
            world=world_settings(
                month=month,
                handover=handover,
                hospital=HospitalBehaviour(releases=release_to_respond, halo=halo),
                crew=CrewBehaviour(meal_breaks=meal_breaks),
                ignored_columns=tuple(ignore_column or ()),
                bays=bay_assumptions(fitted_bays),
                care=care_behaviour(redirection=redirection, services=services),
                calls=call_behaviour(
                    answering=call_answering,
                    handlers=handlers,
                    buddies_after_s=buddies_after,
                    down=room_down,
                ),
            ),
            trusts=tuple(options.listed(trusts)),
            warm_up_h=warm_up_h,
            bound=bound,
            ablate=ablate,
            forecast=None if forecast is None else str(forecast),
            crews=crews_of(calibrated=calibrated, crews=crews),
            travel_profile=options.resolved(travel_profile),
        )
        compare_policies(plan, Outputs(report=report, json=json), jobs, cluster)


@app.command()
def switches(
    *,
    region: options.Region = None,
    compose: Annotated[str, typer.Option(help="Month to compose a log from (2026-03).")],
    days: options.Days = None,
    scale: options.Scale = 1.0,
    policy: Annotated[str, typer.Option(help="Configuration, by name or file.")] = "default",
    seeds: options.Seeds = 5,
    first_seed: options.FirstSeed = 1,
    trusts: options.Trusts = None,
    only: Annotated[
        str | None,
        typer.Option(help="Of: redirection, halo, release at 45, buddies (two trusts or more)."),
    ] = None,
    fitted_bays: options.FittedBays = None,
    json: options.Json = False,
) -> None:
    """Say what redirection, officers, release and buddies are worth: off against on."""
    with _told_plainly():
        from benchmarks.comparison import Composed
        from benchmarks.simulator.settings import bay_assumptions
        from benchmarks.switches import Asked
        from benchmarks.tasks import settings_of, tell_switches

        asked = Asked(
            region=region or "isle-of-wight",
            calls=Composed(month=compose, days=days, scale=scale),
            seeds=tuple(range(first_seed, first_seed + seeds)),
            settings=settings_of(policy),
            trusts=tuple(options.listed(trusts)),
            bays=bay_assumptions(fitted_bays),
        )
        tell_switches(asked, options.listed(only), json=json)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn an error of the caller's making into one line and exit code 1, without a traceback."""
    try:
        yield
    except BrokenPipeError as error:
        # Whoever read, `head` perhaps, has seen enough; what is left must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from error
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
