"""The commands of the analyst: ``bluelight replay``, ``report`` and ``compare``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Replay call logs and compare policies.", no_args_is_help=True)

RegionOption = Annotated[
    str | None, typer.Option("--region", help="Name of a region, or its file.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Write a self-contained HTML page here.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
ScenarioOption = Annotated[
    str | None, typer.Option("--scenario", help="Name of a bundled scenario, or a file.")
]
CalibratedOption = Annotated[
    bool, typer.Option("--calibrated", help="Crews fitted to published months.")
]
CrewsOption = Annotated[
    Path | None, typer.Option("--crews", help="Crews by the file of `bluelight calibrate fleet`.")
]
TravelProfileOption = Annotated[
    Path | None,
    typer.Option("--travel-profile", help="Travel times by the file of `bluelight travel fit`."),
]

ForecastOption = Annotated[
    Path | None,
    typer.Option(help="Forecast by `bluelight forecast fit`, for configurations that use one."),
]


@app.command()
def replay(
    log: Annotated[
        Path | None, typer.Argument(help="Call log: CSV, gzipped CSV or Parquet.")
    ] = None,
    *,
    region: RegionOption = None,
    scenario: ScenarioOption = None,
    calibrated: CalibratedOption = False,
    crews: CrewsOption = None,
    travel_profile: TravelProfileOption = None,
    policy: Annotated[
        str, typer.Option(help="Configuration: b1, b2, default, or a JSON file.")
    ] = "b2",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated world.")] = 1,
    journal: Annotated[
        Path | None, typer.Option(help="Write the journal here; .gz compresses it.")
    ] = None,
    report: ReportOption = None,
    json: JsonOption = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Write rows that cannot be used here, with reasons.")
    ] = None,
    noise: Annotated[
        bool, typer.Option(help="Draw durations; without, each is its mean or the log's own.")
    ] = True,
    handover: Annotated[
        str, typer.Option(help="Handover times: drawn, or from a queue for bays.")
    ] = "drawn",
    month: Annotated[
        str | None, typer.Option(help="Month of the published figures to draw from (2026-03).")
    ] = None,
    ignore_column: Annotated[
        list[str] | None, typer.Option(help="Column of the log not to believe; repeatable.")
    ] = None,
    forecast: ForecastOption = None,
    meal_breaks: Annotated[
        bool, typer.Option("--meal-breaks", help="Crews are owed a meal break, and take it.")
    ] = False,
    release_to_respond: Annotated[
        bool, typer.Option(help="Crews are released at the limit; needs --handover bays.")
    ] = False,
    halo: Annotated[
        bool, typer.Option(help="Proposed liaison officers come; needs --handover bays.")
    ] = False,
    fitted_bays: Annotated[
        Path | None, typer.Option(help="Bays fitted by calibrate handover; needs --handover bays.")
    ] = None,
    redirection: Annotated[
        bool, typer.Option(help="Patients are described; clinicians and services take them.")
    ] = False,
    services: Annotated[
        str | None, typer.Option(help="Directory of services, CSV or JSON; assumed when absent.")
    ] = None,
    call_answering: Annotated[
        bool, typer.Option(help="Incidents come by calls that a handler must answer.")
    ] = False,
    handlers: Annotated[
        float, typer.Option(min=0.1, help="Handlers on duty, as a multiple of those needed.")
    ] = 1.0,
    buddies_after: Annotated[
        int | None, typer.Option(min=0, help="Trusts answer each other's calls after so many s.")
    ] = None,
    room_down: Annotated[
        str | None, typer.Option(help="A control room down: trust, from and until hour, RRU:6:9.")
    ] = None,
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

        where = Where(region, crews_of(calibrated=calibrated, crews=crews), _path(travel_profile))
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
            bays=bay_assumptions(fitted_bays, month),
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
    region: RegionOption = None,
    travel_profile: TravelProfileOption = None,
    report: ReportOption = None,
    json: JsonOption = False,
) -> None:
    """Open a journal again and report what it records."""
    with _told_plainly():
        from benchmarks.places import Where
        from benchmarks.tasks import Outputs, report_journal

        page = report
        if page is None and not json:
            page = journal.with_name(journal.name.split(".")[0] + ".html")
        where = Where(region, travel_profile=_path(travel_profile))
        report_journal(journal, where, Outputs(report=page, json=json))


@app.command()
def explain(
    journal: Annotated[Path, typer.Argument(help="Journal of a replay or of a live service.")],
    incident: Annotated[str, typer.Argument(help="Name of the incident.")],
    *,
    json: JsonOption = False,
) -> None:
    """Tell one patient's story out of a journal, decision by decision."""
    with _told_plainly():
        from benchmarks.tasks import explain_incident

        explain_incident(journal, incident, json=json)


@app.command()
def show(
    journal: Annotated[Path, typer.Argument(help="Journal of a replay or of a live service.")],
    *,
    at: Annotated[
        str, typer.Option(help="Local time: 2026-03-10T18:40, or 18:40 of the first day.")
    ],
    region: RegionOption = None,
    travel_profile: TravelProfileOption = None,
    report: ReportOption = None,
    json: JsonOption = False,
) -> None:
    """Show the picture of one moment out of a journal; --report draws it."""
    with _told_plainly():
        from benchmarks.places import Where
        from benchmarks.tasks import Outputs, show_moment

        where = Where(region, travel_profile=_path(travel_profile))
        show_moment(journal, where, at, Outputs(report=report, json=json))


@app.command()
def compare(
    *,
    region: RegionOption = None,
    log: Annotated[Path | None, typer.Option(help="Call log, the same for each seed.")] = None,
    compose: Annotated[
        str | None, typer.Option(help="Month to compose a log from, anew for each seed (2026-03).")
    ] = None,
    scenario: ScenarioOption = None,
    calibrated: CalibratedOption = False,
    crews: CrewsOption = None,
    travel_profile: TravelProfileOption = None,
    days: Annotated[int | None, typer.Option(help="Compose only the first days.")] = None,
    scale: Annotated[float, typer.Option(help="Compose this many times the volume.")] = 1.0,
    policies: Annotated[
        str, typer.Option(help="Configurations, comma-separated: names, or JSON files.")
    ] = "b1,b2,default",
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 20,
    first_seed: Annotated[int, typer.Option(min=0, help="The first of them.")] = 1,
    trusts: Annotated[
        str | None, typer.Option(help="Limit a region to these trusts, comma-separated codes.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Local processes.")] = 2,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")
    ] = None,
    handover: Annotated[
        str, typer.Option(help="Handover times: drawn, or from a queue for bays.")
    ] = "drawn",
    month: Annotated[
        str | None, typer.Option(help="Month of the published figures to draw from.")
    ] = None,
    ignore_column: Annotated[
        list[str] | None, typer.Option(help="Column of the log not to believe; repeatable.")
    ] = None,
    forecast: ForecastOption = None,
    meal_breaks: Annotated[
        bool, typer.Option("--meal-breaks", help="Crews are owed a meal break, and take it.")
    ] = False,
    release_to_respond: Annotated[
        bool, typer.Option(help="Crews are released at the limit; needs --handover bays.")
    ] = False,
    halo: Annotated[
        bool, typer.Option(help="Proposed liaison officers come; needs --handover bays.")
    ] = False,
    fitted_bays: Annotated[
        Path | None, typer.Option(help="Bays fitted by calibrate handover; needs --handover bays.")
    ] = None,
    redirection: Annotated[
        bool, typer.Option(help="Patients are described; clinicians and services take them.")
    ] = False,
    services: Annotated[
        str | None, typer.Option(help="Directory of services, CSV or JSON; assumed when absent.")
    ] = None,
    call_answering: Annotated[
        bool, typer.Option(help="Incidents come by calls that a handler must answer.")
    ] = False,
    handlers: Annotated[
        float, typer.Option(min=0.1, help="Handlers on duty, as a multiple of those needed.")
    ] = 1.0,
    buddies_after: Annotated[
        int | None, typer.Option(min=0, help="Trusts answer each other's calls after so many s.")
    ] = None,
    room_down: Annotated[
        str | None, typer.Option(help="A control room down: trust, from and until hour, RRU:6:9.")
    ] = None,
    warm_up_h: Annotated[
        float | None, typer.Option(help="Hours not counted; a day, of a week or more.")
    ] = None,
    bound: Annotated[
        bool, typer.Option("--bound", help="Add what perfect information could not beat.")
    ] = False,
    ablate: Annotated[
        str | None, typer.Option(help="Switch each term of this one of the policies in turn.")
    ] = None,
    report: ReportOption = None,
    json: JsonOption = False,
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
            policies=tuple(settings_of(name) for name in _listed(policies)),
            seeds=tuple(range(first_seed, first_seed + seeds)),
            world=world_settings(
                month=month,
                handover=handover,
                hospital=HospitalBehaviour(releases=release_to_respond, halo=halo),
                crew=CrewBehaviour(meal_breaks=meal_breaks),
                ignored_columns=tuple(ignore_column or ()),
                bays=bay_assumptions(fitted_bays, month),
                care=care_behaviour(redirection=redirection, services=services),
                calls=call_behaviour(
                    answering=call_answering,
                    handlers=handlers,
                    buddies_after_s=buddies_after,
                    down=room_down,
                ),
            ),
            trusts=tuple(_listed(trusts or "")),
            warm_up_h=warm_up_h,
            bound=bound,
            ablate=ablate,
            forecast=None if forecast is None else str(forecast),
            crews=crews_of(calibrated=calibrated, crews=crews),
            travel_profile=_path(travel_profile),
        )
        compare_policies(plan, Outputs(report=report, json=json), jobs, cluster)


def _path(file: Path | None) -> str | None:
    return None if file is None else str(file.resolve())


@app.command()
def switches(
    *,
    region: RegionOption = None,
    compose: Annotated[str, typer.Option(help="Month to compose a log from (2026-03).")],
    days: Annotated[int | None, typer.Option(help="Compose only the first days.")] = None,
    scale: Annotated[float, typer.Option(help="Compose this many times the volume.")] = 1.0,
    policy: Annotated[str, typer.Option(help="Configuration, by name or file.")] = "default",
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 5,
    first_seed: Annotated[int, typer.Option(min=0, help="The first of them.")] = 1,
    trusts: Annotated[
        str | None, typer.Option(help="Limit a region to these trusts, comma-separated codes.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(help="Of: redirection, halo, release at 45, buddies (two trusts or more)."),
    ] = None,
    fitted_bays: Annotated[
        Path | None, typer.Option(help="Bays fitted by calibrate handover.")
    ] = None,
    json: JsonOption = False,
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
            trusts=tuple(_listed(trusts or "")),
            bays=bay_assumptions(fitted_bays, compose),
        )
        tell_switches(asked, _listed(only or ""), json=json)


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn an error of the caller's making into one line and exit code 1, without a traceback."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
